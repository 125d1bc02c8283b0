"""Which requirements have resources, for whom and in which language? Coverage, counted exactly."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from graph.errors import GraphError
from graph.plans import COMMON


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
