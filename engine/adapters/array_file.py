"""How does an index keep its arrays? Many named ones in a file that opens without being read.

A file is a magic word, the length of a JSON header, the header (name -> dtype, shape, offset) and
the arrays, each on a 64-byte boundary. It is written once and never changed, so it may be mapped
into memory, hard-linked and shared between processes.
"""

import mmap
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from engine.errors import IndexIncompatible

_MAGIC = b"KGARRAY1"
_ALIGNMENT = 64

AnyArray = NDArray[Any]


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNMENT) * _ALIGNMENT


def write_arrays(path: Path, arrays: Mapping[str, AnyArray]) -> None:
    """Write `arrays` to a new file at `path` and force it to the disk.

    Raises
    ------
    FileExistsError
        If `path` is there already: a written file is never changed.
    """
    offset = 0
    directory: dict[str, tuple[str, list[int], int]] = {}
    for name, array in arrays.items():
        directory[name] = (array.dtype.str, list(array.shape), offset)
        offset = _aligned(offset + array.nbytes)
    header = orjson.dumps({"arrays": directory, "bytes": offset})
    start = _aligned(len(_MAGIC) + 8 + len(header))
    with path.open("xb") as file:
        file.write(_MAGIC + len(header).to_bytes(8, "little") + header)
        for name, array in arrays.items():
            file.seek(start + directory[name][2])
            file.write(np.ascontiguousarray(array).data if array.size else b"")
        file.truncate(start + offset)
        file.flush()
        os.fsync(file.fileno())


def read_arrays(path: Path) -> dict[str, AnyArray]:
    """Map the file at `path` and return its arrays, read-only and not yet read from the disk.

    Raises
    ------
    FileNotFoundError
        If there is none.
    IndexIncompatible
        If it is no such file or is shorter than its header says.
    """
    with path.open("rb") as file:
        prefix = file.read(len(_MAGIC) + 8)
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(prefix[len(_MAGIC) :], "little")
        if prefix[: len(_MAGIC)] != _MAGIC or length > size:
            raise IndexIncompatible(f"{path.name} is not an array file of this version")
        header = orjson.loads(file.read(length))
        start = _aligned(len(prefix) + length)
        if size < start + header["bytes"]:
            raise IndexIncompatible(f"{path.name} is cut short: {size} of {start + header['bytes']} bytes")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    arrays: dict[str, AnyArray] = {}
    for name, (dtype, shape, offset) in header["arrays"].items():
        count = int(np.prod(shape, dtype=np.int64))
        array = (
            np.frombuffer(mapped, dtype=dtype, count=count, offset=start + offset)
            if count
            else np.empty(0, dtype=dtype)
        )
        arrays[name] = array.reshape(shape)
    return arrays


def strings_to_array(strings: Sequence[str]) -> AnyArray:
    """Return a list of strings as bytes (uint8), see `array_to_strings`."""
    return np.frombuffer(orjson.dumps(list(strings)), dtype=np.uint8)


def array_to_strings(array: AnyArray) -> list[str]:
    """Return the strings that `strings_to_array` packed.

    Examples
    --------
    >>> array_to_strings(strings_to_array(["fall", "ernæring"]))
    ['fall', 'ernæring']
    """
    strings: list[str] = orjson.loads(array.tobytes())
    return strings
