"""Editors' pages: what has expired and what is due, and saying that it is still right."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from api.editions import known_edition
from api.routes.editor_pages.desk import (
    PER_PAGE,
    Choice,
    FileFormat,
    choices,
    edition_choices,
    file_response,
    files_of,
    on_to,
    pages_of,
    show,
)
from api.routes.editor_pages.shell import EditorPage, TheEditorPage, TheForm
from api.routes.editor_reviews import may_see, topic_name
from api.views import day, initial
from engine.editorial.review_lists import (
    AHEAD,
    LONGEST,
    SPANS,
    Asked,
    ReviewFilter,
    ReviewLists,
    ReviewRow,
    review_table,
    row_document,
)
from engine.editorial.words import STATE_WORDS
from engine.errors import InvalidRequest, NotFound
from engine.facets import value_label
from vocab.concept import ConceptId

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Query(max_length=500)]
YEARS: Final = (1, 2, 3)
"""Until the next review, as it is proposed [years]."""


@router.get("/editor/stale")
def stale_page(
    page: TheEditorPage,
    state: Text = "work",
    within: Annotated[int, Query(ge=0, le=LONGEST)] = AHEAD,
    status: Text = "published",
    edition: Text | None = None,
    topic: Text = "",
    responsible: Text = "",
    resource_type: Text = "",
    language: Text = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """Return the list; drafts and other narrower lists are reached from the numbers of the first page."""
    t, lang = page.t, page.lang
    wanted = _wanted(page, state, within, status, edition, topic, responsible, resource_type, language)
    lists = ReviewLists(page.engine, may_see(page.who))
    found = lists.rows_of(wanted)
    paging = pages_of(page, len(found), number)
    states = [("work", t("ed_stale.work")), *STATE_WORDS[lang].items(), ("all", t("ed_stale.all"))]
    spans = [(str(span), t("ed_stale.days", n=span)) for span in sorted({*SPANS, wanted.within})]
    query = {k: v for k, v in wanted.query().items() if k not in {"state", "within", "status"}}
    return show(
        page,
        "stale.html",
        at="stale",
        title=t("ed_stale.drafts") if wanted.status == "draft" else t("ed_stale.title"),
        drafts=wanted.status == "draft",
        fields=[
            ("state", t("ed_stale.state"), [(v, label, v == wanted.state) for v, label in states]),
            ("within", t("ed_stale.within"), [(v, label, v == str(wanted.within)) for v, label in spans]),
            ("edition", t("search.edition"), edition_choices(page, wanted.edition)),
            ("topic", t("facet.theme"), _topics(page, lists, wanted.topic)),
            ("responsible", t("ed_stale.responsible"), _responsible(page, lists, wanted.responsible)),
        ],
        narrowed=[
            value
            for value in (_label(page, "resource_type", resource_type), _label(page, "language", language))
            if value
        ],
        rows=[_row(page, lists, r) for r in found[paging["from"] : paging["from"] + PER_PAGE]],
        paging=paging,
        spans=[(n, t("ed_stale.years", n=n) if n > 1 else t("ed_stale.year")) for n in YEARS],
        files=files_of(page, "/editor/stale", **wanted.query()),
        feeds=_feeds(query, page.lang) if wanted.status == "published" else [],
        back=page.links.here(done=""),
    )


@router.get("/editor/stale.{form}")
def stale_file(
    page: TheEditorPage,
    form: FileFormat,
    state: Text = "work",
    within: Annotated[int, Query(ge=0, le=LONGEST)] = AHEAD,
    status: Text = "published",
    edition: Text | None = None,
    topic: Text = "",
    responsible: Text = "",
    resource_type: Text = "",
    language: Text = "",
) -> Response:
    """Return the same as a file, all rows of it."""
    lang = page.lang
    wanted = _wanted(page, state, within, status, edition, topic, responsible, resource_type, language)
    lists = ReviewLists(page.engine, may_see(page.who))
    rows = [row_document(r, page.engine, lists.today, lang) for r in lists.rows_of(wanted)]
    return file_response(review_table(rows, lang), form, "review")


@router.post("/editor/still-right")
async def still_right(page: TheEditorPage, form: TheForm) -> Response:
    """Say that a text is still right, until a day in some years."""
    engine, id_ = page.engine, form.get("resource", "")
    years = next((n for n in YEARS if form.get("years") == str(n)), None)
    if years is None:
        raise InvalidRequest("years: 1, 2 or 3")

    def do() -> None:
        found = engine.catalogue.get_many([id_]).get(id_)
        if found is None:
            raise NotFound(f"no resource has the id {id_!r}")
        page.who.require("write", found)
        engine.reviews.mark(id_, due=_years_on(engine.today(), years), by=page.who.name)

    await run_in_threadpool(do)
    given = [
        (k, v)
        for k, v in (p.split("=", 1) for p in form.get("query", "").split("&") if "=" in p)
        if k in _KEPT
    ]
    return on_to(page, "/editor/stale", "reviewed", *given)


_KEPT: Final = frozenset({"state", "within", "edition", "topic"})


def _wanted(
    page: EditorPage,
    state: str,
    within: int,
    status: str,
    edition: str | None,
    topic: str,
    responsible: str,
    resource_type: str,
    language: str,
) -> ReviewFilter:
    place = (page.who.edition or "") if edition is None else known_edition(edition, page.engine) or ""
    return ReviewFilter(
        cast("Asked", state),
        within,
        "draft" if status == "draft" else "published",
        place,
        topic_name(topic),
        responsible,
        resource_type,
        language,
    )


def _row(page: EditorPage, lists: ReviewLists, found: ReviewRow) -> dict[str, Any]:
    document = row_document(found, page.engine, lists.today, page.lang)
    r = found.resource
    return {
        **document,
        "state_label": STATE_WORDS[page.lang][found.state],
        "facts": [
            fact
            for fact in (
                initial(document["edition_label"]),
                document["language_label"],
                document["resource_type_label"],
                ", ".join(document["theme_labels"]),
            )
            if fact
        ],
        "address": page.links.item("ressurs", r.id),
        "due_text": day(r.review_due, page.lang),
        "mine": page.who.may("write", r.edition),
    }


def _label(page: EditorPage, facet: str, value: str) -> str:
    return initial(value_label(facet, value, page.engine.vocabulary, page.lang)) if value else ""


def _topics(page: EditorPage, lists: ReviewLists, chosen: str) -> list[Choice]:
    names = {theme for row in lists.rows for theme in row.themes} | ({chosen} if chosen else set())
    known = [(n, initial(page.engine.vocabulary.label(ConceptId(f"tema/{n}"), page.lang))) for n in names]
    return choices(page.t("ed_stale.all_topics"), sorted(known, key=lambda one: one[1]), chosen)


def _responsible(page: EditorPage, lists: ReviewLists, chosen: str) -> list[Choice]:
    names = {row.responsible for row in lists.rows if row.responsible} | ({chosen} if chosen else set())
    return choices(
        page.t("ed_stale.all_responsible"), [(n, n) for n in sorted(names, key=str.casefold)], chosen
    )


def _feeds(query: Mapping[str, str], lang: str) -> list[tuple[str, str]]:
    """Return where the list can be followed; the days alone, of what is published."""
    given = [(k, v) for k, v in query.items() if k in {"edition", "topic", "responsible"} and v]
    tail = urlencode([*given, ("lang", lang)])
    return [
        (name, f"/v1/feeds/review.{form}?{tail}") for name, form in (("Atom", "atom"), ("iCalendar", "ics"))
    ]


def _years_on(today: date, years: int) -> date:
    try:
        return today.replace(year=today.year + years)
    except ValueError:  # 29 February
        return today.replace(year=today.year + years, day=28)
