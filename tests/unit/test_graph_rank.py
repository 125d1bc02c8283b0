"""Random walks with restart: the same as networkx says, and what the docstrings promise."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.competence_graph import ENDS, CompetenceGraph
from graph.errors import GraphError
from graph.model import Edge, Node
from graph.near_vectors import BATCH
from graph.rank import KIND_WEIGHTS, Proximity, walk_weight

KINDS = ("role", "plan", "requirement", "concept", "resource")
SIZE = 6
NODES = [Node(f"{kind}:{n}", kind) for kind in KINDS for n in range(SIZE)]
IDS = [node.id for node in NODES]


@st.composite
def graphs(draw, most=60):
    found = []
    for kind in draw(st.lists(st.sampled_from(sorted(ENDS)), max_size=most)):
        sources, target = ENDS[kind]
        source = draw(st.sampled_from(sorted(sources)))
        ends = f"{source}:{draw(st.integers(0, SIZE - 1))}", f"{target}:{draw(st.integers(0, SIZE - 1))}"
        weight, confidence = draw(st.sampled_from([0.0, 0.25, 1.0, 2.0])), draw(st.sampled_from([0.5, 1.0]))
        necessity = (
            draw(st.sampled_from(["obligatorisk", "betinget", "anbefalt"])) if kind == "requires" else None
        )
        found.append(Edge(*ends, kind, weight, confidence=confidence, necessity=necessity))
    return CompetenceGraph.build(NODES, found)


SEEDS = st.dictionaries(st.sampled_from(IDS), st.sampled_from([0.5, 1.0, 3.0]), min_size=1, max_size=4)


def oracle(graph, seeds):
    """The walk by networkx, on an undirected graph of summed weights."""
    walk = nx.Graph()
    walk.add_nodes_from(node.id for node in graph.nodes())
    for edge in graph.edges():
        if weight := walk_weight(edge):
            before = walk.get_edge_data(edge.source, edge.target, {"weight": 0.0})["weight"]
            walk.add_edge(edge.source, edge.target, weight=before + weight)
    ranks = nx.pagerank(walk, 0.85, personalization=seeds, weight="weight", tol=1e-12, max_iter=1000)
    return np.array([ranks[node.id] for node in graph.nodes()])


@settings(max_examples=60, deadline=None)
@given(graphs(), SEEDS)
def test_after_many_steps_the_ranks_are_those_of_networkx(graph, seeds):
    ranks = Proximity(graph).personalised_pagerank(seeds, iterations=150)
    np.testing.assert_allclose(ranks, oracle(graph, seeds), atol=2e-6)


@settings(max_examples=60, deadline=None)
@given(graphs(), SEEDS)
def test_the_error_is_small_after_the_usual_steps(graph, seeds):
    assert np.abs(Proximity(graph).personalised_pagerank(seeds) - oracle(graph, seeds)).sum() <= 0.02


def random_graph(seed, nodes=400, edges=1600):
    """A graph with many nodes of which few are hubs, as vocabularies make them."""
    random = np.random.default_rng(seed)
    made = [Node(f"{kind}:{n:03}", kind) for kind in KINDS for n in range(nodes // len(KINDS))]
    found = []
    for _ in range(edges):
        kind = sorted(ENDS)[random.integers(len(ENDS))]
        sources, target = ENDS[kind]
        source = sorted(sources)[random.integers(len(sources))]
        places = (random.power(0.4, 2) * (nodes // len(KINDS))).astype(int)
        found.append(
            Edge(f"{source}:{places[0]:03}", f"{target}:{places[1]:03}", kind, float(random.random()))
        )
    return CompetenceGraph.build(made, found)


@pytest.mark.parametrize("seed", range(5))
def test_the_usual_steps_find_the_twenty_nearest_of_networkx(seed):
    graph = random_graph(seed)
    role = next(n.id for n in graph.nodes("role") if graph.neighbours(n.id))
    near = Proximity(graph).personalised_pagerank({role: 1.0})
    exact = oracle(graph, {role: 1.0})
    overlap = set(np.argsort(-near, kind="stable")[:20]) & set(np.argsort(-exact, kind="stable")[:20])
    assert len(overlap) >= 19


@settings(max_examples=30, deadline=None)
@given(graphs(), st.lists(SEEDS, max_size=3))
def test_many_seeds_at_once_are_each_of_them_alone(graph, seeds):
    proximity = Proximity(graph)
    together = proximity.personalised_pageranks(seeds)
    assert together.shape == (len(seeds), len(proximity.ids))
    assert together.dtype == np.float32
    for row, one in zip(together, seeds, strict=True):
        np.testing.assert_allclose(row, proximity.personalised_pagerank(one), atol=1e-7)


def test_more_seeds_than_a_batch_holds():
    proximity = Proximity(random_graph(0, edges=200))
    seeds = [{name: 1.0} for name in proximity.ids[: BATCH + 3]]
    together = proximity.personalised_pageranks(seeds, iterations=3)
    np.testing.assert_allclose(
        together[-1], proximity.personalised_pagerank(seeds[-1], iterations=3), atol=1e-7
    )


@settings(max_examples=50, deadline=None)
@given(graphs(), SEEDS, st.integers(1, 25))
def test_ranks_are_probabilities(graph, seeds, iterations):
    ranks = Proximity(graph).personalised_pagerank(seeds, iterations=iterations)
    assert (ranks >= 0).all()
    assert ranks.sum() == pytest.approx(1, abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(graphs(), SEEDS)
def test_only_what_can_be_reached_has_any_rank(graph, seeds):
    proximity = Proximity(graph)
    ranks = proximity.personalised_pagerank(seeds)
    reached = set(seeds)
    for _ in IDS:
        for edge in graph.edges():
            if walk_weight(edge) and {edge.source, edge.target} & reached:
                reached |= {edge.source, edge.target}
    assert {name for name, rank in zip(proximity.ids, ranks, strict=True) if rank > 0} <= reached


def test_a_proposed_edge_is_followed_less_than_a_stated_one():
    stated = Edge("resource:0", "requirement:0", "teaches")
    proposed = Edge("resource:1", "requirement:0", "proposed_teaches")
    proximity = Proximity(CompetenceGraph.build(NODES, [stated, proposed]))
    ranks = proximity.personalised_pagerank({"requirement:0": 1.0})
    assert ranks[proximity.place("resource:0")] > 3 * ranks[proximity.place("resource:1")]


def test_what_is_obligatory_is_nearer_than_what_is_recommended():
    lines = [
        Edge("plan:0", "requirement:0", "requires", necessity="obligatorisk"),
        Edge("plan:0", "requirement:1", "requires", necessity="anbefalt"),
    ]
    proximity = Proximity(CompetenceGraph.build(NODES, lines))
    ranks = proximity.personalised_pagerank({"plan:0": 1.0})
    assert ranks[proximity.place("requirement:0")] == pytest.approx(
        2 * ranks[proximity.place("requirement:1")]
    )


def test_every_kind_of_edge_has_a_weight():
    assert KIND_WEIGHTS.keys() == ENDS.keys()
    assert all(weight > 0 for weight in KIND_WEIGHTS.values())


def test_a_graph_without_edges_leaves_the_walker_at_the_seeds():
    proximity = Proximity(CompetenceGraph.build(NODES, []))
    ranks = proximity.personalised_pagerank({"role:0": 1.0, "plan:0": 3.0})
    assert ranks[proximity.place("plan:0")] == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("seeds", "rest", "message"),
    [
        ({"role:gone": 1.0}, {}, "no such node: 'role:gone'"),
        ({}, {}, "at least one weight above 0"),
        ({"role:0": 0.0}, {}, "at least one weight above 0"),
        ({"role:0": -1.0}, {}, "the weight of seed 'role:0'"),
        ({"role:0": float("nan")}, {}, "the weight of seed 'role:0'"),
        ({"role:0": 1.0}, {"iterations": 0}, "iterations"),
    ],
)
def test_what_will_not_do_is_refused(seeds, rest, message):
    with pytest.raises(GraphError, match=message):
        Proximity(CompetenceGraph.build(NODES, [])).personalised_pagerank(seeds, **rest)
