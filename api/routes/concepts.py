"""Concepts of the vocabulary."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import JSON, JSON_LD, TURTLE, cached, engine_of, json_response, negotiate
from api.params import UiLanguage, concept_id, ui_language
from api.present import concept_out
from api.routes import problems
from api.schemas import ConceptOut, ConceptsOut, ProposedTagsOut, TextIn
from engine.errors import NotFound
from engine.service import Engine
from vocab.concept import Concept
from vocab.rdf import serialise
from vocab.skos import concept_triples

router = APIRouter(tags=["concepts"])
VARY = "Accept, Accept-Language"


def find_concept(engine: Engine, scheme: str, name: str) -> Concept:
    """Return a concept; a deprecated one too, with its replacement named. Raises NotFound."""
    found = engine.vocabulary.get(concept_id(scheme, name))
    if found is None:
        raise NotFound(f"no concept has the id {scheme + '/' + name!r}")
    return found


@router.get("/v1/concepts", summary="Find concepts", responses={200: {"model": ConceptsOut}, **problems(422)})
def concepts(
    request: Request,
    q: Annotated[str, Query(max_length=1000, description="Beginning of a label.", examples=["fall"])] = "",
    scheme: Annotated[str | None, Query(max_length=100, description="One scheme alone.")] = None,
    lang: Annotated[UiLanguage | None, Query(description="Language of the labels.")] = None,
    k: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """Return concepts with a label, preferred or not, that begins like the text."""
    engine = engine_of(request)
    language = ui_language(lang, request.headers.get("accept-language", ""))

    def make() -> dict[str, Any]:
        found: dict[str, dict[str, str]] = {}
        for c in engine.matcher.complete(q.strip()[:80], language, 10 * k) if q.strip() else ():
            concept = engine.vocabulary.get(c.concept)
            if concept is None or (scheme and concept.scheme != scheme):
                continue
            found.setdefault(
                concept.id, {"id": concept.id, "label": concept.label(language), "matched": c.label}
            )
        return {"concepts": list(found.values())[:k]}

    return cached(request, make, vary=VARY)


@router.post(
    "/v1/concepts/suggest",
    summary="Concepts of a text",
    responses={200: {"model": ProposedTagsOut}, **problems(422)},
)
def suggest(request: Request, body: TextIn) -> Response:
    """Return the concepts that a text would be tagged with, each with the words that made it."""
    engine = engine_of(request)
    language = ui_language(body.lang, request.headers.get("accept-language", ""))
    tags = engine.propose_tags(
        body.title,
        body.text,
        threshold=body.threshold,
        limit=body.limit,
        exclude=body.exclude,
        include=body.include,
    )
    response = json_response(
        {
            "concepts": [
                {
                    "concept": tag.concept,
                    "label": engine.vocabulary.label(tag.concept, language),
                    "score": tag.score,
                    "matched": tag.label,
                    "matched_kind": tag.label_kind,
                    "matched_lang": tag.label_lang,
                    "spans": [{"field": s.field, "start": s.start, "end": s.end} for s in tag.spans],
                    "features": dict(tag.features),
                }
                for tag in tags
            ]
        }
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get(
    "/v1/concepts/{scheme}/{name:path}",
    summary="A concept",
    responses={
        200: {
            "model": ConceptOut,
            "content": {JSON_LD: {"schema": {"type": "object"}}, TURTLE: {"schema": {"type": "string"}}},
        },
        **problems(404, 422),
    },
)
def concept(
    request: Request,
    scheme: str,
    name: str,
    lang: Annotated[UiLanguage | None, Query(description="Language of the labels.")] = None,
) -> Response:
    """Return labels, neighbours and mappings; JSON, or SKOS as JSON-LD or Turtle by `Accept`."""
    engine = engine_of(request)
    language = ui_language(lang, request.headers.get("accept-language", ""))
    media_type = negotiate(request, (JSON, JSON_LD, TURTLE))

    def make() -> Any:  # noqa: ANN401
        found = find_concept(engine, scheme, name)
        if media_type == JSON:
            return concept_out(found, engine, language)
        triples = concept_triples(found, engine.vocabulary.uri, engine.settings.base_uri)
        return serialise(triples, "turtle" if media_type == TURTLE else "json-ld").encode()

    return cached(request, make, media_type=media_type, vary=VARY)
