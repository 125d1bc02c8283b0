"""Editors' page: what is related to a text, why, and ruling on it."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from api.routes.editor_pages.desk import on_to, show, twin
from api.routes.editor_pages.shell import EditorPage, TheEditorPage, TheForm
from engine.errors import Hidden, InvalidRequest
from engine.model import Resource
from engine.related import RelatedEditor

router = APIRouter(include_in_schema=False)

Verdict = Literal["accepted", "rejected", "withdrawn"]
DONE: Final[dict[Verdict, str]] = {
    "accepted": "related",
    "rejected": "not_related",
    "withdrawn": "undone",
}
COLOURS: Final = {"accepted": "success", "proposed": "info", "rejected": "neutral"}


@router.get("/editor/related")
def related_page(page: TheEditorPage, resource: Annotated[str, Query(max_length=512)]) -> Response:
    """Return what is accepted, proposed and rejected beside a text; copies and translations are never proposed."""
    editor = RelatedEditor(page.engine)
    source = _seen(page, editor.resource(resource))
    rows = [row for row in editor.rows(source.id) if page.who.may_see(row.resource)]
    return show(
        page,
        "related.html",
        at="stale",
        title=page.t("ed_related.title", title=source.title),
        source=twin(page, source),
        rows=[
            {
                **editor.document(row, page.lang),
                "twin": twin(page, row.resource),
                "colour": COLOURS[row.state],
            }
            for row in rows
        ],
        may=page.who.may("related", source.edition),
    )


@router.post("/editor/related")
async def rule(page: TheEditorPage, form: TheForm) -> Response:
    """Say that a text belongs beside another, that it does not, or take that back."""
    verdict: Verdict | None = next((v for v in DONE if v == form.get("verdict")), None)
    if verdict is None:
        raise InvalidRequest(f"verdict: one of {', '.join(DONE)} is needed")
    resource, other = form.get("resource", ""), form.get("other", "")

    def do() -> None:
        editor = RelatedEditor(page.engine)
        page.who.require("related", _seen(page, editor.resource(resource)))
        _seen(page, editor.resource(other))
        if verdict == "withdrawn":
            editor.withdraw(resource, other, by=page.who.name)
        else:
            editor.rule(resource, other, verdict, by=page.who.name)

    await run_in_threadpool(do)
    return on_to(page, "/editor/related", DONE[verdict], ("resource", resource))


def _seen(page: EditorPage, resource: Resource) -> Resource:
    if not page.who.may_see(resource):
        raise Hidden(f"no resource has the id {resource.id!r}", subject=resource.id)
    return resource
