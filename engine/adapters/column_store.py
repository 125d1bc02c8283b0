"""Which resources have this value, how many have each? The columns of an index, as arrays.

One generation, as arrays mapped from one file: row i is the i-th resource in
id order, so an ascending list of rows is in id order already. Facets are kept both ways, row ->
values and value -> rows (compressed sparse rows, CSR). A new generation is a new file.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.adapters.array_file import (
    AnyArray,
    array_to_strings,
    read_arrays,
    strings_to_array,
    write_arrays,
)
from engine.model import IndexEntry, Range

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]

_NARROW = 4
"""A selection below 1/4 of the rows is counted row by row, a wider one in one sweep."""


def concatenated_ranges(starts: Rows, lengths: Rows) -> Rows:
    """Return ``start, start + 1, … start + length - 1`` of each pair, one after the other.

    Examples
    --------
    >>> concatenated_ranges(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """What the columns keep of one resource; `ord` is its number in the lexical index."""

    id: str
    ord: int
    title_length: int
    embedded: bool
    facets: Mapping[str, tuple[str, ...]]
    title_words: tuple[str, ...]
    numbers: Mapping[str, float]

    @classmethod
    def of(cls, entry: IndexEntry, ord_: int) -> "ColumnRow":
        """Return the columns of `entry`; a value given twice counts once."""
        return cls(
            id=entry.resource.id,
            ord=ord_,
            title_length=len(entry.resource.title),
            embedded=entry.vectors is not None,
            facets={name: tuple(dict.fromkeys(values)) for name, values in entry.facets.items()},
            title_words=tuple(dict.fromkeys(entry.title_surface)),
            numbers={name: float(value) for name, value in entry.numbers.items()},
        )


class KeywordColumn:
    """One multi-valued keyword column of `n` rows and V sorted values.

    Parameters
    ----------
    arrays
        ``values`` (packed strings, V), ``starts`` (n + 1) and ``codes`` (one an entry, in row
        order), ``rows`` (the row of each entry), ``value_starts`` (V + 1) and ``value_rows`` (the
        rows of each value, ascending).
    """

    def __init__(self, arrays: Mapping[str, AnyArray]) -> None:
        self._packed = arrays["values"]
        self.starts: Rows = arrays["starts"]
        self.codes: NDArray[np.int32] = arrays["codes"]
        self._rows: NDArray[np.int32] = arrays["rows"]
        self._value_starts: Rows = arrays["value_starts"]
        self._value_rows: NDArray[np.int32] = arrays["value_rows"]

    @cached_property
    def values(self) -> list[str]:
        """The values in code point order."""
        return array_to_strings(self._packed)

    def mask(self, wanted: Iterable[str]) -> Mask:
        """Return which rows have at least one of the `wanted` values, shape ``(n,)``."""
        mask = np.zeros(len(self.starts) - 1, dtype=np.bool_)
        for value in wanted:
            code = bisect_left(self.values, value)
            if code < len(self.values) and self.values[code] == value:
                mask[self._rows_of(code, code + 1)] = True
        return mask

    def prefix_mask(self, prefix: str) -> Mask:
        """Return which rows have a value that begins with `prefix`, shape ``(n,)``."""
        first = bisect_left(self.values, prefix)
        last = bisect_left(self.values, True, lo=first, key=lambda value: not value.startswith(prefix))
        mask = np.zeros(len(self.starts) - 1, dtype=np.bool_)
        mask[self._rows_of(first, last)] = True
        return mask

    def count(self, rows: Rows) -> dict[str, int]:
        """Return the values of ascending `rows` with the number of those rows that have each."""
        if len(rows) == len(self.starts) - 1:
            counts = np.diff(self._value_starts)
        elif self._single:
            counts = np.bincount(self.codes[rows], minlength=len(self.values))
        elif len(rows) * _NARROW < len(self.starts):
            starts = self.starts[rows]
            entries = concatenated_ranges(starts, self.starts[rows + 1] - starts)
            counts = np.bincount(self.codes[entries], minlength=len(self.values))
        else:
            mask = np.zeros(len(self.starts) - 1, dtype=np.bool_)
            mask[rows] = True
            counts = np.bincount(self.codes[mask[self._rows]], minlength=len(self.values))
        present = np.flatnonzero(counts)
        values = self.values
        return {
            values[code]: count
            for code, count in zip(present.tolist(), counts[present].tolist(), strict=True)
        }

    @cached_property
    def _single(self) -> bool:
        """Whether every row has one value, so that entry i is row i's."""
        return len(self.codes) == len(self.starts) - 1 and bool((np.diff(self.starts) == 1).all())

    def _rows_of(self, first: int, last: int) -> NDArray[np.int32]:
        return self._value_rows[int(self._value_starts[first]) : int(self._value_starts[last])]


class ColumnStore:
    """All columns of one generation of an index, `len(store)` rows in id order."""

    def __init__(self, arrays: Mapping[str, AnyArray]) -> None:
        self._packed_ids = arrays["ids"]
        self.ords: Rows = arrays["ords"]
        self.title_length: NDArray[np.int32] = arrays["title_length"]
        self.embedded: Mask = arrays["embedded"]
        self.titles = KeywordColumn(_part(arrays, "title/"))
        self.facets = {
            name: KeywordColumn(_part(arrays, f"facet/{name}/"))
            for name in array_to_strings(arrays["facet_names"])
        }
        self.numbers: dict[str, NDArray[np.float64]] = {
            name: arrays[f"number/{name}"] for name in array_to_strings(arrays["number_names"])
        }

    @classmethod
    def empty(cls) -> "ColumnStore":
        """Return columns without rows."""
        return cls(_merge(None, np.zeros(0, dtype=np.bool_), ()))

    @classmethod
    def open(cls, path: Path) -> "ColumnStore":
        """Map the columns at `path`; see `read_arrays` for what it raises."""
        return cls(read_arrays(path))

    def write_successor(self, path: Path, removed: Mask, added: Sequence[ColumnRow]) -> None:
        """Write the next generation: these rows without the `removed` ones, and `added`."""
        write_arrays(path, _merge(self, removed, added))

    def __len__(self) -> int:
        return len(self.ords)

    @cached_property
    def ids(self) -> NDArray[np.object_]:
        """The ids in code point order, as an array of str of shape ``(n,)``."""
        return _object_array(array_to_strings(self._packed_ids))

    def row_of(self, resource_id: str) -> int | None:
        """Return the row of a resource, or None."""
        row = bisect_left(self.ids, resource_id)
        return row if row < len(self) and self.ids[row] == resource_id else None

    def rows_of_ords(self, size: int) -> NDArray[np.int32]:
        """Return for each ord below `size` its row, or -1 when it is nobody's any more."""
        rows = np.full(size, -1, dtype=np.int32)
        rows[self.ords] = np.arange(len(self), dtype=np.int32)
        return rows

    def facet_mask(self, name: str, values: Iterable[str]) -> Mask:
        """Return which rows have one of `values` in column `name`; none in an unknown column."""
        column = self.facets.get(name)
        return np.zeros(len(self), dtype=np.bool_) if column is None else column.mask(values)

    def scope_mask(self, scope: Mapping[str, Iterable[str]]) -> Mask:
        """Return which rows have, in every column named, one of its values; shape ``(n,)``."""
        mask = np.ones(len(self), dtype=np.bool_)
        for name, values in scope.items():
            mask &= self.facet_mask(name, values)
        return mask

    def range_mask(self, bounds: Range) -> Mask:
        """Return which rows have the number, and within bounds (both included)."""
        column = self.numbers.get(bounds.field)
        if column is None:
            return np.zeros(len(self), dtype=np.bool_)
        mask = ~np.isnan(column)
        if bounds.low is not None:
            mask &= column >= bounds.low
        if bounds.high is not None:
            mask &= column <= bounds.high
        return mask


def _part(arrays: Mapping[str, AnyArray], prefix: str) -> dict[str, AnyArray]:
    return {
        name: arrays[prefix + name]
        for name in ("values", "starts", "codes", "rows", "value_starts", "value_rows")
    }


def _object_array(strings: Sequence[str]) -> NDArray[np.object_]:
    array = np.empty(len(strings), dtype=np.object_)
    array[:] = strings
    return array


def _merge(old: ColumnStore | None, removed: Mask, added: Sequence[ColumnRow]) -> dict[str, AnyArray]:
    """Return the arrays of the kept rows of `old` and the `added` ones, in id order."""
    kept = np.flatnonzero(~removed)
    old_ids: list[str] = [] if old is None else old.ids[kept].tolist()
    ids = [*old_ids, *(row.id for row in added)]
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)

    def joined(column: AnyArray | None, new: Iterable[float], dtype: type[np.generic]) -> AnyArray:
        before = np.empty(0, dtype) if column is None else column[kept]
        whole: AnyArray = np.concatenate([before, np.array(list(new), dtype=dtype)])[order]
        return whole

    arrays: dict[str, AnyArray] = {
        "ids": strings_to_array(_object_array(ids)[order].tolist()),
        "ords": joined(None if old is None else old.ords, (row.ord for row in added), np.int64),
        "title_length": joined(
            None if old is None else old.title_length, (row.title_length for row in added), np.int32
        ),
        "embedded": joined(None if old is None else old.embedded, (row.embedded for row in added), np.bool_),
    }
    old_facets = {} if old is None else old.facets
    old_numbers = {} if old is None else old.numbers
    facet_names: list[str] = []
    for name in sorted({*old_facets, *chain.from_iterable(row.facets for row in added)}):
        new = [row.facets.get(name, ()) for row in added]
        column = _merge_keywords(old_facets.get(name), kept, new, order)
        if len(column["codes"]):
            facet_names.append(name)
            arrays |= {f"facet/{name}/{part}": array for part, array in column.items()}
    titles = _merge_keywords(
        None if old is None else old.titles, kept, [row.title_words for row in added], order
    )
    arrays |= {f"title/{part}": array for part, array in titles.items()}
    number_names: list[str] = []
    for name in sorted({*old_numbers, *chain.from_iterable(row.numbers for row in added)}):
        before = old_numbers.get(name, np.full(len(removed), np.nan))
        numbers = joined(before, (row.numbers.get(name, np.nan) for row in added), np.float64)
        if not np.isnan(numbers).all():
            number_names.append(name)
            arrays[f"number/{name}"] = numbers
    arrays["facet_names"] = strings_to_array(facet_names)
    arrays["number_names"] = strings_to_array(number_names)
    return arrays


def _merge_keywords(
    old: KeywordColumn | None, kept: Rows, added: Sequence[tuple[str, ...]], order: Rows
) -> dict[str, AnyArray]:
    """Return one keyword column's arrays; a value that no row has any more is dropped."""
    if old is None:
        dictionary: dict[str, int] = {}
        lengths, codes = np.zeros(len(kept), dtype=np.int64), np.empty(0, dtype=np.int64)
    else:
        dictionary = {value: code for code, value in enumerate(old.values)}
        lengths = old.starts[kept + 1] - old.starts[kept]
        codes = old.codes[concatenated_ranges(old.starts[kept], lengths)].astype(np.int64)
    new_codes = [dictionary.setdefault(value, len(dictionary)) for value in chain.from_iterable(added)]
    codes = np.concatenate([codes, np.array(new_codes, dtype=np.int64)])
    lengths = np.concatenate([lengths, np.array([len(values) for values in added], dtype=np.int64)])
    starts = np.cumsum(lengths) - lengths
    codes = codes[concatenated_ranges(starts[order], lengths[order])]
    lengths = lengths[order]

    present = np.bincount(codes, minlength=len(dictionary)) > 0
    names = list(dictionary)
    values = sorted(names[code] for code in np.flatnonzero(present).tolist())
    renumbered = np.zeros(len(dictionary), dtype=np.int64)
    renumbered[[dictionary[value] for value in values]] = np.arange(len(values))
    codes = renumbered[codes]
    rows = np.repeat(np.arange(len(order)), lengths)
    by_value = np.argsort(codes, kind="stable")
    return {
        "values": strings_to_array(values),
        "starts": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        "codes": codes.astype(np.int32),
        "rows": rows.astype(np.int32),
        "value_starts": np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(values)))]).astype(
            np.int64
        ),
        "value_rows": rows[by_value].astype(np.int32),
    }
