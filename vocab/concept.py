"""Which words do we share? SKOS concepts and schemes as plain values.

A concept is known by its `ConceptId`, ``scheme/name`` (for instance ``tema/fallforebygging``);
its URI is the configured base URI followed by that id, so that a change of base changes no data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, NewType, cast

ConceptId = NewType("ConceptId", str)
"""``scheme/name``, unique in one vocabulary."""

Lang = Literal["nb", "nn", "en", "se"]
"""Written forms: bokmål, nynorsk, English, Northern Sámi (BCP 47)."""

MatchKind = Literal["exact", "close", "broad", "narrow", "related"]
LabelKind = Literal["pref", "alt", "hidden"]

DEFAULT_BASE_URI = "https://w3id.org/kompetansegraf/"


@dataclass(frozen=True, slots=True, order=True)
class ConceptMapping:
    """One `skos:*Match` to a concept of somebody else's vocabulary.

    `vocabulary` is a short name (``mesh``, ``icpc2``, ``styrk08``, ``hpr``, ``los`` …), `code` the
    notation there.
    """

    match: MatchKind
    vocabulary: str
    code: str


@dataclass(frozen=True, slots=True)
class Concept:
    """One `skos:Concept`. Field names are SKOS property names in snake_case."""

    id: ConceptId
    pref_label: Mapping[Lang, str]
    alt_label: Mapping[Lang, tuple[str, ...]] = field(default_factory=dict)
    hidden_label: Mapping[Lang, tuple[str, ...]] = field(default_factory=dict)
    definition: Mapping[Lang, str] = field(default_factory=dict)
    broader: tuple[ConceptId, ...] = ()
    narrower: tuple[ConceptId, ...] = ()
    related: tuple[ConceptId, ...] = ()
    mappings: tuple[ConceptMapping, ...] = ()
    notation: str | None = None
    note: str | None = None
    deprecated: bool = False
    replaced_by: ConceptId | None = None

    @property
    def scheme(self) -> str:
        """Name of the scheme, the part of the id before the first slash."""
        return self.id.split("/", 1)[0]

    def label(self, lang: str = "nb") -> str:
        """Return the preferred label in `lang`, else in nb, nn, en, else the id.

        Examples
        --------
        >>> Concept(ConceptId("tema/fall"), {"nb": "fall", "en": "falls"}).label("nn")
        'fall'
        """
        for wanted in (lang, "nb", "nn", "en"):
            if (label := self.pref_label.get(cast("Lang", wanted))) is not None:
                return label
        return self.id


@dataclass(frozen=True, slots=True)
class ConceptScheme:
    """One `skos:ConceptScheme`; `lexical` says whether its labels may be matched in running text."""

    id: str
    pref_label: Mapping[Lang, str]
    lexical: bool = True
    top_concepts: tuple[ConceptId, ...] = ()


class SkosContent(NamedTuple):
    """Schemes and concepts of some files; `foreign` has the URI of every id that is not under the base."""

    schemes: tuple[ConceptScheme, ...]
    concepts: tuple[Concept, ...]
    foreign: Mapping[str, str]
