"""Which requirements of which roles have resources, where, in which language and of which type? The coverage matrix."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from graph.coverage import ServingResource
from graph.model import Plan
from graph.plans import COMMON, applicable_plans, lines_for

Cell = tuple[str, str]
"""Language and resource type."""


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One requirement asked of one role in one edition, and the valid resources that teach it.

    `cells` counts them by language and type, cells of none left out; `plans` ask for it, in id order. `proposed`
    counts, in the same way, the valid resources that the program proposes and nobody has stated.
    """

    requirement: str
    role: str
    edition: str
    plans: tuple[str, ...]
    cells: Mapping[Cell, int]
    proposed: Mapping[Cell, int] = field(default_factory=dict)

    @property
    def resources(self) -> int:
        """All that teach it there."""
        return sum(self.cells.values())


@dataclass(frozen=True, slots=True)
class EmptyCell:
    """A requirement without a valid resource in a language (and of a type) where it is asked for.

    `resource_type` None is any type. `plans` and `roles` are affected, in id order; `elsewhere` counts the valid
    resources shown there in other languages or of other types, `proposed` those that would fill it and that the
    program proposes.
    """

    requirement: str
    edition: str
    language: str
    resource_type: str | None
    plans: tuple[str, ...]
    roles: tuple[str, ...]
    elsewhere: int
    proposed: int = 0


@dataclass(frozen=True, slots=True)
class RoleCoverage:
    """The matrix requirement × role × edition × language × resource type, rows in that order of ids."""

    on: date
    editions: tuple[str, ...]
    languages: tuple[str, ...]
    resource_types: tuple[str, ...]
    rows: tuple[CoverageRow, ...]

    def empty(self, *, by_type: bool = False) -> list[EmptyCell]:
        """Return the empty cells, those that most plans ask for first, then most roles, then by name.

        By language, or by language and type.
        """
        grouped: defaultdict[tuple[str, str], list[CoverageRow]] = defaultdict(list)
        for row in self.rows:
            grouped[row.requirement, row.edition].append(row)
        types: Sequence[str | None] = self.resource_types if by_type else (None,)
        found = []
        for (requirement, edition), rows in grouped.items():
            cells, proposed = rows[0].cells, rows[0].proposed
            plans = tuple(sorted({plan for row in rows for plan in row.plans}))
            roles = tuple(sorted(row.role for row in rows))
            for language in self.languages:
                for kind in types:
                    if not _count(cells, language, kind):
                        found.append(
                            EmptyCell(
                                requirement, edition, language, kind, plans, roles, rows[0].resources,
                                _count(proposed, language, kind),
                            )
                        )  # fmt: skip
        return sorted(
            found,
            key=lambda c: (
                -len(c.plans), -len(c.roles), c.requirement, c.edition, c.language, c.resource_type or "",
            ),
        )  # fmt: skip


def role_coverage(
    plans: Sequence[Plan],
    resources: Iterable[ServingResource],
    *,
    on: date,
    editions: Sequence[str] = (COMMON,),
    languages: Sequence[str] = ("nb", "nn", "en"),
    resource_types: Sequence[str] | None = None,
    roles: Sequence[str] | None = None,
) -> RoleCoverage:
    """Count the valid resources that teach what plans in force ask of each role.

    Parameters
    ----------
    plans : sequence of Plan
        All that are known; of two versions in force at once both count.
    resources : iterable of ServingResource
        All that are known. Links that the program proposes are counted beside.
    on : date
        The day that is asked about.
    editions, languages, resource_types, roles : sequences of str
        What to count; `resource_types` None takes those that occur among the valid resources, `roles` None
        all that a plan names. A resource in another language or of another type is not counted.
    """
    valid = [resource for resource in resources if resource.valid(on)]
    if resource_types is None:
        resource_types = sorted({resource.resource_type for resource in valid})
    spoken, kinds = set(languages), set(resource_types)
    teaching: defaultdict[str, list[ServingResource]] = defaultdict(list)
    proposing: defaultdict[str, list[ServingResource]] = defaultdict(list)
    for resource in valid:
        if resource.language in spoken and resource.resource_type in kinds:
            for name in set(resource.teaches):
                teaching[name].append(resource)
            for name in set(resource.proposed) - set(resource.teaches):
                proposing[name].append(resource)
    named = sorted({role for plan in plans for role in plan.roles} if roles is None else set(roles))
    rows = []
    for edition in editions:
        cells: dict[str, tuple[Mapping[Cell, int], Mapping[Cell, int]]] = {}
        for role in named:
            asking: defaultdict[str, set[str]] = defaultdict(set)
            for plan in applicable_plans(role, plans, on=on, edition=edition, versions="all"):
                for line in lines_for(plan, edition):
                    asking[line.requirement].add(plan.id)
            for requirement, by in asking.items():
                if requirement not in cells:
                    cells[requirement] = (
                        _counted(teaching[requirement], edition),
                        _counted(proposing[requirement], edition),
                    )
                rows.append(CoverageRow(requirement, role, edition, tuple(sorted(by)), *cells[requirement]))
    rows.sort(key=lambda row: (row.requirement, row.role, row.edition))
    return RoleCoverage(on, tuple(editions), tuple(languages), tuple(resource_types), tuple(rows))


def _counted(resources: Iterable[ServingResource], edition: str) -> Mapping[Cell, int]:
    counts = Counter((r.language, r.resource_type) for r in resources if r.shown_in(edition))
    return dict(sorted(counts.items()))


def _count(cells: Mapping[Cell, int], language: str, kind: str | None) -> int:
    return sum(n for (spoken, of), n in cells.items() if spoken == language and kind in {None, of})
