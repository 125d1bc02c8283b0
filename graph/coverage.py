"""Which requirements have resources, for whom and in which language? Coverage, counted exactly, and gaps."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from graph.errors import GraphError
from graph.model import Plan
from graph.plans import COMMON, applicable_plans, lines_for


@dataclass(frozen=True, slots=True)
class ServingResource:
    """What coverage needs to know of a resource: where it is shown, whether it is valid, what it serves.

    `teaches` are stated by an editor or a source, `proposed` by the program; both requirement ids.
    """

    id: str
    edition: str = COMMON
    language: str = "nb"
    resource_type: str = ""
    status: str = "published"
    published: date | None = None
    review_due: date | None = None
    teaches: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()

    def valid(self, on: date) -> bool:
        """Whether it counts on a day: published by then, and its review date not past."""
        return (
            self.status == "published"
            and (self.published is None or self.published <= on)
            and (self.review_due is None or on <= self.review_due)
        )

    def shown_in(self, edition: str) -> bool:
        """Whether the edition shows it: common content is shown everywhere, local only at home."""
        return self.edition in {COMMON, edition}


@dataclass(frozen=True, slots=True)
class Coverage:
    """The valid resources that serve one requirement, in id order; what is stated is not also proposed."""

    requirement: str
    stated: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CoverageMatrix:
    """How many valid resources teach each requirement, in each edition, language and type.

    ``counts[r, e, l, t]``, shape ``(requirements, editions, languages, resource types)``, counts
    stated links only. An edition's cells count common resources and its own, so summing over editions
    counts common ones several times; summing over languages or types does not.
    """

    requirements: tuple[str, ...]
    editions: tuple[str, ...]
    languages: tuple[str, ...]
    resource_types: tuple[str, ...]
    counts: NDArray[np.int64]

    def by_language(self) -> NDArray[np.int64]:
        """Return the counts of shape ``(requirements, editions, languages)``."""
        return np.asarray(self.counts.sum(axis=3))

    def count(self, requirement: str, edition: str = COMMON, language: str | None = None) -> int:
        """Return one number, over all languages if none is given; raises GraphError for an unknown name."""
        try:
            cells = self.counts[self.requirements.index(requirement), self.editions.index(edition)]
            return int((cells if language is None else cells[self.languages.index(language)]).sum())
        except ValueError:
            raise GraphError(f"not in the matrix: {requirement!r}, {edition!r} or {language!r}") from None


@dataclass(frozen=True, slots=True)
class Gap:
    """A requirement that some plan asks for in an edition and that no valid resource there teaches.

    `language` None: in no language. `plans` and `roles` are those that ask, in id order; `proposed`
    are valid resources shown there that the program proposes.
    """

    requirement: str
    edition: str
    language: str | None
    plans: tuple[str, ...]
    roles: tuple[str, ...]
    proposed: tuple[str, ...] = ()


def coverage(
    requirements: Iterable[str], resources: Iterable[ServingResource], *, on: date, edition: str | None = None
) -> dict[str, Coverage]:
    """Return the valid resources that serve each requirement, in id order of requirements.

    Parameters
    ----------
    requirements : iterable of requirement ids
        Each gets an entry, served or not; links to others are not looked at.
    resources : iterable of ServingResource
        Invalid ones are left out here.
    on : date
        The day that is asked about.
    edition : str, optional
        Only what this edition shows; None is everything in every edition.
    """
    stated: defaultdict[str, set[str]] = defaultdict(set)
    proposed: defaultdict[str, set[str]] = defaultdict(set)
    for resource in resources:
        if resource.valid(on) and (edition is None or resource.shown_in(edition)):
            for name in resource.teaches:
                stated[name].add(resource.id)
            for name in resource.proposed:
                proposed[name].add(resource.id)
    return {
        name: Coverage(name, tuple(sorted(stated[name])), tuple(sorted(proposed[name] - stated[name])))
        for name in sorted(set(requirements))
    }


def coverage_matrix(
    requirements: Iterable[str],
    resources: Iterable[ServingResource],
    *,
    on: date,
    editions: Sequence[str] = (COMMON,),
    languages: Sequence[str] = ("nb", "nn", "en"),
    resource_types: Sequence[str] | None = None,
) -> CoverageMatrix:
    """Count the valid resources that teach each requirement.

    `resource_types` None takes those that occur among the valid resources. A resource in a language
    or of a type that is not asked for is not counted.
    """
    valid = [resource for resource in resources if resource.valid(on)]
    if resource_types is None:
        resource_types = sorted({resource.resource_type for resource in valid})
    rows = {name: place for place, name in enumerate(sorted(set(requirements)))}
    speech = {name: place for place, name in enumerate(languages)}
    types = {name: place for place, name in enumerate(resource_types)}
    counts = np.zeros((len(rows), len(editions), len(speech), len(types)), dtype=np.int64)
    for resource in valid:
        if resource.language not in speech or resource.resource_type not in types:
            continue
        shown = [place for place, edition in enumerate(editions) if resource.shown_in(edition)]
        for name in set(resource.teaches) & rows.keys():
            counts[rows[name], shown, speech[resource.language], types[resource.resource_type]] += 1
    return CoverageMatrix(tuple(rows), tuple(editions), tuple(languages), tuple(resource_types), counts)


def gaps(
    plans: Sequence[Plan],
    resources: Sequence[ServingResource],
    *,
    on: date,
    editions: Sequence[str] = (COMMON,),
    languages: Sequence[str | None] = (None,),
) -> list[Gap]:
    """Return the requirements that plans in force ask for and that nothing valid teaches.

    Parameters
    ----------
    plans : sequence of Plan
        All that are known; those in force on the day and shared with an edition count for it, with
        the lines that apply there. Of two versions in force at once both count.
    resources : sequence of ServingResource
        All that are known.
    on : date
        The day that is asked about.
    editions : sequence of str
        Where to look.
    languages : sequence of str or None
        None asks whether there is a resource in any language.

    Returns
    -------
    list of Gap
        Those that most plans ask for first, then most roles, then by requirement, edition, language.
    """
    found: list[Gap] = []
    valid = [resource for resource in resources if resource.valid(on)]
    for edition in editions:
        plans_of, roles_of = _asked(plans, on, edition)
        here = [resource for resource in valid if resource.shown_in(edition)]
        for language in languages:
            spoken = [resource for resource in here if language in {None, resource.language}]
            served = coverage(plans_of, spoken, on=on)
            found += [
                Gap(
                    name,
                    edition,
                    language,
                    tuple(sorted(plans_of[name])),
                    tuple(sorted(roles_of[name])),
                    served[name].proposed,
                )
                for name in plans_of
                if not served[name].stated
            ]
    return sorted(
        found, key=lambda g: (-len(g.plans), -len(g.roles), g.requirement, g.edition, g.language or "")
    )


def _asked(
    plans: Sequence[Plan], on: date, edition: str
) -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
    plans_of: defaultdict[str, set[str]] = defaultdict(set)
    roles_of: defaultdict[str, set[str]] = defaultdict(set)
    everybody = sorted({role for plan in plans for role in plan.roles})
    for plan in applicable_plans(everybody, plans, on=on, edition=edition, versions="all"):
        for line in lines_for(plan, edition):
            plans_of[line.requirement].add(plan.id)
            roles_of[line.requirement].update(plan.roles)
    return plans_of, roles_of
