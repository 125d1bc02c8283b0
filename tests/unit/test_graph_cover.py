"""Time-budgeted cover: never far from the best, never less for more time, prerequisites kept."""

from itertools import combinations
from math import e

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.cover import Candidate, Quota, choose
from graph.errors import GraphError

NAMES = "abcdef"
COVERS = st.frozensets(st.sampled_from(NAMES), max_size=4)
CANDIDATES = st.lists(
    st.tuples(st.integers(0, 40), COVERS, st.sampled_from([0.0, 1.0, 2.0])), max_size=8
).map(lambda rows: [Candidate(f"k{n}", *row) for n, row in enumerate(rows)])
WEIGHTS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0]), max_size=6)
BEFORE = st.fixed_dictionaries(
    {},
    optional={
        name: st.frozensets(st.sampled_from(NAMES[:n]), max_size=2) for n, name in enumerate(NAMES) if n
    },
)
BUDGET = st.none() | st.integers(0, 150)


def weight(items, weights):
    return sum(weights[name] for name in set().union(*(item.covers for item in items)) & weights.keys())


def in_sequence(items, candidates, before, weights):
    """Whether everything covered has its prerequisites covered, as far as anything covers them."""
    covered = set().union(*(item.covers for item in items)) & weights.keys()
    coverable = set().union(*(item.covers for item in candidates)) & weights.keys()
    return all(before.get(name, frozenset()) & coverable <= covered for name in covered)


def every_selection(candidates, minutes):
    for size in range(len(candidates) + 1):
        for items in combinations(candidates, size):
            if minutes is None or sum(item.minutes for item in items) <= minutes:
                yield items


@settings(max_examples=150, deadline=None)
@given(CANDIDATES, WEIGHTS, st.integers(0, 150))
def test_the_weight_covered_is_within_the_bound_of_the_best(candidates, weights, minutes):
    best = max(weight(items, weights) for items in every_selection(candidates, minutes))
    assert choose(candidates, weights, minutes).weight >= (1 - 1 / e) / 2 * best - 1e-9


def test_it_is_mostly_the_best_on_ordinary_cases():
    import random

    random.seed(4)
    exact = 0
    for _ in range(60):
        candidates = [
            Candidate(
                f"k{n}",
                random.choice([5, 10, 15, 20, 30, 45]),
                frozenset(random.sample(NAMES, random.randint(1, 3))),
            )
            for n in range(8)
        ]
        weights = {name: random.choice([1.0, 2.0, 3.0]) for name in NAMES}
        best = max(weight(items, weights) for items in every_selection(candidates, 45))
        exact += choose(candidates, weights, 45).weight == pytest.approx(best)
    assert exact >= 54


@settings(max_examples=100, deadline=None)
@given(CANDIDATES, WEIGHTS, st.integers(0, 150), st.integers(0, 60), BEFORE)
def test_a_larger_budget_never_covers_less(candidates, weights, minutes, more, before):
    less = choose(candidates, weights, minutes, before=before)
    assert choose(candidates, weights, minutes + more, before=before).weight >= less.weight - 1e-9
    assert choose(candidates, weights, None, before=before).weight >= less.weight - 1e-9


@settings(deadline=None)
@given(CANDIDATES, WEIGHTS, BUDGET, BEFORE)
def test_the_answer_adds_up(candidates, weights, minutes, before):
    found = choose(candidates, weights, minutes, before=before)
    chosen = [item for item in candidates if item.id in found.chosen]
    covered = set().union(*(item.covers for item in chosen)) & weights.keys()
    assert len(set(found.chosen)) == len(found.chosen)
    assert found.covered == tuple(sorted(covered))
    assert found.uncovered == tuple(sorted(weights.keys() - covered))
    assert found.minutes == sum(item.minutes for item in chosen)
    assert minutes is None or found.minutes <= minutes
    assert found.weight == pytest.approx(weight(chosen, weights))
    assert in_sequence(chosen, candidates, before, weights)


@settings(deadline=None)
@given(CANDIDATES, WEIGHTS)
def test_without_a_limit_everything_that_can_be_covered_is(candidates, weights):
    assert choose(candidates, weights, None).weight == pytest.approx(weight(candidates, weights))


@settings(deadline=None)
@given(CANDIDATES, WEIGHTS, BUDGET)
def test_nothing_is_chosen_that_adds_nothing(candidates, weights, minutes):
    found = choose(candidates, weights, minutes)
    chosen = [item for item in candidates if item.id in found.chosen]
    for item in chosen:
        assert weight([other for other in chosen if other != item], weights) < found.weight


@settings(max_examples=60, deadline=None)
@given(CANDIDATES, st.sets(st.sampled_from(NAMES)))
def test_without_a_limit_the_minutes_are_within_chvatals_bound(candidates, wanted):
    weights = dict.fromkeys(wanted, 1.0)
    goal = weight(candidates, weights)
    least = min(
        sum(item.minutes for item in items)
        for items in every_selection(candidates, None)
        if weight(items, weights) >= goal
    )
    largest = max((len(item.covers & wanted) for item in candidates), default=0)
    assert (
        choose(candidates, weights, None).minutes <= sum(1 / n for n in range(1, largest + 1)) * least + 1e-9
    )


@settings(deadline=None)
@given(CANDIDATES, WEIGHTS, BUDGET, BEFORE, st.randoms())
def test_the_order_of_the_candidates_plays_no_part(candidates, weights, minutes, before, random):
    shuffled = candidates[:]
    random.shuffle(shuffled)
    assert choose(shuffled, weights, minutes, before=before) == choose(
        candidates, weights, minutes, before=before
    )


def test_one_long_course_beats_many_short_films_that_cover_less():
    films = [Candidate("film", 1, frozenset("a"))]
    course = Candidate("kurs", 45, frozenset("bcdef"))
    assert choose([*films, course], dict.fromkeys(NAMES, 1.0), 45).chosen == ("kurs",)


def test_what_must_come_before_is_taken_too_and_its_minutes_count():
    candidates = [Candidate("grunnkurs", 20, frozenset("a")), Candidate("iv", 20, frozenset("b"))]
    weights, before = {"a": 0.1, "b": 5.0}, {"b": frozenset("a")}
    assert choose(candidates, weights, 40, before=before).chosen == ("grunnkurs", "iv")
    assert choose(candidates, weights, 30, before=before).chosen == ("grunnkurs",)
    assert choose(candidates, weights, 30).chosen == ("iv",)


def test_a_prerequisite_that_nothing_covers_holds_nothing_up():
    found = choose(
        [Candidate("iv", 20, frozenset("b"))], {"a": 1.0, "b": 1.0}, 20, before={"b": frozenset("a")}
    )
    assert (found.chosen, found.uncovered) == (("iv",), ("a",))


def test_value_decides_between_equals_then_the_id():
    one, two, three = (
        Candidate(name, 10, frozenset("a"), value) for name, value in (("x", 0), ("y", 1), ("z", 1))
    )
    assert choose([one, two, three], {"a": 1.0}, 10).chosen == ("y",)


def test_nothing_to_choose_from_and_nothing_missing():
    assert choose([], {"a": 1.0}, 45).uncovered == ("a",)
    assert choose([Candidate("x", 5, frozenset("a"))], {}, 45).chosen == ()


def test_what_will_not_do_is_refused():
    same = Candidate("x", 5, frozenset())
    with pytest.raises(GraphError, match="twice"):
        choose([same, same], {}, 5)
    with pytest.raises(GraphError, match="minutes are negative: x"):
        choose([Candidate("x", -5, frozenset())], {}, 5)
    with pytest.raises(GraphError, match="weights must be numbers from 0: a"):
        choose([], {"a": -1.0}, 5)


def test_more_time_is_not_spent_on_a_long_course_that_leaves_no_room_for_what_shares_a_prerequisite():
    parts = [Candidate(name, 1, frozenset(name)) for name in "bcd"]
    candidates = [Candidate("grunnkurs", 5, frozenset("a")), *parts, Candidate("kurs", 9, frozenset("e"))]
    weights, before = (
        {"a": 0.0, "b": 2.0, "c": 2.0, "d": 2.0, "e": 3.1},
        {name: frozenset("a") for name in "bcd"},
    )
    for minutes in (8, 9, 14):
        assert choose(candidates, weights, minutes, before=before).covered == ("a", "b", "c", "d")
    assert choose(candidates, weights, 17, before=before).uncovered == ()


def test_what_has_become_superfluous_is_dropped_though_a_prerequisite_is_covered_by_nothing():
    candidates = [Candidate("film", 5, frozenset("a")), Candidate("kurs", 15, frozenset("ab"))]
    found = choose(candidates, {"a": 1.0, "b": 1.5, "z": 1.0}, None, before={"b": frozenset("z")})
    assert (found.chosen, found.minutes) == (("kurs",), 15)


QUOTAS = st.lists(
    st.builds(Quota, st.frozensets(st.sampled_from(NAMES), min_size=1), st.integers(0, 3)), max_size=2
)


def worth(items, weights, quotas):
    """The weight by definition: each requirement once, of a quota the heaviest shares that it needs."""
    covered = set().union(*(item.covers for item in items)) & weights.keys()
    within = {name: [q for q in quotas if name in q.members] for name in weights}
    total = sum(weights[name] for name in covered if not within[name])
    for quota in quotas:
        shares = [weights[name] / len(within[name]) for name in covered if name in quota.members]
        total += sum(sorted(shares, reverse=True)[: quota.need])
    return total


@settings(deadline=None)
@given(CANDIDATES, WEIGHTS, BUDGET, QUOTAS)
def test_of_a_group_only_as_many_as_it_needs_count(candidates, weights, minutes, quotas):
    found = choose(candidates, weights, minutes, quotas=quotas)
    chosen = [item for item in candidates if item.id in found.chosen]
    assert found.weight == pytest.approx(worth(chosen, weights, quotas))
    best = max(worth(items, weights, quotas) for items in every_selection(candidates, minutes))
    assert best + 1e-9 >= found.weight >= (1 - 1 / e) / 2 * best - 1e-9
    for item in chosen:  # nobody is sent to a fourth when three are enough
        assert worth([other for other in chosen if other != item], weights, quotas) < found.weight


@settings(deadline=None, max_examples=60)
@given(CANDIDATES, WEIGHTS, st.integers(0, 150), st.integers(0, 60), BEFORE, QUOTAS)
def test_a_larger_budget_never_covers_less_with_groups_too(
    candidates, weights, minutes, more, before, quotas
):
    less = choose(candidates, weights, minutes, before=before, quotas=quotas)
    assert (
        choose(candidates, weights, minutes + more, before=before, quotas=quotas).weight >= less.weight - 1e-9
    )


def test_three_of_five_takes_three_and_says_that_it_is_enough():
    films = [Candidate(name, 10, frozenset(name)) for name in "abcde"]
    found = choose(films, dict.fromkeys("abcde", 1.0), None, quotas=[Quota(frozenset("abcde"), 3)])
    assert (found.chosen, found.minutes) == (("a", "b", "c"), 30)
    assert found.why == {"d": "enough", "e": "enough"}


def test_it_says_why_something_is_left():
    candidates = [Candidate("grunn", 30, frozenset("a")), Candidate("iv", 5, frozenset("b"))]
    candidates += [Candidate("kurs", 90, frozenset("c"))]
    found = choose(candidates, dict.fromkeys("abcd", 1.0), 20, before={"b": frozenset("a")})
    assert found.why == {"a": "no_time", "b": "prerequisite", "c": "no_time", "d": "no_resource"}


@settings(deadline=None, max_examples=80)
@given(CANDIDATES, WEIGHTS, st.integers(0, 150), BEFORE)
def test_what_is_left_for_lack_of_time_has_nothing_that_fits(candidates, weights, minutes, before):
    found = choose(candidates, weights, minutes, before=before)
    left = minutes - found.minutes
    assert set(found.why) == set(found.uncovered)
    for name, why in found.why.items():
        shortest = min((c.minutes for c in candidates if name in c.covers), default=None)
        assert (shortest is None) == (why == "no_resource")
        assert why != "no_time" or shortest > left
        assert why != "prerequisite" or (shortest <= left and before.get(name))


def test_one_is_given_up_for_what_is_better_together():
    """The best by the minute (a and b in 7) leaves no room for the two that cover all."""
    candidates = [
        Candidate("x", 7, frozenset("ab")),
        Candidate("y", 5, frozenset("ac")),
        Candidate("z", 5, frozenset("bd")),
    ]
    found = choose(candidates, dict.fromkeys("abcd", 1.0), 10)
    assert found.chosen == ("y", "z")


def test_two_quotas_of_the_same_members_are_two():
    both = [Quota(frozenset("ab"), 1), Quota(frozenset("ab"), 2)]
    found = choose(
        [Candidate("x", 5, frozenset("a")), Candidate("y", 5, frozenset("b"))],
        {"a": 1.0, "b": 1.0},
        None,
        quotas=both,
    )
    assert found.chosen == ("x", "y")


def test_a_quota_below_none_is_refused():
    with pytest.raises(GraphError, match="quota"):
        choose([], {"a": 1.0}, 5, quotas=[Quota(frozenset("a"), -1)])
