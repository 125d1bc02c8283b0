"""What is asked of a recommender, and what does its answer look like? The values that go in and out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from engine.model import Resource
from graph.model import Evidence, Level, ReasonPath
from graph.plans import Obligation

Label = Literal["essential", "recommended", "optional"]
Why = Literal["no_resource", "no_time", "prerequisite", "enough", "list_full"]
"""Why an open requirement is not covered: nothing serves it; what does is too long for the time left; it
would fit, but not together with what must come before it; enough of its group is covered; the list is full."""

LANGS = ("nb", "nn", "en")


@dataclass(frozen=True, slots=True)
class RecommendationRequest:
    """What is asked. `minutes` is a budget; `done` the asker's own list, never stored.

    `smallest` asks for the shortest set that covers all that can be covered, or within `minutes` the one
    that covers most; `k` does not bound a set. `diversity` from 0 (by score alone) to 1 says how much a
    requirement that the list serves already counts less; None is what was set by measurement. `level` is the
    asker's own: what is more than one step below it is left out.
    """

    role: str
    plan: str | None = None
    done: tuple[Evidence, ...] = ()
    minutes: int | None = None
    edition: str | None = None
    language: str = "nb"
    k: int = 20
    on: date | None = None
    smallest: bool = False
    diversity: float | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A path from the role to the resource, and the same as a sentence in nb, nn and en."""

    requirement: str
    path: ReasonPath
    sentences: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommended resource; `score` compares within one list, `minutes` is its (assumed) length.

    `opened` is how often it was opened, where that has counted.
    """

    resource: Resource
    rank: int
    score: float
    label: Label
    requirements: tuple[str, ...]
    reasons: tuple[Reason, ...]
    minutes: int
    minutes_assumed: bool
    parts: tuple[tuple[str, float], ...]
    opened: int = 0


@dataclass(frozen=True, slots=True)
class Recommendations:
    """An ordered list, the obligations it was made for, and what it leaves open.

    `covered` are the open requirements that the list covers, `uncovered` the others, and `why` says of
    each of those why; those of them in `unmet` have no resource at all. A set (with a budget, or the
    smallest) covers a requirement with what is best meant for it: an item may name more requirements
    that it touches.
    """

    items: tuple[Recommendation, ...]
    obligations: tuple[Obligation, ...]
    uncovered: tuple[str, ...]
    unmet: tuple[str, ...]
    minutes: int
    graph_version: str
    covered: tuple[str, ...] = ()
    why: Mapping[str, Why] = field(default_factory=dict)
