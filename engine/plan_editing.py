"""How do editors change plans? Out of use with a reason and back; requirements joined, kept apart, parted again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from engine.errors import InvalidRequest, NotFound
from engine.model import Decision
from engine.plan_data import found_same
from engine.ports import Catalogue
from graph.errors import CycleError
from graph.model import Plan
from graph.order import check_prerequisites
from graph.replaced import in_use, joined


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

    def join(self, old: str, kept: str, *, by: str, reason: str = "") -> None:
        """Let one requirement count as another from now on, in every plan, done-list and link.

        Nothing is rewritten: the plans keep what they say, and `part` undoes it wholly.

        Raises
        ------
        NotFound
            If there is no such requirement.
        InvalidRequest
            If they are one already, or the prerequisites would run in a circle.
        """
        known = {q.id: q for q in self._catalogue.requirements()}
        for name in (old, kept):
            if name not in known:
                raise NotFound(f"no requirement has the id {name!r}")
        same = found_same(self._catalogue)
        before = joined(known.values(), same)
        if in_use(kept, before) == in_use(old, before):
            raise InvalidRequest(f"{old!r} and {kept!r} are one requirement already")
        if in_use(old, before) != old:
            raise InvalidRequest(f"{old!r} leads to {in_use(old, before)!r} already")
        try:
            check_prerequisites(joined(known.values(), {**same, old: in_use(kept, before)}).values())
        except CycleError as circle:
            raise InvalidRequest(f"{old!r} and {kept!r} cannot be one: {circle}") from circle
        self._rule(old, in_use(kept, before), "accepted", by, reason)

    def keep_apart(self, one: str, other: str, *, by: str, reason: str = "") -> None:
        """Say that two requirements are not the same: they are not proposed again. Raises NotFound."""
        known = {q.id for q in self._catalogue.requirements()}
        for name in (one, other):
            if name not in known:
                raise NotFound(f"no requirement has the id {name!r}")
        self._rule(one, other, "rejected", by, reason)

    def part(self, old: str, *, by: str) -> str:
        """Undo `join` or `keep_apart` of a requirement; return what it led to. Raises NotFound."""
        standing = self._catalogue.decisions("requirement", old)
        if not standing:
            raise NotFound(f"{old!r} has been joined with no requirement")
        for ruling in standing:
            self._rule(old, ruling.object, "withdrawn", by, "")
        return standing[-1].object

    def _rule(
        self, old: str, kept: str, verdict: Literal["accepted", "rejected", "withdrawn"], by: str, reason: str
    ) -> None:
        self._catalogue.record(Decision("requirement", old, kept, verdict, by, self._now(), reason))

    def _write(self, plan_id: str, change: Callable[[Plan], Plan], by: str) -> Plan:
        seq = self._catalogue.plan_seq()
        found = next((p for p in self._catalogue.plans() if p.id == plan_id), None)
        if found is None:
            raise NotFound(f"no plan has the id {plan_id!r}")
        changed = change(found)
        self._catalogue.write_plans(plans=[changed], by=by, at=self._now(), expected=seq)
        return changed
