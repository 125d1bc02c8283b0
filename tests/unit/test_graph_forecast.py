"""What is renewed when, and whether a resource is still valid then."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from graph.coverage import ServingResource
from graph.forecast import forecast, forecast_sentence, plan_renewals, renewal_days
from graph.model import Plan, PlanLine, Requirement
from graph.validity import Validity

ON = date(2026, 11, 21)
RULES = st.builds(
    Validity, st.none() | st.integers(1, 40), st.sampled_from([None, "--09-01", "--03-01", "--02-29"])
)


def plans(n, **rest):
    return [
        Plan(f"p{i:02}", {"nb": "p"}, (PlanLine("k", calendar="--03-01"),), ("r",), **rest) for i in range(n)
    ]


def test_in_march_41_plans_renew_it_and_its_only_resource_expires_in_february():
    renewals = plan_renewals(plans(41), {"k": Requirement("k", {})}, first=ON, last=date(2027, 12, 31))
    served = [ServingResource("kb-1", teaches=("k",), review_due=date(2027, 2, 14))]
    (row,) = forecast(renewals, served, on=ON, months=12)
    assert (row.month, len(row.plans), row.now, row.then) == (date(2027, 3, 1), 41, ("kb-1",), ())
    assert row.lost == (("kb-1", date(2027, 2, 14)),)
    assert forecast_sentence(row, "X", "nb") == (
        "I mars 2027 fornyer 41 planer «X»; den eneste ressursen går ut i februar 2027."
    )
    assert forecast_sentence(row, "X", "nn") == (
        "I mars 2027 fornyar 41 planar «X»; den einaste ressursen går ut i februar 2027."
    )
    assert forecast_sentence(row, "X", "en") == (
        "In March 2027 41 plans renew “X”; its only resource expires in February 2027."
    )


def test_a_second_resource_that_lasts_and_local_ones_and_proposals():
    renewals = plan_renewals(plans(1), {}, first=ON, last=date(2027, 12, 31))
    short = ServingResource("kb-1", teaches=("k",), review_due=date(2027, 2, 14))
    local = ServingResource("kb-2", edition="ahus", teaches=("k",))
    proposed = ServingResource("kb-3", proposed=("k",))
    assert forecast(renewals, [short, local, proposed], on=ON)[0].uncovered
    assert forecast(renewals, [short, local], on=ON, edition="ahus")[0].then == ("kb-2",)


def test_a_plan_that_has_ended_by_then_renews_nothing():
    ended = plans(1, valid_to=date(2027, 2, 28))
    assert plan_renewals(ended, {}, first=ON, last=date(2027, 12, 31)) == []
    assert plan_renewals(plans(1, editions=("ahus",)), {}, first=ON, last=date(2027, 12, 31)) == []


@given(RULES, st.dates(date(2015, 1, 1), date(2026, 1, 1)), st.dates(ON, date(2032, 1, 1)))
def test_renewals_by_months_are_a_chain_from_the_day_the_plan_began(rule, begun, last):
    found = renewal_days(rule, begun, ON, last)
    assert found == sorted(set(found))
    assert all(ON <= day <= last for day in found)
    if rule.calendar is None and rule.months is not None:
        days, end = [], rule.end(begun)
        while end <= last:
            days.append(end)
            end = rule.end(end)
        assert found == [day for day in days if day >= ON]
        assert renewal_days(rule, None, ON, last) == []
    if rule.calendar is not None:
        assert found == renewal_days(rule, None, ON, last)


@given(
    st.lists(st.tuples(st.sampled_from("kl"), st.dates(ON, ON + timedelta(500))), max_size=20),
    st.integers(1, 14),
)
def test_due_dates_of_people_are_counted_by_month_and_add_up(due, months):
    rows = forecast([], [], on=ON, months=months, due=due)
    counted = {(row.month, row.requirement): row.renewals for row in rows}
    year, month = divmod(2026 * 12 + 10 + months, 12)
    inside = [(q, day) for q, day in due if day < date(year, month + 1, 1)]
    assert sum(counted.values()) == len(inside)
    for q, day in inside:
        assert counted[day.replace(day=1), q] == sum(
            (o, d.year, d.month) == (q, day.year, day.month) for o, d in inside
        )


def test_what_is_only_proposed_is_named_as_such_and_covers_nothing():
    renewals = plan_renewals(plans(1), {}, first=ON, last=date(2027, 12, 31))
    served = [
        ServingResource("kb-3", proposed=("k",)),
        ServingResource("kb-4", proposed=("k",)),
        ServingResource("kb-5", proposed=("k",), review_due=date(2027, 1, 1)),
        ServingResource("kb-6", proposed=("k",), edition="ahus"),
    ]
    (row,) = forecast(renewals, served, on=ON)
    assert (row.uncovered, row.proposed) == (True, ("kb-3", "kb-4"))
    said = {lang: forecast_sentence(row, "X", lang) for lang in ("nb", "nn", "en")}
    assert said["nb"].endswith("ingen gyldig ressurs dekker kravet; 2 er foreslått og venter på en redaktør.")
    assert said["nn"].endswith(
        "ingen gyldig ressurs dekkjer kravet; 2 er foreslåtte og ventar på ein redaktør."
    )
    assert said["en"].endswith("no valid resource serves it; 2 are proposed and wait for an editor.")
    stated = ServingResource("kb-1", teaches=("k",), proposed=("k",))
    (covered,) = forecast(renewals, [*served, stated], on=ON)
    assert (covered.then, covered.proposed) == (("kb-1",), ("kb-3", "kb-4"))
    assert "kb-3" not in forecast_sentence(covered, "X", "nb")
