"""What do versions and their differences look like? The documented shapes (OpenAPI) for editors."""

from typing import Literal

from pydantic import BaseModel, Field

from api.duplicate_schemas import SegmentOut


class EditorVersionOut(BaseModel):
    """A stored version of a resource."""

    number: int
    recorded: str
    title: str
    status: Literal["draft", "published", "archived"]
    content_hash: str


class EditorVersionsOut(BaseModel):
    """All versions of a resource, drafts and archived ones too, oldest first."""

    resource: str
    versions: list[EditorVersionOut]


class FieldChangeOut(BaseModel):
    """A field that is not the same in both versions."""

    name: str
    label: str
    before: str | int | bool | list[str] | None
    after: str | int | bool | list[str] | None


class VersionDifferenceOut(BaseModel):
    """Two versions side by side: summary and body aligned, and the other fields that differ."""

    resource: str
    a: EditorVersionOut = Field(description="The one that is compared from.")
    b: EditorVersionOut
    same: bool = Field(description="Whether summary and body are the same.")
    fields: list[FieldChangeOut]
    segments: list[SegmentOut]
