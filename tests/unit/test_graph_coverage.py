"""Coverage counted against brute force; gaps with the plans and roles that feel them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.coverage import ServingResource, coverage, coverage_matrix, gaps
from graph.errors import GraphError
from graph.model import Plan, PlanLine

TODAY = date(2026, 11, 21)
NAMES = ("a", "b", "c")
EDITIONS = ("felles", "ahus", "oslo")
LANGUAGES = ("nb", "nn", "en")
DAY = st.none() | st.sampled_from([TODAY + timedelta(n) for n in (-400, -1, 0, 1, 400)])
LINKS = st.lists(st.sampled_from(NAMES), max_size=3).map(tuple)
RESOURCES = st.lists(
    st.builds(
        ServingResource,
        st.integers(0, 999).map("kb-{:03}".format),
        st.sampled_from(EDITIONS),
        st.sampled_from([*LANGUAGES, "se"]),
        st.sampled_from(["film", "kurs", ""]),
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


def is_valid(r):
    return (
        r.status == "published"
        and not (r.published and r.published > TODAY)
        and not (r.review_due and r.review_due < TODAY)
    )


@given(RESOURCES)
def test_the_matrix_equals_a_brute_force_count(resources):
    matrix = coverage_matrix(NAMES, resources, on=TODAY, editions=EDITIONS, languages=LANGUAGES)
    for row, name in enumerate(NAMES):
        for column, edition in enumerate(EDITIONS):
            for depth, language in enumerate(LANGUAGES):
                for last, kind in enumerate(matrix.resource_types):
                    expected = sum(
                        is_valid(r)
                        and name in r.teaches
                        and r.edition in {"felles", edition}
                        and (r.language, r.resource_type) == (language, kind)
                        for r in resources
                    )
                    assert matrix.counts[row, column, depth, last] == expected
                assert matrix.by_language()[row, column, depth] == matrix.count(name, edition, language)
            assert matrix.count(name, edition) == sum(matrix.count(name, edition, lang) for lang in LANGUAGES)


@given(RESOURCES, st.sampled_from([None, *EDITIONS]))
def test_coverage_equals_a_brute_force_list(resources, edition):
    found = coverage(NAMES, resources, on=TODAY, edition=edition)
    assert list(found) == list(NAMES)
    here = [r for r in resources if is_valid(r) and (edition is None or r.edition in {"felles", edition})]
    for name in NAMES:
        assert list(found[name].stated) == sorted(r.id for r in here if name in r.teaches)
        proposed = sorted(r.id for r in here if name in r.proposed and name not in r.teaches)
        assert list(found[name].proposed) == proposed


@given(PLANS, RESOURCES)
def test_gaps_are_what_plans_in_force_ask_for_and_nothing_valid_teaches(plans, resources):
    found = gaps(plans, resources, on=TODAY, editions=EDITIONS, languages=(None, "nn"))
    expected = {}
    for edition in EDITIONS:
        asking = [p for p in plans if p.roles and p.in_force(TODAY) and {"felles", edition} & set(p.editions)]
        for language in (None, "nn"):
            for name in NAMES:
                by = [
                    p
                    for p in asking
                    if any(ln.requirement == name and ln.edition in {None, edition} for ln in p.lines)
                ]
                served = any(
                    is_valid(r)
                    and name in r.teaches
                    and r.edition in {"felles", edition}
                    and language in {None, r.language}
                    for r in resources
                )
                if by and not served:
                    expected[name, edition, language] = (
                        tuple(sorted(p.id for p in by)),
                        tuple(sorted({role for p in by for role in p.roles})),
                    )
    assert {(g.requirement, g.edition, g.language): (g.plans, g.roles) for g in found} == expected
    keys = [(-len(g.plans), -len(g.roles), g.requirement, g.edition, g.language or "") for g in found]
    assert keys == sorted(keys)


def test_a_gap_shows_what_the_program_proposes():
    plans = [Plan("p", {}, (PlanLine("a"),), ("r",))]
    proposing = ServingResource("kb-1", proposed=("a",))
    assert gaps(plans, [proposing], on=TODAY)[0].proposed == ("kb-1",)


def test_a_resource_that_passes_its_review_date_leaves_a_gap():
    plans = [Plan("p", {}, (PlanLine("a"),), ("r",))]
    resource = ServingResource("kb-1", review_due=TODAY, teaches=("a",))
    assert gaps(plans, [resource], on=TODAY) == []
    assert [g.requirement for g in gaps(plans, [resource], on=TODAY + timedelta(1))] == ["a"]


def test_a_resource_that_names_a_requirement_twice_counts_once():
    matrix = coverage_matrix(["a"], [ServingResource("kb-1", teaches=("a", "a"))], on=TODAY)
    assert matrix.count("a") == 1


def test_an_unknown_name_is_refused():
    with pytest.raises(GraphError, match="not in the matrix: 'z'"):
        coverage_matrix(["a"], [], on=TODAY).count("z")


def test_both_versions_in_force_at_once_count():
    plans = [
        Plan("old", {}, (PlanLine("a"),), ("r",)),
        Plan("new", {}, (PlanLine("b"),), ("r",), replaces="old"),
    ]
    assert [(g.requirement, g.plans) for g in gaps(plans, [], on=TODAY)] == [("a", ("old",)), ("b", ("new",))]
