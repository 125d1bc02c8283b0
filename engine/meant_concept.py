"""Which concept does a query mean that does not name it? *løfting av personer med heis* means the hoist.

The query's vector is compared with those of the concepts' names and definitions. Only one that is near, and nearer by
a margin than any concept that is not its kin, is taken: then resources about it match and score, as if its name had
been typed.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from engine.concept_vectors import ConceptVectors
from engine.entry import concept_term, narrower_term
from engine.model import Clause, Vectors
from engine.query import ParsedQuery, QueryWeights, RecognisedConcept
from vocab.concept import Concept, ConceptId
from vocab.vocabulary import Vocabulary

SCHEMES = frozenset({"tema", "tilstand", "prosedyre", "malgruppe"})
"""Schemes whose concepts a query may mean."""

NEAR, MARGIN = 0.25, 0.08
"""Mean cosine from which a concept is meant, and by how much it must be ahead; chosen on development queries."""


def meant_concept(
    concepts: ConceptVectors, vector: Vectors, vocabulary: Vocabulary, named: Collection[str]
) -> ConceptId | None:
    """Return the concept that a query means, or None.

    Parameters
    ----------
    concepts : ConceptVectors
        Those that may be meant.
    vector : float32 array of shape ``(dim,)``
        Unit vector of the query.
    vocabulary : Vocabulary
        Tells what is kin to what.
    named : collection of ConceptId
        Concepts whose names the query has: neither they nor their kin are meant beside.
    """
    if not concepts.ids:
        return None
    cosines = concepts.rows @ vector
    order = np.argsort(-cosines, kind="stable")
    first: ConceptId = concepts.ids[int(order[0])]
    kin = kin_of(vocabulary[first])
    other = next((float(cosines[row]) for row in order[1:] if concepts.ids[row] not in kin), -1.0)
    best = float(cosines[order[0]])
    if best < NEAR or best - other < MARGIN or first in named or not kin.isdisjoint(named):
        return None
    return first


def kin_of(concept: Concept) -> frozenset[str]:
    """Return the concepts directly above, below and beside one."""
    return frozenset({*concept.broader, *concept.narrower, *concept.related})


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
