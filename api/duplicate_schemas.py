"""What do answers about duplicates look like? The documented shapes (OpenAPI) of groups, pairs and comparisons."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.pair_classes import PairClass


class TwinOut(BaseModel):
    """A resource of a pair or group."""

    id: str
    title: str
    language: str
    edition: str
    status: Literal["draft", "published", "archived"]
    resource_type: str
    updated: str | None = Field(description="Day of the last change, else of publishing.")


class EvidenceOut(BaseModel):
    """What two resources have in common and what differs; shares are between 0 and 1."""

    identical: bool
    words: tuple[int, int]
    shared: float = Field(description="Share of the words that stand in the same order in both.")
    passages: float = Field(description="The same, of words in shared runs of three and more.")
    part_a: float
    part_b: float
    title: float = Field(description="Share of title words that are common.")
    cosine: float | None = Field(description="Closeness in meaning; none when there is no model.")
    concepts: float = Field(description="Overlap of subjects.")
    numbers_a: list[str] = Field(description="Numbers that a has more often than b.")
    numbers_b: list[str]
    languages: tuple[str, str]
    editions: tuple[str, str]
    dates: tuple[str | None, str | None]
    local: Literal["a", "b", ""] = Field(
        description="Which one belongs to an edition, when the other is common."
    )
    other_audience: bool
    says_supplement: bool
    names_title: bool
    acts: tuple[str, str] = Field(description="Acts that they change, for laws and regulations.")


class NotDuplicateOut(BaseModel):
    """A ruling on a pair: that the two are no duplicates, or are kept; `by` is a key's name, never a person's."""

    a: str
    b: str
    by: str
    at: str
    reason: str
    holds: bool = Field(description="False when a text has changed much since.")


class PairOut(BaseModel):
    """Two resources, what they are to each other, and why."""

    a: str
    b: str
    kind: PairClass
    label: str
    same_work: bool
    strength: float = Field(description="How strongly the evidence speaks for it, .5 where it begins.")
    action: str
    action_label: str
    reasons: list[str]
    evidence: EvidenceOut
    not_duplicate: NotDuplicateOut | None
    kept: NotDuplicateOut | None = Field(
        description="Set where editors have said the class: a supplement or translations to be kept."
    )


class GroupOut(BaseModel):
    """Resources that are one work, or a text and its local supplement."""

    kind: PairClass
    label: str
    action: str
    action_label: str
    kept: str = Field(description="Which one to keep when they are merged: the common one, else the newest.")
    members: list[TwinOut]
    pairs: list[PairOut]


class DuplicatesOut(BaseModel):
    """Groups of the bank, what asks for most first."""

    total: int
    groups: list[GroupOut]


class SegmentOut(BaseModel):
    """A stretch of both texts; one that is in one text only is empty in the other. Offsets in code points."""

    kind: Literal["same", "changed", "only_a", "only_b"]
    a: str
    b: str
    a_start: int
    b_start: int


class CompareOut(BaseModel):
    """Two resources side by side: summary and body, aligned."""

    a: TwinOut
    b: TwinOut
    pair: PairOut
    segments: list[SegmentOut]


class NotDuplicateIn(BaseModel):
    """Why two resources are no duplicates."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "ulike målgrupper"}]}
    )

    reason: str = Field("", max_length=2000)
