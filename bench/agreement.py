"""Did both engines say the same? A fast wrong answer must be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.questions import Answer
from engine.fusion import FusionWeights, fuse
from engine.model import Candidates, SearchResult

TOP = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """Two answers to one question."""

    results: int
    same_ids: bool
    common_ids: float
    same_counts: bool
    same_top: float
    degraded: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """Answers to all questions of one kind.

    `results` is the median number; `same_ids` the share of questions with the same result set (and total),
    `common_ids` how much of both sets is in both, `same_counts` the share with the same facet counts to the
    digit, `same_top` how many of the first ten are the same, `degraded` the share whose answer of the cluster
    says that something was left out.
    """

    results: int
    same_ids: float
    common_ids: float
    same_counts: float
    same_top: float
    degraded: float

    @classmethod
    def of(cls, pairs: Sequence[Compared]) -> "Agreement":
        return cls(
            int(np.median([pair.results for pair in pairs])),
            *(
                float(np.mean([getattr(pair, name) for pair in pairs]))
                for name in ("same_ids", "common_ids", "same_counts", "same_top", "degraded")
            ),
        )


@dataclass(frozen=True, slots=True)
class _Said:
    """What is compared of an answer."""

    ids: frozenset[str]
    total: int
    top: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]
    degraded: bool


def compared(baseline: Answer, other: Answer) -> Compared:
    """Compare two answers to the same question."""
    a, b = _said(baseline), _said(other)
    return Compared(
        results=a.total,
        same_ids=a.ids == b.ids and a.total == b.total,
        common_ids=_common(a.ids, b.ids),
        same_counts=a.counts == b.counts,
        same_top=_common(frozenset(a.top), frozenset(b.top)),
        degraded=b.degraded,
    )


def _said(answer: Answer) -> _Said:
    if isinstance(answer, Candidates):
        score = fuse(answer, share=FusionWeights().dense).score
        top = tuple(answer.ids[row] for row in np.argsort(-np.round(score, 9), kind="stable")[:TOP])
        counts = {
            name: {value: n for value, n in values.items() if n} for name, values in answer.facets.items()
        }
        return _Said(
            frozenset(answer.ids), len(answer.ids), top, counts, bool(getattr(answer, "degraded", ()))
        )
    if isinstance(answer, SearchResult):
        top = tuple(hit.resource.id for hit in answer.hits)
        counts = {facet.name: {v.value: v.count for v in facet.values} for facet in answer.facets}
        return _Said(frozenset(top), answer.total, top, counts, bool(answer.degraded))
    ids = tuple(id_ for id_, _ in answer)
    return _Said(frozenset(ids), len(ids), ids, {}, degraded=False)


def _common(a: frozenset[str], b: frozenset[str]) -> float:
    """Return how much of both is in both.

    Examples
    --------
    >>> _common(frozenset("abc"), frozenset("bcd")), _common(frozenset(), frozenset())
    (0.5, 1.0)
    """
    return len(a & b) / len(a | b) if a or b else 1.0
