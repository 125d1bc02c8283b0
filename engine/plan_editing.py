"""How do editors change plans? Out of use with a reason, and back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from engine.errors import InvalidRequest, NotFound
from engine.ports import Catalogue
from graph.model import Plan


class PlanEditor:
    """Changes plans as they are stored.

    Parameters
    ----------
    catalogue : Catalogue
        Where they are kept, every version of them.
    now : callable
        The clock.
    """

    def __init__(self, catalogue: Catalogue, now: Callable[[], datetime]) -> None:
        self._catalogue = catalogue
        self._now = now

    def retire(self, plan_id: str, on: date, reason: str, *, by: str) -> Plan:
        """Take a plan out of use from a day on.

        Raises
        ------
        NotFound
            If there is no such plan.
        InvalidRequest
            If no reason is given.
        """
        if not reason.strip():
            raise InvalidRequest("reason: why the plan goes out of use is needed")
        return self._write(plan_id, lambda p: replace(p, retired=on, retired_reason=reason.strip()), by)

    def reinstate(self, plan_id: str, *, by: str) -> Plan:
        """Take a plan back into use; raises NotFound."""
        return self._write(plan_id, lambda p: replace(p, retired=None, retired_reason=""), by)

    def _write(self, plan_id: str, change: Callable[[Plan], Plan], by: str) -> Plan:
        seq = self._catalogue.plan_seq()
        found = next((p for p in self._catalogue.plans() if p.id == plan_id), None)
        if found is None:
            raise NotFound(f"no plan has the id {plan_id!r}")
        changed = change(found)
        self._catalogue.write_plans(plans=[changed], by=by, at=self._now(), expected=seq)
        return changed
