"""How does an evaluation look? Plain tables for people, one document for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from cli.collection import Collection
from cli.evaluation import MEASURES, Evaluation, Group
from cli.saved_run import Comparison
from cli.significance import Difference

NAMED = 5
"""Queries that are named in a note; the rest are counted."""


def as_document(
    evaluation: Evaluation, collection: Collection, *, mode: str, seconds: float, against: Comparison | None
) -> dict[str, Any]:
    """Return the document that ``--json`` prints."""
    judgements = collection.judgements
    document: dict[str, Any] = {
        "metrics": evaluation.overall.metrics,
        "queries": evaluation.overall.queries,
        "seconds": round(seconds, 1),
        "intervals": evaluation.overall.intervals,
        "split": judgements.split,
        "mode": mode,
        "documents": len(collection.documents),
        "empty": evaluation.empty,
        "types": evaluation.types,
        "unjudged": judgements.unjudged,
        "unanswerable": {"queries": len(judgements.unanswerable), "silent": len(evaluation.silent)},
    }
    if against:
        document["against"] = against
    return document


def as_text(
    evaluation: Evaluation, collection: Collection, *, seconds: float, against: Comparison | None
) -> Iterator[str]:
    """Yield the lines that people read."""
    groups = {"all": evaluation.overall}
    if evaluation.types:
        groups = {**evaluation.types, "all": evaluation.overall}
    yield from table(
        ["type" if evaluation.types else "", "n", *MEASURES],
        [[name, str(g.queries), *(value(g, m) for m in MEASURES)] for name, g in groups.items()],
    )
    yield f"{evaluation.overall.queries} queries, {len(collection.documents)} documents, {seconds:.0f} s"
    yield from _notes(evaluation, collection)
    if against:
        yield ""
        yield from _compared(against)


def value(group: Group, measure: str) -> str:
    """Return a measure with its interval."""
    low, high = group.intervals[measure]
    return f"{group.metrics[measure]:.4f} [{low:.4f}, {high:.4f}]"


def _notes(evaluation: Evaluation, collection: Collection) -> Iterator[str]:
    judgements = collection.judgements
    if evaluation.empty:
        shown = "; ".join(f"{q}: {judgements.queries[q]}" for q in evaluation.empty[:NAMED])
        more = "; …" if len(evaluation.empty) > NAMED else ""
        yield f"{len(evaluation.empty)} of {evaluation.overall.queries} queries found nothing: {shown}{more}"
    if judgements.unanswerable:
        total = len(judgements.unanswerable)
        yield f"{len(evaluation.silent)} of {total} queries without a relevant document found nothing, as they should"
    if judgements.unjudged:
        yield f"{judgements.unjudged} queries have no judgement and were left out"
    if unknown := collection.unknown_documents():
        yield f"{unknown} relevant documents of the judgements are not in the corpus and count as not found"


def _compared(comparison: Comparison) -> Iterator[str]:
    for name, (before, now) in comparison.settings.items():
        yield f"{name}: {before} in the saved run, {now} now"
    rows = [[name, *difference(d)] for name, d in comparison.overall.items()]
    rows += [[f"nDCG@10, {kind}", *difference(d)] for kind, d in comparison.types.items()]
    yield from table(["against the saved run", "difference", "p", "better", "worse"], rows)


def difference(d: Difference) -> Sequence[str]:
    """Return the cells of a difference: mean with interval, p, better, worse."""
    return [f"{d.mean:+.4f} [{d.low:+.4f}, {d.high:+.4f}]", f"{d.p:.4f}", str(d.better), str(d.worse)]


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a plain table: first column to the left, the others to the right."""
    cells = [heading, *rows]
    widths = [max(len(row[n]) for row in cells) for n in range(len(heading))]
    for row in cells:
        first, *rest = (
            cell.ljust(w) if n == 0 else cell.rjust(w)
            for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join([first, *rest]).rstrip()
