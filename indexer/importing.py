"""What did the sources bring? Records in, resources in the catalogue, and a report of every doubt.

Resources are written in batches, each in one transaction, and only then is it remembered what their
source said of them: an import that is killed is simply run again, and what was stored is not read twice.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from engine.errors import InvalidRequest
from engine.model import Resource, UpsertReport
from engine.progress import Progress, Quiet
from engine.records import content_hash
from engine.service import Engine
from indexer.normalise import NORMALISER_VERSION, Normaliser
from indexer.sources import (
    GONE,
    Source,
    SourceGone,
    SourceItem,
    SourceProblem,
    SourceRead,
    SourceUnchanged,
    WebLimits,
    open_source,
)

BATCH: Final = 200
"""Resources in one transaction."""

PATIENCE: Final = 5.0
"""Longest time that a resource which was read waits to be stored [s]: slow sites lose little to a kill."""

LISTED: Final = 1_000
"""Problems and warnings that a report lists of one source; all are counted."""

SOURCE_NAME: Final = 400
"""Longest name of a source [bytes of UTF-8]; a longer one is cut and hashed."""


@dataclass(slots=True)
class SourceReport:
    """What one source brought, in numbers of resources.

    `archived` ones were withdrawn by their source. `problems` kept something out, `warnings` did not.
    """

    location: str
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    archived: int = 0
    problems: list[SourceProblem] = field(default_factory=list)
    warnings: list[SourceProblem] = field(default_factory=list)
    problem_count: int = 0
    warning_count: int = 0

    def note(self, problem: SourceProblem) -> None:
        """Count a problem or a warning, and list it if there is room."""
        if problem.severity == "error":
            self.problem_count += 1
            listed = self.problems
        else:
            self.warning_count += 1
            listed = self.warnings
        if len(listed) < LISTED:
            listed.append(problem)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, source by source and in all."""

    sources: tuple[SourceReport, ...]
    dry_run: bool = False

    @property
    def added(self) -> int:
        """New resources."""
        return sum(s.added for s in self.sources)

    @property
    def updated(self) -> int:
        """Resources with a new version."""
        return sum(s.updated for s in self.sources)

    @property
    def unchanged(self) -> int:
        """Resources that are as they were."""
        return sum(s.unchanged for s in self.sources)

    @property
    def archived(self) -> int:
        """Resources that their source has withdrawn."""
        return sum(s.archived for s in self.sources)

    @property
    def problems(self) -> tuple[SourceProblem, ...]:
        """What was kept out, and why."""
        return tuple(p for s in self.sources for p in s.problems)

    @property
    def warnings(self) -> tuple[SourceProblem, ...]:
        """What was let in with a doubt."""
        return tuple(p for s in self.sources for p in s.warnings)

    def to_record(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        totals = {name: getattr(self, name) for name in ("added", "updated", "unchanged", "archived")}
        return {"dry_run": self.dry_run, **totals, "sources": [asdict(s) for s in self.sources]}

    def write(self, path: Path) -> None:
        """Write the report as JSON, whole or not at all."""
        beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        text = json.dumps(self.to_record(), ensure_ascii=False, indent=2) + "\n"
        beside.write_bytes(text.encode("utf-8", "backslashreplace"))  # half a surrogate pair as JSON has it
        beside.replace(path)


def import_sources(
    engine: Engine,
    locations: Sequence[str | Source],
    *,
    by: str,
    dry_run: bool = False,
    anew: bool = False,
    progress: Progress | None = None,
    limits: WebLimits | None = None,
) -> ImportReport:
    """Read sources into the catalogue.

    Parameters
    ----------
    engine : Engine
        Whose catalogue is written.
    locations : sequence of str or Source
        Files, folders and addresses (see `indexer.sources.open_source`), or opened sources.
    by : str
        Function or key name for the audit trail, never a person.
    dry_run : bool, default False
        Only say what would be done; the numbers are those of a real run.
    anew : bool, default False
        Read everything, also what its source says is unchanged since the last import.
    progress : Progress, optional
        Told of every item.
    limits : WebLimits, optional
        How much to ask web sites for.

    Returns
    -------
    ImportReport
        One part a source. A second run right after the first changes nothing.

    Raises
    ------
    NotFound, InvalidRequest
        If a location is none; no source is read then.
    BackendUnavailable
        If the catalogue fails; what was stored before stays, and the next run goes on from there.
    """
    sources = [open_source(place, limits) if isinstance(place, str) else place for place in locations]
    more = {"rolle": engine.roles().keys(), "krav": engine.requirements().keys()}
    normaliser = Normaliser(engine.vocabulary, more)
    owners: dict[str, tuple[str, str]] = {}
    reports = []
    for source, place in zip(sources, locations, strict=True):
        label = place if isinstance(place, str) else place.name
        run = _Run(engine, source, normaliser, by, dry_run, owners, label)
        reports.append(run.read(anew, progress or Quiet()))
    return ImportReport(tuple(reports), dry_run)


class _Run:
    """One source while it is read."""

    def __init__(
        self,
        engine: Engine,
        source: Source,
        normaliser: Normaliser,
        by: str,
        dry_run: bool,
        owners: dict[str, tuple[str, str]],
        label: str,
    ) -> None:
        self._engine = engine
        self._source = source
        self._normaliser = normaliser
        self._by = by
        self._dry_run = dry_run
        self._owners = owners
        self._name = _short(source.name)
        self._ids: dict[str, str] = {}
        self._report = SourceReport(label)
        self._resources: dict[str, tuple[Resource, SourceItem]] = {}
        self._revisions: dict[str, str] = {}
        self._began = time.monotonic()
        self._unknown: set[str] = set()

    def read(self, anew: bool, progress: Progress) -> SourceReport:
        """Read the source to its end."""
        stored = _remembered(self._engine.catalogue.revision_of(self._name))
        self._ids = {key: id_ for key, (id_, _) in stored.items()}
        known = {} if anew else {key: revision for key, (_, revision) in stored.items()}
        progress.begin(f"reading {self._report.location}")
        try:
            for event in self._source.items(known):
                match event:
                    case SourceItem():
                        self._take(event)
                    case SourceUnchanged():
                        self._report.unchanged += 1
                        self._owners.setdefault(self._ids.get(event.key, ""), self._owner(event.key))
                        if event.revision is not None:
                            self._remember(event.key, event.revision)
                    case SourceGone():
                        self._flush()
                        self._withdraw(event)
                    case SourceRead():
                        if not self._report.problem_count:
                            self._remember(event.key, event.revision)
                    case SourceProblem():
                        self._report.note(event)
                progress.advance()
                if len(self._resources) >= BATCH or time.monotonic() - self._began > PATIENCE:
                    self._flush()
            self._flush()
        finally:
            progress.end()
        return self._report

    def _take(self, item: SourceItem) -> None:
        found = self._normaliser.normalise(item.record, strict=item.strict)
        for name in found.unknown_fields:
            if name not in self._unknown:
                self._unknown.add(name)
                self._note(item, name, "no such field of a resource; left out wherever it stands", "warning")
        for doubt in found.doubts:
            self._note(item, doubt.name, doubt.reason, "error" if doubt.error else "warning")
        if found.resource is None:
            return
        resource = found.resource
        owner = self._owners.setdefault(resource.id, self._owner(item.key))
        if owner != self._owner(item.key):
            where = owner[1] if owner[0] == self._name else owner[0]
            self._note(item, "id", f"{resource.id!r} has come from {where} already in this import", "error")
            return
        self._resources[resource.id] = (resource, item)

    def _note(self, item: SourceItem, name: str, reason: str, severity: str) -> None:
        self._report.note(
            SourceProblem(item.place, reason, item.row, name, "error" if severity == "error" else "warning")
        )

    def _flush(self) -> None:
        """Store what was read, then remember what the source said of it."""
        if self._resources:
            for wrote, resources in self._stored([resource for resource, _ in self._resources.values()]):
                self._report.added += len(wrote.added)
                self._report.updated += len(wrote.updated)
                self._report.unchanged += len(wrote.unchanged)
                for resource in resources:
                    item = self._resources[resource.id][1]
                    self._remember(item.key, item.revision, resource.id)
        if self._revisions and not self._dry_run:
            self._engine.catalogue.record_revisions(self._name, self._revisions)
        self._resources.clear()
        self._revisions.clear()
        self._began = time.monotonic()

    def _stored(self, resources: list[Resource]) -> Iterator[tuple[UpsertReport, list[Resource]]]:
        """Yield what was written; one resource that the catalogue refuses does not hold up the rest."""
        try:
            yield self._write(resources), resources
        except InvalidRequest as error:
            if len(resources) > 1:
                for resource in resources:
                    yield from self._stored([resource])
                return
            name, _, reason = str(error).partition(": ")
            self._note(self._resources[resources[0].id][1], name, reason or str(error), "error")

    def _write(self, resources: list[Resource]) -> UpsertReport:
        if not self._dry_run:
            return self._engine.write_resources(resources, by=self._by)
        resources = self._engine.reviews.kept(resources)
        current = self._engine.catalogue.get_many([r.id for r in resources])
        added = tuple(r.id for r in resources if r.id not in current)
        same = tuple(
            r.id for r in resources if r.id in current and content_hash(current[r.id]) == content_hash(r)
        )
        updated = tuple(r.id for r in resources if r.id not in {*added, *same})
        return UpsertReport(added, updated, same)

    def _withdraw(self, gone: SourceGone) -> None:
        id_ = self._ids.get(gone.key)
        if id_ and self._owners.get(id_, self._owner(gone.key)) != self._owner(gone.key):
            id_ = None  # it has moved: another item of this import is that resource now
        current = self._engine.catalogue.get(id_) if id_ else None
        # one that is archived because it was merged shall stay so when the merge is taken back
        if current is not None and (current.status == "published" or self._engine.goes_to(current.id)):
            if not self._dry_run:
                archived = replace(current, status="archived", about=())
                self._engine.write_resources([archived], by=self._by)
            self._report.archived += 1
            reason = f"withdrawn by its source: {id_!r} is archived"
            self._report.note(SourceProblem(gone.key, reason, severity="warning"))
        self._remember(gone.key, GONE)

    def _owner(self, key: str) -> tuple[str, str]:
        return self._name, key

    def _remember(self, key: str, revision: str, id_: str | None = None) -> None:
        self._revisions[key] = json.dumps([NORMALISER_VERSION, id_ or self._ids.get(key, ""), revision])


def _remembered(stored: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return key -> (resource id, revision) of what this version of the normaliser made."""
    found = {}
    for key, value in stored.items():
        try:
            version, id_, revision = json.loads(value)
        except (ValueError, TypeError):
            continue
        if version == NORMALISER_VERSION:
            found[key] = (str(id_), str(revision))
    return found


def _short(name: str) -> str:
    data = name.encode("utf-8", "replace")
    if len(data) <= SOURCE_NAME:
        return data.decode()
    return f"{data[:SOURCE_NAME].decode(errors='ignore')}~{hashlib.sha256(data).hexdigest()}"
