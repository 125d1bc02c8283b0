"""Where do prints of texts lie between two runs? In one array file, replaced by a rename."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from engine.adapters.array_file import read_arrays, write_arrays
from engine.adapters.durable_file import sync_folder
from engine.errors import IndexIncompatible

_FILE: Final = "prints.arrays"
_FACTS: Final = "facts"


class DirectoryPrintStore:
    """Prints in a folder of their own (`engine.ports.PrintStore`); mapped into memory, read when they are used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]] | None:
        try:
            arrays = read_arrays(self._folder / _FILE)
            facts = orjson.loads(arrays.pop(_FACTS).tobytes())
        except (OSError, IndexIncompatible, ValueError, KeyError, TypeError):
            return None
        return arrays, facts

    def save(self, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob(f".{_FILE}.*.new"):
            if not _lives(int(left.suffixes[-2][1:])):
                left.unlink(missing_ok=True)
        beside = self._folder / f".{_FILE}.{os.getpid()}.new"
        written = {_FACTS: np.frombuffer(orjson.dumps(facts), dtype=np.uint8)}
        try:
            write_arrays(beside, {**arrays, **written})
            beside.replace(self._folder / _FILE)
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(self._folder)


def _lives(pid: int) -> bool:
    """Tell whether a process of this machine, other than this one, may still be writing."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()
