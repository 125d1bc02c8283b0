"""What does a whole text mean? The mean of its passages' vectors, those that are known or few enough to compute."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from engine.errors import BackendError
from engine.model import Resource, Vectors
from engine.passages import passage_hash, passage_texts, split_passages
from engine.ports import Embedder, VectorCache

COMPUTED: Final = 8
"""Passages of one text that are computed at most, spread over it."""

_AT_ONCE: Final = 200


class MeanVectors:
    """Mean vectors of resources, from the cache of passages.

    Parameters
    ----------
    cache : VectorCache
        Where the vectors of passages are.
    embedder : Embedder, optional
        The model; without it nothing has a vector.
    """

    def __init__(self, cache: VectorCache, embedder: Embedder | None) -> None:
        self._cache = cache
        self._embedder = embedder

    @property
    def model_id(self) -> str:
        """Id of the model, empty without one."""
        return self._embedder.model_id if self._embedder else ""

    @property
    def dim(self) -> int:
        """Length of a vector, 0 without a model."""
        return self._embedder.dim if self._embedder else 0

    def known(self, resources: Sequence[Resource]) -> Vectors:
        """Return mean vectors as unit rows, zeros for a text of which a passage's vector is not known."""
        means = np.zeros((len(resources), self.dim), dtype=np.float32)
        if self._embedder is None:
            return means
        for at in range(0, len(resources), _AT_ONCE):
            some = resources[at : at + _AT_ONCE]
            hashes = [[passage_hash(t) for t in passage_texts(r, split_passages(r.body))] for r in some]
            try:
                found = self._cache.get(self.model_id, [h for of in hashes for h in of])
            except BackendError:
                return means
            for row, of in enumerate(hashes, start=at):
                vectors = [found[h] for h in of if h in found and found[h].shape == (self.dim,)]
                if len(vectors) == len(of):
                    means[row] = _mean(np.stack(vectors))
        return means

    def of(self, resource: Resource) -> Vectors | None:
        """Return the mean vector of one text, computed if need be from some of its passages; None without a model."""
        if self._embedder is None:
            return None
        mean: Vectors = self.known([resource])[0]
        if mean.any():
            return mean
        texts = passage_texts(resource, split_passages(resource.body))
        some = texts[:: -(-len(texts) // COMPUTED)]
        try:
            return _mean(self._embedder.encode(some, "passage"))
        except BackendError:
            return None


def _mean(vectors: Vectors) -> Vectors:
    mean = vectors.mean(axis=0)
    norm = float(np.linalg.norm(mean))
    return np.asarray(mean / norm if norm else mean, dtype=np.float32)
