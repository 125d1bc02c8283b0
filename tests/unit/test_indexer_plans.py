"""Roles, requirements and plans of one's own: every fault with its place, and a dry run that tells the truth."""

import json

import pytest

from engine.errors import InvalidRequest, NotFound
from indexer.plans import import_plans
from small_bank import open_bank

ROLES = [
    {"id": "vakt", "labels": {"nb": "vakt"}},
    {"id": "nattvakt", "labels": {"nb": "nattvakt"}, "broader": "vakt"},
]
REQUIREMENTS = [
    {"id": "krav-a", "labels": {"nb": "A"}},
    {"id": "krav-b", "labels": {"nb": "B"}, "prerequisites": ["krav-a"], "validity": 12},
]
PLANS = [
    {"id": "plan-vakt", "labels": {"nb": "Plan"}, "roles": ["vakt"], "lines": [{"requirement": "krav-b"}]}
]


@pytest.fixture
def engine(tmp_path):
    engine = open_bank(tmp_path / "data")
    yield engine
    engine.close()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "plans"
    folder.mkdir()
    for name, records in (("roles", ROLES), ("requirements", REQUIREMENTS), ("plans", PLANS)):
        write(folder / f"{name}.jsonl", records)
    return folder


def write(path, records):
    path.write_text(
        "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records), encoding="utf-8"
    )


def ids(report):
    return {
        kind: tuple(sorted(part) for part in (k.added, k.updated, k.unchanged))
        for kind, k in report.kinds.items()
    }


def places(problems):
    return [(p.place, p.row, p.field) for p in problems]


def both(engine, location):
    """Return the report of a real run, after seeing that the dry run said the same and wrote nothing."""
    seq = engine.catalogue.plan_seq()
    dry = import_plans(engine, location, by="test", dry_run=True)
    assert engine.catalogue.plan_seq() == seq
    real = import_plans(engine, location, by="test")
    assert ids(dry) == ids(real)
    assert (dry.problems, dry.warnings) == (real.problems, real.warnings)
    return real


def test_a_folder_is_read_and_a_second_time_changes_nothing(engine, folder):
    first = both(engine, folder)
    assert ids(first) == {
        "roles": (["nattvakt", "vakt"], [], []),
        "requirements": (["krav-a", "krav-b"], [], []),
        "plans": (["plan-vakt"], [], []),
    }
    assert (first.problems, first.warnings) == ([], [])
    assert [o.requirement for o in engine.obligations("vakt")] == ["krav-b"]
    seq = engine.catalogue.plan_seq()
    assert ids(both(engine, folder))["roles"] == ([], [], ["nattvakt", "vakt"])
    assert engine.catalogue.plan_seq() == seq
    write(folder / "plans.jsonl", [{**PLANS[0], "owner": "fagavdeling"}])
    assert ids(both(engine, folder / "plans.jsonl")) == {"plans": ([], ["plan-vakt"], [])}


def test_bad_records_have_their_place_and_the_rest_goes_on(engine, folder):
    write(
        folder / "requirements.jsonl",
        [
            REQUIREMENTS[0],
            "{broken",
            "",
            {"id": "krav-x", "labels": {"no": "X"}},
            {"id": "krav-a", "labels": {"nb": "igjen"}},
            {"id": "krav-y", "labels": {"nb": "Y"}, "farge": "rød"},
            {"id": "krav-z", "labels": {"nb": "a\x00b"}},
            REQUIREMENTS[1],
        ],
    )
    write(
        folder / "plans.jsonl",
        [
            {
                **PLANS[0],
                "lines": [{"requirement": "krav-a"}, {"requirement": "krav-b", "necessity": "kanskje"}],
            }
        ],
    )
    report = both(engine, folder)
    assert places(report.problems) == [
        ("requirements.jsonl", 2, None),
        ("requirements.jsonl", 4, "labels"),
        ("requirements.jsonl", 5, "id"),
        ("requirements.jsonl", 6, "farge"),
        ("requirements.jsonl", 7, "labels.nb"),
        ("plans.jsonl", 1, "lines[1].necessity"),
    ]
    assert ids(report)["requirements"][0] == ["krav-a", "krav-b"]


def test_references_to_what_is_not_there_are_warnings(engine, folder):
    write(folder / "roles.jsonl", [{**ROLES[0], "broader": "tull"}])
    write(folder / "requirements.jsonl", [{**REQUIREMENTS[1], "prerequisites": ["tull"]}])
    write(
        folder / "plans.jsonl", [{**PLANS[0], "roles": ["vakt", "tull"], "lines": [{"requirement": "tull"}]}]
    )
    report = both(engine, folder)
    assert report.problems == []
    assert places(report.warnings) == [
        ("roles.jsonl", 1, "broader"),
        ("requirements.jsonl", 1, "prerequisites[0]"),
        ("plans.jsonl", 1, "roles[1]"),
        ("plans.jsonl", 1, "lines[0].requirement"),
    ]


def test_prerequisites_in_a_circle_are_refused_with_the_circle(engine, folder):
    import_plans(engine, folder, by="test")
    write(
        folder / "requirements.jsonl",
        [{**REQUIREMENTS[0], "prerequisites": ["krav-b"]}, {"id": "krav-c", "labels": {"nb": "C"}}],
    )
    report = both(engine, folder / "requirements.jsonl")
    assert places(report.problems) == [("requirements.jsonl", 1, "prerequisites")]
    assert "krav-b before krav-a before krav-b" in report.problems[0].reason or (
        "krav-a before krav-b before krav-a" in report.problems[0].reason
    )
    assert ids(report) == {"requirements": (["krav-c"], [], [])}
    assert engine.requirements()["krav-a"].prerequisites == ()


def test_a_place_that_is_none_is_an_error(engine, tmp_path):
    with pytest.raises(NotFound, match="finnes-ikke"):
        import_plans(engine, tmp_path / "finnes-ikke", by="test")
    with pytest.raises(InvalidRequest, match=r"roles\.jsonl"):
        import_plans(engine, tmp_path / "data", by="test")
    write(tmp_path / "mine.jsonl", [])
    with pytest.raises(InvalidRequest, match=r"plans\.jsonl"):
        import_plans(engine, tmp_path / "mine.jsonl", by="test")


def test_a_person_as_owner_of_a_plan_is_warned_of_and_not_named(engine, tmp_path):
    owners = {"a": "Kari Nordmann", "b": "Fagavdelingen", "c": "", "d": "fagansvarlig for plan (eksempel)"}
    rows = [{"id": name, "labels": {"nb": name}, "owner": owner} for name, owner in owners.items()]
    path = tmp_path / "plans.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    for lang in ("nb", "nn", "en"):
        report = import_plans(engine, path, by="test", lang=lang, dry_run=lang != "en")
        (warning,) = [w for w in report.warnings if "role" not in w.reason and "rol" not in w.reason]
        assert (warning.severity, warning.code) == ("warning", "plan-owner-person")
        assert " a " in warning.reason
        assert "Nordmann" not in str(warning)
