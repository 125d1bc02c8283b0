"""What do answers about related content look like? The documented shapes (OpenAPI) for editors."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.draft_schemas import ConceptLabelOut
from api.editor_schemas import RulingOut


class RelatedIn(BaseModel):
    """What an editor says of a resource that is proposed beside another."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"resource": "kb-0201", "verdict": "accepted"}]}
    )

    resource: str = Field(min_length=1, max_length=512, description="The one that is proposed.")
    verdict: Literal["accepted", "rejected"]
    reason: str = Field("", max_length=2000)


class RequirementLabelOut(BaseModel):
    """A requirement and what it is called."""

    requirement: str
    label: str


class RelatedRowOut(BaseModel):
    """A resource that may belong beside another."""

    resource: str
    title: str
    url: str
    language: str
    language_label: str
    edition: str
    edition_label: str
    status: str
    resource_type: str
    state: Literal["accepted", "proposed", "rejected"]
    state_label: str
    similarity: float | None = Field(description="Cosine of the texts; null where it is not known.")
    concepts: list[ConceptLabelOut] = Field(description="What both are about.")
    requirements: list[RequirementLabelOut] = Field(description="What both teach.")
    reasons: list[str]
    ruling: RulingOut | None


class RelatedOut(BaseModel):
    """What belongs beside a resource: accepted, proposed, then rejected."""

    resource: str
    may_rule: bool = Field(description="Whether the key may rule on it.")
    related: list[RelatedRowOut]
