from dataclasses import dataclass

import pytest

from golden import collection, measuring


@dataclass(frozen=True)
class Run:
    """What every golden query got, from the engine and from the plain baseline."""

    engine: dict
    totals: dict
    baseline: dict


@pytest.fixture(scope="session")
def sample_engine(tmp_path_factory):
    """The sample bank in the production path, on a fixed day."""
    with measuring.sample_bank(tmp_path_factory.mktemp("golden")) as engine:
        yield engine


@pytest.fixture(scope="session")
def answers(sample_engine):
    """What every golden query got from the engine."""
    return measuring.ask_queries(sample_engine)


@pytest.fixture(scope="session")
def varied(sample_engine):
    """What every variant got from the engine."""
    return measuring.ask_variants(sample_engine)


@pytest.fixture(scope="session")
def run(sample_engine, answers):
    plain = collection.PlainBm25(sample_engine.catalogue.all(status="published"))
    baseline = {q.id: plain.rank(q.text) for q in collection.queries()}
    return Run(answers.hits, answers.totals, baseline)
