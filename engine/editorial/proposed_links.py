"""Which links has the program proposed that nobody has ruled on? The likely ones, the surest first."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.editorial.review_lists import ReviewFilter, ReviewLists
from engine.errors import IndexMissing
from engine.network import rulings_leading_on
from engine.service import Engine
from graph.model import serves
from graph.replaced import in_use


@dataclass(frozen=True, slots=True)
class ProposedLink:
    """A link that waits for a ruling; `confidence` is how sure the program is [probability]."""

    resource: str
    requirement: str
    confidence: float


def proposed_links(
    engine: Engine, lists: ReviewLists, wanted: ReviewFilter, may_rule: Callable[[str], bool] = lambda _: True
) -> list[ProposedLink] | None:
    """Return the proposals for published resources of a filter that nobody has ruled on; None before the first index run.

    Parameters
    ----------
    lists : ReviewLists
        Whose resources may be shown.
    wanted : ReviewFilter
        Of its fields all but the state and the days count.
    may_rule : callable, optional
        Tells of an edition whether the asker may rule on its resources.
    """
    try:
        graph = engine.graph()
    except IndexMissing:
        return None
    known = engine.requirements()
    ruled = {(d.subject, d.object) for d in rulings_leading_on(engine.catalogue.decisions("teaches"), known)}
    found = []
    for row in lists.within(wanted):
        node = f"resource:{row.id}"
        if node not in graph or not may_rule(row.edition):
            continue
        stated = {in_use(name, known) for name in row.teaches}
        for edge in filter(serves, graph.edges_from(node, {"proposed_teaches"})):
            name = in_use(edge.target.split(":", 1)[1], known)
            if name in known and name not in stated and (row.id, name) not in ruled:
                found.append(ProposedLink(row.id, name, edge.confidence))
    return sorted(found, key=lambda link: (-link.confidence, link.resource, link.requirement))
