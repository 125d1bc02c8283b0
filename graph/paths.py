"""Why this resource for this role? A path role → plan → requirement (→ concept) → resource, and its sentence."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from graph.competence_graph import NECESSITIES, CompetenceGraph, label_of, node_id
from graph.errors import GraphError
from graph.model import Edge, ReasonPath

_ASKS: Mapping[str, Mapping[str, str]] = {
    "nb": {
        "obligatorisk": "krever {requirement}",
        "betinget": "krever {requirement} ved behov",
        "anbefalt": "anbefaler {requirement}",
        "": "har med {requirement}",
    },
    "nn": {
        "obligatorisk": "krev {requirement}",
        "betinget": "krev {requirement} ved behov",
        "anbefalt": "tilrår {requirement}",
        "": "har med {requirement}",
    },
    "en": {
        "obligatorisk": "requires {requirement}",
        "betinget": "requires {requirement} for some tasks",
        "anbefalt": "recommends {requirement}",
        "": "includes {requirement}",
    },
}
_SENTENCES: Mapping[str, str] = {
    "nb": "Foreslått fordi planen {plan} for rollen {role} {asks}, og {link}.",
    "nn": "Foreslått fordi planen {plan} for rolla {role} {asks}, og {link}.",
    "en": "Suggested because the plan {plan} for the role {role} {asks}, and {link}.",
}
_LINKS: Mapping[str, Mapping[str, str]] = {
    "nb": {
        "teaches": "{resource} er knyttet til kravet{made}",
        "about": "{resource} deler emnet {concept} med kravet{made}",
        "proposed_teaches": "{resource} er foreslått til kravet{made}, uten at noen redaktør har vurdert det",
    },
    "nn": {
        "teaches": "{resource} er knytt til kravet{made}",
        "about": "{resource} deler emnet {concept} med kravet{made}",
        "proposed_teaches": "{resource} er foreslått til kravet{made}, utan at nokon redaktør har vurdert det",
    },
    "en": {
        "teaches": "{resource} is linked to the requirement{made}",
        "about": "{resource} shares the topic {concept} with the requirement{made}",
        "proposed_teaches": "{resource} is proposed for the requirement{made}, and no editor has reviewed it",
    },
}
_TAGGED: Mapping[str, str] = {"nb": ", merket", "nn": ", merkt", "en": ", as tagged"}
_BY: Mapping[str, str] = {"nb": " av {by}", "nn": " av {by}", "en": " by {by}"}
_ON: Mapping[str, str] = {"nb": " den {day}", "nn": " den {day}", "en": " on {day}"}
_AUTOMATIC: Mapping[str, str] = {"nb": " automatisk", "nn": " automatisk", "en": " automatically"}
_FROM_TEXT: Mapping[str, str] = {
    "nb": " ut fra teksten av {day}",
    "nn": " ut frå teksten av {day}",
    "en": " from the text of {day}",
}
_MARKS: Mapping[str, tuple[str, str]] = {"nb": ("«", "»"), "nn": ("«", "»"), "en": ("“", "”")}
_MONTHS: Mapping[str, tuple[str, ...]] = {
    "nb": ("januar", "februar", "mars", "april", "mai", "juni",
           "juli", "august", "september", "oktober", "november", "desember"),
    "en": ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December"),
}  # fmt: skip


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
    names = {node.kind: _quoted(label_of(node, lang), lang) for node in map(graph.node, path.nodes)}
    requires, last = path.edges[1], path.edges[-1]
    made = _made(last, lang)
    if made and last.kind == "about":
        made = _TAGGED[lang] + made
    link = _LINKS[lang][last.kind].format(
        resource=names["resource"], concept=names.get("concept", ""), made=made
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
    if plan_id is None:
        found = graph.edges_from(role, {"has_plan"})
    else:
        one = graph.edge(role, node_id("plan", plan_id), "has_plan")
        found = [one] if one else []
    ways = [
        (has_plan, requires)
        for has_plan in found
        if (requires := graph.edge(has_plan.target, requirement, "requires"))
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
    """Return who made an edge and when. What the program makes is made from a text, and the day is the text's."""
    if edge.origin == "automatic":
        return _AUTOMATIC[lang] + (_FROM_TEXT[lang].format(day=_day(edge.at, lang)) if edge.at else "")
    by = _BY[lang].format(by=edge.by) if edge.by else ""
    return by + (_ON[lang].format(day=_day(edge.at, lang)) if edge.at else "")


def _day(day: date, lang: str) -> str:
    """Return a day in words.

    Examples
    --------
    >>> _day(date(2026, 5, 17), "nn"), _day(date(2026, 5, 17), "en")
    ('17. mai 2026', '17 May 2026')
    """
    month = _MONTHS["en" if lang == "en" else "nb"][day.month - 1]
    return f"{day.day}{'' if lang == 'en' else '.'} {month} {day.year}"


def _quoted(label: str, lang: str) -> str:
    """Return a label in quotation marks; marks inside it become single ones.

    Examples
    --------
    >>> _quoted("«Skal mamma dø?» Å svare barn ærlig", "nb")
    '«‘Skal mamma dø?’ Å svare barn ærlig»'
    """
    opening, closing = _MARKS[lang]
    return f"{opening}{label.replace(opening, '‘').replace(closing, '’')}{closing}"
