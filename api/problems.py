"""What does a failure look like? One shape for all of them: RFC 9457 problem details.

Pages get the same failure as a page; everything else gets ``application/problem+json``.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from engine.errors import (
    BackendError,
    Conflict,
    Forbidden,
    Hidden,
    IndexIncompatible,
    IndexMissing,
    InvalidRequest,
    KompetansegrafError,
    Moved,
    NotFound,
)
from engine.records import is_storable
from engine.refusals import NOTHING, UNKNOWN
from graph.errors import CycleError

MEDIA_TYPE = "application/problem+json"
PROBLEM_BASE = "https://w3id.org/kompetansegraf/problem/"

STATUS: Mapping[type[KompetansegrafError], tuple[int, str]] = {
    InvalidRequest: (400, "invalid-request"),
    Forbidden: (403, "forbidden"),
    NotFound: (404, "not-found"),
    Conflict: (409, "conflict"),
    IndexMissing: (503, "index-missing"),
    IndexIncompatible: (503, "index-incompatible"),
    BackendError: (503, "backend-unavailable"),
}
"""Status and name of each error of the engine, the narrower class first."""

UNAVAILABLE: Mapping[str, str] = {
    "index-missing": "Nothing has been indexed yet: run `kompetansegraf index`.",
    "index-incompatible": "The index was made by another version and is to be made anew.",
    "backend-unavailable": "A store or the search index does not answer at the moment. Try again in a while.",
}
"""What outsiders are told of a failure behind the API; the log says which part, and why."""

RETRY: Mapping[str, str] = {"Retry-After": "5"}
log = logging.getLogger("kompetansegraf.api")

TITLES: Mapping[str, str] = {
    "invalid-request": "The request is not valid",
    "validation": "The request is not valid",
    "unauthorized": "A key is needed",
    "forbidden": "The key may not do this",
    "not-found": "Not found",
    "sign-in": "Signing in did not succeed",
    "same-name": "There is a resource of this name already",
    "conflict": "Somebody else's write came first",
    "too-large": "The request is too large",
    "too-many": "Too many requests",
    "invalid-query": "The query is not right, or not allowed",
    "query-stopped": "The query was stopped",
    "index-missing": "Nothing has been indexed yet",
    "index-incompatible": "The index was built by another version",
    "backend-unavailable": "A backend cannot be reached",
    "cycle": "Prerequisites run in a circle",
    "internal": "Something went wrong here",
}


_NAMES = ("resource", "a", "b")
"""Parameters that name resources."""


class Elsewhere(Exception):
    """A page is to be had at another address first, `path`."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Problem(Exception):
    """A failure with its status, known to the HTTP interface alone.

    Parameters
    ----------
    status : int
        HTTP status.
    slug : str
        Name of the kind of problem, a key of `TITLES`.
    detail : str
        What is wrong this time, in one or two sentences.
    errors : sequence of mapping, optional
        One object a field: ``field`` and ``message``.
    headers : mapping, optional
        Further response headers.
    why : str
        Of what is refused: the reason in a few fixed words for the audit trail, nothing that came with the request.
    subject : str
        Of what is refused: the id of what it was about.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        why: str = "",
        subject: str = "",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.why = why
        self.subject = subject


def problem_response(request: Request, problem: Problem) -> Response:
    """Return a problem as JSON, or as a page where a page was asked for."""
    page = getattr(request.app.state, "error_page", None)
    if page is not None and wants_page(request):
        html: Response = page(request, problem.status)
        html.headers.update(problem.headers)
        return html
    body: dict[str, Any] = {
        "type": PROBLEM_BASE + problem.slug if problem.slug in TITLES else "about:blank",
        "title": TITLES.get(problem.slug) or _phrase(problem.status),
        "status": problem.status,
        "detail": problem.detail,
        "instance": quote(request.url.path.encode("utf-8", "replace")),
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    return Response(
        orjson.dumps(body),
        problem.status,
        media_type=MEDIA_TYPE,
        headers={**problem.headers, "Cache-Control": "no-store"},
    )


def wants_page(request: Request) -> bool:
    """Tell whether the address is a page's: not the API's and not a machine's."""
    path = request.url.path
    machine = ("/v1/", "/static/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/sparql")
    if path.startswith(machine) or path == "/v1":
        return False
    accept = request.headers.get("accept", "")
    if any(kind in accept for kind in ("text/html", "json", "turtle", "rdf+xml")):
        return "text/html" in accept
    # asked for nothing in particular: a page's own address answers as it does when all is well
    return not getattr(request.scope.get("route"), "include_in_schema", True)


def as_problem(error: KompetansegrafError) -> Problem:
    """Return what an error of the engine is over HTTP."""
    for kind, (status, slug) in STATUS.items():
        if isinstance(error, kind):
            if status != 503:
                why, subject = getattr(error, "why", ""), getattr(error, "subject", "")
                why = "hidden" if isinstance(error, Hidden) else why
                return Problem(status, slug, str(error), why=why, subject=subject)
            log.warning("%s: %s", type(error).__name__, error)  # it may name machines: the log is for that
            return Problem(status, slug, UNAVAILABLE[slug], headers=RETRY)
    return internal_problem()


def place_of_moved(request: Request, moved: Moved) -> str | None:
    """Return the address that was asked for with the id that counts, None when the old id is not in it."""
    path, query = request.url.path, request.query_params.multi_items()
    named = request.path_params.get("id")
    if isinstance(named, str) and named.endswith(moved.old):
        params = {**request.path_params, "id": named.removesuffix(moved.old) + moved.to}
        path = str(request.scope["route"].url_path_for(request.scope["route"].name, **params))
        asked = request.url.query
    else:
        node = {moved.old: moved.to, f"resource:{moved.old}": f"resource:{moved.to}"}
        asked = urlencode([(name, node.get(value, value)) for name, value in query])
        if not any(value in node for _, value in query):
            return None
    return quote(path, safe="/:@~", errors="replace") + (f"?{asked}" if asked else "")


def internal_problem() -> Problem:
    """Return the problem of a fault of ours; it says nothing of the fault."""
    return Problem(500, "internal", "The error has been logged. Trying again may help.")


def install(app: FastAPI) -> None:
    """Make every failure of the application a problem."""

    @app.exception_handler(Moved)
    async def _moved(request: Request, error: Moved) -> Response:
        place = place_of_moved(request, error) if request.method in {"GET", "HEAD"} else None
        if place is None:
            return problem_response(request, as_problem(error))
        # it may be taken back: a browser is to ask again
        return Response(status_code=301, headers={"Location": place, "Cache-Control": "no-cache"})

    @app.exception_handler(KompetansegrafError)
    async def _engine(request: Request, error: KompetansegrafError) -> Response:
        return await _noted(request, as_problem(error))

    @app.exception_handler(CycleError)
    async def _cycle(request: Request, error: CycleError) -> Response:
        return problem_response(request, Problem(409, "cycle", str(error)))

    @app.exception_handler(Problem)
    async def _own(request: Request, error: Problem) -> Response:
        return await _noted(request, error)

    @app.exception_handler(Elsewhere)
    async def _elsewhere(_request: Request, error: Elsewhere) -> Response:
        return RedirectResponse(error.path, 303, headers={"Cache-Control": "no-store"})

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> Response:
        errors = [{"field": _field(e["loc"]), "message": _message(e)} for e in error.errors()]
        named = ", ".join(dict.fromkeys(str(e["field"]) for e in errors))
        return problem_response(request, Problem(422, "validation", f"Not valid: {named}.", errors=errors))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        slug = {404: "not-found", 413: "too-large"}.get(error.status_code, "")
        detail = (
            str(error.detail) if error.detail != _phrase(error.status_code) else _detail(error.status_code)
        )
        return problem_response(request, Problem(error.status_code, slug, detail, headers=error.headers))


async def _noted(request: Request, problem: Problem) -> Response:
    """Return the response, and let the audit trail know what was refused."""
    refused = problem.why or problem.status in {401, 403}
    if refused and hasattr(request.app.state, "refusals"):
        await run_in_threadpool(note_refusal, request, problem.why or problem.slug, problem.subject)
    return problem_response(request, problem)


def note_refusal(request: Request, why: str, subject: str = "") -> None:
    """Let the audit trail know what was refused; what it is about is told only when there is such a thing."""
    engine, refusals = request.app.state.engine, request.app.state.refusals

    def known() -> str:
        asked = (subject, request.path_params.get("id"), *(request.query_params.get(n) for n in _NAMES))
        for name in asked:
            if (
                isinstance(name, str)
                and name
                and is_storable(name)
                and engine.catalogue.get(name) is not None
            ):
                return name
        return NOTHING

    route = getattr(request.scope.get("route"), "path", "unmatched")
    by = getattr(request.state, "caller", UNKNOWN)
    refusals.note(by, f"{request.method} {route}", why, known)


def _detail(status: int) -> str:
    match status:
        case 404:
            return "There is nothing at this address."
        case 405:
            return "This address does not take that method; the Allow header names those it takes."
        case _:
            return _phrase(status)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _field(location: Sequence[int | str]) -> str:
    """Return the field's name; `body` and `query` in front of it say nothing to the caller.

    Examples
    --------
    >>> _field(("query", "k")), _field(("body", "done", 0, "state"))
    ('k', 'done.0.state')
    """
    parts = [str(p) for p in location]
    return ".".join(parts[1:] if len(parts) > 1 else parts)


def _message(error: Mapping[str, Any]) -> str:
    return str(error["msg"]).encode("utf-8", "replace").decode()
