"""What was a run worth? Kept as a small JSON file, so that a later run of the same collection can be compared with it.

The file holds values of queries, no text: no query, no document.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from cli.collection import Collection
from cli.evaluation import MEASURES, Evaluation
from cli.significance import Difference, paired
from engine.errors import InvalidRequest
from engine.service import Engine
from vocab.analysis import ANALYSIS_VERSION

FORMAT = "kompetansegraf-run-1"


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A run: of which collection, how it was made, what each query was worth.

    Attributes
    ----------
    collection
        Name, split, numbers of documents and queries, and the digest that tells collections apart.
    settings
        What was asked for: mode, model.
    versions
        Of the program, the analysis, the vocabulary, Python and the libraries that decide the order.
    per_query
        Value of each measure by query id.
    types
        Type by query id.
    silent
        Queries without an answer that found nothing.
    format
        Of the file.
    """

    collection: Mapping[str, str | int]
    settings: Mapping[str, str | int]
    versions: Mapping[str, str]
    per_query: Mapping[str, Mapping[str, float]]
    types: Mapping[str, str] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    format: str = FORMAT


@dataclass(frozen=True, slots=True)
class Comparison:
    """Now against a saved run: differences by measure, and of nDCG@10 by type of query; what was set otherwise."""

    overall: Mapping[str, Difference]
    types: Mapping[str, Difference]
    settings: Mapping[str, tuple[str, str]]


_READER = TypeAdapter(SavedRun)


def describe(collection: Collection) -> dict[str, str | int]:
    """Return what identifies a collection."""
    j = collection.judgements
    return {
        "name": j.name,
        "split": j.split,
        "documents": len(collection.documents),
        "queries": len(j.queries),
        "digest": collection.digest(),
    }


def save_run(
    evaluation: Evaluation, collection: Collection, engine: Engine, settings: Mapping[str, str | int]
) -> SavedRun:
    """Make the record of an evaluation; values are rounded to six digits.

    Parameters
    ----------
    evaluation : Evaluation
        What was measured.
    collection : Collection
        That it was measured on.
    engine : Engine
        That answered, for its model and vocabulary.
    settings : mapping
        What else was asked for, such as the mode.
    """
    return SavedRun(
        collection=describe(collection),
        types={q: t for q, t in collection.judgements.types.items() if q in evaluation.per_query},
        settings={**settings, "model": engine.embedder.model_id if engine.embedder else "none"},
        versions={
            "kompetansegraf": version("kompetansegraf"),
            "analysis": str(ANALYSIS_VERSION),
            "vocabulary": engine.status().vocabulary,
            "python": python_version(),
            "numpy": version("numpy"),
            "tantivy": version("tantivy"),
        },
        per_query={
            q: {m: round(v, 6) for m, v in values.items()} for q, values in evaluation.per_query.items()
        },
        silent=evaluation.silent,
    )


def write_run(path: Path, run: SavedRun) -> None:
    """Write a run; the file is whole or not there.

    Raises
    ------
    InvalidRequest
        If the file cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(_pretty(run))
        part.replace(path)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise InvalidRequest(f"{path}: cannot be written: {e.strerror}") from e


def read_run(path: Path) -> SavedRun:
    """Read a saved run.

    Raises
    ------
    InvalidRequest
        If it cannot be read, is of another format, or is no saved run.
    """
    try:
        data = orjson.loads(path.read_bytes())
    except OSError as e:
        raise InvalidRequest(f"{path}: cannot be read: {e.strerror}") from e
    except orjson.JSONDecodeError as e:
        raise InvalidRequest(f"{path}: is no saved run: {e}") from e
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise InvalidRequest(f"{path}: is no saved run of the format {FORMAT}")
    try:
        return _READER.validate_python(data)
    except ValidationError as e:
        fault = e.errors(include_input=False, include_url=False)[0]
        raise InvalidRequest(f"{path}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from e


def compare(now: SavedRun, before: SavedRun) -> Comparison:
    """Compare two runs of the same collection, query by query.

    Raises
    ------
    InvalidRequest
        If the runs are of different collections; says what differs.
    """
    check_same_collection(now.collection, before.collection)
    queries = [q for q in now.per_query if q in before.per_query]
    if len(queries) != len(now.per_query) or len(queries) != len(before.per_query):
        raise InvalidRequest("the saved run has other queries")

    def difference(measure: str, of: list[str]) -> Difference:
        return paired([now.per_query[q][measure] for q in of], [before.per_query[q][measure] for q in of])

    members: dict[str, list[str]] = {}
    for q in queries if now.types else ():
        members.setdefault(now.types[q], []).append(q)
    return Comparison(
        overall={m: difference(m, queries) for m in MEASURES},
        types={t: difference("nDCG@10", members[t]) for t in sorted(members)},
        settings={
            name: (str(before.settings.get(name, "")), str(now.settings.get(name, "")))
            for name in sorted({*now.settings, *before.settings})
            if now.settings.get(name) != before.settings.get(name)
        },
    )


def check_same_collection(now: Mapping[str, str | int], before: Mapping[str, str | int]) -> None:
    """Refuse to compare runs of different collections; raises InvalidRequest saying what differs."""
    if now["digest"] == before.get("digest"):
        return
    differing = [
        f"{name} {before.get(name)!r}, now {now[name]!r}"
        for name in ("name", "split", "documents", "queries")
        if now[name] != before.get(name)
    ]
    raise InvalidRequest(
        f"the saved run is of another collection: {'; '.join(differing) or 'documents, queries or grades differ'}"
    )


def _pretty(run: SavedRun) -> bytes:
    """Return JSON with one query a line: small, and differences can be read."""
    record: dict[str, Any] = asdict(run)
    per_query = record.pop("per_query")
    head = orjson.dumps(record, option=orjson.OPT_INDENT_2)[:-2]
    rows = b",\n".join(b"    %b: %b" % (orjson.dumps(q), orjson.dumps(v)) for q, v in per_query.items())
    return head + b',\n  "per_query": {\n' + rows + b"\n  }\n}\n"
