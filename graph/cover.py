"""I have 45 minutes: which resources cover most of what is missing? Weighted set cover within a budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from graph.cover_problem import Attempt, Candidate, Problem, Quota

__all__ = ["Candidate", "Left", "Quota", "Selection", "choose"]

Left = Literal["no_resource", "no_time", "prerequisite", "enough"]
"""Why a requirement is not covered: nothing covers it; what does is too long for the time left; it would
fit, but not together with what must come before it; enough of its group is covered, or it weighs nothing."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to take, and what remains. `chosen` is in the order of choice; the rest is in id order."""

    chosen: tuple[str, ...]
    covered: tuple[str, ...]
    uncovered: tuple[str, ...]
    minutes: int
    weight: float
    why: Mapping[str, Left] = field(default_factory=dict)


def choose(
    candidates: Sequence[Candidate],
    weights: Mapping[str, float],
    minutes: int | None,
    *,
    before: Mapping[str, frozenset[str]] | None = None,
    quotas: Sequence[Quota] = (),
) -> Selection:
    r"""Choose resources that cover as much weight as possible within a budget.

    For every budget up to the one given, the greedy rule takes the candidate with most new weight a
    minute that still fits, until none adds anything; the candidates alone compete with it. The best so far
    is pruned, filled up, and each of its candidates tried in exchange for others. It is carried on from
    budget to budget: so a larger one never covers less.

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
    quotas : sequence of Quota, optional
        Groups of which only so many are needed; a requirement in several has an equal share of its
        weight in each.

    Returns
    -------
    Selection
        `covered` and `uncovered` together are the keys of `weights`. Of selections with the same
        weight the one with fewer minutes wins, then more value, then the lesser ids.

    Raises
    ------
    GraphError
        If an id stands twice, or minutes, a weight or a quota are negative or not a number.

    Notes
    -----
    Without `before` the weight covered is at least :math:`(1 - 1/e)/2 \approx 0.316` of the optimum
    [1]_, with quotas too, since what they count is submodular; without a limit the minutes are at most
    :math:`H(m)` times the least, `m` being the largest number of requirements one candidate covers [2]_
    (for equal weights and no quotas). With `before` no bound is known.

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
    >>> choose([film, course], {"a": 1.0, "b": 1.0}, 15).why
    {'b': 'no_time'}
    >>> choose([film, course], {"a": 1.0, "b": 1.0}, None).chosen
    ('kurs',)
    """
    problem = Problem.of(candidates, weights, before or {}, quotas)
    alone = sorted(map(problem.taken, range(len(problem.ids))), key=lambda attempt: attempt.minutes)
    limit = sum(candidate.minutes for candidate in candidates) if minutes is None else minutes
    best = Attempt()
    budget: int | None = limit if minutes is None else min(0, limit)
    while budget is not None and budget <= limit and not problem.complete(best):
        attempt, larger = problem.greedy(Attempt(), budget)
        best = problem.better(best, attempt)
        while alone and alone[0].minutes <= budget:
            best = problem.better(best, alone.pop(0))
        best, more = _filled(problem, best, budget)
        ahead = [b for b in (larger, more, alone[0].minutes if alone else None) if b is not None]
        budget = min(ahead, default=None)
    return _named(problem, best, None if minutes is None else minutes - best.minutes)


def _filled(problem: Problem, best: Attempt, budget: int) -> tuple[Attempt, int | None]:
    """Fill up, prune and exchange until nothing changes, and return the next budget that could change it too."""
    while True:
        fuller, more = problem.greedy(best, budget)
        if fuller.items != best.items:
            best = problem.pruned(fuller)
            continue
        other = problem.exchanged(best, budget)
        if other.items == best.items:
            return best, more
        best = other


def _named(problem: Problem, attempt: Attempt, left: int | None) -> Selection:
    """Return the attempt with names, and why it leaves what it leaves."""
    covered = problem.covered(attempt.items)
    why: dict[str, Left] = {}
    for number, name in enumerate(problem.names):
        if covered[number]:
            continue
        also = covered.copy()
        also[number] = True
        teachers = problem.covers[:, number]
        if not teachers.any():
            why[name] = "no_resource"
        elif problem.worth(also) <= attempt.weight:
            why[name] = "enough"
        elif left is not None and problem.minutes[teachers].min() > left:
            why[name] = "no_time"
        else:
            why[name] = "prerequisite"
    names = zip(problem.names, covered, strict=True)
    return Selection(
        tuple(problem.ids[item] for item in attempt.items),
        tuple(name for name, is_covered in names if is_covered),
        tuple(why),
        attempt.minutes,
        attempt.weight,
        why,
    )
