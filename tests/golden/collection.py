"""The golden queries, their variants and judgements, and the plain baseline that the engine must be ahead of."""

import csv
import math
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import snowballstemmer

from cli.collection import Judgements
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


@dataclass(frozen=True, slots=True)
class Variant:
    """Another form of a golden query: the same need, the same judgements."""

    query: str
    kind: str
    text: str


@cache
def variants():
    """Those that ``scripts/query_variants.py`` made and those that were written by hand."""
    found = []
    for name in ("variants.tsv", "variants_by_hand.tsv"):
        with (HERE / name).open(encoding="utf-8", newline="") as lines:
            found += [Variant(**row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return tuple(found)


@dataclass(frozen=True)
class SubjectQuery:
    """A query that is on the subject of a health bank or off it, whether the sample bank has an answer or not."""

    id: str
    half: str
    subject: str
    lang: str
    query: str


@cache
def subject_queries():
    with (HERE / "subject_queries.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(SubjectQuery(**row) for row in rows)


@cache
def judgements(half=None):
    """The queries of one half or both as `cli.evaluation` scores them; those without an answer are kept apart."""
    chosen = [q for q in queries() if half in {None, q.half}]
    silent = {q.id: q.text for q in chosen if q.group == "no_answer"}
    return Judgements(
        name="golden",
        split=half or "both",
        queries={q.id: q.text for q in chosen if q.id not in silent},
        qrels={q.id: qrels().get(q.id, {}) for q in chosen},
        types={q.id: q.group for q in chosen},
        unanswerable=silent,
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
        self.n, self.postings, self.length = 0, {}, {}
        for r in resources:
            self.n += 1
            words = Counter(stems(f"{r.title}\n{r.summary}\n{r.body}"))
            self.length[r.id] = words.total()
            for term, tf in words.items():
                self.postings.setdefault(term, []).append((r.id, tf))
        self.average = sum(self.length.values()) / self.n

    def rank(self, text):
        scores = Counter()
        for term in sorted(set(stems(text))):
            found = self.postings.get(term, [])
            idf = math.log(1 + (self.n - len(found) + 0.5) / (len(found) + 0.5))
            for rid, tf in found:
                length = 0.25 + 0.75 * self.length[rid] / self.average
                scores[rid] += idf * tf * 2.2 / (tf + 1.2 * length)
        return [rid for rid, _ in sorted(scores.items(), key=lambda item: (-item[1], item[0]))][:DEPTH]


def stems(text):
    return STEMMER.stemWords(surface_words(text))
