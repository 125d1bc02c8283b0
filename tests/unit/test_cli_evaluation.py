"""`evaluate search`: figures that are right, by type, compared with a saved run of the same collection only."""

import json
from itertools import product

import numpy as np
import pytest
import scipy.stats

from cli.collection import Collection, Document, Judgements
from cli.evaluation import score
from cli.main import main
from cli.saved_run import SavedRun, compare, read_run, write_run
from cli.significance import interval, paired
from engine.bootstrap import load_settings, open_engine
from engine.errors import InvalidRequest
from engine.model import Resource
from indexer.pipeline import index

DOCUMENTS = {
    "d/1 æ": ("Fall", "Forebygging av fall hos eldre."),
    "d2": ("", "Vask hendene ofte, sier legen på avdelingen om morgenen."),
    "d3": ("Sepsis", ""),
    " ": ("\0", ""),
}
QUERIES = {
    "1": ("fall", "ord"),
    "2": ("zzzzzz", "tull"),
    "3": ("når bør hendene vaskes", "setning"),
    "4": ("qqqqqq", "tull"),
    "5": ("uten dom", "ord"),
    "6": (" ", "ord"),
}
GRADES = [
    ("1", "d/1 æ", 2),
    ("2", "d2", 1),
    ("3", "d2", 1),
    ("4", "d2", 0),
    ("6", "d3", 1),
    ("1", "borte", 0),
]


@pytest.fixture
def folder(tmp_path):
    at = tmp_path / "samling"
    (at / "qrels").mkdir(parents=True)
    lines(at / "corpus.jsonl", [{"_id": i, "title": t, "text": b} for i, (t, b) in DOCUMENTS.items()])
    lines(at / "queries.jsonl", [{"_id": i, "text": t, "type": k} for i, (t, k) in QUERIES.items()])
    (at / "qrels" / "dev.tsv").write_text("".join(f"{q}\t{d}\t{g}\n" for q, d, g in GRADES), encoding="utf-8")
    return at


def lines(path, records):
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    monkeypatch.setenv("KG_EMBEDDER", "hashing")
    monkeypatch.setenv("KG_DATA", str(tmp_path / "bank"))

    def call(*argv):
        code = main(["evaluate", "search", *map(str, argv)])
        out, err = capfd.readouterr()
        return code, out, err

    return call


def document(result):
    code, out, err = result
    assert code == 0, err
    return json.loads(out)


def test_figures_by_type_and_what_found_nothing(run, folder):
    found = document(run(folder, "--mode", "lexical", "--json"))
    assert found["queries"] == 4
    assert found["metrics"] == {"nDCG@10": 0.5, "MRR@10": 0.5, "Recall@100": 0.5}
    assert {t: (g["queries"], g["metrics"]["nDCG@10"], g["empty"]) for t, g in found["types"].items()} == {
        "ord": (2, 0.5, 1),
        "setning": (1, 1.0, 0),
        "tull": (1, 0.0, 1),
    }
    assert found["empty"] == ["2", "6"]
    assert found["unjudged"] == 1
    assert found["unanswerable"] == {"queries": 1, "silent": 1}
    assert found["documents"] == 4
    low, high = found["intervals"]["nDCG@10"]
    assert low < 0.5 < high


def test_people_get_a_table_and_are_told_what_found_nothing(run, folder):
    with (folder / "qrels" / "dev.tsv").open("a", encoding="utf-8") as more:
        more.write("1\tikke-der\t1\n")
    code, out, _ = run(folder, "--mode", "lexical")
    assert code == 0
    table = [line.split() for line in out.splitlines()]
    assert table[0] == ["type", "n", "nDCG@10", "MRR@10", "Recall@100"]
    assert [row[:3] for row in table[2:5]] == [
        ["setning", "1", "1.0000"],
        ["tull", "1", "0.0000"],
        ["all", "4", table[4][2]],
    ]
    assert "2 of 4 queries found nothing: 2: zzzzzz; 6:" in out
    assert "1 of 1 queries without a relevant document found nothing" in out
    assert "1 queries have no judgement" in out
    assert "1 relevant documents of the judgements are not in the corpus" in out


def test_a_run_is_compared_with_itself_and_with_another_mode(run, folder, tmp_path):
    saved = tmp_path / "runs" / "lexical.json"
    before = document(run(folder, "--mode", "lexical", "--save", saved, "--json"))
    same = document(run(folder, "--mode", "lexical", "--against", saved, "--json"))["against"]
    assert same["settings"] == {}
    for d in (*same["overall"].values(), *same["types"].values()):
        assert d == {"mean": 0.0, "low": 0.0, "high": 0.0, "p": 1.0, "better": 0, "worse": 0}
    code, out, _ = run(folder, "--mode", "semantic", "--against", saved)
    assert code == 0
    assert "mode: lexical in the saved run, semantic now" in out
    assert "against the saved run" in out
    record = json.loads(saved.read_text(encoding="utf-8"))
    assert record["collection"]["digest"]
    assert record["versions"]["kompetansegraf"]
    assert record["settings"]["mode"] == "lexical"
    assert "hendene" not in saved.read_text(encoding="utf-8")
    assert np.mean([v["nDCG@10"] for v in record["per_query"].values()]) == before["metrics"]["nDCG@10"]


def test_a_run_of_another_collection_is_refused_before_anything_is_indexed(run, folder, tmp_path):
    saved, data = tmp_path / "run.json", tmp_path / "data"
    document(run(folder, "--mode", "lexical", "--save", saved, "--json"))
    with (folder / "qrels" / "dev.tsv").open("a", encoding="utf-8") as more:
        more.write("5\td3\t1\n")
    code, out, err = run(folder, "--mode", "lexical", "--against", saved, "--data", data)
    assert (code, out) == (1, "")
    assert "of another collection: queries 4, now 5" in err
    assert not data.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "other"}', '{"format": "kompetansegraf-run-1"}'])
def test_what_is_no_saved_run_is_refused(run, folder, tmp_path, text):
    path = tmp_path / "run.json"
    path.write_text(text, encoding="utf-8")
    code, _, err = run(folder, "--against", path)
    assert code == 1
    assert "run.json" in err
    assert "Traceback" not in err


def test_a_data_folder_with_something_else_is_left_alone(run, folder, tmp_path):
    engine = open_engine(load_settings(data=tmp_path / "bank", embedder="hashing"))
    engine.write_resources([Resource("min", "Min ressurs")], by="test")
    engine.close()
    code, _, err = run(folder, "--mode", "lexical", "--data", tmp_path / "bank")
    assert code == 1
    assert "holds other resources" in err


def test_the_settings_database_and_cluster_are_left_alone(run, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("KG_DATABASE_URL", f"sqlite:///{tmp_path / 'production.db'}")
    monkeypatch.setenv("KG_SEARCH_URL", "http://127.0.0.1:9")
    assert run(folder, "--mode", "lexical")[0] == 0
    assert not (tmp_path / "production.db").exists()


def test_a_data_folder_may_be_used_again(run, folder, tmp_path):
    once, again = (
        document(run(folder, "--mode", "lexical", "--data", tmp_path / "data", "--json")) for _ in range(2)
    )
    assert once["metrics"] == again["metrics"]
    assert document(run(folder, "--mode", "lexical", "--json"))["intervals"] == again["intervals"]


def test_searching_by_words_needs_no_vectors_and_answers_the_same(run, folder, tmp_path):
    kept, quick = tmp_path / "kept.json", tmp_path / "quick.json"
    run(folder, "--mode", "lexical", "--data", tmp_path / "data", "--save", kept)
    run(folder, "--mode", "lexical", "--save", quick)
    assert read_run(kept).per_query == read_run(quick).per_query
    assert read_run(quick).settings["model"] == "none"
    assert read_run(kept).settings["model"] != "none"


def test_the_bank_itself_is_asked_and_needs_no_corpus(run, folder, tmp_path):
    engine = open_engine(load_settings(data=tmp_path / "bank", embedder="hashing"))
    engine.write_resources(
        [
            Resource("lokal", "Fall", edition="ahus"),
            Resource("d2", "Vask hendene", body="Når bør hendene vaskes?"),
            Resource("utkast", "Fall", status="draft"),
        ],
        by="test",
    )
    index(engine)
    engine.close()
    (folder / "corpus.jsonl").unlink()
    (folder / "qrels" / "dev.tsv").write_text("1\tlokal\t1\n1\tutkast\t0\n3\td2\t1\n", encoding="utf-8")
    found = document(run(folder, "--bank", "--mode", "lexical", "--json"))
    assert found["documents"] == 2
    assert found["metrics"]["nDCG@10"] == 1.0


def test_a_type_table_is_read(run, folder, tmp_path):
    (tmp_path / "t.tsv").write_text("1\tnytt\n", encoding="utf-8")
    found = document(run(folder, "--mode", "lexical", "--types", tmp_path / "t.tsv", "--json"))
    assert set(found["types"]) == {"nytt", "ord", "setning", "tull"}


def test_documents_that_a_query_names_twice_in_a_run_or_never_do_not_matter_to_others():
    judgements = Judgements("x", "dev", {"a": "", "b": ""}, {"a": {"1": 1}, "b": {"2": 3, "3": 1}})
    found = score(judgements, {"b": ["3", "2"]})
    assert found.empty == ("a",)
    assert found.per_query["a"]["nDCG@10"] == 0
    assert found.per_query["b"]["nDCG@10"] == pytest.approx(
        (1 + 3 / np.log2(3)) / (3 + 1 / np.log2(3)), abs=1e-9
    )
    assert found.overall.metrics["MRR@10"] == 0.5


def test_the_paired_test_is_the_exact_one_on_few_queries():
    now, before = [0.9, 0.8, 0.7, 0.9, 0.6, 0.5], [0.5, 0.7, 0.75, 0.4, 0.3, 0.5]
    change = np.array(now) - np.array(before)
    signs = np.array(list(product((-1, 1), repeat=len(change))))
    exact = np.mean(np.abs(signs @ change) >= abs(change.sum()) - 1e-12)
    found = paired(now, before)
    assert found.p == pytest.approx(exact, abs=0.02)
    assert found.mean == pytest.approx(change.mean())
    assert (found.better, found.worse) == (4, 1)


def test_p_is_that_of_the_fields_library_on_many_queries():
    rng = np.random.default_rng(1)
    now, before = rng.random(200), rng.random(200)
    theirs = scipy.stats.permutation_test(
        (now, before), lambda a, b: np.mean(a - b), permutation_type="samples", n_resamples=9999, rng=2
    )
    assert paired(now, before).p == pytest.approx(theirs.pvalue, abs=0.03)


def test_intervals_cover_the_mean_and_shrink_with_more_queries():
    rng = np.random.default_rng(3)
    few, many = rng.random(25), rng.random(2500)
    (a, b), (c, d) = interval(few), interval(many)
    assert a < few.mean() < b
    assert c < many.mean() < d
    assert (b - a) > 5 * (d - c)
    normal = 1.96 * many.std() / np.sqrt(len(many))
    assert (d - c) / 2 == pytest.approx(normal, rel=0.1)


def test_a_difference_that_holds_for_every_query_is_significant():
    found = paired([0.52] * 50, [0.5] * 50)
    assert found.p < 0.001
    assert found.low == pytest.approx(0.02) == found.high


@pytest.mark.parametrize(("now", "before"), [([], []), ([1.0], [1.0, 0.0])])
def test_values_that_are_not_pairs_are_refused(now, before):
    with pytest.raises(ValueError, match="cannot compare"):
        paired(now, before)


def test_a_saved_run_is_read_as_it_was_written_and_a_broken_write_leaves_nothing(tmp_path):
    run = SavedRun(
        {"name": "x", "digest": "d"}, {"mode": "hybrid"}, {}, {"q 'æ\"": {"nDCG@10": 0.5}}, {"q": "t"}
    )
    write_run(tmp_path / "a.json", run)
    assert read_run(tmp_path / "a.json") == run
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(InvalidRequest, match="cannot be written"):
        write_run(tmp_path / "folder.json", run)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.json", "folder.json"]


def test_runs_over_other_queries_are_not_compared():
    values = dict.fromkeys(("nDCG@10", "MRR@10", "Recall@100"), 1.0)
    one = SavedRun({"digest": "d"}, {}, {}, {"a": values})
    with pytest.raises(InvalidRequest, match="other queries"):
        compare(one, SavedRun({"digest": "d"}, {}, {}, {"a": values, "b": values}))


def test_collections_differ_by_documents():
    judgements = Judgements("x", "dev", {"a": "b"}, {"a": {"1": 1}})
    one, other = (Collection((Document("1", "", text),), judgements) for text in ("a", "b"))
    assert one.digest() != other.digest()
