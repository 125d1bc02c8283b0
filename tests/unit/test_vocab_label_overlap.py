"""Labels in texts, whole or in part: words in any order, compounds apart, longest first, abbreviations in capitals."""

import pytest

from vocab.analysis import analyse
from vocab.concept import Concept, ConceptId, ConceptScheme
from vocab.label_overlap import ALTERNATIVE, INSIDE, PART, WHOLE, LabelOverlap
from vocab.vocabulary import Vocabulary


def concept(name, nb, alt=(), **rest):
    return Concept(ConceptId(f"t/{name}"), {"nb": nb}, {"nb": tuple(alt)} if alt else {}, **rest)


VOCABULARY = Vocabulary(
    [ConceptScheme("t", {"nb": "tema"})],
    [
        concept("fall", "fall"),
        concept("fallforebygging", "fallforebygging", ["forebygging av fall"]),
        concept("gjennomgang", "legemiddelgjennomgang"),
        concept("legemidler", "legemidler"),
        concept("beredskap", "beredskap og katastrofemedisin"),
        concept("kad", "KAD"),
        concept("demens", "demens"),
        concept("samtykke", "samtykkekompetanse", deprecated=True, replaced_by=ConceptId("t/beslutning")),
        concept("beslutning", "beslutningskompetanse"),
        concept("borte", "epidemi", deprecated=True),
    ],
)
LABELS = LabelOverlap(VOCABULARY, lambda concept: True)


def shares(text):
    return {concept.split("/")[1]: round(o.share, 2) for concept, o in LABELS.overlaps(text).items()}


def mentions(text):
    return {concept.split("/")[1]: m for concept, m in LABELS.mentions(text, analyse(text)).items()}


def test_a_label_that_stands_there_counts_whole_and_an_alternative_one_a_little_less():
    assert shares("Legemidler")["legemidler"] == 1
    assert shares("Forebygging av fall")["fallforebygging"] == ALTERNATIVE


def test_the_order_of_words_does_not_matter_and_inflections_meet():
    assert shares("Fallet: om forebygginga av det")["fallforebygging"] == ALTERNATIVE


def test_a_compound_meets_its_parts_and_parts_meet_the_compound():
    assert shares("Gjennomgang av legemidler")["gjennomgang"] == pytest.approx(PART, abs=0.01)
    assert 0.3 < shares("Øvelse i helseberedskap")["beredskap"] < PART


def test_half_a_label_counts_by_the_weight_of_its_words():
    assert 0.4 < shares("Øvelse i beredskap")["beredskap"] < 0.6
    assert "beredskap" not in shares("Øvelse i og")


def test_what_stands_inside_a_longer_label_counts_less():
    assert shares("Fall hos eldre")["fall"] == 1
    assert shares("Forebygging av fall")["fall"] == INSIDE
    assert mentions("Forebygging av fall er viktig.").keys() == {"fallforebygging"}
    assert mentions("Fall skjer. Forebygging av fall er viktig.").keys() == {"fall", "fallforebygging"}


def test_an_abbreviation_only_meets_capitals():
    assert shares("KAD hos menn")["kad"] == 1
    assert "kad" not in shares("kad hos menn")
    assert mentions("Legg KAD.").keys() == {"kad"}
    assert not mentions("Legg kad.")


def test_a_word_that_shares_a_stem_by_chance_is_no_form():
    assert "demens" not in shares("Det er dem som")
    assert not mentions("Det er dem som kom.")


def test_labels_of_what_was_replaced_lead_to_the_replacement_and_those_without_one_nowhere():
    found = LABELS.overlaps("Samtykkekompetanse ved epidemi")
    assert found.keys() == {"t/beslutning"}
    assert found["t/beslutning"].kind == "hidden"
    assert found["t/beslutning"].label == "samtykkekompetanse"


def test_mentions_count_sentences_with_the_whole_label_and_tell_places():
    text = "Legemidler hjelper. Andre legemidler skader, og legemidlene blandes.\nIkke nå. Legemidler!"
    found = mentions(text)["legemidler"]
    assert found.count == 3
    assert [text[start:end].lower() for start, end in found.spans] == [
        "legemidler",
        "legemidler",
        "legemidlene",
        "legemidler",
    ]


def test_words_of_two_sentences_are_no_label():
    assert "fallforebygging" not in mentions("Vi snakker om fall. Forebygging er noe annet.")


def test_no_words_no_labels():
    assert LABELS.overlaps("") == {}
    assert LABELS.mentions("", []) == {}
    assert LabelOverlap(Vocabulary([], []), lambda concept: True).overlaps("fall") == {}


def test_whole_is_reached_by_alternative_labels_only_when_all_words_stand_there():
    assert ALTERNATIVE >= WHOLE
    assert PART < WHOLE
