"""Gaps equal a count by hand, whatever is asked: who is affected, what is proposed, expired or elsewhere."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.coverage import ServingResource
from graph.gaps import gaps
from graph.model import Plan, PlanLine

TODAY = date(2026, 11, 21)
NAMES, EDITIONS, TYPES = ("a", "b", "c"), ("felles", "ahus", "oslo"), ("film", "kurs")
DAY = st.none() | st.sampled_from([TODAY + timedelta(n) for n in (-400, -1, 0, 1, 400)])
LINKS = st.lists(st.sampled_from(NAMES), max_size=3).map(tuple)
RESOURCES = st.lists(
    st.builds(
        ServingResource,
        st.integers(0, 999).map("kb-{:03}".format),
        st.sampled_from(EDITIONS),
        st.sampled_from(["nb", "nn", "se"]),
        st.sampled_from([*TYPES, ""]),
        st.sampled_from(["published", "published", "draft", "archived"]),
        DAY,
        DAY,
        LINKS,
        LINKS,
    ),
    max_size=12,
    unique_by=lambda r: r.id,
)
PLANS = st.lists(
    st.builds(
        Plan,
        st.sampled_from("pqst"),
        st.just({"nb": "x"}),
        st.lists(
            st.builds(PlanLine, st.sampled_from(NAMES), edition=st.sampled_from([None, "ahus"])), max_size=4
        ).map(tuple),
        st.lists(st.sampled_from("rxy"), max_size=2, unique=True).map(tuple),
        editions=st.sampled_from([("felles",), ("ahus",), ("ahus", "oslo")]),
        valid_to=DAY,
        retired=DAY,
    ),
    max_size=4,
    unique_by=lambda p: p.id,
)


def published(r):
    return r.status == "published" and not (r.published and r.published > TODAY)


def valid(r):
    return published(r) and not (r.review_due and r.review_due < TODAY)


def by_hand(plans, resources, name, edition, language, kind):
    """Return plans, roles, proposed, expired and elsewhere of a gap; None where there is none."""
    asking = [
        p
        for p in plans
        if p.roles
        and p.in_force(TODAY)
        and {"felles", edition} & set(p.editions)
        and any(ln.requirement == name and ln.edition in {None, edition} for ln in p.lines)
    ]
    fits = {
        r.id
        for r in resources
        if r.edition in {"felles", edition}
        and language in {None, r.language}
        and kind in {None, r.resource_type}
    }
    teaching = {r.id for r in resources if name in r.teaches and valid(r)}
    if not asking or teaching & fits:
        return None
    old = {
        r.id
        for r in resources
        if name in r.teaches and r.status == "published" and r.review_due and r.review_due < TODAY
    }
    proposed = {r.id for r in resources if name in r.proposed and name not in r.teaches and valid(r)}
    return (
        tuple(sorted(p.id for p in asking)),
        tuple(sorted({role for p in asking for role in p.roles})),
        tuple(sorted(proposed & fits)),
        tuple(sorted(old & fits)),
        tuple(sorted(teaching)),
    )


@settings(max_examples=60)
@given(PLANS, RESOURCES, st.sampled_from(["plans", "roles", "due", "requirement"]), st.booleans())
def test_every_gap_equals_a_count_by_hand_and_none_is_missing(plans, resources, sort, narrow):
    languages, kinds, roles = (None, "nn"), (None, "film"), ("r",) if narrow else ()
    due = {"b": TODAY + timedelta(3), "c": TODAY + timedelta(9)}
    found = gaps(
        plans, resources, on=TODAY, editions=EDITIONS, languages=languages, resource_types=kinds,
        roles=roles, due=due, sort=sort,
    )  # fmt: skip
    expected = {}
    for name in NAMES:
        for edition in EDITIONS:
            for language in languages:
                for kind in kinds:
                    one = by_hand(plans, resources, name, edition, language, kind)
                    if one is not None and (not roles or "r" in one[1]):
                        expected[name, edition, language, kind] = one
    counted = {
        (g.requirement, g.edition, g.language, g.resource_type): (
            g.plans, g.roles, g.proposed, g.expired, g.elsewhere,
        )
        for g in found
    }  # fmt: skip
    assert counted == expected
    assert len(found) == len(expected)
    assert {g.requirement: g.due for g in found} == {g.requirement: due.get(g.requirement) for g in found}
    first = {
        "plans": lambda g: (-len(g.plans), -len(g.roles)),
        "roles": lambda g: (-len(g.roles), -len(g.plans)),
        "due": lambda g: g.due or date.max,
        "requirement": lambda g: g.requirement,
    }[sort]
    assert [first(g) for g in found] == sorted(first(g) for g in found)


@pytest.mark.parametrize(
    ("resource", "state"),
    [
        (ServingResource("kb-1", proposed=("a",)), "proposed"),
        (ServingResource("kb-1", review_due=TODAY - timedelta(1), teaches=("a",)), "expired"),
        (ServingResource("kb-1", "ahus", teaches=("a",)), "elsewhere"),
        (ServingResource("kb-1", status="draft", teaches=("a",)), "nothing"),
    ],
)
def test_a_gap_says_what_is_nearest_to_filling_it(resource, state):
    plans = [Plan("p", {}, (PlanLine("a"),), ("r",))]
    assert [g.state for g in gaps(plans, [resource], on=TODAY)] == [state]


def test_a_resource_that_passes_its_review_date_leaves_a_gap():
    plans = [Plan("p", {}, (PlanLine("a"),), ("r",))]
    resource = ServingResource("kb-1", review_due=TODAY, teaches=("a",))
    assert gaps(plans, [resource], on=TODAY) == []
    assert [g.requirement for g in gaps(plans, [resource], on=TODAY + timedelta(1))] == ["a"]


def test_both_versions_in_force_at_once_count():
    plans = [
        Plan("old", {}, (PlanLine("a"),), ("r",)),
        Plan("new", {}, (PlanLine("b"),), ("r",), replaces="old"),
    ]
    assert [(g.requirement, g.plans) for g in gaps(plans, [], on=TODAY)] == [("a", ("old",)), ("b", ("new",))]
