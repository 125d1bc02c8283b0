"""What is due when, in a calendar? Due dates as iCalendar (RFC 5545), for somebody's status or for a plan.

An entry is a whole day and takes no time in the calendar. Nobody is named, and nothing is stored.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from engine.errors import InvalidRequest, NotFound
from engine.model import COMMON_EDITION
from engine.reports.standing import fillers
from engine.reports.status import in_language, label_of
from engine.service import Engine
from graph.forecast import plan_renewals
from graph.status import COLOUR_WORDS, STATE_WORDS, Language, StatusSummary, rule_words
from graph.validity import add_months

ALARM_DAYS = 30
"""How long before a due date the calendar reminds [days]."""

MOST_MONTHS = 60

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "nb": {
        "due": "Frist: {label} ({state})",
        "renew": "Fornyes: {label}",
        "ends": "Planen slutter å gjelde: {label}",
        "status": "Frister for {role}",
        "plan": "Frister i {plan}",
        "state": "Status: {state} ({colour})",
        "rule": "Fornyes {rule}",
        "resource": "Ressurs: {title}",
    },
    "nn": {
        "due": "Frist: {label} ({state})",
        "renew": "Blir fornya: {label}",
        "ends": "Planen sluttar å gjelde: {label}",
        "status": "Fristar for {role}",
        "plan": "Fristar i {plan}",
        "state": "Status: {state} ({colour})",
        "rule": "Blir fornya {rule}",
        "resource": "Ressurs: {title}",
    },
    "en": {
        "due": "Due: {label} ({state})",
        "renew": "Renewal: {label}",
        "ends": "The plan ends: {label}",
        "status": "Due dates of {role}",
        "plan": "Due dates of {plan}",
        "state": "Status: {state} ({colour})",
        "rule": "Renewed {rule}",
        "resource": "Resource: {title}",
    },
}


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A day in the calendar; `key` makes its identity, the same in every answer."""

    key: str
    day: date
    title: str
    text: str = ""
    url: str = ""


def status_calendar(
    engine: Engine, found: StatusSummary, role: str, *, edition: str | None = None, lang: Language = "nb"
) -> bytes:
    """Return somebody's due dates; those that are past and still missed stand on their day."""
    words = _WORDS[lang]
    best = fillers(engine, lang=lang)
    entries = []
    for line in found.due:
        o = line.obligation
        if o.due is None or not (line.overdue or o.fulfilled):
            continue
        filler = best(o.requirement, edition, role)
        state = STATE_WORDS[lang][o.state]
        lines = [words["state"].format(state=state, colour=COLOUR_WORDS[lang][line.colour])]
        lines += [words["rule"].format(rule=rule_words(rule, lang)) for rule in o.rules]
        if filler is not None:
            lines.append(words["resource"].format(title=filler.resource.title))
        entries.append(
            CalendarEntry(
                f"{role}|{o.requirement}|{o.due}",
                o.due,
                words["due"].format(label=label_of(engine, o.requirement, lang), state=state),
                "\n".join(lines),
                filler.resource.url if filler is not None else "",
            )
        )
    name = engine.roles()[role].labels if role in engine.roles() else {}
    return calendar_bytes(words["status"].format(role=in_language(name, lang, role)), entries, found.on, lang)


def plan_calendar(
    engine: Engine,
    plan: str,
    *,
    edition: str | None = None,
    on: date | None = None,
    months: int = 24,
    lang: Language = "nb",
) -> bytes:
    """Return the days on which a plan lets requirements run out, and its own end; no person is asked about.

    Raises
    ------
    NotFound
        If there is no such plan.
    InvalidRequest
        If `months` is not from 1 to 60, or the plan is not shared with the edition.
    """
    found = engine.plans().get(plan)
    if found is None:
        raise NotFound(f"no plan has the id {plan!r}")
    if not {COMMON_EDITION, edition or COMMON_EDITION} & set(found.editions):
        raise InvalidRequest(
            f"the plan {plan!r} is not shared with the edition {edition or COMMON_EDITION!r}"
        )
    if not 1 <= months <= MOST_MONTHS:
        raise InvalidRequest(f"months: a number from 1 to {MOST_MONTHS} is needed, got {months}")
    words, first = _WORDS[lang], on or engine.today()
    last = add_months(first, months)
    renewals = plan_renewals([found], engine.requirements(), first=first, last=last, edition=edition)
    entries = [
        CalendarEntry(
            f"{plan}|{item.requirement}|{item.day}",
            item.day,
            words["renew"].format(label=label_of(engine, item.requirement, lang)),
        )
        for item in renewals
    ]
    label = in_language(found.labels, lang, plan)
    if found.valid_to is not None and first <= found.valid_to <= last:
        entries.append(
            CalendarEntry(f"{plan}|end|{found.valid_to}", found.valid_to, words["ends"].format(label=label))
        )
    return calendar_bytes(words["plan"].format(plan=label), entries, first, lang)


def calendar_bytes(name: str, entries: Iterable[CalendarEntry], on: date, lang: Language) -> bytes:
    """Return entries as iCalendar, UTF-8; `on` is the day on which it is made."""
    from icalendar import Alarm, Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//Kompetansegraf//due dates//NO")
    calendar.add("version", "2.0")
    calendar.add("name", _line(name))
    calendar.add("x-wr-calname", _line(name))
    for entry in sorted(entries, key=lambda e: (e.day, e.key)):
        event = Event()
        event.add("uid", f"{hashlib.sha256(entry.key.encode()).hexdigest()[:32]}@kompetansegraf")
        event.add("dtstamp", datetime.combine(on, time(), UTC))
        event.add("dtstart", entry.day)
        if entry.day < date.max:
            event.add("dtend", entry.day + timedelta(1))
        event.add("summary", _line(entry.title), {"LANGUAGE": lang})
        if entry.text:
            event.add("description", _text(entry.text), {"LANGUAGE": lang})
        if _is_link(entry.url):
            event.add("url", entry.url)
        event.add("transp", "TRANSPARENT")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _line(entry.title))
        alarm.add("trigger", timedelta(days=-ALARM_DAYS))
        event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and url.isprintable() and " " not in url


def _line(text: str) -> str:
    return " ".join(_text(text).split())


def _text(text: str) -> str:
    """Return a text without the control characters that RFC 5545 has no place for."""
    return "".join(c for c in text.encode("utf-8", "replace").decode() if c == "\n" or c.isprintable())
