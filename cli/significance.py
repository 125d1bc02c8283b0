"""Is it a difference, or chance? Intervals and tests over the queries of a test collection.

The seeds are fixed: the same values give the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLES = 2000
"""Bootstrap samples of an interval."""

SHUFFLES = 10_000
"""Random changes of sign of the paired test."""

_SEED = 20260101
_AT_ONCE = 2_000_000  # random numbers that are held in memory at a time


@dataclass(frozen=True, slots=True)
class Difference:
    """One run against another over the same queries.

    Attributes
    ----------
    mean
        Mean of now minus before.
    low, high
        Its 95 % bootstrap interval over queries.
    p
        Two-sided p of Fisher's randomisation test: how often random signs give a mean at least as far from 0.
    better, worse
        Number of queries that won and lost.
    """

    mean: float
    low: float
    high: float
    p: float
    better: int
    worse: int


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean over queries.

    >>> interval([1.0, 1.0])
    (1.0, 1.0)
    """
    return _quantiles(np.asarray(values, dtype=float))


def paired(now: Sequence[float], before: Sequence[float]) -> Difference:
    """Compare the values of the same queries, in the same order.

    Raises
    ------
    ValueError
        If there are no queries, or not as many on both sides.
    """
    if len(now) != len(before) or not len(now):
        raise ValueError(f"cannot compare {len(now)} values with {len(before)}")
    change = np.asarray(now, dtype=float) - np.asarray(before, dtype=float)
    low, high = _quantiles(change)
    return Difference(
        mean=float(change.mean()),
        low=low,
        high=high,
        p=_randomisation_p(change),
        better=int((change > 0).sum()),
        worse=int((change < 0).sum()),
    )


def _quantiles(values: NDArray[np.float64]) -> tuple[float, float]:
    rng = np.random.default_rng(_SEED)
    means = [
        values[rng.integers(0, len(values), size=(n, len(values)))].mean(axis=1)
        for n in _portions(SAMPLES, len(values))
    ]
    low, high = np.quantile(np.concatenate(means), (0.025, 0.975))
    return float(low), float(high)


def _randomisation_p(change: NDArray[np.float64]) -> float:
    change = change[change != 0]
    if not len(change):
        return 1.0
    rng = np.random.default_rng(_SEED)
    least = abs(change.sum()) - 1e-12
    as_far = sum(
        int((np.abs(rng.choice((-1.0, 1.0), size=(n, len(change))) @ change) >= least).sum())
        for n in _portions(SHUFFLES, len(change))
    )
    return (as_far + 1) / (SHUFFLES + 1)


def _portions(total: int, width: int) -> list[int]:
    at_once = max(1, min(total, _AT_ONCE // width))
    return [min(at_once, total - start) for start in range(0, total, at_once)]
