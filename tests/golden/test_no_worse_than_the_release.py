"""The regression gate: what search is worth now, query by query, against the run saved with the last release.

A floor lets quality sink to it; the gate doesn't. A deliberate change saves a new run:
``python scripts/golden_report.py --write --save``.
"""

import dataclasses

import pytest

from cli.saved_run import compare
from golden import measuring

MARGIN = 0.01
"""How far the mean nDCG@10 of all answered queries may fall."""

GROUP_MARGIN = 0.04
"""How far the mean of one group, of 16 to 23 queries, may fall."""


@pytest.fixture(scope="module")
def now(sample_engine, answers):
    return measuring.golden_run(sample_engine, answers)


@pytest.fixture(scope="module")
def release():
    return measuring.last_release()


def fallen(now, before):
    """Return what fell by more than its margin: measures of all queries, groups."""
    found = compare(now, before)
    return {
        **{m: d for m, d in found.overall.items() if d.mean < -MARGIN},
        **{t: d for t, d in found.types.items() if d.mean < -GROUP_MARGIN},
    }


def test_search_is_no_worse_than_in_the_last_release(now, release):
    assert fallen(now, release) == {}


def test_queries_without_an_answer_are_as_silent_as_in_the_last_release(now, release):
    assert len(now.silent) >= len(release.silent)


def test_a_fall_is_seen(now, release):
    """One group a little worse, and every query a very little worse, are both too much."""
    worse = {
        q: {m: v - 0.05 if now.types[q] == "inflection" else v for m, v in values.items()}
        for q, values in release.per_query.items()
    }
    assert "inflection" in fallen(dataclasses.replace(release, per_query=worse), release)
    slightly = {q: {m: v - 0.011 for m, v in values.items()} for q, values in release.per_query.items()}
    assert set(fallen(dataclasses.replace(release, per_query=slightly), release)) == {
        "nDCG@10",
        "MRR@10",
        "Recall@100",
    }


def test_the_saved_run_says_how_it_was_made(release):
    assert release.settings["mode"] == "hybrid"
    assert release.settings["model"]
    assert release.versions.keys() >= {"kompetansegraf", "analysis", "vocabulary", "python", "tantivy"}
