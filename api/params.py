"""What may be asked of a search? The query parameters, the same for API, pages and feeds but for one."""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from pydantic import BaseModel, Field, field_validator

from api.editions import known_edition
from engine.entry import FACETS
from engine.errors import InvalidRequest
from engine.model import SearchRequest
from engine.service import Engine, requirement_ids, role_id
from vocab.concept import ConceptId

UiLanguage = Literal["nb", "nn", "en"]
MAX_TEXT = 20_000
"""Longest query text taken [characters]; the engine looks at the beginning of it."""

MAX_VALUES = 200
"""Most filter values in one request."""

REPEATED = tuple(f for f in FACETS if f != "edition")
"""Facets that have a parameter of their own; ``edition`` is the reader's edition (filter: ``facet=edition=…``)."""

SYNONYMS = {"krav": "requirement"}
"""Other names of facets."""


class SearchParams(BaseModel):
    """Query parameters of a search; a facet's parameter may stand several times (OR inside it)."""

    q: str = Field(
        "", max_length=MAX_TEXT, description="What to look for. Any text; never an operator of a backend."
    )
    facet: list[str] = Field(
        [],
        description="Filter as `name=value`, for any facet.",
        examples=[["theme=fallforebygging", "edition=ahus"]],
    )
    theme: list[str] = Field(
        [], description="Theme (scheme tema), with everything below it.", examples=[["demens"]]
    )
    resource_type: list[str] = Field(
        [], description="Kind of resource (scheme ressurstype).", examples=[["film"]]
    )
    audience: list[str] = Field([], description="Role that it is made for (scheme rolle).")
    arena: list[str] = Field([], description="Place of work (scheme arena).")
    patient_group: list[str] = Field([], description="Whom it is about (scheme malgruppe).")
    audience_group: list[str] = Field(
        [], description="Relatives or patients that it is made for (scheme malgruppe)."
    )
    level: list[str] = Field([], description="Level (scheme niva).")
    language: list[str] = Field([], description="Language of the resource: nb, nn, en, se.")
    duration: list[str] = Field([], description="Length: 0-15, 16-30, 31-60, 61- [minutes].")
    requirement: list[str] = Field([], description="Requirement that it serves: its id, or its code.")
    krav: list[str] = Field([], description="The same as `requirement`.", examples=[["krav-news2"]])
    concept: list[str] = Field([], description="Concept that it is about, such as tema/fallforebygging.")
    provider: list[str] = Field([], description="Who made it.")
    licence: list[str] = Field([], description="Licence.")
    review: list[str] = Field(
        [], description="Review date: `expired` (it has passed), `valid` or `none`.", examples=[["valid"]]
    )
    edition: str | None = Field(
        None,
        max_length=100,
        description="Edition of the reader: its own content is added to the common one.",
        examples=["ahus"],
    )
    role: str | None = Field(
        None,
        max_length=200,
        description="Role (id, HPR or STYRK-08 code): hits say what they cover of its requirements.",
    )
    plan: str | None = Field(
        None,
        max_length=512,
        description="Plan: hits say what they cover of it, of the role's if one is named.",
    )
    diversify: Literal["requirement"] | None = Field(
        None, description="Set the first hits by relevance so that each adds requirements to those before it."
    )
    mode: Literal["hybrid", "lexical", "semantic"] = Field(
        "hybrid", description="Words and meaning, words, or meaning."
    )
    sort: Literal["relevance", "updated", "published", "duration"] = Field(
        "relevance", description="Order of the hits."
    )
    max_duration: int | None = Field(None, ge=0, le=1_000_000, description="At most so long [minutes].")
    reviewed_since: date | None = Field(None, description="Updated on this day or later.")
    published_since: date | None = Field(None, description="Published on this day or later.")
    k: int = Field(10, ge=1, le=100, description="Hits on a page.")
    cursor: str | None = Field(None, max_length=4000, description="`next_cursor` of the answer before.")
    explain: bool = Field(False, description="Show the parts of each score.")
    lang: UiLanguage | None = Field(
        None, description="Language of labels and sentences; default by Accept-Language."
    )

    @field_validator("max_duration", "reviewed_since", "published_since", "diversify", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """Take an empty field of a form for one that was not filled in."""
        return None if value == "" else value

    def filters(self) -> dict[str, tuple[str, ...]]:
        """Return the selected values by facet, without doubles.

        Raises
        ------
        InvalidRequest
            If a `facet` has no ``=``, or there are more than `MAX_VALUES`.
        """
        found: dict[str, dict[str, None]] = {}

        def add(name: str, values: Iterable[str]) -> None:
            for value in values:
                if value:
                    found.setdefault(name, {})[value] = None

        for name in REPEATED:
            add(name, getattr(self, name))
        add("requirement", self.krav)
        for item in self.facet:
            name, eq, value = item.partition("=")
            if not eq or not name:
                raise InvalidRequest(f"facet must be name=value, got {item[:80]!r}")
            add(SYNONYMS.get(name, name), [value])
        if sum(map(len, found.values())) > MAX_VALUES:
            raise InvalidRequest(f"at most {MAX_VALUES} filter values may be given")
        return {name: tuple(values) for name, values in found.items()}


class FacetSearchParams(SearchParams):
    """The same, and a search inside facets, for answers whose facets are shown by somebody else."""

    facet_contains: list[str] = Field(
        [],
        description="Show only the values of a facet whose label contains a text, as `name:text`, once a facet. "
        "Capitals and accents do not matter. Selected values and the ancestors of shown ones stay; "
        "hits, total and counts are the same.",
        examples=[["theme:fall"]],
    )

    final: bool = Field(
        False,
        description="Whether somebody has finished asking (Enter was pressed): only then is the search counted, "
        "without who asked.",
    )

    def contains(self) -> dict[str, str]:
        """Return the text to look for by facet.

        Raises
        ------
        InvalidRequest
            If an item has no ``:`` or no name, or a facet stands twice.
        """
        found: dict[str, str] = {}
        for item in self.facet_contains:
            name, colon, text = item.partition(":")
            if not colon or not name:
                raise InvalidRequest(f"facet_contains must be name:text, got {item[:80]!r}")
            name = SYNONYMS.get(name, name)
            if name in found:
                raise InvalidRequest(f"facet_contains may stand once a facet, {name[:80]!r} stands twice")
            found[name] = text
        return found


def search_request(params: SearchParams, engine: Engine, lang: str) -> SearchRequest:
    """Return what the engine is asked; raises InvalidRequest, and NotFound for an unknown role."""
    role = role_id(params.role, engine.roles()) if params.role else None
    return SearchRequest(
        text=params.q,
        mode=params.mode,
        filters=_with_requirement_ids(params.filters(), engine),
        edition=known_edition(params.edition, engine),
        role=role,
        plan=params.plan or None,
        diversify=params.diversify,
        max_duration=params.max_duration,
        reviewed_since=params.reviewed_since,
        published_since=params.published_since,
        sort=params.sort,
        k=params.k,
        cursor=params.cursor or None,
        ui_language=lang,
        explain=params.explain,
    )


def _with_requirement_ids(filters: dict[str, tuple[str, ...]], engine: Engine) -> dict[str, tuple[str, ...]]:
    """Return the filters with codes of requirements as ids."""
    if "requirement" not in filters:
        return filters
    known = engine.requirements()
    ids = dict.fromkeys(i for text in filters["requirement"] for i in requirement_ids(text, known))
    return {**filters, "requirement": tuple(ids)}


def ui_language(lang: str | None, accept_language: str) -> UiLanguage:
    """Return the interface language: the one in the address, else the browser's first that we have.

    Examples
    --------
    >>> ui_language(None, "nn-NO,nn;q=0.9,en;q=0.5"), ui_language("en", "nb"), ui_language(None, "de, no;q=0.3")
    ('nn', 'en', 'nb')
    """
    names: dict[str, UiLanguage] = {"nb": "nb", "no": "nb", "da": "nb", "sv": "nb", "nn": "nn", "en": "en"}
    if lang in names:
        return names[lang]
    liked: list[tuple[float, int, UiLanguage]] = []
    for place, item in enumerate(accept_language.split(",")):
        tag, _, parameter = item.strip().partition(";")
        known = names.get(tag.strip().split("-")[0].lower())
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            quality = 0.0
        if known is not None and quality > 0:
            liked.append((-quality, place, known))
    return min(liked)[2] if liked else "nb"


def concept_id(scheme: str, name: str) -> ConceptId:
    """Return the id of a concept from the two parts of its address."""
    return ConceptId(f"{scheme}/{name}")
