"""What do the pages of editors share? Who is signed in, the way back after a decision, lists as files."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.editions import expected_editions
from api.rendering import Page
from api.routes.reports import CSV, XLSX
from api.security import Caller, caller
from api.views import day, initial
from engine.errors import Forbidden, NotFound
from engine.facets import value_label
from engine.model import COMMON_EDITION, Resource
from engine.reports.tables import Table, csv_bytes, workbook_bytes

FileFormat = Literal["csv", "xlsx"]
PER_PAGE: Final = 20
"""Items on a page of a list."""

STATUS_COLOURS: Final[Mapping[str, str]] = {"draft": "warning", "published": "success", "archived": "neutral"}


class EditorPage(Page):
    """A page for somebody who is signed in; nothing of it is stored on the way."""

    def __init__(self, request: Request, who: Caller) -> None:
        super().__init__(request)
        self.who = who

    def show(self, template: str, *, here: str, status: int = 200, **context: Any) -> Response:  # noqa: ANN401
        """Return the page; `here` is its name in the menu."""
        notice = self.request.query_params.get("done", "")
        known = f"ed_done.{notice}"
        response = self.render(
            f"editor/{template}",
            status,
            section="editor",
            here=here,
            who=self.who,
            csrf="",
            notice=self.t(known) if notice and self.t.has(known) else "",
            **context,
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def edition_label(self, edition: str) -> str:
        """Return the name of an edition."""
        return value_label("edition", edition, self.engine.vocabulary, self.lang)

    def may_see(self, resource: Resource) -> bool:
        """Tell whether a text is shown: published ones to all editors, others to who may write them."""
        return resource.status == "published" or self.who.may_write(resource.edition)

    def resource(self, resource_id: str) -> Resource:
        """Return a resource of the catalogue; raises NotFound."""
        found = self.engine.catalogue.get_many([resource_id]).get(resource_id)
        if found is None or not self.may_see(found):
            raise NotFound(f"no resource has the id {resource_id!r}")
        return found

    def text_facts(self, resource: Resource) -> tuple[str, ...]:
        """Return what is said of a text in one line: edition, language, type, day of the last change."""
        t, vocabulary = self.t, self.engine.vocabulary
        changed = resource.updated or resource.published
        found = [
            initial(self.edition_label(resource.edition)),
            value_label("language", resource.language, vocabulary, self.lang),
            value_label("resource_type", resource.resource_type, vocabulary, self.lang)
            if resource.resource_type
            else "",
            t("ed.changed", date=day(changed, self.lang)) if changed else "",
        ]
        return tuple(f for f in found if f)

    def twin(self, resource: Resource) -> dict[str, Any]:
        """Return a text for a list."""
        return {
            "id": resource.id,
            "title": resource.title,
            "language": resource.language,
            "url": self.links.item("ressurs", resource.id),
            "facts": self.text_facts(resource),
            "status": resource.status,
            "status_text": self.t(f"ed_status.{resource.status}"),
            "status_colour": STATUS_COLOURS[resource.status],
            "mine": self.who.may_write(resource.edition),
        }

    def back(self, path: str, done: str, **parameters: str) -> Response:
        """Return the way on after a decision: another address, with what has been done."""
        query = urlencode({**parameters, "done": done, **({"lang": self.links.lang} if self.links.lang else {})})
        return RedirectResponse(f"{path}?{query}", 303)


async def _editor_page(request: Request) -> EditorPage:
    return EditorPage(request, caller(request, "write"))


TheEditorPage = Annotated[EditorPage, Depends(_editor_page)]


def edition_choices(page: EditorPage, chosen: str) -> list[tuple[str, str, bool]]:
    """Return (value, label, chosen) of the editions, all of them first."""
    names = {*expected_editions(page.engine), *([chosen] if chosen else [])}
    order = sorted(names - {COMMON_EDITION}, key=page.edition_label)
    options = [("", page.t("ed.all_editions"), not chosen)]
    return options + [(name, initial(page.edition_label(name)), name == chosen) for name in (COMMON_EDITION, *order)]


def pages_of(page: EditorPage, total: int, number: int, per_page: int = PER_PAGE) -> dict[str, Any]:
    """Return the addresses of the pages before and after, and what is shown."""
    last = max(1, -(-total // per_page))
    number = min(max(1, number), last)
    return {
        "first": (number - 1) * per_page + 1 if total else 0,
        "last": min(total, number * per_page),
        "total": total,
        "number": number,
        "before": page.links.here(page=str(number - 1)) if number > 1 else "",
        "after": page.links.here(page=str(number + 1)) if number < last else "",
    }


def file_response(table: Table, form: FileFormat, name: str) -> Response:
    """Return a list as a file to keep."""
    data = csv_bytes(table.header, table.rows) if form == "csv" else workbook_bytes([table])
    return Response(
        data,
        media_type=CSV if form == "csv" else XLSX,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{form}"',
            "Cache-Control": "no-store",
        },
    )


def must_write(page: EditorPage, resources: Sequence[Resource]) -> None:
    """Raise Forbidden unless one of the texts is of an edition that may be written."""
    if not any(page.who.may_write(r.edition) for r in resources):
        raise Forbidden(f"the key belongs to the edition {page.who.edition!r}, none of the resources does")


def same_site(address: str) -> str:
    """Return an address of ours without a host; empty for any other.

    Examples
    --------
    >>> same_site("/editor/duplicates?page=2"), same_site("//evil.example"), same_site("https://evil.example/")
    ('/editor/duplicates?page=2', '', '')
    """
    parts = urlsplit(address)
    ours = not parts.scheme and not parts.netloc and address.startswith("/editor")
    return address if ours else ""
