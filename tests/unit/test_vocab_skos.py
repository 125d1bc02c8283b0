from datetime import date

import pytest
from rdflib import Graph

from vocab.concept import Concept, ConceptId, ConceptMapping, ConceptScheme
from vocab.skos import read_skos, serialise, write_skos
from vocab.triples import Iri, Text, VocabularyError
from vocab.vocabulary import Vocabulary, open_vocabulary

HEAD = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <https://elsewhere.test/animals/> .
"""
ENDINGS = {"turtle": "ttl", "json-ld": "jsonld", "xml": "rdf", "nt": "nt"}


def read(tmp_path, text, name="v.ttl", **more):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_skos([path], **more)


def rich():
    a, b, c = (ConceptId(f"t/{name}") for name in "abc")
    return Vocabulary(
        [ConceptScheme("t", {"nb": "Tema", "nn": "Tema", "en": "Theme"}, lexical=False, top_concepts=(a, c))],
        [
            Concept(
                a,
                {"en": "falls", "nb": "fall", "se": "gahččan"},
                alt_label={"nb": ("fall i hjemmet", 'å falle "brått"')},
                hidden_label={"nb": ("fal",)},
                definition={"nb": "Når noen faller."},
                narrower=(b,),
                related=(c,),
                mappings=(
                    ConceptMapping("close", "icpc2", "A29"),
                    ConceptMapping("exact", "mesh", "D000058"),
                    ConceptMapping("exact", "uri", "https://elsewhere.test/x"),
                ),
                notation="F1",
                note="En merknad.",
            ),
            Concept(b, {"nb": "fall fra seng"}, broader=(a,), deprecated=True, replaced_by=a),
            Concept(c, {"nb": "balanse"}, related=(a,)),
        ],
    )


@pytest.mark.parametrize("form", sorted(ENDINGS))
def test_what_is_written_is_read_again(tmp_path, form):
    vocabulary = rich()
    again = read(tmp_path, write_skos(vocabulary, form), f"v.{ENDINGS[form]}")
    assert again.concepts == vocabulary.concepts
    assert again.schemes == vocabulary.schemes
    assert again.foreign == {}


def test_the_whole_bundled_vocabulary_is_written_and_read_again(tmp_path):
    bundled = open_vocabulary()
    again = read(tmp_path, write_skos(bundled))
    assert again.concepts == bundled.concepts
    assert again.schemes == bundled.schemes


def test_another_base_uri_changes_the_uris_and_no_id(tmp_path):
    base = "https://example.test/v/"
    moved = Vocabulary(rich().schemes, rich().concepts, base_uri=base)
    text = write_skos(moved, "nt")
    assert "<https://example.test/v/t/a>" in text
    assert "<https://example.test/v/mapping/icpc2/A29>" in text
    assert read(tmp_path, text, "v.nt", base_uri=base).concepts == moved.concepts


def test_foreign_concepts_get_ids_of_their_scheme_and_name(tmp_path):
    content = read(
        tmp_path,
        HEAD
        + """ex:scheme a skos:ConceptScheme .
        ex:dog a skos:Concept ; skos:inScheme ex:scheme ; skos:prefLabel "hund"@no, "dog"@en-GB .
        <https://other.test/dog> a skos:Concept ; skos:inScheme ex:scheme ; skos:prefLabel "bikkje" .
        <https://other.test/lone#c1> a skos:Concept ; skos:prefLabel "alene"@nb .""",
    )
    ids = {content.foreign[c.id]: c for c in content.concepts}
    assert ids["https://elsewhere.test/animals/dog"].id == "scheme/dog"
    assert ids["https://elsewhere.test/animals/dog"].pref_label == {"en": "dog", "nb": "hund"}
    assert ids["https://other.test/dog"].id.startswith("scheme/dog-")
    assert ids["https://other.test/dog"].pref_label == {"nb": "bikkje"}
    assert ids["https://other.test/lone#c1"].id == "concepts/c1"
    again = read(tmp_path, write_skos(Vocabulary(content.schemes, content.concepts, foreign=content.foreign)))
    assert again.concepts == content.concepts
    assert again.foreign == content.foreign


def test_extended_labels_count_as_labels(tmp_path):
    content = read(
        tmp_path,
        HEAD
        + """@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
        ex:c a skos:Concept ; xl:prefLabel [ xl:literalForm "katt"@nb ] ; xl:altLabel ex:l .
        ex:l xl:literalForm "pus"@nb .""",
    )
    assert content.concepts[0].pref_label == {"nb": "katt"}
    assert content.concepts[0].alt_label == {"nb": ("pus",)}


def test_a_second_preferred_label_becomes_alternative(tmp_path):
    content = read(
        tmp_path, HEAD + 'ex:c a skos:Concept ; skos:prefLabel "b"@nb, "a"@nb ; skos:altLabel " "@nb .'
    )
    assert content.concepts[0].pref_label == {"nb": "a"}
    assert content.concepts[0].alt_label == {"nb": ("b",)}


def test_a_vocabulary_may_be_spread_over_files(tmp_path):
    (tmp_path / "a.ttl").write_text(
        HEAD + 'ex:c a skos:Concept ; skos:prefLabel "katt"@nb .', encoding="utf-8"
    )
    (tmp_path / "b.ttl").write_text(
        HEAD + 'ex:c a skos:Concept ; skos:prefLabel "cat"@en .', encoding="utf-8"
    )
    (only,) = read_skos(sorted(tmp_path.iterdir())).concepts
    assert only.pref_label == {"en": "cat", "nb": "katt"}


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("v.ttl", HEAD + 'ex:a a skos:Concept ;\n  skos:prefLabel "fall@nb .\n', 6),
        ("v.ttl", HEAD + "nobody:a a skos:Concept .\n", 5),
        ("v.jsonld", '{"@id": "x",\n "a": }', 2),
        ("v.rdf", '<?xml version="1.0"?>\n<rdf:RDF>\n', 2),
        ("v.nt", "<a> <b>\n", 1),
        ("v.txt", "", None),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path, name, text, line):
    with pytest.raises(VocabularyError, match=name.replace(".", r"\.")) as caught:
        read(tmp_path, text, name)
    assert caught.value.line == line
    assert line is None or f"line {line}" in str(caught.value)


def test_bytes_that_are_no_text_are_named(tmp_path):
    for name in ("v.ttl", "v.jsonld", "v.rdf", "v.nt"):
        (tmp_path / name).write_bytes(b"\n\xff\xfe\xfa")
        with pytest.raises(VocabularyError, match=name.replace(".", r"\.")):
            read_skos([tmp_path / name])


@pytest.mark.parametrize(
    "context",
    ['"https://elsewhere.test/c.jsonld"', '[{}, "c.jsonld"]', '{"@import": "https://elsewhere.test/c"}'],
)
def test_a_context_from_elsewhere_is_refused_and_not_fetched(tmp_path, context):
    with pytest.raises(VocabularyError, match="nothing is fetched"):
        read(tmp_path, f'{{"@graph": [{{"@context": {context}, "@id": "x"}}]}}', "v.jsonld")


def test_an_external_entity_is_not_read(tmp_path):
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    text = f"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">]>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
    <skos:Concept rdf:about="https://elsewhere.test/c"><skos:prefLabel xml:lang="nb">a &e;</skos:prefLabel></skos:Concept>
    </rdf:RDF>"""
    assert "secret" not in str(read(tmp_path, text, "v.rdf"))


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
def test_triples_of_every_kind_survive_serialising():
    triples = [
        ("https://x.test/a", "https://x.test/p", Iri("https://x.test/b c<d>")),
        ("https://x.test/a", "https://x.test/p", Text('linje\n"sitat"', "nb")),
        ("https://x.test/a", "https://x.test/p", "ren tekst"),
        ("https://x.test/a", "https://x.test/p", True),
        ("https://x.test/a", "https://x.test/p", 7),
        ("https://x.test/a", "https://x.test/p", date(2026, 11, 21)),
        ("https://x.test/a", "https://x.test/q", Iri("_:b")),
        ("_:b", "https://x.test/p", 0.5),
    ]
    graphs = [Graph().parse(data=serialise(triples, form), format=form) for form in ENDINGS]
    assert [len(graph) for graph in graphs] == [8, 8, 8, 8]
    assert "https://x.test/b%20c%3Cd%3E" in {str(o) for o in graphs[0].objects()}
    assert sorted(str(o.toPython()) for o in graphs[0].objects() if hasattr(o, "datatype") and o.datatype) == [
        "0.5", "2026-11-21", "7", "True",
    ]  # fmt: skip


def test_only_prefixes_in_use_are_written():
    text = serialise(
        [("https://x.test/a", "http://purl.org/dc/terms/title", "A")], prefixes={"x": "https://x.test/"}
    )
    assert text.split() == ["@prefix", "dct:", "<http://purl.org/dc/terms/>", ".", "@prefix", "x:",
                            "<https://x.test/>", ".", "x:a", "dct:title", '"A"', "."]  # fmt: skip


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="no RDF format is named 'pdf'"):
        serialise([], "pdf")
