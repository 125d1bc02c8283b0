"""What does one role demand that another does not? Obligations of two roles set beside each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from graph.competence_graph import NECESSITIES
from graph.model import Requirement
from graph.order import LEVELS, level_rank, prerequisites_of
from graph.plans import Obligation
from graph.validity import Validity, end_of

Raise = Literal["necessity", "interval", "level", "group"]
"""In what more is asked: more strongly; more often; on a higher level; no longer as one of a group to choose from."""

_DAYS = tuple(date(2027, month, day) for month in range(1, 13) for day in (1, 15))
"""Days of achievement that rules are compared on: a year, twice a month."""


@dataclass(frozen=True, slots=True)
class Change:
    """One requirement of two roles; `before` and `after` are what they ask, None where they do not.

    `instead_of` is the requirement of the first role on a lower level that this one takes further.
    """

    requirement: str
    before: Obligation | None
    after: Obligation | None
    raised: tuple[Raise, ...] = ()
    instead_of: str | None = None

    @property
    def to_learn(self) -> bool:
        """Whether somebody who meets the first role has something to learn: not if it is only renewed more often."""
        return self.after is not None and (self.before is None or bool({*self.raised} - {"interval"}))


@dataclass(frozen=True, slots=True)
class RoleDifference:
    """What the second role adds, raises, shares with the first, and drops; each in the plans' order.

    Together `added`, `raised` and `shared` are what the second role asks.
    """

    added: tuple[Change, ...]
    raised: tuple[Change, ...]
    shared: tuple[Change, ...]
    dropped: tuple[Change, ...]

    @property
    def to_learn(self) -> tuple[str, ...]:
        """The requirements that somebody who meets the first role has yet to meet."""
        return tuple(c.requirement for c in (*self.added, *self.raised) if c.to_learn)


def compare_roles(
    before: Sequence[Obligation], after: Sequence[Obligation], requirements: Mapping[str, Requirement]
) -> RoleDifference:
    """Compare what two roles ask (`graph.plans.obligations`).

    A requirement of both is raised when the second role asks for it more strongly, more often, or
    outside a group that the first could choose in. A requirement of the second alone is raised, and not
    added, when the first asks for one on a lower level that is its prerequisite in the same subject, or has
    the same broader requirement or the same concepts.

    Examples
    --------
    >>> asked = Obligation("krav-fall", "betinget", None, ("p",), "not_begun")
    >>> more = Obligation("krav-fall", "obligatorisk", 24, ("q",), "not_begun")
    >>> compare_roles([asked], [more], {"krav-fall": Requirement("krav-fall", {})}).raised[0].raised
    ('necessity', 'interval')
    """
    first = {o.requirement: o for o in before}
    second = {o.requirement: o for o in after}
    changes: dict[str, list[Change]] = {"added": [], "raised": [], "shared": []}
    for o in after:
        was = first.get(o.requirement)
        if was is not None:
            raised = _raised(was, o)
            kind = "raised" if raised else "shared"
            changes[kind].append(Change(o.requirement, was, o, raised))
        elif lower := _lower(o.requirement, first, requirements):
            changes["raised"].append(Change(o.requirement, None, o, ("level",), lower))
        else:
            changes["added"].append(Change(o.requirement, None, o))
    return RoleDifference(
        **{kind: tuple(found) for kind, found in changes.items()},
        dropped=tuple(Change(o.requirement, o, None) for o in before if o.requirement not in second),
    )


def _raised(before: Obligation, after: Obligation) -> tuple[Raise, ...]:
    found: list[Raise] = []
    if NECESSITIES[after.necessity] > NECESSITIES[before.necessity]:
        found.append("necessity")
    if _sooner(_rules(after), _rules(before)):
        found.append("interval")
    if before.groups and not after.groups:
        found.append("group")
    return tuple(found)


def _rules(obligation: Obligation) -> tuple[Validity, ...]:
    return obligation.rules or (Validity(obligation.validity),)


def _sooner(after: tuple[Validity, ...], before: tuple[Validity, ...]) -> bool:
    """Tell whether approvals end sooner by other rules, for some days of achievement, and for none later."""
    if after == before:
        return False
    ends = [(end_of(day, after) or date.max, end_of(day, before) or date.max) for day in _DAYS]
    return all(new <= old for new, old in ends) and any(new < old for new, old in ends)


def _lower(name: str, first: Mapping[str, Obligation], requirements: Mapping[str, Requirement]) -> str | None:
    """Return the highest of the first role's requirements that this one takes to a higher level."""
    wanted = requirements.get(name)
    if wanted is None or wanted.level not in LEVELS:
        return None
    sooner = prerequisites_of([name], requirements)
    found = [
        known
        for other in first
        if (known := requirements.get(other)) is not None
        and known.level in LEVELS
        and level_rank(known.level) < level_rank(wanted.level)
        and (
            (other in sooner and set(wanted.concepts) & set(known.concepts))
            or wanted.broader in {other, known.broader} - {None}
            or (wanted.concepts and set(wanted.concepts) == set(known.concepts))
        )
    ]
    best = min(found, key=lambda q: (-level_rank(q.level), q.id), default=None)
    return best.id if best is not None else None
