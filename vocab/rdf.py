"""How do RDF files become triples, and triples files? The only module that knows rdflib.

Triples are plain tuples, so that every room can export RDF without knowing rdflib. Nothing is ever fetched
from the network.

References: RDF 1.1 Turtle, RDF 1.1 XML Syntax, JSON-LD 1.1, N-Triples (W3C Recommendations).
"""

import json
import logging
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from xml.sax import SAXParseException

from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdfLiteral
from rdflib.exceptions import ParserError
from rdflib.namespace import XSD
from rdflib.plugins.parsers.jsonld import to_rdf
from rdflib.term import Node

from vocab.broken_file import explain, readable
from vocab.concept import DEFAULT_BASE_URI
from vocab.prologue import read_prologue
from vocab.quick_rdf import read_quickly
from vocab.triples import (
    FILE_ENDINGS,
    Description,
    Iri,
    RdfFormat,
    Text,
    Triple,
    Value,
    VocabularyError,
    format_of,
    in_text_order,
)

_COMMON_PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_UNSAFE_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


def serialise(
    triples: Iterable[Triple],
    format: str = "turtle",
    prefixes: Mapping[str, str] | None = None,
) -> str:
    """Return triples as Turtle, JSON-LD, RDF/XML or N-Triples.

    Characters that no IRI may hold are percent-encoded, so that one odd id does not spoil a file.

    Parameters
    ----------
    triples
        Tuples of subject IRI, predicate IRI and object.
    format
        ``turtle``, ``json-ld``, ``xml`` or ``nt``.
    prefixes
        Short names for namespaces.

    Raises
    ------
    ValueError
        If there is no such format.

    Examples
    --------
    >>> print(serialise([("https://x.test/a", "https://x.test/p", Text("fall", "nb"))], "nt").strip())
    <https://x.test/a> <https://x.test/p> "fall"@nb .
    """
    if format not in get_args(RdfFormat):
        raise ValueError(f"no RDF format is named {format!r}; there are {', '.join(get_args(RdfFormat))}")
    graph = Graph(store="SimpleMemory", bind_namespaces="none")
    for subject, predicate, value in triples:
        graph.add((_resource(subject), URIRef(safe_iri(predicate)), _term(value)))
    used = tuple({str(node) for triple in graph for node in triple if isinstance(node, URIRef)})
    for prefix, namespace in (_COMMON_PREFIXES | dict(prefixes or {})).items():
        if any(iri.startswith(namespace) for iri in used):
            graph.bind(prefix, namespace)
    if format == "json-ld":
        return graph.serialize(format="json-ld", auto_compact=True, sort_keys=True, indent=1)
    return graph.serialize(format=format)


def parse_file(path: Path) -> Mapping[str, Description]:
    """Return what a file says, by subject. Blank nodes begin with ``_:``; typed literals come as text.

    Raises
    ------
    VocabularyError
        If the file is missing, broken or of an unknown kind; names file and line.
    """
    read = _parse(path)
    triples = ((_name(s), str(p), _value(o)) for s, p, o in read) if isinstance(read, Graph) else iter(read)
    return in_text_order(triples)


def _parse(path: Path) -> Graph | list[Triple]:
    form = format_of(path)
    if form is None:
        raise VocabularyError(path, None, f"the ending is none of {', '.join(sorted(FILE_ENDINGS))}")
    if path.is_dir():
        raise VocabularyError(path, None, "is a folder, expected a file")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise VocabularyError(path, None, error.strerror or str(error)) from error
    content = readable(content, path, form)
    document = _json_ld(content, path) if form == "json-ld" else None
    if form == "xml" and (growing := _growing_entities(path)):
        raise VocabularyError(path, None, f"entities made of others are not expanded: {growing[0]}")
    quiet = logging.getLogger("rdflib.term")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL)
    try:
        if (read := read_quickly(content, form, DEFAULT_BASE_URI)) is not None:
            return read
        graph = Graph(store="SimpleMemory")
        if document is not None:
            to_rdf(document, graph, base=DEFAULT_BASE_URI)
            return graph
        return graph.parse(data=content, format=form, publicID=DEFAULT_BASE_URI)
    except (
        SyntaxError,
        SAXParseException,
        ParserError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        AssertionError,
    ) as error:
        raise explain(path, content, form, error) from error
    finally:
        quiet.setLevel(level)


def _growing_entities(path: Path) -> tuple[str, ...]:
    try:
        return read_prologue(path).growing
    except VocabularyError:  # broken before its first element: the parser tells what is wrong
        return ()


def _json_ld(content: bytes, path: Path) -> dict[str, Any] | list[Any]:
    """Return a JSON-LD document; one whose context would be fetched from the network is refused."""
    try:
        document = json.loads(content)
    except json.JSONDecodeError as error:
        raise explain(path, content, "json-ld", error) from error
    pending: list[Any] = [document]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            contexts = item.get("@context")
            for context in contexts if isinstance(contexts, list) else [contexts]:
                if isinstance(context, str) or (isinstance(context, dict) and "@import" in context):
                    raise VocabularyError(
                        path, None, f"put the context {context} into the file: nothing is fetched"
                    )
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    if not isinstance(document, dict | list):
        raise VocabularyError(path, 1, "neither a JSON object nor an array")
    return document


def _resource(iri: str) -> URIRef | BNode:
    return BNode(iri[2:]) if iri.startswith("_:") else URIRef(safe_iri(iri))


def safe_iri(iri: str) -> str:
    """Return an IRI with the characters that none may hold percent-encoded."""
    return _UNSAFE_IN_IRI.sub(lambda match: "".join(f"%{byte:02X}" for byte in match.group().encode()), iri)


def _term(value: Value) -> Node:
    if isinstance(value, Iri):
        return _resource(value)
    if isinstance(value, Text):
        return RdfLiteral(value.value, lang=value.lang)
    if isinstance(value, str):
        return RdfLiteral(value)
    if isinstance(value, datetime):
        return RdfLiteral(value.isoformat(), datatype=XSD.dateTime)
    return RdfLiteral(value)


def _name(node: Node) -> Iri:
    return Iri(f"_:{node}" if isinstance(node, BNode) else str(node))


def _value(node: Node) -> Value:
    if not isinstance(node, RdfLiteral):
        return _name(node)
    return Text(str(node), node.language) if node.language else str(node)
