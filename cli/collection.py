"""What is in a test collection? Folders in BEIR layout, read with errors that name file and line."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from engine.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, queries and relevance judgements (query -> document -> grade)."""

    name: str
    split: str
    documents: tuple[Document, ...]
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]


def read_beir(folder: Path, split: str | None = None) -> Collection:
    """Read ``corpus.jsonl`` {_id, title, text}, ``queries.jsonl`` {_id, text} and ``qrels/SPLIT.tsv``.

    Queries without a judgement are left out, as is the custom.

    Raises
    ------
    InvalidRequest
        Naming the file, the line and the field.
    """
    documents = tuple(
        Document(_text(r, "_id", where), str(r.get("title") or ""), _text(r, "text", where))
        for where, r in _records(folder / "corpus.jsonl")
    )
    queries = {
        _text(r, "_id", where): _text(r, "text", where) for where, r in _records(folder / "queries.jsonl")
    }
    name = split or _split(folder / "qrels")
    qrels: dict[str, dict[str, int]] = {}
    for query, document, grade in _judgements(folder / "qrels" / f"{name}.tsv"):
        qrels.setdefault(query, {})[document] = grade
    judged = {q: text for q, text in queries.items() if q in qrels}
    if not judged:
        raise InvalidRequest(f"{folder}: no query of queries.jsonl is judged in qrels/{name}.tsv")
    return Collection(folder.name, name, documents, judged, qrels)


def _split(folder: Path) -> str:
    there = sorted(p.stem for p in folder.glob("*.tsv"))
    for wanted in ("test", "dev"):
        if wanted in there:
            return wanted
    if len(there) == 1:
        return there[0]
    raise InvalidRequest(f"{folder}: expected test.tsv or dev.tsv, found {', '.join(there) or 'nothing'}")


def _records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                where = f"{path}, line {number}"
                try:
                    record = orjson.loads(line)
                except orjson.JSONDecodeError as e:
                    raise InvalidRequest(f"{where}: not JSON: {e}") from e
                if not isinstance(record, dict):
                    raise InvalidRequest(f"{where}: expected an object")
                yield where, record
    except OSError as e:
        raise InvalidRequest(f"{path}: cannot be read: {e.strerror}") from e


def _text(record: Mapping[str, Any], name: str, where: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise InvalidRequest(f"{where}, field {name}: expected text, got {value!r}")
    return value


def _judgements(path: Path) -> Iterator[tuple[str, str, int]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.reader(lines, delimiter="\t"), start=1):
                if not row or (number == 1 and not row[-1].strip().lstrip("-").isdigit()):
                    continue
                try:
                    query, document, grade = row[0], row[-2], int(row[-1])
                except (IndexError, ValueError) as e:
                    raise InvalidRequest(
                        f"{path}, line {number}: expected query-id, corpus-id, score; got {row!r}"
                    ) from e
                yield query, document, grade
    except OSError as e:
        raise InvalidRequest(f"{path}: cannot be read: {e.strerror}") from e
