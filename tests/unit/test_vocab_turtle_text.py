import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph

from vocab.places import subject_lines
from vocab.turtle_text import turtle_fault, turtle_subjects
from vocab.vocabulary import bundled_files

LIVELY = '''
PREFIX t: <https://e.test/>
@base <https://e.test/base/> . # t:nothing a t:Comment .
t:a a t:B, t:C ; ; t:p "x. t:z a t:B ."@nb-NO, 'y'^^t:d, """lang
t:inText a t:B .
" med "" i"""@nn, -1.5e3, .5, true ;
  t:q [ t:r t:s ; t:t ( t:u "v" 1 ( ) [] ) ; ] .
[ t:p t:q ] t:r t:s . [] t:p _:b1 .
_:b1 t:p <rel> . <rel> t:p t:a.b , t:1%20x , t:x\\,y .
( t:k ) t:p t:l .
<https://e.test/æøå#1> t:p '''
LIVELY += "'''it''s''' ."


def test_lively_turtle_has_no_fault_and_its_subjects_their_lines():
    Graph().parse(data=LIVELY, format="turtle")  # the field's own parser agrees that it is Turtle
    assert turtle_fault(LIVELY) is None
    assert turtle_subjects(LIVELY, "https://other.test/") == {
        "https://e.test/a": 4,
        "_:b1": 9,
        "https://e.test/base/rel": 9,
        "https://e.test/æøå#1": 11,
    }


@pytest.mark.parametrize("path", bundled_files()[:4], ids=lambda path: path.name)
def test_our_own_files_have_no_fault(path):
    assert turtle_fault(path.read_text(encoding="utf-8")) is None


@given(st.text(alphabet="ab:<>@\"'.;,[]() \n\\#^_-1", max_size=60))
def test_any_text_has_a_fault_within_it_or_none(text):
    fault = turtle_fault(text)
    turtle_subjects(text, "https://e.test/")
    assert fault is None or 0 <= fault.offset <= len(text)


def test_places_in_xml_know_base_and_id_and_entities(tmp_path):
    path = tmp_path / "v.rdf"
    path.write_text(
        '<rdf:RDF xml:base="https://e.test/v">\n<C rdf:about="#a"/>\n<C rdf:ID="b"/>\n'
        "<p rdf:resource=\"https://e.test/x\"/>\n<C rdf:about='https://e.test/?a=1&amp;b=2'/></rdf:RDF>",
        encoding="utf-8",
    )
    assert subject_lines(path) == {
        "https://e.test/v#a": 2,
        "https://e.test/v#b": 3,
        "https://e.test/?a=1&b=2": 5,
    }


def test_places_in_json_are_of_objects_that_say_something(tmp_path):
    path = tmp_path / "v.jsonld"
    path.write_text(
        '{"@context": {"t": "https://e.test/", "b": {"@id": "t:b"}},\n"@graph": [\n'
        '{"@id": "t:a", "b": [{"@id": "t:c"}, {"@value": "\\"@id\\": {"}]},\n{"b": {"@id": "t:a"},\n"@id": "t:c"}]}',
        encoding="utf-8",
    )
    assert subject_lines(path) == {"https://e.test/a": 3, "https://e.test/c": 5}


def test_an_unreadable_file_has_no_places(tmp_path):
    assert subject_lines(tmp_path / "nothing.ttl") == {}
    assert subject_lines(tmp_path / "nothing.txt") == {}
