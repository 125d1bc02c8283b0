"""What do answers about links to requirements look like? The documented shapes (OpenAPI) for editors."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.editor_schemas import RulingOut

STATE_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "accepted": {"nb": "godtatt", "nn": "godteken", "en": "accepted"},
    "stated": {"nb": "oppgitt", "nn": "oppgjeven", "en": "stated"},
    "proposed": {"nb": "foreslått", "nn": "føreslegen", "en": "proposed"},
    "rejected": {"nb": "avvist", "nn": "avvist", "en": "rejected"},
}
"""What states of links are called."""


class LinkIn(BaseModel):
    """What an editor says of a link."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "resource": "kb-0077",
                    "requirement": "krav-fall",
                    "verdict": "accepted",
                    "reason": "dekker hele kravet",
                }
            ]
        },
    )

    resource: str = Field(min_length=1, max_length=512)
    requirement: str = Field(min_length=1, max_length=512, description="Id or code.")
    verdict: Literal["accepted", "rejected"]
    reason: str = Field("", max_length=2000)


class SharedConceptOut(BaseModel):
    """A concept that both are about; `score` tells how surely the resource is."""

    concept: str
    label: str
    score: float


class LinkRowOut(BaseModel):
    """A link between a resource and a requirement, for editors."""

    resource: str
    title: str
    language: str
    edition: str
    status: str
    requirement: str
    label: str = Field(description="What the requirement is called.")
    state: Literal["accepted", "stated", "proposed", "rejected"] = Field(
        description="`stated` by the resource's source or a file of plans, `proposed` by the program."
    )
    state_label: str
    confidence: float | None = Field(
        description="How sure the program is, of a ruled link how sure it was then; null when it has proposed nothing."
    )
    by: str = Field(description="Who said so: a function or a key, never a person.")
    at: date | None
    in_graph: bool = Field(
        description="Whether the current build says so; else the next index run takes it in."
    )
    may_rule: bool = Field(description="Whether the key may rule on it.")
    concepts: list[SharedConceptOut] = Field(description="What both are about, as indexed.")
    text_changed: bool = Field(description="Whether the ruling was made on another text.")
    ruling: RulingOut | None


class ResourceLinksOut(BaseModel):
    """The links of a resource."""

    resource: str
    links: list[LinkRowOut]


class RequirementLinksOut(BaseModel):
    """The links of a requirement; `total` counts those before `limit`."""

    requirement: str
    label: str
    total: int
    links: list[LinkRowOut]
