"""Editors' first page: how an edition or a topic stands, in numbers that lead to their lists."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.editions import known_edition
from api.routes.editor_pages.desk import edition_choices, show
from api.routes.editor_pages.shell import HOME, EditorPage, TheEditorPage
from api.routes.editor_reviews import may_see, topic_name
from api.views import initial
from engine.editorial.dashboard import dashboard
from engine.rights import RIGHTS

router = APIRouter(include_in_schema=False)

API = "/v1/editor/"
WIDTH = 1000
"""Width of a chart's drawing; it is stretched to its place."""


@router.get("/editor")
def board(
    page: TheEditorPage,
    edition: Annotated[str | None, Query(max_length=200)] = None,
    topic: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Return the numbers, and what the editor may decide."""
    engine, t = page.engine, page.t
    place = (page.who.edition or "") if edition is None else known_edition(edition, engine) or ""
    found = dashboard(
        engine,
        may_see(page.who),
        page.who.may_write,
        edition=place,
        topic=topic_name(topic),
        lang=page.lang,
    )
    return show(
        page,
        "board.html",
        at="home",
        title=t("ed_board.title"),
        editions=edition_choices(page, place),
        about=initial(found["topic_label"] or found["edition_label"]),
        all_topics=page.links.to(HOME, *([("edition", place)] if place else [])) if topic else "",
        numbers=[_number(page, n) for n in found["numbers"]],
        tables=[
            ("temaer", t("ed_board.themes"), t("facet.theme"), _rows(page, found["themes"], place, "topic")),
            (
                "typer",
                t("ed_board.types"),
                t("facet.resource_type"),
                _rows(page, found["resource_types"], place, ""),
            ),
        ],
        rights=[right for right in RIGHTS if right in page.who.rights],
        who_kind=page.who.kind,
    )


def _number(page: EditorPage, n: dict[str, Any]) -> dict[str, Any]:
    path = n["list"].partition("?")[0].replace(API, f"{HOME}/")
    return {**n, "url": page.links.to(path, *((k, str(v)) for k, v in n["filter"].items()))}


def _rows(
    page: EditorPage, rows: Sequence[dict[str, Any]], edition: str, narrows: str
) -> list[dict[str, Any]]:
    """Return a line a theme or type: its numbers, and its share of what has expired, is due and has no date."""
    made = []
    for row in rows:
        numbers = {n["name"]: _number(page, n) for n in row["numbers"]}
        published, expired, due, undated = (
            numbers[name]["n"] for name in ("published", "expired", "due_90", "undated")
        )
        parts = [
            ("expired", expired),
            ("due", due),
            ("undated", undated),
            ("rest", published - expired - due - undated),
        ]
        about = [("topic", row["value"]), *([("edition", edition)] if edition else [])]
        made.append(
            {
                "label": initial(row["label"]),
                "url": page.links.to(HOME, *about) if narrows else "",
                "numbers": [numbers[name] for name in ("published", "expired", "due_90", "undated")],
                "bars": _bars(parts, published),
            }
        )
    return sorted(made, key=lambda r: -r["numbers"][1]["n"])


def _bars(parts: Sequence[tuple[str, int]], total: int) -> list[tuple[str, int, int]]:
    """Return (kind, x, width) of each part of a bar, all of them as wide as the drawing."""
    bars, at, seen = [], 0, 0
    for kind, n in parts:
        seen += max(n, 0)
        end = round(WIDTH * seen / total) if total else 0
        if end > at:
            bars.append((kind, at, end - at))
        at = end
    return bars
