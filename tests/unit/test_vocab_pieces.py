"""The words of a text's pieces are the words of the text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vocab.analysis import Token, analyse
from vocab.pieces import pieces, places, words_of

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
    return [
        Token(word.text, at + word.start, at + word.end, word.surface, word.parts)
        for at, piece in places(text, set(pieces(text)))
        for word in words_of(piece)[1]
    ]


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


def test_all_terms_of_a_piece_are_told():
    terms, words = words_of("hjemmesykepleierne,")
    assert terms == {"hjemmesykepleier", "hjem", "sykepleier"}
    assert [word.surface for word in words] == ["hjemmesykepleierne"]
