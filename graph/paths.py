"""Why this resource for this role? A path role → plan → requirement (→ concept) → resource, and its sentence."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from graph.competence_graph import NECESSITIES, CompetenceGraph, label_of, node_id
from graph.errors import GraphError
from graph.model import Edge, ReasonPath

_ASKS: Mapping[str, Mapping[str, str]] = {
    "nb": {
        "obligatorisk": "krever «{requirement}»",
        "betinget": "krever «{requirement}» ved behov",
        "anbefalt": "anbefaler «{requirement}»",
        "": "har med «{requirement}»",
    },
    "nn": {
        "obligatorisk": "krev «{requirement}»",
        "betinget": "krev «{requirement}» ved behov",
        "anbefalt": "tilrår «{requirement}»",
        "": "har med «{requirement}»",
    },
    "en": {
        "obligatorisk": "requires “{requirement}”",
        "betinget": "requires “{requirement}” for some tasks",
        "anbefalt": "recommends “{requirement}”",
        "": "includes “{requirement}”",
    },
}
_SENTENCES: Mapping[str, str] = {
    "nb": "Foreslått fordi planen «{plan}» for rollen {role} {asks}, og {link}.",
    "nn": "Foreslått fordi planen «{plan}» for rolla {role} {asks}, og {link}.",
    "en": "Suggested because the plan “{plan}” for the role {role} {asks}, and {link}.",
}
_LINKS: Mapping[str, Mapping[str, str]] = {
    "nb": {
        "teaches": "«{resource}» er knyttet til kravet{made}",
        "about": "både kravet og «{resource}» handler om «{concept}»{made}",
        "proposed_teaches": "«{resource}» er et forslag som ingen redaktør har vurdert{made}",
    },
    "nn": {
        "teaches": "«{resource}» er knytt til kravet{made}",
        "about": "både kravet og «{resource}» handlar om «{concept}»{made}",
        "proposed_teaches": "«{resource}» er eit forslag som ingen redaktør har vurdert{made}",
    },
    "en": {
        "teaches": "“{resource}” is linked to the requirement{made}",
        "about": "both the requirement and “{resource}” are about “{concept}”{made}",
        "proposed_teaches": "“{resource}” is a proposal that no editor has reviewed{made}",
    },
}
_BY: Mapping[str, str] = {"nb": "av {by}", "nn": "av {by}", "en": "by {by}"}


def reason_path(
    graph: CompetenceGraph,
    role_id: str,
    resource_id: str,
    requirement_id: str,
    plan_id: str | None = None,
) -> ReasonPath | None:
    """Return the path that explains a resource for a role and a requirement, or None if there is none.

    Parameters
    ----------
    graph : CompetenceGraph
        Where the path is looked for.
    role_id, resource_id, requirement_id : str
        Plain ids or the nodes' ids. Those that are not in the graph have no path.
    plan_id : str, optional
        The plan the path goes through. Without it: the one of the role's plans that asks for the
        requirement most strongly, else of the least id.

    Returns
    -------
    ReasonPath or None
        From the requirement to the resource leads, in this order: a stated ``teaches`` edge; a shared
        concept, the one with the greatest product of weights and confidences, else of the least id; a
        ``proposed_teaches`` edge.
    """
    role, requirement = node_id("role", role_id), node_id("requirement", requirement_id)
    resource = node_id("resource", resource_id)
    if any(name not in graph for name in (role, requirement, resource)):
        return None
    way = _to_requirement(graph, role, requirement, plan_id)
    if way is None:
        return None
    has_plan, requires = way
    nodes = (role, has_plan.target, requirement)
    if teaches := graph.edge(resource, requirement, "teaches"):
        return ReasonPath((*nodes, resource), (has_plan, requires, teaches), (False, False, True))
    if shared := _shared_concept(graph, requirement, resource):
        return ReasonPath(
            (*nodes, shared[0].target, resource), (has_plan, requires, *shared), (False, False, False, True)
        )
    if proposed := graph.edge(resource, requirement, "proposed_teaches"):
        return ReasonPath((*nodes, resource), (has_plan, requires, proposed), (False, False, True))
    return None


def holds(graph: CompetenceGraph, path: ReasonPath) -> bool:
    """Tell whether every edge of the path is in the graph, unchanged, and joins the path's nodes."""
    if not len(path.nodes) - 1 == len(path.edges) == len(path.reversed_) or len(path.edges) < 3:
        return False
    if any(node not in graph for node in path.nodes):
        return False
    steps = zip(pairwise(path.nodes), path.edges, path.reversed_, strict=True)
    for (here, there), edge, is_reversed in steps:
        source, target = (there, here) if is_reversed else (here, there)
        if (edge.source, edge.target) != (source, target) or graph.edge(source, target, edge.kind) != edge:
            return False
    kinds = tuple(edge.kind for edge in path.edges)
    ends = ("has_plan", "requires", "teaches"), ("has_plan", "requires", "proposed_teaches")
    return kinds in ends or kinds == ("has_plan", "requires", "about", "about")


def sentence(graph: CompetenceGraph, path: ReasonPath, lang: str = "nb") -> str:
    """Return the path as one sentence, made from the path and the labels in the graph and nothing else.

    Parameters
    ----------
    graph : CompetenceGraph
        Where the labels are.
    path : ReasonPath
        One that `holds`.
    lang : {"nb", "nn", "en"}
        Any other language gives nb.

    Raises
    ------
    GraphError
        If the path does not hold in the graph: a reason that is gone cannot be told.
    """
    if not holds(graph, path):
        raise GraphError("the path does not hold in this graph")
    lang = lang if lang in _SENTENCES else "nb"
    names = {node.kind: label_of(node, lang) for node in map(graph.node, path.nodes)}
    requires, last = path.edges[1], path.edges[-1]
    link = _LINKS[lang][last.kind].format(
        resource=names["resource"], concept=names.get("concept", ""), made=_made(last, lang)
    )
    return _SENTENCES[lang].format(
        plan=names["plan"],
        role=names["role"],
        asks=_ASKS[lang][requires.necessity or ""].format(requirement=names["requirement"]),
        link=link,
    )


def _to_requirement(
    graph: CompetenceGraph, role: str, requirement: str, plan_id: str | None
) -> tuple[Edge, Edge] | None:
    ways = [
        (has_plan, requires)
        for has_plan in graph.edges_from(role, {"has_plan"})
        if (plan_id is None or has_plan.target == node_id("plan", plan_id))
        and (requires := graph.edge(has_plan.target, requirement, "requires"))
    ]
    return min(
        ways, key=lambda way: (-NECESSITIES[way[1].necessity or "obligatorisk"], way[0].target), default=None
    )


def _shared_concept(graph: CompetenceGraph, requirement: str, resource: str) -> tuple[Edge, Edge] | None:
    """Return the edges requirement → concept and resource → concept that carry most."""
    pairs = [
        (asked, met)
        for asked in graph.edges_from(requirement, {"about"})
        if (met := graph.edge(resource, asked.target, "about"))
    ]

    def strength(pair: tuple[Edge, Edge]) -> float:
        return pair[0].weight * pair[0].confidence * pair[1].weight * pair[1].confidence

    return min(pairs, key=lambda pair: (-strength(pair), pair[0].target), default=None)


def _made(edge: Edge, lang: str) -> str:
    parts = [_BY[lang].format(by=edge.by)] if edge.by else []
    if edge.at:
        parts.append(_day(edge.at, lang))
    return f" ({', '.join(parts)})" if parts else ""


def _day(day: date, lang: str) -> str:
    return day.isoformat() if lang == "en" else f"{day.day}.{day.month}.{day.year}"
