"""Is it worth trying? After so many failures in a row a backend is left alone for a moment.

The state is one of three: ``closed`` (calls go through), ``open`` (calls fail at once) and, when the pause
is over, ``half-open`` (one trial call decides). No lock is held while a call runs, so that calls of
several threads go on side by side, and a clock that is set back or forward changes nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

State = Literal["closed", "open", "half-open"]


class CircuitOpen(Exception):
    """The call was not tried.

    Attributes
    ----------
    failures : int
        Failures in a row until now.
    wait : float
        Seconds until the next trial call; 0 while one is going on.
    """

    def __init__(self, failures: int, wait: float) -> None:
        super().__init__(f"not tried: {failures} failures in a row; next try in {wait:.0f} s")
        self.failures = failures
        self.wait = wait


class CircuitBreaker:
    """Counts failures in a row, and refuses calls for `pause` seconds when there are `threshold` of them.

    Parameters
    ----------
    counted : tuple of exception types
        What is a failure. Any other exception says nothing about the backend.
    threshold : int
        Failures in a row that open the circuit, at least 1.
    pause : float
        Seconds until a trial call.
    clock : callable
        Monotonic time in seconds.

    Examples
    --------
    >>> now = 0.0
    >>> breaker = CircuitBreaker((OSError,), threshold=1, pause=5, clock=lambda: now)
    >>> try:
    ...     with breaker.attempt():
    ...         raise OSError
    ... except OSError:
    ...     breaker.state
    'open'
    >>> with breaker.attempt():
    ...     pass
    Traceback (most recent call last):
    engine.adapters.circuit_breaker.CircuitOpen: not tried: 1 failures in a row; next try in 5 s
    >>> now = 5.0
    >>> with breaker.attempt():
    ...     breaker.state
    'half-open'
    >>> breaker.state
    'closed'
    """

    def __init__(
        self,
        counted: tuple[type[Exception], ...],
        *,
        threshold: int = 5,
        pause: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._counted = counted
        self._threshold = threshold
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._trial_from: float | None = None  # not None: open or half-open
        self._trial_runs = False

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._failures

    @property
    def state(self) -> State:
        """Where the circuit stands; an open one turns half-open when its trial call begins."""
        with self._lock:
            if self._trial_from is None:
                return "closed"
            return "half-open" if self._trial_runs else "open"

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Run a call inside this.

        Raises
        ------
        CircuitOpen
            Instead of the call, when it is not to be tried.
        """
        trial = self._admit()
        try:
            yield
        except self._counted:
            self._failed(trial)
            raise
        except BaseException:
            if trial:
                with self._lock:
                    self._trial_runs = False
            raise
        self._succeeded()

    def _admit(self) -> bool:
        with self._lock:
            if self._trial_from is None:
                return False
            wait = self._trial_from - self._clock()
            if self._trial_runs or wait > 0:
                raise CircuitOpen(self._failures, max(wait, 0.0))
            self._trial_runs = True
            return True

    def _failed(self, trial: bool) -> None:
        with self._lock:
            self._failures += 1
            if trial:
                self._trial_runs = False
            elif self._trial_from is not None:
                return  # begun before the circuit opened: no news
            if trial or self._failures >= self._threshold:
                self._trial_from = self._clock() + self._pause

    def _succeeded(self) -> None:
        with self._lock:
            self._failures = 0
            self._trial_from = None
            self._trial_runs = False
