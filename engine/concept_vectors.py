"""What does a concept mean, as a vector? Names and definition in the space of the texts.

The bundled vocabulary's vectors of the bundled model come with the program. Those of other vocabularies and models
are computed once, when an index is built, and kept with the vectors of passages.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files

import numpy as np

from engine.model import Vectors
from engine.passages import passage_hash
from engine.ports import VectorCache
from vocab.concept import Concept, ConceptId
from vocab.vocabulary import Vocabulary

LABELS = 25
"""Alternative labels of a concept that are read."""


@dataclass(frozen=True, eq=False)
class ConceptVectors:
    """Concepts with their vectors, each the mean of one or two unit vectors: shape ``(n, dim)``.

    `floor` is that of the model (`Embedder.floor`); -1, below all cosines, where it is not known.
    """

    ids: tuple[ConceptId, ...]
    rows: Vectors
    floor: float = -1.0

    @cached_property
    def row_of(self) -> Mapping[ConceptId, int]:
        """Row of each concept."""
        return {concept: row for row, concept in enumerate(self.ids)}

    def of(self, schemes: Collection[str]) -> "ConceptVectors":
        """Return those in some schemes."""
        kept = [row for row, concept in enumerate(self.ids) if concept.split("/", 1)[0] in schemes]
        return replace(self, ids=tuple(self.ids[row] for row in kept), rows=self.rows[kept])


def concept_texts(concept: Concept) -> tuple[str, ...]:
    """Return what stands for a concept: name with definition if it has one, and names.

    Examples
    --------
    >>> concept_texts(Concept(ConceptId("tema/fall"), {"nb": "fall", "en": "falls"}))
    ('fall. falls. ',)
    """
    name, english = concept.label("nb"), concept.pref_label.get("en", "")
    others = [label for lang in ("nb", "nn", "en") for label in concept.alt_label.get(lang, ())]
    others += [
        label
        for lang, labels in concept.alt_label.items()
        if lang not in {"nb", "nn", "en"}
        for label in labels
    ]
    names = f"{name}. {english}. {', '.join(others[:LABELS])}"
    definition = concept.definition.get("nb") or next(iter(concept.definition.values()), "")
    return (f"{name}\n{definition}", names) if definition else (names,)


def digest_of(concept: Concept) -> str:
    """Return a hash of what stands for a concept [16 hex digits]."""
    return sha256("\x00".join(concept_texts(concept)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@lru_cache(4)
def bundled_concepts(model_id: str, vocabulary: Vocabulary) -> ConceptVectors | None:
    """Return the vectors that come with the program; None for any but the bundled model.

    A concept whose names or definition are not those that the vector was made of is left out.
    """
    with files("engine.adapters").joinpath("data/concept_vectors.npz").open("rb") as file:
        found = np.load(file, allow_pickle=False)
        if str(found["model_id"]) != model_id:
            return None
        ids, digests, rows = found["ids"].tolist(), found["digests"].tolist(), found["rows"]
    kept = [
        row
        for row, (id_, digest) in enumerate(zip(ids, digests, strict=True))
        if (concept := vocabulary.get(id_)) is not None
        and not concept.deprecated
        and digest_of(concept) == digest
    ]
    return ConceptVectors(tuple(ConceptId(ids[row]) for row in kept), rows[kept].astype(np.float32))


def known_concepts(
    model_id: str, vocabulary: Vocabulary, schemes: Collection[str], cache: VectorCache
) -> ConceptVectors:
    """Return the concepts of some schemes whose vectors are at hand: bundled, or computed before."""
    bundled = bundled_concepts(model_id, vocabulary)
    ready = bundled.of(schemes) if bundled else None
    texts = _texts(_others(vocabulary, schemes, ready))
    known = cache.get(model_id, sorted({passage_hash(text) for own in texts.values() for text in own}))
    ids = list(ready.ids) if ready else []
    rows = list(ready.rows) if ready else []
    for concept, own in texts.items():
        found = [known[hash_] for text in own if (hash_ := passage_hash(text)) in known]
        if len(found) == len(own):
            ids.append(concept)
            rows.append(np.mean(found, axis=0, dtype=np.float32))
    return ConceptVectors(tuple(ids), np.stack(rows) if rows else np.empty((0, 0), np.float32))


def unknown_texts(model_id: str, vocabulary: Vocabulary, schemes: Collection[str]) -> list[str]:
    """Return what has to be in the cache before `known_concepts` has every concept of the schemes."""
    others = _others(vocabulary, schemes, bundled_concepts(model_id, vocabulary))
    return [text for own in _texts(others).values() for text in own]


def _others(
    vocabulary: Vocabulary, schemes: Collection[str], ready: ConceptVectors | None
) -> Iterable[Concept]:
    have = frozenset(ready.ids) if ready else frozenset()
    return (c for c in vocabulary if c.scheme in schemes and not c.deprecated and c.id not in have)


def _texts(concepts: Iterable[Concept]) -> dict[ConceptId, tuple[str, ...]]:
    return {concept.id: concept_texts(concept) for concept in concepts}
