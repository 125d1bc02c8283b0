"""How do words and similarity make one score? A weighted sum of standardised scores.

Measured on Norwegian questions against reciprocal rank fusion (+.033 nDCG@10) and against each leg
alone; the whole population is used for mean and spread, so a score does not depend on page size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.model import Candidates


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """Share of the vector leg; English queries lean on it more, since words seldom meet."""

    dense: float = 0.55
    dense_english: float = 0.7

    def share(self, *, english: bool) -> float:
        """Return the vector leg's share, in [0, 1]."""
        return self.dense_english if english else self.dense


@dataclass(frozen=True, slots=True)
class Fused:
    """Scores of one result set: `score` = `lexical` + `dense`, each of shape ``(n,)``.

    `lexical_share` is the weight that the lexical leg had.
    """

    score: NDArray[np.float64]
    lexical: NDArray[np.float64]
    dense: NDArray[np.float64]
    lexical_share: float = 1.0


def standardised(values: NDArray[np.float64], population: tuple[int, float, float]) -> NDArray[np.float64]:
    """Return z-scores of `values` under a population given as (n, sum, sum of squares).

    A population without spread, or of nobody, gives zeros.

    Examples
    --------
    >>> standardised(np.array([3.0, 1.0]), (2, 4.0, 10.0)).tolist()
    [1.0, -1.0]
    >>> standardised(np.array([2.0]), (5, 10.0, 20.0)).tolist()
    [0.0]
    """
    n, total, squares = population
    if n == 0:
        return np.zeros_like(values)
    mean = total / n
    spread = float(np.sqrt(max(squares / n - mean * mean, 0.0)))
    if spread < 1e-9:
        return np.zeros_like(values)
    return np.asarray((values - mean) / spread, dtype=np.float64)


def fuse(candidates: Candidates, *, share: float) -> Fused:
    """Fuse the two legs of a result set.

    Parameters
    ----------
    candidates : Candidates, n rows
        The result set with the populations of both legs.
    share : float in [0, 1]
        Weight of the vector leg; 0 is words only, 1 similarity only. Without any vector the words
        have it all.

    Returns
    -------
    Fused
        Parallel to the candidates. A row without a lexical score has score 0 in that leg; a row
        without vectors has the population's mean similarity.
    """
    lexical = np.nan_to_num(candidates.lexical, nan=0.0)
    z_lexical = standardised(lexical, candidates.population)
    if share > 0 and candidates.similarity_population[0] > 0:
        n, total, _ = candidates.similarity_population
        similarity = np.where(np.isnan(candidates.similarity), total / n, candidates.similarity)
        z_dense = standardised(similarity, candidates.similarity_population)
    else:
        share, z_dense = 0.0, np.zeros_like(lexical)
    weighted_lexical, weighted_dense = (1 - share) * z_lexical, share * z_dense
    return Fused(weighted_lexical + weighted_dense, weighted_lexical, weighted_dense, 1 - share)
