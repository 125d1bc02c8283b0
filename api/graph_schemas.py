"""What do answers about the graph look like? The documented shapes (OpenAPI)."""

from typing import Literal

from pydantic import BaseModel, Field

from graph.model import EdgeKind, NodeKind


class NodeRef(BaseModel):
    """A node and what it is called."""

    id: str
    label: str


class ImpactOut(BaseModel):
    """What would be touched if a thing were withdrawn."""

    id: str
    kind: NodeKind
    label: str
    requirements: list[NodeRef] = Field(description="Requirements that are touched.")
    uncovered: list[NodeRef] = Field(description="Those of them that no resource would teach any longer.")
    plans: list[NodeRef] = Field(
        description="Plans that ask for it, of a resource for what it leaves uncovered."
    )
    roles: list[NodeRef]
    resources: list[NodeRef]
    editions: list[str] = Field(description="Editions that the plans are shared with.")
    graph_version: str


class RelationOut(BaseModel):
    """A kind of edge."""

    kind: EdgeKind
    property: str = Field(description="URI of the property that it is in linked data.")
    source: list[NodeKind] = Field(alias="from", description="Kinds of things that it leads from.")
    to: NodeKind
    meaning: dict[str, str] = Field(description="How it is read, in nb, nn and en.")


class TermOut(BaseModel):
    """A term of the namespace `kg:`."""

    uri: str
    kind: Literal["class", "property"]
    meaning: dict[str, str]


class TermsOut(BaseModel):
    """What the words of the graph mean."""

    relations: list[RelationOut]
    terms: list[TermOut]
