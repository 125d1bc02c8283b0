"""What do reports look like? The documented shapes (OpenAPI)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.competence_schemas import DoneIn, ValidityOut
from api.status_schemas import FillerOut
from graph.done_list import PSEUDONYM, DoneListError, check_pseudonym
from graph.model import Necessity, PlanKind, RequirementKind, State
from graph.status import Colour


def _pseudonym(value: str) -> str:
    try:
        return check_pseudonym(value)
    except DoneListError as e:
        raise PydanticCustomError("pseudonym", "{said}", {"said": e.message}) from None


class MemberIn(BaseModel):
    """One of a unit, under a pseudonym, with what is done."""

    pseudonym: Annotated[str, AfterValidator(_pseudonym)] = Field(
        max_length=64,
        pattern=PSEUDONYM,
        description="No name, address or number of a person: seven digits in a row are refused.",
    )
    role: str | list[str] = Field(description="Role, or several: id, HPR or STYRK-08 code.")
    plan: str | None = Field(None, max_length=512)
    edition: str | None = Field(None, max_length=100)
    done: list[DoneIn] = Field([], max_length=2000)


class UnitIn(BaseModel):
    """A unit's done-lists; used for this answer and forgotten."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "members": [
                        {
                            "pseudonym": "u-01",
                            "role": "hjemmesykepleier",
                            "done": [{"requirement": "krav-news2", "achieved": "2026-03-01"}],
                        }
                    ]
                }
            ]
        }
    )

    members: list[MemberIn] = Field(max_length=500)
    edition: str | None = Field(None, max_length=100, description="Edition of those who state none.")
    on: date | None = Field(None, description="Day; default today.")
    lang: Literal["nb", "nn", "en"] | None = None


class UnitCellOut(BaseModel):
    """How one pseudonym stands with one requirement."""

    state: State
    state_word: str
    colour: Colour
    colour_word: str
    due: date | None
    overdue: bool
    gap: bool
    fills: str | None = Field(description="Id of the best resource for the gap.")


class UnitRowOut(BaseModel):
    """One requirement in a unit."""

    requirement: str
    label: str
    asked: int
    fulfilled: int
    missing: int
    overdue: int
    fills: list[FillerOut]
    cells: dict[str, UnitCellOut] = Field(description="By pseudonym, of those of whom it is asked.")


class MonthRequirementOut(BaseModel):
    """How many approvals of a requirement run out in a month."""

    requirement: str
    label: str
    renewals: int


class MonthOut(BaseModel):
    """What runs out in a month."""

    month: str
    renewals: int
    requirements: list[MonthRequirementOut]


class UnitOut(BaseModel):
    """A unit on a day, most overdue requirements first. Nothing of it is stored."""

    on: date
    pseudonyms: list[str]
    asked: int
    fulfilled: int
    overdue: int
    requirements: list[UnitRowOut]
    months: list[MonthOut]


class CoverageCellOut(BaseModel):
    """How many valid resources there are in a language and of a type."""

    language: str
    resource_type: str
    resources: int
    proposed: int = Field(description="Valid resources that the program proposes and nobody has stated.")


class CoverageRowOut(BaseModel):
    """A requirement asked of a role in an edition; cells of none are left out."""

    requirement: str
    label: str
    role: str
    edition: str
    plans: list[str]
    resources: int
    proposed: int
    cells: list[CoverageCellOut]


class EmptyCellOut(BaseModel):
    """A requirement without a valid resource in a language, and of a type when one stands there."""

    requirement: str
    label: str
    edition: str
    language: str
    resource_type: str | None
    plans: list[str]
    roles: list[str]
    elsewhere: int = Field(description="Valid resources there in other languages or of other types.")
    proposed: int = Field(description="Valid resources that would fill it and that the program proposes.")


class MissingCellOut(BaseModel):
    """What is missing, and how many proposals would fill it."""

    language: str
    resource_type: str | None
    proposed: int


class MissingOut(BaseModel):
    """What is missing in an edition."""

    edition: str
    cells: list[MissingCellOut]


class CoveredRequirementOut(BaseModel):
    """A requirement with who asks for it, and what is missing where. `resources` and `proposed`: where most are."""

    requirement: str
    label: str
    plans: list[str]
    roles: list[str]
    resources: int
    proposed: int
    missing: list[MissingOut]


class CoverageOut(BaseModel):
    """The coverage matrix: valid resources with stated links, proposed ones beside. Empty cells by who is affected."""

    on: date
    editions: list[str]
    languages: list[str]
    resource_types: list[str]
    total_requirements: int
    total_rows: int
    total_empty: int
    requirements: list[CoveredRequirementOut] = Field(description="Those that lack something first.")
    rows: list[CoverageRowOut]
    empty: list[EmptyCellOut]


class LostOut(BaseModel):
    """A resource that passes its review date before the month ends."""

    resource: str
    review_due: date


class ForecastRowOut(BaseModel):
    """A requirement that plans renew in a month, and the resources for it now and when the month ends."""

    month: str
    requirement: str
    label: str
    plans: list[str]
    renewals: int
    resources_now: list[str]
    resources_then: list[str]
    proposed_then: list[str] = Field(
        description="Proposed by the program, valid then; no editor has said so."
    )
    lost: list[LostOut]
    uncovered: bool
    sentence: str


class ForecastOut(BaseModel):
    """What is renewed in the months to come."""

    on: date
    edition: str | None
    rows: list[ForecastRowOut]


class StoredOut(BaseModel):
    """Which stored version was taken. `recorded_later`: there was none by that day, so it is the first one."""

    stored_version: int
    recorded: date
    recorded_later: bool
    hash: str = Field(description="SHA-256 of the record.")


class InspectedPlanOut(StoredOut):
    """A plan in force."""

    id: str
    labels: dict[str, str]
    kind: PlanKind
    owner: str
    editions: list[str]
    version: str
    valid_from: date | None
    valid_to: date | None
    source: str
    sample: bool


class InspectedRequirementOut(StoredOut):
    """A requirement in force; `valid_resources` are those whose review date is not past."""

    id: str
    labels: dict[str, str]
    description: dict[str, str]
    kind: RequirementKind
    level: str | None
    code: str | None
    verification: str
    legal_basis: str
    prerequisites: list[str]
    example: bool
    necessity: Necessity
    renewal: list[ValidityOut]
    plans: list[str]
    resources: list[str]
    valid_resources: int


class InspectedResourceOut(StoredOut):
    """A resource that was there to learn from."""

    id: str
    title: str
    url: str
    resource_type: str
    language: str
    edition: str
    provider: str
    licence: str
    minutes: int | None
    published: date | None
    updated: date | None
    review_due: date | None
    review_state: Literal["valid", "expired", "no_date"]
    sample: bool
    text_hash: str = Field(description="SHA-256 of title, summary and body.")


class InspectedEdgeOut(BaseModel):
    """A link with who made it: a function, or the word for what was withheld."""

    source: str
    target: str
    kind: Literal["has_plan", "requires", "teaches"]
    necessity: Necessity | None
    edition: str
    validity: int | None
    calendar: str | None
    origin: str
    by: str
    at: date | None
    confidence: float


class JoinedOut(BaseModel):
    """A requirement in whose place another one counts, and who said so."""

    requirement: str
    labels: dict[str, str]
    counts_as: str
    origin: Literal["editor", "import"]
    by: str
    at: date | None


class InspectedRoleOut(BaseModel):
    """The role asked about."""

    id: str
    labels: dict[str, str]


class InspectionOut(BaseModel):
    """What was asked of a role on a day and what there was to learn it from; no person is in it."""

    role: InspectedRoleOut
    date: date
    edition: str
    plans: list[InspectedPlanOut]
    requirements: list[InspectedRequirementOut]
    resources: list[InspectedResourceOut]
    edges: list[InspectedEdgeOut]
    joined: list[JoinedOut] = Field(
        description="Requirements that were replaced, or that editors have joined."
    )
    unknown_requirements: list[str] = Field(description="Named by a plan, and not in the catalogue.")
    without_resource: list[str]
    checksum: str = Field(description="SHA-256 of the bundle's checksums, as the command line gives it.")
