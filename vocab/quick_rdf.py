"""What do large RDF files say? Triples from a compiled parser, ten times as fast as rdflib's.

It reads what is right; a file that it cannot read is left to rdflib, which bears more and says what is wrong.

References: RDF 1.1 Turtle, RDF 1.1 XML Syntax, N-Triples (W3C Recommendations).
"""

from collections.abc import Iterator
from xml.parsers.expat import ExpatError, ParserCreate

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from vocab.triples import Iri, Text, Triple, Value
from vocab.triples import RdfFormat as OurFormat

_FORMATS: dict[OurFormat, RdfFormat] = {
    "turtle": RdfFormat.TURTLE,
    "xml": RdfFormat.RDF_XML,
    "nt": RdfFormat.N_TRIPLES,
}


def read_quickly(content: bytes, form: OurFormat, base_uri: str) -> list[Triple] | None:
    """Return the triples of a file as they stand in it; None if that is another parser's work.

    Blank nodes begin with ``_:``; typed literals come as text.

    Examples
    --------
    >>> read_quickly(b"<a> <b> 'fall'@nb, 07 .", "turtle", "https://x.test/")
    [('https://x.test/a', 'https://x.test/b', Text(value='fall', lang='nb')), ('https://x.test/a', 'https://x.test/b', '07')]
    >>> read_quickly(b"<a> <b> .", "turtle", "https://x.test/") is None
    True
    """
    if form not in _FORMATS:
        return None
    try:
        if form == "xml":  # the compiled parser does not mind tags that are never closed
            ParserCreate().Parse(content, True)
        return list(_triples(content, _FORMATS[form], base_uri))
    except (SyntaxError, ValueError, TypeError, ExpatError):
        return None


def _triples(content: bytes, form: RdfFormat, base_uri: str) -> Iterator[Triple]:
    for quad in parse(content, format=form, base_iri=base_uri):
        yield _name(quad.subject), quad.predicate.value, _value(quad.object)


def _name(node: object) -> Iri:
    if isinstance(node, NamedNode):
        return Iri(node.value)
    if isinstance(node, BlankNode):
        return Iri(f"_:{node.value}")
    raise TypeError("a statement about a statement")


def _value(node: object) -> Value:
    if isinstance(node, Literal):
        lang = node.language
        return Text(node.value, lang) if lang else node.value
    return _name(node)
