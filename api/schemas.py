"""What do answers look like? The documented shapes (OpenAPI); answers are written by `api.present`."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class ProblemOut(BaseModel):
    """A failure (RFC 9457)."""

    type: str = Field(examples=["https://w3id.org/kompetansegraf/problem/not-found"])
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, Any]] = Field([], description="One object a field: field and message.")


class ConceptRef(BaseModel):
    """A concept and what it is called."""

    id: str = Field(examples=["tema/fallforebygging"])
    label: str
    score: float | None = None
    origin: str | None = None
    again: bool = Field(False, description="Rejected on an earlier text, and proposed again on this one.")


class SpanOut(BaseModel):
    """Where in a resource [code points], end excluded."""

    field: Literal["title", "summary", "body"]
    start: int
    end: int


class TagOut(BaseModel):
    """A concept that a resource is about, with how it is known."""

    concept: str
    score: float
    spans: list[SpanOut] = []
    origin: Literal["editor", "source", "automatic"] = "automatic"
    label: str = ""
    label_kind: Literal["pref", "alt", "hidden"] | None = None
    label_lang: str | None = None
    decision: Literal["accepted", "rejected", "pinned"] | None = None
    features: list[tuple[str, float]] = Field([], description="What each feature added to the log-odds.")
    again: bool = Field(False, description="Rejected on an earlier text, and proposed again on this one.")


class ResourceOut(BaseModel):
    """A learning resource; hits leave `body` and `about` out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "kb-0001",
                    "title": "NEWS2 i praksis: mål, skår og handle",
                    "summary": "Kurs i å måle, regne ut skår og handle.",
                    "language": "nb",
                    "resource_type": "e-laeringskurs",
                    "duration": 40,
                    "audience": ["sykepleier"],
                    "themes": ["forverret-tilstand"],
                    "teaches": ["krav-news2"],
                }
            ]
        }
    )

    id: str
    title: str
    summary: str = ""
    body: str = ""
    url: str = ""
    language: str = "nb"
    resource_type: str = Field("", description="Name in scheme ressurstype.")
    edition: str = "felles"
    provider: str = ""
    audience: list[str] = Field([], description="Roles that it is made for, names in scheme rolle.")
    audience_group: list[str] = []
    arena: list[str] = []
    patient_group: list[str] = []
    level: str = ""
    duration: int | None = Field(None, description="Minutes.")
    published: date | None = None
    updated: date | None = None
    review_due: date | None = None
    status: Literal["draft", "published", "archived"] = "published"
    licence: str = ""
    themes: list[str] = []
    teaches: list[str] = Field([], description="Requirements that it serves.")
    about: list[TagOut] = Field([], description="Concepts; found by the program, ignored when written.")
    sample: bool = Field(False, description="Invented demonstration content.")
    responsible: str = Field(
        "", description="Function, or mailbox of one, that keeps it right; never a person."
    )


class HighlightOut(BaseModel):
    """A piece of text; `marks` are offsets into it [code points], `html` is escaped with <mark>."""

    field: Literal["title", "summary", "body"]
    text: str
    marks: list[list[int]]
    html: str


class HitReasonOut(BaseModel):
    """Why this hit."""

    sentence: str
    words: list[str]
    concepts: list[ConceptRef]
    similarity: float | None


class PartOut(BaseModel):
    """A named part of a score."""

    name: str
    value: float


class ExplanationOut(BaseModel):
    """The parts of a score; they add up to `total`."""

    parts: list[PartOut]
    total: float


class CoversOut(BaseModel):
    """How many of the role's or plan's requirements a hit serves by stated links, of how many, and which."""

    n: int
    requirements: list[str]
    of: int


class HitOut(BaseModel):
    """One hit; `score` compares within one answer only."""

    rank: int
    score: float
    resource: ResourceOut
    review_expired: bool
    concepts: list[ConceptRef]
    highlights: list[HighlightOut]
    reason: HitReasonOut
    explanation: ExplanationOut | None = None
    covers: CoversOut | None = None


class FacetValueOut(BaseModel):
    """A value with its exact count; `parent` and `depth` place it in a hierarchy."""

    value: str
    label: str
    count: int
    selected: bool
    parent: str | None
    depth: int


class FacetOut(BaseModel):
    """A facet; its own counts do not look at its own selection."""

    name: str
    values: list[FacetValueOut]


class WayOut(BaseModel):
    """What to try when there is no hit, and how many hits that gives."""

    kind: Literal["did_you_mean", "plain_words", "drop_filters", "drop_filter", "other_edition", "concept"]
    name: str = Field(description="Name of the parameter that is changed or left out; empty for all filters.")
    value: str
    label: str
    total: int
    query: str = Field(description="Query string of that search, for /v1/search and for the page.")


class UnderstoodOut(BaseModel):
    """A wish that words of the text were taken for; it ranks. `facet` and `value` make it a filter."""

    facet: str
    value: str
    label: str
    text: str = Field(description="The words that said so.")


class SearchOut(BaseModel):
    """The answer to a search."""

    total: int = Field(description="Exact; does not change with k.")
    hits: list[HitOut]
    facets: list[FacetOut]
    next_cursor: str | None
    did_you_mean: str | None
    concepts: list[ConceptRef] = Field(description="Concepts recognised in the text.")
    understood: list[UnderstoodOut] = Field(description="Wishes that the ranking has followed.")
    degraded: list[str] = Field(
        description="What was not at its best: no_model, vectors_incomplete, model_failed, similarity_failed, "
        "changes_pending."
    )
    build: str
    ways_out: list[WayOut] = Field(description="Only when there is no hit.")


class SuggestionOut(BaseModel):
    """A line of autocomplete."""

    kind: Literal["concept", "resource", "role"]
    id: str
    label: str
    detail: str


class SuggestOut(BaseModel):
    """Concepts and roles first, then resources."""

    suggestions: list[SuggestionOut]


class RequirementRef(BaseModel):
    """A requirement and what it is called."""

    id: str
    label: str


class ResourceDetailOut(BaseModel):
    """A resource with what its ids mean."""

    resource: ResourceOut
    review_expired: bool
    labels: dict[str, str | list[str]]
    concepts: list[ConceptRef]
    requirements: list[RequirementRef]


class SimilarOut(BaseModel):
    """Similar resources, best first."""

    class Item(BaseModel):
        """One of them."""

        resource: ResourceOut
        score: float
        similarity: float
        shared_concepts: list[ConceptRef]

    similar: list[Item]


class VersionsOut(BaseModel):
    """All versions of a resource, oldest first."""

    class Version(BaseModel):
        """One of them, valid from `recorded`."""

        number: int
        recorded: str
        title: str
        status: str
        content_hash: str

    versions: list[Version]


class WriteErrorOut(BaseModel):
    """A record that was not written."""

    index: int
    id: str
    field: str
    message: str


class WriteWarningOut(BaseModel):
    """A doubt about a record that was written."""

    index: int
    id: str
    field: str
    message: str


class WriteOut(BaseModel):
    """What a write did, by resource id; the next search finds it by its words."""

    added: list[str]
    updated: list[str]
    unchanged: list[str]
    errors: list[WriteErrorOut]
    warnings: list[WriteWarningOut]


class WithdrawnOut(BaseModel):
    """The resource is gone from every list; its versions are kept."""

    id: str
    status: str


class MappingOut(BaseModel):
    """A link to a concept of somebody else's vocabulary."""

    match: Literal["exact", "close", "broad", "narrow", "related"]
    vocabulary: str
    code: str


class ConceptOut(BaseModel):
    """A concept (SKOS)."""

    id: str
    uri: str
    label: str
    pref_label: dict[str, str]
    alt_label: dict[str, list[str]]
    definition: dict[str, str]
    broader: list[ConceptRef]
    narrower: list[ConceptRef]
    related: list[ConceptRef]
    mappings: list[MappingOut]
    notation: str | None
    note: str | None
    deprecated: bool
    replaced_by: str | None
    in_use: str | None = Field(description="The concept itself, or what replaced it; null if nothing did.")


class TextIn(BaseModel):
    """A text to find the concepts of; used for this answer and forgotten."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Forebygging av fall", "text": "Eldre på sykehjem faller ofte.", "threshold": 0.4}
            ]
        }
    )

    title: str = Field("", max_length=1000)
    text: str = Field("", max_length=200_000)
    threshold: float | None = Field(
        None, ge=0, le=1, description="Lowest score; default: what becomes a tag in the index."
    )
    limit: int = Field(12, ge=1, le=100)
    exclude: list[str] = Field([], max_length=1000, description="Concepts and schemes left out.")
    include: list[str] = Field([], max_length=1000, description="Only these concepts and schemes.")
    lang: Literal["nb", "nn", "en"] | None = None


class ProposedFacetsOut(BaseModel):
    """Audience, patient groups, arenas, level and type that a text tells of, best first; the last two have one at most."""

    class ProposedFacet(BaseModel):
        """One of them: its score, the rule that made it, in words, and where in the text."""

        concept: str
        label: str
        score: float
        origin: Literal["automatic"]
        rule: str
        spans: list[SpanOut]

    audience: list[ProposedFacet]
    patient_groups: list[ProposedFacet]
    arenas: list[ProposedFacet]
    level: list[ProposedFacet]
    resource_type: list[ProposedFacet]


class ProposedTagsOut(ProposedFacetsOut):
    """Concepts that a text is about, best first, and whom, where and what it seems to be for."""

    class Proposed(BaseModel):
        """One of them: its score, the label that was met and where in the text.

        None was met when the meaning alone speaks for it; then the place is the nearest passage. `features` are what the
        score is made of: their sum is its log-odds.
        """

        concept: str
        label: str
        score: float
        matched: str
        matched_kind: str | None
        matched_lang: str | None
        spans: list[SpanOut]
        features: dict[str, float]

    concepts: list[Proposed]


class ConceptsOut(BaseModel):
    """Concepts whose label begins like the text."""

    class Found(BaseModel):
        """One of them and the label that fitted."""

        id: str
        label: str
        matched: str

    concepts: list[Found]


class ReadyOut(BaseModel):
    """What the service stands on."""

    ready: bool
    reason: str | None = Field(description="Why it is not ready.")
    catalogue: bool
    index: bool
    degraded: list[str]
    build: str | None
    resources: int | None
    pending: int | None
    embedder: str | None
    vocabulary: str
