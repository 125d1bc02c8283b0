"""What do answers about the graph look like? The documented shapes (OpenAPI)."""

from pydantic import BaseModel, Field

from graph.model import NodeKind


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
