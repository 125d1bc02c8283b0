"""What is a triple, as a plain tuple? The types in which RDF travels through this program."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Literal, NamedTuple

RdfFormat = Literal["turtle", "json-ld", "xml", "nt"]

_FORMATS: Mapping[str, RdfFormat] = {
    ".ttl": "turtle",
    ".rdf": "xml",
    ".xml": "xml",
    ".owl": "xml",
    ".jsonld": "json-ld",
    ".json": "json-ld",
    ".nt": "nt",
}
FILE_ENDINGS = frozenset(_FORMATS)


class VocabularyError(ValueError):
    """A file that is no readable SKOS; the message names the file and, where known, the line.

    Attributes
    ----------
    path
        The file.
    line, column
        Counted from 1, or None.
    """

    def __init__(self, path: Path, line: int | None, reason: str, column: int | None = None) -> None:
        place = f", line {line}" if line else ""
        if line and column:
            place += f", column {column}"
        super().__init__(f"{path}{place}: {reason}")
        self.path = path
        self.line = line
        self.column = column if line else None


class Iri(str):
    """A string that is an IRI, to tell it from text."""

    __slots__ = ()


class Text(NamedTuple):
    """Text in a language (``rdf:langString``)."""

    value: str
    lang: str


Value = Iri | Text | str | bool | int | float | date | datetime
Triple = tuple[str, str, Value]
"""Subject IRI, predicate IRI, object. A subject or `Iri` that begins with ``_:`` is a blank node."""


Description = Mapping[str, list[Value]]
"""What is said of one subject: predicate IRI -> objects."""


def format_of(path: Path) -> RdfFormat | None:
    """Return the format that a file's ending stands for, or None."""
    return _FORMATS.get(path.suffix.lower())


def in_text_order(triples: Iterable[Triple]) -> dict[str, Description]:
    """Return what is said, by subject, all in the order of its text; what is said twice counts once.

    Examples
    --------
    >>> said = in_text_order([("b", "p", "2"), ("a", "p", Text("1", "nn")), ("a", "p", Text("1", "nb"))])
    >>> list(said), [text.lang for text in said["a"]["p"]]
    (['a', 'b'], ['nb', 'nn'])
    """
    said: dict[str, dict[str, list[Value]]] = {}
    for subject, predicate, value in triples:
        said.setdefault(subject, {}).setdefault(predicate, []).append(value)
    for about in said.values():
        for predicate, values in about.items():
            if len(values) > 1:
                told = {_text_of(value): value for value in values}
                about[predicate] = [told[key] for key in sorted(told)]
    return {subject: dict(sorted(said[subject].items())) for subject in sorted(said)}


def _text_of(value: Value) -> tuple[str, str, bool]:
    if isinstance(value, Text):
        return value.value, value.lang, False
    return str(value), "", isinstance(value, Iri)
