"""How do arrays lie beside a graph? In one file, whole or not at all, that opens without being read.

A line of JSON (format, what it was cut from, name -> dtype, shape, offset), then the arrays, each on a boundary of
64 bytes. It is never changed once written, so it may be mapped into memory by many processes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from graph.errors import GraphError
from graph.whole_file import whole_file

_FORMAT = "kompetansegraf-arrays/1"
_ALIGNMENT = 64

Arrays = Mapping[str, NDArray[Any]]


def write_arrays(path: Path, arrays: Arrays, version: str) -> None:
    """Write arrays cut from the contents of a version; a killed write leaves the old file."""
    offset = 0
    places: dict[str, tuple[str, list[int], int]] = {}
    for name, array in arrays.items():
        places[name] = array.dtype.str, list(array.shape), offset
        offset += -(-array.nbytes // _ALIGNMENT) * _ALIGNMENT
    head = orjson.dumps({"format": _FORMAT, "version": version, "arrays": places, "bytes": offset})
    head += b" " * (-(len(head) + 1) % _ALIGNMENT) + b"\n"
    with whole_file(path) as file:
        file.write(head)
        for name, array in arrays.items():
            file.seek(len(head) + places[name][2])
            file.write(np.ascontiguousarray(array).data if array.size else b"")
        file.truncate(len(head) + offset)


def read_arrays(path: Path, version: str) -> Arrays:
    """Map the file and return its arrays, read-only and not yet read from the disk.

    Raises
    ------
    GraphError
        If it is no such file, is cut short, or was cut from the contents of another version.
    FileNotFoundError
        If there is none.
    """
    with path.open("rb") as file:
        first = file.readline()
        start = file.tell()
    try:
        head = orjson.loads(first)
        kind, cut_from, places, size = head["format"], head["version"], head["arrays"], head["bytes"]
    except (ValueError, TypeError, KeyError) as error:
        raise GraphError(f"{path.name} is no file of arrays: {error}") from None
    if kind != _FORMAT or cut_from != version:
        raise GraphError(f"{path.name} holds the arrays of {cut_from}, wanted are those of {version}")
    if path.stat().st_size < start + size:
        raise GraphError(f"{path.name} is cut short")
    return {
        name: np.memmap(path, dtype, "r", start + offset, tuple(shape)).view(np.ndarray)
        if np.prod(shape)
        else np.empty(shape, dtype)
        for name, (dtype, shape, offset) in places.items()
    }
