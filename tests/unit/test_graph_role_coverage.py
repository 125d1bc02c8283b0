"""The coverage matrix equals a count by hand, and its empty cells are ranked by who is affected."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.coverage import ServingResource
from graph.model import Plan, PlanLine
from graph.role_coverage import role_coverage

TODAY = date(2026, 11, 21)
NAMES, EDITIONS, LANGUAGES, TYPES = (
    ("a", "b", "c"),
    ("felles", "ahus", "oslo"),
    ("nb", "nn", "en"),
    ("film", "kurs"),
)
DAYS = st.none() | st.dates(TODAY - timedelta(5), TODAY + timedelta(5))
PLANS = st.lists(
    st.builds(
        Plan,
        st.sampled_from("pqrs"),
        st.just({"nb": "x"}),
        st.lists(
            st.builds(PlanLine, st.sampled_from(NAMES), edition=st.sampled_from([None, "ahus", "oslo"])),
            max_size=4,
        ).map(tuple),
        st.lists(st.sampled_from(["lege", "sykepleier"]), max_size=2).map(tuple),
        editions=st.lists(st.sampled_from(EDITIONS), min_size=1, max_size=2).map(tuple),
        valid_to=DAYS,
        retired=DAYS,
    ),
    max_size=4,
    unique_by=lambda p: p.id,
)
RESOURCES = st.lists(
    st.builds(
        ServingResource,
        st.sampled_from([f"r{n}" for n in range(8)]),
        st.sampled_from(EDITIONS),
        st.sampled_from((*LANGUAGES, "se")),
        st.sampled_from(TYPES),
        st.sampled_from(["published", "published", "draft", "archived"]),
        DAYS,
        DAYS,
        st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
        st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    ),
    max_size=8,
    unique_by=lambda r: r.id,
)


def by_hand(plans, resources, requirement, role, edition, language, kind, proposed=False):
    """Count one cell, stated or proposed links; None when the requirement is not asked of the role there."""
    asking = [
        p
        for p in plans
        if role in p.roles
        and ("felles" in p.editions or edition in p.editions)
        and (p.valid_to is None or p.valid_to >= TODAY)
        and (p.retired is None or p.retired > TODAY)
        and any(x.requirement == requirement and x.edition in {None, "felles", edition} for x in p.lines)
    ]
    if not asking:
        return None
    return sum(
        (requirement in r.proposed and requirement not in r.teaches if proposed else requirement in r.teaches)
        and r.status == "published"
        and (r.published is None or r.published <= TODAY)
        and (r.review_due is None or r.review_due >= TODAY)
        and r.edition in {"felles", edition}
        and r.language == language
        and r.resource_type == kind
        for r in resources
    )


@settings(max_examples=40)
@given(PLANS, RESOURCES)
def test_every_cell_equals_a_count_by_hand(plans, resources):
    found = role_coverage(plans, resources, on=TODAY, editions=EDITIONS)
    rows = {(row.requirement, row.role, row.edition): row for row in found.rows}
    assert len(rows) == len(found.rows)
    for requirement in NAMES:
        for role in ("lege", "sykepleier"):
            for edition in EDITIONS:
                cells = {
                    (language, kind): by_hand(plans, resources, requirement, role, edition, language, kind)
                    for language in LANGUAGES
                    for kind in TYPES
                }
                row = rows.get((requirement, role, edition))
                if row is None:
                    assert set(cells.values()) == {None}
                else:
                    assert {cell: row.cells.get(cell, 0) for cell in cells} == cells
                    assert row.resources == sum(cells.values())
                    for language, kind in cells:
                        assert row.proposed.get((language, kind), 0) == by_hand(
                            plans, resources, requirement, role, edition, language, kind, proposed=True
                        )


@settings(max_examples=25)
@given(PLANS, RESOURCES, st.booleans())
def test_the_empty_cells_are_all_of_them_and_those_that_most_plans_ask_for_come_first(
    plans, resources, by_type
):
    found = role_coverage(plans, resources, on=TODAY, editions=EDITIONS, resource_types=TYPES)
    empty = found.empty(by_type=by_type)
    expected = set()
    for row in found.rows:
        for language in LANGUAGES:
            for kind in TYPES if by_type else (None,):
                n = sum(row.cells.get((language, k), 0) for k in ((kind,) if kind else TYPES))
                if not n:
                    expected.add((row.requirement, row.edition, language, kind))
    assert len(empty) == len(expected)
    assert {(c.requirement, c.edition, c.language, c.resource_type) for c in empty} == expected
    weights = [(len(c.plans), len(c.roles)) for c in empty]
    assert all(before >= after for before, after in pairwise(weights))
    for cell in empty:
        mine = [r for r in found.rows if (r.requirement, r.edition) == (cell.requirement, cell.edition)]
        assert cell.roles == tuple(sorted(r.role for r in mine))
        assert set(cell.plans) == {p for r in mine for p in r.plans}
        kinds = (cell.resource_type,) if cell.resource_type else TYPES
        assert cell.proposed == sum(mine[0].proposed.get((cell.language, kind), 0) for kind in kinds)
