"""What do pinned and hidden results look like? The documented shapes (OpenAPI)."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class CuratedIn(BaseModel):
    """A result that is to be pinned or hidden for a query, where, why and until when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "query": "influensavaksine",
                    "resource": "kb-0055",
                    "verdict": "pinned",
                    "reason": "kampanje i oktober",
                    "until": "2027-10-31",
                }
            ]
        },
    )

    query: str = Field(min_length=1, max_length=200)
    resource: str = Field(min_length=1, max_length=512)
    verdict: Literal["pinned", "hidden"]
    edition: str = Field("", max_length=100, description="In this edition only.")
    reason: str = Field("", max_length=2000)
    until: date | None = Field(None, description="Its last day; without one it has no end.")


class CuratedOut(BaseModel):
    """A result that is pinned or hidden for a query; `by` is the name of a key, never a person's."""

    query: str
    resource: str
    title: str
    status: str = Field(description="Of the resource; only a published one is shown.")
    verdict: Literal["pinned", "hidden"]
    edition: str
    reason: str
    until: date | None
    ended: bool
    by: str
    at: str
    may_rule: bool


class CuratedListOut(BaseModel):
    """What is pinned and hidden."""

    results: list[CuratedOut]
