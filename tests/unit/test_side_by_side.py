"""Two texts in rows: nothing is lost, and what differs is marked where it differs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from api.side_by_side import Piece, rows_of
from engine.alignment import segments
from vocab.analysis import analyse


def rows(a, b):
    return rows_of(a, b, segments(analyse(a), analyse(b)))


def side(found, name):
    return "".join(p.text for row in found for p in getattr(row, name))


WORDS = st.sampled_from(["mål", "pulsen", "nøye", "gi", "5", "mg", "nå", ".", "!\n", "\n\n", "«ring»", ", "])
TEXTS = st.lists(WORDS, max_size=40).map(" ".join)


@given(TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_each_side_is_its_whole_text_and_equal_texts_differ_nowhere(a, b):
    found = rows(a, b)
    if analyse(a) or analyse(b):
        assert (side(found, "a"), side(found, "b")) == (a, b)
    assert all(p.kind == "same" for row in rows(a, a) for p in (*row.a, *row.b))
    for row in found:
        assert (row.kind != "same") == any(p.kind != "same" for p in (*row.a, *row.b))


def test_one_changed_word_is_marked_in_its_own_sentence():
    a = "Tell pusten i et helt minutt nå. Ring når skåren er fem eller mer enn det. Skriv det ned med en gang."
    same, changed, last = rows(a, a.replace("fem", "sju"))
    assert (same.kind, changed.kind, last.kind) == ("same", "changed", "same")
    assert [p for p in changed.a if p.kind != "same"] == [Piece("fem", "changed")]
    assert [p for p in changed.b if p.kind != "same"] == [Piece("sju", "changed")]


def test_a_new_sentence_is_a_row_of_its_own():
    a = "Tell pusten i et helt minutt nå. Skriv det ned med en gang."
    b = a.replace(" Skriv", " Vask hendene med sprit først. Skriv")
    assert [row.kind for row in rows(a, b)] == ["same", "only_b", "same"]
    assert [row.kind for row in rows(b, a)] == ["same", "only_a", "same"]


def test_long_sameness_is_folded():
    text = "Tell pusten i et helt minutt nå og skriv det ned. " * 12
    (row,) = rows(text, text)
    assert row.folded
    assert row.words == 132
    assert not rows("Tell pusten nå.", "Tell pusten nå.")[0].folded


def test_words_that_one_has_more_are_marked_on_its_side_alone():
    a = "Det er tirsdag morgen i hjemmet nå."
    (row,) = rows(a, a.replace("morgen", "morgen med regn og vind"))
    assert row.kind == "changed"
    assert {p.kind for p in row.a} == {"same"}
    assert [p.text for p in row.b if p.kind == "only_b"] == ["med regn og vind"]
