"""What do answers about reviews, authorities and the dashboard look like? The documented shapes (OpenAPI)."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Colour = Literal["red", "yellow", "green", "grey"]
State = Literal["expired", "due", "later", "undated"]


class ReviewRowOut(BaseModel):
    """A resource with its review date."""

    id: str
    title: str
    url: str
    language: str
    language_label: str
    edition: str
    edition_label: str
    resource_type: str
    resource_type_label: str
    themes: list[str]
    theme_labels: list[str]
    status: str
    responsible: str = Field(description="A function or its mailbox; by default who provides it.")
    review_due: date | None
    days: int | None = Field(description="Days until it is due; negative after that day.")
    state: State
    state_label: str = Field(description="The state and its colour, in words.")
    colour: Colour
    sentence: str


class ReviewCountsOut(BaseModel):
    """How many published ones of the filter; `due_60` has those of `due_30` in it."""

    all: int
    expired: int
    due_30: int
    due_60: int
    due_90: int
    due_365: int
    undated: int


class ReviewListOut(BaseModel):
    """A list by review date."""

    on: date
    total: int
    counts: ReviewCountsOut
    rows: list[ReviewRowOut]


class ReviewIn(BaseModel):
    """That a resource is still right."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"due": "2027-11-20", "reason": "gjennomgått mot ny veileder"}]},
    )

    due: date = Field(description="When it is to be looked at next.")
    reviewed: date | None = Field(None, description="Day of the review; default today.")
    reason: str = Field("", max_length=2000)


class ReviewOut(BaseModel):
    """What was said of a resource."""

    resource: str
    reviewed: date
    due: date
    source_due: date | None = Field(description="What its source said then.")
    by: str = Field(description="A function, never a person.")
    at: str
    reason: str
    holds: bool = Field(
        description="Whether the resource has this date; a source may have named a newer one."
    )


class NumberOut(BaseModel):
    """A number and the list that has exactly so many rows."""

    name: str
    label: str
    n: int | None = Field(description="Null where it is not at hand.")
    colour: Colour
    colour_label: str
    filter: dict[str, str] = Field(description="The parameters of the list.")
    list: str = Field(description="Address of the list.")


class DashboardRowOut(BaseModel):
    """The numbers of a theme or a type, what is narrower with it."""

    value: str
    label: str
    numbers: list[NumberOut]


class DashboardOut(BaseModel):
    """How an edition or a topic stands."""

    on: date
    edition: str
    edition_label: str
    topic: str
    topic_label: str
    numbers: list[NumberOut]
    themes: list[DashboardRowOut]
    resource_types: list[DashboardRowOut]


class ProposedLinkOut(BaseModel):
    """A proposed link that nobody has ruled on."""

    resource: str
    title: str
    edition: str
    requirement: str
    label: str
    confidence: float


class ProposedLinksOut(BaseModel):
    """Proposed links, the surest first."""

    total: int
    links: list[ProposedLinkOut]
