"""How does an answer leave? Ready JSON bytes with a tag, or 304 when the asker has it already."""

import hashlib
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

import orjson
from fastapi import Request, Response

from engine.service import Engine

JSON = "application/json"
JSON_LD = "application/ld+json"
TURTLE = "text/turtle"
RDF_XML = "application/rdf+xml"
HTML = "text/html"

Format = Literal["json", "json-ld", "turtle", "rdf-xml"]
FORMATS: Mapping[Format, str] = {"json": JSON, "json-ld": JSON_LD, "turtle": TURTLE, "rdf-xml": RDF_XML}
"""Media types by the name that stands in an address, for those who cannot send `Accept`."""

_AT_WORK = threading.BoundedSemaphore(max(4, 2 * (os.cpu_count() or 1)))
"""Answers that are made at once: enough that some compare vectors together while another works."""


def engine_of(request: Request) -> Engine:
    """Return the engine that the application was made with."""
    engine: Engine = request.app.state.engine
    return engine


def json_response(body: Any, status: int = 200, *, media_type: str = JSON) -> Response:  # noqa: ANN401
    """Return anything orjson can write."""
    return Response(dump(body), status, media_type=media_type)


def dump(body: Any) -> bytes:  # noqa: ANN401
    """Return JSON bytes; half surrogate pairs, which UTF-8 has no form for, become question marks."""
    try:
        return orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return orjson.dumps(_clean(body), option=orjson.OPT_NON_STR_KEYS)


def _clean(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_clean(k): _clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(v) for v in value]
    return value


def cached(
    request: Request, make: Callable[[], Any], *, media_type: str = JSON, vary: str = "Accept"
) -> Response:
    """Answer a GET that depends on nothing but its address, headers and what is stored.

    The tag is made of the build, the catalogue's last change, how many changes wait, the plans' and the rulings' numbers,
    the model, the day and the request, so that it is known before the answer is. `make` returns bytes, or a value for JSON.
    """
    engine = engine_of(request)
    tag = tag_of(request, engine, media_type)
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": vary}
    known = request.headers.get("if-none-match", "")
    if matches(known, tag):
        if "*" in known:
            with _turn(engine):
                make()  # any answer will do for the asker, but there must be one
        return Response(status_code=304, headers=headers)
    with _turn(engine):
        body = make()
    data = body if isinstance(body, bytes) else dump(body)
    return Response(data, media_type=media_type, headers=headers)


def _turn(engine: Engine) -> AbstractContextManager[object]:
    """Return what to hold while making an answer. Waiting for a cluster is no work: there all go at once."""
    return _AT_WORK if engine.settings.search_url is None else nullcontext()


def matches(if_none_match: str, tag: str) -> bool:
    """Tell whether a tag is among those the asker has (weak comparison, RFC 9110 § 8.8.3.2).

    Examples
    --------
    >>> matches('"a", W/"b"', 'W/"a"'), matches("*", '"a"'), matches("", '"a"')
    (True, True, False)
    """
    known = [t.strip().removeprefix("W/") for t in if_none_match.split(",")]
    return "*" in known or tag.removeprefix("W/") in known


def tag_of(request: Request, engine: Engine, media_type: str) -> str:
    """Return the tag of the answer to a request, known before the answer is (see `cached`)."""
    info = engine.builds.current()
    parts = (
        request.app.version,
        request.app.state.static_version,
        info.id if info else "",
        str(engine.catalogue.last_seq()),
        str(engine.waiting()),
        str(engine.catalogue.plan_seq()),
        str(engine.catalogue.ruling_seq()),
        engine.vocabulary.version,
        engine.embedder.model_id if engine.embedder else "",
        str(engine.today()),
        request.url.path,
        request.url.query,
        media_type,
        request.headers.get("accept-language", ""),
    )
    return 'W/"' + hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:24] + '"'


def negotiate(request: Request, offered: tuple[str, ...]) -> str:
    """Return the media type of `offered` that the asker likes best; the first one when nothing fits.

    Quality values count, more specific ranges win, ties go to the order of `offered`.
    """
    ranges: dict[str, float] = {}
    for item in request.headers.get("accept", "*/*").split(","):
        name, *parameters = [p.strip().lower() for p in item.split(";")]
        quality = 1.0
        for p in parameters:
            if p.startswith("q="):
                try:
                    quality = float(p[2:])
                except ValueError:
                    quality = 0.0
        ranges[name] = quality

    def liking(media_type: str) -> float:
        for key in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
            if key in ranges:
                return ranges[key]
        return 0.0

    best = max(offered, key=liking)
    return best if liking(best) > 0 else offered[0]
