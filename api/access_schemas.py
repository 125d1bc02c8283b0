"""What do answers about rights look like? The documented shapes (OpenAPI) of who is asking, and of the audit trail."""

from typing import Literal

from pydantic import BaseModel, Field

from engine.rights import Right


class MeOut(BaseModel):
    """Who is asking: a function, never a person."""

    name: str
    kind: Literal["local", "central", "all", "admin"] = Field(
        description="local: of one edition; central: of what is common; all: a key without an edition."
    )
    edition: str | None = Field(description="The edition that may be written; null: all.")
    rights: list[Right]
    signed_in: bool = Field(description="Whether by a session; else by a key.")
    ends: str | None = Field(description="When the session ends.")
    csrf_token: str | None = Field(
        description="What a script on our pages sends as `X-CSRF-Token` with everything that changes something."
    )


class AuditLineOut(BaseModel):
    """Who did what to which thing, when; or what was refused."""

    at: str
    by: str = Field(description="A function or the name of a key; `unknown` when nobody was known.")
    action: str = Field(description="Begins with `refused` for what was not let through.")
    subject: str
    detail: str


class AuditOut(BaseModel):
    """The newest lines of the audit trail, newest first."""

    lines: list[AuditLineOut]
