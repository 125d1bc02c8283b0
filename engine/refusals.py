"""What was refused, and to whom? A line in the audit trail for each, and never so many that they fill a disk.

Of one kind (who, what, why) the first `EACH` in a minute have a line of their own. Those after them are counted, and
the number stands in the next line of that kind. Altogether there are at most `MOST` lines a minute from each
process for callers that nobody knows, and as many for those who are known, so that the one cannot hide the other;
what comes when that is used up is counted too.
"""

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.errors import KompetansegrafError
from engine.model import AuditEntry

EACH: Final = 5
MOST: Final = 30
WINDOW: Final = timedelta(minutes=1)
KINDS: Final = 1000
"""Kinds that are remembered at most; then counting begins anew."""

UNKNOWN: Final = "unknown"
"""Who it was, when no key or session tells."""
NOTHING: Final = "-"
"""What it was about, when it was about nothing that there is."""

log = logging.getLogger("kompetansegraf.refusals")


@dataclass(slots=True)
class _Count:
    written: int = 0
    withheld: int = 0


class Refusals:
    """Writes refusals to the audit trail; safe from several threads.

    Parameters
    ----------
    write : callable
        Adds a line to the audit trail.
    now : callable
        The clock.
    """

    def __init__(self, write: Callable[[AuditEntry], None], now: Callable[[], datetime]) -> None:
        self._write = write
        self._now = now
        self._lock = threading.Lock()
        self._began: datetime | None = None
        self._lines: Counter[bool] = Counter()
        self._kinds: defaultdict[tuple[str, str, str], _Count] = defaultdict(_Count)

    def note(self, by: str, what: str, why: str, subject: Callable[[], str] = lambda: NOTHING) -> bool:
        """Write a line or count; return whether it was written.

        Parameters
        ----------
        by : str
            The key's or the function's name, or `UNKNOWN`.
        what : str
            What was tried: the method and the template of the address.
        why : str
            A few fixed words, nothing that came with the request.
        subject : callable
            Gives the id of what it was about; asked only when a line is written.
        """
        now = self._now()
        with self._lock:
            if self._began is None or abs(now - self._began) >= WINDOW:
                self._began, self._lines = now, Counter()
                for count in self._kinds.values():
                    count.written = 0
            if len(self._kinds) >= KINDS and (by, what, why) not in self._kinds:
                self._kinds.clear()
            count = self._kinds[by, what, why]
            if count.written >= EACH or self._lines[by == UNKNOWN] >= MOST:
                count.withheld += 1
                return False
            count.written += 1
            self._lines[by == UNKNOWN] += 1
            more, count.withheld = count.withheld, 0
        detail = why + (f" ({more} more like it before)" if more else "")
        try:
            self._write(AuditEntry(now, by, f"refused {what}", subject(), detail))
        except KompetansegrafError as error:  # whoever was refused is still refused
            log.warning("a refusal has no audit line: %s", error)
            return False
        return True
