"""The circuit breaker: what opens it, what closes it, and who may try."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.circuit_breaker import CircuitBreaker, CircuitOpen


class Lost(Exception):
    """The backend was not reached."""


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def attempt(breaker: CircuitBreaker, error: type[BaseException] | None = None) -> str:
    """Try once, and tell what came of it."""
    try:
        with breaker.attempt():
            if error is not None:
                raise error
    except CircuitOpen:
        return "refused"
    except (Lost, ValueError, KeyboardInterrupt) as raised:
        return type(raised).__name__
    return "done"


@given(
    threshold=st.integers(1, 4),
    steps=st.lists(
        st.one_of(st.sampled_from([None, Lost, ValueError, KeyboardInterrupt]), st.floats(0, 12)), max_size=60
    ),
)
def test_it_is_open_exactly_from_the_threshold_until_the_pause_is_over_or_a_trial_succeeds(
    threshold: int, steps: list[type[BaseException] | float | None]
) -> None:
    clock = Clock()
    breaker = CircuitBreaker((Lost,), threshold=threshold, pause=5, clock=clock)
    failures, open_until = 0, None
    for step in steps:
        if isinstance(step, float):
            clock.now += step
            continue
        said = attempt(breaker, step)
        if open_until is not None and clock.now < open_until:
            assert said == "refused"
        else:
            assert said == ("done" if step is None else step.__name__)
            if step is None:
                failures, open_until = 0, None
            elif step is Lost:
                failures += 1
                if open_until is not None or failures >= threshold:
                    open_until = clock.now + 5
        assert breaker.state == ("closed" if open_until is None else "open")
        assert breaker.failures == failures


def test_one_trial_at_a_time() -> None:
    clock = Clock()
    breaker = CircuitBreaker((Lost,), threshold=1, pause=5, clock=clock)
    attempt(breaker, Lost)
    clock.now += 5
    with breaker.attempt():
        assert breaker.state == "half-open"
        assert attempt(breaker) == "refused"
        clock.now += 100
        assert attempt(breaker) == "refused"
    assert attempt(breaker) == "done"


def test_a_call_that_began_earlier_and_fails_late_changes_nothing() -> None:
    clock = Clock()
    breaker = CircuitBreaker((Lost,), threshold=1, pause=5, clock=clock)

    def slow() -> None:
        with breaker.attempt():
            attempt(breaker, Lost)
            clock.now += 4
            raise Lost

    with pytest.raises(Lost):
        slow()
    clock.now += 1
    assert attempt(breaker) == "done"


def test_a_trial_that_is_abandoned_lets_the_next_one_in() -> None:
    clock = Clock()
    breaker = CircuitBreaker((Lost,), threshold=1, pause=5, clock=clock)
    attempt(breaker, Lost)
    clock.now += 5
    assert attempt(breaker, KeyboardInterrupt) == "KeyboardInterrupt"
    assert attempt(breaker) == "done"


def test_calls_of_several_threads_run_side_by_side() -> None:
    breaker = CircuitBreaker((Lost,))
    together = threading.Barrier(4, timeout=10)

    def call() -> None:
        with breaker.attempt():
            together.wait()

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not together.broken


def test_the_refusal_says_how_many_and_how_long() -> None:
    clock = Clock()
    breaker = CircuitBreaker((Lost,), threshold=2, pause=5, clock=clock)
    attempt(breaker, Lost)
    attempt(breaker, Lost)
    clock.now += 2
    with pytest.raises(CircuitOpen, match="not tried: 2 failures in a row; next try in 3 s") as refused:
        breaker._admit()
    assert (refused.value.failures, refused.value.wait) == (2, 3)
