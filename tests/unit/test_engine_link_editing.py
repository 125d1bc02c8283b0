"""Rulings on links follow the requirement that counts, and work before anything has been indexed."""

import pytest

from engine.errors import InvalidRequest, NotFound
from engine.link_editing import LinkEditor
from engine.model import IMPORTED, Decision
from engine.plan_editing import PlanEditor
from graph.model import Requirement
from small_bank import NOW, fill, open_bank


@pytest.fixture
def engine(tmp_path):
    fill(tmp_path, indexed=False)
    engine = open_bank(tmp_path)
    coded = [Requirement(name, {"nb": name}, code="SAMME") for name in ("lokal-1", "lokal-2")]
    engine.catalogue.upsert_requirements(coded, by="test", at=NOW)
    yield engine
    engine.close()


def rows(engine, resource):
    return {row.requirement: row for row in LinkEditor(engine).of_resource(resource)}


def test_before_the_first_index_run_what_is_stated_and_ruled_is_there(engine):
    assert (rows(engine, "kb-1")["krav-fall"].state, rows(engine, "kb-1")["krav-fall"].in_graph) == (
        "stated",
        False,
    )
    ruled = LinkEditor(engine).rule("kb-8", "krav-tomt", "rejected", by="redaksjon")
    assert (ruled.state, ruled.in_graph, ruled.confidence, ruled.shared) == ("rejected", False, None, ())
    assert [row.resource for row in LinkEditor(engine).of_requirement("krav-tomt")] == ["kb-8"]


def test_a_ruling_on_a_joined_requirement_holds_for_the_one_that_counts(engine):
    LinkEditor(engine).rule("kb-8", "lokal-1", "accepted", by="redaksjon")
    PlanEditor(engine.catalogue, engine.now).join("lokal-1", "krav-tomt", by="redaksjon")
    assert rows(engine, "kb-8").keys() == {"krav-tomt"}
    assert rows(engine, "kb-8")["krav-tomt"].state == "accepted"
    again = LinkEditor(engine).rule("kb-8", "lokal-1", "rejected", by="redaksjon")
    assert (again.requirement, again.state) == ("krav-tomt", "rejected")
    assert rows(engine, "kb-8")["krav-tomt"].state == "rejected"  # ruled on the one that counts
    LinkEditor(engine).withdraw("kb-8", "krav-tomt", by="redaksjon")
    assert rows(engine, "kb-8") == {}
    assert engine.catalogue.decisions("teaches", "kb-8") == []


def test_what_a_file_of_plans_has_stated_is_no_ruling_of_an_editor(engine):
    engine.catalogue.record(
        Decision("teaches", "kb-8", "krav-tomt", "accepted", "plans", NOW, "p.csv", IMPORTED)
    )
    row = rows(engine, "kb-8")["krav-tomt"]
    assert (row.state, row.by, row.text_changed) == ("stated", "plans", False)
    with pytest.raises(NotFound, match="no editor has ruled"):
        LinkEditor(engine).withdraw("kb-8", "krav-tomt", by="redaksjon")
    assert LinkEditor(engine).rule("kb-8", "krav-tomt", "accepted", by="redaksjon").state == "accepted"


def test_a_code_names_a_requirement_unless_several_have_it(engine):
    with pytest.raises(InvalidRequest, match="lokal-1, lokal-2"):
        LinkEditor(engine).rule("kb-8", "samme", "accepted", by="redaksjon")
    assert LinkEditor(engine).requirement("krav/lokal-1").id == "lokal-1"
