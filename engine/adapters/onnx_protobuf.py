"""How is a network handed to ONNX Runtime? The few messages of the ONNX format that one needs, written by hand.

The package `onnx` would do the same and is larger than the runtime's own code; only writing is needed, of
nodes, constants, inputs and outputs (https://onnx.ai/onnx/repo-docs/IR.html).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

CONTRIB: Final = "com.microsoft"
"""Operators that ONNX Runtime has beside the standard's."""

_IR: Final = 9
_OPERATORS: Final = {"": 20, CONTRIB: 1}
_TYPES: Final = {"float32": 1, "uint8": 2, "int8": 3, "int64": 7}


class Network:
    """Nodes and constants, gathered one by one.

    Parameters
    ----------
    name : str
        Shown in the runtime's messages.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._constants: dict[str, bytes] = {}

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Add a tensor under a name and return the name; a second of that name is not added."""
        if name not in self._constants:
            dims = b"".join(_number(1, size) for size in values.shape)
            kind = _number(2, _TYPES[values.dtype.name])
            raw = _bytes(9, np.ascontiguousarray(values).tobytes())
            self._constants[name] = _bytes(5, dims + kind + _bytes(8, name.encode()) + raw)
        return name

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        *,
        domain: str = "",
        **attributes: float,
    ) -> str:
        """Add an operation and return its first output's name; an input "" is left out."""
        parts = [_bytes(1, name.encode()) for name in inputs]
        parts += [_bytes(2, name.encode()) for name in outputs]
        parts += [_bytes(4, operator.encode()), _bytes(7, domain.encode())]
        parts += [_bytes(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(_bytes(1, b"".join(parts)))
        return outputs[0]

    def model(
        self, inputs: Mapping[str, Sequence[str | int]], outputs: Mapping[str, Sequence[str | int]]
    ) -> bytes:
        """Return the whole as a serialised ``ModelProto``.

        Parameters
        ----------
        inputs, outputs : mapping of str to sequence
            Names of float32 tensors to their axes: a size, or the name of one that may differ.
        """
        graph = [*self._nodes, _bytes(2, self._name.encode()), *self._constants.values()]
        graph += [_bytes(11, _value(name, axes)) for name, axes in inputs.items()]
        graph += [_bytes(12, _value(name, axes)) for name, axes in outputs.items()]
        sets = [
            _bytes(8, _bytes(1, domain.encode()) + _number(2, version))
            for domain, version in _OPERATORS.items()
        ]
        return _number(1, _IR) + _bytes(7, b"".join(graph)) + b"".join(sets)


def _value(name: str, axes: Sequence[str | int]) -> bytes:
    dims = [_bytes(1, _number(1, a) if isinstance(a, int) else _bytes(2, a.encode())) for a in axes]
    tensor = _number(1, _TYPES["float32"]) + _bytes(2, b"".join(dims))
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, tensor))


def _attribute(name: str, value: float) -> bytes:
    head = _bytes(1, name.encode())
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, 2)
    return head + _varint(2 << 3 | 5) + np.float32(value).tobytes() + _number(20, 1)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value % (1 << 64))


def _varint(value: int) -> bytes:
    r"""Return a whole number in groups of seven bits, the lowest first.

    Examples
    --------
    >>> _varint(300)
    b'\xac\x02'
    """
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
