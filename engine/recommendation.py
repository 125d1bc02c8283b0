"""What is asked of a recommender, and what does its answer look like? The values that go in and out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.model import Resource
from graph.model import Evidence, ReasonPath
from graph.plans import Obligation

Label = Literal["essential", "recommended", "optional"]
LANGS = ("nb", "nn", "en")


@dataclass(frozen=True, slots=True)
class RecommendationRequest:
    """What is asked. `minutes` is a budget; `done` the asker's own list, never stored."""

    role: str
    plan: str | None = None
    done: tuple[Evidence, ...] = ()
    minutes: int | None = None
    edition: str | None = None
    language: str = "nb"
    k: int = 20
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A path from the role to the resource, and the same as a sentence in nb, nn and en."""

    requirement: str
    path: ReasonPath
    sentences: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommended resource; `score` compares within one list, `minutes` is its (assumed) length."""

    resource: Resource
    rank: int
    score: float
    label: Label
    requirements: tuple[str, ...]
    reasons: tuple[Reason, ...]
    minutes: int
    minutes_assumed: bool
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Recommendations:
    """An ordered list, the obligations it was made for, and what it leaves open.

    `uncovered` are open requirements that no item of the list serves; those of them in `unmet` have no
    resource at all.
    """

    items: tuple[Recommendation, ...]
    obligations: tuple[Obligation, ...]
    uncovered: tuple[str, ...]
    unmet: tuple[str, ...]
    minutes: int
    graph_version: str
