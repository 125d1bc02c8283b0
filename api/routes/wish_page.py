"""The answer to the form "tell us what you looked for"; works without a script."""

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Query, Request, Response

from api.problems import Problem
from api.rendering import Page, ThePage
from api.routes.statistics import reader_edition, unstored
from engine.errors import InvalidRequest, NotFound
from engine.wishes import Wishes, WishRefused

router = APIRouter(include_in_schema=False)

MAX_FORM = 20_000
"""Largest form [bytes]."""


async def form_fields(request: Request) -> dict[str, str]:
    """Return the fields of a posted form, the first of each name."""
    body = await request.body()
    if len(body) > MAX_FORM:
        raise Problem(413, "too-large", "The form is too long.")
    try:
        found = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise InvalidRequest("the form cannot be read") from None
    return {name: values[0] for name, values in found.items()}


@router.get("/onske")
def empty_page(page: ThePage, q: Annotated[str, Query(max_length=1000)] = "") -> Response:
    """Return the form by itself."""
    if not page.engine.counter.counts:
        raise NotFound("wishes are not taken here: query statistics are off")
    edition = reader_edition(page.request.query_params.get("edition"), page.request)
    return unstored(_page(page, 200, kept="", refused="", text="", query=q, edition=edition))


@router.post("/onske")
def wish_page(
    request: Request, page: ThePage, fields: Annotated[dict[str, str], Depends(form_fields)]
) -> Response:
    """Keep a wish, and say so; or say why not, with the text still in the field."""
    text, query = fields.get("text", ""), fields.get("query", "")
    edition = reader_edition(fields.get("edition"), request)
    request.app.state.paces.wishes.take()
    try:
        Wishes(page.engine).tell(text, query=query, edition=edition, language=page.lang)
    except WishRefused as e:
        return unstored(_page(page, 400, kept="", refused=str(e), text=text, query=query, edition=edition))
    return unstored(_page(page, 200, kept="yes", refused="", text="", query="", edition=edition))


def _page(page: Page, status: int, **context: str) -> Response:
    name = "refused_title" if context["refused"] else "thanks_title" if context["kept"] else "title"
    title = page.t(f"wish.{name}")
    return page.render("wish.html", status, section="search", title=title, **context)
