"""Operators hold in every mode, wishes rank and never filter, and repairs leave alone what was meant."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.hashing_embedder import HashingEmbedder
from engine.adapters.memory_search_index import MemorySearchIndex
from engine.entry import make_entry
from engine.model import Resource, SearchRequest, Tag
from engine.passages import passage_texts, split_passages
from engine.query import parse
from engine.repair import Lexicon
from engine.search import Searcher
from vocab.concept import ConceptId
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary, open_vocabulary

VOCABULARY = open_vocabulary()
MATCHER = LabelMatcher(VOCABULARY)
TEXT = "Gå gjennom rommet for å se etter det som kan gjøres tryggere for pasienten. "
BANK = [
    Resource("film", "Fall hos eldre: film", "Tema demens.", TEXT + "Demens gir uro.", resource_type="film", duration=9,
             audience=("helsefagarbeider",), level="grunnleggende", themes=("fallforebygging",)),
    Resource("kurs", "Eldre og fall", "Kurs om fall hos de eldre.", TEXT + "Demens kan gi fall.",
             resource_type="e-laeringskurs", duration=45, audience=("sykepleier",), level="videregaende"),
    Resource("artikkel", "Delir", "Om fall", "hos eldre. " + TEXT, resource_type="fagartikkel", audience=("lege",)),
    Resource("rutine", "Rutine for demens", "Demens, demens og demens.", TEXT + "Demens.", edition="ahus",
             resource_type="fagprosedyre", audience=("sykepleier",)),
    Resource("ahus", "Rutine for fall", "Lokalt.", TEXT, edition="ahus", resource_type="fagprosedyre"),
    Resource("felles", "Rutine for fall", "Lokalt.", TEXT, resource_type="fagprosedyre"),
    Resource("diabetes", "Sår ved diabetes", "Sukker og sår.", TEXT, resource_type="webinar",
             about=(Tag(ConceptId("tilstand/diabetes"), 1.0),)),
]  # fmt: skip


def searcher(bank=BANK, vocabulary=VOCABULARY, matcher=MATCHER):
    index, model = MemorySearchIndex(), HashingEmbedder()
    entries = []
    for r in bank:
        passages = split_passages(r.body)
        vectors = model.encode(passage_texts(r, passages), "passage")
        entries.append(make_entry(r, vocabulary, passages, vectors))
    index.add(entries)
    index.commit()
    return Searcher(
        index=index,
        embedder=model,
        vocabulary=vocabulary,
        matcher=matcher,
        lexicon=Lexicon(index.lexicon()),
        build="b1",
        today=date(2026, 11, 21),
        size=len(bank),
    )


SEARCHER = searcher()


def ask(text, mode="lexical", **fields):
    return SEARCHER.search(SearchRequest(text, mode=mode, edition="alle", k=50, **fields))


def ids(text, mode="lexical", **fields):
    return {h.resource.id for h in ask(text, mode, **fields).hits}


def parsed(text):
    return parse(
        text,
        vocabulary=VOCABULARY,
        matcher=MATCHER,
        lexicon=SEARCHER.lexicon,
        frequencies=lambda terms: SEARCHER.index.document_frequency("terms", terms),
        size=len(BANK),
    )


def written(resource, words):
    """Tell by plain reading whether a field has the words as written."""
    fields = (resource.title, resource.summary, resource.body)
    return any(
        f" {words} " in " " + " ".join(f.lower().replace(":", "").replace(".", "").split()) + " "
        for f in fields
    )


# operators


@pytest.mark.parametrize("mode", ["lexical", "hybrid", "semantic"])
@pytest.mark.parametrize(
    "words", ["fall hos eldre", "hos eldre", "eldre og fall", "de eldre", "demens og demens"]
)
def test_a_phrase_is_met_as_written_and_within_one_field_in_every_mode(mode, words):
    found = ids(f'"{words}"', mode)
    having = {r.id for r in BANK if written(r, words)}
    assert found <= having
    if mode != "semantic":
        assert found == having


def test_a_phrase_does_not_run_from_summary_into_body():
    assert "artikkel" not in ids('"fall hos eldre"')
    assert "artikkel" in ids("fall hos eldre")


def test_one_quoted_word_is_met_as_written_only():
    assert ids('"pasienten"') == {r.id for r in BANK}
    assert ids('"pasient"') == set()
    assert ids("pasient") == {r.id for r in BANK}


@pytest.mark.parametrize("mode", ["lexical", "hybrid", "semantic"])
def test_an_exclusion_holds_in_every_mode_for_hits_totals_and_counts(mode):
    result = ask("fall -demens", mode, facets=("edition",))
    found = {h.resource.id for h in result.hits}
    assert found or mode == "semantic"
    assert found.isdisjoint({"film", "kurs", "rutine"})
    assert result.total == len(found)
    assert sum(v.count for v in result.facets[0].values) == len(found)


def test_exclusions_alone_leave_everything_else():
    for mode in ("lexical", "hybrid", "semantic"):
        assert ids("-demens", mode) == {"artikkel", "ahus", "felles", "diabetes"}
        assert ids('-"fall hos eldre" -sår', mode) == {"kurs", "artikkel", "rutine", "ahus", "felles"}
    assert SEARCHER.search(SearchRequest("-demens")).total == 3


def test_an_excluded_word_is_meant_in_every_form():
    assert ids("fall -rutiner") == ids("fall -rutine") == ids("fall") - {"rutine", "ahus", "felles"}


def test_one_side_of_or_is_enough_and_one_is_needed():
    assert ids("delir OR diabetes") == {"artikkel", "diabetes"}
    assert ids("diabetes OR qwrtzp") == {"diabetes"}
    assert ids("rommet delir OR diabetes", "hybrid") == {"artikkel", "diabetes"}
    assert ids('delir OR "sår ved diabetes"') == {"artikkel", "diabetes"}
    assert ids("sukkersyke OR delir") == {"artikkel", "diabetes"}


def test_operators_go_together():
    assert ids('"fall hos" OR "eldre og fall" -film') == {"kurs"}
    assert ids('"fall hos" OR "eldre og fall"') == {"film", "kurs"}


@pytest.mark.parametrize(
    "text",
    ["((", "-", '"', '""', "AND OR", "HPR: 123", "*", '-"', "OR", "- -", '"((" OR', "\x00-", "e-læring"],
)
@pytest.mark.parametrize("mode", ["lexical", "hybrid"])
def test_no_text_is_an_error(text, mode):
    assert ask(text, mode).total <= len(BANK)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(['"', "-", "OR", "fall", "eldre", "(", "«", "»", "kort", "film", "for", "xqz"]), max_size=9),
       st.sampled_from(["", " "]))  # fmt: skip
def test_any_mixture_is_answered(words, between):
    result = ask(between.join(words), "hybrid")
    assert result.total == len(result.hits)


def test_hyphens_inside_words_exclude_nothing():
    assert not parsed("e-læring covid-19 lege-pasient").conditions


def test_the_vector_is_made_of_what_is_wanted():
    assert parsed('demens  "hos eldre" -film OR').text.split() == ["demens", "hos", "eldre", "OR"]
    assert parsed("demens hos eldre").text == "demens hos eldre"


def test_quoted_words_are_not_repaired():
    assert ask("diabettes").did_you_mean == "diabetes"
    quoted = ask('"diabettes"')
    assert (quoted.did_you_mean, quoted.total) == (None, 0)
    assert ask('fall "diabettes"').did_you_mean is None


def test_excluded_words_are_neither_repaired_nor_wished_for():
    found = parsed("fall -diabettes -film")
    assert found.did_you_mean is None
    assert found.wishes == ()


def marked(text, field="summary"):
    hit = next(h for h in ask(text).hits if h.resource.id == "kurs")
    shown = {h.field: [h.text[a:b] for a, b in h.marks] for h in hit.highlights}
    return shown.get(field, [])


def test_all_words_of_a_phrase_are_marked_where_they_stand_together():
    assert marked('"fall hos de eldre"') == ["fall", "hos", "de", "eldre"]
    assert marked("fall hos de eldre") == ["fall", "eldre"]
    assert marked('"hos de"') == ["hos", "de"]
    assert marked('"hos de"', "title") == []


# wishes


def test_a_wish_raises_what_meets_it_and_filters_nothing():
    plain, wished = ask("demens"), ask("film om demens")
    assert {h.resource.id for h in plain.hits} <= {h.resource.id for h in wished.hits}
    assert plain.hits[0].resource.id == "rutine"
    assert wished.hits[0].resource.id == "film"


def test_the_topic_decides_what_is_found():
    assert "diabetes" not in ids("film om demens")
    assert ids("kort film om diabetes") == {"diabetes"}


def test_what_was_understood_is_told_in_the_language_of_the_page():
    result = ask("kort film om demens for helsefagarbeidere på Ahus", ui_language="en")
    assert [(u.facet, u.value, u.label, u.text) for u in result.understood] == [
        ("duration", "0-15", "0–15 min", "kort"),
        ("resource_type", "film", "video", "film"),
        ("audience", "helsefagarbeider", "healthcare worker", "helsefagarbeidere"),
        ("edition", "ahus", "Ahus", "Ahus"),
    ]
    assert ask("demens").understood == ()


@pytest.mark.parametrize(
    ("plain", "wished", "first"),
    [
        ("fall", "fall for helsefagarbeidere", "film"),
        ("fall", "fall kurs for sykepleiere", "kurs"),
        ("rutine for fall", "rutine for fall ahus", "ahus"),
        ("demens", "kort video om demens", "film"),
        ("demens", "demens e-læring", "kurs"),
        ("demens", "grunnleggende film om demens", "film"),
    ],
)
def test_each_kind_of_wish_ranks(plain, wished, first):
    assert ask(wished).hits[0].resource.id == first
    assert len(ids(wished)) >= len(ids(plain))


def test_an_edition_is_raised_only_within_what_the_reader_sees():
    seen = SEARCHER.search(SearchRequest("rutine for fall ahus", mode="lexical"))
    assert "ahus" not in {h.resource.id for h in seen.hits}
    assert "felles" in {h.resource.id for h in seen.hits}


def test_wishes_alone_find_what_meets_them():
    assert ids("film") == {"film"}
    assert ids("webinar") == {"diabetes"}
    assert {"kurs", "rutine"} <= ids("e-læring for sykepleiere")


def test_a_quoted_word_is_no_wish():
    assert parsed('demens "film"').wishes == ()


def test_what_no_resource_meets_is_no_wish_but_a_word_like_any_other():
    assert parsed("podkast om demens på Oslo for jordmødre").wishes == ()
    assert ids("podkast") == set()
    bank = [*BANK, Resource("oslo", "Podkast i Oslo", body=TEXT)]
    hits = searcher(bank).search(SearchRequest("podkast i oslo", mode="lexical")).hits
    assert [h.resource.id for h in hits] == ["oslo"]


# repairs and the vocabulary


def test_a_typo_in_a_word_of_the_vocabulary_that_no_resource_has_is_repaired():
    assert not any("sukkersyke" in r.title + r.body for r in BANK)
    result = ask("sukersyke")
    assert result.did_you_mean == "sukkersyke"
    assert {h.resource.id for h in result.hits} == {"diabetes"}


def test_ordinary_words_that_no_resource_has_are_not_asked_about():
    result = ask("rutina for fall")
    assert result.did_you_mean is None
    assert ask("trygg sykkel").did_you_mean is None


def test_a_word_that_resources_have_is_never_repaired():
    typo = replace(BANK[0], id="typo", title="Diabettes")
    result = searcher([*BANK, typo]).search(SearchRequest("diabettes", mode="lexical"))
    assert result.did_you_mean is None
    assert [h.resource.id for h in result.hits] == ["typo"]


def test_a_compound_of_words_that_the_index_does_not_have_may_be_a_typo():
    bank = [*BANK, Resource("kateter", "Urinkateter", body=TEXT), Resource("munn", "Munnstell", body=TEXT)]
    for typed, meant in (("urinkatter", "urinkateter"), ("munnstel", "munnstell")):
        result = searcher(bank).search(SearchRequest(typed, mode="lexical"))
        assert result.did_you_mean == meant
        assert len(result.hits) == 1


def test_a_repaired_query_finds_what_the_right_one_finds():
    right, typed = ask("diabetes", "hybrid"), ask("diabettes", "hybrid")
    assert [h.resource.id for h in right.hits] == [h.resource.id for h in typed.hits]


def test_a_label_that_is_added_works_without_a_new_index():
    before = SEARCHER.search(SearchRequest("sukkerplage", mode="lexical"))
    assert before.total == 0
    concepts = [
        replace(c, alt_label={**c.alt_label, "nb": (*c.alt_label.get("nb", ()), "sukkerplage")})
        if c.id == "tilstand/diabetes"
        else c
        for c in VOCABULARY
    ]
    changed = Vocabulary(VOCABULARY.schemes, concepts)
    after = replace(SEARCHER, vocabulary=changed, matcher=LabelMatcher(changed)).search(
        SearchRequest("sukkerplage", mode="lexical")
    )
    assert [h.resource.id for h in after.hits] == ["diabetes"]


def test_ordinary_words_are_no_abbreviations():
    named = [{c.concept for c in parsed(text).concepts} for text in ("sitte fast", "FAST", "the mi map")]
    assert named == [set(), {"prosedyre/nihss"}, set()]
    assert {c.concept for c in parsed("kad").concepts} == {"arena/kad", "prosedyre/kateterisering"}
