"""Is this vocabulary in order? Checks of SKOS files with advice for the editor.

The rules follow the SKOS Reference (S13, S14, S27, S46), qSKOS (Mader, Haslhofer and Isaac 2012) and Skosify
(Suominen and Hyvönen 2012), and add ours: labels that meet after analysis, definitions, and what a change may
not lose. They look at what the files say (`vocab.skos.SkosRecords`), before anything is repaired on reading.
The rules themselves are in `vocab.hierarchy_rules`, `vocab.label_rules`, `vocab.definition_rules` and
`vocab.change_rules`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vocab.change_rules import change_breaches, replacement_breaches
from vocab.definition_rules import definition_breaches
from vocab.hierarchy_rules import Hierarchy
from vocab.label_rules import REVIEWED_FILE, label_breaches, read_reviewed, shared_label_breaches
from vocab.places import subject_lines
from vocab.skos import SkosRecords, read_records
from vocab.vocabulary import skos_files

Severity = Literal["error", "warning"]

RULES: Mapping[str, tuple[Severity, str]] = {
    "no-concept": ("error", "check that this is the right file: nothing in it is a skos:Concept or scheme"),
    "no-scheme": ("error", "state skos:inScheme"),
    "bad-uri": ("error", "use an http, https or urn address without spaces"),
    "empty-label": ("error", "remove the label or give it a text"),
    "label-edge-space": ("warning", "remove the space at the edge"),
    "unprintable": ("error", "remove the control character"),
    "bad-lang": ("error", "use one of the vocabulary's languages"),
    "S14-multiple-pref": ("error", "keep one preferred label a language, make the others alternative"),
    "missing-pref": ("error", "add a preferred label in this language"),
    "S13-disjoint-labels": ("error", "keep the label in one role only"),
    "cycle": ("error", "remove one broader relation of the circle"),
    "top-with-broader": ("error", "remove topConceptOf or broader"),
    "orphan-no-broader-no-top": ("warning", "give it a broader concept or make it a top concept"),
    "broader-undefined": ("error", "describe the broader concept or remove the relation"),
    "hier-redundancy": ("warning", "remove the relation: another broader concept already leads there"),
    "unidirectional-hier": ("warning", "state both broader and narrower"),
    "broader-across-schemes": ("error", "use a mapping (broadMatch) or related between schemes"),
    "reflexive-related": ("error", "remove the relation of the concept to itself"),
    "S27-related-vs-hier": ("error", "remove related: the two are already broader and narrower"),
    "unidirectional-related": ("warning", "state related from both sides"),
    "valueless-sibling-related": ("warning", "remove related: the two already share a broader concept"),
    "S46-mapping-clash": ("error", "keep exactMatch or the other match, not both"),
    "mapping-misuse": ("error", "use broader or related inside one scheme"),
    "pref-duplicate-in-scheme": ("error", "tell the concepts apart by a qualifier"),
    "label-overlap-in-scheme": ("warning", "check that the label belongs to both concepts"),
    "label-overlap-after-analysis": (
        "warning",
        "search sees one word here: drop the label from one concept, or list it as reviewed",
    ),
    "notation-duplicate": ("error", "give each concept its own notation"),
    "exactMatch-shared-target": ("warning", "use closeMatch for all but one concept, or merge them"),
    "omitted-top-concepts": ("error", "state skos:hasTopConcept"),
    "definition-missing": ("warning", "write a definition in this language"),
    "definition-repeats-label": ("warning", "say what the concept is, in other words than its label"),
    "definition-shared": ("warning", "say what tells the concepts apart"),
    "definition-long": ("warning", "keep to 60 words, move the rest to a note"),
    "definition-without-end": ("warning", "end the definition with a full stop"),
    "replacement-missing": ("warning", "name the concept to use instead with dct:isReplacedBy"),
    "replacement-unusable": ("error", "name a concept that is described and not deprecated"),
    "old-label-lost": ("warning", "keep the old preferred label as skos:hiddenLabel"),
    "concept-lost": ("error", "keep the concept with owl:deprecated true and dct:isReplacedBy"),
}
"""Every rule: how grave a breach is, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of a rule.

    `code` is a key of `RULES`; `concept` the URI of the concept or scheme, empty where a whole file is meant;
    `place` file and line (``tema.ttl:120``; without the line where it cannot be told).
    """

    code: str
    severity: Severity
    concept: str
    place: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Size and shape: `components` are connected parts, `undocumented` concepts without definition or note."""

    concepts: int
    schemes: int
    labels: int
    components: int
    max_depth: int
    undocumented: int


def check_files(
    paths: Iterable[Path],
    *,
    languages: Sequence[str] = ("nb", "nn", "en"),
    against: Iterable[Path] | None = None,
    reviewed: Path | None = None,
    definitions: bool = False,
) -> tuple[list[Finding], Summary]:
    """Check SKOS files, and folders of them, taken together.

    Parameters
    ----------
    paths
        Files and folders.
    languages
        The languages that every concept has a preferred label in, and no label is outside of.
    against
        What was in use before: labels and concepts of it may not get lost.
    reviewed
        Labels that are meant to belong to several concepts: a table with ``lang``, ``label`` and ``concepts``
        (ids or URIs with ``|`` between). The bundled vocabulary's own list always counts.
    definitions
        Whether every concept needs a definition in each of the languages. Otherwise it needs one in the
        languages in which at least half of its scheme has one.

    Returns
    -------
    findings
        In order of severity, code and concept; empty when all is well.
    summary
        Size and shape.

    Raises
    ------
    VocabularyError
        If a file cannot be read at all; names file and line.
    """
    files = skos_files(list(paths))
    return check_records(
        read_records(files),
        languages=languages,
        against=None if against is None else read_records(skos_files(list(against))),
        reviewed=read_reviewed([REVIEWED_FILE, *([reviewed] if reviewed else [])]),
        definitions=definitions,
    )


def check_records(
    records: SkosRecords,
    *,
    languages: Sequence[str] = ("nb", "nn", "en"),
    against: SkosRecords | None = None,
    reviewed: Mapping[tuple[str, str], frozenset[str]] | None = None,
    definitions: bool = False,
) -> tuple[list[Finding], Summary]:
    """Check what has been read; see `check_files`. `reviewed` is what `read_reviewed` gives."""
    languages = tuple(languages)
    hierarchy = Hierarchy(records)
    places = _Places(records, against)
    findings = [
        Finding(
            "no-concept",
            RULES["no-concept"][0],
            "",
            path.name,
            "has no concept and no scheme",
            RULES["no-concept"][1],
        )
        for path, described in records.described.items()
        if not described
    ]
    for code, subject, message in _breaches(
        records, hierarchy, languages, against, reviewed or {}, definitions
    ):
        severity, advice = RULES[code]
        findings.append(Finding(code, severity, subject, places.of(subject), message, advice))
    findings.sort(key=lambda f: (f.severity, f.code, f.concept, f.message))
    concepts = records.concepts.values()
    return findings, Summary(
        concepts=len(records.concepts),
        schemes=len(records.schemes),
        labels=sum(len(record.labels) for record in concepts),
        components=hierarchy.components(),
        max_depth=hierarchy.max_depth(),
        undocumented=sum(1 for record in concepts if not record.definitions and not record.notes),
    )


def _breaches(
    records: SkosRecords,
    hierarchy: Hierarchy,
    languages: tuple[str, ...],
    against: SkosRecords | None,
    reviewed: Mapping[tuple[str, str], frozenset[str]],
    definitions: bool,
) -> Iterator[tuple[str, str, str]]:
    for record in records.concepts.values():
        yield from label_breaches(record, languages)
    yield from hierarchy.breaches()
    yield from shared_label_breaches(records, reviewed)
    yield from definition_breaches(records, languages, everywhere=definitions)
    yield from replacement_breaches(records)
    if against is not None:
        yield from change_breaches(records, against)


class _Places:
    """File and line of concepts and schemes; each file is looked through once, when it is first asked for."""

    def __init__(self, *sources: SkosRecords | None) -> None:
        self._sources = [records for records in sources if records is not None]
        self._lines: dict[Path, Mapping[str, int]] = {}
        names = Counter(path.name for records in self._sources for path in records.described)
        self._shared_names = {name for name, times in names.items() if times > 1}

    def of(self, uri: str) -> str:
        for records in self._sources:
            described = records.concepts.get(uri) or records.schemes.get(uri)
            if described is not None:
                if described.file not in self._lines:
                    self._lines[described.file] = subject_lines(described.file)
                line = self._lines[described.file].get(uri)
                name = described.file.name
                shown = str(described.file) if name in self._shared_names else name
                return f"{shown}:{line}" if line else shown
        return ""
