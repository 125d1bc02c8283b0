"""Which plan is in a CASE document? CFDocument, CFItems and CFAssociations of 1EdTech's CASE 1.1.

A document is a plan, its items are requirements, and the items that none is a child of are its lines.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from graph.model import Plan, PlanKind
from indexer.labels import slug
from indexer.plan_files.draft import Draft
from indexer.plan_files.framework import Framework, Item, day_of, labelled
from indexer.plan_files.problem import Place
from indexer.plan_files.wording import language_of, level_of, plan_kind_of
from vocab.concept import Lang

_LANGUAGES: Mapping[str, Lang] = {"no": "nb", "nb": "nb", "nn": "nn", "en": "en", "se": "se"}

Json = Mapping[str, Any]


def read_case(document: Json, file: str, lang: str, draft: Draft) -> list[Framework]:
    """Return the plan of a CASE package, and note in the draft what could not be read."""
    head = document["CFDocument"] if isinstance(document["CFDocument"], dict) else {}
    usual = _language(head, "")
    items: dict[str, Item] = {}
    for number, raw in enumerate(_objects(document.get("CFItems")), 1):
        key = str(raw.get("identifier") or raw.get("uri") or "")
        place = Place(
            file, "CFItems", number, None, key or None, str(raw.get("humanCodingScheme") or "") or None
        )
        statement = str(raw.get("fullStatement") or "").strip()
        if not key or not statement or key in items:
            why = f"{key!r} stands twice" if key in items else "identifier or fullStatement is missing"
            draft.note(place.problem("not-read", lang, why=why))
            draft.skip("requirements", key or str(number))
            continue
        items[key] = _item(raw, key, statement, place, usual)
        ended = day_of(raw.get("statusEndDate"))
        if ended is not None and ended < (day_of(head.get("statusEndDate")) or ended.max):
            items[key].line = False
            draft.note(place.doubt("ended", lang, value=ended))
    order = _associate(document, items, file, lang, draft)
    parents = {item.parent for item in items.values() if item.parent}
    for item in items.values():
        item.line = item.line and item.key not in parents
    title = str(head.get("title") or file.rsplit(".", 1)[0])
    codes = [item.code for item in items.values() if item.code and item.line]
    kind: PlanKind = plan_kind_of(codes) or "role_plan"
    deprecated = head.get("adoptionStatus") == "Deprecated"
    plan = Plan(
        slug(str(head.get("identifier") or title))[:100],
        {usual or "nb": title},
        kind=kind,
        owner=str(head.get("creator") or ""),
        version=str(head.get("version") or "1"),
        valid_from=day_of(head.get("statusStartDate")),
        valid_to=day_of(head.get("statusEndDate")),
        retired=day_of(head.get("lastChangeDateTime")) if deprecated else None,
        retired_reason="Deprecated" if deprecated else "",
        source=str(head.get("officialSourceURL") or head.get("uri") or file),
    )
    return [Framework(plan, Place(file, "CFDocument"), _in_order(items, order))]


def _item(raw: Json, key: str, statement: str, place: Place, usual: Lang | None) -> Item:
    short = str(raw.get("abbreviatedStatement") or "").strip()
    language = _language(raw, statement) or usual or "nb"
    label, rest = labelled(statement)
    if short:
        label, rest = labelled(short)[0], statement
    return Item(
        key,
        place,
        str(raw.get("humanCodingScheme") or "").strip(),
        {language: label},
        {language: rest} if rest and rest != label else {},
        level_of(statement),
    )


def _associate(
    document: Json, items: dict[str, Item], file: str, lang: str, draft: Draft
) -> dict[str, float]:
    """Tie the items together; return the place of each among its siblings."""
    order: dict[str, float] = {}
    skipped: Counter[str] = Counter()
    translated: list[str] = []
    head = (
        str(document["CFDocument"].get("identifier") or "")
        if isinstance(document["CFDocument"], dict)
        else ""
    )
    for number, raw in enumerate(_objects(document.get("CFAssociations")), 1):
        kind = str(raw.get("associationType") or "")
        place = Place(file, "CFAssociations", number, None, kind)
        start, end = _end(raw.get("originNodeURI")), _end(raw.get("destinationNodeURI"))
        if kind == "isChildOf" and start in items and (end == head or end in items):
            items[start].parent = end if end in items else None
            order[start] = _number(raw.get("sequenceNumber"))
        elif kind not in {"isChildOf", "precedes", "exactMatchOf", "replacedBy", "isTranslationOf"}:
            skipped[kind or "?"] += 1
        elif start not in items or end not in items:
            draft.note(place.doubt("end-missing", lang, kind=kind, name=end if start in items else start))
        elif kind == "precedes":
            items[end].prerequisites.append(start)
        elif kind == "exactMatchOf":
            items[start].same_as.append(end)
        elif kind == "replacedBy":
            items[start].replaced_by = end
            items[start].line = False
        else:
            for language, text in items[start].labels.items():
                items[end].labels.setdefault(language, text)
            for language, text in items[start].description.items():
                items[end].description.setdefault(language, text)
            translated.append(start)
    for key in translated:
        items.pop(key, None)
    for kind, count in sorted(skipped.items()):
        draft.note(Place(file, "CFAssociations").doubt("association-skipped", lang, count=count, kind=kind))
    return order


def _in_order(items: Mapping[str, Item], order: Mapping[str, float]) -> list[Item]:
    """Return the items as the tree is read, parents first; a circle of parents does no harm."""
    below: dict[str | None, list[Item]] = {}
    for item in items.values():
        below.setdefault(item.parent if item.parent in items else None, []).append(item)
    found: dict[str, Item] = {}

    waiting = sorted(below.get(None, ()), key=lambda i: order.get(i.key, 0.0), reverse=True)
    while waiting:
        item = waiting.pop()
        if item.key in found:
            continue
        found[item.key] = item
        waiting += sorted(below.get(item.key, ()), key=lambda i: order.get(i.key, 0.0), reverse=True)
    return [*found.values(), *(item for key, item in items.items() if key not in found)]


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _end(value: object) -> str:
    """Return the identifier at an end of an association, given as an object, a URI or an identifier."""
    if isinstance(value, dict):
        return str(value.get("identifier") or _end(value.get("uri")))
    return str(value or "").rstrip("/").rsplit("/", 1)[-1]


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def _language(raw: Json, text: str) -> Lang | None:
    stated = str(raw.get("language") or "").split("-")[0].lower()
    if stated in _LANGUAGES:
        return _LANGUAGES[stated]
    return _LANGUAGES.get(language_of([text])) if text else None
