"""What is the status of everybody, and what should each take next? Many askers, one after the other.

Each gets what `Recommender.recommend` gives one: the same code, with all put aside beforehand that does not depend on
the person (`Worlds`): the plans that apply, the requirements that they name, the resources already read.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.model import Resource
from engine.recommend import Recommendation, RecommendationRequest, Recommendations, Recommender
from graph.model import Plan, Requirement, State
from graph.order import check_prerequisites, prerequisites_of
from graph.plans import applicable_plans

_WORLDS = 4096
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


class Worlds:
    """What each role's plans ask, apart from all the rest: who recommends by that alone answers the same, sooner.

    Parameters
    ----------
    plans, requirements
        All of them, by id.

    Raises
    ------
    CycleError
        If prerequisites run in a circle.
    """

    def __init__(self, plans: Mapping[str, Plan], requirements: Mapping[str, Requirement]) -> None:
        check_prerequisites(requirements.values())  # once, instead of for each person
        self._plans, self._requirements = plans, requirements
        self._plans_of: dict[str, list[Plan]] = {}
        for plan in plans.values():
            for role in plan.roles:
                self._plans_of.setdefault(role, []).append(plan)
        self._known: dict[tuple[str, str | None, str | None, date], _World] = {}

    def narrowed(self, recommender: Recommender, request: RecommendationRequest) -> Recommender:
        """Return a recommender that knows no more plans and requirements than concern the request."""
        day = request.on or recommender.today
        key = (request.role, request.plan, request.edition, day)
        world = self._known.get(key)
        if world is None:
            if request.plan is not None:
                plans = {request.plan: self._plans[request.plan]}
            else:
                mine = self._plans_of.get(request.role, [])
                found = applicable_plans(request.role, mine, on=day, edition=request.edition)
                plans = {plan.id: plan for plan in found}
            asked = {line.requirement for plan in plans.values() for line in plan.lines}
            world = plans, _closed(asked, self._requirements)
            if len(self._known) >= _WORLDS:
                self._known.clear()
            self._known[key] = world
        return replace(recommender, plans=world[0], requirements=world[1])


_World = tuple[dict[str, Plan], dict[str, Requirement]]


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
        self._read: dict[str, Resource | None] = {}
        self._fetch_one = recommender.fetch
        self._recommender = replace(recommender, fetch=self._fetch)

    def answer(self, request: RecommendationRequest) -> BatchAnswer:
        """Return the answer for one."""
        return answer_of(self._worlds.narrowed(self._recommender, request).recommend(request))

    def read_ahead(self) -> int:
        """Read all resources that serve anything, so that nothing is fetched afterwards; return how many there are."""
        numbers = set(self._recommender.proximity.serving.links.resources.tolist())
        ids = [self._recommender.proximity.resource_ids[number] for number in sorted(numbers)]
        for begin in range(0, len(ids), _CHUNK):
            self._fetch(ids[begin : begin + _CHUNK])
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
    return BatchAnswer(
        dict(sorted(Counter(o.state for o in result.obligations).items())),
        sum(o.gap for o in result.obligations),
        tuple(map(_next, result.items)),
    )


def _next(item: Recommendation) -> NextItem:
    reason = item.reasons[0]
    return NextItem(item.resource.id, item.label, reason.requirement, ">".join(reason.path.nodes))


def _closed(names: Iterable[str], requirements: Mapping[str, Requirement]) -> dict[str, Requirement]:
    """Return the requirements of these names and all that come before them."""
    wanted = set(names)
    wanted |= prerequisites_of(wanted, requirements)
    return {name: requirements[name] for name in sorted(wanted) if name in requirements}
