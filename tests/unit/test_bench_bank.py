"""The generated bank is what the program would make of such resources, and it is the same each time."""

from collections import Counter
from importlib.resources import files
from itertools import chain

import numpy as np
import pytest

from bench.bank import BATCH, Bank
from bench.cloud import MODEL_VECTORS
from engine.entry import FACETS, make_entry

SIZE = 600


@pytest.fixture(scope="module")
def bank():
    return Bank(SIZE, seed=3)


@pytest.fixture(scope="module")
def entries(bank):
    return list(chain.from_iterable(bank.batches()))


def test_an_entry_is_what_the_analysis_makes_of_its_resource(bank, entries):
    for entry in entries[:80]:
        made = make_entry(entry.resource, bank.vocabulary, entry.passages, entry.vectors)
        for name in ("terms", "grams", "surface", "title_surface", "facets", "numbers"):
            assert getattr(made, name) == getattr(entry, name), (name, entry.resource.id)


def test_there_are_as_many_as_asked_for_in_id_order(entries):
    ids = [entry.resource.id for entry in entries]
    assert len(ids) == SIZE > BATCH
    assert ids == sorted(set(ids))


def test_the_same_seed_gives_the_same_bank_and_another_seed_another(bank, entries):
    same = Bank(SIZE, seed=3)
    again, other = next(same.batches()), next(Bank(SIZE, seed=4).batches())
    assert [e.resource for e in again] == [e.resource for e in entries[:BATCH]]
    np.testing.assert_array_equal(again[7].vectors, entries[7].vectors)
    assert [e.resource.title for e in other] != [e.resource.title for e in again]
    assert [q.topic for q in bank.queries(5)] == [q.topic for q in same.queries(5)]


def test_bodies_have_60_to_300_words_and_passages_that_end_with_sentences(entries):
    for entry in entries:
        body = entry.resource.body
        assert 60 <= len(body.split()) <= 300
        assert 1 <= len(entry.passages) <= 4
        assert all(body[passage.end - 1] == "." for passage in entry.passages)
        assert entry.passages[0].start == 0
        assert entry.passages[-1].end == len(body)


def test_vectors_are_unit_rows_one_a_passage_and_as_near_each_other_as_real_ones(entries):
    vectors = np.concatenate([entry.vectors for entry in entries])
    owners = np.repeat(np.arange(SIZE), [len(entry.passages) for entry in entries])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert len(vectors) == len(owners)
    cosines = vectors @ vectors.T
    same = owners[:, None] == owners[None, :]
    unrelated = np.percentile(cosines[~same], [5, 50, 95])
    np.testing.assert_allclose(unrelated, real_quantiles(), atol=0.018)
    np.fill_diagonal(same, val=False)
    of_one = np.percentile(cosines[same], [5, 50, 95])
    np.testing.assert_allclose(of_one, [0.321, 0.484, 0.631], atol=0.08)
    assert abs(of_one[1] - 0.484) < 0.02


def real_quantiles():
    """Cosines of any two passages of the sample bank, as its vectors come with the program."""
    with np.load(files("indexer").joinpath(MODEL_VECTORS)) as archive:
        real = archive["vectors"]
    return np.percentile((real @ real.T)[np.triu_indices(len(real), 1)], [5, 50, 95])


def test_queries_are_as_near_to_the_bank_as_real_ones(bank, entries):
    vectors = np.concatenate([entry.vectors for entry in entries])
    cosines = np.stack([query.vector for query in bank.queries(100)]) @ vectors.T
    np.testing.assert_allclose(np.percentile(cosines, [5, 50, 95]), [-0.109, -0.005, 0.120], atol=0.03)
    assert 0.3 < np.median(cosines.max(axis=1)) < 0.42


def test_queries_are_as_near_to_what_they_ask_for_as_real_ones(bank):
    rng = np.random.default_rng(0)
    subtopics = np.arange(600) % len(bank.cloud.centres)
    wanted = bank.cloud.passages(rng, subtopics, np.ones(600, dtype=np.int64))
    queries = bank.cloud.queries(rng, subtopics, wanted)
    np.testing.assert_allclose(np.linalg.norm(queries, axis=1), 1, atol=1e-5)
    asked = np.percentile(np.vecdot(queries, wanted), [5, 50, 95])
    np.testing.assert_allclose(asked, [0.085, 0.329, 0.510], atol=0.06)


def test_every_column_is_filled_and_skewed(entries):
    for name in FACETS:
        counts = Counter(value for entry in entries for value in entry.facets[name])
        assert len(counts) > 1, name
        assert max(counts.values()) > 2 * np.median(list(counts.values())) or len(counts) < 5, name
    assert {"published", "updated", "review_due", "duration"} == set().union(*(e.numbers for e in entries))


def test_word_frequencies_fall_as_in_real_text(entries):
    counts = Counter(word for entry in entries for word in entry.surface)
    frequencies = np.array(sorted(counts.values(), reverse=True))
    ranks = np.arange(1, len(frequencies) + 1)
    few = (ranks >= 10) & (ranks <= 3000)
    slope = np.polyfit(np.log(ranks[few]), np.log(frequencies[few]), 1)[0]
    assert -1.3 < slope < -0.5
    assert np.mean(frequencies == 1) > 0.05
