"""What do answers about gaps look like? The documented shapes (OpenAPI) for editors."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.link_schemas import SharedConceptOut
from engine.gap_filling import Step
from graph.gaps import GapState


class GapOut(BaseModel):
    """A requirement that plans ask for and that no valid resource teaches where it is asked for."""

    requirement: str
    label: str
    edition: str
    edition_label: str
    language: str | None = Field(description="Null: in no language.")
    resource_type: str | None = Field(description="Null: of no type.")
    plans: list[str] = Field(description="Those that ask for it.")
    roles: list[str]
    due: date | None = Field(description="When plans renew it next, within 24 months.")
    state: GapState = Field(description="What is nearest to filling it.")
    state_label: str
    proposed: list[str] = Field(description="Resources that would fill it and that the program proposes.")
    expired: list[str] = Field(description="Resources that would fill it, had their review date not passed.")
    elsewhere: list[str] = Field(description="Valid ones in another language, edition or of another type.")
    sentence: str


class GapsOut(BaseModel):
    """Gaps, what most plans ask for first unless sorted otherwise; `total` counts those before `limit`."""

    total: int
    gaps: list[GapOut]


class PassageOut(BaseModel):
    """The passage that is nearest to the requirement: offsets in the body [code points]."""

    start: int
    end: int
    text: str
    similarity: float | None = Field(description="Cosine; null where words alone told.")


class StepOut(BaseModel):
    """Something that is to be done until the resource fills the gap."""

    step: Step
    label: str


class GapCandidateOut(BaseModel):
    """A resource that could fill a gap."""

    resource: str
    title: str
    url: str
    language: str
    language_label: str
    edition: str
    edition_label: str
    resource_type: str
    status: str
    status_label: str
    review_due: date | None
    linked: bool = Field(description="Whether it is linked to the requirement already.")
    confidence: float | None = Field(description="Of the link; null where it is linked or nothing is known.")
    score: float = Field(description="What orders them: the confidence, 1 for a link, less what steps cost.")
    steps: list[StepOut]
    concepts: list[SharedConceptOut]
    passage: PassageOut | None
    sentence: str
    may_rule: bool = Field(description="Whether the key may rule on it.")


class GapCandidatesOut(BaseModel):
    """What could fill a gap, what takes least first."""

    requirement: str
    label: str
    edition: str
    language: str | None
    resource_type: str | None
    total: int
    candidates: list[GapCandidateOut]


class CandidateRulingIn(BaseModel):
    """What an editor says of a candidate."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"resource": "kb-0077", "verdict": "accepted"}]}
    )

    resource: str = Field(min_length=1, max_length=512)
    verdict: Literal["accepted", "rejected"]
    reason: str = Field("", max_length=2000)


class CandidateRulingOut(BaseModel):
    """A ruling on a candidate: ``teaches`` on the link, ``gap`` on adapting what is linked already."""

    kind: Literal["teaches", "gap"]
    resource: str
    requirement: str
    verdict: str
    by: str
    at: str
    reason: str
