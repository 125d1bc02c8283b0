"""Which resources serve which requirements today? What reports of coverage are counted from."""

from collections import defaultdict
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from engine.merges import links_with_merged
from engine.network import rulings_leading_on
from engine.service import Engine
from graph.competence_graph import CompetenceGraph
from graph.coverage import ServingResource
from graph.model import serves
from graph.replaced import in_use

_KEPT: WeakKeyDictionary[Engine, tuple[tuple[object, ...], tuple[ServingResource, ...]]] = WeakKeyDictionary()


def serving_resources(engine: Engine) -> Sequence[ServingResource]:
    """Return what coverage needs to know of every published resource: links as the current build's graph has them.

    What editors have ruled and merged since counts at once. The last answer is kept until something is written.
    """
    graph, info = engine.graph(), engine.builds.current()
    seqs = engine.catalogue.last_seq(), engine.catalogue.ruling_seq(), engine.catalogue.plan_seq()
    state = (info.id if info else "", *seqs)
    kept = _KEPT.get(engine)
    if kept is None or kept[0] != state:
        kept = _KEPT[engine] = state, tuple(_read(engine, graph))
    return kept[1]


def _read(engine: Engine, graph: CompetenceGraph) -> list[ServingResource]:
    known = engine.requirements()
    ruled: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for ruling in rulings_leading_on(links_with_merged(engine.catalogue, known), known):
        ruled[ruling.subject][ruling.object] = ruling.verdict
    found = []
    for r in engine.catalogue.all(status="published"):
        node = f"resource:{r.id}"
        links: dict[str, list[str]] = {"teaches": [], "proposed_teaches": []}
        if node in graph:
            for edge in filter(serves, graph.edges_from(node, ("teaches", "proposed_teaches"))):
                links[edge.kind].append(edge.target.split(":", 1)[1])
        else:  # written since the graph was drawn
            links["teaches"] = list(dict.fromkeys(in_use(name, known) for name in r.teaches))
        for name, verdict in ruled[r.id].items() if r.id in ruled else ():
            for names in links.values():
                while name in names:
                    names.remove(name)
            if verdict == "accepted":
                links["teaches"].append(name)
        found.append(
            ServingResource(
                r.id,
                r.edition,
                r.language,
                r.resource_type,
                r.status,
                r.published,
                r.review_due,
                tuple(links["teaches"]),
                tuple(links["proposed_teaches"]),
            )
        )
    return found
