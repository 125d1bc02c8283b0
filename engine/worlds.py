"""What do the plans ask of somebody in a role, apart from what is done? Found once for all who ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from cachetools import LRUCache

from engine.recommendation import RecommendationRequest
from graph.competence_graph import CompetenceGraph
from graph.merged_plans import MergedPlans
from graph.model import Plan, Requirement
from graph.order import check_prerequisites, prerequisites_of
from graph.plans import COMMON, applicable_plans, lines_for

_WORLDS = 4096


Key = tuple[str, tuple[str, ...], str | None, date]
"""What a world depends on: role, plans that apply, edition if a line of theirs is for one, day."""


@dataclass(frozen=True, slots=True)
class World:
    """A role, the plans that apply to it in an edition on a day, and what they name."""

    key: Key
    plans: Mapping[str, Plan]
    requirements: Mapping[str, Requirement]
    merged: MergedPlans
    _behind: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        request: RecommendationRequest,
        day: date,
        plans: Mapping[str, Plan],
        requirements: Mapping[str, Requirement],
        known: Mapping[str, Requirement] | None = None,
    ) -> "World":
        """Merge some plans for a request.

        `requirements` are those that the plans name and what comes before them, at least; `known` are all, if
        those are not: replaced ones are looked for there.
        """
        merged = MergedPlans(
            request.role,
            plans.values(),
            requirements,
            on=day,
            edition=request.edition,
            plan_id=request.plan,
            known=known,
        )
        key = request.role, tuple(sorted(plans)), request.edition, day
        return cls(key, plans, requirements, merged)

    def plan_behind(self, graph: CompetenceGraph) -> Mapping[str, str]:
        """Return the plan that asks for each requirement; what no plan in the graph asks for is left out."""
        if graph.version not in self._behind:
            found = self._plan_behind(graph)
            self._behind.clear()
            self._behind[graph.version] = found
        return self._behind[graph.version]

    def _plan_behind(self, graph: CompetenceGraph) -> Mapping[str, str]:
        """Return of the plans in the graph the one that asks most strongly for each requirement, the first by id."""
        role, _, edition, _ = self.key
        strongest = {o.requirement: o.necessity for o in self.merged.nothing_done}
        found: dict[str, tuple[bool, str]] = {}
        for plan in sorted({plan for o in self.merged.nothing_done for plan in o.plans}):
            if graph.edge(f"role:{role}", f"plan:{plan}", "has_plan") is None:
                continue
            for line in lines_for(self.plans[plan], edition):
                q = line.requirement
                if graph.edge(f"plan:{plan}", f"requirement:{q}", "requires"):
                    way = line.necessity != strongest[q], plan
                    found[q] = min(found.get(q, way), way)
        return {q: plan for q, (_, plan) in found.items()}


class Worlds:
    """The worlds of all plans, each made when it is first asked for.

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
        self._local = {
            plan.id
            for plan in plans.values()
            if any(line.edition not in {None, COMMON} for line in plan.lines)
        }
        self._known: LRUCache[Key, World] = LRUCache(_WORLDS)
        self._lock = Lock()

    def of(self, request: RecommendationRequest, day: date) -> World:
        """Return what the request is about; raises GraphError as `MergedPlans` does."""
        mine = [self._plans[request.plan]] if request.plan else self._plans_of.get(request.role, [])
        edition, plan = request.edition, request.plan
        chosen = applicable_plans(request.role, mine, on=day, edition=edition, plan_id=plan)
        ids = tuple(plan.id for plan in chosen)
        local = not self._local.isdisjoint(ids)  # plans without lines for one edition ask the same in all
        key = (request.role, ids, edition if local else None, day)
        with self._lock:
            world = self._known.get(key)
        if world is None:
            asked = {line.requirement for plan in chosen for line in plan.lines}
            named = _closed(asked, self._requirements)
            plans = {plan.id: plan for plan in mine}
            world = World.of(request, day, plans, named, self._requirements)
            with self._lock:
                self._known[key] = world
        return world


def _closed(names: Iterable[str], requirements: Mapping[str, Requirement]) -> dict[str, Requirement]:
    """Return the requirements of these names and all that come before them."""
    wanted = set(names)
    wanted |= prerequisites_of(wanted, requirements)
    return {name: requirements[name] for name in sorted(wanted) if name in requirements}
