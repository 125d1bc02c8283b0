"""Two roles set beside each other: nothing is lost, and what is stricter is told as that."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.difference import compare_roles
from graph.model import Requirement
from graph.plans import GroupState, Obligation
from graph.validity import Validity

NAMES = ("a", "b", "c", "d")
GROUP = GroupState("p", "valg", 1, 2, 0)
OBLIGATIONS = st.lists(
    st.builds(
        Obligation,
        st.sampled_from(NAMES),
        st.sampled_from(["obligatorisk", "betinget", "anbefalt"]),
        st.sampled_from([None, 12, 24]),
        st.just(("p",)),
        st.just("not_begun"),
        groups=st.sampled_from([(), (GROUP,)]),
    ),
    unique_by=lambda o: o.requirement,
)
LEVELS = {"a": "grunnleggende", "b": "videregaende", "c": "avansert", "d": None}
SUBJECTS = {"b": ("tema/fall",), "c": ("tema/fall", "tema/legemidler")}
KNOWN = {
    n: Requirement(
        n, {}, level=LEVELS[n], prerequisites={"c": ("b",)}.get(n, ()), concepts=SUBJECTS.get(n, ())
    )
    for n in NAMES
}


def asked(name, necessity="obligatorisk", validity=None, groups=()):
    return Obligation(name, necessity, validity, ("p",), "not_begun", groups=groups)


def names(changes):
    return [c.requirement for c in changes]


@settings(deadline=None, max_examples=60)
@given(OBLIGATIONS, OBLIGATIONS)
def test_every_requirement_of_both_stands_in_one_place(before, after):
    found = compare_roles(before, after, KNOWN)
    stay = [*found.added, *found.raised, *found.shared]
    assert sorted(names(stay)) == sorted(o.requirement for o in after)
    assert sorted(names(found.dropped)) == sorted(
        {o.requirement for o in before} - {o.requirement for o in after}
    )
    assert set(found.to_learn) <= set(names(found.added)) | set(names(found.raised))
    assert set(names(found.added)) <= set(found.to_learn)


@settings(deadline=None, max_examples=30)
@given(OBLIGATIONS)
def test_a_role_does_not_differ_from_itself(plan):
    found = compare_roles(plan, plan, KNOWN)
    assert (found.added, found.raised, found.dropped, found.to_learn) == ((), (), (), ())


def test_what_is_asked_more_strongly_or_without_a_choice_is_to_be_learnt_and_a_shorter_interval_is_not():
    before = [asked("a", "anbefalt"), asked("b", validity=24), asked("c", groups=(GROUP,)), asked("d")]
    after = [asked("a"), asked("b", validity=12), asked("c"), asked("d", "anbefalt")]
    found = compare_roles(before, after, KNOWN)
    assert {c.requirement: c.raised for c in found.raised} == {
        "a": ("necessity",),
        "b": ("interval",),
        "c": ("group",),
    }
    assert found.to_learn == ("a", "c")
    assert names(found.shared) == ["d"]


def test_a_higher_level_of_what_the_first_role_has_is_raised_and_says_of_what():
    found = compare_roles([asked("a"), asked("b")], [asked("c")], KNOWN)
    assert [(c.requirement, c.raised, c.instead_of) for c in found.raised] == [("c", ("level",), "b")]
    assert found.to_learn == ("c",)
    assert names(found.dropped) == ["a", "b"]
    assert (
        compare_roles([asked("a")], [asked("c")], KNOWN).added[0].requirement == "c"
    )  # nothing joins the two


def test_what_only_comes_before_something_new_makes_nothing_stricter():
    """Hand hygiene comes before central lines, and whoever has it has still all of those to learn."""
    apart = KNOWN | {"b": replace(KNOWN["b"], concepts=("tema/hygiene",))}
    found = compare_roles([asked("b")], [asked("b"), asked("c")], apart)
    assert (names(found.added), found.raised) == (["c"], ())


def test_the_same_concepts_on_a_higher_level_are_raised():
    known = {n: Requirement(n, {}, concepts=("tema/fall",), level=LEVELS[n]) for n in ("a", "c")}
    assert compare_roles([asked("a")], [asked("c")], known).raised[0].instead_of == "a"
    assert compare_roles([asked("c")], [asked("a")], known).raised == ()


def test_a_day_of_the_year_that_ends_approvals_sooner_is_a_stricter_interval():
    def with_rules(*rules):
        return Obligation("a", "obligatorisk", 12, ("p",), "not_begun", rules=rules)

    plain, autumn, month = Validity(12), Validity(12, "--09-01"), Validity(12, "month-end")
    assert compare_roles([with_rules(plain)], [with_rules(autumn)], KNOWN).raised[0].raised == ("interval",)
    assert compare_roles([with_rules(autumn)], [with_rules(plain)], KNOWN).raised == ()
    assert compare_roles([with_rules(plain)], [with_rules(month)], KNOWN).raised == ()
    assert compare_roles([with_rules(month)], [with_rules(month, plain)], KNOWN).raised[0].raised == (
        "interval",
    )
