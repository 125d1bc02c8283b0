"""A few concepts of the bundled vocabulary, and vocabularies that differ from it."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from engine.bootstrap import load_settings, open_vocabulary_store
from engine.ports import VocabularyStore
from vocab.concept import Concept, ConceptId
from vocab.merging import with_top_concepts
from vocab.vocabulary import Vocabulary, open_vocabulary

SMALL = (
    "tema/fallforebygging",
    "tema/pasientsikkerhet",
    "tema/smittevern",
    "tilstand/demens",
    "tema/forverret-tilstand",
    "tema/legemidler",
    "tilstand/trykksar",
    "tilstand/sepsis",
    "prosedyre/handhygiene",
    "ressurstype/film",
    "ressurstype/e-laeringskurs",
)


@cache
def bundled() -> Vocabulary:
    return open_vocabulary()


@cache
def small_vocabulary(ids: tuple[str, ...] = SMALL) -> Vocabulary:
    """Return some bundled concepts with the relations among them."""
    whole = bundled()
    return vocabulary_of(_among(whole[i], ids) for i in ids if i in whole)


def vocabulary_of(concepts: Iterable[Concept]) -> Vocabulary:
    concepts = list(concepts)
    schemes = {c.scheme for c in concepts}
    return with_top_concepts(
        [replace(s, top_concepts=()) for s in bundled().schemes if s.id in schemes],
        concepts,
        foreign={},
        base_uri=bundled().base_uri,
    )


def changed(vocabulary: Vocabulary, *concepts: Concept, without: Iterable[str] = ()) -> Vocabulary:
    """Return a vocabulary with concepts added or replaced, and without some."""
    gone = set(without)
    kept = {c.id: c for c in vocabulary if c.id not in gone} | {c.id: c for c in concepts}
    return vocabulary_of(_among(c, set(kept)) for c in kept.values())


def store_of(data: Path, **settings: object) -> VocabularyStore:
    return open_vocabulary_store(load_settings(data=data, **settings))


def keep(data: Path, vocabulary: Vocabulary) -> None:
    """Take a vocabulary into use, whatever is wrong with it."""
    store_of(data).replace(vocabulary, force=True)


def _among(concept: Concept, ids: Iterable[str]) -> Concept:
    def left(others: Iterable[ConceptId]) -> tuple[ConceptId, ...]:
        return tuple(i for i in others if i in ids)

    return replace(
        concept,
        broader=left(concept.broader),
        narrower=left(concept.narrower),
        related=left(concept.related),
        mappings=(),
    )
