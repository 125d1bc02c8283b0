"""Which roles, plans and requirements are there? Lists by id, with names and how much belongs to each."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from engine.errors import IndexMissing
from engine.reports.status import in_language
from engine.reports.tables import Table, Value
from engine.service import Engine
from graph.model import EdgeKind, Plan
from graph.status import Language

PLAN_STATES: Final[Mapping[Language, Mapping[str, str]]] = {
    "nb": {"in_force": "gjelder", "later": "gjelder ikke ennå", "over": "utløpt", "retired": "trukket"},
    "nn": {"in_force": "gjeld", "later": "gjeld ikkje enno", "over": "gått ut", "retired": "trekt"},
    "en": {"in_force": "in force", "later": "not yet", "over": "over", "retired": "retired"},
}
"""Whether a plan counts on a day, in words."""

_CAPTIONS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nb": {"roles": "Roller", "plans": "Planer", "requirements": "Krav"},
    "nn": {"roles": "Roller", "plans": "Planar", "requirements": "Krav"},
    "en": {"roles": "Roles", "plans": "Plans", "requirements": "Requirements"},
}
_HEADS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nb": {
        "id": "Id", "label": "Navn", "hpr": "HPR", "broader": "Videre rolle", "plans": "Planer i bruk",
        "requirements": "Krav", "state": "Status", "version": "Versjon", "roles": "Roller", "code": "Kode",
        "resources": "Ressurser", "proposed": "Foreslåtte",
    },
    "nn": {
        "id": "Id", "label": "Namn", "hpr": "HPR", "broader": "Vidare rolle", "plans": "Planar i bruk",
        "requirements": "Krav", "state": "Status", "version": "Versjon", "roles": "Roller", "code": "Kode",
        "resources": "Ressursar", "proposed": "Foreslåtte",
    },
    "en": {
        "id": "Id", "label": "Name", "hpr": "HPR", "broader": "Broader role", "plans": "Plans in force",
        "requirements": "Requirements", "state": "State", "version": "Version", "roles": "Roles", "code": "Code",
        "resources": "Resources", "proposed": "Proposed",
    },
}  # fmt: skip
_SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "roles": ("id", "label", "hpr", "broader", "plans", "requirements"),
    "plans": ("id", "label", "version", "state", "roles", "requirements"),
    "requirements": ("id", "label", "code", "plans", "resources", "proposed"),
}


def role_list(engine: Engine, lang: Language) -> dict[str, Any]:
    """Return all roles in id order: plans that hold today, and how much they ask, of all editions' common part."""
    today = engine.today()
    in_force = [plan for plan in engine.plans().values() if plan.in_force(today)]
    plans = Counter(role for plan in in_force for role in plan.roles)
    return {
        "roles": [
            {
                "id": r.id,
                "label": in_language(r.labels, lang, r.id),
                "hpr": r.hpr,
                "styrk08": r.styrk08,
                "broader": r.broader,
                "plans": plans[r.id],
                "requirements": len(engine.obligations(r.id)) if plans[r.id] else 0,
            }
            for r in sorted(engine.roles().values(), key=lambda r: r.id)
        ]
    }


def plan_list(engine: Engine, lang: Language) -> dict[str, Any]:
    """Return all plans in id order, retired ones too."""
    today = engine.today()
    return {
        "plans": [
            {
                "id": p.id,
                "label": in_language(p.labels, lang, p.id),
                "kind": p.kind,
                "version": p.version,
                "state": plan_state(p, today),
                "valid_from": p.valid_from,
                "valid_to": p.valid_to,
                "editions": list(p.editions),
                "roles": len(p.roles),
                "requirements": len({line.requirement for line in p.lines}),
            }
            for p in sorted(engine.plans().values(), key=lambda p: p.id)
        ]
    }


def requirement_list(engine: Engine, lang: Language) -> dict[str, Any]:
    """Return the requirements that count in id order; how many resources serve each is not known before an index run.

    `resources` are stated to serve it, `proposed` by the program only. A requirement that was replaced is left out.
    """
    today = engine.today()
    in_force = [plan for plan in engine.plans().values() if plan.in_force(today)]
    plans = Counter(q for plan in in_force for q in {line.requirement for line in plan.lines})
    try:
        graph = engine.graph()
    except IndexMissing:
        graph = None

    def linked(id_: str, kind: EdgeKind) -> int | None:
        node = f"requirement:{id_}"
        return None if graph is None else len(graph.edges_to(node, {kind})) if node in graph else 0

    return {
        "requirements": [
            {
                "id": q.id,
                "label": in_language(q.labels, lang, q.id),
                "code": q.code,
                "kind": q.kind,
                "plans": plans[q.id],
                "resources": linked(q.id, "teaches"),
                "proposed": linked(q.id, "proposed_teaches"),
            }
            for q in sorted(engine.requirements().values(), key=lambda q: q.id)
            if q.replaced_by is None
        ]
    }


def plan_state(plan: Plan, on: date) -> str:
    """Return whether a plan counts on a day: a key of `PLAN_STATES`.

    Examples
    --------
    >>> plan_state(Plan("p", {}, valid_from=date(2027, 1, 1)), date(2026, 11, 21))
    'later'
    """
    if plan.retired is not None and plan.retired <= on:
        return "retired"
    if plan.in_force(on):
        return "in_force"
    return "over" if plan.valid_to is not None and plan.valid_to < on else "later"


def list_table(document: Mapping[str, Any], lang: Language) -> Table:
    """Return a list as a table to read."""
    (kind,) = document
    shown = _SHOWN[kind]

    def cell(row: Mapping[str, Any], name: str) -> Value:
        value: Value = row[name]
        return PLAN_STATES[lang][str(value)] if name == "state" else value

    rows = tuple(tuple(cell(row, name) for name in shown) for row in document[kind])
    return Table(_CAPTIONS[lang][kind], tuple(_HEADS[lang][name] for name in shown), rows)
