"""What may tell who somebody is never passes, however it is written; what people ask of health does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.common_names import FAMILY_NAMES, FIRST_NAMES
from engine.known_words import all_known, normalised
from engine.personal_text import is_identity_number, personal, plain
from vocab.vocabulary import open_vocabulary

VOCABULARY = open_vocabulary()
SEPARATORS = ["", " ", ".", "-", "–", "\u00a0", " - ", "/", "_", "·", "\u2009", "\u200b", "\u00ad"]
DIGITS = ["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"]


def control(nine):
    """Return the two last digits of an identity number, None where there are none."""
    d = [int(c) for c in nine]
    first = -sum(w * v for w, v in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), d, strict=True)) % 11
    second = -sum(w * v for w, v in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), [*d, first], strict=True)) % 11
    return None if 10 in {first, second} else f"{first}{second}"


@st.composite
def identity_numbers(draw):
    """Fødselsnummer and D-numbers with right control digits."""
    day = draw(st.integers(1, 31)) + draw(st.sampled_from([0, 40]))
    nine = f"{day:02}{draw(st.integers(1, 12)):02}{draw(st.integers(0, 99)):02}{draw(st.integers(0, 999)):03}"
    last = control(nine)
    if last is None:
        nine = nine[:6] + next(f"{n:03}" for n in range(1000) if control(nine[:6] + f"{n:03}"))
        last = control(nine)
    return nine + last


def written(draw, digits):
    """Return a number as somebody might write it: anything between the digits, and digits of any script."""
    script = draw(st.sampled_from(DIGITS))
    gap = draw(st.sampled_from(SEPARATORS))
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=len(digits)))
    groups, at = [], 0
    for size in sizes:
        groups.append(digits[at : at + size])
        at += size
    groups.append(digits[at:])
    return gap.join(g for g in groups if g).translate(str.maketrans("0123456789", script))


@st.composite
def numbers_in_text(draw, digits):
    number = written(draw, draw(digits))
    before, after = draw(
        st.sampled_from([("", ""), ("fall ", ""), ("", " delir"), ("fnr:", "."), ("(", ")")])
    )
    return before + number + after


@settings(max_examples=60)
@given(numbers_in_text(identity_numbers()))
def test_an_identity_number_is_found_however_it_is_written(text):
    assert personal(text) is not None
    assert personal(text, running=True) is not None


@settings(max_examples=60)
@given(numbers_in_text(st.from_regex(r"(\+47|0047|47)?[2-9]\d{7}", fullmatch=True)))
def test_a_telephone_number_is_found_however_it_is_written(text):
    assert personal(text) is not None


@settings(max_examples=60)
@given(numbers_in_text(st.from_regex(r"[3-6]\d{12,18}", fullmatch=True)))
def test_a_card_number_is_found_however_it_is_written(text):
    assert personal(text) is not None


@given(st.from_regex(r"[a-zæøå0-9._+-]{1,20} ?[@＠] ?[a-z0-9-]{1,20}\.[a-z]{2,4}", fullmatch=True))
def test_an_email_address_is_found(text):
    assert personal(f"spør {text} om fall") == "email"


@settings(deadline=None)  # the vocabulary is read first
@given(st.text(max_size=300))
def test_any_text_is_looked_at_without_a_fault_and_what_is_plain_stays_so(text):
    assert plain(plain(text)) == plain(text)
    personal(text)
    all_known(normalised(text), VOCABULARY, lambda stems: {})


@given(identity_numbers())
def test_right_control_digits_are_known_and_a_wrong_last_one_is_not(number):
    assert is_identity_number(number)
    assert not is_identity_number(number[:-1] + str((int(number[-1]) + 1) % 10))
    assert personal(number) == "identity_number"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("010190 og 12345", "birth_date"),
        ("123 og 4567 og 89", "number"),
        ("kari 010145", "birth_date"),
        ("pasient født 41.01.90", "birth_date"),
        ("kari(at)example.org", "email"),
        ("kari krøllalfa example punktum no", "email"),
        ("https://journal.example/pasient", "address"),
        ("journal.example/?id=7", "address"),
        ("www.example.org", "address"),
        ("10.0.12.7", "address"),
        ("null en null en ni null", "number"),
        ("Kari Nordmann", "name"),
        ("Nordmann, Kari", "name"),
        ("kari b. hansen diabetes", "name"),
        ("ANNE MARIE OLSEN", "name"),
        ("bjørn berg", "name"),
    ],
)
def test_what_may_tell_of_a_person_is_named_by_its_kind(text, kind):
    assert personal(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "fall hos eldre",
        "covid-19",
        "NEWS2",
        "116117",
        "legevakt 116 117",
        "nødnummer 113",
        "plan 2023-2024",
        "ICD-10 F05",
        "blodtrykk 120/80",
        "22q11",
        "helsepersonelloven § 48",
        "morbus parkinson",
        "stein i nyre",
        "dag 1 etter operasjon",
        "hjertefrekvens 60-100",
    ],
)
def test_what_people_ask_of_health_passes(text):
    assert personal(text) is None


def known(text, counts=None):
    return all_known(normalised(text), VOCABULARY, lambda stems: counts or {})


@pytest.mark.parametrize(
    "text",
    ["delir hos eldre", "Fallforebyggingskurs", "news2", "trykksår på hælen", "fall prevention", "PVK"],
)
def test_shared_words_may_be_kept(text):
    assert known(text)


@pytest.mark.parametrize(
    "text",
    [
        "nordmann",
        "haugland",
        "hansen",
        "kari",
        "solveig delir",
        "qwertyuiop",
        "delir hos xyqz",
        "Tr0ub4dor",
        "12345",
        "",
        "fall " * 30,
        "ord " * 11,
    ],
)
def test_names_and_words_that_nobody_shares_may_not(text):
    assert not known(text)


def test_a_word_of_five_resources_is_shared_and_a_name_is_not():
    assert not known("xyqz", {"xyqz": 4})
    assert known("xyqz", {"xyqz": 5})
    assert not known("solveig", {"solveig": 50})


@given(st.sampled_from(sorted(FIRST_NAMES)), st.sampled_from(sorted(FAMILY_NAMES)))
def test_a_full_name_of_the_list_is_never_kept(first, family):
    assert personal(f"{first} {family}") is not None
    assert personal(f"søk {family}, {first}") is not None or family in FIRST_NAMES
