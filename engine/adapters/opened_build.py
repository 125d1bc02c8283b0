"""How is a build copied while others replace and remove it? Its files are open before the first is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final

from engine.model import BuildInfo

CHUNK: Final = 1 << 20
"""How much is read at a time [bytes]."""


@dataclass(frozen=True, slots=True)
class OpenedBuild:
    """The opened files of a build, by name (`engine.backup_ports.BuildCopy`).

    `reference` says where the rest of it lies, when that is not in the files.
    """

    info: BuildInfo
    opened: tuple[tuple[str, BinaryIO], ...]
    reference: Mapping[str, str]

    def files(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield each file's name and its content, piece by piece."""
        for name, file in self.opened:
            yield name, iter(partial(file.read, CHUNK), b"")

    def count(self) -> int:
        """Return how many files there are."""
        return len(self.opened)
