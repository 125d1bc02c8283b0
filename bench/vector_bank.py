"""Which million vectors are searched, what do filters select of them, and what is truly near?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from bench.cloud import DIM, PassageCloud
from engine.model import Vectors

SEED = 12
CHUNK = 10_000
"""Vectors that are made, and compared, at a time."""
PASSAGES_OF_A_SUBTOPIC = 100
THEMES = 100
WANTED = 10
"""Neighbours that recall is about."""

PLAIN = "none"
FILTERS = {
    PLAIN: "",
    "10 %": "tenth",
    "1 %": "hundredth",
    "1 %, the query's theme": "theme",
    "1 %, another theme": "other_theme",
}
"""What a filter selects, and its column; those of theme have to do with the vectors, as topics have."""


@dataclass(frozen=True, slots=True)
class VectorBank:
    """The vectors in a file, the columns of the filters, and queries."""

    vectors: Vectors
    columns: dict[str, NDArray[np.int64]]
    queries: Vectors
    asked: dict[str, NDArray[np.int64]]
    """The value that each query's filter asks for, by the filter's column."""

    def mask(self, column: str, rows: slice) -> NDArray[np.bool_]:
        """Return which of these vectors each query may find, shape ``(queries, rows)``."""
        if not column:
            return np.ones((len(self.queries), rows.stop - rows.start), dtype=np.bool_)
        values = self.columns[column.removeprefix("other_")][rows]
        allowed: NDArray[np.bool_] = values[None, :] == self.asked[column][:, None]
        return allowed

    def filter(self, column: str, query: int) -> dict[str, Any] | None:
        """Return the filter of a query as OpenSearch reads it."""
        if not column:
            return None
        return {"terms": {column.removeprefix("other_"): [str(self.asked[column][query])]}}


def make_bank(folder: Path, n: int, queries: int, progress: Progress) -> VectorBank:
    """Make vectors and queries; vectors that lie in the folder already are taken."""
    subtopics = max(THEMES, n // PASSAGES_OF_A_SUBTOPIC)
    cloud = PassageCloud(SEED, np.arange(subtopics) % THEMES)
    path = folder / f"vectors-{SEED}-{n}.npy"
    of_subtopic = np.empty(n, dtype=np.int64)
    part = path.with_suffix(".part")
    made = None if path.exists() else np.lib.format.open_memmap(part, "w+", np.float32, (n, DIM))
    for start in progress.track(range(0, n, CHUNK), description="making vectors"):
        rng = np.random.default_rng([SEED, 5, start])
        here = min(CHUNK, n - start)
        counts = rng.integers(1, 5, size=here)
        drawn = rng.integers(subtopics, size=here)
        of_subtopic[start : start + here] = np.repeat(drawn, counts)[:here]
        if made is not None:
            made[start : start + here] = cloud.passages(rng, drawn, counts)[:here]
    if made is not None:
        made.flush()
        del made
        part.replace(path)
    vectors: Vectors = np.load(path, mmap_mode="r")
    rng = np.random.default_rng([SEED, 6])
    columns = {
        "hundredth": rng.integers(100, size=n),
        "tenth": rng.integers(10, size=n),
        "theme": of_subtopic % THEMES,
    }
    wanted = np.sort(rng.choice(n, size=queries, replace=False))
    asked = {
        "hundredth": rng.integers(100, size=queries),
        "tenth": rng.integers(10, size=queries),
        "theme": columns["theme"][wanted],
        "other_theme": (columns["theme"][wanted] + rng.integers(1, THEMES, size=queries)) % THEMES,
    }
    return VectorBank(vectors, columns, cloud.queries(rng, of_subtopic[wanted], vectors[wanted]), asked)


def exact_answers(bank: VectorBank, progress: Progress) -> dict[str, NDArray[np.float32]]:
    """Compare every query with every vector; return the ten best cosines, best first, for each filter."""
    n = len(bank.vectors)
    best = {name: np.full((len(bank.queries), WANTED), -np.inf, dtype=np.float32) for name in FILTERS}
    for start in progress.track(range(0, n, CHUNK), description="comparing all vectors"):
        rows = slice(start, min(n, start + CHUNK))
        cosines = bank.queries @ bank.vectors[rows].T
        for name, column in FILTERS.items():
            allowed = np.where(bank.mask(column, rows), cosines, -np.inf) if column else cosines
            both = np.concatenate([best[name], allowed], axis=1)
            best[name] = -np.sort(np.partition(-both, WANTED - 1, axis=1)[:, :WANTED], axis=1)
    return best
