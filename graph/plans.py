"""What does a role have to do today? The plans in force merged into one list of obligations."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from graph.competence_graph import NECESSITIES
from graph.errors import GraphError
from graph.model import Evidence, Necessity, Plan, PlanLine, Requirement, Role, State
from graph.order import check_prerequisites
from graph.replaced import in_use
from graph.validity import Validity, add_months, end_of, shortest

__all__ = [
    "SOON",
    "GroupState",
    "Obligation",
    "add_months",
    "applicable_plans",
    "check_prerequisites",
    "evaluate",
    "lines_for",
    "narrower_roles_with_plans",
    "obligations",
    "validity_of",
]

SOON = 60
"""An approval expires soon when at most so many days are left [days]."""

COMMON = "felles"
"""The edition that everybody sees."""

FULFILLED: frozenset[State] = frozenset({"approved", "expires_soon", "exempt"})
"""States in which nothing is missing today."""

_STANDING: Mapping[State, int] = {
    "approved": 6,
    "exempt": 5,
    "expires_soon": 4,
    "awaiting_approval": 3,
    "in_progress": 2,
    "expired": 1,
    "not_begun": 0,
}


@dataclass(frozen=True, slots=True)
class GroupState:
    """An "at least `minimum` of `size`" rule of one plan, and how far it is met."""

    plan: str
    name: str
    minimum: int
    size: int
    met: int

    @property
    def satisfied(self) -> bool:
        """Whether enough of the group is fulfilled."""
        return self.met >= self.minimum


@dataclass(frozen=True, slots=True)
class Obligation:
    """One requirement asked of a role, counted once however many plans ask for it.

    `necessity` is the strongest and `validity` [months] the shortest of all the lines that ask for
    it; None is once for all. `rules` are the different rules that these lines state, the earliest end of
    which counts. `due` is the last day on which the approval holds, and stays the missed
    day once that is past; None when nothing has been approved or it never runs out. `order` is the
    earliest place in a plan. `groups` is empty when some plan asks for the requirement outside a group.
    """

    requirement: str
    necessity: Necessity
    validity: int | None
    plans: tuple[str, ...]
    state: State
    due: date | None = None
    order: int = 0
    groups: tuple[GroupState, ...] = ()
    rules: tuple[Validity, ...] = ()

    @property
    def fulfilled(self) -> bool:
        """Whether the requirement is met today."""
        return self.state in FULFILLED

    @property
    def gap(self) -> bool:
        """Whether it is missing: not fulfilled, and not in groups that are all satisfied without it."""
        return not self.fulfilled and not (self.groups and all(group.satisfied for group in self.groups))


def obligations(
    role_id: str | Sequence[str],
    plans: Iterable[Plan],
    requirements: Iterable[Requirement] | Mapping[str, Requirement],
    *,
    on: date,
    edition: str | None = None,
    plan_id: str | None = None,
    done: Sequence[Evidence] = (),
    versions: Literal["newest", "all"] = "newest",
) -> list[Obligation]:
    """Merge the plans in force for a role into one list.

    Parameters
    ----------
    role_id : str or sequence of str
        One role, or the roles that one person has together (profession, position, functions). A plan
        applies to the roles it names; nothing is inherited from broader roles.
    plans, requirements : iterables
        All that are known.
    on : date
        The day that is asked about. Plans that are not in force on it and evidence achieved after it
        count for nothing.
    edition : str, optional
        Plans shared with ``felles`` or with this edition apply, and of their lines those without an
        edition and those of this one. None is ``felles``.
    plan_id : str, optional
        This plan alone, whichever roles it names; it must be in force and shared with the edition.
    done : sequence of Evidence
        The asker's done-list; lines about requirements that nobody asks for are not looked at. What
        was achieved for a replaced requirement counts for the one that replaces it.
    versions : {"newest", "all"}
        Two versions of a plan may be in force at once, for those who began on the older one. "newest"
        leaves out, for each role, a plan that another one which applies to the role `replaces`;
        "all" counts both. A plan named by `plan_id` is never left out.

    Returns
    -------
    list of Obligation
        In order of (order, requirement id).

    Raises
    ------
    GraphError
        If `plan_id` or a requirement named by a plan line is not known.
    CycleError
        If the prerequisites among `requirements` run in a circle.
    """
    known = _by_id(requirements)
    check_prerequisites(known.values())
    chosen = applicable_plans(role_id, plans, on=on, edition=edition, plan_id=plan_id, versions=versions)
    lines: defaultdict[str, list[tuple[Plan, PlanLine]]] = defaultdict(list)
    for plan in chosen:
        for line in lines_for(plan, edition):
            if line.requirement not in known:
                raise GraphError(
                    f"plan {plan.id} names the requirement {line.requirement!r}, which is not known"
                )
            lines[line.requirement].append((plan, line))
    evidence: defaultdict[str, list[Evidence]] = defaultdict(list)
    for item in done:
        evidence[in_use(item.requirement, known)].append(item)
    standing: dict[str, tuple[State, date | None]] = {}
    rules: dict[str, tuple[Validity, ...]] = {}
    for name, asked in lines.items():
        stated = {r for _, line in asked if (r := validity_of(line, known[name])).interval}
        rules[name] = tuple(sorted(stated, key=str) if len(stated) > 1 else stated)
        standing[name] = evaluate(evidence[name], rules[name], on=on)
    groups = _group_states(
        chosen, edition, {name for name, (state, _) in standing.items() if state in FULFILLED}
    )
    found = []
    for name, asked in lines.items():
        state, due = standing[name]
        in_groups = {(plan.id, line.group) for plan, line in asked if line.group is not None}
        outside = any(line.group is None for _, line in asked)
        found.append(
            Obligation(
                name,
                max((line.necessity for _, line in asked), key=lambda necessity: NECESSITIES[necessity]),
                shortest(rules[name]),
                tuple(sorted({plan.id for plan, _ in asked})),
                state,
                due,
                min(line.order for _, line in asked),
                () if outside else tuple(groups[key] for key in sorted(in_groups)),
                rules[name],
            )
        )
    return sorted(found, key=lambda obligation: (obligation.order, obligation.requirement))


def applicable_plans(
    role_id: str | Sequence[str],
    plans: Iterable[Plan],
    *,
    on: date,
    edition: str | None = None,
    plan_id: str | None = None,
    versions: Literal["newest", "all"] = "newest",
) -> list[Plan]:
    """Return the plans that `obligations` merges, in id order; raises GraphError for an unknown `plan_id`."""
    everything = sorted(plans, key=lambda plan: plan.id)
    usable = [p for p in everything if p.in_force(on) and {COMMON, edition or COMMON} & set(p.editions)]
    if plan_id is not None:
        if all(plan.id != plan_id for plan in everything):
            raise GraphError(f"no such plan: {plan_id!r}")
        return [plan for plan in usable if plan.id == plan_id]
    chosen: dict[str, Plan] = {}
    for role in [role_id] if isinstance(role_id, str) else role_id:
        mine = [plan for plan in usable if role in plan.roles]
        replaced = (
            {plan.replaces for plan in mine if plan.replaces != plan.id} if versions == "newest" else set()
        )
        chosen |= {plan.id: plan for plan in mine if plan.id not in replaced}
    return [chosen[name] for name in sorted(chosen)]


def narrower_roles_with_plans(
    role_id: str,
    roles: Mapping[str, Role],
    plans: Iterable[Plan],
    *,
    on: date,
    edition: str | None = None,
) -> list[str]:
    """Return where to look when a role has no plan in force: the narrower roles that have one.

    Returns
    -------
    list of ids
        In id order, at whatever depth below the role; empty when the role has a plan itself.

    Examples
    --------
    >>> roles = {r.id: r for r in (Role("lege", {}), Role("lis1", {}, broader="lege"))}
    >>> narrower_roles_with_plans("lege", roles, [Plan("p", {}, roles=("lis1",))], on=date(2026, 11, 21))
    ['lis1']
    """
    in_force = [p for p in plans if p.in_force(on)]
    if applicable_plans(role_id, in_force, on=on, edition=edition):
        return []
    below: set[str] = set()
    layer = {role_id}
    while layer:
        layer = {r.id for r in roles.values() if r.broader in layer} - below - {role_id}
        below |= layer
    return [name for name in sorted(below) if applicable_plans(name, in_force, on=on, edition=edition)]


def lines_for(plan: Plan, edition: str | None = None) -> list[PlanLine]:
    """Return the plan's common lines and those of one edition, in the plan's order."""
    seen = {None, COMMON, edition or COMMON}
    return [line for line in plan.lines if line.edition in seen]


def validity_of(line: PlanLine, requirement: Requirement | None) -> Validity:
    """Return the rule of a line; one that states none has the requirement's own."""
    if line.validity is not None or line.calendar is not None or requirement is None:
        return Validity(line.validity, line.calendar)
    return Validity(requirement.validity, requirement.calendar)


def evaluate(
    evidence: Iterable[Evidence], validity: int | Sequence[Validity] | None, *, on: date
) -> tuple[State, date | None]:
    """Judge the evidence for one requirement on one day.

    An approval holds to the earliest of its own `expires` and what each rule says of `achieved`, that day
    included; with neither it holds for ever. What the evidence calls expired stays expired.

    Parameters
    ----------
    evidence : iterable of Evidence
        All about the same requirement; the best of them counts. Evidence achieved after `on` is not
        looked at.
    validity : int or sequence of Validity, optional
        The strictest interval that applies [months], or all the rules that do.
    on : date
        The day that is asked about.

    Returns
    -------
    state : State
    due : date or None
        The last day of the approval that counts; when nothing is approved today, the last day of the
        latest one that was.

    Examples
    --------
    >>> evaluate([Evidence("krav-fall", achieved=date(2025, 1, 31))], 13, on=date(2026, 2, 1))
    ('expires_soon', datetime.date(2026, 2, 28))
    """
    judged = [_judge(item, validity, on) for item in evidence if item.achieved is None or item.achieved <= on]
    if not judged:
        return "not_begun", None
    state, due = max(judged, key=lambda found: (_STANDING[found[0]], found[1] or date.max))
    if state not in FULFILLED:
        due = max((day for _, day in judged if day is not None), default=None)
    return state, due


def _judge(item: Evidence, validity: int | Sequence[Validity] | None, on: date) -> tuple[State, date | None]:
    ends = [item.expires] if item.expires else []
    if item.achieved and item.state != "exempt" and (end := end_of(item.achieved, validity)):
        ends.append(end)
    due = min(ends, default=None)
    if item.state not in FULFILLED and item.state != "expired":
        return item.state, None
    if item.state == "expired" or (due is not None and due < on):
        return "expired", due
    if item.state == "exempt":
        return "exempt", due
    if item.state == "expires_soon" and due is None:
        return "expires_soon", None
    soon = due is not None and (due - on).days <= SOON
    return ("expires_soon" if soon else "approved"), due


def _group_states(
    plans: Iterable[Plan], edition: str | None, fulfilled: set[str]
) -> dict[tuple[str, str], GroupState]:
    states: dict[tuple[str, str], GroupState] = {}
    for plan in plans:
        members: defaultdict[str, set[str]] = defaultdict(set)
        minimums: dict[str, int] = {}
        for line in lines_for(plan, edition):
            if line.group is not None:
                members[line.group].add(line.requirement)
                minimums[line.group] = max(minimums.get(line.group, 0), line.group_minimum or 0)
        for name, inside in members.items():
            minimum = min(minimums[name] or len(inside), len(inside))
            states[plan.id, name] = GroupState(plan.id, name, minimum, len(inside), len(inside & fulfilled))
    return states


def _by_id(requirements: Iterable[Requirement] | Mapping[str, Requirement]) -> Mapping[str, Requirement]:
    if isinstance(requirements, Mapping):
        return requirements
    return {requirement.id: requirement for requirement in requirements}
