"""What do many passages mean, with the extra `transformers`? The bundled multilingual-e5-small in torch.

In half precision (bf16) on processors that multiply it (AMX, AVX512-BF16), in single precision elsewhere;
passages of like length together. For indexing: it takes seconds and some hundred MB to load, and a query
costs it twice what ONNX Runtime needs.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from torch.nn import functional

from engine.adapters.e5_embedder import CACHED_QUERIES, E5WindowEmbedder
from engine.model import Vectors

PIECES_AT_ONCE: Final = 1024
"""Word pieces computed together, padding counted: more gained nothing on one thread."""


class _Linear(NamedTuple):
    weight: torch.Tensor
    bias: torch.Tensor


class _Layer(NamedTuple):
    attended: _Linear
    out: _Linear
    first_norm: _Linear
    inner: _Linear
    outer: _Linear
    second_norm: _Linear


def multiplies_halves() -> bool:
    """Tell whether this processor multiplies bf16 itself."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


class TorchE5Embedder(E5WindowEmbedder):
    """The bundled model, computed by torch; a row differs in its last digits with the texts beside it.

    Parameters
    ----------
    halves : bool, optional
        Whether in bf16; by default where the processor multiplies it.
    cached_queries
        Number of query vectors kept.

    Raises
    ------
    BackendError
        If the weights cannot be read.
    """

    def __init__(self, *, halves: bool | None = None, cached_queries: int = CACHED_QUERIES) -> None:
        super().__init__(cached_queries=cached_queries)
        torch.set_num_threads(1)  # the indexer's threads share the cores
        self._halves = multiplies_halves() if halves is None else halves
        self._norm = self._vectors("emb.ln")
        self._layers = [
            _Layer(
                self._linear(f"l{n}.q", f"l{n}.k", f"l{n}.v"),
                self._linear(f"l{n}.ao"),
                self._vectors(f"l{n}.aln"),
                self._linear(f"l{n}.fi"),
                self._linear(f"l{n}.fo", columns=self._weights.sizes.inner),
                self._vectors(f"l{n}.oln"),
            )
            for n in range(self._weights.sizes.layers)
        ]

    def _vectors(self, name: str) -> _Linear:
        return _Linear(*(torch.from_numpy(np.array(self._weights.values(f"{name}.{x}"))) for x in "wb"))

    def _linear(self, *names: str, columns: int | None = None) -> _Linear:
        kind = torch.bfloat16 if self._halves else torch.float32
        matrices = [self._weights.matrix(f"{n}.w", columns or self.dim) for n in names]
        biases = [self._weights.values(f"{n}.b") for n in names]
        return _Linear(*(torch.from_numpy(np.concatenate(part)).to(kind) for part in (matrices, biases)))

    def _states(self, windows: Sequence[Sequence[int]]) -> Sequence[Vectors]:
        found: dict[int, Vectors] = {}
        for group in _groups([len(window) for window in windows]):
            states = self._together([windows[i] for i in group])
            found |= {i: row[: len(windows[i])] for i, row in zip(group, states, strict=True)}
        return [found[i] for i in range(len(windows))]

    def _together(self, windows: Sequence[Sequence[int]]) -> Vectors:
        """Return the states ``(len(windows), longest, dim)``, those of the padding meaningless."""
        with torch.inference_mode():
            return self._computed_together(windows)

    def _computed_together(self, windows: Sequence[Sequence[int]]) -> Vectors:
        lengths = [len(window) for window in windows]
        start = np.zeros((len(windows), max(lengths), self.dim), dtype=np.float32)
        for row, window in zip(start, windows, strict=True):
            row[: len(window)] = self._weights.embeddings(np.array(window, dtype=np.int64))
        sizes = self._weights.sizes
        state = functional.layer_norm(torch.from_numpy(start), (sizes.dim,), *self._norm, sizes.epsilon)
        kind = self._layers[0].out.weight.dtype
        seen = None
        if min(lengths) < max(lengths):
            seen = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None, None, None]
        for layer in self._layers:
            parts = functional.linear(state.to(kind), *layer.attended)
            query, key, value = parts.view(*parts.shape[:2], 3, sizes.heads, -1).permute(2, 0, 3, 1, 4)
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
            mixed = functional.linear(mixed.transpose(1, 2).flatten(2), *layer.out).float()
            state = functional.layer_norm(state + mixed, (sizes.dim,), *layer.first_norm, sizes.epsilon)
            inner = functional.gelu(functional.linear(state.to(kind), *layer.inner))
            outer = functional.linear(inner, *layer.outer).float()
            state = functional.layer_norm(state + outer, (sizes.dim,), *layer.second_norm, sizes.epsilon)
        rows: Vectors = state.numpy()
        return rows


def _groups(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield places of windows to compute together: of like length, at most `PIECES_AT_ONCE` with padding.

    Examples
    --------
    >>> list(_groups([500, 3, 501, 4]))
    [[1, 3], [0, 2]]
    """
    group: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and (
            (len(group) + 1) * lengths[place] > PIECES_AT_ONCE or lengths[place] > 2 * lengths[group[0]]
        ):
            yield group
            group = []
        group.append(place)
    if group:
        yield group
