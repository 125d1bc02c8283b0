r"""Where does a random walk with restart end? The graph as a sparse matrix cut in two, and the equation it solves.

No edge joins two resources (`ENDS`), so resources drop out of the equation: what is at a resource is what came from
the few other nodes, the hubs. With :math:`z = D^{-1/2} x` (:math:`D`: sums of weights) the walk of personalised
PageRank is :math:`z = (1-\alpha) D^{-1/2} s + \alpha S z` with a symmetric :math:`S`, and for the hubs alone

.. math:: (I - \alpha S_{HH} - \alpha^2 S_{HR} S_{RH}) z_H = (1-\alpha) D_H^{-1/2} s_H + \alpha (1-\alpha) S_{HR} D_R^{-1/2} s_R

which the Chebyshev iteration solves in few steps. Its coefficients depend on the graph only, so the answer is linear
in the seeds. Products are of a block of seeds at once: the block of hubs stays in the processor's cache.

References
----------
.. [1] L. Page, S. Brin, R. Motwani, T. Winograd, "The PageRank citation ranking: bringing order to the web",
   Stanford InfoLab 1999-66, section 6.
.. [2] G. H. Golub, R. S. Varga, "Chebyshev semi-iterative methods, successive overrelaxation iterative methods, and
   second order Richardson iterative methods", Numerische Mathematik 3, 1961.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

DAMPING = 0.85
"""Probability of walking on instead of going back to the seeds."""

STEPS = 8
"""Steps of the iteration: the sum of absolute errors is then about .003."""

_DENSE = 64
_MARGIN = 0.02

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class WalkMatrix:
    """The symmetric matrix of the walk: resources × hubs, and hubs × hubs.

    `hub_scale` and `resource_scale` are the roots of the sums of weights at the nodes (1 where there are none);
    `low` and `high` enclose the eigenvalues of `step`.
    """

    resources: Any
    hubs: Any
    resource_scale: Floats
    hub_scale: Floats
    low: float
    high: float

    @classmethod
    def of(
        cls, size: tuple[int, int], across: tuple[Any, Any, Any], between: tuple[Any, Any, Any]
    ) -> "WalkMatrix":
        """Make it from weights.

        Parameters
        ----------
        size : (int, int)
            Number of resources and of hubs.
        across, between : (rows, columns, weights)
            Edges resource—hub and hub—hub, each once; weights above 0. Parallel ones add up.
        """
        (n_resources, n_hubs), (r, h, w), (a, b, v) = size, across, between
        resources = sparse.coo_array((w, (r, h)), shape=(n_resources, n_hubs)).tocsr()
        other = a != b
        both = np.concatenate([a, b[other]]), np.concatenate([b, a[other]])
        hubs = sparse.coo_array((np.concatenate([v, v[other]]), both), shape=(n_hubs, n_hubs)).tocsr()
        at_resource = np.sqrt(np.asarray(resources.sum(axis=1)).ravel())
        at_hub = np.sqrt(np.asarray(resources.sum(axis=0)).ravel() + np.asarray(hubs.sum(axis=1)).ravel())
        at_resource[at_resource == 0] = 1
        at_hub[at_hub == 0] = 1
        made = cls(
            _scaled(resources, at_resource, at_hub),
            _scaled(hubs, at_hub, at_hub),
            at_resource.astype(np.float32),
            at_hub.astype(np.float32),
            -DAMPING,
            DAMPING,
        )
        return cls(made.resources, made.hubs, made.resource_scale, made.hub_scale, *_enclosed(made))

    def step(self, walkers: NDArray[Any]) -> NDArray[Any]:
        """Return where walkers at hubs are at a hub next: over an edge between hubs, or by way of a resource."""
        onward: NDArray[Any] = self.hubs @ walkers
        onward *= DAMPING
        back: NDArray[Any] = self.resources.T @ (self.resources @ walkers)
        back *= DAMPING * DAMPING
        onward += back
        return onward

    def solve(self, hub_seeds: Floats, resource_seeds: Any = None, *, steps: int = STEPS) -> Floats:  # noqa: ANN401
        """Return :math:`z_H` for each column of seeds, linear in them.

        Parameters
        ----------
        hub_seeds : ndarray of float32, shape ``(n_hubs, n)``
        resource_seeds : sparse array, shape ``(n_resources, n)``, optional
        steps : int, default STEPS
        """
        right = (1 - DAMPING) * hub_seeds / self.hub_scale[:, np.newaxis]
        if resource_seeds is not None:
            scaled = resource_seeds.multiply(1 / self.resource_scale[:, np.newaxis]).tocsr()
            right += DAMPING * (1 - DAMPING) * np.asarray((self.resources.T @ scaled).todense())
        right = np.ascontiguousarray(right, dtype=np.float32)
        middle, half = 1 - (self.low + self.high) / 2, (self.high - self.low) / 2
        ratio = half / middle
        walkers = np.zeros_like(right)
        rest = right.copy()
        move = right / np.float32(middle)
        for _ in range(steps):
            walkers += move
            rest -= move
            rest += self.step(move)
            following = 1 / (2 * middle / half - ratio)
            move *= np.float32(following * ratio)
            move += np.float32(2 * following / half) * rest
            ratio = following
        return walkers

    def at_resources(self, walkers: NDArray[np.float32], rows: NDArray[np.int64] | None = None) -> Floats:
        """Return the probability at all resources, or at some, for walkers at hubs as `solve` gives them."""
        matrix = self.resources if rows is None else self.resources[rows]
        scale = self.resource_scale if rows is None else self.resource_scale[rows]
        found = matrix @ walkers
        return np.asarray(DAMPING * found * (scale if found.ndim == 1 else scale[:, np.newaxis]), np.float32)

    @cached_property
    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The arrays that it is made of, by name."""
        return {
            **{f"resources_{part}": getattr(self.resources, part) for part in _PARTS},
            **{f"hubs_{part}": getattr(self.hubs, part) for part in _PARTS},
            "resource_scale": self.resource_scale,
            "hub_scale": self.hub_scale,
            "bounds": np.array([self.low, self.high]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "WalkMatrix":
        """Make it from what `arrays` gave; nothing is copied."""
        size = len(arrays["resource_scale"]), len(arrays["hub_scale"])
        return cls(
            _matrix(arrays, "resources", size),
            _matrix(arrays, "hubs", (size[1], size[1])),
            arrays["resource_scale"],
            arrays["hub_scale"],
            float(arrays["bounds"][0]),
            float(arrays["bounds"][1]),
        )


_PARTS = ("data", "indices", "indptr")


def _matrix(arrays: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, int]) -> Any:  # noqa: ANN401  # scipy has no types
    return sparse.csr_array(tuple(arrays[f"{name}_{part}"] for part in _PARTS), shape=shape, copy=False)


def _scaled(matrix: Any, rows: NDArray[Any], columns: NDArray[Any]) -> Any:  # noqa: ANN401
    scaled = matrix.multiply(1 / rows[:, np.newaxis]).multiply(1 / columns[np.newaxis, :]).tocsr()
    scaled.sum_duplicates()
    indices, indptr = scaled.indices.astype(np.int32), scaled.indptr.astype(np.int32)
    return sparse.csr_array((scaled.data.astype(np.float32), indices, indptr), shape=scaled.shape)


def _enclosed(matrix: WalkMatrix) -> tuple[float, float]:
    """Return bounds of the eigenvalues of `step`, a little wide; they are never outside ±DAMPING."""
    size = len(matrix.hub_scale)
    if size <= _DENSE:
        values = np.linalg.eigvalsh(matrix.step(np.eye(size))) if size else np.zeros(1)
        low, high = float(values[0]), float(values[-1])
    else:
        operator = LinearOperator((size, size), matvec=lambda x: matrix.step(x.ravel()), dtype=np.float64)
        begin = 1 + np.cos(np.arange(size))
        try:
            low, high = (
                float(eigsh(operator, 1, which=end, v0=begin, tol=_MARGIN / 2, return_eigenvectors=False)[0])
                for end in ("SA", "LA")
            )
        except ArpackError:  # no convergence, or a graph without edges
            low, high = -DAMPING, DAMPING
    return max(-DAMPING, min(low - _MARGIN, -0.1)), min(DAMPING, max(high + _MARGIN, 0.1))
