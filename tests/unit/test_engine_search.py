"""Search over one index: the defined result set, exact counts, pages, reasons; no text is an error."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.hashing_embedder import HashingEmbedder
from engine.adapters.memory_search_index import MemorySearchIndex
from engine.entry import make_entry
from engine.errors import BackendUnavailable, InvalidRequest
from engine.model import Resource, SearchRequest, Tag
from engine.passages import passage_texts, split_passages
from engine.repair import Lexicon
from engine.search import Searcher
from vocab.concept import ConceptId
from vocab.matcher import LabelMatcher
from vocab.vocabulary import open_vocabulary

VOCABULARY = open_vocabulary()
MATCHER = LabelMatcher(VOCABULARY)
TODAY = date(2026, 11, 21)


def resource(number, title, body="", **fields):
    return Resource(f"r{number:02}", title, body=body, **fields)


BANK = [
    resource(1, "Fallforebygging på sykehjem", "Gå gjennom rommet sammen med beboeren.", resource_type="film", duration=9,
             themes=("fallforebygging",), updated=date(2026, 1, 1), language="nb", arena=("sykehjem",)),
    resource(2, "Forebygging av fall hos eldre", "Styrke og balanse trenes.", resource_type="e-laeringskurs", duration=30,
             themes=("fallforebygging", "rehabilitering"), updated=date(2025, 1, 1)),
    resource(3, "Håndhygiene for sykepleierne", "Vask hendene før og etter.", resource_type="film", duration=5,
             themes=("smittevern",), updated=date(2024, 1, 1), review_due=date(2026, 1, 1)),
    resource(4, "Sjukepleiaren og munnstell", "Puss tennene to gonger.", language="nn", resource_type="fagartikkel",
             themes=("munnhelse",), updated=date(2023, 5, 5)),
    resource(5, "Lokal rutine for fall", "Ring vakta.", edition="ahus", resource_type="fagprosedyre", updated=date(2026, 6, 1)),
    resource(6, "<script>alert(1)</script> & fall", "Om fall <b>og</b> merking.", updated=date(2022, 2, 2)),
]  # fmt: skip


def searcher(bank=BANK, embedder=None, **fields):
    index = MemorySearchIndex()
    model = HashingEmbedder()
    entries = []
    for r in bank:
        passages = split_passages(r.body)
        entries.append(
            make_entry(r, VOCABULARY, passages, model.encode(passage_texts(r, passages), "passage"))
        )
    index.add(entries)
    index.commit()
    return Searcher(
        index=index,
        embedder=model if embedder is None else embedder or None,
        vocabulary=VOCABULARY,
        matcher=MATCHER,
        lexicon=Lexicon(index.lexicon()),
        build="b1",
        today=TODAY,
        size=len(bank),
        **fields,
    )


LEXICAL = searcher(embedder=False)
HYBRID = searcher()


def ids(result):
    return [h.resource.id for h in result.hits]


def counts(result, name):
    return {v.value: v.count for f in result.facets if f.name == name for v in f.values}


def test_inflected_compound_and_nynorsk_forms_meet():
    assert {"r01", "r02"} <= set(ids(LEXICAL.search(SearchRequest("fallforebygging"))))
    assert set(ids(LEXICAL.search(SearchRequest("sykepleier")))) >= {"r03", "r04"}


def test_gibberish_gets_nothing():
    result = LEXICAL.search(SearchRequest("xqzvw plorft"))
    assert (result.total, result.hits) == (0, ())


@pytest.mark.parametrize(
    "text", ["((", "*", '"', "AND OR", "HPR: 123", "internal_note:hemmelig", "a^", "\x00", "[a TO", "ﷺ" * 50]
)
def test_no_text_is_an_error_or_syntax(text):
    assert HYBRID.search(SearchRequest(text)).total <= len(BANK) - 1
    assert LEXICAL.search(SearchRequest("((")).total == 0


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_answered(text):
    HYBRID.search(SearchRequest(text))


def test_an_empty_text_gives_everything_in_scope():
    assert HYBRID.search(SearchRequest("")).total == 5
    assert HYBRID.search(SearchRequest("", edition="ahus")).total == 6


def test_local_content_shows_only_in_its_edition():
    assert "r05" not in ids(LEXICAL.search(SearchRequest("fall")))
    assert "r05" in ids(LEXICAL.search(SearchRequest("fall", edition="ahus")))
    assert "r05" not in ids(LEXICAL.search(SearchRequest("fall", edition="vestfold")))
    assert "r05" in ids(LEXICAL.search(SearchRequest("fall", edition="alle")))


def test_selecting_a_value_leaves_its_own_facet_alone_and_narrows_the_others():
    before = LEXICAL.search(SearchRequest(""))
    after = LEXICAL.search(SearchRequest("", filters={"resource_type": ("film",)}))
    assert counts(after, "resource_type") == counts(before, "resource_type")
    assert after.total == counts(before, "resource_type")["film"] == 2
    assert counts(after, "theme")["smittevern"] == 1


def test_values_of_one_facet_are_alternatives_and_facets_narrow_each_other():
    two = LEXICAL.search(SearchRequest("", filters={"resource_type": ("film", "fagartikkel")}))
    assert set(ids(two)) == {"r01", "r03", "r04"}
    assert ids(
        LEXICAL.search(SearchRequest("", filters={"resource_type": ("film",), "theme": ("smittevern",)}))
    ) == ["r03"]


def test_total_and_facets_do_not_change_with_page_size_or_page():
    whole = HYBRID.search(SearchRequest("fall eldre", k=100))
    for k in (1, 2, 3):
        seen, cursor = [], None
        while True:
            page = HYBRID.search(SearchRequest("fall eldre", k=k, cursor=cursor))
            assert page.total == whole.total
            assert page.facets == whole.facets
            seen += ids(page)
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == ids(whole)


def test_sorting_by_date_holds_for_the_whole_result():
    for mode in ("lexical", "hybrid", "semantic"):
        hits = HYBRID.search(SearchRequest("fall", mode=mode, sort="updated", edition="ahus")).hits
        dates = [h.resource.updated for h in hits]
        assert dates == sorted(dates, reverse=True)


def test_filters_on_duration_and_dates():
    assert set(ids(LEXICAL.search(SearchRequest("", max_duration=9)))) == {"r01", "r03"}
    assert ids(LEXICAL.search(SearchRequest("", reviewed_since=date(2025, 6, 1)))) == ["r01"]


def test_a_passed_review_date_is_shown_and_demotes():
    twin = replace(BANK[2], id="r99", review_due=date(2028, 1, 1))
    result = searcher([*BANK, twin], embedder=False).search(SearchRequest("håndhygiene"))
    assert ids(result)[:2] == ["r99", "r03"]
    assert [h.review_expired for h in result.hits][:2] == [False, True]


def test_the_parts_of_an_explanation_add_up_to_the_score():
    for hit in HYBRID.search(SearchRequest("fall hos eldre")).hits:
        assert hit.score == pytest.approx(sum(v for _, v in hit.explanation.parts))
    scores = [h.score for h in HYBRID.search(SearchRequest("fall hos eldre")).hits]
    assert scores == sorted(scores, reverse=True)


def test_highlights_mark_the_words_that_met():
    hit = LEXICAL.search(SearchRequest("fallforebygging")).hits[0]
    title = hit.highlights[0]
    assert next(title.text[a:b] for a, b in title.marks).lower().startswith("fall")
    assert "fall" in hit.reason.sentence.lower()


def test_every_hit_has_a_reason():
    for hit in HYBRID.search(SearchRequest("fall")).hits:
        assert hit.reason.words or hit.reason.similarity is not None
        assert hit.reason.sentence.startswith("Treff fordi")


def test_a_concept_is_recognised_and_named_in_the_reason():
    tagged = [replace(BANK[1], about=(Tag(ConceptId("tema/fallforebygging"), 1.0),))]
    result = searcher(tagged, embedder=False).search(SearchRequest("falls prevention", ui_language="en"))
    assert "tema/fallforebygging" in result.concepts
    assert ids(result) == ["r02"]
    assert result.hits[0].reason.concepts == ("tema/fallforebygging",)


def test_a_typo_is_repaired_and_told():
    result = LEXICAL.search(SearchRequest("håndhygine"))
    assert ids(result)[0] == "r03"
    assert result.did_you_mean == "håndhygiene"


def test_without_a_model_search_is_lexical_and_says_so():
    result = LEXICAL.search(SearchRequest("fall"))
    assert result.degraded == ("no_model",)
    assert result.hits


class Failing(HashingEmbedder):
    def encode(self, texts, kind):
        raise BackendUnavailable("no model today")


def test_a_failing_model_gives_a_lexical_answer_and_says_so():
    result = searcher(embedder=Failing()).search(SearchRequest("fall"))
    assert result.degraded == ("model_failed",)
    assert result.hits


def test_incomplete_vectors_are_told():
    assert "vectors_incomplete" in searcher(vectors_missing=3).search(SearchRequest("fall")).degraded


def test_a_withdrawn_resource_is_nowhere():
    gone = searcher(excluded=frozenset({"r01"}))
    result = gone.search(SearchRequest("fallforebygging", k=100))
    assert "r01" not in ids(result)
    assert counts(gone.search(SearchRequest("")), "arena") == {"none": 4}


@pytest.mark.parametrize(
    "request_",
    [SearchRequest("x", k=0), SearchRequest("x", k=101), SearchRequest("x", filters={"farge": ("rød",)}),
     SearchRequest("fall", cursor="tull"), SearchRequest("x", facets=("farge",)), SearchRequest("x", sort="title")],
)  # fmt: skip
def test_a_request_that_can_be_mended_is_refused(request_):
    with pytest.raises(InvalidRequest):
        HYBRID.search(request_)
