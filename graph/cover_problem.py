"""How much does a selection cover, and what is the best next step? The choice of `graph.cover` as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from graph.errors import GraphError

_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that could be chosen: its length, what it covers, and how good it is otherwise.

    `value` only decides between candidates that are equally good for the goal.
    """

    id: str
    minutes: int
    covers: frozenset[str]
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Quota:
    """Of these requirements only `need` are wanted ("3 of 5"): more of them than that count for nothing."""

    members: frozenset[str]
    need: int


@dataclass(slots=True)
class Attempt:
    """A selection in the making: candidates in the order of taking, what they cover, and its weight."""

    items: list[int] = field(default_factory=list)
    minutes: int = 0
    weight: float = 0.0


@dataclass(slots=True)
class Problem:
    """The choice as arrays: n candidates in id order, m requirements in id order."""

    ids: list[str]
    names: list[str]
    minutes: NDArray[np.int64]  # (n,)
    values: NDArray[np.float64]  # (n,)
    single: NDArray[np.float64]  # (m,): weights of what no quota speaks of, else 0
    quotas: list[tuple[NDArray[np.int64], NDArray[np.float64], int]]  # members, heaviest first; weights; need
    covers: NDArray[np.bool_]  # (n, m)
    needs: NDArray[np.bool_]  # (m, m): row i is what must be covered to cover i, if anything covers it
    bundles: NDArray[np.float64] | None  # (n, n): row i has 1 for what must be taken to take i; None: only i
    reached: NDArray[np.bool_]  # (n, m): row i is what is covered when i is taken with its bundle
    order: list[list[int]]  # the same, in the order of taking
    most: float = 0.0  # weight of everything that can be covered

    @classmethod
    def of(
        cls,
        candidates: Sequence[Candidate],
        weights: Mapping[str, float],
        before: Mapping[str, frozenset[str]],
        quotas: Sequence[Quota],
    ) -> "Problem":
        """Check the parts and lay them out; of candidates that cover the same only the best is kept."""
        names = sorted(weights)
        if wrong := [name for name in names if not 0 <= weights[name] < float("inf")]:
            raise GraphError(f"weights must be numbers from 0: {', '.join(wrong)}")
        items = _shortest(candidates, frozenset(names))
        place = {name: number for number, name in enumerate(names)}
        covers = np.zeros((len(items), len(names)), dtype=bool)
        for row, item in enumerate(items):
            covers[row, [place[name] for name in item.covers if name in place]] = True
        needs = np.zeros((len(names), len(names)), dtype=bool)
        for name, row in place.items():
            needs[row, [place[first] for first in before.get(name, ()) if first in place]] = True
        needs &= covers.any(axis=0)
        order = [_bundle(row, items, covers, place, before) for row in range(len(items))]
        bundles = None
        reached = covers
        if any(len(members) > 1 for members in order):
            bundles = np.zeros((len(items), len(items)), dtype=np.float64)
            for row, members in enumerate(order):
                bundles[row, members] = 1.0
            reached = bundles @ covers > 0
        single, limited = _shared_out(names, weights, quotas)
        problem = cls(
            [item.id for item in items],
            names,
            np.array([item.minutes for item in items], dtype=np.int64),
            np.array([item.value for item in items], dtype=np.float64),
            single,
            limited,
            covers,
            needs,
            bundles,
            reached,
            order,
        )
        problem.most = problem.worth(np.asarray(covers.any(axis=0), dtype=bool))
        return problem

    def worth(self, covered: NDArray[np.bool_]) -> float:
        """Return the weight of what is covered; of a quota only the heaviest that it needs count."""
        total = float(self.single[covered].sum())
        for members, weights, need in self.quotas:
            total += float(weights[covered[members]][:need].sum())
        return total

    def greedy(self, start: Attempt, budget: int, without: int | None = None) -> tuple[Attempt, int | None]:
        """Extend a selection by the greedy rule, if asked without one of the candidates.

        Returns
        -------
        (Attempt, int or None)
            The selection, and the least larger budget for which it could be another.
        """
        items, minutes = list(start.items), start.minutes
        free = np.ones(len(self.ids), dtype=bool)
        free[items] = False
        covered = self.covered(items)
        following: int | None = None
        allowed = self._allowed(without)
        while True:
            gain = np.where(allowed, self._gains(covered), 0.0)
            still = np.where(free, self.minutes, 0)
            cost = still if self.bundles is None else self.bundles @ still
            useful = gain > _EQUAL
            too_long = useful & (minutes + cost > budget)
            if too_long.any():
                longer = minutes + int(cost[too_long].min())
                following = longer if following is None else min(following, longer)
            fits = np.flatnonzero(useful & ~too_long)
            if not len(fits):
                return Attempt(items, minutes, self.worth(covered)), following
            ratio = np.divide(gain[fits], cost[fits], out=np.full(len(fits), np.inf), where=cost[fits] > 0)
            first = int(fits[np.lexsort((fits, -self.values[fits], -gain[fits], -ratio))[0]])
            new = [item for item in self.order[first] if free[item]]
            items += new
            minutes += int(self.minutes[new].sum())
            free[new] = False
            covered = covered | self.reached[first]

    def exchanged(self, best: Attempt, budget: int) -> Attempt:
        """Return what is better than the best by giving up one of its candidates and filling up again, if any is."""
        found = best
        for item in sorted(best.items):
            rest = [other for other in best.items if other != item]
            while not self._in_sequence(self.covered(rest)):  # what needed it goes too
                covered = self.covered(rest)
                lacking = (self.needs & ~covered).any(axis=1)
                rest = [other for other in rest if not (self.covers[other] & lacking).any()]
            found = self.better(found, self.greedy(self._attempt(rest), budget, without=item)[0])
        return found

    def taken(self, bundle: int) -> Attempt:
        """Return the selection of one candidate and what must come before it."""
        return self._attempt(list(self.order[bundle]))

    def pruned(self, attempt: Attempt) -> Attempt:
        """Return the attempt without what adds nothing to the rest, the longest tried first."""
        kept = list(attempt.items)
        for item in sorted(attempt.items, key=lambda item: (-self.minutes[item], self.values[item], -item)):
            rest = [other for other in kept if other != item]
            covered = self.covered(rest)
            if self.worth(covered) >= attempt.weight - _EQUAL and self._in_sequence(covered):
                kept = rest
        return self._attempt(kept)

    def complete(self, attempt: Attempt) -> bool:
        """Whether nothing more can be covered."""
        return bool(attempt.items) and attempt.weight >= self.most - _EQUAL

    def better(self, best: Attempt, attempt: Attempt) -> Attempt:
        """Return the one with more weight, then fewer minutes when pruned, more value, lesser ids."""
        if best.weight > attempt.weight + _EQUAL:
            return best
        attempt = self.pruned(attempt)
        if attempt.weight > best.weight + _EQUAL:
            return attempt
        return min(
            (best, attempt), key=lambda a: (a.minutes, -float(self.values[a.items].sum()), sorted(a.items))
        )

    def covered(self, items: list[int]) -> NDArray[np.bool_]:
        """Return what the items cover, shape ``(m,)``."""
        return np.asarray(self.covers[items].any(axis=0), dtype=bool)

    def _allowed(self, without: int | None) -> NDArray[np.bool_]:
        allowed = np.ones(len(self.ids), dtype=bool)
        if without is not None:
            allowed[without] = False
            if self.bundles is not None:
                allowed &= self.bundles[:, without] == 0
        return allowed

    def _attempt(self, items: list[int]) -> Attempt:
        return Attempt(items, int(self.minutes[items].sum()), self.worth(self.covered(items)))

    def _gains(self, covered: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return what each bundle would add, shape ``(n,)``."""
        left = np.where(covered, 0.0, self.single)
        gain = np.asarray(self.reached @ left, dtype=np.float64)
        for members, weights, need in self.quotas:
            have = self.reached[:, members] | covered[members]
            counted: NDArray[np.float64] = np.where(have & (np.cumsum(have, axis=1) <= need), weights, 0.0)
            gain = gain + counted.sum(axis=1) - float(weights[covered[members]][:need].sum())
        return gain

    def _in_sequence(self, covered: NDArray[np.bool_]) -> bool:
        return not (self.needs[covered].any(axis=0) & ~covered).any()


def _shortest(candidates: Sequence[Candidate], wanted: frozenset[str]) -> list[Candidate]:
    """Return, in id order, the best candidate for each set of what is covered: shortest, of most value, first."""
    if len({item.id for item in candidates}) != len(candidates):
        raise GraphError("the same candidate stands twice")
    if wrong := sorted(item.id for item in candidates if item.minutes < 0):
        raise GraphError(f"minutes are negative: {', '.join(wrong)}")
    kept: dict[frozenset[str], Candidate] = {}
    for item in sorted(candidates, key=lambda item: (item.minutes, -item.value, item.id)):
        kept.setdefault(item.covers & wanted, item)
    return sorted(kept.values(), key=lambda item: item.id)


def _shared_out(
    names: list[str], weights: Mapping[str, float], quotas: Sequence[Quota]
) -> tuple[NDArray[np.float64], list[tuple[NDArray[np.int64], NDArray[np.float64], int]]]:
    """Return the weights outside quotas, and each quota's; what is in several has a share in each."""
    if any(quota.need < 0 for quota in quotas):
        raise GraphError("a quota cannot need fewer than none")
    place = {name: number for number, name in enumerate(names)}
    shares = np.zeros(len(names))
    for quota in quotas:
        shares[[place[name] for name in quota.members if name in place]] += 1
    every = np.array([weights[name] for name in names], dtype=np.float64)
    limited = []
    for quota in quotas:
        inside = np.array(sorted(place[name] for name in quota.members if name in place), dtype=np.int64)
        share = every[inside] / shares[inside]
        heaviest = np.lexsort((inside, -share))
        limited.append((inside[heaviest], share[heaviest], quota.need))
    return np.where(shares > 0, 0.0, every), limited


def _bundle(
    row: int,
    items: Sequence[Candidate],
    covers: NDArray[np.bool_],
    place: Mapping[str, int],
    before: Mapping[str, frozenset[str]],
) -> list[int]:
    """Return what to take to take candidate `row`, itself last: shortest teachers of what comes before."""
    members = [row]
    have = set(items[row].covers)
    waiting = sorted(name for name in items[row].covers if name in place)
    while waiting:
        for name in sorted(before.get(waiting.pop(), frozenset()) & place.keys()):
            teachers = np.flatnonzero(covers[:, place[name]])
            if name in have or not len(teachers):
                continue
            teacher = min((int(t) for t in teachers), key=lambda t: (items[t].minutes, items[t].id))
            members.insert(0, teacher)
            waiting += sorted((items[teacher].covers & place.keys()) - have)
            have |= items[teacher].covers
    return list(dict.fromkeys(members))
