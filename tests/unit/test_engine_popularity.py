"""Popularity adds a little, by the logarithm, to what covers as much; it is a pure function of counts handed in."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.choosing import Scored
from engine.model import Resource
from engine.popularity import CurrentPopularity, opened_often, popularity, with_popularity
from engine.recommend import RankWeights
from engine.statistics_ports import SHOWN_FROM, ClickCount
from unit.test_engine_recommend import BASE, ask, ids

DAY = date(2026, 11, 22)
WEIGHT = RankWeights().popularity


def scored(name, score, covers):
    stated = frozenset(f"q{n}" for n in range(covers))
    return Scored(Resource(name, name), dict.fromkeys(stated, 1.0), stated, 0, score, (("coverage", score),))


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
    made = sorted(
        (scored(f"r{n:02}", score, covers) for n, (score, covers, _) in enumerate(rows)),
        key=lambda s: (-s.score, s.resource.id),
    )
    opened = {f"r{n:02}": clicks for n, (_, _, clicks) in enumerate(rows) if clicks >= SHOWN_FROM}
    after = with_popularity(made, opened, WEIGHT)
    place = {s.resource.id: n for n, s in enumerate(after)}
    for n, one in enumerate(made):
        for other in made[n + 1 :]:
            if len(one.surely) > len(other.surely) and one.score > other.score:
                assert place[one.resource.id] < place[other.resource.id]
    was = {s.resource.id: s.score for s in made}
    assert all(0 <= s.score - was[s.resource.id] <= WEIGHT + 1e-12 for s in after)
    assert all(abs(sum(v for _, v in s.parts) - s.score) < 1e-9 for s in after)


@given(SCORED)
def test_without_counts_everything_is_as_it_was(rows):
    made = [scored(f"r{n}", score, covers) for n, (score, covers, _) in enumerate(rows)]
    assert with_popularity(made, {}, WEIGHT) == made
    assert with_popularity(made, {"r0": 50}, 0.0) == made


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
