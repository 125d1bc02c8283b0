"""What is asked of somebody, and what fills each gap? Obligations and the best resource for a requirement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from engine.errors import InvalidRequest, NotFound
from engine.model import COMMON_EDITION, Resource
from engine.search import review_expired
from engine.service import Engine
from graph.model import Evidence
from graph.plans import Obligation, obligations

SERVED_BY = {"nb", "nn"}
"""Languages that serve the same readers."""


@dataclass(frozen=True, slots=True)
class Filler:
    """The resource that fills a gap best. `stated`: by an editor or a source, else proposed by the program."""

    resource: Resource
    stated: bool


def obligations_of(
    engine: Engine,
    roles: Sequence[str],
    *,
    plan: str | None = None,
    edition: str | None = None,
    done: Sequence[Evidence] = (),
    on: date | None = None,
) -> list[Obligation]:
    """Return what is asked of somebody with these roles on a day, with what is done counted.

    Raises
    ------
    NotFound
        If there is no such role or plan.
    InvalidRequest
        If the plan is for none of the roles.
    """
    for role in roles:
        if role not in engine.roles():
            raise NotFound(f"no role has the id {role!r}")
    plans = engine.plans()
    if plan is not None:
        if plan not in plans:
            raise NotFound(f"no plan has the id {plan!r}")
        if not set(plans[plan].roles) & set(roles):
            raise InvalidRequest(f"the plan {plan!r} is not for the role {', '.join(roles)!r}")
    return obligations(
        roles,
        list(plans.values()),
        engine.requirements(),
        on=on or engine.today(),
        edition=edition,
        plan_id=plan,
        done=done,
    )


def fillers(engine: Engine, *, lang: str = "nb") -> Callable[[str, str | None, str | None], Filler | None]:
    """Return a function of (requirement, edition, role) that knows the best resource for a gap, or None.

    Stated links come before proposed ones, then what is current, is meant for the role, is in a language that
    is read, and is shorter.
    """
    written = SERVED_BY if lang in SERVED_BY else {lang}

    @cache
    def found(requirement: str, edition: str | None) -> list[tuple[Resource, bool]]:
        return engine.resources_for(requirement, edition=edition or COMMON_EDITION)

    @cache
    def best(requirement: str, edition: str | None, role: str | None) -> Filler | None:
        today = engine.today()
        ranked = [
            (
                not stated,
                review_expired(r, today),
                bool(r.audience) and role is not None and role not in r.audience,
                r.language not in written,
                r.duration or 15,
                place,
                Filler(r, stated),
            )
            for place, (r, stated) in enumerate(found(requirement, edition))
        ]
        return min(ranked, key=lambda item: item[:6])[6] if ranked else None

    return best
