"""What must be renewed in the months to come, and with which resources? Renewals joined with review dates."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from graph.coverage import ServingResource
from graph.model import Plan, Requirement
from graph.plans import COMMON, lines_for, validity_of
from graph.status import Language, month_name
from graph.validity import MONTH_END, Validity, add_months, day_of_year


@dataclass(frozen=True, slots=True)
class Renewal:
    """A day on which a plan lets a requirement run out for those who follow it."""

    plan: str
    requirement: str
    day: date


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One requirement that comes up for renewal in one month.

    `month` is its first day. `plans` renew it then (in id order), `renewals` counts the due dates of people
    that were given. `now` are the valid resources that teach it today, `then` those still valid when the month
    ends, both in id order; `lost` are those of `now` that are not among them, with their review dates.
    `proposed` are those that the program likely thinks serve it and that are valid when the month ends: no editor
    has said so, and they cover nothing until one does.
    """

    month: date
    requirement: str
    plans: tuple[str, ...]
    renewals: int
    now: tuple[str, ...]
    then: tuple[str, ...]
    lost: tuple[tuple[str, date], ...]
    proposed: tuple[str, ...] = ()

    @property
    def uncovered(self) -> bool:
        """Whether nothing valid will teach it; what is only proposed does not."""
        return not self.then


def renewal_days(rule: Validity, begun: date | None, first: date, last: date) -> list[date]:
    """Return the days from `first` to `last` on which approvals by a rule run out.

    A day of the year comes each year, whatever the number of months: of those who follow a plan, some are due
    each year. A rule of months alone counts from `begun`, the day on which a plan began and those who were
    there then were approved, again and again; without that day nothing is known, and nothing returned.

    Examples
    --------
    >>> renewal_days(Validity(calendar="--09-01"), None, date(2026, 10, 1), date(2028, 9, 30))
    [datetime.date(2027, 9, 1), datetime.date(2028, 9, 1)]
    >>> renewal_days(Validity(12), date(2024, 2, 1), date(2026, 1, 1), date(2026, 12, 31))
    [datetime.date(2026, 2, 1)]
    """
    if rule.interval is None:
        return []
    if rule.calendar is not None and rule.calendar != MONTH_END:
        month, number = day_of_year(rule.calendar)
        ends = [
            add_months(date(2024, month, number), 12 * (y - 2024)) for y in range(first.year, last.year + 1)
        ]
        return [end for end in ends if first <= end <= last]
    found: list[date] = []
    end = rule.end(begun) if begun is not None else None
    while end is not None and end <= last:
        if end >= first:
            found.append(end)
        following = rule.end(end)
        end = following if following is not None and following > end else None
    return found


def plan_renewals(
    plans: Iterable[Plan],
    requirements: Mapping[str, Requirement],
    *,
    first: date,
    last: date,
    edition: str | None = None,
) -> list[Renewal]:
    """Return the days on which plans let requirements run out, in order of day, requirement and plan.

    A plan counts on the days on which it is in force, for the edition (None is the common one) with the lines
    that apply there.
    """
    found = []
    for plan in plans:
        if not {COMMON, edition or COMMON} & set(plan.editions):
            continue
        for line in lines_for(plan, edition):
            rule = validity_of(line, requirements.get(line.requirement))
            days = renewal_days(rule, plan.valid_from, first, last)
            found += [Renewal(plan.id, line.requirement, day) for day in days if plan.in_force(day)]
    return sorted(set(found), key=lambda item: (item.day, item.requirement, item.plan))


def forecast(
    renewals: Iterable[Renewal],
    resources: Sequence[ServingResource],
    *,
    on: date,
    months: int = 12,
    edition: str = COMMON,
    due: Iterable[tuple[str, date]] = (),
) -> list[ForecastRow]:
    """Join what must be renewed with the review dates of the resources that teach it.

    Parameters
    ----------
    renewals : iterable of Renewal
        What plans let run out.
    resources : sequence of ServingResource
        All that are known; those shown in the edition count.
    on : date
        The day that is asked about.
    months : int
        How many months to look ahead, the month of `on` included.
    edition : str
        Whose resources count beside the common ones.
    due : iterable of (requirement, day)
        Due dates of people, one for each; nobody is named.

    Returns
    -------
    list of ForecastRow
        By month, those without a resource first, then what most renew, then by requirement.
    """
    begin = on.replace(day=1)
    plans: defaultdict[tuple[date, str], set[str]] = defaultdict(set)
    people: Counter[tuple[date, str]] = Counter()
    for renewal in renewals:
        plans[renewal.day.replace(day=1), renewal.requirement].add(renewal.plan)
    for requirement, day in due:
        people[day.replace(day=1), requirement] += 1
    wanted = {key for key in plans.keys() | people.keys() if begin <= key[0] < add_months(begin, months)}
    teaching: defaultdict[str, list[ServingResource]] = defaultdict(list)
    proposed: defaultdict[str, list[ServingResource]] = defaultdict(list)
    for resource in resources:
        if resource.shown_in(edition):
            for name in set(resource.teaches):
                teaching[name].append(resource)
            for name in set(resource.proposed).difference(resource.teaches):
                proposed[name].append(resource)
    rows = []
    for month, requirement in wanted:
        end = add_months(month, 1) - timedelta(1)
        served = sorted(teaching[requirement], key=lambda resource: resource.id)
        now = [resource for resource in served if resource.valid(on)]
        then = tuple(resource.id for resource in served if resource.valid(end))
        lost = tuple((r.id, r.review_due) for r in now if r.id not in then and r.review_due is not None)
        rows.append(
            ForecastRow(
                month,
                requirement,
                tuple(sorted(plans[month, requirement])),
                people[month, requirement],
                tuple(resource.id for resource in now),
                then,
                lost,
                tuple(sorted(resource.id for resource in proposed[requirement] if resource.valid(end))),
            )
        )
    return sorted(
        rows,
        key=lambda row: (row.month, not row.uncovered, -len(row.plans), -row.renewals, row.requirement),
    )


def forecast_sentence(row: ForecastRow, label: str, lang: Language) -> str:
    """Return a row as a sentence.

    Examples
    --------
    >>> row = ForecastRow(date(2027, 3, 1), "k", ("a", "b"), 0, ("r",), (), (("r", date(2027, 2, 14)),))
    >>> forecast_sentence(row, "fall", "nb")
    'I mars 2027 fornyer 2 planer «fall»; den eneste ressursen går ut i februar 2027.'
    >>> forecast_sentence(row, "falls", "en")
    'In March 2027 2 plans renew “falls”; its only resource expires in February 2027.'
    >>> forecast_sentence(ForecastRow(date(2027, 3, 1), "k", ("a",), 0, (), (), (), ("r",)), "falls", "en")
    'In March 2027 1 plan renews “falls”; no valid resource serves it; one is proposed and waits for an editor.'
    """
    words = _WORDS[lang]
    who = []
    if row.plans:
        who.append(words["plan" if len(row.plans) == 1 else "plans"].format(n=len(row.plans)))
    if row.renewals:
        who.append(words["person" if row.renewals == 1 else "people"].format(n=row.renewals))
    verb = words["renews" if len(row.plans) + row.renewals == 1 else "renew"]
    begin = words["in"].format(month=_month(row.month, lang))
    sentence = (
        f"{begin} {verb} {words['and'].join(who)} "
        if lang != "en"
        else (f"{begin} {words['and'].join(who)} {verb} ")
    )
    sentence += words["quoted"].format(label=label)
    if row.then:
        return f"{sentence}; {words['one' if len(row.then) == 1 else 'some'].format(n=len(row.then))}."
    more = ""
    if row.proposed:
        more = words["proposed" if len(row.proposed) == 1 else "proposals"].format(n=len(row.proposed))
    if not row.now:
        return f"{sentence}; {words['none']}{more}."
    last = max((day for _, day in row.lost), default=None)
    if last is None:
        return f"{sentence}; {words['none_then']}{more}."
    kind = "only" if len(row.now) == 1 else "all"
    return f"{sentence}; {words[kind].format(n=len(row.now), month=_month(last, lang))}{more}."


def _month(day: date, lang: Language) -> str:
    return f"{month_name(day.month, lang)} {day.year}"


_WORDS: Mapping[Language, Mapping[str, str]] = {
    "nb": {
        "in": "I {month}",
        "plan": "{n} plan",
        "plans": "{n} planer",
        "person": "{n} ansatt",
        "people": "{n} ansatte",
        "and": " og ",
        "renews": "fornyer",
        "renew": "fornyer",
        "quoted": "«{label}»",
        "one": "én ressurs gjelder da",
        "some": "{n} ressurser gjelder da",
        "none": "ingen gyldig ressurs dekker kravet",
        "none_then": "da dekker ingen gyldig ressurs kravet",
        "only": "den eneste ressursen går ut i {month}",
        "all": "alle {n} ressursene er gått ut innen utgangen av {month}",
        "proposed": "; én er foreslått og venter på en redaktør",
        "proposals": "; {n} er foreslått og venter på en redaktør",
    },
    "nn": {
        "in": "I {month}",
        "plan": "{n} plan",
        "plans": "{n} planar",
        "person": "{n} tilsett",
        "people": "{n} tilsette",
        "and": " og ",
        "renews": "fornyar",
        "renew": "fornyar",
        "quoted": "«{label}»",
        "one": "éin ressurs gjeld då",
        "some": "{n} ressursar gjeld då",
        "none": "ingen gyldig ressurs dekkjer kravet",
        "none_then": "då dekkjer ingen gyldig ressurs kravet",
        "only": "den einaste ressursen går ut i {month}",
        "all": "alle dei {n} ressursane har gått ut innan utgangen av {month}",
        "proposed": "; éin er foreslått og ventar på ein redaktør",
        "proposals": "; {n} er foreslåtte og ventar på ein redaktør",
    },
    "en": {
        "in": "In {month}",
        "plan": "{n} plan",
        "plans": "{n} plans",
        "person": "{n} employee",
        "people": "{n} employees",
        "and": " and ",
        "renews": "renews",
        "renew": "renew",
        "quoted": "“{label}”",
        "one": "one resource is valid then",
        "some": "{n} resources are valid then",
        "none": "no valid resource serves it",
        "none_then": "no valid resource serves it then",
        "only": "its only resource expires in {month}",
        "all": "all of its {n} resources have expired by the end of {month}",
        "proposed": "; one is proposed and waits for an editor",
        "proposals": "; {n} are proposed and wait for an editor",
    },
}
