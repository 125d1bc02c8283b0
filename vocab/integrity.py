"""Is this vocabulary in order? Checks of SKOS files with advice for the editor.

The rules follow the SKOS Reference (S13, S14, S27, S46), qSKOS (Mader, Haslhofer and Isaac 2012) and Skosify
(Suominen and Hyvönen 2012). They look at what the files say (`vocab.skos.SkosRecords`), before anything is
repaired on reading.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vocab.concept import LabelKind
from vocab.skos import ConceptRecord, SkosRecords, read_records

Severity = Literal["error", "warning"]

RULES: Mapping[str, tuple[Severity, str]] = {
    "no-scheme": ("error", "state skos:inScheme"),
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
    "notation-duplicate": ("error", "give each concept its own notation"),
    "exactMatch-shared-target": ("warning", "use closeMatch for all but one concept, or merge them"),
    "omitted-top-concepts": ("error", "state skos:hasTopConcept"),
}
"""Every rule: how grave a breach is, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of a rule.

    `code` is a key of `RULES`; `concept` the URI of the concept, scheme or mapping target; `place` file and
    line (``tema.ttl:120``; without the line where it cannot be told).
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
    paths: Iterable[Path], *, languages: Sequence[str] = ("nb", "nn", "en")
) -> tuple[list[Finding], Summary]:
    """Check SKOS files taken together.

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
    return check_records(read_records(paths), languages=languages)


def check_records(
    records: SkosRecords, *, languages: Sequence[str] = ("nb", "nn", "en")
) -> tuple[list[Finding], Summary]:
    """Check what has been read; see `check_files`."""
    check = _Check(records, tuple(languages))
    findings = [
        Finding(code, RULES[code][0], subject, check.place(subject), message, RULES[code][1])
        for code, subject, message in check.breaches()
    ]
    findings.sort(key=lambda f: (f.severity, f.code, f.concept, f.message))
    return findings, check.summary()


_Breach = tuple[str, str, str]


class _Check:
    """The rules over one set of records."""

    def __init__(self, records: SkosRecords, languages: tuple[str, ...]) -> None:
        self.concepts = records.concepts
        self.schemes = records.schemes
        self.languages = languages
        self._texts: dict[Path, list[str]] = {}
        self.up: dict[str, set[str]] = {uri: set(record.broader) for uri, record in records.concepts.items()}
        for uri, record in records.concepts.items():
            for below in record.narrower & self.up.keys():
                self.up[below].add(uri)
        self.above = {uri: self._all_above(uri) for uri in self.up}

    def breaches(self) -> Iterator[_Breach]:
        for record in self.concepts.values():
            yield from self._labels(record)
            yield from self._place_in_hierarchy(record)
            yield from self._broader(record)
            yield from self._related(record)
            yield from self._mappings(record)
        yield from self._shared_labels()
        yield from self._shared_codes()
        for uri, scheme in self.schemes.items():
            if not scheme.top_concepts:
                yield "omitted-top-concepts", uri, "the scheme names no top concept"

    def _labels(self, record: ConceptRecord) -> Iterator[_Breach]:
        roles: dict[tuple[str | None, str], list[LabelKind]] = defaultdict(list)
        preferred: dict[str | None, list[str]] = defaultdict(list)
        for kind, lang, text in record.labels:
            roles[lang, text.lower()].append(kind)
            if kind == "pref":
                preferred[lang].append(text)
            if not text.strip():
                yield "empty-label", record.uri, f"{kind} label in {lang} is empty"
            elif text != text.strip():
                yield "label-edge-space", record.uri, f"space at the edge of {text!r}"
            if not text.isprintable():
                yield "unprintable", record.uri, f"{text!r} has a character that cannot be printed"
            if lang not in self.languages:
                yield "bad-lang", record.uri, f"{text!r} is in {lang or 'no language'}"
        for lang, texts in preferred.items():
            if len(texts) > 1:
                yield "S14-multiple-pref", record.uri, f"preferred in {lang}: {', '.join(sorted(texts))}"
        for lang in self.languages:
            if lang not in preferred:
                yield "missing-pref", record.uri, f"no preferred label in {lang}"
        for (lang, text), kinds in roles.items():
            if len(kinds) > 1:
                yield (
                    "S13-disjoint-labels",
                    record.uri,
                    f"{text!r} in {lang} is {' and '.join(sorted(kinds))}",
                )

    def _place_in_hierarchy(self, record: ConceptRecord) -> Iterator[_Breach]:
        if not record.schemes:
            yield "no-scheme", record.uri, "belongs to no scheme"
        if record.uri in self.above[record.uri]:
            yield "cycle", record.uri, "is broader than itself"
        if not self.up[record.uri] and not record.top_of:
            yield "orphan-no-broader-no-top", record.uri, "has no broader concept and is no top concept"
        for broader in sorted(self.up[record.uri]):
            if record.top_of & self._schemes_of(broader):
                yield "top-with-broader", record.uri, f"is a top concept and has the broader {broader}"

    def _broader(self, record: ConceptRecord) -> Iterator[_Breach]:
        for broader in sorted(self.up[record.uri]):
            if broader not in self.concepts:
                yield "broader-undefined", record.uri, f"the broader {broader} is not described"
                continue
            others = self.up[record.uri] - {broader}
            if any(broader in self.above.get(other, ()) for other in others):
                yield "hier-redundancy", record.uri, f"the broader {broader} follows from another one"
            if broader not in record.broader or record.uri not in self.concepts[broader].narrower:
                yield "unidirectional-hier", record.uri, f"broader {broader} is stated from one side"
            if not self._schemes_of(broader) & record.schemes:
                yield "broader-across-schemes", record.uri, f"the broader {broader} is in another scheme"

    def _related(self, record: ConceptRecord) -> Iterator[_Breach]:
        for other in sorted(record.related):
            if other == record.uri:
                yield "reflexive-related", record.uri, "is related to itself"
                continue
            if other in self.above[record.uri] or record.uri in self.above.get(other, ()):
                yield "S27-related-vs-hier", record.uri, f"related to {other}, which is broader or narrower"
            if other not in self.concepts or record.uri not in self.concepts[other].related:
                yield "unidirectional-related", record.uri, f"related to {other}, but not the other way"
            if self.up[record.uri] & self.up.get(other, set()):
                yield "valueless-sibling-related", record.uri, f"related to its sibling {other}"

    def _mappings(self, record: ConceptRecord) -> Iterator[_Breach]:
        exact = {target for match, target in record.matches if match == "exact"}
        for match, target in record.matches:
            if match in {"broad", "narrow", "related"} and target in exact:
                yield "S46-mapping-clash", record.uri, f"exactMatch and {match}Match to {target}"
            if self._schemes_of(target) & record.schemes:
                yield "mapping-misuse", record.uri, f"{match}Match to {target} in the same scheme"

    def _shared_labels(self) -> Iterator[_Breach]:
        preferred: dict[tuple[str, str | None, str], set[str]] = defaultdict(set)
        any_kind: dict[tuple[str, str | None, str], set[str]] = defaultdict(set)
        for record in self.concepts.values():
            for kind, lang, text in record.labels:
                for scheme in record.schemes:
                    any_kind[scheme, lang, text.lower()].add(record.uri)
                    if kind == "pref":
                        preferred[scheme, lang, text.lower()].add(record.uri)
        for key, uris in any_kind.items():
            if len(uris) < 2:
                continue
            clash = len(preferred[key]) > 1
            code = "pref-duplicate-in-scheme" if clash else "label-overlap-in-scheme"
            first, *others = sorted(preferred[key] if clash else uris)
            yield code, first, f"{key[2]!r} in {key[1]} is also a label of {', '.join(others)}"

    def _shared_codes(self) -> Iterator[_Breach]:
        notations: dict[tuple[str, str], set[str]] = defaultdict(set)
        exact: dict[str, set[str]] = defaultdict(set)
        for record in self.concepts.values():
            for scheme in record.schemes:
                for notation in record.notations:
                    notations[scheme, notation].add(record.uri)
            for match, target in record.matches:
                if match == "exact":
                    exact[target].add(record.uri)
        for (_, notation), uris in notations.items():
            if len(uris) > 1:
                first, *others = sorted(uris)
                yield "notation-duplicate", first, f"notation {notation} is also that of {', '.join(others)}"
        for target, uris in exact.items():
            if len(uris) > 1:
                first, *others = sorted(uris)
                yield "exactMatch-shared-target", first, f"exactMatch to {target}, as {', '.join(others)}"

    def summary(self) -> Summary:
        """Return size and shape."""
        return Summary(
            concepts=len(self.concepts),
            schemes=len(self.schemes),
            labels=sum(len(record.labels) for record in self.concepts.values()),
            components=self._components(),
            max_depth=max((len(above) for above in self.above.values()), default=0),
            undocumented=sum(1 for r in self.concepts.values() if not r.definitions and not r.notes),
        )

    def place(self, uri: str) -> str:
        """Return the file and line where something is described."""
        record = self.concepts.get(uri) or self.schemes.get(uri)
        if record is None:
            return ""
        if record.file not in self._texts:
            self._texts[record.file] = record.file.read_text(encoding="utf-8", errors="replace").splitlines()
        line = _line_of(self._texts[record.file], uri)
        return f"{record.file.name}:{line}" if line else record.file.name

    def _schemes_of(self, uri: str) -> set[str]:
        return self.concepts[uri].schemes if uri in self.concepts else set()

    def _all_above(self, uri: str) -> set[str]:
        seen: set[str] = set()
        pending = list(self.up[uri])
        while pending:
            above = pending.pop()
            if above not in seen:
                seen.add(above)
                pending.extend(self.up.get(above, ()))
        return seen

    def _components(self) -> int:
        beside: dict[str, set[str]] = defaultdict(set)
        for uri, record in self.concepts.items():
            for other in self.up[uri] | record.related:
                beside[uri].add(other)
                beside[other].add(uri)
        seen: set[str] = set()
        count = 0
        for uri in self.concepts:
            if uri not in seen:
                count += 1
                pending = [uri]
                while pending:
                    if (at := pending.pop()) not in seen:
                        seen.add(at)
                        pending.extend(beside[at])
        return count


def _line_of(lines: Sequence[str], uri: str) -> int | None:
    """Return the first line that begins with the URI, whole or as a prefixed name; best effort."""
    local = re.escape(re.split(r"[/#]", uri)[-1])
    begins = re.compile(rf"\s*(?:<{re.escape(uri)}>|[\w.-]*:{local})(?:\s|$)")
    return next((number for number, line in enumerate(lines, 1) if begins.match(line)), None)
