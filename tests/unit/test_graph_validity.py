"""How long approvals hold: months, days of the year, ends of months, and the strictest of several rules."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Evidence, Plan, PlanLine, Requirement
from graph.plans import obligations
from graph.records import plan_from_record, plan_to_record, requirement_from_record, requirement_to_record
from graph.validity import Validity, add_months, end_of

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
MONTHS = st.none() | st.integers(1, 120)
DAY_OF_YEAR = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: f"--{day:%m-%d}")


@given(DAYS, DAY_OF_YEAR)
def test_each_year_on_a_day_is_the_next_such_day_after_the_approval(achieved, rule):
    month, number = int(rule[2:4]), int(rule[5:])
    day = achieved + timedelta(1)
    while (day.month, day.day) != (month, min(number, calendar.monthrange(day.year, month)[1])):
        day += timedelta(1)
    assert Validity(calendar=rule).end(achieved) == min(day, add_months(achieved, 12))


@given(DAYS, st.integers(12, 120), DAY_OF_YEAR)
def test_with_months_it_is_the_last_such_day_within_them(achieved, months, rule):
    end = Validity(months, rule).end(achieved)
    last = add_months(achieved, months)
    assert achieved < end <= last
    assert f"--{end:%m-%d}" == rule or rule == "--02-29" or end == last
    assert (last - end).days <= 366


@given(DAYS, st.integers(1, 120))
def test_the_end_of_the_month_never_shortens_and_adds_less_than_a_month(achieved, months):
    end, last = Validity(months, "month-end").end(achieved), add_months(achieved, months)
    assert (end.year, end.month) == (last.year, last.month)
    assert end >= last
    assert (end + timedelta(1)).day == 1


@given(DAYS, st.lists(st.builds(Validity, MONTHS, st.none() | DAY_OF_YEAR), max_size=4))
def test_of_several_rules_the_earliest_end_counts(achieved, rules):
    ends = [end for rule in rules if (end := rule.end(achieved))]
    assert end_of(achieved, rules) == (min(ends) if ends else None)


def asked(lines, requirement, done, on):
    plans = [Plan(f"p{n}", {"nb": "p"}, (line,), ("r",)) for n, line in enumerate(lines)]
    return obligations("r", plans, [requirement], on=on, done=done)[0]


def test_a_calendar_rule_of_the_requirement_decides_when_it_is_due():
    done = [Evidence("k", achieved=date(2026, 3, 1))]
    found = asked([PlanLine("k")], Requirement("k", {}, calendar="--09-01"), done, date(2026, 8, 31))
    assert (found.state, found.due, found.validity) == ("expires_soon", date(2026, 9, 1), 12)
    after = asked([PlanLine("k")], Requirement("k", {}, calendar="--09-01"), done, date(2026, 9, 2))
    assert (after.state, after.due) == ("expired", date(2026, 9, 1))


def test_a_line_overrides_months_and_calendar_together_and_the_strictest_line_wins():
    done = [Evidence("k", achieved=date(2026, 3, 1))]
    requirement = Requirement("k", {}, validity=24, calendar="month-end")
    on = date(2026, 3, 2)
    assert asked([PlanLine("k")], requirement, done, on).due == date(2028, 3, 31)
    assert asked([PlanLine("k", validity=24)], requirement, done, on).due == date(2028, 3, 1)
    both = asked([PlanLine("k"), PlanLine("k", calendar="--09-01")], requirement, done, on)
    assert both.due == date(2026, 9, 1)
    assert set(both.rules) == {Validity(24, "month-end"), Validity(None, "--09-01")}


@pytest.mark.parametrize(
    ("rule", "months"),
    [("--13-01", None), ("--02-30", None), ("1. september", None), ("month-end", None), ("09-01", 12)],
)
def test_a_rule_that_says_nothing_is_refused_with_its_place(rule, months):
    with pytest.raises(ValueError, match=r"^calendar: "):
        requirement_from_record({"id": "k", "labels": {"nb": "k"}, "calendar": rule, "validity": months})
    line = {"requirement": "k", "calendar": rule, "validity": months}
    with pytest.raises(ValueError, match=r"^lines\[0\]\.calendar: "):
        plan_from_record({"id": "p", "labels": {"nb": "p"}, "lines": [line]})


def test_records_keep_the_rule_and_records_without_one_are_as_before():
    requirement = Requirement("k", {"nb": "k"}, validity=12, calendar="--09-01")
    assert requirement_from_record(requirement_to_record(requirement)) == requirement
    plan = Plan("p", {"nb": "p"}, (PlanLine("k", validity=12, calendar="month-end"),))
    assert plan_from_record(plan_to_record(plan)) == plan
    assert "calendar" not in requirement_to_record(Requirement("k", {"nb": "k"}))


def test_a_day_of_the_year_within_fewer_months_than_a_year():
    rule = Validity(3, "--09-01")
    assert rule.end(date(2026, 8, 1)) == date(2026, 9, 1)
    assert rule.end(date(2026, 9, 1)) == date(2026, 12, 1)
    assert rule.end(date(2026, 10, 5)) == date(2027, 1, 5)
