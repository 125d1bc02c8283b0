"""How much does it count that many have opened a resource? A little, among those that cover as much; counts only.

A pure function of counts that are handed in: whole days that are over, `SHOWN_FROM` or more, nothing of who opened what.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from engine.choosing import Scored
from engine.errors import BackendError
from engine.statistics_ports import SHOWN_FROM, ClickCount, QueryStatistics

log = logging.getLogger("kompetansegraf.statistics")

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


def with_popularity(scored: Sequence[Scored], opened: Mapping[str, int], weight: float) -> list[Scored]:
    """Return scored resources, best first, with what being opened often adds to each.

    However popular, none comes before one that covers more requirements and was before it without popularity. Without
    counts, or without weight, everything is as it was.

    Parameters
    ----------
    scored : sequence of Scored
        Best first.
    opened : mapping of resource to count
        From `opened_often`.
    weight : float
        What the greatest popularity adds.
    """
    if not opened or not weight:
        return list(scored)
    least: dict[int, float] = {}  # the lowest score so far of those that cover so many
    found = []
    for s in scored:
        covers = len(s.surely)
        ceiling = min((score for n, score in least.items() if n > covers), default=math.inf)
        added = max(0.0, min(weight * popularity(opened.get(s.resource.id, 0)), ceiling - s.score))
        least[covers] = min(least.get(covers, math.inf), s.score)
        parts = (*s.parts, ("popularity", added)) if added else s.parts
        found.append(replace(s, score=s.score + added, parts=parts))
    return sorted(found, key=lambda s: (-s.score, -len(s.surely), s.resource.id))


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
