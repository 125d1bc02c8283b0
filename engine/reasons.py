"""Why is a chosen resource on the list? Its label, and a path and sentence for each requirement it serves."""

from collections.abc import Mapping, Sequence

from engine.choosing import NECESSITY, Scored, duration_of
from engine.recommendation import LANGS, Label, Reason, Recommendation
from graph.competence_graph import CompetenceGraph
from graph.model import Plan
from graph.paths import reason_path, sentence
from graph.plans import Obligation


def recommendation(
    s: Scored,
    role: str,
    open_: Mapping[str, Obligation],
    graph: CompetenceGraph,
    plans: Mapping[str, Plan],
) -> Recommendation:
    """Return a chosen resource with its label and reasons, not yet ranked."""
    minutes, assumed = duration_of(s.resource)
    served = sorted(
        s.serves, key=lambda q: (q not in s.stated, -NECESSITY[open_[q].necessity], -s.serves[q], q)
    )
    reasons = []
    for q in served:
        path = reason_path(graph, role, s.resource.id, q, plan_id=asking_plan(open_[q], plans))
        if path is not None:
            reasons.append(Reason(q, path, {lang: sentence(graph, path, lang) for lang in LANGS}))
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


def asking_plan(obligation: Obligation, plans: Mapping[str, Plan]) -> str:
    """Return the plan that asks for it most strongly, the first of them by id."""

    def asks(plan: str) -> int:
        lines = plans[plan].lines if plan in plans else ()
        return int(
            any(
                x.requirement == obligation.requirement and x.necessity == obligation.necessity for x in lines
            )
        )

    return max(sorted(obligation.plans, reverse=True), key=asks)


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
