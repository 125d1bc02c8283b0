"""Who is reminded of what, and never twice? Due dates of a unit, sent to a function's mailbox or a webhook.

A message holds counts, requirements, days and pseudonyms, nothing else. What was sent is kept as digests, so
that a due date is told of once, whatever breaks in between.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

from engine.errors import BackendError
from engine.reports.status import label_of
from engine.service import Engine
from graph.status import Language
from graph.unit import UnitReport

log = logging.getLogger("kompetansegraf.reminders")

Outcome = Literal["sent", "not_sent", "unsure"]


@dataclass(frozen=True, slots=True)
class DueItem:
    """One due date of one pseudonym."""

    pseudonym: str
    requirement: str
    label: str
    due: date
    overdue: bool


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel sends: a text to read and a document for a program. `id` is the same when it is sent again."""

    id: str
    subject: str
    text: str
    document: Mapping[str, Any]


class Messenger(Protocol):
    """A way out: a mailbox or a webhook."""

    @property
    def name(self) -> str:
        """Name of the channel and where it leads, without secrets."""
        ...

    def send(self, message: Message) -> Outcome:
        """Send within a bounded time; ``unsure`` when it may have arrived all the same."""
        ...


class SentLog(Protocol):
    """What was sent, as digests: durable before and after every sending. One process at a time."""

    def known(self) -> frozenset[str]:
        """Return the digests that were sent, and those of which nobody knows."""
        ...

    def unsure(self) -> frozenset[str]:
        """Return the digests whose sending began and never ended."""
        ...

    def begin(self, digests: Sequence[str]) -> None:
        """Keep that these are about to be sent."""
        ...

    def end(self, digests: Sequence[str], *, sent: bool) -> None:
        """Keep that these were sent, or forget that they were begun."""
        ...

    def close(self) -> None:
        """Let other processes in."""
        ...


@dataclass(slots=True)
class Reminded:
    """What a run did, by channel: how many due dates were `sent`, `failed`, told of `earlier`, or are `unsure`."""

    due: int = 0
    sent: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    earlier: dict[str, int] = field(default_factory=dict)
    unsure: dict[str, int] = field(default_factory=dict)

    @property
    def fine(self) -> bool:
        """Whether nothing failed and nothing is unsure."""
        return not any(self.failed.values()) and not any(self.unsure.values())


def due_items(engine: Engine, unit: UnitReport, *, within: int, lang: Language = "nb") -> list[DueItem]:
    """Return the due dates of a unit that are past and missed, or come within so many days, by day."""
    last = date.fromordinal(min(unit.on.toordinal() + within, date.max.toordinal()))
    found = [
        DueItem(
            pseudonym,
            row.requirement,
            label_of(engine, row.requirement, lang),
            cell.obligation.due,
            cell.overdue,
        )
        for row in unit.rows
        for pseudonym, cell in row.cells.items()
        if cell.obligation.due is not None
        and (cell.overdue or (cell.obligation.fulfilled and unit.on <= cell.obligation.due <= last))
    ]
    return sorted(found, key=lambda item: (item.due, item.requirement, item.pseudonym))


def remind(
    items: Sequence[DueItem],
    messengers: Sequence[Messenger],
    sent: SentLog,
    *,
    on: date,
    lang: Language = "nb",
    again: bool = False,
) -> Reminded:
    """Send what has not been sent before through each messenger.

    A run that was killed while sending leaves due dates of which nobody knows whether they arrived; they are
    counted as unsure and sent only with `again`.
    """
    done = Reminded(due=len(items))
    for messenger in messengers:
        keys = {item: digest(messenger.name, item) for item in items}
        known, unsure = sent.known(), sent.unsure()
        fresh = [i for i in items if keys[i] not in known or (again and keys[i] in unsure)]
        doubtful = sum(key in unsure for key in keys.values())
        done.earlier[messenger.name] = sum(key in known and key not in unsure for key in keys.values())
        if doubtful and not again:
            done.unsure[messenger.name] = doubtful
        if not fresh:
            continue
        digests = [keys[item] for item in fresh]
        sent.begin(digests)
        outcome = messenger.send(message_of(fresh, on=on, lang=lang))
        if outcome == "unsure":
            done.unsure[messenger.name] = done.unsure.get(messenger.name, 0) + len(fresh)
            continue
        sent.end(digests, sent=outcome == "sent")
        (done.sent if outcome == "sent" else done.failed)[messenger.name] = len(fresh)
    return done


def digest(channel: str, item: DueItem) -> str:
    """Return what a due date is known by in the log of what was sent; nobody reads a pseudonym out of it."""
    parts = (channel, item.pseudonym, item.requirement, item.due.isoformat())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


_WORDS: Mapping[Language, Mapping[str, str]] = {
    "nb": {
        "subject": "Kompetanse: {n} frister ({late} over fristen)",
        "subject_one": "Kompetanse: 1 frist ({late} over fristen)",
        "lead": "Frister per {day}. Listen har krav, dato og pseudonym, ingen navn.",
        "late": "over fristen",
        "end": "Sendt av Kompetansegraf til funksjonens postkasse. Samme frist varsles én gang.",
    },
    "nn": {
        "subject": "Kompetanse: {n} fristar ({late} over fristen)",
        "subject_one": "Kompetanse: 1 frist ({late} over fristen)",
        "lead": "Fristar per {day}. Lista har krav, dato og pseudonym, ingen namn.",
        "late": "over fristen",
        "end": "Sendt av Kompetansegraf til postkassa til funksjonen. Same frist blir varsla éin gong.",
    },
    "en": {
        "subject": "Competence: {n} due dates ({late} overdue)",
        "subject_one": "Competence: 1 due date ({late} overdue)",
        "lead": "Due dates as of {day}. The list has requirements, days and pseudonyms, no names.",
        "late": "overdue",
        "end": "Sent by Kompetansegraf to the mailbox of a function. A due date is told of once.",
    },
}


def message_of(items: Sequence[DueItem], *, on: date, lang: Language = "nb") -> Message:
    """Return a message about some due dates, grouped by requirement and day."""
    words = _WORDS[lang]
    late = sum(item.overdue for item in items)
    grouped: dict[tuple[date, str], list[DueItem]] = {}
    for item in items:
        grouped.setdefault((item.due, item.requirement), []).append(item)
    lines = [words["lead"].format(day=on.isoformat()), ""]
    rows = []
    for (day, requirement), mine in sorted(grouped.items()):
        names = [item.pseudonym for item in mine]
        mark = f" ({words['late']})" if mine[0].overdue else ""
        lines.append(f"{day.isoformat()}{mark}  {mine[0].label}: {len(names)} ({', '.join(names)})")
        rows.append(
            {
                "requirement": requirement,
                "label": mine[0].label,
                "due": day.isoformat(),
                "overdue": mine[0].overdue,
                "pseudonyms": names,
            }
        )
    identity = "\n".join(f"{i.pseudonym}|{i.requirement}|{i.due}" for i in items)
    id_ = hashlib.sha256(identity.encode()).hexdigest()[:32]
    subject = words["subject" if len(items) != 1 else "subject_one"].format(n=len(items), late=late)
    document = {
        "id": id_,
        "on": on.isoformat(),
        "due": len(items),
        "overdue": late,
        "pseudonyms": len({item.pseudonym for item in items}),
        "items": rows,
    }
    return Message(id_, subject, "\n".join([*lines, "", words["end"], ""]), document)


def check_channels(messengers: Sequence[Messenger]) -> None:
    """Refuse to remind nobody; raises BackendError."""
    if not messengers:
        raise BackendError(
            "no way to remind: set KG_REMINDER_SMTP and KG_REMINDER_TO, or KG_REMINDER_WEBHOOK"
        )
