"""What do the pages of editors' lists share? How a text is named, what was just done, filters, pages, files."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, quote

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.editions import expected_editions
from api.routes.editor_pages.shell import HEADERS, EditorPage
from api.routes.reports import CSV, XLSX
from api.views import day, initial
from engine.facets import value_label
from engine.model import COMMON_EDITION, Resource
from engine.reports.tables import Table, csv_bytes, workbook_bytes

FileFormat = Literal["csv", "xlsx"]
Choice = tuple[str, str, bool]
"""Value, label and whether it is chosen."""

PER_PAGE: Final = 20
"""Items on a page of a list."""

STATUS_COLOURS: Final[Mapping[str, str]] = {"draft": "warning", "published": "success", "archived": "neutral"}


def show(page: EditorPage, template: str, *, at: str, status: int = 200, **context: Any) -> Response:  # noqa: ANN401
    """Return a page of the desk, with a word on what was just done."""
    done = f"ed_done.{page.request.query_params.get('done', '')}"
    return page.render(
        f"editor/{template}", status, at=at, notice=page.t(done) if page.t.has(done) else "", **context
    )


def on_to(page: EditorPage, path: str, done: str, *parameters: tuple[str, str]) -> Response:
    """Return the way on after a decision: loading that page again decides nothing."""
    path, _, query = path.partition("?")
    given = [(name, value) for name, value in parse_qsl(query) if name not in {"lang", "done"}]
    return RedirectResponse(page.links.to(path, *given, *parameters, ("done", done)), 303, headers=HEADERS)


def edition_label(page: EditorPage, edition: str) -> str:
    """Return the name of an edition."""
    return initial(value_label("edition", edition, page.engine.vocabulary, page.lang))


def text_facts(page: EditorPage, resource: Resource) -> tuple[str, ...]:
    """Return what is said of a text in one line: edition, language, type, day of the last change."""
    vocabulary, changed = page.engine.vocabulary, resource.updated or resource.published
    found = [
        edition_label(page, resource.edition),
        value_label("language", resource.language, vocabulary, page.lang),
        value_label("resource_type", resource.resource_type, vocabulary, page.lang)
        if resource.resource_type
        else "",
        page.t("ed.changed", date=day(changed, page.lang)) if changed else "",
    ]
    return tuple(f for f in found if f)


def twin(page: EditorPage, resource: Resource) -> dict[str, Any]:
    """Return a text for a list."""
    return {
        "id": resource.id,
        "title": resource.title,
        "language": resource.language,
        "url": page.links.item("ressurs", resource.id),
        "facts": text_facts(page, resource),
        "status": resource.status,
        "status_text": page.t(f"ed_status.{resource.status}"),
        "status_colour": STATUS_COLOURS[resource.status],
    }


def edition_choices(page: EditorPage, chosen: str) -> list[Choice]:
    """Return the editions to choose from, all of them first."""
    names = {*expected_editions(page.engine), *([chosen] if chosen else [])} - {COMMON_EDITION}
    order = [COMMON_EDITION, *sorted(names, key=lambda name: edition_label(page, name))]
    return [("", page.t("ed.all_editions"), not chosen)] + [
        (n, edition_label(page, n), n == chosen) for n in order
    ]


def choices(first: str, options: Sequence[tuple[str, str]], chosen: str) -> list[Choice]:
    """Return values to choose from, `first` for none of them."""
    return [("", first, not chosen)] + [(value, label, value == chosen) for value, label in options]


def pages_of(page: EditorPage, total: int, number: int, per_page: int = PER_PAGE) -> dict[str, Any]:
    """Return what of a list is shown, and the addresses of the pages before and after."""
    last = max(1, -(-total // per_page))
    number = min(max(1, number), last)
    return {
        "first": (number - 1) * per_page + 1 if total else 0,
        "last": min(total, number * per_page),
        "total": total,
        "from": (number - 1) * per_page,
        "before": page.links.here(page=str(number - 1)) if number > 1 else "",
        "after": page.links.here(page=str(number + 1)) if number < last else "",
    }


def files_of(page: EditorPage, path: str, **filters: str) -> list[tuple[str, str]]:
    """Return (form, address) of a list as files, with the same filters."""
    given = [(name, value) for name, value in filters.items() if value]
    return [(form.upper(), page.links.to(f"{path}.{form}", *given)) for form in ("csv", "xlsx")]


def file_response(table: Table, form: FileFormat, name: str) -> Response:
    """Return a list as a file to keep."""
    data = csv_bytes(table.header, table.rows) if form == "csv" else workbook_bytes([table])
    disposition = f'attachment; filename="{quote(name)}.{form}"'
    return Response(
        data,
        media_type=CSV if form == "csv" else XLSX,
        headers={**HEADERS, "Content-Disposition": disposition},
    )
