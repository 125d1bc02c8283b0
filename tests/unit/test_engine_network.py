"""The graph's nodes and edges: stated, proposed and ruled links, each with who made it and when."""

from dataclasses import replace
from datetime import UTC, date, datetime

from engine.model import Decision, Resource, Tag
from engine.network import PROGRAM, network
from graph.competence_graph import CompetenceGraph
from graph.model import Plan, PlanLine, Requirement, Role
from vocab.concept import ConceptId
from vocab.vocabulary import open_vocabulary

VOCABULARY = open_vocabulary()
FALL = ConceptId("tema/fallforebygging")
ROLE = Role("sykepleier", {"nb": "sykepleier"})
FALLS = Requirement("krav-fall", {"nb": "fall"}, concepts=(FALL,))
PLAN = Plan(
    "p",
    {"nb": "plan"},
    (PlanLine("krav-fall"),),
    ("sykepleier",),
    owner="fagavdeling",
    valid_from=date(2025, 1, 1),
)
STATED = Resource(
    "r1",
    "Stated",
    teaches=("krav-fall",),
    provider="Kilden",
    updated=date(2026, 2, 2),
    audience=("sykepleier",),
)
ABOUT = Resource("r2", "About", about=(Tag(FALL, 0.8),), updated=date(2026, 3, 3))


def graph(*resources, decisions=()):
    return CompetenceGraph.build(*network([ROLE], [FALLS], [PLAN], resources, VOCABULARY, decisions))


def ruling(subject, verdict):
    return Decision("teaches", subject, "krav-fall", verdict, "redaksjon", datetime(2026, 4, 4, tzinfo=UTC))


def links(g):
    return {e.source: e for e in g.edges_to("requirement:krav-fall", ("teaches", "proposed_teaches"))}


def test_a_stated_link_names_its_provider_and_day():
    edge = links(graph(STATED))["resource:r1"]
    assert (edge.kind, edge.by, edge.at, edge.confidence) == ("teaches", "Kilden", date(2026, 2, 2), 1.0)


def test_what_a_requirement_and_a_plan_say_names_who_wrote_it_and_the_day():
    written = {
        "requirement:krav-fall": ("redaksjon", datetime(2026, 5, 5, 23, tzinfo=UTC)),
        "plan:p": ("planer", datetime(2026, 6, 6, tzinfo=UTC)),
        "plan:q": ("planer", datetime(2026, 6, 6, tzinfo=UTC)),
    }
    bare = replace(PLAN, id="q", owner="", valid_from=None)
    g = CompetenceGraph.build(*network([ROLE], [FALLS], [PLAN, bare], [], VOCABULARY, written=written))
    made = {(e.source, e.kind): (e.by, e.at) for e in g.edges()}
    assert made["requirement:krav-fall", "about"] == ("redaksjon", date(2026, 5, 5))
    assert made["plan:p", "requires"] == ("fagavdeling", date(2025, 1, 1))
    assert made["plan:q", "requires"] == ("planer", date(2026, 6, 6))


def test_a_shared_concept_makes_a_proposed_link_that_is_less_sure():
    edge = links(graph(STATED, ABOUT))["resource:r2"]
    assert (edge.kind, edge.origin, edge.by) == ("proposed_teaches", "automatic", PROGRAM)
    assert 0.5 <= edge.confidence < 1


def test_an_editor_may_accept_or_reject_a_proposal():
    assert links(graph(ABOUT, decisions=[ruling("r2", "accepted")]))["resource:r2"].kind == "teaches"
    assert links(graph(ABOUT, decisions=[ruling("r2", "accepted")]))["resource:r2"].by == "redaksjon"
    assert links(graph(ABOUT, decisions=[ruling("r2", "rejected")])) == {}


def test_a_rejected_stated_link_is_gone():
    assert links(graph(STATED, decisions=[ruling("r1", "rejected")])) == {}


def test_every_edge_says_who_made_it_or_that_the_program_did():
    g = graph(STATED, ABOUT)
    assert all(e.by for e in g.edges() if e.kind in {"teaches", "proposed_teaches", "has_plan", "requires"})


def test_what_a_resource_names_and_nobody_knows_is_left_out():
    odd = Resource("r3", "Odd", teaches=("krav-finnes-ikke",), audience=("ukjent-rolle",))
    g = graph(odd)
    assert g.edges_from("resource:r3") == []
    assert len([e for e in g.dangling if e.source == "resource:r3"]) == 2


def test_broader_concepts_of_what_is_used_are_in_the_graph():
    g = graph(ABOUT)
    assert all(f"concept:{a}" in g for a in VOCABULARY.ancestors(FALL))


def test_the_same_catalogue_gives_the_same_graph():
    assert graph(STATED, ABOUT).version == graph(ABOUT, STATED).version


def test_a_requirement_that_names_no_concept_is_proposed_for_by_what_its_words_are_about():
    bare = replace(FALLS, concepts=())
    without = CompetenceGraph.build(*network([ROLE], [bare], [PLAN], [ABOUT], VOCABULARY))
    assert links(without) == {}
    told = CompetenceGraph.build(
        *network(
            [ROLE], [bare], [PLAN], [ABOUT], VOCABULARY, topics=lambda q: (FALL,) if q.id == bare.id else ()
        )
    )
    assert links(told)["resource:r2"].kind == "proposed_teaches"
    assert told.edges_from("requirement:krav-fall", {"about"}) == []  # nobody has said so
