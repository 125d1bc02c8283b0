"""Editors' page: what there is already, shown while a title is typed. Nothing that is typed is kept."""

from typing import Any, Final

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from api.routes.editor_pages.desk import edition_choices, show
from api.routes.editor_pages.shell import EditorPage, TheEditorPage, TheForm
from engine.draft_words import preview_document
from engine.drafting import Draft, Drafting
from engine.facets import value_label
from engine.model import COMMON_EDITION

router = APIRouter(include_in_schema=False)

LONGEST_TITLE: Final = 500
LONGEST_TEXT: Final = 200_000
LANGUAGES: Final = ("nb", "nn", "en", "se")
LEVELS: Final = {"confirm": "danger", "look": "warning", "know": "info"}


@router.get("/editor/write")
def write_page(page: TheEditorPage) -> Response:
    """Return the form; what is typed goes by POST alone, so that no address has it."""
    return _page(page, {}, None)


@router.post("/editor/write")
async def preview(page: TheEditorPage, form: TheForm) -> Response:
    """Return the same with what there is already."""
    drafting: Drafting = page.request.app.state.drafting
    draft = Draft(
        form.get("title", "")[:LONGEST_TITLE],
        form.get("text", "")[:LONGEST_TEXT],
        form.get("language", "") if form.get("language") in LANGUAGES else "",
        form.get("edition", "") or page.who.edition or COMMON_EDITION,
    )

    def look() -> Response:
        found = drafting.preview(draft, may_see=page.who.may_see)
        return _page(page, form, preview_document(page.engine, found, page.lang))

    return await run_in_threadpool(look)


def _page(page: EditorPage, form: dict[str, str], found: dict[str, Any] | None) -> Response:
    t, links = page.t, page.links
    edition, language = form.get("edition") or page.who.edition or COMMON_EDITION, form.get("language", "")
    names = [(code, value_label("language", code, page.engine.vocabulary, page.lang)) for code in LANGUAGES]
    return show(
        page,
        "write.html",
        at="write",
        title=t("ed_write.title"),
        typed_title=form.get("title", ""),
        typed_text=form.get("text", ""),
        languages=[("", t("ed_write.told"), not language), *((c, n, c == language) for c, n in names)],
        editions=[choice for choice in edition_choices(page, edition) if choice[0]],
        found=found,
        colours=LEVELS,
        address=lambda id_: links.item("ressurs", id_),
        requirement=lambda id_: links.item("krav", id_),
        concept=lambda id_: links.item("vocabulary", id_),
    )
