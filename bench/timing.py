"""How long did it take, and how sure is the ratio? Percentiles, and a bootstrap over the queries."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

T = TypeVar("T")

RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of many calls [ms]."""

    calls: int
    mean: float
    p50: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Spread":
        milliseconds = 1000 * np.asarray(seconds)
        p50, p99 = np.percentile(milliseconds, [50, 99])
        return cls(len(milliseconds), float(milliseconds.mean()), float(p50), float(p99))


@dataclass(frozen=True, slots=True)
class Ratio:
    """Median of one divided by median of the other, with the interval that holds it in 95 of 100 benches."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f}–{self.high:.2f})"


def ratio_of_medians(times: Sequence[float], baseline: Sequence[float], seed: int = 0) -> Ratio:
    """Return the ratio of medians; queries are drawn anew in pairs, as both were asked the same ones.

    Examples
    --------
    >>> str(ratio_of_medians([2.0, 4.0, 6.0], [1.0, 2.0, 3.0]))
    '2.00 (2.00–2.00)'
    """
    ours, theirs = np.asarray(times), np.asarray(baseline)
    drawn = np.random.default_rng(seed).integers(len(ours), size=(RESAMPLES, len(ours)))
    ratios = np.median(ours[drawn], axis=1) / np.median(theirs[drawn], axis=1)
    outside = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(ratios, [outside, 100 - outside])
    return Ratio(float(np.median(ours) / np.median(theirs)), float(low), float(high))


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Return what a call gives and how long it took [s]."""
    begun = time.perf_counter()
    value = call()
    return value, time.perf_counter() - begun
