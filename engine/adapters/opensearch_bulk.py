"""How do many documents get into OpenSearch, each once and none lost? In bounded, repeatable requests.

What the server refuses for want of room or while it restarts is sent again,
those items only, with growing pauses; that is safe as every action names its document. What it refuses
for good is counted and named, and the rest goes on.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from opensearchpy import OpenSearch
from opensearchpy.exceptions import SSLError
from opensearchpy.helpers import expand_action

from engine.adapters.opensearch_errors import meaning_of_status
from engine.adapters.opensearch_transport import Unencodable, encoded
from engine.errors import BackendError, BackendUnavailable, IndexMissing, InvalidRequest, KompetansegrafError

T = TypeVar("T")
Call = Callable[[Callable[[OpenSearch], T]], T]

_OPERATIONS = ("index", "update", "delete")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds
_NAMED = 3

Key = tuple[str, str]  # index, id


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be done with one document, ready to send."""

    key: Key
    lines: bytes


@dataclass
class Account:
    """What became of the actions so far."""

    written: int = 0
    refused: int = 0
    unencodable: int = 0
    examples: list[str] = field(default_factory=list)

    def refuse(self, key: Key, reason: str) -> None:
        """Count an action that the server, or the encoding, refuses for good."""
        self.refused += 1
        if len(self.examples) < _NAMED:
            self.examples.append(f"{key[1]!r}: {reason}")

    def include(self, other: "Account") -> None:
        """Add what another account says; all of that was sent, so it has nothing unencodable."""
        self.written += other.written
        self.refused += other.refused
        self.examples = [*self.examples, *other.examples][:_NAMED]

    def sentence(self) -> str:
        """Return what became of them, for a message."""
        if not self.refused:
            return f"{self.written} written"
        more = f" and {self.refused - len(self.examples)} more" if self.refused > len(self.examples) else ""
        return f"{self.refused} refused ({'; '.join(self.examples)}{more}), {self.written} written"


def send_all(
    call: "Call[Any]",
    server: str,
    actions: Iterable[Mapping[str, Any]],
    *,
    patience: float,
    request_timeout: float,
    chunk_bytes: int,
    chunk_actions: int,
    index: str | None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Write all `actions`; see `OpenSearchConnection.bulk`."""
    account = Account()
    encodable = _encoded(actions, index, account)
    for chunk in _chunks(encodable, chunk_bytes, chunk_actions):
        send_chunk(call, server, chunk, account, patience, request_timeout, sleep)
    if account.refused:
        kind = InvalidRequest if account.unencodable == account.refused else BackendError
        raise kind(f"OpenSearch at {server}: {account.sentence()}")
    return account.written


def _encoded(actions: Iterable[Mapping[str, Any]], index: str | None, account: Account) -> Iterator[Action]:
    for action in actions:
        key, given = identified(action, index)
        try:
            made = Action(key, request_lines(given))
        except Unencodable as error:
            account.refuse(key, str(error))
            account.unencodable += 1
        else:
            yield made


def identified(action: Mapping[str, Any], index: str | None) -> tuple[Key, dict[str, Any]]:
    """Return what an action is about, and the action with its index; ValueError if it cannot be sent twice."""
    given = dict(action)
    operation = given.get("_op_type", "index")
    where = given.setdefault("_index", index)
    if operation not in _OPERATIONS or given.get("_id") is None or where is None:
        raise ValueError(
            f"an action needs an _index and an _id, and is one of {', '.join(_OPERATIONS)}: another could"
            f" not be sent twice without harm: {operation} {given.get('_id')!r}"
        )
    return (str(where), str(given["_id"])), given


def request_lines(action: dict[str, Any]) -> bytes:
    """Return an action as it stands in a request, or raise `Unencodable`."""
    head, body = expand_action(action)
    return encoded(head) + b"\n" + (b"" if body is None else encoded(body) + b"\n")


def _chunks(actions: Iterable[Action], most_bytes: int, most: int) -> Iterator[list[Action]]:
    """Yield lists of actions in order; a document stands in a list once, so that no resending reorders it."""
    chunk: dict[Key, Action] = {}
    size = 0
    for action in actions:
        if chunk and (size + len(action.lines) > most_bytes or len(chunk) >= most or action.key in chunk):
            yield list(chunk.values())
            chunk, size = {}, 0
        chunk[action.key] = action
        size += len(action.lines)
    if chunk:
        yield list(chunk.values())


def send_chunk(
    call: "Call[Any]",
    server: str,
    chunk: list[Action],
    account: Account,
    patience: float,
    request_timeout: float,
    sleep: Callable[[float], None],
) -> None:
    """Write one chunk; raise when it cannot be done in time, or when going on is in vain.

    What is written or refused is taken out of `chunk`; when this raises, the rest is left in it.
    """
    size = len(chunk)
    began = time.monotonic()
    attempt = 0
    while True:
        body = b"".join(action.lines for action in chunk)
        try:
            answer = call(partial(_bulk, body=body, request_timeout=request_timeout))
        except BackendUnavailable as error:
            if isinstance(error.__cause__, SSLError):
                raise
            trouble: KompetansegrafError = error
        else:
            before = len(chunk)
            trouble = _sort_out(server, chunk, answer, account)
            if not chunk:
                return
            if len(chunk) < before:
                attempt, began = 0, time.monotonic()
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt) * random.uniform(0.7, 1.0)
        attempt += 1
        spent = time.monotonic() - began
        if spent + pause > patience:
            raise BackendUnavailable(
                f"{trouble} (given up after {attempt} attempts in {spent:.0f} s; {account.sentence()},"
                f" {len(chunk)} of the last {size} left)"
            ) from trouble
        sleep(pause)


def _bulk(client: OpenSearch, body: bytes, request_timeout: float) -> Any:  # noqa: ANN401
    return client.bulk(body=body, request_timeout=request_timeout)


def _sort_out(
    server: str, sent: list[Action], answer: Mapping[str, Any], account: Account
) -> KompetansegrafError:
    """Count what an answer says of each action; leave those to send again, and return why."""
    again: list[Action] = []
    trouble: KompetansegrafError = BackendUnavailable("")
    in_vain: tuple[type[KompetansegrafError], str] | None = None
    items = answer.get("items", ())
    if len(items) != len(sent):
        raise BackendError(
            f"OpenSearch at {server}: answered for {len(items)} of {len(sent)} actions; {account.sentence()}"
        )
    for action, item in zip(sent, items, strict=True):
        (result,) = item.values()
        status = int(result.get("status", 500))
        error = result.get("error")
        if 200 <= status < 300 or (status == 404 and error is None):  # deleting what is not there
            account.written += 1
            continue
        kind, said = meaning_of_status(status, error)
        if issubclass(kind, BackendUnavailable):
            again.append(action)
            trouble = kind(f"OpenSearch at {server}: {said}")
        else:
            account.refuse(action.key, said)
            if issubclass(kind, IndexMissing) or _blocked(error):
                in_vain = in_vain or (kind, said)
    sent[:] = again
    if in_vain is not None:
        kind, said = in_vain
        raise kind(f"OpenSearch at {server}: {said}; {account.sentence()}")
    return trouble


def _blocked(error: object) -> bool:
    return isinstance(error, Mapping) and error.get("type") in {
        "cluster_block_exception",
        "security_exception",
    }
