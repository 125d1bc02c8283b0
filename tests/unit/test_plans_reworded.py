"""A plan is imported again with another text under the same code: what rests on the requirement waits for an editor."""

import csv
import json
from datetime import timedelta

import pytest

from engine.editorial.authority_changes import changes_of
from engine.model import Resource
from graph.model import Role
from indexer.plans import import_plans
from small_bank import NOW, open_bank
from vocab.concept import ConceptId


@pytest.fixture
def engine(tmp_path):
    opened = open_bank(tmp_path / "data")
    role = Role("sykepleier", {"nb": "sykepleier"}, ConceptId("rolle/sykepleier"))
    opened.catalogue.upsert_roles([role], by="test", at=NOW)
    opened.now = iter([NOW + timedelta(n) for n in range(1, 200)]).__next__
    yield opened
    opened.close()


def table(path, plan, title, code="FKM-001"):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["plan", "rolle", "krav_kode", "krav_tittel", "kravtype"])
        writer.writerow([plan, "sykepleier", code, title, "obligatorisk"])
    return path


def case(path, statement):
    document = {"identifier": "d1", "uri": "https://example.org/d1", "title": "Læreplan", "creator": "Fagråd"}
    item = {"identifier": "i1", "humanCodingScheme": "KM-1", "fullStatement": statement, "language": "nb"}
    found = {"CFDocument": document, "CFItems": [item], "CFAssociations": []}
    path.write_text(json.dumps(found), encoding="utf-8")
    return path


def waiting(engine):
    return [(w.item, w.before.text, w.after.text) for w in changes_of(engine).waiting()]


def test_a_table_with_another_title_under_the_code(engine, tmp_path):
    path = tmp_path / "plan.csv"
    old, new = "Kunne forebygge fall hos eldre", "Kunne forebygge fall hos eldre og barn"
    import_plans(engine, table(path, "Plan A", old), by="test")
    engine.write_resources([Resource("r1", "Fall", teaches=("fkm-001",))], by="test")
    import_plans(engine, table(path, "Plan A", old), by="test")
    assert waiting(engine) == []
    report = import_plans(engine, table(path, "Plan A", new), by="test")
    assert [w.code for w in report.warnings] == ["title-changed"]
    assert waiting(engine) == [("requirement:fkm-001", old, new), ("resource:r1", old, new)]
    found = engine.requirements()["fkm-001"]
    assert (found.labels["nb"], found.alt_labels["nb"]) == (new, (old,))
    changes_of(engine).mark("requirement:fkm-001", None, by="test")
    import_plans(engine, table(path, "Plan A", new), by="test")
    import_plans(engine, table(path, "Plan A", old), by="test")  # a wording that is known changes nothing
    assert waiting(engine) == []


def test_another_plan_with_another_wording_changes_no_text(engine, tmp_path):
    import_plans(engine, table(tmp_path / "a.csv", "Plan A", "Kunne forebygge fall hos eldre"), by="test")
    report = import_plans(engine, table(tmp_path / "b.csv", "Plan B", "Forebygge fall hos eldre"), by="test")
    assert [w.code for w in report.warnings] == ["title-kept"]
    assert waiting(engine) == []


def test_a_framework_with_another_statement_under_the_code(engine, tmp_path):
    path = tmp_path / "case.json"
    old, new = "Kunne behandle sepsis hos voksne", "Kunne behandle sepsis hos voksne og barn"
    import_plans(engine, case(path, old), by="test", roles=["sykepleier"])
    assert import_plans(engine, case(path, old), by="test").kinds["requirements"].unchanged == ("km-1",)
    import_plans(engine, case(path, new), by="test")
    assert waiting(engine) == [("requirement:km-1", old, new)]
    assert engine.requirements()["km-1"].alt_labels == {"nb": (old,)}
    assert import_plans(engine, case(path, new), by="test").kinds["requirements"].unchanged == ("km-1",)
