"""How long does an approval hold? Rules in months or by the calendar."""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

MONTH_END = "month-end"
"""The calendar rule that lets an approval hold to the end of its last month."""

YEAR = 12
"""Months that a day of the year stands for when no number of them is stated."""

_DAY_OF_YEAR = re.compile(r"--(\d\d)-(\d\d)\Z")


@dataclass(frozen=True, slots=True, order=True)
class Validity:
    """How long an approval holds after the day it was achieved; with neither part it holds for ever.

    `months` counts from that day. `calendar` says where in the year the time is up: ``--09-01`` (ISO 8601,
    each 1 September) is the last such day within the months, a year of them if none are stated, so that an
    approval never holds longer than its months; ``month-end`` is the end of the month in which the months
    are up. In a year without a 29 February the 28th stands for it.
    """

    months: int | None = None
    calendar: str | None = None

    @property
    def interval(self) -> int | None:
        """The longest time that an approval holds [months]; None is for ever."""
        return YEAR if self.months is None and self.calendar is not None else self.months

    def end(self, achieved: date) -> date | None:
        """Return the last day on which an approval of a day holds, None when it never runs out.

        Examples
        --------
        >>> Validity(calendar="--09-01").end(date(2026, 9, 1))
        datetime.date(2027, 9, 1)
        >>> Validity(36, "--09-01").end(date(2026, 3, 1))
        datetime.date(2028, 9, 1)
        >>> Validity(24, "month-end").end(date(2026, 2, 3))
        datetime.date(2028, 2, 29)
        """
        if self.interval is None:
            return None
        last = add_months(achieved, self.interval)
        if self.calendar is None:
            return last
        if self.calendar == MONTH_END:
            return _day(last.year, last.month, 31)
        month, number = day_of_year(self.calendar)
        days = (_day(year, month, number) for year in (last.year, last.year - 1) if year >= achieved.year)
        return next((day for day in days if achieved < day <= last), last)


def check_calendar(rule: str, months: int | None) -> None:
    """Refuse a calendar rule that says nothing.

    Raises
    ------
    ValueError
        If it is neither ``month-end`` (with months) nor a day of the year such as ``--09-01``.
    """
    if rule == MONTH_END:
        if months is None:
            raise ValueError(f"{MONTH_END} needs a validity in months beside it")
        return
    day_of_year(rule)


def day_of_year(rule: str) -> tuple[int, int]:
    """Return month and day of a rule such as ``--09-01``; raises ValueError for anything else."""
    found = _DAY_OF_YEAR.match(rule)
    if found:
        month, number = int(found[1]), int(found[2])
        if 1 <= month <= 12 and 1 <= number <= calendar.monthrange(2024, month)[1]:
            return month, number
    raise ValueError(f"{MONTH_END} or a day of the year such as --09-01 is needed, got {rule!r}")


def end_of(achieved: date, rules: int | Iterable[Validity] | None) -> date | None:
    """Return the earliest end by several rules; a number is one rule of so many months."""
    if rules is None:
        return None
    if isinstance(rules, int):
        return add_months(achieved, rules) if rules else None
    return min((end for rule in rules if (end := rule.end(achieved)) is not None), default=None)


def shortest(rules: Iterable[Validity]) -> int | None:
    """Return the shortest interval of several rules [months], None when all hold for ever."""
    return min((rule.interval for rule in rules if rule.interval is not None), default=None)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day if it is shorter.

    Examples
    --------
    >>> add_months(date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return _day(year, month + 1, day.day)


def _day(year: int, month: int, number: int) -> date:
    return date(year, month, min(number, calendar.monthrange(year, month)[1]))
