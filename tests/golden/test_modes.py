"""Words and similarity together answer at least as well as the better of them alone."""

import pytest

from golden import collection, measuring


@pytest.fixture(scope="module")
def alone(sample_engine):
    """What every golden query gets from each leg alone."""
    modes = ("lexical", "semantic")
    return {mode: measuring.ask_queries(sample_engine, mode, measuring.FIRST).hits for mode in modes}


def mean(hits, half):
    judged = [q for q in collection.queries() if q.half == half and q.group != "no_answer"]
    return sum(collection.ndcg(hits[q.id], collection.qrels()[q.id]) for q in judged) / len(judged)


@pytest.mark.parametrize("half", ["dev", "test"])
def test_the_hybrid_mean_is_not_below_the_better_leg(answers, alone, half):
    together = mean(answers.hits, half)
    assert together >= max(mean(hits, half) for hits in alone.values())
