"""Popularity adds a little, by the logarithm, to what covers as much; it is a pure function of counts handed in."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.popularity import CurrentPopularity, opened_often, popularity, popularity_added
from engine.recommend import RankWeights
from engine.statistics_ports import SHOWN_FROM, ClickCount
from unit.test_engine_recommend import BASE, ask, ids

DAY = date(2026, 11, 22)
WEIGHT = RankWeights().popularity


SCORED = st.lists(
    st.tuples(st.floats(-1, 1).map(lambda x: round(x, 3)), st.integers(0, 3), st.integers(0, 2000)),
    max_size=12,
)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_it_grows_with_the_count_and_never_beyond_one(a, b):
    low, high = sorted((a, b))
    assert 0 <= popularity(low) <= popularity(high) <= 1
    assert (popularity(low) > 0) == (low >= SHOWN_FROM)


@given(SCORED)
def test_nothing_popular_comes_before_what_covers_more_and_was_before_it(rows):
    score = np.array([score for score, _, _ in rows])
    covers = np.array([covers for _, covers, _ in rows], dtype=np.int64)
    added = popularity_added(score, covers, [clicks for _, _, clicks in rows], WEIGHT)
    after = score + added
    for one in range(len(rows)):
        for other in range(len(rows)):
            if covers[one] > covers[other] and score[one] > score[other]:
                assert after[one] > after[other]
    assert ((added >= 0) & (added <= WEIGHT)).all()
    popular = np.array([clicks >= SHOWN_FROM for _, _, clicks in rows], dtype=np.bool_)
    assert not added[~popular].any()


def test_of_two_that_are_alike_the_one_that_is_opened_often_comes_first():
    order = ids(ask())
    alike = {i.resource.id: i.score for i in ask().items}
    quiet = replace(BASE, opened={})
    assert ids(ask(quiet)) == order
    popular = replace(BASE, opened={"r2": 900})
    items = {i.resource.id: i for i in ask(popular).items}
    assert items["r2"].opened == 900
    assert items["r2"].score == pytest.approx(alike["r2"] + WEIGHT * popularity(900))
    assert dict(items["r2"].parts)["popularity"] == pytest.approx(WEIGHT * popularity(900))
    assert all(i.opened == 0 for name, i in items.items() if name != "r2")
    ignored = replace(popular, weights=replace(popular.weights, popularity=0.0))
    assert {i.resource.id: i.score for i in ask(ignored).items} == alike


def test_the_same_counts_give_the_same_list():
    one = replace(BASE, opened={"r2": 900, "r3": 7})
    other = replace(BASE, opened={"r3": 7, "r2": 900})
    assert ask(one).items == ask(other).items


def test_counts_are_of_days_that_are_over_from_five_and_read_once_a_day():
    asked = []

    class Store:
        def clicks(self, *, since, until):
            asked.append((since, until))
            return [
                ClickCount("", "a", 0, since, 3),
                ClickCount("fall", "a", 1, since, 2),
                ClickCount("", "b", 0, since, 4),
            ]

    current = CurrentPopularity(Store(), lambda: DAY, 90)
    assert current.read() == current.read() == {"a": 5}
    assert asked == [(date(2026, 8, 24), date(2026, 11, 21))]
    assert opened_often([]) == {}
