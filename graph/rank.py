"""How near is everything to a role or a gap? Random walks with restart over arrays cut from the graph."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from graph.competence_graph import CompetenceGraph
from graph.errors import GraphError
from graph.model import Edge, EdgeKind, Necessity

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

BATCH = 64
"""Seeds walked at once: the matrix is read once for all of them [seeds]."""


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
    """The graph as a sparse matrix, to rank by and for nothing else.

    Edges are walked either way; parallel edges add up. Node `i` of the arrays is ``ids[i]``; ids are
    in order, so equal scores can be told apart by position.

    Parameters
    ----------
    graph : CompetenceGraph
        Read once; `version` remembers which contents the arrays were cut from.
    """

    def __init__(self, graph: CompetenceGraph) -> None:
        self.version = graph.version
        self.ids: tuple[str, ...] = tuple(node.id for node in graph.nodes())
        self._place = {name: place for place, name in enumerate(self.ids)}
        edges = [(edge, weight) for edge in graph.edges() if (weight := walk_weight(edge)) > 0]
        source = np.array([self._place[edge.source] for edge, _ in edges], dtype=np.int64)
        target = np.array([self._place[edge.target] for edge, _ in edges], dtype=np.int64)
        strength = np.array([weight for _, weight in edges], dtype=np.float64)
        other = source != target
        size = len(self.ids)
        matrix = sparse.coo_array(
            (
                np.concatenate([strength, strength[other]]),
                (np.concatenate([source, target[other]]), np.concatenate([target, source[other]])),
            ),
            shape=(size, size),
        ).tocsr()
        degree = np.asarray(matrix.sum(axis=1)).ravel()
        scale = np.divide(1.0, degree, out=np.zeros(size), where=degree > 0)
        # Row i of the transposed transition matrix: what arrives at node i. Symmetric, so columns are scaled.
        arriving = matrix.multiply(scale[np.newaxis, :]).tocsr()
        self._arriving = sparse.csr_array(arriving.astype(np.float32))
        self._stuck = np.flatnonzero(degree == 0)
        self._everywhere: NDArray[np.float64] | None = None

    def place(self, node: str) -> int:
        """Return the node's position in the arrays; raises GraphError for an unknown one."""
        try:
            return self._place[node]
        except KeyError:
            raise GraphError(f"no such node: {node!r}") from None

    def personalised_pagerank(
        self, seeds: Mapping[str, float], *, damping: float = 0.85, iterations: int = 20
    ) -> NDArray[np.float32]:
        """Return the probability of finding a walker from the seeds at each node.

        See `personalised_pageranks`, of which this is the case of one mapping.

        Returns
        -------
        ndarray of float32, shape ``(n_nodes,)``
            At least 0, sum 1 (within 1e-4), in the order of `ids`.
        """
        ranks = self.personalised_pageranks([seeds], damping=damping, iterations=iterations)
        return np.asarray(ranks[0], dtype=np.float32)

    def personalised_pageranks(
        self, seeds: Sequence[Mapping[str, float]], *, damping: float = 0.85, iterations: int = 20
    ) -> NDArray[np.float32]:
        r"""Return one row of probabilities for each mapping of seeds.

        Iterates :math:`x \leftarrow \alpha (x P + d(x)\,s) + (1 - \alpha) s` from :math:`x = s`, where
        :math:`s` are the seeds' weights scaled to sum 1, :math:`P` the transition matrix and
        :math:`d(x)` the probability at nodes without edges, from where the walker returns to the seeds.
        After `iterations` steps the sum of absolute errors is at most :math:`2\alpha^{iterations}`.

        Parameters
        ----------
        seeds : sequence of mappings from node id to weight
            Weights are at least 0 and not all 0 in any mapping.
        damping : float, default 0.85
            Probability of walking on, in ``[0, 1)``.
        iterations : int, default 20
            Number of steps, from 1.

        Returns
        -------
        ndarray of float32, shape ``(len(seeds), n_nodes)``

        Raises
        ------
        GraphError
            For an unknown node, weights that will not do, or parameters outside their range.

        References
        ----------
        .. [1] L. Page, S. Brin, R. Motwani, T. Winograd, "The PageRank citation ranking: bringing order
           to the web", Stanford InfoLab 1999-66, section 6.
        """
        if not 0 <= damping < 1 or iterations < 1:
            raise GraphError(f"need 0 <= damping < 1 and iterations from 1, got {damping}, {iterations}")
        ranks = np.empty((len(seeds), len(self.ids)), dtype=np.float32)
        for first in range(0, len(seeds), BATCH):
            restart = np.stack([self._restart(one) for one in seeds[first : first + BATCH]], axis=1)
            walkers = restart
            for _ in range(iterations):
                stuck = walkers[self._stuck].sum(axis=0)
                walkers = damping * (self._arriving @ walkers + restart * stuck) + (1 - damping) * restart
            ranks[first : first + BATCH] = walkers.T
        return ranks

    def pagerank(self) -> NDArray[np.float64]:
        """Return PageRank from all resources alike, shape ``(n_nodes,)``: how near each node is to whatever there is."""
        if self._everywhere is None:
            seeds = [name for name in self.ids if name.startswith("resource:")] or list(self.ids)
            everywhere = self.personalised_pagerank(dict.fromkeys(seeds, 1.0))
            self._everywhere = np.maximum(np.asarray(everywhere, dtype=np.float64), 1e-12)
        return self._everywhere

    def _restart(self, seeds: Mapping[str, float]) -> NDArray[np.float32]:
        weights = np.zeros(len(self.ids), dtype=np.float64)
        for node, weight in seeds.items():
            if not 0 <= weight < float("inf"):
                raise GraphError(f"the weight of seed {node!r} must be a number from 0, got {weight!r}")
            weights[self.place(node)] = weight
        total = weights.sum()
        if not 0 < total < float("inf"):
            raise GraphError("seeds need at least one weight above 0")
        return np.asarray(weights / total, dtype=np.float32)
