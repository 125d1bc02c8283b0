"""Texts are aligned word by word: shared passages, and what differs, with places that can be shown."""

import random

from hypothesis import given
from hypothesis import strategies as st

from engine import alignment
from engine.alignment import equal_blocks, segments
from vocab.analysis import analyse

words = st.lists(st.sampled_from(["fall", "eldre", "sko", "lys", "gulv", "dose"]), max_size=40)


@given(words, words)
def test_blocks_are_equal_words_in_order(a, b):
    at_a = at_b = 0
    for i, j, n in equal_blocks(a, b):
        assert i >= at_a
        assert j >= at_b
        assert n > 0
        assert a[i : i + n] == b[j : j + n]
        at_a, at_b = i + n, j + n


@given(words)
def test_a_text_is_all_of_itself(a):
    assert sum(n for *_, n in equal_blocks(a, a)) == len(a)


def test_long_texts_are_aligned_in_pieces_as_well_as_at_once(monkeypatch):
    rng = random.Random(3)
    a = [f"ord{rng.randrange(800)}" for _ in range(3000)]
    b = [w for w in a if rng.random() > 0.1]
    whole = sum(n for *_, n in equal_blocks(a, b))
    monkeypatch.setattr(alignment, "_AT_ONCE", 200_000)
    pieces = equal_blocks(a, b)
    assert all(a[i : i + n] == b[j : j + n] for i, j, n in pieces)
    assert sum(n for *_, n in pieces) >= 0.99 * whole == 0.99 * len(b)


def test_segments_cover_both_texts_in_order():
    a = "Mål pulsen nøye hver time. Ring lege ved tvil om dosen. Gi 5 mg."
    b = "Mål pulsen nøye hver time. Gi 10 mg. Noter det i journalen."
    found = segments(analyse(a), analyse(b))
    assert [s.kind for s in found] == ["same", "changed"]
    assert a[slice(*found[0].a)] == b[slice(*found[0].b)] == "Mål pulsen nøye hver time"
    assert "5 mg" in a[slice(*found[1].a)]
    assert "10 mg" in b[slice(*found[1].b)]
