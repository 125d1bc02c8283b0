"""Order of learning: prerequisites first, then level, then place; circles are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import CycleError, GraphError
from graph.model import Requirement
from graph.order import (
    LearningItem,
    check_prerequisites,
    level_rank,
    order_items,
    order_requirements,
    prerequisites_of,
)

LEVEL = st.sampled_from([None, "grunnleggende", "videregaende", "avansert", "ukjent"])


@st.composite
def acyclic(draw, size=8):
    names = [f"r{number}" for number in range(draw(st.integers(1, size)))]
    draw(st.randoms()).shuffle(names)
    found = {}
    for number, name in enumerate(names):
        before = draw(st.lists(st.sampled_from(names[:number]), unique=True, max_size=3)) if number else []
        found[name] = Requirement(name, {}, prerequisites=(*before, "unknown"), level=draw(LEVEL))
    return found


@given(acyclic(), st.data())
def test_no_requirement_stands_before_its_prerequisite_near_or_far(known, data):
    wanted = data.draw(st.lists(st.sampled_from(sorted(known)), unique=True))
    sequence = order_requirements(wanted, known)
    assert sorted(sequence) == sorted(wanted)
    for place, name in enumerate(sequence):
        assert not prerequisites_of([name], known) & set(sequence[place:])


@given(acyclic(), st.randoms())
def test_the_order_of_the_input_plays_no_part(known, random):
    shuffled = list(known)
    random.shuffle(shuffled)
    again = {name: known[name] for name in shuffled}
    assert order_requirements(known, known) == order_requirements(shuffled, again)


@given(st.lists(st.tuples(LEVEL, st.integers(0, 3)), max_size=8))
def test_without_prerequisites_level_decides_then_place_then_id(given_):
    known = {f"r{n}": Requirement(f"r{n}", {}, level=level) for n, (level, _) in enumerate(given_)}
    place = {f"r{n}": order for n, (_, order) in enumerate(given_)}
    expected = sorted(known, key=lambda name: (level_rank(known[name].level), place[name], name))
    assert order_requirements(known, known, place) == expected


def test_a_prerequisite_of_a_prerequisite_counts_when_the_middle_one_is_not_asked_for():
    known = {
        "z": Requirement("z", {}, level="avansert"),
        "m": Requirement("m", {}, prerequisites=("z",)),
        "a": Requirement("a", {}, prerequisites=("m",), level="grunnleggende"),
    }
    assert order_requirements(["a", "z"], known) == ["z", "a"]


@given(acyclic(), st.data())
def test_a_circle_is_refused_and_shown(known, data):
    first = data.draw(st.sampled_from(sorted(known)))
    last = data.draw(st.sampled_from(sorted(prerequisites_of([first], known) - {"unknown"} | {first})))
    known[last] = Requirement(last, {}, prerequisites=(*known[last].prerequisites, first))
    with pytest.raises(CycleError) as caught:
        check_prerequisites(known.values())
    cycle = caught.value.cycle
    assert len(set(cycle)) == len(cycle)
    for before, after in zip(cycle, (*cycle[1:], cycle[0]), strict=True):
        assert before in known[after].prerequisites
    assert all(name in str(caught.value) for name in cycle)
    with pytest.raises(CycleError):
        order_requirements([], known)
    with pytest.raises(CycleError):
        order_items([], known)


@given(acyclic())
def test_what_has_no_circle_passes(known):
    check_prerequisites(known.values())


def test_the_message_begins_at_the_smallest_id():
    known = [Requirement("b", {}, prerequisites=("a",)), Requirement("a", {}, prerequisites=("b",))]
    with pytest.raises(CycleError, match="a before b before a"):
        check_prerequisites(known)


def test_an_unknown_requirement_is_refused():
    with pytest.raises(GraphError, match="no such requirement: x"):
        order_requirements(["x"], {})


@given(acyclic(), st.data())
def test_a_resource_that_teaches_one_thing_comes_after_all_that_teach_what_comes_before(known, data):
    taught = data.draw(st.lists(st.sampled_from(sorted(known)), max_size=8))
    items = [LearningItem(f"i{n}", (name,), data.draw(LEVEL)) for n, name in enumerate(taught)]
    teaches = {item.id: item.teaches[0] for item in items}
    sequence = order_items(items, known)
    assert sorted(sequence) == sorted(teaches)
    for place, item in enumerate(sequence):
        later = {teaches[other] for other in sequence[place:]}
        assert not prerequisites_of([teaches[item]], known) & later


def test_resources_that_need_each_other_stand_together_and_after_what_both_need():
    known = {
        "a": Requirement("a", {}),
        "b": Requirement("b", {}, prerequisites=("a",)),
        "c": Requirement("c", {}),
        "d": Requirement("d", {}, prerequisites=("c", "e")),
        "e": Requirement("e", {}),
    }
    one, two = LearningItem("x1", ("a", "d")), LearningItem("x0", ("b", "c"))
    last = LearningItem("z", ("e",), "avansert")
    assert order_items([one, two, last], known) == ["z", "x0", "x1"]


def test_a_resource_standing_twice_is_refused():
    with pytest.raises(GraphError, match="twice"):
        order_items([LearningItem("a"), LearningItem("a")], {})
