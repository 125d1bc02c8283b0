"""Here is a query vector: how near is each resource? As near as its best passage.

Vectors lie in segments, files that are written once. A segment holds runs, the passages of one
resource one after the other. The scan is exact. `numpy.vecdot` takes each row by itself, so a row's
cosine has the same bits however the search is narrowed, and it runs on one thread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.adapters.array_file import read_arrays, write_arrays
from engine.adapters.column_store import Mask, Rows, concatenated_ranges
from engine.model import Vectors

_NARROW = 2
"""A segment of which less than 1/2 is wanted is scanned by gathering rows."""


@dataclass(frozen=True, slots=True)
class VectorSegment:
    """One file of vectors ``(m, dim)`` and its runs: the owners' ords, first rows and lengths."""

    name: str
    vectors: Vectors
    ords: Rows
    lengths: Rows

    @classmethod
    def open(cls, folder: Path, name: str) -> "VectorSegment":
        """Map the segment; see `read_arrays` for what it raises."""
        arrays = read_arrays(folder / name)
        return cls(name, arrays["vectors"], arrays["ords"], arrays["lengths"])

    @property
    def starts(self) -> Rows:
        """The first row of each run."""
        return np.cumsum(self.lengths) - self.lengths

    def live(self, rows_of_ords: NDArray[np.int32]) -> int:
        """Return how many vectors belong to a resource that is still there."""
        return int(self.lengths[rows_of_ords[self.ords] >= 0].sum())


def write_segment(path: Path, runs: Sequence[tuple[int, Vectors]]) -> None:
    """Write (ord, vectors) runs to a new segment."""
    write_arrays(
        path,
        {
            "vectors": np.concatenate([vectors for _, vectors in runs]).astype(np.float32, copy=False),
            "ords": np.array([ord_ for ord_, _ in runs], dtype=np.int64),
            "lengths": np.array([len(vectors) for _, vectors in runs], dtype=np.int64),
        },
    )


def merge_segments(path: Path, segments: Iterable[VectorSegment], rows_of_ords: NDArray[np.int32]) -> None:
    """Write the runs of `segments` that still have an owner to one new segment."""
    vectors, ords, lengths = [], [], []
    for segment in segments:
        live = rows_of_ords[segment.ords] >= 0
        rows = concatenated_ranges(segment.starts[live], segment.lengths[live])
        vectors.append(segment.vectors[rows])
        ords.append(segment.ords[live])
        lengths.append(segment.lengths[live])
    write_arrays(
        path,
        {
            "vectors": np.concatenate(vectors),
            "ords": np.concatenate(ords),
            "lengths": np.concatenate(lengths),
        },
    )


def segments_to_merge(live: Sequence[int], total: Sequence[int]) -> int:
    """Return how many of the last segments should become one (0: leave them as they are).

    Each segment is kept at least twice as large as the next, so there are never more than log2 of
    them, and one that is mostly dead is rewritten with all that come after it.

    Examples
    --------
    >>> segments_to_merge([100, 10, 4], [100, 10, 4])
    0
    >>> segments_to_merge([100, 10, 6], [100, 10, 6])
    2
    >>> segments_to_merge([40, 10], [100, 10])
    2
    """
    first = len(live)
    for position in range(len(live) - 1, -1, -1):
        small = position + 1 < len(live) and live[position] < 2 * sum(live[position + 1 :])
        if small or 2 * live[position] < total[position]:
            first = position
    return len(live) - first


class PassageVectors:
    """All segments of one generation, seen by row.

    Parameters
    ----------
    segments
        In the order they were written; a resource has vectors in one of them at most.
    rows_of_ords
        The row of each ord, -1 for those that are gone.
    count
        Number of rows.
    dim
        Length of a vector.
    """

    def __init__(
        self, segments: Sequence[VectorSegment], rows_of_ords: NDArray[np.int32], count: int, dim: int
    ) -> None:
        self.segments = segments
        self.dim = dim
        self._count = count
        self._runs = [(rows_of_ords[segment.ords], segment.starts) for segment in segments]
        self._segment = np.full(count, -1, dtype=np.int32)
        self._run = np.zeros(count, dtype=np.int64)
        for number, (rows, _) in enumerate(self._runs):
            live = np.flatnonzero(rows >= 0)
            self._segment[rows[live]] = number
            self._run[rows[live]] = live

    def of(self, row: int) -> Vectors:
        """Return the vectors of a row, shape ``(passages, dim)``; ``(0, dim)`` without any."""
        number = int(self._segment[row])
        if number < 0:
            return np.empty((0, self.dim), dtype=np.float32)
        segment, run = self.segments[number], int(self._run[row])
        start = int(self._runs[number][1][run])
        return segment.vectors[start : start + int(segment.lengths[run])]

    def best(self, query: Vectors, mask: Mask) -> NDArray[np.float64]:
        """Return the best cosine of each row in `mask`, NaN elsewhere, shape ``(n,)``."""
        best = np.full(self._count, np.nan)
        for segment, (rows, starts) in zip(self.segments, self._runs, strict=True):
            runs = np.flatnonzero((rows >= 0) & mask[rows])
            lengths = segment.lengths[runs]
            wanted = int(lengths.sum())
            if not wanted:
                continue
            if wanted * _NARROW < len(segment.vectors):
                cosines = np.vecdot(segment.vectors[concatenated_ranges(starts[runs], lengths)], query)
                best[rows[runs]] = np.maximum.reduceat(cosines, np.cumsum(lengths) - lengths)
            else:
                cosines = np.vecdot(segment.vectors, query)
                best[rows[runs]] = np.maximum.reduceat(cosines, starts)[runs]
        return best

    def best_passage(self, query: Vectors, rows: Rows) -> Rows:
        """Return the number of the passage that gave each row its best cosine, the first of equals."""
        return np.array(
            [int(np.argmax(np.vecdot(self.of(row), query))) for row in rows.tolist()], dtype=np.int64
        )


def nearest_rows(cosines: NDArray[np.float64], floor: float, most: int) -> Rows:
    """Return the rows of the `most` highest cosines at or above `floor`, ascending.

    Of equal cosines the lower rows are taken; NaN is never taken.

    Examples
    --------
    >>> nearest_rows(np.array([0.9, 0.8, np.nan, 0.9, 0.9]), 0.0, 2).tolist()
    [0, 3]
    """
    rows = np.flatnonzero(cosines >= floor)
    if most <= 0:
        return rows[:0]
    if len(rows) > most:
        values = cosines[rows]
        last = np.partition(values, len(rows) - most)[len(rows) - most]
        above = rows[values > last]
        rows = np.sort(np.concatenate([above, rows[values == last][: most - len(above)]]))
    return rows
