"""Which resources are worth scoring for a role and its open requirements? Those that serve one, the best of them.

In a large bank thousands serve something that is open. They are sorted by what weighs most, coverage and graph
proximity, on arrays; only the first of them are read and scored in full. A small bank is scored whole.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.model import Resource
from engine.search import visible
from graph.rank import Proximity
from graph.serving import Links

SMALL = 1000
"""A bank of so many resources is scored whole."""

MOST = 64
"""Resources scored for a short list, but for those of the next line; for a longer list four times its length."""

EACH = 8
"""Resources that every requirement keeps, however many others are before them, what is stated first."""

FOR_A_SET = 16
"""How many times more are scored where the fewest minutes are looked for."""


LEAST = 1e-12
"""What a walk that never comes to a resource counts as [probability]."""


class Link(NamedTuple):
    """How surely a resource serves a requirement, in (0, 1], and whether somebody has stated it."""

    strength: float
    stated: bool


@dataclass(frozen=True, slots=True)
class Candidates:
    """Resources to score, in id order, what each serves, which of it best, and how much nearer than usual it is [nats]."""

    resources: Mapping[str, Resource]
    serves: Mapping[str, Mapping[str, Link]]
    best: Mapping[str, str]
    near: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class CandidateFinder:
    """Finds them in one graph.

    Parameters
    ----------
    proximity : Proximity
        Arrays cut from the graph.
    fetch : callable
        Gives published resources by id.
    excluded : set of str
        Resources that are never candidates.
    stated, proposed, nearness : float
        Weights of what is sorted by: a link of each kind, a proposed one times its confidence, and nearness.
    k : int
        Length of the list that is wanted.
    a_set : bool, default False
        Whether a set is wanted, for which short resources count that are not among the best.
    """

    proximity: Proximity
    fetch: Callable[[Sequence[str]], Mapping[str, Resource]]
    excluded: AbstractSet[str]
    stated: float
    proposed: float
    nearness: float
    k: int
    a_set: bool = False

    def find(
        self,
        needed: Mapping[str, float],
        edition: str | None,
        standing: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]] = lambda numbers, _: (
            np.zeros(len(numbers))
        ),
    ) -> Candidates:
        """Return the candidates.

        Parameters
        ----------
        needed : mapping of requirement id to weight
            What is open, and how necessary it is; from there the walk begins.
        edition : str, optional
            Whose local content counts beside the common.
        standing : callable, optional
            What else speaks for or against resources, by their numbers and the places in `needed` of what each serves
            best; added to what is sorted by.
        """
        names = list(needed)
        links = [self.proximity.serving.of_requirement(f"requirement:{name}") for name in names]
        owner = np.repeat(np.arange(len(names)), [len(link.resources) for link in links])
        if not len(owner):
            return Candidates({}, {}, {}, {})
        joined = Links(*(np.concatenate(part) for part in zip(*links, strict=True)))
        numbers, at = np.unique(joined.resources, return_inverse=True)
        strength = np.where(joined.stated, 1.0, joined.confidence)
        weight = np.array([needed[name] for name in names])[owner]
        each = weight * strength * np.where(joined.stated, self.stated, self.proposed)
        last = np.lexsort((each, at))[
            np.cumsum(np.bincount(at)) - 1
        ]  # of each resource, the link that counts most
        places = numbers.astype(np.int64)
        near = self._near(needed, places)
        score = each[last] + self.nearness * near + standing(places, owner[last])
        order = np.lexsort((numbers, -score))
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        by_owner = np.lexsort(
            (place[at], ~joined.stated, owner)
        )  # of each, what is stated, then the best, first
        first = np.searchsorted(owner[by_owner], np.arange(len(names)))
        within = np.arange(len(owner)) - first[owner[by_owner]]
        widen = FOR_A_SET if self.a_set else 1
        most = max(MOST, 4 * self.k)
        small = len(self.proximity.resource_ids) <= SMALL
        while True:
            taken = place < (len(place) if small else most * widen)
            taken[at[by_owner[within < EACH * widen]]] = True
            ids = [self.proximity.resource_ids[number] for number in numbers[taken].tolist()]
            wanted = [id_ for id_ in ids if id_ not in self.excluded]
            found = self.fetch(wanted)
            usable = {
                id_: found[id_]
                for id_ in wanted
                if id_ in found and found[id_].status == "published" and visible(found[id_], edition)
            }
            if taken.all() or not self._bereft(usable, ids, taken, at, owner, len(names)):
                break
            widen *= 4
        chosen = np.flatnonzero(taken[at])
        serves: dict[str, dict[str, Link]] = {}
        column = dict(zip(np.flatnonzero(taken).tolist(), ids, strict=True))
        for i in chosen.tolist():
            if (id_ := column[int(at[i])]) in usable:
                serves.setdefault(id_, {})[names[owner[i]]] = Link(float(strength[i]), bool(joined.stated[i]))
        return Candidates(
            usable,
            serves,
            {id_: names[owner[last[number]]] for number, id_ in column.items() if id_ in usable},
            {id_: float(near[number]) for number, id_ in column.items() if id_ in usable},
        )

    def _near(self, needed: Mapping[str, float], numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the logarithm of how much likelier a walk from what is needed ends at resources than one from any."""
        seeds = {f"requirement:{q}": weight for q, weight in needed.items()}
        known = {node: weight for node, weight in seeds.items() if node in self.proximity}
        if not known:
            return np.zeros(len(numbers))
        found = self.proximity.near_resources(known, numbers).astype(np.float64)
        usual = self.proximity.usual[numbers].astype(np.float64)
        return np.asarray(np.log(np.maximum(found, LEAST)) - np.log(np.maximum(usual, LEAST)))

    @staticmethod
    def _bereft(
        usable: Mapping[str, Resource],
        ids: Sequence[str],
        taken: NDArray[np.bool_],
        at: NDArray[np.int64],
        owner: NDArray[np.int64],
        count: int,
    ) -> bool:
        """Tell whether a requirement is left with nothing usable while not all that serves it was looked at."""
        good = np.zeros(len(taken), dtype=np.bool_)
        good[np.flatnonzero(taken)] = [id_ in usable for id_ in ids]
        served = np.bincount(owner, good[at], count) > 0
        passed_over = np.bincount(owner, ~taken[at], count) > 0
        return bool((passed_over & ~served).any())
