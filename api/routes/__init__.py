"""The addresses of the API, one module a subject."""

from collections.abc import Mapping
from typing import Any

from api.problems import MEDIA_TYPE
from api.schemas import ProblemOut

_MEANING: Mapping[int, str] = {
    400: "The request is not valid.",
    401: "A key is needed.",
    403: "The key may not do this.",
    404: "There is no such thing.",
    409: "It clashes with what is there.",
    413: "The body is too large.",
    422: "A parameter or the body is not valid; `errors` names the fields.",
    429: "Too much is sent here at the moment; `Retry-After` says when to try again.",
    503: "Nothing has been indexed yet, or a backend cannot be reached.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of these failures."""
    schema = {"$ref": f"#/components/schemas/{ProblemOut.__name__}"}
    return {s: {"description": _MEANING[s], "content": {MEDIA_TYPE: {"schema": schema}}} for s in statuses}
