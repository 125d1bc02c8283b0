"""Why is a chosen resource on the list? Its label, and a path and sentence for each requirement it serves."""

from collections.abc import Iterator, Mapping, Sequence

from engine.choosing import NECESSITY, Scored, duration_of
from engine.recommendation import LANGS, Label, Reason, Recommendation
from graph.competence_graph import CompetenceGraph
from graph.model import Plan, ReasonPath
from graph.paths import reason_path, sentence
from graph.plans import Obligation, lines_for


class Sentences(Mapping[str, str]):
    """A path as a sentence in nb, nn and en, made when it is asked for."""

    def __init__(self, graph: CompetenceGraph, path: ReasonPath) -> None:
        self._graph, self._path = graph, path

    def __getitem__(self, lang: str) -> str:
        if lang not in LANGS:
            raise KeyError(lang)
        return sentence(self._graph, self._path, lang)

    def __iter__(self) -> Iterator[str]:
        return iter(LANGS)

    def __len__(self) -> int:
        return len(LANGS)


def recommendation(
    s: Scored,
    role: str,
    open_: Mapping[str, Obligation],
    graph: CompetenceGraph,
    behind: Mapping[str, str],
    opened: Mapping[str, int] | None = None,
) -> Recommendation:
    """Return a chosen resource with its label and reasons, not yet ranked; `behind` is the plan of each requirement."""
    minutes, assumed = duration_of(s.resource)
    likely = s.surely
    served = sorted(
        likely or s.serves, key=lambda q: (q not in s.stated, -NECESSITY[open_[q].necessity], -s.serves[q], q)
    )
    if not likely:
        served = served[:1]
    reasons = []
    for q in served:
        path = reason_path(graph, role, s.resource.id, q, plan_id=behind[q])
        if path is not None:
            reasons.append(Reason(q, path, Sentences(graph, path)))
    return Recommendation(
        resource=s.resource,
        rank=0,
        score=s.score,
        label=label_of([open_[q] for q in likely], stated=s.stated),
        requirements=tuple(served),
        reasons=tuple(reasons),
        minutes=minutes,
        minutes_assumed=assumed,
        parts=s.parts,
        opened=(opened or {}).get(s.resource.id, 0) if "popularity" in dict(s.parts) else 0,
    )


def plan_behind(
    graph: CompetenceGraph,
    role: str,
    obligation: Obligation,
    plans: Mapping[str, Plan],
    edition: str | None,
) -> str | None:
    """Return the plan that asks for it most strongly of those in the graph, the first by id; None without one."""

    def asks(plan: str) -> bool:
        lines = lines_for(plans[plan], edition) if plan in plans else ()
        return any(
            x.requirement == obligation.requirement and x.necessity == obligation.necessity for x in lines
        )

    ways = [
        plan
        for plan in sorted(obligation.plans)
        if graph.edge(f"role:{role}", f"plan:{plan}", "has_plan")
        and graph.edge(f"plan:{plan}", f"requirement:{obligation.requirement}", "requires")
    ]
    return min(ways, key=lambda plan: (not asks(plan), plan), default=None)


def label_of(served: Sequence[Obligation], *, stated: frozenset[str]) -> Label:
    """Return the label by the written rule.

    Essential: a stated link to a mandatory requirement. Recommended: a likely link (`graph.model.LIKELY`) to a
    mandatory one, or a stated link to a conditional one. Optional: everything else.
    """
    by_stated = {o.necessity for o in served if o.requirement in stated}
    if "obligatorisk" in by_stated:
        return "essential"
    if "betinget" in by_stated or any(o.necessity == "obligatorisk" for o in served):
        return "recommended"
    return "optional"
