"""What are the resources like now that a request may be answered with? Fetched for one request, or held for many."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.model import Resource
from engine.traits import Fits, Reader, Traits, fits_of

Fetch = Callable[[Sequence[str]], Mapping[str, Resource]]


class Shelf(Protocol):
    """Resources by number (`Proximity.resource_ids`)."""

    def shown(self, reader: Reader, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell of each resource whether it is published, not withdrawn and for the reader to see."""
        ...

    def fits(self, reader: Reader, numbers: NDArray[np.int64]) -> Fits:
        """Return how resources that are shown fit a reader."""
        ...

    def resource(self, number: int) -> Resource:
        """Return one that is shown."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """Reads what is looked at, once."""

    ids: Sequence[str]
    fetch: Fetch
    excluded: AbstractSet[str]
    _read: dict[int, Resource | None] = field(default_factory=dict)

    def shown(self, reader: Reader, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """See `Shelf`."""
        asked = numbers.tolist()
        missing = {number: self.ids[number] for number in asked if number not in self._read}
        found = self.fetch([id_ for id_ in missing.values() if id_ not in self.excluded])
        for number, id_ in missing.items():
            resource = found.get(id_)
            self._read[number] = resource if resource and resource.status == "published" else None
        rows = [self._read[number] for number in asked]
        return np.array([row is not None and reader.sees(row.edition) for row in rows], dtype=np.bool_)

    def fits(self, reader: Reader, numbers: NDArray[np.int64]) -> Fits:
        """See `Shelf`."""
        return fits_of([self.resource(number) for number in numbers.tolist()], reader)

    def resource(self, number: int) -> Resource:
        """See `Shelf`."""
        resource = self._read[number]
        assert resource is not None
        return resource


@dataclass(frozen=True, slots=True)
class Held:
    """Has read them all: what is asked of thousands is looked up in arrays."""

    traits: Traits
    published: NDArray[np.bool_]
    resources: Sequence[Resource | None]

    @classmethod
    def of(cls, ids: Sequence[str], resources: Mapping[str, Resource], excluded: AbstractSet[str]) -> "Held":
        """Hold the published ones of `ids` that are not excluded."""
        rows = [None if id_ in excluded else resources.get(id_) for id_ in ids]
        published = np.array([row is not None and row.status == "published" for row in rows], dtype=np.bool_)
        return cls(Traits.of(ids, [row for row in rows if row is not None]), published, rows)

    def shown(self, reader: Reader, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """See `Shelf`."""
        return self.published[numbers] & self.traits.is_in("edition", reader.sees, numbers)

    def fits(self, reader: Reader, numbers: NDArray[np.int64]) -> Fits:
        """See `Shelf`."""
        return self.traits.fits(reader, numbers)

    def resource(self, number: int) -> Resource:
        """See `Shelf`."""
        resource = self.resources[number]
        assert resource is not None
        return resource
