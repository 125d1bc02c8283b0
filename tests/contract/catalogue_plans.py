"""What every `engine.ports.PlanStore` promises."""

from dataclasses import replace
from datetime import date

import pytest

from contract.catalogue_values import BAD_TEXT, BY, SECOND, T, plan, requirement, resource, role
from engine.errors import Conflict, InvalidRequest
from engine.model import IMPORTED, Decision, UpsertReport

PLAN_KINDS = [
    pytest.param("upsert_roles", "roles", role, id="roles"),
    pytest.param("upsert_requirements", "requirements", requirement, id="requirements"),
    pytest.param("upsert_plans", "plans", plan, id="plans"),
]


class PlanStoreContract:
    @pytest.mark.parametrize(("write", "read", "make"), PLAN_KINDS)
    def test_plan_items_come_back_as_they_were_in_id_order(self, catalogue, write, read, make):
        items = [make(id_) for id_ in ("b", "Å", "a-b", "a", "ab")]
        report = getattr(catalogue, write)(items, by=BY, at=T)
        assert report == UpsertReport(added=tuple(item.id for item in items))
        assert list(getattr(catalogue, read)()) == sorted(items, key=lambda item: item.id)

    @pytest.mark.parametrize(("write", "read", "make"), PLAN_KINDS)
    def test_plan_items_are_written_in_one_transaction(self, catalogue, write, read, make):
        def source():
            yield make("a")
            raise RuntimeError("the source broke")

        with pytest.raises(RuntimeError, match="the source broke"):
            getattr(catalogue, write)(source(), by=BY, at=T)
        with pytest.raises(InvalidRequest, match=f"{read[:-1]} 'b': labels"):
            getattr(catalogue, write)([make("a"), replace(make("b"), labels={})], by=BY, at=T)
        assert (list(getattr(catalogue, read)()), catalogue.plan_seq()) == ([], 0)

    @pytest.mark.parametrize(("write", "read", "make"), PLAN_KINDS)
    def test_equal_plan_items_change_nothing(self, catalogue, write, read, make):
        getattr(catalogue, write)([make("a"), make("b")], by=BY, at=T)
        seq = catalogue.plan_seq()
        assert getattr(catalogue, write)([make("a"), make("b")], by=BY, at=T + SECOND) == UpsertReport(
            unchanged=("a", "b")
        )
        assert catalogue.plan_seq() == seq
        assert list(getattr(catalogue, read)()) == [make("a"), make("b")]

    @pytest.mark.parametrize(("write", "read", "make"), PLAN_KINDS)
    def test_plan_seq_grows_with_every_change(self, catalogue, write, read, make):
        seen = [catalogue.plan_seq()]
        for item in (make("a"), make("b"), make("a", "annet")):
            getattr(catalogue, write)([item], by=BY, at=T)
            seen.append(catalogue.plan_seq())
        assert seen == sorted(set(seen))
        assert list(getattr(catalogue, read)()) == [make("a", "annet"), make("b")]
        catalogue.upsert([resource(1)], by=BY, at=T)
        assert catalogue.plan_seq() == seen[-1]
        assert catalogue.last_seq() == 1

    @pytest.mark.parametrize(("write", "read", "make"), PLAN_KINDS)
    @pytest.mark.parametrize("bad", BAD_TEXT)
    def test_plan_items_with_text_that_cannot_be_held_are_refused(self, catalogue, write, read, make, bad):
        with pytest.raises(InvalidRequest, match=f"{read[:-1]} 'a': labels.nb: .*(NUL|surrogate)"):
            getattr(catalogue, write)([make("a", bad)], by=BY, at=T)
        with pytest.raises(InvalidRequest, match=r"id: .*(NUL|surrogate)"):
            getattr(catalogue, write)([make(bad)], by=BY, at=T)

    def test_the_three_kinds_have_ids_of_their_own(self, catalogue):
        for write, make in (
            ("upsert_roles", role),
            ("upsert_requirements", requirement),
            ("upsert_plans", plan),
        ):
            assert getattr(catalogue, write)([make("x")], by=BY, at=T).added == ("x",)
        assert [line.action for line in catalogue.audit_trail("x")] == [
            "add plan",
            "add requirement",
            "add role",
        ]

    def test_who_wrote_requirements_and_plans_last_is_known(self, catalogue):
        catalogue.upsert_requirements([requirement("x"), requirement("y")], by=BY, at=T)
        catalogue.upsert_plans([plan("x")], by="planer", at=T)
        catalogue.upsert_requirements(
            [requirement("x", "annet"), requirement("y")], by="redaksjon", at=T + SECOND
        )
        assert dict(catalogue.written()) == {
            "requirement:x": ("redaksjon", T + SECOND),
            "requirement:y": (BY, T),
            "plan:x": ("planer", T),
        }

    def test_retired_plans_are_returned_too(self, catalogue):
        retired = plan("plan-b", retired=date(2026, 1, 1), retired_reason="slått sammen")
        catalogue.upsert_plans([retired, plan("plan-a")], by=BY, at=T)
        assert list(catalogue.plans()) == [plan("plan-a"), retired]

    def test_calendar_rules_of_requirements_and_lines_come_back(self, catalogue):
        asked = replace(requirement("a"), calendar="--09-01")
        line = replace(plan("p").lines[0], validity=24, calendar="month-end")
        asking = replace(plan("p"), lines=(line,))
        catalogue.upsert_requirements([asked], by=BY, at=T)
        catalogue.upsert_plans([asking], by=BY, at=T)
        assert (list(catalogue.requirements()), list(catalogue.plans())) == ([asked], [asking])

    def test_plans_and_rulings_are_written_together_or_not_at_all(self, catalogue):
        ruling = Decision("teaches", "r", "a", "accepted", BY, T, basis=IMPORTED)
        bad = replace(plan("p"), labels={})
        with pytest.raises(InvalidRequest, match="plan 'p': labels"):
            catalogue.write_plans(roles=[role("a")], plans=[bad], rulings=[ruling], by=BY, at=T)
        wrong = replace(ruling, verdict="blocked")
        with pytest.raises(InvalidRequest, match="verdict"):
            catalogue.write_plans(roles=[role("a")], rulings=[wrong], by=BY, at=T)
        assert (list(catalogue.roles()), catalogue.plan_seq(), catalogue.ruling_seq()) == ([], 0, 0)
        written = catalogue.write_plans(
            roles=[role("a")], requirements=[requirement("a"), requirement("b")], plans=[plan("p")],
            rulings=[ruling], by=BY, at=T,
        )  # fmt: skip
        assert (written.roles.added, written.requirements.added, written.plans.added) == (
            ("a",),
            ("a", "b"),
            ("p",),
        )
        assert list(catalogue.decisions("teaches")) == [ruling]
        again = catalogue.write_plans(requirements=[requirement("a")], by=BY, at=T)
        assert (again.requirements.unchanged, again.roles) == (("a",), UpsertReport())

    def test_a_write_of_plans_that_were_read_before_another_write_is_refused(self, catalogue):
        seq = catalogue.plan_seq()
        catalogue.upsert_roles([role("a")], by=BY, at=T)
        with pytest.raises(Conflict, match="changed by somebody else"):
            catalogue.write_plans(plans=[plan("p")], by=BY, at=T, expected=seq)
        assert list(catalogue.plans()) == []
        catalogue.write_plans(plans=[plan("p")], by=BY, at=T, expected=catalogue.plan_seq())
        assert [p.id for p in catalogue.plans()] == ["p"]

    def test_what_a_requirement_says_of_others_comes_back(self, catalogue):
        said = replace(
            requirement("a"), alt_labels={"nb": ("annet", "mer")}, same_as=("b", "c"), replaced_by="b"
        )
        catalogue.upsert_requirements([said], by=BY, at=T)
        assert list(catalogue.requirements()) == [said]
        with pytest.raises(InvalidRequest, match="replaced_by: 'a' cannot replace itself"):
            catalogue.upsert_requirements([replace(said, replaced_by="a")], by=BY, at=T)
