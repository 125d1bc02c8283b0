"""How does somebody stand? The answer of `kompetansegraf status` and of ``/v1/status``, as one document."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.reports.standing import Filler, fillers, obligations_of
from engine.service import Engine
from graph.model import Evidence
from graph.status import (
    COLOUR_WORDS,
    Language,
    StatusLine,
    StatusSummary,
    rule_words,
    state_word,
    summary,
)
from graph.validity import Validity


def status_of(
    engine: Engine,
    role: str,
    *,
    plan: str | None = None,
    edition: str | None = None,
    done: Sequence[Evidence] = (),
    on: date | None = None,
) -> StatusSummary:
    """Return how somebody in a role stands on a day; raises NotFound or InvalidRequest."""
    day = on or engine.today()
    found = obligations_of(engine, [role], plan=plan, edition=edition, done=done, on=day)
    return summary(found, on=day)


def status_document(
    engine: Engine,
    found: StatusSummary,
    role: str,
    *,
    lang: Language = "nb",
    edition: str | None = None,
    plan: str | None = None,
    done: Sequence[Evidence] = (),
) -> dict[str, Any]:
    """Return a status as a JSON object, the most urgent requirement first."""
    best = fillers(engine, lang=lang)
    kinds: dict[str, set[str]] = {}
    for item in done:
        if item.evidence:
            kinds.setdefault(item.requirement, set()).add(item.evidence)
    rows = []
    for line in found.lines:
        name = line.obligation.requirement
        open_ = line.obligation.gap or line.obligation.state == "expires_soon"
        rows.append(
            {
                **line_record(engine, line, lang),
                "evidence": sorted(kinds.get(name, ())),
                "fills": filler_record(best(name, edition, role)) if open_ else None,
            }
        )
    return {
        "role": role,
        "plan": plan,
        "edition": edition,
        "on": found.on.isoformat(),
        "colours": dict(found.colours),
        "states": dict(found.states),
        "overdue": sum(line.overdue for line in found.lines),
        "requirements": rows,
        "due": [
            {"requirement": line.obligation.requirement, "due": _day(line.obligation.due), "days": line.days}
            for line in found.due
        ],
    }


def line_record(engine: Engine, line: StatusLine, lang: Language) -> dict[str, Any]:
    """Return one requirement with state, colour and due date, each with its word."""
    o = line.obligation
    rules = o.rules or (Validity(),)
    return {
        "requirement": o.requirement,
        "label": label_of(engine, o.requirement, lang),
        "necessity": o.necessity,
        "state": o.state,
        "state_word": state_word(o, lang),
        "colour": line.colour,
        "colour_word": COLOUR_WORDS[lang][line.colour],
        "due": _day(o.due),
        "days": line.days,
        "overdue": line.overdue,
        "gap": o.gap,
        "validity": o.validity,
        "rules": [{"months": r.months, "calendar": r.calendar} for r in o.rules],
        "renewed": " / ".join(rule_words(rule, lang) for rule in rules),
        "plans": list(o.plans),
    }


def filler_record(filler: Filler | None) -> dict[str, Any] | None:
    """Return the resource that fills a gap, or None when nothing does."""
    if filler is None:
        return None
    r = filler.resource
    return {"id": r.id, "title": r.title, "url": r.url, "minutes": r.duration, "stated": filler.stated}


def label_of(engine: Engine, requirement: str, lang: str) -> str:
    """Return what a requirement is called, its id when nobody knows."""
    known = engine.requirements().get(requirement)
    return in_language(known.labels, lang, requirement) if known else requirement


def in_language(labels: Mapping[Any, str], lang: str, fallback: str) -> str:
    """Return a label in a language, else in nb, nn or en, else the fallback."""
    return next((labels[name] for name in (lang, "nb", "nn", "en") if name in labels), fallback)


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
