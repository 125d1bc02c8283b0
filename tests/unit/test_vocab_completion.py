"""Beginnings that are mistyped by one letter."""

from hypothesis import given
from hypothesis import strategies as st

from vocab.completion import LONGEST_MISTYPED, SHORTEST_MISTYPED, Beginnings, LabelCompleter, near_beginnings
from vocab.vocabulary import open_vocabulary

COMPLETER = LabelCompleter(open_vocabulary())
WORDS = Beginnings({"demens": 9, "demensomsorg": 4, "denne": 30, "sykepleier": 12, "sykehus": 20})
WORD = st.text("abcdeæø", min_size=SHORTEST_MISTYPED, max_size=9)


@given(WORD, st.data())
def test_every_single_mistake_after_the_first_letter_is_mended(word, data):
    at = data.draw(st.integers(1, len(word) - 1))
    letter = data.draw(st.sampled_from("abæk"))
    kind = data.draw(st.sampled_from(["missing", "extra", "wrong", "swapped"]))
    typed = {
        "missing": word[:at] + word[at + 1 :],
        "extra": word[:at] + letter + word[at:],
        "wrong": word[:at] + letter + word[at + 1 :],
        "swapped": word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] if at > 1 else word,
    }[kind]
    longer_or_same = typed.startswith(word) or word.startswith(typed)  # nothing is mistyped so far
    assert longer_or_same or len(typed) < SHORTEST_MISTYPED or word in set(near_beginnings(typed))


@given(st.text(max_size=LONGEST_MISTYPED + 5))
def test_what_is_near_is_never_what_was_typed_and_long_texts_are_left_alone(typed):
    near = list(near_beginnings(typed))
    assert typed not in near
    assert len(near) == len(set(near)) <= 60 * (len(typed) + 1)
    if not SHORTEST_MISTYPED <= len(typed) <= LONGEST_MISTYPED:
        assert near == []


def test_frequent_words_come_first_and_a_known_beginning_is_known():
    assert WORDS.near("demnes") == ["demens"]
    assert WORDS.near("sykel", 2) == ["sykeh", "sykep"]
    assert WORDS.near("xqzv") == []
    assert "dem" in WORDS
    assert "demens" in WORDS
    assert "demensx" not in WORDS


def test_labels_are_completed_from_a_mistyped_beginning_in_the_language_asked_for():
    assert COMPLETER.complete("demnes") == []
    assert "demens" in [c.label for c in COMPLETER.complete_mistyped("demnes", "nb")]
    assert "dementia" in [c.label for c in COMPLETER.complete_mistyped("demetnia", "en")]
    assert COMPLETER.complete_mistyped("dem") == []
    assert COMPLETER.complete_mistyped("demnes", k=0) == []
    found = [c.concept for c in COMPLETER.complete_mistyped("sykelpeier", "nb", 20)]
    assert len(found) == len(set(found)) > 1
