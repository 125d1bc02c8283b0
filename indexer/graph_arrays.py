"""What is worked out of a new graph beforehand? The arrays that rank, and what is near each role and requirement."""

import os
from collections.abc import Iterable
from pathlib import Path

from engine.model import Resource
from engine.progress import Progress
from engine.snapshot import ARRAYS_FILE, TRAITS_FILE
from engine.traits import Traits
from graph.competence_graph import CompetenceGraph
from graph.rank import Proximity


def keep_arrays(
    graph: CompetenceGraph, resources: Iterable[Resource], folder: Path, progress: Progress
) -> Proximity:
    """Cut the arrays from a graph, walk from all roles, requirements and plans, and write that to a build's folder."""
    proximity = Proximity(graph)
    progress.begin("walking from roles and requirements", proximity.to_walk)
    proximity.keep_near(threads=len(os.sched_getaffinity(0)), advance=progress.advance)
    proximity.save(folder / ARRAYS_FILE)
    Traits.of(proximity.resource_ids, resources).save(folder / TRAITS_FILE, graph.version)
    progress.end()
    return proximity
