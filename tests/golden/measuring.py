"""What does the engine answer to the golden queries and their variants, and what is that worth?"""

import tomllib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from cli.collection import Collection
from cli.evaluation import bank_documents, score
from cli.saved_run import read_run, save_run
from cli.significance import paired
from engine.bootstrap import load_settings, open_engine
from engine.model import SearchRequest
from golden import collection
from indexer import pipeline
from indexer.sample import load_sample

DAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
FLOORS = Path(__file__).parent / "floors.toml"
RUNS = Path(__file__).parents[2] / "docs" / "runs"


@dataclass(frozen=True)
class Answers:
    """Ids in order of rank (the first `k`) and exact totals, by query or by (query, kind)."""

    hits: dict
    totals: dict


@dataclass(frozen=True)
class Kept:
    """What is left of the plain queries' quality in one kind of variant; `same` is a share of queries."""

    queries: int
    same: float
    plain: float
    varied: float
    loss: float
    low: float
    high: float


@contextmanager
def sample_bank(folder):
    """The sample bank in the production path, on a fixed day."""
    engine = open_engine(load_settings(data=Path(folder)), now=lambda: DAY)
    try:
        load_sample(engine)
        pipeline.index(engine)
        yield engine
    finally:
        engine.close()


FIRST = 10
"""Hits that nDCG@10, the first hit and totals are made of; deeper pages cost more and say nothing more of them."""


def ask(engine, texts, mode="hybrid", k=collection.DEPTH):
    """Search for each text as the golden set assumes: every edition, by default the first hundred."""
    hits, totals, known = {}, {}, {}
    for key, text in texts.items():
        if text not in known:
            request = SearchRequest(text=text, mode=mode, edition="alle", k=k, facets=())
            known[text] = engine.search(request)
        hits[key] = [h.resource.id for h in known[text].hits]
        totals[key] = known[text].total
    return Answers(hits, totals)


def ask_queries(engine, mode="hybrid", k=collection.DEPTH):
    return ask(engine, {q.id: q.text for q in collection.queries()}, mode, k)


def ask_variants(engine):
    return ask(engine, {(v.query, v.kind): v.text for v in collection.variants()}, k=FIRST)


def ask_subjects(engine):
    return ask(engine, {q.id: q.query for q in collection.subject_queries()}, k=1)


def answered_by_subject(answers, half):
    """Return the share of the queries on the subject, and of those off it, that found anything."""
    found = {"on": [], "off": []}
    for q in collection.subject_queries():
        if q.half == half:
            found[q.subject].append(answers.totals[q.id] > 0)
    return {subject: float(np.mean(any_)) for subject, any_ in found.items()}


def kinds():
    """In the order of a table: made by rule, then by hand."""
    return tuple(dict.fromkeys(v.kind for v in sorted(collection.variants(), key=lambda v: v.kind)))


def kept(plain, varied, kind, half=None):
    """Compare the variants of one kind with their queries, those without an answer left out."""
    judged = collection.judgements(half)
    asked = [v.query for v in collection.variants() if v.kind == kind and v.query in judged.queries]
    before = [collection.ndcg(plain.hits[q], judged.qrels[q]) for q in asked]
    after = [collection.ndcg(varied.hits[q, kind], judged.qrels[q]) for q in asked]
    same = [plain.hits[q][:1] == varied.hits[q, kind][:1] != [] for q in asked]
    change = paired(after, before)
    return Kept(
        len(asked),
        float(np.mean(same)),
        float(np.mean(before)),
        float(np.mean(after)),
        -change.mean,
        -change.high,
        -change.low,
    )


def unanswered(varied, half=None):
    """Of the variants of queries without an answer: how many there are, and how many of them found nothing."""
    judged = collection.judgements(half)
    asked = [(v.query, v.kind) for v in collection.variants() if v.query in judged.unanswerable]
    return len(asked), sum(varied.totals[a] == 0 for a in asked)


def evaluated(answers, half=None):
    """Score the answers to the golden queries as `kompetansegraf evaluate search` does."""
    return score(collection.judgements(half), answers.hits)


def golden_run(engine, answers):
    """Make the record that is kept of each release: values of every query of both halves."""
    bank = Collection(bank_documents(engine), collection.judgements())
    return save_run(evaluated(answers), bank, engine, {"mode": "hybrid"})


def last_release():
    """Return the run that was saved with the newest release."""
    releases = (p for p in RUNS.iterdir() if p.is_dir())
    folder = max(releases, key=lambda p: [int(n) for n in p.name.split(".")])
    return read_run(folder / "golden.json")


@cache
def floors():
    return tomllib.loads(FLOORS.read_text(encoding="utf-8"))


def measured_floors(plain, varied, subjects):
    """Return the figures that floors stand under, each with how many queries it is a mean of; counts with None."""
    test = evaluated(plain, "test")
    by_subject = answered_by_subject(subjects, "test")
    figures = {kind: kept(plain, varied, kind) for kind in kinds()}
    return {
        "ndcg": {
            **{name: (g.metrics["nDCG@10"], g.queries) for name, g in test.types.items()},
            "all": (test.overall.metrics["nDCG@10"], test.overall.queries),
        },
        "silent": {half: (len(evaluated(plain, half).silent), None) for half in ("dev", "test")},
        "subject": {"on": (by_subject["on"], 160), "off_silent": (1 - by_subject["off"], 160)},
        "silent_variants": {"all": (unanswered(varied)[1], None)},
        "ndcg_variants": {kind: (k.varied, k.queries) for kind, k in figures.items()},
        "same_first": {kind: (k.same, k.queries) for kind, k in figures.items()},
    }
