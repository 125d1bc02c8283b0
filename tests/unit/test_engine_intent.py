"""Words that wish for a type, reader, arena, level, length or edition are told from those of the topic."""

import pytest

from engine.intent import EDITIONS, find_wishes
from vocab.analysis import analyse
from vocab.matcher import LabelMatcher
from vocab.vocabulary import open_vocabulary

VOCABULARY = open_vocabulary()
MATCHER = LabelMatcher(VOCABULARY)


def wishes(text):
    return find_wishes(text, analyse(text), MATCHER.match_query(text), VOCABULARY)


def said(text, *, aside=None):
    return {
        (w.facet, w.values[0][0]): text[w.start : w.end] for w in wishes(text) if aside in {None, w.aside}
    }


def test_type_length_and_reader_are_asides_and_the_topic_is_none():
    assert said("kort film om demens for helsefagarbeider", aside=True) == {
        ("duration", "0-15"): "kort",
        ("resource_type", "film"): "film",
        ("audience", "helsefagarbeider"): "helsefagarbeider",
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("film om fall", "film"),
        ("video om fall", "film"),
        ("podcast om fall", "podkast"),
        ("e-læring i smittevern", "e-laeringskurs"),
        ("nettkurs i smittevern", "e-laeringskurs"),
        ("sjekkliste for fall", "sjekkliste"),
        ("prosedyre for kateter", "fagprosedyre"),
        ("rettleiar om fall", "veileder"),
        ("video about falls", "film"),
        ("guideline for sepsis", "retningslinje"),
        ("medication course", "kurs"),
        ("kurs i smittevern", "kurs"),
    ],
)
def test_types_are_known_in_three_written_forms(text, value):
    assert ("resource_type", value) in said(text, aside=True)


def test_a_course_may_be_of_both_kinds():
    (wish,) = wishes("kurs i smittevern")
    assert [value for value, _ in wish.values] == ["kurs", "e-laeringskurs"]


@pytest.mark.parametrize(
    "text", ["demens for sykepleiere", "demens til sjukepleiarar", "dementia for nurses"]
)
def test_a_role_after_for_is_a_reader(text):
    assert ("audience", "sykepleier") in said(text, aside=True)


def test_all_roles_that_are_joined_after_for_are_readers():
    assert set(said("demens for sykepleiere og fysioterapeuter", aside=True)) == {
        ("audience", "sykepleier"), ("audience", "fysioterapeut"),
    }  # fmt: skip


def test_a_role_without_for_may_be_a_reader_and_stays_in_the_topic():
    assert said("fysioterapeut fallforebygging", aside=False) == {
        ("audience", "fysioterapeut"): "fysioterapeut"
    }
    assert said("fysioterapeut fallforebygging", aside=True) == {}


@pytest.mark.parametrize(
    "text",
    ["veiledning av sykepleierstudenter", "samarbeid med fastlegen", "handover from ambulance by nurses"],
)
def test_a_role_after_av_or_med_is_the_topic(text):
    assert not any(facet == "audience" for facet, _ in said(text))


def test_a_patient_group_is_not_the_audience():
    found = said("e-læring om personer med demens for helsefagarbeidere")
    assert [value for facet, value in found if facet.startswith("audience")] == ["helsefagarbeider"]
    assert not any(facet.startswith("audience") for facet, _ in said("legemidler hos barn"))
    assert ("audience_group", "parorende") in said("film for pårørende", aside=False)
    assert "audience" not in {facet for facet, _ in said("film for pårørende")}


def test_kin_of_a_role_count_half():
    (wish,) = wishes("fall for hjemmesykepleiere")
    assert wish.values[0] == ("hjemmesykepleier", 1.0)
    assert ("sykepleier", 0.5) in wish.values


@pytest.mark.parametrize(
    ("text", "buckets"),
    [
        ("e-læring under 15 min om fall", ["0-15"]),
        ("film på 10 minutter", ["0-15"]),
        ("film på 20 minutt", ["16-30"]),
        ("kurs på maks 45 minutter", ["31-60", "16-30", "0-15"]),
        ("course less than 30 minutes", ["16-30", "0-15"]),
        ("15-minutters film", ["0-15"]),
        ("kurs på 2 timer", ["61-"]),
        ("kort film", ["0-15"]),
        ("korte videoer om fall", ["0-15"]),
        ("short video about falls", ["0-15"]),
        ("kort om delir", ["0-15"]),
    ],
)
def test_lengths_are_buckets(text, buckets):
    (wish,) = (w for w in wishes(text) if w.facet == "duration")
    assert [value for value, _ in wish.values] == buckets
    assert wish.aside


@pytest.mark.parametrize("text", ["24 timers blodtrykk", "kort pust", "lommekort", "fall 15", "0 min film"])
def test_what_only_looks_like_a_length_is_none(text):
    assert not any(w.facet == "duration" for w in wishes(text))


def test_levels_are_known_in_three_written_forms():
    for text in ("grunnleggende ernæring", "grunnleggjande ernæring", "basic nutrition"):
        assert ("level", "grunnleggende") in said(text)
    assert ("level", "videregaende") in said("videregående smittevern")
    for text in ("videregående skole", "videregående opplæring i helsefag"):
        assert not any(facet == "level" for facet, _ in said(text))


def test_editions_are_known_by_area_and_hospital():
    assert said("rutine for fall på Ahus", aside=False) == {("edition", "ahus"): "Ahus"}
    assert said("Sykehuset i Vestfold sepsis") == {("edition", "vestfold"): "Sykehuset i Vestfold"}
    assert ("edition", "innlandet") in said("SEPSIS INNLANDET")
    assert len({name for names in EDITIONS.values() for name in names}) == sum(map(len, EDITIONS.values()))


def test_a_topic_that_is_a_type_too_stays_a_topic():
    for text in ("fallforebygging", "diabetes", "", "((", "kan jeg gi mat"):
        assert said(text) == {}
