"""Obligations: the plans in force merged, judged by evidence and date."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.competence_graph import NECESSITIES
from graph.errors import CycleError, GraphError
from graph.model import Evidence, Plan, PlanLine, Requirement
from graph.plans import SOON, Obligation, add_months, applicable_plans, evaluate, obligations

TODAY = date(2026, 11, 21)
NAMES = ("a", "b", "c", "d", "e")
REQUIREMENTS = [Requirement(name, {"nb": name}) for name in NAMES]


def plan(name="p", lines=("a",), roles=("r",), **rest):
    made = tuple(PlanLine(line) if isinstance(line, str) else line for line in lines)
    return Plan(name, {"nb": name}, made, roles, **rest)


def asked(plans, role="r", requirements=REQUIREMENTS, **rest):
    return obligations(role, plans, requirements, **{"on": TODAY, **rest})


LINES = st.lists(
    st.builds(
        PlanLine,
        st.sampled_from(NAMES),
        st.sampled_from(sorted(NECESSITIES)),
        st.integers(0, 9),
        st.none() | st.integers(1, 48),
        st.sampled_from([None, None, "ahus", "oslo"]),
    ),
    max_size=5,
).map(tuple)
DAYS = st.none() | st.dates(TODAY - timedelta(900), TODAY + timedelta(900))
PLANS = st.lists(
    st.builds(
        Plan,
        st.sampled_from("pqstu"),
        st.just({"nb": "x"}),
        LINES,
        st.lists(st.sampled_from("rx"), max_size=2).map(tuple),
        editions=st.lists(st.sampled_from(["felles", "ahus", "oslo"]), min_size=1, max_size=2).map(tuple),
        valid_from=DAYS,
        valid_to=DAYS,
        retired=DAYS,
    ),
    max_size=5,
    unique_by=lambda p: p.id,
)
EVIDENCE = st.lists(
    st.builds(
        Evidence,
        st.sampled_from(NAMES),
        st.sampled_from(["not_begun", "in_progress", "awaiting_approval", "approved", "expired", "exempt"]),
        DAYS,
        DAYS,
    ),
    max_size=6,
)
EDITION = st.sampled_from([None, "ahus", "oslo"])


@given(PLANS, EDITION)
def test_each_requirement_counts_once_with_the_strongest_necessity_and_the_strictest_interval(plans, edition):
    lines = {}
    for p in plans:
        applies = "r" in p.roles and p.in_force(TODAY) and {"felles", edition} & set(p.editions)
        for line in p.lines if applies else ():
            if line.edition in {None, edition}:
                lines.setdefault(line.requirement, []).append((p.id, line))
    found = asked(plans, edition=edition)
    assert sorted(o.requirement for o in found) == sorted(lines)
    for o in found:
        mine = [line for _, line in lines[o.requirement]]
        assert NECESSITIES[o.necessity] == max(NECESSITIES[line.necessity] for line in mine)
        assert o.validity == min((line.validity for line in mine if line.validity), default=None)
        assert set(o.plans) == {name for name, _ in lines[o.requirement]}
        assert o.order == min(line.order for line in mine)


@given(PLANS, EVIDENCE, EDITION, st.randoms())
def test_the_order_of_plans_and_evidence_plays_no_part(plans, done, edition, random):
    first = asked(plans, done=done, edition=edition)
    random.shuffle(plans)
    random.shuffle(done)
    assert asked(plans, done=done, edition=edition) == first


@given(PLANS, EVIDENCE)
def test_more_evidence_never_opens_a_gap(plans, done):
    gaps = [{o.requirement for o in asked(plans, done=done[:n]) if o.gap} for n in range(len(done) + 1)]
    assert all(after <= before for before, after in pairwise(gaps))


def test_a_requirement_of_its_own_interval_is_overridden_by_the_line_and_the_strictest_line_wins():
    known = [Requirement("a", {}, validity=24)]
    assert asked([plan()], requirements=known)[0].validity == 24
    longer, shorter = plan("p", [PlanLine("a", validity=36)]), plan("q", [PlanLine("a", validity=12)])
    assert asked([longer], requirements=known)[0].validity == 36
    assert asked([longer, shorter, plan("s")], requirements=known)[0].validity == 12


def test_retired_ended_and_coming_plans_give_nothing():
    assert asked([plan(retired=TODAY)]) == []
    assert asked([plan(retired=TODAY + timedelta(1))]) != []
    assert asked([plan(valid_to=TODAY - timedelta(1))]) == []
    assert asked([plan(valid_to=TODAY)]) != []
    assert asked([plan(valid_from=TODAY + timedelta(1))]) == []


def test_a_line_of_an_edition_is_for_that_edition_only():
    plans = [plan(lines=["a", PlanLine("b", edition="ahus")])]
    assert [o.requirement for o in asked(plans, edition="ahus")] == ["a", "b"]
    assert [o.requirement for o in asked(plans, edition="oslo")] == ["a"]
    assert [o.requirement for o in asked(plans)] == ["a"]


def test_a_plan_of_some_editions_is_for_those_only():
    plans = [plan(editions=("ahus", "oslo"))]
    assert asked(plans) == [] == asked(plans, edition="vestfold")
    assert [o.plans for o in asked(plans, edition="oslo")] == [("p",)]


def test_nothing_is_inherited_from_a_broader_role():
    assert asked([plan(roles=("sykepleier",))], role="hjemmesykepleier") == []


def test_profession_and_function_are_merged():
    plans = [plan("p", ["a", "b"]), plan("q", ["b", "c"], roles=("f",))]
    assert [(o.requirement, o.plans) for o in asked(plans, role=["r", "f"])] == [
        ("a", ("p",)),
        ("b", ("p", "q")),
        ("c", ("q",)),
    ]


def test_of_two_versions_in_force_the_newer_counts_unless_the_older_is_named():
    old = plan("old", ["a"], valid_to=date(2027, 9, 1))
    new = plan("new", ["b"], valid_from=date(2025, 9, 1), replaces="old")
    assert [o.requirement for o in asked([old, new])] == ["b"]
    assert [o.requirement for o in asked([old, new], versions="all")] == ["a", "b"]
    assert [o.requirement for o in asked([old, new], plan_id="old")] == ["a"]
    assert asked([old, new], plan_id="old", on=date(2027, 9, 2)) == []
    assert [o.requirement for o in asked([old, new], on=date(2025, 8, 31))] == ["a"]
    other = plan("new", ["b"], roles=("x",), replaces="old")
    assert [p.id for p in applicable_plans("r", [old, other], on=TODAY)] == ["old"]


def test_a_named_plan_is_used_alone_whichever_roles_it_names():
    plans = [plan("p", ["a"]), plan("q", ["b"], roles=())]
    assert [o.requirement for o in asked(plans, plan_id="q")] == ["b"]
    with pytest.raises(GraphError, match="no such plan: 'z'"):
        asked(plans, plan_id="z")


def test_a_plan_that_names_an_unknown_requirement_is_refused():
    with pytest.raises(GraphError, match="plan p names the requirement 'z'"):
        asked([plan(lines=["z"])])


def test_a_circle_of_prerequisites_is_refused():
    circle = [Requirement("a", {}, prerequisites=("b",)), Requirement("b", {}, prerequisites=("a",))]
    with pytest.raises(CycleError, match="a before b before a"):
        asked([], requirements=circle)


@pytest.mark.parametrize(
    ("achieved", "expires", "validity", "state", "due"),
    [
        (date(2026, 1, 1), None, None, "approved", None),
        (None, None, 12, "approved", None),
        (date(2026, 1, 1), None, 12, "expires_soon", date(2027, 1, 1)),
        (date(2026, 6, 1), None, 12, "approved", date(2027, 6, 1)),
        (date(2025, 11, 21), None, 12, "expires_soon", TODAY),
        (date(2025, 11, 20), None, 12, "expired", date(2026, 11, 20)),
        (date(2026, 6, 1), date(2026, 11, 20), 12, "expired", date(2026, 11, 20)),
        (date(2025, 1, 1), date(2030, 1, 1), 12, "expired", date(2026, 1, 1)),
        (None, TODAY + timedelta(SOON), None, "expires_soon", TODAY + timedelta(SOON)),
        (None, TODAY + timedelta(SOON + 1), None, "approved", TODAY + timedelta(SOON + 1)),
        (TODAY + timedelta(1), None, None, "not_begun", None),
    ],
)
def test_an_approval_is_judged_by_its_dates(achieved, expires, validity, state, due):
    assert evaluate([Evidence("a", "approved", achieved, expires)], validity, on=TODAY) == (state, due)


@pytest.mark.parametrize("state", ["not_begun", "in_progress", "awaiting_approval", "expired", "exempt"])
def test_other_states_stay_as_they_are(state):
    assert (
        evaluate([Evidence("a", state, date(2020, 1, 1))], 12 if state == "exempt" else None, on=TODAY)[0]
        == state
    )


def test_a_renewal_under_way_shows_with_the_day_that_was_missed():
    done = [Evidence("a", "approved", date(2025, 1, 1)), Evidence("a", "in_progress")]
    assert evaluate(done, 12, on=TODAY) == ("in_progress", date(2026, 1, 1))


def test_the_best_evidence_counts():
    done = [Evidence("a", "approved", date(2026, m, 1)) for m in (1, 9, 5)] + [Evidence("a", "expired")]
    assert evaluate(done, 12, on=TODAY) == ("approved", date(2027, 9, 1))


def test_an_exemption_that_has_run_out_is_no_exemption():
    assert evaluate([Evidence("a", "exempt", expires=TODAY - timedelta(1))], None, on=TODAY)[0] == "expired"


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 600))
def test_months_are_added_to_the_same_day_or_the_months_last(day, months):
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(1)).day == 1)


def three_of_five(**rest):
    return plan(lines=[PlanLine(name, group="g", group_minimum=3) for name in NAMES], **rest)


@pytest.mark.parametrize(("done", "met"), [((), 0), ("ab", 2), ("abc", 3), ("abcd", 4)])
def test_three_of_five(done, met):
    found = asked([three_of_five()], done=[Evidence(name) for name in done])
    assert {o.groups for o in found} == {found[0].groups}
    group = found[0].groups[0]
    assert (group.plan, group.name, group.minimum, group.size, group.met) == ("p", "g", 3, 5, met)
    assert group.satisfied == (met >= 3)
    assert sum(o.gap for o in found) == (0 if met >= 3 else 5 - met)


def test_what_is_asked_for_outside_the_group_too_is_a_gap_of_its_own():
    found = asked([three_of_five(), plan("q", ["e"])], done=[Evidence(name) for name in "abc"])
    assert [o.requirement for o in found if o.gap] == ["e"]
    assert found[-1] == Obligation("e", "obligatorisk", None, ("p", "q"), "not_begun")


def test_a_group_of_one_edition_has_that_editions_members():
    lines = [
        PlanLine("a", group="g", group_minimum=2),
        PlanLine("b", edition="ahus", group="g", group_minimum=2),
    ]
    assert asked([plan(lines=lines)], edition="ahus")[0].groups[0].size == 2
    assert asked([plan(lines=lines)])[0].groups[0].minimum == 1, "never more than there are"
