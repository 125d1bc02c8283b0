"""What does each way of choosing list for the situations, and what is that worth?

``recommended`` is the engine as it is. Held against it: ``contents``, the same ranking without the graph's edges (no
stated link, no concept, no walk: only how like the texts are to what is open); ``similar``, what is nearest to the
role's name; ``popular``, what serves most lines of all plans; ``search``, a search for each open requirement in turn.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from cli.significance import interval, paired
from engine.choosing import DEFAULT_MINUTES, NECESSITY
from engine.content_links import likenesses
from engine.model import SearchRequest
from engine.network import network
from engine.recommend import RecommendationRequest, Recommender, is_open
from golden.recommending import grades, obligations_of, sample, situations, visible
from graph.competence_graph import CompetenceGraph
from graph.plans import obligations
from graph.rank import Proximity
from indexer.embedding import PassageEmbedder

TOP = 10
DISCOUNT = 1 / np.log2(np.arange(2, TOP + 2))
HOUR = 60
"""Minutes that a situation without a limit is looked at for."""


@dataclass(frozen=True)
class Worth:
    """Figures of one way over some situations: nDCG@10, open requirements that are served per hour, both by situation."""

    ndcg: dict
    per_hour: dict
    judged: float

    def mean(self):
        """Return the mean nDCG@10."""
        return sum(self.ndcg.values()) / len(self.ndcg)

    def span(self):
        """Return its 95 % interval."""
        return interval(list(self.ndcg.values()))

    def against(self, other):
        """Return the paired difference in nDCG@10."""
        return paired([self.ndcg[s] for s in self.ndcg], [other.ndcg[s] for s in self.ndcg])


def worth(lists, split):
    """Return what lists are worth, {situation id: resource ids, best first}."""
    asked = situations(split)
    judged = [r in grades()[s.id] for s in asked for r in lists[s.id][:TOP]]
    return Worth(
        {s.id: ndcg(lists[s.id], grades()[s.id]) for s in asked},
        {s.id: per_hour(s, lists[s.id]) for s in asked},
        sum(judged) / max(1, len(judged)),
    )


def ndcg(listed, graded):
    """Return nDCG@10 with the grades as gains; what is not judged is 0."""
    gains = np.array([graded.get(r, 0) for r in listed[:TOP]], dtype=float)
    best = np.array(sorted(graded.values(), reverse=True)[:TOP], dtype=float)
    return float((gains * DISCOUNT[: len(gains)]).sum() / (best * DISCOUNT[: len(best)]).sum())


def per_hour(situation, listed):
    """Return how many open requirements are served, per hour of what fits into the minutes.

    Served is what a resource is stated to teach whose grade is 2 or 3; the list is gone through from the top, and
    what is longer than the minutes that are left is passed over.
    """
    left = budget = situation.minutes or HOUR
    open_ = {o.requirement for o in obligations_of(situation) if is_open(o)}
    served = set()
    for r in listed:
        resource = sample().resources[r]
        minutes = resource.duration or DEFAULT_MINUTES
        if minutes <= left:
            left -= minutes
            if grades()[situation.id].get(r, 0) >= 2:
                served |= open_ & set(resource.teaches)
    return 60 * len(served) / max(budget - left, 1)


def recommended(engine, asked):
    """Return what the engine lists."""
    return {s.id: [i.resource.id for i in engine.recommend(_request(s)).items] for s in asked}


def contents(engine, asked):
    """Return what the same ranking lists without the graph's edges."""
    known, index = sample(), engine._view().index
    ids = sorted(index.ids())
    resources = index.get(ids)
    bare = [replace(r, teaches=(), about=()) for r in resources.values()]
    requirements = [replace(q, concepts=()) for q in known.requirements.values()]
    embedder = PassageEmbedder(engine.embedder, engine.vectors)
    found = likenesses(requirements, ids, lambda r: index.passages(r)[1], index.get, embedder.vectors)
    like = {q: {one.resource: one.score for one in row} for q, row in found.items()}
    graph = CompetenceGraph.build(
        *network(
            list(known.roles.values()),
            requirements,
            list(known.plans.values()),
            bare,
            engine.vocabulary,
            (),
            like,
        )
    )
    recommender = Recommender(
        graph=graph,
        proximity=Proximity(graph),
        fetch=index.get,
        roles=known.roles,
        requirements=known.requirements,
        plans=known.plans,
        today=asked[0].on,
    )
    ranker = replace(recommender, weights=replace(recommender.weights, proximity=0.0))
    return {s.id: [i.resource.id for i in ranker.recommend(_request(s)).items] for s in asked}


def similar(engine, asked):
    """Return what is nearest to the name of the role."""
    index = engine._view().index
    ids = sorted(index.ids())
    names = {s.role: sample().roles[s.role].labels["nb"] for s in asked}
    vectors = dict(zip(names, engine.embedder.encode(list(names.values()), "query"), strict=True))
    near = {role: {r: float((index.passages(r)[1] @ v).max()) for r in ids} for role, v in vectors.items()}
    return {
        s.id: [
            r for r in sorted(ids, key=lambda r: (-near[s.role][r], r)) if visible(s, sample().resources[r])
        ][:TOP]
        for s in asked
    }


def popular(engine, asked):  # noqa: ARG001  # like the others
    """Return what serves most lines of the plans of all roles, the same for everybody who sees it."""
    known = sample()
    wanted = Counter(
        o.requirement
        for role in known.roles
        for o in obligations(role, known.plans.values(), known.requirements, on=asked[0].on)
    )
    serves = {r.id: sum(wanted[q] for q in r.teaches) for r in known.resources.values()}
    ranked = sorted(serves, key=lambda r: (-serves[r], r))
    return {s.id: [r for r in ranked if visible(s, known.resources[r])][:TOP] for s in asked}


def search(engine, asked):
    """Return the hits of a search for each open requirement, one from each in turn, the most needed ones first."""
    hits = {}
    for s in asked:
        open_ = sorted(
            (o for o in obligations_of(s) if is_open(o)),
            key=lambda o: (-NECESSITY[o.necessity], o.requirement),
        )
        texts = [sample().requirements[o.requirement].labels["nb"] for o in open_]
        found = [
            [h.resource.id for h in engine.search(SearchRequest(t, edition=s.edition, k=TOP, facets=())).hits]
            for t in texts
        ]
        turns = [row[n] for n in range(TOP) for row in found if n < len(row)]
        hits[s.id] = list(dict.fromkeys(turns))[:TOP]
    return hits


WAYS = (recommended, contents, search, similar, popular)


def _request(s):
    return RecommendationRequest(
        s.role, plan=s.plan, done=s.done, edition=s.edition, language=s.language, k=TOP, on=s.on
    )
