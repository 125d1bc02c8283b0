"""What every `engine.ports.Embedder` promises.

A new adapter subclasses `EmbedderContract` and overrides `embedder`.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from engine.ports import Embedder

TEXTS = ["Fallforebygging hos eldre", "Sårstell i hjemmet", "Fallforebygging hos eldre", "læring på jobb"]
ODD = ["", " ", "\x00", "a\x00b", "\ud800", "👵🏽", "\u202e", "ø" * 300, "\n\t", "query: passage:"]


class EmbedderContract:
    same_row = 0.0
    """How far a coordinate may lie from that of the same text among others."""

    @pytest.fixture
    def embedder(self) -> Embedder:
        raise NotImplementedError("override me")

    def test_it_names_its_model_and_its_size(self, embedder):
        assert embedder.model_id
        assert embedder.dim > 0
        assert -1.0 <= embedder.floor <= 1.0

    @pytest.mark.parametrize("kind", ["query", "passage"])
    def test_rows_are_unit_float32(self, embedder, kind):
        rows = embedder.encode(TEXTS, kind)
        assert rows.shape == (len(TEXTS), embedder.dim)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)

    @pytest.mark.parametrize("kind", ["query", "passage"])
    def test_the_same_text_gives_the_same_row_alone_or_among_others(self, embedder, kind):
        rows = embedder.encode(TEXTS, kind)
        np.testing.assert_allclose(rows[0], rows[2], atol=self.same_row, rtol=0)
        for text, row in zip(TEXTS, rows, strict=True):
            np.testing.assert_allclose(embedder.encode([text], kind)[0], row, atol=self.same_row, rtol=0)
        assert not np.allclose(rows[0], rows[1], atol=10 * self.same_row)

    @pytest.mark.parametrize("kind", ["query", "passage"])
    def test_no_text_is_an_error(self, embedder, kind):
        rows = embedder.encode(ODD, kind)
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)

    @pytest.mark.parametrize("kind", ["query", "passage"])
    def test_no_texts_give_no_rows(self, embedder, kind):
        rows = embedder.encode([], kind)
        assert rows.shape == (0, embedder.dim)
        assert rows.dtype == np.float32

    def test_a_row_may_be_written_to_without_changing_later_answers(self, embedder):
        before = embedder.encode(["fall"], "query")
        kept = before.copy()
        before[:] = 0
        np.testing.assert_array_equal(embedder.encode(["fall"], "query"), kept)

    def test_a_passage_that_answers_is_above_the_floor_and_nearer_than_another(self, embedder):
        (query,) = embedder.encode(["forebygge fall hos eldre"], "query")
        right, wrong = embedder.encode(
            ["Forebygge fall hos eldre: slik kan du forebygge fall hjemme.", "Amming den første uken."],
            "passage",
        )
        assert right @ query > wrong @ query
        assert right @ query >= embedder.floor > wrong @ query

    def test_threads_may_share_it(self, embedder):
        texts = [f"{text} {n}" for n in range(3) for text in TEXTS[:2]]
        expected = embedder.encode(texts, "query")
        with ThreadPoolExecutor(3) as pool:
            for rows in pool.map(lambda _: embedder.encode(texts, "query"), range(3)):
                np.testing.assert_array_equal(rows, expected)
