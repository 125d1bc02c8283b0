"""Passages are handed to the model in pieces that suit it, and each text once."""

from itertools import pairwise

import numpy as np
import pytest

from engine.adapters.hashing_embedder import HashingEmbedder
from engine.adapters.sqlite_vector_cache import SqliteVectorCache
from indexer.embedding import TEXTS_AT_ONCE, PassageEmbedder


class Listening(HashingEmbedder):
    def __init__(self):
        self.pieces = []

    def encode(self, texts, kind):
        self.pieces.append(list(texts))
        return super().encode(texts, kind)


@pytest.fixture
def cache(tmp_path):
    cache = SqliteVectorCache(tmp_path / "vectors.db")
    yield cache
    cache.close()


def test_texts_of_like_length_are_computed_together_and_rows_keep_their_places(cache):
    model = Listening()
    texts = ["x" * (1 + 7 * n % 150) for n in range(150)]
    rows = PassageEmbedder(model, cache).vectors([*texts, texts[0]])
    np.testing.assert_array_equal(rows, HashingEmbedder().encode([*texts, texts[0]], "passage"))
    assert sorted(map(len, model.pieces)) == [150 - 2 * TEXTS_AT_ONCE, TEXTS_AT_ONCE, TEXTS_AT_ONCE]
    spans = sorted((min(map(len, piece)), max(map(len, piece))) for piece in model.pieces)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_what_is_cached_is_not_computed_again(cache):
    PassageEmbedder(HashingEmbedder(), cache).vectors(["a", "b"])
    model = Listening()
    PassageEmbedder(model, cache).vectors(["b", "c", "a", "c"])
    assert model.pieces == [["c"]]
