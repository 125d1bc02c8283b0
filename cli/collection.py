"""What is in a test collection? Folders in BEIR layout, read with errors that name file and line."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from engine.errors import InvalidRequest

UNTYPED = "(none)"
"""The type of queries that have none, where others have one."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Judgements:
    """Queries with their relevance judgements.

    Attributes
    ----------
    name, split
        Name of the folder and of the qrels file.
    queries
        Text by query id; those with at least one relevant document.
    qrels
        Query -> document -> grade, of all queries that are judged.
    types
        Type by query id, empty if no query has one.
    unanswerable
        Queries judged to have no relevant document at all (every grade 0): a good system finds nothing for them.
    unjudged
        Number of queries without any judgement, which are left out.
    """

    name: str
    split: str
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]
    types: Mapping[str, str] = field(default_factory=dict)
    unanswerable: Mapping[str, str] = field(default_factory=dict)
    unjudged: int = 0


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, queries and relevance judgements."""

    documents: tuple[Document, ...]
    judgements: Judgements

    def digest(self) -> str:
        """Return a hash of everything that decides what a run is worth: documents, queries, grades.

        The order of lines, the name of the folder and the types of queries are no part of it.
        """
        j = self.judgements
        told = sha256()
        for kind, rows in (
            ("documents", sorted((d.id, d.title, d.text) for d in self.documents)),
            ("queries", sorted({**j.queries, **j.unanswerable}.items())),
            ("grades", sorted((q, d, g) for q, grades in j.qrels.items() for d, g in grades.items())),
        ):
            told.update(orjson.dumps([kind, rows]))
        return told.hexdigest()

    def unknown_documents(self) -> int:
        """Count the relevant documents of the judgements that the corpus does not have."""
        there = {d.id for d in self.documents}
        return sum(
            g > 0 and d not in there for grades in self.judgements.qrels.values() for d, g in grades.items()
        )


def read_beir(folder: Path, split: str | None = None, types: Path | None = None) -> Collection:
    """Read ``corpus.jsonl`` {_id, title, text} and what `read_judgements` reads.

    Raises
    ------
    InvalidRequest
        Naming the file, the line and the field.
    """
    documents = read_corpus(folder / "corpus.jsonl")
    return Collection(tuple(documents.values()), read_judgements(folder, split, types))


def read_corpus(path: Path) -> dict[str, Document]:
    """Read documents {_id, title, text}, one JSON object a line, by id.

    Raises
    ------
    InvalidRequest
        Naming the file, the line and the field; also when there is none.
    """
    documents: dict[str, Document] = {}
    for where, r in _records(path):
        document = Document(_id(r, where), _clean(str(r.get("title") or "")), _text(r, "text", where))
        if document.id in documents:
            raise InvalidRequest(f"{where}, field _id: {document.id!r} stands there twice")
        documents[document.id] = document
    if not documents:
        raise InvalidRequest(f"{path}: no document")
    return documents


def read_languages(path: Path) -> dict[str, str]:
    """Return the languages (nb, nn, en, se) that a corpus states in ``metadata.language``, by document."""
    found: dict[str, str] = {}
    for where, r in _records(path):
        metadata = r.get("metadata")
        language = metadata.get("language") if isinstance(metadata, dict) else None
        if language in {"nb", "nn", "en", "se"}:
            found[_id(r, where)] = language
    return found


def read_judgements(folder: Path, split: str | None = None, types: Path | None = None) -> Judgements:
    """Read ``queries.jsonl`` {_id, text, type?} and ``qrels/SPLIT.tsv`` (query-id, corpus-id, score).

    Parameters
    ----------
    folder : Path
        Of the collection.
    split : str, optional
        Name of the qrels file. Default: ``test``, else ``dev``, else the only one.
    types : Path, optional
        Tab-separated: query-id, type. It wins over the field ``type``.

    Raises
    ------
    InvalidRequest
        Naming the file, the line and the field; also when no query has a relevant document.
    """
    path = folder / "queries.jsonl"
    texts: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for where, r in _records(path):
        query = _id(r, where)
        if query in texts:
            raise InvalidRequest(f"{where}, field _id: {query!r} stands there twice")
        texts[query] = _text(r, "text", where)
        if r.get("type") is not None:
            kinds[query] = _text(r, "type", where).strip()
    for where, query, kind in _types(types) if types else ():
        if query not in texts:
            raise InvalidRequest(f"{where}: {path.name} has no query {query!r}")
        kinds[query] = kind
    name = split or _split(folder / "qrels")
    qrels: dict[str, dict[str, int]] = {}
    for query, document, grade in _grades(folder / "qrels" / f"{name}.tsv"):
        qrels.setdefault(query, {})[document] = grade
    judged = {q: text for q, text in texts.items() if q in qrels}
    queries = {q: text for q, text in judged.items() if max(qrels[q].values()) > 0}
    if not queries:
        raise InvalidRequest(
            f"{folder}: no query of queries.jsonl has a relevant document in qrels/{name}.tsv"
        )
    return Judgements(
        name=folder.resolve().name,
        split=name,
        queries=queries,
        qrels={q: qrels[q] for q in judged},
        types={q: kinds.get(q) or UNTYPED for q in judged} if any(kinds.values()) else {},
        unanswerable={q: text for q, text in judged.items() if q not in queries},
        unjudged=len(texts) - len(judged),
    )


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
                record = _parsed(line.removeprefix(b"\xef\xbb\xbf"), where)
                if not isinstance(record, dict):
                    raise InvalidRequest(f"{where}: expected an object")
                yield where, record
    except OSError as e:
        raise InvalidRequest(f"{path}: cannot be read: {e.strerror}") from e


def _parsed(line: bytes, where: str) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        try:  # the standard library also reads half of a surrogate pair, which `_clean` replaces
            return json.loads(line)
        except ValueError as e:
            raise InvalidRequest(f"{where}: not JSON: {e}") from e


def _clean(text: str) -> str:
    """Replace what no text can hold: NUL, and halves of surrogate pairs."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _id(record: Mapping[str, Any], where: str) -> str:
    value = record.get("_id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{where}, field _id: expected text, got {value!r}")
    return value


def _text(record: Mapping[str, Any], name: str, where: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise InvalidRequest(f"{where}, field {name}: expected text, got {value!r}")
    return _clean(value)


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield line numbers and cells of a tab-separated file, empty lines left out; raises InvalidRequest."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            yield from ((number, row) for number, row in enumerate(reader, start=1) if any(row))
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise InvalidRequest(f"{path}: cannot be read: {e}") from e


def _grades(path: Path) -> Iterator[tuple[str, str, int]]:
    """Read (query, document, grade) from three columns, or four as in TREC; a heading is passed over."""
    for number, row in read_rows(path):
        if number == 1 and len(row) > 2 and not row[-1].strip().lstrip("-").isdigit():
            continue
        try:
            query, document, grade = row[0], row[-2], int(row[-1])
            if not 3 <= len(row) <= 4:
                raise ValueError
        except (IndexError, ValueError) as e:
            raise InvalidRequest(
                f"{path}, line {number}: expected query-id, corpus-id, score; got {row!r}"
            ) from e
        yield query, document, grade


def _types(path: Path) -> Iterator[tuple[str, str, str]]:
    for number, row in read_rows(path):
        if len(row) != 2 or not row[1].strip():
            raise InvalidRequest(f"{path}, line {number}: expected query-id, type; got {row!r}")
        if number > 1 or row[0] not in {"query-id", "query", "_id", "id"}:
            yield f"{path}, line {number}", row[0], row[1].strip()
