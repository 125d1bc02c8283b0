"""Which roles, requirements and plans are there now? Read from the catalogue, again when they have changed."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.errors import InvalidRequest, NotFound
from engine.ports import PlanStore
from graph.model import Plan, Requirement, Role

log = logging.getLogger("kompetansegraf.engine")


@dataclass(frozen=True, slots=True)
class PlanData:
    """Roles, plans and requirements at one `plan_seq`."""

    seq: int
    roles: Mapping[str, Role]
    requirements: Mapping[str, Requirement]
    plans: Mapping[str, Plan]

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


class CurrentPlans:
    """Plans as the catalogue has them, read again when they have changed."""

    def __init__(self, catalogue: PlanStore) -> None:
        self._catalogue = catalogue
        self._known: PlanData | None = None

    def read(self) -> PlanData:
        """Return what there is; a plan's lines about requirements that do not exist are left out."""
        seq = self._catalogue.plan_seq()
        if self._known is not None and self._known.seq == seq:
            return self._known
        requirements = {q.id: q for q in self._catalogue.requirements()}
        plans = {p.id: p for p in self._catalogue.plans()}
        for plan_id, plan in list(plans.items()):
            lines = tuple(line for line in plan.lines if line.requirement in requirements)
            if len(lines) < len(plan.lines):  # a line about nothing must not take the others with it
                unknown = len(plan.lines) - len(lines)
                log.warning("plan %s names %d requirements that do not exist", plan_id, unknown)
                plans[plan_id] = replace(plan, lines=lines)
        self._known = PlanData(seq, {r.id: r for r in self._catalogue.roles()}, requirements, plans)
        return self._known
