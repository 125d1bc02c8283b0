import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.work import instructions
from vocab.analysis import analyse, fold
from vocab.completion import LabelCompleter
from vocab.concept import Concept, ConceptId, ConceptScheme
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary, open_vocabulary

MATCHER = LabelMatcher(open_vocabulary())
COMPLETER = LabelCompleter(open_vocabulary())
COMPLETER.complete("a")  # what is made at the first call is no part of the deadlines below
MOST_STEPS = 10_000
LABELS = [label for _, _, _, label in open_vocabulary().labels()]


def named(text):
    return [match.concept for match in MATCHER.matches(text)]


def asked(text):
    return [match.concept for match in MATCHER.match_query(text)]


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("Sykepleierne fra hjemmetjenesten forebygger trykksår.", ["rolle/sykepleier", "arena/hjemmetjeneste", "tema/trykksarforebygging"]),
        ("Sjukepleiarane ved sjukeheimen", ["rolle/sykepleier", "arena/sykehjem"]),
        ("Hjemmesykepleierne kom", ["rolle/hjemmesykepleier"]),
        ("Hjemmesykepleien kom", ["arena/hjemmetjeneste"]),
        ("hjerte- og lungeredning", ["prosedyre/bhlr"]),
        ("Sukkersyke er et eldre ord", ["tilstand/diabetes"]),
        ("demens med\nlewylegemer", ["tilstand/lewylegeme"]),
        ("Det er dem, og en slags same", []),
        ("Mor og mora til pasienten", []),
        ("", []),
    ],
)  # fmt: skip
def test_labels_are_found_in_running_text(text, concepts):
    assert [c for c in named(text) if c not in {"malgruppe/eldre", "tema/eldre-helse"}] == concepts


def test_the_longest_label_wins():
    assert named("vaskulær demens") == ["tilstand/vaskulaer-demens"]
    assert named("demens") == ["tilstand/demens"]


def test_a_label_does_not_run_over_the_end_of_a_sentence():
    assert "tilstand/vaskulaer-demens" not in named("Skaden er vaskulær. Demens er noe annet.")
    assert "tilstand/vaskulaer-demens" not in named("vaskulær\n\ndemens")


@pytest.mark.parametrize("abbreviation", ["KAD", "ALS", "MI", "IP", "KI", "PAS", "FAST", "LMS", "HF"])
def test_abbreviations_meet_their_capitals_only(abbreviation):
    assert named(f"Se {abbreviation}-prosedyren")
    assert not named(f"se {abbreviation.lower()} her")
    assert not named(f"{abbreviation.capitalize()} her")
    assert asked(abbreviation.lower())


def test_an_ambiguous_label_gives_all_its_concepts_and_says_so():
    matches = MATCHER.matches("KAD")
    assert {m.concept for m in matches} == {"arena/kad", "prosedyre/kateterisering"}
    assert all(m.ambiguous for m in matches)
    assert not MATCHER.matches("trykksår")[0].ambiguous


def test_a_qualifier_is_no_part_of_the_label():
    (match,) = [m for m in MATCHER.matches("Etter vaksinering") if m.concept == "prosedyre/vaksinering"]
    assert match.label == "vaksinering (prosedyre)"
    assert match.surface == "vaksinering"
    assert named("demens") == ["tilstand/demens"], "an alternative label with a qualifier gives way"


def test_schemes_that_are_not_lexical_are_not_named_in_text():
    assert not named("Kurs i håndhygiene")[0].startswith(("krav/", "ressurstype/"))
    assert asked("kurs i håndhygiene") == ["ressurstype/kurs", "prosedyre/handhygiene"]


def test_numbers_are_labels_in_queries_only():
    assert named("De 113 pasientene") == []
    assert asked("113") == ["arena/amk"]


def test_english_labels_meet_plurals_only():
    assert named("Two nurses and the doctor's list") == ["rolle/sykepleier", "rolle/lege"]
    assert "malgruppe/parorende" not in named("Take care of the car")


def test_deprecated_concepts_are_not_named():
    old = Concept(ConceptId("t/old"), {"nb": "trykksår"}, deprecated=True)
    matcher = LabelMatcher(Vocabulary([ConceptScheme("t", {})], [old]))
    assert matcher.matches("trykksår") == []
    assert matcher.complete("trykk") == []


def test_a_list_is_a_label_only_where_the_label_has_the_comma():
    assert named("Helse, miljø og sikkerhet") == ["tema/hms"]
    assert "tilstand/vaskulaer-demens" not in named("vaskulær, demens")


def test_every_preferred_label_of_a_lexical_scheme_finds_its_concept():
    vocabulary = open_vocabulary()
    lexical = {scheme.id for scheme in vocabulary.schemes if scheme.lexical}
    missed = [
        (concept.id, lang, label)
        for concept in vocabulary
        if concept.scheme in lexical
        for lang, label in concept.pref_label.items()
        if concept.id not in asked(label)
    ]
    assert missed == []


@given(st.lists(st.sampled_from(LABELS), max_size=4), st.sampled_from([" ", ". ", ", ", "\n\n"]))
def test_matches_lie_in_the_text_in_order_and_do_not_overlap(labels, between):
    text = between.join(labels)
    matches = MATCHER.matches(text)
    assert [m.surface for m in matches] == [text[m.start : m.end] for m in matches]
    spans = sorted({(m.start, m.end) for m in matches})
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert MATCHER.match_tokens(text, analyse(text)) == matches


@given(st.text(max_size=60))
def test_no_text_is_too_odd(text):
    MATCHER.matches(text)
    MATCHER.match_query(text)
    COMPLETER.complete(text)


@given(st.sampled_from(LABELS), st.integers(1, 30), st.sampled_from(["nb", "nn", "en"]), st.integers(0, 20))
def test_a_completion_begins_with_what_was_typed_somewhere(label, length, lang, k):
    typed = label[:length]
    found = COMPLETER.complete(typed, lang, k)
    assert len(found) <= k
    assert len({c.concept for c in found}) == len(found)
    wanted = " ".join(fold(typed).split())
    letters = str.maketrans("æøå", "aoa")
    for completion in found:
        spelt = fold(completion.label)
        written_out = spelt.replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
        assert any(wanted in text for text in (spelt, written_out, spelt.translate(letters)))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(LABELS), st.sampled_from(["nb", "nn", "en"]))
def test_a_whole_label_completes_to_its_concepts(label, lang):
    concepts = {c for c, _, _ in open_vocabulary().by_label(label)}
    assert concepts <= {c.concept for c in COMPLETER.complete(label, lang, 1000)}


def test_the_language_asked_for_and_the_first_word_come_first():
    assert COMPLETER.complete("sykepl", "nb", 1)[0].label == "sykepleier"
    assert COMPLETER.complete("sjukepl", "nn", 1)[0].label == "sjukepleiar"
    assert COMPLETER.complete("pressure", "en", 1)[0].concept == "tilstand/trykksar"
    assert [c.kind for c in COMPLETER.complete("helsesøs", "nb", 1)] == ["alt"]
    assert COMPLETER.complete("lungeredning", "nb", 3)


@pytest.mark.parametrize(
    ("typed", "meant"), [("sarbeh", "sårbeh"), ("saarbeh", "sårbeh"), ("SÅRBEH", "sårbeh")]
)
def test_letters_may_be_written_otherwise(typed, meant):
    assert COMPLETER.complete(typed) == COMPLETER.complete(meant) != []


def test_nothing_typed_completes_to_nothing():
    assert COMPLETER.complete("") == COMPLETER.complete("  ") == COMPLETER.complete("syke", k=0) == []


def test_a_completion_looks_at_a_part_of_the_labels_only():
    most = max(instructions(lambda p=prefix: COMPLETER.complete(p)) for prefix in "abdefghiklmnoprstuv")
    assert most < MOST_STEPS
