"""How much does it count that many have opened a resource? A little, among those that cover as much; counts only.

A pure function of counts that are handed in: whole days that are over, `SHOWN_FROM` or more, nothing of who opened what.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import BackendError
from engine.statistics_ports import SHOWN_FROM, ClickCount, QueryStatistics

log = logging.getLogger("kompetansegraf.statistics")

MARGIN: Final = 1e-9
"""By how much one stays below what it must not pass."""

FULL: Final = 1000
"""So many counts are as popular as can be."""

_SENTENCES: Final[Mapping[str, str]] = {
    "nb": "Åpnet {n} ganger de siste {days} dagene; det teller litt.",
    "nn": "Opna {n} gonger dei siste {days} dagane; det tel litt.",
    "en": "Opened {n} times in the last {days} days; this counts a little.",
}


def opened_sentence(n: int, days: int, lang: str) -> str:
    """Return why popularity has counted, in nb, nn or en.

    Examples
    --------
    >>> opened_sentence(34, 90, "en")
    'Opened 34 times in the last 90 days; this counts a little.'
    """
    return _SENTENCES[lang].format(n=n, days=days)


def opened_often(clicks: Sequence[ClickCount]) -> dict[str, int]:
    """Return how often each resource was opened, of those with `SHOWN_FROM` or more."""
    counts: dict[str, int] = {}
    for c in clicks:
        counts[c.resource] = counts.get(c.resource, 0) + c.clicks
    return {id_: n for id_, n in sorted(counts.items()) if n >= SHOWN_FROM}


def popularity(n: int) -> float:
    """Return how popular a count is, from 0 for what is not shown to 1; it grows by the logarithm.

    Examples
    --------
    >>> popularity(4), round(popularity(5), 2), round(popularity(50), 2), popularity(5000)
    (0.0, 0.26, 0.57, 1.0)
    """
    return min(1.0, math.log1p(n) / math.log1p(FULL)) if n >= SHOWN_FROM else 0.0


def popularity_added(
    score: NDArray[np.float64], covers: NDArray[np.int64], counts: Sequence[int], weight: float
) -> NDArray[np.float64]:
    """Return what being opened often adds to the score of each resource.

    However popular, none comes before, or level with, one that covers more requirements and was before it without
    popularity.

    Parameters
    ----------
    score : float array of shape ``(n,)``
    covers : int array of shape ``(n,)``
        How many requirements each covers.
    counts : sequence of int, length n
        How often each was opened.
    weight : float
        What the greatest popularity adds.

    Examples
    --------
    >>> popularity_added(np.array([0.5, 0.49]), np.array([1, 1]), [0, 1000], 0.02).tolist()
    [0.0, 0.02]
    >>> popularity_added(np.array([0.5, 0.49]), np.array([2, 1]), [0, 1000], 0.02).round(3).tolist()
    [0.0, 0.01]
    """
    order = np.argsort(-score, kind="stable")
    sorted_, covering = score[order], covers[order]
    places = np.arange(len(score))
    ceiling = np.full(len(score), np.inf)
    for least in np.unique(covering).tolist():
        last = np.maximum.accumulate(np.where(covering > least, places, -1))
        held = (covering == least) & (last >= 0)
        ceiling[held] = sorted_[last[held]] - MARGIN
    popular = weight * np.array([popularity(n) for n in counts])[order]
    added = np.empty(len(score))
    added[order] = np.clip(np.minimum(popular, ceiling - sorted_), 0.0, None)
    return added


class CurrentPopularity:
    """What has been opened often, of the whole days that are over; read once a day, so that a day's answers agree.

    Parameters
    ----------
    store : QueryStatistics or None
        None has counted nothing.
    today : callable
        The day by the engine's clock.
    days : int
        How many days counts are kept.
    """

    def __init__(self, store: QueryStatistics | None, today: Callable[[], date], days: int) -> None:
        self._store, self._today, self._days = store, today, days
        self._read: tuple[date, dict[str, int]] | None = None

    def read(self) -> Mapping[str, int]:
        """Return the counts by resource; none where the store does not answer."""
        today, read = self._today(), self._read
        if read is None or read[0] != today:
            counts: dict[str, int] = {}
            if self._store is not None:
                try:
                    counts = opened_often(
                        self._store.clicks(
                            since=today - timedelta(days=self._days), until=today - timedelta(days=1)
                        )
                    )
                except BackendError as e:
                    log.warning("popularity is not known today: %s", type(e).__name__)
            read = self._read = today, counts
        return read[1]
