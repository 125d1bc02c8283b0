"""How much may be sent in a while? For this process as a whole: a limit for each sender would need to know who sends."""

import math
import threading
import time
from collections.abc import Callable

from api.problems import Problem


class Pace:
    """So many at once, and then so many a minute.

    Parameters
    ----------
    per_minute : int
        How many may come in a minute, and at once after a pause.
    clock : callable, optional
        Seconds.

    Examples
    --------
    >>> at = [0.0]
    >>> pace = Pace(2, lambda: at[0])
    >>> [pace.wait() for _ in range(3)]
    [0.0, 0.0, 30.0]
    >>> at[0] = 31.0
    >>> pace.wait()
    0.0
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = per_minute, clock
        self._left, self._at = float(per_minute), clock()
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Take a turn and return 0, or return how long it takes until there is one [s]."""
        with self._lock:
            now = self._clock()
            self._left = min(self._most, self._left + (now - self._at) * self._most / 60)
            self._at = now
            if self._left >= 1:
                self._left -= 1
                return 0.0
            return (1 - self._left) * 60 / self._most

    def take(self) -> None:
        """Take a turn; raises Problem (429) when there is none."""
        seconds = self.wait()
        if seconds:
            raise Problem(
                429,
                "too-many",
                "Too much is sent here at the moment. Try again in a while.",
                headers={"Retry-After": str(math.ceil(seconds))},
            )
