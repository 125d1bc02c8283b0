"""Which sources of authority does a file hold? CSV or JSON, read into the catalogue; what has changed is told."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from engine.authority import Authority
from engine.editorial.authority_records import authority_from_record
from engine.errors import InvalidRequest, NotFound
from engine.service import Engine, requirement_ids
from indexer.sources.csv_table import CsvTableSource
from indexer.sources.source import SourceItem, SourceProblem

MAX_BYTES = 200 * 1024 * 1024


@dataclass(slots=True)
class AuthoritiesReport:
    """What an import did: ids that are new, whose statement has changed, of which something else has, and the rest."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[SourceProblem] = field(default_factory=list)
    warnings: list[SourceProblem] = field(default_factory=list)

    def to_record(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return asdict(self)


def import_authorities(engine: Engine, path: Path, *, by: str, dry_run: bool = False) -> AuthoritiesReport:
    """Read sources of authority from a file; what will not do is reported, and the rest is written at once.

    A change of version or text lets all that rests on the source wait for an editor. The same file again changes
    nothing.

    Raises
    ------
    NotFound, InvalidRequest
        If there is no such file, or it is neither CSV nor JSON.
    """
    report, read = AuthoritiesReport(), dict[str, Authority]()
    for item in _records(path):
        if isinstance(item, SourceProblem):
            (report.problems if item.severity == "error" else report.warnings).append(item)
            continue
        place, row, record = item
        try:
            found = authority_from_record(record)
        except InvalidRequest as error:
            name, _, reason = str(error).partition(": ")
            report.problems.append(SourceProblem(place, reason, row, name))
            continue
        if found.id in read:
            report.problems.append(SourceProblem(place, f"{found.id!r} stands twice", row, "id"))
            continue
        read[found.id] = found
        report.warnings += [
            SourceProblem(place, reason, row, name, "warning") for name, reason in _doubts(engine, found)
        ]
    known = {a.id: a for a in engine.catalogue.authorities()}
    for id_, found in read.items():
        before = known.get(id_)
        kept = (
            report.added
            if before is None
            else report.changed
            if before.identity != found.identity
            else report.updated
            if before != found
            else report.unchanged
        )
        kept.append(id_)
    if not dry_run and read:
        engine.catalogue.upsert_authorities(read.values(), by=by, at=engine.now())
    return report


def _records(path: Path) -> Iterator[tuple[str, int | None, Mapping[str, object]] | SourceProblem]:
    if not path.is_file():
        raise NotFound(f"{path}: there is no such file")
    if path.stat().st_size > MAX_BYTES:
        raise InvalidRequest(f"{path}: larger than {MAX_BYTES:,} bytes")
    if path.suffix.lower() in {".csv", ".tsv", ".txt"}:
        for event in CsvTableSource(path).items({}):
            if isinstance(event, SourceItem):
                yield event.place, event.row, event.record
            elif isinstance(event, SourceProblem):
                yield event
        return
    if path.suffix.lower() != ".json":
        raise InvalidRequest(f"{path}: a file of sources of authority is .csv or .json")
    try:
        document = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"{path}: not JSON: {error}") from error
    records = document.get("authorities") if isinstance(document, dict) else document
    if not isinstance(records, list):
        raise InvalidRequest(f'{path}: an array, or {{"authorities": […]}}, is needed')
    for number, record in enumerate(records, start=1):
        if isinstance(record, dict):
            yield path.name, number, record
        else:
            yield SourceProblem(path.name, "an object is needed", number)


def _doubts(engine: Engine, found: Authority) -> Iterator[tuple[str, str]]:
    """Yield what a source names that is not known: it is kept, for it may come."""
    known = engine.requirements()
    for name in found.requirements:
        if not any(id_ in known for id_ in requirement_ids(name, known)):
            yield "requirements", f"no requirement has the id or code {name!r}"
    there = engine.catalogue.get_many(list(found.resources))
    for name in found.resources:
        if name not in there:
            yield "resources", f"no resource has the id {name!r}"
    for concept in found.concepts:
        if concept not in engine.vocabulary:
            yield "concepts", f"the vocabulary has no concept {concept!r}"
