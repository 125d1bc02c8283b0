"""What do answers to who is about to write look like? The documented shapes (OpenAPI) of a preview."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.drafting import Level, Why
from engine.model import COMMON_EDITION


class DraftIn(BaseModel):
    """What is typed so far; nothing of it is kept."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"title": "Type 2-diabetes hos eldre", "language": "nb"}]},
    )

    title: str = Field("", max_length=500)
    text: str = Field("", max_length=200_000, description="The text, as far as it is written.")
    language: Literal["nb", "nn", "en", "se"] | None = Field(
        None, description="Default: told from the words."
    )
    edition: str = Field(COMMON_EDITION, min_length=1, max_length=100)
    id: str = Field("", max_length=512, description="The resource that is being rewritten: it is left out.")


class ConceptLabelOut(BaseModel):
    """A concept and what it is called."""

    concept: str
    label: str


class WhyOut(BaseModel):
    """What an existing text is to what is typed."""

    kind: Why
    label: str
    sentence: str


class DraftReviewOut(BaseModel):
    """The review date of an existing text."""

    due: date | None
    expired: bool
    label: str


class ExistingOut(BaseModel):
    """A text of the bank that is like what is typed."""

    id: str
    title: str
    url: str
    language: str
    language_label: str
    edition: str
    edition_label: str
    owner: str
    resource_type: str
    status: str
    status_label: str
    updated: date | None
    review: DraftReviewOut
    level: Level = Field(
        description="`confirm`: the same name in the same language and edition; `look` before writing; `know`."
    )
    level_label: str
    why: list[WhyOut] = Field(description="The weightiest first.")
    name_likeness: float = Field(description="0 when names say nothing.")
    concepts: list[ConceptLabelOut] = Field(description="What both are about.")
    evidence: list[str] = Field(description="What the two texts have in common, where a text was typed.")


class WouldServeOut(BaseModel):
    """A requirement that the text would serve."""

    requirement: str
    label: str
    confidence: float
    concepts: list[ConceptLabelOut]
    plans: int = Field(description="Plans in force that ask for it.")
    roles: int
    resources: int = Field(description="Valid resources that teach it in the draft's language and edition.")
    sentence: str


class DraftConceptOut(BaseModel):
    """A concept that the text would be tagged with."""

    concept: str
    label: str
    score: float
    matched: str = Field(description="The label that stands in the text; empty when meaning alone tells.")


class PreviewOut(BaseModel):
    """What is there already; `headline` sums it up. `level` is that of the first text, null without any."""

    language: str | None = Field(description="As stated, or as told from the words; null when unsure.")
    edition: str
    level: Level | None
    headline: str
    existing: list[ExistingOut]
    requirements: list[WouldServeOut]
    concepts: list[DraftConceptOut]
    degraded: list[str] = Field(description="What could not be asked: `not_indexed`, `no_similarity`.")
