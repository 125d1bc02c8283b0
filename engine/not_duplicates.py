"""Which pairs have editors said are no duplicates, and does it still hold? Until one of the texts has changed much.

A ruling is kept in the decision log with the hashes of both texts. As long as these are the same it holds; otherwise
the texts of that moment, which the catalogue keeps, are compared with those of now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.alignment import equal_blocks
from engine.model import Decision, Resource
from engine.pair_evidence import read_text
from engine.ports import Catalogue
from engine.steering import text_basis

KEPT: Final = 0.8
"""Share of the words of both versions that a text must have kept for a ruling to hold."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Ruled:
    """A ruling that two resources are no duplicates, and whether it holds for the texts as they are now."""

    decision: Decision
    holds: bool


class NotDuplicates:
    """Rulings on pairs, over the decision log."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def standing(self, pairs: Iterable[Pair]) -> Mapping[Pair, Decision]:
        """Return the rulings that hold on some pairs, whose ids are in order."""
        wanted = set(pairs)
        ruled = {
            (d.subject, d.object): d
            for d in self._catalogue.decisions("duplicate")
            if d.verdict == "rejected"
        }
        ruled = {pair: d for pair, d in ruled.items() if pair in wanted}
        now = self._catalogue.get_many(sorted({id_ for pair in ruled for id_ in pair}))
        return {
            (a, b): d
            for (a, b), d in ruled.items()
            if a in now and b in now and self._holds(d, now[a], now[b])
        }

    def of(self, a: Resource, b: Resource) -> Ruled | None:
        """Return the ruling on a pair, if there is one."""
        a, b = (a, b) if a.id < b.id else (b, a)
        if not a.id:
            return None
        for decision in self._catalogue.decisions("duplicate", a.id):
            if decision.object == b.id and decision.verdict == "rejected":
                return Ruled(decision, self._holds(decision, a, b))
        return None

    def rule(self, a: Resource, b: Resource, *, by: str, at: datetime, reason: str = "") -> Decision:
        """Say that two resources are no duplicates; the same on the same texts is not written twice."""
        a, b = (a, b) if a.id < b.id else (b, a)
        decision = Decision("duplicate", a.id, b.id, "rejected", by, at, reason, _basis(a, b))
        earlier = self.of(a, b)
        if earlier is not None and (earlier.decision.basis, earlier.decision.reason) == (
            decision.basis,
            reason,
        ):
            return earlier.decision
        self._catalogue.record(decision)
        return decision

    def withdraw(self, a: str, b: str, *, by: str, at: datetime) -> bool:
        """Take a ruling back; tells whether there was one."""
        a, b = sorted((a, b))
        there = any(
            d.object == b and d.verdict == "rejected" for d in self._catalogue.decisions("duplicate", a)
        )
        if there:
            self._catalogue.record(Decision("duplicate", a, b, "withdrawn", by, at))
        return there

    def _holds(self, ruling: Decision, a: Resource, b: Resource) -> bool:
        then = ruling.basis.split()
        if len(then) != 2:
            return True
        return all(
            basis == text_basis(now) or self._little_changed(now, ruling.at, basis)
            for basis, now in zip(then, (a, b), strict=True)
        )

    def _little_changed(self, now: Resource, at: datetime, basis: str) -> bool:
        before = self._catalogue.get(now.id, at)
        if (
            before is None or text_basis(before) != basis
        ):  # a clock was set back, or a text was restored from elsewhere
            before = next(
                (
                    v.resource
                    for v in reversed(self._catalogue.versions(now.id))
                    if text_basis(v.resource) == basis
                ),
                None,
            )
        if before is None:
            return False
        old, new = read_text(before).stems, read_text(now).stems
        same = sum(n for *_, n in equal_blocks(old, new))
        return 2 * same >= KEPT * (len(old) + len(new))


def _basis(a: Resource, b: Resource) -> str:
    return f"{text_basis(a)} {text_basis(b)}"
