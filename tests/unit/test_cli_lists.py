"""What is there is listed, by id and in three languages; tables break no word."""

import io
import json

import openpyxl
import pytest
from rich.console import Console
from rich.text import Text

from cli.main import main
from cli.tables import print_table
from engine.model import Decision
from small_bank import NOW, fill, open_bank


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists") / "data"
    fill(folder)
    return folder


def listed(capsys, folder, kind, *options):
    assert main([kind, "list", "--data", str(folder), *options]) == 0
    return capsys.readouterr().out


def test_roles_plans_and_requirements_are_listed_with_counts(capsys, folder):
    (nurse,) = (r for r in json.loads(listed(capsys, folder, "roles", "--json"))["roles"] if r["plans"])
    assert (nurse["id"], nurse["hpr"], nurse["plans"], nurse["requirements"]) == ("sykepleier", "SP", 1, 3)
    plans = json.loads(listed(capsys, folder, "plans", "--json"))["plans"]
    assert [(p["id"], p["state"], p["requirements"]) for p in plans] == [
        ("plan-gammel", "retired", 1),
        ("plan-sykepleier", "in_force", 3),
    ]
    asked = json.loads(listed(capsys, folder, "requirements", "--json"))["requirements"]
    assert [(q["id"], q["plans"], q["resources"]) for q in asked] == [
        ("krav-fall", 1, 2),
        ("krav-news2", 1, 1),
        ("krav-tomt", 1, 0),
    ]
    assert asked[0]["proposed"] > 0


@pytest.mark.parametrize(("lang", "said"), [("nb", "trukket"), ("nn", "trekt"), ("en", "retired")])
def test_words_are_of_the_language_asked_for(capsys, folder, lang, said):
    assert said in listed(capsys, folder, "plans", "--lang", lang)


def test_a_list_leaves_as_a_workbook(capsys, folder, tmp_path):
    listed(capsys, folder, "requirements", "--out", str(tmp_path / "krav.xlsx"), "--lang", "en")
    rows = list(openpyxl.load_workbook(tmp_path / "krav.xlsx").worksheets[0].values)
    assert rows[0][:3] == ("Id", "Name", "Code")
    assert rows[1][:2] == ("krav-fall", "fall prevention")


def test_what_was_joined_is_not_listed_and_nothing_is_counted_before_an_index_run(capsys, tmp_path):
    fill(tmp_path, indexed=False)
    engine = open_bank(tmp_path)
    engine.catalogue.record(Decision("requirement", "krav-tomt", "krav-fall", "accepted", "t", NOW))
    engine.close()
    asked = json.loads(listed(capsys, tmp_path, "requirements", "--json"))["requirements"]
    assert [(q["id"], q["resources"]) for q in asked] == [("krav-fall", None), ("krav-news2", None)]


@pytest.mark.parametrize("width", [200, 80, 40, 20])
def test_no_word_is_broken_at_any_width(width):
    out = Console(width=width, record=True, file=io.StringIO())
    rows = [
        [Text("rød"), "Ikke begynt", "Legemiddelhåndtering og medikamentregning", "2027-01-31", "Smittevern"],
        [Text("grønn"), "Godkjent", "Fallforebygging", "", "ingen"],
    ]
    print_table(out, ["Farge", "Status", "Krav", "Frist", "Beste ressurs"], rows)
    text = out.export_text()
    for word in [
        "Ikke",
        "begynt",
        "Legemiddelhåndtering",
        "medikamentregning",
        "2027-01-31",
        "Smittevern",
        "Fallforebygging",
    ]:
        assert len(word) > width - 2 or word in text
    assert all(len(line) <= width for line in text.splitlines()) or width == 20
