"""Operators are found where somebody meant them; everything else is text, and nothing is an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.operators import MOST, find_operators


def said(text):
    found = find_operators(text)
    return (
        [o.text for o in found.phrases],
        [[o.text for o in choice] for choice in found.choices],
        [o.text for o in found.excluded],
    )


@pytest.mark.parametrize(
    ("text", "phrases", "choices", "excluded"),
    [
        ('"fall hos eldre" hjemme', ["fall hos eldre"], [], []),
        ("«fall hos eldre»", ["fall hos eldre"], [], []),
        ("“fall hos eldre”", ["fall hos eldre"], [], []),
        ("„fall“", ["fall"], [], []),
        ('("fall hos eldre")', ["fall hos eldre"], [], []),
        ("fall -sykehjem", [], [], ["sykehjem"]),
        ("fall \u2212sykehjem", [], [], ["sykehjem"]),
        ('-"fall hos eldre"', [], [], ["fall hos eldre"]),
        ("-e-læring demens", [], [], ["e-læring"]),
        ("kols OR astma", [], [["kols", "astma"]], []),
        ("kols ELLER astma OR allergi", [], [["kols", "astma", "allergi"]], []),
        ('"type 2" OR diabetes kost', [], [["type 2", "diabetes"]], []),
        ("a OR b c OR d", [], [["a", "b"], ["c", "d"]], []),
        ('sykepleier "fall" -film kols OR astma', ["fall"], [["kols", "astma"]], ["film"]),
    ],
)
def test_what_is_meant_as_an_operator_is_one(text, phrases, choices, excluded):
    assert said(text) == (phrases, choices, excluded)


@pytest.mark.parametrize(
    "text",
    [
        "((", "-", "- fall", "fall -", '"', '""', '"(("', '"fall', 'fall"', "AND OR", "OR", "OR fall", "fall OR",
        "fall OR OR sår", "AND OR fall", "HPR: 123", "*", "e-læring", "covid-19", "covid -19", "-5 grader",
        "fall or sår", "fall eller sår", '5" slange 10" rør', "lege- og sykepleierstudent", "fall – eldre",
        "internal_note:hemmelig", "\x00", "-\ud800", '-"', '-""', "--fall",
    ],
)  # fmt: skip
def test_everything_else_is_text(text):
    found = find_operators(text)
    assert not found
    assert found.text == text


def test_an_exclusion_beside_or_is_no_operand_of_it():
    assert said("fall OR -sår") == ([], [], ["sår"])
    assert said("-sår OR fall") == ([], [], ["sår"])


def test_what_is_left_of_the_text_stands_where_it_stood():
    text = 'kort "fall hos" -film kols OR astma'
    found = find_operators(text)
    assert len(found.text) == len(text)
    assert found.text.split() == ["kort", "fall", "hos", "kols", "astma"]
    for operand in (*found.phrases, *found.choices[0], *found.excluded):
        assert text[operand.start : operand.end] == operand.text


def test_only_what_stands_between_quotation_marks_is_quoted():
    text = 'fall "hos eldre" OR sår'
    found = find_operators(text)
    assert [found.quotes(text.index(w), text.index(w) + len(w)) for w in ("fall", "hos", "eldre", "sår")] == [
        False, True, True, False,
    ]  # fmt: skip


def test_very_many_operators_are_cut():
    assert len(find_operators("-a " * 500).excluded) == MOST


@given(st.text(alphabet='ab"«»“- \n\t()ORELLERæ1\x00\ud800', max_size=40))
def test_any_text_is_taken_apart(text):
    found = find_operators(text)
    assert len(found.text) == len(text)
    assert (found.text == text) == (not found)
    assert all(o.written for o in found.quoted)
