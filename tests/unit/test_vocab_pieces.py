"""The words of a text's pieces are the words of the text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vocab import pieces as module
from vocab.analysis import Token, analyse
from vocab.pieces import pieces, places, words_with

LETTERS = st.sampled_from(
    [
        *"ab1052%§-./,–'’KADå",
        " ",
        " ",
        "\u00a0",
        "\u202f",
        "\u00ad",
        "\u200b",
        "\u0301",
        "\n",
        "mg",
        "fall",
        "116 117",
    ]
)


def words_by_pieces(text: str) -> list[Token]:
    return words_with(text, [term for word in analyse(text) for term in (word.text, *word.parts)])


@given(st.lists(LETTERS, max_size=30).map("".join))
@example("Ring 116 117, eller 10 000 kroner")
@example("ved 5 %, 37,5 °C og 120/80 fall")
@example("1 2 %3\u00a0456")
def test_a_text_has_the_words_of_its_pieces(text):
    assert words_by_pieces(text) == analyse(text)


@given(st.text(max_size=40))
def test_so_has_any_text(text):
    assert words_by_pieces(text) == analyse(text)


@pytest.mark.parametrize("text", ["fall fall, fall", "overfall fall", "5 % fall 5 %"])
def test_each_piece_is_found_where_it_stands_and_nowhere_else(text):
    found = places(text, {"fall", "5 %"})
    assert [text[at : at + len(piece)] for at, piece in found] == [piece for _, piece in found]
    assert [piece for _, piece in found] == [piece for piece in pieces(text) if piece in {"fall", "5 %"}]


@given(st.lists(LETTERS, max_size=30).map("".join), st.data())
def test_no_word_with_one_of_the_terms_is_missing(text, data):
    terms = data.draw(st.sets(st.sampled_from(["fall", "mg", "kad", "KAD", "1", "5", "10052", "prosent"])))
    wanted = [word for word in analyse(text) if not terms.isdisjoint((word.text, *word.parts))]
    found = words_with(text, terms)
    assert [word for word in found if not terms.isdisjoint((word.text, *word.parts))] == wanted
    assert all(word in analyse(text) for word in found)


def test_when_too_many_pieces_are_known_it_begins_anew_and_finds_the_same(monkeypatch):
    monkeypatch.setattr(module, "CACHED_PIECES", 3)
    text = "Fallforebygging, og fall hos eldre på sykehjem"
    before = words_with(text, ["fall"])
    words_with("helt andre ord som aldri var her før", ["ord"])
    assert words_with(text, ["fall"]) == before
    assert len(module._known.words) < 20
