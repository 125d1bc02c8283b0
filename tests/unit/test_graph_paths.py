"""Reasons: a path through the graph, told in one sentence, gone when an edge is."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.competence_graph import CompetenceGraph
from graph.errors import GraphError
from graph.model import Edge, Node
from graph.paths import holds, reason_path, sentence

NODES = [
    Node(
        "role:hjemmesykepleier",
        "role",
        {"nb": "hjemmesykepleier", "nn": "heimesjukepleiar", "en": "home care nurse"},
    ),
    Node("plan:p", "plan", {"nb": "Hjemmetjenesten", "nn": "Heimetenesta"}),
    Node("plan:q", "plan", {"nb": "Alle ansatte"}),
    Node("requirement:krav-fall", "requirement", {"nb": "fallforebygging", "nn": "fallførebygging"}),
    Node("concept:tema/fall", "concept", {"nb": "fall", "en": "falls"}),
    Node("concept:tema/gange", "concept", {"nb": "gange"}),
    Node("resource:kb-1", "resource", {"nb": "Trygg på beina"}),
]
ROLE, PLAN, REQUIREMENT, RESOURCE = (
    "role:hjemmesykepleier",
    "plan:p",
    "requirement:krav-fall",
    "resource:kb-1",
)
HAS_PLAN = Edge(ROLE, PLAN, "has_plan")
REQUIRES = Edge(PLAN, REQUIREMENT, "requires", necessity="obligatorisk")
TEACHES = Edge(RESOURCE, REQUIREMENT, "teaches", by="redaksjonen", at=date(2026, 2, 3))
PROPOSED = Edge(RESOURCE, REQUIREMENT, "proposed_teaches", origin="automatic", confidence=0.7)
ASKED = Edge(REQUIREMENT, "concept:tema/fall", "about")
MET = Edge(RESOURCE, "concept:tema/fall", "about", 0.8)
EVERYTHING = (HAS_PLAN, REQUIRES, TEACHES, PROPOSED, ASKED, MET)


def built(*edges):
    return CompetenceGraph.build(NODES, edges)


def reason(graph, **rest):
    return reason_path(graph, "hjemmesykepleier", "kb-1", "krav-fall", **rest)


def test_a_stated_edge_comes_before_a_shared_concept_before_a_proposal():
    assert [e.kind for e in reason(built(*EVERYTHING)).edges] == ["has_plan", "requires", "teaches"]
    path = reason(built(*(e for e in EVERYTHING if e != TEACHES)))
    assert path.nodes == (ROLE, PLAN, REQUIREMENT, "concept:tema/fall", RESOURCE)
    assert path.edges == (HAS_PLAN, REQUIRES, ASKED, MET)
    assert path.reversed_ == (False, False, False, True)
    assert reason(built(HAS_PLAN, REQUIRES, PROPOSED)).edges[-1] == PROPOSED


def test_the_concept_that_carries_most_is_told_and_ties_go_by_id():
    more = [
        Edge(REQUIREMENT, "concept:tema/gange", "about"),
        Edge(RESOURCE, "concept:tema/gange", "about", 0.9),
    ]
    assert reason(built(HAS_PLAN, REQUIRES, ASKED, MET, *more)).nodes[3] == "concept:tema/gange"
    even = [more[0], replace(more[1], weight=0.8)]
    assert reason(built(HAS_PLAN, REQUIRES, ASKED, MET, *even)).nodes[3] == "concept:tema/fall"


def test_the_plan_that_asks_most_strongly_is_told_unless_one_is_named():
    other = [Edge(ROLE, "plan:q", "has_plan"), Edge("plan:q", REQUIREMENT, "requires", necessity="anbefalt")]
    graph = built(*EVERYTHING, *other)
    assert reason(graph).nodes[1] == "plan:p"
    assert reason(graph, plan_id="q").nodes[1] == reason(graph, plan_id="plan:q").nodes[1] == "plan:q"
    assert reason(graph, plan_id="gone") is None


@given(st.sets(st.sampled_from(EVERYTHING)))
def test_there_is_a_reason_when_and_only_when_there_is_a_way(edges):
    graph = built(*edges)
    path = reason(graph)
    ways = TEACHES in edges or PROPOSED in edges or {ASKED, MET} <= edges
    assert (path is not None) == ({HAS_PLAN, REQUIRES} <= edges and ways)
    if path is not None:
        assert holds(graph, path)


@settings(max_examples=60)
@given(st.sets(st.sampled_from(EVERYTHING)), st.data())
def test_when_an_edge_of_it_is_deleted_the_reason_is_gone(edges, data):
    path = reason(built(*edges))
    if path is None:
        return
    gone = data.draw(st.sampled_from(path.edges))
    rest = built(*(edges - {gone}))
    assert not holds(rest, path)
    again = reason(rest)
    assert again is None or gone not in again.edges
    with pytest.raises(GraphError, match="does not hold"):
        sentence(rest, path)


def test_a_reason_whose_edge_was_made_by_somebody_else_no_longer_holds():
    path = reason(built(*EVERYTHING))
    assert not holds(built(*(replace(e, by="andre") if e == TEACHES else e for e in EVERYTHING)), path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"nodes": (ROLE, PLAN, RESOURCE, REQUIREMENT)},
        {"nodes": (ROLE, PLAN, REQUIREMENT)},
        {"reversed_": (False, False, False)},
        {"nodes": (ROLE, PLAN), "edges": (HAS_PLAN,), "reversed_": (False,)},
        {"nodes": (ROLE, PLAN, REQUIREMENT, "concept:tema/fall"), "edges": (HAS_PLAN, REQUIRES, ASKED),
         "reversed_": (False, False, False)},
    ],
)  # fmt: skip
def test_a_path_that_is_none_does_not_hold(wrong):
    graph = built(*EVERYTHING)
    assert not holds(graph, replace(reason(graph), **wrong))


def test_what_is_not_in_the_graph_has_no_reason():
    graph = built(*EVERYTHING)
    assert reason_path(graph, "jordmor", "kb-1", "krav-fall") is None
    assert reason_path(graph, "hjemmesykepleier", "kb-2", "krav-fall") is None
    assert reason_path(graph, "hjemmesykepleier", "kb-1", "krav-iv") is None


def test_the_sentence_in_three_languages():
    graph = built(HAS_PLAN, REQUIRES, TEACHES)
    path = reason(graph)
    assert sentence(graph, path, "nb") == (
        "Foreslått fordi planen «Hjemmetjenesten» for rollen hjemmesykepleier krever «fallforebygging», "
        "og «Trygg på beina» er knyttet til kravet (av redaksjonen, 3.2.2026)."
    )
    assert sentence(graph, path, "nn") == (
        "Foreslått fordi planen «Heimetenesta» for rolla heimesjukepleiar krev «fallførebygging», "
        "og «Trygg på beina» er knytt til kravet (av redaksjonen, 3.2.2026)."
    )
    assert sentence(graph, path, "en") == (
        "Suggested because the plan “Hjemmetjenesten” for the role home care nurse requires “fallforebygging”, "
        "and “Trygg på beina” is linked to the requirement (by redaksjonen, 2026-02-03)."
    )
    assert sentence(graph, path, "de") == sentence(graph, path, "nb")


@pytest.mark.parametrize(
    ("necessity", "lang", "words"),
    [
        ("anbefalt", "nb", "anbefaler «"),
        ("betinget", "nn", "» ved behov, og "),
        ("anbefalt", "en", "recommends “"),
    ],
)
def test_the_sentence_says_how_strongly_it_is_asked_for(necessity, lang, words):
    graph = built(HAS_PLAN, replace(REQUIRES, necessity=necessity), TEACHES)
    assert words in sentence(graph, reason(graph), lang)


@pytest.mark.parametrize(
    ("lang", "concept", "proposal"),
    [
        ("nb", "handler om «fall»", "forslag som ingen redaktør har vurdert"),
        ("nn", "handlar om «fall»", "forslag som ingen redaktør har vurdert"),
        ("en", "about “falls”", "a proposal that no editor has reviewed"),
    ],
)
def test_the_sentence_tells_a_concept_and_a_proposal_from_a_stated_link(lang, concept, proposal):
    graph = built(HAS_PLAN, REQUIRES, ASKED, MET)
    assert concept in sentence(graph, reason(graph), lang)
    graph = built(HAS_PLAN, REQUIRES, PROPOSED)
    assert proposal in sentence(graph, reason(graph), lang)


def test_braces_in_labels_are_text():
    nodes = [replace(n, labels={"nb": "{role} {0}"}) if n.id == RESOURCE else n for n in NODES]
    graph = CompetenceGraph.build(nodes, [HAS_PLAN, REQUIRES, TEACHES])
    assert "«{role} {0}»" in sentence(graph, reason(graph))
