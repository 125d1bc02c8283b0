"""Before one writes, gaps, what could fill them and related content, from the terminal."""

import csv
import json

import pytest
from openpyxl import load_workbook

from cli.main import main
from small_bank import fill


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gaps") / "data"
    fill(folder)
    return folder


@pytest.fixture
def run(folder, capfd, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "hashing")
    monkeypatch.setenv("KG_DATA", str(folder))

    def call(*argv, code=0):
        assert main(list(argv)) == code
        out, err = capfd.readouterr()
        return out if code == 0 else err

    return call


def test_a_title_meets_what_is_there(run, tmp_path):
    told = run("editor", "preview", "Forebygging av fall på sykehjem", "--language", "nb")
    assert told.startswith("Se på dette før du skriver:")
    assert "nesten samme navn: «Fallforebygging i sykehjem» heter nesten det samme." in told
    draft = tmp_path / "utkast.txt"
    draft.write_text("Vask hendene med såpe eller sprit. " * 8, encoding="utf-8")
    found = json.loads(
        run("editor", "preview", "Rene hender", "--text", str(draft), "--json", "--lang", "en")
    )
    assert [e["id"] for e in found["existing"] if e["why"][0]["kind"] == "same_text"] == ["kb-8"]
    run("editor", "preview", "x", "--language", "de", code=2)


def test_gaps_are_told_and_written(run, tmp_path):
    told = run("editor", "gaps", "--language", "nn", "--lang", "nn")
    assert "krav-fall  felles  føreslått lenkje: 1 plan og 1 rolle spør etter «fallførebygging»" in told
    files = tmp_path / "hull.csv", tmp_path / "hull.xlsx"
    asked = ("editor", "gaps", "--by", "language", "--json")
    listed = json.loads(run(*asked, "--csv", str(files[0]), "--xlsx", str(files[1])))
    assert listed["total"] == len(listed["gaps"]) == 7
    with files[0].open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 7
    assert load_workbook(files[1]).active.max_row == 8
    nowhere = str(tmp_path / "borte" / "x.csv")
    assert "cannot be written" in run("editor", "gaps", "--csv", nowhere, code=1)
    run("editor", "gaps", "--sort", "alder", code=2)


def test_a_candidate_is_accepted_and_taken_back(run):
    def left():
        asked = ("editor", "candidates", "krav-fall", "--language", "en", "--json")
        return {c["resource"]: c for c in json.loads(run(*asked))["candidates"]}

    assert [s["step"] for s in left()["kb-5"]["steps"]] == ["link"]
    assert "[accept the link]" in run("editor", "candidates", "krav-fall", "--language", "en", "--lang", "en")
    run("editor", "candidates", "krav-fall", "--accept", "kb-5", "--by", "fagredaksjonen")
    assert "kb-5" not in left()
    assert "krav-fall" not in run("editor", "gaps", "--language", "en")
    run("editor", "candidates", "krav-fall", "--undo", "kb-5")
    run("editor", "candidates", "krav-fall", "--accept", "kb-5", "--reject", "kb-4", code=2)
    assert "finnes-ikke" in run("editor", "candidates", "finnes-ikke", code=1)


def test_what_is_related_is_accepted_and_taken_back(run):
    def states():
        rows = json.loads(run("editor", "related", "kb-1", "--json"))["related"]
        return {row["resource"]: row["state"] for row in rows}

    assert states()["kb-4"] == "proposed"
    run("editor", "related", "kb-1", "--accept", "kb-4", "--by", "fagredaksjonen")
    assert "fagredaksjonen has said so." in run("editor", "related", "kb-1", "--lang", "en")
    run("editor", "related", "kb-1", "--undo", "kb-4")
    assert "nobody has ruled" in run("editor", "related", "kb-1", "--undo", "kb-4", code=1)
