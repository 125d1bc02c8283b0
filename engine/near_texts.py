"""Which of many texts may be the same work as this one? Candidates, found without reading any text.

Three ways lead to a candidate: signatures that agree in a band (texts that share runs of words), titles of the same
words, and vectors that lie close. The last is for what shares no words: a translation and a local supplement. What a candidate is, only a comparison tells (`engine.pair_evidence`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.model import Vectors

BANDS: Final = 64
"""Bands of two hashes: texts whose share of equal runs is .27 meet with probability .99, of .1 with .47."""

SHARED: Final = 0.12
"""Share of equal hashes from which texts that met in a band are candidates."""

CLOSE: Final = 0.38
"""Cosine of mean vectors from which texts in two languages are candidates."""

SUPPLEMENTED: Final = 0.3
"""Cosine from which a common text is a candidate for what a local supplement supplements."""

NEAREST: Final = 8
"""Candidates by vectors at most, of each text."""

CROWD: Final = 100
"""Texts that agree in a band from which each meets only the first of them and its neighbour: a form, or one text many times."""

Rows = NDArray[np.int64]
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_HALF: Final = np.uint64(32)
_BAND: Final = np.uint64(64 - (BANDS.bit_length() - 1))
_ROWS_AT_ONCE: Final = 512
_PAIRS_AT_ONCE: Final = 200_000


@dataclass(frozen=True, slots=True)
class Texts:
    """What is known of n texts, row by row.

    Attributes
    ----------
    signatures : uint32 array of shape ``(n, HASHES)``
        See `engine.text_prints`.
    titles, heads : uint64 arrays of shape ``(n,)``
        Of the title, and of what stands before its colon; 0 where there is no title.
    vectors : float32 array of shape ``(n, dim)``
        Unit rows; zeros where there is no vector.
    languages, editions : int32 arrays of shape ``(n,)``
        Numbers of languages, and of editions. Languages that meet by their words have one number; the common
        edition is 0.
    supplements : bool array of shape ``(n,)``
        Whether the text says that it supplements another.
    named : uint64 array of shape ``(n, NAMED)``
        What such a text names in quotation marks, as titles are written here; 0 fills up.
    """

    signatures: NDArray[np.uint32]
    titles: NDArray[np.uint64]
    heads: NDArray[np.uint64]
    vectors: Vectors
    languages: NDArray[np.int32]
    editions: NDArray[np.int32]
    supplements: NDArray[np.bool_]
    named: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.titles)


class NearTexts:
    """Candidates among n texts; tables are made once, in less than a second for 100,000."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        keys = band_keys(texts.signatures)
        self._order = np.argsort(keys, axis=1, kind="stable").astype(np.uint32)
        self._keys = np.take_along_axis(keys, self._order.astype(np.int64), axis=1)
        self._flat_keys, self._flat_order = self._keys.ravel(), self._order.ravel()
        self._title_order = np.argsort(texts.titles, kind="stable")
        self._title_keys = texts.titles[self._title_order]
        self._names = _Lookup.of(texts.titles, texts.heads)
        self._common = np.flatnonzero(texts.editions == 0)
        self._supplements = np.flatnonzero(texts.supplements & (texts.editions != 0))
        named = texts.named[self._supplements]
        self._naming = _Lookup.of(*named.T) if len(named) else _Lookup.of()

    def __len__(self) -> int:
        return len(self._texts)

    def of(self, one: Texts) -> Rows:
        """Return the rows that may be the same work as one text, in order.

        Parameters
        ----------
        one : Texts
            With one row.
        """
        texts, found = self._texts, set[int]()
        if not len(texts):
            return np.empty(0, dtype=np.int64)
        keys = band_keys(one.signatures)[:, 0]
        first = self._flat_keys.searchsorted(keys)
        end = np.minimum(self._flat_keys.searchsorted(keys, side="right"), first + CROWD)
        met = [self._flat_order[i:j] for i, j in zip(first.tolist(), end.tolist(), strict=True) if i < j]
        if met:
            rows = np.unique(np.concatenate(met)).astype(np.int64)
            shared = (texts.signatures[rows] == one.signatures[0]).mean(axis=1)
            found.update(rows[shared >= SHARED].tolist())
        if one.titles[0]:
            begin = int(self._title_keys.searchsorted(one.titles[0]))
            stop = int(self._title_keys.searchsorted(one.titles[0], side="right"))
            found.update(self._title_order[begin : min(stop, begin + CROWD)].tolist())
        if one.editions[0] == 0:
            for name in {int(one.titles[0]), int(one.heads[0])} - {0}:
                found.update(self._supplements[self._naming.of_key(name)].tolist())
        elif one.supplements[0]:
            for name in one.named[0][one.named[0] != 0]:
                rows = self._names.of_key(int(name))
                found.update(rows[texts.editions[rows] == 0].tolist())
        vector = one.vectors[0]
        if len(vector) and texts.vectors.shape[1] == len(vector) and vector.any():
            found.update(self._foreign_to(int(one.languages[0]), vector))
            if one.editions[0] == 0:
                found.update(
                    _nearest(self._supplements, texts.vectors[self._supplements] @ vector, SUPPLEMENTED)
                )
            elif one.supplements[0]:
                found.update(_nearest(self._common, (texts.vectors @ vector)[self._common], SUPPLEMENTED))
        return np.array(sorted(found), dtype=np.int64)

    def pairs(self, told: Callable[[int], None] = lambda _: None) -> Rows:
        """Return all pairs of rows that may be the same work.

        Parameters
        ----------
        told : callable, optional
            Told how many more steps are done, of `steps`.

        Returns
        -------
        int64 array of shape ``(m, 2)``
            The smaller row first, sorted.
        """
        n = len(self._texts)
        found = [self._of_titles(), self._of_supplements()]
        for band in range(BANDS):
            found.append(self._shared(_together(self._keys[band], self._order[band].astype(np.int64), n)))
            if band % 8 == 7:
                found = [np.unique(np.concatenate(found))]
            told(1)
        for codes in self._close():
            found.append(codes)
            told(1)
        codes = np.unique(np.concatenate(found))
        return np.stack([codes // max(n, 1), codes % max(n, 1)], axis=1)

    @property
    def steps(self) -> int:
        """How many steps `pairs` takes."""
        return BANDS + sum(-(-len(rows) // _ROWS_AT_ONCE) for rows, _ in self._foreign())

    def _foreign_to(self, language: int, vector: Vectors) -> list[int]:
        """Return the rows of other languages that are nearest to a vector; texts of a language lie together."""
        texts = self._texts
        starts = np.flatnonzero(np.concatenate(([True], texts.languages[1:] != texts.languages[:-1])))
        ends = [*starts[1:].tolist(), len(texts)]
        rows, cosines = [], []
        for first, end in zip(starts.tolist(), ends, strict=True):
            if texts.languages[first] != language:
                rows.append(np.arange(first, end))
                cosines.append(texts.vectors[first:end] @ vector)
        return _nearest(np.concatenate(rows), np.concatenate(cosines), CLOSE) if rows else []

    def _of_titles(self) -> Rows:
        named = self._title_keys != 0
        return _together(self._title_keys[named], self._title_order[named], len(self._texts))

    def _of_supplements(self) -> Rows:
        """Return pairs of a local supplement and a common text that it names or is near to."""
        texts, n = self._texts, len(self._texts)
        codes: list[int] = []
        for row in self._supplements.tolist():
            others: set[int] = set()
            for name in texts.named[row][texts.named[row] != 0]:
                rows = self._names.of_key(int(name))
                others.update(rows[texts.editions[rows] == 0].tolist())
            if texts.vectors.shape[1] and texts.vectors[row].any():
                cosines = (texts.vectors @ texts.vectors[row])[self._common]
                others.update(_nearest(self._common, cosines, SUPPLEMENTED))
            codes += [min(row, other) * n + max(row, other) for other in others if other != row]
        return np.array(codes, dtype=np.int64)

    def _shared(self, codes: Rows) -> Rows:
        """Return those of the pairs whose signatures agree enough."""
        n, signatures = len(self._texts), self._texts.signatures
        kept = [codes[:0]]
        for at in range(0, len(codes), _PAIRS_AT_ONCE):
            some = codes[at : at + _PAIRS_AT_ONCE]
            shared = (signatures[some // n] == signatures[some % n]).mean(axis=1)
            kept.append(some[shared >= SHARED])
        return np.concatenate(kept)

    def _close(self) -> Iterator[Rows]:
        """Yield pairs of close vectors in two languages, those of one language after the other; see `_foreign`."""
        texts, n = self._texts, len(self._texts)
        for rows, others in self._foreign():
            beyond = texts.vectors[others]
            for at in range(0, len(rows), _ROWS_AT_ONCE):
                block = rows[at : at + _ROWS_AT_ONCE]
                cosines = texts.vectors[block] @ beyond.T
                a, b = np.nonzero(cosines >= CLOSE)
                a, b = a[order := np.lexsort((-cosines[a, b], a))], b[order]
                few = np.arange(len(a)) - np.searchsorted(a, a) < NEAREST
                here, there = block[a[few]], others[b[few]]
                yield np.minimum(here, there) * n + np.maximum(here, there)

    def _foreign(self) -> list[tuple[Rows, Rows]]:
        """Return the rows of each language with a vector, with those of all languages that come after it, rare ones first."""
        texts = self._texts
        if not texts.vectors.shape[1]:
            return []
        known = np.flatnonzero(texts.vectors.any(axis=1))
        names, counts = np.unique(texts.languages[known], return_counts=True)
        rest, found = known, []
        for name in names[np.argsort(counts, kind="stable")][:-1]:
            of = texts.languages[rest] == name
            found.append((rest[of], rest[~of]))
            rest = rest[~of]
        return found


def band_keys(signatures: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return one key for each band of each signature, shape ``(BANDS, n)``; keys of later bands are greater."""
    wide = signatures.astype(np.uint64)
    width = signatures.shape[1] // BANDS
    keys = np.zeros((BANDS, len(signatures)), dtype=np.uint64)
    for k in range(width):
        keys = (keys ^ wide[:, k::width].T[:BANDS]) * _FACTOR
        keys ^= keys >> _HALF
    bands = np.arange(BANDS, dtype=np.uint64)[:, None]
    return np.ascontiguousarray(bands << _BAND | keys >> np.uint64(BANDS.bit_length() - 1))


def _nearest(rows: Rows, cosines: NDArray[np.float32], least: float) -> list[int]:
    near = np.flatnonzero(cosines >= least)
    found: list[int] = rows[near[np.argsort(-cosines[near], kind="stable")]][:NEAREST].tolist()
    return found


@dataclass(frozen=True, slots=True)
class _Lookup:
    """Rows by any of their keys."""

    keys: NDArray[np.uint64]
    rows: Rows

    @classmethod
    def of(cls, *columns: NDArray[np.uint64]) -> "_Lookup":
        keys = np.concatenate(columns) if columns else np.empty(0, dtype=np.uint64)
        rows = np.tile(np.arange(len(columns[0]) if columns else 0), max(1, len(columns)))
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], rows[order])

    def of_key(self, key: int) -> Rows:
        wanted = np.uint64(key)
        first, end = self.keys.searchsorted(wanted), self.keys.searchsorted(wanted, side="right")
        found: Rows = self.rows[first : min(end, first + CROWD)]
        return found


def _together(keys: NDArray[np.uint64], rows: Rows, n: int) -> Rows:
    """Return codes ``smaller row * n + larger row`` of all pairs of rows with equal keys; `keys` are sorted."""
    if len(keys) < 2:
        return np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sizes = np.diff(np.concatenate((starts, [len(keys)])))
    a, b = [], []
    crowd = np.repeat(sizes > CROWD, sizes)
    head = np.repeat(starts, sizes)
    if crowd.any():
        there = np.flatnonzero(crowd)
        a += [rows[head[there]], rows[np.maximum(there - 1, head[there])]]
        b += [rows[there], rows[there]]
    end = np.repeat(starts + np.where(sizes > CROWD, 0, sizes), sizes)
    step = 1
    at = np.flatnonzero(np.arange(len(keys)) + 1 < end)
    while len(at):
        a.append(rows[at])
        b.append(rows[at + step])
        step += 1
        at = at[at + step < end[at]]
    if not a:
        return np.empty(0, dtype=np.int64)
    first, second = np.concatenate(a), np.concatenate(b)
    low, high = np.minimum(first, second), np.maximum(first, second)
    different = low != high
    return np.unique(low[different] * n + high[different])
