"""What is told of two vocabularies is what is different in them, all of it and nothing else."""

from dataclasses import replace

import pytest

from small_vocabulary import changed, small_vocabulary
from vocab.comparison import Deprecation, FieldChange, NamedConcept, compare
from vocab.concept import Concept, ConceptId, ConceptMapping
from vocab.vocabulary import Vocabulary

FALL, SAFETY, SORE = "tema/fallforebygging", "tema/pasientsikkerhet", "tilstand/trykksar"


@pytest.fixture
def old():
    return small_vocabulary()


def fields_of(old, new):
    changes = compare(old, new)
    return {(c.concept, f.field): (f.lost, f.won) for c in changes.changed for f in c.fields}


def test_equal_vocabularies_have_no_changes(old):
    assert not compare(old, small_vocabulary())
    same_elsewhere = Vocabulary(old.schemes, old.concepts, base_uri="https://example.invalid/")
    assert not compare(old, same_elsewhere)


def test_concepts_that_come_and_go_are_named(old):
    injury = Concept(ConceptId("tilstand/trykkskade"), {"nb": "trykkskade"})
    changes = compare(old, changed(old, injury, without=[SORE]))
    assert changes.added == (NamedConcept("tilstand/trykkskade", "trykkskade"),)
    assert changes.removed == (NamedConcept(SORE, "trykksår"),)


def test_a_deprecated_concept_tells_what_is_to_be_used_in_the_end(old):
    first = replace(old[SORE], deprecated=True, replaced_by=ConceptId("tilstand/a"))
    between = Concept(
        ConceptId("tilstand/a"), {"nb": "a"}, deprecated=True, replaced_by=ConceptId("tilstand/b")
    )
    new = changed(old, first, between, Concept(ConceptId("tilstand/b"), {"nb": "b"}))
    assert compare(old, new).deprecated == (Deprecation(SORE, "trykksår", "tilstand/b"),)
    assert compare(new, old).restored == (NamedConcept(SORE, "trykksår"),)
    dead_end = changed(old, replace(old[SORE], deprecated=True))
    assert compare(old, dead_end).deprecated[0].replaced_by is None
    assert compare(dead_end, new).deprecated == (Deprecation(SORE, "trykksår", "tilstand/b"),)


@pytest.mark.parametrize(
    ("field", "value", "lost", "won"),
    [
        ("pref_label", {"nb": "fallulykker"}, ("en: fall prevention", "nb: fallforebygging", "nn: fallførebygging"),
         ("nb: fallulykker",)),
        ("hidden_label", {"nb": ("fallforebyging",)}, (), ("nb: fallforebyging",)),
        ("broader", (), (SAFETY,), ()),
        ("related", (SORE,), (), (SORE,)),
        ("mappings", (ConceptMapping("exact", "mesh", "D1"),), (), ("exact mesh D1",)),
        ("notation", "F1", (), ("F1",)),
        ("note", "kontrollert", (), ("kontrollert",)),
        ("replaced_by", SAFETY, (), (SAFETY,)),
    ],
)  # fmt: skip
def test_every_field_that_changes_is_told_with_what_it_lost_and_won(old, field, value, lost, won):
    new = Vocabulary(
        old.schemes, [replace(c, **{field: value}) if c.id == FALL else c for c in old], base_uri=old.base_uri
    )
    assert fields_of(old, new) == {(FALL, field): (lost, won)}
    assert fields_of(new, old) == {(FALL, field): (won, lost)}


def test_schemes_are_compared_too(old):
    silent = [replace(s, lexical=False) if s.id == "tema" else s for s in old.schemes]
    told = compare(old, Vocabulary(silent, old.concepts, base_uri=old.base_uri)).schemes
    assert [(c.concept, c.fields) for c in told] == [
        ("tema", (FieldChange("lexical", ("true",), ("false",)),))
    ]
    fewer = changed(old, without=[c.id for c in old if c.scheme == "prosedyre"])
    assert compare(old, fewer).schemes_removed == ("prosedyre",)
    assert compare(fewer, old).schemes_added == ("prosedyre",)


def test_another_uri_is_a_change(old):
    moved = Vocabulary(
        old.schemes, old.concepts, foreign={FALL: "https://example.invalid/f"}, base_uri=old.base_uri
    )
    assert fields_of(old, moved) == {
        (FALL, "uri"): ((f"{old.base_uri}{FALL}",), ("https://example.invalid/f",))
    }
