"""An editor steers the tags of a bank from the terminal: what was ruled outlives import and index runs."""

import json

import pytest

from cli.main import main
from tiny_vocabulary import write_tiny_vocabulary

FALL, RISK, HANDS = "tema/fallforebygging", "tema/etikk", "tema/smittevern"
RECORD = {
    "id": "r1",
    "title": "Fallforebygging på sykehjem",
    "body": "Rydd gulvet. Vi kartlegger risiko for fall.",
}


@pytest.fixture
def run(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "none")
    monkeypatch.setenv("KG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KG_VOCABULARY", str(write_tiny_vocabulary(tmp_path / "vocabulary")))

    def call(*argv, code=0):
        assert main(list(argv)) == code
        return capfd.readouterr().out

    return call


@pytest.fixture
def take_in(run, tmp_path):
    """Import the record, with changes, and index."""

    def call(**changes):
        (tmp_path / "r.jsonl").write_text(json.dumps(RECORD | changes), encoding="utf-8")
        run("import", str(tmp_path / "r.jsonl"))
        run("index")

    return call


def found(run, concept):
    answer = json.loads(run("search", "", "--facet", f"concept={concept}", "--json"))
    return [hit["id"] for hit in answer["hits"]]


def row(run, concept):
    rows = json.loads(run("editor", "tags", "list", "r1", "--json"))["tags"]
    return next((row for row in rows if row["tag"]["concept"] == concept), None)


def test_a_rejected_tag_stays_away_until_the_text_changes_and_is_marked_then(run, take_in):
    take_in()
    assert found(run, FALL) == ["r1"]
    run("editor", "tags", "reject", "r1", FALL, "--reason", "nevnes bare")
    assert found(run, FALL) == []  # at once
    take_in()
    run("index", "--rebuild")
    assert found(run, FALL) == []
    take_in(title=f"  {RECORD['title'].upper()}")
    assert found(run, FALL) == []
    assert row(run, FALL)["state"] == "rejected"
    assert row(run, FALL)["ruling"]["reason"] == "nevnes bare"
    take_in(body=RECORD["body"] + " Nytt avsnitt om balanse.")
    assert found(run, FALL) == ["r1"]
    assert (row(run, FALL)["state"], row(run, FALL)["tag"]["again"]) == ("proposed", True)
    assert "proposed again" in run("editor", "tags", "list", "r1")
    run("editor", "tags", "reject", "r1", FALL)
    run("index")
    assert found(run, FALL) == []
    run("editor", "tags", "undo", "r1", FALL)
    assert found(run, FALL) == ["r1"]
    assert not row(run, FALL)["tag"]["again"]


def test_accepted_and_pinned_tags_outlive_the_text(run, take_in):
    take_in()
    run("editor", "tags", "accept", "r1", RISK)
    run("editor", "tags", "pin", "r1", HANDS)
    take_in(title="Noe annet", body="Helt annen tekst.")
    assert found(run, RISK) == found(run, HANDS) == ["r1"]
    rows = json.loads(run("editor", "tags", "list", "r1", "--json"))["tags"]
    assert [(r["tag"]["concept"], r["state"], r["tag"]["score"], r["text_changed"]) for r in rows] == [
        (HANDS, "pinned", 1.0, True),
        (RISK, "accepted", 1.0, True),
    ]


def test_a_blocked_concept_is_not_proposed_here_or_there(run, take_in):
    take_in(resource_type="film")
    run("editor", "tags", "block", FALL, "--resource-type", "quiz")
    run("index")
    assert found(run, FALL) == ["r1"]
    run("editor", "tags", "block", FALL, "--reason", "treffer alt", "--until", "2999-01-01")
    assert found(run, FALL) == []  # at once
    run("index")
    assert found(run, FALL) == []
    assert row(run, FALL)["state"] == "blocked"
    listed = run("editor", "tags", "blocked")
    assert f"{FALL}  * until 2999-01-01  treffer alt" in listed
    run("editor", "tags", "unblock", FALL)
    run("index")
    assert found(run, FALL) == ["r1"]
    run("editor", "tags", "unblock", FALL, code=1)


def test_what_there_is_not_is_a_plain_error(run, take_in):
    take_in()
    run("editor", "tags", "reject", "r1", "tema/finnes-ikke", code=1)
    run("editor", "tags", "reject", "finnes-ikke", FALL, code=1)
    run("editor", "tags", "undo", "r1", FALL, code=1)
    run("editor", "tags", "block", FALL, "--edition", "ahus", "--resource-type", "film", code=1)
    run("editor", "tags", "block", FALL, "--until", "2001-01-01", code=1)
