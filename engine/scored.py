"""What may be recommended, how good is it, and what does it serve? Columns, of which objects are made when shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from engine.model import Resource
from graph.model import LIKELY
from graph.order import LEVELS


@dataclass(frozen=True, slots=True)
class Scored:
    """A resource that serves something open, or may, and how good it is for the one who asks."""

    resource: Resource
    serves: Mapping[str, float]  # requirement -> strength of the link, in (0, 1]
    stated: frozenset[str]  # of those, the ones that an editor or a source has stated
    setbacks: int  # 0: current, in the reader's language, for this role and place
    score: float
    parts: tuple[tuple[str, float], ...]
    surely: frozenset[str] = field(
        init=False, compare=False
    )  # requirements that it is stated to serve or likely serves

    def __post_init__(self) -> None:
        likely = self.stated.union(q for q, strength in self.serves.items() if strength >= LIKELY)
        object.__setattr__(self, "surely", likely)


@dataclass(frozen=True, slots=True)
class Columns:
    """Scored resources in any order, and their links: `row` says of which resource, `owner` to which requirement."""

    row: NDArray[np.int64]
    owner: NDArray[np.int64]
    strength: NDArray[np.float64]
    stated: NDArray[np.bool_]
    level: NDArray[np.int8]
    setbacks: NDArray[np.int64]
    score: NDArray[np.float64]
    parts: Mapping[str, NDArray[np.float64]]


class ScoredList(Sequence[Scored]):
    """Scored resources, best first.

    Parameters
    ----------
    names : sequence of str
        Requirements, by the numbers in `owner`.
    columns : Columns
        Of equal scores the first row is first.
    resource : callable
        Gives the resource of a row.

    Attributes
    ----------
    place, owner, stated, sure : ndarray
        By link: place of the resource in the list, ascending; requirement; whether stated; whether stated or likely.
    level, setbacks : ndarray
        By place; a level that is not stated is 0 or less.
    scores : list of float
        By place.
    """

    def __init__(self, names: Sequence[str], columns: Columns, resource: Callable[[int], Resource]) -> None:
        self._names, self._columns, self._resource = names, columns, resource
        self._rows = np.argsort(-columns.score, kind="stable")
        place = np.empty(len(self._rows), dtype=np.int64)
        place[self._rows] = np.arange(len(self._rows))
        by_place = np.argsort(place[columns.row], kind="stable")
        self.place, self.owner = place[columns.row][by_place], columns.owner[by_place]
        self.stated, self._strength = columns.stated[by_place], columns.strength[by_place]
        self.sure = self.stated | (self._strength >= LIKELY)
        self.level, self.setbacks = columns.level[self._rows], columns.setbacks[self._rows]
        self.scores: list[float] = columns.score[self._rows].tolist()
        self._begins: list[int] = np.searchsorted(self.place, np.arange(len(self._rows) + 1)).tolist()
        self._made: dict[int, Scored] = {}

    @classmethod
    def of(cls, scored: Sequence[Scored]) -> "ScoredList":
        """Make it of objects that are sorted already; a list of this kind is returned as it is."""
        if isinstance(scored, ScoredList):
            return scored
        names = list(dict.fromkeys(q for s in scored for q in s.serves))
        number = {name: n for n, name in enumerate(names)}
        links = [(row, q) for row, s in enumerate(scored) for q in s.serves]
        columns = Columns(
            np.array([row for row, _ in links], dtype=np.int64),
            np.array([number[q] for _, q in links], dtype=np.int64),
            np.array([scored[row].serves[q] for row, q in links], dtype=np.float64),
            np.array([q in scored[row].stated for row, q in links], dtype=np.bool_),
            np.array([LEVELS.get(s.resource.level or "", 0) for s in scored], dtype=np.int8),
            np.array([s.setbacks for s in scored], dtype=np.int64),
            np.array([s.score for s in scored], dtype=np.float64),
            {},
        )
        made = cls(names, columns, lambda row: scored[row].resource)
        made._made = {place: scored[row] for place, row in enumerate(made._rows.tolist())}
        return made

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Scored: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Scored]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        if (known := self._made.get(place)) is None:
            at = range(len(self))[place]
            known = self._made[at] = self._make(at)
        return known

    def _make(self, at: int) -> Scored:
        row, links = int(self._rows[at]), slice(self._begins[at], self._begins[at + 1])
        served = [self._names[q] for q in self.owner[links].tolist()]
        return Scored(
            self._resource(row),
            dict(zip(served, self._strength[links].tolist(), strict=True)),
            frozenset([q for q, stated in zip(served, self.stated[links].tolist(), strict=True) if stated]),
            int(self.setbacks[at]),
            self.scores[at],
            tuple((name, float(column[row])) for name, column in self._columns.parts.items()),
        )

    @property
    def names(self) -> Sequence[str]:
        """Requirements by number."""
        return self._names

    @cached_property
    def coverable(self) -> frozenset[str]:
        """Requirements that something on the list surely serves."""
        return frozenset([self._names[q] for q in np.unique(self.owner[self.sure]).tolist()])
