"""Here is a role, a plan and what is done: what next, and why? An ordered list with reasons.

A pure function of role, plan, done-list, budget and graph version: nothing about the asker is kept.
Candidates are the resources that serve a requirement not yet met; they are ranked by graph proximity,
necessity, kind of link, level, language and quality, thinned by diversity, and put in an order in which
nothing comes before its prerequisite. With a budget of minutes the list is the set that covers most.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from engine.candidates import CandidateFinder, Candidates
from engine.choosing import NECESSITY, Scored, in_order, spread, within
from engine.errors import InvalidRequest
from engine.model import COMMON_EDITION, Resource
from engine.popularity import with_popularity
from engine.reasons import plan_behind, recommendation
from engine.recommendation import LANGS, Label, Reason, Recommendation, RecommendationRequest, Recommendations
from engine.traits import Traits, is_visible
from graph.competence_graph import CompetenceGraph
from graph.model import Plan, Requirement, Role
from graph.order import level_rank
from graph.plans import Obligation, obligations
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
    popularity
        Having been opened as often as can be (`engine.popularity`); nothing where nothing is counted.
    diversity
        Each earlier item of the list that serves the same requirements (MMR).
    """

    stated: float = 0.85
    proposed: float = 0.4
    proximity: float = 0.12
    everyone: float = 0.3
    other_audience: float = -0.35
    level: float = -0.3
    other_arena: float = -0.02
    language: float = 0.2
    review_expired: float = -0.15
    local: float = 0.02
    popularity: float = 0.02
    diversity: float = 0.1


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

    def recommend(self, request: RecommendationRequest) -> Recommendations:
        """Return the list for a request; the same request gives the same list.

        Raises
        ------
        InvalidRequest
            If `k`, `minutes` or `diversity` is out of range.
        """
        if not 1 <= request.k <= MAX_K:
            raise InvalidRequest(f"k must be between 1 and {MAX_K}, got {request.k}")
        if request.minutes is not None and request.minutes < 1:
            raise InvalidRequest(f"minutes must be at least 1, got {request.minutes}")
        if request.diversity is not None and not 0 <= request.diversity <= 1:
            raise InvalidRequest(f"diversity must be between 0 and 1, got {request.diversity}")
        day = request.on or self.today
        all_ = obligations(
            request.role,
            list(self.plans.values()),
            self.requirements,
            on=day,
            edition=request.edition,
            plan_id=request.plan,
            done=request.done,
        )
        open_ = {o.requirement: o for o in all_ if is_open(o)}
        # what has no way through this graph yet has no reason, and what has no reason is not recommended
        behind = {
            q: plan
            for q, o in open_.items()
            if (plan := plan_behind(self.graph, request.role, o, self.plans, request.edition))
        }
        reachable = {q: open_[q] for q in behind}
        scored = self._score(request, reachable, day)
        if request.minutes is not None or request.smallest:
            chosen = within(request.minutes, scored, reachable, self.requirements)
        else:
            diversity = self.weights.diversity if request.diversity is None else request.diversity
            chosen = spread(scored, request.k, diversity, reachable, self.requirements)
        made = (
            recommendation(s, request.role, reachable, self.graph, behind, self.opened)
            for s in in_order(chosen.items, self.requirements)
        )
        items = tuple(replace(item, rank=rank) for rank, item in enumerate(made, start=1))
        possible = {q for s in scored for q in s.surely}
        uncovered = tuple(q for q in open_ if q not in chosen.covered)
        return Recommendations(
            items=items,
            obligations=tuple(all_),
            uncovered=uncovered,
            unmet=tuple(q for q in open_ if q not in possible),
            minutes=sum(item.minutes for item in items),
            graph_version=self.graph.version,
            covered=tuple(q for q in open_ if q in chosen.covered),
            why={q: chosen.why.get(q, "no_resource") for q in uncovered},
        )

    def _score(
        self, request: RecommendationRequest, open_: Mapping[str, Obligation], day: date
    ) -> list[Scored]:
        w = self.weights
        arenas = {
            plan.arena for o in open_.values() for p in o.plans if (plan := self.plans.get(p)) and plan.arena
        }
        found = self._candidates(request, open_, arenas, day)
        kin = self._kin(request.role)
        levels = {q: _rank(self.requirements[q].level) for q in open_}
        needed = {q: NECESSITY[o.necessity] for q, o in open_.items()}
        out = []
        for rid, resource in found.resources.items():
            if 0 <= _rank(resource.level) < _rank(request.level) - 1:
                continue
            links = found.serves[rid]
            coverage = max(
                needed[q] * strength * (w.stated if stated else w.proposed)
                for q, (strength, stated) in links.items()
            )
            audience, arena = self._audience(kin, resource), self._arena(arenas, resource)
            readable = understood(resource.language, request.language)
            expired = resource.review_due is not None and resource.review_due < day
            parts = (
                ("coverage", coverage),
                ("proximity", w.proximity * found.near[rid]),
                ("level", w.level * _steps(_rank(resource.level), levels[found.best[rid]])),
                ("audience", audience),
                ("arena", arena),
                ("language", w.language if readable else 0.0),
                ("review_expired", w.review_expired if expired else 0.0),
                ("local", w.local if resource.edition != COMMON_EDITION else 0.0),
            )
            out.append(
                Scored(
                    resource,
                    {q: link.strength for q, link in links.items()},
                    frozenset([q for q, link in links.items() if link.stated]),
                    2 * (audience < 0) + (arena < 0) + (not readable) + 2 * expired,
                    sum(value for _, value in parts),
                    parts,
                )
            )
        out.sort(key=lambda s: (-s.score, s.resource.id))
        return with_popularity(out, self.opened, w.popularity)

    def _candidates(
        self, request: RecommendationRequest, open_: Mapping[str, Obligation], arenas: set[str], day: date
    ) -> Candidates:
        """Return what serves an open requirement; in a large bank those that are likely to score well."""
        w, traits = self.weights, self.traits
        levels = np.array([_rank(self.requirements[q].level) for q in open_], dtype=np.int8)

        def standing(numbers: NDArray[np.int64], best: NDArray[np.int64]) -> NDArray[np.float64]:
            """Return the parts of `_score` that are neither coverage nor proximity; `best` is what each serves best."""
            if traits is None:
                return np.zeros(len(numbers))
            found = np.array([w.everyone, 0.0, w.other_audience])[
                traits.fit("audience", self._kin(request.role), numbers)
            ]
            if arenas:
                found += np.array([0.0, 0.0, w.other_arena])[traits.fit("arena", arenas, numbers)]
            found += w.level * traits.steps_to(levels[best], numbers)
            found += w.language * traits.is_in(
                "language", lambda value: understood(value, request.language), numbers
            )
            found += w.review_expired * traits.expired(day, numbers)
            found += w.local * ~traits.is_in("edition", lambda value: value == COMMON_EDITION, numbers)
            found[~traits.is_in("edition", is_visible(request.edition), numbers)] -= HIDDEN
            found[traits.below(_rank(request.level) - 1, numbers)] -= HIDDEN
            return found

        finder = CandidateFinder(
            self.proximity,
            self.fetch,
            self.excluded,
            w.stated,
            w.proposed,
            w.proximity,
            request.k,
            a_set=request.minutes is not None or request.smallest,
        )
        needed = {q: NECESSITY[o.necessity] for q, o in open_.items()}
        return finder.find(needed, request.edition, standing)

    def _kin(self, role: str) -> set[str]:
        """Return the role and the broader ones."""
        kin: set[str] = set()
        at: str | None = role
        while at is not None and at not in kin:
            kin.add(at)
            found = self.roles.get(at)
            at = found.broader if found else None
        return kin

    def _audience(self, kin: AbstractSet[str], resource: Resource) -> float:
        """Return what the stated audience adds: for the role or a broader one nothing; for nobody in particular; for others only."""
        if not resource.audience:
            return self.weights.everyone
        return self.weights.other_audience if kin.isdisjoint(resource.audience) else 0.0

    def _arena(self, arenas: set[str], resource: Resource) -> float:
        """Return what the stated place adds: the plan's, or others only."""
        if not resource.arena or not arenas:
            return 0.0
        return 0.0 if arenas & set(resource.arena) else self.weights.other_arena


def _rank(level: str | None) -> int:
    return level_rank(level) if level else -1


def _steps(has: int, asked: int) -> int:
    """Return the steps between two levels, 0 where one is not stated."""
    return abs(has - asked) if has >= 0 and asked >= 0 else 0


def is_open(obligation: Obligation) -> bool:
    """Tell whether resources are of use: a gap that nobody is about to approve, or an approval that ends soon."""
    return obligation.state == "expires_soon" or (obligation.gap and obligation.state != "awaiting_approval")


def understood(language: str, reader: str) -> bool:
    """Tell whether a reader is served by a language: bokmål and nynorsk serve the same readers."""
    written = {"nb", "nn"}
    return language == reader or {language, reader} <= written
