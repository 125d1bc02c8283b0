"""What is the status of everybody, and what should each take next? Many askers, one after the other.

Each gets what `Recommender.recommend` gives one: the same code, with all put aside beforehand that does not depend on
the person (`Worlds`): the plans that apply, the requirements that they name, the resources already read.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cachetools import LRUCache

from engine.model import Resource
from engine.reasons import label_of, reasons, served_by
from engine.recommend import (
    Label,
    Reason,
    RecommendationRequest,
    Recommendations,
    Recommender,
    check,
    is_open,
)
from engine.shelf import Held
from engine.worlds import World, Worlds
from graph.model import State
from graph.plans import Obligation

_ANSWERS = 4096
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class NextItem:
    """One of the best: `reason` is the path that explains it, its nodes joined by ``>``."""

    resource: str
    label: str
    requirement: str
    reason: str


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """How many requirements are in each state (only those that occur), how many are missing, and what is next."""

    status: Mapping[State, int]
    gaps: int
    next: tuple[NextItem, ...]


class BatchRecommender:
    """Answers for many, one at a time.

    Parameters
    ----------
    recommender : Recommender
        What answers; its `today` is the day for all.
    worlds : Worlds
        Of its plans and requirements.
    """

    def __init__(self, recommender: Recommender, worlds: Worlds | None = None) -> None:
        self._worlds = worlds or Worlds(recommender.plans, recommender.requirements)
        self._today = recommender.today
        self._answers: LRUCache[object, tuple[NextItem, ...]] = LRUCache(_ANSWERS)
        self._read: dict[str, Resource | None] = {}
        self._fetch_one = recommender.fetch
        self._recommender = replace(recommender, fetch=self._fetch)

    def answer(self, request: RecommendationRequest) -> BatchAnswer:
        """Return the answer for one."""
        check(request)
        world = self._worlds.of(request, request.on or self._today)
        obligations = world.merged.judged(request.done)
        return BatchAnswer(*_status(obligations), self._next(request, world, obligations))

    def _next(
        self, request: RecommendationRequest, world: World, obligations: Sequence[Obligation]
    ) -> tuple[NextItem, ...]:
        """Return what is next.

        A list depends on what is open and on what of it is begun, not on who asks: what was found for one is the answer
        for all who lack the same in the same world. A set looks at more and is found anew.
        """
        lacking = bytes(is_open(o) + (is_open(o) and o.state == "not_begun") for o in obligations)
        key = (
            world.key,
            lacking,
            request.language,
            request.edition,
            request.k,
            request.diversity,
            request.level,
        )
        a_list = request.minutes is None and not request.smallest
        if a_list and (known := self._answers.get(key)) is not None:
            return known
        recommender = self._recommender.within(world)
        found = recommender.choose(request, world, obligations)
        items = []
        for s in found.items:
            reason = next(reasons(s, request.role, served_by(s, found.open), recommender.graph, found.behind))
            label = label_of([found.open[q] for q in s.surely], stated=s.stated)
            items.append(_item(s.resource, label, reason))
        if a_list:
            self._answers[key] = tuple(items)
        return tuple(items)

    def read_ahead(self) -> int:
        """Read all resources that serve anything, so that nothing is fetched afterwards; return how many there are."""
        numbers = set(self._recommender.proximity.serving.links.resources.tolist())
        ids = [self._recommender.proximity.resource_ids[number] for number in sorted(numbers)]
        for begin in range(0, len(ids), _CHUNK):
            self._fetch(ids[begin : begin + _CHUNK])
        known = {id_: resource for id_, resource in self._read.items() if resource is not None}
        all_, excluded = self._recommender.proximity.resource_ids, self._recommender.excluded
        self._recommender = replace(
            self._recommender,
            shelf=Held.of(all_, known, excluded),
            proximity=self._recommender.proximity.for_many(),
        )
        return len(ids)

    def _fetch(self, ids: Sequence[str]) -> Mapping[str, Resource]:
        missing = [id_ for id_ in ids if id_ not in self._read]
        if missing:
            found = self._fetch_one(missing)
            for id_ in missing:  # the text plays no part in a recommendation, and there is much of it
                self._read[id_] = replace(found[id_], body="") if id_ in found else None
        return {id_: resource for id_ in ids if (resource := self._read[id_]) is not None}


def answer_of(result: Recommendations) -> BatchAnswer:
    """Return what is told of one person's recommendations."""
    items = tuple(_item(item.resource, item.label, item.reasons[0]) for item in result.items)
    return BatchAnswer(*_status(result.obligations), items)


def _status(obligations: Sequence[Obligation]) -> tuple[Mapping[State, int], int]:
    return dict(sorted(Counter(o.state for o in obligations).items())), sum(o.gap for o in obligations)


def _item(resource: Resource, label: Label, reason: Reason) -> NextItem:
    return NextItem(resource.id, label, reason.requirement, ">".join(reason.path.nodes))
