"""Unknown words get near words of the index; known ones are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.repair import Lexicon, in_a_lexicon, jaro_winkler

WORDS = {"diabetes": 30, "delir": 8, "demens": 20, "sepsis": 9, "port": 2, "fallforebygging": 6, "news2": 4}
LEXICON = Lexicon(WORDS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("diabettes", "diabetes"),
        ("diabets", "diabetes"),
        ("demenns", "demens"),
        ("fallforebyging", "fallforebygging"),
    ],
)
def test_a_typo_is_led_to_the_word(typed, meant):
    assert LEXICON.repairs(typed)[0].word == meant


@pytest.mark.parametrize("word", [*WORDS, "KAD", "ny", "news3", "2026", "xqzvw", "plorft"])
def test_known_short_numbered_and_far_words_have_no_candidates(word):
    assert LEXICON.repairs(word) == ()


def test_weights_fall():
    lexicon = Lexicon({"hender": 5, "hendel": 2, "hendet": 9, "henden": 1})
    weights = [r.weight for r in lexicon.repairs("hendex")]
    assert weights == [0.8, 0.4, 0.3]


def test_an_ordinary_word_is_in_a_lexicon_and_a_typo_is_not():
    assert in_a_lexicon("sykehus")
    assert in_a_lexicon("sjukeheim")
    assert not in_a_lexicon("diabettes")


@given(st.text(max_size=8), st.text(max_size=8))
def test_jaro_winkler_is_symmetric_and_between_0_and_1(a, b):
    assert 0 <= jaro_winkler(a, b) <= 1 + 1e-12
    assert jaro_winkler(a, b) == pytest.approx(jaro_winkler(b, a))


@given(st.text(min_size=1, max_size=12))
def test_jaro_winkler_of_a_word_and_itself_is_1(a):
    assert jaro_winkler(a, a) == 1
