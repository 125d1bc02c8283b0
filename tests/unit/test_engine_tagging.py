"""Tags: topics only, with score and spans; editors' rulings win; boilerplate hardly counts."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from engine.concept_vectors import ConceptVectors
from engine.model import Decision, Resource
from engine.passages import split_passages
from engine.tagging import Tagger, TagWeights
from vocab.concept import ConceptId
from vocab.vocabulary import open_vocabulary

VOCABULARY = open_vocabulary()
TAGGER = Tagger(VOCABULARY)
TEXT = Resource(
    "r1",
    "Forebygging av trykksår hos eldre",
    "Om ernæring og leie.",
    "Sykepleieren vurderer huden. Trykksår kan forebygges. Delirium kan gi uro.\n\n"
    "Kontakt fagsykepleier om legemiddelhåndtering ved spørsmål.",
)


def concepts(resource, tagger=TAGGER, decisions=()):
    return {t.concept: t for t in tagger.tags(resource, decisions)}


def ruling(concept, verdict):
    return Decision("tag", "r1", concept, verdict, "redaksjon", datetime(2026, 1, 1, tzinfo=UTC))


def test_what_the_features_add_makes_the_score():
    for tag in TAGGER.tags(TEXT):
        assert tag.score == pytest.approx(
            1 / (1 + math.exp(-sum(added for _, added in tag.features))), abs=0.002
        )
        assert tag.label
        assert tag.label_lang in {"nb", "nn", "en"}


def test_a_text_is_about_what_it_means_too():
    text = Resource("r3", "Sytten tabletter til frokost", body="Hvilke midler kan trappes ned?")
    concepts = ConceptVectors(
        (ConceptId("tema/polyfarmasi"), *(c.id for c in VOCABULARY.in_scheme("tilstand")[:20])),
        np.array([[1, 0], *[[0, 1]] * 20], dtype=np.float32),
    )
    tagger = Tagger(VOCABULARY, concept_vectors=lambda: concepts)
    passages = split_passages(text.body)
    vectors = np.array([[1, 0]], dtype=np.float32)
    found = {t.concept: t for t in tagger.tags(text, passages=passages, vectors=vectors, threshold=0.0)}
    meant = found["tema/polyfarmasi"]
    assert meant.label == ""
    assert dict(meant.features)["meaning"] > 0
    assert [text.body[s.start : s.end] for s in meant.spans] == [text.body]
    assert TagWeights().first < meant.score
    assert [t.concept for t in tagger.tags(text, passages=passages, vectors=vectors)] == ["tema/polyfarmasi"]
    assert TAGGER.tags(text) == ()  # by words alone the best one must be as sure as others


def at_cosine(cosine, floor):
    """Return a tagger for which one concept stands out, at this cosine from the text's vector."""
    rest = [[0.0, 1.0, 0.0]] * 20
    near = [cosine, 0.0, math.sqrt(1 - cosine**2)]
    ids = (ConceptId("tema/polyfarmasi"), *(c.id for c in VOCABULARY.in_scheme("tilstand")[:20]))
    concepts = ConceptVectors(ids, np.array([near, *rest], dtype=np.float32), floor=floor)
    return Tagger(VOCABULARY, concept_vectors=lambda: concepts)


def is_tagged(title, tagger, body="Hvilke midler kan pasienten trappe ned og slutte med?", **how):
    text = Resource("r3", title, body=body)
    vectors = np.array([[1, 0, 0]], dtype=np.float32)
    found = tagger.tags(text, passages=split_passages(text.body), vectors=vectors, **how)
    return "tema/polyfarmasi" in {t.concept for t in found}


def test_a_meaning_that_stands_out_but_is_far_makes_no_tag():
    assert is_tagged("Sytten tabletter", at_cosine(0.49, floor=0.5))
    assert not is_tagged("Sytten tabletter", at_cosine(0.48, floor=0.5))
    assert is_tagged("Sytten tabletter", at_cosine(0.48, floor=0.3))
    assert is_tagged("Sytten tabletter", at_cosine(0.01, floor=-1.0))  # of a model whose floor is not known


def test_a_title_alone_has_to_be_nearer():
    assert not is_tagged("Sytten tabletter", at_cosine(0.52, floor=0.5), body="")
    assert is_tagged("Sytten tabletter", at_cosine(0.54, floor=0.5), body="")
    assert is_tagged("Sytten tabletter", at_cosine(0.52, floor=0.5))


def test_a_far_meaning_is_ranked_where_all_are():
    far = at_cosine(0.48, floor=0.5)
    assert is_tagged("Sytten tabletter", far, threshold=0.0)
    assert not is_tagged("Sytten tabletter", far, threshold=0.01)


def test_a_far_meaning_counts_where_words_speak_too():
    assert is_tagged("Polyfarmasi", at_cosine(0.01, floor=0.5))


def test_only_included_concepts_and_schemes_are_proposed():
    everything = set(concepts(TEXT))
    one = min(everything)
    assert set(concepts(TEXT)) > {t.concept for t in TAGGER.tags(TEXT, include=[one])} == {one}
    only = {t.concept for t in TAGGER.tags(TEXT, include=["tilstand"], threshold=0.02)}
    assert only
    assert all(concept.startswith("tilstand/") for concept in only)


def test_every_tag_has_a_score_and_the_spans_that_made_it():
    for tag in TAGGER.tags(TEXT):
        assert 0 < tag.score < 1
        assert tag.origin == "automatic"
        assert tag.spans
        for span in tag.spans:
            assert getattr(TEXT, span.field)[span.start : span.end].strip()


def test_the_title_weighs_more_than_the_body():
    found = concepts(TEXT)
    pressure = max(t.score for c, t in found.items() if "trykks" in c)
    assert pressure > found["tilstand/delirium"].score if "tilstand/delirium" in found else pressure > 0.6


def test_roles_named_in_a_text_are_no_topics():
    assert not [c for c in concepts(TEXT) if c.split("/")[0] not in {"tema", "tilstand", "prosedyre"}]


def test_boilerplate_does_not_make_a_tag():
    assert not [c for c in concepts(TEXT) if "legemiddelhandtering" in c]


def test_an_editors_theme_is_a_tag_of_score_1():
    themed = Resource("r1", "Noe", themes=("fallforebygging",))
    assert concepts(themed)["tema/fallforebygging"].score == 1.0
    assert concepts(themed)["tema/fallforebygging"].origin == "editor"


def test_a_rejected_concept_stays_away_and_an_accepted_one_stays():
    first = next(iter(concepts(TEXT)))
    found = concepts(TEXT, decisions=[ruling(first, "rejected"), ruling("tema/etikk", "accepted")])
    assert first not in found
    assert found["tema/etikk"].decision == "accepted"


def test_threshold_and_limit_are_obeyed():
    assert len(Tagger(VOCABULARY, weights=TagWeights(limit=1)).tags(TEXT)) == 1
    strict = Tagger(VOCABULARY, weights=TagWeights(threshold=0.6)).tags(TEXT)
    assert all(t.score >= 0.6 for t in strict)
    assert len(strict) < len(TAGGER.tags(TEXT))


def test_excluded_concepts_and_schemes_are_never_proposed():
    everything = set(concepts(TEXT))
    one = min(everything)
    scheme = one.split("/")[0]
    assert one not in concepts(TEXT, Tagger(VOCABULARY, exclude=[one]))
    assert one not in {t.concept for t in TAGGER.tags(TEXT, exclude=[one])}
    assert not [t for t in TAGGER.tags(TEXT, exclude=[scheme]) if t.concept.startswith(f"{scheme}/")]
    assert {t.concept for t in TAGGER.tags(TEXT)} == everything


def test_a_higher_threshold_of_the_caller_gives_fewer():
    assert {t.concept for t in TAGGER.tags(TEXT, threshold=0.6)} < {
        t.concept for t in TAGGER.tags(TEXT, threshold=0.1)
    }
    assert len(TAGGER.tags(TEXT, threshold=0.0, limit=2)) == 2


def test_bokmaal_nynorsk_and_english_meet_in_one_concept():
    shared = [
        set(concepts(Resource("x", title)))
        for title in (
            "Forebygging av fall: fallforebygging",
            "Fallførebygging i heimen",
            "Falls prevention at home",
        )
    ]
    assert "tema/fallforebygging" in set.intersection(*shared)


def test_a_text_without_words_has_no_tags():
    assert TAGGER.tags(Resource("r0", "")) == ()
