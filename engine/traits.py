"""For whom, where and in which language is each resource? What sorts thousands of candidates, as arrays.

Made with a build, by resource number (`Proximity.resource_ids`). They choose what is read and scored in full; the
score itself is of the resources as they are read (`fits_of`).
"""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from engine.model import COMMON_EDITION, Resource
from graph.array_file import read_arrays, write_arrays
from graph.order import level_rank

NONE, MEANT, OTHER = 0, 1, 2
"""What a resource says of whom or where it is for: nothing, the one asked about, others only."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: the role and the broader ones, the places of the plans, what is read and seen, and the day.

    `editions` are those whose content is shown; None is all.
    """

    roles: frozenset[str]
    arenas: frozenset[str]
    language: str
    editions: frozenset[str] | None
    day: date

    def sees(self, edition: str) -> bool:
        """Tell whether content of an edition is shown."""
        return self.editions is None or edition in self.editions


class Fits(NamedTuple):
    """How resources fit a reader, an array of each; `level` is -1 where none is stated, `age` [days] NaN where unknown."""

    level: NDArray[np.int8]
    audience: NDArray[np.int8]
    arena: NDArray[np.int8]
    readable: NDArray[np.bool_]
    expired: NDArray[np.bool_]
    local: NDArray[np.bool_]
    visible: NDArray[np.bool_]
    age: NDArray[np.float64]

    def only(self, kept: NDArray[np.bool_]) -> "Fits":
        """Return those of some rows."""
        return Fits(
            self.level[kept],
            self.audience[kept],
            self.arena[kept],
            self.readable[kept],
            self.expired[kept],
            self.local[kept],
            self.visible[kept],
            self.age[kept],
        )


_NEVER = date.max.toordinal()
_UNKNOWN = 0
_KNOWN, _SUMS = 1024, 32


@dataclass(frozen=True, slots=True)
class Traits:
    """Numbers of all resources; `names` has the texts that they stand for."""

    names: Mapping[str, Sequence[str]]
    arrays: Mapping[str, NDArray[Any]]
    _fits: dict[tuple[str, frozenset[str]], NDArray[np.int8]] = field(default_factory=dict)
    _sums: dict[Hashable, NDArray[np.float64]] = field(default_factory=dict)

    @classmethod
    def of(cls, ids: Sequence[str], resources: Iterable[Resource]) -> "Traits":
        """Cut them from resources; one of `ids` that is not among them has none."""
        known = {resource.id: resource for resource in resources}
        rows = [known.get(id_, Resource(id_, "")) for id_ in ids]
        names: dict[str, list[str]] = {}
        arrays: dict[str, NDArray[Any]] = {
            "review_due": np.array(
                [r.review_due.toordinal() if r.review_due else _NEVER for r in rows], dtype=np.int32
            ),
            "updated": np.array([_last_day(r) for r in rows], dtype=np.int32),
            "level": np.array([_level(r.level) for r in rows], dtype=np.int8),
        }
        for name, values in (
            ("language", [r.language for r in rows]),
            ("edition", [r.edition for r in rows]),
        ):
            names[name], arrays[name] = _coded(values)
        for name, lists in (("audience", [r.audience for r in rows]), ("arena", [r.arena for r in rows])):
            names[name], arrays[name] = _coded([value for values in lists for value in values])
            arrays[f"{name}_of"] = np.repeat(np.arange(len(rows), dtype=np.int32), [len(v) for v in lists])
        return cls(names, arrays)

    def fits(self, reader: Reader, numbers: NDArray[np.int64]) -> Fits:
        """Return how resources fit a reader, by their numbers."""
        return Fits(
            self.arrays["level"][numbers],
            self.fit("audience", reader.roles, numbers),
            self.fit("arena", reader.arenas, numbers),
            self.is_in("language", lambda value: understood(value, reader.language), numbers),
            self.expired(reader.day, numbers),
            self.is_in("edition", lambda value: value != COMMON_EDITION, numbers),
            self.is_in("edition", reader.sees, numbers),
            self.age(reader.day, numbers),
        )

    def remembered(
        self, key: Hashable, make: Callable[[Fits], NDArray[np.float64]], reader: Reader
    ) -> NDArray[np.float64]:
        """Return what is made of the fits of all resources; the next who asks for `key` has it for nothing."""
        if (known := self._sums.get(key)) is None:
            if len(self._sums) >= _SUMS:
                self._sums.clear()
            known = self._sums[key] = make(self.fits(reader, np.arange(len(self.arrays["level"]))))
        return known

    def is_in(
        self, name: str, wanted: Callable[[str], bool], numbers: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Tell of each resource whether its language or edition is wanted."""
        good = np.array([wanted(value) for value in self.names[name]], dtype=np.bool_)
        return np.asarray(good[self.arrays[name][numbers]])

    def expired(self, day: date, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell of each resource whether its review was due before a day."""
        return np.asarray(self.arrays["review_due"][numbers] < day.toordinal())

    def age(self, day: date, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how long ago each resource was last updated, or published [days]; what is to come is of today."""
        updated = self.arrays["updated"][numbers].astype(np.float64)
        return np.where(updated == _UNKNOWN, np.nan, np.maximum(day.toordinal() - updated, 0.0))

    def fit(self, name: str, wanted: AbstractSet[str], numbers: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return `NONE`, `MEANT` or `OTHER` for each resource's audience or arena."""
        key = name, frozenset(wanted)
        if key not in self._fits:
            if len(self._fits) >= _KNOWN:
                self._fits.clear()
            fits = np.zeros(len(self.arrays["language"]), dtype=np.int8)
            owners = self.arrays[f"{name}_of"]
            fits[owners] = OTHER
            good = np.array([value in wanted for value in self.names[name]], dtype=np.bool_)
            fits[owners[good[self.arrays[name]]]] = MEANT
            self._fits[key] = fits
        return np.asarray(self._fits[key][numbers])

    def save(self, path: Path, version: str) -> None:
        """Write them for `open`; `version` is that of the graph whose resource numbers they have."""
        packed = {"names": np.frombuffer(orjson.dumps(self.names), dtype=np.uint8), **self.arrays}
        write_arrays(path, packed, version)

    @classmethod
    def open(cls, path: Path, version: str) -> "Traits":
        """Map what `save` wrote; raises GraphError and FileNotFoundError as `read_arrays` does."""
        arrays = dict(read_arrays(path, version))
        arrays.setdefault(
            "updated", np.full(len(arrays["level"]), _UNKNOWN)
        )  # of a build made before there were any
        return cls(orjson.loads(arrays.pop("names").tobytes()), arrays)


def fits_of(resources: Sequence[Resource], reader: Reader) -> Fits:
    """Return how resources fit a reader: what `Traits.fits` says, of a few that were just read."""
    return Fits(
        np.array([_level(r.level) for r in resources], dtype=np.int8),
        np.array([_fit(reader.roles, r.audience) for r in resources], dtype=np.int8),
        np.array([_fit(reader.arenas, r.arena) for r in resources], dtype=np.int8),
        np.array([understood(r.language, reader.language) for r in resources], dtype=np.bool_),
        np.array([r.review_due is not None and r.review_due < reader.day for r in resources], dtype=np.bool_),
        np.array([r.edition != COMMON_EDITION for r in resources], dtype=np.bool_),
        np.array([reader.sees(r.edition) for r in resources], dtype=np.bool_),
        np.array([_age(r, reader.day) for r in resources], dtype=np.float64),
    )


def steps_between(one: NDArray[np.int8], other: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the steps between levels; 0 where one is -1, not stated."""
    return np.where((one < 0) | (other < 0), np.int8(0), np.abs(one - other))


def understood(language: str, reader: str) -> bool:
    """Tell whether a reader is served by a language: bokmål and nynorsk serve the same readers."""
    written = {"nb", "nn"}
    return language == reader or {language, reader} <= written


def _last_day(resource: Resource) -> int:
    day = resource.updated or resource.published
    return day.toordinal() if day else _UNKNOWN


def _age(resource: Resource, day: date) -> float:
    updated = _last_day(resource)
    return math.nan if updated == _UNKNOWN else float(max(day.toordinal() - updated, 0))


def _level(name: str) -> int:
    return level_rank(name) if name else -1


def _fit(wanted: AbstractSet[str], stated: Sequence[str]) -> int:
    if not stated:
        return NONE
    return OTHER if wanted.isdisjoint(stated) else MEANT


def _coded(values: Sequence[str]) -> tuple[list[str], NDArray[np.int32]]:
    names = sorted(set(values))
    place = {name: number for number, name in enumerate(names)}
    return names, np.array([place[value] for value in values], dtype=np.int32)
