"""Are the vectors of an entry fit for an index? One for each passage, as long as those that are there."""

import numpy as np

from engine.errors import IndexIncompatible, InvalidRequest
from engine.model import IndexEntry, Vectors


def checked_vectors(entry: IndexEntry, dim: int) -> Vectors | None:
    """Return the vectors of an entry as contiguous float32 of shape ``(passages, dim)``, None if not embedded.

    Parameters
    ----------
    entry : IndexEntry
        Made ready for an index.
    dim : int
        Length of the vectors in the index; 0 when it has none yet, and any length will do.

    Raises
    ------
    InvalidRequest
        If there is not one vector for each passage.
    IndexIncompatible
        If they have another length than those in the index.
    """
    if entry.vectors is None:
        return None
    vectors = np.ascontiguousarray(entry.vectors, dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != len(entry.passages):
        raise InvalidRequest(
            f"resource {entry.resource.id!r} has {len(entry.passages)} passages "
            f"and vectors of shape {vectors.shape}"
        )
    if len(vectors) and dim and vectors.shape[1] != dim:
        raise IndexIncompatible(
            f"resource {entry.resource.id!r} has vectors of {vectors.shape[1]}, the index of {dim}"
        )
    return vectors
