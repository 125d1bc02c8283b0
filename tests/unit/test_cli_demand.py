"""Demand, wishes and statistics from the terminal; old counts go when the clock has moved on."""

import json
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

import engine.bootstrap
from cli.main import main
from engine.bootstrap import load_settings, open_engine
from engine.statistics_ports import SearchCount
from engine.wishes import Wishes
from graph.model import Plan, PlanLine, Requirement
from tiny_vocabulary import write_tiny_vocabulary

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """The moment that commands take for now."""
    moment = [NOW]
    real = engine.bootstrap.open_engine
    monkeypatch.setattr(
        engine.bootstrap,
        "open_engine",
        lambda settings, **more: real(settings, now=lambda: moment[0], **more),
    )
    return moment


@pytest.fixture
def run(tmp_path, capfd, monkeypatch, clock):
    monkeypatch.setenv("KG_EMBEDDER", "none")
    monkeypatch.setenv("KG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KG_VOCABULARY", str(write_tiny_vocabulary(tmp_path / "vocabulary")))
    opened = open_engine(load_settings(), now=lambda: clock[0])
    known = [Requirement("krav-delir", {"nb": "delir hos eldre", "en": "delirium in older people"})]
    opened.catalogue.upsert_requirements(known, by="test", at=NOW)
    plans = [Plan(f"p{n}", {"nb": "plan"}, (PlanLine("krav-delir"),), ("sykepleier",)) for n in range(12)]
    opened.catalogue.upsert_plans(plans, by="test", at=NOW)
    counts = [
        SearchCount("delir hos eldre", NOW.date(), "felles", "nb", 0, 34),
        SearchCount("fall", NOW.date(), "felles", "nb", 4, 9),
        SearchCount("lite søkt", NOW.date(), "felles", "nb", 0, 4),
    ]
    opened.statistics.add(counts, [], since=NOW.date())
    Wishes(opened).tell("Kurs om delir", query="delir hos eldre", edition="felles", language="nb")
    opened.close()

    def run_(*arguments):
        code = main([*arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return run_


def test_demand_is_a_sentence_a_query(run):
    code, out, _ = run("editor", "demand", "--lang", "en")
    assert (code, out) == (
        0,
        "34 searches for “delir hos eldre”, most without hits; a requirement in 12 plans (delirium in older people).\n",
    )
    code, out, _ = run("editor", "demand", "--show", "popular", "--json")
    assert {q["query"]: q["searches"] for q in json.loads(out)["queries"]} == {
        "delir hos eldre": 34,
        "fall": 9,
    }
    assert "lite" not in out
    assert run("editor", "demand", "--show", "all")[0] == 2


def test_demand_leaves_as_csv_and_as_a_workbook(run, tmp_path):
    _, out, _ = run("editor", "demand", "--csv")
    head, row = out.splitlines()
    assert dict(zip(head.split(","), row.split(","), strict=False))["plans"] == "12"
    assert run("editor", "demand", "--xlsx", str(tmp_path / "a.xlsx"))[0] == 0
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").active["A2"].value == "delir hos eldre"


def test_wishes_are_listed_and_handled(run):
    _, out, _ = run("editor", "wishes", "--json")
    (wish,) = json.loads(out)["wishes"]
    assert (wish["text"], wish["query"], wish["state"]) == ("Kurs om delir", "delir hos eldre", "new")
    assert run("editor", "handled", wish["id"], "--by", "redaksjon")[0] == 0
    assert run("editor", "wishes", "--new")[1] == ""
    assert run("editor", "handled", wish["id"], "--undo")[0] == 0
    assert "Kurs om delir" in run("editor", "wishes", "--new")[1]
    assert "Kurs om delir" in run("editor", "wishes", "--csv")[1]
    assert run("editor", "handled", "nothing")[0] == 1


def test_what_may_be_shown_is_exported_and_nothing_else(run, tmp_path):
    for name in ("a.csv", "a.json"):
        assert run("statistics", "export", str(tmp_path / name))[0] == 0
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "delir hos eldre" in text
        assert "lite" not in text
    assert run("statistics", "export", str(tmp_path / "a.txt"))[0] == 2
    assert "34 søk" in run("statistics", "show")[1]


def test_pruning_removes_what_is_older_than_the_days_set(run, clock, monkeypatch):
    monkeypatch.setenv("KG_QUERY_STATISTICS_DAYS", "30")
    clock[0] = NOW + timedelta(days=29)
    assert json.loads(run("statistics", "prune", "--json")[1])["removed"] == {
        "searches": 0,
        "clicks": 0,
        "wishes": 0,
    }
    assert "34" in run("statistics", "show", "--lang", "en")[1]
    clock[0] = NOW + timedelta(days=30)
    assert run("statistics", "show")[1] == "", "not shown, though not removed yet"
    assert json.loads(run("statistics", "prune", "--json")[1])["removed"] == {
        "searches": 3,
        "clicks": 0,
        "wishes": 1,
    }
    monkeypatch.setenv("KG_QUERY_STATISTICS_DAYS", "1000")
    assert run("statistics", "show")[1] == ""
    assert run("editor", "wishes")[1] == ""


def test_erasing_needs_a_yes(run):
    assert run("statistics", "erase")[0] == 2
    assert "34" in run("statistics", "show")[1]
    assert run("statistics", "erase", "--yes")[0] == 0
    assert run("statistics", "show")[1] == ""
