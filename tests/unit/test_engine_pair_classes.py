"""What two texts are to each other, in each of the seven classes, and what never makes one of them."""

from dataclasses import replace
from datetime import date

import pytest

from engine.model import Resource, Tag
from engine.pair_classes import CLASSES, judge
from engine.pair_evidence import EvidenceReader, numbers_of
from engine.pair_reasons import CLASS_NAMES, reasons
from vocab.concept import ConceptId

BODY = (
    "Gå gjennom rommet sammen med beboeren og se etter løse tepper, ledninger og dårlig lys. Mål blodtrykket liggende "
    "og stående, og spør om svimmelhet. Paracetamol 500 mg kan gis inntil fire ganger i døgnet når smerten hindrer gange."
)
NYNORSK = (
    "Gå gjennom rommet saman med bebuaren og sjå etter lause teppe, leidningar og dårleg lys. Mål blodtrykket liggjande "
    "og ståande, og spør om svimmelheit. Paracetamol 500 mg kan gjevast inntil fire gonger i døgnet når smerta hindrar gange."
)
CENTRAL = Resource("a", "Forebygg fall på rommet", "Kort om fall.", BODY, updated=date(2026, 3, 1))


def kind(a, b, cosine=None):
    vectors = {"a": [1.0, 0.0], "b": [cosine, (1 - cosine**2) ** 0.5]} if cosine is not None else {}
    import numpy as np

    reader = EvidenceReader(lambda r: np.array(vectors[r.id], dtype=np.float32) if vectors else None)
    evidence = reader.read(a, b)
    assert [judge(reader.read(b, a)).kind, judge(evidence).strength] == [
        judge(evidence).kind,
        judge(reader.read(b, a)).strength,
    ]
    return judge(evidence).kind


def other(**changes):
    return replace(CENTRAL, id="b", **changes)


def test_an_identical_copy_may_differ_in_white_space_and_casing_only():
    assert kind(CENTRAL, other(body=BODY.replace(". ", ".\n\n").upper())) == "identical_copy"


@pytest.mark.parametrize(("one", "another"), [("500 mg", "50 mg"), ("500 mg", "500 µg"), ("fire", "fem")])
def test_a_dose_that_differs_is_never_identical(one, another):
    changed = other(body=BODY.replace(one, another))
    assert kind(CENTRAL, changed) == "near_copy"


def test_a_number_that_differs_is_told():
    evidence = EvidenceReader().read(CENTRAL, other(body=BODY.replace("500", "50")))
    assert (evidence.numbers_a, evidence.numbers_b) == (("500",), ("50",))
    assert any("500" in reason and "50" in reason for reason in reasons(evidence, "near_copy", "nb"))


def test_an_older_local_copy_is_outdated_and_a_newer_one_is_not():
    local = other(body=BODY.replace("løse tepper", "tepper"), edition="oslo")
    assert kind(CENTRAL, replace(local, updated=date(2021, 1, 1))) == "outdated_local_copy"
    assert kind(CENTRAL, replace(local, updated=date(2026, 4, 1))) == "near_copy"
    assert kind(CENTRAL, replace(local, updated=None)) == "near_copy"
    assert kind(CENTRAL, replace(local, updated=date(2021, 1, 1), edition="felles")) == "near_copy"


@pytest.mark.parametrize("language", ["nn", "nb", "und"])
def test_bokmal_and_nynorsk_are_a_translation_whatever_the_source_states(language):
    assert kind(CENTRAL, other(body=NYNORSK, summary="Kort om fall.", language=language)) == "translation"


def test_an_english_text_is_a_translation_by_meaning_and_subjects():
    about = (Tag(ConceptId("tema/fallforebygging"), 0.9),)
    english = other(
        title="Prevent falls", summary="", body="Walk through the room with the resident. " * 5, language="en"
    )
    assert kind(replace(CENTRAL, about=about), replace(english, about=about), cosine=0.5) == "translation"
    assert kind(CENTRAL, english, cosine=0.5) == "unrelated"
    assert kind(CENTRAL, english) == "unrelated"  # without a model nothing is known of it


def test_a_local_text_that_names_the_common_one_supplements_it():
    about = (Tag(ConceptId("tema/fallforebygging"), 0.9),)
    local = Resource(
        "b",
        "Fall hos oss",
        "Lokalt tillegg.",
        "Les «Forebygg fall på rommet» først. Ring 99.",
        edition="oslo",
        about=about,
    )
    assert kind(replace(CENTRAL, about=about), local, cosine=0.35) == "local_supplement"
    assert kind(replace(CENTRAL, about=about), replace(local, edition="felles"), cosine=0.35) == "unrelated"


def test_another_text_on_the_same_for_others_is_no_copy():
    about = (Tag(ConceptId("tema/fallforebygging"), 0.9),)
    nurse = replace(CENTRAL, about=about, audience=("sykepleier",))
    cleaner = Resource(
        "b",
        "Gulvet",
        body="Tørk gulvet tørt etter vask, og sett opp skilt så lenge det er vått.",
        audience=("renholder",),
        about=about,
    )
    assert kind(nurse, cleaner, cosine=0.2) == "same_topic_other_role"
    assert kind(nurse, replace(cleaner, audience=("sykepleier",)), cosine=0.2) == "unrelated"


def test_acts_that_change_different_acts_are_no_copies_however_alike():
    text = "I I forskrift 28. juni 2007 nr. {} om {} gjøres følgende endring: Oppdatert liste over byttegruppen følger som vedlegg. Forskriften trer i kraft straks."
    a = Resource("a", "Forskrift om endring i blåreseptforskriften", body=text.format(814, "stønad"))
    b = Resource("b", "Forskrift om endring i aromaforskriften", body=text.format(669, "aroma"))
    assert kind(a, b) == "unrelated"
    assert kind(a, replace(a, id="b", body=a.body.replace("straks", "i morgen"))) == "near_copy"


def test_a_part_of_a_long_text_is_a_near_copy():
    long = replace(CENTRAL, body=f"{BODY} {' '.join(f'ord{i}' for i in range(150))}")
    assert kind(long, other(summary="", body=BODY + " Spør også om syn.")) == "near_copy"


def test_numbers_are_read_however_they_are_written():
    assert numbers_of("Gi 2,5 mg 2–3 ganger") == numbers_of("Gi 2.5 mg 2-3 ganger")


def test_every_class_has_a_name_in_three_languages():
    assert set(CLASS_NAMES) == set(CLASSES)
    assert all(set(names) == {"nb", "nn", "en"} for names in CLASS_NAMES.values())
