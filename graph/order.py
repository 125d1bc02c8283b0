"""In which order should things be learnt? Prerequisites first, then the easier level, then the plan's order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from graph.errors import CycleError, GraphError
from graph.model import Requirement

LEVELS: Mapping[str, int] = {"grunnleggende": 1, "videregaende": 2, "avansert": 3, "ekspert": 4}
"""Names in scheme ``niva``, easiest first."""

UNKNOWN_LEVEL = 2
"""Where something without a level is put: among the middle ones."""


def level_rank(level: str | None) -> int:
    """Return 1 (grunnleggende) to 4 (ekspert); a missing or unknown level counts as `UNKNOWN_LEVEL`.

    Examples
    --------
    >>> level_rank("avansert"), level_rank(None)
    (3, 2)
    """
    return LEVELS.get(level or "", UNKNOWN_LEVEL)


@dataclass(frozen=True, slots=True)
class LearningItem:
    """A resource to put in order: what it teaches, its level and its place among equals."""

    id: str
    teaches: tuple[str, ...] = ()
    level: str | None = None
    order: int = 0


def check_prerequisites(requirements: Iterable[Requirement]) -> None:
    """Refuse prerequisites that run in a circle.

    Prerequisites that are not among `requirements` are not followed: they cannot be on a circle.

    Raises
    ------
    CycleError
        With one shortest circle of those through the smallest id that lies on any.
    """
    requirements = list(requirements)
    if _all_can_be_met(requirements):
        return
    steps = _steps(requirements)
    on_circles = [min(part) for part in nx.strongly_connected_components(steps) if len(part) > 1]
    on_circles += [node for node in steps if steps.has_edge(node, node)]
    if not on_circles:
        return
    start = min(on_circles)
    ways = (
        [start] if after == start else nx.shortest_path(steps, after, start)
        for after in sorted(steps.successors(start))
        if after == start or nx.has_path(steps, after, start)
    )
    way = min(ways, key=lambda way: (len(way), way))
    raise CycleError([start, *way[:-1]])


def order_requirements(
    ids: Iterable[str], requirements: Mapping[str, Requirement], order: Mapping[str, int] | None = None
) -> list[str]:
    """Put requirements in the order they should be met.

    Parameters
    ----------
    ids : iterable of requirement ids
        What is to be put in order; repeats count once.
    requirements : mapping of id to Requirement
        All that are known, so that A stays before C when A is a prerequisite of B, B one of C, and B
        is not in `ids`. Prerequisites that are not known are not followed.
    order : mapping of id to place, optional
        Decides between requirements of the same level; a missing one counts as 0.

    Returns
    -------
    list of ids
        No requirement stands before one of its prerequisites; of those that may come next, the one of
        least (level, order, id) does. The order of `ids` itself plays no part.

    Raises
    ------
    CycleError
        If the prerequisites run in a circle.
    GraphError
        If an id is not known.

    Examples
    --------
    >>> known = {r.id: r for r in (Requirement("ahlr", {}, prerequisites=("bhlr",)), Requirement("bhlr", {}))}
    >>> order_requirements(["ahlr", "bhlr"], known)
    ['bhlr', 'ahlr']
    """
    wanted = sorted(set(ids))
    if unknown := [name for name in wanted if name not in requirements]:
        raise GraphError(f"no such requirement: {', '.join(unknown)}")
    place = order or {}
    check_prerequisites(requirements.values())
    sequence = nx.DiGraph()
    sequence.add_nodes_from(wanted)
    for name in wanted:
        before = prerequisites_of([name], requirements)
        sequence.add_edges_from((first, name) for first in wanted if first in before)
    return list(
        nx.lexicographical_topological_sort(
            sequence, key=lambda name: (level_rank(requirements[name].level), place.get(name, 0), name)
        )
    )


def order_items(items: Sequence[LearningItem], requirements: Mapping[str, Requirement]) -> list[str]:
    """Put resources in the order they should be taken.

    A resource comes after all that teach a prerequisite, near or far, of something it teaches. Two
    resources may each teach a prerequisite of the other; no order serves both, so such resources
    stand together, by (level, order, id).

    Parameters
    ----------
    items : sequence of LearningItem
        Ids must be different.
    requirements : mapping of id to Requirement
        Where prerequisites are looked up; what is taught but not known has none.

    Returns
    -------
    list of ids
        Of the resources that may come next, the one of least (level, order, id) does.

    Raises
    ------
    CycleError
        If the prerequisites of the requirements run in a circle.
    GraphError
        If an id stands twice.
    """
    known = {item.id: item for item in items}
    if len(known) != len(items):
        raise GraphError("the same resource stands twice in what is to be put in order")
    check_prerequisites(requirements.values())
    teachers: dict[str, list[str]] = {}
    for item in items:
        for taught in item.teaches:
            teachers.setdefault(taught, []).append(item.id)

    def key(name: str) -> tuple[int, int, str]:
        return level_rank(known[name].level), known[name].order, name

    sequence = nx.DiGraph()
    sequence.add_nodes_from(sorted(known))
    for item in items:
        for first in prerequisites_of(item.teaches, requirements) & teachers.keys():
            sequence.add_edges_from((teacher, item.id) for teacher in teachers[first] if teacher != item.id)
    blocks = nx.condensation(sequence)
    members: dict[int, list[str]] = {
        block: sorted(names, key=key) for block, names in blocks.nodes(data="members")
    }
    in_order = nx.lexicographical_topological_sort(blocks, key=lambda block: key(members[block][0]))
    return [name for block in in_order for name in members[block]]


def prerequisites_of(ids: Iterable[str], requirements: Mapping[str, Requirement]) -> set[str]:
    """Return everything that comes before any of `ids`, near or far; a circle does no harm here.

    Examples
    --------
    >>> known = {"b": Requirement("b", {}, prerequisites=("a",)), "c": Requirement("c", {}, prerequisites=("b",))}
    >>> sorted(prerequisites_of(["c"], known))
    ['a', 'b']
    """
    found: set[str] = set()
    waiting = list(ids)
    while waiting:
        requirement = requirements.get(waiting.pop())
        new = set(requirement.prerequisites) - found if requirement else set()
        found |= new
        waiting.extend(new)
    return found


def _all_can_be_met(requirements: Sequence[Requirement]) -> bool:
    """Tell whether everything can be met one after the other; quick, since it is asked at every request."""
    known = {requirement.id for requirement in requirements}
    waiting = {r.id: known.intersection(r.prerequisites) for r in requirements if r.prerequisites}
    while waiting:
        left = {name: first for name, before in waiting.items() if (first := before & waiting.keys())}
        if len(left) == len(waiting):
            return False
        waiting = left
    return True


def _steps(requirements: Iterable[Requirement]) -> Any:  # noqa: ANN401  # networkx has no types
    known = {requirement.id: requirement for requirement in requirements}
    steps = nx.DiGraph()
    steps.add_nodes_from(sorted(known))
    for name in sorted(known):
        steps.add_edges_from((first, name) for first in known[name].prerequisites if first in known)
    return steps
