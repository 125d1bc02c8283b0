"""How near, roughly, is a query to each of very many vectors? Compared in eight bits, wrong by less than a known margin.

The vectors of many models lie in a narrow cone, so what they share is taken out first; where they share nothing, as
recentred ones do, that does no harm. With c the unit vector of their mean, a row is::

    v = t c + s k + e        t, s: numbers of the row; k: whole numbers from -127 to 127; e: what is left

and of a query q, split into its part along c and the rest p, the same way p = a b + f::

    q·v = t (q·c) + s a (b·k) + error,   |error| <= |p| |e| + |f| |s k|   (Cauchy-Schwarz)

|e| and |s k| are kept for each row. Of the vectors of multilingual-e5-small the bound is some 0.02 and the error
itself 0.0005; before recentring, in the cone, a quarter and a fifth of that. One row is 384 bytes, a quarter of
what exact comparing reads.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numkong
import numpy as np
from numpy.typing import NDArray

from engine.adapters.array_file import AnyArray
from engine.model import Vectors

QUANTISED_ABOVE = 20_000
"""Vectors of a segment from which it is quantised; comparing fewer exactly takes 3 ms at most."""

ROUNDING = 2e-5
"""What the arithmetic of single precision may add to the error: 384 roundings of products that sum to 1."""

PARTS = ("codes", "scales", "along", "left_over", "coded_length", "direction")

_CHUNK = 8192
_MOST = 127


def quantise(vectors: Vectors) -> dict[str, AnyArray]:
    """Return `vectors` of shape ``(m, dim)`` in eight bits, as the arrays named in `PARTS`."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(mean))
    direction = (mean / length if length > 0 else mean).astype(np.float32)
    m, dim = vectors.shape
    codes = np.empty((m, dim), dtype=np.int8)
    scales, along, left_over, coded_length = (np.empty(m, dtype=np.float32) for _ in range(4))
    for start in range(0, m, _CHUNK):
        rows = slice(start, min(m, start + _CHUNK))
        chunk = vectors[rows].astype(np.float64)
        along[rows] = chunk @ direction
        rest = chunk - along[rows, None].astype(np.float64) * direction
        scales[rows] = np.maximum(np.abs(rest).max(axis=1, initial=0.0) / _MOST, np.finfo(np.float32).tiny)
        scale = scales[rows, None].astype(np.float64)
        codes[rows] = np.clip(np.rint(rest / scale), -_MOST, _MOST)
        coded = codes[rows] * scale
        left_over[rows] = np.linalg.norm(rest - coded, axis=1)
        coded_length[rows] = np.linalg.norm(coded, axis=1)
    found = (codes, scales, along, left_over, coded_length, direction)
    return dict(zip(PARTS, found, strict=True))


class QuantisedVectors:
    """Quantised vectors, laid out in memory for comparing: one byte a number.

    Parameters
    ----------
    arrays
        What `quantise` made.
    """

    def __init__(self, arrays: Mapping[str, AnyArray]) -> None:
        self._products = _OnePass(numkong.dots_pack(arrays["codes"]))
        self._scales: NDArray[np.float32] = arrays["scales"]
        self._along: NDArray[np.float32] = arrays["along"]
        self._direction: Vectors = arrays["direction"]
        self._left_over = float(arrays["left_over"].max(initial=0.0))
        self._coded_length = float(arrays["coded_length"].max(initial=0.0))

    def cosines(self, query: Vectors) -> tuple[NDArray[np.float32], float]:
        """Return the rough cosine of each row, shape ``(m,)``, and by how much none of them is wrong.

        The other threads of the interpreter run meanwhile; no thread is started.
        """
        direction = self._direction.astype(np.float64)
        towards = float(direction @ query)
        rest = query - towards * direction
        scale = max(float(np.abs(rest).max(initial=0.0)) / _MOST, float(np.finfo(np.float32).tiny))
        code = np.rint(rest / scale).astype(np.int8)
        products = self._products.of(code)
        rough = products.astype(np.float32)  # below 2 ** 24: none is rounded
        rough *= self._scales
        rough *= np.float32(scale)
        rough += self._along * np.float32(towards)
        margin = (
            float(np.linalg.norm(rest)) * self._left_over
            + float(np.linalg.norm(rest - scale * code.astype(np.float64))) * self._coded_length
            + ROUNDING
        )
        return rough, margin


@dataclass(slots=True)
class _Asked:
    """A query's code, and when it has been compared its products with all rows."""

    code: NDArray[np.int8]
    products: NDArray[np.int32] | None = None


class _OnePass:
    """Compares queries with all rows, those that threads ask for at the same time in one pass over the memory.

    Reading the rows is nearly all that it costs: four queries in one pass take little longer than one.
    """

    def __init__(self, packed: numkong.PackedMatrix) -> None:
        self._packed = packed
        self._lock = threading.Lock()
        self._pass = threading.Lock()
        self._waiting: list[_Asked] = []

    def of(self, code: NDArray[np.int8]) -> NDArray[np.int32]:
        """Return the products of `code` ``(dim,)`` with all rows; exact whole numbers, shape ``(m,)``."""
        asked = _Asked(code)
        with self._lock:
            self._waiting.append(asked)
        while asked.products is None:
            with self._pass:
                if asked.products is None:
                    self._compare()
        return asked.products

    def _compare(self) -> None:
        """Compare all that have gathered; if that fails, they are left for the next who tries."""
        with self._lock:
            together = tuple(self._waiting)
        codes = np.stack([each.code for each in together])
        products = np.asarray(numkong.dots_packed(codes, self._packed))
        with self._lock:
            del self._waiting[: len(together)]
        for each, row in zip(together, products, strict=True):
            each.products = row
