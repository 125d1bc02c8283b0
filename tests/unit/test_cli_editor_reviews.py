"""An editor keeps content fresh from the terminal: stale, reviewed, queue, dashboard and sources of authority."""

import csv
import json
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from cli.main import main
from engine.bootstrap import load_settings, open_engine
from graph.model import Requirement
from indexer.importing import import_sources
from tiny_vocabulary import write_tiny_vocabulary

RECORDS = (
    {"id": "r1", "title": "Fall på sykehjem", "review_due": "2020-01-01", "teaches": ["krav-fall"], "ansvarlig": "Fagråd for fall"},
    {"id": "r2", "title": "Sko og fall", "review_due": "2090-01-01", "ansvarlig": "Kari Nordmann"},
    {"id": "r3", "title": "Trapper", "edition": "ahus"},
)  # fmt: skip


@pytest.fixture
def bank(tmp_path, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "none")
    monkeypatch.setenv("KG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KG_VOCABULARY", str(write_tiny_vocabulary(tmp_path / "vocabulary")))
    path = tmp_path / "bank.jsonl"
    path.write_text("\n".join(json.dumps(r) for r in RECORDS), encoding="utf-8")
    engine = open_engine(load_settings())
    engine.catalogue.upsert_requirements(
        [Requirement("krav-fall", {"nb": "fall"}, code="FALL-1")],
        by="test",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    report = import_sources(engine, [str(path)], by="test")
    engine.close()
    return report


@pytest.fixture
def run(bank, capfd):
    assert len(bank.sources) == 1

    def call(*argv, code=0):
        capfd.readouterr()
        assert main(["editor", *argv]) == code
        out, err = capfd.readouterr()
        return out if code == 0 else err

    return call


def test_a_person_is_not_taken_as_responsible_and_not_named(bank):
    (doubt,) = [p for source in bank.sources for p in source.warnings if p.field == "ansvarlig"]
    assert (doubt.severity, "function" in doubt.reason, "Nordmann" in str(doubt)) == ("warning", True, False)


def test_the_list_is_shown_and_written_to_files(run, tmp_path):
    found = json.loads(run("stale", "--json"))
    assert [(r["id"], r["responsible"]) for r in found["rows"]] == [("r1", "Fagråd for fall")]
    assert found["counts"]["undated"] == 1
    assert json.loads(run("stale", "--state", "undated", "--json"))["rows"][0]["id"] == "r3"
    assert json.loads(run("stale", "--state", "all", "--edition", "ahus", "--json"))["total"] == 1
    assert "2020-01-01  Gått ut (rød)  r1" in run("stale")
    run("stale", "--csv", str(tmp_path / "a.csv"), "--xlsx", str(tmp_path / "a.xlsx"), "--lang", "en")
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()))
    assert [(r["Id"], r["State"]) for r in rows] == [("r1", "Expired (red)")]
    assert load_workbook(tmp_path / "a.xlsx").worksheets[0].max_row == 2
    assert "state" in run("stale", "--state", "odd", code=1)


def test_still_right_and_undo(run):
    run("reviewed", "r1", "--due", "2091-01-01", code=1)  # too far ahead
    run("reviewed", "r1", "--due", "2027-01-01", "--on", "2026-01-01", "--reason", "lest")
    assert "r1" not in run("stale", "--state", "expired")
    run("reviewed", "r1", "--undo")
    assert "r1" in run("stale", "--state", "expired")
    assert "needed" in run("reviewed", "r1", code=2)


def test_sources_of_authority_come_from_a_file_and_their_change_is_on_the_list(run, tmp_path):
    path = tmp_path / "kilder.csv"
    head = "id;tittel;adresse;versjon;tekst;krav;hjemmel\n"
    path.write_text(f"{head}veileder;Veileder;https://example.org;2023;Gi 5 mg.;FALL-1;\n", encoding="utf-8")
    assert run("authority", "import", str(path)).startswith("1 added, 0 changed")
    assert run("authority", "import", str(path)).startswith("0 added, 0 changed")
    bad = "odd;;;;;;\n"
    path.write_text(
        f"{head}veileder;Veileder;https://example.org;2025;Gi 10 mg.;FALL-1;\n{bad}", encoding="utf-8"
    )
    assert run("authority", "import", str(path), "--dry-run").startswith(
        "0 would be added, 1 would be changed"
    )
    report = json.loads(run("authority", "import", str(path), "--json"))
    assert (report["changed"], [(p["row"], p["field"]) for p in report["problems"]]) == (
        ["veileder"],
        [(3, "title")],
    )
    listed = json.loads(run("authority", "list", "--json"))["sources"]
    assert [(s["id"], s["linked"], s["waiting"]) for s in listed] == [("authority:veileder", 2, 2)]
    items = json.loads(run("queue", "--reason", "authority", "--json"))["items"]
    assert [i["item"] for i in items] == ["resource:r1", "requirement:krav-fall"]  # it has expired, too
    assert items[1]["reasons"][0]["changes"] == [
        {"kind": "changed", "before": "Gi 5 mg", "after": "Gi 10 mg"}
    ]
    assert "Kilden er endret (rød): «Veileder» er endret" in run("queue")
    run("authority", "reviewed", "authority:veileder", "resource:r1")
    run("authority", "reviewed", "authority:veileder")
    assert json.loads(run("queue", "--reason", "authority", "--json"))["items"] == []
    (tmp_path / "kilder.json").write_text('{"authorities": [{"id": "v2"}, 3]}', encoding="utf-8")
    assert "title" in run("authority", "import", str(tmp_path / "kilder.json"), code=1)


def test_the_dashboard(run):
    numbers = {c["name"]: c["n"] for c in json.loads(run("dashboard", "--json"))["numbers"]}
    assert (numbers["published"], numbers["expired"], numbers["undated"], numbers["links"]) == (3, 1, 1, None)
    assert "       1  Gått ut" in run("dashboard")
