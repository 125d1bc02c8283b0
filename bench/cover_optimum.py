"""How far is a budgeted set from the best one? The exact answer by integer programming, and the distance.

    python -m bench.cover_optimum            # random cases and the sample bank's roles

The exact answer is for cases of this size only: it may take any time.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from graph.cover import Candidate, Quota, choose

BUDGETS = (15, 30, 45, 60, 120, 240)


def most_weight(
    candidates: Sequence[Candidate],
    weights: Mapping[str, float],
    minutes: int | None,
    *,
    before: Mapping[str, frozenset[str]] | None = None,
    quotas: Sequence[Quota] = (),
) -> tuple[float, int]:
    """Return the greatest weight that fits the budget, and the fewest minutes that give it."""
    program = _Program(candidates, weights, before or {}, quotas)
    limit = sum(c.minutes for c in candidates) if minutes is None else minutes
    weight = program.solve(limit=limit, least=None)
    shortest = program.solve(limit=limit, least=weight)
    return weight, round(shortest)


class _Program:
    """Variables: candidate taken (n), requirement covered (m), counted in a quota (one a member)."""

    def __init__(self, candidates, weights, before, quotas):
        self.names = sorted(weights)
        place = {name: number for number, name in enumerate(self.names)}
        n, m = len(candidates), len(self.names)
        inside = [
            (g, place[q]) for g, quota in enumerate(quotas) for q in sorted(quota.members) if q in place
        ]
        size = n + m + len(inside)
        shares = np.zeros(m)
        for _, q in inside:
            shares[q] += 1
        self.gain = np.zeros(size)
        for name, number in place.items():
            self.gain[n + number] = weights[name] if not shares[number] else 0.0
        for at, (_, q) in enumerate(inside):
            self.gain[n + m + at] = weights[self.names[q]] / shares[q]
        self.minutes = np.zeros(size)
        self.minutes[:n] = [c.minutes for c in candidates]
        teachers = {q: [i for i, c in enumerate(candidates) if q in c.covers] for q in self.names}
        rows, top = [], []

        def at_most(pairs, bound):
            row = np.zeros(size)
            for variable, factor in pairs:
                row[variable] += factor
            rows.append(row)
            top.append(bound)

        for q in self.names:  # covered only if something taken covers it
            at_most([(n + place[q], 1.0), *((i, -1.0) for i in teachers[q])], 0.0)
        for i, c in enumerate(candidates):  # taken only if what must come before is covered
            for first in {p for q in c.covers if q in place for p in before.get(q, ()) if teachers.get(p)}:
                at_most([(i, 1.0), (n + place[first], -1.0)], 0.0)
        for at, (_, q) in enumerate(inside):
            at_most([(n + m + at, 1.0), (n + q, -1.0)], 0.0)
        for g, quota in enumerate(quotas):
            at_most([(n + m + at, 1.0) for at, (group, _) in enumerate(inside) if group == g], quota.need)
        self.rows, self.top, self.size = rows, top, size

    def solve(self, *, limit, least):
        """Return the greatest weight within `limit`, or the fewest minutes for `least` weight."""
        if not self.size:
            return 0.0
        rows, top = [*self.rows, self.minutes], [*self.top, limit]
        goal = -self.gain
        if least is not None:
            rows, top, goal = [*rows, -self.gain], [*top, 1e-7 - least], self.minutes
        found = milp(
            goal,
            constraints=LinearConstraint(np.array(rows), -np.inf, np.array(top)),
            integrality=np.ones(self.size),
            bounds=Bounds(0, 1),
        )
        if not found.success:
            raise RuntimeError(found.message)
        return float(abs(found.fun)) if found.fun else 0.0


def random_case(source: random.Random):
    """Return one small case with prerequisites and a group: candidates, weights, before, quotas."""
    names = [f"k{n:02}" for n in range(source.randint(4, 14))]
    candidates = [
        Candidate(
            f"r{n:02}",
            source.choice([5, 10, 10, 15, 20, 30, 45, 60]),
            frozenset(source.sample(names, min(len(names), source.choice([1, 1, 1, 2, 2, 3, 4])))),
        )
        for n in range(source.randint(6, 40))
    ]
    weights = {name: source.choice([1.0, 1.0, 0.6, 0.4]) for name in names}
    before = {
        name: frozenset(source.sample(names[:n], min(n, source.choice([1, 1, 2]))))
        for n, name in enumerate(names)
        if n and source.random() < 0.25
    }
    group = source.sample(names, min(len(names), source.randint(2, 5)))
    quotas = [Quota(frozenset(group), source.randint(1, len(group) - 1))] if source.random() < 0.5 else []
    return candidates, weights, before, quotas


def compare(cases, budgets):
    """Return for each case and budget: (share of the optimum's weight, minutes beyond the fewest)."""
    shares, longer, ours, exact = [], [], 0.0, 0.0
    for candidates, weights, before, quotas in cases:
        for minutes in budgets:
            began = time.perf_counter()
            found = choose(candidates, weights, minutes, before=before, quotas=quotas)
            ours += time.perf_counter() - began
            began = time.perf_counter()
            weight, shortest = most_weight(candidates, weights, minutes, before=before, quotas=quotas)
            exact += time.perf_counter() - began
            assert found.weight <= weight + 1e-6, "the exact answer is not exact"
            shares.append(found.weight / weight if weight else 1.0)
            if shares[-1] > 1 - 1e-6 and shortest:
                longer.append(found.minutes / shortest - 1)
    return shares, longer, ours, exact


def sample_cases(folder):
    """Return what recommendations for each of the sample bank's roles choose from, nothing done."""
    import engine.choosing
    from engine.bootstrap import load_settings, open_engine
    from engine.recommend import RecommendationRequest
    from indexer.pipeline import index
    from indexer.sample import load_sample

    cases = []

    def remembered(candidates, weights, minutes, *, before, quotas):
        cases.append((candidates, weights, before, quotas))
        return choose(candidates, weights, minutes, before=before, quotas=quotas)

    asked = open_engine(load_settings(data=folder, embedder="hashing"))
    load_sample(asked)
    index(asked)
    engine.choosing.choose = remembered
    try:
        for role in sorted({r for p in asked.plans().values() if p.in_force(asked.today()) for r in p.roles}):
            asked.recommend(RecommendationRequest(role, smallest=True))
    finally:
        engine.choosing.choose = choose
        asked.close()
    return cases


def told(name, shares, longer, ours, exact):
    """Return one row of the report."""
    best = sum(s > 1 - 1e-6 for s in shares)
    return (
        f"{name}: {len(shares)} cases, the optimum in {best} ({best / len(shares):.1%}), mean share "
        f"{statistics.fmean(shares):.4f}, least {min(shares):.3f}; where the weight is the optimum's "
        f"{statistics.fmean(longer) if longer else 0:.2%} more minutes than needed; "
        f"{1000 * ours / len(shares):.1f} ms a case, exactly {1000 * exact / len(shares):.1f} ms"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=6)
    options = parser.parse_args()
    source = random.Random(options.seed)
    cases = [random_case(source) for _ in range(options.cases)]
    print(told("random, with a budget", *compare(cases, (15, 45, 120))))
    print(told("random, without one", *compare(cases, (None,))))
    with tempfile.TemporaryDirectory() as folder:
        sample = sample_cases(Path(folder))
    sizes = [(len(c), len(w)) for c, w, _, _ in sample]
    print(
        f"sample bank: {len(sample)} roles, at most {max(sizes)[0]} resources for {max(w for _, w in sizes)} requirements"
    )
    print(told("sample bank, with a budget", *compare(sample, BUDGETS)))
    print(told("sample bank, without one", *compare(sample, (None,))))


if __name__ == "__main__":
    main()
