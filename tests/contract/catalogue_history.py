"""What every `engine.ports.History` promises."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.catalogue_values import BY, SECOND, T, plan, requirement, resource, role
from engine.errors import InvalidRequest
from engine.model import Resource


class HistoryContract:
    def test_resources_are_given_as_they_were_and_first_versions_of_what_came_later(self, catalogue):
        for hours, title in ((0, "Første"), (1, "Andre"), (2, "Tredje")):
            catalogue.upsert([resource(1, title)], by=BY, at=T + timedelta(hours=hours))
        catalogue.upsert([resource(2, "Sein")], by=BY, at=T + timedelta(hours=9))
        catalogue.upsert([resource(2, "Seinare")], by=BY, at=T + timedelta(hours=10))
        between = list(catalogue.resources_then(T + timedelta(hours=1, minutes=30)))
        assert [(v.resource.title, v.number) for v in between] == [("Andre", 2), ("Sein", 1)]
        assert [v.recorded - T for v in between] == [timedelta(hours=1), timedelta(hours=9)]
        assert [v.number for v in catalogue.resources_then(T + timedelta(days=1))] == [3, 2]
        assert [v.number for v in catalogue.resources_then(T - SECOND)] == [1, 1]

    def test_many_resources_come_in_id_order_each_once(self, catalogue):
        catalogue.upsert([resource(n) for n in range(1201)], by=BY, at=T)
        found = [v.resource.id for v in catalogue.resources_then(T)]
        assert found == [f"kb-{n:04}" for n in range(1201)]

    def test_plans_are_given_as_they_were(self, catalogue):
        catalogue.upsert_roles([role("a")], by=BY, at=T)
        catalogue.upsert_requirements([requirement("k")], by=BY, at=T)
        catalogue.upsert_plans([plan("p")], by=BY, at=T)
        catalogue.upsert_plans([plan("p", "ny")], by=BY, at=T + 2 * SECOND)
        catalogue.upsert_requirements([requirement("k", "ny")], by=BY, at=T + 2 * SECOND)
        then, now = catalogue.plans_then(T + SECOND), catalogue.plans_then(T + 2 * SECOND)
        assert (then.plans["p"].value, then.plans["p"].number) == (plan("p"), 1)
        assert (now.plans["p"].value, now.plans["p"].number) == (plan("p", "ny"), 2)
        assert then.requirements["k"].value == requirement("k")
        assert now.requirements["k"].value == requirement("k", "ny")
        assert then.roles == now.roles
        assert then.roles["a"].value == role("a")

    def test_a_moment_without_its_zone_is_refused(self, catalogue):
        with pytest.raises(InvalidRequest, match="zone"):
            catalogue.plans_then(T.replace(tzinfo=None))
        with pytest.raises(InvalidRequest, match="zone"):
            list(catalogue.resources_then(T.replace(tzinfo=None)))

    def test_it_agrees_with_the_list_of_versions(self, catalogue):
        @settings(max_examples=15, deadline=None)
        @given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.integers(-1, 6))
        def agrees(hours: list[int], when: int) -> None:
            id_ = f"v-{hash((tuple(hours), when))}"
            for number, hour in enumerate(sorted(hours)):
                catalogue.upsert([Resource(id_, f"t{number}")], by=BY, at=T + timedelta(hours=hour))
            at = T + timedelta(hours=when)
            every = catalogue.versions(id_)
            expected = [v for v in every if v.recorded <= at][-1:] or every[:1]
            assert [v for v in catalogue.resources_then(at) if v.resource.id == id_] == expected

        agrees()
