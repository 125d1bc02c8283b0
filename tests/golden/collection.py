"""The golden queries and judgements, and the plain baseline that the engine must be ahead of."""

import csv
import math
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import snowballstemmer

from vocab.analysis import surface_words

HERE = Path(__file__).parent
DEPTH = 100
STEMMER = snowballstemmer.stemmer("norwegian")


@dataclass(frozen=True, slots=True)
class GoldenQuery:
    """One query: `half` is dev (for tuning) or test (for the floors only)."""

    id: str
    group: str
    half: str
    lang: str
    text: str


@cache
def queries():
    with (HERE / "queries.tsv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            GoldenQuery(**row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        )


@cache
def qrels():
    found = {}
    with (HERE / "qrels.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault(row["query"], {})[row["resource"]] = int(row["grade"])
    return found


def ndcg(ranking, grades, k=10):
    """nDCG@k with linear gain, as trec_eval computes it; 0 for an empty ranking."""
    gains = [grades.get(r, 0) for r in ranking[:k]]
    ideal = sorted(grades.values(), reverse=True)[:k]
    best = sum(g / math.log2(i + 2) for i, g in enumerate(ideal))
    return sum(g / math.log2(i + 2) for i, g in enumerate(gains)) / best if best else 0.0


class PlainBm25:
    """BM25 (k1 1.2, b .75) over Norwegian Snowball stems of title, summary and body; nothing else."""

    def __init__(self, resources):
        self.ids = [r.id for r in resources]
        self.documents = [Counter(stems(f"{r.title}\n{r.summary}\n{r.body}")) for r in resources]
        self.frequency = Counter(t for d in self.documents for t in d)
        self.average = sum(d.total() for d in self.documents) / len(self.documents)

    def rank(self, text):
        scores = []
        for rid, document in zip(self.ids, self.documents, strict=True):
            score = 0.0
            for term in set(stems(text)):
                tf = document[term]
                if tf:
                    n, df = len(self.ids), self.frequency[term]
                    idf = math.log(1 + (n - df + 0.5) / (df + 0.5))
                    score += idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * document.total() / self.average))
            if score:
                scores.append((-score, rid))
        return [rid for _, rid in sorted(scores)][:DEPTH]


def stems(text):
    return STEMMER.stemWords(surface_words(text))


def paired_interval(a, b, samples=5000, seed=7):
    """Mean difference a - b and its 95 % bootstrap interval over queries."""
    difference = np.array(a) - np.array(b)
    rng = np.random.default_rng(seed)
    means = difference[rng.integers(0, len(difference), (samples, len(difference)))].mean(axis=1)
    return float(difference.mean()), float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))
