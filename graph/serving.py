"""Which resources serve a requirement, stated or proposed? The ``teaches`` edges of all of them as arrays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.model import Edge


class Links(NamedTuple):
    """What serves one requirement: resource numbers in order, whether stated, how sure (1 for what is stated)."""

    resources: NDArray[np.int32]
    stated: NDArray[np.bool_]
    confidence: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Serving:
    """Links of all requirements; resources are numbers, those of `Proximity.resource_ids`.

    A requirement's links are those from ``begins[i]`` to ``begins[i + 1]``, `i` its place among requirements.
    """

    places: Mapping[str, int]
    begins: NDArray[np.int64]
    links: Links

    @classmethod
    def of(
        cls, edges: Iterable[Edge], requirements: Sequence[str], resources: Mapping[str, int]
    ) -> "Serving":
        """Cut it from edges in `edge_order`; ids are nodes' ids. A stated link stands for a proposed one beside it."""
        places = {name: place for place, name in enumerate(requirements)}
        found: dict[tuple[int, int], tuple[bool, float]] = {}
        for edge in edges:
            if edge.kind in {"proposed_teaches", "teaches"}:
                stated = edge.kind == "teaches"
                found[places[edge.target], resources[edge.source]] = (
                    stated,
                    1.0 if stated else edge.confidence,
                )
        keys = sorted(found)
        owners = np.array([owner for owner, _ in keys], dtype=np.int64)
        links = Links(
            np.array([resource for _, resource in keys], dtype=np.int32),
            np.array([found[key][0] for key in keys], dtype=np.bool_),
            np.array([found[key][1] for key in keys], dtype=np.float64),
        )
        return cls(places, np.searchsorted(owners, np.arange(len(requirements) + 1)), links)

    def of_requirement(self, node: str) -> Links:
        """Return what serves a requirement, by its node's id; nothing for one that is not in the graph."""
        place = self.places.get(node)
        begin, end = (0, 0) if place is None else (self.begins[place], self.begins[place + 1])
        resources, stated, confidence = self.links
        return Links(resources[begin:end], stated[begin:end], confidence[begin:end])

    @property
    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The arrays that it is made of, by name."""
        return {"begins": self.begins, **self.links._asdict()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], requirements: Sequence[str]) -> "Serving":
        """Make it from what `arrays` gave; nothing is copied."""
        places = {name: place for place, name in enumerate(requirements)}
        return cls(places, arrays["begins"], Links(*(arrays[name] for name in Links._fields)))
