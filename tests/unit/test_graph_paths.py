"""Reasons: a path through the graph, told in one sentence, gone when an edge is."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.competence_graph import ENDS, CompetenceGraph
from graph.errors import GraphError
from graph.model import Edge, Node, ReasonPath
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
        "Foreslått fordi planen «Hjemmetjenesten» for rollen «hjemmesykepleier» krever «fallforebygging», "
        "og «Trygg på beina» er knyttet til kravet av redaksjonen den 3. februar 2026."
    )
    assert sentence(graph, path, "nn") == (
        "Foreslått fordi planen «Heimetenesta» for rolla «heimesjukepleiar» krev «fallførebygging», "
        "og «Trygg på beina» er knytt til kravet av redaksjonen den 3. februar 2026."
    )
    assert sentence(graph, path, "en") == (
        "Suggested because the plan “Hjemmetjenesten” for the role “home care nurse” requires “fallforebygging”, "
        "and “Trygg på beina” is linked to the requirement by redaksjonen on 3 February 2026."
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


TAGGED = replace(MET, origin="automatic", by="program", at=date(2025, 11, 18))
BY_HAND = replace(MET, origin="editor", by="Fagrådet (eksempel)", at=date(2025, 2, 17))
GUESSED = replace(PROPOSED, by="program", at=date(2025, 7, 1))


@pytest.mark.parametrize(
    ("edges", "lang", "ending"),
    [
        ([ASKED, MET], "nb", "og «Trygg på beina» deler emnet «fall» med kravet."),
        ([ASKED, TAGGED], "nb", "deler emnet «fall» med kravet, merket automatisk ut fra teksten av 18. november 2025."),
        ([ASKED, TAGGED], "nn", "deler emnet «fall» med kravet, merkt automatisk ut frå teksten av 18. november 2025."),
        ([ASKED, TAGGED], "en", "shares the topic “falls” with the requirement, as tagged automatically from the text of 18 November 2025."),
        ([ASKED, BY_HAND], "nb", "med kravet, merket av Fagrådet (eksempel) den 17. februar 2025."),
        ([ASKED, BY_HAND], "en", "with the requirement, as tagged by Fagrådet (eksempel) on 17 February 2025."),
        ([PROPOSED], "nb", "er foreslått til kravet automatisk, uten at noen redaktør har vurdert det."),
        ([GUESSED], "nb", "er foreslått til kravet automatisk ut fra teksten av 1. juli 2025, uten at noen redaktør har vurdert det."),
        ([GUESSED], "nn", "er foreslått til kravet automatisk ut frå teksten av 1. juli 2025, utan at nokon redaktør har vurdert det."),
        ([GUESSED], "en", "is proposed for the requirement automatically from the text of 1 July 2025, and no editor has reviewed it."),
        ([replace(TEACHES, by="", at=None)], "nn", "og «Trygg på beina» er knytt til kravet."),
    ],
)  # fmt: skip
def test_the_sentence_tells_how_the_link_came_about(edges, lang, ending):
    graph = built(HAS_PLAN, REQUIRES, *edges)
    assert sentence(graph, reason(graph), lang).endswith(ending)


def test_quotation_marks_in_a_title_are_single_inside_ours():
    nodes = [replace(n, labels={"nb": "«Skal mamma dø?» Å svare"}) if n.id == RESOURCE else n for n in NODES]
    graph = CompetenceGraph.build(nodes, [HAS_PLAN, REQUIRES, TEACHES])
    assert "og «‘Skal mamma dø?’ Å svare» er knyttet" in sentence(graph, reason(graph))


KINDS = ("role", "plan", "requirement", "concept", "resource")
MANY = [Node(f"{kind}:{n}", kind, {"nb": f"{kind} {n}"}) for kind in KINDS for n in range(2)]


@st.composite
def generated(draw):
    """Return some of all edges that may be between two things of each kind."""
    ends = [
        (a.id, b.id, kind)
        for kind, (sources, target) in ENDS.items()
        for a in MANY
        for b in MANY
        if a.kind in sources and b.kind == target and a != b
    ]
    chosen = draw(st.lists(st.sampled_from(ends), min_size=12, max_size=30, unique=True))
    needs = st.sampled_from(["obligatorisk", "betinget", "anbefalt"])
    return [
        Edge(a, b, kind, draw(st.sampled_from([0.3, 0.9])), draw(st.sampled_from(["editor", "automatic"])), "redaksjon",
             draw(st.none() | st.dates()), 0.5, draw(needs) if kind == "requires" else None)
        for a, b, kind in chosen
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(generated())
def test_every_reason_recomputes_from_its_path_and_goes_with_any_of_its_edges(edges):
    graph = CompetenceGraph.build(MANY, edges)
    again = CompetenceGraph.build(list(graph.nodes()), reversed(graph.edges()))
    for role, asked, resource in product("01", repeat=3):
        path = reason_path(graph, role, resource, asked)
        if path is None:
            continue
        assert path == reason_path(again, role, resource, asked)
        told = ReasonPath(  # as somebody would build it up from the data of an answer
            path.nodes,
            tuple(again.edge(e.source, e.target, e.kind) for e in path.edges),
            path.reversed_,
        )
        for lang in ("nb", "nn", "en"):
            assert sentence(again, told, lang) == sentence(graph, path, lang)
        for gone in path.edges:
            rest = CompetenceGraph.build(MANY, [e for e in graph.edges() if e != gone])
            assert not holds(rest, path)
            other = reason_path(rest, role, resource, asked)
            assert other is None or (other != path and gone not in other.edges)


def test_braces_in_labels_are_text():
    nodes = [replace(n, labels={"nb": "{role} {0}"}) if n.id == RESOURCE else n for n in NODES]
    graph = CompetenceGraph.build(nodes, [HAS_PLAN, REQUIRES, TEACHES])
    assert "«{role} {0}»" in sentence(graph, reason(graph))
