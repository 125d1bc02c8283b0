"""The comparison with Annif: one scorer for all, fair settings, and nothing learnt from what it is measured with."""

import json
import math
import re

import pytest

from bench.annif_driver import EVERY, best_cut, f1, folded, kept, projects, settings, write_vocabulary
from bench.annif_tags import INDEXERS, OURS, markdown, measure, read_ours
from bench.tag_scores import METRICS, Suggested, differences, figures, judged, read_subjects, read_texts
from engine.tagging import TagWeights
from vocab.vocabulary import open_vocabulary

SAID = {"one": ["a", "b"], "two": ["c"]}
TEXTS = ["one", "two", "none"]


def answer(*concepts, kept=None):
    return Suggested(concepts, len(concepts) if kept is None else kept)


def values(answers, said=SAID, texts=TEXTS):
    return {metric: figure.value for metric, figure in figures([judged(answers, said, texts)]).items()}


def test_figures_are_those_of_pencil_and_paper():
    found = values({"one": answer("a", "x", "b"), "two": answer("x", "c"), "none": answer("a")})
    gain_one = (1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    assert found == {
        "F1@5": pytest.approx((2 * 2 / 5 + 2 * 1 / 3) / 2),
        "micro-F1@5": pytest.approx(2 * 3 / (5 + 3)),
        "nDCG@10": pytest.approx((gain_one + 1 / math.log2(3)) / 2),
        "recall@10": 1.0,
    }


def test_what_is_said_is_worth_one_and_nothing_is_worth_nothing():
    perfect = {text: answer(*concepts) for text, concepts in SAID.items()}
    assert values(perfect) == dict.fromkeys(METRICS, 1.0)
    assert values({}) == dict.fromkeys(METRICS, 0.0)


def test_f1_sees_five_of_what_is_kept_and_rankings_see_ten_of_all():
    ranked = ("a", "x1", "x2", "x3", "x4", "b", "x5", "x6", "x7", "x8")
    said = {"one": ["a", "b"]}
    assert values({"one": Suggested(ranked, 10)}, said, ["one"])["F1@5"] == pytest.approx(2 / 7)
    assert values({"one": Suggested(ranked, 1)}, said, ["one"])["F1@5"] == pytest.approx(2 / 3)
    assert values({"one": Suggested(ranked, 1)}, said, ["one"])["recall@10"] == 1
    assert (
        values({"one": Suggested(("x9", *ranked[:5], *ranked[6:], "b"), 1)}, said, ["one"])["recall@10"]
        == 0.5
    )


def test_a_program_does_not_differ_from_itself_and_the_better_one_is_ahead():
    texts = [f"t{number}" for number in range(40)]
    said = {text: ["a"] for text in texts}
    right = judged({text: answer("a") for text in texts}, said, texts)
    half = judged(
        {text: answer("a") if number % 2 else answer("x") for number, text in enumerate(texts)}, said, texts
    )
    assert {(d.value, d.low, d.high) for d in differences([half], [half]).values()} == {(0, 0, 0)}
    ahead = differences([right], [half])["F1@5"]
    assert ahead.value == pytest.approx(0.5)
    assert 0.3 < ahead.low < 0.5 < ahead.high < 0.7


def test_figures_over_two_indexers_are_the_mean():
    answers = {"one": answer("a"), "two": answer("c")}
    other = {"one": ["a"], "two": ["d"]}
    both = figures([judged(answers, said, TEXTS) for said in (SAID, other)])
    for metric, figure in both.items():
        assert figure.value == pytest.approx((values(answers)[metric] + values(answers, other)[metric]) / 2)


def test_the_best_cut_is_found():
    scored = {"one": [("a", 0.8), ("b", 0.6), ("x", 0.3)], "two": [("c", 0.7), ("y", 0.5), ("z", 0.4)]}
    value, cut = best_cut(scored, SAID)
    assert (value, cut) == (1.0, {"limit": 2, "threshold": 0.6, "first": 0.6})
    assert kept(scored, **cut)["two"] == Suggested(("c", "y", "z"), 1)


def test_what_settings_are_chosen_by_is_what_is_measured():
    answers = {"one": answer("a", "x", "b"), "two": answer("x"), "none": answer("a")}
    assert f1(answers, SAID) == pytest.approx(values(answers)["F1@5"])


def test_the_first_may_be_kept_whatever_its_score():
    scored = {"one": [("a", 0.8), ("b", 0.7)], "two": [("c", 0.2)], "three": [("d", 0.9), ("x", 0.4)]}
    value, cut = best_cut(scored, SAID | {"three": ["d"]})
    assert (value, cut) == (1.0, {"limit": 2, "threshold": 0.7, "first": 0.0})
    assert [answer.kept for answer in kept(scored, **cut).values()] == [2, 1, 1]


def test_what_scores_nothing_is_not_kept():
    assert kept({"one": [("a", 0.2), ("b", 0.0)]}, 5, 0.0, 0.0)["one"].kept == 1


def test_every_text_is_in_one_fold():
    names = [f"t{number}" for number in range(79)]
    folds = folded(names)
    assert sorted(text for fold in folds for text in fold) == sorted(names)
    assert {len(fold) for fold in folds} <= {15, 16}


def test_every_setting_is_a_project():
    tried = settings("nb", ["nb", "nn", EVERY])
    config = projects(tried, "nb")
    assert len({setting["id"] for setting in tried}) == len(tried) == config.count("[")
    assert {s["analyzer"] for s in tried if s["labels"] == EVERY} == {"snowball(norwegian)", "simplemma(nb)"}
    assert {s["hidden"] for s in tried if s["backend"] == "mllm"} == {"false", "true"}
    assert "vocab=every(nb)" in config
    assert "vocab=own(nn)" in config
    assert re.search(r"^\[tfidf-\d+\]$", config, re.MULTILINE)


VOCABULARY = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix : <https://example.org/> .
:topics a skos:ConceptScheme . :roles a skos:ConceptScheme .
:pain a skos:Concept ; skos:inScheme :topics ; skos:prefLabel "smerte"@nb, "pain"@en ; skos:altLabel "ache"@en .
:sleep a skos:Concept ; skos:inScheme :topics ; skos:prefLabel "søvn"@nb ; skos:hiddenLabel "sovn"@nb .
:nurse a skos:Concept ; skos:inScheme :roles ; skos:prefLabel "sykepleier"@nb .
"""


@pytest.fixture
def collection(tmp_path):
    (tmp_path / "vocabulary.ttl").write_text(VOCABULARY, encoding="utf-8")
    (tmp_path / "subjects.tsv").write_text(
        'id\tconcept\none\thttps://example.org/pain\n"2\thttps://example.org/pain\n'
    )
    records = [
        {"_id": "one", "title": "Smerte", "text": "Gjør vondt."},
        {"_id": '"2', "title": "", "text": "Au."},
    ]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    return tmp_path


def test_a_collection_is_read(collection):
    assert read_texts(collection) == {"one": "Smerte\nGjør vondt.", '"2': "Au."}
    pain = ["https://example.org/pain"]
    assert read_subjects(collection) == {"one": pain, '"2': pain}


def test_only_schemes_that_it_learns_from_can_be_suggested(collection):
    write_vocabulary(collection, collection / "own.ttl")
    found = open_vocabulary([collection / "own.ttl"])
    assert {found.uri(concept.id) for concept in found.concepts} == {
        "https://example.org/pain",
        "https://example.org/sleep",
    }


def test_labels_of_every_language_can_be_had_as_labels_of_one(collection):
    write_vocabulary(collection, collection / "every.ttl", as_language="nb")
    found = open_vocabulary([collection / "every.ttl"])
    concept = next(c for c in found.concepts if found.uri(c.id) == "https://example.org/pain")
    assert concept.pref_label == {"nb": "smerte"}
    assert set(concept.alt_label["nb"]) == {"pain", "ache"}


def test_the_report_has_every_program_the_ceiling_and_the_differences(tmp_path):
    path = tmp_path / "tags.json"
    path.write_text(json.dumps({"one": [["a", 0.9], ["b", 0.5], ["x", 0.2]], "two": [["c", 0.9]]}))
    ours, theirs = read_ours(path, TagWeights(threshold=0.5)), {"one": Suggested(("x", "a"), 2)}
    answers = {name: [theirs, theirs] for name in ("Annif MLLM", "Annif TF-IDF")} | {OURS: [ours, ours]}
    assert ours["one"] == Suggested(("a", "b", "x"), 2)
    measured = measure(answers, [SAID, {"one": ["a"], "two": ["c"]}], TEXTS)
    assert measured["figures"][INDEXERS]["F1@5"].value == pytest.approx((2 / 3 + 1) / 2)
    assert set(measured["differences"]) == {"ours minus Annif MLLM", "ours minus Annif TF-IDF"}
    chosen = {
        "setting": {"analyzer": "simplemma(nb)", "labels": EVERY, "hidden": "true"},
        "parameters": {"max_samples": "0.7"},
        "cut": {"limit": 4, "threshold": 0.25, "first": 0.0},
        "F1@5": 0.5,
        "seconds": {"to choose": 61.2},
    }
    found = {"machine": "a machine", "texts": 3, "chosen": [{"Annif MLLM": chosen}] * 2, "measured": measured}
    report = markdown(found)
    assert (
        "simplemma(nb), labels of every language, hidden labels true, max_samples 0.7, at most 4 from 0.25, the first"
        in report
    )
    assert report.count("| ") > 6 * len(METRICS)
    json.dumps(found)  # figures are plain numbers then
