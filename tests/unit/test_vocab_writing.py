"""Every format says the triples that it was given, whatever is in them."""

import json
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph
from rdflib.plugins.parsers.jsonld import to_rdf

from vocab.rdf import serialise
from vocab.triples import Iri, Text
from vocab.writing import write_triples

SKOS = "http://www.w3.org/2004/02/skos/core#"
# what XML can hold and no parser changes: lines end in \n there, and U+FFFE, U+FFFF are no characters
SIGNS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from(
    '\n\t"\\<>&'
)
TEXT = st.text(SIGNS, max_size=20)
IRI = st.text(st.sampled_from("aæ1 <>\"{}|\\^`%'&é/-"), max_size=8).map("https://x.test/id/".__add__)
VALUE = st.one_of(
    IRI.map(Iri),
    TEXT,
    st.builds(Text, TEXT, st.sampled_from(["nb", "nn", "en", "en-GB"])),
    st.booleans(),
    st.integers(),
)
TRIPLE = st.tuples(
    IRI,
    st.sampled_from(
        [SKOS + "prefLabel", SKOS + "broader", "https://x.test/p", "http://purl.org/dc/terms/title"]
    ),
    VALUE,
)


def read(text, form):
    graph = Graph()
    if form == "json-ld":
        to_rdf(json.loads(text), graph)
        return set(graph)
    return set(graph.parse(data=text, format=form))


@pytest.mark.parametrize("form", ["turtle", "json-ld", "xml", "nt"])
def test_any_triples_are_read_back_as_they_were_given(form):
    @settings(max_examples=30, deadline=None, derandomize=True, database=None)
    @given(st.lists(TRIPLE, max_size=8))
    def check(triples):
        expected = set(Graph().parse(data=serialise(triples, "nt"), format="nt"))
        assert read(write_triples(triples, form), form) == expected

    check()


@pytest.mark.parametrize("form", ["turtle", "json-ld", "xml", "nt"])
def test_types_and_days_and_what_xml_cannot_hold(form):
    triples = [
        ("https://x.test/a", SKOS + "example", value)
        for value in (True, 7, date(2026, 11, 22), datetime(2026, 11, 22, 13, 5), "1\r2")
    ]
    triples.append(
        ("https://x.test/a", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", Iri(SKOS + "Concept"))
    )
    assert read(write_triples(triples, form), form) == set(
        Graph().parse(data=serialise(triples, "nt"), format="nt")
    )
    strange = write_triples([("https://x.test/a", SKOS + "note", "a\x00b\x0bc")], form)
    (found,) = read(strange, form)
    assert str(found[2]) == ("a\ufffdb\ufffdc" if form == "xml" else "a\x00b\x0bc")


def test_an_unknown_format_and_a_property_without_a_name_are_refused():
    with pytest.raises(ValueError, match="n3"):
        write_triples([], "n3")
    with pytest.raises(ValueError, match="has no name"):
        write_triples([("https://x.test/a", "https://x.test/1", "x")], "xml")
