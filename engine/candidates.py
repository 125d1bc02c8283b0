"""Which resources are worth scoring for a role and its open requirements? Those that serve one, the best of them.

In a large bank thousands serve something that is open. They are sorted by what weighs most, coverage and graph
proximity, on arrays; only the first of them are read and scored in full. A small bank is scored whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.shelf import Shelf
from engine.traits import Reader
from graph.rank import Proximity
from graph.serving import Links

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

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


@dataclass(frozen=True, slots=True)
class Candidates:
    """Resources to score, by number and in id order, and their links.

    Attributes
    ----------
    numbers : ndarray
        Of the resources.
    near : ndarray
        How much nearer than usual each is [nats].
    coverage, best : ndarray
        What the link that counts most adds to the score, and the place of its requirement.
    row, owner : ndarray
        By link: row of the resource here, place of the requirement among those asked about.
    strength, stated : ndarray
        By link: how surely it serves, in (0, 1], and whether somebody has stated it.
    """

    numbers: Integers
    near: Floats
    coverage: Floats
    best: Integers
    row: Integers
    owner: Integers
    strength: Floats
    stated: NDArray[np.bool_]

    def only(self, kept: NDArray[np.bool_]) -> "Candidates":
        """Return those of some rows."""
        links = kept[self.row]
        of_rows = (self.numbers[kept], self.near[kept], self.coverage[kept], self.best[kept])
        row = (np.cumsum(kept) - 1)[self.row[links]]
        return Candidates(*of_rows, row, self.owner[links], self.strength[links], self.stated[links])


@dataclass(frozen=True, slots=True)
class _Serving:
    """All links to what is open: resource numbers in order, and by link the place of the resource among them."""

    numbers: Integers
    at: Integers
    owner: Integers
    strength: Floats
    stated: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CandidateFinder:
    """Finds them in one graph.

    Parameters
    ----------
    proximity : Proximity
        Arrays cut from the graph.
    shelf : Shelf
        Tells which resources are there.
    stated, proposed, nearness : float
        Weights of what is sorted by: a link of each kind, a proposed one times its confidence, and nearness.
    k : int
        Length of the list that is wanted.
    a_set : bool, default False
        Whether a set is wanted, for which short resources count that are not among the best.
    """

    proximity: Proximity
    shelf: Shelf
    stated: float
    proposed: float
    nearness: float
    k: int
    a_set: bool = False

    def find(
        self,
        needed: Mapping[str, float],
        reader: Reader,
        standing: Callable[[Integers, Integers], Floats] = lambda numbers, _: np.zeros(len(numbers)),
    ) -> Candidates:
        """Return the candidates.

        Parameters
        ----------
        needed : mapping of requirement id to weight
            What is open, and how necessary it is; from there the walk begins.
        reader : Reader
            Who asks.
        standing : callable, optional
            What else speaks for or against resources, by their numbers and the places in `needed` of what each serves
            best; added to what is sorted by.
        """
        links = self._serving(list(needed))
        weight = np.fromiter(needed.values(), np.float64, len(needed))
        each = weight[links.owner] * links.strength * np.where(links.stated, self.stated, self.proposed)
        coverage = np.full(len(links.numbers), -np.inf)
        np.maximum.at(coverage, links.at, each)
        most = np.flatnonzero(each == coverage[links.at])
        best = np.empty(len(links.numbers), dtype=np.int64)
        best[links.at[most]] = links.owner[most]  # of equals the last
        near = self._near(needed, links.numbers)
        score = coverage + self.nearness * near + standing(links.numbers, best)
        usable = self._usable(links, score, len(needed), reader)
        everything = Candidates(
            links.numbers, near, coverage, best, links.at, links.owner, links.strength, links.stated
        )
        return everything.only(usable)

    def _serving(self, names: list[str]) -> _Serving:
        links = [self.proximity.serving.of_requirement(f"requirement:{name}") for name in names]
        if not links:
            links = [self.proximity.serving.of_requirement("")]
        joined = Links(*(np.concatenate(part) for part in zip(*links, strict=True)))
        owner = np.repeat(np.arange(len(links)), [len(link.resources) for link in links])
        there = np.zeros(len(self.proximity.resource_ids), dtype=np.bool_)
        there[joined.resources] = True
        numbers = np.flatnonzero(there)
        place = np.empty(len(there), dtype=np.int64)
        place[numbers] = np.arange(len(numbers))
        strength = np.where(joined.stated, 1.0, joined.confidence)
        return _Serving(numbers, place[joined.resources], owner, strength, joined.stated)

    def _usable(self, links: _Serving, score: Floats, count: int, reader: Reader) -> NDArray[np.bool_]:
        """Tell of each resource whether it is worth scoring and there to be shown.

        Of a large bank that is the best by `score`, and the best of each of `count` requirements. Where all that a
        requirement has is not to be shown, more are looked at.
        """
        usable = np.zeros(len(score), dtype=np.bool_)
        looked = np.zeros(len(score), dtype=np.bool_)
        if len(self.proximity.resource_ids) <= SMALL:
            usable[:] = self.shelf.shown(reader, links.numbers)
            return usable
        place = _places(score)
        by_owner = _by_owner(links, place)
        first = np.searchsorted(links.owner, np.arange(count))
        within = np.arange(len(by_owner)) - first[links.owner]
        widen = FOR_A_SET if self.a_set else 1
        most = max(MOST, 4 * self.k)
        while True:
            taken = place < most * widen
            taken[links.at[by_owner[within < EACH * widen]]] = True
            new = np.flatnonzero(taken & ~looked)
            usable[new] = self.shelf.shown(reader, links.numbers[new])
            looked = taken
            served = np.bincount(links.owner[usable[links.at]], minlength=count) > 0
            passed_over = np.bincount(links.owner[~taken[links.at]], minlength=count) > 0
            if not (passed_over & ~served).any():
                return usable
            widen *= 4

    def _near(self, needed: Mapping[str, float], numbers: Integers) -> Floats:
        """Return the logarithm of how much likelier a walk from what is needed ends at resources than one from any."""
        seeds = {f"requirement:{q}": weight for q, weight in needed.items()}
        known = {node: weight for node, weight in seeds.items() if node in self.proximity}
        if not known or not len(numbers):
            return np.zeros(len(numbers))
        found = self.proximity.near_resources(known, numbers).astype(np.float64)
        usual = self.proximity.usual[numbers].astype(np.float64)
        return np.asarray(np.log(np.maximum(found, LEAST)) - np.log(np.maximum(usual, LEAST)))


def _by_owner(links: _Serving, place: Integers) -> Integers:
    """Return the links in order of requirement, as they are already, of each what is stated first, and then the best.

    All that they are sorted by and their numbers are one whole number each: the quickest to sort there is.
    """
    bits = len(place).bit_length(), len(links.at).bit_length()
    key = ((2 * links.owner + ~links.stated) << bits[0]) + place[links.at]
    key = (key << bits[1]) + np.arange(len(key))
    key.sort()
    return np.asarray(key & ((1 << bits[1]) - 1))


def _places(score: Floats) -> Integers:
    """Return the place of each when the best is first, of equals the first."""
    order = np.argsort(-score)
    sorted_ = score[order]
    if (sorted_[1:] == sorted_[:-1]).any():  # only then does it matter, and it takes longer
        order = np.argsort(-score, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place
