"""What is near each role, requirement and plan? Their walks, made beforehand and kept small.

The walk is linear in its seeds, so that of a person, whose seeds are a role and the open requirements, is the
weighted sum of these. Only what is at the hubs is kept, in two bytes each: what is at a resource follows from it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.walk_matrix import Floats, WalkMatrix

BATCH = 32
"""Seeds walked at once: as many as stay in the cache of one core [seeds]."""

KEPT = ("role", "requirement", "plan")
"""Kinds whose walks are kept, as far as there is room, in this order."""

ROOM = 1 << 30
"""How much is kept at most [bytes]; what does not fit is walked when it is asked for."""

_PEAK = 32768.0


@dataclass(frozen=True, slots=True)
class NearVectors:
    """Walks from single hubs: ``rows[i] * scale[i]`` is what `WalkMatrix.solve` gives for hub ``places``'s `i`."""

    hubs: NDArray[np.int32]
    rows: NDArray[np.float16] | Floats
    scale: Floats
    place: Mapping[int, int]

    @classmethod
    def walked(
        cls,
        matrix: WalkMatrix,
        hubs: Sequence[int],
        *,
        threads: int = 1,
        advance: Callable[[int], object] = lambda _: None,
    ) -> "NearVectors":
        """Walk from each of some hubs; tells `advance` of each batch that is done."""
        size = len(matrix.hub_scale)
        most = ROOM // (2 * size) if size else 0
        chosen = np.array(hubs[:most], dtype=np.int32)
        rows = np.empty((len(chosen), size), dtype=np.float16)
        scale = np.empty(len(chosen), dtype=np.float32)

        def walk(first: int) -> int:
            some = chosen[first : first + BATCH]
            seeds = np.zeros((size, len(some)), dtype=np.float32)
            seeds[some, np.arange(len(some))] = 1
            walkers = matrix.solve(seeds)
            peak = np.abs(walkers).max(axis=0) / np.float32(_PEAK)
            rows[first : first + len(some)] = (walkers / peak).T
            scale[first : first + len(some)] = peak
            return len(some)

        with ThreadPoolExecutor(threads) as pool:
            for done in pool.map(walk, range(0, len(chosen), BATCH)):
                advance(done)
        return cls(chosen, rows, scale, _places(chosen))

    def sum(self, weights: Mapping[int, float]) -> Floats | None:
        """Return the walk from several hubs, None if one of them is not kept."""
        if not weights.keys() <= self.place.keys():
            return None
        chosen = np.array([self.place[hub] for hub in weights], dtype=np.intp)
        share = np.fromiter(weights.values(), np.float32, len(weights)) * self.scale[chosen]
        return np.asarray(share @ self.rows[chosen].astype(np.float32, copy=False), dtype=np.float32)

    def widened(self, hubs: Collection[int]) -> "NearVectors":
        """Return the walks of some hubs only, in four bytes: twice the room, and nothing to convert when they are added."""
        chosen = np.array([hub for hub in self.hubs.tolist() if hub in hubs], dtype=np.int32)
        places = [self.place[hub] for hub in chosen.tolist()]
        rows = self.rows[places].astype(np.float32)
        return NearVectors(chosen, rows, self.scale[places], _places(chosen))

    @property
    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The arrays that it is made of, by name."""
        return {"near_hubs": self.hubs, "near_rows": self.rows, "near_scale": self.scale}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "NearVectors":
        """Make it from what `arrays` gave; nothing is copied."""
        hubs = arrays["near_hubs"]
        return cls(hubs, arrays["near_rows"], arrays["near_scale"], _places(hubs))


def _places(hubs: NDArray[np.int32]) -> dict[int, int]:
    return {hub: place for place, hub in enumerate(hubs.tolist())}
