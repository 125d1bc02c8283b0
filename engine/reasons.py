"""Why is a chosen resource on the list? Its label, and a path and sentence for each requirement it serves."""

from collections.abc import Iterator, Mapping, Sequence

from engine.choosing import NECESSITY, duration_of
from engine.recommendation import LANGS, Label, Reason, Recommendation
from engine.scored import Scored
from graph.competence_graph import CompetenceGraph
from graph.model import ReasonPath
from graph.paths import reason_path, sentence
from graph.plans import Obligation


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
) -> Recommendation:
    """Return a chosen resource with its label and reasons, not yet ranked; `behind` is the plan of each requirement."""
    minutes, assumed = duration_of(s.resource)
    served = served_by(s, open_)
    return Recommendation(
        resource=s.resource,
        rank=0,
        score=s.score,
        label=label_of([open_[q] for q in s.surely], stated=s.stated),
        requirements=tuple(served),
        reasons=tuple(reasons(s, role, served, graph, behind)),
        minutes=minutes,
        minutes_assumed=assumed,
        parts=s.parts,
    )


def served_by(s: Scored, open_: Mapping[str, Obligation]) -> list[str]:
    """Return the requirements that a resource is listed for: what it surely serves, the surest first, or else one."""
    served = sorted(
        s.surely or s.serves,
        key=lambda q: (q not in s.stated, -NECESSITY[open_[q].necessity], -s.serves[q], q),
    )
    return served if s.surely else served[:1]


def reasons(
    s: Scored, role: str, served: Sequence[str], graph: CompetenceGraph, behind: Mapping[str, str]
) -> Iterator[Reason]:
    """Yield a reason for each requirement, each made when it is asked for."""
    for q in served:
        path = reason_path(graph, role, s.resource.id, q, plan_id=behind[q])
        if path is not None:
            yield Reason(q, path, Sentences(graph, path))


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
