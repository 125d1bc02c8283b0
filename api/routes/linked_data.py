"""Where does a stable URI lead? To the page or the data of what it names, as the asker likes (303 See Other).

A URI names the thing itself; what is at the other end tells about it. So a concept that is no longer in use
keeps its URI, and what is told names its replacement; only an address that has moved is a permanent redirect.

References: Cool URIs for the Semantic Web (W3C Interest Group Note), RFC 5829 (successor-version), RFC 9110 § 15.4.4.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Request, Response

from api.answers import FORMATS, HTML, JSON, JSON_LD, RDF_XML, TURTLE, engine_of, negotiate
from api.linked import MEDIA_TYPES, N_TRIPLES
from api.routes import problems
from engine.errors import NotFound
from engine.records import is_storable
from engine.service import Engine

PATH = "/id/"
"""Where stable URIs are answered whatever the base is, for a redirect from another host."""

_OWN_PATH = re.compile(r"/[\w.~/-]+")
_NAMES: dict[str, str] = {
    media_type: name for names in (FORMATS, MEDIA_TYPES) for name, media_type in names.items()
}
_ALL = (HTML, JSON_LD, TURTLE, N_TRIPLES, JSON)
_Known = Callable[[Engine, str], bool]


def _is_resource(engine: Engine, id: str) -> bool:
    if not is_storable(id):
        return False
    engine.resource(id)  # raises NotFound
    return True


_KINDS: dict[str, tuple[str, str, tuple[str, ...], _Known]] = {
    # the first part of a URI: page, data, what the data can be, whether there is such a thing
    "ressurs": ("ressurs", "resources", _ALL, _is_resource),
    "krav": ("krav", "requirements", _ALL, lambda engine, i: i in engine.requirements()),
    "rolle": ("rolle", "roles", _ALL, lambda engine, i: i in engine.roles()),
    "plan": ("plan", "plans", _ALL, lambda engine, i: i in engine.plans()),
}
_ALSO = {"resource": "ressurs", "requirement": "krav", "role": "rolle"}


def base_path(base_uri: str) -> str | None:
    """Return the path at which the URIs of a base would be asked for here, None when it is no path of its own.

    Examples
    --------
    >>> base_path("https://w3id.org/kompetansegraf/"), base_path("https://x.test/"), base_path("urn:x:")
    ('/kompetansegraf/', None, None)
    """
    path = urlsplit(base_uri).path
    return path if _OWN_PATH.fullmatch(path) and "#" not in base_uri and "?" not in base_uri else None


def router_for(base_uri: str) -> APIRouter:
    """Return the routes that answer the URIs of a base: under `PATH`, and at the base's own path."""
    router = APIRouter(tags=["concepts"])
    answers = {303: {"description": "The page, or the data, about what the URI names."}, **problems(404, 503)}
    router.get(
        PATH + "{id:path}", summary="What a stable URI names", status_code=303, responses=answers,
        response_class=Response,
    )(see_other)  # fmt: skip
    own = base_path(base_uri)
    if own is not None and own != PATH:
        router.get(own + "{id:path}", include_in_schema=False)(see_other)
    return router


def see_other(request: Request, id: str) -> Response:
    """Redirect from the URI of a concept, scheme, resource, requirement, role or plan to what tells about it.

    By `Accept`: the page, JSON, JSON-LD and Turtle, of concepts and schemes RDF/XML too, of the others N-Triples.
    """
    engine = engine_of(request)
    engine.refresh_vocabulary()
    page, data, offered = _places(engine, id)
    wanted = negotiate(request, offered)
    place = page if wanted == HTML else data if wanted == JSON else f"{data}?format={_NAMES[wanted]}"
    headers = {"Location": place, "Vary": "Accept", "Cache-Control": "no-cache"}
    successor = engine.vocabulary.resolve(id)
    if successor is not None and successor != id:
        uri = quote(engine.vocabulary.uri(successor), safe="/:@~#?%&=+;,!$'()*[]", errors="replace")
        headers["Link"] = f'<{uri}>; rel="successor-version"'
    return Response(status_code=303, headers=headers)


def _places(engine: Engine, id: str) -> tuple[str, str, tuple[str, ...]]:
    """Return page, data and what the data can be; raises NotFound."""
    skos = (HTML, JSON_LD, TURTLE, RDF_XML, JSON)
    if id in engine.vocabulary:
        return f"/vocabulary/{_quoted(id)}", f"/v1/concepts/{_quoted(id)}", skos
    if engine.vocabulary.scheme(id) is not None:
        return f"/vocabulary/{_quoted(id)}", f"/v1/schemes/{_quoted(id)}", skos
    if id == "ns":
        return "/v1/graph/terms", "/v1/graph/terms", (TURTLE, JSON_LD, N_TRIPLES, JSON)
    kind, _, name = id.partition("/")
    found = _KINDS.get(_ALSO.get(kind, kind))
    if found is not None and found[3](engine, name):
        return f"/{found[0]}/{_quoted(name)}", f"/v1/{found[1]}/{_quoted(name)}", found[2]
    raise NotFound(f"no URI of ours ends in {id!r}")


def _quoted(text: str) -> str:
    return quote(text, safe="/:@~", errors="replace")
