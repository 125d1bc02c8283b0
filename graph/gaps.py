"""Which requirements has nobody made anything valid for? Gaps, with who is affected and what is nearly there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from graph.coverage import ServingResource
from graph.model import Plan
from graph.plans import COMMON, applicable_plans, lines_for

GapState = Literal["proposed", "expired", "elsewhere", "nothing"]
Sort = Literal["plans", "roles", "due", "requirement"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A requirement that some plan asks for in an edition and that no valid resource there teaches.

    Attributes
    ----------
    language, resource_type
        None: in no language, of no type.
    plans, roles
        Those that ask, in id order.
    proposed
        Valid resources that would fill it and that the program proposes, in id order.
    expired
        Resources that teach it and would fill it, had their review date not passed.
    elsewhere
        Valid resources that teach it in another language, of another type or in another edition.
    due
        The next day on which a plan renews it, None if that is not known.
    """

    requirement: str
    edition: str
    language: str | None
    plans: tuple[str, ...]
    roles: tuple[str, ...]
    proposed: tuple[str, ...] = ()
    resource_type: str | None = None
    expired: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    due: date | None = None

    @property
    def state(self) -> GapState:
        """What is nearest to filling it: a proposed link, a renewal, another form; or nothing is there.

        Examples
        --------
        >>> Gap("a", "felles", None, ("p",), ("r",), elsewhere=("kb-1",)).state
        'elsewhere'
        """
        named: tuple[tuple[GapState, tuple[str, ...]], ...] = (
            ("proposed", self.proposed),
            ("expired", self.expired),
            ("elsewhere", self.elsewhere),
        )
        return next((state for state, ids in named if ids), "nothing")


def gaps(
    plans: Sequence[Plan],
    resources: Iterable[ServingResource],
    *,
    on: date,
    editions: Sequence[str] = (COMMON,),
    languages: Sequence[str | None] = (None,),
    resource_types: Sequence[str | None] = (None,),
    roles: Sequence[str] = (),
    due: Mapping[str, date] | None = None,
    sort: Sort = "plans",
) -> list[Gap]:
    """Return the requirements that plans in force ask for and that nothing valid teaches.

    Parameters
    ----------
    plans : sequence of Plan
        All that are known; those in force on the day and shared with an edition count for it, with
        the lines that apply there. Of two versions in force at once both count.
    resources : iterable of ServingResource
        All that are known.
    on : date
        The day that is asked about.
    editions : sequence of str
        Where to look.
    languages, resource_types : sequences of str or None
        None asks whether there is a resource in any language, of any type.
    roles : sequence of str
        Only requirements that are asked of one of these; the numbers stay those of all. Empty is all.
    due : mapping of requirement to date, optional
        When plans renew each next.
    sort : {"plans", "roles", "due", "requirement"}
        What comes first: what most plans ask for, most roles, what is renewed first, or by id.

    Returns
    -------
    list of Gap
        Ties by plans, roles, requirement, edition, language and type.
    """
    teaching: defaultdict[str, list[ServingResource]] = defaultdict(list)
    proposing: defaultdict[str, list[ServingResource]] = defaultdict(list)
    for resource in resources:
        for name in set(resource.teaches):
            teaching[name].append(resource)
        for name in set(resource.proposed) - set(resource.teaches):
            proposing[name].append(resource)
    wanted, days = set(roles), due or {}
    found: list[Gap] = []
    for edition in editions:
        plans_of, roles_of = _asked(plans, on, edition)
        for name in plans_of:
            if wanted and not wanted & roles_of[name]:
                continue
            asking = tuple(sorted(plans_of[name])), tuple(sorted(roles_of[name]))
            valid = [r for r in teaching[name] if r.valid(on)]
            for language in languages:
                for kind in resource_types:

                    def fits(
                        r: ServingResource,
                        edition: str = edition,
                        language: str | None = language,
                        kind: str | None = kind,
                    ) -> bool:
                        return (
                            r.shown_in(edition)
                            and language in {None, r.language}
                            and kind in {None, r.resource_type}
                        )

                    if any(fits(r) for r in valid):
                        continue
                    old = (r for r in teaching[name] if r.status == "published" and not r.valid(on))
                    found.append(
                        Gap(
                            name,
                            edition,
                            language,
                            *asking,
                            proposed=_ids(r for r in proposing[name] if r.valid(on) and fits(r)),
                            resource_type=kind,
                            expired=_ids(r for r in old if fits(r) and r.review_due and r.review_due < on),
                            elsewhere=_ids(valid),
                            due=days.get(name),
                        )
                    )
    return sorted(found, key=lambda gap: _order(gap, sort))


def _ids(resources: Iterable[ServingResource]) -> tuple[str, ...]:
    return tuple(sorted({r.id for r in resources}))


def _order(gap: Gap, sort: Sort) -> tuple[object, ...]:
    n_plans, n_roles = -len(gap.plans), -len(gap.roles)
    rest = (gap.requirement, gap.edition, gap.language or "", gap.resource_type or "")
    match sort:
        case "roles":
            return (n_roles, n_plans, *rest)
        case "due":
            return (gap.due or date.max, n_plans, n_roles, *rest)
        case "requirement":
            return rest
        case _:
            return (n_plans, n_roles, *rest)


def _asked(
    plans: Sequence[Plan], on: date, edition: str
) -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
    """Return the plans and the roles that ask for each requirement in an edition."""
    plans_of: defaultdict[str, set[str]] = defaultdict(set)
    roles_of: defaultdict[str, set[str]] = defaultdict(set)
    everybody = sorted({role for plan in plans for role in plan.roles})
    for plan in applicable_plans(everybody, plans, on=on, edition=edition, versions="all"):
        for line in lines_for(plan, edition):
            plans_of[line.requirement].add(plan.id)
            roles_of[line.requirement].update(plan.roles)
    return plans_of, roles_of
