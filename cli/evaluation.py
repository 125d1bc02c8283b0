"""How is a collection measured? Imported, indexed and searched like any bank, then scored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from cli.collection import Collection, Document
from engine.bootstrap import load_settings, open_engine
from engine.model import Resource, SearchRequest
from engine.progress import Progress
from engine.search import MAX_K
from indexer.pipeline import index as run_index
from vocab.language import detect_language

MEASURES = {"nDCG@10": nDCG @ 10, "MRR@10": RR @ 10, "Recall@100": R @ 100}
SAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Mean of each measure, its 95 % bootstrap interval over queries, and the value of each query."""

    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    per_query: Mapping[str, Mapping[str, float]]


def evaluate_search(
    collection: Collection, data: Path, *, mode: str = "hybrid", progress: Progress | None = None
) -> Evaluation:
    """Run every query of a collection through the engine on a data folder of its own.

    A query without hits counts as 0. Documents stand in the common edition with the language that is
    detected; one without a title is named by its first words, since a resource must have a name.
    """
    engine = open_engine(load_settings(data=data))
    try:
        engine.write_resources(
            (
                Resource(id=d.id, title=title_of(d), body=d.text, language=_language(f"{d.title}\n{d.text}"))
                for d in collection.documents
            ),
            by="evaluate",
        )
        run_index(engine, progress=progress)
        run: dict[str, dict[str, float]] = {}
        request = SearchRequest(mode=mode, k=MAX_K, facets=())  # type: ignore[arg-type]
        for query, text in collection.queries.items():
            hits = engine.search(replace(request, text=text)).hits
            run[query] = {h.resource.id: float(len(hits) - h.rank) for h in hits}
    finally:
        engine.close()
    return score(collection.qrels, run, list(collection.queries))


def title_of(document: Document) -> str:
    """Return the title, or the first eight words of the text, or the id when there is no text either."""
    return document.title.strip() or " ".join(document.text.split()[:8]) or document.id


def score(
    qrels: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]], queries: list[str]
) -> Evaluation:
    """Score a run (query -> document -> score) against judgements, with bootstrap intervals."""
    judged = {q: dict(qrels[q]) for q in queries}
    per_query: dict[str, dict[str, float]] = {q: dict.fromkeys(MEASURES, 0.0) for q in queries}
    names = {str(m): n for n, m in MEASURES.items()}
    for value in ir_measures.iter_calc(list(MEASURES.values()), judged, {q: dict(h) for q, h in run.items()}):
        per_query[value.query_id][names[str(value.measure)]] = value.value
    rng = np.random.default_rng(20260101)
    picks = rng.integers(0, len(queries), size=(SAMPLES, len(queries)))
    metrics, intervals = {}, {}
    for name in MEASURES:
        values = np.array([per_query[q][name] for q in queries])
        means = values[picks].mean(axis=1)
        metrics[name] = float(values.mean())
        intervals[name] = (float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975)))
    return Evaluation(metrics, intervals, per_query)


def _language(text: str) -> str:
    found = detect_language(text)[0]
    return found if found in {"nb", "nn", "en", "se"} else "nb"
