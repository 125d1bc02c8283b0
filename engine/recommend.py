"""Here is a role, a plan and what is done: what next, and why? An ordered list with reasons.

A pure function of role, plan, done-list, budget and graph version: nothing about the asker is kept.
Candidates are the resources that serve a requirement not yet met; they are ranked by graph proximity,
necessity, kind of link, level, language and quality, thinned by diversity, and put in an order in which
nothing comes before its prerequisite. With a budget of minutes the list is the set that covers most.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import numpy as np

from engine.candidates import CandidateFinder, Candidates
from engine.errors import InvalidRequest
from engine.model import COMMON_EDITION, Resource
from graph.competence_graph import CompetenceGraph
from graph.cover import Candidate, choose
from graph.model import Evidence, Plan, ReasonPath, Requirement, Role
from graph.order import LearningItem, level_rank, order_items
from graph.paths import reason_path, sentence
from graph.plans import Obligation, obligations
from graph.rank import Proximity

Label = Literal["essential", "recommended", "optional"]
NECESSITY = {"obligatorisk": 1.0, "betinget": 0.6, "anbefalt": 0.4}
LEVELS = {"grunnleggende": 0, "videregaende": 1, "avansert": 2}
DEFAULT_MINUTES = 15
"""Duration assumed of a resource that states none, an article or a tool [minutes]."""

MAX_K = 100
LANGS = ("nb", "nn", "en")


@dataclass(frozen=True, slots=True)
class RankWeights:
    """Weights of the parts of a recommendation's score; set on the development situations."""

    coverage: float = 1.0
    proximity: float = 0.6
    stated: float = 1.0
    proposed: float = 0.5
    audience: float = 0.3
    everyone: float = 0.2
    other_audience: float = -0.35
    arena: float = 0.1
    other_arena: float = -0.2
    language: float = 0.1
    review_expired: float = -0.2
    local: float = 0.05
    diversity: float = 0.25


@dataclass(frozen=True, slots=True)
class RecommendationRequest:
    """What is asked. `minutes` is a budget; `done` the asker's own list, never stored."""

    role: str
    plan: str | None = None
    done: tuple[Evidence, ...] = ()
    minutes: int | None = None
    edition: str | None = None
    language: str = "nb"
    k: int = 20
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A path from the role to the resource, and the same as a sentence in nb, nn and en."""

    requirement: str
    path: ReasonPath
    sentences: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommended resource; `score` compares within one list, `minutes` is its (assumed) length."""

    resource: Resource
    rank: int
    score: float
    label: Label
    requirements: tuple[str, ...]
    reasons: tuple[Reason, ...]
    minutes: int
    minutes_assumed: bool
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Recommendations:
    """An ordered list, the obligations it was made for, and what it leaves open.

    `uncovered` are open requirements that no item of the list serves; those of them in `unmet` have no
    resource at all.
    """

    items: tuple[Recommendation, ...]
    obligations: tuple[Obligation, ...]
    uncovered: tuple[str, ...]
    unmet: tuple[str, ...]
    minutes: int
    graph_version: str


@dataclass(frozen=True, slots=True)
class _Scored:
    resource: Resource
    serves: Mapping[str, float]  # requirement -> strength of the link, in (0, 1]
    stated: frozenset[str]  # of those, the ones that an editor or a source has stated
    setbacks: int  # 0: current, in the reader's language, for this role and place
    score: float
    parts: tuple[tuple[str, float], ...]


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

    def recommend(self, request: RecommendationRequest) -> Recommendations:
        """Return the list for a request; the same request gives the same list.

        Raises
        ------
        InvalidRequest
            If `k` or `minutes` is out of range.
        """
        if not 1 <= request.k <= MAX_K:
            raise InvalidRequest(f"k must be between 1 and {MAX_K}, got {request.k}")
        if request.minutes is not None and request.minutes < 1:
            raise InvalidRequest(f"minutes must be at least 1, got {request.minutes}")
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
        scored = self._score(request, open_, day)
        if request.minutes is not None:
            chosen = self._within(request.minutes, scored, open_)
        else:
            chosen = self._diverse(scored, request.k)
        ordered = self._ordered(chosen, open_)
        made = (self._item(s, request, open_) for s in ordered)
        # what has no path in this graph yet has no reason, and what has no reason is not recommended
        items = tuple(replace(item, rank=i) for i, item in enumerate((m for m in made if m.reasons), start=1))
        served = {q for item in items for q in item.requirements}
        possible = {q for s in scored for q in s.serves}
        return Recommendations(
            items=items,
            obligations=tuple(all_),
            uncovered=tuple(q for q in open_ if q not in served),
            unmet=tuple(q for q in open_ if q not in possible),
            minutes=sum(item.minutes for item in items),
            graph_version=self.graph.version,
        )

    def _score(
        self, request: RecommendationRequest, open_: Mapping[str, Obligation], day: date
    ) -> list[_Scored]:
        w = self.weights
        found = self._candidates(request, open_)
        arenas = {
            plan.arena for o in open_.values() for p in o.plans if (plan := self.plans.get(p)) and plan.arena
        }
        out = []
        for rid, resource in found.resources.items():
            links = found.serves[rid]
            need = sum(NECESSITY[open_[q].necessity] * strength for q, (strength, _) in links.items())
            parts = (
                ("coverage", w.coverage * float(np.log1p(need))),
                ("proximity", w.proximity * found.near[rid]),
                ("audience", self._audience(request.role, resource)),
                ("arena", self._arena(arenas, resource)),
                ("language", w.language if understood(resource.language, request.language) else 0.0),
                (
                    "review_expired",
                    w.review_expired
                    if resource.review_due is not None and resource.review_due < day
                    else 0.0,
                ),
                ("local", w.local if resource.edition != COMMON_EDITION else 0.0),
            )
            out.append(
                _Scored(
                    resource,
                    {q: strength for q, (strength, _) in links.items()},
                    frozenset(q for q, (_, stated) in links.items() if stated),
                    self._rank_of(request, resource, arenas, day),
                    sum(v for _, v in parts),
                    parts,
                )
            )
        return sorted(out, key=lambda s: (-s.score, s.resource.id))

    def _candidates(self, request: RecommendationRequest, open_: Mapping[str, Obligation]) -> Candidates:
        """Return what serves an open requirement, near to role and open requirements before far from them."""
        w = self.weights
        seeds = {f"role:{request.role}": 1.0}
        seeds |= {f"requirement:{q}": NECESSITY[o.necessity] / len(open_) for q, o in open_.items()}
        finder = CandidateFinder(
            self.proximity, self.fetch, self.excluded, w.stated, w.proposed, w.coverage, w.proximity
        )
        return finder.find(seeds, {q: NECESSITY[o.necessity] for q, o in open_.items()}, request.edition)

    def _audience(self, role: str, resource: Resource) -> float:
        """Return what the stated audience adds: for the role or a broader one, or for others only."""
        if not resource.audience:
            return self.weights.everyone
        kin: set[str] = set()
        at: str | None = role
        while at is not None and at not in kin:
            kin.add(at)
            found = self.roles.get(at)
            at = found.broader if found else None
        if kin & set(resource.audience):
            return self.weights.audience
        return self.weights.other_audience

    def _arena(self, arenas: set[str], resource: Resource) -> float:
        """Return what the stated place adds: the plan's, or others only."""
        if not resource.arena or not arenas:
            return 0.0
        return self.weights.arena if arenas & set(resource.arena) else self.weights.other_arena

    def _rank_of(
        self, request: RecommendationRequest, resource: Resource, arenas: set[str], day: date
    ) -> int:
        """Return how many things speak against a resource when another one serves the requirement too."""
        return (
            2 * (self._audience(request.role, resource) < 0)
            + (self._arena(arenas, resource) < 0)
            + (not understood(resource.language, request.language))
            + 2 * (resource.review_due is not None and resource.review_due < day)
        )

    def _diverse(self, scored: Sequence[_Scored], k: int) -> list[_Scored]:
        """Pick `k` by maximal marginal relevance: a requirement already served counts less.

        References
        ----------
        .. [1] J. Carbonell, J. Goldstein, "The use of MMR, diversity-based reranking for reordering
           documents and producing summaries", SIGIR 1998. https://doi.org/10.1145/290941.291025
        """
        left = list(scored)
        taken: list[_Scored] = []
        served: dict[str, int] = {}
        while left and len(taken) < k:
            best = max(
                range(len(left)),
                key=lambda i: (
                    left[i].score
                    - self.weights.diversity * min((served.get(q, 0) for q in left[i].serves), default=0)
                ),
            )
            pick = left.pop(best)
            taken.append(pick)
            for q in pick.serves:
                served[q] = served.get(q, 0) + 1
        return taken

    def _within(
        self, minutes: int, scored: Sequence[_Scored], open_: Mapping[str, Obligation]
    ) -> list[_Scored]:
        """Return the set that covers most; what is surely meant for it comes before what might serve.

        A requirement is covered by the resources with least against them: a stated link before a
        proposed one, then current, for this role and place, and in a language that is read.
        """
        by_id = {s.resource.id: s for s in scored}

        def against(s: _Scored, q: str) -> int:
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

    def _ordered(self, chosen: Sequence[_Scored], open_: Mapping[str, Obligation]) -> list[_Scored]:
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
        return [by_id[rid] for rid in order_items(items, self.requirements)]

    def _plan_of(self, obligation: Obligation) -> str:
        """Return the plan that asks for it most strongly, the first of them by id."""

        def asks(plan: str) -> int:
            lines = self.plans[plan].lines if plan in self.plans else ()
            return int(
                any(
                    x.requirement == obligation.requirement and x.necessity == obligation.necessity
                    for x in lines
                )
            )

        return max(sorted(obligation.plans, reverse=True), key=asks)

    def _item(
        self, s: _Scored, request: RecommendationRequest, open_: Mapping[str, Obligation]
    ) -> Recommendation:
        minutes, assumed = duration_of(s.resource)
        served = sorted(
            s.serves, key=lambda q: (q not in s.stated, -NECESSITY[open_[q].necessity], -s.serves[q], q)
        )
        reasons = []
        for q in served:
            path = reason_path(self.graph, request.role, s.resource.id, q, plan_id=self._plan_of(open_[q]))
            if path is not None:
                reasons.append(Reason(q, path, {lang: sentence(self.graph, path, lang) for lang in LANGS}))
        return Recommendation(
            resource=s.resource,
            rank=0,
            score=s.score,
            label=label_of([open_[q] for q in served], stated=frozenset(served) & s.stated),
            requirements=tuple(served),
            reasons=tuple(reasons),
            minutes=minutes,
            minutes_assumed=assumed,
            parts=s.parts,
        )


def is_open(obligation: Obligation) -> bool:
    """Tell whether resources are of use: a gap that nobody is about to approve, or an approval that ends soon."""
    return obligation.state == "expires_soon" or (obligation.gap and obligation.state != "awaiting_approval")


def understood(language: str, reader: str) -> bool:
    """Tell whether a reader is served by a language: bokmål and nynorsk serve the same readers."""
    written = {"nb", "nn"}
    return language == reader or {language, reader} <= written


def label_of(served: Sequence[Obligation], *, stated: frozenset[str]) -> Label:
    """Return the label by the written rule.

    Essential: a stated link to a mandatory requirement. Recommended: a proposed link to a mandatory
    one, or a stated link to a conditional one. Optional: everything else.
    """
    by_stated = {o.necessity for o in served if o.requirement in stated}
    if "obligatorisk" in by_stated:
        return "essential"
    if "betinget" in by_stated or any(o.necessity == "obligatorisk" for o in served):
        return "recommended"
    return "optional"


def duration_of(resource: Resource) -> tuple[int, bool]:
    """Return (minutes, assumed): what the resource states, or 15 when it states nothing."""
    return (resource.duration, False) if resource.duration else (DEFAULT_MINUTES, True)
