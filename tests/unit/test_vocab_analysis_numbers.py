import pytest

from vocab.analysis import analyse, grams, surface_words


def terms(text):
    return [token.text for token in analyse(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5 mg", "5mg"),
        ("5 mg", "5 MG"),
        ("1,5ml", "1.5 ml"),
        ("37,5 °C", "37.5°C"),
        ("2 %", "2%"),
        ("2 %", "2 prosent"),
        ("120/80mmHg", "120/80 mmhg"),
        ("1.9.2025", "01.09.2025"),
        ("§ 4-2", "§4\u20132"),
        ("§ 4-2", "paragraf 4-2"),
        ("10 000", "10\u00a0000"),
        ("116 117", "116117"),
        ("0-6 år", "0\u20136 år"),
    ],
)
def test_two_spellings_of_a_number_meet(one, other):
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1.9.2025", ["1", "9", "2025"]),
        ("2025-09-01", ["2025", "9", "1"]),
        ("B12 og H5N1", ["b12", "og", "h5n1"]),
        ("3D-modell", ["3d", "modell"]),
        ("21 07 70 00", ["21", "7", "70", "0"]),
        ("2017 2018", ["2017", "2018"]),
        ("uke 7, 8 og 9", ["uke", "7", "8", "og", "9"]),
        ("versjon 1.2.3", ["versjon", "1", "2", "3"]),
    ],
)
def test_numbers_that_stand_alone(text, wanted):
    assert terms(text) == wanted


@pytest.mark.parametrize(
    ("text", "term", "parts"),
    [
        ("120/80", "120/80", ("120", "80")),
        ("4-2", "4-2", ("4", "2")),
        ("2024\u20132025", "2024-2025", ("2024", "2025")),
        ("37,5", "37.5", ("37", "5")),
        ("116 117", "116117", ("116", "117")),
    ],
)
def test_a_number_of_two_is_also_met_by_each(text, term, parts):
    (token,) = analyse(text)
    assert (token.text, token.parts, token.surface) == (term, parts, text)


def test_an_abbreviation_in_capitals_has_its_spelling_too():
    assert [(t.text, t.parts) for t in analyse("KAD kad Kad")] == [
        ("kad", ("KAD",)),
        ("kad", ()),
        ("kad", ()),
    ]
    assert [t.parts for t in analyse("FAST fast")] == [("FAST",), ()]


def test_no_number_breaks_the_grams_or_the_count_of_words():
    text = "116 117, 37,5 °C, 120/80, 2 % og § 4-2: 5mg"
    assert not any(" " in gram for gram in grams(text))
    assert len(surface_words(text)) == len(analyse(text))
    assert grams("2 %") == grams("2 prosent")
