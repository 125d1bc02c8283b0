"""Editors' pages: requirements that nothing valid serves, and what could serve them."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from api.editions import known_edition
from api.present import label_in
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
from api.routes.editor_pages.shell import EditorPage, TheEditorPage, TheForm, local_path
from api.views import initial
from engine.errors import InvalidRequest
from engine.facets import value_label
from engine.gap_filling import GapFiller
from engine.gap_words import candidate_document
from engine.link_editing import LinkEditor, LinkVerdict
from engine.model import COMMON_EDITION
from engine.reports.gaps import By, gaps_document, gaps_of, gaps_table
from engine.search import ALL_EDITIONS
from engine.service import role_id
from graph.gaps import Sort

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Query(max_length=512)]
BY: Final[tuple[By, ...]] = ("requirement", "language", "type")
SORTS: Final[tuple[Sort, ...]] = ("plans", "roles", "due")
LANGUAGES: Final = ("nb", "nn", "en")
STATE_COLOURS: Final = {"proposed": "yellow", "expired": "yellow", "elsewhere": "grey", "nothing": "red"}
VERDICTS: Final[dict[str, LinkVerdict]] = {"accepted": "accepted", "rejected": "rejected"}


@router.get("/editor/gaps")
def gaps_page(
    page: TheEditorPage,
    edition: Text | None = None,
    by: Text = "requirement",
    language: Text = "",
    role: Text = "",
    sort: Text = "plans",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> Response:
    """Return the gaps, what most plans ask for first."""
    t = page.t
    place = _place(page, edition)
    rows = _document(page, place, by, language, role, sort)["gaps"]
    paging = pages_of(page, len(rows), number)
    vocabulary, lang = page.engine.vocabulary, page.lang
    names = [(code, value_label("language", code, vocabulary, lang)) for code in LANGUAGES]
    return show(
        page,
        "gaps.html",
        at="gaps",
        title=t("ed_gaps.title"),
        fields=[
            ("edition", t("search.edition"), _places(page, place)),
            ("by", t("ed_gaps.by"), [(b, t(f"ed_gaps.by_{b}"), b == by) for b in BY]),
            ("language", t("facet.language"), choices(t("ed_gaps.all_languages"), names, language)),
            ("role", t("ed_gaps.role"), choices(t("ed_gaps.all_roles"), _roles(page), role)),
            ("sort", t("ed_gaps.sort"), [(s, t(f"ed_gaps.sort_{s}"), s == sort) for s in SORTS]),
        ],
        rows=[_row(page, row) for row in rows[paging["from"] : paging["from"] + PER_PAGE]],
        paging=paging,
        files=files_of(page, "/editor/gaps", edition=place, by=by, language=language, role=role, sort=sort),
    )


@router.get("/editor/gaps.{form}")
def gaps_file(
    page: TheEditorPage,
    form: FileFormat,
    edition: Text | None = None,
    by: Text = "requirement",
    language: Text = "",
    role: Text = "",
    sort: Text = "plans",
) -> Response:
    """Return the same as a file."""
    document = _document(page, _place(page, edition), by, language, role, sort)
    return file_response(gaps_table(document, page.lang), form, "gaps")


@router.get("/editor/gaps/{requirement:path}")
def candidates_page(
    page: TheEditorPage,
    requirement: str,
    edition: Text | None = None,
    language: Text = "",
    resource_type: Text = "",
) -> Response:
    """Return what could fill a gap, with what speaks for it and what it takes."""
    engine, lang = page.engine, page.lang
    filler, place = GapFiller(engine), _place(page, edition)
    wanted = filler.requirement(requirement)
    found = filler.candidates(
        wanted.id, edition=place, language=language or None, resource_type=resource_type or None
    )
    found = [c for c in found if page.who.may_see(c.resource)]
    about = [
        value_label(facet, value, engine.vocabulary, lang)
        for facet, value in (("edition", place), ("language", language), ("resource_type", resource_type))
        if value
    ]
    return show(
        page,
        "candidates.html",
        at="gaps",
        title=initial(label_in(wanted.labels, lang, wanted.id)),
        description=label_in(wanted.description, lang),
        about=[initial(label) for label in about],
        url=page.links.item("krav", wanted.id),
        rows=[
            {
                **candidate_document(engine, c, lang),
                "requirement": wanted.id,
                "label": label_in(wanted.labels, lang, wanted.id),
                "address": page.links.item("ressurs", c.resource.id),
                "may_rule": page.who.may("links", c.resource.edition),
            }
            for c in found[:PER_PAGE]
        ],
        back=page.links.here(done=""),
    )


@router.post("/editor/gaps")
async def rule(page: TheEditorPage, form: TheForm) -> Response:
    """Accept or reject a candidate."""
    verdict = VERDICTS.get(form.get("verdict", ""))
    if verdict is None:
        raise InvalidRequest("verdict: accepted or rejected")
    resource, requirement = form.get("resource", ""), form.get("requirement", "")

    def do() -> None:
        page.who.require("links", LinkEditor(page.engine).resource(resource))
        GapFiller(page.engine).rule(requirement, resource, verdict, by=page.who.name)

    await run_in_threadpool(do)
    return on_to(page, local_path(form.get("back", "/editor/gaps")), verdict)


def _place(page: EditorPage, edition: str | None) -> str:
    if edition is None:
        return page.who.edition or COMMON_EDITION
    return known_edition(edition, page.engine) or COMMON_EDITION


def _places(page: EditorPage, chosen: str) -> list[Choice]:
    every = (ALL_EDITIONS, page.t("ed_gaps.every_edition"), chosen == ALL_EDITIONS)
    return [
        *(choice for choice in edition_choices(page, chosen) if choice[0] not in {"", ALL_EDITIONS}),
        every,
    ]


def _roles(page: EditorPage) -> list[tuple[str, str]]:
    engine, today = page.engine, page.engine.today()
    asked = {r for plan in engine.plans().values() if plan.in_force(today) for r in plan.roles}
    known = engine.roles()
    named = [(r, initial(label_in(known[r].labels, page.lang, r))) for r in asked if r in known]
    return sorted(named, key=lambda one: one[1])


def _document(page: EditorPage, place: str, by: str, language: str, role: str, sort: str) -> dict[str, Any]:
    if by not in BY or sort not in SORTS:
        raise InvalidRequest(f"by: one of {', '.join(BY)}; sort: one of {', '.join(SORTS)}")
    found = gaps_of(
        page.engine,
        edition=place,
        by=by,
        languages=[language] if language in LANGUAGES else [],
        roles=[role_id(role, page.engine.roles())] if role else [],
        sort=sort,
    )
    return gaps_document(page.engine, found, lang=page.lang)


def _row(page: EditorPage, row: dict[str, Any]) -> dict[str, Any]:
    given = [(name, row[name]) for name in ("edition", "language", "resource_type") if row[name]]
    vocabulary, lang = page.engine.vocabulary, page.lang
    facts = [
        value_label(name, row[name], vocabulary, lang)
        for name in ("edition", "language", "resource_type")
        if row[name]
    ]
    return {
        **row,
        "facts": [initial(fact) for fact in facts],
        "colour": STATE_COLOURS[row["state"]],
        "fill": page.links.to(f"/editor/gaps/{row['requirement']}", *given),
    }
