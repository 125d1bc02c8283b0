"""The vocabulary as data: schemes, and what each concept has to do with others, resources and requirements."""

import gzip
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query, Request, Response

from api.answers import FORMATS, JSON, cached, engine_of, negotiate
from api.browse import (
    Kept,
    ResourceCounts,
    by_label,
    facet_value,
    find_scheme,
    public_uri,
    requirements_about,
    roles_asked,
    roots,
    size,
    tagged_by,
)
from api.editions import known_edition
from api.params import UiLanguage, ui_language
from api.present import label_in, resource_record
from api.routes import problems
from api.routes.concepts import RDF, SKOS_ANSWERS, VARY, AskedFormat, find_concept
from api.vocabulary_schemas import (
    ConceptRequirementsOut,
    ConceptResourcesOut,
    ConceptRolesOut,
    MappingsOut,
    NeighboursOut,
    SchemeDetailOut,
    SchemesOut,
)
from engine.errors import InvalidRequest
from engine.model import SearchRequest
from engine.paging import page_of
from engine.service import Engine
from vocab.concept import Concept, ConceptScheme
from vocab.vocabulary import Vocabulary
from vocab.writing import write_scheme

router = APIRouter(tags=["concepts"])
MOST_BELOW = 1000
"""Narrower concepts whose resources are looked for at once."""

Lang = Annotated[UiLanguage | None, Query(description="Language of the labels.")]
Edition = Annotated[str | None, Query(max_length=100, description="Edition of the reader.")]
Cursor = Annotated[str | None, Query(max_length=4000, description="`next_cursor` of the answer before.")]
Transitive = Annotated[bool, Query(description="Also what is further away than one step.")]
OnAPage = Annotated[int, Query(ge=1, le=1000, description="Concepts on a page.")]


def counts_of(request: Request) -> ResourceCounts:
    """Return the counts that the application keeps."""
    counts: ResourceCounts = request.app.state.resource_counts
    return counts


def items_out(
    concepts: Sequence[Concept], request: Request, lang: str, edition: str | None
) -> list[dict[str, Any]]:
    """Return concepts of a list."""
    engine = engine_of(request)
    counts = counts_of(request).of(engine, concepts, edition)
    return [
        {
            "id": c.id,
            "uri": engine.vocabulary.uri(c.id),
            "label": c.label(lang),
            "deprecated": c.deprecated,
            "narrower": len(engine.vocabulary.narrower(c.id)),
            "resources": counts[c.id] if counts is not None else None,
        }
        for c in concepts
    ]


def scheme_out(scheme: ConceptScheme, vocabulary: Vocabulary, lang: str) -> dict[str, Any]:
    """Return a scheme."""
    return {
        "id": scheme.id,
        "uri": vocabulary.uri(scheme.id),
        "label": label_in(scheme.pref_label, lang, scheme.id),
        "pref_label": dict(scheme.pref_label),
        "lexical": scheme.lexical,
        "concepts": size(vocabulary, scheme.id),
    }


@router.get(
    "/v1/schemes", summary="All schemes", responses={200: {"model": SchemesOut}, **problems(422, 503)}
)
def schemes(request: Request, lang: Lang = None) -> Response:
    """Return the kinds of concepts that there are."""
    engine, language = _asked(request, lang)
    words = engine.vocabulary
    return cached(
        request, lambda: {"schemes": [scheme_out(s, words, language) for s in words.schemes]}, vary=VARY
    )


@router.get(
    "/v1/schemes/{id:path}",
    summary="A scheme",
    responses={200: {"model": SchemeDetailOut, "content": SKOS_ANSWERS}, **problems(400, 404, 422, 503)},
)
def scheme(
    request: Request,
    id: str,
    edition: Edition = None,
    cursor: Cursor = None,
    k: OnAPage = 100,
    lang: Lang = None,
    format: AskedFormat = None,
) -> Response:
    """Return a scheme with its top concepts; as SKOS (JSON-LD, Turtle or RDF/XML by `Accept`) all of it."""
    engine, language = _asked(request, lang)
    media_type = FORMATS[format] if format else negotiate(request, (JSON, *RDF))
    words = engine.vocabulary

    def make() -> Any:  # noqa: ANN401
        found = find_scheme(words, id)
        if media_type != JSON:
            return written_scheme(request, words, found, media_type)
        page, next_cursor = _cut(roots(words, id, language), cursor, k)
        return {
            **scheme_out(found, words, language),
            "total": len(roots(words, id, language)),
            "top_concepts": items_out(page, request, language, known_edition(edition, engine)),
            "next_cursor": next_cursor,
        }

    if media_type == JSON:
        return cached(request, make, vary=VARY)
    response = cached(request, make, media_type=media_type, vary=f"{VARY}, Accept-Encoding")
    if response.status_code == 200 and takes_gzip(request):
        response.headers["Content-Encoding"] = "gzip"
    return response


def takes_gzip(request: Request) -> bool:
    """Tell whether an answer may be compressed."""
    return "gzip" in request.headers.get("accept-encoding", "")


def written_scheme(request: Request, words: Vocabulary, scheme: ConceptScheme, media_type: str) -> bytes:
    """Return a whole scheme in a format, as it was written before if nothing has changed.

    Compressed where the asker takes that: megabytes are not compressed again for each of them.
    """
    kept: Kept = request.app.state.kept

    def write() -> bytes:
        return write_scheme(words, scheme, RDF[media_type]).encode("utf-8", "replace")

    data = kept.get((words.version, words.base_uri, scheme.id, media_type), write)
    return data if takes_gzip(request) else gzip.decompress(data)


_NEAR: dict[int | str, dict[str, Any]] = {200: {"model": NeighboursOut}, **problems(400, 404, 422, 503)}


@router.get("/v1/concepts/{scheme}/{name:path}/broader", summary="Broader concepts", responses=_NEAR)
def broader(
    request: Request,
    scheme: str,
    name: str,
    transitive: Transitive = False,
    edition: Edition = None,
    cursor: Cursor = None,
    k: OnAPage = 100,
    lang: Lang = None,
) -> Response:
    """Return what is right above a concept; with `transitive` everything above, the nearest first."""
    return _neighbours(request, "broader", scheme, name, transitive, edition, cursor, k, lang)


@router.get("/v1/concepts/{scheme}/{name:path}/narrower", summary="Narrower concepts", responses=_NEAR)
def narrower(
    request: Request,
    scheme: str,
    name: str,
    transitive: Transitive = False,
    edition: Edition = None,
    cursor: Cursor = None,
    k: OnAPage = 100,
    lang: Lang = None,
) -> Response:
    """Return what is right below a concept; with `transitive` everything below, the nearest first."""
    return _neighbours(request, "narrower", scheme, name, transitive, edition, cursor, k, lang)


@router.get("/v1/concepts/{scheme}/{name:path}/related", summary="Related concepts", responses=_NEAR)
def related(
    request: Request,
    scheme: str,
    name: str,
    edition: Edition = None,
    cursor: Cursor = None,
    k: OnAPage = 100,
    lang: Lang = None,
) -> Response:
    """Return the concepts beside one."""
    return _neighbours(request, "related", scheme, name, False, edition, cursor, k, lang)


def _neighbours(
    request: Request,
    relation: Literal["broader", "narrower", "related"],
    scheme: str,
    name: str,
    transitive: bool,
    edition: str | None,
    cursor: str | None,
    k: int,
    lang: UiLanguage | None,
) -> Response:
    """Answer with one step in the order of the labels, or with all steps, the nearest first."""

    def around(engine: Engine, concept: Concept, language: str) -> dict[str, Any]:
        words = engine.vocabulary
        step = {"broader": words.broader, "narrower": words.narrower, "related": words.related}[relation]
        all_steps = words.ancestors if relation == "broader" else words.descendants
        found = (
            tuple(words[i] for i in all_steps(concept.id) if i in words)
            if transitive
            else by_label(step(concept.id), language)
        )
        page, next_cursor = _cut(found, cursor, k)
        return {
            "relation": relation,
            "transitive": transitive,
            "total": len(found),
            "concepts": items_out(page, request, language, known_edition(edition, engine)),
            "next_cursor": next_cursor,
        }

    return _about(request, scheme, name, lang, around)


@router.get(
    "/v1/concepts/{scheme}/{name:path}/mappings",
    summary="A concept in other vocabularies",
    responses={200: {"model": MappingsOut}, **problems(404, 422)},
)
def mappings(request: Request, scheme: str, name: str) -> Response:
    """Return codes of other vocabularies, with addresses where they have public ones."""

    def elsewhere(_engine: Engine, concept: Concept, _language: str) -> dict[str, Any]:
        return {
            "total": len(concept.mappings),
            "mappings": [
                {"match": m.match, "vocabulary": m.vocabulary, "code": m.code, "uri": public_uri(m)}
                for m in concept.mappings
            ],
        }

    return _about(request, scheme, name, None, elsewhere, vary="Accept")


@router.get(
    "/v1/concepts/{scheme}/{name:path}/resources",
    summary="Resources of a concept",
    responses={200: {"model": ConceptResourcesOut}, **problems(400, 404, 422, 503)},
)
def resources(
    request: Request,
    scheme: str,
    name: str,
    transitive: Transitive = False,
    edition: Edition = None,
    cursor: Cursor = None,
    k: Annotated[int, Query(ge=1, le=100, description="Resources on a page.")] = 10,
) -> Response:
    """Return the resources that are tagged with a concept; with `transitive` also with narrower ones."""

    def having(engine: Engine, concept: Concept, _language: str) -> dict[str, Any]:
        facet, value = facet_value(concept)
        filters = {facet: values_of(engine.vocabulary, concept) if transitive else (value,)}
        found = engine.search(
            SearchRequest(
                filters=filters, edition=known_edition(edition, engine), k=k, cursor=cursor or None, facets=()
            )
        )
        tagged = [(h.resource, *tagged_by(h.resource, concept)) for h in found.hits]
        return {
            "transitive": transitive,
            "facet": facet,
            "value": value,
            "total": found.total,
            "resources": [
                {"resource": resource_record(r, body=False), "by": by, "score": score}
                for r, by, score in tagged
            ],
            "next_cursor": found.next_cursor,
        }

    return _about(request, scheme, name, None, having, vary="Accept")


def values_of(words: Vocabulary, concept: Concept) -> tuple[str, ...]:
    """Return the facet values of a concept and of all below it; raises InvalidRequest for very many."""
    below = words.descendants(concept.id)
    if len(below) > MOST_BELOW:
        raise InvalidRequest(
            f"transitive: {concept.id} has {len(below)} concepts below it, at most {MOST_BELOW} are looked for"
        )
    facet, value = facet_value(concept)
    lower = [facet_value(words[i]) for i in below if i in words]
    return tuple(dict.fromkeys((value, *(v for f, v in lower if f == facet))))


@router.get(
    "/v1/concepts/{scheme}/{name:path}/requirements",
    summary="Requirements about a concept",
    responses={200: {"model": ConceptRequirementsOut}, **problems(404, 422, 503)},
)
def requirements(request: Request, scheme: str, name: str, lang: Lang = None) -> Response:
    """Return the requirements that name a concept, or are it."""

    def asking(engine: Engine, concept: Concept, language: str) -> dict[str, Any]:
        found = requirements_about(engine, concept)
        return {
            "total": len(found),
            "requirements": [
                {"id": q.id, "label": label_in(q.labels, language, q.id), "kind": q.kind} for q in found
            ],
        }

    return _about(request, scheme, name, lang, asking)


@router.get(
    "/v1/concepts/{scheme}/{name:path}/roles",
    summary="Roles that need a concept",
    responses={200: {"model": ConceptRolesOut}, **problems(400, 404, 422, 503)},
)
def roles(request: Request, scheme: str, name: str, edition: Edition = None, lang: Lang = None) -> Response:
    """Return the roles whose plans in force ask for a requirement about a concept, the most obliged first."""

    def needing(engine: Engine, concept: Concept, language: str) -> dict[str, Any]:
        about = [q.id for q in requirements_about(engine, concept)]
        found = roles_asked(engine, about, known_edition(edition, engine))
        known = engine.roles()
        return {
            "total": len(found),
            "roles": [
                {
                    "id": a.role,
                    "label": label_in(known[a.role].labels, language, a.role),
                    "necessity": a.necessity,
                    "requirements": list(a.requirements),
                    "plans": list(a.plans),
                }
                for a in found
            ],
        }

    return _about(request, scheme, name, lang, needing)


def _about(
    request: Request,
    scheme: str,
    name: str,
    lang: UiLanguage | None,
    told: Callable[[Engine, Concept, str], dict[str, Any]],
    *,
    vary: str = VARY,
) -> Response:
    """Answer with a concept's id and what is `told` of the concept."""
    engine, language = _asked(request, lang)

    def make() -> dict[str, Any]:
        concept = find_concept(engine, scheme, name)
        return {"concept": concept.id, **told(engine, concept, language)}

    return cached(request, make, vary=vary)


def _asked(request: Request, lang: UiLanguage | None) -> tuple[Engine, UiLanguage]:
    """Return the engine, with the words as they are now, and the language to answer in."""
    engine = engine_of(request)
    engine.refresh_vocabulary()
    return engine, ui_language(lang, request.headers.get("accept-language", ""))


def _cut(concepts: Sequence[Concept], cursor: str | None, k: int) -> tuple[tuple[Concept, ...], str | None]:
    page = page_of(np.arange(len(concepts)), tuple(c.id for c in concepts), cursor or None, k)
    return tuple(concepts[row] for row in page.rows), page.next_cursor
