"""Which of the scored resources make the list, and in which order? Sets, spread lists and paths."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.model import Resource
from engine.recommendation import Why
from graph.cover import Candidate, Quota, choose
from graph.model import LIKELY, Requirement
from graph.order import LEVELS, LearningItem, order_items, prerequisites_of
from graph.plans import Obligation

NECESSITY = {"obligatorisk": 1.0, "betinget": 0.6, "anbefalt": 0.4}
DEFAULT_MINUTES = 15
"""Duration assumed of a resource that states none, an article or a tool [minutes]."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A resource that serves something open, or may, and how good it is for the one who asks."""

    resource: Resource
    serves: Mapping[str, float]  # requirement -> strength of the link, in (0, 1]
    stated: frozenset[str]  # of those, the ones that an editor or a source has stated
    setbacks: int  # 0: current, in the reader's language, for this role and place
    score: float
    parts: tuple[tuple[str, float], ...]
    surely: frozenset[str] = field(
        init=False, compare=False
    )  # requirements that it is stated to serve or likely serves

    def __post_init__(self) -> None:
        likely = self.stated.union(q for q, strength in self.serves.items() if strength >= LIKELY)
        object.__setattr__(self, "surely", likely)


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
    meant = _meant_for(scored, open_, requirements)
    before = _before(open_, requirements)
    kept = _reserve(scored, meant, before, k, open_)
    first: dict[str, Scored] = {}
    for s in scored:
        for q in meant[s.resource.id]:
            first.setdefault(q, s)
    served: Counter[str] = Counter()
    sure: Counter[str] = Counter()
    taken: dict[str, Scored] = {}
    waiting = [(-s.score, place) for place, s in enumerate(scored)]
    heapq.heapify(waiting)

    def unserved(needed: list[Scored], also: Sequence[Scored] = ()) -> list[Scored]:
        done = sure.keys() | {q for s in also for q in s.surely}
        gone = taken.keys() | {s.resource.id for s in also}
        return [s for s in needed if s.resource.id not in gone and not s.surely <= done]

    def take(picks: Sequence[Scored]) -> None:
        for s in picks:
            taken[s.resource.id] = s
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
        pick = scored[place]
        if pick.resource.id in taken or (not pick.surely and 2 * len(taken) >= k):
            continue
        key = diversity * min(served[q] for q in pick.serves) - pick.score
        if key > was:  # it has fallen since it was put in
            heapq.heappush(waiting, (key, place))
            continue
        together = _with_prerequisites(pick, meant, before, first, sure)
        left = unserved(kept, together)
        if len(taken) + len(together) + len(left) <= k:
            take(together)
            kept = left
    coverable = {q for s in scored for q in s.surely}
    filled = _filled_groups(open_, sure.keys())
    return Chosen(
        tuple(taken.values()),
        frozenset(sure),
        {
            q: "enough" if filled(q) else "list_full" if q in coverable else "no_resource"
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
    by_id = {s.resource.id: s for s in scored}
    meant = _meant_for(scored, open_, requirements)
    selection = choose(
        [
            Candidate(s.resource.id, duration_of(s.resource)[0], meant[s.resource.id], s.score)
            for s in scored
            if meant[s.resource.id]
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
    scored: Sequence[Scored], open_: Mapping[str, Obligation], requirements: Mapping[str, Requirement]
) -> dict[str, frozenset[str]]:
    """Return by resource the requirements that nothing serves with less against it.

    Least of all counts that a resource is on a higher level than a requirement that is not begun.
    """
    highest = {
        q: LEVELS.get(requirements[q].level or "", 99) if o.state == "not_begun" else 99
        for q, o in open_.items()
    }
    least: dict[str, int] = {}
    against: list[list[tuple[str, int]]] = []
    for s in scored:
        level = LEVELS.get(s.resource.level or "", 0)
        found = [(q, s.setbacks + (0 if q in s.stated else 10) + (level > highest[q])) for q in s.surely]
        against.append(found)
        for q, much in found:
            if much < least.get(q, 99):
                least[q] = much
    return {
        s.resource.id: frozenset(q for q, much in found if much == least[q])
        for s, found in zip(scored, against, strict=True)
    }


def _before(
    open_: Mapping[str, Obligation], requirements: Mapping[str, Requirement]
) -> dict[str, frozenset[str]]:
    """Return the open prerequisites, near and far, of what is open; those without any are left out."""
    found = {q: frozenset(prerequisites_of([q], requirements) & open_.keys() - {q}) for q in open_}
    return {q: first for q, first in found.items() if first}


def _reserve(
    scored: Sequence[Scored],
    meant: Mapping[str, frozenset[str]],
    before: Mapping[str, frozenset[str]],
    k: int,
    open_: Mapping[str, Obligation],
) -> list[Scored]:
    """Return few resources, `k` at most, that serve all that can be served or else much of it, first things first.

    Always the one that adds most of those whose prerequisites are served; of equals the one of best score.
    """
    best: dict[frozenset[str], int] = {}
    for place, s in enumerate(scored):
        best.setdefault(meant[s.resource.id], place)
    sets = {place: requirements for requirements, place in best.items() if requirements}
    can_be = {q for some in sets.values() for q in some}
    served: set[str] = set()
    weight = {
        q: round(10 * NECESSITY[open_[q].necessity]) for q in can_be
    }  # whole: the order of adding is by chance
    waiting = [(-sum(weight[q] for q in some), place) for place, some in sets.items()]
    heapq.heapify(waiting)
    held_up: dict[str, list[int]] = {}
    taken: list[Scored] = []
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
        taken.append(scored[place])
        served.update(adds)
        for q in adds:
            for freed in held_up.pop(q, ()):
                heapq.heappush(waiting, (-999, freed))
    return taken


def _with_prerequisites(
    pick: Scored,
    meant: Mapping[str, frozenset[str]],
    before: Mapping[str, frozenset[str]],
    first: Mapping[str, Scored],
    served: Mapping[str, int],
) -> list[Scored]:
    """Return a pick, and what serves the open prerequisites of what it is meant for, as far as anything does."""
    together = {pick.resource.id: pick}
    have = set(pick.serves)
    waiting = [pick]
    while waiting:
        for q in sorted(meant[waiting.pop().resource.id]):
            for p in sorted(before.get(q, ())):
                if p not in have and p in first and not served.get(p):
                    teacher = first[p]
                    together[teacher.resource.id] = teacher
                    have |= teacher.serves.keys()
                    waiting.append(teacher)
    return list(together.values())


def in_order(chosen: Sequence[Scored], requirements: Mapping[str, Requirement]) -> list[Scored]:
    """Order by prerequisites first; else the best first, and the score tells need, certainty, level and fit."""
    ranked = sorted(chosen, key=lambda s: (-s.score, s.resource.id))
    items = [
        LearningItem(s.resource.id, teaches=tuple(sorted(s.serves)), level=None, order=i)
        for i, s in enumerate(ranked)
    ]
    by_id = {s.resource.id: s for s in chosen}
    return [by_id[rid] for rid in order_items(items, requirements)]


def duration_of(resource: Resource) -> tuple[int, bool]:
    """Return (minutes, assumed): what the resource states, or 15 when it states nothing."""
    return (resource.duration, False) if resource.duration else (DEFAULT_MINUTES, True)
