"""What have editors said of pairs? That they are no duplicates, or a supplement or a translation to be kept.

A ruling is kept in the decision log with the hashes of both texts. That two are no duplicates holds as long as these
are the same; otherwise the texts of that moment, which the catalogue keeps, are compared with those of now. What is
kept as a supplement or a translation is so until somebody says otherwise. Of one pair the last word counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from engine.alignment import equal_blocks
from engine.errors import InvalidRequest
from engine.model import Decision, Resource
from engine.pair_classes import PairClass
from engine.pair_evidence import read_text
from engine.ports import Catalogue
from engine.steering import text_basis

KEPT: Final = 0.8
"""Share of the words of both versions that a text must have kept for a ruling to hold."""

Pair = tuple[str, str]
Kept = Literal["supplement", "translation"]
"""What a pair may be kept as."""

STATED: Final[Mapping[str, PairClass]] = {"supplement": "local_supplement", "translation": "translation"}
"""The class of a pair that is kept."""

Verdict = Literal["rejected", "supplement", "translation"]
_REJECTED: Final = ("rejected",)
_RULED: Final = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class Ruled:
    """What was ruled on a pair, and whether it holds for the texts as they are now."""

    decision: Decision
    holds: bool

    @property
    def stated(self) -> PairClass | None:
        """The class that editors have said; None when they have said that it is no duplicate."""
        return STATED.get(self.decision.verdict)


class NotDuplicates:
    """Rulings on pairs, over the decision log."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._translations: tuple[int, Mapping[str, frozenset[str]]] = (-1, {})

    def standing(self, pairs: Iterable[Pair]) -> Mapping[Pair, Decision]:
        """Return the rulings that hold on some pairs, whose ids are in order: nothing is left to do about these."""
        wanted = set(pairs)
        ruled = {
            (d.subject, d.object): d
            for d in self._catalogue.decisions("duplicate")
            if d.verdict in _RULED and (d.subject, d.object) in wanted
        }
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
            if decision.object == b.id and decision.verdict in _RULED:
                return Ruled(decision, self._holds(decision, a, b))
        return None

    def rule(self, a: Resource, b: Resource, *, by: str, at: datetime, reason: str = "") -> Decision:
        """Say that two resources are no duplicates; the same on the same texts is not written twice."""
        return self._rule(a, b, "rejected", by, at, reason)

    def keep(
        self, a: Resource, b: Resource, verdict: Kept, *, by: str, at: datetime, reason: str = ""
    ) -> Decision:
        """Say that one is a supplement to the other, or a translation of it; the same is not written twice.

        Raises
        ------
        InvalidRequest
            If a translation is in the same language, or a supplement in the same edition.
        """
        if verdict == "translation" and a.language == b.language:
            raise InvalidRequest(f"both are in the language {a.language!r}: neither is a translation")
        if verdict == "supplement" and a.edition == b.edition:
            raise InvalidRequest(
                f"both are of the edition {a.edition!r}: neither supplements the other there"
            )
        return self._rule(a, b, verdict, by, at, reason)

    def withdraw(self, a: str, b: str, *, by: str, at: datetime, verdicts: Sequence[str] = _REJECTED) -> bool:
        """Take a ruling back; tells whether there was one."""
        a, b = sorted((a, b))
        there = any(
            d.object == b and d.verdict in verdicts for d in self._catalogue.decisions("duplicate", a)
        )
        if there:
            self._catalogue.record(Decision("duplicate", a, b, "withdrawn", by, at))
        return there

    def kept(self) -> list[Decision]:
        """Return the pairs that are kept as supplements and translations, in order of their ids."""
        return [d for d in self._catalogue.decisions("duplicate") if d.verdict in STATED]

    def translations_of(self, id_: str) -> frozenset[str]:
        """Return the resources that editors have said to be translations of one."""
        ruled = self._catalogue.ruling_seq()
        if self._translations[0] != ruled:
            found: dict[str, set[str]] = {}
            for d in self.kept():
                if d.verdict == "translation":
                    found.setdefault(d.subject, set()).add(d.object)
                    found.setdefault(d.object, set()).add(d.subject)
            self._translations = ruled, {one: frozenset(others) for one, others in found.items()}
        return self._translations[1].get(id_, frozenset())

    def _rule(
        self, a: Resource, b: Resource, verdict: Verdict, by: str, at: datetime, reason: str
    ) -> Decision:
        a, b = (a, b) if a.id < b.id else (b, a)
        decision = Decision("duplicate", a.id, b.id, verdict, by, at, reason, _basis(a, b))
        earlier = self.of(a, b)
        if earlier is not None and (
            earlier.decision.verdict,
            earlier.decision.basis,
            earlier.decision.reason,
        ) == (verdict, decision.basis, reason):
            return earlier.decision
        self._catalogue.record(decision)
        return decision

    def _holds(self, ruling: Decision, a: Resource, b: Resource) -> bool:
        then = ruling.basis.split()
        if len(then) != 2 or ruling.verdict in STATED:
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
