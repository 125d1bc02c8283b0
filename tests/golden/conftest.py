from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from engine.bootstrap import load_settings, open_engine
from engine.model import SearchRequest
from golden import collection
from indexer import pipeline
from indexer.sample import load_sample


@dataclass(frozen=True)
class Run:
    """What every golden query got, from the engine and from the plain baseline."""

    engine: dict
    totals: dict
    baseline: dict


@pytest.fixture(scope="session")
def sample_engine(tmp_path_factory):
    """The sample bank in the production path, on a fixed day."""
    engine = open_engine(
        load_settings(data=tmp_path_factory.mktemp("golden")),
        now=lambda: datetime(2026, 11, 21, 12, tzinfo=UTC),
    )
    load_sample(engine)
    pipeline.index(engine)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def run(sample_engine):
    plain = collection.PlainBm25(list(sample_engine.catalogue.all(status="published")))
    engine, totals, baseline = {}, {}, {}
    for q in collection.queries():
        result = sample_engine.search(
            SearchRequest(text=q.text, edition="alle", k=collection.DEPTH, facets=())
        )
        engine[q.id] = [h.resource.id for h in result.hits]
        totals[q.id] = result.total
        baseline[q.id] = plain.rank(q.text)
    return Run(engine, totals, baseline)
