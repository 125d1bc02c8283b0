"""How does a recommended list become a way to go, and leave for a portal? Steps with sums, a table, a link."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from engine.recommendation import Recommendation
from graph.model import Requirement
from graph.order import prerequisites_of

COLUMNS = (
    "step",
    "id",
    "title",
    "url",
    "label",
    "minutes",
    "minutes_so_far",
    "after",
    "requirements",
    "reason",
)
"""Columns of the table."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a way: `after` are the earlier steps that teach what must come before it."""

    number: int
    item: Recommendation
    minutes_so_far: int
    after: tuple[int, ...]


def steps_of(items: Sequence[Recommendation], requirements: Mapping[str, Requirement]) -> tuple[Step, ...]:
    """Return an ordered list as steps, with what each builds on and the minutes up to and with it."""
    steps: list[Step] = []
    minutes = 0
    for number, item in enumerate(items, start=1):
        minutes += item.minutes
        first = prerequisites_of(item.requirements, requirements)
        after = tuple(s.number for s in steps if first & set(s.item.requirements))
        steps.append(Step(number, item, minutes, after))
    return tuple(steps)


def portal_link(portal: str, items: Sequence[Recommendation]) -> str | None:
    """Return the address that opens a list in a portal, None without a portal or a list.

    The ids stand in the fragment, which no server is sent: the portal's own page reads it.

    Examples
    --------
    >>> portal_link("", []) is None
    True
    """
    if not portal or not items:
        return None
    return f"{portal.partition('#')[0]}#resources={','.join(quote(i.resource.id, safe='') for i in items)}"


def path_rows(steps: Sequence[Step], lang: str = "nb") -> list[dict[str, str | int]]:
    """Return one row a step, keyed by `COLUMNS`; of the asker nothing but what the list itself tells."""
    return [
        {
            "step": s.number,
            "id": s.item.resource.id,
            "title": s.item.resource.title,
            "url": s.item.resource.url,
            "label": s.item.label,
            "minutes": s.item.minutes,
            "minutes_so_far": s.minutes_so_far,
            "after": " ".join(map(str, s.after)),
            "requirements": " ".join(s.item.requirements),
            "reason": s.item.reasons[0].sentences.get(lang, "") if s.item.reasons else "",
        }
        for s in steps
    ]


def path_csv(steps: Sequence[Step], lang: str = "nb") -> str:
    """Return the table as CSV (RFC 4180, with a byte order mark, so that spreadsheets read it as UTF-8).

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for row in path_rows(steps, lang):
        writer.writerow(
            {k: f"'{v}" if isinstance(v, str) and v.startswith(_FORMULA) else v for k, v in row.items()}
        )
    return "\ufeff" + out.getvalue()
