"""I have 45 minutes: which resources cover most of what is missing? Weighted set cover within a budget."""

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
class Selection:
    """What to take, and what remains. `chosen` is in the order of choice; the rest is in id order."""

    chosen: tuple[str, ...]
    covered: tuple[str, ...]
    uncovered: tuple[str, ...]
    minutes: int
    weight: float


def choose(
    candidates: Sequence[Candidate],
    weights: Mapping[str, float],
    minutes: int | None,
    *,
    before: Mapping[str, frozenset[str]] | None = None,
) -> Selection:
    r"""Choose resources that cover as much weight as possible within a budget.

    For every budget up to the one given, the greedy rule takes the candidate with most new weight a
    minute that still fits, until none adds anything; the best single candidate that fits competes
    with it. The best selection over all those budgets wins: so a larger budget never covers less.

    Parameters
    ----------
    candidates : sequence of Candidate
        Different ids, minutes from 0.
    weights : mapping of requirement id to weight
        What is missing and how much it matters, from 0. What a candidate covers beyond that is not
        looked at.
    minutes : int or None
        The budget [minutes]; None is no limit: everything that can be covered is, in few minutes.
    before : mapping of requirement id to requirement ids, optional
        Prerequisites that are missing too. A candidate is then only taken with others that cover what
        must come before, as far as any candidate covers it; their minutes count.

    Returns
    -------
    Selection
        `covered` and `uncovered` together are the keys of `weights`. Of selections with the same
        weight the one with fewer minutes wins, then more value, then the lesser ids.

    Raises
    ------
    GraphError
        If an id stands twice, or minutes or a weight are negative or not a number.

    Notes
    -----
    Without `before` the weight covered is at least :math:`(1 - 1/e)/2 \approx 0.316` of the optimum
    [1]_; without a limit the minutes are at most :math:`H(m)` times the least, `m` being the largest
    number of requirements one candidate covers [2]_ (for equal weights). With `before` no bound is known.

    References
    ----------
    .. [1] S. Khuller, A. Moss, J. Naor, "The budgeted maximum coverage problem", Information
       Processing Letters 70 (1999), pp. 39-45. https://doi.org/10.1016/S0020-0190(99)00031-9
    .. [2] V. Chvátal, "A greedy heuristic for the set-covering problem", Mathematics of Operations
       Research 4 (1979), pp. 233-235. https://doi.org/10.1287/moor.4.3.233

    Examples
    --------
    >>> film, course = Candidate("film", 10, frozenset("a")), Candidate("kurs", 40, frozenset("ab"))
    >>> choose([film, course], {"a": 1.0, "b": 1.0}, 15).chosen
    ('film',)
    >>> choose([film, course], {"a": 1.0, "b": 1.0}, None).chosen
    ('kurs',)
    """
    problem = _Problem.of(candidates, weights, before or {})
    best = _Attempt()
    limit = sum(candidate.minutes for candidate in candidates) if minutes is None else minutes
    budget: int | None = limit if minutes is None else min(0, limit)
    while budget is not None and budget <= limit and not problem.complete(best):
        attempt, budget = problem.greedy(budget)
        best = problem.better(best, attempt)
    for bundle in range(len(problem.minutes)):
        single = problem.taken(bundle)
        if single.minutes <= limit:
            best = problem.better(best, single)
    return problem.selection(best)


@dataclass(slots=True)
class _Attempt:
    items: list[int] = field(default_factory=list)
    minutes: int = 0


@dataclass(slots=True)
class _Problem:
    """The choice as arrays: n candidates in id order, m requirements in id order."""

    ids: list[str]
    names: list[str]
    minutes: NDArray[np.int64]  # (n,)
    values: NDArray[np.float64]  # (n,)
    weights: NDArray[np.float64]  # (m,)
    covers: NDArray[np.bool_]  # (n, m)
    needs: NDArray[np.bool_]  # (m, m): row i is what must be covered to cover i, if anything covers it
    bundles: NDArray[np.float64]  # (n, n): row i has 1 for what must be taken to take i, else 0
    reached: NDArray[np.bool_]  # (n, m): row i is what is covered when i is taken with its bundle
    order: list[list[int]]  # the same, in the order of taking

    @classmethod
    def of(
        cls,
        candidates: Sequence[Candidate],
        weights: Mapping[str, float],
        before: Mapping[str, frozenset[str]],
    ) -> "_Problem":
        items = sorted(candidates, key=lambda candidate: candidate.id)
        if len({item.id for item in items}) != len(items):
            raise GraphError("the same candidate stands twice")
        if wrong := [item.id for item in items if item.minutes < 0]:
            raise GraphError(f"minutes are negative: {', '.join(wrong)}")
        names = sorted(weights)
        if wrong := [name for name in names if not 0 <= weights[name] < float("inf")]:
            raise GraphError(f"weights must be numbers from 0: {', '.join(wrong)}")
        place = {name: number for number, name in enumerate(names)}
        covers = np.zeros((len(items), len(names)), dtype=bool)
        for row, item in enumerate(items):
            covers[row, [place[name] for name in item.covers if name in place]] = True
        needs = np.zeros((len(names), len(names)), dtype=bool)
        for name, row in place.items():
            needs[row, [place[first] for first in before.get(name, ()) if first in place]] = True
        needs &= covers.any(axis=0)
        order = [_bundle(row, items, covers, place, before) for row in range(len(items))]
        bundles = np.zeros((len(items), len(items)), dtype=np.float64)
        for row, members in enumerate(order):
            bundles[row, members] = 1.0
        return cls(
            [item.id for item in items],
            names,
            np.array([item.minutes for item in items], dtype=np.int64),
            np.array([item.value for item in items], dtype=np.float64),
            np.array([weights[name] for name in names], dtype=np.float64),
            covers,
            needs,
            bundles,
            bundles @ covers > 0,
            order,
        )

    def greedy(self, budget: int) -> tuple[_Attempt, int | None]:
        """Return the greedy selection, and the least larger budget for which it could be another."""
        attempt = _Attempt()
        missing = self.weights.copy()
        free = np.ones(len(self.ids), dtype=bool)
        following: int | None = None
        while True:
            gain = self.reached @ missing
            cost = self.bundles @ np.where(free, self.minutes, 0.0)
            useful = gain > _EQUAL
            too_long = useful & (attempt.minutes + cost > budget)
            if too_long.any():
                longer = attempt.minutes + int(cost[too_long].min())
                following = longer if following is None else min(following, longer)
            fits = np.flatnonzero(useful & ~too_long)
            if not len(fits):
                return attempt, following
            ratio = np.divide(gain[fits], cost[fits], out=np.full(len(fits), np.inf), where=cost[fits] > 0)
            first = min(zip(-ratio, -gain[fits], -self.values[fits], fits, strict=True))[3]
            new = [item for item in self.order[int(first)] if free[item]]
            attempt.items += new
            attempt.minutes += int(self.minutes[new].sum())
            free[new] = False
            missing[self.reached[first]] = 0.0

    def taken(self, bundle: int) -> _Attempt:
        """Return the selection of one candidate and what must come before it."""
        return _Attempt(list(self.order[bundle]), int(self.minutes[self.order[bundle]].sum()))

    def pruned(self, attempt: _Attempt) -> _Attempt:
        """Return the attempt without what adds nothing to the rest, the longest tried first."""
        kept = list(attempt.items)
        for item in sorted(attempt.items, key=lambda item: (-self.minutes[item], self.values[item], -item)):
            rest = [other for other in kept if other != item]
            if self._weight(rest) >= self._weight(kept) - _EQUAL and self._in_sequence(rest):
                kept = rest
        return _Attempt(kept, int(self.minutes[kept].sum()))

    def complete(self, attempt: _Attempt) -> bool:
        """Whether nothing more can be covered."""
        return bool(attempt.items) and self._weight(attempt.items) >= self._coverable - _EQUAL

    def better(self, best: _Attempt, attempt: _Attempt) -> _Attempt:
        """Return the one with more weight, then fewer minutes when pruned, more value, lesser ids."""
        weights = self._weight(best.items), self._weight(attempt.items)
        if weights[0] > weights[1] + _EQUAL:
            return best
        attempt = self.pruned(attempt)
        if weights[1] > weights[0] + _EQUAL:
            return attempt
        return min(
            (best, attempt), key=lambda a: (a.minutes, -float(self.values[a.items].sum()), sorted(a.items))
        )

    def selection(self, attempt: _Attempt) -> Selection:
        """Return the attempt with names."""
        covered = self._covered(attempt.items)
        return Selection(
            tuple(self.ids[item] for item in attempt.items),
            tuple(name for name, is_covered in zip(self.names, covered, strict=True) if is_covered),
            tuple(name for name, is_covered in zip(self.names, covered, strict=True) if not is_covered),
            attempt.minutes,
            float(self.weights[covered].sum()),
        )

    def _covered(self, items: list[int]) -> NDArray[np.bool_]:
        return np.asarray(self.covers[items].any(axis=0), dtype=bool)

    @property
    def _coverable(self) -> float:
        return float(self.weights[self.covers.any(axis=0)].sum())

    def _in_sequence(self, items: list[int]) -> bool:
        covered = self._covered(items)
        return not (self.needs[covered].any(axis=0) & ~covered).any()

    def _weight(self, items: list[int]) -> float:
        return float(self.weights[self._covered(items)].sum())


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
