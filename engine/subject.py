"""Does a query speak of health, health services or those who work there? Told from its vector alone, whatever the bank has.

A small bank lacks many words of its subject, so neither its words nor its nearest texts tell *perioperativ
behandling* from a holiday. Names of health topics and ordinary words of the language do: a direction that parts them
(logistic regression) and how near the query is to the middle of some cluster of topics. Both are learnt from the
vocabulary's labels and a dictionary alone, never from queries (`scripts/build_subject_model.py`).
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from engine.model import Vectors

NEAREST_TOPICS = 3
"""How many of the nearest clusters count."""


@dataclass(frozen=True, slots=True)
class SubjectModel:
    """What parts the subject from all else, for the vectors of one model.

    Parameters
    ----------
    model_id
        The model whose query vectors it reads.
    direction : float32 array of shape ``(dim,)``
        Of the logistic regression.
    topics : float32 array of shape ``(k, dim)``
        Middles of clusters of health topics, unit rows.
    bias, pull
        What is added; what a cosine to the topics counts.
    """

    model_id: str
    direction: Vectors
    topics: Vectors
    bias: float
    pull: float

    def score(self, vector: Vectors) -> float:
        """Return how surely a query is on the subject; from `AboutnessRule.subject` on it is.

        Parameters
        ----------
        vector : float32 array of shape ``(dim,)``
            Unit vector of the query.
        """
        return float(self._scores(vector[None])[0])

    def score_of_bank(self, vectors: Vectors) -> float:
        """Return the median score of passages' vectors ``(n, dim)``, n at least 1."""
        return float(np.median(self._scores(vectors)))

    def _scores(self, vectors: Vectors) -> Vectors:
        near = np.sort(vectors @ self.topics.T, axis=1)[:, -NEAREST_TOPICS:].mean(axis=1)
        scores: Vectors = vectors @ self.direction + self.bias + self.pull * near
        return scores


@cache
def bundled_subject(model_id: str) -> SubjectModel | None:
    """Return what was learnt for a model, or None for any but the bundled one."""
    with files("engine.adapters").joinpath("data/subject.npz").open("rb") as file:
        found = np.load(file, allow_pickle=False)
        if str(found["model_id"]) != model_id:
            return None
        topics = found["topics"].astype(np.float32)
        topics /= np.linalg.norm(topics, axis=1, keepdims=True)
        return SubjectModel(
            model_id,
            found["direction"].astype(np.float32),
            topics,
            float(found["bias"]),
            float(found["pull"]),
        )
