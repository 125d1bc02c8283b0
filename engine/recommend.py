"""Here is a role, a plan and what is done: what next, and why? An ordered list with reasons.

A pure function of role, plan, done-list, budget and graph version: nothing about the asker is kept.
Candidates are the resources that serve a requirement not yet met; they are ranked by graph proximity,
necessity, kind of link, level, language and quality, thinned by diversity, and put in an order in which
nothing comes before its prerequisite. With a budget of minutes the list is the set that covers most.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from engine.candidates import CandidateFinder
from engine.choosing import NECESSITY, in_order, spread, within
from engine.errors import InvalidRequest
from engine.model import Resource
from engine.popularity import popularity_added
from engine.reasons import recommendation
from engine.recommendation import (
    LANGS,
    Label,
    Reason,
    Recommendation,
    RecommendationRequest,
    Recommendations,
    Why,
)
from engine.scored import Columns, Scored, ScoredList
from engine.search import scope_of
from engine.shelf import Fetched, Shelf
from engine.traits import Fits, Reader, Traits, steps_between
from engine.worlds import World
from graph.competence_graph import CompetenceGraph
from graph.model import LIKELY, Plan, Requirement, Role
from graph.order import level_rank
from graph.plans import Obligation
from graph.rank import Proximity

__all__ = [
    "LANGS",
    "Label",
    "RankWeights",
    "Reason",
    "Recommendation",
    "RecommendationRequest",
    "Recommendations",
    "Recommender",
]

MAX_K = 100
HIDDEN = 100.0
"""What is taken from the standing of a resource that the asker's edition does not show."""


@dataclass(frozen=True, slots=True)
class RankWeights:
    """What the parts of a recommendation's score weigh; fitted to the development situations.

    Attributes
    ----------
    stated, proposed
        A stated link to an open requirement; a proposed one, times its confidence. Times the necessity.
    proximity
        Each doubling, by e, of how much likelier a walk from the open requirements is to end here than one from
        anywhere: what is near to everything is near to nobody.
    everyone, other_audience
        No audience stated; only others stated. The asker's own role is the zero.
    level
        Each step between the level of the resource and that of what it serves.
    other_arena, language, review_expired, local
        Meant for other places; in a language that the asker reads; review date passed; of the asker's own edition.
    diversity
        Each earlier item of the list that serves the same requirements (MMR).
    freshness, half_life
        Updated, or published, today; half of it after each `half_life` [days]. What states no day counts as one
        half-life old. 0 leaves the part out.
    """

    stated: float = 0.85
    proposed: float = 0.4
    proximity: float = 0.08
    everyone: float = 0.3
    other_audience: float = -0.35
    level: float = -0.3
    other_arena: float = -0.02
    language: float = 0.2
    review_expired: float = -0.15
    local: float = 0.02
    popularity: float = 0.02
    diversity: float = 0.1
    freshness: float = 0.1
    half_life: float = 730.0

    def standing(self, fits: Fits, asked: NDArray[np.int8], reader: Reader) -> dict[str, NDArray[np.float64]]:
        """Return the parts of the score that are neither coverage nor proximity, in the order that they are added in.

        `asked` is the level of the requirement that each resource serves best.
        """
        return {
            "level": np.float64(self.level) * steps_between(fits.level, asked),
            "audience": self.for_role(fits.audience),
            **self.for_place(fits, reader),
        }

    def for_role(self, audience: NDArray[np.int8]) -> NDArray[np.float64]:
        """Return the part of the score that depends on the asker's role."""
        return np.array([self.everyone, 0.0, self.other_audience])[audience]

    def for_place(self, fits: Fits, reader: Reader) -> dict[str, NDArray[np.float64]]:
        """Return the parts that are the same for all who are in one place, read one language and ask on one day."""
        arena = self.other_arena if reader.arenas else 0.0
        parts = {
            "arena": np.array([0.0, 0.0, arena])[fits.arena],
            "language": np.where(fits.readable, self.language, 0.0),
            "review_expired": np.where(fits.expired, self.review_expired, 0.0),
            "local": np.where(fits.local, self.local, 0.0),
        }
        if self.freshness:
            lives = np.nan_to_num(fits.age / self.half_life, nan=1.0)
            parts["freshness"] = self.freshness * np.exp2(-lives)
        return parts

    @staticmethod
    def setbacks(parts: Mapping[str, NDArray[np.float64]], fits: Fits) -> NDArray[np.int64]:
        """Return how much speaks against each: not current, for others, for other places, in another language."""
        found = 2 * (parts["audience"] < 0) + (parts["arena"] < 0) + ~fits.readable + 2 * fits.expired
        return np.asarray(found, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Recommender:
    """Recommendations over one graph and its resources.

    Parameters
    ----------
    graph, proximity
        The graph and the arrays cut from it.
    fetch : callable
        Gives published resources by id (`SearchIndex.get`); one that it does not give is never
        recommended.
    excluded : frozenset of str
        Resources withdrawn since the graph was drawn.
    roles, requirements, plans
        By id.
    opened : mapping of str to int
        How often resources were opened, of those that are opened often; part of what is asked.
    traits : Traits, optional
        What large banks are sorted by before they are scored.
    shelf : Shelf, optional
        Holds all resources, those in `excluded` left out: nothing is fetched then.
    world : World, optional
        What the plans ask of the role of all requests that are to come.
    today : date
        Day that plans and evidence are looked at, unless the request names one.
    """

    graph: CompetenceGraph
    proximity: Proximity
    fetch: Callable[[Sequence[str]], Mapping[str, Resource]]
    roles: Mapping[str, Role]
    requirements: Mapping[str, Requirement]
    plans: Mapping[str, Plan]
    today: date
    excluded: frozenset[str] = frozenset()
    weights: RankWeights = field(default_factory=RankWeights)
    traits: Traits | None = None
    opened: Mapping[str, int] = field(default_factory=dict)
    shelf: Shelf | None = None
    world: World | None = None

    def recommend(self, request: RecommendationRequest) -> Recommendations:
        """Return the list for a request; the same request gives the same list.

        Raises
        ------
        InvalidRequest
            If `k`, `minutes` or `diversity` is out of range.
        """
        check(request)
        world = self.world_of(request)
        all_ = world.merged.judged(request.done)
        found = self.choose(request, world, all_)
        made = (
            recommendation(s, request.role, found.open, self.graph, found.behind, self.opened)
            for s in found.items
        )
        items = tuple(replace(item, rank=rank) for rank, item in enumerate(made, start=1))
        open_ = [o.requirement for o in all_ if is_open(o)]
        uncovered = tuple(q for q in open_ if q not in found.covered)
        return Recommendations(
            items=items,
            obligations=tuple(all_),
            uncovered=uncovered,
            unmet=tuple(q for q in open_ if q not in found.coverable),
            minutes=sum(item.minutes for item in items),
            graph_version=self.graph.version,
            covered=tuple(q for q in open_ if q in found.covered),
            why={q: found.why.get(q, "no_resource") for q in uncovered},
        )

    def within(self, world: World) -> "Recommender":
        """Return a recommender for requests of one world: it answers the same, sooner."""
        return replace(self, plans=world.plans, requirements=world.requirements, world=world)

    def world_of(self, request: RecommendationRequest) -> World:
        """Return what the plans ask of anybody in the request's role: `world`, or else made for this request."""
        return self.world or World.of(request, request.on or self.today, self.plans, self.requirements)

    def choose(self, request: RecommendationRequest, world: World, all_: Sequence[Obligation]) -> "Selected":
        """Return what makes the list, in its order, for a request that was checked and its obligations."""
        day = request.on or self.today
        plan_of = world.plan_behind(self.graph)
        # what has no way through this graph yet has no reason, and what has no reason is not recommended
        open_ = {o.requirement: o for o in all_ if o.requirement in plan_of and is_open(o)}
        scored = self._score(request, open_, day)
        if request.minutes is not None or request.smallest:
            chosen = within(request.minutes, scored, open_, self.requirements)
        else:
            diversity = self.weights.diversity if request.diversity is None else request.diversity
            chosen = spread(scored, request.k, diversity, open_, self.requirements)
        return Selected(
            in_order(chosen.items, self.requirements),
            open_,
            plan_of,
            chosen.covered,
            scored.coverable,
            chosen.why,
        )

    def _score(
        self, request: RecommendationRequest, open_: Mapping[str, Obligation], day: date
    ) -> ScoredList:
        """Return what serves an open requirement, in a large bank those that are likely to score well, best first."""
        w = self.weights
        arenas = {
            plan.arena for o in open_.values() for p in o.plans if (plan := self.plans.get(p)) and plan.arena
        }
        editions = scope_of(request.edition).get("edition")
        reader = Reader(
            self._kin(request.role),
            frozenset(arenas),
            request.language,
            None if editions is None else frozenset(editions),
            day,
        )
        lowest = _rank(request.level) - 1
        levels = np.array([_rank(self.requirements[q].level) for q in open_], dtype=np.int8)
        shelf = self.shelf or Fetched(self.proximity.resource_ids, self.fetch, self.excluded)

        def for_place(fits: Fits) -> NDArray[np.float64]:
            hidden = np.where(fits.visible, 0.0, -HIDDEN)
            return sum(w.for_place(fits, reader).values(), start=hidden)

        def standing(numbers: NDArray[np.int64], best: NDArray[np.int64]) -> NDArray[np.float64]:
            """Return the parts of the score that are neither coverage nor proximity; `best` is what each serves best."""
            if (traits := self.traits) is None:
                return np.zeros(len(numbers))
            own = traits.arrays["level"][numbers]
            found = traits.remembered((w, replace(reader, roles=frozenset())), for_place, reader)[numbers]
            found += w.for_role(traits.fit("audience", reader.roles, numbers))
            found += w.level * steps_between(own, levels[best])
            found[below(own, lowest)] -= HIDDEN
            return found

        finder = CandidateFinder(
            self.proximity,
            shelf,
            w.stated,
            w.proposed,
            w.proximity,
            request.k,
            a_set=request.minutes is not None or request.smallest,
        )
        needed = {q: NECESSITY[o.necessity] for q, o in open_.items()}
        found = finder.find(needed, reader, standing)
        fits = shelf.fits(reader, found.numbers)
        if (low := below(fits.level, lowest)).any():
            found, fits = found.only(~low), fits.only(~low)
        parts = {
            "coverage": found.coverage,
            "proximity": w.proximity * found.near,
            **w.standing(fits, levels[found.best], reader),
        }
        score = sum(parts.values(), start=np.zeros(len(found.numbers)))
        if self.opened and w.popularity:
            counts = [self.opened.get(self.proximity.resource_ids[n], 0) for n in found.numbers.tolist()]
            sure = found.stated | (found.strength >= LIKELY)
            covers = np.bincount(found.row[sure], minlength=len(score))
            parts["popularity"] = popularity_added(score, covers, counts, w.popularity)
            score = score + parts["popularity"]
        columns = Columns(
            found.row,
            found.owner,
            found.strength,
            found.stated,
            fits.level,
            w.setbacks(parts, fits),
            score,
            parts,
        )
        return ScoredList(list(open_), columns, lambda row: shelf.resource(int(found.numbers[row])))

    def _kin(self, role: str) -> frozenset[str]:
        """Return the role and the broader ones."""
        kin: set[str] = set()
        at: str | None = role
        while at is not None and at not in kin:
            kin.add(at)
            found = self.roles.get(at)
            at = found.broader if found else None
        return frozenset(kin)


@dataclass(frozen=True, slots=True)
class Selected:
    """What makes the list, in its order, and what it was made for.

    `open` are the requirements that resources are looked for, `behind` the plan of each; `covered` the list covers,
    `coverable` something would, and `why` says why the list leaves one open.
    """

    items: Sequence[Scored]
    open: Mapping[str, Obligation]
    behind: Mapping[str, str]
    covered: frozenset[str]
    coverable: frozenset[str]
    why: Mapping[str, Why]


def check(request: RecommendationRequest) -> None:
    """Refuse what is out of range; raises InvalidRequest."""
    if not 1 <= request.k <= MAX_K:
        raise InvalidRequest(f"k must be between 1 and {MAX_K}, got {request.k}")
    if request.minutes is not None and request.minutes < 1:
        raise InvalidRequest(f"minutes must be at least 1, got {request.minutes}")
    if request.diversity is not None and not 0 <= request.diversity <= 1:
        raise InvalidRequest(f"diversity must be between 0 and 1, got {request.diversity}")


def below(levels: NDArray[np.int8], lowest: int) -> NDArray[np.bool_]:
    """Tell of levels whether they are stated and below one."""
    return (levels >= 0) & (levels < lowest)


def _rank(level: str | None) -> int:
    return level_rank(level) if level else -1


def is_open(obligation: Obligation) -> bool:
    """Tell whether resources are of use: a gap that nobody is about to approve, or an approval that ends soon."""
    return obligation.state == "expires_soon" or (obligation.gap and obligation.state != "awaiting_approval")
