"""How do SKOS files become concepts, and concepts SKOS files? Reading, writing, ids and URIs.

Files are read into plain records (`SkosRecords`), which `vocab.integrity` judges and `read_skos` turns into
concepts. RDF itself is in `vocab.rdf`.

References: SKOS Reference (W3C Recommendation 2009-08-18), SKOS-XL (its appendix B).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Protocol, TypeVar, cast

from vocab.concept import (
    DEFAULT_BASE_URI,
    Concept,
    ConceptId,
    ConceptMapping,
    ConceptScheme,
    LabelKind,
    Lang,
    MatchKind,
    SkosContent,
)
from vocab.rdf import parse_file, serialise
from vocab.records import ConceptRecord, SchemeRecord, SkosRecords
from vocab.triples import Description, Iri, Text, Triple, VocabularyError

__all__ = [
    "LEXICAL",
    "MAPPING_PREFIXES",
    "ConceptRecord",
    "SchemeRecord",
    "SkosContent",
    "SkosRecords",
    "VocabularyError",
    "concept_triples",
    "content_of",
    "mapping_uri",
    "read_records",
    "read_skos",
    "scheme_triples",
    "serialise",
    "write_skos",
]

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_XL = "http://www.w3.org/2008/05/skos-xl#"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_TITLE = "http://purl.org/dc/terms/title"
_REPLACED_BY = "http://purl.org/dc/terms/isReplacedBy"
_DEPRECATED = "http://www.w3.org/2002/07/owl#deprecated"

_T = TypeVar("_T")

LEXICAL = "https://w3id.org/kompetansegraf/ns#lexical"
"""Property of a scheme: may its labels be matched in running text? (xsd:boolean, true when absent)"""

MAPPING_PREFIXES: Mapping[str, str] = {
    "mesh": "http://id.nlm.nih.gov/mesh/",
    "los": "https://psi.norge.no/los/",
    "esco": "http://data.europa.eu/esco/occupation/",
    "hpr": "urn:oid:2.16.578.1.12.4.1.1.9060#",
}
"""URI prefixes of vocabularies that have public ones; others are ``{base}mapping/{vocabulary}/{code}``."""

_LABELS: Mapping[LabelKind, str] = {"pref": "prefLabel", "alt": "altLabel", "hidden": "hiddenLabel"}
_MATCHES: Mapping[MatchKind, str] = {
    "exact": f"{_SKOS}exactMatch",
    "close": f"{_SKOS}closeMatch",
    "broad": f"{_SKOS}broadMatch",
    "narrow": f"{_SKOS}narrowMatch",
    "related": f"{_SKOS}relatedMatch",
}
_LOCAL_NAME = re.compile(r"[/#:]([^/#:]+)/?$")


class _Concepts(Protocol):
    """What is needed of a vocabulary to write it."""

    @property
    def schemes(self) -> Sequence[ConceptScheme]: ...
    @property
    def concepts(self) -> Sequence[Concept]: ...
    @property
    def base_uri(self) -> str: ...
    def uri(self, concept_id: str) -> str:
        """Return the URI of a concept or scheme."""
        ...


def read_skos(paths: Iterable[Path], *, base_uri: str = DEFAULT_BASE_URI) -> SkosContent:
    """Read SKOS files (Turtle, RDF/XML, JSON-LD, N-Triples) as one vocabulary.

    URIs under `base_uri` or the default base give their remainder as id. A concept of another origin gets
    ``scheme/name`` made from the last parts of its URIs, and a hash of the URI when two would be equal.
    Language tags lose their region, ``no`` and no tag count as ``nb``. Of several preferred labels in one
    language the first in alphabetical order counts, the others become alternative ones.

    Raises
    ------
    VocabularyError
        If a file is missing or cannot be parsed; names file and line.
    """
    return content_of(read_records(paths), base_uri)


def content_of(records: SkosRecords, base_uri: str = DEFAULT_BASE_URI) -> SkosContent:
    """Return the schemes and concepts of some records, with ids as `read_skos` gives them."""
    ids = _Ids(records, base_uri)
    concepts = tuple(sorted((_concept(record, ids) for record in records.concepts.values()), key=_by_id))
    tops: dict[str, list[ConceptId]] = defaultdict(list)
    for concept in concepts:
        if not concept.broader:
            tops[concept.scheme].append(concept.id)
    for uri, record in records.concepts.items():
        for scheme in record.top_of:
            if ids.concept(uri) not in tops[ids.scheme(scheme)]:
                tops[ids.scheme(scheme)].append(ids.concept(uri))
    labels = {ids.scheme(uri): record for uri, record in records.schemes.items()}
    schemes = tuple(
        ConceptScheme(
            name,
            _by_language(labels[name].labels) if name in labels else {},
            labels[name].lexical if name in labels else True,
            tuple(sorted(tops[name])),
        )
        for name in sorted({*labels, *(concept.scheme for concept in concepts)})
    )
    return SkosContent(schemes, concepts, ids.foreign)


def read_records(paths: Iterable[Path]) -> SkosRecords:
    """Read files into records; raises VocabularyError as `read_skos` does."""
    records = SkosRecords()
    for path in sorted(paths):
        _add_records(records, parse_file(path), path)
    return records


def write_skos(vocabulary: _Concepts, format: str = "turtle") -> str:
    """Return a whole vocabulary as SKOS in a format of `serialise`.

    Reading it again gives the same schemes and concepts.
    """
    triples = [triple for scheme in vocabulary.schemes for triple in scheme_triples(scheme, vocabulary.uri)]
    for concept in vocabulary.concepts:
        triples += concept_triples(concept, vocabulary.uri, vocabulary.base_uri)
    return serialise(
        triples, format, {scheme.id: f"{vocabulary.base_uri}{scheme.id}/" for scheme in vocabulary.schemes}
    )


def scheme_triples(scheme: ConceptScheme, uri: "_Uri") -> Iterator[Triple]:
    """Yield what SKOS says of a scheme; `uri` gives the URI of an id."""
    subject = uri(scheme.id)
    yield subject, _TYPE, Iri(f"{_SKOS}ConceptScheme")
    yield subject, LEXICAL, scheme.lexical
    for lang, label in scheme.pref_label.items():
        yield subject, f"{_SKOS}prefLabel", Text(label, lang)
    for top in scheme.top_concepts:
        yield subject, f"{_SKOS}hasTopConcept", Iri(uri(top))
        yield uri(top), f"{_SKOS}topConceptOf", Iri(subject)


def concept_triples(concept: Concept, uri: "_Uri", base_uri: str = DEFAULT_BASE_URI) -> Iterator[Triple]:
    """Yield what SKOS says of a concept, its own direction of every relation."""
    subject = uri(concept.id)
    yield subject, _TYPE, Iri(f"{_SKOS}Concept")
    yield subject, f"{_SKOS}inScheme", Iri(uri(concept.scheme))
    for lang, label in concept.pref_label.items():
        yield subject, f"{_SKOS}prefLabel", Text(label, lang)
    for property_, labels in (
        (f"{_SKOS}altLabel", concept.alt_label),
        (f"{_SKOS}hiddenLabel", concept.hidden_label),
    ):
        for lang, texts in labels.items():
            for text in texts:
                yield subject, property_, Text(text, lang)
    for lang, text in concept.definition.items():
        yield subject, f"{_SKOS}definition", Text(text, lang)
    for property_, others in (
        (f"{_SKOS}broader", concept.broader),
        (f"{_SKOS}narrower", concept.narrower),
        (f"{_SKOS}related", concept.related),
    ):
        for other in others:
            yield subject, property_, Iri(uri(other))
    for mapping in concept.mappings:
        yield subject, _MATCHES[mapping.match], Iri(mapping_uri(mapping, base_uri))
    if concept.notation is not None:
        yield subject, f"{_SKOS}notation", concept.notation
    if concept.note is not None:
        yield subject, f"{_SKOS}note", Text(concept.note, "nb")
    if concept.deprecated:
        yield subject, _DEPRECATED, True
    if concept.replaced_by is not None:
        yield subject, _REPLACED_BY, Iri(uri(concept.replaced_by))


def mapping_uri(mapping: ConceptMapping, base_uri: str = DEFAULT_BASE_URI) -> str:
    """Return the URI that a mapping points at.

    Examples
    --------
    >>> mapping_uri(ConceptMapping("exact", "mesh", "D003668"))
    'http://id.nlm.nih.gov/mesh/D003668'
    >>> mapping_uri(ConceptMapping("close", "icpc2", "K77"))
    'https://w3id.org/kompetansegraf/mapping/icpc2/K77'
    """
    if mapping.vocabulary == "uri":
        return mapping.code
    return MAPPING_PREFIXES.get(mapping.vocabulary, f"{base_uri}mapping/{mapping.vocabulary}/") + mapping.code


class _Uri(Protocol):
    def __call__(self, concept_id: str, /) -> str: ...


class _Ids:
    """The ids of all URIs in some records."""

    def __init__(self, records: SkosRecords, base_uri: str) -> None:
        self.foreign: dict[str, str] = {}
        self._bases = tuple(dict.fromkeys((base_uri, DEFAULT_BASE_URI)))
        self._ids: dict[str, str] = {}
        self._taken: dict[str, str] = {}
        self._home = {uri: _home(record) for uri, record in records.concepts.items()}
        named = {*records.schemes, *(home for home in self._home.values() if home)}
        for uri in sorted(named, key=self._ours_first):
            self._give(uri, _local(uri))
        for uri in sorted(self._home, key=self._ours_first):
            home = self._home[uri]
            self._give(uri, f"{self._ids[home] if home else 'concepts'}/{_local(uri)}")

    def _ours_first(self, uri: str) -> tuple[bool, str]:
        """Order URIs so that an id which the base gives is never lent to another vocabulary."""
        return not uri.startswith(self._bases), uri

    def _give(self, uri: str, proposal: str) -> None:
        for base in self._bases:
            if uri.startswith(base) and len(uri) > len(base):
                self._ids[uri] = uri.removeprefix(base)
                self._taken[self._ids[uri]] = uri
                return
        if self._taken.get(proposal, uri) != uri:
            proposal = f"{proposal}-{_short_hash(uri)}"
        self._ids[uri] = proposal
        self._taken[proposal] = uri
        self.foreign[proposal] = uri

    def concept(self, uri: str) -> ConceptId:
        """Return the id of a concept; one that no file describes keeps its URI's end under ``unknown``."""
        if uri not in self._ids:
            self._give(uri, f"unknown/{_local(uri)}")
        return ConceptId(self._ids[uri])

    def scheme(self, uri: str) -> str:
        """Return the id of a scheme."""
        if uri not in self._ids:
            self._give(uri, _local(uri))
        return self._ids[uri]

    def mapping(self, match: MatchKind, uri: str) -> ConceptMapping:
        """Return a mapping with the short name of the vocabulary and the code there."""
        for name, prefix in MAPPING_PREFIXES.items():
            if uri.startswith(prefix) and len(uri) > len(prefix):
                return ConceptMapping(match, name, uri.removeprefix(prefix))
        for base in self._bases:
            name, _, code = uri.removeprefix(f"{base}mapping/").partition("/")
            if uri.startswith(f"{base}mapping/") and code:
                return ConceptMapping(match, name, code)
        return ConceptMapping(match, "uri", uri)


def _concept(record: ConceptRecord, ids: _Ids) -> Concept:
    labels: dict[LabelKind, dict[Lang, list[str]]] = {"pref": {}, "alt": {}, "hidden": {}}
    for kind, lang, text in sorted(record.labels, key=lambda label: (label[0], label[1] or "", label[2])):
        if text.strip():
            labels[kind].setdefault(_lang(lang), []).append(text.strip())
    pref = {lang: texts[0] for lang, texts in labels["pref"].items()}
    for lang, texts in labels["pref"].items():
        labels["alt"].setdefault(lang, []).extend(texts[1:])
    return Concept(
        id=ids.concept(record.uri),
        pref_label=_in_order(pref),
        alt_label=_in_order(
            {lang: tuple(dict.fromkeys(texts)) for lang, texts in labels["alt"].items() if texts}
        ),
        hidden_label=_in_order(
            {lang: tuple(dict.fromkeys(texts)) for lang, texts in labels["hidden"].items()}
        ),
        definition=_by_language(record.definitions),
        broader=tuple(sorted(ids.concept(uri) for uri in record.broader)),
        narrower=tuple(sorted(ids.concept(uri) for uri in record.narrower)),
        related=tuple(sorted(ids.concept(uri) for uri in record.related)),
        mappings=tuple(sorted({ids.mapping(match, uri) for match, uri in record.matches})),
        notation=min(record.notations, default=None),
        note="\n".join(text for _, text in sorted(record.notes, key=lambda note: (note[0] or "", note[1])))
        or None,
        deprecated=record.deprecated,
        replaced_by=min((ids.concept(uri) for uri in record.replaced_by), default=None),
    )


def _by_id(concept: Concept) -> str:
    return concept.id


def _home(record: ConceptRecord) -> str | None:
    """Return the scheme that a concept's id is made with."""
    return min(record.top_of or record.schemes, default=None)


def _by_language(texts: Iterable[tuple[str | None, str]]) -> dict[Lang, str]:
    chosen: dict[Lang, str] = {}
    for lang, text in sorted(texts, key=lambda item: (item[0] or "", item[1])):
        chosen.setdefault(_lang(lang), text)
    return _in_order(chosen)


def _in_order(by_language: Mapping[Lang, _T]) -> dict[Lang, _T]:
    return dict(sorted(by_language.items()))


def _lang(tag: str | None) -> Lang:
    primary = (tag or "nb").split("-")[0].lower()
    return cast(
        "Lang", {"no": "nb", "sme": "se", "nno": "nn", "nob": "nb", "eng": "en"}.get(primary, primary)
    )


def _local(uri: str) -> str:
    found = _LOCAL_NAME.search(uri)
    return found.group(1) if found else _short_hash(uri)


def _short_hash(uri: str) -> str:
    return blake2b(uri.encode(), digest_size=4).hexdigest()


def _add_records(records: SkosRecords, said: Mapping[str, Description], path: Path) -> None:
    for subject, about in said.items():
        kinds = _iris(about, _TYPE)
        if f"{_SKOS}ConceptScheme" in kinds:
            scheme = records.schemes.setdefault(subject, SchemeRecord(subject, path))
            for label in (*_texts(about, f"{_SKOS}prefLabel"), *_texts(about, _TITLE)):
                if label not in scheme.labels:
                    scheme.labels.append(label)
            scheme.top_concepts |= _iris(about, f"{_SKOS}hasTopConcept")
            scheme.lexical = scheme.lexical and not _has(about, LEXICAL, "false")
        if f"{_SKOS}Concept" in kinds and not subject.startswith("_:"):
            _add_concept(records.concepts.setdefault(subject, ConceptRecord(subject, path)), said, about)
    for scheme in records.schemes.values():
        for top in scheme.top_concepts & records.concepts.keys():
            records.concepts[top].top_of.add(scheme.uri)


def _add_concept(record: ConceptRecord, said: Mapping[str, Description], about: Description) -> None:
    for kind, name in _LABELS.items():
        labels = list(_texts(about, f"{_SKOS}{name}"))
        for label in _iris(about, f"{_XL}{name}"):
            labels += _texts(said.get(label, {}), f"{_XL}literalForm")
        record.labels += [(kind, tag, text) for tag, text in labels if (kind, tag, text) not in record.labels]
    record.definitions += _texts(about, f"{_SKOS}definition")
    for name in ("note", "scopeNote", "example"):
        record.notes += _texts(about, f"{_SKOS}{name}")
    record.top_of |= _iris(about, f"{_SKOS}topConceptOf")
    record.schemes |= _iris(about, f"{_SKOS}inScheme") | record.top_of
    record.broader |= _iris(about, f"{_SKOS}broader")
    record.narrower |= _iris(about, f"{_SKOS}narrower")
    record.related |= _iris(about, f"{_SKOS}related")
    for match, property_ in _MATCHES.items():
        record.matches += [(match, uri) for uri in sorted(_iris(about, property_))]
    record.notations += [text for _, text in _texts(about, f"{_SKOS}notation")]
    record.deprecated |= _has(about, _DEPRECATED, "true")
    record.replaced_by += sorted(_iris(about, _REPLACED_BY))


def _iris(about: Description, property_: str) -> set[str]:
    return {str(value) for value in about.get(property_, ()) if isinstance(value, Iri)}


def _texts(about: Description, property_: str) -> Iterator[tuple[str | None, str]]:
    for value in about.get(property_, ()):
        if isinstance(value, Text):
            yield value.lang, value.value
        elif isinstance(value, str) and not isinstance(value, Iri):
            yield None, value


def _has(about: Description, property_: str, value: str) -> bool:
    return any(text.lower() in {value, "10"[value == "false"]} for _, text in _texts(about, property_))
