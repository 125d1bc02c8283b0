"""What does one SPARQL query give? A program of its own, so that it can be stopped from outside at any moment.

It is run by `vocab.sparql` with ``python -P``. With ``make FOLDER`` it fills a store with the N-Triples on stdin; with ``ask``
it reads one JSON object from stdin (``folder``, ``query``, ``solutions``,
``graphs``, ``bytes``, ``memory``, ``seconds``) and writes a line of JSON, then the answer. It imports nothing of this
package, opens the store for reading only, and can open no further file or connection once the query begins.
"""

import io
import json
import os
import re
import resource
import sys
from typing import Any

from pyoxigraph import QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Store

_SOLUTIONS = {
    "json": QueryResultsFormat.JSON,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
    "xml": QueryResultsFormat.XML,
}
_GRAPHS = {"turtle": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "json-ld": RdfFormat.JSON_LD}
_PLACE = re.compile(r"error at (\d+):(\d+): ")


class _TooLarge(Exception):
    """The answer has more bytes than it may have."""


class _Bounded(io.BytesIO):
    """A file in memory that takes no more than it may."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def write(self, data: Any) -> int:  # noqa: ANN401
        """Take bytes; raises _TooLarge."""
        self._left -= len(data)
        if self._left < 0:
            raise _TooLarge
        return super().write(data)


def _answer(asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        store = Store.read_only(asked["folder"])
    except OSError as error:
        return {"error": "store", "message": str(error)[:500]}, b""
    _fence(asked["memory"], asked["seconds"])
    out = _Bounded(asked["bytes"])
    try:
        found = store.query(asked["query"], prefixes=asked["prefixes"])
        if isinstance(found, QueryTriples):
            found.serialize(out, _GRAPHS[asked["graphs"]])
            return {"kind": "graph"}, out.getvalue()
        found.serialize(out, _SOLUTIONS[asked["solutions"]])
        return {"kind": "solutions" if isinstance(found, QuerySolutions) else "boolean"}, out.getvalue()
    except _TooLarge:
        return {"error": "size"}, b""
    except MemoryError:
        return {"error": "memory"}, b""
    except SyntaxError as error:
        text = error.msg or str(error)
        place = _PLACE.match(text)
        line, column = map(int, place.groups()) if place else (None, None)
        return {"error": "syntax", "message": _PLACE.sub("", text), "line": line, "column": column}, b""
    except (ValueError, RuntimeError, OSError) as error:
        return {"error": "failed", "message": str(error)[:500]}, b""


def _fence(memory: int, seconds: int) -> None:
    """Let this process take no more memory and time than it may, and open nothing more."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))


def _make(folder: str) -> int:
    """Fill a store with the N-Triples on stdin; return the exit code, having said what is wrong."""
    os.nice(10)
    try:
        store = Store(folder)
        store.bulk_load(sys.stdin.buffer, format=RdfFormat.N_TRIPLES)
        store.optimize()
        store.flush()
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        sys.stdout.write(str(error)[:500])
        return 1
    return 0


def main() -> None:
    """Answer the one query on stdin, or fill a store."""
    if sys.argv[1] == "make":
        sys.exit(_make(sys.argv[2]))
    head, body = _answer(json.load(sys.stdin))
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
