"""Labels that are opened as they were kept match and complete as labels do that are analysed one by one."""

import csv
import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from plain_labels import PlainCompleter, PlainMatcher
from vocab.completion import LabelCompleter
from vocab.concept import Concept, ConceptId, ConceptScheme
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary, open_vocabulary

ROOT = Path(__file__).parents[2]
BUNDLED = open_vocabulary()
LABELS = sorted({label for *_, label in BUNDLED.labels()})
KEPT, PLAIN = LabelMatcher(BUNDLED), PlainMatcher(BUNDLED)
KEPT_COMPLETER, PLAIN_COMPLETER = LabelCompleter(BUNDLED), PlainCompleter(BUNDLED)
KEPT_COMPLETER.complete("a")

BETWEEN = st.sampled_from([" ", ", ", "-", "/", "\n", "\n\n", ". ", " og ", " & ", "s ", "ene "])
PIECES = st.one_of(st.sampled_from(LABELS), st.sampled_from(LABELS).map(str.upper), st.text(max_size=5))
SCHEMES = st.sampled_from(["t", "u", "rolle"])
NAMES = st.sampled_from([
    "fall", "Fall (hendelse)", "fall (sted)", "KAD", "kad", "KAD (sted)", "the", "og", "113", "ide", "idé",
    "hospitals", "hospital", "sykepleierne", "hjerte, lunge", "hjerte-lunge", "sår på øyet", "!", "", "Å gå",
])  # fmt: skip
TEXTS = st.lists(NAMES, max_size=3, unique=True).map(tuple)


def bank_texts():
    for file in sorted((ROOT / "indexer/data/sample/resources").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines()[::16]:
            record = json.loads(line)
            yield f"{record['title']}\n{record.get('summary', '')}\n\n{record.get('body', '')}"


def test_texts_of_the_bank_have_the_same_matches():
    texts = list(bank_texts())
    assert len(texts) > 20
    assert [KEPT.matches(text) for text in texts] == [PLAIN.matches(text) for text in texts]


def test_queries_and_labels_have_the_same_matches():
    with (ROOT / "tests/golden/queries.tsv").open(encoding="utf-8", newline="") as lines:
        queries = [row["text"] for row in csv.DictReader(lines, delimiter="\t")] + LABELS[::5]
    assert [KEPT.match_query(query) for query in queries] == [PLAIN.match_query(query) for query in queries]


@settings(deadline=None)
@given(st.lists(st.tuples(PIECES, BETWEEN), max_size=6))
def test_generated_texts_have_the_same_matches(pieces):
    text = "".join(piece + between for piece, between in pieces)
    assert KEPT.matches(text) == PLAIN.matches(text)
    assert KEPT.match_query(text) == PLAIN.match_query(text)


@settings(deadline=None)
@given(
    st.sampled_from(LABELS),
    st.integers(0, 12),
    st.sampled_from(["nb", "nn", "en", "xx"]),
    st.integers(-1, 40),
)
def test_completions_are_the_same(label, length, lang, k):
    for typed in (label[:length], label[-length:], label[:length].upper()):
        assert KEPT_COMPLETER.complete(typed, lang, k) == PLAIN_COMPLETER.complete(typed, lang, k)


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(LABELS), st.integers(3, 12), st.integers(1, 9), st.sampled_from("abeøå-q"))
def test_completions_of_what_is_mistyped_are_the_same(label, length, at, letter):
    for typed in (label[:at] + letter + label[at + 1 : length], label[:at] + letter + label[at:length]):
        assert KEPT_COMPLETER.complete_mistyped(typed) == PLAIN_COMPLETER.complete_mistyped(typed)


@st.composite
def vocabularies(draw):
    concepts = [
        Concept(
            ConceptId(f"{draw(SCHEMES)}/{number}"),
            dict.fromkeys(draw(st.sets(st.sampled_from(["nb", "en"]), max_size=2)), draw(NAMES)),
            alt_label={"nb": draw(TEXTS)},
            hidden_label={"nn": draw(TEXTS)},
            deprecated=draw(st.booleans()) and draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    schemes = [ConceptScheme(name, {}, lexical=draw(st.booleans())) for name in ("t", "u", "rolle")]
    return Vocabulary(schemes, concepts)


@settings(deadline=None)
@given(vocabularies(), st.lists(st.tuples(NAMES, BETWEEN), max_size=4), st.text("fakdshoå( ", max_size=4))
def test_every_vocabulary_is_understood_the_same(vocabulary, pieces, typed):
    text = "".join(piece + between for piece, between in pieces)
    kept, plain = LabelMatcher(vocabulary), PlainMatcher(vocabulary)
    assert kept.matches(text) == plain.matches(text)
    assert kept.match_query(text) == plain.match_query(text)
    for schemes in (None, ["t"]):
        kept_completer, completer = LabelCompleter(vocabulary, schemes), PlainCompleter(vocabulary, schemes)
        assert kept_completer.complete(typed) == completer.complete(typed)
        assert kept_completer.complete_mistyped(typed) == completer.complete_mistyped(typed)


def test_labels_become_objects_when_their_words_are_met_only():
    matcher = LabelMatcher(BUNDLED)
    assert [match.concept for match in matcher.matches("Trykksår")] == ["tilstand/trykksar"]
    assert list(matcher._nodes) == ["trykksår"]
