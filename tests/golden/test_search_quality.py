"""Golden queries: the ranking may change, its quality may not fall.

Floors (`floors.toml`) stand just under what was measured on the test half, which is used for nothing else.
"""

from statistics import mean

import ir_measures
import pytest
from ir_measures import nDCG

from cli.significance import paired
from engine.aboutness import AboutnessRule
from engine.model import SearchRequest
from golden.collection import ndcg, qrels, queries
from golden.measuring import answered_by_subject, ask_subjects, floors

GROUPS = sorted({q.group for q in queries()})
ANSWERED = [g for g in GROUPS if g != "no_answer"]

FLOORS = floors()["ndcg"]
SUBJECT = floors()["subject"]
SILENT = floors()["silent"]  # queries without an answer that must get none, of 8 in each half


def values(ranked, half, group=None):
    return [
        ndcg(ranked[q.id], qrels()[q.id])
        for q in queries()
        if q.half == half and q.group != "no_answer" and group in {None, q.group}
    ]


@pytest.mark.parametrize("group", ANSWERED)
def test_ndcg_of_the_test_half_is_at_or_above_its_floor(run, group):
    assert mean(values(run.engine, "test", group)) >= FLOORS[group]


def test_ndcg_of_the_whole_test_half_is_at_or_above_its_floor(run):
    assert mean(values(run.engine, "test")) >= FLOORS["all"]


def test_every_floor_is_close_under_the_measured_value(run):
    """A wide floor catches nothing."""
    for group in ANSWERED:
        assert mean(values(run.engine, "test", group)) - FLOORS[group] <= 0.06, group


def test_the_engine_is_ahead_of_plain_bm25_with_snowball(run):
    difference = paired(values(run.engine, "test"), values(run.baseline, "test"))
    assert difference.low > 0
    assert difference.p < 0.01


@pytest.mark.parametrize("half", ["dev", "test"])
def test_queries_without_an_answer_get_none(run, half):
    silent = [run.totals[q.id] == 0 for q in queries() if q.group == "no_answer" and q.half == half]
    assert sum(silent) >= SILENT[half]


def test_queries_on_the_subject_are_answered_and_others_are_not(sample_engine):
    """Most of the first have no text of their own in the bank: what is nearest is better than nothing."""
    share = answered_by_subject(ask_subjects(sample_engine), "test")
    assert share["on"] >= SUBJECT["on"]
    assert 1 - share["off"] >= SUBJECT["off_silent"]


def test_the_sample_bank_is_about_health(sample_engine):
    """What its manifest says of it, measured by the index run."""
    measured = sample_engine.builds.current().subject
    assert measured is not None
    assert measured >= AboutnessRule().bank_on_subject + 1


@pytest.mark.parametrize("text", ["xqzvw plorft", "qqqq", "zzxxyy wvwvwv", "asdf qwer zxcv"])
def test_gibberish_gets_nothing(sample_engine, text):
    assert sample_engine.search(SearchRequest(text, edition="alle")).total == 0


def test_the_halves_are_alike_in_size():
    for group in GROUPS:
        halves = [q.half for q in queries() if q.group == group]
        assert abs(halves.count("dev") - halves.count("test")) <= 1
        assert len(halves) >= 12


def test_every_judged_resource_is_published(sample_engine):
    published = {r.id for r in sample_engine.catalogue.all(status="published")}
    assert {r for grades in qrels().values() for r in grades} <= published


def test_our_ndcg_is_the_fields():
    grades = {"a": 3, "b": 2, "c": 1, "d": 0}
    ranking = ["d", "b", "x", "a"]
    run = {"q": {r: float(len(ranking) - i) for i, r in enumerate(ranking)}}
    theirs = ir_measures.calc_aggregate([nDCG @ 10], {"q": grades}, run)[nDCG @ 10]
    assert ndcg(ranking, grades) == pytest.approx(theirs)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("løfting av personer med heis", "prosedyre/personlofter"),
        ("svikt i hjertet", "tilstand/hjertesvikt"),
        ("violence against staff", "tema/vold-trusler"),
    ],
)
def test_a_concept_is_understood_from_a_paraphrase(sample_engine, text, concept):
    assert concept in sample_engine.search(SearchRequest(text, edition="alle", k=1)).concepts
