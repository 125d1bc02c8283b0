"""What is worked out of a new graph beforehand? The arrays that rank, and what is near each role and requirement."""

import os
from pathlib import Path

from engine.progress import Progress
from graph.competence_graph import CompetenceGraph
from graph.rank import Proximity


def keep_arrays(graph: CompetenceGraph, path: Path, progress: Progress) -> Proximity:
    """Cut the arrays from a graph, walk from all roles, requirements and plans, and write that to a file."""
    proximity = Proximity(graph)
    progress.begin("walking from roles and requirements", proximity.to_walk)
    proximity.keep_near(threads=len(os.sched_getaffinity(0)), advance=progress.advance)
    proximity.save(path)
    progress.end()
    return proximity
