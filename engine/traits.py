"""For whom, where and in which language is each resource? What sorts thousands of candidates, as arrays.

Made with a build, by resource number (`Proximity.resource_ids`). They only choose what is read and scored in full;
the score itself looks at the resource.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from engine.model import COMMON_EDITION, Resource
from graph.array_file import read_arrays, write_arrays
from graph.order import level_rank

NONE, MEANT, OTHER = 0, 1, 2
"""What a resource says of whom or where it is for: nothing, the one asked about, others only."""

_NEVER = date.max.toordinal()
_KNOWN = 1024


@dataclass(frozen=True, slots=True)
class Traits:
    """Numbers of all resources; `names` has the texts that they stand for."""

    names: Mapping[str, Sequence[str]]
    arrays: Mapping[str, NDArray[Any]]
    _fits: dict[tuple[str, frozenset[str]], NDArray[np.int8]] = field(default_factory=dict)

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
            "level": np.array([level_rank(r.level) if r.level else -1 for r in rows], dtype=np.int8),
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

    def is_in(
        self, name: str, wanted: Callable[[str], bool], numbers: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Tell of each resource whether its language or edition is wanted."""
        good = np.array([wanted(value) for value in self.names[name]], dtype=np.bool_)
        return np.asarray(good[self.arrays[name][numbers]])

    def expired(self, day: date, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell of each resource whether its review was due before a day."""
        return np.asarray(self.arrays["review_due"][numbers] < day.toordinal())

    def below(self, level: int, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell of each resource whether it states a level below one."""
        own = self.arrays["level"][numbers]
        return np.asarray((own >= 0) & (own < level))

    def steps_to(self, levels: NDArray[np.int8], numbers: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return how many steps each resource's level is from a level; 0 where one is -1, not stated."""
        own = self.arrays["level"][numbers]
        return np.where((own < 0) | (levels < 0), np.int8(0), np.abs(own - levels))

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
        return cls(orjson.loads(arrays.pop("names").tobytes()), arrays)


def is_visible(edition: str | None) -> Callable[[str], bool]:
    """Return what tells whether an edition's content is shown in another: the common and its own."""
    return lambda value: value in {COMMON_EDITION, edition or COMMON_EDITION}


def _coded(values: Sequence[str]) -> tuple[list[str], NDArray[np.int32]]:
    names = sorted(set(values))
    place = {name: number for number, name in enumerate(names)}
    return names, np.array([place[value] for value in values], dtype=np.int32)
