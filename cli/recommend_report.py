"""How does an evaluation of recommendations look? A table beside plain searches, one document for programs."""

from collections.abc import Iterator
from typing import Any

from cli.collection import Collection
from cli.evaluation import MEASURES
from cli.evaluation_report import difference, table, value
from cli.recommend_evaluation import RECOMMENDED, RecommendEvaluation


def as_document(result: RecommendEvaluation, collection: Collection, *, seconds: float) -> dict[str, Any]:
    """Return the document that ``--json`` prints; ``metrics`` are the recommendations'."""
    own = result.runs[RECOMMENDED].overall
    return {
        "metrics": own.metrics,
        "queries": own.queries,
        "seconds": round(seconds, 1),
        "intervals": own.intervals,
        "split": collection.judgements.split,
        "documents": len(collection.documents),
        "empty": result.runs[RECOMMENDED].empty,
        "baselines": {
            name: {
                "metrics": run.overall.metrics,
                "intervals": run.overall.intervals,
                "ahead": result.ahead[name],
            }
            for name, run in result.runs.items()
            if name != RECOMMENDED
        },
        "unjudged": collection.judgements.unjudged,
    }


def as_text(result: RecommendEvaluation, collection: Collection, *, seconds: float) -> Iterator[str]:
    """Yield the lines that people read."""
    yield from table(
        ["", *MEASURES],
        [[name, *(value(run.overall, m) for m in MEASURES)] for name, run in result.runs.items()],
    )
    queries = result.runs[RECOMMENDED].overall.queries
    yield f"{queries} roles, {len(collection.documents)} resources, {seconds:.0f} s"
    yield ""
    yield from table(
        [f"nDCG@10, {RECOMMENDED} against", "difference", "p", "better", "worse"],
        [[name, *difference(d)] for name, d in result.ahead.items()],
    )
