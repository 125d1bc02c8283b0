"""Refusals have lines, and an attacker cannot fill the disk with them."""

from datetime import UTC, datetime, timedelta

from engine.errors import BackendUnavailable
from engine.refusals import EACH, KINDS, MOST, Refusals

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Trail:
    def __init__(self):
        self.lines, self.now = [], NOW
        self.refusals = Refusals(self.lines.append, lambda: self.now)

    def note(self, by="unknown", what="PUT /x", why="no key", **more):
        return self.refusals.note(by, what, why, **more)


def test_a_line_says_who_what_why_and_on_what():
    trail = Trail()
    assert trail.note("portal", "PUT /v1/resources/{id}", "scope write is missing", subject=lambda: "kb-1")
    (line,) = trail.lines
    assert (line.at, line.by, line.action) == (NOW, "portal", "refused PUT /v1/resources/{id}")
    assert (line.subject, line.detail) == ("kb-1", "scope write is missing")


def test_of_one_kind_the_first_have_lines_and_the_rest_is_counted_and_told_later():
    trail = Trail()
    for _ in range(1000):
        trail.note()
    assert len(trail.lines) == EACH
    trail.note(why="unknown key")
    assert len(trail.lines) == EACH + 1
    trail.now += timedelta(minutes=1)
    trail.note()
    assert trail.lines[-1].detail == f"no key ({1000 - EACH} more like it before)"
    trail.note()
    assert trail.lines[-1].detail == "no key"


def test_however_many_kinds_there_are_the_lines_of_a_minute_are_bounded():
    trail = Trail()
    asked = []
    for n in range(5 * KINDS):
        trail.note(what=f"PUT /{n}", subject=lambda: asked.append(1) or "-")
    assert len(trail.lines) == len(asked) == MOST
    assert len(trail.refusals._kinds) <= KINDS


def test_noise_of_strangers_hides_nothing_of_those_who_are_known():
    trail = Trail()
    for n in range(10 * MOST):
        trail.note(what=f"PUT /{n}")
    assert trail.note("redaksjon-ahus", why="central content")
    assert trail.lines[-1].by == "redaksjon-ahus"


def test_an_hour_of_attacks_is_as_many_lines_as_fit_its_minutes():
    trail = Trail()
    for _ in range(60):
        for n in range(2 * MOST):
            trail.note(what=f"PUT /{n}")
        trail.now += timedelta(minutes=1)
    assert len(trail.lines) == 60 * MOST


def test_a_clock_that_is_set_back_does_not_silence_it():
    trail = Trail()
    for _ in range(EACH):
        trail.note()
    trail.now -= timedelta(days=1)
    assert trail.note()


def test_a_trail_that_cannot_be_written_lets_nobody_through_and_fails_nothing():
    def fails(_):
        raise BackendUnavailable("away")

    assert not Refusals(fails, lambda: NOW).note("unknown", "PUT /x", "no key")
