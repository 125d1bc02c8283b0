"""The graph opened: all of it as linked data, what hangs on one thing, and questions in SPARQL."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from api.answers import JSON, cached, engine_of, matches, negotiate, tag_of
from api.graph_schemas import ImpactOut, TermsOut
from api.linked import LINKED, MEDIA_TYPES, RDF_FORMATS, AskedLinked, media_type_of
from api.present import label_in
from api.problems import RETRY, Problem
from api.routes import problems
from api.routes.roles import Lang, language_of
from engine.errors import NotFound
from engine.open_graph import OpenQueries, open_graph, resource_facts
from engine.service import Engine
from graph.competence_graph import Impact
from graph.errors import GraphError
from graph.export import PREFIXES
from graph.provenance import NS
from graph.terms import TERMS, relations, term_triples
from vocab.sparql import Answer, GraphFormat, QueryError, QueryStopped, SolutionFormat
from vocab.writing import stream_triples

router = APIRouter(tags=["graph"])
MOST_QUERY = 50_000
"""Longest query taken [bytes]."""

_PIECE = 1 << 16
_WHOLE = threading.BoundedSemaphore(2)
_SOLUTIONS: Mapping[str, SolutionFormat] = {
    "application/sparql-results+json": "json",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/sparql-results+xml": "xml",
    "application/json": "json",
}
_GRAPHS: Mapping[str, GraphFormat] = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/ld+json": "json-ld",
}


@router.get(
    "/v1/graph",
    summary="The whole graph",
    response_class=StreamingResponse,
    responses={200: {"content": LINKED}, **problems(422, 503)},
)
def whole(request: Request, format: AskedLinked = None) -> Response:
    """Return roles, plans, requirements, concepts, resources and every edge with who made it, when and how sure.

    Turtle, JSON-LD or N-Triples by `Accept`, sent as it is made. Reading it gives the same graph in each.
    """
    engine = engine_of(request)
    media_type = media_type_of(request, format, tuple(RDF_FORMATS))
    tag = tag_of(request, engine, media_type)
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept"}
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    data = open_graph(engine)  # says now, and not in the middle of an answer, that there is none
    if not _WHOLE.acquire(blocking=False):
        raise Problem(503, "backend-unavailable", "Others are fetching the whole graph.", headers=RETRY)
    text = _released(data.text(format=RDF_FORMATS[media_type]), _WHOLE.release)
    next(text)
    return StreamingResponse(text, media_type=media_type, headers=headers)


def _released(pieces: Iterator[str], release: Callable[[], None]) -> Iterator[bytes]:
    """Yield text in pieces worth sending, and release whatever happens."""
    waiting: list[bytes] = []
    size = 0
    try:
        yield b""  # taken by the caller: from here on the end is reached, whoever goes away when
        for piece in pieces:
            waiting.append(piece.encode("utf-8", "replace"))
            size += len(waiting[-1])
            if size >= _PIECE:
                yield b"".join(waiting)
                waiting, size = [], 0
        yield b"".join(waiting)
    finally:
        release()


@router.get(
    "/v1/graph/terms",
    summary="Kinds of relations, and what our terms mean",
    responses={200: {"model": TermsOut, "content": LINKED}, **problems(422, 503)},
)
def terms(request: Request, format: AskedLinked = None) -> Response:
    """Return every kind of edge with what it joins, and the terms of the namespace `kg:`; as RDF Schema by `Accept`."""
    media_type = media_type_of(request, format, tuple(MEDIA_TYPES.values()))

    def make() -> dict[str, Any] | bytes:
        if media_type == JSON:
            own = [{"uri": NS + t.name, "kind": t.kind, "meaning": t.meaning} for t in TERMS]
            return {"relations": relations(), "terms": own}
        return "".join(stream_triples(term_triples(), RDF_FORMATS[media_type], PREFIXES)).encode()

    return cached(request, make, media_type=media_type)


@router.get(
    "/v1/graph/impact",
    summary="What hangs on one thing",
    responses={200: {"model": ImpactOut}, **problems(404, 422, 503)},
)
def impact(
    request: Request,
    id: Annotated[
        str,
        Query(
            max_length=512,
            description="Node: `resource:…`, `requirement:…`, `plan:…`, `role:…`, `concept:…`; without a kind it is a resource.",
            examples=["requirement:krav-fall"],
        ),
    ],
    lang: Lang = None,
) -> Response:
    """Tell what would be touched if a thing were withdrawn: requirements, plans, roles, editions, resources.

    Of a resource, `uncovered` are the requirements that nothing would teach any longer, and plans, roles and
    editions are those that ask for them.
    """
    language = language_of(request, lang)
    engine = engine_of(request)
    return cached(request, lambda: impact_out(engine, id, language), vary="Accept, Accept-Language")


def impact_out(engine: Engine, node: str, lang: str) -> dict[str, Any]:
    """Return what a thing's disappearance would touch, with labels; raises NotFound."""
    graph = engine.graph()
    try:
        found: Impact = graph.impact(node)
    except GraphError:
        raise NotFound(f"the graph has no node {node!r}") from None
    if found.node.startswith("resource:"):
        engine.resource(graph.node(found.node).local)  # one that has been withdrawn since is not told of
    published = resource_facts(engine, [graph.node(r).local for r in found.resources])

    def named(ids: tuple[str, ...]) -> list[dict[str, str]]:
        return [{"id": i, "label": label_in(graph.node(i).labels, lang, graph.node(i).local)} for i in ids]

    plans = engine.plans()
    asking = [plans[p.partition(":")[2]] for p in found.plans if p.partition(":")[2] in plans]
    return {
        "id": found.node,
        "kind": graph.node(found.node).kind,
        "label": named((found.node,))[0]["label"],
        "requirements": named(found.requirements),
        "uncovered": named(found.uncovered),
        "plans": named(found.plans),
        "roles": named(found.roles),
        "resources": named(tuple(r for r in found.resources if graph.node(r).local in published)),
        "editions": sorted({edition for plan in asking for edition in plan.editions}),
        "graph_version": graph.version,
    }


_SPARQL_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Solutions (SELECT, ASK) or a graph (CONSTRUCT, DESCRIBE), by `Accept`.",
        "content": {
            **{kind: {"schema": {}} for kind in (*_SOLUTIONS, *_GRAPHS)},
        },
    },
    **problems(400, 404, 413, 422, 503),
}


@router.get("/sparql", summary="Ask in SPARQL", response_class=Response, responses=_SPARQL_ANSWERS)
def sparql(
    request: Request,
    query: Annotated[
        str,
        Query(
            max_length=MOST_QUERY,
            description="SPARQL 1.1: SELECT, ASK, CONSTRUCT or DESCRIBE.",
            examples=["SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"],
        ),
    ],
) -> Response:
    """Answer a query on a copy of the graph: reading only, within a time, a memory and a size (SPARQL 1.1 Protocol)."""
    _no_dataset(request.query_params.keys())
    return _answered(request, query)


@router.post(
    "/sparql",
    summary="Ask a long question in SPARQL",
    response_class=Response,
    responses=_SPARQL_ANSWERS,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/sparql-query": {"schema": {"type": "string"}},
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "properties": {"query": {"type": "string"}},
                        "required": ["query"],
                    }
                },
            },
        }
    },
)
async def sparql_post(request: Request) -> Response:
    """Answer the same with the query as the body, or as the field `query` of a form."""
    body = await request.body()
    if len(body) > MOST_QUERY:
        raise Problem(413, "too-large", f"A query has at most {MOST_QUERY:,} bytes.")
    text = body.decode("utf-8", "replace")
    _no_dataset(request.query_params.keys())
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = parse_qs(text, keep_blank_values=True, max_num_fields=20)
        _no_dataset(form.keys())
        text = form.get("query", [""])[0]
    return await run_in_threadpool(_answered, request, text)


def _no_dataset(names: object) -> None:
    given = {"default-graph-uri", "named-graph-uri", "using-graph-uri", "update"} & set(names)  # type: ignore[call-overload]
    if given:
        raise Problem(
            400, "invalid-request", f"{', '.join(sorted(given))}: there is one graph, and it is only read."
        )


def _answered(request: Request, text: str) -> Response:
    engine = engine_of(request)
    if not engine.settings.sparql_seconds:
        raise Problem(404, "not-found", "Queries in SPARQL are switched off here.")
    solutions = negotiate(request, tuple(_SOLUTIONS))
    graphs = negotiate(request, tuple(_GRAPHS))
    queries: OpenQueries = request.app.state.open_queries
    try:
        found: Answer = queries.ask(text, solutions=_SOLUTIONS[solutions], graphs=_GRAPHS[graphs])
    except QueryError as error:
        where = [{"field": "query", "message": str(error), "line": error.line, "column": error.column}]
        raise Problem(400, "invalid-query", str(error), errors=where) from None
    except QueryStopped as error:
        raise Problem(
            413 if error.what == "size" else 422,
            "query-stopped",
            f"{str(error)[:1].upper()}{str(error)[1:]}.",
        ) from None
    media_type = graphs if found.kind == "graph" else solutions
    return Response(
        found.body, media_type=media_type, headers={"Cache-Control": "no-cache", "Vary": "Accept"}
    )
