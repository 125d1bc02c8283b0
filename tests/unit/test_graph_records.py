"""Records of roles, requirements and plans: what goes out comes back, and what is wrong is named."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Plan, PlanLine, Requirement, Role
from graph.records import (
    plan_from_record,
    plan_to_record,
    requirement_from_record,
    requirement_to_record,
    role_from_record,
    role_to_record,
)

NAME = st.text("abcæøå-019", min_size=1, max_size=8)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LANG = st.sampled_from(["nb", "nn", "en", "se"])
LABELS = st.dictionaries(LANG, TEXT.filter(str.strip), min_size=1)
CONCEPTS = st.lists(NAME.map("tema/{}".format), max_size=3).map(tuple)
MONTHS = st.none() | st.integers(1, 120)
DAY = st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))
ROLES = st.builds(
    Role,
    id=NAME,
    labels=LABELS,
    concept=st.none() | NAME.map("rolle/{}".format),
    broader=st.none() | NAME,
    hpr=st.none() | NAME,
    styrk08=st.none() | NAME,
    arenas=st.lists(NAME, max_size=3).map(tuple),
)
REQUIREMENTS = st.builds(
    Requirement,
    id=NAME.map("k-{}".format),
    labels=LABELS,
    description=st.dictionaries(LANG, TEXT),
    concepts=CONCEPTS,
    kind=st.sampled_from(["knowledge", "skill", "practical_approval", "formal"]),
    level=st.none() | NAME,
    validity=MONTHS,
    verification=TEXT,
    legal_basis=TEXT,
    prerequisites=st.lists(NAME, max_size=3).map(tuple),
    code=st.none() | NAME,
    broader=st.none() | NAME,
    example=st.booleans(),
)


@st.composite
def plans(draw):
    keys = draw(st.lists(st.tuples(NAME, st.none() | NAME), unique=True, max_size=6))
    groups = [draw(st.sampled_from([None, "a", "b"])) for _ in keys]
    minimum = {group: draw(st.integers(1, groups.count(group))) for group in groups if group}
    lines = tuple(
        PlanLine(
            requirement,
            draw(st.sampled_from(["obligatorisk", "betinget", "anbefalt"])),
            draw(st.integers(-5, 99)),
            draw(MONTHS),
            edition,
            group,
            minimum.get(group),
        )
        for (requirement, edition), group in zip(keys, groups, strict=True)
    )
    first, last = draw(DAY), draw(DAY)
    if first and last and last < first:
        first, last = last, first
    return Plan(
        draw(NAME), draw(LABELS), lines, ("r",), draw(st.none() | NAME), "lis", draw(TEXT), ("felles", "ahus"),
        draw(TEXT), first, last, draw(st.none() | NAME), draw(DAY), draw(TEXT), draw(TEXT), draw(st.booleans()),
    )  # fmt: skip


@given(ROLES)
def test_a_role_survives_json(role):
    assert role_from_record(json.loads(json.dumps(role_to_record(role)))) == role


@given(REQUIREMENTS)
def test_a_requirement_survives_json(requirement):
    assert requirement_from_record(json.loads(json.dumps(requirement_to_record(requirement)))) == requirement


@given(plans())
def test_a_plan_survives_json(plan):
    assert plan_from_record(json.loads(json.dumps(plan_to_record(plan)))) == plan


LABEL = {"nb": "x"}
LINE = {"requirement": "a"}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ([], "record: an object"),
        ({"labels": LABEL}, "id: is missing"),
        ({"id": "a"}, "labels: is missing"),
        ({"id": " a", "labels": LABEL}, "id: a name without spaces"),
        ({"id": 7, "labels": LABEL}, "id: text is needed, got 7"),
        ({"id": "a", "labels": {}}, "labels: at least one label"),
        ({"id": "a", "labels": {"nb": " "}}, "labels: at least one label and no empty one"),
        ({"id": "a", "labels": {"no": "x"}}, "labels: the language 'no'"),
        ({"id": "a", "labels": {"nb": 1}}, "labels.nb: text is needed"),
        ({"id": "a", "labels": LABEL, "sampel": True}, "sampel: no such field of a plan"),
        ({"id": "a", "labels": LABEL, "sample": 1}, "sample: true or false"),
        ({"id": "a", "labels": LABEL, "kind": "rolle"}, "kind: 'rolle' is none of role_plan"),
        ({"id": "a", "labels": LABEL, "roles": "lege"}, "roles: an array is needed"),
        ({"id": "a", "labels": LABEL, "roles": ["lege", ""]}, r"roles\[1\]: a name"),
        ({"id": "a", "labels": LABEL, "valid_from": "1.9.2025"}, "valid_from: a date such as"),
        ({"id": "a", "labels": LABEL, "valid_from": "20250901"}, "valid_from: a date such as"),
        ({"id": "a", "labels": LABEL, "valid_from": "2025-13-01"}, "valid_from: a date such as"),
        ({"id": "a", "labels": LABEL, "valid_from": "2025-01-02", "valid_to": "2025-01-01"}, "valid_to: 2025-01-01"),
        ({"id": "a", "labels": LABEL, "lines": [LINE, {"requirement": ""}]}, r"lines\[1\].requirement: a name"),
        ({"id": "a", "labels": LABEL, "lines": [7]}, r"lines\[0\]: an object is needed"),
        ({"id": "a", "labels": LABEL, "lines": [{**LINE, "necessity": "må"}]}, r"lines\[0\].necessity: 'må'"),
        ({"id": "a", "labels": LABEL, "lines": [{**LINE, "validity": 0}]}, r"lines\[0\].validity: a whole number from 1"),
        ({"id": "a", "labels": LABEL, "lines": [{**LINE, "order": True}]}, r"lines\[0\].order: a whole number"),
        ({"id": "a", "labels": LABEL, "lines": [LINE, LINE]}, r"lines\[1\].requirement: 'a' stands twice"),
        ({"id": "a", "labels": LABEL, "lines": [{**LINE, "group_minimum": 1}]}, r"lines\[0\].group_minimum"),
        ({"id": "a", "labels": LABEL, "lines": [{**LINE, "group": "g"}]}, "group 'g' needs one group_minimum"),
        ({"id": "a", "labels": LABEL, "lines": [{**LINE, "group": "g", "group_minimum": 2}]}, "wants 2 of 1"),
    ],
)  # fmt: skip
def test_the_message_names_the_field_and_the_value(record, message):
    with pytest.raises(ValueError, match=message):
        plan_from_record(record)


def test_the_same_requirement_may_stand_once_for_each_edition():
    lines = [LINE, {**LINE, "edition": "ahus"}]
    assert len(plan_from_record({"id": "a", "labels": LABEL, "lines": lines}).lines) == 2


def test_a_requirement_cannot_come_before_itself():
    with pytest.raises(ValueError, match="prerequisites: 'a' cannot come before itself"):
        requirement_from_record({"id": "a", "labels": LABEL, "prerequisites": ["a"]})


def test_a_concept_needs_its_scheme():
    with pytest.raises(ValueError, match=r"concepts\[0\]: a concept such as tema/smerte"):
        requirement_from_record({"id": "a", "labels": LABEL, "concepts": ["smerte"]})
