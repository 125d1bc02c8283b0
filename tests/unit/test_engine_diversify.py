"""Spread hits: the same ones, the best first, likeness falls."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diversify import spread_order

HITS = st.lists(
    st.tuples(st.floats(0, 10), st.frozensets(st.sampled_from("abcd"), max_size=2)), max_size=20
).map(lambda rows: sorted(rows, key=lambda row: -row[0]))


@settings(deadline=None)
@given(HITS)
def test_nothing_comes_or_goes_and_the_best_stays_first(hits):
    order = spread_order([score for score, _ in hits], [subjects for _, subjects in hits])
    assert sorted(order) == list(range(len(hits)))
    assert order[:1] == [0][: len(hits)]


@settings(deadline=None)
@given(HITS)
def test_hits_about_nothing_or_about_different_things_stay_as_they_are(hits):
    scores = [score for score, _ in hits]
    assert spread_order(scores, [frozenset()] * len(hits)) == list(range(len(hits)))
    assert spread_order(scores, [frozenset({str(n)}) for n in range(len(hits))]) == list(range(len(hits)))


def test_the_first_few_serve_more_requirements():
    subjects = [frozenset("a")] * 6 + [frozenset("b"), frozenset("c"), frozenset("d"), frozenset()]
    order = spread_order([*(1 - n / 50 for n in range(9)), 0.0], subjects)

    def alike(places):
        return sum(bool(subjects[i] & subjects[j]) for i, j in combinations(places, 2))

    assert alike(order[:4]) == 0 < alike(range(4))
