"""What travels through the engine: resources, what is asked, what is answered.

Resource (what is known), Hit (what was ranked) and the API's schemas (what is shown) are three things.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.model import Plan, Requirement, Role
from vocab.concept import ConceptId, LabelKind, Lang

Vectors = NDArray[np.float32]

Status = Literal["draft", "published", "archived"]
Mode = Literal["hybrid", "lexical", "semantic"]
Sort = Literal["relevance", "updated", "published", "duration"]
Field = Literal["terms", "grams"]
"""The fields of an index whose terms score."""

COMMON_EDITION = "felles"

IMPORTED = "import"
"""Basis of a link that came with a file of plans."""
MISSING = "none"
"""The facet value of resources that have none."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where in a resource: field and character offsets [code points], end excluded."""

    field: Literal["title", "summary", "body"]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tag:
    """A concept that a resource is about, with how we know.

    `label` is the label that stands in the text, of kind `label_kind` in the language `label_lang`; none when the text's
    meaning alone speaks for the concept. `features` are what made the score, each with what it adds to its log-odds.
    `decision` is the editors' ruling that holds. `again` marks a concept that was rejected on an earlier text and is
    proposed once more on this one.
    """

    concept: ConceptId
    score: float
    spans: tuple[Span, ...] = ()
    origin: Literal["editor", "source", "automatic"] = "automatic"
    label: str = ""
    label_kind: LabelKind | None = None
    decision: Literal["accepted", "rejected", "pinned"] | None = None
    label_lang: Lang | None = None
    features: tuple[tuple[str, float], ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """A learning resource (schema.org LearningResource, LRMI, IEEE LOM).

    Values of `resource_type`, `audience`, `arena`, `patient_group`, `level` and `themes` are names in
    the schemes ressurstype, rolle, arena, malgruppe, niva and tema, without the scheme. `duration` is
    in minutes. `audience` is who it is for (roles); `audience_group` the relatives or patients that it
    is for; `patient_group` whom it is about. `sample` marks invented demonstration content. `responsible` is the
    function, or the mailbox of one, that keeps it right; never a person.
    """

    id: str
    title: str
    summary: str = ""
    body: str = ""
    url: str = ""
    language: str = "nb"
    resource_type: str = ""
    edition: str = COMMON_EDITION
    provider: str = ""
    audience: tuple[str, ...] = ()
    audience_group: tuple[str, ...] = ()
    arena: tuple[str, ...] = ()
    patient_group: tuple[str, ...] = ()
    level: str = ""
    duration: int | None = None
    published: date | None = None
    updated: date | None = None
    review_due: date | None = None
    status: Status = "published"
    licence: str = ""
    themes: tuple[str, ...] = ()
    teaches: tuple[str, ...] = ()
    about: tuple[Tag, ...] = ()
    sample: bool = False
    responsible: str = ""


@dataclass(frozen=True, slots=True)
class ResourceVersion:
    """One stored version: valid from `recorded` until the next version's."""

    number: int
    recorded: datetime
    resource: Resource
    content_hash: str


T = TypeVar("T", Role, Requirement, Plan)


@dataclass(frozen=True, slots=True)
class PlanVersion(Generic[T]):
    """One stored version of a role, a requirement or a plan: valid from `recorded` until the next version's."""

    number: int
    recorded: datetime
    value: T


@dataclass(frozen=True, slots=True)
class PlansThen:
    """Roles, requirements and plans as they were at a moment, by id."""

    roles: Mapping[str, PlanVersion[Role]]
    requirements: Mapping[str, PlanVersion[Requirement]]
    plans: Mapping[str, PlanVersion[Plan]]


@dataclass(frozen=True, slots=True)
class UpsertReport:
    """What a write did, by resource id."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlansWritten:
    """What a write of roles, requirements and plans did."""

    roles: UpsertReport = UpsertReport()
    requirements: UpsertReport = UpsertReport()
    plans: UpsertReport = UpsertReport()


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the catalogue's change log; `seq` grows by at least one with each."""

    seq: int
    resource_id: str


@dataclass(frozen=True, slots=True)
class Decision:
    """An editor's ruling that survives re-imports: about a tag, a link, a pair, or a concept everywhere.

    `subject` and `object` are ids; `by` is a function or key name, never a person. `basis` is the hash of the text it
    was made on (`engine.steering.text_basis`). Verdict ``withdrawn`` takes back what was ruled before on the same
    subject and object. A ruling of kind ``concept`` is an entry of the block list: `subject` is the concept, `object`
    where it is ``blocked`` (`engine.steering.Block`), `until` the last day of it.

    A ruling of kind ``requirement`` says that `subject` and `object` are one requirement: `object` is the one that
    counts from then on. One of kind ``teaches`` with basis `IMPORTED` came with a file of plans, not from an editor.
    One of kind ``merge`` says that the resource `subject` is archived and that `object` counts for it; one of kind
    ``duplicate`` what a pair is: no duplicate (``rejected``), a ``supplement`` or a ``translation`` to be kept.

    A ruling of kind ``review`` says that the resource is still right, and `until` when it is due next
    (`engine.review_dates`). One of kind ``authority`` says that `subject` has been looked at since the source of
    authority `object` changed; its `basis` is the version that it was looked at against.

    One of kind ``gap`` says that the resource `subject` is nothing to adapt for the requirement `object`; one of kind
    ``related`` that the resource `object` belongs beside `subject`, or does not.

    A ruling on a tag knows what was proposed: the `label` that stood in the text, the `score` that the tagger gave it
    (None when it was not proposed at all) and its class of `features`. Corrections are learnt from these.
    """

    kind: Literal[
        "tag",
        "teaches",
        "duplicate",
        "concept",
        "requirement",
        "merge",
        "review",
        "authority",
        "gap",
        "related",
    ]
    subject: str
    object: str
    verdict: Literal["accepted", "rejected", "pinned", "blocked", "supplement", "translation", "withdrawn"]
    by: str
    at: datetime
    reason: str = ""
    basis: str = ""
    until: date | None = None
    label: str = ""
    score: float | None = None
    features: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who (a function or key name) did what to which thing, when."""

    at: datetime
    by: str
    action: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of 60-120 words of the body [code points]; the title stands before it when embedded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A resource made ready for an index: analysed, with its columns and vectors.

    `terms` are stems and compound parts of title, summary and body, and terms of its concepts; `grams` word-bounded
    4-grams; `surface` lower-case words as written, in order, fields kept apart by a word that no text has. `facets` holds every keyword column (hierarchical
    ones with all ancestors), `numbers` the sortable ones (dates as proleptic ordinals [days],
    duration [minutes]); a missing number is absent. `vectors` has shape ``(len(passages), dim)``,
    unit rows, or None when not embedded yet.
    """

    resource: Resource
    terms: tuple[str, ...]
    grams: tuple[str, ...]
    surface: tuple[str, ...]
    title_surface: tuple[str, ...]
    facets: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, float]
    passages: tuple[Passage, ...] = ()
    vectors: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """One scoring term: BM25 of `term` in `field`, times `weight`."""

    field: Field
    term: str
    weight: float = 1.0


WEIGHT_TOLERANCE = 1e-4
"""Sums of group weights are compared with this tolerance: engines add them in single precision."""


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """Analysed text. A resource matches when the `weights` of the `groups` it meets add up to `minimum`.

    Without `weights` each group counts 1; sums are compared with `WEIGHT_TOLERANCE`. A group is a tuple of alternatives; an alternative is a tuple of terms of field ``terms`` that
    must all be there. `clauses` only score. `must_not` alternatives take a resource out.
    """

    clauses: tuple[Clause, ...]
    groups: tuple[tuple[tuple[str, ...], ...], ...]
    minimum: float = 1
    weights: tuple[float, ...] = ()
    must_not: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """Words of field ``surface`` that must stand next to each other in this order; none means anything."""

    words: tuple[str, ...]


Part = tuple[str, ...] | Written
"""What a resource may have to have: all of some terms of field ``terms``, or words as written."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a person demanded with operators. They narrow everything, as `IndexQuery.scope` does.

    Of each `required` tuple a resource has at least one part, and none of the `excluded` parts.
    """

    required: tuple[tuple[Part, ...], ...] = ()
    excluded: tuple[Part, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.required or self.excluded)


NO_CONDITIONS = Conditions()


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds on a number column, both included; a resource without the number is outside."""

    field: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """What the engine asks of an index.

    Without `lexical` and `vector` every resource in scope belongs to the answer. `scope` (AND between
    columns, OR inside one), `ranges`, `exclude` and `conditions` narrow everything, both legs alike; `filters` are the multi-select
    facets: each facet's own counts ignore its own filter. `nearest` resources at most, with cosine
    at least `floor`, come from the vector leg (best passage counts).
    """

    lexical: LexicalQuery | None = None
    vector: Vectors | None = None
    floor: float = -1.0
    nearest: int = 200
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: tuple[Range, ...] = ()
    exclude: frozenset[str] = frozenset()
    facets: tuple[str, ...] = ()
    conditions: Conditions = NO_CONDITIONS


@dataclass(frozen=True, slots=True)
class Candidates:
    """What an index answers: the defined result set, whole and unranked, with exact counts.

    Arrays are parallel, one row a resource in the result set after all filters, in id order.
    `lexical` is the BM25 score or NaN where the resource is no lexical match; `cosine` the best
    passage's cosine or NaN where the vector leg did not return it; `passage` that passage's number
    or -1. `similarity` is the best cosine of every row when a vector was asked for, above the floor
    or not (NaN without vectors). `population` = (resources in scope, sum of lexical scores, sum of
    their squares) before multi-select filters; `similarity_population` the same for `similarity`
    over the resources in scope that have vectors. `facets` maps column -> value -> resources. `degraded`
    names what was asked and could not be answered (``similarity_failed``: the words alone answer).
    """

    ids: tuple[str, ...]
    lexical: NDArray[np.float64]
    cosine: NDArray[np.float64]
    similarity: NDArray[np.float64]
    passage: NDArray[np.int64]
    numbers: Mapping[str, NDArray[np.float64]]
    facets: Mapping[str, Mapping[str, int]]
    population: tuple[int, float, float]
    vectors_missing: int = 0
    similarity_population: tuple[int, float, float] = (0, 0.0, 0.0)
    degraded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TermStatistics:
    """What scores of words are made with, of one field and some terms.

    `resources` is how many are counted, `mean_length` how many terms they have on average, `frequencies` how many
    have each term. Resources that have been replaced or deleted may still count.
    """

    resources: int
    mean_length: float
    frequencies: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What a person asked for, before any backend has seen it.

    `edition` None is the common edition only. `role` changes no ranking: it is for callers who
    show what each hit covers, of the role or of `plan`. `diversify` by requirement sets the first hits by
    relevance in an order in which each adds to those before. `cursor` is the `next_cursor` of an earlier answer. `facet_contains` (facet -> text) shows only those values of
    a facet whose label contains the text; it changes neither hits nor counts.
    """

    text: str = ""
    mode: Mode = "hybrid"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    edition: str | None = None
    role: str | None = None
    plan: str | None = None
    max_duration: int | None = None
    reviewed_since: date | None = None
    published_since: date | None = None
    sort: Sort = "relevance"
    k: int = 10
    cursor: str | None = None
    facets: tuple[str, ...] | None = None
    ui_language: str = "nb"
    explain: bool = False
    facet_contains: Mapping[str, str] = field(default_factory=dict)
    diversify: Literal["requirement"] | None = None


@dataclass(frozen=True, slots=True)
class Highlight:
    """A piece of text and the parts of it that met the query, as offsets into `text`."""

    field: Literal["title", "summary", "body"]
    text: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Named parts of a score; they add up to it (within 1e-9)."""

    parts: tuple[tuple[str, float], ...]

    @property
    def total(self) -> float:
        """Sum of the parts."""
        return sum(value for _, value in self.parts)


@dataclass(frozen=True, slots=True)
class HitReason:
    """Why this hit: words and concepts found, similarity, as data and one sentence."""

    words: tuple[str, ...]
    concepts: tuple[ConceptId, ...]
    similarity: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked resource. `score` is comparable within one answer only; `rank` counts from 1."""

    resource: Resource
    rank: int
    score: float
    highlights: tuple[Highlight, ...]
    reason: HitReason
    explanation: Explanation
    review_expired: bool = False


@dataclass(slots=True)
class FacetValue:
    """A value of a facet with its exact count; `parent` and `depth` place it in a hierarchy.

    Not frozen, since an answer has hundreds of them and freezing doubles what each costs; nobody changes one.
    """

    value: str
    label: str
    count: int
    selected: bool = False
    parent: str | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet and its values, most frequent first within each parent; selected ones always there."""

    name: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """A wish that the words of a query were taken for: they rank, and never filter.

    `facet` and `value` would be the filter, `label` is what a person reads for the value, `text` the
    words that said so.
    """

    facet: str
    value: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits of one page, exact total and facets, and what was not at its best (`degraded`).

    `understood` are the wishes that the ranking has followed, in the order of the query.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: tuple[Facet, ...]
    next_cursor: str | None = None
    did_you_mean: str | None = None
    concepts: tuple[ConceptId, ...] = ()
    degraded: tuple[str, ...] = ()
    build: str = ""
    understood: tuple[Understood, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of autocomplete: a concept, a role or a resource."""

    kind: Literal["concept", "resource", "role"]
    id: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """What is known of one index build (the manifest)."""

    id: str
    created: datetime
    resources: int
    passages: int
    vectors_missing: int
    applied_seq: int
    analysis_version: str
    model_id: str
    vocabulary_version: str
    dim: int = 0
    signature: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> float | None:
        """How the texts score on the subject (`engine.subject`); None when that was not measured."""
        score = self.extra.get("subject")
        return float(score) if score is not None else None
