"""The commands about plans: what they print, what they refuse, and that what they did can be undone."""

import json
import shutil

import pytest

from cli.main import main
from graph.model import Plan, PlanLine, Requirement
from plan_workbooks import good, workbook
from small_bank import NOW, fill, open_bank


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    fill(folder, indexed=False)
    engine = open_bank(folder)
    local = Requirement("lokal-fall", {"nb": "Forebygging av fall"}, code="L-1")
    plan = Plan("plan-lokal", {"nb": "Lokal"}, lines=(PlanLine("lokal-fall"),), roles=("hjemmesykepleier",))
    engine.catalogue.write_plans(requirements=[local], plans=[plan], by="test", at=NOW)
    engine.close()
    return folder


@pytest.fixture
def run(bank, tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "hashing")
    monkeypatch.setenv("KG_DATA", str(shutil.copytree(bank, tmp_path / "data")))

    def call(*argv):
        code = main(["plans", *map(str, argv)])
        out, err = capfd.readouterr()
        return code, out, err

    return call


def test_import_prints_what_each_plan_gets_and_loses(run, tmp_path):
    rows = [
        good(plan="plan-lokal", krav_kode="N-1", krav_tittel="Ny"),
        good(plan="plan-lokal", krav_kode="N-2", krav_tittel="Feil", kravtype="x"),
    ]
    code, out, err = run("import", workbook(tmp_path / "p.xlsx", ("Ark1", rows)), "--lang", "nb")
    assert code == 0
    assert (
        "p.xlsx, «Ark1», F3, kravtype: «x» er ingen kravtype. Skriv obligatorisk, betinget eller anbefalt."
        in err
    )
    assert "plan-lokal: +n-1 -lokal-fall" in out
    assert "rader: 1 utelatt: Ark1!3" in out


def test_import_of_nothing_but_faults_fails(run, tmp_path):
    rows = [good(krav_kode="N-1", krav_tittel="Ny", kravtype="x")]
    code, _, err = run("import", workbook(tmp_path / "p.xlsx", ("Ark1", rows)))
    assert code == 1
    assert "is left out: none of its rows can be read" in err
    assert run("import", tmp_path / "p.xlsx", "--role", "tryllekunstner")[0] == 1


def test_proposals_are_shown_carried_out_and_undone(run):
    (proposal,) = json.loads(run("harmonise", "--json")[1])["proposals"]
    assert (proposal["keep"], proposal["near"][0]["requirement"]) == ("krav-fall", "lokal-fall")
    assert proposal["preview"] == [{"plan": "plan-lokal", "requirements": ["krav-fall"]}]
    assert proposal["id"] in run("harmonise")[1]
    assert "lokal-fall now leads to krav-fall" in run("harmonise", "--accept", proposal["id"])[2]
    assert json.loads(run("harmonise", "--json")[1]) == {"proposals": []}
    assert run("harmonise", "--undo", "lokal-fall")[0] == 0
    assert run("harmonise", "--reject", "lokal-fall=krav-fall")[0] == 0
    assert "0 proposals" in run("harmonise")[1]
    code, _, err = run("harmonise", "--accept", "deadbeef")
    assert (code, "no proposal has the id" in err) == (2, True)


def test_a_done_list_is_carried_over_to_another_version(run, tmp_path):
    (tmp_path / "done.jsonl").write_text(
        '{"requirement": "lokal-fall", "state": "approved", "achieved": "2026-02-01"}\n', encoding="utf-8")  # fmt: skip
    found = json.loads(run("migrate", "plan-lokal", "plan-sykepleier", "--json")[1])
    assert [(m["old"], m["new"], m["how"]) for m in found["moved"]] == [("lokal-fall", "krav-fall", "label")]
    assert found["added"] == ["krav-news2", "krav-tomt"]
    _, out, err = run("migrate", "plan-lokal", "plan-sykepleier", "--done", tmp_path / "done.jsonl")
    assert json.loads(out)["requirement"] == "krav-fall"
    assert err == ""
    _, out, err = run("migrate", "plan-sykepleier", "plan-lokal")
    assert "krav-news2 (NEWS2) → not mapped" in out
    assert "1 mapped, 2 not, 0 new" in out
    assert run("migrate", "plan-lokal", "finnes-ikke")[0] == 1


def test_a_plan_is_retired_with_a_reason(run):
    assert run("retire", "plan-lokal")[0] == 2
    code, _, err = run("retire", "plan-lokal", "--on", "2026-12-01", "--reason", "erstattet")
    assert (code, "out of use from 2026-12-01" in err) == (0, True)
    assert run("retire", "plan-lokal", "--undo")[0] == 0
    assert run("retire", "finnes-ikke", "--reason", "x")[0] == 1


def test_a_template_is_written_once(run, tmp_path):
    assert run("template", tmp_path / "mal.xlsx")[0] == 0
    assert run("template", tmp_path / "mal.xlsx")[0] == 1
    assert run("template", tmp_path / "mal.csv")[0] == 1


@pytest.mark.parametrize(
    ("lang", "summary", "proposals", "joined"),
    [
        ("nb", "krav: 1 nye, 0 endret", "1 forslag", "fører nå til krav-fall"),
        ("nn", "krav: 1 nye, 0 endra", "1 forslag", "fører no til krav-fall"),
        ("en", "requirements: 1 added, 0 changed", "1 proposals", "now leads to krav-fall"),
    ],
)
def test_summaries_are_in_the_language_asked_for(run, tmp_path, lang, summary, proposals, joined):
    rows = [good(plan="plan-lokal-2", krav_kode="N-1", krav_tittel="Noe ganske annet")]
    assert summary in run("import", workbook(tmp_path / "p.xlsx", ("Ark1", rows)), "--lang", lang)[1]
    assert proposals in run("harmonise", "--lang", lang)[1]
    assert joined in run("harmonise", "--accept", "lokal-fall=krav-fall", "--lang", lang)[2]
