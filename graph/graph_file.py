"""How does a graph lie on the disk? As lines of JSON: format, version and counts, then nodes, then edges.

The version is the checksum of all lines but the first, so a file that has it is what was written.
"""

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import orjson

from graph.errors import GraphError
from graph.model import Edge, Node
from graph.whole_file import whole_file

_FORMAT = "kompetansegraf-graph/1"
_CHUNK = 1 << 20


def contents(nodes: Iterable[Node], edges: Iterable[Edge]) -> bytes:
    """Return all lines but the first, for nodes and edges in order."""
    lines = [orjson.dumps(["node", n.id, n.kind, dict(sorted(n.labels.items()))]) for n in nodes]
    lines += [orjson.dumps(["edge", *_fields(edge)]) for edge in edges]
    return b"\n".join(lines)


def version_of(body: bytes) -> str:
    """Return the SHA-256 of `contents`, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def write_graph(path: Path, body: bytes, head: Mapping[str, object]) -> None:
    """Write a first line and the contents, whole or not at all."""
    with whole_file(path) as file:
        file.write(orjson.dumps({"format": _FORMAT, **head}) + b"\n" + body)
        file.write(b"\n" if body else b"")


def read_graph(path: Path) -> tuple[str, dict[str, Node], list[Edge]]:
    """Return version, nodes and edges.

    Raises
    ------
    GraphError
        If the file is of another format, or its contents do not have the version it states.
    FileNotFoundError
        If there is no such file.
    """
    try:
        first, _, body = path.read_bytes().partition(b"\n")
        head = orjson.loads(first)
    except ValueError as error:
        raise GraphError(f"{path.name} is no graph snapshot: {error}") from None
    if not isinstance(head, dict) or head.get("format") != _FORMAT:
        raise GraphError(f"{path.name} is no graph snapshot of format {_FORMAT}")
    if version_of(body.removesuffix(b"\n")) != head.get("version"):
        raise GraphError(f"{path.name} is damaged: its contents are not those of the version it states")
    return head["version"], *_read(body)


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector from looking through millions of values while they are made."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(body: bytes) -> tuple[dict[str, Node], list[Edge]]:
    """Return the nodes and edges of a snapshot whose checksum was right: `save` wrote them, so they fit."""
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    words: dict[str, str] = {}  # one string for all edges that have it
    days: dict[str | None, date | None] = {None: None}
    begin = 0
    while begin < len(body):
        end = body.find(b"\n", begin + _CHUNK)
        end = len(body) if end < 0 else end
        rows = orjson.loads(b"[" + body[begin:end].rstrip(b"\n").replace(b"\n", b",") + b"]")
        begin = end + 1
        for what, *fields in rows:
            if what == "node":
                nodes[fields[0]] = Node(*fields)
                words[fields[0]] = fields[0]
                continue
            source, target, kind, weight, origin, by, at, confidence, necessity = fields
            if at not in days:
                days[at] = date.fromisoformat(at)
            edges.append(
                Edge(
                    words[source],
                    words[target],
                    words.setdefault(kind, kind),  # type: ignore[arg-type]
                    weight,
                    words.setdefault(origin, origin),  # type: ignore[arg-type]
                    words.setdefault(by, by),
                    days[at],
                    confidence,
                    words.setdefault(necessity, necessity) if necessity else None,  # type: ignore[arg-type]
                )
            )
    return nodes, edges


def _fields(edge: Edge) -> tuple[object, ...]:
    at = edge.at.isoformat() if edge.at else None
    return (
        edge.source,
        edge.target,
        edge.kind,
        float(edge.weight),
        edge.origin,
        edge.by,
        at,
        float(edge.confidence),
        edge.necessity,
    )
