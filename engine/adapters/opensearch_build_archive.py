"""How does a build get out of a cluster and into another? Its index by a snapshot, its other files in the backup.

The snapshot lies in a repository that the cluster knows (a shared folder, an object store); the backup
file holds its name. Brought in, the index gets a name of its own beside the others, is opened to see that
it fits, and the alias is set. The document ``restore`` in ``{prefix}-state`` tells of a restore that has
withdrawn the current build and not completed; it holds the name of the old one.
"""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from engine.adapters.opened_build import OpenedBuild
from engine.adapters.opensearch_build_indices import manifest_of
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.adapters.opensearch_index_builds import OpenSearchIndexBuilds
from engine.adapters.opensearch_writer_lock import HeldLock
from engine.backup_ports import Interruption
from engine.errors import (
    BackendError,
    BackendUnavailable,
    IndexIncompatible,
    IndexMissing,
    InvalidRequest,
    NotFound,
)
from engine.model import BuildInfo
from engine.ports import SearchIndex

_NOTE: Final = "restore"
_ADMIN_TIMEOUT: Final = 60.0  # seconds
_LONGEST_PAUSE: Final = 2.0  # seconds between two looks
_STANDSTILL: Final = 60.0  # seconds without a byte, after which a restore has failed


class OpenSearchBuildArchive(OpenSearchIndexBuilds):
    """The builds of a cluster, for backup and restore (`engine.backup_ports.BuildArchive` and `BuildReplacement`).

    Parameters
    ----------
    connection, prefix, folder, create, open_
        As for `OpenSearchIndexBuilds`.
    repository
        The snapshot repository to write to, without which no build can be copied; and to read from, where
        it is known by another name than when the backup was made.
    """

    kind = "opensearch-snapshot"

    def __init__(
        self,
        connection: OpenSearchConnection,
        prefix: str,
        folder: Path,
        *,
        create: Callable[[str], SearchIndex],
        open_: Callable[[str], SearchIndex],
        repository: str | None = None,
    ) -> None:
        super().__init__(connection, prefix, folder, create=create, open_=open_)
        self._prefix = prefix
        self._repository = repository
        self._held: HeldLock | None = None
        self._incoming: BuildInfo | None = None

    @contextmanager
    def copied(self) -> Iterator[OpenedBuild | None]:
        build = self._indices.current()
        if build is None:
            yield None
            return
        if self._repository is None:
            raise IndexMissing(
                "the index of a cluster is saved to a snapshot repository: name one (--repository)"
            )
        self._check_repository(self._repository)
        info = build.info()
        with ExitStack() as stack:
            folder = self.folder(info.id)
            opened = tuple(
                (part.path, stack.enter_context((folder / part.path).open("rb"))) for part in build.parts()
            )
            name = f"{self._indices.name(info.id)}-{datetime.now(UTC):%Y%m%dt%H%M%S}"
            reference = {
                "repository": self._repository,
                "snapshot": name,
                "index": self._indices.name(info.id),
            }
            try:
                self._take_snapshot(reference)
                yield OpenedBuild(info, opened, reference)
            except BaseException:
                with suppress(BackendError):
                    self._connection.call(
                        lambda client: client.snapshot.delete(
                            repository=self._repository, snapshot=name, request_timeout=_ADMIN_TIMEOUT
                        )
                    )
                raise

    @contextmanager
    def replacing(self) -> Iterator["OpenSearchBuildArchive"]:
        self._indices.current()
        with self._lock.held() as lock:
            self._held = lock
            self._tidy(self._indices.all())  # also what a killed restore has left
            try:
                yield self
            finally:
                self._held = None
                self._discard_incoming()

    def interrupted(self) -> Interruption | None:
        note = self._note()
        if note is None or self._indices.current() is not None:
            return None
        return Interruption(str(note["run"]), str(note["seal"]))

    def bring_in(
        self, reference: Mapping[str, str], files: Iterable[tuple[str, Iterator[bytes]]]
    ) -> BuildInfo:
        lock = self._holding()
        self._discard_incoming()
        number = lock.next_number(max((build.number for build in self._indices.all()), default=0))
        build_id = f"{number:06d}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        folder = self._folder / build_id
        try:
            _write_files(folder, files)
            self._restore_snapshot(reference, build_id)
            manifest = self._manifest_in(build_id)
            info = replace(manifest, id=build_id)
            self._open(self._indices.name(build_id)).close()
            parts = self._parts.upload(build_id, folder)
            lock.confirm()
            self._indices.write_manifest(build_id, manifest_of(info, parts))
        except IndexMissing as error:
            self._discard(build_id)
            raise IndexIncompatible(f"the snapshot is not whole: {error}") from error
        except BaseException:
            self._discard(build_id)
            raise
        self._incoming = info
        return info

    def withdraw(self, by: Interruption) -> None:
        current = self._indices.current()
        note = {"run": by.run, "seal": by.seal, "before": current.id if current else None}
        self._connection.call(
            lambda client: client.index(
                index=self._state, id=_NOTE, body=note, refresh=True, request_timeout=_ADMIN_TIMEOUT
            )
        )
        if current is not None:
            action = {"remove": {"index": self._indices.name(current.id), "alias": self._prefix}}
            self._holding().confirm()
            self._connection.call(
                lambda client: client.indices.update_aliases(
                    body={"actions": [action]}, request_timeout=_ADMIN_TIMEOUT
                )
            )
        self._forget()

    def put_back(self) -> None:
        note = self._note()
        if note is not None and note["before"] is not None and self._indices.current() is None:
            self._indices.make_current(str(note["before"]), instead_of=None)
        self._remove_note()
        self._forget()

    def complete(self) -> BuildInfo | None:
        info = self._incoming
        lock = self._holding()
        lock.confirm()
        for build in self._indices.all():  # of another catalogue: nobody may go back to them
            if build.manifest is not None and build.published and (info is None or build.id != info.id):
                self._indices.write_manifest(build.id, {**build.manifest, "retired": self._now()})
        lock.confirm()
        if info is not None:
            self._indices.make_current(info.id, instead_of=None)
        self._incoming = None
        self._remove_note()
        self._forget()
        return info

    def close(self) -> None:
        """Close the connection. A second call does nothing."""
        self._connection.close()

    # --- inside ----------------------------------------------------------------------------------

    @property
    def _state(self) -> str:
        return f"{self._prefix}-state"

    def _holding(self) -> HeldLock:
        if self._held is None:
            raise InvalidRequest("the builds are not being replaced")
        return self._held

    def _discard_incoming(self) -> None:
        if self._incoming is not None:
            self._discard(self._incoming.id)
            self._incoming = None

    def _note(self) -> Mapping[str, Any] | None:
        try:
            answer = self._connection.call(lambda client: client.get(index=self._state, id=_NOTE, ignore=404))
        except IndexMissing:
            return None
        note = answer.get("_source")
        return note if isinstance(note, dict) and {"run", "seal", "before"} <= note.keys() else None

    def _remove_note(self) -> None:
        with suppress(IndexMissing):
            self._connection.call(
                lambda client: client.delete(
                    index=self._state, id=_NOTE, refresh=True, ignore=404, request_timeout=_ADMIN_TIMEOUT
                )
            )

    def _check_repository(self, name: str) -> None:
        try:
            self._connection.call(
                lambda client: client.snapshot.get_repository(repository=name, request_timeout=_ADMIN_TIMEOUT)
            )
        except BackendUnavailable:
            raise
        except (BackendError, NotFound, InvalidRequest) as error:
            raise InvalidRequest(f"the cluster knows no snapshot repository {name!r}: {error}") from error

    def _take_snapshot(self, reference: Mapping[str, str]) -> None:
        repository, snapshot = reference["repository"], reference["snapshot"]
        body = {"indices": reference["index"], "include_global_state": False}
        self._connection.call(
            lambda client: client.snapshot.create(
                repository=repository, snapshot=snapshot, body=body, request_timeout=_ADMIN_TIMEOUT
            )
        )
        pause = 0.05
        while True:
            answer = self._connection.call(
                lambda client: client.snapshot.get(
                    repository=repository, snapshot=snapshot, request_timeout=_ADMIN_TIMEOUT
                )
            )
            found = answer["snapshots"][0]
            if found["state"] == "SUCCESS":
                return
            if found["state"] != "IN_PROGRESS":
                reasons = [str(f.get("reason")) for f in found.get("failures", [])][:3]
                raise BackendError(
                    f"snapshot {snapshot} ended {found['state']}: {found.get('reason') or '; '.join(reasons)}"
                )
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _restore_snapshot(self, reference: Mapping[str, str], build_id: str) -> None:
        """Bring the index of a snapshot back under another name; returns when it can be searched."""
        try:
            repository = self._repository or reference["repository"]
            snapshot, index = reference["snapshot"], reference["index"]
        except KeyError as error:
            raise IndexIncompatible(f"the backup does not name its {error.args[0]}") from None
        body = {
            "indices": index,
            "rename_pattern": "^.*$",
            "rename_replacement": self._indices.name(build_id),
            "include_global_state": False,
            "include_aliases": False,
        }
        try:
            self._connection.call(
                lambda client: client.snapshot.restore(
                    repository=repository, snapshot=snapshot, body=body, request_timeout=_ADMIN_TIMEOUT
                )
            )
        except BackendUnavailable:
            raise
        except (BackendError, NotFound, InvalidRequest) as error:
            raise IndexIncompatible(
                f"snapshot {snapshot} in repository {repository} cannot be restored: {error}"
            ) from error
        self._wait_until_restored(build_id)

    def _wait_until_restored(self, build_id: str) -> None:
        """Wait until all primaries are there; the cluster calls an index yellow while they come from a snapshot."""
        name = self._indices.name(build_id)
        pause, seen, since = 0.05, self._recovered(build_id), time.monotonic()
        while True:
            health = self._connection.call(
                lambda client: client.cluster.health(
                    index=name, level="indices", request_timeout=_ADMIN_TIMEOUT
                )
            )
            found = health["indices"].get(name, {})
            if found and found["active_primary_shards"] == found["number_of_shards"]:
                return
            progress = self._recovered(build_id)
            if progress != seen:
                seen, since = progress, time.monotonic()
            elif time.monotonic() - since > _STANDSTILL:
                raise BackendUnavailable(f"the cluster does not get on with restoring {name}: {progress}")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _recovered(self, build_id: str) -> list[tuple[str, object]]:
        name = self._indices.name(build_id)
        answer = self._connection.call(lambda client: client.indices.recovery(index=name))
        shards = answer.get(name, {}).get("shards", [])
        return [(s["stage"], s["index"]["size"]["recovered_in_bytes"]) for s in shards]

    def _manifest_in(self, build_id: str) -> BuildInfo:
        """Return the `BuildInfo` that a restored index brought along, under the id that it had."""
        name = self._indices.name(build_id)
        answer = self._connection.call(lambda client: client.indices.get_mapping(index=name))
        manifest = answer[name]["mappings"].get("_meta", {}).get("build")
        try:
            fields = manifest["info"]
            return BuildInfo(**{**fields, "created": datetime.fromisoformat(fields["created"])})
        except (ValueError, TypeError, KeyError) as error:
            raise IndexIncompatible(
                f"the manifest of the build in the backup cannot be read: {error!r}"
            ) from error


def _write_files(folder: Path, files: Iterable[tuple[str, Iterator[bytes]]]) -> None:
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, chunks in files:
            relative = PurePosixPath(name)
            if relative.is_absolute() or ".." in relative.parts or "\0" in name:
                raise InvalidRequest(f"{name!r} is no name of a file in a build")
            target = folder / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
    except OSError as error:
        raise BackendError(f"{error.filename or folder}: {error.strerror or error}") from error
