"""A file that cannot be read: line, column, what is there and what should be."""

import pytest

from vocab.rdf import parse_file
from vocab.triples import VocabularyError

TTL = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n@prefix ex: <https://e.test/> .\n\n"
XML = (
    '<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"\n'
    '  xmlns:skos="http://www.w3.org/2004/02/skos/core#">\n<skos:Concept rdf:about="https://e.test/a">\n'
)
LABEL = '  skos:prefLabel "fall"@nb'

BROKEN = {
    "text not closed": ("v.ttl", TTL + 'ex:a a skos:Concept ;\n  skos:prefLabel "fall@nb .\n', 5, 18, '"fall@nb', "closes this text"),
    "long text not closed": ("v.ttl", TTL + 'ex:a skos:definition """Et\nfall@nb .\n', 4, 22, '"""Et', "closes this text"),
    "prefix not declared": ("v.ttl", TTL + "ex:a a skos:Concept .\nny:b a skos:Concept .\n", 5, 1, "ny:b", "@prefix ny:"),
    "full stop missing": ("v.ttl", TTL + "ex:a a skos:Concept\nex:b a skos:Concept .\n", 5, 1, "ex:b", '"." after skos:Concept'),
    "semicolon missing": ("v.ttl", TTL + f"ex:a a skos:Concept\n{LABEL} .\n", 5, 3, "skos:prefLabel", '";"'),
    "comma missing": ("v.ttl", TTL + f'ex:a a skos:Concept ;\n{LABEL} "fall"@nn .\n', 5, 28, '"fall"', '"," '),
    "address not closed": ("v.ttl", TTL + "ex:a skos:broader <https://e.test/b .\n", 4, 19, "<https://e.test/b", "between < and >"),
    "no language after @": ("v.ttl", TTL + 'ex:a skos:prefLabel "fall"@ .\n', 4, 27, "@", "such as @nb"),
    "language with underscore": ("v.ttl", TTL + 'ex:a skos:prefLabel "fall"@nb_NO .\n', 4, 27, "@nb_NO", "such as @nb"),
    "curly quotation marks": ("v.ttl", TTL + "ex:a skos:prefLabel “fall”@nb .\n", 4, 21, "“fall”", "plain quotation marks"),
    "unknown escape": ("v.ttl", TTL + 'ex:a skos:prefLabel "f\\qall"@nb .\n', 4, 23, "\\q", "backslashes"),
    "end of file in a value": ("v.ttl", TTL + f"ex:a a skos:Concept ;\n{LABEL}", 5, 26, "ends too early", "after @nb"),
    "end of file after a property": ("v.ttl", TTL + "ex:a a skos:Concept ;\n  skos:prefLabel\n", 5, 16, "ends too early", "a value"),
    "no full stop after prefix": ("v.ttl", "@prefix ex: <https://e.test/>\nex:a a ex:B .\n", 2, 1, "ex:a", '"." after <https://e.test/>'),
    "bracket not closed": ("v.ttl", TTL + 'ex:a skos:note [ ex:b "c" .\n', 4, 27, ".", '"]" after "c"'),
    "list not closed": ("v.ttl", TTL + "ex:a skos:note ( ex:b ex:c .\n", 4, 28, ".", '")" after ex:c'),
    "XML in Turtle": ("v.ttl", XML, 1, 1, "RDF/XML", "expected Turtle"),
    "JSON in Turtle": ("v.ttl", '{"@id": "x"}', 1, 1, "JSON-LD", "expected Turtle"),
    "N-Triples without full stop": ("v.nt", '<urn:a> <urn:b> "c" .\n<urn:a> <urn:b> "d"\n<urn:a> <urn:b> "e" .\n', 3, 1, "<urn:a>", '"."'),
    "wrong closing tag": ("v.rdf", XML + "</skos:Conzept></rdf:RDF>", 5, 1, "</skos:Conzept>", "<skos:Concept> of line 4"),
    "closing tag missing": ("v.rdf", XML, 5, 1, "ends before everything is closed", "<skos:Concept> of line 4"),
    "ampersand": ("v.rdf", XML + "<skos:prefLabel>hud & hår</skos:prefLabel>", 5, 21, "& hår", "&amp;"),
    "XML prefix not declared": ("v.rdf", '<?xml version="1.0"?>\n<rdf:RDF>\n</rdf:RDF>', 2, 1, "<rdf:RDF>", "xmlns:"),
    "XML that is no RDF/XML": ("v.rdf", XML.replace("rdf:about=", 'rdf:ID="b" rdf:about=') + "</skos:Concept></rdf:RDF>", 4, 1, "rdf:ID", "at most one"),
    "JSON comma too many": ("v.jsonld", '{"@id": "urn:a",\n "@type": "urn:b",\n}', 3, 1, "}", "a comma too many"),
    "JSON comma missing": ("v.jsonld", '{"@id": "urn:a"\n "@type": "urn:b"}', 2, 2, '"@type"', '","'),
    "JSON value missing": ("v.jsonld", '{"@id": "urn:a",\n "@type": }', 2, 11, "}", "expected a value"),
    "JSON text not closed": ("v.jsonld", '{"@id": "urn:a', 1, 9, '"urn:a', "closes this text"),
    "JSON goes on": ("v.jsonld", '{}\n{"@id": "urn:a"}', 2, 1, '{"@id"', "end of the file"),
    "Windows-1252": ("v.ttl", (TTL + 'ex:a skos:prefLabel "trykksår"@nb .').encode("cp1252"), 4, 28, "'å' in Windows-1252", "UTF-8"),
    "Windows-1252 in XML": ("v.rdf", (XML + "<skos:prefLabel>sår").encode("cp1252"), 5, 18, "0xE5", "UTF-8"),
    "Windows-1252 in JSON": ("v.jsonld", '{"@id":\n"å"}'.encode("cp1252"), 2, 2, "0xE5", "UTF-8"),
    "UTF-16": ("v.ttl", TTL.encode("utf-16"), 1, None, "UTF-16", "save it as UTF-8"),
    "a spreadsheet": ("v.ttl", b"PK\x03\x04\0\0\0\0" + b"\xff" * 9, 1, 9, "0xFF", "UTF-8"),
    "empty": ("v.ttl", "", None, None, "is empty", "expected SKOS as Turtle"),
    "blank": ("v.rdf", " \n\n", None, None, "is empty", "expected SKOS as RDF/XML"),
    "empty JSON": ("v.jsonld", "", None, None, "is empty", "expected SKOS as JSON-LD"),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(BROKEN))
def test_a_broken_file_is_told_in_plain_words(tmp_path, case):
    name, content, line, column, found, expected = BROKEN[case]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(VocabularyError) as caught:
        parse_file(path)
    error = caught.value
    assert (error.path, error.line, error.column) == (path, line, column)
    said = str(error)
    assert said.startswith(str(path))
    assert "\n" not in said
    assert found in said
    assert expected in said
    for word in ("Traceback", "BadSyntax", "^", "index out of range", "invalid token", "<unknown>"):
        assert word not in said.removeprefix(str(path))


def test_a_folder_in_place_of_a_file_is_told(tmp_path):
    (tmp_path / "v.ttl").mkdir()
    with pytest.raises(VocabularyError, match="is a folder"):
        parse_file(tmp_path / "v.ttl")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.ttl", TTL + f"ex:a a skos:Concept ;\n{LABEL} .\n"),
        ("v.rdf", XML + '<skos:prefLabel xml:lang="nb">fall</skos:prefLabel></skos:Concept></rdf:RDF>'),
        ("v.jsonld", '{"@id": "https://e.test/a", "urn:p": {"@value": "fall", "@language": "nb"}}'),
        ("v.nt", '<https://e.test/a> <urn:p> "fall"@nb .\n'),
    ],
)
def test_a_byte_order_mark_is_no_fault(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8-sig")
    assert "https://e.test/a" in parse_file(tmp_path / name)


def test_an_xml_file_may_declare_another_encoding(tmp_path):
    content = XML.replace('"1.0"?', '"1.0" encoding="windows-1252"?')
    content += "<skos:prefLabel>trykksår</skos:prefLabel></skos:Concept></rdf:RDF>"
    (tmp_path / "v.rdf").write_bytes(content.encode("cp1252"))
    (labels,) = [v for k, v in parse_file(tmp_path / "v.rdf")["https://e.test/a"].items() if "prefLabel" in k]
    assert labels == ["trykksår"]
    (tmp_path / "v.rdf").write_bytes(content.replace("windows-1252", "klingon-1").encode("cp1252"))
    with pytest.raises(VocabularyError, match="no encoding is named klingon-1"):
        parse_file(tmp_path / "v.rdf")
