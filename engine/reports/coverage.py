"""What has no resource, and what will have none? The coverage matrix and the forecast, as documents."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from engine.errors import InvalidRequest, NotFound
from engine.model import COMMON_EDITION
from engine.reports.status import in_language, label_of
from engine.reports.tables import Table
from engine.service import Engine
from engine.stated_links import stated_links
from graph.coverage import ServingResource
from graph.forecast import ForecastRow, forecast, forecast_sentence, plan_renewals
from graph.model import serves
from graph.role_coverage import RoleCoverage, role_coverage
from graph.status import Language
from graph.validity import add_months

LANGUAGES = ("nb", "nn", "en")
MOST_MONTHS = 60


def serving_resources(engine: Engine) -> list[ServingResource]:
    """Return what coverage needs to know of every published resource: links as the current build's graph has them."""
    graph = engine.graph()
    found = []
    for r in engine.catalogue.all(status="published"):
        node = f"resource:{r.id}"
        links: dict[str, list[str]] = {"teaches": [], "proposed_teaches": []}
        if node in graph:
            for edge in filter(serves, graph.edges_from(node, ("teaches", "proposed_teaches"))):
                links[edge.kind].append(edge.target.split(":", 1)[1])
        else:  # written since the graph was drawn
            rulings = engine.catalogue.decisions("teaches", r.id)
            links["teaches"] = list(stated_links(r, rulings, engine.requirements()))
        found.append(
            ServingResource(
                r.id,
                r.edition,
                r.language,
                r.resource_type,
                r.status,
                r.published,
                r.review_due,
                tuple(links["teaches"]),
                tuple(links["proposed_teaches"]),
            )
        )
    return found


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
    editions = [edition] if edition else _editions(engine, resources)
    return role_coverage(
        plans, resources, on=on or engine.today(), editions=editions, languages=languages, roles=roles
    )


def coverage_document(
    engine: Engine, found: RoleCoverage, *, lang: Language = "nb", by_type: bool = False
) -> dict[str, Any]:
    """Return the coverage matrix as a JSON object: rows with their cells, and the empty cells ranked."""
    return {
        "on": found.on.isoformat(),
        "editions": list(found.editions),
        "languages": list(found.languages),
        "resource_types": list(found.resource_types),
        "rows": [
            {
                "requirement": row.requirement,
                "label": label_of(engine, row.requirement, lang),
                "role": row.role,
                "edition": row.edition,
                "plans": list(row.plans),
                "resources": row.resources,
                "cells": [
                    {"language": language, "resource_type": kind, "resources": n}
                    for (language, kind), n in row.cells.items()
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
            }
            for cell in found.empty(by_type=by_type)
        ],
    }


def coverage_tables(document: dict[str, Any]) -> tuple[Table, Table]:
    """Return the matrix, one row a cell, and the empty cells."""
    cells = []
    for row in document["rows"]:
        for cell in row["cells"] or [{"language": "", "resource_type": "", "resources": 0}]:
            cells.append(
                (
                    row["requirement"], row["label"], row["role"], row["edition"], cell["language"],
                    cell["resource_type"], cell["resources"], " ".join(row["plans"]),
                )
            )  # fmt: skip
    empty = [
        (
            cell["requirement"], cell["label"], cell["edition"], cell["language"], cell["resource_type"],
            len(cell["plans"]), len(cell["roles"]), cell["elsewhere"],
            " ".join(cell["plans"]), " ".join(cell["roles"]),
        )
        for cell in document["empty"]
    ]  # fmt: skip
    header = ("requirement", "label", "role", "edition", "language", "resource_type", "resources", "plans")
    header_empty = (
        "requirement", "label", "edition", "language", "resource_type", "plans", "roles", "elsewhere",
        "plan_ids", "role_ids",
    )  # fmt: skip
    return Table("coverage", header, tuple(cells)), Table("empty", header_empty, tuple(empty))


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
                "proposed_then": list(row.proposed),
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
        "month", "requirement", "label", "plans", "renewals", "resources_now", "resources_then", "proposed_then", "sentence",
    )  # fmt: skip
    rows = (
        (
            row["month"], row["requirement"], row["label"], len(row["plans"]), row["renewals"],
            len(row["resources_now"]), len(row["resources_then"]), len(row["proposed_then"]), row["sentence"],
        )
        for row in document["rows"]
    )  # fmt: skip
    return Table("forecast", header, tuple(rows))


def plan_label(engine: Engine, plan: str, lang: str) -> str:
    """Return what a plan is called, its id when nobody knows."""
    known = engine.plans().get(plan)
    return in_language(known.labels, lang, plan) if known else plan


def _editions(engine: Engine, resources: Iterable[ServingResource]) -> list[str]:
    planned = {e for plan in engine.plans().values() for e in plan.editions}
    lines = {line.edition for plan in engine.plans().values() for line in plan.lines if line.edition}
    return sorted({COMMON_EDITION, *planned, *lines, *(r.edition for r in resources)})
