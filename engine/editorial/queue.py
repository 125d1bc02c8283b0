"""What is there to do, and why? One work list: expired, due soon, and what rests on a source that has changed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

from engine.editorial.authority_changes import Waiting, changed_on, changes_of
from engine.editorial.difference import changed
from engine.editorial.review_lists import ReviewFilter, ReviewLists, ReviewRow, See, row_document
from engine.editorial.words import HEADINGS, review_sentence, state_label
from engine.entry import with_ancestors
from engine.errors import InvalidRequest
from engine.facets import value_label
from engine.model import ALL_EDITIONS, COMMON_EDITION
from engine.reports.tables import Painted, Table
from engine.service import Engine
from graph.model import Requirement
from graph.status import COLOUR_WORDS, Colour, Language

ReasonKind = Literal["expired", "due", "authority", "requirement"]
REASONS: Final[tuple[ReasonKind, ...]] = ("expired", "authority", "requirement", "due")
_COLOURS: Final[Mapping[ReasonKind, Colour]] = {
    "expired": "red",
    "authority": "red",
    "requirement": "red",
    "due": "yellow",
}
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nb": {
        "authority": "Kilden er endret",
        "requirement": "Kravet er endret",
        "said": "«{title}» er endret {day}.",
        "versions": "«{title}» er endret {day}, fra {before} til {after}.",
        "resource": "ressurs",
        "asks": "krav",
    },
    "nn": {
        "authority": "Kjelda er endra",
        "requirement": "Kravet er endra",
        "said": "«{title}» er endra {day}.",
        "versions": "«{title}» er endra {day}, frå {before} til {after}.",
        "resource": "ressurs",
        "asks": "krav",
    },
    "en": {
        "authority": "The source has changed",
        "requirement": "The requirement has changed",
        "said": "“{title}” changed on {day}.",
        "versions": "“{title}” changed on {day}, from {before} to {after}.",
        "resource": "resource",
        "asks": "requirement",
    },
}


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A resource or a requirement with what speaks for looking at it, the most urgent first."""

    id: str
    edition: str
    row: ReviewRow | None
    requirement: Requirement | None
    waiting: tuple[Waiting, ...]
    reasons: tuple[ReasonKind, ...]

    @property
    def urgency(self) -> tuple[int, date, str]:
        """What items are sorted by: the reason, then the earliest date, then the id."""
        days = [changed_on(w) for w in self.waiting]
        if self.row is not None and self.row.resource.review_due and {"expired", "due"} & set(self.reasons):
            days.append(self.row.resource.review_due)
        return REASONS.index(self.reasons[0]), min(days, default=date.max), self.id


def work_queue(
    engine: Engine, see: See, wanted: ReviewFilter, *, reasons: Collection[ReasonKind] = REASONS
) -> list[QueueItem]:
    """Return the work list of a filter.

    Parameters
    ----------
    see : callable
        Tells which resources may be shown.
    wanted : ReviewFilter
        Its `within` says what is due; state and status do not matter: published resources, and requirements, which
        belong to the common edition and have no language, type or responsible.
    reasons : collection of str
        Only things with one of these; an item shows all of its reasons all the same.

    Raises
    ------
    InvalidRequest
        If a reason is none.
    """
    if odd := [r for r in reasons if r not in REASONS]:
        raise InvalidRequest(f"reason: one of {', '.join(REASONS)} is needed, got {odd[0]!r}")
    lists = ReviewLists(engine, see)
    waiting: dict[str, list[Waiting]] = {}
    for waits in changes_of(engine).waiting():
        waiting.setdefault(waits.item, []).append(waits)
    work = replace(wanted, state="work", status="published")
    rows = {row.resource.id: row for row in lists.rows_of(work)}
    for other in lists.within(work) if waiting else ():
        if other.id not in rows and f"resource:{other.id}" in waiting:
            rows[other.id] = lists.judged(other, work.within)
    found = []
    for row in rows.values():
        waits_for = waiting.get(f"resource:{row.resource.id}", [])
        kinds: set[ReasonKind] = {_kind(w) for w in waits_for}
        if row.state == "expired" or row.state == "due":
            kinds.add(row.state)
        if kinds:
            ordered = tuple(r for r in REASONS if r in kinds)
            found.append(
                QueueItem(
                    f"resource:{row.resource.id}", row.resource.edition, row, None, tuple(waits_for), ordered
                )
            )
    if not (wanted.responsible or wanted.resource_type or wanted.language) and wanted.edition in {
        "",
        ALL_EDITIONS,
        COMMON_EDITION,
    }:
        for item, waits_for in waiting.items():
            kind, _, name = item.partition(":")
            if kind == "requirement" and _on_topic(engine, name, wanted.topic):
                kinds = {_kind(w) for w in waits_for}
                ordered = tuple(r for r in REASONS if r in kinds)
                requirement = engine.requirements()[name]
                found.append(QueueItem(item, COMMON_EDITION, None, requirement, tuple(waits_for), ordered))
    return sorted((item for item in found if set(item.reasons) & set(reasons)), key=lambda item: item.urgency)


def _kind(waits: Waiting) -> ReasonKind:
    return "requirement" if waits.source.id.startswith("requirement:") else "authority"


def _on_topic(engine: Engine, name: str, topic: str) -> bool:
    if not topic:
        return True
    themes = [c.partition("/")[2] for c in engine.requirements()[name].concepts if c.startswith("tema/")]
    return topic in with_ancestors("tema", themes, engine.vocabulary)


def item_document(
    item: QueueItem, engine: Engine, today: date, lang: Language, may_write: Callable[[str], bool]
) -> dict[str, Any]:
    """Return an item as a document: what it is, and why it waits, in words."""
    words, vocabulary = _WORDS[lang], engine.vocabulary
    if item.row is not None:
        about = row_document(item.row, engine, today, lang)
        about = {"kind": "resource", "kind_label": words["resource"], **about}
    else:
        assert item.requirement is not None
        labels = {str(language): label for language, label in item.requirement.labels.items()}
        about = {
            "kind": "requirement",
            "kind_label": words["asks"],
            "id": item.requirement.id,
            "title": _in(labels, lang, item.requirement.id),
            "edition": COMMON_EDITION,
            "edition_label": value_label("edition", COMMON_EDITION, vocabulary, lang),
        }
    reasons = []
    for kind in item.reasons:
        if kind == "expired" or kind == "due":
            assert item.row is not None
            due = item.row.resource.review_due
            reasons.append(
                {
                    "kind": kind,
                    "colour": _COLOURS[kind],
                    "label": state_label(kind, lang),
                    "sentence": review_sentence(kind, due, today, lang),
                    "on": due.isoformat() if due else None,
                }
            )
        else:
            reasons += [_authority_reason(w, kind, lang) for w in item.waiting if _kind(w) == kind]
    return {"item": item.id, "may_write": may_write(item.edition), **about, "reasons": reasons}


def _authority_reason(waits: Waiting, kind: ReasonKind, lang: Language) -> dict[str, Any]:
    words = _WORDS[lang]
    title = _in(waits.source.labels, lang, waits.source.id)
    before, after = waits.before, waits.after
    template = (
        words["versions"]
        if before.version != after.version and before.version and after.version
        else words["said"]
    )
    day = changed_on(waits).isoformat()
    return {
        "kind": kind,
        "colour": _COLOURS[kind],
        "label": f"{words[kind]} ({COLOUR_WORDS[lang][_COLOURS[kind]]})",
        "sentence": template.format(title=title, day=day, before=before.version, after=after.version),
        "on": day,
        "source": waits.source.id,
        "source_title": title,
        "source_url": waits.source.url,
        "before": {"number": before.number, "version": before.version},
        "after": {"number": after.number, "version": after.version},
        "changes": [
            {"kind": s.kind, "before": s.before, "after": s.after} for s in changed(before.text, after.text)
        ],
    }


def queue_table(items: Sequence[Mapping[str, Any]], lang: Language) -> Table:
    """Return items (`item_document`) as a table for a file."""
    words = HEADINGS[lang]
    columns = ("title", "kind", "state", "reasons", "difference", "edition", "responsible", "id")
    rows = []
    for item in items:
        first = item["reasons"][0]
        changes = [c for reason in item["reasons"] for c in reason.get("changes", ())]
        rows.append(
            (
                item["title"],
                item["kind_label"],
                Painted(first["label"], first["colour"]),
                " ".join(reason["sentence"] for reason in item["reasons"]),
                "\n".join(f"«{c['before']}» → «{c['after']}»" for c in changes),
                item["edition_label"],
                item.get("responsible", ""),
                item["id"],
            )
        )
    return Table(words["queue"], tuple(words[name] for name in columns), tuple(rows))


def _in(labels: Mapping[str, str], lang: str, otherwise: str) -> str:
    """Return the label in a language, or in the first there is."""
    return labels.get(lang) or next((text for text in labels.values() if text), otherwise)
