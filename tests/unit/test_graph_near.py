"""What is kept beforehand is what a walk gives; the file of arrays opens as what was written, or not at all."""

from datetime import date

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.made_region import Size, make_region
from graph.array_file import read_arrays, write_arrays
from graph.competence_graph import CompetenceGraph
from graph.errors import GraphError
from graph.model import Edge, Node
from graph.rank import Proximity, walk_weight

REGION = make_region(Size(300, 60, 30, 8, 50, 4000, 20), seed=3)
GRAPH = CompetenceGraph.build(REGION.nodes, REGION.edges)
KEPT = Proximity(GRAPH)
KEPT.keep_near(threads=2)
WALKED = Proximity(GRAPH)
HUBS = [name for name in KEPT.ids if name.split(":")[0] in {"role", "requirement", "plan"}]
SEEDS = st.dictionaries(st.sampled_from(HUBS), st.floats(0.01, 5), min_size=1, max_size=12)


def exact(seeds):
    walk = nx.Graph()
    walk.add_nodes_from(KEPT.ids)
    for edge in GRAPH.edges():
        if weight := walk_weight(edge):
            before = walk.get_edge_data(edge.source, edge.target, {"weight": 0.0})["weight"]
            walk.add_edge(edge.source, edge.target, weight=before + weight)
    ranks = nx.pagerank(walk, 0.85, personalization=seeds, tol=1e-12, max_iter=1000)
    return np.array([ranks[f"resource:{id_}"] for id_ in KEPT.resource_ids])


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_what_is_kept_is_what_a_walk_gives(seeds):
    np.testing.assert_allclose(KEPT.near_resources(seeds), WALKED.near_resources(seeds), rtol=2e-3, atol=1e-8)


@settings(max_examples=60, deadline=None)
@given(SEEDS, SEEDS, st.floats(0.1, 0.9))
def test_the_walk_is_linear_in_its_seeds(one, other, share):
    whole, part = sum(one.values()), sum(other.values())
    mixed = {n: share * one.get(n, 0) / whole + (1 - share) * other.get(n, 0) / part for n in one | other}
    for proximity in (KEPT, WALKED):
        apart = share * proximity.near_resources(one) + (1 - share) * proximity.near_resources(other)
        np.testing.assert_allclose(proximity.near_resources(mixed), apart, rtol=1e-3, atol=1e-8)


@pytest.mark.parametrize("number", range(6))
def test_the_nearest_twenty_are_those_of_networkx(number):
    random = np.random.default_rng(number)
    seeds = {
        str(name): float(random.random()) for name in random.choice(HUBS, 1 + 5 * (number % 2), replace=False)
    }
    near, true = KEPT.near_resources(seeds), exact(seeds)
    best = [set(np.argsort(-scores, kind="stable")[:20].tolist()) for scores in (near, true)]
    assert len(best[0] & best[1]) >= 19


def test_some_resources_are_asked_for_by_number():
    seeds = {HUBS[0]: 1.0, HUBS[-1]: 2.0}
    numbers = np.array([5, 250, 0])
    np.testing.assert_allclose(
        KEPT.near_resources(seeds, numbers), KEPT.near_resources(seeds)[numbers], rtol=1e-6
    )


def test_seeds_that_are_not_kept_are_walked_from():
    for seeds in ({"resource:ressurs-000003": 1.0, HUBS[0]: 1.0}, {"concept:tema/begrep-00001": 1.0}):
        np.testing.assert_array_equal(KEPT.near_resources(seeds), WALKED.near_resources(seeds))
        ranks = WALKED.personalised_pagerank(seeds)
        at_resources = [WALKED.place(f"resource:{id_}") for id_ in WALKED.resource_ids]
        share = WALKED.near_resources(seeds) / ranks[at_resources].clip(1e-12)
        assert np.ptp(share[ranks[at_resources] > 1e-7]) < 1e-3  # in proportion


def test_arrays_that_are_opened_answer_like_those_that_were_written(tmp_path):
    KEPT.save(tmp_path / "a")
    opened = Proximity.open(tmp_path / "a", GRAPH.version)
    assert (opened.ids, opened.resource_ids, opened.version) == (KEPT.ids, KEPT.resource_ids, KEPT.version)
    seeds = dict.fromkeys(HUBS[::7], 1.0)
    np.testing.assert_array_equal(opened.near_resources(seeds), KEPT.near_resources(seeds))
    np.testing.assert_array_equal(opened.personalised_pagerank(seeds), KEPT.personalised_pagerank(seeds))
    for name in (n for n in KEPT.ids if n.startswith("requirement:")):
        for mine, theirs in zip(
            opened.serving.of_requirement(name), KEPT.serving.of_requirement(name), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)
    KEPT.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    again = Proximity(CompetenceGraph.build(reversed(REGION.nodes), reversed(REGION.edges)))
    again.keep_near()
    again.save(tmp_path / "c")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "c").read_bytes()


def test_arrays_of_another_graph_cut_short_or_of_another_kind_are_refused(tmp_path):
    path = tmp_path / "a"
    write_arrays(path, {"x": np.arange(1000)}, "1")
    np.testing.assert_array_equal(read_arrays(path, "1")["x"], np.arange(1000))
    with pytest.raises(GraphError, match="wanted are those of 2"):
        read_arrays(path, "2")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(GraphError, match="cut short"):
        read_arrays(path, "1")
    for text in (b"", b"[]\n", b"{}\n", b"\x00\xff"):
        path.write_bytes(text)
        with pytest.raises(GraphError):
            read_arrays(path, "1")


def test_who_serves_a_requirement_is_told_as_the_graph_has_it():
    for node in GRAPH.nodes("requirement"):
        edges = {
            e.source: e for e in GRAPH.edges_to(node.id, ("proposed_teaches", "teaches"))
        }  # teaches comes last
        links = KEPT.serving.of_requirement(node.id)
        assert [f"resource:{KEPT.resource_ids[n]}" for n in links.resources] == sorted(edges)
        for stated, sure, name in zip(links.stated, links.confidence, sorted(edges), strict=True):
            assert stated == (edges[name].kind == "teaches")
            assert sure == edges[name].confidence
    assert not len(KEPT.serving.of_requirement("requirement:gone").resources)


def test_a_graph_of_nothing_has_arrays_too(tmp_path):
    for nodes in ([], [Node("role:a", "role")], [Node("resource:a", "resource")]):
        graph = CompetenceGraph.build(nodes, [])
        proximity = Proximity(graph)
        proximity.keep_near()
        proximity.save(tmp_path / "x")
        opened = Proximity.open(tmp_path / "x", graph.version)
        for node in nodes:
            assert opened.near_resources({node.id: 1.0}).shape == (len(opened.resource_ids),)


def test_what_does_not_fit_is_walked_when_it_is_asked_for(monkeypatch):
    monkeypatch.setattr("graph.near_vectors.ROOM", 2 * 10 * (len(KEPT.ids) - 300))
    little = Proximity(GRAPH)
    little.keep_near()
    near = little._near
    assert len(near.rows) == 10
    assert {little.ids[300 + hub] for hub in near.hubs} >= {n for n in HUBS if n.startswith("role:")}
    for name in HUBS:
        np.testing.assert_allclose(
            little.near_resources({name: 1.0}), KEPT.near_resources({name: 1.0}), rtol=2e-3, atol=1e-8
        )


def test_a_graph_that_is_read_is_the_one_that_was_written(tmp_path):
    edges = [
        Edge("resource:a", "requirement:b", "teaches", 0.25, "editor", "fag", date(2026, 1, 2), 0.5),
        Edge("plan:p", "requirement:b", "requires", necessity="betinget"),
    ]
    nodes = [
        Node("resource:a", "resource", {"nb": "å\u2028\n"}),
        Node("requirement:b", "requirement"),
        Node("plan:p", "plan"),
    ]
    for graph in (CompetenceGraph.build(nodes, edges), GRAPH, CompetenceGraph.build([], [])):
        graph.save(tmp_path / "g")
        read = CompetenceGraph.load(tmp_path / "g")
        assert (read.version, read.edges(), list(read.nodes())) == (
            graph.version,
            graph.edges(),
            list(graph.nodes()),
        )


def test_a_region_is_drawn_by_its_seed_and_has_the_size_that_is_asked_for():
    size = Size(300, 60, 30, 8, 50, 4000, 20)
    same, other = make_region(size, seed=3), make_region(size, seed=4)
    assert (same.edges, list(same.people())) == (REGION.edges, list(REGION.people()))
    assert other.edges != REGION.edges
    assert (GRAPH.edge_count, len(list(GRAPH.nodes("resource"))), GRAPH.dangling) == (4000, 300, ())
    assert len(list(REGION.people())) == 20
