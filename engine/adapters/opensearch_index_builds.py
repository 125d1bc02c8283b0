"""Which index build is current on a cluster, and how is it swapped? Each is an index, an alias names one.

::

    {prefix}                           alias: the current build
    {prefix}-000007-20250321t104500    a build; its manifest is written last, into the mapping's _meta
    {prefix}-parts                     the other files of builds (the graph snapshot), in chunks
    {prefix}-state                     the lock of the one process that builds, on whichever machine

A machine keeps the files of a build in a folder of its own and fetches what it lacks, so that no disk is
shared. Readers take no lock. What a reader has opened keeps working for a while after the build is pruned:
a build is first *retired*, and its index deleted by a later `prune` or `stage`.
"""

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.adapters.opensearch_build_indices import FoundBuild, OpenSearchBuildIndices, manifest_of
from engine.adapters.opensearch_build_parts import CHUNK, OpenSearchBuildParts
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.adapters.opensearch_writer_lock import HeldLock, OpenSearchWriterLock
from engine.errors import (
    BackendError,
    BackendUnavailable,
    Conflict,
    IndexIncompatible,
    IndexMissing,
    InvalidRequest,
    NotFound,
)
from engine.model import BuildInfo
from engine.ports import SearchIndex, StagedBuild

log = logging.getLogger("kompetansegraf.engine")


@dataclass(frozen=True, slots=True)
class OpenSearchStagedBuild:
    """A build being written to an index and a folder of its own."""

    id: str
    index: SearchIndex
    folder: Path


@dataclass(slots=True)
class _Staging:
    """How far the build being staged here has come; `named`: the alias may name it."""

    id: str
    lock: HeldLock
    sealed: bool = False
    named: bool = False


class OpenSearchIndexBuilds:
    """Builds on one cluster, under one prefix.

    Parameters
    ----------
    connection
        The cluster.
    prefix
        Name of the alias, and what the names of all indices begin with.
    folder
        Where this machine keeps files of builds: a folder for nothing else, as what is no build of the
        cluster is removed from it.
    create
        Makes or opens the writable index of a name; that of a build staged on another is there already.
    open_
        Opens a published index of a name for reading; may raise IndexIncompatible.
    grace
        How long a pruned build still works for those who have opened it.
    lease
        How long the lock of a writer holds that is not heard of.
    fresh
        How long `current` answers without asking the cluster again [s]. It then asks, and raises
        BackendUnavailable when there is no answer, rather than name a build that cannot be searched.
    monotonic
        The clock for `fresh` [s].
    now
        The clock for `grace` and `lease`, an aware datetime. Default: the cluster's, which all machines share.
    chunk
        Longest chunk of a file on the cluster [bytes].

    Raises
    ------
    InvalidRequest
        If `prefix` cannot begin the name of an index.
    """

    def __init__(
        self,
        connection: OpenSearchConnection,
        prefix: str,
        folder: Path,
        *,
        create: Callable[[str], SearchIndex],
        open_: Callable[[str], SearchIndex],
        grace: timedelta = timedelta(minutes=5),
        lease: timedelta = timedelta(seconds=60),
        fresh: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] | None = None,
        chunk: int = CHUNK,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._create = create
        self._open = open_
        self._grace = grace.total_seconds()
        self._fresh = fresh
        self._monotonic = monotonic
        self._clock = now
        self._indices = OpenSearchBuildIndices(connection, prefix)
        self._parts = OpenSearchBuildParts(connection, f"{prefix}-parts", chunk=chunk)
        self._lock = OpenSearchWriterLock(connection, f"{prefix}-state", lease=lease, now=self._now)
        self._staging: _Staging | None = None
        self._seen: tuple[float, BuildInfo | None] | None = None
        self._swaps = 0

    @contextmanager
    def stage(self, base: str | None = None) -> Iterator[StagedBuild]:
        """Begin a build; one that is not published when the block ends is discarded. See the port.

        Raises
        ------
        Conflict
            If another build is being written, here or on another machine.
        NotFound
            If `base` is no published build.
        BackendError
            If the prefix is the name of something that is not ours.
        """
        self._indices.current()
        with self._lock.held() as lock:
            builds = self._tidy(self._indices.all())
            if base is not None and base not in {build.id for build in builds if build.published}:
                raise NotFound(f"there is no build {base!r}")
            number = lock.next_number(max((build.number for build in builds), default=0))
            build_id = f"{number:06d}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
            target = self._folder / build_id
            self._staging = staging = _Staging(build_id, lock)
            try:
                if base is not None:
                    self._indices.clone(base, build_id)
                index = self._create(self._indices.name(build_id))
                try:
                    target.mkdir(parents=True)
                    if base is not None:
                        self._copy_parts(base, target)
                    yield OpenSearchStagedBuild(build_id, index, target)
                finally:
                    index.close()
            finally:
                self._staging = None
                if not staging.named:
                    self._discard(build_id)

    def publish(self, build: StagedBuild, info: BuildInfo) -> None:
        """Commit and close the build's index, and make the build current. See the port.

        The manifest gets the build's own id, whatever `info` says.

        Raises
        ------
        InvalidRequest
            If `build` is not the one being staged here.
        Conflict
            If this process was not heard of for so long that another has begun to build; nothing is published.
        """
        staging = self._staging
        if staging is None or build.id != staging.id or staging.sealed:
            raise InvalidRequest(f"build {build.id} is not being staged")
        build.index.commit()
        build.index.close()
        staging.sealed = True
        parts = self._parts.upload(build.id, build.folder)
        self._indices.seal(build.id)
        before = _current(self._indices.all())  # a rollback needs no lock
        staging.lock.confirm()
        self._indices.write_manifest(build.id, manifest_of(replace(info, id=build.id), parts))
        staging.lock.confirm()
        staging.named = True
        try:
            self._indices.make_current(build.id, instead_of=before.id if before else None)
        except Conflict:
            staging.named = False
            raise
        finally:
            self._forget()

    def current(self) -> BuildInfo | None:
        """Return the current build's manifest; see the port.

        Another process's swap is seen after `fresh` seconds at the latest.

        Raises
        ------
        IndexIncompatible
            If the current build's manifest cannot be read.
        """
        seen, now = self._seen, self._monotonic()
        if seen is not None and 0 <= now - seen[0] < self._fresh:
            return seen[1]
        swaps = self._swaps
        build = self._indices.current()
        info = None if build is None else build.info()
        if info is not None and swaps == self._swaps:
            self._seen = now, info
        return info

    def open(self, build_id: str) -> SearchIndex:
        self._published(build_id)
        try:
            return self._open(self._indices.name(build_id))
        except IndexMissing as error:  # removed while it was being opened
            raise NotFound(f"there is no build {build_id!r}") from error

    def folder(self, build_id: str) -> Path:
        """Return this machine's folder of a published build, with all its files whole.

        Raises
        ------
        NotFound
            If there is no such build.
        IndexIncompatible
            If a file of it is gone from the cluster: the next index run makes a new build.
        BackendError
            If a file of it is damaged on the cluster, or cannot be written here.
        """
        build = self._published(build_id)
        folder = self._folder / build_id
        try:
            fetched = self._parts.fetch(build_id, build.parts(), folder)
        except NotFound as error:
            self._published(build_id)  # removed while it was being fetched?
            raise IndexIncompatible(f"build {build_id} is not whole: {error}") from error
        if fetched:
            local = self._local()
            self._remove_local(local - {build.id for build in self._indices.all()})
        return folder

    def rollback(self) -> BuildInfo:
        """Make the build before the current one current; see the port. It waits for no other process.

        Raises
        ------
        Conflict
            If another process published or rolled back at the same moment.
        """
        builds = self._indices.all()
        current = _current(builds)
        earlier = [build for build in builds if current and build.published and build.id < current.id]
        if current is None or not earlier:
            raise NotFound("there is no build before the current one")
        info = earlier[-1].info()
        try:
            self._indices.make_current(info.id, instead_of=current.id)
        finally:
            self._forget()
        self._reinstate(self._indices.find(info.id))
        return info

    def prune(self, keep: int = 2) -> None:
        """Retire builds, and delete what is past its time; see the port.

        While another process builds, all are left for the next time.
        """
        if self._staging is not None:
            self._prune(keep)
            return
        if not self._indices.all() and not self._local():
            return
        try:
            with self._lock.held():
                self._prune(keep)
        except Conflict:
            return

    # --- inside; whoever calls these holds the lock ----------------------------------------------

    def close(self) -> None:
        """Close the connection to the cluster."""
        self._connection.close()

    def _prune(self, keep: int) -> None:
        builds = self._indices.all()
        current = _current(builds)
        published = [build.id for build in builds if build.published]
        kept = {current and current.id, *published[max(0, len(published) - max(0, keep)) :]}
        for build in builds:
            if build.manifest is not None and build.published and build.id not in kept:
                self._indices.write_manifest(build.id, {**build.manifest, "retired": self._now()})
        self._tidy(self._indices.all())

    def _tidy(self, builds: list[FoundBuild]) -> list[FoundBuild]:
        """Delete what nobody needs any more; return the builds that are left."""
        local = self._local()
        current, staged = _current(builds), self._staging.id if self._staging else None
        past = self._now() - self._grace if any(build.retired is not None for build in builds) else 0.0
        left = []
        for build in builds:
            if build.current or build.id == staged:
                if current is not None and build.id == current.id:
                    self._reinstate(build)
                left.append(build)
            elif build.manifest is None or (build.retired is not None and build.retired <= past):
                self._indices.delete(build.id)
            else:
                left.append(build)
        ids = {build.id for build in left}
        if staged is not None:
            ids.add(staged)
        self._parts.remove_all_but(ids)
        self._remove_local(local - ids)
        return left

    def _discard(self, build_id: str) -> None:
        """Remove what a build that is not published has left; what cannot be removed now, a later run removes."""
        self._remove_local({build_id})
        try:
            self._indices.delete(build_id)
        except BackendError as error:
            log.warning("build %s was not published and could not be removed: %s", build_id, error)

    # --- inside ----------------------------------------------------------------------------------

    def _published(self, build_id: str) -> FoundBuild:
        build = self._indices.find(build_id)
        if build is None or not build.published:
            raise NotFound(f"there is no build {build_id!r}")
        return build

    def _reinstate(self, build: FoundBuild | None) -> None:
        """Let a build that was made current while it was being retired be published again."""
        if build is not None and build.retired is not None and build.manifest is not None:
            manifest = {name: value for name, value in build.manifest.items() if name != "retired"}
            self._indices.write_manifest(build.id, manifest)

    def _copy_parts(self, base: str, target: Path) -> None:
        source = self.folder(base)
        for part in self._published(base).parts():
            (target / part.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / part.path, target / part.path)

    def _local(self) -> set[str]:
        """Return the ids of builds that have a folder here."""
        with suppress(FileNotFoundError):
            return {path.name for path in self._folder.iterdir() if self._indices.is_id(path.name)}
        return set()

    def _remove_local(self, build_ids: set[str]) -> None:
        for build_id in sorted(build_ids):
            shutil.rmtree(self._folder / build_id, ignore_errors=True)

    def _forget(self) -> None:
        self._swaps += 1
        self._seen = None

    def _now(self) -> float:
        """Return the time as seconds since 1970, by the cluster's clock if none was given."""
        if self._clock is not None:
            return self._clock().timestamp()
        answer = self._connection.call(lambda client: client.cat.health(h="epoch", format="json"))
        try:
            return float(answer[0]["epoch"])
        except (LookupError, TypeError, ValueError) as error:
            raise BackendUnavailable(f"the cluster does not tell the time: {answer!r}") from error


def _current(builds: list[FoundBuild]) -> FoundBuild | None:
    """Return the build that the alias names; should it name several, the newest."""
    named = [build for build in builds if build.current]
    return named[-1] if named else None
