"""What do answers about status look like? The documented shapes (OpenAPI)."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.competence_schemas import DoneIn, ValidityOut
from graph.model import Necessity, State
from graph.status import Colour


class FillerOut(BaseModel):
    """The resource that fills a gap best; `stated` by an editor or a source, else proposed by the program."""

    id: str
    title: str
    url: str
    minutes: int | None
    stated: bool


class StatusRowOut(BaseModel):
    """One requirement: state and colour, each with its word, and when it is due."""

    requirement: str
    label: str
    necessity: Necessity
    state: State
    state_word: str
    colour: Colour
    colour_word: str
    due: date | None = Field(
        description="Last day on which the approval holds, the missed day once it is past."
    )
    days: int | None = Field(description="Days until `due`, negative after it.")
    overdue: bool
    gap: bool
    validity: int | None = Field(description="Shortest interval [months]; null is once for all.")
    rules: list[ValidityOut]
    renewed: str = Field(description="The rules in words.")
    plans: list[str]
    evidence: list[str]
    fills: FillerOut | None


class DueOut(BaseModel):
    """A due date."""

    requirement: str
    due: date
    days: int


class StatusOut(BaseModel):
    """How somebody stands on a day, the most urgent first. Nothing of it is stored."""

    role: str
    plan: str | None
    edition: str | None
    on: date
    colours: dict[Colour, int]
    states: dict[State, int]
    overdue: int
    requirements: list[StatusRowOut]
    due: list[DueOut] = Field(description="Everything with a due date, by date.")


class StatusIn(BaseModel):
    """Whose status is asked for: a role and what is done; used for this answer and forgotten."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role": "hjemmesykepleier",
                    "done": [
                        {"requirement": "krav-news2", "achieved": "2026-03-01", "evidence": "prior_learning"}
                    ],
                }
            ]
        }
    )

    role: str = Field(max_length=200, description="Role: id, HPR or STYRK-08 code.")
    plan: str | None = Field(None, max_length=512, description="One plan alone.")
    edition: str | None = Field(None, max_length=100, description="Edition of the reader.")
    on: date | None = Field(None, description="Day; default today.")
    lang: Literal["nb", "nn", "en"] | None = None
    done: list[DoneIn] = Field([], max_length=2000)
