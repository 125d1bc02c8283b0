"""Here is a query vector: how near is each resource? As near as its best passage.

Vectors lie in segments, files that are written once. A segment holds runs, the passages of one
resource one after the other. `numpy.vecdot` takes each row by itself, so a row's cosine has the same
bits however the search is narrowed, and it runs on one thread.

Small segments are compared exactly. A large one (`QUANTISED_ABOVE`) is compared in eight bits, which
says for each resource how near it is within a margin, and whatever can belong to the answer is then
compared exactly: which resources are nearest, and all cosines that are given out, are as exact as
those of small ones. Only sums over whole populations take the rough values.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.adapters.array_file import AnyArray, read_arrays, write_arrays
from engine.adapters.column_store import Mask, Rows, concatenated_ranges
from engine.adapters.quantised_vectors import PARTS, QUANTISED_ABOVE, QuantisedVectors, quantise
from engine.model import Vectors

_NARROW = 2
"""A segment of which less than 1/2 is wanted is compared by gathering rows."""

_NARROW_QUANTISED = 16
"""The same of a quantised one, where comparing all costs a quarter."""

_REMEMBERED = 4
"""Queries whose comparisons are kept: one request asks for the same vector twice."""


_HIGHEST = 256
"""Values that are sorted once for all that a request asks of them; more than any asks for."""


class VectorSegment:
    """One file of vectors ``(m, dim)`` and its runs: the owners' ords, first rows and lengths."""

    def __init__(self, name: str, arrays: dict[str, AnyArray]) -> None:
        self.name = name
        self.vectors: Vectors = arrays["vectors"]
        self.ords: Rows = arrays["ords"]
        self.lengths: Rows = arrays["lengths"]
        self.starts: Rows = np.cumsum(self.lengths) - self.lengths
        self.single = len(self.vectors) == len(self.lengths) and bool((self.lengths == 1).all())
        self.is_quantised = PARTS[0] in arrays
        self._arrays = arrays
        self._lock = threading.Lock()
        self._quantised: QuantisedVectors | None = None

    @classmethod
    def open(cls, folder: Path, name: str) -> "VectorSegment":
        """Map the segment; see `read_arrays` for what it raises."""
        return cls(name, read_arrays(folder / name))

    @property
    def quantised(self) -> QuantisedVectors:
        """The quantised vectors, laid out when first asked for."""
        with self._lock:
            if self._quantised is None:
                self._quantised = QuantisedVectors(self._arrays)
            return self._quantised

    def compare(self, query: Vectors) -> tuple[NDArray[np.float32], float]:
        """Return the best cosine of each run and by how much none of them is wrong."""
        if self.is_quantised:
            cosines, margin = self.quantised.cosines(query)
        else:
            cosines, margin = np.vecdot(self.vectors, query), 0.0
        return (cosines if self.single else np.maximum.reduceat(cosines, self.starts)), margin

    def live(self, rows_of_ords: NDArray[np.int32]) -> int:
        """Return how many vectors belong to a resource that is still there."""
        return int(self.lengths[rows_of_ords[self.ords] >= 0].sum())


def write_segment(path: Path, runs: Sequence[tuple[int, Vectors]]) -> None:
    """Write (ord, vectors) runs to a new segment."""
    _write(
        path,
        np.concatenate([vectors for _, vectors in runs]).astype(np.float32, copy=False),
        np.array([ord_ for ord_, _ in runs], dtype=np.int64),
        np.array([len(vectors) for _, vectors in runs], dtype=np.int64),
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
    _write(path, np.concatenate(vectors), np.concatenate(ords), np.concatenate(lengths))


def _write(path: Path, vectors: Vectors, ords: Rows, lengths: Rows) -> None:
    arrays: dict[str, AnyArray] = {"vectors": vectors, "ords": ords, "lengths": lengths}
    if len(vectors) > QUANTISED_ABOVE:
        arrays |= quantise(vectors)
    write_arrays(path, arrays)


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


@dataclass(frozen=True)
class Compared:
    """How near rows are to a query: `best` cosine of each row, shape ``(n,)``, NaN where not known.

    It is known of the rows in the mask that have vectors, and of others by chance. No value is wrong by
    more than `margin`; 0 says that all are exact. What follows from it is worked out once.
    """

    best: NDArray[np.float32]
    mask: Mask
    margin: float

    @cached_property
    def rows(self) -> Rows:
        """The rows in the mask, ascending."""
        return np.flatnonzero(self.mask)

    @cached_property
    def values(self) -> NDArray[np.float32]:
        """How near the rows in the mask are."""
        return self.best.take(self.rows)

    def at_place(self, number: int) -> np.float32:
        """Return the `number`-th highest value; minus infinity when there are fewer, plus infinity for the 0th."""
        if number <= 0:
            return np.float32(np.inf)
        if number > len(self.values):
            return np.float32(-np.inf)
        if number <= len(self._highest):
            return np.float32(self._highest[-number])
        return np.float32(np.sort(self._known_values)[-number])

    @cached_property
    def _known_values(self) -> NDArray[np.float32]:
        missing = np.isnan(self.values)
        return np.where(missing, np.float32(-np.inf), self.values) if missing.any() else self.values

    @cached_property
    def _highest(self) -> NDArray[np.float32]:
        values = self._known_values
        if len(values) > _HIGHEST:
            values = np.partition(values, len(values) - _HIGHEST)[len(values) - _HIGHEST :]
        return np.sort(values)

    @cached_property
    def population(self) -> tuple[int, float, float]:
        """The number of rows in the mask that have vectors, and sum and sum of squares of their cosines."""
        every = self.values.astype(np.float64)
        missing = np.isnan(every)
        if missing.any():
            every = every[~missing]
        total = float(every.sum())
        return len(every), total, float(np.square(every, out=every).sum())


@dataclass(frozen=True, slots=True)
class Nearest:
    """Rows, ascending, with the exact cosine of each and the number of the passage that has it."""

    rows: Rows
    cosines: NDArray[np.float64]
    passages: Rows


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
        self._rows = [rows_of_ords[segment.ords] for segment in segments]
        self._segment = np.full(count, -1, dtype=np.int32)
        self._run = np.zeros(count, dtype=np.int64)
        self._live: list[Rows | None] = []
        """Per segment the runs that still have an owner, None when all have."""
        for number, rows in enumerate(self._rows):
            live = np.flatnonzero(rows >= 0)
            self._segment[rows[live]] = number
            self._run[rows[live]] = live
            self._live.append(live if len(live) < len(rows) else None)
        self._in_order = len(segments) == 1 and np.array_equal(self._rows[0], np.arange(count))
        """Whether run i is row i, as in a build that was written in the order of ids."""
        self._lock = threading.Lock()
        self._remembered: OrderedDict[bytes, Compared] = OrderedDict()

    def of(self, row: int) -> Vectors:
        """Return the vectors of a row, shape ``(passages, dim)``; ``(0, dim)`` without any."""
        number = int(self._segment[row])
        if number < 0:
            return np.empty((0, self.dim), dtype=np.float32)
        segment, run = self.segments[number], int(self._run[row])
        start = int(segment.starts[run])
        return segment.vectors[start : start + int(segment.lengths[run])]

    def compare(self, query: Vectors, mask: Mask) -> Compared:
        """Return how near the rows in `mask` are to `query`."""
        key = query.tobytes()
        with self._lock:
            known = self._remembered.get(key)
            if known is not None:
                self._remembered.move_to_end(key)
                return known if known.mask is mask else Compared(known.best, mask, known.margin)
        wanted = int(np.count_nonzero(mask))
        best, margin, whole = np.full(self._count, np.nan, dtype=np.float32), 0.0, True
        for number, (segment, rows) in enumerate(zip(self.segments, self._rows, strict=True)):
            narrow = _NARROW_QUANTISED if segment.is_quantised else _NARROW
            if wanted * narrow < len(rows):
                chosen = np.flatnonzero(mask)
                chosen = chosen[self._segment[chosen] == number]
                best[chosen] = _gathered(segment, self._run[chosen], query)[1]
                whole = False
            else:
                of_runs, wrong = segment.compare(query)
                margin = max(margin, wrong)
                if self._in_order:
                    best = of_runs
                    continue
                live = self._live[number]
                best[rows if live is None else rows[live]] = of_runs if live is None else of_runs[live]
        compared = Compared(best, mask, margin)
        if whole:
            with self._lock:
                self._remembered[key] = compared
                while len(self._remembered) > _REMEMBERED:
                    self._remembered.popitem(last=False)
        return compared

    def exact(self, query: Vectors, rows: Rows) -> tuple[NDArray[np.float64], Rows]:
        """Return the best cosine of each row and the number of its passage, the first of equals.

        Rows without vectors have NaN and -1.
        """
        cosines, passages = np.full(len(rows), np.nan), np.full(len(rows), -1, dtype=np.int64)
        of_segments = self._segment[rows]
        for number, segment in enumerate(self.segments):
            here = np.flatnonzero(of_segments == number)
            if not len(here):
                continue
            runs = self._run[rows[here]]
            every, best = _gathered(segment, runs, query)
            cosines[here] = best
            if segment.single:
                passages[here] = 0
                continue
            lengths = segment.lengths[runs]
            starts = np.cumsum(lengths) - lengths
            is_best = np.flatnonzero(every == np.repeat(best, lengths))
            first = is_best[np.searchsorted(is_best, starts)]
            passages[here] = first - starts
        return cosines, passages

    def nearest(self, query: Vectors, compared: Compared, floor: float, most: int) -> Nearest:
        """Return the `most` rows nearest to `query`, with a cosine of at least `floor`.

        Exactly these: of equal cosines the lower rows are taken.
        """
        last = compared.at_place(most) - 2 * compared.margin
        near = np.flatnonzero(compared.values >= max(np.float32(floor - compared.margin), last))
        rows = compared.rows[near]
        cosines, passages = self.exact(query, rows)
        chosen = nearest_rows(cosines, floor, most)
        return Nearest(rows[chosen], cosines[chosen], passages[chosen])


def _gathered(
    segment: VectorSegment, runs: Rows, query: Vectors
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the cosine of every passage of some runs, one run after the other, and the best of each run."""
    if segment.single:
        cosines = np.vecdot(segment.vectors[runs], query)
        return cosines, cosines
    lengths = segment.lengths[runs]
    cosines = np.vecdot(segment.vectors[concatenated_ranges(segment.starts[runs], lengths)], query)
    return cosines, np.maximum.reduceat(cosines, np.cumsum(lengths) - lengths)


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
