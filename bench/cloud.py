"""Which vectors does a large bank have? Made like the real ones, without the model.

Real passage vectors (those of the sample bank: multilingual-e5-small, recentred) lie on all sides of zero but fill
few of their 384 directions: that is what makes some pairs hard to tell apart and decides how well a graph of
neighbours finds its way. So the covariance is taken from them, and a vector is::

    theme + subtopic + resource + passage, scaled to length 1

each part Gaussian with the covariance of the real ones, so big that the cosines come out as measured. A query is
part of the way towards its subtopic and its passage, how far is drawn:

=====================================  ===================  =====================
pairs, p5 p50 p95                      measured, real       here, of 100,000
=====================================  ===================  =====================
any two passages                       -.126 -.007 .138     -.135 .001 .137
two passages of one resource           .321 .484 .631       .376 .497 .590
of two resources of one theme          -.073 .080 .345      -.059 .081 .231
nearest passage of another resource    .229 .342 .917       .347 .409 .474
a query and any passage                -.109 -.005 .120     -.134 .000 .136
a query and what it asks for           .085 .329 .510       .122 .327 .513
=====================================  ===================  =====================

Of 100,000 resources, 1, 16 and 112 (p5, p50, p95) passages are above the floor of the vector leg for a query. The
real figures are of the sample bank's 719 passages and the 101 development queries of ``tests/golden``; what they
ask for is the best passage of each resource of grade 3. The sample bank says some things in two languages, hence
its nearest of .917, and the larger a bank, the nearer the nearest.
"""

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from engine.model import Vectors

MODEL_VECTORS = "data/sample/vectors/multilingual-e5-small-q4.npz"
DIM = 384

EVEN = 0.15
"""How much of the variance goes to all directions alike: of few vectors the covariance comes out too uneven."""

SHARED_BY_THEME, SHARED_BY_SUBTOPIC, SHARED_BY_RESOURCE = 0.08, 0.17, 0.24
"""Squared length of each part; what is left to 1 is the passage's own."""

QUERY_SUBTOPIC, QUERY_PASSAGE = 2.0, 0.5
"""What a query is about: how much of it is its subtopic's part, and how much what else its passage has."""

NEARNESS, NEARNESS_SPREAD, NEAREST = 0.41, 0.13, 0.95
"""Cosine of a query and what it is about: median, standard deviation, and the most there is."""


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
        variances, directions = np.linalg.eigh(np.cov(real, rowvar=False))
        variances = (1 - EVEN) * np.clip(variances, 0, None) / variances.sum() + EVEN / DIM
        self._shape = np.ascontiguousarray((directions * np.sqrt(variances)).T, dtype=np.float32)
        rng = np.random.default_rng([seed, 1])
        of_themes = self._part(rng, int(themes.max()) + 1, SHARED_BY_THEME)
        self.centres: Vectors = of_themes[themes] + self._part(rng, len(themes), SHARED_BY_SUBTOPIC)

    def passages(
        self, rng: np.random.Generator, subtopics: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> Vectors:
        """Return unit rows for resources of these subtopics, ``counts[i]`` for resource i, one after the other."""
        resources = self.centres[subtopics] + self._part(rng, len(subtopics), SHARED_BY_RESOURCE)
        own = 1 - SHARED_BY_THEME - SHARED_BY_SUBTOPIC - SHARED_BY_RESOURCE
        return _unit(np.repeat(resources, counts, axis=0) + self._part(rng, int(counts.sum()), own))

    def queries(self, rng: np.random.Generator, subtopics: NDArray[np.int64], wanted: Vectors) -> Vectors:
        """Return one unit row for each wanted passage, as near to it as questions are to their answers."""
        centres = self.centres[subtopics]
        about = _unit(QUERY_SUBTOPIC * centres + QUERY_PASSAGE * (wanted - centres))
        drawn = NEARNESS + NEARNESS_SPREAD * rng.standard_normal((len(wanted), 1), dtype=np.float32)
        near = np.clip(drawn, 0, NEAREST)
        return _unit(near * about + np.sqrt(1 - near**2) * self._part(rng, len(wanted), 1.0))

    def _part(self, rng: np.random.Generator, n: int, squared_length: float) -> Vectors:
        """Return `n` random rows whose squared length is the given one on average."""
        drawn = rng.standard_normal((n, DIM), dtype=np.float32) @ self._shape
        return drawn * np.float32(np.sqrt(squared_length))


def _unit(rows: Vectors) -> Vectors:
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit
