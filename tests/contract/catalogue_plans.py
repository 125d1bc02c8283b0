"""What every `engine.ports.PlanStore` promises."""

from dataclasses import replace
from datetime import date

import pytest

from contract.catalogue_values import BAD_TEXT, BY, SECOND, T, plan, requirement, resource, role
from engine.errors import InvalidRequest
from engine.model import UpsertReport

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
