"""What must somebody in one role add to take over another's tasks, and what is the shortest way? Two roles compared."""

from dataclasses import dataclass
from datetime import date

from engine.recommendation import RecommendationRequest, Recommendations
from engine.service import Engine
from graph.difference import RoleDifference, compare_roles
from graph.model import Evidence


@dataclass(frozen=True, slots=True)
class TaskSharing:
    """The difference between two roles, and the shortest set of resources that covers it."""

    role: str
    to: str
    on: date
    difference: RoleDifference
    resources: Recommendations


def role_difference(
    engine: Engine,
    role: str,
    to: str,
    *,
    edition: str | None = None,
    language: str = "nb",
    minutes: int | None = None,
    on: date | None = None,
) -> TaskSharing:
    """Compare two roles by their plans in force, and choose what covers what the second asks beyond the first.

    Whoever comes from the first role is taken to meet what that asks; what the second asks only more
    often is known already. With `minutes` the set is the one that covers most within them.

    Raises
    ------
    NotFound
        If there is no such role.
    """
    day = on or engine.today()
    difference = compare_roles(
        engine.obligations(role, edition=edition, on=day),
        engine.obligations(to, edition=edition, on=day),
        engine.requirements(),
    )
    known = [c.requirement for c in (*difference.raised, *difference.shared) if not c.to_learn]
    resources = engine.recommend(
        RecommendationRequest(
            role=to,
            done=tuple(Evidence(name, "approved") for name in known),
            minutes=minutes,
            edition=edition,
            language=language,
            on=day,
            smallest=True,
        )
    )
    return TaskSharing(role, to, day, difference, resources)
