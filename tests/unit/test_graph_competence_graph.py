"""The competence graph: built whole, asked about what is near, saved and loaded unharmed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.competence_graph import ENDS, CompetenceGraph, Impact
from graph.errors import GraphError
from graph.model import Edge, Node

KINDS = ("role", "plan", "requirement", "concept", "resource")
NODES = [Node(f"{kind}:{n}", kind, {"nb": f"{kind} {n}"}) for kind in KINDS for n in range(3)]


def edge(source, target, kind="teaches", **rest):
    return Edge(source, target, kind, **rest)


@st.composite
def edges(draw):
    kind = draw(st.sampled_from(sorted(ENDS)))
    sources, target = ENDS[kind]
    source = f"{draw(st.sampled_from(sorted(sources)))}:{draw(st.integers(0, 2))}"
    return Edge(
        source,
        f"{target}:{draw(st.integers(0, 2))}",
        kind,
        draw(st.floats(0, 2)),
        draw(st.sampled_from(["import", "editor", "automatic"])),
        draw(st.sampled_from(["", "redaksjonen"])),
        draw(st.none() | st.dates(date(2020, 1, 1), date(2026, 1, 1))),
        draw(st.floats(0, 1)),
        draw(st.sampled_from(["obligatorisk", "betinget", "anbefalt"])) if kind == "requires" else None,
    )


GRAPHS = st.lists(edges(), max_size=30).map(lambda found: CompetenceGraph.build(NODES, found))


@given(st.lists(edges(), max_size=20), st.randoms())
def test_the_version_and_the_edges_do_not_depend_on_the_order_of_the_input(found, random):
    nodes, shuffled = NODES[:], found[:]
    random.shuffle(nodes)
    random.shuffle(shuffled)
    one, other = CompetenceGraph.build(NODES, found), CompetenceGraph.build(nodes, shuffled)
    assert one.edges() == other.edges()
    assert one.version == other.version


@given(st.lists(edges(), min_size=1, max_size=10), st.data())
def test_the_version_changes_with_every_edge_and_label(found, data):
    whole = CompetenceGraph.build(NODES, found)
    gone = data.draw(st.sampled_from(whole.edges()))
    rest = [kept for kept in whole.edges() if kept != gone]
    assert CompetenceGraph.build(NODES, rest).version != whole.version
    dated = replace(gone, at=date(1999, 1, 1))
    assert CompetenceGraph.build(NODES, [*rest, dated]).version != whole.version
    renamed = [*NODES[1:], replace(NODES[0], labels={"nb": "annet"})]
    assert CompetenceGraph.build(renamed, found).version != whole.version


def test_a_dangling_edge_is_left_out_and_reported():
    lost = edge("resource:0", "requirement:gone")
    graph = CompetenceGraph.build(NODES, [lost, edge("resource:0", "requirement:0")])
    assert graph.dangling == (lost,)
    assert graph.edge_count == 1
    assert "requirement:gone" not in graph


def test_strict_refuses_dangling_edges_and_lists_them():
    lost = [edge("resource:0", "requirement:gone"), edge("resource:lost", "requirement:0")]
    with pytest.raises(
        GraphError, match=r"resource:0 -teaches-> requirement:gone, resource:lost -teaches-> "
    ):
        CompetenceGraph.build(NODES, lost, strict=True)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (edge("role:0", "requirement:0"), "cannot join such nodes: role:0 -teaches-> requirement:0"),
        (edge("resource:0", "role:0"), "cannot join such nodes"),
        (edge("resource:0", "requirement:0", "likes"), "no such kind of edge"),
        (edge("resource:0", "requirement:0", weight=-1.0), "weight must be a number from 0, got -1.0"),
        (edge("resource:0", "requirement:0", confidence=float("nan")), "confidence must be a number"),
        (edge("resource:0", "requirement:0", origin="guess"), "no such origin"),
    ],
)
def test_an_edge_that_will_not_do_is_refused(wrong, message):
    with pytest.raises(GraphError, match=message):
        CompetenceGraph.build(NODES, [wrong])


def test_a_node_needs_its_kind_in_its_id():
    with pytest.raises(GraphError, match="a role node needs an id such as role:name, got 'plan:x'"):
        CompetenceGraph.build([Node("plan:x", "role")], [])


def test_two_different_nodes_of_one_id_are_refused():
    same = Node("role:x", "role", {"nb": "x"})
    assert len(CompetenceGraph.build([same, same], [])) == 1
    with pytest.raises(GraphError, match="two different nodes have the id 'role:x'"):
        CompetenceGraph.build([same, Node("role:x", "role", {"nb": "y"})], [])


def test_of_parallel_edges_the_strongest_stays():
    plan, requirement = "plan:0", "requirement:0"
    weak = edge(plan, requirement, "requires", necessity="anbefalt", origin="editor")
    strong = edge(plan, requirement, "requires", necessity="obligatorisk")
    imported, by_editor = edge("resource:0", requirement), edge("resource:0", requirement, origin="editor")
    graph = CompetenceGraph.build(NODES, [strong, weak, by_editor, imported])
    assert graph.edges_between(plan, requirement) == [strong]
    assert graph.edges_between("resource:0", requirement) == [by_editor]


def test_edges_of_different_kinds_stand_side_by_side():
    graph = CompetenceGraph.build(
        NODES, [edge("resource:0", "requirement:0", kind) for kind in ("teaches", "proposed_teaches")]
    )
    assert [e.kind for e in graph.edges_between("resource:0", "requirement:0")] == [
        "proposed_teaches",
        "teaches",
    ]
    assert graph.edges_between("requirement:0", "resource:0") == []


@given(GRAPHS, st.sampled_from(NODES), st.integers(0, 3))
def test_a_neighbourhood_is_what_so_many_steps_reach(graph, node, depth):
    reached = {node.id}
    for _ in range(depth):
        reached |= {other for name in reached for other in graph.neighbours(name)}
    found = graph.neighbourhood(node.id, depth)
    assert {near.id for near in found.nodes} == reached == set(found.depth)
    assert list(found.edges) == [e for e in graph.edges() if {e.source, e.target} <= reached]
    for name, steps in found.depth.items():
        assert steps == 0 or steps - 1 in {found.depth.get(near) for near in graph.neighbours(name)}


@given(GRAPHS, st.sampled_from(NODES), st.sets(st.sampled_from(sorted(ENDS))))
def test_neighbours_are_one_edge_away_by_the_kinds_asked_for(graph, node, kinds):
    expected = {e.target for e in graph.edges() if e.source == node.id and e.kind in kinds}
    expected |= {e.source for e in graph.edges() if e.target == node.id and e.kind in kinds}
    assert graph.neighbours(node.id, kinds) == sorted(expected)


def test_an_unknown_node_is_refused_by_name():
    graph = CompetenceGraph.build(NODES, [])
    for ask in (graph.node, graph.neighbours, graph.neighbourhood, graph.impact):
        with pytest.raises(GraphError, match="no such node: 'resource:gone'"):
            ask("resource:gone")
    with pytest.raises(GraphError, match="no such node: 'role:gone'"):
        graph.role_difference("gone", "0")
    with pytest.raises(GraphError, match="depth"):
        graph.neighbourhood("role:0", -1)


@given(GRAPHS, st.sampled_from([n.id for n in NODES if n.kind == "resource"]))
def test_the_impact_of_a_resource_is_what_coverage_loses_when_it_is_gone(graph, resource):
    rest = CompetenceGraph.build(
        (n for n in graph.nodes() if n.id != resource),
        (e for e in graph.edges() if resource not in {e.source, e.target}),
    )
    taught = {e.target for e in graph.edges() if e.kind == "teaches"}
    still = {e.target for e in rest.edges() if e.kind == "teaches"}
    impact = graph.impact(resource)
    assert set(impact.uncovered) == taught - still
    plans = {e.source for e in graph.edges() if e.kind == "requires" and e.target in taught - still}
    assert set(impact.plans) == plans
    assert set(impact.roles) == {
        e.source for e in graph.edges() if e.kind == "has_plan" and e.target in plans
    }


def test_what_another_resource_teaches_too_stays_covered():
    taught = [edge("resource:0", "requirement:0"), edge("resource:0", "requirement:1")]
    other = [edge("resource:1", "requirement:1"), edge("resource:1", "requirement:0", "proposed_teaches")]
    impact = CompetenceGraph.build(NODES, taught + other).impact("resource:0")
    assert impact.requirements == ("requirement:0", "requirement:1")
    assert impact.uncovered == ("requirement:0",)


def test_the_impact_of_a_requirement_a_concept_a_plan_and_a_role():
    graph = CompetenceGraph.build(
        NODES,
        [
            edge("role:0", "plan:0", "has_plan"),
            edge("plan:0", "requirement:0", "requires"),
            edge("requirement:0", "concept:0", "about"),
            edge("resource:1", "concept:0", "about"),
            edge("resource:0", "requirement:0", "proposed_teaches"),
            edge("resource:2", "role:0", "audience"),
        ],
    )
    asked = {"requirements": ("requirement:0",), "plans": ("plan:0",), "roles": ("role:0",)}
    assert graph.impact("requirement:0") == Impact("requirement:0", **asked, resources=("resource:0",))
    assert graph.impact("concept:0") == Impact("concept:0", **asked, resources=("resource:1",))
    assert graph.impact("plan:0") == Impact("plan:0", **asked)
    assert graph.impact("role:0") == Impact("role:0", **asked, resources=("resource:2",))
    assert graph.impact("0") == Impact("resource:0"), "a proposal is no coverage"


def test_the_difference_between_two_roles():
    def asks(plan, name, necessity):
        return edge(plan, f"requirement:{name}", "requires", necessity=necessity)

    graph = CompetenceGraph.build(
        NODES,
        [
            edge("role:0", "plan:0", "has_plan"),
            edge("role:1", "plan:1", "has_plan"),
            edge("role:1", "plan:2", "has_plan"),
            asks("plan:0", 0, "anbefalt"),
            asks("plan:0", 1, "obligatorisk"),
            asks("plan:1", 0, "betinget"),
            asks("plan:2", 0, "obligatorisk"),
            asks("plan:2", 2, "anbefalt"),
        ],
    )
    found = graph.role_difference("0", "role:1")
    assert found.added == ("requirement:2",)
    assert found.shared == found.raised == ("requirement:0",)
    assert found.dropped == ("requirement:1",)
    assert graph.role_difference("1", "0").raised == ()
    assert graph.requirements_of("2") == {}


@settings(max_examples=40)
@given(GRAPHS)
def test_a_snapshot_comes_back_the_same(graph):
    with tempfile.TemporaryDirectory() as folder:
        graph.save(Path(folder) / "graph.jsonl")
        again = CompetenceGraph.load(Path(folder) / "graph.jsonl")
    assert list(again.nodes()) == list(graph.nodes())
    assert again.edges() == graph.edges()
    assert again.version == graph.version
    assert CompetenceGraph.build(again.nodes(), again.edges()).version == graph.version


def test_a_damaged_snapshot_is_refused(tmp_path):
    path = tmp_path / "graph.jsonl"
    CompetenceGraph.build(NODES, [edge("resource:0", "requirement:0")]).save(path)
    whole = path.read_bytes()
    for damaged in (whole[:-40], whole.replace(b"requirement 1", b"requirement 7"), b"", b"{}\n", b"\x80abc"):
        path.write_bytes(damaged)
        with pytest.raises(GraphError, match=r"graph\.jsonl"):
            CompetenceGraph.load(path)
    with pytest.raises(FileNotFoundError):
        CompetenceGraph.load(tmp_path / "none.jsonl")


def test_a_snapshot_of_another_format_is_refused(tmp_path):
    path = tmp_path / "graph.jsonl"
    path.write_text(json.dumps({"format": "kompetansegraf-graph/0", "version": ""}) + "\n")
    with pytest.raises(GraphError, match="format kompetansegraf-graph/1"):
        CompetenceGraph.load(path)


def test_a_killed_save_leaves_the_old_snapshot(tmp_path):
    path = tmp_path / "graph.jsonl"
    old = CompetenceGraph.build(NODES, [edge("resource:0", "requirement:0")])
    old.save(path)
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from graph.competence_graph import CompetenceGraph; from graph.model import Node\n"
        "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "CompetenceGraph.build([Node('role:new', 'role')], []).save(Path(sys.argv[1]))\n"
    )
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", program, str(path)], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert CompetenceGraph.load(path).version == old.version


def test_a_failed_save_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        CompetenceGraph.build(NODES, []).save(tmp_path / "graph.jsonl")
    assert list(tmp_path.iterdir()) == []
