"""What do merges and kept pairs look like? The documented shapes (OpenAPI) for editors."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.pair_classes import PairClass


class MergeIn(BaseModel):
    """Which resource counts for which from now on."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"old": "kb-0081", "new": "kb-0077", "reason": "samme kurs i ny utgave"}]
        },
    )

    old: str = Field(min_length=1, max_length=512, description="Id that is to lead on.")
    new: str = Field(min_length=1, max_length=512, description="Id of the resource that is left.")
    reason: str = Field("", max_length=2000)


class MergedOut(BaseModel):
    """A merge that stands; `by` is the name of a key, never a person's."""

    old: str
    new: str
    goes_to: str = Field(
        description="Where the old id leads in the end: `new`, or what that was merged into."
    )
    by: str
    at: str
    reason: str
    old_title: str
    new_title: str
    old_edition: str
    new_edition: str
    language: str = Field(description="Language of the old one.")
    requirements: list[str] = Field(description="What `goes_to` is linked to by what was merged into it.")
    concepts: list[str] = Field(description="What `goes_to` is tagged with by what was merged into it.")


class MergesOut(BaseModel):
    """Merges that stand, the newest first; `total` counts those before `limit`."""

    total: int
    merges: list[MergedOut]


class KeepIn(BaseModel):
    """What a pair is kept as, and why."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"verdict": "translation", "reason": ""}]}
    )

    verdict: Literal["supplement", "translation"]
    reason: str = Field("", max_length=2000)


class KeptOut(BaseModel):
    """A pair that is kept as a supplement or as translations; `by` is the name of a key, never a person's."""

    a: str
    b: str
    verdict: Literal["supplement", "translation"]
    kind: PairClass
    label: str
    by: str
    at: str
    reason: str


class KeptPairsOut(BaseModel):
    """Pairs that are kept."""

    total: int
    pairs: list[KeptOut]
