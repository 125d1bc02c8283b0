"""What do the plans of a role ask, whoever asks, and what does one done-list make of it? Merged once, judged often."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from graph.model import Evidence, Plan, Requirement
from graph.plans import FULFILLED, GroupState, Obligation, applicable_plans, evaluate, lines_for, obligations
from graph.replaced import in_use


class MergedPlans:
    """The obligations of a role on a day with nothing done; `judged` is what they are with a done-list.

    Parameters
    ----------
    role, plans, on, edition, plan_id
        As for `obligations`.
    requirements : mapping of id to Requirement
        All that the plans name and what comes before them.
    known : mapping of id to Requirement, optional
        Where replaced requirements are looked up. Default: `requirements`.

    Raises
    ------
    GraphError, CycleError
        As `obligations` does.
    """

    def __init__(
        self,
        role: str,
        plans: Iterable[Plan],
        requirements: Mapping[str, Requirement],
        *,
        on: date,
        edition: str | None = None,
        plan_id: str | None = None,
        known: Mapping[str, Requirement] | None = None,
    ) -> None:
        plans = list(plans)
        self._on, self._known = on, requirements if known is None else known
        self._nothing_done = tuple(
            obligations(role, plans, requirements, on=on, edition=edition, plan_id=plan_id)
        )
        self._place = {o.requirement: place for place, o in enumerate(self._nothing_done)}
        self._grouped = [place for place, o in enumerate(self._nothing_done) if o.groups]
        self._members: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        if self._grouped:
            for plan in applicable_plans(role, plans, on=on, edition=edition, plan_id=plan_id):
                for line in lines_for(plan, edition):
                    if line.group is not None:
                        self._members[plan.id, line.group].add(line.requirement)

    @property
    def nothing_done(self) -> Sequence[Obligation]:
        """The obligations of somebody who has done nothing."""
        return self._nothing_done

    def judged(self, done: Sequence[Evidence]) -> list[Obligation]:
        """Return what `obligations` gives for a done-list."""
        found = list(self._nothing_done)
        evidence: defaultdict[str, list[Evidence]] = defaultdict(list)
        for item in done:
            evidence[in_use(item.requirement, self._known)].append(item)
        for name, items in evidence.items():
            if (place := self._place.get(name)) is not None:
                o = found[place]
                state, due = evaluate(items, o.rules, on=self._on)
                found[place] = Obligation(
                    name, o.necessity, o.validity, o.plans, state, due, o.order, o.groups, o.rules
                )
        if self._grouped and evidence:
            fulfilled = {o.requirement for o in found if o.state in FULFILLED}
            for place in self._grouped:
                groups = tuple(self._met(group, fulfilled) for group in found[place].groups)
                found[place] = replace(found[place], groups=groups)
        return found

    def _met(self, group: GroupState, fulfilled: set[str]) -> GroupState:
        return replace(group, met=len(self._members[group.plan, group.name] & fulfilled))
