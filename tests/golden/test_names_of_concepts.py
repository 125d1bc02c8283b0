"""One thing under several names on the sample bank: old and new terms, lay words, written forms, abbreviations."""

import pytest

from engine.model import SearchRequest


def found(engine, text, k=100):
    request = SearchRequest(text, mode="lexical", edition="alle", k=k, facets=())
    return [h.resource.id for h in engine.search(request).hits]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("helsesøster", "helsesykepleier"),
        ("samtykkekompetanse", "beslutningskompetanse"),
        ("sukkersyke", "diabetes"),
        ("sjukeheim", "sykehjem"),
        ("heimetenesta", "hjemmetjenesten"),
        ("teieplikt", "taushetsplikt"),
    ],
)
def test_each_name_finds_most_of_what_the_other_finds(sample_engine, one, other):
    first, second = found(sample_engine, one), found(sample_engine, other)
    assert len(first) >= 5
    common = set(first) & set(second)
    assert len(common) >= 0.8 * min(len(first), len(second))
    assert set(first[:3]) <= set(second)
    assert set(second[:3]) <= set(first)


@pytest.mark.parametrize(("one", "other"), [("KAD", "kad"), ("ALS", "als"), ("HLR", "hlr")])
def test_an_abbreviation_may_be_typed_in_small_letters(sample_engine, one, other):
    assert set(found(sample_engine, one)) == set(found(sample_engine, other)) != set()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("KAD stell urin", "kateter", "døgnenhet"),
        ("KAD kommunal akutt døgnenhet", "døgnenhet", "kateter"),
        ("ALS hjertestans stansteam", "hjerte", "amyotrofisk"),
        ("ALS amyotrofisk sykdom", "amyotrofisk", "stansteam"),
    ],
)
def test_the_words_beside_it_tell_what_an_abbreviation_means(sample_engine, text, first, last):
    hits = sample_engine.search(SearchRequest(text, edition="alle", k=1, facets=())).hits
    shown = f"{hits[0].resource.title} {hits[0].resource.summary} {hits[0].resource.body}".lower()
    assert first in shown
    assert last not in shown


@pytest.mark.parametrize("text", ["sitte fast", "fast vakt", "mi mor"])
def test_ordinary_words_are_not_taken_for_abbreviations(sample_engine, text):
    concepts = sample_engine.search(SearchRequest(text, edition="alle", facets=())).concepts
    assert not {"prosedyre/nihss", "prosedyre/motiverende-intervju", "tema/levevaner"} & set(concepts)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("diabettes", "diabetes"),
        ("demmens", "demens"),
        ("håndhygene", "håndhygiene"),
        ("trykksåår", "trykksår"),
        ("sykepleir", "sykepleier"),
    ],
)
def test_a_typo_is_asked_about_and_finds_what_was_meant(sample_engine, typed, meant):
    result = sample_engine.search(SearchRequest(typed, edition="alle", k=5, facets=()))
    right = sample_engine.search(SearchRequest(meant, edition="alle", k=5, facets=()))
    assert result.did_you_mean == meant
    assert [h.resource.id for h in result.hits] == [h.resource.id for h in right.hits]


def test_wishes_on_the_sample_bank(sample_engine):
    request = SearchRequest("prosedyre urinkateter", edition="alle", k=3, facets=())
    hits = sample_engine.search(request).hits
    assert {h.resource.resource_type for h in hits} == {"fagprosedyre"}
    films = sample_engine.search(SearchRequest("film", edition="alle", k=20, facets=())).hits
    assert {h.resource.resource_type for h in films} == {"film"}
