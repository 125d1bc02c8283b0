"""What has no resource, and what will have none? The coverage matrix and the forecast, as documents."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from engine.errors import InvalidRequest, NotFound
from engine.model import COMMON_EDITION
from engine.reports.serving import serving_resources
from engine.reports.status import in_language, label_of
from engine.reports.tables import Table
from engine.service import Engine
from graph.coverage import ServingResource
from graph.forecast import ForecastRow, forecast, forecast_sentence, plan_renewals
from graph.role_coverage import CoverageRow, EmptyCell, RoleCoverage, role_coverage
from graph.status import Language
from graph.validity import add_months

LANGUAGES = ("nb", "nn", "en")
MOST_MONTHS = 60

_ASKED = ("label", "plans", "roles", "resources", "proposed", "missing")
_CELLS = (
    "requirement",
    "label",
    "role",
    "edition",
    "language",
    "resource_type",
    "resources",
    "plans",
    "proposed",
)
_EMPTY = (
    "requirement", "label", "edition", "language", "resource_type", "plans", "roles", "elsewhere", "plan_ids",
    "role_ids", "proposed",
)  # fmt: skip
_HEADINGS: Final[Mapping[str, Mapping[Language, str]]] = {
    "requirement": {"nb": "Krav", "nn": "Krav", "en": "Requirement"},
    "label": {"nb": "Navn", "nn": "Namn", "en": "Name"},
    "role": {"nb": "Rolle", "nn": "Rolle", "en": "Role"},
    "edition": {"nb": "Utgave", "nn": "Utgåve", "en": "Edition"},
    "language": {"nb": "Språk", "nn": "Språk", "en": "Language"},
    "resource_type": {"nb": "Type", "nn": "Type", "en": "Type"},
    "resources": {"nb": "Gyldige", "nn": "Gyldige", "en": "Valid"},
    "proposed": {"nb": "Foreslått", "nn": "Føreslått", "en": "Proposed"},
    "plans": {"nb": "Planer", "nn": "Planar", "en": "Plans"},
    "roles": {"nb": "Roller", "nn": "Roller", "en": "Roles"},
    "elsewhere": {"nb": "I annen form", "nn": "I anna form", "en": "In another form"},
    "missing": {
        "nb": "Mangler (* foreslått)",
        "nn": "Manglar (* føreslått)",
        "en": "Missing (* proposed)",
    },
    "plan_ids": {"nb": "Planer (id)", "nn": "Planar (id)", "en": "Plans (id)"},
    "role_ids": {"nb": "Roller (id)", "nn": "Roller (id)", "en": "Roles (id)"},
}
CAPTIONS: Final[Mapping[str, Mapping[Language, str]]] = {
    "title": {"nb": "Dekning", "nn": "Dekning", "en": "Coverage"},
    "requirements": {"nb": "Krav", "nn": "Krav", "en": "Requirements"},
    "coverage": {"nb": "Dekning", "nn": "Dekning", "en": "Coverage"},
    "empty": {"nb": "Tomme ruter", "nn": "Tomme ruter", "en": "Empty cells"},
}
_LEAD: Final[Mapping[Language, str]] = {
    "nb": "{requirements} krav per {on}, {missing} av dem mangler noe: {empty} tomme ruter, {proposed} med et forslag.",
    "nn": "{requirements} krav per {on}, {missing} av dei manglar noko: {empty} tomme ruter, {proposed} med eit framlegg.",
    "en": "{requirements} requirements on {on}, {missing} of them lack something: {empty} empty cells, {proposed} with a proposal.",
}


def coverage_of(
    engine: Engine,
    *,
    on: date | None = None,
    edition: str | None = None,
    roles: Sequence[str] | None = None,
    languages: Sequence[str] = LANGUAGES,
) -> RoleCoverage:
    """Return the coverage matrix; without `edition` of all editions that plans or resources name.

    Raises
    ------
    NotFound
        If there is no such role.
    """
    for role in roles or ():
        if role not in engine.roles():
            raise NotFound(f"no role has the id {role!r}")
    resources = serving_resources(engine)
    plans = list(engine.plans().values())
    editions = [edition] if edition else editions_of(engine, resources)
    return role_coverage(
        plans, resources, on=on or engine.today(), editions=editions, languages=languages, roles=roles
    )


def coverage_document(
    engine: Engine, found: RoleCoverage, *, lang: Language = "nb", by_type: bool = False
) -> dict[str, Any]:
    """Return the coverage matrix as a JSON object: each requirement, rows with their cells, empty cells ranked."""
    empty = found.empty(by_type=by_type)
    return {
        "on": found.on.isoformat(),
        "editions": list(found.editions),
        "languages": list(found.languages),
        "resource_types": list(found.resource_types),
        "requirements": _by_requirement(engine, found, empty, lang),
        "rows": [
            {
                "requirement": row.requirement,
                "label": label_of(engine, row.requirement, lang),
                "role": row.role,
                "edition": row.edition,
                "plans": list(row.plans),
                "resources": row.resources,
                "proposed": sum(row.proposed.values()),
                "cells": [
                    {
                        "language": cell[0],
                        "resource_type": cell[1],
                        "resources": row.cells.get(cell, 0),
                        "proposed": row.proposed.get(cell, 0),
                    }
                    for cell in sorted(row.cells.keys() | row.proposed.keys())
                ],
            }
            for row in found.rows
        ],
        "empty": [
            {
                "requirement": cell.requirement,
                "label": label_of(engine, cell.requirement, lang),
                "edition": cell.edition,
                "language": cell.language,
                "resource_type": cell.resource_type,
                "plans": list(cell.plans),
                "roles": list(cell.roles),
                "elsewhere": cell.elsewhere,
                "proposed": cell.proposed,
            }
            for cell in empty
        ],
    }


def _by_requirement(
    engine: Engine, found: RoleCoverage, empty: Sequence[EmptyCell], lang: Language
) -> list[dict[str, Any]]:
    """Return one object for each requirement: who asks, what is there and in which editions what is missing."""
    rows: defaultdict[str, list[CoverageRow]] = defaultdict(list)
    for row in found.rows:
        rows[row.requirement].append(row)
    missing: defaultdict[str, dict[str, list[EmptyCell]]] = defaultdict(dict)
    for cell in empty:
        missing[cell.requirement].setdefault(cell.edition, []).append(cell)
    listed = []
    for name, own in rows.items():
        most = max(own, key=lambda row: row.resources)
        holes = missing.get(name, {})
        listed.append(
            {
                "requirement": name,
                "label": label_of(engine, name, lang),
                "plans": sorted({plan for row in own for plan in row.plans}),
                "roles": sorted({row.role for row in own}),
                "resources": most.resources,
                "proposed": max(sum(row.proposed.values()) for row in own),
                "missing": [
                    {
                        "edition": edition,
                        "cells": [
                            {
                                "language": cell.language,
                                "resource_type": cell.resource_type,
                                "proposed": cell.proposed,
                            }
                            for cell in cells
                        ],
                    }
                    for edition, cells in sorted(holes.items())
                ],
            }
        )
    return sorted(
        listed,
        key=lambda r: (not r["missing"], -len(r["plans"]), -len(r["roles"]), r["requirement"]),
    )


def coverage_tables(document: dict[str, Any], lang: Language | None = None) -> tuple[Table, Table, Table]:
    """Return the requirements, the matrix with one row a cell, and the empty cells.

    Without a language headings are the names of fields.
    """
    nothing: list[dict[str, Any]] = [{"language": "", "resource_type": "", "resources": 0, "proposed": 0}]
    asked = [
        (
            row["label"], len(row["plans"]), len(row["roles"]), row["resources"], row["proposed"],
            _missing(row["missing"]),
        )
        for row in document["requirements"]
    ]  # fmt: skip
    cells = [
        (
            row["requirement"], row["label"], row["role"], row["edition"], cell["language"],
            cell["resource_type"], cell["resources"], " ".join(row["plans"]), cell["proposed"],
        )
        for row in document["rows"]
        for cell in row["cells"] or nothing
    ]  # fmt: skip
    empty = [
        (
            cell["requirement"], cell["label"], cell["edition"], cell["language"], cell["resource_type"],
            len(cell["plans"]), len(cell["roles"]), cell["elsewhere"],
            " ".join(cell["plans"]), " ".join(cell["roles"]), cell["proposed"],
        )
        for cell in document["empty"]
    ]  # fmt: skip
    return (
        Table(CAPTIONS["requirements"][lang or "en"], _header(_ASKED, lang), tuple(asked)),
        Table(CAPTIONS["coverage"][lang or "en"], _header(_CELLS, lang), tuple(cells)),
        Table(CAPTIONS["empty"][lang or "en"], _header(_EMPTY, lang), tuple(empty)),
    )


def coverage_lead(document: dict[str, Any], lang: Language) -> str:
    """Return what the matrix comes to, as a sentence."""
    return _LEAD[lang].format(
        requirements=len(document["requirements"]),
        missing=sum(bool(row["missing"]) for row in document["requirements"]),
        empty=len(document["empty"]),
        proposed=sum(bool(cell["proposed"]) for cell in document["empty"]),
        on=document["on"],
    )


def _missing(holes: Sequence[Mapping[str, Any]]) -> str:
    """Return what is missing where: editions that miss the same together.

    Examples
    --------
    >>> cell = {"language": "nn", "resource_type": None, "proposed": 1}
    >>> _missing([{"edition": "ahus", "cells": [cell]}, {"edition": "felles", "cells": [cell]}])
    'nn*: ahus, felles'
    """
    where: defaultdict[str, list[str]] = defaultdict(list)
    for hole in holes:
        names = (
            f"{c['language']}{' ' + c['resource_type'] if c['resource_type'] else ''}{'*' * bool(c['proposed'])}"
            for c in hole["cells"]
        )
        where[", ".join(sorted(names))].append(hole["edition"])
    return "; ".join(f"{what}: {', '.join(editions)}" for what, editions in sorted(where.items()))


def _header(names: Sequence[str], lang: Language | None) -> tuple[str, ...]:
    return tuple(names) if lang is None else tuple(_HEADINGS[name][lang] for name in names)


def forecast_of(
    engine: Engine,
    *,
    on: date | None = None,
    months: int = 12,
    edition: str | None = None,
    due: Iterable[tuple[str, date]] = (),
) -> list[ForecastRow]:
    """Return what must be renewed in the months to come; raises InvalidRequest for too many months."""
    if not 1 <= months <= MOST_MONTHS:
        raise InvalidRequest(f"months: a number from 1 to {MOST_MONTHS} is needed, got {months}")
    day = on or engine.today()
    try:
        last = add_months(day.replace(day=1), months)
    except (OverflowError, ValueError):
        raise InvalidRequest(f"on: {day} is too late in the calendar") from None
    renewals = plan_renewals(
        engine.plans().values(), engine.requirements(), first=day, last=last, edition=edition
    )
    return forecast(
        renewals,
        serving_resources(engine),
        on=day,
        months=months,
        edition=edition or COMMON_EDITION,
        due=[item for item in due if item[1] >= day],
    )


def forecast_document(
    engine: Engine,
    rows: Sequence[ForecastRow],
    *,
    on: date,
    lang: Language = "nb",
    edition: str | None = None,
) -> dict[str, Any]:
    """Return a forecast as a JSON object, each row with its sentence."""
    return {
        "on": on.isoformat(),
        "edition": edition,
        "rows": [
            {
                "month": f"{row.month:%Y-%m}",
                "requirement": row.requirement,
                "label": (label := label_of(engine, row.requirement, lang)),
                "plans": list(row.plans),
                "renewals": row.renewals,
                "resources_now": list(row.now),
                "resources_then": list(row.then),
                "lost": [{"resource": id_, "review_due": day.isoformat()} for id_, day in row.lost],
                "uncovered": row.uncovered,
                "sentence": forecast_sentence(row, label, lang),
            }
            for row in rows
        ],
    }


def forecast_table(document: dict[str, Any]) -> Table:
    """Return a forecast, one row a requirement and month."""
    header = (
        "month", "requirement", "label", "plans", "renewals", "resources_now", "resources_then", "sentence",
    )  # fmt: skip
    rows = (
        (
            row["month"], row["requirement"], row["label"], len(row["plans"]), row["renewals"],
            len(row["resources_now"]), len(row["resources_then"]), row["sentence"],
        )
        for row in document["rows"]
    )  # fmt: skip
    return Table("forecast", header, tuple(rows))


def plan_label(engine: Engine, plan: str, lang: str) -> str:
    """Return what a plan is called, its id when nobody knows."""
    known = engine.plans().get(plan)
    return in_language(known.labels, lang, plan) if known else plan


def editions_of(engine: Engine, resources: Iterable[ServingResource]) -> list[str]:
    """Return the editions that plans or resources name, and the common one."""
    planned = {e for plan in engine.plans().values() for e in plan.editions}
    lines = {line.edition for plan in engine.plans().values() for line in plan.lines if line.edition}
    return sorted({COMMON_EDITION, *planned, *lines, *(r.edition for r in resources)})
