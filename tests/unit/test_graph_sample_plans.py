"""The sample roles, requirements and plans that come with the program: whole, marked, and usable."""

import json
from datetime import date
from pathlib import Path

import pytest

from graph.assembly import concept_parts, plan_parts
from graph.competence_graph import CompetenceGraph
from graph.model import Evidence
from graph.order import check_prerequisites, prerequisites_of
from graph.plans import lines_for, obligations
from graph.records import plan_from_record, requirement_from_record, role_from_record
from vocab.vocabulary import open_vocabulary

FOLDER = Path(__file__).parents[2] / "indexer/data/sample/plans"
TODAY = date(2026, 11, 21)


def read(name, from_record):
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [from_record(json.loads(line)) for line in lines]


@pytest.fixture(scope="module")
def roles():
    return {role.id: role for role in read("roles.jsonl", role_from_record)}


@pytest.fixture(scope="module")
def requirements():
    return {
        requirement.id: requirement for requirement in read("requirements.jsonl", requirement_from_record)
    }


@pytest.fixture(scope="module")
def plans():
    return {plan.id: plan for plan in read("plans.jsonl", plan_from_record)}


def test_everything_that_is_named_exists(roles, requirements, plans):
    for plan in plans.values():
        assert set(plan.roles) <= roles.keys()
        assert {line.requirement for line in plan.lines} <= requirements.keys()
        assert plan.replaces is None or plan.replaces in plans
    for role in roles.values():
        assert role.broader is None or role.broader in roles
    for requirement in requirements.values():
        assert set(requirement.prerequisites) <= requirements.keys()
        assert requirement.broader is None or requirement.broader in requirements
    check_prerequisites(requirements.values())


def test_every_plan_is_marked_as_sample_and_names_its_origin(plans):
    assert all(plan.sample and plan.source for plan in plans.values())


def test_every_interval_is_marked_as_example(requirements):
    assert all(r.example for r in requirements.values() if r.validity is not None)


def test_labels_are_in_three_languages_without_qualifiers(roles, requirements, plans):
    for thing in [*roles.values(), *requirements.values(), *plans.values()]:
        assert thing.labels.keys() == {"nb", "nn", "en"}, thing.id
        assert not any(text.endswith(("(krav)", "(requirement)")) for text in thing.labels.values())


def test_the_graph_of_the_sample_has_no_dangling_edge_but_to_concepts(roles, requirements, plans):
    nodes, edges = plan_parts(roles.values(), requirements.values(), plans.values(), on=TODAY)
    graph = CompetenceGraph.build(nodes, edges)
    assert {edge.target.split(":")[0] for edge in graph.dangling} == {"concept"}
    assert "plan:plan-hjelpepleier-sykehjem" not in graph


def test_every_concept_is_in_the_vocabulary(roles, requirements, plans):
    vocabulary = open_vocabulary()
    nodes, edges = plan_parts(roles.values(), requirements.values(), plans.values(), on=TODAY)
    more, links = concept_parts(vocabulary.concepts)
    assert not CompetenceGraph.build([*nodes, *more], edges + links, strict=True).dangling
    assert all(role.concept in vocabulary for role in roles.values() if role.concept)


def test_lines_stand_after_their_prerequisites(requirements, plans):
    for plan in plans.values():
        names = [line.requirement for line in sorted(plan.lines, key=lambda line: line.order)]
        for place, name in enumerate(names):
            assert not prerequisites_of([name], requirements) & set(names[place:])


def test_every_role_with_a_plan_in_force_has_obligations(requirements, plans):
    for plan in plans.values():
        edition = plan.editions[0]
        for role in plan.roles if plan.in_force(TODAY) else ():
            assert obligations(role, plans.values(), requirements, on=TODAY, edition=edition)


def test_two_versions_of_the_common_objectives_are_in_force_at_once(requirements, plans):
    assert all(
        plans[name].in_force(TODAY) for name in ("lis-fkm-2019", "lis-fkm-2025-del1", "lis-fkm-2025-del2-3")
    )
    assert not plans["lis-fkm-2019"].in_force(date(2027, 9, 2))
    newest = {o.requirement for o in obligations("lis1", plans.values(), requirements, on=TODAY)}
    both = {
        o.requirement for o in obligations("lis1", plans.values(), requirements, on=TODAY, versions="all")
    }
    assert {name for name in both if name.startswith("fkm-gammel")} == both - newest != set()
    objectives = [line for n in ("lis-fkm-2025-del1", "lis-fkm-2025-del2-3") for line in plans[n].lines]
    assert len({line.requirement for line in objectives}) == 29


def test_the_placement_plan_has_a_three_of_five_group(requirements, plans):
    done = [Evidence(name) for name in ("krav-sar", "krav-sonde", "krav-kateter")]
    found = obligations("sykepleierstudent", plans.values(), requirements, on=TODAY, done=done)
    grouped = [o for o in found if o.groups]
    assert len(grouped) == 5
    assert not any(o.gap for o in grouped)


def test_the_retired_plan_gives_nothing(requirements, plans):
    assert plans["plan-hjelpepleier-sykehjem"].retired_reason
    assert obligations("hjelpepleier", plans.values(), requirements, on=TODAY) == []


def test_lines_of_an_edition_and_plans_of_some_editions_are_there(plans):
    plan = plans["plan-hjemmesykepleier-hjemmetjeneste"]
    assert len(lines_for(plan, "ahus")) == len(lines_for(plan)) + 1
    assert len([p for p in plans.values() if "felles" not in p.editions]) >= 5
