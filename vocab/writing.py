"""How is a large vocabulary written while somebody waits? Triples as RDF text, without a graph in between.

`vocab.rdf.serialise` makes the prettier files and takes a minute for 50,000 concepts; this takes seconds. Both say
the same triples.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
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
            return "".join(_nt_subject(subject, about) for subject, about in said.items())
        case "json-ld":
            return _json_ld(said)
        case "xml":
            return "".join(_xml(said))
    raise ValueError(f"no RDF format is named {format!r}")


def stream_triples(
    triples: Iterable[Triple], format: RdfFormat = "turtle", prefixes: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Yield triples as text, a subject at a time, without ever holding them all.

    What follows each other with one subject is written together; a subject may come again later. `prefixes`
    are short names besides the usual ones.

    Raises
    ------
    ValueError
        If the format is none that can be written so: ``turtle``, ``json-ld`` and ``nt`` can.

    Examples
    --------
    >>> told = [("https://x.test/a", "https://x.test/p", 1), ("https://x.test/b", "https://x.test/p", 2)]
    >>> print("".join(stream_triples(told, "nt")).splitlines()[0])
    <https://x.test/a> <https://x.test/p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
    """
    if format not in {"turtle", "json-ld", "nt"}:
        raise ValueError(f"RDF of format {format!r} cannot be written a part at a time")
    return _streamed(triples, format, {**_PREFIXES, **(prefixes or {})})


def _streamed(triples: Iterable[Triple], format: RdfFormat, prefixes: Mapping[str, str]) -> Iterator[str]:
    short, first = _Short(prefixes), True
    if format == "turtle":
        yield _turtle_head(prefixes)
    elif format == "json-ld":
        yield f'{{"@context": {json.dumps(prefixes)},\n "@graph": [\n'
    for subject, about in _by_subject(triples):
        match format:
            case "turtle":
                yield _turtle_subject(subject, about, short)
            case "nt":
                yield _nt_subject(subject, about)
            case _:
                text = json.dumps(_json_ld_node(subject, about, short), ensure_ascii=False)
                yield text if first else f",\n{text}"
        first = False
    if format == "json-ld":
        yield "\n]}\n"


_safe_iri = lru_cache(maxsize=1 << 16)(safe_iri)


def _by_subject(triples: Iterable[Triple]) -> Iterator[tuple[Iri, Mapping[str, list[Value]]]]:
    for subject, group in groupby(triples, key=itemgetter(0)):
        about: dict[str, dict[tuple[type, Value], Value]] = {}
        for _, predicate, value in group:
            safe = Iri(_safe_iri(value)) if isinstance(value, Iri) else value
            about.setdefault(_safe_iri(predicate), {})[type(safe), safe] = safe
        yield Iri(safe_iri(subject)), {p: list(values.values()) for p, values in about.items()}


def _turtle(said: _Said) -> Iterator[str]:
    short = _Short(_PREFIXES)
    yield _turtle_head(_PREFIXES)
    for subject, about in said.items():
        yield _turtle_subject(subject, about, short)


def _turtle_head(prefixes: Mapping[str, str]) -> str:
    return "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in prefixes.items())


def _turtle_subject(subject: str, about: Mapping[str, list[Value]], short: "_Short") -> str:
    lines = [
        f"{'a' if p == _RDF + 'type' else short[p]} {', '.join([_written(v, short) for v in values])}"
        for p, values in about.items()
    ]
    return f"\n<{subject}> " + " ;\n    ".join(lines) + " .\n"


def _nt_subject(subject: str, about: Mapping[str, list[Value]]) -> str:
    return "".join(f"<{subject}> <{p}> {_written(v, {})} .\n" for p, values in about.items() for v in values)


class _Safe(dict[str, Iri]):
    """IRIs without what none may hold, each made once: a subject has many triples."""

    def __missing__(self, iri: str) -> Iri:
        self[iri] = Iri(safe_iri(iri))
        return self[iri]


class _Short(dict[str, str]):
    """IRIs in the terms that Turtle has for them, each made once."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        super().__init__()
        self._prefixes = {namespace: name for name, namespace in prefixes.items()}
        self.namespaces = tuple(self._prefixes)

    def __missing__(self, iri: str) -> str:
        found = _SPLIT.match(iri)
        known = self._prefixes.get(found.group(1)) if found else None
        self[iri] = f"{known}:{found.group(2)}" if found and known else f"<{iri}>"
        return self[iri]


def _written(value: Value, short: Mapping[str, str]) -> str:
    if isinstance(value, Iri):
        # only names of vocabularies: of all others there are too many to be kept
        known = isinstance(short, _Short) and value.startswith(short.namespaces)
        return short[value] if known else f"<{value}>"
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
    short = _Short(_PREFIXES)
    nodes = [_json_ld_node(subject, about, short) for subject, about in said.items()]
    return json.dumps({"@context": _PREFIXES, "@graph": nodes}, ensure_ascii=False, indent=1)


def _json_ld_node(subject: str, about: Mapping[str, list[Value]], short: _Short) -> dict[str, Any]:
    def name(iri: str) -> str:
        return short[iri].strip("<>")

    def of(value: Value) -> Any:  # noqa: ANN401
        if isinstance(value, Iri):
            return {"@id": str(value)}
        text, lang, datatype = _parts(value)
        if lang:
            return {"@language": lang, "@value": text}
        return {"@type": f"xsd:{datatype}", "@value": text} if datatype else text

    node: dict[str, Any] = {"@id": subject}
    for predicate, values in about.items():
        if predicate == _RDF + "type":
            node["@type"] = [name(str(v)) for v in values]
        else:
            node[name(predicate)] = [of(v) for v in values]
    return node


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
