"""Facets: exact counts with labels, selected values always there, hierarchies in their order."""

from engine.facets import make_facets, value_label
from engine.model import MISSING
from vocab.vocabulary import open_vocabulary

VOCABULARY = open_vocabulary()


def test_a_selected_value_stays_at_count_0():
    (facet,) = make_facets({"language": {"nb": 3}}, {"language": ("en",)}, VOCABULARY, "nb", ["language"])
    assert [(v.value, v.count, v.selected) for v in facet.values] == [("nb", 3, False), ("en", 0, True)]


def test_children_stand_below_their_parent():
    counts = {"theme": {"eldre-helse": 5, "fallforebygging": 4, "legemidler": 9}}
    parent = VOCABULARY["tema/fallforebygging"].broader[0].split("/")[1]
    counts["theme"][parent] = 5
    (facet,) = make_facets(counts, {}, VOCABULARY, "nb", ["theme"])
    values = [v.value for v in facet.values]
    assert values[0] == "legemidler"
    child = next(v for v in facet.values if v.value == "fallforebygging")
    assert child.parent == parent
    assert values.index(parent) < values.index("fallforebygging")
    assert child.depth == next(v.depth for v in facet.values if v.value == parent) + 1


def test_not_stated_stands_last():
    (facet,) = make_facets({"level": {MISSING: 9, "avansert": 1}}, {}, VOCABULARY, "nb", ["level"])
    assert [v.value for v in facet.values] == ["avansert", MISSING]


def test_labels_are_in_the_language_asked_for():
    assert value_label("language", "nn", VOCABULARY, "en") == "Norwegian Nynorsk"
    assert value_label("resource_type", "e-laeringskurs", VOCABULARY, "en") == "e-learning course"
    assert value_label("requirement", "krav-handhygiene", VOCABULARY, "nb") == "håndhygiene"
    assert value_label("duration", "16-30", VOCABULARY, "nb") == "16–30 min"
    assert value_label("provider", "Ukjent AS", VOCABULARY, "nb") == "Ukjent AS"
