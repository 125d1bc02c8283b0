"""Which passages have no vector yet? Computed by two threads, kept as they come, never twice.

Vectors are known by the hash of what was embedded, so a resource whose text has not changed costs
nothing, and an indexer that was killed goes on where it was.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final

import numpy as np

from engine.errors import BackendError
from engine.model import Vectors
from engine.passages import passage_hash
from engine.ports import Embedder, VectorCache

THREADS: Final = 2
"""The model computes outside Python's lock; more threads than this gain nothing on small machines."""

TEXTS_AT_ONCE: Final = 64
"""Passages of like length handed to a thread at a time: enough for a runtime that computes them together."""

KEEP_EVERY: Final = 32
"""Vectors after which the cache is written: what a kill costs at most, besides what is being computed."""


class PassageEmbedder:
    """Vectors of passages, from the cache or else from the model.

    Parameters
    ----------
    embedder : Embedder
        The model.
    cache : VectorCache
        Where vectors are kept.
    computed : callable, optional
        Told how many vectors have been computed, each time some are.
    """

    def __init__(
        self, embedder: Embedder, cache: VectorCache, computed: Callable[[int], None] = lambda _: None
    ) -> None:
        self._embedder = embedder
        self._cache = cache
        self._computed = computed
        self.count = 0

    @property
    def model_id(self) -> str:
        """Id of the model."""
        return self._embedder.model_id

    def missing(self, texts: Sequence[str]) -> int:
        """Return how many of the texts have no vector yet, equal texts counted once."""
        hashes = {passage_hash(text) for text in texts}
        return len(hashes - self._known(sorted(hashes)).keys())

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of passages.

        Parameters
        ----------
        texts : sequence of str, length n
            From `engine.passages.passage_texts`.

        Returns
        -------
        float32 array of shape ``(n, dim)``
            Unit rows; what was computed is in the cache when this returns.

        Raises
        ------
        BackendError
            If the model gives vectors of another shape or not unit rows.
        """
        hashes = [passage_hash(text) for text in texts]
        known = dict(self._known(hashes))
        wanted = {h: text for h, text in zip(hashes, texts, strict=True) if h not in known}
        unkept: dict[str, Vectors] = {}
        try:
            for found in self._encoded(wanted):
                known |= found
                unkept |= found
                if len(unkept) >= KEEP_EVERY:
                    self._keep(unkept)
                    unkept = {}
        finally:
            if unkept:
                self._keep(unkept)
        if not hashes:
            return np.empty((0, self._embedder.dim), dtype=np.float32)
        return np.stack([known[h] for h in hashes])

    def _known(self, hashes: Sequence[str]) -> Mapping[str, Vectors]:
        found = self._cache.get(self._embedder.model_id, hashes)
        return {h: v for h, v in found.items() if v.shape == (self._embedder.dim,) and _is_unit(v)}

    def _keep(self, vectors: Mapping[str, Vectors]) -> None:
        self._cache.put(self._embedder.model_id, vectors)
        self.count += len(vectors)
        self._computed(len(vectors))

    def _encoded(self, wanted: Mapping[str, str]) -> Iterator[dict[str, Vectors]]:
        """Yield vectors as threads finish; only a few pieces of work are handed out at a time."""
        hashes = sorted(wanted, key=lambda h: (len(wanted[h]), h))
        pieces = iter([hashes[i : i + TEXTS_AT_ONCE] for i in range(0, len(hashes), TEXTS_AT_ONCE)])
        if not hashes:
            return
        with ThreadPoolExecutor(THREADS, thread_name_prefix="embed") as pool:
            running: set[Future[dict[str, Vectors]]] = set()
            fault: BaseException | None = None
            try:
                while True:
                    while (
                        fault is None
                        and len(running) < 2 * THREADS
                        and (piece := next(pieces, None)) is not None
                    ):
                        running.add(pool.submit(self._encode, piece, [wanted[h] for h in piece]))
                    if not running:
                        break
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        if future.exception() is None:
                            yield future.result()  # also what was computed beside a piece that broke
                        else:
                            fault = fault or future.exception()
            finally:
                for future in running:
                    future.cancel()
            if fault is not None:
                raise fault

    def _encode(self, hashes: Sequence[str], texts: Sequence[str]) -> dict[str, Vectors]:
        rows = self._embedder.encode(texts, "passage")
        if rows.shape != (len(texts), self._embedder.dim) or not all(_is_unit(row) for row in rows):
            raise BackendError(f"the model {self._embedder.model_id} gave vectors that are not unit rows")
        return {h: row.astype(np.float32, copy=True) for h, row in zip(hashes, rows, strict=True)}


def _is_unit(vector: Vectors) -> bool:
    return bool(abs(float(vector @ vector) - 1.0) < 1e-3)
