"""Coverage counted against brute force."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.coverage import ServingResource, coverage, coverage_matrix
from graph.errors import GraphError

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


def test_a_resource_that_names_a_requirement_twice_counts_once():
    matrix = coverage_matrix(["a"], [ServingResource("kb-1", teaches=("a", "a"))], on=TODAY)
    assert matrix.count("a") == 1


def test_an_unknown_name_is_refused():
    with pytest.raises(GraphError, match="not in the matrix: 'z'"):
        coverage_matrix(["a"], [], on=TODAY).count("z")
