"""Recommendations on the judged situations: worth their floors, and ahead of every way that lacks the graph."""

import numpy as np
import pytest

from golden import recommend_runs
from golden.measuring import floors
from golden.recommending import situations

SPLITS = ("dev", "test")
WAYS = (recommend_runs.recommended, recommend_runs.contents, recommend_runs.similar, recommend_runs.popular)


@pytest.fixture(scope="module")
def worths(sample_engine):
    """What each way is worth, by split and name."""
    return {
        split: {
            way.__name__: recommend_runs.worth(way(sample_engine, situations(split)), split) for way in WAYS
        }
        for split in SPLITS
    }


@pytest.mark.parametrize("split", SPLITS)
def test_recommendations_reach_their_floor(worths, split):
    assert worths[split]["recommended"].mean() >= floors()["recommend"][split]


@pytest.mark.parametrize("other", ["contents", "similar", "popular"])
def test_recommendations_are_ahead_of_each_way_without_the_graph(worths, other):
    """Over all situations; the interval of the paired difference is clear of 0."""
    both = [
        recommend_runs.Worth(worths["dev"][name].ndcg | worths["test"][name].ndcg, {}, 0.0)
        for name in ("recommended", other)
    ]
    assert both[0].against(both[1]).low > 0


def test_more_is_served_in_an_hour_than_by_what_is_popular_or_like_the_role(worths):
    for split in SPLITS:
        served = {name: np.mean(list(w.per_hour.values())) for name, w in worths[split].items()}
        assert served["recommended"] > max(served["similar"], served["popular"])


@pytest.mark.parametrize("split", SPLITS)
def test_nearly_all_that_is_listed_has_been_judged(worths, split):
    assert worths[split]["recommended"].judged >= 0.85
