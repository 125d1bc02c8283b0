import pytest

from vocab.foreign import read_foreign
from vocab.skos import read_skos, write_skos
from vocab.triples import VocabularyError
from vocab.vocabulary import Vocabulary

HEAD = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ex: <https://elsewhere.test/care/> .

ex:scheme a skos:ConceptScheme ; skos:prefLabel "Pleie"@nb .
"""
LOS = "https://psi.norge.no/los/"
LOS_TTL = f"""@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{LOS}ontologi/ord> a skos:ConceptScheme .
<{LOS}tema/pleie> a skos:Concept ; skos:inScheme <{LOS}ontologi/tema> ; skos:topConceptOf <{LOS}struktur> ;
  skos:prefLabel "Pleie"@nb, "Pleie"@nn, "Care"@en .
<{LOS}ord/heimesjukepleie> a skos:Concept ; skos:inScheme <{LOS}ontologi/ord> ; skos:broader <{LOS}tema/pleie> ;
  skos:prefLabel "Hjemmesykepleie"@nb, "Heimesjukepleie"@nn, "Home nursing"@en ;
  skos:hiddenLabel "Hjemmesykepleie"@nb, "Sykepleie i hjemmet"@nb ;
  skos:note "Pleie hjemme."@nb, "Pleie heime."@nn .
"""
LOS_CSV = f"""uri,parent,nb,nn,en,hiddenLabels
{LOS}tema/pleie,,Pleie,Pleie,Care,
{LOS}tema/hjelp,,Hjelp,Hjelp,Help,
{LOS}ord/pleie,{LOS}tema/pleie,Pleieord,Pleieord,Care word,nb:Stell|nn:Stell|Uten språk
{LOS}ord/pleie,{LOS}tema/hjelp,Pleieord,Pleieord,Care word,
https://elsewhere.test/x,,Noe,Noko,Something,
"""


def write(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def again(tmp_path, content):
    vocabulary = Vocabulary(content.schemes, content.concepts, foreign=content.foreign)
    return read_skos([write(tmp_path, "written.ttl", write_skos(vocabulary))])


def by_uri(content):
    return {content.foreign.get(concept.id): concept for concept in content.concepts}


def test_a_skos_file_is_told_by_its_content_and_keeps_its_schemes(tmp_path):
    path = write(
        tmp_path,
        "v.ttl",
        HEAD
        + 'ex:a a skos:Concept ; skos:inScheme ex:scheme ; skos:prefLabel "fall"@nb, "fall"@nn, "falls"@en .',
    )
    read = read_foreign(path)
    assert read.kind == "skos"
    assert read.findings == ()
    assert read.content == read_skos([path])
    assert read.content.concepts[0].pref_label == {"en": "falls", "nb": "fall", "nn": "fall"}


@pytest.mark.parametrize("name", ["v.ttl", "v.rdf", "v.jsonld", "v.json", "v.nt"])
def test_every_form_of_rdf_is_read(tmp_path, name):
    content = read_foreign(write(tmp_path, "first.ttl", HEAD + 'ex:a a skos:Concept ; skos:inScheme ex:scheme ; skos:prefLabel "fall"@nb .')).content  # fmt: skip
    form = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld", "json": "json-ld", "nt": "nt"}[
        name.split(".")[1]
    ]
    text = write_skos(Vocabulary(content.schemes, content.concepts, foreign=content.foreign), form)
    read = read_foreign(write(tmp_path, name, text))
    assert (read.kind, read.content) == ("skos", content)


def test_the_line_of_an_error_in_turtle_is_named(tmp_path):
    text = HEAD + 'ex:a a skos:Concept ;\n  skos:inScheme ex:scheme ;\n  skos:prefLabel "fall@nb .\n'
    with pytest.raises(VocabularyError, match=r"v\.ttl, line 7") as caught:
        read_foreign(write(tmp_path, "v.ttl", text))
    assert caught.value.line == 7


def test_what_skos_leaves_open_is_found_and_the_rest_goes_on(tmp_path):
    read = read_foreign(
        write(
            tmp_path,
            "v.ttl",
            HEAD
            + """ex:a a skos:Concept ; skos:inScheme ex:scheme ; skos:prefLabel "a"@nb ; skos:broader ex:gone, ex:b .
            ex:b a skos:Concept ; skos:inScheme ex:scheme ; skos:prefLabel "b"@nb ; skos:broader ex:a .
            ex:nameless a skos:Concept ; skos:inScheme ex:scheme ; skos:altLabel "x"@nb .
            ex:c a skos:Concept ; skos:inScheme ex:scheme ; skos:prefLabel "c"@nb ; skos:hiddenLabel "c"@nb ;
              skos:related ex:c, ex:nameless .""",
        )
    )
    concepts = by_uri(read.content)
    assert sorted(concept.id for concept in concepts.values()) == ["scheme/a", "scheme/b", "scheme/c"]
    assert sorted(map(len, (concept.broader for concept in concepts.values()))) == [0, 0, 1]
    assert concepts["https://elsewhere.test/care/c"].related == ()
    assert concepts["https://elsewhere.test/care/c"].hidden_label == {}
    assert sorted((f.record.rsplit("/", 1)[1], f.field) for f in read.findings) == [
        ("a", "broader"), ("b", "broader"), ("c", "hidden label"), ("c", "related"), ("c", "related"),
        ("nameless", "preferred label"),
    ]  # fmt: skip
    assert any("circle" in f.message for f in read.findings)


def test_los_in_rdf_becomes_one_scheme_that_meets_none_of_ours(tmp_path):
    read = read_foreign(write(tmp_path, "los.ttl", LOS_TTL))
    assert read.kind == "los"
    assert [scheme.id for scheme in read.content.schemes] == ["los"]
    word = by_uri(read.content)[f"{LOS}ord/heimesjukepleie"]
    assert word.id == "los/heimesjukepleie"
    assert word.pref_label == {"en": "Home nursing", "nb": "Hjemmesykepleie", "nn": "Heimesjukepleie"}
    assert word.hidden_label == {"nb": ("Sykepleie i hjemmet",)}
    assert word.definition == {"nb": "Pleie hjemme.", "nn": "Pleie heime."}
    assert word.broader == ("los/pleie",)
    assert again(tmp_path, read.content) == read.content


def test_los_in_a_table_has_a_row_a_parent(tmp_path):
    read = read_foreign(write(tmp_path, "los.csv", LOS_CSV))
    concepts = by_uri(read.content)
    assert read.kind == "los"
    assert set(concepts) == {f"{LOS}tema/pleie", f"{LOS}tema/hjelp", f"{LOS}ord/pleie"}
    word = concepts[f"{LOS}ord/pleie"]
    assert set(word.broader) == {concepts[f"{LOS}tema/{name}"].id for name in ("pleie", "hjelp")}
    assert word.hidden_label == {"nb": ("Stell",), "nn": ("Stell",)}
    assert [(f.line, f.field) for f in read.findings] == [(4, "hiddenLabels"), (6, "uri")]
    assert again(tmp_path, read.content) == read.content


def test_an_id_of_ours_is_never_lent_to_another_vocabulary(tmp_path):
    ours = write(
        tmp_path,
        "ours.ttl",
        """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix kg: <https://w3id.org/kompetansegraf/> .
        <https://w3id.org/kompetansegraf/tema/fall> a skos:Concept ; skos:inScheme kg:tema ; skos:prefLabel "fall"@nb .""",
    )
    theirs = write(
        tmp_path,
        "theirs.ttl",
        """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix a: <https://a.test/> .
        a:fall a skos:Concept ; skos:inScheme a:tema ; skos:prefLabel "høst"@nb .""",
    )
    content = read_skos([ours, theirs])
    vocabulary = Vocabulary(content.schemes, content.concepts, foreign=content.foreign)
    assert vocabulary.uri("tema") == "https://w3id.org/kompetansegraf/tema"
    assert vocabulary["tema/fall"].pref_label == {"nb": "fall"}
    assert {vocabulary.uri(c.id) for c in vocabulary} == {
        "https://a.test/fall",
        "https://w3id.org/kompetansegraf/tema/fall",
    }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "navn,kode\nx,1\n", r"line 1: a table of no known kind"),
        ("b.csv", "", r"line 1: a table of no known kind"),
        ("a.txt", "x", r"the ending is none of \.csv"),
        ("a.json", '[{"navn": "x"}]', r"no concept could be read"),
        ("a.json", '{"a":\n x}', r"line 2"),
        ("a.xml", "<DescriptorRecordSet", r"line 1"),
        ("a.xml", "", r"a\.xml"),
        ("a.ttl", "", r"no concept could be read"),
    ],
)
def test_what_cannot_be_told_or_read_is_said_plainly(tmp_path, name, text, said):
    with pytest.raises(VocabularyError, match=said):
        read_foreign(write(tmp_path, name, text))


def test_a_missing_file_an_unknown_kind_and_mixed_kinds_are_refused(tmp_path):
    with pytest.raises(VocabularyError, match="no such file"):
        read_foreign(tmp_path / "none.ttl")
    with pytest.raises(VocabularyError, match="No such file"):
        read_foreign(tmp_path / "none_no.csv", "esco")
    with pytest.raises(ValueError, match="no kind of vocabulary is named 'snomed'"):
        read_foreign(write(tmp_path, "los.csv", LOS_CSV), "snomed")
    with pytest.raises(VocabularyError, match=r"los\.csv is los, v\.ttl is skos"):
        read_foreign([write(tmp_path, "los.csv", LOS_CSV), write(tmp_path, "v.ttl", HEAD)])


def test_entities_that_grow_are_refused_in_rdf_too(tmp_path):
    bomb = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 20}">' for i in range(12))
    text = f"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "fall fall fall">{bomb}]>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
    <skos:Concept rdf:about="https://elsewhere.test/c"><skos:prefLabel xml:lang="nb">&e12;</skos:prefLabel></skos:Concept>
    </rdf:RDF>"""
    with pytest.raises(VocabularyError, match=r"v\.rdf: entities made of others"):
        read_foreign(write(tmp_path, "v.rdf", text))


def test_entities_that_shorten_addresses_are_read(tmp_path):
    text = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY skos "http://www.w3.org/2004/02/skos/core#"><!ENTITY amp "&#38;#38;">]>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="&skos;">
    <skos:Concept rdf:about="https://elsewhere.test/c"><skos:prefLabel xml:lang="nb">hud &amp; hår</skos:prefLabel></skos:Concept>
    </rdf:RDF>"""
    assert read_foreign(write(tmp_path, "v.rdf", text)).content.concepts[0].pref_label == {"nb": "hud & hår"}
