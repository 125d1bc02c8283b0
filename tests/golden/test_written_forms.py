"""A query in one written form reaches what is written in the others, through the vocabulary.

For every theme that editors have given to resources: its name in bokmål, nynorsk and English is searched for,
and what is found is held against the resources with that theme, or one below it, in each language.
"""

from collections import defaultdict

import pytest

from engine.model import SearchRequest

LANGUAGES = ("nb", "nn", "en")
FLOORS = {
    "hybrid": {"nb": 0.74, "nn": 0.79, "en": 0.89},
    "lexical": {"nb": 0.93, "nn": 0.94, "en": 0.95},
}
"""Least share of the resources, of the language reached worst, among the first twice as many hits."""


@pytest.fixture(scope="module")
def themed(sample_engine):
    """The resources of each theme by language, as the editors have stated them."""
    found = defaultdict(lambda: defaultdict(set))
    for resource in sample_engine.catalogue.all(status="published"):
        for theme in resource.themes:
            name = f"tema/{theme}"
            for concept in (name, *sample_engine.vocabulary.ancestors(name)):
                found[concept][resource.language].add(resource.id)
    return found


@pytest.fixture(scope="module", params=FLOORS)
def reached(request, sample_engine, themed):
    """Return (mode, shares in the whole result, shares among the first) by language asked in and written in."""
    sums = defaultdict(lambda: [0, 0, 0])
    for concept, by_language in themed.items():
        for asked in LANGUAGES:
            label = sample_engine.vocabulary[concept].label(asked).split(" (")[0]
            listed = whole_result(sample_engine, label, request.param)
            first = set(listed[: 2 * sum(map(len, by_language.values()))])
            for written, wanted in by_language.items():
                counts = sums[asked, written]
                counts[0] += len(wanted & set(listed))
                counts[1] += len(wanted & first)
                counts[2] += len(wanted)
    whole = {pair: n / of for pair, (n, _, of) in sums.items()}
    early = {pair: n / of for pair, (_, n, of) in sums.items()}
    return request.param, whole, early


def whole_result(engine, text, mode):
    found, cursor = [], None
    while True:
        page = engine.search(SearchRequest(text, mode=mode, edition="alle", k=100, facets=(), cursor=cursor))
        found += [h.resource.id for h in page.hits]
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_there_is_something_to_reach_in_every_written_form(themed):
    assert len(themed) > 100
    for language in LANGUAGES:
        assert sum(len(by[language]) for by in themed.values()) > 80


def test_every_resource_of_a_theme_is_found_by_its_name_in_any_written_form(reached):
    _, whole, _ = reached
    assert set(whole) >= {(a, b) for a in LANGUAGES for b in LANGUAGES}
    assert {pair: share for pair, share in whole.items() if share < 1} == {}


def test_most_of_them_are_among_the_first(reached):
    mode, _, early = reached
    worst = {asked: min(share for (a, _), share in early.items() if a == asked) for asked in LANGUAGES}
    low = {asked: share for asked, share in worst.items() if share < FLOORS[mode][asked]}
    assert low == {}, early
