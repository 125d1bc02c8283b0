"""What does a page need to know? Answers of the engine in the reader's words, ready for a template."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from urllib.parse import quote, urlencode

from fastapi import Request
from markupsafe import Markup

from api.editions import EDITIONS
from api.present import label_in, labels_of, marked, short
from api.texts import Translator
from engine.facets import value_label
from engine.model import COMMON_EDITION, FacetValue, Hit, Resource
from engine.search import review_expired
from engine.service import Engine
from graph.model import Requirement
from graph.plans import Obligation
from graph.status import Language, rule_words
from graph.validity import Validity
from vocab.concept import ConceptId

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class Links:
    """Addresses of pages; the language stays in them when it was in the address asked for."""

    def __init__(self, request: Request) -> None:
        self.lang = request.query_params.get("lang", "")
        # one slash before it: an address that begins with two, or with a backslash, names another host
        self.path = "/" + quote(request.scope["path"].lstrip("/"), safe="/:@!$&'()*+,;=~", errors="replace")
        self.items = [(k, v) for k, v in request.query_params.multi_items() if v and k != "cursor"]

    def to(self, path: str, *items: tuple[str, str]) -> str:
        """Return the address of a page, with query parameters."""
        pairs = list(items)
        if self.lang and not any(k == "lang" for k, _ in pairs):
            pairs.append(("lang", self.lang))
        return path + ("?" + urlencode(pairs, errors="replace") if pairs else "")

    def item(self, kind: str, identifier: str, *items: tuple[str, str]) -> str:
        """Return the address of a thing's own page, such as ``ressurs`` and an id, with query parameters."""
        return self.to(f"/{kind}/{quote(identifier, safe='/', errors='replace')}", *items)

    def here(self, drop: Iterable[tuple[str, str]] = (), **changes: str) -> str:
        """Return this address without some pairs and with other values for some parameters."""
        gone = set(drop)
        pairs = [(k, v) for k, v in self.items if (k, v) not in gone and k not in changes]
        pairs += [(k, v) for k, v in changes.items() if v]
        return self.path + ("?" + urlencode(pairs, errors="replace") if pairs else "")

    def query(self) -> str:
        """Return this address's query, without the cursor."""
        return "?" + urlencode(self.items, errors="replace") if self.items else ""


def day(value: date | None, lang: str) -> str:
    """Return a day as people write it.

    Examples
    --------
    >>> day(date(2028, 3, 16), "nn"), day(date(2028, 3, 16), "en"), day(None, "nb")
    ('16.3.2028', '16 March 2028', '')
    """
    if value is None:
        return ""
    return (
        f"{value.day} {MONTHS[value.month - 1]} {value.year}"
        if lang == "en"
        else f"{value.day}.{value.month}.{value.year}"
    )


def initial(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Branch:
    """A facet value with those below it; `open_` when one of them is selected."""

    value: FacetValue
    children: tuple["Branch", ...] = ()

    @property
    def open_(self) -> bool:
        """Whether something below is selected."""
        return any(c.value.selected or c.open_ for c in self.children)


def tree(values: Sequence[FacetValue]) -> tuple[Branch, ...]:
    """Return a facet's values, which stand below their parents, as trees."""
    at = 0

    def level(depth: int) -> tuple[Branch, ...]:
        nonlocal at
        found = []
        while at < len(values) and values[at].depth >= depth:
            value = values[at]
            at += 1
            found.append(Branch(value, level(value.depth + 1)))
        return tuple(found)

    return level(0)


@dataclass(frozen=True, slots=True)
class ResourceCard:
    """A resource in a list."""

    resource: Resource
    url: str
    title: Markup
    snippet: Markup
    facts: tuple[str, ...]
    expired: bool
    review_due: str
    reason: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def facts_of(resource: Resource, engine: Engine, t: Translator) -> tuple[str, ...]:
    """Return what is said in one line: type, duration, level, language, edition."""
    labels = labels_of(resource, engine, t.lang)
    found = [
        initial(labels["resource_type"]),
        t("search.minutes", n=resource.duration) if resource.duration else "",
        labels["level"],
        labels["language"],
        labels["edition"] if resource.edition != COMMON_EDITION else "",
    ]
    return tuple(f for f in found if f)


def card(resource: Resource, engine: Engine, t: Translator, links: Links, **extra: Any) -> ResourceCard:  # noqa: ANN401
    """Return a resource for a list without a query."""
    return ResourceCard(
        resource=resource,
        url=links.item("ressurs", resource.id),
        title=Markup("{}").format(resource.title),
        snippet=Markup("{}").format(resource.summary),
        facts=facts_of(resource, engine, t),
        expired=review_expired(resource, engine.today()),
        review_due=day(resource.review_due, t.lang),
        extra=extra,
    )


def hit_card(
    hit: Hit,
    engine: Engine,
    t: Translator,
    links: Links,
    asked: frozenset[str] | None,
    *,
    plan: bool = False,
    told: Sequence[tuple[str, str]] = (),
) -> ResourceCard:
    """Return a hit for the list: the title and the best piece of text with the words marked.

    `told` is what its page is told when the hit is opened (`api.counting`).
    """
    by_field = {h.field: h for h in hit.highlights}
    title = by_field.get("title")
    pieces = [h for h in hit.highlights if h.field != "title"]
    best = max(pieces, key=lambda h: (bool(h.marks), h.field == "summary"), default=None)
    extra: dict[str, Any] = {"pinned": hit.pinned}
    if asked:
        extra["covers"] = t(
            "search.covers_in_plan" if plan else "search.covers",
            n=len(asked & set(hit.resource.requirements)),
            of=len(asked),
        )
    return ResourceCard(
        resource=hit.resource,
        url=links.item("ressurs", hit.resource.id, *told),
        title=marked(title) if title else Markup("{}").format(hit.resource.title),
        snippet=marked(best) if best else Markup("{}").format(hit.resource.summary),
        facts=facts_of(hit.resource, engine, t),
        expired=hit.review_expired,
        review_due=day(hit.resource.review_due, t.lang),
        reason=hit.reason.sentence,
        extra=extra,
    )


def facts_table(resource: Resource, engine: Engine, t: Translator) -> list[tuple[str, str]]:
    """Return the facts of a resource's own page as (name, value)."""
    labels = labels_of(resource, engine, t.lang)
    rows = [
        ("type", initial(labels["resource_type"])),
        ("duration", t("search.minutes", n=resource.duration) if resource.duration else ""),
        ("level", initial(labels["level"])),
        ("language", initial(labels["language"])),
        ("edition", initial(labels["edition"])),
        ("provider", resource.provider),
        ("audience", initial(", ".join([*labels["audience"], *labels["audience_group"]]))),
        ("patient_group", initial(", ".join(labels["patient_group"]))),
        ("arena", initial(", ".join(labels["arena"]))),
        ("published", day(resource.published, t.lang)),
        ("updated", day(resource.updated, t.lang)),
        ("review_due", day(resource.review_due, t.lang)),
        ("licence", resource.licence),
    ]
    return [(t(f"resource.{name}"), value) for name, value in rows if value]


def topics_of(resource: Resource, engine: Engine, t: Translator, links: Links) -> list[tuple[str, str]]:
    """Return (address, label) of the themes and concepts of a resource, without doubles."""
    ids = [f"tema/{theme}" for theme in resource.themes]
    ids += [tag.concept for tag in resource.about if tag.decision != "rejected"]
    found: dict[str, str] = {}
    for concept in dict.fromkeys(ids):
        known = engine.vocabulary.get(ConceptId(concept))
        if known is not None:
            found.setdefault(short(known.label(t.lang)), links.item("vocabulary", concept))
    return [(url, label) for label, url in found.items()]


def interval(validity: int | None, t: Translator, calendar: str | None = None) -> str:
    """Return how often a requirement is renewed [months], and by which day of the calendar."""
    if calendar is not None:
        return initial(rule_words(Validity(validity, calendar), cast("Language", t.lang)))
    if validity is None:
        return t("interval.once")
    if validity % 12 == 0:
        years = validity // 12
        return t("interval.year") if years == 1 else t("interval.years", n=years)
    return t("interval.month") if validity == 1 else t("interval.months", n=validity)


def requirement_row(
    o: Obligation, requirements: Mapping[str, Requirement], t: Translator, links: Links
) -> dict[str, Any]:
    """Return an obligation for the list of a role."""
    requirement = requirements.get(o.requirement)
    return {
        "id": o.requirement,
        "label": initial(label_in(requirement.labels, t.lang, o.requirement))
        if requirement
        else o.requirement,
        "url": links.item("krav", o.requirement),
        "interval": "; ".join(interval(r.months, t, r.calendar) for r in o.rules)
        if any(r.calendar for r in o.rules)
        else interval(o.validity, t),
        "example": o.validity is not None and (requirement is None or requirement.example),
        "state": o.state,
        "state_text": t(f"state.{o.state}"),
        "due": day(o.due, t.lang),
        "groups": [t("plan.group", n=g.minimum, group=g.name) for g in o.groups],
    }


def edition_options(engine: Engine, chosen: str, t: Translator) -> list[tuple[str, str, bool]]:
    """Return (value, label, chosen) of the edition picker, the common content first."""
    names = list(EDITIONS)
    if chosen and chosen != COMMON_EDITION and chosen not in names:
        names.append(chosen)
    options = [("", t("search.edition_common"), chosen in {"", COMMON_EDITION})]
    return options + [(n, value_label("edition", n, engine.vocabulary, t.lang), n == chosen) for n in names]
