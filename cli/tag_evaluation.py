"""How well are texts tagged? Tags as the index would have them, held against those that people gave."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cli.collection import Document
from cli.evaluation import title_of
from cli.tag_collection import TagCollection
from engine.bootstrap import load_settings, open_engine
from engine.model import Resource
from engine.progress import Progress, Quiet
from engine.service import Engine
from engine.tag_learning import Learnt, learn
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

Suggested = Mapping[str, tuple[Sequence[str], Ranking]]
"""By text the concepts that it is tagged with, and the ten best with their scores, also those too unsure to become tags."""

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
    collection: TagCollection,
    data: Path,
    progress: Progress | None = None,
    train: TagCollection | None = None,
) -> tuple[Suggested, Learnt | None]:
    """Tag the texts of a collection with its vocabulary, the way an index is made.

    Parameters
    ----------
    collection : TagCollection
        Whose texts are tagged.
    data : Path
        Folder for vectors.
    progress : Progress, optional
        Told of concepts and texts.
    train : TagCollection, optional
        Texts to learn weights from, indexed with the same vocabulary.

    Returns
    -------
    Suggested
        By document.
    Learnt or None
        What came of learning.
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
        learnt = _learn(train, enricher, engine, bar) if train else None
        found: dict[str, tuple[Sequence[str], Ranking]] = {}
        documents = collection.documents
        bar.begin("tagging", len(documents))
        for at in range(0, len(documents), TEXTS_AT_ONCE):
            some = documents[at : at + TEXTS_AT_ONCE]
            for document, (tags, ranked) in zip(
                some, enricher.ranked_tags([_resource(d) for d in some], RANKED), strict=True
            ):
                found[document.id] = (
                    [tag.concept for tag in tags],
                    [(tag.concept, tag.score) for tag in ranked],
                )
                bar.advance()
        bar.end()
        return found, learnt
    finally:
        engine.close()


def _learn(train: TagCollection, enricher: Enricher, engine: Engine, bar: Progress) -> Learnt:
    """Learn weights and tag with them from now on, if they are better."""
    tagger = engine.topics.tagger
    judged, meant = [], False
    bar.begin("learning", len(train.documents))
    for at in range(0, len(train.documents), TEXTS_AT_ONCE):
        some = train.documents[at : at + TEXTS_AT_ONCE]
        for document, (evidence, meaning) in zip(
            some, enricher.evidence([_resource(d) for d in some]), strict=True
        ):
            judged.append((evidence, train.subjects[document.id]))
            meant = meant or meaning
            bar.advance()
    bar.end()
    w = tagger.weights
    learnt = learn(judged, w.with_meaning if meant else w.words_only)
    tagger.weights = (
        replace(w, with_meaning=learnt.weights) if meant else replace(w, words_only=learnt.weights)
    )
    return learnt


def score(subjects: Mapping[str, frozenset[str]], suggested: Suggested) -> TagEvaluation:
    """Score tags against the concepts that people gave.

    * ``F1@5``: of each text the F1 of its tags, at most five; the mean (as Annif has it).
    * ``micro-F1@5``: the same tags, counted over all texts together.
    * ``nDCG@10``, ``recall@10``: of the first ten, whatever their score.
    """
    rows = np.array([_counts(of, *suggested.get(text, ((), ()))) for text, of in subjects.items()])
    n = len(rows)
    draws = np.random.default_rng(_SEED).integers(0, n, (SAMPLES, n))
    metrics, intervals = {}, {}
    for name, measure in _MEASURES.items():
        metrics[name] = float(measure(rows[None])[0])
        low, high = np.quantile(measure(rows[draws]), (0.025, 0.975))
        intervals[name] = (float(low), float(high))
    return TagEvaluation(metrics, intervals, n, float(rows[:, 1].mean()), float(rows[:, 2].mean()))


def _counts(subjects: frozenset[str], tags: Sequence[str], ranked: Ranking) -> list[float]:
    """Return for one text: right, proposed, given, F1, nDCG, recall."""
    proposed = tags[:AT_MOST]
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
