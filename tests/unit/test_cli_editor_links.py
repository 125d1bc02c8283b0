"""An editor rules on links from the terminal: what was ruled outlives imports of resources and of plans."""

import json
from datetime import UTC, datetime

import pytest

from cli.main import main
from engine.bootstrap import load_settings, open_engine
from graph.model import Role
from tiny_vocabulary import write_tiny_vocabulary

FALL = "tema/fallforebygging"
RECORDS = (
    {
        "id": "r1",
        "title": "Fallforebygging på sykehjem",
        "body": "Rydd gulvet.",
        "themes": ["fallforebygging"],
    },
    {"id": "r2", "title": "Sko og fall", "body": "Gode sko.", "url": "https://example.invalid/sko"},
    {"id": "r3", "title": "Trapper", "body": "Trapper og fall.", "themes": ["fallforebygging"]},
)
PLAN = (
    "plan;rolle;krav_kode;krav_tittel;kravtype;begrep;ressurs_url\n"
    f"plan-x;sykepleier;FALL-1;Forebygge fall;obligatorisk;{FALL};https://example.invalid/sko\n"
)
FALL1 = "fall-1"


@pytest.fixture
def run(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "none")
    monkeypatch.setenv("KG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KG_VOCABULARY", str(write_tiny_vocabulary(tmp_path / "vocabulary")))
    engine = open_engine(load_settings())
    engine.catalogue.upsert_roles(
        [Role("sykepleier", {"nb": "sykepleier"})], by="test", at=datetime(2026, 11, 1, tzinfo=UTC)
    )
    engine.close()
    (tmp_path / "plan.csv").write_text(PLAN, encoding="utf-8")

    def call(*argv, code=0):
        assert main(list(argv)) == code
        out, err = capfd.readouterr()
        return out if code == 0 else err

    return call


@pytest.fixture
def take_in(run, tmp_path):
    """Import resources, each with a changed body, and the plan, and index; return what the index run says."""

    def call(more=""):
        lines = [json.dumps({**r, "body": r["body"] + more}) for r in RECORDS]
        (tmp_path / "r.jsonl").write_text("\n".join(lines), encoding="utf-8")
        run("import", str(tmp_path / "r.jsonl"))
        run("plans", "import", str(tmp_path / "plan.csv"))
        return json.loads(run("index", "--json"))

    return call


def states(run):
    rows = json.loads(run("editor", "links", "list", "--requirement", "FALL-1", "--json"))["links"]
    return {row["resource"]: (row["state"], row["in_graph"]) for row in rows}


def test_rulings_outlive_imports_and_changed_texts(run, take_in):
    take_in()
    assert states(run) == {"r2": ("stated", True), "r1": ("proposed", True), "r3": ("proposed", True)}
    shown = run("editor", "links", "list", "r1")
    assert f"shares {FALL}" in shown
    assert "proposed" in shown
    run("editor", "links", "accept", "r1", FALL1, "--by", "fagredaksjonen", "--reason", "dekker alt")
    run("editor", "links", "reject", "r2", FALL1)  # what a plan's file has stated
    run("editor", "links", "reject", "r3", "krav/fall-1")
    expected = {"r1": "accepted", "r2": "rejected", "r3": "rejected"}
    assert states(run) == {r: (state, False) for r, state in expected.items()}
    assert "not indexed yet" in run("editor", "links", "list", "r1")
    assert json.loads(run("index", "--json"))["changed"] == 3  # what was ruled on, and the graph
    assert states(run) == {r: (state, True) for r, state in expected.items()}
    told = " ".join(run("recommend", "--role", "sykepleier", "--lang", "en").split())
    assert "“Fallforebygging på sykehjem” is linked to the requirement by fagredaksjonen on " in told
    take_in(more=" Nytt avsnitt om balanse.")
    assert states(run) == {r: (state, True) for r, state in expected.items()}
    shown = run("editor", "links", "list", "r1")
    assert "fagredaksjonen" in shown
    assert "dekker alt; the text has changed" in shown
    for resource in expected:
        run("editor", "links", "undo", resource, FALL1)
    take_in()
    assert states(run) == {"r2": ("stated", True), "r1": ("proposed", True), "r3": ("proposed", True)}


def test_what_there_is_not_is_a_plain_error(run, take_in):
    take_in()
    assert "finnes-ikke" in run("editor", "links", "accept", "finnes-ikke", FALL1, code=1)
    assert "finnes-ikke" in run("editor", "links", "accept", "r1", "finnes-ikke", code=1)
    assert "no editor has ruled" in run(
        "editor", "links", "undo", "r2", FALL1, code=1
    )  # an import's own word
    run("editor", "links", "list", "finnes-ikke", code=1)
    run("editor", "links", "list", code=2)
    run("editor", "links", "list", "r1", "--requirement", FALL1, code=2)
