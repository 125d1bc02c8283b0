"""What went wrong with OpenSearch, said in our words? Every exception of the client as one of ours.

A message names the server without its password, what was asked, what the server said and what to do.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from opensearchpy.exceptions import ConnectionError as NotReached
from opensearchpy.exceptions import (
    ConnectionTimeout,
    ImproperlyConfigured,
    OpenSearchException,
    SerializationError,
    SSLError,
    TransportError,
)

from engine.adapters.opensearch_transport import IncompleteAnswer, NotTried, Unencodable
from engine.errors import (
    BackendError,
    BackendUnavailable,
    Conflict,
    IndexMissing,
    InvalidRequest,
    KompetansegrafError,
)

Kind = type[KompetansegrafError]

FAILURES = (OpenSearchException, ImproperlyConfigured, UnicodeEncodeError)
"""What the client raises when something goes wrong outside this program, or in a text it was given."""

_BUSY = {"circuit_breaking_exception", "rejected_execution_exception", "es_rejected_execution_exception"}
_DISK = "disk usage exceeded flood-stage"
_ADDRESS = "is the address (KG_SEARCH_URL) right?"


def engine_error(error: Exception, server: str) -> KompetansegrafError:
    """Return the engine's error for one of `FAILURES`; `server` is the address to show."""
    notes: list[str] = getattr(error, "__notes__", [])
    kind, said = _meaning(error)
    asked = f" ({notes[0]})" if notes else ""
    return kind(f"OpenSearch at {server}{asked}: {said}")


def meaning_of_status(status: int, error: object) -> tuple[Kind, str]:
    """Return the class and the sentence for an answer that is an error, or an item of a bulk answer.

    Parameters
    ----------
    status : int
        HTTP status.
    error : mapping or str
        The ``error`` object of the answer, or the text where there is none.

    Examples
    --------
    >>> meaning_of_status(404, {"type": "index_not_found_exception", "reason": "no such index [kg]"})
    (<class 'engine.errors.IndexMissing'>, 'no such index [kg]')
    """
    if not isinstance(error, Mapping):
        return _bare_status(status, str(error or ""))
    types = {str(cause.get("type", "")) for cause in _causes(error)}
    reason = _reason(error)
    if "cluster_block_exception" in types:
        return _block(reason)
    if types & _BUSY or status == 429:
        return BackendUnavailable, f"it is overloaded and refuses work ({reason}); try again"
    if "index_not_found_exception" in types:
        return IndexMissing, reason
    if "search_context_missing_exception" in types:
        return BackendUnavailable, f"the point in time that was being read has expired ({reason}); try again"
    if "index_closed_exception" in types:
        return BackendUnavailable, f"the index is closed ({reason})"
    if types & {"resource_already_exists_exception", "version_conflict_engine_exception"} or status == 409:
        return Conflict, reason
    if status == 403 or "security_exception" in types:
        return BackendError, f"the user of KG_SEARCH_URL may not do this ({reason})"
    if status in {502, 503, 504, 408}:
        return BackendUnavailable, f"the cluster cannot answer now ({reason}); try again"
    return BackendError, reason


def _meaning(error: Exception) -> tuple[Kind, str]:
    if isinstance(error, Unencodable | UnicodeEncodeError):
        return InvalidRequest, "a text is not valid Unicode: it holds half a surrogate pair"
    if isinstance(error, NotTried):
        return BackendUnavailable, str(error.error)
    if isinstance(error, SSLError):
        advice = "see KG_SEARCH_CA" if "trusted" in str(error.error) else _ADDRESS
        return BackendUnavailable, f"{error.error}; {advice}"
    if isinstance(error, ConnectionTimeout):
        return BackendUnavailable, f"{error.error}; it is down, overloaded or behind a firewall"
    if isinstance(error, NotReached):
        return BackendUnavailable, f"cannot be reached: {error.error}; does it run, and {_ADDRESS}"
    if isinstance(error, IncompleteAnswer):
        return BackendUnavailable, f"the answer was not complete: {error.error}; try again"
    if isinstance(error, TransportError) and isinstance(error.status_code, int):
        body = error.info if isinstance(error.info, Mapping) else {}
        if error.status_code == 404 and body and "error" not in body:
            return BackendError, "there is no such document"
        return meaning_of_status(error.status_code, body.get("error") or error.error)
    if isinstance(error, SerializationError):
        return BackendError, f"it does not answer as OpenSearch does; {_ADDRESS}"
    return BackendError, _short(str(error))


def _bare_status(status: int, text: str) -> tuple[Kind, str]:
    """Return what a status means when the body is not OpenSearch's: from a proxy, or the security plugin."""
    said = f"status {status}" + (f", {_short(text)}" if text and "<" not in text else "")
    if status == 401:
        return BackendError, "it refuses the user name or the password of KG_SEARCH_URL (status 401)"
    if status == 403:
        return BackendError, f"the user of KG_SEARCH_URL may not do this ({said})"
    if status == 404:
        return BackendError, f"nothing there ({said}); {_ADDRESS}"
    if status == 413:
        return BackendError, "the request is larger than it takes (status 413; http.max_content_length)"
    if status == 429:
        return BackendUnavailable, f"it is overloaded and refuses work ({said}); try again"
    if status in {408, 502, 503, 504}:
        return BackendUnavailable, f"the cluster cannot answer now ({said}); try again"
    if status == 400 and "https" in text.lower():  # what proxies in front of a cluster say
        return BackendUnavailable, f"it speaks TLS on this port, and the address says http; {_ADDRESS}"
    if 300 <= status < 400:
        return BackendError, f"it sends us elsewhere ({said}); {_ADDRESS}"
    return BackendError, said


def _block(reason: str) -> tuple[Kind, str]:
    if _DISK in reason:
        return BackendError, f"its disk is full, and the index is read-only until there is room ({reason})"
    if "SERVICE_UNAVAILABLE" in reason:
        return BackendUnavailable, f"the cluster is starting or has no cluster manager ({reason}); try again"
    return BackendError, f"the index or the cluster is read-only or blocked by its settings ({reason})"


def _causes(error: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Yield an error and what caused it, outermost first."""
    yield error
    if depth > 5:
        return
    inner: list[Any] = [*(error.get("root_cause") or ()), error.get("caused_by")]
    inner += [shard.get("reason") for shard in error.get("failed_shards") or () if isinstance(shard, Mapping)]
    for cause in inner:
        if isinstance(cause, Mapping):
            yield from _causes(cause, depth + 1)


def _reason(error: Mapping[str, Any]) -> str:
    """Return the reason nearest to the root, and what lies under it.

    Examples
    --------
    >>> _reason({"type": "mapper_parsing_exception", "reason": "failed to parse field [n]",
    ...          "caused_by": {"type": "number_format_exception", "reason": "not a number"}})
    'failed to parse field [n]: not a number'
    """
    roots = [cause for cause in error.get("root_cause") or () if isinstance(cause, Mapping)]
    first: Mapping[str, Any] = roots[0] if roots else error
    said = [str(first.get("reason") or first.get("type") or "no reason given")]
    under = first.get("caused_by") or error.get("caused_by")
    while isinstance(under, Mapping):
        reason = str(under.get("reason") or under.get("type") or "")
        if reason and reason not in said[-1]:
            said.append(reason)
        under = under.get("caused_by")
    return _short(": ".join(said))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 300 else text[:299] + "…"
