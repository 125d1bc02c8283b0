"""A replaced requirement leads on: what counts for the old one counts for the new, in plans and done-lists."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from graph.model import Evidence, Plan, PlanLine, Requirement
from graph.plans import obligations
from graph.replaced import in_use, joined, lines_in_use

DAY = date(2026, 11, 21)


def requirement(name, **rest):
    return Requirement(name, {"nb": f"krav {name}"}, **rest)


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdefx"), max_size=6))
def test_following_ends_and_what_counts_is_not_replaced(arrows):
    known = {n: requirement(n, replaced_by=None if arrows.get(n) == n else arrows.get(n)) for n in "abcdef"}
    after = joined(known.values())
    for name in known:
        end = in_use(name, known)
        assert in_use(name, after) == end
        assert after[end].replaced_by is None
        assert (after[name].replaced_by is None) == (end == name)


def test_what_counts_has_the_others_wordings_and_concepts():
    old = requirement("b", replaced_by="a", concepts=("tema/smerte",), alt_labels={"nn": ("krav be",)})
    found = joined([requirement("a", concepts=("tema/fall",)), old])["a"]
    assert found.alt_labels == {"nb": ("krav b",), "nn": ("krav be",)}
    assert found.concepts == ("tema/fall", "tema/smerte")


def test_an_editors_word_goes_before_the_records_own():
    known = [requirement("a"), requirement("b", replaced_by="a"), requirement("c")]
    assert joined(known, {"b": "c"})["b"].replaced_by == "c"
    assert joined(known, {"b": "unknown"})["b"].replaced_by == "a"


def test_prerequisites_lead_on_and_nothing_comes_before_itself():
    known = [
        requirement("a", prerequisites=("b", "c")),
        requirement("b", replaced_by="a"),
        requirement("c", replaced_by="d"),
        requirement("d"),
    ]
    assert joined(known)["a"].prerequisites == ("d",)


def test_two_lines_that_become_one_keep_the_stricter_of_both():
    plan = Plan("p", {}, roles=("r",), lines=(
        PlanLine("a", "anbefalt", 20, 36, group="g", group_minimum=1),
        PlanLine("b", "obligatorisk", 10, 12),
        PlanLine("b", "betinget", 30, edition="ahus"),
    ))  # fmt: skip
    known = joined([requirement("a"), requirement("b", replaced_by="a")])
    assert lines_in_use(plan, known).lines == (
        PlanLine("a", "obligatorisk", 10, 12), PlanLine("a", "betinget", 30, edition="ahus"))  # fmt: skip
    untouched = replace(plan, lines=plan.lines[:1])
    assert lines_in_use(untouched, known) is untouched


def test_what_was_achieved_for_the_old_one_counts_for_the_new():
    known = joined([requirement("a", validity=12), requirement("b", replaced_by="a")])
    plan = Plan("p", {}, roles=("r",), lines=(PlanLine("a"),))
    (asked,) = obligations("r", [plan], known, on=DAY, done=[Evidence("b", achieved=date(2026, 6, 1))])
    assert (asked.state, asked.due) == ("approved", date(2027, 6, 1))
