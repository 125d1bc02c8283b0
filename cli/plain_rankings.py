"""What would a plain search list? Rankings by words, by vectors and by both, to hold recommendations against.

Nothing of the program's own ranking is in them: Okapi BM25 over Snowball stems of title and text (k1 1.2, b .75), the
cosine of the best passage, and the sum of both standardised, .7 of it vectors.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import snowballstemmer
from numpy.typing import NDArray
from scipy import sparse

from cli.collection import Document
from engine.model import Vectors
from vocab.language import detect_language

K1, B = 1.2, 0.75
DENSE_SHARE = 0.7
_WORD = re.compile(r"\w+")

Ranked = dict[str, list[str]]


def plain_rankings(
    documents: Sequence[Document],
    queries: Mapping[str, str],
    passages: Callable[[str], Vectors],
    asked: Vectors,
    k: int,
) -> dict[str, Ranked]:
    """Rank documents for queries by words (``bm25``), by vectors (``dense``) and by both (``fused``).

    Parameters
    ----------
    documents : sequence of Document
        All of a collection.
    queries : mapping of id to text
        What is asked.
    passages : callable
        Unit vectors ``(n, dim)`` of a document's passages by its id; empty where it has none.
    asked : Vectors
        Unit vectors of the queries, in order.
    k : int
        Length of the rankings. What shares no word with a query is not ranked by words.
    """
    words = okapi([f"{d.title}\n{d.text}" for d in documents], list(queries.values()))
    dense = np.full(words.shape, -1.0)
    for column, document in enumerate(documents):
        if len(vectors := passages(document.id)):
            dense[:, column] = (asked @ vectors.T).max(axis=1)
    fused = DENSE_SHARE * _standardised(dense) + (1 - DENSE_SHARE) * _standardised(words)
    floor = {"bm25": 0.0, "dense": -1.0, "fused": -math.inf}
    return {
        name: {
            query: [documents[i].id for i in np.argsort(-row, kind="stable")[:k] if row[i] > floor[name]]
            for query, row in zip(queries, scores, strict=True)
        }
        for name, scores in (("bm25", words), ("dense", dense), ("fused", fused))
    }


def okapi(texts: Sequence[str], queries: Sequence[str]) -> NDArray[np.float64]:
    """Return BM25 scores of shape ``(queries, texts)``.

    Examples
    --------
    >>> okapi(["fall hos eldre", "kaffe"], ["eldre faller"])[0].round(2).tolist()
    [1.15, 0.0]
    """
    counted = [Counter(_stems(text)) for text in texts]
    place = {stem: i for i, stem in enumerate(dict.fromkeys(s for counts in counted for s in counts))}
    having = Counter(stem for counts in counted for stem in counts)
    lengths = [sum(counts.values()) for counts in counted]
    mean = max(sum(lengths) / max(1, len(texts)), 1e-9)
    cells = [
        (
            row,
            place[stem],
            math.log(1 + (len(texts) - having[stem] + 0.5) / (having[stem] + 0.5))
            * (n * (K1 + 1) / (n + K1 * (1 - B + B * lengths[row] / mean))),
        )
        for row, counts in enumerate(counted)
        for stem, n in counts.items()
    ]
    scored = _matrix(cells, (len(texts), len(place)))
    asked = [
        (row, place[stem], float(n))
        for row, query in enumerate(queries)
        for stem, n in Counter(_stems(query)).items()
        if stem in place
    ]
    return np.asarray((_matrix(asked, (len(queries), len(place))) @ scored.T).toarray())


def _matrix(cells: Sequence[tuple[int, int, float]], shape: tuple[int, int]) -> sparse.csr_array:
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    return sparse.csr_array((values, (rows, columns)), shape=shape)


def _stems(text: str) -> list[str]:
    language = "english" if detect_language(text)[0] == "en" else "norwegian"
    return list(_STEMMERS[language].stemWords(_WORD.findall(text.lower())))


_STEMMERS = {name: snowballstemmer.stemmer(name) for name in ("english", "norwegian")}


def _standardised(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = scores.std(axis=1, keepdims=True)
    return np.asarray((scores - scores.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0))
