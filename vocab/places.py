"""On which line of a file is a concept described? For reports that an editor can follow.

Best effort: a concept that is not found has no line, and nothing is wrong with that.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urljoin

from vocab.concept import DEFAULT_BASE_URI
from vocab.triples import format_of
from vocab.turtle_text import turtle_subjects

_XML_SUBJECT = re.compile(r"\b(?:[\w.-]+:)?(about|ID|base)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_JSON_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}]', re.DOTALL)
_JSON_IDS = frozenset({"@id", "id", "uri"})


def subject_lines(path: Path, base: str = DEFAULT_BASE_URI) -> Mapping[str, int]:
    """Return the line on which each subject of an RDF file is first described, counted from 1.

    Reads Turtle, N-Triples, RDF/XML (``rdf:about``, ``rdf:ID``) and JSON-LD (objects that say more than their
    own id). An unreadable file has no lines.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return {}
    form = format_of(path)
    if form in {"turtle", "nt"}:
        return turtle_subjects(text, base)
    found = _xml_subjects(text, base) if form == "xml" else _json_subjects(text, base)
    lines: dict[str, int] = {}
    line, counted = 1, 0
    for uri, offset in found:
        line += text.count("\n", counted, offset)
        counted = offset
        lines.setdefault(uri, line)
    return lines


def _xml_subjects(text: str, base: str) -> Iterator[tuple[str, int]]:
    for match in _XML_SUBJECT.finditer(text):
        value = html.unescape(match[2] if match[2] is not None else match[3])
        if match[1] == "base":
            base = urljoin(base, value)
        else:
            yield urljoin(base, f"#{value}" if match[1] == "ID" else value), match.start()


def _json_subjects(text: str, base: str) -> Iterator[tuple[str, int]]:
    """Yield the id of each object that has more than an id, by the place of the id."""
    prefixes, base = _context(text, base)
    found: list[tuple[str, int]] = []
    open_objects: list[tuple[int, list[tuple[str, int]]]] = []
    key = ""
    for token in _JSON_TOKEN.finditer(text):
        if token[0] == "{":
            open_objects.append((0, []))
        elif token[0] == "}" and open_objects:
            keys, ids = open_objects.pop()
            found += ids if keys > 1 else []
        elif open_objects and token[2]:
            key = token[1]
            keys, ids = open_objects[-1]
            open_objects[-1] = (keys + 1, ids)
        elif open_objects and key in _JSON_IDS:
            open_objects[-1][1].append((_json_iri(token[1], prefixes, base), token.start()))
            key = ""
        else:
            key = ""
    yield from sorted(found, key=lambda item: item[1])


def _context(text: str, base: str) -> tuple[Mapping[str, str], str]:
    prefixes: dict[str, str] = {}
    with suppress(ValueError, AttributeError):
        contexts = json.loads(text).get("@context") or {}
        for context in contexts if isinstance(contexts, list) else [contexts]:
            for name, value in context.items():
                iri = value.get("@id") if isinstance(value, dict) else value
                if name == "@base" and isinstance(iri, str):
                    base = urljoin(base, iri)
                elif isinstance(iri, str):
                    prefixes[name] = iri
    return prefixes, base


def _json_iri(value: str, prefixes: Mapping[str, str], base: str) -> str:
    with suppress(ValueError):
        value = str(json.loads(f'"{value}"'))
    prefix, colon, local = value.partition(":")
    if colon and prefix in prefixes and not local.startswith("//"):
        return prefixes[prefix] + local
    return urljoin(base, value)
