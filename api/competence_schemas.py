"""What do answers about roles, plans and recommendations look like? The documented shapes (OpenAPI)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.schemas import PartOut, ResourceOut
from engine.recommendation import Label, Why
from graph.done_list import IN_NORWEGIAN, EvidenceKind
from graph.model import EdgeKind, Level, Necessity, NodeKind, PlanKind, RequirementKind, State


class RoleOut(BaseModel):
    """A role."""

    id: str
    labels: dict[str, str]
    concept: str | None
    broader: str | None
    hpr: str | None
    styrk08: str | None
    arenas: list[str]


class RoleRef(BaseModel):
    """A role and what it is called."""

    id: str
    label: str


class RolesOut(BaseModel):
    """All roles."""

    roles: list[RoleOut]


class RoleDetailOut(RoleOut):
    """A role and its plans."""

    plans: list[str]


class GroupOut(BaseModel):
    """A rule of the kind three of five, and how far it is met."""

    plan: str
    name: str
    minimum: int
    size: int
    met: int


class ValidityOut(BaseModel):
    """A rule for how long an approval holds."""

    months: int | None
    calendar: str | None = Field(description="Each year on --MM-DD, or month-end: to the end of the month.")


class ObligationOut(BaseModel):
    """What is asked of a role, once however many plans ask for it; the strictest interval wins."""

    requirement: str
    label: str
    necessity: Necessity
    level: str | None = Field(description="Level that it is asked for at (scheme niva); null is not said.")
    validity: int | None = Field(description="Months; null is once for all.")
    rules: list[ValidityOut] = Field(description="The different rules; the earliest end counts.")
    example: bool = Field(description="The interval is an example value.")
    plans: list[str]
    state: State
    due: date | None
    gap: bool
    groups: list[GroupOut]


class ObligationsOut(BaseModel):
    """All that is asked of a role on a day."""

    role: str
    on: date
    requirements: list[ObligationOut]


class RequirementOut(BaseModel):
    """A requirement."""

    id: str
    labels: dict[str, str]
    description: dict[str, str]
    concepts: list[str]
    kind: RequirementKind
    level: str | None
    validity: int | None
    calendar: str | None
    example: bool
    verification: str
    legal_basis: str
    prerequisites: list[str]
    code: str | None
    broader: str | None
    alt_labels: dict[str, list[str]] = Field(description="Other wordings of it, by language.")
    same_as: list[str] = Field(description="Requirements of other frameworks that say the same.")
    replaced_by: str | None = Field(description="The requirement that counts in its place.")


class RequirementsOut(BaseModel):
    """All requirements."""

    requirements: list[RequirementOut]


class LinkOut(BaseModel):
    """Who made a link (a function, never a person), when and how sure."""

    origin: Literal["import", "editor", "automatic"]
    by: str
    at: date | None = Field(description="Of what the program made: the day of the text it was made from.")
    confidence: float


class RequirementResourcesOut(BaseModel):
    """Resources that serve a requirement, stated links first."""

    class Item(BaseModel):
        """One of them; `stated` by an editor or a source, else proposed by the program."""

        resource: ResourceOut
        stated: bool
        link: LinkOut | None = Field(description="Null when a new graph has just taken its place.")

    requirement: str
    resources: list[Item]


class PlanLineOut(BaseModel):
    """One requirement in a plan."""

    requirement: str
    necessity: Necessity
    order: int
    validity: int | None
    calendar: str | None
    edition: str | None
    group: str | None
    group_minimum: int | None


class PlanOut(BaseModel):
    """A plan; lists leave `lines` out."""

    id: str
    labels: dict[str, str]
    kind: PlanKind
    owner: str
    editions: list[str]
    roles: list[str]
    arena: str | None
    version: str
    valid_from: date | None
    valid_to: date | None
    replaces: str | None
    retired: date | None
    retired_reason: str
    source: str
    sample: bool
    requirements: int
    lines: list[PlanLineOut] = []


class PlansOut(BaseModel):
    """All plans, retired ones too."""

    plans: list[PlanOut]


class NodeOut(BaseModel):
    """A node of a path."""

    id: str
    kind: NodeKind
    label: str


class EdgeOut(BaseModel):
    """An edge with who made it (a function, never a person), when and how sure."""

    source: str
    target: str
    kind: EdgeKind
    origin: Literal["import", "editor", "automatic"]
    by: str
    at: date | None
    confidence: float
    necessity: Necessity | None
    reversed: bool


class PathOut(BaseModel):
    """A walk through the graph; edge i joins nodes i and i + 1."""

    nodes: list[NodeOut]
    edges: list[EdgeOut]


class ReasonOut(BaseModel):
    """A reason as a path and as the sentence made from it."""

    requirement: str
    sentence: str
    sentences: dict[str, str]
    path: PathOut


class RecommendationOut(BaseModel):
    """One recommended resource."""

    rank: int
    score: float
    label: Label
    resource: ResourceOut
    requirements: list[str]
    minutes: int
    minutes_assumed: bool
    reasons: list[ReasonOut]
    parts: list[PartOut]
    opened: int | None = Field(
        description="How often it was opened, by anybody, where that has counted (the part `popularity`); 5 at least."
    )
    opened_sentence: str | None = Field(description="The same as a sentence.")


class RecommendationsOut(BaseModel):
    """An ordered list, what it was made for and what it leaves open. Nothing of it is stored."""

    items: list[RecommendationOut]
    obligations: list[ObligationOut]
    covered: list[str] = Field(description="Open requirements that the list covers.")
    uncovered: list[str] = Field(description="Open requirements that it does not.")
    why: dict[str, Why] = Field(
        description="Why each of `uncovered` is: nothing serves it; no time left; no time for what must come "
        "first; enough of its group is covered; the list is full."
    )
    unmet: list[str] = Field(description="Open requirements that nothing serves.")
    minutes: int
    link: str | None = Field(
        description="Opens the list in the portal, with the ids in the fragment; null without a portal."
    )
    narrower_roles: list[RoleRef] = Field(
        description="When the role has no plan in force: narrower roles that have one."
    )
    graph_version: str


def _kind(value: object) -> object:
    """Return the kind of evidence for its name in Norwegian; no text at all is none."""
    return (IN_NORWEGIAN.get(value.lower(), value) or None) if isinstance(value, str) else value


class DoneIn(BaseModel):
    """A line of the asker's own done-list."""

    requirement: str = Field(max_length=512)
    state: State = "approved"
    achieved: date | None = None
    expires: date | None = None
    evidence: Annotated[EvidenceKind | None, BeforeValidator(_kind)] = Field(
        None, description="What shows it; prior_learning is what was learnt before, without a course."
    )


class RecommendationsIn(BaseModel):
    """What recommendations are asked for; used for this answer and forgotten."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role": "hjemmesykepleier",
                    "minutes": 45,
                    "done": [{"requirement": "krav-news2", "state": "approved", "achieved": "2026-03-01"}],
                }
            ]
        }
    )

    role: str = Field(max_length=200, description="Role: id, HPR or STYRK-08 code.")
    plan: str | None = Field(None, max_length=512)
    minutes: int | None = Field(None, ge=1, le=100_000, description="Time budget.")
    edition: str | None = Field(None, max_length=100)
    lang: Literal["nb", "nn", "en"] | None = None
    k: int = Field(20, ge=1, le=100)
    smallest: bool = Field(False, description="The shortest set that covers all that can be covered.")
    diversity: float | None = Field(
        None, ge=0, le=1, description="How much less what is served already counts; 0 is by score alone."
    )
    level: Level | None = Field(
        None, description="The asker's own level: what is more than one step below is left out."
    )
    format: Literal["json", "csv"] = "json"
    done: list[DoneIn] = Field([], max_length=2000)


class PathsOut(BaseModel):
    """With a resource: the paths that lead from the role to it. Without: the role's way, in order."""

    class Step(BaseModel):
        """One step of the way."""

        step: int
        resource: str
        title: str
        requirements: list[str]
        level: str | None
        minutes: int
        minutes_so_far: int
        after: list[int] = Field(description="Earlier steps that teach what must come before.")
        sentence: str

    role: str
    resource: str | None
    paths: list[ReasonOut]
    steps: list[Step]
    minutes: int = Field(description="Of all steps.")
    uncovered: list[str] = Field(description="Open requirements that the way does not cover.")
    why: dict[str, Why] = Field(description="Why not.")
