"""How is one thing of the graph told as linked data? Turtle, JSON-LD and N-Triples by `Accept`, beside plain JSON."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from api.answers import JSON, JSON_LD, TURTLE, cached, engine_of, negotiate
from engine.errors import NotFound
from engine.open_graph import open_graph
from graph.errors import GraphError
from vocab.triples import RdfFormat

N_TRIPLES = "application/n-triples"
RDF_FORMATS: Mapping[str, RdfFormat] = {TURTLE: "turtle", JSON_LD: "json-ld", N_TRIPLES: "nt"}
"""RDF format of a media type."""

LinkedFormat = Literal["json", "json-ld", "turtle", "n-triples"]
MEDIA_TYPES: Mapping[LinkedFormat, str] = {
    "json": JSON,
    "turtle": TURTLE,
    "json-ld": JSON_LD,
    "n-triples": N_TRIPLES,
}
AskedLinked = Annotated[
    LinkedFormat | None, Query(description="The format, for those who cannot send `Accept`.")
]
LINKED: dict[str, Any] = {
    JSON_LD: {"schema": {"type": "object"}},
    TURTLE: {"schema": {"type": "string"}},
    N_TRIPLES: {"schema": {"type": "string"}},
}
"""What the document of the API says of such answers."""


def media_type_of(request: Request, format: LinkedFormat | None, offered: tuple[str, ...]) -> str:
    """Return the media type that is asked for, by name or by `Accept`."""
    wanted = MEDIA_TYPES[format] if format else ""
    return wanted if wanted in offered else negotiate(request, offered)


def linked(
    request: Request, format: LinkedFormat | None, node: Callable[[], str], *, vary: str = "Accept"
) -> Response | None:
    """Return a thing as linked data when that is asked for, None when plain JSON is.

    Parameters
    ----------
    request : Request
        Its `Accept` counts where `format` is not given.
    format : {"json", "json-ld", "turtle", "n-triples"}, optional
        The format asked for by name.
    node : callable
        Returns the node's id (``role:jordmor``); may raise NotFound.
    vary : str
        Headers that the answer depends on.
    """
    media_type = media_type_of(request, format, tuple(MEDIA_TYPES.values()))
    if media_type == JSON:
        return None
    return cached(request, lambda: told(request, node(), media_type), media_type=media_type, vary=vary)


def told(request: Request, node: str, media_type: str) -> bytes:
    """Return what is said of one thing, with the edges from and to it; raises NotFound."""
    data = open_graph(engine_of(request))
    try:
        return "".join(data.text(data.about(node), RDF_FORMATS[media_type])).encode("utf-8", "replace")
    except GraphError:
        raise NotFound(f"{node!r} is not in the graph") from None
