"""What does a text on its way to readers look like? The documented shapes (OpenAPI)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

StepName = Literal["submit", "return", "publish", "archive", "reopen"]
StateName = Literal["draft", "in_review", "published", "archived"]


class StepIn(BaseModel):
    """A step, or a comment without one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"step": "return", "comment": "Kilden til dosen mangler."}]},
    )

    step: StepName | None = Field(None, description="None only adds the comment.")
    comment: str = Field("", max_length=4000)
    basis: str | None = Field(
        None,
        max_length=64,
        description="`basis` of the text that was looked at; refused if it is another one by now.",
    )


class RemarkOut(BaseModel):
    """A step that was taken, or a comment; `by` is a function or key name."""

    at: str
    by: str
    step: StepName | None
    step_label: str
    comment: str
    text_changed: bool = Field(description="Whether the text is another one now.")


class FlowOut(BaseModel):
    """Where a text stands, and how it came there."""

    id: str
    title: str
    edition: str
    state: StateName
    state_label: str
    basis: str
    steps: list[StepName] = Field(description="Steps that can be taken now.")
    history: list[RemarkOut]


class WaitingRowOut(BaseModel):
    """A text in review."""

    id: str
    title: str
    language: str
    edition: str
    provider: str


class WaitingOut(BaseModel):
    """Texts in review that the key may publish."""

    waiting: list[WaitingRowOut]
