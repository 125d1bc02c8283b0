"""Which resources make the list: spread, in sequence, on the right level, of a group no more than it needs."""

from dataclasses import replace
from itertools import combinations

import pytest

from engine.choosing import quotas_of, spread, within
from engine.model import Resource
from engine.scored import Scored
from graph.model import Requirement
from graph.plans import GroupState, Obligation


def asked(name, necessity="obligatorisk", state="not_begun", groups=()):
    return Obligation(name, necessity, None, ("p",), state, groups=groups)


def scored(name, *serves, score=1.0, minutes=10, level=None, stated=True, setbacks=0):
    resource = Resource(name, name, duration=minutes, level=level or "")
    return Scored(
        resource, dict.fromkeys(serves, 1.0), frozenset(serves if stated else ()), setbacks, score, ()
    )


def known(*names, **prerequisites):
    return {n: Requirement(n, {}, prerequisites=prerequisites.get(n, ())) for n in names}


def open_(*obligations):
    return {o.requirement: o for o in obligations}


def ids(chosen):
    return [s.resource.id for s in chosen.items]


def best_first(*items):
    return sorted(items, key=lambda s: (-s.score, s.resource.id))


def test_room_is_kept_for_what_nothing_on_the_list_serves_yet():
    many = [scored(f"a{n}", "a", score=9 - n / 10) for n in range(6)]
    rest = [scored("b", "b", score=0.2), scored("c", "c", score=0.1)]
    found = spread(best_first(*many, *rest), 4, 0.0, open_(asked("a"), asked("b"), asked("c")), known(*"abc"))
    assert ids(found) == ["a0", "a1", "b", "c"]
    assert found.covered == {"a", "b", "c"}
    assert found.why == {}


def test_without_room_for_all_the_list_is_full_of_what_matters_most_and_says_so():
    items = best_first(scored("x", "a", score=0.1), scored("y", "b", score=9), scored("z", "c", score=8))
    wanted = open_(asked("a"), asked("b", "anbefalt"), asked("c", "betinget"), asked("d"))
    found = spread(items, 2, 0.25, wanted, known(*"abcd"))
    assert found.covered == {"a", "c"}
    assert found.why == {"b": "list_full", "d": "no_resource"}


def test_what_has_a_prerequisite_brings_what_serves_that_or_stays_away():
    items = best_first(
        scored("iv", "b", score=9), scored("grunn", "a", score=0.1), scored("annet", "c", score=5)
    )
    wanted, requirements = (
        open_(asked("a"), asked("b"), asked("c")),
        known("a", "c", b=("a",)) | known("b", b=("a",)),
    )
    assert set(ids(spread(items, 2, 0.0, wanted, requirements))) != {"iv", "annet"}
    assert ids(spread(items, 1, 0.0, wanted, requirements)) != ["iv"]
    assert set(ids(spread(items, 3, 0.0, wanted, requirements))) == {"iv", "grunn", "annet"}


def test_more_diversity_makes_a_list_less_alike():
    items = best_first(
        *(
            scored(f"{q}{n}", q, score=w - n / 100)
            for q, w in zip("abc", (3, 2, 1), strict=True)
            for n in range(8)
        )
    )
    wanted, requirements = open_(*map(asked, "abc")), known(*"abc")

    def alike(diversity):
        chosen = spread(items, 9, diversity, wanted, requirements).items
        return sum(bool(one.serves.keys() & two.serves.keys()) for one, two in combinations(chosen, 2))

    assert alike(0.0) > alike(0.5) > alike(1.0)


def test_a_resource_above_the_level_of_what_is_not_begun_waits_for_the_basics():
    basic, hard = (
        scored("grunn", "a", minutes=30, level="grunnleggende"),
        scored("hard", "a", minutes=5, level="avansert"),
    )
    requirements = {"a": Requirement("a", {}, level="grunnleggende")}
    assert ids(within(60, [basic, hard], open_(asked("a")), requirements)) == ["grunn"]
    assert within(20, [basic, hard], open_(asked("a")), requirements).why == {"a": "no_time"}
    assert ids(within(60, [basic, hard], open_(asked("a", state="expired")), requirements)) == ["hard"]
    assert ids(within(60, [hard], open_(asked("a")), requirements)) == ["hard"]  # there is nothing easier
    same = {"a": Requirement("a", {}, level="avansert")}
    assert ids(within(60, [basic, hard], open_(asked("a")), same)) == ["hard"]


def test_three_of_five_is_filled_up_and_no_further():
    group = GroupState("p", "valg", 3, 5, 1)
    wanted = open_(*(asked(q, groups=(group,)) for q in "abcd"))
    items = best_first(*(scored(q, q, minutes=5) for q in "abcd"))
    found = within(None, items, wanted, known(*"abcd"))
    assert ids(found) == ["a", "b"]
    assert found.why == {"c": "enough", "d": "enough"}
    assert [(q.members, q.need) for q in quotas_of(wanted)] == [(frozenset("abcd"), 2)]
    assert set(ids(spread(items, 10, 0.0, wanted, known(*"abcd")))) == set(
        "abcd"
    )  # a list is there to choose from


def test_what_expires_in_a_filled_group_is_renewed():
    group = GroupState("p", "valg", 1, 2, 1)
    wanted = open_(asked("a", state="expires_soon", groups=(group,)))
    assert ids(within(None, [scored("x", "a")], wanted, known("a"))) == ["x"]


@pytest.mark.parametrize("k", [1, 2, 5])
def test_resources_that_each_need_the_other_are_listed_all_the_same(k):
    items = [scored("x", "a", "d"), scored("y", "b", "c")]
    requirements = known("a", "c") | known("b", b=("a",)) | known("d", d=("c",))
    assert len(ids(spread(items, k, 0.0, open_(*map(asked, "abcd")), requirements))) == min(k, 2)


def test_of_two_that_serve_the_same_the_better_score_is_kept():
    items = best_first(scored("x", "a", score=1), replace(scored("y", "a"), score=2))
    assert ids(spread(items, 1, 0.0, open_(asked("a")), known("a"))) == ["y"]
