"""What is near a role? Its plans, what they ask for, and how many resources serve each requirement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.search import visible
from engine.service import Engine
from graph.model import Necessity, Plan, serves
from graph.plans import Obligation

Cover = Literal["covered", "proposed", "none"]
"""Whether a stated resource serves a requirement, or a proposed one only, or none."""


@dataclass(frozen=True, slots=True)
class Near:
    """A requirement beside a role: `stated` and `proposed` resources that a reader of the edition can see."""

    requirement: str
    necessity: Necessity
    plans: tuple[str, ...]
    stated: int
    proposed: int

    @property
    def cover(self) -> Cover:
        """How it is covered."""
        return "covered" if self.stated else "proposed" if self.proposed else "none"


def near_role(
    engine: Engine, obligations: Sequence[Obligation], plans: Sequence[Plan], edition: str | None
) -> list[Near]:
    """Return what is asked of a role, in the order of `obligations`, with the plans of `plans` that ask for it."""
    graph, merges = engine.graph(), engine.merges()
    serving: dict[str, dict[str, bool]] = {}
    for o in obligations:
        node = f"requirement:{o.requirement}"
        edges = graph.edges_to(node, ("teaches", "proposed_teaches")) if node in graph else []
        found = serving.setdefault(o.requirement, {})
        for edge in filter(serves, edges):
            id_ = edge.source.partition(":")[2]
            if edge.kind == "teaches":  # merged since the graph was drawn
                id_ = merges.goes_to(id_) or id_
            found[id_] = found.get(id_, False) or edge.kind == "teaches"
    resources = engine.catalogue.get_many(sorted({id_ for found in serving.values() for id_ in found}))
    seen = {id_ for id_, r in resources.items() if r.status == "published" and visible(r, edition)}
    order = [p.id for p in plans]
    return [
        Near(
            o.requirement,
            o.necessity,
            tuple(p for p in order if p in o.plans),
            sum(stated and id_ in seen for id_, stated in serving[o.requirement].items()),
            sum(not stated and id_ in seen for id_, stated in serving[o.requirement].items()),
        )
        for o in obligations
    ]
