"""Which concept does a query mean that does not name it? The rule by hand, what it adds, and the bundled vectors."""

from importlib.resources import files

import numpy as np

from engine.concept_vectors import ConceptVectors, bundled_concepts, digest_of
from engine.entry import concept_term, narrower_term
from engine.meant_concept import MARGIN, NEAR, SCHEMES, kin_of, meant_concept, with_concept
from engine.query import QueryWeights, parse
from engine.repair import Lexicon
from vocab.matcher import LabelMatcher
from vocab.vocabulary import open_vocabulary

VOCABULARY = open_vocabulary()
HOIST, DEMENTIA = "prosedyre/personlofter", "tilstand/demens"
KIN = min(kin_of(VOCABULARY[HOIST]))
Q = np.array([1, 0], dtype=np.float32)
LITTLE = 1e-3


def vectors(**cosines):
    """Return concepts whose rows have these cosines to `Q`."""
    ids = {"hoist": HOIST, "kin": KIN, "dementia": DEMENTIA}
    rows = [[cosine, np.sqrt(1 - cosine**2)] for cosine in cosines.values()]
    return ConceptVectors(tuple(ids[name] for name in cosines), np.array(rows, dtype=np.float32))


def meant(named=(), **cosines):
    return meant_concept(vectors(**cosines), Q, VOCABULARY, set(named))


def test_the_nearest_is_meant_from_a_cosine_on():
    assert meant(hoist=NEAR + LITTLE) == HOIST
    assert meant(hoist=NEAR - LITTLE) is None
    assert meant_concept(ConceptVectors((), np.empty((0, 2), dtype=np.float32)), Q, VOCABULARY, set()) is None


def test_it_must_be_ahead_of_all_but_its_kin():
    assert meant(hoist=0.5, dementia=0.5 - MARGIN - LITTLE) == HOIST
    assert meant(hoist=0.5, dementia=0.5 - MARGIN + LITTLE) is None
    assert meant(hoist=0.5, kin=0.49, dementia=0.1) == HOIST


def test_what_is_named_or_kin_to_it_is_not_meant_too():
    assert meant(hoist=0.5, named=[HOIST]) is None
    assert meant(hoist=0.5, named=[KIN]) is None
    assert meant(hoist=0.5, named=[DEMENTIA]) == HOIST


def test_the_concept_scores_and_stands_for_every_word():
    weights = QueryWeights()
    parsed = parse(
        "løfte noen opp",
        vocabulary=VOCABULARY,
        matcher=LabelMatcher(VOCABULARY),
        lexicon=Lexicon({}),
        frequencies=lambda terms: [1] * len(terms),
        size=10,
        weights=weights,
    )
    wider = with_concept(parsed, HOIST, VOCABULARY, weights)
    added = {(c.term, c.weight) for c in wider.lexical.clauses} - {
        (c.term, c.weight) for c in parsed.lexical.clauses
    }
    n = len(parsed.lexical.groups)
    assert added == {(concept_term(HOIST), weights.concept * n), (narrower_term(HOIST), weights.narrower * n)}
    for before, after in zip(parsed.lexical.groups, wider.lexical.groups, strict=True):
        assert set(after) - set(before) == {(concept_term(HOIST),), (narrower_term(HOIST),)}
    assert wider.lexical.minimum == parsed.lexical.minimum
    assert [c.concept for c in wider.concepts] == [*(c.concept for c in parsed.concepts), HOIST]
    assert wider.anchor == parsed.anchor


def test_the_bundled_vectors_are_those_of_the_bundled_vocabulary():
    """When this fails, run ``scripts/build_concept_vectors.py``."""
    with (
        files("engine.adapters").joinpath("data/concept_vectors.npz").open("rb") as file,
        np.load(file) as found,
    ):
        digests = dict(zip(found["ids"].tolist(), found["digests"].tolist(), strict=True))
    assert digests == {c.id: digest_of(c) for c in VOCABULARY if c.scheme in SCHEMES and not c.deprecated}


def test_other_models_have_none():
    assert bundled_concepts("another-model", VOCABULARY) is None
