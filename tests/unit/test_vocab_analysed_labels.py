from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocab.analysed_labels import LABELS_FILE, AnalysedLabels, analysed_labels, bare_label, labels_file
from vocab.analysis import analyse, analyse_word, fold, is_abbreviation, surface_words
from vocab.columns import Columns, counted, joined, unpacked
from vocab.concept import Concept, ConceptId, ConceptScheme
from vocab.kept import columns_key
from vocab.vocabulary import Vocabulary, open_vocabulary

BUNDLED = open_vocabulary()
LABELS = analysed_labels(BUNDLED)

TURTLE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix t: <https://w3id.org/kompetansegraf/t/> .
<https://w3id.org/kompetansegraf/t> a skos:ConceptScheme .
t:a a skos:Concept ; skos:inScheme <https://w3id.org/kompetansegraf/t> ; skos:prefLabel "fall hos eldre"@nb .
"""


def small(*labels, **more):
    concepts = [Concept(ConceptId(f"t/{n}"), {"nb": label}, **more) for n, label in enumerate(labels)]
    return Vocabulary([ConceptScheme("t", {})], concepts)


def test_the_shipped_labels_are_those_of_the_bundled_vocabulary():
    assert LABELS_FILE.read_bytes() == labels_file(BUNDLED), "run scripts/build_vocabulary.py"


def test_every_label_has_the_words_that_the_analysis_gives():
    assert [(row.concept, row.lang, row.kind, row.text) for row in LABELS] == list(BUNDLED.labels())
    for label in LABELS:
        tokens = analyse(bare_label(label.text))
        assert [(word.surface, word.stem, word.parts) for word in label.words] == [
            (token.surface, token.text, token.parts) for token in tokens
        ]
        assert label.folded == tuple(fold(token.surface) for token in tokens)
        assert label.abbreviation == (len(tokens) == 1 and is_abbreviation(tokens[0].surface))
        assert label.deprecated == BUNDLED[label.concept].deprecated


def test_each_label_is_found_by_its_first_and_by_its_rarest_stem():
    having = Counter(stem for label in LABELS for stem in set(label.stems))
    first = {row: stem for stem in having for row in LABELS.beginning_with(stem)}
    rarest = [(row, stem) for stem in having for row in LABELS.rarest(stem)]
    assert len(rarest) == len(dict(rarest))
    with_words = {label.row: label.stems for label in LABELS if label.stems}
    assert first == {row: stems[0] for row, stems in with_words.items()}
    assert dict(rarest) == {row: min(stems, key=having.__getitem__) for row, stems in with_words.items()}
    assert all(LABELS.count(stem) == count for stem, count in having.items())


def test_a_stem_that_no_label_has_gives_nothing():
    assert (list(LABELS.beginning_with("xyzzy")), list(LABELS.rarest("xyzzy")), LABELS.count("xyzzy")) == (
        [],
        [],
        0,
    )


def test_rows_are_a_sequence():
    assert LABELS[-1] == LABELS[len(LABELS) - 1]
    assert LABELS[3:6] == [LABELS[3], LABELS[4], LABELS[5]]
    with pytest.raises(IndexError):
        LABELS[len(LABELS)]


def test_words_of_labels_are_counted_as_written_without_the_hidden_ones():
    visible = [label for _, _, kind, label in BUNDLED.labels() if kind != "hidden"]
    assert LABELS.spelt == Counter(word for label in visible for word in set(surface_words(label)))


def test_labels_of_function_words_and_numbers_are_told_apart():
    labels = {label.text: label for label in analysed_labels(small("i de", "113", "fall i", "KAD", "!"))}
    assert [labels[text].common_words_only for text in ("i de", "113", "fall i", "KAD")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert labels["KAD"].abbreviation
    assert labels["!"].words == ()


def test_a_label_with_a_qualifier_knows_the_schemes_that_have_it_without():
    fall = Concept(ConceptId("t/a"), {"nb": "Fall"})
    other = Concept(ConceptId("u/b"), {"nb": "noe"}, alt_label={"nb": ("fall (hendelse)", "KAD (sted)")})
    vocabulary = Vocabulary([ConceptScheme("t", {}), ConceptScheme("u", {})], [fall, other])
    labels = analysed_labels(vocabulary)
    assert {labels.text(row): schemes for row, schemes in labels.rivals.items()} == {
        "fall (hendelse)": frozenset({"t"})
    }
    again = Vocabulary(vocabulary.schemes, [Concept(fall.id, fall.pref_label, deprecated=True), other])
    assert analysed_labels(again).rivals == {}


def test_what_was_analysed_is_kept_and_opened_again(tmp_path, monkeypatch):
    file = tmp_path / "t.ttl"
    file.write_text(TURTLE, encoding="utf-8")
    cache = tmp_path / "cache"
    first = list(analysed_labels(open_vocabulary([file], cache_dir=cache)))
    (kept,) = cache.glob("labels-*.bin")
    monkeypatch.setattr("vocab.analysed_labels.surfaces", None)
    assert list(analysed_labels(open_vocabulary([file], cache_dir=cache))) == first
    monkeypatch.setattr("vocab.kept.ANALYSIS_VERSION", "another")
    with pytest.raises(TypeError):
        analysed_labels(open_vocabulary([file], cache_dir=cache))
    assert list(cache.glob("labels-*.bin")) == [kept]


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "foreign", "folder"])
def test_a_damaged_file_is_done_without_and_made_again(tmp_path, damage):
    file = tmp_path / "t.ttl"
    file.write_text(TURTLE, encoding="utf-8")
    cache = tmp_path / "cache"
    whole = list(analysed_labels(open_vocabulary([file], cache_dir=cache)))
    (kept,) = cache.glob("labels-*.bin")
    content = kept.read_bytes()
    if damage == "folder":
        kept.unlink()
        kept.mkdir()
    else:
        changed = content[:-1] + bytes([content[-1] ^ 1])
        wrong = {"cut": content[:-1], "changed": changed, "empty": b"", "foreign": b"{}"}
        kept.write_bytes(wrong[damage])
    assert list(analysed_labels(open_vocabulary([file], cache_dir=cache))) == whole
    assert damage == "folder" or kept.read_bytes() == content


def test_a_vocabulary_from_no_file_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert len(analysed_labels(small("fall"))) == 1
    assert list(tmp_path.rglob("*")) == []


@settings(max_examples=30)
@given(st.lists(st.text(), max_size=6, unique=True))
def test_labels_of_any_signs_are_given_back(texts):
    vocabulary = small(*texts)
    labels = AnalysedLabels(unpacked(labels_file(vocabulary), columns_key(vocabulary, 1)))
    assert [label.text for label in labels] == texts
    assert [label.stems for label in labels] == [
        tuple(analyse_word(token.surface)[0] for token in analyse(bare_label(text))) for text in texts
    ]


@settings(max_examples=25)
@given(
    st.dictionaries(st.text(), st.lists(st.integers(0, 2**32 - 1))),
    st.lists(st.text(st.characters(exclude_categories=()))),
)
def test_columns_come_back_as_they_went(numbers, words):
    columns = Columns(
        {name: counted(column) for name, column in numbers.items()} | {"\0words": joined(words)}
    )
    back = unpacked(columns.packed("key"), "key")
    assert back.words("\0words") == words
    for name in numbers.keys() - {"\0words"}:
        assert back.numbers(name).tolist() == numbers[name]
