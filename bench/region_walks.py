"""How near is the exact walk to the one that is kept beforehand, and how much slower is it? For `bench.region`."""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bench.timing import Spread, ratio_of_medians, timed
from engine.snapshot import ARRAYS_FILE, GRAPH_FILE
from graph.competence_graph import CompetenceGraph
from graph.rank import Proximity, walk_weight

try:
    import igraph
except ImportError:
    igraph = None

NEAREST = 20


def compare_walks(folder: Path, count: int) -> dict[str, Any]:
    """Walk from roles and persons by every way in turn, and compare the nearest with those of the exact walk."""
    version = json.loads((folder / "made.json").read_text())["version"]
    proximity = Proximity.open(folder / ARRAYS_FILE, version)
    first, last = proximity._first, proximity._end
    source, target, weight = _edges(folder / GRAPH_FILE, proximity)
    whole = _transition(len(proximity.ids), source, target, weight)
    plain = whole.astype(np.float32)
    random = np.random.default_rng(1)
    roles = [name for name in proximity.ids if name.startswith("role:")]
    asked = [name for name in proximity.ids if name.startswith("requirement:")]
    seeds = [
        {str(random.choice(roles)): 1.0}
        | (
            {str(name): 1 / 30 for name in random.choice(asked, min(30, len(asked)), replace=False)}
            if n % 2
            else {}
        )
        for n in range(2 * count)
    ]
    times: dict[str, list[float]] = {"kept": [], "walked": [], "scipy": []}
    overlap: dict[str, list[float]] = {"kept": [], "walked": []}
    nearest: list[set[int]] = []
    for one in seeds:
        exact = _power(whole, proximity, one, 100)[first:last]
        nearest.append(_top(exact))
        kept, seconds = timed(partial(proximity.near_resources, one))
        times["kept"].append(seconds)
        overlap["kept"].append(len(_top(kept) & nearest[-1]) / NEAREST)
        walked, seconds = timed(partial(proximity.personalised_pagerank, one))
        times["walked"].append(seconds)
        overlap["walked"].append(len(_top(walked[first:last]) & nearest[-1]) / NEAREST)
        times["scipy"].append(timed(partial(_power, plain, proximity, one, 20))[1])
    agree = {}
    weights = weight.tolist()
    if igraph is not None:
        times["igraph"] = []
        drawn = igraph.Graph(len(proximity.ids), list(zip(source.tolist(), target.tolist(), strict=True)))
        for one, best in zip(seeds[:6], nearest, strict=False):
            reset = np.zeros(len(proximity.ids))
            reset[[proximity.place(name) for name in one]] = list(one.values())
            found, seconds = timed(
                partial(drawn.personalized_pagerank, weights=weights, reset=reset.tolist(), directed=False)
            )
            times["igraph"].append(seconds)
            agree.setdefault("igraph", []).append(len(_top(np.array(found[first:last])) & best) / NEAREST)
        del drawn
    times["networkx"] = []
    walk = nx.Graph()
    walk.add_nodes_from(range(len(proximity.ids)))
    for a, b, w in zip(source.tolist(), target.tolist(), weight.tolist(), strict=True):
        before = walk.get_edge_data(a, b)
        walk.add_edge(a, b, weight=w + (before["weight"] if before else 0.0))
    for one, best in zip(seeds[:2], nearest, strict=False):
        start = {proximity.place(name): value for name, value in one.items()}
        ranks, seconds = timed(partial(nx.pagerank, walk, 0.85, personalization=start, tol=1e-9))
        times["networkx"].append(seconds)
        found = np.array([ranks[place] for place in range(first, last)])
        agree.setdefault("networkx", []).append(len(_top(found) & best) / NEAREST)
    baseline = times["kept"]
    return {
        "walk": {name: asdict(Spread.of(found)) for name, found in times.items()},
        "ratio": {
            name: str(ratio_of_medians(found, baseline[: len(found)]))
            for name, found in times.items()
            if name != "kept"
        },
        "overlap": {
            f"{name}, {who}": float(np.mean(found[half::2]))
            for name, found in overlap.items()
            for half, who in ((0, "role"), (1, "person"))
        },
        "oracles_agree": {name: float(np.mean(found)) for name, found in agree.items()},
    }


def _edges(
    path: Path, proximity: Proximity
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    edges = [(e, w) for e in CompetenceGraph.load(path).edges() if (w := walk_weight(e)) > 0]
    return (
        np.array([proximity.place(e.source) for e, _ in edges]),
        np.array([proximity.place(e.target) for e, _ in edges]),
        np.array([w for _, w in edges]),
    )


def _transition(size: int, source: NDArray[Any], target: NDArray[Any], weight: NDArray[Any]) -> Any:
    """Return the plain transition matrix, transposed, as the textbook has it."""
    both = np.r_[weight, weight], (np.r_[source, target], np.r_[target, source])
    matrix = sparse.coo_array(both, shape=(size, size)).tocsr()
    degree = np.asarray(matrix.sum(axis=1)).ravel()
    degree[degree == 0] = 1
    return sparse.csr_array(matrix.multiply(1 / degree[np.newaxis, :]).tocsr())


def _power(matrix: Any, proximity: Proximity, seeds: dict[str, float], steps: int) -> NDArray[Any]:
    restart = np.zeros(len(proximity.ids), dtype=matrix.dtype)
    for name, value in seeds.items():
        restart[proximity.place(name)] = value
    restart /= restart.sum()
    walkers = restart
    for _ in range(steps):
        walkers = 0.85 * (matrix @ walkers) + 0.15 * restart
    return walkers


def _top(scores: NDArray[Any]) -> set[int]:
    return set(np.argsort(-scores, kind="stable")[:NEAREST].tolist())
