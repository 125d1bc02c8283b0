"""Readers, patients, places, types and levels are told apart by how they are named, and nothing is said without a reason (N1, N2)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.facet_cues import Cue, standing
from engine.facet_tagging import COLUMNS, READ, FacetTagger
from engine.model import Resource
from vocab.concept import Concept, ConceptId, ConceptScheme
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary, open_vocabulary

VOCABULARY = open_vocabulary()
MATCHER = LabelMatcher(VOCABULARY)
TAGGER = FacetTagger(VOCABULARY, MATCHER)

PIECES = [
    " ",
    "for ",
    "til deg som er ",
    "sykepleier",
    "lege",
    ". ",
    "\n",
    ", ",
    "og ",
    "på ",
    "sykehjem",
    "kronisk ",
]


def proposed(title="", summary="", body="", tagger=TAGGER):
    """The concepts proposed, by column, columns without any left out."""
    found = tagger.propose(title, summary, body)
    columns = {column: [p.concept for p in getattr(found, column)] for column in COLUMNS}
    return {column: concepts for column, concepts in columns.items() if concepts}


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("E-læring om demens for helsefagarbeidere", "rolle/helsefagarbeider"),
        ("E-læring om demens for helsefagarbeidarar", "rolle/helsefagarbeider"),
        ("E-learning on dementia for nurses", "rolle/sykepleier"),
    ],
)
def test_patient_group_audience_and_type_of_one_title_stand_in_their_columns(title, role):
    assert proposed(title) == {
        "audience": [role],
        "patient_groups": ["malgruppe/personer-demens"],
        "resource_type": ["ressurstype/e-laeringskurs"],
    }


@pytest.mark.parametrize(
    "title",
    ["Film for pårørende", "Ein film for pårørande", "A film for relatives", "Til deg som er pårørende"],
)
def test_relatives_that_something_is_for_are_its_audience_and_no_patients(title):
    found = proposed(title)
    assert found["audience"] == ["malgruppe/parorende"]
    assert "patient_groups" not in found


def test_relatives_who_are_spoken_with_are_neither():
    found = proposed("Samtaler med pårørende", "Webinar for sykepleiere.")
    assert found["audience"] == ["rolle/sykepleier"]
    assert "patient_groups" not in found


@pytest.mark.parametrize(
    "boilerplate",
    [
        "Kontakt fagsykepleier ved spørsmål.",
        "Ta kontakt med avdelingssykepleier dersom noe er uklart.",
        "Ta kontakt med avdelingssjukepleiar om noko er uklart.",
        "Har du spørsmål, kan du ringe hygienesykepleieren på sykehuset.",
        "Please contact the hygiene nurse at the hospital.",
        "Påmelding til fagsykepleier på sengeposten.",
    ],
)
def test_whom_to_contact_is_no_reader_and_no_place(boilerplate):
    (name,) = [m for m in MATCHER.matches(boilerplate) if m.concept.startswith("rolle/")]
    assert standing(boilerplate, name.start, name.end).cue is Cue.CONTACT
    assert proposed("Fallforebygging", "Om fall.", f"{boilerplate} " * 8) == {}


@pytest.mark.parametrize(
    "title",
    [
        "Samarbeid med fastlegen",
        "Når skal lege tilkalles?",
        "Hva gjør en ergoterapeut?",
        "Ansvar for sykepleiere",
        "En sykepleier forteller",
        "Sykepleiere forteller om fall",
        "To leger og en jordmor diskuterer fødsler",
    ],
)
def test_who_is_spoken_about_or_speaks_is_no_reader(title):
    assert "audience" not in proposed(title)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Webinar for fysioterapeuter", "rolle/fysioterapeut"),
        ("Målgruppe: fysioterapeuter og vernepleiere", "rolle/vernepleier"),
        ("Kurset er rettet mot nyutdannede jordmødre", "rolle/jordmor"),
        ("Kurset passer for helsefagarbeidere", "rolle/helsefagarbeider"),
        ("Kurset eignar seg for vernepleiarar", "rolle/vernepleier"),
        ("Du er nyvalgt verneombud", "rolle/verneombud"),
        ("Aimed at physiotherapists", "rolle/fysioterapeut"),
        ("E-læring for erfarne og nyutdannede radiografer", "rolle/radiograf"),
        ("Filmen følger en hjemmesykepleier", "rolle/hjemmesykepleier"),
    ],
)
def test_readers_are_known_by_what_stands_before_them(text, role):
    assert role in proposed("Noe nytt", text)["audience"]


def test_readers_in_the_body_count_in_the_plural_only_and_little():
    assert "audience" not in proposed(
        "Fall", "Om fall.", "Dette er viktig for lege. Ring til lege. Meld til lege."
    )


def test_a_profession_at_work_in_a_place_is_the_role_that_works_there():
    found = proposed("Delirium i sykehjem", "For leger med ansvar for beboere.")
    assert found["audience"] == ["rolle/sykehjemslege"]
    assert found["arenas"] == ["arena/sykehjem"]


def test_a_profession_at_work_in_two_places_stays_what_it_is():
    found = proposed("Delirium i sykehjem og på legevakt", "Webinar for leger.")
    assert found["audience"] == ["rolle/lege"]
    assert set(found["arenas"]) == {"arena/sykehjem", "arena/legevakt"}


def test_what_stands_far_down_a_long_text_is_not_read():
    assert "arenas" in proposed("Kurs", "Om fall.", "På sykehjem. " * 30)
    assert "arenas" not in proposed("Kurs", "Om fall.", "\n" * READ + "På sykehjem. " * 30)


def test_the_place_of_a_role_is_proposed_with_it():
    assert proposed("Kurs for hjemmesykepleiere")["arenas"] == ["arena/hjemmetjeneste"]


def test_where_patients_come_from_or_go_to_says_less_than_where_it_is_done():
    assert "arenas" not in proposed("Sepsis", "Samarbeid med spesialisthelsetjenesten.")
    assert proposed("Sepsis", "Observasjon på sykehjem.")["arenas"] == ["arena/sykehjem"]


def test_a_wide_arena_gives_way_to_a_more_exact_one():
    assert proposed("Fall på sykehjem i kommunehelsetjenesten")["arenas"] == ["arena/sykehjem"]


def test_the_first_part_of_a_compound_names_a_place():
    assert proposed("Tolk", "Filmen viser en legevaktkonsultasjon.")["arenas"] == ["arena/legevakt"]


@pytest.mark.parametrize(
    ("title", "group"),
    [
        ("Alzheimers sykdom", "malgruppe/personer-demens"),
        ("Behandling av barn med astma", "malgruppe/barn"),
        ("Treningsgruppe for folk med kols", "malgruppe/kronisk-syke"),
        ("Sårbehandling i hjemmetjenesten", "malgruppe/hjemmeboende"),
    ],
)
def test_patients_are_named_or_known_by_their_condition_or_place(title, group):
    assert group in proposed(title)["patient_groups"]


def test_suicidal_acts_are_no_mental_disorder():
    assert "patient_groups" not in proposed("Å spørre om selvmordstanker")


def test_patients_are_readers_of_patient_information():
    assert proposed("Brosjyre til gravide")["audience"] == ["malgruppe/gravide"]
    assert "audience" not in proposed("Prosedyre: inhalasjon til barn")


def test_an_abbreviation_of_two_things_is_no_place():
    assert "arenas" not in proposed("KAD: når skal kateteret ut?")


def test_the_laboratory_s_system_is_no_doctor():
    assert "audience" not in proposed("LIS: nytt system på laboratoriet")
    assert proposed("Kurs for LIS")["audience"] == ["rolle/lis1", "rolle/lis2", "rolle/lis3"]


@pytest.mark.parametrize(
    ("title", "summary", "kind"),
    [
        ("Forflytning", "Kort film om stell.", "film"),
        ("Forflytning", "Demonstrasjonsfilm for fysioterapeuter.", "film"),
        ("Dagskurs i palliasjon", "Påmelding innen fredag.", "kurs"),
        ("Kurs i palliasjon", "Tre moduler.", "e-laeringskurs"),
        ("Uro", "To sykepleiere snakker om uro.", "podkast"),
        ("Fall", "Åtte minutters leksjon om fall.", "mikrolaering"),
        ("Lov om helsepersonell", "", "lovtekst"),
    ],
)
def test_types_are_what_a_text_calls_itself(title, summary, kind):
    assert proposed(title, summary)["resource_type"] == [f"ressurstype/{kind}"]


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Grunnkurs i legemiddelhåndtering", "grunnleggende"),
        ("Sårstell for viderekomne", "videregaende"),
        ("Observasjon for helsefaglærlinger", "grunnleggende"),
        ("Videregående skole", None),
    ],
)
def test_levels_are_said_in_words_or_by_readers_who_learn(title, level):
    found = TAGGER.propose(title).level
    assert [p.concept for p in found] == ([] if level is None else [f"niva/{level}"])
    assert all(p.spans for p in found)


def test_every_proposal_has_a_score_a_rule_and_the_words_that_made_it():
    texts = {"title": "Kurs for sykepleiere i sykehjem", "summary": "Om demens. Grunnkurs.", "body": "Noe."}
    found = TAGGER.propose(**texts)
    for column in COLUMNS:
        assert getattr(found, column)
        for p in getattr(found, column):
            assert 0.5 <= p.score < 1
            assert p.rule
            assert p.spans
            for span in p.spans:
                assert texts[span.field][span.start : span.end].strip()


def test_without_a_summary_the_beginning_of_the_body_is_read_as_one():
    text = "Webinar for sykepleiere om smerte.\n\nMer tekst om lege og sykehus."
    (reader,) = TAGGER.propose("Smerte", body=text).audience
    assert reader.rule == "after “for” in the beginning"
    (span,) = reader.spans
    assert (span.field, text[span.start : span.end]) == ("body", "sykepleiere")


def test_excluded_concepts_and_schemes_are_not_proposed():
    title = "E-læring om demens for helsefagarbeidere"
    found = TAGGER.propose(title, exclude=["rolle/helsefagarbeider", "ressurstype"])
    assert not found.audience
    assert not found.resource_type
    assert found.patient_groups
    never = FacetTagger(VOCABULARY, MATCHER, exclude=["malgruppe"])
    assert not never.propose(title).patient_groups


def test_what_a_source_states_stands_alone():
    text = "Webinar for sykepleiere på sykehjem"
    bare = TAGGER.propose_missing(Resource("r", text))
    assert bare.audience
    assert bare.arenas
    stated = TAGGER.propose_missing(
        Resource(
            "r",
            text,
            audience=("lege",),
            arena=("legevakt",),
            patient_group=("barn",),
            resource_type="film",
            level="avansert",
        )
    )
    assert not [column for column in COLUMNS if getattr(stated, column)]
    for_a_group = TAGGER.propose_missing(Resource("r", text, audience_group=("parorende",)))
    assert not for_a_group.audience


@settings(max_examples=40)
@given(*[st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join)] * 3)
def test_no_text_is_an_error(title, summary, body):
    found = TAGGER.propose(title, summary, body)
    assert len(found.level) <= 1
    assert len(found.resource_type) <= 1


def test_a_vocabulary_without_our_schemes_gives_no_proposals():
    concept = Concept(ConceptId("yso/nurses"), {"en": "nurses"})
    other = Vocabulary([ConceptScheme("yso", {"en": "YSO"})], [concept])
    assert proposed("Lov om nurses", tagger=FacetTagger(other, LabelMatcher(other))) == {}
