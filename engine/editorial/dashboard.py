"""How does an edition or a topic stand? Numbers for editors, each with the list that has exactly so many rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

from engine.editorial.proposed_links import proposed_links
from engine.editorial.review_lists import ReviewFilter, ReviewLists, See
from engine.editorial.shelf import ShelfRow
from engine.entry import with_ancestors
from engine.facets import value_label
from engine.model import Resource
from engine.search import ALL_EDITIONS
from engine.service import Engine
from graph.status import COLOUR_WORDS, Colour, Language

STALE: Final = "/v1/editor/stale"
LINKS: Final = "/v1/editor/links"
DUPLICATES: Final = "/v1/editor/duplicates"

_NUMBERS: Final[Mapping[str, tuple[ReviewFilter, Colour]]] = {
    "published": (ReviewFilter("all"), "green"),
    "drafts": (ReviewFilter("all", status="draft"), "grey"),
    "expired": (ReviewFilter("expired"), "red"),
    "due_30": (ReviewFilter("due", 30), "yellow"),
    "due_90": (ReviewFilter("due", 90), "yellow"),
    "undated": (ReviewFilter("undated"), "grey"),
}
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nb": {
        "published": "Publisert",
        "drafts": "Utkast",
        "expired": "Gått ut",
        "due_30": "Frist innen 30 dager",
        "due_90": "Frist innen 90 dager",
        "undated": "Uten dato for gjennomgang",
        "duplicates": "Mulige dubletter å ta stilling til",
        "links": "Foreslåtte koblinger å ta stilling til",
    },
    "nn": {
        "published": "Publisert",
        "drafts": "Utkast",
        "expired": "Gått ut",
        "due_30": "Frist innan 30 dagar",
        "due_90": "Frist innan 90 dagar",
        "undated": "Utan dato for gjennomgang",
        "duplicates": "Moglege dublettar å ta stilling til",
        "links": "Føreslegne koplingar å ta stilling til",
    },
    "en": {
        "published": "Published",
        "drafts": "Drafts",
        "expired": "Expired",
        "due_30": "Due within 30 days",
        "due_90": "Due within 90 days",
        "undated": "Without a review date",
        "duplicates": "Possible duplicates to decide on",
        "links": "Proposed links to rule on",
    },
}


@dataclass(slots=True)
class _Tally:
    """Counts of each number, by the value that they are counted for."""

    of: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, values: Iterable[str], name: str) -> None:
        for value in values:
            counts = self.of.setdefault(value, dict.fromkeys(_NUMBERS, 0))
            counts[name] += 1


def dashboard(
    engine: Engine,
    see: See,
    may_rule: Callable[[str], bool],
    *,
    edition: str = "",
    topic: str = "",
    lang: Language = "nb",
) -> dict[str, Any]:
    """Return the numbers, for all themes and types too.

    Of duplicates and links the number is None where it is not at hand: nothing long is begun for it. Both are left
    out for a topic, whose lists of duplicates there are none.

    Parameters
    ----------
    see : callable
        Tells which resources may be shown.
    may_rule : callable
        Tells of an edition whether the asker may rule on its resources.
    """
    lists = ReviewLists(engine, see)
    about = ReviewFilter("all", edition=edition, topic=topic)
    whole, themes, types = _Tally(), _Tally(), _Tally()
    for name, (wanted, _) in _NUMBERS.items():
        for found in lists.rows_of(_narrowed(wanted, about)):
            whole.add([""], name)
            themes.add(lists.topics(found.resource), name)
            types.add(lists.types(found.resource), name)
    totals = whole.of.get("", dict.fromkeys(_NUMBERS, 0))
    numbers = [_number(name, totals[name], about, lang) for name in _NUMBERS]
    links = proposed_links(engine, lists, about, may_rule)
    said = {"edition": edition, "topic": topic}
    numbers.append(_other("links", None if links is None else len(links), "yellow", LINKS, said, lang))
    if not topic:
        one = "" if edition == ALL_EDITIONS else edition
        count = _duplicates(engine, see, one)
        numbers.append(_other("duplicates", count, "yellow", DUPLICATES, {"edition": one}, lang))
    return {
        "on": lists.today.isoformat(),
        "edition": edition,
        "edition_label": value_label("edition", edition, engine.vocabulary, lang) if edition else "",
        "topic": topic,
        "topic_label": value_label("theme", topic, engine.vocabulary, lang) if topic else "",
        "numbers": numbers,
        "themes": _rows(engine, themes, "theme", "topic", about, lang),
        "resource_types": _rows(engine, types, "resource_type", "resource_type", about, lang),
    }


def _narrowed(wanted: ReviewFilter, about: ReviewFilter) -> ReviewFilter:
    return replace(wanted, edition=about.edition, topic=about.topic, resource_type=about.resource_type)


def _rows(
    engine: Engine, tally: _Tally, facet: str, narrows: str, about: ReviewFilter, lang: Language
) -> list[dict[str, Any]]:
    """Return one row a value; of a topic in a topic the filter can say no more than the narrower one."""
    rows: list[dict[str, Any]] = []
    for value, counts in tally.of.items():
        if (
            about.topic
            and narrows == "topic"
            and value != about.topic
            and not _is_narrower(engine, value, about)
        ):
            continue
        inside = replace(about, topic=value) if narrows == "topic" else replace(about, resource_type=value)
        label = value_label(facet, value, engine.vocabulary, lang)
        cells = [_number(name, counts[name], inside, lang) for name in _NUMBERS]
        rows.append({"value": value, "label": label, "numbers": cells})
    return sorted(rows, key=lambda row: (row["label"].casefold(), row["value"]))


def _is_narrower(engine: Engine, topic: str, about: ReviewFilter) -> bool:
    return about.topic in with_ancestors("tema", [topic], engine.vocabulary)


def _number(name: str, n: int, about: ReviewFilter, lang: Language) -> dict[str, Any]:
    wanted, colour = _NUMBERS[name]
    query = _narrowed(wanted, about).query()
    return _cell(name, n, colour, STALE, query, lang)


def _other(
    name: str, n: int | None, colour: Colour, address: str, said: Mapping[str, str], lang: Language
) -> dict[str, Any]:
    return _cell(name, n, colour, address, {key: value for key, value in said.items() if value}, lang)


def _cell(
    name: str, n: int | None, colour: Colour, address: str, query: Mapping[str, str], lang: Language
) -> dict[str, Any]:
    shown: Colour = colour if n else "grey"
    return {
        "name": name,
        "label": _WORDS[lang][name],
        "n": n,
        "colour": shown,
        "colour_label": COLOUR_WORDS[lang][shown],
        "filter": dict(query),
        "list": f"{address}?{urlencode(query)}" if query else address,
    }


def _duplicates(engine: Engine, see: See, edition: str) -> int | None:
    """Return how many groups the list of duplicates has; None where the bank has not been compared yet."""
    if not engine.duplicates.at_hand():
        return None
    count = 0
    for group in engine.duplicates.groups():
        members = engine.duplicates.members(group)
        count += all(see(_seen(r)) for r in members) and (
            not edition or edition in {r.edition for r in members}
        )
    return count


def _seen(resource: Resource) -> ShelfRow:
    return ShelfRow(
        resource.id, resource.title, "", resource.language, "", resource.edition, resource.status, None, None, (), (), ""
    )  # fmt: skip
