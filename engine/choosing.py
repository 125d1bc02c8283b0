"""Which of the scored resources make the list, and in which order? Sets, spread lists and paths."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from engine.model import Resource
from engine.recommendation import Why
from engine.scored import Scored, ScoredList
from graph.cover import Candidate, Quota, choose
from graph.model import Requirement
from graph.order import LEVELS, LearningItem, order_items, prerequisites_of
from graph.plans import Obligation

NECESSITY = {"obligatorisk": 1.0, "betinget": 0.6, "anbefalt": 0.4}
DEFAULT_MINUTES = 15
"""Duration assumed of a resource that states none, an article or a tool [minutes]."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What makes the list, what it covers of what is open, and why it leaves the rest."""

    items: tuple[Scored, ...]
    covered: frozenset[str]
    why: Mapping[str, Why]


def spread(
    scored: Sequence[Scored],
    k: int,
    diversity: float,
    open_: Mapping[str, Obligation],
    requirements: Mapping[str, Requirement],
) -> Chosen:
    """Pick `k` by maximal marginal relevance, and every requirement that can be served is, if `k` allows.

    A requirement already served counts less [1]_. What surely serves nothing may fill half of the list, no more. As
    many places are kept as it takes to serve what is not served yet; and what has a prerequisite that is open brings with it the best that serves that.

    References
    ----------
    .. [1] J. Carbonell, J. Goldstein, "The use of MMR, diversity-based reranking for reordering
       documents and producing summaries", SIGIR 1998. https://doi.org/10.1145/290941.291025
    """
    listed = ScoredList.of(scored)
    meant = _meant_for(listed, open_, requirements)
    before = _before(open_, requirements)
    kept = _reserve(meant, before, k, open_)
    first: dict[str, int] = {}
    for place, some in meant.items():
        for q in some:
            first.setdefault(q, place)
    served: Counter[str] = Counter()
    sure: set[str] = set()
    taken: dict[int, Scored] = {}
    waiting = [(-score, place) for place, score in enumerate(listed.scores)]  # in order, so it is a heap

    def unserved(needed: list[int], also: Sequence[int] = ()) -> list[int]:
        done = sure.union(*(listed[place].surely for place in also))
        return [p for p in needed if p not in taken and p not in also and not listed[p].surely <= done]

    def take(picks: Sequence[int]) -> None:
        for place in picks:
            s = taken[place] = listed[place]
            served.update(s.serves.keys())
            sure.update(s.surely)

    while len(taken) < k and (waiting or kept):
        if not waiting or len(taken) + len(kept) >= k:
            if not kept:
                break
            take(kept[:1])
            kept = unserved(kept)
            continue
        was, place = heapq.heappop(waiting)
        if place in taken or (not listed[place].surely and 2 * len(taken) >= k):
            continue
        key = diversity * min(served[q] for q in listed[place].serves) - listed.scores[place]
        if key > was:  # it has fallen since it was put in
            heapq.heappush(waiting, (key, place))
            continue
        together = _with_prerequisites(place, listed, meant, before, first, sure)
        left = unserved(kept, together)
        if len(taken) + len(together) + len(left) <= k:
            take(together)
            kept = left
    filled = _filled_groups(open_, sure)
    return Chosen(
        tuple(taken.values()),
        frozenset(sure),
        {
            q: "enough" if filled(q) else "list_full" if q in listed.coverable else "no_resource"
            for q in open_
            if q not in sure
        },
    )


def within(
    minutes: int | None,
    scored: Sequence[Scored],
    open_: Mapping[str, Obligation],
    requirements: Mapping[str, Requirement],
) -> Chosen:
    """Return the set that covers most; what is surely meant for it comes before what might serve.

    A requirement is covered by the resources with least against them: a stated link before a proposed
    one, then current, for this role and place, in a language that is read, and not above the level of
    a requirement that is not begun. What has an open prerequisite is taken after what covers that; of
    a group only the number that is missing counts. `minutes` None: the shortest set that covers all.
    """
    listed = ScoredList.of(scored)
    meant = {
        listed[place].resource.id: (place, some)
        for place, some in _meant_for(listed, open_, requirements).items()
    }
    by_id = {id_: listed[place] for id_, (place, _) in meant.items()}
    selection = choose(
        [
            Candidate(id_, duration_of(by_id[id_].resource)[0], frozenset(some), by_id[id_].score)
            for id_, (_, some) in meant.items()
        ],
        {q: NECESSITY[o.necessity] for q, o in open_.items()},
        minutes,
        before=_before(open_, requirements),
        quotas=quotas_of(open_),
    )
    return Chosen(
        tuple(by_id[c] for c in selection.chosen), frozenset(selection.covered), dict(selection.why)
    )


def quotas_of(open_: Mapping[str, Obligation]) -> list[Quota]:
    """Return for each group that is not filled how many more it needs, and of which.

    What expires soon is not in it: its group counts it already, and it is to be renewed all the same.
    """
    members: dict[tuple[str, str], set[str]] = {}
    need: dict[tuple[str, str], int] = {}
    for q, o in open_.items():
        for group in o.groups if o.state != "expires_soon" else ():
            if not group.satisfied:
                members.setdefault((group.plan, group.name), set()).add(q)
                need[group.plan, group.name] = group.minimum - group.met
    return [Quota(frozenset(members[key]), need[key]) for key in sorted(members)]


def _filled_groups(open_: Mapping[str, Obligation], served: Iterable[str]) -> Callable[[str], bool]:
    """Return what tells whether all groups of a requirement are filled by what is served."""
    have = frozenset(served)
    short: set[str] = set()
    inside: set[str] = set()
    for quota in quotas_of(open_):
        inside |= quota.members
        if len(quota.members & have) < quota.need:
            short |= quota.members
    return lambda q: q in inside and q not in short


def _meant_for(
    scored: ScoredList, open_: Mapping[str, Obligation], requirements: Mapping[str, Requirement]
) -> dict[int, list[str]]:
    """Return by place the requirements that nothing serves with less against it; places without any are left out.

    Least of all counts that a resource is on a higher level than a requirement that is not begun.
    """
    highest = np.array(
        [
            LEVELS.get(requirements[q].level or "", 99) if open_[q].state == "not_begun" else 99
            for q in scored.names
        ],
        dtype=np.int64,
    )
    place, owner = scored.place[scored.sure], scored.owner[scored.sure]
    against = (
        scored.setbacks[place] + 10 * ~scored.stated[scored.sure] + (scored.level[place] > highest[owner])
    )
    least = np.full(len(highest), 99)
    np.minimum.at(least, owner, against)
    best = against == least[owner]
    meant: dict[int, list[str]] = {}
    for at, q in zip(place[best].tolist(), owner[best].tolist(), strict=True):
        meant.setdefault(at, []).append(scored.names[q])
    return meant


def _before(
    open_: Mapping[str, Obligation], requirements: Mapping[str, Requirement]
) -> dict[str, frozenset[str]]:
    """Return the open prerequisites, near and far, of what is open; those without any are left out."""
    some = [q for q in open_ if requirements[q].prerequisites]
    found = {q: frozenset(prerequisites_of([q], requirements) & open_.keys() - {q}) for q in some}
    return {q: first for q, first in found.items() if first}


def _reserve(
    meant: Mapping[int, Sequence[str]],
    before: Mapping[str, frozenset[str]],
    k: int,
    open_: Mapping[str, Obligation],
) -> list[int]:
    """Return places of few resources, `k` at most, that serve all that can be served or else much of it, first things first.

    Always the one that adds most of those whose prerequisites are served; of equals the one of best score.
    """
    best: dict[frozenset[str], int] = {}
    for place, some in meant.items():
        best.setdefault(frozenset(some), place)
    sets = {place: requirements for requirements, place in best.items()}
    can_be = frozenset().union(*best)
    served: set[str] = set()
    weight = {
        q: round(10 * NECESSITY[open_[q].necessity]) for q in can_be
    }  # whole: the order of adding is by chance
    waiting = [(-sum(weight[q] for q in some), place) for place, some in sets.items()]
    heapq.heapify(waiting)
    held_up: dict[str, list[int]] = {}
    taken: list[int] = []
    while len(taken) < k and len(served) < len(can_be):
        if not waiting:  # each waits for another: then the best of them goes first
            stuck = sorted({place for places in held_up.values() for place in places})
            held_up, before = {}, {}
            waiting = [(-999, place) for place in stuck]
        was, place = heapq.heappop(waiting)
        adds = sorted(sets[place] - served)
        gain = -sum(weight[q] for q in adds)
        if not adds:
            continue
        if gain > was:  # it has fallen since it was put in
            heapq.heappush(waiting, (gain, place))
            continue
        first = next(
            (
                p
                for q in adds
                for p in sorted(before.get(q, ()))
                if p in can_be and p not in served | sets[place]
            ),
            None,
        )
        if first is not None:
            held_up.setdefault(first, []).append(place)
            continue
        taken.append(place)
        served.update(adds)
        for q in adds:
            for freed in held_up.pop(q, ()):
                heapq.heappush(waiting, (-999, freed))
    return taken


def _with_prerequisites(
    pick: int,
    scored: ScoredList,
    meant: Mapping[int, Sequence[str]],
    before: Mapping[str, frozenset[str]],
    first: Mapping[str, int],
    served: AbstractSet[str],
) -> list[int]:
    """Return a pick, and what serves the open prerequisites of what it is meant for, as far as anything does."""
    together = [pick]
    have = set(scored[pick].serves)
    waiting = [pick]
    while waiting:
        for q in sorted(meant.get(waiting.pop(), ())):
            for p in sorted(before.get(q, ())):
                if p not in have and p in first and p not in served:
                    teacher = first[p]
                    together.append(teacher)
                    have |= scored[teacher].serves.keys()
                    waiting.append(teacher)
    return list(dict.fromkeys(together))


def in_order(chosen: Sequence[Scored], requirements: Mapping[str, Requirement]) -> list[Scored]:
    """Order by prerequisites first; else the best first, and the score tells need, certainty, level and fit."""
    ranked = sorted(chosen, key=lambda s: (-s.score, s.resource.id))
    taught = {q for s in ranked for q in s.serves}
    if taught.isdisjoint(prerequisites_of(taught, requirements)):
        return ranked
    items = [
        LearningItem(s.resource.id, teaches=tuple(sorted(s.serves)), level=None, order=i)
        for i, s in enumerate(ranked)
    ]
    by_id = {s.resource.id: s for s in chosen}
    return [by_id[rid] for rid in order_items(items, requirements)]


def duration_of(resource: Resource) -> tuple[int, bool]:
    """Return (minutes, assumed): what the resource states, or 15 when it states nothing."""
    return (resource.duration, False) if resource.duration else (DEFAULT_MINUTES, True)
