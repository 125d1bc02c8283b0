"""What do answers to editors look like? The documented shapes (OpenAPI) of rulings and the block list."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import SpanOut


class RulingIn(BaseModel):
    """What an editor says of a tag."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"verdict": "rejected", "reason": "nevnes bare"}]}
    )

    verdict: Literal["accepted", "rejected", "pinned"]
    reason: str = Field("", max_length=2000)


class RulingOut(BaseModel):
    """A ruling of an editor; `by` is the name of a key, never a person's."""

    verdict: str
    by: str
    at: str
    reason: str


class TagRowOut(BaseModel):
    """A concept of a resource, for editors."""

    concept: str
    label: str
    state: Literal["pinned", "accepted", "proposed", "rejected", "blocked"]
    score: float = Field(description="Of a rejected or blocked concept, what the tagger would say.")
    origin: Literal["editor", "source", "automatic"]
    matched: str = Field(description="The label that was met.")
    matched_kind: str | None
    spans: list[SpanOut]
    again: bool = Field(description="Rejected on an earlier text, and proposed again on this one.")
    text_changed: bool = Field(description="Whether the ruling was made on another text.")
    ruling: RulingOut | None


class EditorTagsOut(BaseModel):
    """The concepts of a resource and what was ruled on them."""

    id: str
    tags: list[TagRowOut]


class BlockIn(BaseModel):
    """Where a concept is not proposed, why and until when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "treffer nesten alt", "until": "2027-06-30"}]},
    )

    edition: str = Field("", max_length=200, description="In this edition only.")
    resource_type: str = Field("", max_length=200, description="For this resource type only.")
    reason: str = Field("", max_length=2000)
    until: date | None = Field(None, description="Its last day; without one it has no end.")


class BlockOut(BaseModel):
    """A concept that is not proposed."""

    concept: str
    label: str
    edition: str
    resource_type: str
    reason: str
    until: date | None
    ended: bool
    by: str
    at: str


class BlockedOut(BaseModel):
    """The block list."""

    blocked: list[BlockOut]
