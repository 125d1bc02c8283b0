"""What does the difference between two roles look like? The documented shapes (OpenAPI)."""

from datetime import date

from pydantic import BaseModel, Field

from api.competence_schemas import GroupOut, RecommendationsOut, RoleRef
from graph.difference import Raise
from graph.model import Necessity


class AskedOut(BaseModel):
    """How one role asks for a requirement."""

    necessity: Necessity
    validity: int | None = Field(description="Months; null is once for all.")
    plans: list[str]
    groups: list[GroupOut]


class ChangeOut(BaseModel):
    """One requirement of two roles; `before` or `after` is null where that role does not ask for it."""

    requirement: str
    label: str
    before: AskedOut | None
    after: AskedOut | None
    raised: list[Raise] = Field(description="In what more is asked.")
    instead_of: str | None = Field(
        description="The requirement on a lower level that this one takes further."
    )
    to_learn: bool = Field(description="Somebody who meets the first role has something to learn.")


class DifferenceOut(BaseModel):
    """What the second role adds, raises, shares and drops, and the shortest set of resources that covers it."""

    role: RoleRef
    to: RoleRef
    on: date
    added: list[ChangeOut]
    raised: list[ChangeOut]
    shared: list[ChangeOut]
    dropped: list[ChangeOut]
    resources: RecommendationsOut = Field(description="For somebody who meets what the first role asks.")
