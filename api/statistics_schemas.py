"""What do counts of searches and wishes look like? The documented shapes (OpenAPI); no field can hold who asked."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.params import UiLanguage


class ClickIn(BaseModel):
    """That a resource was opened; nothing of who opened it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"query": "fall hos eldre", "resource": "kb-0077", "position": 3}]},
    )

    resource: str = Field(min_length=1, max_length=512)
    query: str = Field("", max_length=1000, description="What was searched for; empty without a search.")
    position: int = Field(0, ge=0, le=10_000, description="Place in the list of hits, from 1; 0 in no list.")


class WishIn(BaseModel):
    """What somebody looked for and did not find."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"text": "Kurs om delir hos eldre på nynorsk", "query": "delir hos eldre"}]
        },
    )

    text: str = Field(
        max_length=2000,
        description="At most 500 characters; a number, telephone, address or name of a person is refused.",
    )
    query: str = Field("", max_length=1000, description="What was searched for.")
    edition: str | None = Field(None, max_length=100, description="Edition of the reader.")
    lang: UiLanguage | None = Field(None, description="Language of the page; default by Accept-Language.")


class WishTakenOut(BaseModel):
    """A wish has been kept."""

    kept: Literal[True]
    message: str


class WishStateIn(BaseModel):
    """Whether a wish has been handled."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"state": "handled"}]})

    state: Literal["new", "handled"]


class WishOut(BaseModel):
    """A wish, for editors; `by` is the name of the key that handled it."""

    id: str
    day: date
    edition: str
    language: str
    query: str
    text: str
    state: Literal["new", "handled"]
    state_label: str
    by: str
    handled: date | None


class WishesOut(BaseModel):
    """Wishes, the newest day first."""

    total: int
    wishes: list[WishOut]


class DemandRequirementOut(BaseModel):
    """A requirement that a query is about."""

    requirement: str
    label: str
    plans: list[str]
    roles: list[str]
    resources: dict[str, int] | None = Field(
        description="Valid resources that serve it, by language; null before the first index run."
    )
    wider: bool = Field(description="About the topic above the query's, since none is about that one.")
    lacks: list[str] = Field(description="Of nb and nn, those without a valid resource.")


class DemandQueryOut(BaseModel):
    """A query that was asked often. Of breakdowns only what may be shown: what is missing is not 0 but not told."""

    query: str
    searches: int = Field(ge=5)
    mostly_hits: Literal["0", "1-3", "4-"] = Field(description="How many hits most of the searches had.")
    hits: dict[str, int]
    editions: dict[str, int]
    clicks: int | None
    click_rate: float | None
    positions: dict[str, int] = Field(description="Clicks by place in the list.")
    gap: Literal["no_hits", "few_hits", "no_resource", "no_language"] | None
    gap_label: str | None
    concept: str | None
    concept_label: str | None
    concept_named: bool = Field(description="Whether the query names the concept; else it is the nearest.")
    requirements: list[DemandRequirementOut]
    sentence: str


class DemandOut(BaseModel):
    """Queries in the window that counts are kept of."""

    since: date
    until: date
    counted: bool = Field(description="Whether searches are counted here (KG_QUERY_STATISTICS).")
    shown_from: int
    searches: int = Field(description="Searches in all, down to whole tens.")
    in_writing: int = Field(
        description="Of those, searches whose text is made of shared words and asked often enough to be kept; "
        "whole tens."
    )
    title: str
    lead: str
    queries: list[DemandQueryOut]
