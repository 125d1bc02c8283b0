"""What can be asked of open data in SPARQL? Reading only, within a time, on a copy.

A store is a folder made once from N-Triples. Each query runs in a process of its own (`vocab.sparql_worker`), which is
stopped when its time is up: a cross product of everything with everything cannot hold the server.

References: SPARQL 1.1 Query Language, SPARQL 1.1 Protocol (W3C Recommendations).
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

SolutionFormat = Literal["json", "csv", "tsv", "xml"]
GraphFormat = Literal["turtle", "nt", "json-ld"]

_PIECES = 2000
_PASSED = frozenset(["HOME", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH"])
"""Variables that a process of ours is given: where Python and its packages are, and no secret."""

_WORKER = Path(__file__).with_name("sparql_worker.py")
_SKIPPED = re.compile(
    r"""
    \#[^\n\r]*                                             # comment
  | <[^<>"{}|^`\\\x00-\x20]*>                              # IRI
  | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3} | "{3}(?:"{0,2}(?:[^"\\]|\\.))*"{3}
  | '(?:[^'\\\n\r]|\\.)*' | "(?:[^"\\\n\r]|\\.)*"
  | [?$]\w+                                                # variable
  | @[A-Za-z]+(?:-[A-Za-z0-9]+)*                           # language
  | [\w.-]*:(?:[\w.:%-]|\\.)*                              # prefixed name
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"[^\W\d]\w*")
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_UPDATES = frozenset(["ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE"])


class QueryError(ValueError):
    """A query that is not answered because of what stands in it.

    Attributes
    ----------
    line, column
        Where, counted from 1, or None.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        place = f"line {line}, column {column}: " if line else ""
        super().__init__(place + message)
        self.line, self.column = line, column


class QueryStopped(RuntimeError):
    """A query that took too much of something: ``time``, ``memory`` or ``size``."""

    def __init__(self, what: Literal["time", "memory", "size"], message: str) -> None:
        super().__init__(message)
        self.what = what


class StoreGone(RuntimeError):
    """The store is not there, or not whole."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take: wall time [s], memory of its process [bytes], size of the answer [bytes]."""

    seconds: float = 10.0
    memory: int = 1 << 30
    size: int = 16 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave: solutions, a graph, or true or false; `body` is in the format that was asked for."""

    kind: Literal["solutions", "graph", "boolean"]
    body: bytes


def check_query(text: str) -> None:
    r"""Refuse what is no query of this store alone.

    Raises
    ------
    QueryError
        If it would change something, or ask another server or another graph.

    Examples
    --------
    >>> check_query('SELECT ?service { ?service <https://x.test/from> "SERVICE" } # LOAD')
    >>> check_query("SELECT * {\n SERVICE <https://x.test/sparql> { ?a ?b ?c } }")
    Traceback (most recent call last):
    vocab.sparql.QueryError: line 2, column 2: SERVICE is refused: no other server is asked
    """
    plain = _ESCAPED.sub(_character, text)
    bare = _SKIPPED.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), plain)
    for found in _WORD.finditer(bare):
        word = found.group().upper()
        if word == "SERVICE":
            reason = "SERVICE is refused: no other server is asked"
        elif word == "FROM":
            reason = "FROM is refused: there is one graph, and it is asked without naming it"
        elif word in _UPDATES:
            reason = f"{word} is refused: the graph can be read here, not changed"
        else:
            continue
        before = bare[: found.start()]
        raise QueryError(reason, before.count("\n") + 1, found.start() - before.rfind("\n"))


def make_store(folder: Path, text: Iterable[str]) -> None:
    """Make a store from N-Triples, whole or not at all; one that is there already is left as it is.

    Raises
    ------
    StoreGone
        If it could not be made; says why.
    """
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        _load(beside, text)
        try:
            beside.rename(folder)
        except OSError:
            if not folder.exists():  # otherwise another process was faster
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _load(folder: Path, text: Iterable[str]) -> None:
    """Let a process of its own fill a store: what it needs of memory is given back when it ends."""
    with _worker("make", str(folder)) as worker:
        assert worker.stdin is not None
        try:
            waiting: list[str] = []
            for piece in text:
                waiting.append(piece)
                if len(waiting) == _PIECES:
                    worker.stdin.write("".join(waiting).encode("utf-8", "replace"))
                    waiting.clear()
            worker.stdin.write("".join(waiting).encode("utf-8", "replace"))
        except BrokenPipeError:
            pass  # it has said why
        except BaseException:
            worker.kill()
            raise
        said, _ = worker.communicate()
    if worker.returncode:
        raise StoreGone(said.decode("utf-8", "replace").strip() or "the store could not be made")


def _worker(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", str(_WORKER), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C.UTF-8", **{k: v for k, v in os.environ.items() if k in _PASSED}},
        start_new_session=True,
    )


def query_store(
    folder: Path,
    text: str,
    *,
    solutions: SolutionFormat = "json",
    graphs: GraphFormat = "turtle",
    limits: Limits | None = None,
    prefixes: Mapping[str, str] | None = None,
) -> Answer:
    """Answer a query.

    Parameters
    ----------
    folder : Path
        Made by `make_store`.
    text : str
        SELECT, ASK, CONSTRUCT or DESCRIBE.
    solutions, graphs
        Format of the answer: of SELECT and ASK, and of CONSTRUCT and DESCRIBE.
    limits : Limits, optional
        What it may take.
    prefixes : mapping, optional
        Prefixes that need no ``PREFIX``.

    Raises
    ------
    QueryError
        If it is not right or not allowed; names the line.
    QueryStopped
        If it took too much.
    StoreGone
        If there is no such store.
    """
    check_query(text)
    limits = limits or Limits()
    asked = {
        "folder": str(folder),
        "query": text,
        "solutions": solutions,
        "graphs": graphs,
        "bytes": limits.size,
        "memory": limits.memory,
        "seconds": int(limits.seconds) + 1,
        "prefixes": dict(prefixes or {}),
    }
    worker = _worker("ask")
    try:
        said, _ = worker.communicate(json.dumps(asked).encode(), timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        raise _too_long(limits) from None
    finally:
        worker.kill()
        worker.communicate()
    return _read_answer(said, worker.returncode, limits)


def _read_answer(said: bytes, code: int, limits: Limits) -> Answer:
    line, _, body = said.partition(b"\n")
    if code in {-signal.SIGXCPU, -signal.SIGKILL} and not line:
        raise _too_long(limits)
    if not line and code >= 0:
        raise StoreGone("the process that answers queries could not start")
    # without memory there is nothing left to say it with
    head: dict[str, Any] = json.loads(line) if line else {"error": "memory"}
    match head.get("error"):
        case None:
            return Answer(head["kind"], body)
        case "syntax":
            raise QueryError(head["message"], head["line"], head["column"])
        case "store":
            raise StoreGone(head["message"])
        case "memory":
            raise QueryStopped("memory", f"the query needs more than {limits.memory >> 20} MiB of memory")
        case "size":
            raise QueryStopped(
                "size", f"the answer is larger than {limits.size:,} bytes: add a LIMIT or ask for less"
            )
    raise QueryError(head["message"])


def _too_long(limits: Limits) -> QueryStopped:
    return QueryStopped("time", f"the query was stopped after {limits.seconds:g} seconds")


def _character(found: re.Match[str]) -> str:
    number = int(found.group(1) or found.group(2), 16)
    return chr(number) if number <= sys.maxunicode else found.group()
