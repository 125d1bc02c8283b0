"""How is a folder read? Every file in it by its own kind, in the order of their names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from indexer.sources.source import (
    Source,
    SourceEvent,
    SourceGone,
    SourceItem,
    SourceProblem,
    SourceRead,
    SourceUnchanged,
)

_JOIN = "\x1f"


class FolderSource:
    """All files below a folder, hidden ones left out.

    Parameters
    ----------
    path : Path
        The folder.
    open_file : callable
        Returns the source of one file, or None for a kind that is not read.
    """

    def __init__(self, path: Path, open_file: Callable[[Path], Source | None]) -> None:
        self._path = path
        self._open_file = open_file
        self.name = path.resolve().as_posix()

    def items(self, revisions: Mapping[str, str]) -> Iterator[SourceEvent]:
        """Yield the items of all files; see `Source.items`. Keys begin with the file's path."""
        found = False
        for path in sorted(self._path.rglob("*")):
            inside = path.relative_to(self._path)
            if not path.is_file() or any(part.startswith(".") for part in inside.parts):
                continue
            found = True
            source = self._open_file(path)
            if source is None:
                reason = f"files of kind {path.suffix or 'without suffix'} are not read"
                yield SourceProblem(inside.as_posix(), reason, severity="warning")
                continue
            start = inside.as_posix() + _JOIN
            own = {key.removeprefix(start): r for key, r in revisions.items() if key.startswith(start)}
            for event in source.items(own):
                if isinstance(event, (SourceItem, SourceUnchanged, SourceGone, SourceRead)):
                    event = replace(event, key=start + event.key)
                if isinstance(event, (SourceItem, SourceProblem)):
                    event = replace(event, place=inside.as_posix())
                yield event
        if not found:
            yield SourceProblem(self._path.name, "the folder has no files")
