"""Facets: exact counts with labels, selected values always there, hierarchies in their order."""

import pytest

from engine.errors import InvalidRequest
from engine.facets import make_facets, value_label
from engine.model import MISSING, SearchRequest
from engine.search import check
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


def searched(counts, text, *, selected=(), lang="nb", name="theme"):
    (facet,) = make_facets({name: counts}, {name: selected}, VOCABULARY, lang, [name], {name: text})
    return facet.values


THEMES = {"pasientsikkerhet": 9, "fallforebygging": 4, "smittevern": 7, "demens": 2, MISSING: 1}


def test_a_searched_facet_keeps_what_contains_the_text_with_its_ancestors_and_its_counts():
    whole = {v.value: v for v in searched(THEMES, " ")}
    assert set(whole) == set(THEMES)
    parent = whole["fallforebygging"].parent
    assert parent in THEMES
    found = searched(THEMES, "FALLFORE")
    assert list(found) == [whole[parent], whole["fallforebygging"]]
    assert [v.depth for v in found] == [0, 1]
    assert searched(THEMES, "qqq") == ()


def test_a_value_that_matches_does_not_bring_those_below_it():
    parent = next(v.label for v in searched(THEMES, "") if v.value == "pasientsikkerhet")
    assert [v.value for v in searched(THEMES, parent)] == ["pasientsikkerhet"]


def test_selected_values_and_their_ancestors_stay_in_a_searched_facet():
    found = searched(THEMES, "demens", selected=("fallforebygging", "legemidler"))
    assert {v.value: (v.count, v.selected) for v in found} == {
        "pasientsikkerhet": (9, False), "fallforebygging": (4, True), "demens": (2, False), "legemidler": (0, True),
    }  # fmt: skip


def test_a_facet_is_searched_in_the_language_asked_for_and_folded():
    counts = {"nb": 3, "nn": 2, "se": 1}
    assert [v.value for v in searched(counts, "Samí", lang="en", name="language")] == ["se"]
    assert [v.value for v in searched(counts, "sami", lang="nb", name="language")] == ["se"]
    assert [v.value for v in searched(counts, "norwegian", lang="en", name="language")] == ["nb", "nn"]
    assert searched(counts, "norwegian", lang="nb", name="language") == ()
    assert [v.value for v in searched({MISSING: 1, "nb": 1}, "ikke opp", name="language")] == [MISSING]


def test_searching_one_facet_leaves_the_others_alone():
    counts = {"theme": THEMES, "language": {"nb": 3}}
    theme, language = make_facets(counts, {}, VOCABULARY, "nb", ["theme", "language"], {"theme": "demens"})
    assert ([v.value for v in theme.values], [v.value for v in language.values]) == (["demens"], ["nb"])


def test_unknown_names_of_facets_to_search_are_refused():
    with pytest.raises(InvalidRequest, match="farge"):
        check(SearchRequest(facet_contains={"farge": "rød"}))
    check(SearchRequest(facet_contains={"provider": "((*"}))
