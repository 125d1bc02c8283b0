"""Requirements that are one in other words are found, others are not; joining them is shown first and can be undone."""

import csv
import json
from pathlib import Path

import pytest

from engine.errors import InvalidRequest, NotFound
from engine.harmonise import Harmoniser, harmoniser
from engine.plan_data import read_plans
from engine.plan_editing import PlanEditor
from engine.plan_migration import migrate
from graph.model import Plan, PlanLine, Requirement
from graph.records import plan_from_record, requirement_from_record
from small_bank import NOW, fill, open_bank
from vocab.matcher import LabelMatcher
from vocab.vocabulary import open_vocabulary

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "indexer" / "data" / "sample" / "plans"
WORDINGS = ROOT / "tests" / "golden" / "harmonise" / "local-wordings.tsv"


def read(name, from_record):
    lines = (SAMPLE / name).read_text(encoding="utf-8").splitlines()
    return {value.id: value for value in (from_record(json.loads(line)) for line in lines)}


@pytest.fixture(scope="module")
def requirements():
    return read("requirements.jsonl", requirement_from_record)


@pytest.fixture(scope="module")
def found(requirements):
    """What is proposed for all the local wordings together, as pairs of sample requirement and row of the file."""
    with WORDINGS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    local = {}
    for number, row in enumerate(rows):
        lang = (
            "nn"
            if any(w in row["wording"] for w in ("Fø", "tilset", "tils", "ande", "øving", "jande"))
            else "nb"
        )
        local[f"zz-{number:02}"] = Requirement(f"zz-{number:02}", {lang: row["wording"]}, example=False)
    plans = {name: Plan(f"p-{name}", {}, lines=(PlanLine(name),)) for name in requirements}
    plans |= {f"{name}2": Plan(f"q-{name}", {}, lines=(PlanLine(name),)) for name in requirements}
    proposals = Harmoniser(
        {**requirements, **local}, plans, matcher=LabelMatcher(open_vocabulary())
    ).proposals()
    return rows, {(n.requirement, p.keep) for p in proposals for n in p.near}


def test_local_wordings_of_the_same_are_found_and_of_others_are_not(found):
    rows, pairs = found
    right = wrong = 0
    for number, row in enumerate(rows):
        proposed = (f"zz-{number:02}", row["requirement"]) in pairs
        right += proposed and row["same"] == "1"
        wrong += proposed and row["same"] == "0"
    assert wrong == 0
    assert right >= 36  # of 40: 38 when it was written


def test_nothing_of_the_sample_bank_is_proposed_to_be_one(found):
    """Its 200 requirements were written to be different ones."""
    assert {pair for pair in found[1] if not any(name.startswith("zz-") for name in pair)} == set()


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    fill(folder, indexed=False)
    return folder


@pytest.fixture
def engine(bank, tmp_path):
    import shutil

    engine = open_bank(shutil.copytree(bank, tmp_path / "data"))
    local = Requirement("lokal-fall", {"nb": "Forebygging av fall"}, validity=12, example=False)
    plan = Plan(
        "plan-lokal",
        {"nb": "Lokal"},
        lines=(PlanLine("lokal-fall"), PlanLine("krav-fall", "anbefalt", 5)),
        roles=("hjemmesykepleier",),
    )
    engine.catalogue.write_plans(requirements=[local], plans=[plan], by="test", at=NOW)
    yield engine
    engine.close()


def proposals(engine):
    data = read_plans(engine.catalogue, engine.catalogue.plan_seq())
    finder = harmoniser(engine.catalogue, data, matcher=engine.matcher)
    return finder, finder.proposals()


def test_a_proposal_shows_evidence_plans_links_and_what_plans_become(engine):
    finder, (proposal,) = proposals(engine)
    (near,) = proposal.near
    assert (proposal.keep, near.requirement, near.how, near.words) == (
        "krav-fall",
        "lokal-fall",
        "words",
        1.0,
    )
    assert set(near.differs) == {"validity", "verification"}
    assert proposal.plans == ("plan-gammel", "plan-lokal", "plan-sykepleier")
    assert proposal.joined_plans == ("plan-lokal",)
    assert proposal.resources == ("kb-1", "kb-7")
    assert proposal.wordings == ("Forebygging av fall",)
    assert finder.preview(proposal)["plan-lokal"].lines == (
        PlanLine("krav-fall", "obligatorisk", validity=12),
    )


def test_joining_changes_what_is_asked_and_undoing_brings_all_back(engine):
    before = (engine.obligations("hjemmesykepleier"), engine.requirements(), list(engine.catalogue.plans()))
    editor = PlanEditor(engine.catalogue, lambda: NOW)
    editor.join("lokal-fall", "krav-fall", by="test", reason="samme")
    (asked,) = engine.obligations("hjemmesykepleier")
    assert (asked.requirement, asked.validity, asked.necessity) == ("krav-fall", 12, "obligatorisk")
    assert engine.requirements()["krav-fall"].alt_labels == {"nb": ("Forebygging av fall",)}
    assert list(engine.catalogue.plans()) == before[2]
    assert proposals(engine)[1] == []
    assert editor.part("lokal-fall", by="test") == "krav-fall"
    assert (engine.obligations("hjemmesykepleier"), engine.requirements()) == before[:2]
    trail = [line.action for line in engine.catalogue.audit_trail("lokal-fall")]
    assert trail[:2] == ["withdrawn requirement", "accepted requirement"]


def test_what_was_said_of_the_old_one_leads_in_the_graph(engine):
    from indexer.pipeline import index

    PlanEditor(engine.catalogue, lambda: NOW).join("krav-fall", "lokal-fall", by="test")
    index(engine)
    assert {e.source for e in engine.graph().edges_to("requirement:lokal-fall", ("teaches",))} == {
        "resource:kb-1",
        "resource:kb-7",
    }
    assert "requirement:krav-fall" not in engine.graph()
    assert [r.id for r, stated in engine.resources_for("krav-fall") if stated] == ["kb-1"]
    PlanEditor(engine.catalogue, lambda: NOW).part("krav-fall", by="test")
    assert not index(engine).skipped
    assert "requirement:krav-fall" in engine.graph()


def test_a_ruling_outlives_the_import_of_its_requirement(engine):
    PlanEditor(engine.catalogue, lambda: NOW).join("lokal-fall", "krav-fall", by="test")
    again = Requirement("lokal-fall", {"nb": "Fallforebygging hos oss"})
    engine.catalogue.upsert_requirements([again], by="test", at=NOW)
    assert engine.requirements()["lokal-fall"].replaced_by == "krav-fall"


def test_a_rejected_pair_is_not_proposed_again_until_that_is_undone(engine):
    editor = PlanEditor(engine.catalogue, lambda: NOW)
    editor.keep_apart("lokal-fall", "krav-fall", by="test")
    assert proposals(engine)[1] == []
    editor.part("lokal-fall", by="test")
    assert len(proposals(engine)[1]) == 1


def test_what_cannot_be_joined_is_refused(engine):
    editor = PlanEditor(engine.catalogue, lambda: NOW)
    engine.catalogue.upsert_requirements(
        [Requirement("midt", {"nb": "midt"}, prerequisites=("krav-fall",)), Requirement("sist", {"nb": "sist"}, prerequisites=("midt",))],
        by="test", at=NOW)  # fmt: skip
    with pytest.raises(InvalidRequest, match="midt"):
        editor.join("krav-fall", "sist", by="test")
    with pytest.raises(NotFound, match="finnes-ikke"):
        editor.join("finnes-ikke", "krav-fall", by="test")
    editor.join("lokal-fall", "krav-fall", by="test")
    with pytest.raises(InvalidRequest, match="are one requirement already"):
        editor.join("krav-fall", "lokal-fall", by="test")
    with pytest.raises(NotFound, match="krav-news2"):
        editor.part("krav-news2", by="test")


def test_a_plan_goes_out_of_use_on_a_day_for_a_reason_and_comes_back(engine):
    from datetime import date

    editor = PlanEditor(engine.catalogue, lambda: NOW)
    with pytest.raises(InvalidRequest, match="reason"):
        editor.retire("plan-lokal", NOW.date(), " ", by="test")
    editor.retire("plan-lokal", date(2026, 11, 21), "erstattet av felles plan", by="test")
    assert engine.obligations("hjemmesykepleier") == []
    assert len(engine.obligations("hjemmesykepleier", on=date(2026, 11, 20))) == 2
    assert engine.plans()["plan-lokal"].retired_reason == "erstattet av felles plan"
    editor.reinstate("plan-lokal", by="test")
    assert len(engine.obligations("hjemmesykepleier")) == 2
    with pytest.raises(NotFound):
        editor.retire("finnes-ikke", NOW.date(), "x", by="test")


def test_old_codes_are_mapped_and_what_has_no_place_is_listed():
    def requirement(name, label, code=None, **rest):
        return Requirement(name, {"nb": label}, code=code, **rest)

    known = {q.id: q for q in (
        requirement("felles", "Taushetsplikt"),
        requirement("g1", "Etisk refleksjon i eget arbeid", "FKM-001"),
        requirement("n1", "Etisk refleksjon", "fkm 001"),
        requirement("g2", "Lede samtaler", replaced_by="n2"),
        requirement("n2", "Krevende samtaler"),
        requirement("g3", "Forebygging av fall hos eldre"),
        requirement("n3", "Fallforebygging hos eldre"),
        requirement("g4", "Akuttmedisin", "FKM-004"),
        requirement("n4", "Munnstell", "FKM-004"),
        requirement("g5", "Bruk av telefaks"),
    )}  # fmt: skip
    old = Plan("gammel", {}, lines=tuple(PlanLine(n) for n in ("felles", "g1", "g2", "g3", "g4", "g5")))
    new = Plan("ny", {}, lines=tuple(PlanLine(n) for n in ("felles", "n1", "n2", "n3", "n4")))
    moved = migrate(old, new, known)
    assert [(m.old, m.new, m.how) for m in moved.moved] == [
        ("felles", "felles", "same"), ("g1", "n1", "code"), ("g2", "n2", "replaced"), ("g3", "n3", "label")]  # fmt: skip
    assert (moved.unmapped, moved.added, moved.reused) == (("g4", "g5"), ("n4",), ("g4",))


def test_every_old_requirement_is_mapped_or_listed(requirements):
    plans = read("plans.jsonl", plan_from_record)
    moved = migrate(plans["lis-fkm-2019"], plans["lis-fkm-2025-del1"], requirements)
    assert len(moved.moved) + len(moved.unmapped) == len(plans["lis-fkm-2019"].lines)
    assert {m.old for m in moved.moved} | set(moved.unmapped) == {
        x.requirement for x in plans["lis-fkm-2019"].lines
    }


def test_another_level_is_told_and_keeps_no_pair_apart():
    asked = {
        "a": Requirement("a", {"nb": "Sårstell"}, level="grunnleggende"),
        "b": Requirement("b", {"nb": "Sårstell"}, level="avansert"),
        "c": Requirement("c", {"nb": "NEWS"}),
        "d": Requirement("d", {"nb": "NEWS2"}),
    }
    (proposal,) = Harmoniser(asked, {}).proposals()
    (near,) = proposal.near
    assert ("level" in near.differs, near.levels) == (True, ("grunnleggende", "avansert"))


def test_the_model_is_asked_for_names_once_and_only_by_meaning():
    import numpy as np

    asked = []

    def vectors(texts):
        asked.append(list(texts))
        return np.eye(1, 2, dtype=np.float32).repeat(len(texts), axis=0)

    names = {"a": "Håndhygiene ved injeksjoner", "b": "Håndhygiene injeksjoner hjemme"}
    finder = Harmoniser({i: Requirement(i, {"nb": name}) for i, name in names.items()}, {}, vectors)
    by_words = finder.proposals(by_meaning=False)
    assert asked == []
    assert [near.how for p in finder.proposals() for near in p.near] == ["meaning"]
    assert (by_words, finder.proposals() != [], len(asked)) == ([], True, 1)
