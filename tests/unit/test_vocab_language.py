import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocab.language import detect_language

BOKMÅL = "Sykepleieren forebygger trykksår ved å snu pasienten ofte og holde huden tørr. Pårørende kan ikke alltid hjelpe."
NYNORSK = "Sjukepleiaren førebyggjer trykksår ved å snu pasienten ofte og halde huda tørr. Pårørande kan ikkje alltid hjelpe."
ENGLISH = "The nurse prevents pressure ulcers by turning the patient often and keeping the skin dry. Relatives cannot always help."
SÁMI = "Buohccidivššár veahkeha buohcciid ja sin bearrašiid. Dearvvasvuođabálvalus lea dehálaš buohkaide."
DANISH = "Sygeplejersken forebygger tryksår ved at vende patienten ofte og holde huden tør. Pårørende kan ikke altid hjælpe."


@pytest.mark.parametrize(
    ("text", "lang"), [(BOKMÅL, "nb"), (NYNORSK, "nn"), (ENGLISH, "en"), (SÁMI, "se"), (DANISH, "da")]
)
def test_paragraphs_of_five_languages(text, lang):
    found, confidence = detect_language(text)
    assert found == lang
    assert 0.5 < confidence <= 1


@pytest.mark.parametrize(
    ("query", "lang"),
    [
        ("smittevern", "nb"),
        ("håndhygiene", "nb"),
        ("sjukepleiarar", "nn"),
        ("wound care", "en"),
        ("how to prevent falls", "en"),
        ("pressure ulcer prevention", "en"),
        ("NEWS2", "nb"),
        ("fallforebygging hos eldre", "nb"),
    ],
)
def test_short_queries(query, lang):
    assert detect_language(query)[0] == lang


@pytest.mark.parametrize("text", ["", " ", "123 456", "?!", "\n\n\n" * 500])
def test_no_letters_is_bokmål_without_confidence(text):
    assert detect_language(text) == ("nb", 0.0)


def test_a_quotation_does_not_decide_a_long_text():
    text = "\n\n".join([NYNORSK] * 8 + [ENGLISH] * 2)
    lang, confidence = detect_language(text)
    assert lang == "nn"
    assert 0.5 < confidence < 1
    assert detect_language("\n\n".join([NYNORSK] * 2 + [ENGLISH] * 8))[0] == "en"


def test_a_very_long_text_is_sampled_over_its_whole_length():
    assert detect_language("\n\n".join([ENGLISH] * 3000))[0] == "en"
    half = "\n\n".join([ENGLISH] * 400 + [BOKMÅL] * 900)
    assert detect_language(half)[0] == "nb"


@given(st.text(max_size=80))
def test_any_text_has_a_language_and_a_confidence(text):
    lang, confidence = detect_language(text)
    assert lang in {"nb", "nn", "en", "se", "da", "sv"}
    assert 0 <= confidence <= 1
    assert detect_language(text) == (lang, confidence)
