"""Does a new build answer as well as the one that it replaces? Asked of the portal's own golden queries.

The queries lie in a file of tab-separated values with the columns ``query``, ``resource`` and ``grade``
(0 and more, 0: not relevant), one judgement a row. Both builds are asked the same, by the same model and
rules; only judgements of resources that the new build holds count, so that withdrawing content is no fault.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import ir_measures
from ir_measures import nDCG

from engine.errors import InvalidRequest
from engine.model import ALL_EDITIONS, SearchRequest
from engine.service import Engine
from engine.snapshot import Snapshot
from indexer.verification import UnsoundBuild

SLACK: Final = 0.02
"""How much lower [nDCG@10] a new build may be: ties and spelling repairs move a little with the content."""

DEPTH: Final = 10
COLUMNS: Final = ("query", "resource", "grade")

Judgements = Mapping[str, Mapping[str, int]]


class Answers(NamedTuple):
    """What a build answers to one query: nDCG@10, and its first ten hits, best first."""

    ndcg: float
    hits: tuple[str, ...]


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """Read query -> resource -> grade.

    Raises
    ------
    InvalidRequest
        Naming the file, the row and the column that is not right.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            lacking = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if lacking:
                raise InvalidRequest(f"{path}: row 1: the column {lacking[0]!r} is missing")
            found: dict[str, dict[str, int]] = {}
            for row in rows:
                where = f"{path}: row {rows.line_num}"
                for name in COLUMNS:
                    if not (row[name] or "").strip():
                        raise InvalidRequest(f"{where}: {name} is empty")
                if not row["grade"].strip().isdecimal():
                    raise InvalidRequest(f"{where}: grade is no whole number: {row['grade']!r}")
                found.setdefault(row["query"].strip(), {})[row["resource"].strip()] = int(row["grade"])
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"the golden queries {path} cannot be read: {error}") from error
    return found


def check_golden(engine: Engine, new: Snapshot, current: Snapshot | None, judgements: Judgements) -> float:
    """Return the mean nDCG@10 of a new build on the golden queries.

    Parameters
    ----------
    engine : Engine
        For its model, vocabulary and rules.
    new, current : Snapshot
        A committed build that is not published yet, and the one that it is to replace, if any.
    judgements : mapping of query -> resource -> grade
        The portal's own.

    Raises
    ------
    UnsoundBuild
        If it is more than `SLACK` below the current build's.
    """
    fair = fair_judgements(new, judgements)
    if not fair:
        return 0.0
    measured = _mean(answer_golden(engine, new, fair))
    if current is not None:
        before = _mean(answer_golden(engine, current, fair))
        if measured < before - SLACK:
            raise UnsoundBuild(
                f"on {len(fair)} golden queries the new build has nDCG@10 {measured:.3f}, the current one {before:.3f}"
            )
    return measured


def fair_judgements(build: Snapshot, judgements: Judgements) -> dict[str, dict[str, int]]:
    """Return the judgements of what a build holds; queries with nothing relevant among it are left out."""
    held = build.index.ids()
    fair = {
        query: {resource: grade for resource, grade in grades.items() if resource in held}
        for query, grades in judgements.items()
    }
    return {query: grades for query, grades in fair.items() if any(grades.values())}


def answer_golden(engine: Engine, build: Snapshot, judgements: Judgements) -> dict[str, Answers]:
    """Return what a build, published or not, answers to each golden query."""
    run = {}
    for query in judgements:
        asked = SearchRequest(text=query, edition=ALL_EDITIONS, k=DEPTH, facets=())
        hits = engine.search_in(build, asked).hits
        run[query] = {hit.resource.id: float(DEPTH - at) for at, hit in enumerate(hits)}
    measured = {m.query_id: float(m.value) for m in ir_measures.iter_calc([nDCG @ DEPTH], judgements, run)}
    # a query without hits has no line in a run, and is no reason to leave it out
    return {query: Answers(measured.get(query, 0.0), tuple(run[query])) for query in judgements}


def _mean(answers: Mapping[str, Answers]) -> float:
    return sum(a.ndcg for a in answers.values()) / len(answers)
