"""Which roles, requirements and plans are there now? Read from the catalogue, again when they have changed.

What was replaced, and what editors found to be the same, is joined here (`graph.replaced`); in the
catalogue every plan stays as it was written.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.errors import InvalidRequest, NotFound
from engine.ports import Catalogue, DecisionLog
from graph.model import Plan, Requirement, Role
from graph.replaced import joined, lines_in_use

log = logging.getLogger("kompetansegraf.engine")


@dataclass(frozen=True, slots=True)
class PlanData:
    """Roles, plans and requirements at one `plan_seq`; `same` are the requirements that editors have joined."""

    seq: int
    roles: Mapping[str, Role]
    requirements: Mapping[str, Requirement]
    plans: Mapping[str, Plan]
    same: Mapping[str, str] = field(default_factory=dict)

    def check(self, role: str, plan: str | None = None) -> None:
        """Refuse what is not there.

        Raises
        ------
        NotFound
            If there is no such role or plan.
        InvalidRequest
            If the plan is not for the role.
        """
        if role not in self.roles:
            raise NotFound(f"no role has the id {role!r}")
        if plan is None:
            return
        if plan not in self.plans:
            raise NotFound(f"no plan has the id {plan!r}")
        if role not in self.plans[plan].roles:
            raise InvalidRequest(f"the plan {plan!r} is not for the role {role!r}")


def found_same(catalogue: DecisionLog) -> dict[str, str]:
    """Return which requirements editors have found to be the same: the old id and the one that counts."""
    rulings = catalogue.decisions("requirement")
    return {d.subject: d.object for d in rulings if d.verdict == "accepted"}


class CurrentPlans:
    """Plans as the catalogue has them, read again when they have changed."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._known: PlanData | None = None
        self._ruled = -1

    def read(self) -> PlanData:
        """Return what there is; a plan's lines about requirements that do not exist are left out."""
        seq, ruled = self._catalogue.plan_seq(), self._catalogue.ruling_seq()
        if self._known is not None and self._known.seq == seq:
            if self._ruled == ruled:
                return self._known
            if found_same(self._catalogue) == self._known.same:  # a ruling about something else
                self._ruled = ruled
                return self._known
        self._known, self._ruled = read_plans(self._catalogue, seq), ruled
        return self._known


def read_plans(catalogue: Catalogue, seq: int) -> PlanData:
    """Return the plans of a catalogue as they are in use."""
    same = found_same(catalogue)
    requirements = joined(catalogue.requirements(), same)
    plans = {p.id: lines_in_use(p, requirements) for p in catalogue.plans()}
    for plan_id, plan in list(plans.items()):
        lines = tuple(line for line in plan.lines if line.requirement in requirements)
        if len(lines) < len(plan.lines):  # a line about nothing must not take the others with it
            unknown = len(plan.lines) - len(lines)
            log.warning("plan %s names %d requirements that do not exist", plan_id, unknown)
            plans[plan_id] = replace(plan, lines=lines)
    return PlanData(seq, {r.id: r for r in catalogue.roles()}, requirements, plans, same)
