"""Who must be able to do what? Roles, requirements, plans, evidence; nodes and edges of the graph.

All values are frozen. Nodes and edges are what the graph is built from; the engine hands them over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from vocab.concept import ConceptId, Lang

NodeKind = Literal["role", "plan", "requirement", "concept", "resource"]
EdgeKind = Literal[
    "has_plan",  # role -> plan
    "requires",  # plan -> requirement
    "about",  # requirement -> concept, and resource -> concept
    "teaches",  # resource -> requirement, stated by an editor or a source
    "proposed_teaches",  # resource -> requirement, proposed by the program
    "broader",  # concept -> concept
    "related",  # concept -> concept
    "prerequisite",  # requirement -> the requirement that comes first
    "audience",  # resource -> role
]
Origin = Literal["import", "editor", "automatic"]
Necessity = Literal["obligatorisk", "betinget", "anbefalt"]
RequirementKind = Literal["knowledge", "skill", "practical_approval", "formal"]
PlanKind = Literal["role_plan", "function_plan", "lis", "apprentice", "placement"]
State = Literal[
    "not_begun",
    "in_progress",
    "awaiting_approval",
    "approved",
    "expires_soon",
    "expired",
    "exempt",
]
Level = Literal["grunnleggende", "videregaende", "avansert"]


@dataclass(frozen=True, slots=True)
class Role:
    """A role at a place of work (ESCO occupation; helsepersonelloven § 48).

    `id` is the name in scheme ``rolle`` (``hjemmesykepleier``); `hpr` the code in Volven 9060.
    """

    id: str
    labels: Mapping[Lang, str]
    concept: ConceptId | None = None
    broader: str | None = None
    hpr: str | None = None
    styrk08: str | None = None
    arenas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that must be known, mastered or held (ESCO skill, CASE CFItem).

    `validity` is months until it must be renewed, `calendar` the day of the year or the end of the month
    on which the time is up (`graph.validity`); neither means once for all. `example` says that the
    interval is an example value and not taken from a plan in force. `alt_labels` are other wordings of
    it, `same_as` requirements of other frameworks that say the same. One that is `replaced_by` another
    stays readable under its old id and counts as the other (`graph.replaced`).
    """

    id: str
    labels: Mapping[Lang, str]
    description: Mapping[Lang, str] = field(default_factory=dict)
    concepts: tuple[ConceptId, ...] = ()
    kind: RequirementKind = "knowledge"
    level: str | None = None
    validity: int | None = None
    verification: str = ""
    legal_basis: str = ""
    prerequisites: tuple[str, ...] = ()
    code: str | None = None
    broader: str | None = None
    alt_labels: Mapping[Lang, tuple[str, ...]] = field(default_factory=dict)
    same_as: tuple[str, ...] = ()
    replaced_by: str | None = None
    example: bool = True
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One requirement in one plan; `edition` limits it.

    `validity` or `calendar` override the requirement's own, both together.
    """

    requirement: str
    necessity: Necessity = "obligatorisk"
    order: int = 0
    validity: int | None = None
    edition: str | None = None
    group: str | None = None
    group_minimum: int | None = None
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Requirements for some roles, shared by some editions (CASE CFDocument).

    Valid from `valid_from` to `valid_to`, both included; None is open. Two versions of a plan may be
    valid at once. `retired` with `retired_reason` takes it out of use.
    """

    id: str
    labels: Mapping[Lang, str]
    lines: tuple[PlanLine, ...] = ()
    roles: tuple[str, ...] = ()
    arena: str | None = None
    kind: PlanKind = "role_plan"
    owner: str = ""
    editions: tuple[str, ...] = ("felles",)
    version: str = "1"
    valid_from: date | None = None
    valid_to: date | None = None
    replaces: str | None = None
    retired: date | None = None
    retired_reason: str = ""
    source: str = ""
    sample: bool = False

    def in_force(self, on: date) -> bool:
        """Tell whether the plan is valid on a day and not retired by then."""
        return (
            (self.valid_from is None or self.valid_from <= on)
            and (self.valid_to is None or on <= self.valid_to)
            and (self.retired is None or on < self.retired)
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of a done-list: held by the asker, never stored (Open Badges, xAPI in).

    `evidence` says what shows it (`graph.status.EvidenceKind`): a course, but as well what was learnt before.
    """

    requirement: str
    state: State = "approved"
    achieved: date | None = None
    expires: date | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the graph. Ids are ``kind:local``, for instance ``requirement:krav-fall``."""

    id: str
    kind: NodeKind
    labels: Mapping[Lang, str] = field(default_factory=dict)

    @property
    def local(self) -> str:
        """The id without its kind."""
        return self.id.split(":", 1)[1]


@dataclass(frozen=True, slots=True)
class Edge:
    """A typed edge with its provenance: who made it (a function, never a person), when, how sure."""

    source: str
    target: str
    kind: EdgeKind
    weight: float = 1.0
    origin: Origin = "import"
    by: str = ""
    at: date | None = None
    confidence: float = 1.0
    necessity: Necessity | None = None


@dataclass(frozen=True, slots=True)
class ReasonPath:
    """A walk through the graph that explains a recommendation; `edges` join `nodes` pairwise.

    ``reversed_[i]`` tells that edge ``i`` is walked against its direction.
    """

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]
    reversed_: tuple[bool, ...]
