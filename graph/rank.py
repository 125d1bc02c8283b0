"""How near is everything to a role or a gap? Random walks with restart over arrays cut from the graph."""

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from scipy import sparse

from graph.array_file import read_arrays, write_arrays
from graph.competence_graph import CompetenceGraph
from graph.errors import GraphError
from graph.model import Edge, EdgeKind, Necessity
from graph.near_vectors import BATCH, KEPT, NearVectors
from graph.serving import Serving
from graph.walk_matrix import DAMPING, STEPS, WalkMatrix

_RESOURCE, _AFTER_RESOURCE, _REQUIREMENT = "resource:", "resource;", "requirement:"

KIND_WEIGHTS: Mapping[EdgeKind, float] = {
    "has_plan": 1.0,
    "requires": 1.0,
    "teaches": 1.0,
    "about": 0.5,
    "audience": 0.4,
    "prerequisite": 0.4,
    "proposed_teaches": 0.3,
    "broader": 0.3,
    "related": 0.2,
}
"""How readily the walk follows an edge of each kind [no unit]. What an editor or a source states
counts most, what the program proposes less than a third of that, the vocabulary's own edges least
because they lead away from the subject."""

NECESSITY_WEIGHTS: Mapping[Necessity, float] = {"obligatorisk": 1.0, "betinget": 0.7, "anbefalt": 0.5}
"""What a ``requires`` edge's weight is multiplied by."""


def walk_weight(edge: Edge) -> float:
    """Return the weight of an edge in the walk: kind × weight × confidence × necessity.

    Examples
    --------
    >>> walk_weight(Edge("resource:a", "requirement:b", "proposed_teaches", confidence=0.5))
    0.15
    """
    necessity = NECESSITY_WEIGHTS[edge.necessity] if edge.necessity else 1.0
    return KIND_WEIGHTS[edge.kind] * edge.weight * edge.confidence * necessity


class Proximity:
    """The graph as arrays, to rank by and for nothing else.

    Edges are walked either way; parallel edges add up. Node `i` of the arrays is ``ids[i]``; ids are
    in order, so equal scores can be told apart by position.

    Parameters
    ----------
    graph : CompetenceGraph
        Read once; `version` remembers which contents the arrays were cut from.

    Attributes
    ----------
    resource_ids : tuple of str
        Plain ids of the resources, by the numbers that `serving` and `near_resources` use.
    serving : Serving
        Which resources serve a requirement.
    """

    def __init__(self, graph: CompetenceGraph) -> None:
        ids = [node.id for node in graph.nodes()]
        self._name(ids, graph.version)
        edges = graph.edges()
        across: tuple[list[int], ...] = ([], [])
        between: tuple[list[int], ...] = ([], [])
        weights: tuple[list[float], ...] = ([], [])
        for edge in edges:
            if (weight := walk_weight(edge)) > 0:
                source, target = self._hub_or_resource(edge.source), self._hub_or_resource(edge.target)
                from_resource = edge.source.startswith(_RESOURCE)
                pairs = across if from_resource else between
                pairs[0].append(source)
                pairs[1].append(target)
                weights[from_resource].append(weight)
        self._matrix = WalkMatrix.of(
            (len(self.resource_ids), len(ids) - len(self.resource_ids)),
            (np.array(across[0], np.int64), np.array(across[1], np.int64), np.array(weights[1])),
            (np.array(between[0], np.int64), np.array(between[1], np.int64), np.array(weights[0])),
        )
        numbers = {name: number for number, name in enumerate(ids[self._first : self._end])}
        self.serving = Serving.of(edges, [i for i in ids if i.startswith(_REQUIREMENT)], numbers)
        self._near: NearVectors | None = None
        self._usual: NDArray[np.float32] | None = None

    def _name(self, ids: Sequence[str], version: str) -> None:
        self.version = version
        self.ids = tuple(ids)
        self._place = {name: place for place, name in enumerate(self.ids)}
        self._first, self._end = bisect_left(self.ids, _RESOURCE), bisect_left(self.ids, _AFTER_RESOURCE)
        self.resource_ids = tuple(name.removeprefix(_RESOURCE) for name in self.ids[self._first : self._end])
        self._number = {name: number for number, name in enumerate(self.resource_ids)}

    def _hub_or_resource(self, node: str) -> int:
        """Return a node's number among the resources if it is one, else among the others."""
        place = self._place[node]
        if place < self._first:
            return place
        return place - self._first if place < self._end else place - (self._end - self._first)

    # --- kept beside the graph ---------------------------------------------------------------

    def keep_near(self, *, threads: int = 1, advance: Callable[[int], object] = lambda _: None) -> None:
        """Walk from each role, requirement and plan and keep what is near: `near_resources` need not walk again.

        `advance` is told of each batch of seeds; `to_walk` says how many there are.
        """
        self._near = NearVectors.walked(self._matrix, self._seeds(), threads=threads, advance=advance)

    @property
    def to_walk(self) -> int:
        """How many seeds `keep_near` walks from, if there is room for all."""
        return len(self._seeds())

    def _seeds(self) -> list[int]:
        order = {kind: number for number, kind in enumerate(KEPT)}
        found = [name for name in self.ids if name.partition(":")[0] in order]
        found.sort(key=lambda name: order[name.partition(":")[0]])
        return [self._hub_or_resource(name) for name in found]

    def for_many(self) -> "Proximity":
        """Return the same for thousands of calls of `near_resources` from requirements: quicker, and needs more memory."""
        many = copy(self)
        if self._near is not None:
            hubs = {self._hub_or_resource(name) for name in self.ids if name.startswith(_REQUIREMENT)}
            many._near = self._near.widened(hubs)
        return many

    def save(self, path: Path) -> None:
        """Write the arrays, whole or not at all, for `open`."""
        arrays = {
            "ids": np.frombuffer(orjson.dumps(self.ids), dtype=np.uint8),
            **{f"walk_{name}": array for name, array in self._matrix.arrays.items()},
            **{f"serving_{name}": array for name, array in self.serving.arrays.items()},
            **(self._near.arrays if self._near else {}),
            "usual": self.usual,
        }
        write_arrays(path, arrays, self.version)

    @classmethod
    def open(cls, path: Path, version: str) -> "Proximity":
        """Map what `save` wrote; it is read as it is used.

        Raises
        ------
        GraphError
            If the file is of another format or cut from a graph of another version.
        FileNotFoundError
            If there is no such file.
        """
        arrays = read_arrays(path, version)
        made = cls.__new__(cls)
        made._name(orjson.loads(arrays["ids"].tobytes()), version)
        made._matrix = WalkMatrix.from_arrays(_part(arrays, "walk_"))
        requirements = [name for name in made.ids if name.startswith(_REQUIREMENT)]
        made.serving = Serving.from_arrays(_part(arrays, "serving_"), requirements)
        made._usual = arrays.get("usual")
        made._near = NearVectors.from_arrays(arrays) if "near_rows" in arrays else None
        return made

    @property
    def usual(self) -> NDArray[np.float32]:
        """How near each resource is to whatever there is, shape ``(n_resources,)``: the walk from all resources alike."""
        if self._usual is None:
            count = len(self.resource_ids)
            seeds = {f"{_RESOURCE}{id_}": 1.0 for id_ in self.resource_ids}
            self._usual = self.near_resources(seeds) if count else np.zeros(0, dtype=np.float32)
        return self._usual

    # --- asked -------------------------------------------------------------------------------

    def __contains__(self, node: object) -> bool:
        return node in self._place

    def place(self, node: str) -> int:
        """Return the node's position in the arrays; raises GraphError for an unknown one."""
        try:
            return self._place[node]
        except KeyError:
            raise GraphError(f"no such node: {node!r}") from None

    def resource_number(self, id_: str) -> int | None:
        """Return the number of a resource, by its plain id; None if it is not in the graph."""
        return self._number.get(id_)

    def near_resources(
        self, seeds: Mapping[str, float], numbers: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """Return how near resources are to weighted seeds: in proportion to `personalised_pagerank`.

        Parameters
        ----------
        seeds : mapping from node id to weight
            As for `personalised_pagerank`. If all are kept (`keep_near`) nothing is walked.
        numbers : ndarray of int64, optional
            Only these resources, in this order. Default: all.

        Raises
        ------
        GraphError
            For an unknown node or weights that will not do.
        """
        checked = self._checked(seeds)
        walkers = None
        if self._near is not None and not any(self._first <= self._place[n] < self._end for n in checked):
            walkers = self._near.sum({self._hub_or_resource(n): w for n, w in checked.items()})
        if walkers is None:
            hubs, resources = self._restart([checked])
            walkers = self._matrix.solve(hubs, resources)[:, 0]
            found = self._matrix.at_resources(walkers, numbers)
            own = (1 - DAMPING) * np.asarray(resources.todense()).ravel()
            return np.maximum(found + (own if numbers is None else own[numbers]), 0).astype(np.float32)
        return np.maximum(self._matrix.at_resources(walkers, numbers), 0)

    def personalised_pagerank(
        self, seeds: Mapping[str, float], *, iterations: int = STEPS
    ) -> NDArray[np.float32]:
        """Return the probability of finding a walker from the seeds at each node.

        See `personalised_pageranks`, of which this is the case of one mapping.

        Returns
        -------
        ndarray of float32, shape ``(n_nodes,)``
            At least 0, sum 1 (within 1e-4), in the order of `ids`.
        """
        return np.asarray(self.personalised_pageranks([seeds], iterations=iterations)[0], dtype=np.float32)

    def personalised_pageranks(
        self, seeds: Sequence[Mapping[str, float]], *, iterations: int = STEPS
    ) -> NDArray[np.float32]:
        r"""Return one row of probabilities for each mapping of seeds.

        A walker goes on with probability `DAMPING`, along an edge in proportion to its weight, and else
        begins anew at a seed; at a node without edges it always begins anew. `graph.walk_matrix` tells how
        that is solved.

        Parameters
        ----------
        seeds : sequence of mappings from node id to weight
            Weights are at least 0 and not all 0 in any mapping.
        iterations : int, default STEPS
            Number of steps, from 1; each brings the error down to about half.

        Returns
        -------
        ndarray of float32, shape ``(len(seeds), n_nodes)``

        Raises
        ------
        GraphError
            For an unknown node, weights that will not do, or no iterations.
        """
        if iterations < 1:
            raise GraphError(f"need iterations from 1, got {iterations}")
        checked = [self._checked(one) for one in seeds]
        ranks = np.empty((len(seeds), len(self.ids)), dtype=np.float32)
        for begin in range(0, len(seeds), BATCH):
            hubs, resources = self._restart(checked[begin : begin + BATCH])
            walkers = self._matrix.solve(hubs, resources, steps=iterations)
            at_hubs = walkers * self._matrix.hub_scale[:, np.newaxis]
            some = ranks[begin : begin + BATCH]
            some[:, : self._first] = at_hubs[: self._first].T
            some[:, self._first : self._end] = self._matrix.at_resources(walkers).T
            some[:, self._first : self._end] += (1 - DAMPING) * np.asarray(resources.todense()).T
            some[:, self._end :] = at_hubs[self._first :].T
        np.maximum(ranks, 0, out=ranks)
        ranks /= np.sum(ranks, axis=1, keepdims=True)
        return ranks

    def _checked(self, seeds: Mapping[str, float]) -> dict[str, float]:
        """Return the weights, scaled to sum 1; raises GraphError."""
        for node, weight in seeds.items():
            self.place(node)
            if not 0 <= weight < float("inf"):
                raise GraphError(f"the weight of seed {node!r} must be a number from 0, got {weight!r}")
        total = math.fsum(seeds.values())
        if not 0 < total < float("inf"):
            raise GraphError("seeds need at least one weight above 0")
        return {node: weight / total for node, weight in seeds.items()}

    def _restart(self, seeds: Sequence[Mapping[str, float]]) -> tuple[NDArray[np.float32], Any]:
        """Return the seeds at hubs, and those at resources as a sparse array; one column for each mapping."""
        count = len(self.resource_ids)
        hubs = np.zeros((len(self.ids) - count, len(seeds)), dtype=np.float32)
        at: list[tuple[int, int, float]] = []
        for column, one in enumerate(seeds):
            for node, weight in one.items():
                number = self._hub_or_resource(node)
                if node.startswith(_RESOURCE):
                    at.append((number, column, weight))
                else:
                    hubs[number, column] = weight
        rows, columns, weights = zip(*at, strict=True) if at else ((), (), ())
        shape = count, len(seeds)
        resources = sparse.coo_array((np.array(weights, np.float32), (rows, columns)), shape=shape)
        return hubs, resources


def _part(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
