"""What does it look like, what an action would do? The documented shape (OpenAPI) for editors."""

from typing import Literal

from pydantic import BaseModel, Field


class LostOut(BaseModel):
    """A requirement that would be without a valid resource, where it has one now."""

    requirement: str
    label: str
    edition: str
    language: str | None = Field(description="Null: in any language.")
    plans: list[str]
    roles: list[str]
    proposed: list[str] = Field(description="Valid resources that the program proposes in its place.")


class NamedOut(BaseModel):
    """A thing and what it is called."""

    id: str
    label: str


class EffectOut(BaseModel):
    """What withdrawing, merging or moving something would do."""

    subject: str = Field(description="`resource:…`, `requirement:…` or `concept:…`.")
    action: Literal["withdraw", "merge", "move"]
    target: str
    requirements: list[NamedOut] = Field(
        description="What a resource teaches; what is about a concept; what comes after a requirement."
    )
    lost: list[LostOut]
    plans: list[NamedOut]
    roles: list[NamedOut]
    editions: list[str]
    old_ids: list[str] = Field(description="Merged resources that lead here.")
    linked_from: list[str] = Field(
        description="Resources whose text names the address; of others, those linked to it."
    )
    redirect: NamedOut | None = Field(description="Nearest resource of the same work.")
    sentences: list[str]
