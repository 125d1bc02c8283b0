"""Which concept does a query mean that does not name it? *løfting av personer med heis* means the hoist.

The query's vector is compared with those of the concepts' names and definitions. Only one that is near, and nearer by
a margin than any concept that is not its kin, is taken: then resources about it match and score, as if its name had
been typed.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

import numpy as np

from engine.entry import concept_term, narrower_term
from engine.model import Clause, Vectors
from engine.query import ParsedQuery, QueryWeights, RecognisedConcept
from vocab.concept import Concept, ConceptId
from vocab.vocabulary import Vocabulary

SCHEMES = frozenset({"tema", "tilstand", "prosedyre", "malgruppe"})
"""Schemes whose concepts a query may mean."""

LABELS = 25
"""Alternative labels of a concept that are read."""

NEAR, MARGIN = 0.25, 0.08
"""Mean cosine from which a concept is meant, and by how much it must be ahead; chosen on development queries."""


@dataclass(frozen=True, slots=True)
class ConceptVectors:
    """Concepts with their vectors, each the mean of two unit vectors: shape ``(n, dim)``."""

    ids: tuple[ConceptId, ...]
    rows: Vectors

    def meant(self, vector: Vectors, vocabulary: Vocabulary, named: Collection[str]) -> ConceptId | None:
        """Return the concept that a query means, or None.

        Parameters
        ----------
        vector : float32 array of shape ``(dim,)``
            Unit vector of the query.
        vocabulary : Vocabulary
            Tells what is kin to what.
        named : collection of ConceptId
            Concepts whose names the query has: neither they nor their kin are meant beside.
        """
        if not self.ids:
            return None
        cosines = self.rows @ vector
        order = np.argsort(-cosines, kind="stable")
        first: ConceptId = self.ids[int(order[0])]
        kin = kin_of(vocabulary[first])
        other = next((float(cosines[row]) for row in order[1:] if self.ids[row] not in kin), -1.0)
        best = float(cosines[order[0]])
        if best < NEAR or best - other < MARGIN or first in named or not kin.isdisjoint(named):
            return None
        return first


def kin_of(concept: Concept) -> frozenset[str]:
    """Return the concepts directly above, below and beside one."""
    return frozenset({*concept.broader, *concept.narrower, *concept.related})


def concept_texts(concept: Concept) -> tuple[str, str]:
    """Return what stands for a concept: name with definition, and names."""
    name = concept.pref_label.get("nb", "")
    others = [label for lang in ("nb", "nn", "en") for label in concept.alt_label.get(lang, ())][:LABELS]
    return (
        f"{name}\n{concept.definition.get('nb', '')}",
        f"{name}. {concept.pref_label.get('en', '')}. {', '.join(others)}",
    )


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


def with_concept(
    parsed: ParsedQuery, concept: ConceptId, vocabulary: Vocabulary, weights: QueryWeights
) -> ParsedQuery:
    """Return the query as if a concept's name stood for all of its words."""
    if parsed.lexical is None:
        return parsed
    terms = {concept_term(concept): weights.concept, narrower_term(concept): weights.narrower}
    groups = parsed.lexical.groups
    lexical = replace(
        parsed.lexical,
        clauses=(
            *parsed.lexical.clauses,
            *(Clause("terms", term, weight * len(groups)) for term, weight in terms.items()),
        ),
        groups=tuple((*group, *((term,) for term in terms)) for group in groups),
    )
    name = RecognisedConcept(concept, vocabulary[concept].label("nb"), 0, 0)
    return replace(parsed, lexical=lexical, concepts=(*parsed.concepts, name))
