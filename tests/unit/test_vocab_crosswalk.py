import random

import pytest

from tests.work import instructions
from vocab.concept import Concept, ConceptId, ConceptMapping, ConceptScheme
from vocab.crosswalk import propose_mappings
from vocab.vocabulary import Vocabulary


def concept(name, nb=None, en=None, **more):
    labels = {lang: text for lang, text in (("nb", nb), ("en", en)) if text}
    return Concept(ConceptId(name), labels, **more)


def of(*concepts, **more):
    return Vocabulary([ConceptScheme(s, {"nb": s}) for s in {c.scheme for c in concepts}], concepts, **more)


def only(source, target, **more):
    (proposal,) = propose_mappings(source, target, **more)
    return proposal


def test_two_languages_are_exact_and_worth_more_than_one():
    two = only(of(concept("a/x", "sykehjem", "nursing home")), of(concept("b/y", "Sykehjem", "Nursing home")))
    one = only(of(concept("a/x", "sykehjem")), of(concept("b/y", "sykehjem", "care home")))
    assert (two.match, one.match) == ("exact", "close")
    assert two.confidence > one.confidence
    assert {(m.lang, m.source_kind, m.target_label, m.same) for m in two.labels} == {
        ("nb", "pref", "Sykehjem", True), ("en", "pref", "Nursing home", True),
    }  # fmt: skip


def test_inflected_and_alternative_labels_are_worth_less():
    target = of(concept("b/y", "trykksår", alt_label={"nb": ("liggesår",)}))
    equal = only(of(concept("a/x", "trykksår")), target).confidence
    inflected = only(of(concept("a/x", "trykksårene")), target)
    alternative = only(of(concept("a/x", "liggesår")), target)
    assert equal > inflected.confidence > 0
    assert not inflected.labels[0].same
    assert equal > alternative.confidence > 0


def test_bokmal_and_nynorsk_meet_as_one_language():
    source = of(Concept(ConceptId("a/x"), {"nn": "sjukeheim"}))
    both = of(Concept(ConceptId("a/x"), {"nn": "sykehjem", "nb": "sykehjem"}))
    target = of(Concept(ConceptId("b/y"), {"nb": "sykehjem", "nn": "sykehjem"}))
    assert only(source, target).target == "b/y"
    assert only(both, target).match == "close"


def test_words_of_two_languages_that_look_alike_do_not_meet():
    assert propose_mappings(of(concept("a/x", en="fast")), of(concept("b/y", nb="fast"))) == []


def test_a_label_of_several_concepts_is_worth_less_and_never_exact():
    source = of(concept("a/x", "triage", "triage"))
    alone = only(source, of(concept("b/y", "triage", "triage")))
    shared = propose_mappings(
        source, of(concept("b/y", "triage", "triage"), concept("c/z", "triage", "triage"))
    )
    assert [p.target for p in shared] == ["b/y", "c/z"]
    assert {p.match for p in shared} == {"close"}
    assert all(p.confidence < alone.confidence for p in shared)


def test_neighbours_that_correspond_support_a_pair():
    source = of(concept("a/up", "sår"), concept("a/x", "leggsår", broader=(ConceptId("a/up"),)))
    target = of(concept("b/up", "sår"), concept("b/y", "leggsår", broader=(ConceptId("b/up"),)))
    alone = of(concept("b/up", "sår"), concept("b/y", "leggsår"))
    supported = next(p for p in propose_mappings(source, target) if p.source == "a/x")
    bare = next(p for p in propose_mappings(source, alone) if p.source == "a/x" and p.match == "close")
    assert supported.neighbours == (("a/up", "b/up"),)
    assert bare.neighbours == ()
    assert supported.confidence > bare.confidence


@pytest.mark.parametrize(
    ("of_target", "expected"),
    [("exact", "exact"), ("close", "close"), ("broad", "narrow"), ("narrow", "broad")],
)
def test_what_the_target_states_is_taken_over_from_the_other_side(of_target, expected):
    source = of(concept("mesh/D1", "noe"), foreign={"mesh/D1": "http://id.nlm.nih.gov/mesh/D1"})
    target = of(concept("b/y", "annet", mappings=(ConceptMapping(of_target, "mesh", "D1"),)))
    found = only(source, target)
    assert (found.match, found.confidence, found.code) == (expected, 1.0, "mesh:D1")


def test_codes_and_notations_connect_without_any_label():
    by_third = only(
        of(concept("a/x", "en", mappings=(ConceptMapping("exact", "icd10", "I50"),))),
        of(concept("b/y", "to", mappings=(ConceptMapping("exact", "icd10", "I50"),))),
    )
    by_notation = only(
        of(concept("styrk08/x", "en", notation="2221")),
        of(concept("b/y", "to", mappings=(ConceptMapping("broad", "styrk08", "2221"),))),
    )
    assert (by_third.match, by_third.code) == ("exact", "icd10:I50")
    assert by_third.confidence < 1
    assert (by_notation.match, by_notation.code) == ("narrow", "styrk08:2221")


def test_the_surest_statement_of_a_pair_counts():
    direct = ConceptMapping("exact", "mesh", "D1")
    third = ConceptMapping("close", "icd10", "I50")
    source = of(
        concept("mesh/D1", "noe", mappings=(third,)), foreign={"mesh/D1": "http://id.nlm.nih.gov/mesh/D1"}
    )
    found = only(source, of(concept("b/y", "annet", mappings=(direct, third))))
    assert (found.match, found.confidence, found.code) == ("exact", 1.0, "mesh:D1")


def test_a_stated_broader_concept_does_not_hide_the_same_concept():
    source = of(concept("a/x", "trykksår", mappings=(ConceptMapping("broad", "uri", "https://w3id.org/kompetansegraf/b/up"),)))  # fmt: skip
    target = of(concept("b/up", "sår"), concept("b/y", "trykksår"))
    assert {(p.target, p.match) for p in propose_mappings(source, target)} == {
        ("b/up", "broad"),
        ("b/y", "close"),
    }


def test_a_stated_mapping_of_broader_concepts_supports_a_pair():
    stated = ConceptMapping("exact", "uri", "https://w3id.org/kompetansegraf/b/up")
    below = concept("a/x", "leggsår", broader=(ConceptId("a/up"),))
    target = of(concept("b/up", "noe annet"), concept("b/y", "leggsår", broader=(ConceptId("b/up"),)))
    with_it = propose_mappings(of(concept("a/up", "noe", mappings=(stated,)), below), target)
    without = propose_mappings(of(concept("a/up", "noe"), below), target)
    assert [p.neighbours for p in with_it if p.source == "a/x"] == [(("a/up", "b/up"),)]
    assert [p.neighbours for p in without] == [()]


def test_a_label_that_everybody_has_says_nothing():
    source = of(*(concept(f"a/{i}", "annet") for i in range(20)))
    assert propose_mappings(source, of(*(concept(f"b/{i}", "annet") for i in range(20))), floor=0.0) == []


def test_what_has_no_counterpart_is_below_that_of_its_parent_or_of_its_last_part():
    source = of(
        concept("a/up", "allergi", "allergy"),
        concept("a/x", "noe helt annet", broader=(ConceptId("a/up"),)),
        concept("a/pollen", "pollenallergi"),
    )
    target = of(concept("b/y", "allergi", "allergy"))
    found = {p.source: p for p in propose_mappings(source, target)}
    assert found["a/up"].match == "exact"
    assert (found["a/x"].match, found["a/x"].neighbours) == ("broad", (("a/up", "b/y"),))
    assert (found["a/pollen"].match, found["a/pollen"].labels[0].target_label) == ("broad", "allergi")
    turned = {(p.source, p.target): p.match for p in propose_mappings(target, source)}
    assert turned["b/y", "a/pollen"] == "narrow"


def test_deprecated_concepts_take_no_part():
    old = concept("a/x", "allergi", deprecated=True)
    assert propose_mappings(of(old), of(concept("b/y", "allergi"))) == []
    assert propose_mappings(of(concept("b/y", "allergi")), of(old)) == []


def test_similarity_from_above_finds_and_strengthens_pairs():
    source = of(concept("a/x", "fallskade"), concept("a/z", "allergi"))
    target = of(concept("b/y", "ulykke ved fall"), concept("b/z", "allergi"))
    without = propose_mappings(source, target)
    found = propose_mappings(source, target, similarity=lambda s, t: [(i, i, 0.9) for i in range(len(s))])
    by_source = {p.source: p for p in found}
    assert [p.source for p in without] == ["a/z"]
    assert (by_source["a/x"].match, by_source["a/x"].similarity) == ("close", 0.9)
    assert by_source["a/z"].confidence > without[0].confidence


def test_an_irregular_plural_is_not_left_out_beforehand():
    assert only(of(concept("a/x", "bøker")), of(concept("b/y", "bok"))).target == "b/y"


def test_work_grows_with_the_labels_and_not_with_their_product():
    def work(count):
        rng = random.Random(count)
        names = ["".join(rng.choice("bdefgiklmnoprst") for _ in range(9)) for _ in range(count)]
        source, target = (of(*(concept(f"{s}/{i}", name) for i, name in enumerate(names))) for s in "ab")
        found = []
        steps = instructions(lambda: found.extend(propose_mappings(source, target)))
        assert len(found) >= count
        return steps

    work(10)
    assert work(400) < 12 * work(50), "eight times the labels; their product would be 64 times"
