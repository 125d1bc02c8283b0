"""A scheme that is put into a vocabulary takes nothing away that was ever used."""

from dataclasses import replace
from pathlib import Path

import pytest

from small_vocabulary import changed, small_vocabulary
from vocab.comparison import compare
from vocab.concept import Concept, ConceptId, ConceptScheme
from vocab.merging import merged, skos_files
from vocab.replaced import with_labels_of_replaced
from vocab.skos import SkosContent, read_skos
from vocab.triples import VocabularyError
from vocab.vocabulary import Vocabulary

FALL, SAFETY, SORE = "tema/fallforebygging", "tema/pasientsikkerhet", "tilstand/trykksar"


@pytest.fixture
def old():
    return small_vocabulary()


def content(vocabulary, *schemes, foreign=None):
    return SkosContent(
        tuple(s for s in vocabulary.schemes if s.id in schemes),
        tuple(c for c in vocabulary if c.scheme in schemes),
        foreign or {},
    )


def test_a_new_scheme_comes_beside_the_others(old):
    los = Vocabulary(
        [ConceptScheme("los", {"nb": "Los"})], [Concept(ConceptId("los/helse"), {"nb": "helse"})]
    )
    uris = {"los": "https://psi.norge.no/los", "los/helse": "https://psi.norge.no/los/tema/helse"}
    changes = compare(old, merged(old, content(los, "los", foreign=uris)))
    assert [c.concept for c in changes.added] == ["los/helse"]
    assert changes.schemes_added == ("los",)
    assert not (changes.removed)
    assert not (changes.changed)
    assert not (changes.deprecated)


def test_a_scheme_of_the_same_name_is_replaced_and_what_it_lacks_is_deprecated(old):
    fall = replace(old[FALL], pref_label={"nb": "fallulykker"})
    new = merged(old, content(changed(old, fall, without=[SAFETY]), "tema"))
    assert new[SAFETY].deprecated
    assert new[SAFETY].pref_label == old[SAFETY].pref_label
    assert new[FALL].hidden_label["nb"] == ("fallforebygging",)
    assert new[FALL].hidden_label["nn"] == ("fallførebygging",)
    assert new[SORE] == old[SORE]


def test_what_is_dropped_is_referred_to_nowhere(old):
    tied = changed(old, replace(old[SORE], related=(ConceptId(SAFETY),)))
    new = merged(tied, content(changed(tied, without=[SAFETY]), "tema"), drop=True)
    assert SAFETY not in new
    assert new[SORE].related == ()
    assert SAFETY not in new.scheme("tema").top_concepts


def test_a_former_label_that_another_concept_has_now_is_not_kept(old):
    fall = replace(old[FALL], pref_label={"nb": "fallulykker"}, alt_label={})
    other = Concept(ConceptId("tema/ny"), {"nb": "fallforebygging"})
    new = merged(old, content(changed(old, fall, other), "tema"))
    assert "nb" not in new[FALL].hidden_label


def test_an_id_that_is_somebody_elses_is_refused(old):
    with pytest.raises(VocabularyError, match=r"theirs\.ttl: tema is https://example\.invalid/tema there"):
        merged(
            old,
            content(old, "tema", foreign={"tema": "https://example.invalid/tema"}),
            source=Path("theirs.ttl"),
        )


def test_files_of_all_schemes_together_are_the_same_vocabulary(old, tmp_path):
    foreign = {"los": "https://psi.norge.no/los", "los/helse": "https://psi.norge.no/los/helse"}
    los = SkosContent(
        (ConceptScheme("los", {"nb": "Los"}),), (Concept(ConceptId("los/helse"), {"nb": "helse"}),), foreign
    )
    whole = merged(changed(old, replace(old[SORE], deprecated=True, replaced_by=ConceptId(FALL))), los)
    files = skos_files(whole)
    assert sorted(files) == ["los.ttl", "prosedyre.ttl", "ressurstype.ttl", "tema.ttl", "tilstand.ttl"]
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    read = read_skos(tmp_path.iterdir(), base_uri="https://example.invalid/kg/")
    again = Vocabulary(read.schemes, read.concepts, foreign=read.foreign, base_uri=whole.base_uri)
    assert not compare(whole, again)
    assert again.version == whole.version


def test_labels_of_replaced_concepts_lead_to_the_replacement(old):
    chain = changed(
        old,
        replace(old[SORE], deprecated=True, replaced_by=ConceptId("tilstand/a")),
        Concept(
            ConceptId("tilstand/a"), {"nb": "sengesår"}, deprecated=True, replaced_by=ConceptId("tilstand/b")
        ),
        Concept(ConceptId("tilstand/b"), {"nb": "trykkskade", "nn": "liggjesår"}),
    )
    labels = with_labels_of_replaced(chain)["tilstand/b"].hidden_label
    assert {"trykksår", "dekubitus", "sengesår"} <= set(labels["nb"])
    assert "trykkskade" not in labels["nb"]
    assert "liggjesår" not in labels["nn"]
    assert with_labels_of_replaced(old) is old


def test_a_name_that_a_concept_in_use_has_is_not_inherited(old):
    new = changed(
        old,
        replace(old[SORE], deprecated=True, replaced_by=ConceptId(FALL)),
        Concept(ConceptId("tilstand/ny"), {"nb": "Dekubitus"}),
    )
    inherited = with_labels_of_replaced(new)[FALL].hidden_label["nb"]
    assert "trykksår" in inherited
    assert "dekubitus" not in inherited
