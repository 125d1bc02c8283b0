"""What do answers about the vocabulary look like? The documented shapes (OpenAPI) of schemes and relations."""

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas import MappingOut, ResourceOut


class ConceptItem(BaseModel):
    """A concept in a list."""

    id: str = Field(examples=["tema/fallforebygging"])
    uri: str
    label: str = Field(description="In the language asked for, else in bokmål, nynorsk, English.")
    deprecated: bool
    narrower: int = Field(description="How many concepts are right below it.")
    resources: int | None = Field(
        description="How many resources are tagged with it; null when nothing is indexed."
    )


class SchemeOut(BaseModel):
    """A scheme: concepts of one kind."""

    id: str = Field(examples=["tema"])
    uri: str
    label: str
    pref_label: dict[str, str]
    lexical: bool = Field(description="Whether its labels are looked for in texts.")
    concepts: int = Field(description="How many concepts in use it has.")


class SchemesOut(BaseModel):
    """All schemes in id order."""

    schemes: list[SchemeOut]


class SchemeDetailOut(SchemeOut):
    """A scheme and where its tree begins."""

    total: int = Field(description="How many top concepts there are.")
    top_concepts: list[ConceptItem]
    next_cursor: str | None


class NeighboursOut(BaseModel):
    """Concepts that stand in a relation to one."""

    concept: str
    relation: Literal["broader", "narrower", "related"]
    transitive: bool
    total: int
    concepts: list[ConceptItem]
    next_cursor: str | None


class MappingsOut(BaseModel):
    """Where a concept is found in other vocabularies."""

    class Mapped(MappingOut):
        """One place; `uri` where that vocabulary has public ones."""

        uri: str | None

    concept: str
    total: int
    mappings: list[Mapped]


class ConceptResourcesOut(BaseModel):
    """Resources of a concept."""

    class Tagged(BaseModel):
        """One of them, with who says so; `narrower`: it is about a concept below."""

        resource: ResourceOut
        by: Literal["editor", "source", "automatic", "narrower"]
        score: float | None

    concept: str
    transitive: bool
    facet: str = Field(description="The filter of /v1/search that finds them.")
    value: str
    total: int
    resources: list[Tagged]
    next_cursor: str | None


class ConceptRequirementsOut(BaseModel):
    """Requirements that name a concept, or are it."""

    class Item(BaseModel):
        """One of them."""

        id: str
        label: str
        kind: str

    concept: str
    total: int
    requirements: list[Item]


class ConceptRolesOut(BaseModel):
    """Roles whose plans in force ask for a requirement about a concept."""

    class Item(BaseModel):
        """One of them, with the strongest necessity."""

        id: str
        label: str
        necessity: Literal["obligatorisk", "betinget", "anbefalt"]
        requirements: list[str]
        plans: list[str]

    concept: str
    total: int
    roles: list[Item]
