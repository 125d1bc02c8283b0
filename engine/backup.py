"""How is everything carried away, and brought back? One file out while work goes on, and in whole or not at all.

A backup takes the build before the catalogue, so that the catalogue is never older than its index. A
restore holds the file against its seal and every member against its hash, saves what is there, brings the build in
beside the old one, and then replaces the catalogue in one transaction. The old build is withdrawn
just before that commit and the new one becomes current just after it: at no moment does an index
stand over a catalogue that it was not made from. Killed between the two, the program has a catalogue
(the old or the new) and no index; the same restore again, or an index run, finishes it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final
from uuid import uuid4

from engine.backup_file import BackupReader, Manifest, new_backup, open_backup
from engine.backup_members import (
    files_of_build,
    put_vectors,
    rows_of,
    vocabulary_of,
    write_build,
    write_catalogue,
    write_vectors,
    write_vocabulary,
)
from engine.backup_ports import (
    BuildArchive,
    BuildCopy,
    BuildReplacement,
    CatalogueArchive,
    Interruption,
    VectorArchive,
)
from engine.errors import (
    BackendError,
    Conflict,
    IndexIncompatible,
    IndexMissing,
    InvalidRequest,
    KompetansegrafError,
)
from engine.model import AuditEntry, BuildInfo
from engine.ports import VocabularyStore
from engine.progress import Progress, Quiet
from vocab.triples import VocabularyError

ACTION: Final = "restore backup"
"""What the audit trail calls a restore."""

_TOLD: Final = ("resource", "role", "requirement", "plan", "decision")


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds. `index` is the build in it; where there is none, `notes` says why."""

    path: Path
    size: int
    seal: str
    manifest: Manifest
    index: BuildInfo | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What a restore did.

    `saved` is the backup of what was there before, `finished` whether an earlier, interrupted restore
    of the same file was brought to its end. Without `index` the index has to be made.
    """

    manifest: Manifest
    index: BuildInfo | None
    saved: Path | None = None
    finished: bool = False
    notes: tuple[str, ...] = ()


class Backups:
    """Backup and restore of one data folder and its catalogue.

    Parameters
    ----------
    folder : Path
        The data folder; what a restore replaces is saved here.
    catalogue, builds
        What is copied.
    vocabulary : VocabularyStore
        The data folder's own vocabulary.
    vectors : callable
        Opens the vector cache; given False it does not make one, and returns None where there is none.
    now : callable
        The clock.
    by : str
        Function or key that the audit trail names.
    """

    def __init__(
        self,
        *,
        folder: Path,
        catalogue: CatalogueArchive,
        builds: BuildArchive,
        vocabulary: VocabularyStore,
        vectors: Callable[[bool], VectorArchive | None],
        now: Callable[[], datetime],
        by: str = "cli",
    ) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._builds = builds
        self._vocabulary = vocabulary
        self._vectors = vectors
        self._now = now
        self._by = by

    def write(
        self, path: Path, *, index: bool = True, vectors: bool = True, progress: Progress | None = None
    ) -> BackupReport:
        """Write everything to one file, while others read and write.

        Parameters
        ----------
        path : Path
            The file; an earlier backup there is replaced when the new one stands.
        index, vectors : bool
            Take the current build, the vector cache.
        progress : Progress, optional
            Told of rows, files and vectors.

        Raises
        ------
        InvalidRequest
            If something that is no backup lies at `path`.
        BackendUnavailable
            If there is no catalogue, or it cannot be reached.
        BackendError
            If the file cannot be written.
        """
        told = progress or Quiet()
        notes: list[str] = []
        with (
            self._still_build(index, notes) as build,
            self._catalogue.copied() as catalogue,
            new_backup(path) as writer,
        ):
            manifest = Manifest(
                program_version=version("kompetansegraf"),
                created=self._now(),
                catalogue_schema=catalogue.schema,
                tables=write_catalogue(writer, catalogue, told),
                index=write_build(writer, build, self._builds.kind, told) if build else None,
            )
            if vectors and (cache := self._vectors(False)) is not None:
                with closing(cache):
                    manifest.vectors = write_vectors(writer, cache, told)
            manifest.vocabulary = write_vocabulary(writer, self._vocabulary.kept_files())
            writer.finish(manifest)
        return _reported(path, writer.seal, manifest, notes)

    def check(self, path: Path, *, progress: Progress | None = None) -> BackupReport:
        """Hold a file against its seal and its hashes, and tell what it holds; raises InvalidRequest."""
        with open_backup(path) as reader:
            self._verify(reader, progress or Quiet())
            return _reported(path, reader.seal, reader.manifest, [])

    def restore(self, path: Path, *, force: bool = False, progress: Progress | None = None) -> RestoreReport:
        """Bring a backup back.

        Parameters
        ----------
        path : Path
            The file.
        force : bool, default False
            Replace what is there; it is saved in a backup of its own first.
        progress : Progress, optional
            Told of members, rows and vectors.

        Raises
        ------
        InvalidRequest
            If the file is damaged, foreign or newer; nothing has been touched.
        Conflict
            If there is something already and `force` is false, or an index is being built.
        BackendError
            If it fails underway; what was there stays.
        """
        told = progress or Quiet()
        with open_backup(path) as reader:
            self._verify(reader, told)
            with self._builds.replacing() as builds:
                finished = self._resumed(reader, builds)
                saved: Path | None = None
                notes: list[str] = []
                if finished:
                    self._bring_in(reader, builds, notes, told)
                else:
                    saved = self._make_way(force, notes, told)
                    self._bring_in(reader, builds, notes, told)
                    self._replace_catalogue(reader, builds, told)
                self._replace_vocabulary(reader, notes)
                index = builds.complete()
            self._read_vectors(reader, notes, told)
            return RestoreReport(reader.manifest, index, saved, finished, tuple(notes))

    def close(self) -> None:
        """Release connections. A second call does nothing."""
        self._builds.close()

    # --- out ---------------------------------------------------------------------------------

    @contextmanager
    def _still_build(self, wanted: bool, notes: list[str]) -> Iterator[BuildCopy | None]:
        if not wanted:
            yield None
            return
        with ExitStack() as stack:
            build = None
            try:
                build = stack.enter_context(self._builds.copied())
            except (
                IndexMissing,
                IndexIncompatible,
            ) as error:  # the catalogue is the truth, and is taken all the same
                notes.append(f"the index is not in the backup: {error}")
            else:
                if build is None:
                    notes.append("nothing has been indexed: there is no index in the backup")
            yield build

    # --- in ----------------------------------------------------------------------------------

    def _verify(self, reader: BackupReader, told: Progress) -> None:
        if not self._catalogue.knows(reader.manifest.catalogue_schema):
            raise InvalidRequest(
                f"{reader.path} was written by a newer version of this program "
                f"({reader.manifest.program_version}, schema {reader.manifest.catalogue_schema})"
            )
        told.begin("verifying", len(reader.manifest.members))
        for name in reader.manifest.members:
            for _ in reader.chunks(name):
                pass
            told.advance()
        told.end()

    def _resumed(self, reader: BackupReader, builds: BuildReplacement) -> bool:
        """Clear up after a restore that was killed; return whether this one only has to finish it."""
        killed = builds.interrupted()
        if killed is None:
            return False
        if self._catalogue.has_entry(self._entry(killed)):
            return killed.seal == reader.seal
        builds.put_back()
        return False

    def _make_way(self, force: bool, notes: list[str], told: Progress) -> Path | None:
        """See whether there is anything, and save it; returns the backup of what is there."""
        stamp = f"before-restore-{self._now():%Y%m%dT%H%M%S}"
        try:
            there = self._there()
            if not there:
                return None
            if not force:
                raise Conflict(
                    f"there is something already: {there}; --force saves it and puts the backup in its place"
                )
            report = self.write(self._folder / f"{stamp}.zip", vectors=False, progress=told)
            notes += (f"of what is saved, {note}" for note in report.notes)
            return report.path
        except BackendError as error:
            if not self._catalogue.is_damage(error):
                raise
            if not force:
                raise Conflict(f"what is there cannot be read ({error}); --force sets it aside") from error
            aside = self._catalogue.set_aside(f".{stamp}")
            notes.append(f"what was there cannot be read and is kept as {aside}: {error}")
            return None

    def _there(self) -> str:
        counts = self._catalogue.contents()
        found = counted(counts)
        if counts and not found:
            found = [f"{sum(counts.values())} rows of other kinds"]
        with suppress(IndexMissing, IndexIncompatible):
            build = self._builds.current()
            if build is not None:
                found.append(f"index build {build.id}")
        if self._vocabulary.kept_files():
            found.append("a vocabulary of its own")
        return ", ".join(found)

    def _bring_in(
        self, reader: BackupReader, builds: BuildReplacement, notes: list[str], told: Progress
    ) -> None:
        part = reader.manifest.index
        if part is None:
            notes.append("there is no index in the backup")
            return
        if part.kind != self._builds.kind:
            notes.append(f"the index in the backup is for another engine ({part.kind})")
            return
        told.begin("index", len(reader.names("index")))
        try:
            builds.bring_in(part.reference, files_of_build(reader, told))
        except IndexIncompatible as error:
            notes.append(f"the index in the backup does not fit this program: {error}")
        told.end()

    def _replace_catalogue(self, reader: BackupReader, builds: BuildReplacement, told: Progress) -> None:
        run = Interruption(uuid4().hex, reader.seal)
        entry = self._entry(run)
        tables = reader.manifest.tables
        told.begin("catalogue", sum(tables.values()))
        try:
            with self._catalogue.replacing(reader.manifest.catalogue_schema, entry) as catalogue:
                for table, rows in tables.items():
                    loaded = catalogue.load(table, rows_of(reader, table, told))
                    if loaded != rows:
                        raise InvalidRequest(f"{reader.path}: {loaded} rows in {table}, not {rows}")
                builds.withdraw(run)
        except BaseException:
            # A connection lost in the commit leaves it open which catalogue stands; without an answer the build stays
            # withdrawn, and the next restore finds out.
            with suppress(KompetansegrafError):
                if not self._catalogue.has_entry(entry):
                    builds.put_back()
            raise
        told.end()

    def _replace_vocabulary(self, reader: BackupReader, notes: list[str]) -> None:
        """Keep the backup's vocabulary before its index becomes current, which was made with it."""
        if reader.manifest.vocabulary is None:
            return
        files = vocabulary_of(reader)
        try:
            if files != self._vocabulary.kept_files():
                self._vocabulary.put_files(files)
        except (KompetansegrafError, VocabularyError) as error:
            notes.append(f"the vocabulary stays as it was: {error}")

    def _entry(self, run: Interruption) -> AuditEntry:
        return AuditEntry(self._now(), self._by, ACTION, "catalogue", f"sha256 {run.seal}, run {run.run}")

    def _read_vectors(self, reader: BackupReader, notes: list[str], told: Progress) -> None:
        if not reader.manifest.vectors:
            return
        told.begin("vectors", sum(part.count for part in reader.manifest.vectors))
        try:
            cache = self._vectors(True)
            assert cache is not None
            with closing(cache):
                put_vectors(reader, cache, told)
        except KompetansegrafError as error:  # they can be computed again
            notes.append(f"not all vectors were taken in: {error}")
        told.end()


def _reported(path: Path, seal: str, manifest: Manifest, notes: list[str]) -> BackupReport:
    index = manifest.index.info if manifest.index else None
    return BackupReport(path, path.stat().st_size, seal, manifest, index, tuple(notes))


def counted(rows: Mapping[str, int]) -> list[str]:
    """Return how many there are of what says something to a person, from the rows of each table.

    Examples
    --------
    >>> counted({"resource": 2, "role": 1, "resource_version": 7})
    ['2 resources', '1 role']
    """
    return [f"{rows[name]} {name}{'s' if rows[name] != 1 else ''}" for name in _TOLD if name in rows]
