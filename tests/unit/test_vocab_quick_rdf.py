"""What the quick parser reads is what rdflib reads; what it cannot read is left to rdflib and its words."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.made_vocabulary import n_triples, rdf_xml, said, turtle
from vocab import rdf
from vocab.quick_rdf import read_quickly
from vocab.rdf import parse_file, serialise
from vocab.skos import read_skos
from vocab.triples import Iri, Text, VocabularyError
from vocab.vocabulary import Vocabulary, open_vocabulary

SKOS = "http://www.w3.org/2004/02/skos/core#"
FORMS = {"ttl": turtle, "nt": n_triples, "rdf": rdf_xml}
XL = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix t: <https://t.test/> .
t:a a skos:Concept ; skos:inScheme t:s ; xl:prefLabel [ xl:literalForm "fall"@nb ] ;
  xl:altLabel _:x ; skos:member ( t:b t:c ) ; skos:notation 07, "K77"^^t:code .
_:x xl:literalForm "overfall"@nb-NO .
<relative> a skos:Concept ; skos:prefLabel 'én\\u00e5', '''to
linjer'''@nn .
"""


def both(path, monkeypatch):
    quick = parse_file(path)
    with monkeypatch.context() as without:
        without.setattr(rdf, "read_quickly", lambda *_: None)
        return quick, parse_file(path)


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", FORMS)
def test_a_made_vocabulary_is_read_as_rdflib_reads_it(tmp_path, monkeypatch, ending):
    path = write(tmp_path / f"made.{ending}", FORMS[ending](said(60, open_vocabulary())))
    assert read_quickly(path.read_bytes(), rdf.format_of(path), "https://base.test/") is not None
    quick, plain = both(path, monkeypatch)
    assert len(quick) == 65
    assert quick == plain
    assert [list(about) for about in quick.values()] == [list(about) for about in plain.values()]
    assert {type(v) for about in quick.values() for vs in about.values() for v in vs} == {Iri, Text, str}


def test_blank_nodes_lists_and_labels_with_a_name_are_read_as_before(tmp_path, monkeypatch):
    path = write(tmp_path / "xl.ttl", XL)
    quick = read_skos([path])
    monkeypatch.setattr(rdf, "read_quickly", lambda *_: None)
    plain = read_skos([path])
    assert {c.id: (c.pref_label, c.alt_label) for c in quick.concepts} == {
        "s/a": ({"nb": "fall"}, {"nb": ("overfall",)}),
        "relative": ({"nb": "énå", "nn": "to\nlinjer"}, {}),
    }
    assert [c.notation for c in quick.concepts] == [None, "07"], "as written; rdflib made it 7"
    assert [c.pref_label for c in quick.concepts] == [c.pref_label for c in plain.concepts]
    assert quick.schemes == plain.schemes


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
VALUES = st.one_of(st.builds(Text, TEXTS, st.sampled_from(["nb", "nn", "en-gb"])), TEXTS,
                   st.sampled_from(["https://t.test/a", "https://t.test/æ"]).map(Iri))  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["https://t.test/a", "https://t.test/b"]),
                          st.sampled_from([f"{SKOS}note", f"{SKOS}prefLabel"]), VALUES), max_size=6),
       st.sampled_from(["turtle", "xml", "nt"]))  # fmt: skip
def test_what_is_written_is_read_quickly(triples, form):
    read = read_quickly(serialise(triples, form).encode(), form, "https://base.test/")
    assert {(s, p, type(v), v) for s, p, v in read} == {(s, p, type(v), v) for s, p, v in triples}


def test_a_file_with_a_fault_is_told_by_its_line(tmp_path):
    text = turtle(said(20, open_vocabulary()))
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if number > 40 and '"' in line)
    lines[at] = lines[at].replace('"', "", 1)
    with pytest.raises(VocabularyError) as told:
        parse_file(write(tmp_path / "broken.ttl", "\n".join(lines)))
    assert told.value.line is not None
    assert abs(told.value.line - (at + 1)) <= 1


BOMB = """<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">{}]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="https://t.test/">
<rdf:Description rdf:about="https://t.test/a"><d:p>&h;</d:p></rdf:Description></rdf:RDF>
""".format("".join(f'<!ENTITY {b} "{f"&{a};" * 30}">' for a, b in pairwise("abcdefgh")))


def test_xml_that_is_not_well_formed_and_one_that_explodes_are_no_triples(tmp_path):
    open_end = rdf_xml(said(5, open_vocabulary())).replace("</rdf:RDF>", "")
    for text in (open_end, BOMB):
        assert read_quickly(text.encode(), "xml", "https://base.test/") is None
    with pytest.raises(VocabularyError):
        parse_file(write(tmp_path / "odd.rdf", open_end))


def test_what_rdflib_bears_is_still_read(tmp_path):
    path = write(tmp_path / "odd.nt", '<https://t.test/a> <https://t.test/p> "x"@abcdefghij .\n')
    assert read_quickly(path.read_bytes(), "nt", "https://base.test/") is None
    assert list(parse_file(path)) == ["https://t.test/a"]
    path = write(tmp_path / "odd.ttl", '<https://t.test/a|b> <https://t.test/p> "x" .\n')
    assert read_quickly(path.read_bytes(), "turtle", "https://base.test/") is None
    assert list(parse_file(path)) == ["https://t.test/a|b"]


class NoGraph:
    def __init__(self, **_):
        pytest.fail("the slow parser was asked")


def test_thousands_of_concepts_are_read_by_the_quick_parser_and_then_kept(tmp_path, monkeypatch):
    path = write(tmp_path / "made.ttl", turtle(said(2000, open_vocabulary())))
    with monkeypatch.context() as only_quick:
        only_quick.setattr(rdf, "Graph", NoGraph)
        first = open_vocabulary([path], cache_dir=tmp_path / "cache")
    monkeypatch.setattr(rdf, "read_quickly", None)
    again = open_vocabulary([path], cache_dir=tmp_path / "cache")
    assert isinstance(first, Vocabulary)
    assert again.concepts == first.concepts
    assert (len(first), sum(1 for _ in first.labels())) == (2000, 12000)
