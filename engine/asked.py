"""Which requirements are asked of the role or plan that a reader has chosen? For saying what a hit covers of them."""

from engine.errors import NotFound
from engine.service import Engine
from graph.plans import lines_for


def asked_requirements(
    engine: Engine, *, role: str | None, plan: str | None = None, edition: str | None = None
) -> frozenset[str] | None:
    """Return what the role's plans in force ask for, or one plan of it or alone; None without role and plan.

    Raises
    ------
    NotFound
        If there is no such role or plan.
    InvalidRequest
        If the plan is not for the role.
    """
    if role is not None:
        return frozenset(o.requirement for o in engine.obligations(role, plan=plan, edition=edition))
    if plan is None:
        return None
    found = engine.plans().get(plan)
    if found is None:
        raise NotFound(f"no plan has the id {plan!r}")
    if not found.in_force(engine.today()):
        return frozenset()
    return frozenset(line.requirement for line in lines_for(found, edition))
