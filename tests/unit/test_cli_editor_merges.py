"""An editor merges from the terminal: it outlives an import of the old record, and can be taken back."""

import json

import pytest

from cli.main import main
from tiny_vocabulary import write_tiny_vocabulary

RECORDS = [
    {"id": "a", "title": "Fall på sykehjem", "body": "Rydd gulvet og se på sko. " * 5, "language": "nb"},
    {"id": "b", "title": "Fall på sjukeheim", "body": "Rydd golvet og sjå på sko. " * 5, "language": "nn"},
    {
        "id": "c",
        "title": "Fall lokalt",
        "body": "Ring vakta om fall. " * 5,
        "language": "nb",
        "edition": "oslo",
    },
]


@pytest.fixture
def run(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "none")
    monkeypatch.setenv("KG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KG_VOCABULARY", str(write_tiny_vocabulary(tmp_path / "vocabulary")))

    def call(*argv, code=0):
        assert main(list(argv)) == code
        return capfd.readouterr()

    lines = [json.dumps(r) for r in RECORDS]
    (tmp_path / "r.jsonl").write_text("\n".join(lines), encoding="utf-8")
    call("import", str(tmp_path / "r.jsonl"))
    call("index")
    return call


def hits(run):
    return {h["id"] for h in json.loads(run("search", "fall", "--json").out)["hits"]}


def test_a_merge_from_the_terminal(run, tmp_path):
    assert "a" in hits(run)
    run("editor", "merge", "a", "b", "--reason", "same", "--by", "redaksjon")
    (tmp_path / "r.jsonl").write_text(json.dumps({**RECORDS[0], "title": "Fall igjen"}), encoding="utf-8")
    run("import", str(tmp_path / "r.jsonl"))
    assert "a" not in hits(run)
    run("index", "--rebuild")
    assert "a" not in hits(run)
    (listed,) = json.loads(run("editor", "merges", "--json").out)["merges"]
    assert (listed["old"], listed["goes_to"], listed["by"]) == ("a", "b", "redaksjon")
    assert "Fall igjen" in run("editor", "merges").out
    table = tmp_path / "merges.csv"
    run("editor", "merges", "--out", str(table), "--lang", "nn")
    assert table.read_text(encoding="utf-8").startswith("gammal id")
    assert "ends with" in run("editor", "merges", "--out", "x.txt", code=1).err
    run("editor", "unmerge", "a")
    assert "a" in hits(run)
    assert "has not been merged" in run("editor", "unmerge", "a", code=1).err


def test_a_pair_is_kept_and_let_go(run):
    assert "local supplement" in run("editor", "keep", "a", "c", "--as", "supplement").err
    assert "translation" in run("editor", "keep", "b", "a", "--as", "translation").err
    assert "neither is a translation" in run("editor", "keep", "a", "c", "--as", "translation", code=1).err
    run("editor", "keep", "a", "c", "--as", "twin", code=2)
    run("editor", "keep", "a", "c", "--undo")
    assert "are kept" in run("editor", "keep", "a", "c", "--undo", code=1).err


def test_what_would_be_lost_and_what_has_changed(run, tmp_path):
    said = {lang: run("editor", "impact", "a", "--lang", lang).out for lang in ("nb", "nn", "en")}
    assert len(set(said.values())) == 3
    assert json.loads(run("editor", "impact", "a", "--merge-into", "b", "--json").out)["action"] == "merge"
    run("editor", "impact", code=2)
    run("editor", "impact", "a", "--concept", "tema/x", code=2)
    assert "no resource" in run("editor", "impact", "nei", code=1).err
    run("editor", "impact", "a", "--out", str(tmp_path / "lost.xlsx"))
    assert (tmp_path / "lost.xlsx").read_bytes()[:2] == b"PK"
    record = {**RECORDS[0], "body": RECORDS[0]["body"].replace("gulvet", "golvet", 1), "title": "Ny"}
    (tmp_path / "r.jsonl").write_text(json.dumps(record), encoding="utf-8")
    run("import", str(tmp_path / "r.jsonl"))
    assert len(run("editor", "versions", "a").out.splitlines()) == 2
    shown = run("editor", "difference", "a").out
    assert "tittel: Fall på sykehjem → Ny" in shown
    assert "- Rydd gulvet" in shown
    assert "+ Rydd golvet" in shown
    assert (
        json.loads(run("editor", "difference", "a", "--from", "1", "--to", "1", "--json").out)["fields"] == []
    )
    assert "has no version 7" in run("editor", "difference", "a", "--to", "7", code=1).err
