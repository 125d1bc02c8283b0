"""How are searches counted so that nobody is slowed down and nobody can be found in it? In memory, then in batches.

What is asked waits in memory for some seconds; then steps of typing become one search, what may tell of a person is
forgotten, and counts by day are added to the store. A crash loses the last seconds, and nothing else waits for it.
"""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar

from engine.errors import BackendError
from engine.known_words import normalised
from engine.personal_text import personal
from engine.statistics_ports import (
    HITS,
    POSITIONS,
    SHOWN_FROM,
    ClickCount,
    Pruned,
    QueryStatistics,
    SearchCount,
    class_of,
)

log = logging.getLogger("kompetansegraf.statistics")

EVERY: Final = 10.0
"""How long what was asked waits in memory [s]."""

TYPING: Final = 5.0
"""A longer query so soon after its beginning is the same one, typed on [s]."""

MOST: Final = 20_000
"""Searches and clicks that wait at most; more are not counted."""

LONGEST_LOOKED_AT: Final = 400
"""What a query is cut to before it is looked at [characters]; longer than what is kept, so that it is not kept."""

_K = TypeVar("_K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Asked:
    """A search that waits to be counted; `at` is seconds of a clock that tells no time of day."""

    at: float
    day: date
    edition: str
    language: str
    text: str
    hits: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A resource that was opened, waiting to be counted."""

    day: date
    text: str
    resource: str
    position: int


class QueryCounter:
    """Counts searches and clicks in the background.

    Parameters
    ----------
    store : QueryStatistics or None
        Where to; None counts nothing.
    known : callable
        Tells whether a normalised query is made of shared words; others are counted without their text.
    today : callable
        The day by the engine's clock.
    days : int
        How many days counts are kept.
    clock : callable, optional
        Seconds, for what is typed step by step.
    """

    def __init__(
        self,
        store: QueryStatistics | None,
        *,
        known: Callable[[str], bool],
        today: Callable[[], date],
        days: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._known = known
        self._today = today
        self._days = days
        self._clock = clock
        self._asked: deque[Asked] = deque()
        self._opened: deque[Opened] = deque()
        self._waiting = threading.Lock()
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._pruned: date | None = None

    @property
    def counts(self) -> bool:
        """Whether anything is counted."""
        return self._store is not None

    def searched(self, text: str, *, hits: int, edition: str, language: str) -> None:
        """Count a search that somebody has finished asking; returns at once, and never fails."""
        text = text[:LONGEST_LOOKED_AT].strip()
        if self._store is None or not text:
            return
        one = Asked(self._clock(), self._today(), edition, language, text, class_of(hits, HITS))
        with self._waiting:
            if len(self._asked) < MOST:
                self._asked.append(one)
        self.start()

    def opened(self, resource: str, *, text: str = "", position: int = 0) -> None:
        """Count that a resource was opened, from a place of a list of hits (from 1) or from none."""
        if self._store is None:
            return
        one = Opened(self._today(), text[:LONGEST_LOOKED_AT].strip(), resource, class_of(position, POSITIONS))
        with self._waiting:
            if len(self._opened) < MOST:
                self._opened.append(one)
        self.start()

    def start(self) -> None:
        """Write every `EVERY` seconds from now on, and remove what is too old once a day."""
        if self._thread is not None or self._store is None or self._ended.is_set():
            return
        with self._waiting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="statistics", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write all that waits, now."""
        self._write(everything=True)

    def prune(self) -> Pruned:
        """Remove what is older than the days that counts are kept."""
        if self._store is None:
            return Pruned()
        return self._store.prune(before=first_day(self._today(), self._days))

    def close(self) -> None:
        """Write what waits and count nothing more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        if self._asked or self._opened:
            self.flush()
        self._store = None

    def _run(self) -> None:
        while True:
            if self._pruned != self._today():
                try:
                    self.prune()
                    self._pruned = self._today()
                except BackendError as e:
                    log.warning("old statistics wait to be removed: %s", type(e).__name__)
            if self._ended.wait(EVERY):
                return
            self._write(everything=False)

    def _write(self, *, everything: bool) -> None:
        store = self._store
        if store is None:
            return
        with self._writing:
            with self._waiting:
                asked, opened = list(self._asked), list(self._opened)
                self._asked.clear()
                self._opened.clear()
            settled, typed = typed_on(asked, None if everything else self._clock())
            with self._waiting:
                self._asked.extendleft(reversed(typed))
            if not settled and not opened:
                return
            since = first_day(self._today(), self._days)
            try:
                store.add(self._searches(settled), self._clicks(opened), since=since)
            except BackendError as e:
                log.warning("%d searches are not counted: %s", len(settled), type(e).__name__)

    def _searches(self, asked: Iterable[Asked]) -> list[SearchCount]:
        counts: Counter[tuple[str, date, str, str, int]] = Counter()
        for one in asked:
            text = self._kept(one.text)
            if text is not None:
                counts[text, one.day, one.edition, one.language, one.hits] += 1
        return [SearchCount(*key, n) for key, n in sorted(counts.items())]

    def _clicks(self, opened: Iterable[Opened]) -> list[ClickCount]:
        counts: Counter[tuple[str, str, int, date]] = Counter()
        for one in opened:
            text = self._kept(one.text) or ""
            counts[text, one.resource, one.position, one.day] += 1
        return [ClickCount(text, id_, place, day, n) for (text, id_, place, day), n in sorted(counts.items())]

    def _kept(self, text: str) -> str | None:
        """Return a query as it is counted, empty when not in writing; None when it may tell of a person."""
        if not text:
            return ""
        if personal(text) is not None:
            return None
        text = normalised(text)
        try:
            return text if self._known(text) else ""
        except BackendError:  # nobody can say which words resources have
            return ""


def typed_on(asked: Sequence[Asked], now: float | None) -> tuple[list[Asked], list[Asked]]:
    """Return the searches without those that were steps of typing a longer one, and those that may still be.

    A search is a step when a longer one that begins with it follows within `TYPING` seconds, on the same day and in
    the same edition and language; each longer one explains one of each shorter. Nothing else ties the two together:
    at a busy time somebody else may have asked the longer one.

    Parameters
    ----------
    asked : sequence of Asked
        The oldest first.
    now : float or None
        What was asked less than `TYPING` before waits; None lets nothing wait.

    Examples
    --------
    >>> day = date(2026, 11, 22)
    >>> steps = [Asked(n, day, "felles", "nb", text, 4) for n, text in enumerate(["de", "deli", "fall", "delir"])]
    >>> [one.text for one in typed_on(steps, None)[0]]
    ['fall', 'delir']
    """
    open_: dict[tuple[date, str, str, str], list[int]] = {}
    steps: set[int] = set()
    for place, one in enumerate(asked):
        text = normalised(one.text)
        where = (one.day, one.edition, one.language)
        for end in range(len(text) - 1, 0, -1):
            before = open_.get((*where, text[:end].rstrip()))
            if before and one.at - asked[before[-1]].at <= TYPING:
                steps.add(before.pop())
                break
        open_.setdefault((*where, text), []).append(place)
    settled: list[Asked] = []
    waiting: list[Asked] = []
    for place, one in enumerate(asked):
        if place not in steps:
            (settled if now is None or now - one.at > TYPING else waiting).append(one)
    return settled, waiting


def first_day(today: date, days: int) -> date:
    """Return the first day that counts are kept of.

    Examples
    --------
    >>> first_day(date(2026, 11, 22), 1)
    datetime.date(2026, 11, 22)
    """
    return today - timedelta(days=days - 1)


def released(cells: Mapping[_K, int]) -> dict[_K, int]:
    """Return the numbers of a breakdown that may be shown beside its total.

    None below `SHOWN_FROM`; and what is left of the total is none or at least as many, so that no small number comes
    out by subtraction: where it would, the smallest of the others is withheld too.

    Examples
    --------
    >>> released({"felles": 30, "ahus": 6, "sus": 2}), released({"felles": 30, "ahus": 5})
    ({'felles': 30}, {'felles': 30, 'ahus': 5})
    """
    shown = {key: n for key, n in cells.items() if n >= SHOWN_FROM}
    rest = sum(cells.values()) - sum(shown.values())
    while shown and 0 < rest < SHOWN_FROM:
        smallest = min(shown, key=lambda key: (shown[key], str(key)))
        rest += shown.pop(smallest)
    return shown


def about(number: int) -> int:
    """Return a total as it is shown: down to whole tens, so that nothing small comes out of it by subtraction.

    Examples
    --------
    >>> about(1234), about(7)
    (1230, 0)
    """
    return number // 10 * 10
