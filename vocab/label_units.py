"""Which labels have a word of this stem, and how much of the label is it? Labels as arrays, for `vocab.label_overlap`.

A unit is one word of one label. Everything is arrays, so that 300,000 labels are ready in a second.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from vocab.analysed_labels import LabelArrays
from vocab.analysis import is_abbreviation, is_function_word

PART = 0.8
"""What a label's word counts that is only a part of the text's compound, or whose own parts stand apart in it."""

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]
Weights = np.ndarray[tuple[int], np.dtype[np.float64]]

_NOTHING = np.zeros(0, np.int64)
_NO_WEIGHT = np.zeros(0, np.float64)


class LabelUnits:
    """The words of labels with their weights; made by `label_units`.

    Attributes
    ----------
    row, weight : arrays of shape ``(units,)``
        Row of each unit's label, and what the word weighs.
    row_weight, label : arrays of shape ``(rows,)``
        What all words of a label weigh, and the number of the label in the vocabulary.
    """

    def __init__(self, keys: dict[str, int], stem_weight: Weights, units: dict[str, Any]) -> None:
        self._key = keys
        self._stem_weight = stem_weight
        self.row: Numbers = units["row"]
        self.weight: Weights = units["weight"]
        self.row_weight: Weights = units["row_weight"]
        self.label: Numbers = units["label"]
        n = len(stem_weight)
        self._whole = _Grouped(units["key"], np.arange(len(self.row)), n)
        self._apart = _Grouped(units["part_key"], np.arange(len(units["part_key"])), n)
        self._part_unit: Numbers = units["part_unit"]
        self._part_weight: Weights = units["part_weight"]
        self._rarest = _Grouped(units["rarest"], self.label, n)

    def whole(self, stem: str) -> tuple[Numbers, Weights]:
        """Return the units that are a word of this stem, with their weights."""
        number = self._key.get(stem)
        if number is None:
            return _NOTHING, _NO_WEIGHT
        found = self._whole.of(number)
        return found, self.weight[found]

    def apart(self, stem: str) -> tuple[Numbers, Weights]:
        """Return the units that are a compound with such a part, with what the part weighs."""
        number = self._key.get(stem)
        if number is None:
            return _NOTHING, _NO_WEIGHT
        found = self._apart.of(number)
        return self._part_unit[found], self._part_weight[found]

    def rarest(self, stem: str) -> Numbers:
        """Return the labels whose heaviest word has this stem, each label once over all stems."""
        number = self._key.get(stem)
        return _NOTHING if number is None else self._rarest.of(number)

    def weight_of(self, stem: str) -> float:
        """Return what a word of a label weighs."""
        return float(self._stem_weight[self._key[stem]])


class _Grouped:
    """Values by key, in their order."""

    def __init__(self, keys: Numbers, values: Numbers, n: int) -> None:
        order = np.argsort(keys, kind="stable")
        self._values = values[order]
        self._begin = np.searchsorted(keys[order], np.arange(n + 1))

    def of(self, key: int) -> Numbers:
        return self._values[self._begin[key] : self._begin[key + 1]]


def is_empty(surface: str) -> bool:
    """Tell whether a label's word says nothing: a function word or a number."""
    return surface.isdigit() or (is_function_word(surface) and not is_abbreviation(surface))


def label_units(labels: LabelArrays, targets: Sequence[str | None]) -> LabelUnits:
    """Take labels apart into words.

    Parameters
    ----------
    labels : LabelArrays
        Of the vocabulary.
    targets : sequence of str or None
        For each concept of `labels` the one that its labels lead to; None leaves them out.

    Notes
    -----
    The stem of an abbreviation is its capitals. A word's weight is .5 + ln(concepts / concepts that have the stem, as a
    word or a part of one).
    """
    n_stems = len(labels.stems)
    capital = np.array([is_abbreviation(surface) for surface in labels.surfaces], dtype=bool)
    empty = np.array([is_empty(surface) for surface in labels.surfaces], dtype=bool)
    keys = {stem: number for number, stem in enumerate(labels.stems)}
    keys |= {labels.surfaces[n]: n_stems + n for n in np.flatnonzero(capital).tolist()}
    key_of = np.where(capital, n_stems + np.arange(len(capital)), labels.stem).astype(np.int64)
    number: dict[str, int] = {}
    target = np.array(
        [-1 if t is None else number.setdefault(t, len(number)) for t in targets], dtype=np.int64
    )

    label = np.repeat(np.arange(len(labels.concept)), _lengths(labels.words_begin))
    surface = labels.words.astype(np.int64)
    of_concept = target[labels.concept.astype(np.int64)[label]] if len(label) else _NOTHING
    kept = (of_concept >= 0) & ~empty[surface]
    label, surface, of_concept = label[kept], surface[kept], of_concept[kept]
    unit, part = _parts(labels, surface, capital)

    n_keys = n_stems + len(capital)
    pairs = np.concatenate([
        key_of[surface] * max(len(number), 1) + of_concept,
        part * max(len(number), 1) + of_concept[unit],
    ])  # fmt: skip
    holders = np.bincount(np.unique(pairs) // max(len(number), 1), minlength=n_keys)
    concepts = len(np.unique(of_concept))
    stem_weight = np.where(holders > 0, 0.5 + np.log(max(concepts, 1) / np.maximum(holders, 1)), 0.0)

    weight = stem_weight[key_of[surface]]
    of_parts = np.bincount(unit, stem_weight[part], minlength=len(surface))
    alone = np.bincount(unit, minlength=len(surface)) == 1  # half of *e-helse* is *e*
    shared = np.where(alone, 2 * of_parts, of_parts)
    numbers, first, row = np.unique(label, return_index=True, return_inverse=True)
    row_weight = np.add.reduceat(weight, first) if len(first) else _NO_WEIGHT
    heaviest = np.lexsort((np.arange(len(row)), -weight, row))
    return LabelUnits(
        keys,
        stem_weight,
        {
            "row": row,
            "weight": weight,
            "row_weight": row_weight,
            "label": numbers,
            "key": key_of[surface],
            "part_key": part,
            "part_unit": unit,
            "part_weight": PART * weight[unit] * stem_weight[part] / shared[unit],
            "rarest": key_of[surface][heaviest[first]] if len(first) else _NOTHING,
        },
    )


def _lengths(begin: Any) -> Numbers:  # noqa: ANN401
    ends: Numbers = begin.astype(np.int64)
    return ends[1:] - ends[:-1]


def _parts(labels: LabelArrays, surface: Numbers, capital: Any) -> tuple[Numbers, Numbers]:  # noqa: ANN401
    """Return units and stems of their parts, pair by pair."""
    begin = labels.parts_begin.astype(np.int64)
    count = np.where(capital[surface], 0, begin[surface + 1] - begin[surface])
    unit = np.repeat(np.arange(len(surface)), count)
    within = np.arange(len(unit)) - np.repeat(np.cumsum(count) - count, count)
    return unit, labels.parts.astype(np.int64)[begin[surface][unit] + within]
