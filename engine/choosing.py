"""Which of the scored resources make the list, and in which order? Sets, spread lists and paths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.model import Resource
from graph.cover import Candidate, choose
from graph.model import Requirement
from graph.order import LearningItem, level_rank, order_items
from graph.plans import Obligation

NECESSITY = {"obligatorisk": 1.0, "betinget": 0.6, "anbefalt": 0.4}
DEFAULT_MINUTES = 15
"""Duration assumed of a resource that states none, an article or a tool [minutes]."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A resource that serves something open, and how good it is for the one who asks."""

    resource: Resource
    serves: Mapping[str, float]  # requirement -> strength of the link, in (0, 1]
    stated: frozenset[str]  # of those, the ones that an editor or a source has stated
    setbacks: int  # 0: current, in the reader's language, for this role and place
    score: float
    parts: tuple[tuple[str, float], ...]


def diverse(scored: Sequence[Scored], k: int, diversity: float) -> list[Scored]:
    """Pick `k` by maximal marginal relevance: a requirement already served counts less.

    References
    ----------
    .. [1] J. Carbonell, J. Goldstein, "The use of MMR, diversity-based reranking for reordering
       documents and producing summaries", SIGIR 1998. https://doi.org/10.1145/290941.291025
    """
    left = list(scored)
    taken: list[Scored] = []
    served: dict[str, int] = {}
    while left and len(taken) < k:
        best = max(
            range(len(left)),
            key=lambda i: (
                left[i].score - diversity * min((served.get(q, 0) for q in left[i].serves), default=0)
            ),
        )
        pick = left.pop(best)
        taken.append(pick)
        for q in pick.serves:
            served[q] = served.get(q, 0) + 1
    return taken


def within(minutes: int, scored: Sequence[Scored], open_: Mapping[str, Obligation]) -> list[Scored]:
    """Return the set that covers most; what is surely meant for it comes before what might serve.

    A requirement is covered by the resources with least against them: a stated link before a
    proposed one, then current, for this role and place, and in a language that is read.
    """
    by_id = {s.resource.id: s for s in scored}

    def against(s: Scored, q: str) -> int:
        return s.setbacks + (0 if q in s.stated else 10)

    least: dict[str, int] = {}
    for s in scored:
        for q in s.serves:
            least[q] = min(least.get(q, 99), against(s, q))
    selection = choose(
        [
            Candidate(s.resource.id, duration_of(s.resource)[0], frozenset(covers), s.score)
            for s in scored
            if duration_of(s.resource)[0] <= minutes
            and (covers := {q for q in s.serves if against(s, q) == least[q]})
        ],
        {q: NECESSITY[o.necessity] for q, o in open_.items()},
        minutes,
    )
    return [by_id[c] for c in selection.chosen]


def in_order(
    chosen: Sequence[Scored], open_: Mapping[str, Obligation], requirements: Mapping[str, Requirement]
) -> list[Scored]:
    """Order by prerequisites first; within them mandatory before optional, basic before advanced, then score."""
    ranked = sorted(
        chosen,
        key=lambda s: (
            -max(NECESSITY[open_[q].necessity] for q in s.serves),
            level_rank(s.resource.level),
            -s.score,
            s.resource.id,
        ),
    )
    items = [
        LearningItem(s.resource.id, teaches=tuple(sorted(s.serves)), level=None, order=i)
        for i, s in enumerate(ranked)
    ]
    by_id = {s.resource.id: s for s in chosen}
    return [by_id[rid] for rid in order_items(items, requirements)]


def duration_of(resource: Resource) -> tuple[int, bool]:
    """Return (minutes, assumed): what the resource states, or 15 when it states nothing."""
    return (resource.duration, False) if resource.duration else (DEFAULT_MINUTES, True)
