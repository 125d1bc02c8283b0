"""Editors' pages: who has done what, and what was refused, for administrators."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from api.routes.editor_pages.desk import FileFormat, choices, file_response, files_of, show
from api.routes.editor_pages.shell import EditorPage, TheEditorPage
from api.views import day
from engine.model import AuditEntry
from engine.reports.tables import Table

router = APIRouter(include_in_schema=False)

LINES: Final = 200
FILE_LINES: Final = 10_000
REFUSED: Final = "refused"

Subject = Annotated[str, Query(max_length=512)]
Show = Annotated[str, Query(max_length=20)]


@router.get("/editor/trail")
def trail_page(page: TheEditorPage, subject: Subject = "", only: Show = "") -> Response:
    """Return the newest lines of the audit trail."""
    lines, t = _lines(page, subject, only, LINES), page.t
    return show(
        page,
        "trail.html",
        at="trail",
        title=t("ed_trail.title"),
        rows=[_row(page, line) for line in lines],
        fields=[
            ("only", t("ed_trail.only"), choices(t("ed_trail.all"), [(REFUSED, t("ed_trail.refused"))], only))
        ],
        files=files_of(page, "/editor/trail", subject=subject, only=only),
        subject=subject,
        most=LINES,
    )


@router.get("/editor/trail.{form}")
def trail_file(page: TheEditorPage, form: FileFormat, subject: Subject = "", only: Show = "") -> Response:
    """Return the same as a file, with more lines."""
    t = page.t
    head = tuple(t(f"ed_trail.{name}") for name in ("at", "by", "action", "subject", "detail"))
    lines = _lines(page, subject, only, FILE_LINES)
    rows = tuple((x.at.isoformat(), x.by, x.action, x.subject, x.detail) for x in lines)
    return file_response(Table(t("ed_trail.title"), head, rows), form, "trail")


def _lines(page: EditorPage, subject: str, only: str, most: int) -> list[AuditEntry]:
    page.who.require_admin()
    action = REFUSED if only == REFUSED else ""
    return list(page.engine.catalogue.audit_trail(subject or None, most, action=action))


def _row(page: EditorPage, line: AuditEntry) -> dict[str, Any]:
    return {
        "at": f"{day(line.at.date(), page.lang)} {line.at:%H:%M}",
        "iso": line.at.isoformat(),
        "by": line.by,
        "refused": line.action.startswith(f"{REFUSED} "),
        "action": line.action.removeprefix(f"{REFUSED} "),
        "subject": line.subject,
        "url": page.links.to("/editor/trail", ("subject", line.subject)) if line.subject != "-" else "",
        "detail": line.detail,
    }
