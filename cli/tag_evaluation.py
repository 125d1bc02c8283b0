"""How well are texts tagged? Tags as the index would have them, held against those that people gave."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cli.collection import Document
from cli.evaluation import title_of
from cli.tag_collection import TagCollection
from engine.bootstrap import load_settings, open_engine
from engine.model import Resource
from engine.progress import Progress, Quiet
from engine.tagging import TagWeights
from indexer.embedding import PassageEmbedder
from indexer.enrichment import Enricher

AT_MOST, RANKED = 5, 10
"""Tags that count for F1, and that are ranked."""

SAMPLES = 2000
"""Bootstrap samples of an interval, drawn over texts."""

TEXTS_AT_ONCE = 32

_SEED = 20260101

Ranking = Sequence[tuple[str, float]]
"""Concepts with their scores, best first."""

Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TagEvaluation:
    """What tags are worth: each measure with its 95 % bootstrap interval over texts."""

    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    texts: int
    proposed: float
    given: float


def suggest(
    collection: TagCollection, data: Path, progress: Progress | None = None
) -> dict[str, list[tuple[str, float]]]:
    """Tag the texts of a collection with its vocabulary, the way an index is made.

    Returns
    -------
    dict
        By document the best ten concepts with their scores, also those too unsure to become tags.
    """
    bar = progress or Quiet()
    settings = load_settings(data=data).model_copy(
        update={"database_url": None, "search_url": None, "vocabulary": None, "tag_exclude": ()}
    )
    engine = open_engine(settings, vocabulary=collection.vocabulary)
    try:
        passages = None
        if engine.embedder is not None:
            passages = PassageEmbedder(engine.embedder, engine.vectors)
        enricher = Enricher(engine, passages, {}, bar)
        found: dict[str, list[tuple[str, float]]] = {}
        documents = collection.documents
        bar.begin("tagging", len(documents))
        for at in range(0, len(documents), TEXTS_AT_ONCE):
            some = documents[at : at + TEXTS_AT_ONCE]
            for document, tags in zip(
                some, enricher.ranked_tags([_resource(d) for d in some], RANKED), strict=True
            ):
                found[document.id] = [(tag.concept, tag.score) for tag in tags]
                bar.advance()
        bar.end()
        return found
    finally:
        engine.close()


def score(
    subjects: Mapping[str, frozenset[str]], ranked: Mapping[str, Ranking], weights: TagWeights | None = None
) -> TagEvaluation:
    """Score rankings against the concepts that people gave.

    * ``F1@5``: of each text the F1 of its tags, at most five, by the thresholds of `weights`; the mean (as Annif has it).
    * ``micro-F1@5``: the same tags, counted over all texts together.
    * ``nDCG@10``, ``recall@10``: of the first ten, whatever their score.
    """
    w = weights or TagWeights()
    rows = np.array([_counts(of, ranked.get(text, ()), w) for text, of in subjects.items()])
    n = len(rows)
    draws = np.random.default_rng(_SEED).integers(0, n, (SAMPLES, n))
    metrics, intervals = {}, {}
    for name, measure in _MEASURES.items():
        metrics[name] = float(measure(rows[None])[0])
        low, high = np.quantile(measure(rows[draws]), (0.025, 0.975))
        intervals[name] = (float(low), float(high))
    return TagEvaluation(metrics, intervals, n, float(rows[:, 1].mean()), float(rows[:, 2].mean()))


def _counts(subjects: frozenset[str], ranked: Ranking, weights: TagWeights) -> list[float]:
    """Return for one text: right, proposed, given, F1, nDCG, recall."""
    proposed = [
        concept
        for place, (concept, value) in enumerate(ranked[:AT_MOST])
        if value >= (weights.first if place == 0 else weights.threshold)
    ]
    right = len(subjects.intersection(proposed))
    first = [concept for concept, _ in ranked[:RANKED]]
    gain = sum(1 / math.log2(place + 2) for place, concept in enumerate(first) if concept in subjects)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(RANKED, len(subjects))))
    return [
        right,
        len(proposed),
        len(subjects),
        2 * right / (len(proposed) + len(subjects)),
        gain / ideal,
        len(subjects.intersection(first)) / len(subjects),
    ]


def _micro(rows: Figures) -> Figures:
    right, proposed, given = (rows[..., column].sum(axis=1) for column in range(3))
    return np.asarray(2 * right / (proposed + given))


def _mean(column: int) -> Callable[[Figures], Figures]:
    return lambda rows: np.asarray(rows[..., column].mean(axis=1))


_MEASURES: Mapping[str, Callable[[Figures], Figures]] = {
    "F1@5": _mean(3),
    "micro-F1@5": _micro,
    "nDCG@10": _mean(4),
    "recall@10": _mean(5),
}


def _resource(document: Document) -> Resource:
    return Resource(
        id=document.id,
        title=document.title if document.title.strip() else title_of(document),
        body=document.text,
    )
