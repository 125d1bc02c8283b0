"""How does a build get out of its folder and into another? File by file, and in by a rename.

Out: all files of the current build are opened first, so that they can be read to their end whatever
is published and removed meanwhile. In: the files are written to ``builds/.restoring``, the index is
opened there to see that it fits, and the folder is renamed. ``builds/RESTORING`` tells of a restore
that has withdrawn the current build and not completed; it holds the name of the old one.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

import orjson

from engine.adapters.directory_index_builds import DirectoryIndexBuilds
from engine.adapters.durable_file import sync_folder, sync_tree, write_atomically
from engine.adapters.opened_build import OpenedBuild
from engine.backup_ports import Interruption
from engine.errors import BackendError, IndexIncompatible, IndexMissing, InvalidRequest, NotFound
from engine.model import BuildInfo
from engine.ports import SearchIndex

_INCOMING = ".restoring"
_NOTE = "RESTORING"
_POINTER = "CURRENT"
_INDEX = "index"


class DirectoryBuildArchive(DirectoryIndexBuilds):
    """The builds of a folder, for backup and restore (`engine.backup_ports.BuildArchive` and `BuildReplacement`).

    Parameters
    ----------
    folder
        Where the builds lie.
    create, open_
        As for `DirectoryIndexBuilds`.
    """

    kind = "files"

    def __init__(
        self,
        folder: Path,
        *,
        create: Callable[[Path], SearchIndex],
        open_: Callable[[Path], SearchIndex],
    ) -> None:
        super().__init__(folder, create=create, open_=open_)
        self._incoming: BuildInfo | None = None

    @contextmanager
    def copied(self) -> Iterator[OpenedBuild | None]:
        with ExitStack() as stack:
            with _translated():
                copy = self._opened_current(stack)
            yield copy

    @contextmanager
    def replacing(self) -> Iterator["DirectoryBuildArchive"]:
        with _translated():
            self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock():
            self._discard()
            try:
                yield self
            finally:
                self._discard()

    def interrupted(self) -> Interruption | None:
        note = self._note()
        if note is None or self._pointed_to() is not None:
            return None
        return Interruption(str(note["run"]), str(note["seal"]))

    def bring_in(
        self, reference: Mapping[str, str], files: Iterable[tuple[str, Iterator[bytes]]]
    ) -> BuildInfo:
        if reference:
            raise IndexIncompatible("it does not lie in the file")
        place = self._folder / _INCOMING
        with _translated():
            self._discard()
            place.mkdir()
            for name, chunks in files:
                relative = PurePosixPath(name)
                if relative.is_absolute() or ".." in relative.parts or "\0" in name:
                    raise InvalidRequest(f"{name!r} is no name of a file in a build")
                target = place / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    for chunk in chunks:
                        file.write(chunk)
            info = self._fitting(place)
            sync_tree(place)
        self._incoming = info
        return info

    def withdraw(self, by: Interruption) -> None:
        with _translated():
            note = {"run": by.run, "seal": by.seal, "before": self._pointed_to()}
            write_atomically(self._folder / _NOTE, orjson.dumps(note))
            (self._folder / _POINTER).unlink(missing_ok=True)
            sync_folder(self._folder)

    def put_back(self) -> None:
        with _translated():
            note = self._note()
            if note is not None and note["before"] is not None and self._pointed_to() is None:
                self._point_to(str(note["before"]))
            (self._folder / _NOTE).unlink(missing_ok=True)

    def complete(self) -> BuildInfo | None:
        info, place = self._incoming, self._folder / _INCOMING
        with _translated():
            if info is not None:
                taken = [path.name for path in self._folder.iterdir() if path.name[:1].isdigit()]
                if not info.id[:1].isdigit() or "/" in info.id or any(name >= info.id for name in taken):
                    info = replace(info, id=self._next_id())
                    self._write_info(place, info)
            for build_id in self._published():
                self._remove(build_id)
            for left in self._folder.glob(".removed-*"):  # by one that was killed
                shutil.rmtree(left)
            if info is not None:
                place.rename(self._folder / info.id)
                sync_folder(self._folder)
                self._point_to(info.id)
            (self._folder / _NOTE).unlink(missing_ok=True)
            sync_folder(self._folder)
        self._incoming = None
        return info

    def close(self) -> None:
        """Do nothing: no file is open between two calls."""

    def _opened_current(self, stack: ExitStack) -> OpenedBuild | None:
        while True:
            info = self.current()
            if info is None:
                return None
            try:
                folder = self.folder(info.id)
                with ExitStack() as opening:
                    files = [
                        (name, opening.enter_context((folder / name).open("rb"))) for name in _names(folder)
                    ]
                    stack.enter_context(opening.pop_all())
                return OpenedBuild(info, tuple(files), {})
            except (FileNotFoundError, NotFound) as error:
                if self._pointed_to() == info.id:
                    raise IndexMissing(f"the current build {info.id} lacks files: {error}") from error
                # else replaced and removed between two looks

    def _fitting(self, place: Path) -> BuildInfo:
        """Open what has been brought in; raise IndexIncompatible if it is not for this program."""
        try:
            info = self._info_in(place)
            self._open(place / _INDEX).close()
        except (NotFound, FileNotFoundError, IndexMissing) as error:
            raise IndexIncompatible(f"the build in the backup is not whole: {error}") from error
        return info

    def _discard(self) -> None:
        """Remove what has been brought in and not completed."""
        self._incoming = None
        with _translated():
            if (self._folder / _INCOMING).exists():
                shutil.rmtree(self._folder / _INCOMING)

    def _note(self) -> dict[str, object] | None:
        try:
            note = orjson.loads((self._folder / _NOTE).read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return None
        return note if isinstance(note, dict) and {"run", "seal", "before"} <= note.keys() else None


def _names(folder: Path) -> list[str]:
    """Return the files of a build, without locks and what an engine had not finished when it ended."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        relative = Path(parent).relative_to(folder)
        found += [
            (relative / name).as_posix()
            for name in sorted(names)
            if not name.endswith(".lock") and not name.startswith(".tmp")
        ]
    return found


@contextmanager
def _translated() -> Iterator[None]:
    # A transaction of the catalogue, which would take it for an error of its own, may be round us.
    try:
        yield
    except OSError as error:
        raise BackendError(f"{error.filename or 'the builds'}: {error.strerror or error}") from error
