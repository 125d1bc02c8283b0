"""What counts for a requirement is one thing: in the graph, in searches, in an index made bit by bit or anew."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.link_editing import LinkEditor
from engine.model import IMPORTED, Decision, Resource, SearchRequest
from engine.network import network
from engine.plan_editing import PlanEditor
from engine.stated_links import stated_links, with_stated
from graph.competence_graph import CompetenceGraph
from graph.model import Requirement
from indexer.pipeline import index
from small_bank import NOW, fill, open_bank
from vocab.vocabulary import open_vocabulary

VOCABULARY = open_vocabulary()
NAMES = ["a", "b", "c", "d"]
names = st.sampled_from(NAMES)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(names, unique=True),
    st.dictionaries(names, names, max_size=3),
    st.lists(
        st.tuples(names, st.sampled_from(["accepted", "rejected"]), st.sampled_from(["", IMPORTED])),
        unique_by=lambda ruled: ruled[0],
    ),
)
def test_it_is_what_the_graph_says(teaches, replaced, ruled):
    known = {
        n: Requirement(n, {}, replaced_by=replaced.get(n) if replaced.get(n) != n else None) for n in NAMES
    }
    told = Resource("r", "R", teaches=tuple(teaches))
    rulings = [
        Decision("teaches", "r", name, verdict, "t", NOW, basis=basis) for name, verdict, basis in ruled
    ]
    # whoever draws the graph joins what was replaced first, so that no circle is left
    from graph.replaced import joined

    known = joined(known.values())
    graph = CompetenceGraph.build(*network([], list(known.values()), [], [told], VOCABULARY, rulings))
    taught = {e.target.removeprefix("requirement:") for e in graph.edges_from("resource:r", {"teaches"})}
    assert set(stated_links(told, rulings, known)) == taught
    assert set(with_stated(told, rulings, known).requirements) == taught


@pytest.fixture
def engine(tmp_path):
    fill(tmp_path)
    engine = open_bank(tmp_path)
    engine._recent._budget = 60.0  # a busy machine has all the time it needs
    yield engine
    engine.close()


def serving(engine, requirement):
    return {
        h.resource.id
        for h in engine.search(SearchRequest(filters={"requirement": (requirement,)}, k=50)).hits
    }


def counted(engine):
    answer = engine.search(SearchRequest(facets=("requirement",), k=1))
    return {v.value: v.count for v in answer.facets[0].values}


def test_rulings_are_found_at_once_and_in_the_next_build(engine):
    editor = LinkEditor(engine)
    assert counted(engine) == {"krav-fall": 1, "krav-news2": 1, "none": 8}
    editor.rule("kb-4", "krav-fall", "accepted", by="redaksjon")
    editor.rule("kb-6", "krav-news2", "rejected", by="redaksjon")
    for _ in range(2):
        assert (serving(engine, "krav-fall"), serving(engine, "krav-news2")) == ({"kb-1", "kb-4"}, set())
        assert counted(engine) == {"krav-fall": 2, "none": 8}
        assert engine.resource("kb-4").requirements == ("krav-fall",)
        assert (engine.resource("kb-6").requirements, engine.resource("kb-6").teaches) == (
            (),
            ("krav-news2",),
        )
        index(engine)
    editor.withdraw("kb-6", "krav-news2", by="redaksjon")
    assert serving(engine, "krav-news2") == {"kb-6"}


def test_joined_requirements_are_found_at_once_and_parted_ones_in_the_next_build(engine):
    plans = PlanEditor(engine.catalogue, engine.now)
    plans.join("krav-news2", "krav-fall", by="redaksjon")
    for _ in range(2):
        assert serving(engine, "krav-fall") == {"kb-1", "kb-6"}
        assert counted(engine) == {"krav-fall": 2, "none": 8}
        index(engine)
    plans.part("krav-news2", by="redaksjon")
    index(engine)
    assert (serving(engine, "krav-fall"), serving(engine, "krav-news2")) == ({"kb-1"}, {"kb-6"})


def test_a_build_made_bit_by_bit_is_the_one_made_anew(engine):
    PlanEditor(engine.catalogue, engine.now).join("krav-news2", "krav-fall", by="redaksjon")
    LinkEditor(engine).rule("kb-4", "krav-news2", "accepted", by="redaksjon")
    index(engine)
    bit_by_bit = engine.status().build.signature
    index(engine, rebuild=True)
    assert engine.status().build.signature == bit_by_bit


def test_an_earlier_text_has_the_links_of_its_source(engine):
    LinkEditor(engine).rule("kb-6", "krav-news2", "rejected", by="redaksjon")
    engine.write_resources([replace(engine.catalogue.get("kb-6"), title="Nytt")], by="t")
    assert engine.resource("kb-6").requirements == ()
    then = engine.catalogue.versions("kb-6")[0].recorded + timedelta(seconds=1)
    assert engine.resource("kb-6", at=then).requirements == ("krav-news2",)
