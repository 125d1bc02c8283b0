"""How do texts of two languages meet in one model? By taking away what the model says of the language.

Vectors of multilingual-e5 lie in a narrow cone (any two texts have a cosine of about .8), and English ones to
one side of it: a query prefers passages of its own language whatever they are about. Three vectors mend both: the
mean of queries, the mean of passages, and the direction from Norwegian passages to English ones [1]_ [2]_. After
that a query and a passage that has nothing to do with it have cosines near 0. Measured on development queries in `docs/evaluation.md`.

References
----------
.. [1] J. Mu and P. Viswanath, "All-but-the-Top: Simple and Effective Postprocessing for Word Representations", 2018.
.. [2] S. Rajaee and M. T. Pilehvar, "An Isotropy Analysis in the Multilingual BERT Embedding Space", 2022.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import numpy as np

from engine.model import Vectors
from engine.ports import Embedder

FLOOR = 0.33
"""Cosine from which a passage by itself shows that a query is about the bank (`engine.aboutness`).

Best cosine over a bank, 5th, 50th and 95th percentile. Development queries of the sample bank .27, .39, .54; headings of a
health authority's pages on those pages .20, .40, .61. Fifty queries off the subject on the two banks .17, .22, .30 and
.07, .14, .25; questions of an encyclopedia .17, .20, .27 and .09, .14, .21; gibberish .17, .21, .33 and .07, .12, .18.
"""


@dataclass(frozen=True, slots=True)
class LanguageAxis:
    """What a model says of every text: mean of queries and of passages, and the language, each ``(dim,)``.

    `language` is a unit vector, `version` names the three.
    """

    queries: Vectors
    passages: Vectors
    language: Vectors
    version: str

    def without(self, vectors: Vectors, kind: Literal["query", "passage"]) -> Vectors:
        """Return unit rows without mean and language; a row that is nothing else is kept as it was.

        Parameters
        ----------
        vectors : float32 array of shape ``(n, dim)``
            Unit rows of the model.
        kind : {"query", "passage"}
            Which mean.
        """
        centred = vectors - (self.queries if kind == "query" else self.passages)
        centred = centred - np.vecdot(centred, self.language)[:, None] * self.language
        norms = np.linalg.norm(centred, axis=1, keepdims=True)
        unit = np.where(norms > 1e-6, centred / np.maximum(norms, 1e-6), vectors)
        return unit.astype(np.float32)


def bundled_axis() -> LanguageAxis:
    """Return the vectors of the bundled multilingual-e5-small, made by ``scripts/build_language_axis.py``."""
    with files("engine.adapters").joinpath("data/language_axis.npy").open("rb") as file:
        queries, passages, language = np.load(file, allow_pickle=False)
    return LanguageAxis(queries, passages, language, "1")


class RecentredEmbedder:
    """A model without what it says of the language.

    Parameters
    ----------
    model
        The model itself.
    axis
        What to take away.
    floor
        Cosine from which a passage shows that a query is about the bank, after that.
    """

    def __init__(self, model: Embedder, axis: LanguageAxis, *, floor: float = FLOOR) -> None:
        self._model = model
        self._axis = axis
        self.floor = floor

    @property
    def model_id(self) -> str:
        return f"{self._model.model_id}/recentred-{self._axis.version}"

    @property
    def dim(self) -> int:
        return self._model.dim

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
        return self._axis.without(self._model.encode(texts, kind), kind)
