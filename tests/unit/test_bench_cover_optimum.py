"""The exact answer that budgeted sets are measured against is exact, and they come near it."""

import random
import statistics
from itertools import combinations

import pytest

from bench.cover_optimum import compare, most_weight, random_case
from graph.cover import Candidate, Quota


def by_trying_all(candidates, weights, minutes, before, quotas):
    coverable = {q for c in candidates for q in c.covers}
    best = (0.0, 0)
    for size in range(len(candidates) + 1):
        for items in combinations(candidates, size):
            spent = sum(c.minutes for c in items)
            covered = {q for c in items for q in c.covers} & weights.keys()
            first = {p for q in covered for p in before.get(q, ())} & coverable & weights.keys()
            if (minutes is not None and spent > minutes) or not first <= covered:
                continue
            within = {q: sum(q in quota.members for quota in quotas) for q in weights}
            weight = sum(weights[q] for q in covered if not within[q])
            for quota in quotas:
                shares = sorted((weights[q] / within[q] for q in covered & quota.members), reverse=True)
                weight += sum(shares[: quota.need])
            if weight > best[0] + 1e-9 or (weight > best[0] - 1e-9 and spent < best[1]):
                best = (weight, spent)
    return best


def test_the_exact_answer_is_what_trying_everything_gives():
    source = random.Random(1)
    for _ in range(12):
        candidates, weights, before, quotas = random_case(source)
        candidates = candidates[:9]
        for minutes in (20, 60, None):
            weight, shortest = most_weight(candidates, weights, minutes, before=before, quotas=quotas)
            assert (weight, shortest) == pytest.approx(
                by_trying_all(candidates, weights, minutes, before, quotas)
            )


def test_nothing_to_choose_is_nothing():
    assert most_weight([], {}, 10) == (0.0, 0)
    assert most_weight(
        [Candidate("x", 5, frozenset("a"))], {"a": 1.0}, 4, quotas=[Quota(frozenset("a"), 1)]
    ) == (0.0, 0)


def test_sets_come_near_the_best():
    source = random.Random(2)
    cases = [random_case(source) for _ in range(12)]
    shares, _, _, _ = compare(cases, (15, 45, 120))
    assert statistics.fmean(shares) >= 0.97
    assert compare(cases, (None,))[0] == pytest.approx([1.0] * len(cases))
