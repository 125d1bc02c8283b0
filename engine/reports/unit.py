"""How does a unit stand? Requirement by pseudonym with what fills each gap, as a document and as tables; nothing is kept."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.errors import InvalidRequest, NotFound
from engine.reports.standing import fillers, obligations_of
from engine.reports.status import filler_record, label_of
from engine.reports.tables import Painted, Table
from engine.service import Engine
from graph.done_list import Member
from graph.status import COLOUR_WORDS, Language, month_name, state_word
from graph.unit import UnitReport, unit_report

WORDS: Mapping[Language, Mapping[str, str]] = {
    "nb": {
        "title": "Status for enheten {day}",
        "matrix": "Krav og ansatte",
        "coverage": "Dekning per krav",
        "forecast": "Utløper per måned",
        "requirement": "Krav",
        "asked": "Gjelder",
        "fulfilled": "Oppfylt",
        "missing": "Mangler",
        "overdue": "Over fristen",
        "share": "Dekning %",
        "fills": "Beste ressurs",
        "month": "Måned",
        "renewals": "Utløper",
        "none": "ingen ressurs",
        "lead": "{fulfilled} av {asked} krav er oppfylt; {overdue} er over fristen.",
        "late": "over fristen",
        "not_asked": "–",
    },
    "nn": {
        "title": "Status for eininga {day}",
        "matrix": "Krav og tilsette",
        "coverage": "Dekning per krav",
        "forecast": "Går ut per månad",
        "requirement": "Krav",
        "asked": "Gjeld",
        "fulfilled": "Oppfylt",
        "missing": "Manglar",
        "overdue": "Over fristen",
        "share": "Dekning %",
        "fills": "Beste ressurs",
        "month": "Månad",
        "renewals": "Går ut",
        "none": "ingen ressurs",
        "lead": "{fulfilled} av {asked} krav er oppfylte; {overdue} er over fristen.",
        "late": "over fristen",
        "not_asked": "–",
    },
    "en": {
        "title": "Status of the unit on {day}",
        "matrix": "Requirements and employees",
        "coverage": "Coverage by requirement",
        "forecast": "Expiring by month",
        "requirement": "Requirement",
        "asked": "Asked of",
        "fulfilled": "Met",
        "missing": "Missing",
        "overdue": "Overdue",
        "share": "Coverage %",
        "fills": "Best resource",
        "month": "Month",
        "renewals": "Expiring",
        "none": "no resource",
        "lead": "{fulfilled} of {asked} requirements are met; {overdue} are overdue.",
        "late": "overdue",
        "not_asked": "–",
    },
}


def unit_of(
    engine: Engine, members: Sequence[Member], *, on: date | None = None, edition: str | None = None
) -> UnitReport:
    """Return how a unit stands on a day; a member's own edition wins over `edition`.

    Raises
    ------
    InvalidRequest or NotFound
        Naming the pseudonym whose role or plan will not do.
    """
    day = on or engine.today()
    found = {}
    for member in members:
        try:
            found[member.pseudonym] = obligations_of(
                engine,
                member.roles,
                plan=member.plan,
                edition=member.edition or edition,
                done=member.done,
                on=day,
            )
        except (InvalidRequest, NotFound) as e:
            raise type(e)(f"{member.pseudonym}: {e}") from None
    return unit_report(found, on=day)


def unit_document(
    engine: Engine,
    found: UnitReport,
    members: Sequence[Member],
    *,
    lang: Language = "nb",
    edition: str | None = None,
) -> dict[str, Any]:
    """Return a unit as a JSON object: rows with most overdue first, cells by pseudonym, what is due by month."""
    best = fillers(engine, lang=lang)
    by_name = {member.pseudonym: member for member in members}
    rows = []
    for row in found.rows:
        cells, filling = {}, {}
        for pseudonym, cell in row.cells.items():
            member, o = by_name[pseudonym], cell.obligation
            filler = (
                best(row.requirement, member.edition or edition, member.roles[0])
                if o.gap or o.state == "expires_soon"
                else None
            )
            if filler is not None:
                filling[filler.resource.id] = filler_record(filler)
            cells[pseudonym] = {
                "state": o.state,
                "state_word": state_word(o, lang),
                "colour": cell.colour,
                "colour_word": COLOUR_WORDS[lang][cell.colour],
                "due": o.due.isoformat() if o.due else None,
                "overdue": cell.overdue,
                "gap": o.gap,
                "fills": filler.resource.id if filler else None,
            }
        rows.append(
            {
                "requirement": row.requirement,
                "label": label_of(engine, row.requirement, lang),
                "asked": row.asked,
                "fulfilled": row.fulfilled,
                "missing": row.missing,
                "overdue": row.overdue,
                "fills": [filling[id_] for id_ in sorted(filling)],
                "cells": cells,
            }
        )
    return {
        "on": found.on.isoformat(),
        "pseudonyms": list(found.pseudonyms),
        "asked": found.asked,
        "fulfilled": found.fulfilled,
        "overdue": sum(row.overdue for row in found.rows),
        "requirements": rows,
        "months": [
            {
                "month": f"{month:%Y-%m}",
                "renewals": sum(counts.values()),
                "requirements": [
                    {"requirement": name, "label": label_of(engine, name, lang), "renewals": n}
                    for name, n in counts.items()
                ],
            }
            for month, counts in found.by_month.items()
        ],
    }


def unit_tables(document: dict[str, Any], lang: Language = "nb") -> tuple[Table, Table, Table]:
    """Return matrix, coverage and forecast as tables, with colours and their words."""
    words = WORDS[lang]
    names = document["pseudonyms"]
    matrix = tuple(
        (row["label"], *(_painted(row["cells"].get(name), words) for name in names))
        for row in document["requirements"]
    )
    coverage = tuple(
        (
            row["label"],
            row["asked"],
            row["fulfilled"],
            row["missing"],
            row["overdue"],
            round(100 * row["fulfilled"] / row["asked"]),
            "; ".join(item["title"] for item in row["fills"]) or (words["none"] if row["missing"] else ""),
        )
        for row in document["requirements"]
    )
    forecast = tuple(
        (_month(month["month"], lang), item["label"], item["renewals"])
        for month in document["months"]
        for item in month["requirements"]
    )
    heads = tuple(
        words[n] for n in ("requirement", "asked", "fulfilled", "missing", "overdue", "share", "fills")
    )
    return (
        Table(words["matrix"], (words["requirement"], *names), matrix),
        Table(words["coverage"], heads, coverage),
        Table(words["forecast"], (words["month"], words["requirement"], words["renewals"]), forecast),
    )


def unit_rows(document: dict[str, Any]) -> Table:
    """Return the unit for programs, one row a requirement and pseudonym."""
    titles = {item["id"]: item["title"] for row in document["requirements"] for item in row["fills"]}
    header = (
        "requirement", "label", "pseudonym", "state", "state_word", "colour", "colour_word", "due", "overdue",
        "gap", "fills", "fills_title",
    )  # fmt: skip
    rows = tuple(
        (
            row["requirement"], row["label"], name, cell["state"], cell["state_word"], cell["colour"],
            cell["colour_word"], cell["due"], int(cell["overdue"]), int(cell["gap"]), cell["fills"],
            titles.get(cell["fills"]),
        )
        for row in document["requirements"]
        for name, cell in sorted(row["cells"].items(), key=lambda item: (not item[1]["overdue"], item[0]))
    )  # fmt: skip
    return Table("unit", header, rows)


def unit_lead(document: dict[str, Any], lang: Language) -> tuple[str, str]:
    """Return the title of a unit's report and the sentence under it."""
    words = WORDS[lang]
    return words["title"].format(day=document["on"]), words["lead"].format(
        **{name: document[name] for name in ("fulfilled", "asked", "overdue")}
    )


def _painted(cell: dict[str, Any] | None, words: Mapping[str, str]) -> Painted | str:
    if cell is None:
        return words["not_asked"]
    due = f" {cell['due']}" if cell["due"] else ""
    late = f" ({words['late']})" if cell["overdue"] else ""
    return Painted(f"{cell['state_word']}, {cell['colour_word']}{due}{late}", cell["colour"])


def _month(text: str, lang: Language) -> str:
    year, _, month = text.partition("-")
    return f"{month_name(int(month), lang)} {year}"
