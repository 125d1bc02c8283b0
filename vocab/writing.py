"""How is a large vocabulary written while somebody waits? Triples as RDF text, without a graph in between.

`vocab.rdf.serialise` makes the prettier files and takes a minute for 50,000 concepts; this takes seconds. Both say
the same triples.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from vocab.concept import ConceptScheme
from vocab.rdf import safe_iri
from vocab.skos import concept_triples, scheme_triples
from vocab.triples import Iri, RdfFormat, Text, Triple, Value
from vocab.vocabulary import Vocabulary

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_PREFIXES = {
    "dct": "http://purl.org/dc/terms/",
    "kg": "https://w3id.org/kompetansegraf/ns#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": _RDF,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": _XSD,
}
_NOT_IN_TURTLE = re.compile(r'[\\"\n\r\t\x00-\x1f\x7f]')
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPLIT = re.compile(r"^(.*[/#])([A-Za-z_][\w-]*)$")

_Said = Mapping[str, Mapping[str, list[Value]]]


def write_scheme(vocabulary: Vocabulary, scheme: ConceptScheme, format: RdfFormat = "turtle") -> str:
    """Return a scheme with all its concepts, their labels and relations.

    Raises
    ------
    ValueError
        If there is no such format.
    """

    def triples() -> Iterator[Triple]:
        yield from scheme_triples(scheme, vocabulary.uri)
        for concept in vocabulary.in_scheme(scheme.id):
            yield from concept_triples(concept, vocabulary.uri, vocabulary.base_uri)

    return write_triples(triples(), format)


def write_triples(triples: Iterable[Triple], format: RdfFormat = "turtle") -> str:
    """Return triples without blank nodes as Turtle, JSON-LD, RDF/XML or N-Triples.

    Examples
    --------
    >>> print(write_triples([("https://x.test/a", "https://x.test/p", Text("fall", "nb"))], "nt").strip())
    <https://x.test/a> <https://x.test/p> "fall"@nb .
    """
    said: dict[str, dict[str, list[Value]]] = {}
    safe = _Safe()
    for subject, predicate, value in triples:
        values = said.setdefault(safe[subject], {}).setdefault(safe[predicate], [])
        values.append(safe[value] if isinstance(value, Iri) else value)
    match format:
        case "turtle":
            return "".join(_turtle(said))
        case "nt":
            return "".join(
                f"<{s}> <{p}> {_written(v, {})} .\n"
                for s, about in said.items()
                for p, vs in about.items()
                for v in vs
            )
        case "json-ld":
            return _json_ld(said)
        case "xml":
            return "".join(_xml(said))
    raise ValueError(f"no RDF format is named {format!r}")


def _turtle(said: _Said) -> Iterator[str]:
    short = _Short()
    for name, namespace in _PREFIXES.items():
        yield f"@prefix {name}: <{namespace}> .\n"
    for subject, about in said.items():
        lines = [
            f"{'a' if p == _RDF + 'type' else short[p]} {', '.join([_written(v, short) for v in values])}"
            for p, values in about.items()
        ]
        yield f"\n<{subject}> " + " ;\n    ".join(lines) + " .\n"


class _Safe(dict[str, Iri]):
    """IRIs without what none may hold, each made once: a subject has many triples."""

    def __missing__(self, iri: str) -> Iri:
        self[iri] = Iri(safe_iri(iri))
        return self[iri]


class _Short(dict[str, str]):
    """IRIs in the terms that Turtle has for them, each made once."""

    def __missing__(self, iri: str) -> str:
        found = _SPLIT.match(iri)
        known = next((n for n, ns in _PREFIXES.items() if found and ns == found.group(1)), None)
        self[iri] = f"{known}:{found.group(2)}" if found and known else f"<{iri}>"
        return self[iri]


def _written(value: Value, short: Mapping[str, str]) -> str:
    if isinstance(value, Iri):
        return (
            short[value]
            if isinstance(short, _Short) and value.startswith(_PREFIXES["skos"])
            else f"<{value}>"
        )
    text, lang, datatype = _parts(value)
    quoted = f'"{_NOT_IN_TURTLE.sub(_escaped, text)}"'
    if lang:
        return f"{quoted}@{lang}"
    return f"{quoted}^^<{_XSD}{datatype}>" if datatype else quoted


def _escaped(found: re.Match[str]) -> str:
    sign = found.group()
    return {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(
        sign
    ) or f"\\u{ord(sign):04X}"


def _parts(value: Value) -> tuple[str, str, str]:
    """Return text, language and the name of the XSD datatype, empty where there is none."""
    if isinstance(value, Text):
        return value.value, value.lang, ""
    if isinstance(value, bool):
        return str(value).lower(), "", "boolean"
    if isinstance(value, int):
        return str(value), "", "integer"
    if isinstance(value, float):
        return repr(value), "", "double"
    if isinstance(value, datetime):
        return value.isoformat(), "", "dateTime"
    if isinstance(value, date):
        return value.isoformat(), "", "date"
    return value, "", ""


def _json_ld(said: _Said) -> str:
    short = _Short()

    def name(iri: str) -> str:
        return short[iri].strip("<>")

    def of(value: Value) -> Any:  # noqa: ANN401
        if isinstance(value, Iri):
            return {"@id": str(value)}
        text, lang, datatype = _parts(value)
        if lang:
            return {"@language": lang, "@value": text}
        return {"@type": f"xsd:{datatype}", "@value": text} if datatype else text

    nodes = []
    for subject, about in said.items():
        node: dict[str, Any] = {"@id": subject}
        for predicate, values in about.items():
            if predicate == _RDF + "type":
                node["@type"] = [name(str(v)) for v in values]
            else:
                node[name(predicate)] = [of(v) for v in values]
        nodes.append(node)
    return json.dumps({"@context": _PREFIXES, "@graph": nodes}, ensure_ascii=False, indent=1)


def _xml(said: _Said) -> Iterator[str]:
    names: dict[str, str] = {}
    spaces = {namespace: prefix for prefix, namespace in _PREFIXES.items()}
    for predicate in {p for about in said.values() for p in about}:
        found = _SPLIT.match(predicate)
        if found is None:
            raise ValueError(f"RDF/XML has no name for the property {predicate}")
        names[predicate] = f"{spaces.setdefault(found.group(1), f'ns{len(spaces)}')}:{found.group(2)}"
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF'
    yield from (f"\n  xmlns:{prefix}={quoteattr(namespace)}" for namespace, prefix in spaces.items())
    yield ">\n"
    for subject, about in said.items():
        lines = [f"    <{_element(names[p], v)}>\n" for p, values in about.items() for v in values]
        yield f"  <rdf:Description rdf:about={quoteattr(subject)}>\n{''.join(lines)}  </rdf:Description>\n"
    yield "</rdf:RDF>\n"


def _element(name: str, value: Value) -> str:
    if isinstance(value, Iri):
        return f"{name} rdf:resource={quoteattr(value)}/"
    text, lang, datatype = _parts(value)
    kind = f" xml:lang={quoteattr(lang)}" if lang else f' rdf:datatype="{_XSD}{datatype}"' if datatype else ""
    shown = escape(_NOT_IN_XML.sub("\ufffd", text), {"\r": "&#13;"})
    return f"{name}{kind}>{shown}</{name}"
