"""What is served? One FastAPI application over one engine: API, pages, static files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.openapi.utils import get_openapi
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from api import problems
from api.assets import Assets, StaticFolder
from api.browse import Kept, ResourceCounts
from api.oidc import Provider
from api.rendering import error_page
from api.routes import (
    concepts,
    drafts,
    duplicates,
    editor,
    editor_access,
    editor_gaps,
    editor_links,
    editor_pages,
    editor_queue,
    editor_reviews,
    graph,
    impact,
    linked_data,
    merges,
    operations,
    pages,
    reports,
    resources,
    review_feeds,
    role_difference,
    role_pages,
    roles,
    search,
    search_page,
    statistics,
    status,
    versions,
    vocabulary,
    vocabulary_pages,
    wish_page,
)
from api.schemas import ProblemOut
from api.security import BodyLimit, HeadAsGet, SecurityHeaders
from api.sessions import NAME, Sessions
from api.telemetry import Metrics, Telemetry
from engine.drafting import Drafting
from engine.open_graph import OpenQueries
from engine.refusals import Refusals
from engine.service import Engine

DESCRIPTION = """Search, suggestions and recommendations over learning resources for health personnel.

Every answer says why: a hit names the words and concepts that found it, a recommendation is a path
role → plan → requirement → resource with who made each edge. Reading needs no key. Nothing about the
asker is stored. Failures are `application/problem+json` (RFC 9457).
"""

TAGS = [
    {"name": "search", "description": "Search, autocomplete, feeds."},
    {"name": "resources", "description": "Learning resources; writing needs a key."},
    {"name": "recommendations", "description": "What to learn next, and why."},
    {"name": "roles and plans", "description": "Roles, plans, requirements."},
    {
        "name": "status",
        "description": "How somebody stands and when what is due, from a list that is not kept.",
    },
    {"name": "reports", "description": "Coverage, forecast, a unit, and the bundle for an inspection."},
    {"name": "graph", "description": "The graph opened: linked data, SPARQL, what hangs on what."},
    {"name": "concepts", "description": "The vocabulary (SKOS)."},
    {
        "name": "editors",
        "description": "Rulings on tags and links, concepts that are not proposed; all of it needs a key.",
    },
    {"name": "statistics", "description": "What is searched for, counted without who searched; wishes."},
    {"name": "operations", "description": "Health and metrics."},
]


def create_app(engine: Engine, metrics: Metrics | None = None) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    engine : Engine
        What is asked; its settings hold the keys and the origins that may call from a browser.
    metrics : Metrics, optional
        What is counted; by default by this application alone.
    """
    metrics = metrics or Metrics()
    app = FastAPI(
        title="Kompetansegraf",
        version=_version(),
        summary="Which learning resources, and why.",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        lifespan=_counting,
        redoc_url=None,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(Telemetry, metrics=metrics),
            Middleware(BodyLimit),
            Middleware(
                CORSMiddleware,
                allow_origins=list(engine.settings.cors_origins),
                allow_methods=["GET", "POST", "PUT", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "X-API-Key"],
                expose_headers=["ETag"],
                max_age=600,
            ),
            Middleware(GZipMiddleware, minimum_size=800, compresslevel=6),
            Middleware(HeadAsGet),
        ],
    )
    assets = Assets()
    app.state.engine = engine
    app.state.metrics = metrics
    app.state.assets = assets
    app.state.static_version = assets.version
    app.state.error_page = error_page
    app.state.resource_counts = ResourceCounts()
    app.state.kept = Kept()
    app.state.paces = statistics.Paces()
    app.state.open_queries = OpenQueries(engine)
    app.state.sessions = Sessions(engine)
    app.state.provider = Provider(engine.settings)
    app.state.refusals = Refusals(engine.catalogue.audit, engine.now)
    app.state.drafting = Drafting(engine)
    problems.install(app)
    # relations before concepts: the name of a concept may have slashes in it
    for module in (
        search,
        review_feeds,
        resources,
        roles,
        role_difference,
        status,
        reports,
        vocabulary,
        concepts,
        editor_reviews,
        editor_queue,
        editor,
        editor_access,
        editor_links,
        duplicates,
        merges,
        drafts,
        statistics,
        impact,
        versions,
        editor_gaps,
        graph,
        operations,
    ):
        app.include_router(module.router)
    for page in (search_page, wish_page, role_pages, pages, vocabulary_pages):
        app.include_router(page.router, include_in_schema=False)
    app.include_router(role_difference.pages, include_in_schema=False)
    for router in editor_pages.pages:
        app.include_router(router, include_in_schema=False)
    app.include_router(linked_data.router_for(engine.settings.base_uri))
    app.mount("/static", StaticFolder())
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _counting(app: FastAPI) -> AsyncIterator[None]:
    """Write counts and remove old ones while the application runs, and write what waits when it ends."""
    app.state.engine.counter.start()
    yield
    await run_in_threadpool(app.state.engine.counter.flush)


def _version() -> str:
    try:
        return version("kompetansegraf")
    except PackageNotFoundError:
        return "0"


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document: our problem shape in place of FastAPI's, and the keys."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        schemas[ProblemOut.__name__] = ProblemOut.model_json_schema()
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        components["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "session": {"type": "apiKey", "in": "cookie", "name": NAME},
        }
        for path in document["paths"].values():
            for operation in path.values():
                if "HTTPValidationError" in str(operation["responses"].get("422", "")):
                    del operation["responses"]["422"]
        app.openapi_schema = document
    return app.openapi_schema
