"""Editors: what is the same in the bank, two texts side by side, and what is no duplicate."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import engine_of, json_response
from api.duplicate_schemas import CompareOut, DuplicatesOut, NotDuplicateIn, NotDuplicateOut
from api.params import UiLanguage, ui_language
from api.routes import problems
from api.routes.resources import KEY, Writer
from api.security import Caller
from engine.alignment import Segment, segments
from engine.duplicates import Comparison, Group
from engine.errors import NotFound
from engine.model import Resource
from engine.not_duplicates import Ruled
from engine.pair_classes import PairClass
from engine.pair_reasons import action_name, class_name, reasons
from engine.rights import Right
from engine.service import Engine
from engine.text_prints import running_text
from vocab.analysis import analyse

router = APIRouter(tags=["editors"])
SECURED: dict[str, Any] = {"security": KEY}
Lang = Annotated[UiLanguage | None, Query(description="Language of labels and reasons.")]
A = Annotated[str, Query(max_length=512, description="Id of a resource.", examples=["kb-0077"])]
B = Annotated[str, Query(max_length=512, description="Id of another.", examples=["kb-0081"])]
Of = Annotated[str | None, Query(max_length=200, description="Only groups with a resource of this edition.")]


@router.get(
    "/v1/editor/duplicates",
    summary="Groups of resources that are one work",
    responses={200: {"model": DuplicatesOut}, **problems(401, 403, 422, 503)},
    openapi_extra=SECURED,
)
def duplicates(
    request: Request,
    key: Writer,
    lang: Lang = None,
    edition: Of = None,
    kind: Annotated[PairClass | None, Query(description="Only groups of this class.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Groups at most.")] = 20,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="Groups to pass over.")] = 0,
) -> Response:
    """Return groups with class, evidence and proposed action, what asks for most first.

    Copies, outdated local copies, translations, and texts with their local supplements; what editors have ruled
    on is left out. Drafts of other editions than the key's are not shown. Needs the scope `write`.
    """
    engine = engine_of(request)
    language = ui_language(lang, request.headers.get("accept-language", ""))
    groups = [g for g in engine.duplicates.groups() if kind in {None, g.kind}]
    shown = []
    for group in groups:
        members = engine.duplicates.members(group)
        if all(may_see(r, key) for r in members) and (
            edition is None or edition in {r.edition for r in members}
        ):
            shown.append((group, members))
    page = shown[offset : offset + limit]
    return _unstored({"total": len(shown), "groups": [_group_out(g, m, engine, language) for g, m in page]})


@router.get(
    "/v1/editor/compare",
    summary="Two resources side by side",
    responses={200: {"model": CompareOut}, **problems(400, 401, 403, 404, 422, 503)},
    openapi_extra=SECURED,
)
def compare(request: Request, a: A, b: B, key: Writer, lang: Lang = None) -> Response:
    """Return what two resources are to each other, why, and their texts aligned: what is the same, what differs.

    Any two resources, drafts too, those of other editions left out. Needs the scope `write`.
    """
    found = compared(engine_of(request), a, b, key)
    language = ui_language(lang, request.headers.get("accept-language", ""))
    one, other = running_text(found.a), running_text(found.b)
    aligned = segments(analyse(one), analyse(other))
    return _unstored(
        {
            "a": twin_out(found.a),
            "b": twin_out(found.b),
            "pair": pair_out(found, language),
            "segments": [segment_out(s, one, other) for s in aligned],
        }
    )


@router.put(
    "/v1/editor/not-duplicates",
    summary="Say that two resources are no duplicates",
    responses={200: {"model": NotDuplicateOut}, **problems(400, 401, 403, 404, 413, 422, 503)},
    openapi_extra=SECURED,
)
def rule(request: Request, a: A, b: B, body: NotDuplicateIn, key: Writer) -> Response:
    """Leave a pair out of the list, until one of the texts has changed much.

    The key must be of one of their editions, or of none. The same ruling again changes nothing.
    """
    engine = engine_of(request)
    found = compared(engine, a, b, key)
    may_rule(found, key)
    engine.duplicates.rulings.rule(found.a, found.b, by=key.name, at=engine.now(), reason=body.reason)
    ruled = engine.duplicates.rulings.of(found.a, found.b)
    assert ruled is not None
    return _unstored(_ruled_out(ruled))


@router.delete(
    "/v1/editor/not-duplicates",
    summary="Take back that two resources are no duplicates",
    responses={
        204: {"description": "There is no ruling any more."},
        **problems(400, 401, 403, 404, 422, 503),
    },
    openapi_extra=SECURED,
    status_code=204,
)
def undo(request: Request, a: A, b: B, key: Writer) -> Response:
    """Take a ruling back: the pair is listed again. The audit trail keeps both."""
    engine = engine_of(request)
    found = compared(engine, a, b, key)
    may_rule(found, key)
    if not engine.duplicates.rulings.withdraw(a, b, by=key.name, at=engine.now()):
        raise NotFound(f"nobody has said that {a!r} and {b!r} are no duplicates")
    return Response(status_code=204)


def twin_out(resource: Resource) -> dict[str, Any]:
    """Return a resource of a pair."""
    day = resource.updated or resource.published
    return {
        "id": resource.id,
        "title": resource.title,
        "language": resource.language,
        "edition": resource.edition,
        "status": resource.status,
        "resource_type": resource.resource_type,
        "updated": day.isoformat() if day else None,
    }


def pair_out(found: Comparison, lang: str) -> dict[str, Any]:
    """Return a pair with its class, reasons and evidence."""
    e, judgement = found.evidence, found.judgement
    return {
        "a": found.a.id,
        "b": found.b.id,
        "kind": judgement.kind,
        "label": class_name(judgement.kind, lang),
        "same_work": judgement.same_work,
        "strength": judgement.strength,
        "action": found.action,
        "action_label": action_name(found.action, lang),
        "reasons": reasons(e, judgement.kind, lang),
        "evidence": {
            "identical": e.identical,
            "words": e.words,
            "shared": round(e.shared, 3),
            "passages": round(e.passages, 3),
            "part_a": round(e.part_a, 3),
            "part_b": round(e.part_b, 3),
            "title": round(e.title, 3),
            "cosine": None if e.cosine is None else round(e.cosine, 3),
            "concepts": round(e.concepts, 3),
            "numbers_a": e.numbers_a,
            "numbers_b": e.numbers_b,
            "languages": e.languages,
            "editions": e.editions,
            "dates": [day.isoformat() if day else None for day in e.dates],
            "local": e.local,
            "other_audience": e.other_audience,
            "says_supplement": e.says_supplement,
            "names_title": e.names_title,
            "acts": e.acts,
        },
        "not_duplicate": _ruled_out(found.ruled) if found.ruled and not found.ruled.stated else None,
        "kept": _ruled_out(found.ruled) if found.ruled and found.ruled.stated else None,
    }


def _group_out(group: Group, members: list[Resource], engine: Engine, lang: str) -> dict[str, Any]:
    return {
        "kind": group.kind,
        "label": class_name(group.kind, lang),
        "action": group.action,
        "action_label": action_name(group.action, lang),
        "kept": group.kept,
        "members": [twin_out(r) for r in members],
        "pairs": [pair_out(pair, lang) for pair in engine.duplicates.described(group)],
    }


def segment_out(segment: Segment, a: str, b: str) -> dict[str, Any]:
    """Return a stretch of two texts."""
    return {
        "kind": segment.kind,
        "a": a[slice(*segment.a)],
        "b": b[slice(*segment.b)],
        "a_start": segment.a[0],
        "b_start": segment.b[0],
    }


def _ruled_out(ruled: Ruled) -> dict[str, Any]:
    d = ruled.decision
    return {
        "a": d.subject,
        "b": d.object,
        "by": d.by,
        "at": d.at.isoformat(),
        "reason": d.reason,
        "holds": ruled.holds,
    }


def compared(engine: Engine, a: str, b: str, key: Caller) -> Comparison:
    """Return two resources compared; raises NotFound, also of what the key may not see."""
    found = engine.duplicates.compare(a, b)
    for resource in (found.a, found.b):
        key.require_seen(resource)
    return found


def may_see(resource: Resource, key: Caller) -> bool:
    """Tell whether a resource may be shown to who has the key."""
    return key.may_see(resource)


def may_rule(found: Comparison, key: Caller, right: Right = "not-duplicate") -> None:
    """Refuse a ruling on a pair of which no resource is of the key's edition; raises Forbidden."""
    key.require_on_pair(right, found.a, found.b)


def _unstored(body: dict[str, Any]) -> Response:
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response
