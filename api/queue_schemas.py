"""What do answers about the work list and sources of authority look like? The documented shapes (OpenAPI)."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.review_schemas import Colour


class ChangeOut(BaseModel):
    """A stretch of two texts; empty on the side where it does not stand."""

    kind: Literal["same", "changed", "only_a", "only_b"]
    before: str
    after: str


class StatementRef(BaseModel):
    """A stored version of a source."""

    number: int
    version: str


class ReasonOut(BaseModel):
    """Why something is on the list; the fields from `source` on are there for changed sources alone."""

    kind: Literal["expired", "due", "authority", "requirement"]
    colour: Colour
    label: str = Field(description="The reason and its colour, in words.")
    sentence: str
    on: date | None
    source: str | None = None
    source_title: str | None = None
    source_url: str | None = None
    before: StatementRef | None = None
    after: StatementRef | None = None
    changes: list[ChangeOut] | None = Field(None, description="What differs, long stretches cut.")


class QueueItemOut(BaseModel):
    """A resource, with the fields of a review list, or a requirement, with its reasons."""

    model_config = ConfigDict(extra="allow")

    item: str = Field(description="`resource:ID` or `requirement:ID`.")
    kind: Literal["resource", "requirement"]
    kind_label: str
    id: str
    title: str
    edition: str
    edition_label: str
    may_write: bool
    reasons: list[ReasonOut]


class QueueCountsOut(BaseModel):
    """How many items have each reason."""

    expired: int
    due: int
    authority: int
    requirement: int


class QueueOut(BaseModel):
    """The work list, the most urgent first."""

    on: date
    total: int
    counts: QueueCountsOut
    items: list[QueueItemOut]


class MarkIn(BaseModel):
    """That things were looked at since a source changed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"source": "authority:veileder-fall", "items": ["resource:kb-0077"]}]
        },
    )

    source: str = Field(min_length=1, max_length=600)
    items: list[str] | None = Field(
        None, max_length=10_000, description="Default all that the key may write."
    )


class MarkedOut(BaseModel):
    """What is off the list now."""

    source: str
    marked: list[str]


class SavedStatementOut(StatementRef):
    """A stored version of a source, and since when."""

    recorded: str


class SourceOut(BaseModel):
    """A source of authority, or a requirement whose text has changed."""

    id: str
    title: str
    url: str
    version: str
    statements: list[SavedStatementOut]


class SourceCountsOut(SourceOut):
    """A source with how much rests on it, and how much of that waits."""

    linked: int
    waiting: int


class AuthoritiesOut(BaseModel):
    """Sources of authority."""

    total: int
    sources: list[SourceCountsOut]


class LinkedItemOut(BaseModel):
    """Something that rests on a source."""

    item: str
    waiting: bool


class StatementsOut(SourceOut):
    """Two statements of a source, and what rests on it."""

    before: StatementRef
    after: StatementRef
    stretches: list[ChangeOut]
    items: list[LinkedItemOut]


class AuthoritiesIn(BaseModel):
    """Sources to register."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "authorities": [
                        {
                            "id": "veileder-fall",
                            "title": "Nasjonalt råd om fall",
                            "url": "https://example.org/fall",
                            "version": "2025",
                            "requirements": ["krav-fall"],
                        }
                    ]
                }
            ]
        },
    )

    authorities: list[dict[str, Any]] = Field(min_length=1, max_length=1000)


class AuthoritiesWrittenOut(BaseModel):
    """What was written, by id."""

    added: list[str]
    updated: list[str]
    unchanged: list[str]
