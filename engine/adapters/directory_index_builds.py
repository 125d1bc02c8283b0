"""Which index build is current, and how is it swapped? Builds are folders, a pointer names one.

::

    builds/CURRENT              the id of the current build
    builds/.lock                held (flock) by the one process that builds; a kill releases it
    builds/000007-20250321T104500/
        manifest.json           written last: a folder without it is unfinished
        index/                  the search index
        …                       other parts, for instance the graph snapshot

Readers take no lock. What a reader has opened keeps working after its folder is removed, as an open
file does on POSIX systems.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from engine.adapters.durable_file import sync_folder, sync_tree, write_atomically
from engine.errors import Conflict, IndexIncompatible, IndexMissing, InvalidRequest, NotFound
from engine.model import BuildInfo
from engine.ports import SearchIndex, StagedBuild

_POINTER = "CURRENT"
_LOCK = ".lock"
_MANIFEST = "manifest.json"
_INDEX = "index"
_REMOVED = ".removed-"
_ID = re.compile(r"(\d{6,})-\d{8}T\d{6}")


@dataclass(frozen=True, slots=True)
class DirectoryStagedBuild:
    """A build being written in a folder of its own."""

    id: str
    index: SearchIndex
    folder: Path


_State = tuple[int, int, int] | None
_Files = tuple[_State, _State]


@dataclass(frozen=True, slots=True)
class _Known:
    """The current build, read when pointer and manifest were in this state."""

    files: _Files
    info: BuildInfo


class DirectoryIndexBuilds:
    """Builds in the sub-folders of one folder.

    Parameters
    ----------
    folder
        Where the builds lie; made when the first is staged.
    create
        Makes or opens the writable index in a folder. Of a build staged on another it must replace
        files and never write into them: they are hard links to the other build's.
    open_
        Opens a published index in a folder for reading; may raise IndexIncompatible.
    """

    def __init__(
        self,
        folder: Path,
        *,
        create: Callable[[Path], SearchIndex],
        open_: Callable[[Path], SearchIndex],
    ) -> None:
        self._folder = folder
        self._create = create
        self._open = open_
        self._staged: str | None = None
        self._known: _Known | None = None

    @contextmanager
    def stage(self, base: str | None = None) -> Iterator[StagedBuild]:
        """Begin a build; one that is not published when the block ends is discarded. See the port.

        Raises
        ------
        Conflict
            If another build is being written.
        NotFound
            If `base` is no published build.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock():
            source = None if base is None else self.folder(base)
            build_id = self._next_id()
            target = self._folder / build_id
            self._staged = build_id
            try:
                if source is None:
                    (target / _INDEX).mkdir(parents=True)
                else:
                    _copy_build(source, target)
                index = self._create(target / _INDEX)
                try:
                    yield DirectoryStagedBuild(build_id, index, target)
                finally:
                    index.close()
            finally:
                self._staged = None
                if target.exists() and not (target / _MANIFEST).exists():
                    self._remove(build_id)

    def publish(self, build: StagedBuild, info: BuildInfo) -> None:
        """Commit and close the build's index, and make the build current. See the port.

        The manifest gets the build's own id, whatever `info` says.

        Raises
        ------
        InvalidRequest
            If `build` is not the one being staged here.
        """
        if build.id != self._staged or (build.folder / _MANIFEST).exists():
            raise InvalidRequest(f"build {build.id} is not being staged")
        build.index.commit()
        build.index.close()
        sync_tree(build.folder)
        self._write_info(build.folder, replace(info, id=build.id))
        sync_folder(self._folder)
        self._point_to(build.id)

    def current(self) -> BuildInfo | None:
        """Return the current build's manifest; see the port.

        Raises
        ------
        IndexMissing
            If the current build's folder is gone.
        IndexIncompatible
            If its manifest cannot be read.
        """
        known = self._known
        if known is not None and known.files == self._files(known.info.id):
            return known.info
        pointer, build_id = _state(self._folder / _POINTER), self._pointed_to()
        while build_id is not None:
            manifest = _state(self._folder / build_id / _MANIFEST)
            try:
                info = self._info(build_id)
            except NotFound as error:
                pointer = _state(self._folder / _POINTER)
                before, build_id = build_id, self._pointed_to()
                if build_id == before:  # not just removed after a swap
                    raise IndexMissing(f"the current build {before} is gone from {self._folder}") from error
            else:
                # each file was looked at before it was read: one that has changed since is read again
                self._known = _Known((pointer, manifest), info)
                return info
        return None

    def open(self, build_id: str) -> SearchIndex:
        try:
            return self._open(self.folder(build_id) / _INDEX)
        except (FileNotFoundError, IndexMissing) as error:  # removed while it was being opened
            raise NotFound(f"there is no build {build_id!r}") from error

    def folder(self, build_id: str) -> Path:
        """Return the folder of a published build; raises NotFound if there is none."""
        path = self._folder / build_id
        if not _ID.fullmatch(build_id) or not (path / _MANIFEST).is_file():
            raise NotFound(f"there is no build {build_id!r}")
        return path

    def rollback(self) -> BuildInfo:
        """Make the build before the current one current; see the port."""
        current = self.current()
        earlier = [] if current is None else [id_ for id_ in self._published() if id_ < current.id]
        if not earlier:
            raise NotFound("there is no build before the current one")
        info = self._info(earlier[-1])
        self._point_to(info.id)
        return info

    def prune(self, keep: int = 2) -> None:
        """Remove builds; see the port. While another process builds, all are left for the next time."""
        if not self._folder.is_dir():
            return
        if self._staged is not None:
            self._prune(keep)
            return
        try:
            with self._lock():
                self._prune(keep)
        except Conflict:
            return

    def close(self) -> None:
        """Do nothing: no file is held open between calls."""

    def _prune(self, keep: int) -> None:
        current = self.current()
        published = self._published()
        kept = {self._staged, current and current.id, *published[max(0, len(published) - max(0, keep)) :]}
        for path in self._folder.iterdir():
            if path.name.startswith(_REMOVED):
                shutil.rmtree(path)
            elif path.is_dir() and _ID.fullmatch(path.name) and path.name not in kept:
                self._remove(path.name)

    def _published(self) -> list[str]:
        """Return the ids of the published builds, oldest first."""
        return sorted(
            path.parent.name
            for path in self._folder.glob(f"*/{_MANIFEST}")
            if _ID.fullmatch(path.parent.name)
        )

    def _files(self, build_id: str) -> _Files:
        return _state(self._folder / _POINTER), _state(self._folder / build_id / _MANIFEST)

    def _info(self, build_id: str) -> BuildInfo:
        return self._info_in(self.folder(build_id))

    def _info_in(self, folder: Path) -> BuildInfo:
        try:
            fields = orjson.loads((folder / _MANIFEST).read_bytes())
            return BuildInfo(**{**fields, "created": datetime.fromisoformat(fields["created"])})
        except FileNotFoundError as error:
            raise NotFound(f"there is no build {folder.name!r}") from error
        except (ValueError, TypeError, KeyError) as error:
            raise IndexIncompatible(f"the manifest of build {folder.name} cannot be read: {error}") from error

    def _write_info(self, folder: Path, info: BuildInfo) -> None:
        manifest = {**asdict(info), "created": info.created.isoformat()}
        write_atomically(folder / _MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))

    def _next_id(self) -> str:
        """Return an id after all others, also when the clock has gone backwards."""
        numbers = [int(found[1]) for path in self._folder.iterdir() if (found := _ID.search(path.name))]
        return f"{max(numbers, default=0) + 1:06d}-{datetime.now(UTC):%Y%m%dT%H%M%S}"

    def _pointed_to(self) -> str | None:
        try:
            return (self._folder / _POINTER).read_text("utf-8").strip()
        except FileNotFoundError:
            return None

    def _point_to(self, build_id: str) -> None:
        write_atomically(self._folder / _POINTER, f"{build_id}\n".encode())

    def _remove(self, build_id: str) -> None:
        """Remove a build; at no moment does half a build look like a whole one."""
        aside = self._folder / f"{_REMOVED}{build_id}"
        (self._folder / build_id).rename(aside)
        shutil.rmtree(aside)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        descriptor = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Conflict("another process is building an index") from error
            yield
        finally:
            os.close(descriptor)


def _state(path: Path) -> _State:
    """Return what changes when a file is replaced or written: its number, time of change [ns] and size."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _copy_build(source: Path, target: Path) -> None:
    """Copy a published build, without its manifest: the index's array files as hard links."""
    for parent, folders, names in os.walk(source):
        relative = Path(parent).relative_to(source)
        (target / relative).mkdir(parents=True)
        folders.sort()
        in_index = relative.parts[:1] == (_INDEX,)
        for name in names:
            if name.endswith(".lock") or name.startswith(".tmp") or relative / name == Path(_MANIFEST):
                continue
            _copy_file(Path(parent, name), target / relative / name, link=in_index)


def _copy_file(source: Path, target: Path, *, link: bool) -> None:
    if link and source.suffix != ".json":
        try:
            os.link(source, target)
        except OSError:  # a file system without hard links
            shutil.copy2(source, target)
    else:
        shutil.copy2(source, target)
