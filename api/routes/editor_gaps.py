"""Editors: what nobody has made yet, what could fill it, and rulings on that."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of, json_response
from api.editions import known_edition
from api.gap_schemas import CandidateRulingIn, CandidateRulingOut, GapCandidatesOut, GapsOut
from api.params import UiLanguage, ui_language
from api.present import label_in
from api.routes import problems
from api.routes.reports import BYTES, CSV, TEXT, XLSX
from api.routes.resources import KEY, Writer
from engine.gap_filling import GapFiller
from engine.gap_words import candidate_document
from engine.link_editing import LinkEditor
from engine.model import COMMON_EDITION
from engine.reports.gaps import By, gaps_document, gaps_of, gaps_table
from engine.reports.tables import csv_bytes, workbook_bytes
from engine.search import ALL_EDITIONS
from engine.service import role_id
from graph.gaps import Sort

router = APIRouter(tags=["editors"])
SECURED: dict[str, Any] = {"security": KEY}
Lang = Annotated[UiLanguage | None, Query(description="Language of labels and sentences.")]
Edition = Annotated[
    str | None,
    Query(
        max_length=100, description="Where: default the key's edition, else the common one; `alle` is each."
    ),
]
Language = Annotated[Literal["nb", "nn", "en", "se"] | None, Query(description="Only in this language.")]
Kind = Annotated[str | None, Query(max_length=100, description="Only of this resource type.")]


@router.get(
    "/v1/editor/gaps",
    summary="Requirements without valid resources",
    responses={
        200: {"model": GapsOut, "content": {CSV: TEXT, XLSX: BYTES}},
        **problems(400, 401, 403, 404, 422, 503),
    },
    openapi_extra=SECURED,
)
def list_gaps(
    request: Request,
    key: Writer,
    edition: Edition = None,
    language: Language = None,
    resource_type: Kind = None,
    role: Annotated[
        list[str], Query(description="Only what is asked of one of these; id, HPR or STYRK-08 code.")
    ] = [],  # noqa: B006
    by: Annotated[
        By, Query(description="Whether any resource will do, or one in each language, or of each type.")
    ] = "requirement",
    sort: Annotated[Sort, Query(description="What comes first.")] = "plans",
    limit: Annotated[int, Query(ge=1, le=10_000, description="Gaps at most.")] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="Gaps to pass over.")] = 0,
    format: Annotated[
        Literal["json", "csv", "xlsx"], Query(description="csv and xlsx give all of them.")
    ] = "json",
    lang: Lang = None,
) -> Response:
    """Return what plans in force ask for and nothing valid teaches, with who is affected and what is nearly there.

    A link that the program proposes does not fill a gap; it is told apart (`proposed`). Needs the scope `write`.
    """
    engine = engine_of(request)
    said = ui_language(lang, request.headers.get("accept-language", ""))
    found = gaps_of(
        engine,
        edition=known_edition(edition or key.edition, engine),
        by=by,
        languages=[language] if language else [],
        resource_types=[resource_type] if resource_type else [],
        roles=[role_id(text, engine.roles()) for text in role],
        sort=sort,
    )
    if format == "json":
        page = gaps_document(engine, found[offset : offset + limit], lang=said)
        return _unstored(json_response({**page, "total": len(found)}))
    document = gaps_document(engine, found, lang=said)
    if format == "csv":
        table = gaps_table(document)
        return _unstored(Response(csv_bytes(table.header, table.rows), media_type=CSV))
    return _unstored(Response(workbook_bytes([gaps_table(document, said)]), media_type=XLSX))


@router.get(
    "/v1/editor/gaps/{requirement:path}/candidates",
    summary="What could fill a gap",
    responses={200: {"model": GapCandidatesOut}, **problems(400, 401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
)
def candidates(
    request: Request,
    requirement: str,
    key: Writer,
    edition: Edition = None,
    language: Language = None,
    resource_type: Kind = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Candidates at most.")] = 20,
    lang: Lang = None,
) -> Response:
    """Return the nearest existing resources with evidence and what each takes, what takes least first.

    `steps`: accept the `link`, `renew` the review, `publish`, `share` with the edition, `translate`, or `adapt` to
    another type. What an editor has rejected is not offered again. Drafts are shown to who may write them.
    """
    engine = engine_of(request)
    said = ui_language(lang, request.headers.get("accept-language", ""))
    where = known_edition(edition or key.edition, engine) or COMMON_EDITION
    where = COMMON_EDITION if where == ALL_EDITIONS else where
    filler = GapFiller(engine)
    wanted = filler.requirement(requirement)
    found = [
        c
        for c in filler.candidates(wanted.id, edition=where, language=language, resource_type=resource_type)
        if key.may_see(c.resource)
    ]
    return _unstored(
        json_response(
            {
                "requirement": wanted.id,
                "label": label_in(wanted.labels, said, wanted.id),
                "edition": where,
                "language": language,
                "resource_type": resource_type,
                "total": len(found),
                "candidates": [
                    {
                        **candidate_document(engine, c, said),
                        "may_rule": key.may("links", c.resource.edition),
                    }
                    for c in found[:limit]
                ],
            }
        )
    )


@router.put(
    "/v1/editor/gaps/{requirement:path}/candidates",
    summary="Rule on a candidate for a gap",
    responses={200: {"model": CandidateRulingOut}, **problems(400, 401, 403, 404, 413, 422, 503)},
    openapi_extra=SECURED,
)
def rule(request: Request, requirement: str, body: CandidateRulingIn, key: Writer) -> Response:
    """Accept a candidate: it teaches the requirement from now on. Reject it: it is not offered again.

    As `PUT /v1/editor/links` does; of a resource that is linked already the link stays, and only the adapting is
    rejected. The same ruling again changes nothing.
    """
    engine = engine_of(request)
    key.require("links", LinkEditor(engine).resource(body.resource))
    ruling = GapFiller(engine).rule(requirement, body.resource, body.verdict, by=key.name, reason=body.reason)
    return _unstored(
        json_response(
            {
                "kind": ruling.kind,
                "resource": ruling.subject,
                "requirement": ruling.object,
                "verdict": ruling.verdict,
                "by": ruling.by,
                "at": ruling.at.isoformat(),
                "reason": ruling.reason,
            }
        )
    )


@router.delete(
    "/v1/editor/gaps/{requirement:path}/candidates",
    summary="Take back a ruling on a candidate",
    responses={
        204: {"description": "There is no ruling any more."},
        **problems(400, 401, 403, 404, 422, 503),
    },
    openapi_extra=SECURED,
    status_code=204,
)
def undo(
    request: Request,
    requirement: str,
    resource: Annotated[str, Query(max_length=512, description="Id of the resource.", examples=["kb-0077"])],
    key: Writer,
) -> Response:
    """Take a ruling back: the resource is offered again. The audit trail keeps both."""
    engine = engine_of(request)
    key.require("links", LinkEditor(engine).resource(resource))
    GapFiller(engine).withdraw(requirement, resource, by=key.name)
    return Response(status_code=204)


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
