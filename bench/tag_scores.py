"""How close are suggested concepts to what an indexer said? Figures over texts, with bootstrap intervals.

The same measures as those of `kompetansegraf evaluate tags`, over several indexers and with differences between
programs. Every figure is a ratio of two sums over texts, so that resampling texts is a product of matrices. Texts
that an indexer gave no concept are left out. Knows nothing of the program and needs only NumPy: it is also used in
the environment of the program that ours is compared with.
"""

import csv
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

METRICS = ("F1@5", "micro-F1@5", "nDCG@10", "recall@10")
CUT, DEPTH = 5, 10
SAMPLES = 10_000
_SEED = 20260101


@dataclass(frozen=True, slots=True)
class Suggested:
    """What is suggested for one text: `ranked`, best first, of which the first `kept` are the answer.

    F1 looks at the answer, nDCG and recall at the ranking.
    """

    ranked: tuple[str, ...] = ()
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and its 95 % bootstrap interval over texts."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


Said = Mapping[str, Collection[str]]
"""The concepts of each text, by one indexer."""

_Sums = tuple[NDArray[np.float64], NDArray[np.float64]]


def judged(answers: Mapping[str, Suggested], said: Said, texts: Sequence[str]) -> dict[str, _Sums]:
    """Return what each text adds to numerator and denominator of each figure.

    Examples
    --------
    >>> sums = judged({"x": Suggested(("a", "b"), 1)}, {"x": ["b"]}, ["x"])
    >>> [float(sums[metric][0][0]) for metric in ("F1@5", "recall@10")]
    [0.0, 1.0]
    """
    rows = [_of_text(answers.get(text, Suggested()), set(said.get(text, ()))) for text in texts]
    values = np.array(rows, dtype=float).reshape(len(texts), len(METRICS), 2)
    return {metric: (values[:, at, 0], values[:, at, 1]) for at, metric in enumerate(METRICS)}


def hits_of(answer: Suggested, right: set[str]) -> tuple[int, int]:
    """Return how many concepts of an answer are right, and how many there are in it and in what is right together.

    F1 is twice the first over the second.
    """
    first = answer.ranked[: min(answer.kept, CUT)]
    return len(right.intersection(first)), len(first) + len(right)


def _of_text(answer: Suggested, right: set[str]) -> list[tuple[float, float]]:
    if not right:
        return [(0, 0)] * len(METRICS)
    hits, both = hits_of(answer, right)
    found = np.array([concept in right for concept in answer.ranked[:DEPTH]], dtype=float)
    discount = 1 / np.log2(np.arange(2, DEPTH + 2))
    gain, most = found @ discount[: len(found)], discount[: len(right)].sum()
    return [(2 * hits / both, 1), (2 * hits, both), (gain / most, 1), (found.sum() / len(right), 1)]


def figures(runs: Sequence[dict[str, _Sums]]) -> dict[str, Figure]:
    """Return the figures of a program, as the mean over several indexers of the same texts."""
    return {metric: _figure(_draws(runs, metric)) for metric in METRICS}


def differences(ours: Sequence[dict[str, _Sums]], theirs: Sequence[dict[str, _Sums]]) -> dict[str, Figure]:
    """Return ours minus theirs over the same texts in the same order, paired."""
    return {metric: _figure(_draws(ours, metric) - _draws(theirs, metric)) for metric in METRICS}


def _draws(runs: Sequence[dict[str, _Sums]], metric: str) -> NDArray[np.float64]:
    """Return the figure of all texts, and after it of every sample of them."""
    texts = len(runs[0][metric][0])
    rng = np.random.default_rng(_SEED)
    times = rng.multinomial(texts, np.full(texts, 1 / texts), size=SAMPLES)
    times = np.vstack([np.ones(texts), times])
    return np.mean(
        [(times @ top) / np.maximum(times @ below, 1e-12) for top, below in _pairs(runs, metric)], axis=0
    )


def _pairs(runs: Sequence[dict[str, _Sums]], metric: str) -> list[_Sums]:
    return [run[metric] for run in runs]


def _figure(draws: NDArray[np.float64]) -> Figure:
    low, high = np.quantile(draws[1:], (0.025, 0.975))
    return Figure(float(draws[0]), float(low), float(high))


def read_texts(folder: Path) -> dict[str, str]:
    """Return title and text of a collection by id."""
    lines = (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines if line.strip()]
    return {record["_id"]: f"{record['title']}\n{record['text']}".strip() for record in records}


def read_subjects(folder: Path) -> dict[str, list[str]]:
    """Return the concepts of each text of a collection, best first."""
    said: dict[str, list[str]] = {}
    with (folder / "subjects.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            said.setdefault(row["id"], []).append(row["concept"])
    return said
