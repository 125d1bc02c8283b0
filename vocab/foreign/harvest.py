"""What do files of others give, and is it fit to become concepts? Records, and findings for what is left out."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vocab.concept import LabelKind
from vocab.foreign.findings import ForeignFinding
from vocab.records import ConceptRecord, SchemeRecord, SkosRecords
from vocab.triples import VocabularyError

_ISO_639_2 = {
    "dan": "da", "deu": "de", "eng": "en", "fin": "fi", "fra": "fr", "fre": "fr", "ger": "de", "nno": "nn",
    "no": "nb", "nob": "nb", "nor": "nb", "sme": "se", "spa": "es", "swe": "sv",
}  # fmt: skip

_KINDS: tuple[LabelKind, ...] = ("pref", "alt", "hidden")


@dataclass(slots=True)
class Harvest:
    """Records of some files with what could not be taken over.

    Attributes
    ----------
    base_uri
        What the URIs of our own schemes begin with.
    language
        Tag of labels whose language a file does not state, or None.
    """

    base_uri: str
    language: str | None = None
    records: SkosRecords = field(default_factory=SkosRecords)
    findings: list[ForeignFinding] = field(default_factory=list)

    def scheme(self, name: str, labels: Mapping[str, str], path: Path) -> str:
        """Return the URI of a scheme of ours, made when it is new."""
        uri = self.base_uri + name
        self.records.schemes.setdefault(uri, SchemeRecord(uri, path, [*labels.items()]))
        return uri

    def concept(self, uri: str, scheme: str, path: Path) -> ConceptRecord:
        """Return the record of a concept, made when it is new."""
        record = self.records.concepts.setdefault(uri, ConceptRecord(uri, path))
        record.schemes.add(scheme)
        return record

    def find(self, path: Path, line: int | None, record: str, field_: str, message: str) -> None:
        """Note something that was left out."""
        self.findings.append(ForeignFinding(path, line, record, field_, message))

    def settle(self) -> None:
        """Leave out what no vocabulary may have: concepts without a name, relations to nothing, circles."""
        concepts = self.records.concepts
        for uri in [uri for uri, record in concepts.items() if not _has_name(record)]:
            self.find(
                concepts[uri].file, None, uri, "preferred label", "there is none; the concept is left out"
            )
            del concepts[uri]
        for uri, record in concepts.items():
            self._tidy_labels(record)
            for name, others in (("broader", record.broader), ("narrower", record.narrower),
                                 ("related", record.related)):  # fmt: skip
                lost = {other for other in others if other not in concepts or other == uri}
                others -= lost
                for other in sorted(lost):
                    what = "itself" if other == uri else f"{other}, which is not in these files"
                    self.find(record.file, None, uri, name, f"leads to {what}; the relation is left out")
        for uri, above in _circles({uri: record.broader for uri, record in concepts.items()}):
            concepts[uri].broader.discard(above)
            concepts[above].narrower.discard(uri)
            self.find(
                concepts[uri].file,
                None,
                uri,
                "broader",
                f"a circle through {above}; the relation is left out",
            )

    def _tidy_labels(self, record: ConceptRecord) -> None:
        """Leave each text in one role a language (SKOS S13), the best it has."""
        labels, record.labels = record.labels, []
        for kind in _KINDS:
            for _, lang, text in (label for label in labels if label[0] == kind):
                if any(label[1:] == (lang, text) for label in record.labels):
                    said = f"{text!r} is there as a better label already; left out"
                    self.find(record.file, None, record.uri, f"{kind} label", said)
                else:
                    record.labels.append((kind, lang, text))


def add_label(record: ConceptRecord, kind: LabelKind, lang: str, text: str | None) -> None:
    """Give a record a label; a text that it has as a better kind of label in that language is left alone."""
    text = " ".join((text or "").split())
    lang = two_letters(lang)
    better = _KINDS[: _KINDS.index(kind) + 1]
    if not text or any((other, lang, text) in record.labels for other in better):
        return
    record.labels = [label for label in record.labels if label[1:] != (lang, text)]
    record.labels.append((kind, lang, text))


def two_letters(code: str) -> str:
    """Return the tag of a language that is given in three letters; another tag as it is.

    Examples
    --------
    >>> two_letters("nno"), two_letters("en"), two_letters("sma")
    ('nn', 'en', 'sma')
    """
    return _ISO_639_2.get(code.lower(), code.lower())


def csv_rows(path: Path, required: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV file with the line on which each ends; empty cells are empty texts.

    Raises
    ------
    VocabularyError
        If the file is missing, is no UTF-8, lacks a required column or has a quotation mark that never ends.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            try:
                missing = [name for name in required if name not in (reader.fieldnames or ())]
                if missing:
                    there = ", ".join(reader.fieldnames or ()) or "none"
                    raise VocabularyError(path, 1, f"no column {', '.join(missing)}; the columns are {there}")
                for row in reader:
                    yield reader.line_num, {key: value or "" for key, value in row.items() if key is not None}
            except csv.Error as error:
                raise VocabularyError(path, reader.line_num, f"not readable as CSV: {error}") from error
            except UnicodeDecodeError as error:
                raise VocabularyError(path, reader.line_num + 1, "not UTF-8") from error
    except OSError as error:
        raise VocabularyError(path, None, error.strerror or str(error)) from error


def _has_name(record: ConceptRecord) -> bool:
    return any(kind == "pref" and text.strip() for kind, _, text in record.labels)


def _circles(broader: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """Return the relations to remove so that no concept is above itself, found in order of URIs."""
    done: set[str] = set()
    closing: list[tuple[str, str]] = []
    for start in sorted(broader):
        path: dict[str, Iterator[str]] = {}
        stack = [start] if start not in done else []
        while stack:
            uri = stack[-1]
            if uri not in path:
                path[uri] = iter(sorted(broader[uri]))
            above = next(path[uri], None)
            if above is None:
                done.add(uri)
                del path[uri]
                stack.pop()
            elif above in path:
                closing.append((uri, above))
            elif above not in done:
                stack.append(above)
    return closing
