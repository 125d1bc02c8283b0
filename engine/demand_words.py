"""How is demand told to an editor? A sentence a query, a table, and one document; in nb, nn and en."""

from collections.abc import Mapping
from typing import Any, Final

from engine.demand import LANGUAGES, MUST_BE_IN, Demand, Gap, QueryRow, RequirementDemand
from engine.reports.tables import Table
from engine.service import Engine
from engine.statistics_ports import HITS, SHOWN_FROM
from graph.status import Language
from vocab.concept import Lang

GAPS: Final[Mapping[Gap, Mapping[Lang, str]]] = {
    "no_hits": {"nb": "ingen treff", "nn": "ingen treff", "en": "no hits"},
    "few_hits": {"nb": "få treff", "nn": "få treff", "en": "few hits"},
    "no_resource": {
        "nb": "krav uten ressurs",
        "nn": "krav utan ressurs",
        "en": "requirement without resource",
    },
    "no_language": {"nb": "mangler målform", "nn": "manglar målform", "en": "missing in a language"},
}

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "nb": {
        "searches": "{n} søk etter «{query}»",
        "mostly_0": ", de fleste uten treff",
        "mostly_1": ", de fleste med 1–3 treff",
        "requirement": "et krav i {plans} ({label})",
        "wider": "ikke selv et krav, men under et i {plans} ({label})",
        "plans_1": "1 plan",
        "plans": "{n} planer",
        "none": "ingen krav gjelder dette",
        "resources": "{n} ressurser på {language}",
        "resources_1": "1 ressurs på {language}",
        "near": "nærmeste begrep: {label}",
        "nb": "bokmål",
        "nn": "nynorsk",
        "en": "engelsk",
        "title": "Etterspørsel {since} til {until}",
        "lead": "Omtrent {n} søk i alt. Tall under {least} vises ikke.",
    },
    "nn": {
        "searches": "{n} søk etter «{query}»",
        "mostly_0": ", dei fleste utan treff",
        "mostly_1": ", dei fleste med 1–3 treff",
        "requirement": "eit krav i {plans} ({label})",
        "wider": "ikkje sjølv eit krav, men under eitt i {plans} ({label})",
        "plans_1": "1 plan",
        "plans": "{n} planar",
        "none": "ingen krav gjeld dette",
        "resources": "{n} ressursar på {language}",
        "resources_1": "1 ressurs på {language}",
        "near": "næraste omgrep: {label}",
        "nb": "bokmål",
        "nn": "nynorsk",
        "en": "engelsk",
        "title": "Etterspurnad {since} til {until}",
        "lead": "Om lag {n} søk i alt. Tal under {least} blir ikkje viste.",
    },
    "en": {
        "searches": "{n} searches for “{query}”",
        "mostly_0": ", most without hits",
        "mostly_1": ", most with 1–3 hits",
        "requirement": "a requirement in {plans} ({label})",
        "wider": "no requirement itself, but below one in {plans} ({label})",
        "plans_1": "1 plan",
        "plans": "{n} plans",
        "none": "no requirement is about it",
        "resources": "{n} resources in {language}",
        "resources_1": "1 resource in {language}",
        "near": "nearest concept: {label}",
        "nb": "Bokmål",
        "nn": "Nynorsk",
        "en": "English",
        "title": "Demand from {since} to {until}",
        "lead": "About {n} searches in all. Numbers below {least} are not shown.",
    },
}


def demand_sentence(row: QueryRow, near: str, lang: str) -> str:
    """Return a query as one sentence; `near` is the label of the nearest concept, empty when it is named.

    Examples
    --------
    >>> asked = RequirementDemand("k", {"en": "delirium"}, ("a", "b"), (), {"nb": 1, "nn": 0, "en": 0})
    >>> row = QueryRow("delir hos eldre", 34, 1, {}, {}, requirements=(asked,))
    >>> demand_sentence(row, "", "en")
    '34 searches for “delir hos eldre”, most with 1–3 hits; a requirement in 2 plans (delirium); 1 resource in Bokmål, 0 resources in Nynorsk.'
    """
    words = _WORDS[lang]
    parts = [
        words["searches"].format(n=row.searches, query=row.query) + words.get(f"mostly_{row.mostly}", "")
    ]
    if row.requirements:
        q = row.requirements[0]
        n = len(q.plans)
        plans = words["plans_1"] if n == 1 else words["plans"].format(n=n)
        parts.append(words["wider" if q.wider else "requirement"].format(plans=plans, label=_label(q, lang)))
        if q.resources is not None:
            parts.append(", ".join(_resources(q.resources.get(x, 0), x, words) for x in MUST_BE_IN))
    else:
        parts.append(words["none"])
    if near:
        parts.append(words["near"].format(label=near))
    return "; ".join(parts) + "."


def demand_document(found: Demand, engine: Engine, lang: Language) -> dict[str, Any]:
    """Return demand as a JSON object, each query with its sentence."""
    words = _WORDS[lang]
    since, until = found.since.isoformat(), found.until.isoformat()
    return {
        "since": since,
        "until": until,
        "counted": engine.counter.counts,
        "shown_from": SHOWN_FROM,
        "searches": found.searches,
        "in_writing": found.in_writing,
        "title": words["title"].format(since=since, until=until),
        "lead": words["lead"].format(n=found.searches, least=SHOWN_FROM),
        "queries": [_row_out(row, engine, lang) for row in found.rows],
    }


def demand_table(document: Mapping[str, Any]) -> Table:
    """Return demand as a table, one row a query."""
    header = (
        "query", "searches", "mostly_hits", "without_hits", "few_hits", "clicks", "gap", "concept", "requirement",
        "requirement_label", "plans", "roles", *(f"resources_{lang}" for lang in LANGUAGES), "sentence",
    )  # fmt: skip
    rows = []
    for row in document["queries"]:
        q = row["requirements"][0] if row["requirements"] else None
        resources = (q or {}).get("resources") or {}
        rows.append(
            (
                row["query"], row["searches"], row["mostly_hits"], row["hits"].get("0"), row["hits"].get("1-3"),
                row["clicks"], row["gap_label"], row["concept"], q and q["requirement"], q and q["label"],
                len(q["plans"]) if q else None, len(q["roles"]) if q else None,
                *(resources.get(lang) for lang in LANGUAGES), row["sentence"],
            )
        )  # fmt: skip
    return Table(document["title"], header, tuple(rows))


HITS_NAMES: Final[Mapping[int, str]] = dict(zip(HITS, ("0", "1-3", "4-"), strict=True))
POSITION_NAMES: Final[Mapping[int, str]] = {0: "page", 1: "1", 2: "2-3", 4: "4-10", 11: "11-"}


def _row_out(row: QueryRow, engine: Engine, lang: Language) -> dict[str, Any]:
    label = engine.vocabulary.label(row.concept, lang) if row.concept else ""
    return {
        "query": row.query,
        "searches": row.searches,
        "mostly_hits": HITS_NAMES[row.mostly],
        "hits": {HITS_NAMES[h]: n for h, n in sorted(row.hits.items())},
        "editions": dict(sorted(row.editions.items())),
        "clicks": row.clicks,
        "click_rate": round(row.clicks / row.searches, 2) if row.clicks is not None else None,
        "positions": {POSITION_NAMES[p]: n for p, n in sorted(row.positions.items())},
        "gap": row.gap,
        "gap_label": GAPS[row.gap][lang] if row.gap else None,
        "concept": row.concept,
        "concept_label": label or None,
        "concept_named": row.named,
        "requirements": [
            {
                "requirement": q.requirement,
                "label": _label(q, lang),
                "plans": list(q.plans),
                "roles": list(q.roles),
                "resources": dict(q.resources) if q.resources is not None else None,
                "wider": q.wider,
                "lacks": list(q.lacks) if q.resources is not None else [],
            }
            for q in row.requirements
        ],
        "sentence": demand_sentence(row, "" if row.named else label, lang),
    }


def _resources(n: int, language: str, words: Mapping[str, str]) -> str:
    return words["resources_1" if n == 1 else "resources"].format(n=n, language=words[language])


def _label(q: RequirementDemand, lang: str) -> str:
    names: Mapping[Any, str] = q.labels
    return names.get(lang) or names.get("nb") or next(iter(names.values()), q.requirement)
