"""Whatever stands in a table of plans: the preview comes true, a second import changes nothing, and what is stored holds."""

import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.records import plan_from_record, plan_to_record
from indexer.plans import import_plans
from small_bank import fill, open_bank

CELLS = {
    "plan": ["Natt", "Dag", "Natt", ""],
    "rolle": ["sykepleier", "jordmor", "sykepleer", "sykepleier|jordmor", ""],
    "krav_kode": ["A", "B", "C", "D", "krav-fall", "", "a"],
    "krav_tittel": ["Brannvern", "Munnstell", "Fall", "", "#REF!", "Brann og vern"],
    "kravtype": ["obligatorisk", "betinget", "anbefalt", "kanskje", ""],
    "intervall_mnd": ["12", "24", "", "ofte"],
    "versjon": ["1", "2", ""],
    "gyldig_fra": ["2026-01-01", "", "2025-01-01"],
    "gyldig_til": ["", "2025-06-01", "2030-01-01"],
    "gruppe": ["", "", "valg"],
    "gruppe_minimum": ["", "1", "2", "9"],
    "forkunnskap": ["", "", "A", "B", "C|D", "X"],
    "utgave": ["", "", "ahus", "Mars"],
    "ressurs_url": ["", "https://example.invalid/kb-1", "ftp"],
}
ROWS = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()}), max_size=8
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    fill(folder, indexed=False)
    engine = open_bank(folder)
    yield engine
    engine.close()


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS)
def test_any_table(engine, tmp_path, rows):
    """The bank is that of the examples before: updates, other versions and kept lines come about by themselves."""
    path = tmp_path / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(CELLS), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    dry = import_plans(engine, path, by="test", dry_run=True)
    real = import_plans(engine, path, by="test")
    assert {**dry.to_record(), "dry_run": False} == real.to_record()
    again = import_plans(engine, path, by="test")
    assert {kind: (k.added, k.updated) for kind, k in again.kinds.items()} == dict.fromkeys(
        again.kinds, ((), ())
    )
    stored = {q.id for q in engine.catalogue.requirements()}
    for plan in engine.catalogue.plans():
        assert plan_from_record(plan_to_record(plan)) == plan
        assert {line.requirement for line in plan.lines} <= stored
    engine.obligations("sykepleier")  # no circle of prerequisites has come in
    assert all(problem.advice for problem in real.problems)
