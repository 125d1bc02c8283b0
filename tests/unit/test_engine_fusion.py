"""Fused scores are standardised sums: scale-free, additive, and blind to the page size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fusion import fuse, standardised
from engine.model import Candidates

SCORES = st.lists(st.floats(0, 50, allow_nan=False), min_size=1, max_size=20)


def candidates(lexical, similarity):
    lex, sim = np.array(lexical, dtype=float), np.array(similarity, dtype=float)
    known = np.nan_to_num(lex)
    there = sim[~np.isnan(sim)]
    return Candidates(
        ids=tuple(f"r{i:02}" for i in range(len(lex))),
        lexical=lex,
        cosine=sim,
        similarity=sim,
        passage=np.full(len(lex), -1),
        numbers={},
        facets={},
        population=(len(lex), known.sum(), (known**2).sum()),
        similarity_population=(len(there), there.sum(), (there**2).sum()),
    )


@given(SCORES, st.floats(0, 1))
def test_the_score_is_the_sum_of_its_parts(values, share):
    fused = fuse(candidates(values, values[::-1]), share=share)
    np.testing.assert_allclose(fused.score, fused.lexical + fused.dense)


@given(SCORES, st.floats(1.5, 100))
def test_the_scale_of_a_leg_does_not_matter(values, factor):
    a = fuse(candidates(values, values[::-1]), share=0.5)
    b = fuse(candidates([factor * v for v in values], values[::-1]), share=0.5)
    if np.std(values) > 1e-3:
        np.testing.assert_allclose(a.score, b.score, atol=1e-6)


@given(SCORES)
def test_share_0_is_words_only_and_share_1_similarity_only(values):
    c = candidates(values, values[::-1])
    assert not fuse(c, share=0.0).dense.any()
    assert not fuse(c, share=1.0).lexical.any()


def test_without_any_vector_the_words_have_it_all():
    c = candidates([1.0, 3.0], [np.nan, np.nan])
    assert fuse(c, share=0.7).score.tolist() == [-1.0, 1.0]


def test_a_row_without_vectors_has_the_mean_similarity():
    fused = fuse(candidates([1.0, 1.0, 1.0], [0.8, np.nan, 0.9]), share=1.0)
    assert fused.dense[1] == pytest.approx(0.0)
    assert fused.dense[0] < 0 < fused.dense[2]


def test_a_population_without_spread_gives_zeros():
    assert standardised(np.array([2.0, 2.0]), (2, 4.0, 8.0)).tolist() == [0.0, 0.0]
    assert standardised(np.array([2.0]), (0, 0.0, 0.0)).tolist() == [0.0]
