"""Editors' page: links between resources and requirements that the program proposes, and ruling on them."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from api.editions import known_edition
from api.present import label_in
from api.routes.editor_pages.desk import (
    PER_PAGE,
    FileFormat,
    edition_choices,
    edition_label,
    file_response,
    files_of,
    on_to,
    pages_of,
    show,
)
from api.routes.editor_pages.shell import EditorPage, TheEditorPage, TheForm, local_path
from api.routes.editor_reviews import may_see, topic_name
from api.views import initial
from engine.editorial.proposed_links import proposed_links
from engine.editorial.review_lists import ReviewFilter, ReviewLists
from engine.errors import InvalidRequest
from engine.link_editing import LinkEditor, LinkVerdict
from engine.reports.tables import Table

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Query(max_length=200)]
VERDICTS: Final[dict[str, LinkVerdict]] = {"accepted": "accepted", "rejected": "rejected"}


@router.get("/editor/links")
def links_page(
    page: TheEditorPage,
    edition: Text | None = None,
    topic: Text = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """Return the likely proposals that nobody has ruled on, the surest first."""
    t = page.t
    place = _place(page, edition)
    rows = _rows(page, place, topic)
    paging = pages_of(page, len(rows), number)
    return show(
        page,
        "links.html",
        at="gaps",
        title=t("ed_links.title"),
        fields=[("edition", t("search.edition"), edition_choices(page, place))],
        topic=topic,
        rows=rows[paging["from"] : paging["from"] + PER_PAGE],
        paging=paging,
        files=files_of(page, "/editor/links", edition=place, topic=topic),
        back=page.links.here(done=""),
    )


@router.get("/editor/links.{form}")
def links_file(
    page: TheEditorPage, form: FileFormat, edition: Text | None = None, topic: Text = ""
) -> Response:
    """Return the same as a file."""
    t = page.t
    header = tuple(
        t(f"ed_links.{name}") for name in ("id", "text", "area", "requirement_id", "requirement", "sure")
    )
    lines = tuple(
        (r["resource"], r["title"], r["edition"], r["requirement"], r["label"], f"{r['sure']} %")
        for r in _rows(page, _place(page, edition), topic)
    )
    return file_response(Table(t("ed_links.title"), header, lines), form, "links")


@router.post("/editor/links")
async def rule(page: TheEditorPage, form: TheForm) -> Response:
    """Accept or reject a link, and go back to where it was listed."""
    verdict = VERDICTS.get(form.get("verdict", ""))
    if verdict is None:
        raise InvalidRequest("verdict: accepted or rejected")

    def do() -> None:
        editor = LinkEditor(page.engine)
        page.who.require("links", editor.resource(form.get("resource", "")))
        editor.rule(form["resource"], form.get("requirement", ""), verdict, by=page.who.name)

    await run_in_threadpool(do)
    path = local_path(form.get("back", "/editor/links"))
    return on_to(page, path, verdict)


def _place(page: EditorPage, edition: str | None) -> str:
    return (page.who.edition or "") if edition is None else known_edition(edition, page.engine) or ""


def _rows(page: EditorPage, edition: str, topic: str) -> list[dict[str, Any]]:
    lists = ReviewLists(page.engine, may_see(page.who))
    wanted = ReviewFilter("all", edition=edition, topic=topic_name(topic))
    found = proposed_links(page.engine, lists, wanted, lambda edition: page.who.may("links", edition)) or []
    rows, known = {row.id: row for row in lists.rows}, page.engine.requirements()
    return [
        {
            "resource": link.resource,
            "title": rows[link.resource].title,
            "language": rows[link.resource].language,
            "edition": edition_label(page, rows[link.resource].edition),
            "url": page.links.item("ressurs", link.resource),
            "requirement": link.requirement,
            "label": initial(label_in(known[link.requirement].labels, page.lang, link.requirement)),
            "requirement_url": page.links.item("krav", link.requirement),
            "sure": round(100 * link.confidence),
        }
        for link in found
    ]
