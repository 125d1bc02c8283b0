"""How does one stand today? State, colour, words and due date of everything that is asked."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from graph.model import State
from graph.plans import Obligation
from graph.validity import MONTH_END, Validity, day_of_year

Colour = Literal["red", "yellow", "green", "grey"]
Language = Literal["nb", "nn", "en"]

LANGUAGES: tuple[Language, ...] = ("nb", "nn", "en")
COLOURS: tuple[Colour, ...] = ("red", "yellow", "green", "grey")

STATE_WORDS: Mapping[Language, Mapping[State, str]] = {
    "nb": {
        "not_begun": "Ikke påbegynt",
        "in_progress": "I gang",
        "awaiting_approval": "Venter på godkjenning",
        "approved": "Godkjent",
        "expires_soon": "Utløper snart",
        "expired": "Utløpt",
        "exempt": "Fritatt",
    },
    "nn": {
        "not_begun": "Ikkje påbegynt",
        "in_progress": "I gang",
        "awaiting_approval": "Ventar på godkjenning",
        "approved": "Godkjend",
        "expires_soon": "Går snart ut",
        "expired": "Gått ut",
        "exempt": "Friteken",
    },
    "en": {
        "not_begun": "Not begun",
        "in_progress": "In progress",
        "awaiting_approval": "Awaiting approval",
        "approved": "Approved",
        "expires_soon": "Expires soon",
        "expired": "Expired",
        "exempt": "Exempt",
    },
}
_NOT_NEEDED: Mapping[Language, str] = {
    "nb": "Trengs ikke (gruppen er oppfylt)",
    "nn": "Trengst ikkje (gruppa er oppfylt)",
    "en": "Not needed (group satisfied)",
}
COLOUR_WORDS: Mapping[Language, Mapping[Colour, str]] = {
    "nb": {"red": "rød", "yellow": "gul", "green": "grønn", "grey": "grå"},
    "nn": {"red": "raud", "yellow": "gul", "green": "grøn", "grey": "grå"},
    "en": {"red": "red", "yellow": "yellow", "green": "green", "grey": "grey"},
}
MONTH_NAMES: Mapping[Language, tuple[str, ...]] = {
    "nb": ("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober",
           "november", "desember"),
    "nn": ("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober",
           "november", "desember"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
}  # fmt: skip

_URGENCY: Mapping[Colour, int] = {"red": 0, "yellow": 1, "grey": 2, "green": 3}
_INTERVALS: Mapping[Language, tuple[str, str, str, str, str]] = {
    "nb": ("én gang", "hver måned", "hver {}. måned", "hvert år", "hvert {}. år"),
    "nn": ("éin gong", "kvar månad", "kvar {}. månad", "kvart år", "kvart {}. år"),
    "en": ("once", "every month", "every {} months", "every year", "every {} years"),
}
_MONTH_END: Mapping[Language, str] = {
    "nb": "til månedens slutt",
    "nn": "til slutten av månaden",
    "en": "to the end of the month",
}
_BY_DAY: Mapping[Language, str] = {
    "nb": "innen {day}. {month}",
    "nn": "innan {day}. {month}",
    "en": "by {day} {month}",
}


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One obligation as it is shown. `overdue`: its last day is past; `days` until that day, negative after."""

    obligation: Obligation
    colour: Colour
    overdue: bool
    days: int | None


@dataclass(frozen=True, slots=True)
class StatusSummary:
    """Everything that is asked on a day, the most urgent first."""

    on: date
    lines: tuple[StatusLine, ...]

    @property
    def states(self) -> Mapping[State, int]:
        """How many lines are in each state that occurs."""
        return dict(sorted(Counter(line.obligation.state for line in self.lines).items()))

    @property
    def colours(self) -> Mapping[Colour, int]:
        """How many lines have each colour, all four."""
        counts = Counter(line.colour for line in self.lines)
        return {colour: counts[colour] for colour in COLOURS}

    @property
    def due(self) -> tuple[StatusLine, ...]:
        """The lines with a due date, by date."""
        dated = [line for line in self.lines if line.obligation.due is not None]
        return tuple(
            sorted(dated, key=lambda line: (line.obligation.due or date.max, line.obligation.requirement))
        )


def summary(found: Iterable[Obligation], *, on: date) -> StatusSummary:
    """Judge obligations for a reader: the overdue first, then by colour, due date and the plan's order."""
    lines = [status_line(obligation, on) for obligation in found]
    lines.sort(
        key=lambda line: (
            not line.overdue,
            _URGENCY[line.colour],
            line.obligation.due or date.max,
            line.obligation.order,
            line.obligation.requirement,
        )
    )
    return StatusSummary(on, tuple(lines))


def status_line(obligation: Obligation, on: date) -> StatusLine:
    """Return how one obligation stands on a day."""
    due = obligation.due
    overdue = obligation.gap and due is not None and due < on
    return StatusLine(obligation, colour_of(obligation), overdue, (due - on).days if due else None)


def state_word(obligation: Obligation, lang: Language) -> str:
    """Return the word beside the colour: that of the state, or that it is not needed since its group is satisfied.

    Examples
    --------
    >>> from graph.plans import GroupState
    >>> enough = GroupState("p", "pleie", 2, 3, 2)
    >>> state_word(Obligation("k", "anbefalt", None, ("p",), "not_begun", groups=(enough,)), "nb")
    'Trengs ikke (gruppen er oppfylt)'
    """
    if not obligation.fulfilled and not obligation.gap:
        return _NOT_NEEDED[lang]
    return STATE_WORDS[lang][obligation.state]


def colour_of(obligation: Obligation) -> Colour:
    """Return the colour; a word always stands beside it.

    Green: fulfilled. Yellow: expires soon, in progress, awaits approval, or expired though only recommended.
    Red: not begun or expired. Grey: recommended and not begun, or not needed since its group is satisfied.

    Examples
    --------
    >>> colour_of(Obligation("k", "obligatorisk", None, ("p",), "expired"))
    'red'
    """
    if obligation.fulfilled:
        return "yellow" if obligation.state == "expires_soon" else "green"
    if not obligation.gap:
        return "grey"
    if obligation.state in {"in_progress", "awaiting_approval"}:
        return "yellow"
    if obligation.necessity == "anbefalt":
        return "yellow" if obligation.state == "expired" else "grey"
    return "red"


def month_name(month: int, lang: Language) -> str:
    """Return the name of a month, 1 to 12."""
    return MONTH_NAMES[lang][month - 1]


def rule_words(rule: Validity, lang: Language) -> str:
    """Return how often something is renewed, in words.

    Examples
    --------
    >>> rule_words(Validity(calendar="--09-01"), "nb"), rule_words(Validity(24, "month-end"), "nn")
    ('hvert år, innen 1. september', 'kvart 2. år, til slutten av månaden')
    """
    once, month, months, year, years = _INTERVALS[lang]
    interval = rule.interval
    if interval is None:
        return once
    if interval % 12 == 0:
        words = year if interval == 12 else years.format(interval // 12)
    else:
        words = month if interval == 1 else months.format(interval)
    if rule.calendar is None:
        return words
    if rule.calendar == MONTH_END:
        return f"{words}, {_MONTH_END[lang]}"
    at, day = day_of_year(rule.calendar)
    return f"{words}, {_BY_DAY[lang].format(day=day, month=month_name(at, lang))}"
