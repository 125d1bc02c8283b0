"""How are dates, durations and yes or no written by people? Read in the usual forms, never guessed."""

import re
from datetime import date
from email.utils import parsedate_to_datetime

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{1,2}(?::?\d{2}.*)?)?", re.ASCII | re.DOTALL)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_NORWEGIAN = re.compile(
    r"(\d{1,2})[./](\d{1,2})[./](\d{4})(?:[ ,]+(?:kl\.? ?)?\d{1,2}[:.]\d{2}.*)?", re.ASCII
)
_NAMED = re.compile(r"(\d{1,2})\.?\s+([a-z]+)\.?\s+(\d{4})", re.ASCII)
_NAMED_EN = re.compile(r"([a-z]+)\.?\s+(\d{1,2}),?\s+(\d{4})", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des")
_OTHER_MONTHS = {"may": 5, "oct": 10, "dec": 12}
_YEARS = range(1900, 2200)

_ISO_DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+(?:[.,]\d+)?)H)?(?:(?P<minutes>\d+(?:[.,]\d+)?)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = r"\d+(?:[.,]\d+)?"
_PARTS = re.compile(
    rf"({_NUMBER})\s*(?P<unit>dager|dag|days|day|d|timer|timar|time|hours|hour|hrs|hr|t|h"
    r"|minutter|minutt|minutes|minute|mins|min|m|sekunder|sekund|seconds|second|sek|sec|s)\b\.?",
    re.IGNORECASE | re.ASCII,
)
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)", re.ASCII)
_FILLERS = re.compile(r"^(?:ca\.?|omtrent|om lag|cirka|about|approx\.?|~)\s*", re.IGNORECASE)
_UNITS = {"d": 1440.0, "t": 60.0, "h": 60.0, "m": 1.0, "s": 1 / 60}
MAX_TEXT = 100
"""Longest text that is looked at as a date or a duration [characters]."""

_TRUE = frozenset(["ja", "sann", "true", "yes", "1", "j", "y", "x", "sant"])
_FALSE = frozenset(["nei", "usann", "false", "no", "0", "n", "usant"])


def parse_date(text: str) -> date:
    """Return the day in a text.

    ISO 8601 with or without time, ``21.11.2026``, ``21. november 2026``, ``November 21, 2026`` and the
    form of e-mail and feeds. Day comes before month, as it is written here.

    Raises
    ------
    ValueError
        If it is none of these, two-digit years and bare years and months among them.

    Examples
    --------
    >>> [parse_date(t).isoformat() for t in ("21.11.2026", "1. mai 2026", "Sat, 21 Nov 2026 08:00:00 +0100")]
    ['2026-11-21', '2026-05-01', '2026-11-21']
    """
    text = " ".join(text.split())
    if len(text) > MAX_TEXT:
        raise ValueError("not a date: too long")
    for pattern in (_ISO, _COMPACT):
        if found := pattern.fullmatch(text):
            return _day(found.group(1), found.group(2), found.group(3))
    if found := _NORWEGIAN.fullmatch(text):
        return _day(found.group(3), found.group(2), found.group(1))
    if found := _NAMED.fullmatch(text.lower()):
        return _day(found.group(3), _month(found.group(2)), found.group(1))
    if found := _NAMED_EN.fullmatch(text.lower()):
        return _day(found.group(3), _month(found.group(1)), found.group(2))
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        raise ValueError(f"not a date: {text!r}") from None


def parse_minutes(value: object) -> int:
    """Return a duration [minutes], rounded up to whole ones.

    A number is minutes; text is ISO 8601 (``PT1H30M``), ``hh:mm:ss``, or words (``45 min``,
    ``1,5 timer``, ``1 t 30 min``). ``1:30`` is refused, since it may be hours or minutes.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> [parse_minutes(v) for v in (45, "45", "PT1H30M", "1,5 timer", "1 time og 15 minutter", "00:12:30")]
    [45, 45, 90, 90, 75, 13]
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _whole(value, value)
    if not isinstance(value, str):
        raise ValueError(f"not a duration: {value!r}")  # noqa: TRY004 (a value, whatever its type)
    text = " ".join(value.split())
    if len(text) > MAX_TEXT:
        raise ValueError("not a duration: too long")
    text = _FILLERS.sub("", text)
    if re.fullmatch(_NUMBER, text):
        return _whole(_float(text), value)
    if (found := _ISO_DURATION.fullmatch(text)) and any(found.groups()):
        parts = {name: _float(number) for name, number in found.groupdict().items() if number}
        return _whole(
            parts.get("days", 0) * 1440
            + parts.get("hours", 0) * 60
            + parts.get("minutes", 0)
            + parts.get("seconds", 0) / 60,
            value,
        )
    if found := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part) for part in found.groups())
        return _whole(hours * 60 + minutes + seconds / 60, value)
    matches = list(_PARTS.finditer(text))
    rest = _PARTS.sub(" ", text).replace(",", " ").split()
    if matches and set(rest) <= {"og", "and", "&"}:
        return _whole(sum(_float(m.group(1)) * _UNITS[m["unit"][0].lower()] for m in matches), value)
    raise ValueError(f"not a duration: {value!r}")


def parse_flag(value: object) -> bool:
    """Return a yes or no.

    Raises
    ------
    ValueError
        If it is neither.

    Examples
    --------
    >>> parse_flag("Ja"), parse_flag(False)
    (True, False)
    """
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise ValueError(f"neither yes nor no: {value!r}")


def _day(year: str, month: str | int, day: str) -> date:
    found = date(int(year), int(month), int(day))
    if found.year not in _YEARS:
        raise ValueError(f"not a year of ours: {year}")
    return found


def _month(name: str) -> int:
    short = name[:3]
    if len(name) >= 3 and short in _MONTHS:
        return _MONTHS.index(short) + 1
    if short in _OTHER_MONTHS:
        return _OTHER_MONTHS[short]
    raise ValueError(f"not a month: {name!r}")


def _float(text: str) -> float:
    return float(text.replace(",", "."))


def _whole(minutes: float, value: object) -> int:
    if not 0 <= minutes <= 1_000_000:
        raise ValueError(f"not a duration: {value!r}")
    return -int(-minutes // 1)
