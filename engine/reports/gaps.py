"""What has nobody made yet? Gaps as a document and a table, with a sentence for each in nb, nn and en."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

from engine.errors import NotFound
from engine.facets import value_label
from engine.reports.coverage import LANGUAGES, editions_of
from engine.reports.serving import serving_resources
from engine.reports.status import label_of
from engine.reports.tables import Table
from engine.search import ALL_EDITIONS
from engine.service import Engine
from graph.coverage import ServingResource
from graph.forecast import plan_renewals
from graph.gaps import Gap, GapState, Sort, gaps
from graph.plans import COMMON
from graph.status import Language
from graph.validity import add_months

By = Literal["requirement", "language", "type"]
"""How fine gaps are told apart: no resource at all, none in a language, none of a type."""

AHEAD: Final = 24
"""How far ahead renewals by plans are looked for [months]."""

Texts = Mapping[str, str]
STATE_NAMES: Final[Mapping[GapState, Texts]] = {
    "proposed": {"nb": "foreslått lenke", "nn": "føreslått lenkje", "en": "proposed link"},
    "expired": {"nb": "revisjonsdato utløpt", "nn": "revisjonsdato gått ut", "en": "review date passed"},
    "elsewhere": {"nb": "finnes i annen form", "nn": "finst i anna form", "en": "exists in another form"},
    "nothing": {"nb": "ingenting finnes", "nn": "ingenting finst", "en": "nothing there"},
}
_TEXTS: Final[Mapping[str, Texts]] = {
    "gap": {
        "nb": "{plans} og {roles} spør etter «{label}»; ingen gyldig ressurs{where}.",
        "nn": "{plans} og {roles} spør etter «{label}»; ingen gyldig ressurs{where}.",
        "en": "{plans} and {roles} ask for “{label}”; no valid resource{where}.",
    },
    "language": {"nb": " på {0}", "nn": " på {0}", "en": " in {0}"},
    "type": {"nb": " av typen {0}", "nn": " av typen {0}", "en": " of the type {0}"},
    "proposed": {
        "nb": " {n} foreslått av programmet venter på avgjørelse.",
        "nn": " {n} føreslått av programmet ventar på avgjerd.",
        "en": " {n} proposed by the program awaits a ruling.",
    },
    "expired": {
        "nb": " {n} har passert revisjonsdatoen.",
        "nn": " {n} har passert revisjonsdatoen.",
        "en": " {n} past the review date.",
    },
    "elsewhere": {
        "nb": " {n} finnes på et annet språk, av en annen type eller i en annen utgave.",
        "nn": " {n} finst på eit anna språk, av ein annan type eller i ei anna utgåve.",
        "en": " {n} in another language, of another type or in another edition.",
    },
    "due": {
        "nb": " Planene fornyer det neste gang {0}.",
        "nn": " Planane fornyar det neste gong {0}.",
        "en": " Plans renew it next on {0}.",
    },
    "plan": {"nb": "plan", "nn": "plan", "en": "plan"},
    "plans": {"nb": "planer", "nn": "planar", "en": "plans"},
    "role": {"nb": "rolle", "nn": "rolle", "en": "role"},
    "roles": {"nb": "roller", "nn": "roller", "en": "roles"},
}
HEADINGS: Final[Mapping[str, Texts]] = {
    "requirement": {"nb": "Krav", "nn": "Krav", "en": "Requirement"},
    "label": {"nb": "Navn", "nn": "Namn", "en": "Name"},
    "edition": {"nb": "Utgave", "nn": "Utgåve", "en": "Edition"},
    "language": {"nb": "Språk", "nn": "Språk", "en": "Language"},
    "resource_type": {"nb": "Type", "nn": "Type", "en": "Type"},
    "plans": {"nb": "Planer", "nn": "Planar", "en": "Plans"},
    "roles": {"nb": "Roller", "nn": "Roller", "en": "Roles"},
    "due": {"nb": "Fornyes", "nn": "Blir fornya", "en": "Renewed"},
    "state": {"nb": "Tilstand", "nn": "Tilstand", "en": "State"},
    "proposed": {"nb": "Foreslått", "nn": "Føreslått", "en": "Proposed"},
    "expired": {"nb": "Utløpt", "nn": "Gått ut", "en": "Expired"},
    "elsewhere": {"nb": "I annen form", "nn": "I anna form", "en": "In another form"},
    "plan_ids": {"nb": "Planer (id)", "nn": "Planar (id)", "en": "Plans (id)"},
    "role_ids": {"nb": "Roller (id)", "nn": "Roller (id)", "en": "Roles (id)"},
}
CAPTION: Final[Texts] = {"nb": "Hull", "nn": "Hol", "en": "Gaps"}


def gaps_of(
    engine: Engine,
    *,
    on: date | None = None,
    edition: str | None = None,
    by: By = "requirement",
    languages: Sequence[str] = (),
    resource_types: Sequence[str] = (),
    roles: Sequence[str] = (),
    sort: Sort = "plans",
) -> list[Gap]:
    """Return the requirements that plans ask for and nothing valid teaches.

    Parameters
    ----------
    engine : Engine
        Plans and resources.
    on : date, optional
        The day; default today.
    edition : str, optional
        Where to look: default the common edition; ``alle`` is each that there is.
    by : {"requirement", "language", "type"}
        Whether any resource will do, or one in each language, or of each type that there is.
    languages, resource_types : sequences of str
        Only in these languages, of these types.
    roles : sequence of str
        Only what is asked of one of these roles.
    sort : {"plans", "roles", "due", "requirement"}
        What comes first.

    Raises
    ------
    NotFound
        If there is no such role.
    """
    for role in roles:
        if role not in engine.roles():
            raise NotFound(f"no role has the id {role!r}")
    day, resources = on or engine.today(), serving_resources(engine)
    return gaps(
        list(engine.plans().values()),
        resources,
        on=day,
        editions=editions_of(engine, resources) if edition == ALL_EDITIONS else [edition or COMMON],
        languages=_asked(languages, LANGUAGES, by == "language"),
        resource_types=_asked(resource_types, _types(resources, day), by == "type"),
        roles=roles,
        due=next_renewals(engine, day, None if edition == ALL_EDITIONS else edition),
        sort=sort,
    )


def next_renewals(engine: Engine, day: date, edition: str | None) -> dict[str, date]:
    """Return the next day on which plans renew each requirement, within `AHEAD` months."""
    try:
        last = add_months(day, AHEAD)
    except (OverflowError, ValueError):
        last = date.max
    found: dict[str, date] = {}
    for renewal in plan_renewals(
        engine.plans().values(), engine.requirements(), first=day, last=last, edition=edition
    ):
        found.setdefault(renewal.requirement, renewal.day)
    return found


def gaps_document(engine: Engine, found: Sequence[Gap], *, lang: Language = "nb") -> dict[str, Any]:
    """Return gaps as a JSON object, in the order that they have."""
    return {"total": len(found), "gaps": [_row(engine, gap, lang) for gap in found]}


def gaps_table(document: dict[str, Any], lang: Language | None = None) -> Table:
    """Return gaps as a table; without a language headings are the names of fields."""
    names = tuple(HEADINGS)
    header = names if lang is None else tuple(HEADINGS[name][lang] for name in names)
    rows = tuple(
        (
            row["requirement"], row["label"], row["edition"], row["language"] or "",
            row["resource_type"] or "", len(row["plans"]), len(row["roles"]), row["due"] or "",
            row["state_label"], len(row["proposed"]), len(row["expired"]), len(row["elsewhere"]),
            " ".join(row["plans"]), " ".join(row["roles"]),
        )
        for row in document["gaps"]
    )  # fmt: skip
    return Table(CAPTION[lang or "en"], header, rows)


def _row(engine: Engine, gap: Gap, lang: Language) -> dict[str, Any]:
    return {
        "requirement": gap.requirement,
        "label": label_of(engine, gap.requirement, lang),
        "edition": gap.edition,
        "edition_label": value_label("edition", gap.edition, engine.vocabulary, lang),
        "language": gap.language,
        "resource_type": gap.resource_type,
        "plans": list(gap.plans),
        "roles": list(gap.roles),
        "due": gap.due.isoformat() if gap.due else None,
        "state": gap.state,
        "state_label": STATE_NAMES[gap.state][lang],
        "proposed": list(gap.proposed),
        "expired": list(gap.expired),
        "elsewhere": list(gap.elsewhere),
        "sentence": gap_sentence(engine, gap, lang),
    }


def gap_sentence(engine: Engine, gap: Gap, lang: Language) -> str:
    """Return a gap as a sentence: who asks, what is missing, what is nearly there."""
    where = ""
    if gap.resource_type is not None:
        kind = value_label("resource_type", gap.resource_type, engine.vocabulary, lang)
        where += _TEXTS["type"][lang].format(kind or "–")
    if gap.language is not None:
        where += _TEXTS["language"][lang].format(
            value_label("language", gap.language, engine.vocabulary, lang)
        )
    said = _TEXTS["gap"][lang].format(
        label=label_of(engine, gap.requirement, lang),
        plans=_counted("plan", len(gap.plans), lang),
        roles=_counted("role", len(gap.roles), lang),
        where=where,
    )
    for name, ids in (("proposed", gap.proposed), ("expired", gap.expired), ("elsewhere", gap.elsewhere)):
        if ids:
            said += _TEXTS[name][lang].format(n=len(ids))
    return said + (_TEXTS["due"][lang].format(gap.due.isoformat()) if gap.due else "")


def _counted(what: str, n: int, lang: Language) -> str:
    return f"{n} {_TEXTS[what if n == 1 else f'{what}s'][lang]}"


def _asked(chosen: Sequence[str], every: Sequence[str], each: bool) -> Sequence[str | None]:
    return chosen or (every if each else (None,))


def _types(resources: Sequence[ServingResource], day: date) -> list[str]:
    return sorted({r.resource_type for r in resources if r.valid(day) and r.resource_type})
