"""What do vocabulary files say, as said? Plain records, nothing inferred, nothing repaired.

Every reader fills them: SKOS (`vocab.skos`) and the formats of other vocabularies (`vocab.foreign`).
"""

from dataclasses import dataclass, field
from pathlib import Path

from vocab.concept import LabelKind, MatchKind


@dataclass(slots=True)
class ConceptRecord:
    """What files say about one concept. URIs throughout."""

    uri: str
    file: Path
    labels: list[tuple[LabelKind, str | None, str]] = field(default_factory=list)
    definitions: list[tuple[str | None, str]] = field(default_factory=list)
    notes: list[tuple[str | None, str]] = field(default_factory=list)
    schemes: set[str] = field(default_factory=set)
    top_of: set[str] = field(default_factory=set)
    broader: set[str] = field(default_factory=set)
    narrower: set[str] = field(default_factory=set)
    related: set[str] = field(default_factory=set)
    matches: list[tuple[MatchKind, str]] = field(default_factory=list)
    notations: list[str] = field(default_factory=list)
    deprecated: bool = False
    replaced_by: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SchemeRecord:
    """What files say about one scheme."""

    uri: str
    file: Path
    labels: list[tuple[str | None, str]] = field(default_factory=list)
    top_concepts: set[str] = field(default_factory=set)
    lexical: bool = True


@dataclass(slots=True)
class SkosRecords:
    """Everything that some files say, by URI."""

    concepts: dict[str, ConceptRecord] = field(default_factory=dict)
    schemes: dict[str, SchemeRecord] = field(default_factory=dict)
