"""How likely does an editor take one resource for related content of another? By what the two have in common.

A logistic model of six things that they may share. Its weights were fitted to 1,013 pairs of 84 resources of the
sample bank, graded by hand without any ranking; 60 other resources measure it (docs/evaluation.md, "Related content").
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.model import Resource
from vocab.concept import ConceptId
from vocab.vocabulary import Vocabulary

FROM_ABOVE = 0.3
"""What a broader concept counts beside the concept itself."""


@dataclass(frozen=True, slots=True)
class RelatedWeights:
    """Log-odds for each unit of what is shared, and `bias` with nothing shared.

    `no_vectors` stands for the cosine where one of the two has no vectors.
    """

    bias: float = -4.8
    cosine: float = 2.6
    words: float = 3.7
    concepts: float = 5.4
    requirement: float = 1.55
    audience: float = 1.75
    themes: float = 0.6
    no_vectors: float = 0.17


@dataclass(frozen=True, slots=True)
class Shared:
    """What two resources have in common, each part in [0, 1], and the cosine of their mean vectors or None.

    `words` is the BM25 score of one for the other's rarest words, over the other's own; `concepts` the cosine of their
    concepts, rare ones counting more; `requirement` tells that both teach one; `audience` and `themes` are the share of
    those of either that both have.
    """

    cosine: float | None
    words: float
    concepts: float
    requirement: bool
    audience: float
    themes: float


def likelihood(shared: Shared, weights: RelatedWeights | None = None) -> float:
    """Return the probability that an editor accepts the one as related content of the other.

    Examples
    --------
    >>> round(likelihood(Shared(0.2, 0.02, 0.0, False, 0.1, 0.0)), 2)
    0.02
    >>> round(likelihood(Shared(0.4, 0.1, 0.8, False, 0.5, 1.0)), 2)
    0.92
    """
    w = weights or RelatedWeights()
    odds = (
        w.bias
        + w.cosine * (w.no_vectors if shared.cosine is None else shared.cosine)
        + w.words * shared.words
        + w.concepts * shared.concepts
        + w.requirement * shared.requirement
        + w.audience * shared.audience
        + w.themes * shared.themes
    )
    return 1 / (1 + math.exp(-odds))


def shared_by(
    a: Resource,
    b: Resource,
    *,
    cosine: float | None,
    words: float,
    weigh: Mapping[ConceptId, float],
    vocabulary: Vocabulary,
) -> Shared:
    """Return what two resources have in common.

    Parameters
    ----------
    weigh
        How much a concept tells, the rarer the more (`rarity`); concepts that are not in it do not count.
    """
    return Shared(
        cosine,
        words,
        _cosine(_concepts(a, weigh, vocabulary), _concepts(b, weigh, vocabulary)),
        bool(set(a.teaches) & set(b.teaches)),
        _overlap(a.audience, b.audience),
        _overlap(a.themes, b.themes),
    )


def rarity(having: int, of: int) -> float:
    """Return how much something tells that `having` of `of` resources have.

    Examples
    --------
    >>> rarity(1, 100) > rarity(50, 100) > 0
    True
    """
    return math.log(1 + max(of, 1) / max(having, 1))


def _concepts(
    resource: Resource, weigh: Mapping[ConceptId, float], vocabulary: Vocabulary
) -> dict[str, float]:
    found: dict[str, float] = {}
    for tag in resource.about:
        if tag.decision == "rejected":
            continue
        weight = tag.score * weigh.get(tag.concept, 0.0)
        found[tag.concept] = found.get(tag.concept, 0.0) + weight
        for above in vocabulary.ancestors(tag.concept) if weight else ():
            found[above] = found.get(above, 0.0) + FROM_ABOVE * weight
    return found


def _cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    length = math.sqrt(sum(x * x for x in a.values()) * sum(x * x for x in b.values()))
    return sum(weight * b[key] for key, weight in a.items() if key in b) / length if length else 0.0


def _overlap(a: Sequence[str] | Iterable[str], b: Sequence[str] | Iterable[str]) -> float:
    ours, theirs = set(a), set(b)
    either = ours | theirs
    return len(ours & theirs) / len(either) if either else 0.0
