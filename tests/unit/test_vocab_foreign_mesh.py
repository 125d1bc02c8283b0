import pytest

from vocab.foreign import read_foreign
from vocab.skos import read_skos, write_skos
from vocab.triples import VocabularyError
from vocab.vocabulary import Vocabulary

MESH = "http://id.nlm.nih.gov/mesh/"


def term(text, ui="T1", permuted="N"):
    return f'<Term IsPermutedTermYN="{permuted}"><TermUI>{ui}</TermUI><String>{text}</String></Term>'


def descriptor(ui, name, trees=(), terms="", note=""):
    numbers = "".join(f"<TreeNumber>{tree}</TreeNumber>" for tree in trees)
    return f"""<DescriptorRecord DescriptorClass="1"><DescriptorUI>{ui}</DescriptorUI>
    <DescriptorName><String>{name}</String></DescriptorName>
    <TreeNumberList>{numbers}</TreeNumberList>
    <ConceptList><Concept PreferredConceptYN="Y"><ConceptUI>M{ui}</ConceptUI>{note}
    <TermList>{terms}</TermList></Concept></ConceptList></DescriptorRecord>
    """


def file_of(tmp_path, *records, code="eng", name="desc.xml", doctype=""):
    path = tmp_path / name
    text = "".join(records)
    path.write_text(
        f'<?xml version="1.0"?>\n{doctype}\n<DescriptorRecordSet LanguageCode = "{code}">\n{text}</DescriptorRecordSet>',
        encoding="utf-8",
    )
    return path


ENGLISH = (
    descriptor("D900001", "Care", ["N02.400"]),
    descriptor(
        "D900002",
        "Home Care",
        ["N02.400.500", "E02.700"],
        term("Home Care") + term("Domiciliary Care", "T2") + term("Care, Home", "T3", "Y"),
        "<ScopeNote>Care given\n   at home.</ScopeNote>",
    ),
    descriptor("D900003", "Night Care", ["N02.400.500.100.300"]),
)


def concepts_of(read):
    return {concept.id: concept for concept in read.content.concepts}


def test_descriptors_become_concepts_with_terms_notes_and_tree(tmp_path):
    read = read_foreign(file_of(tmp_path, *ENGLISH))
    concepts = concepts_of(read)
    home = concepts["mesh/D900002"]
    assert read.kind == "mesh"
    assert read.findings == ()
    assert home.pref_label == {"en": "Home Care"}
    assert home.alt_label == {"en": ("Domiciliary Care",)}
    assert home.hidden_label == {"en": ("Care, Home",)}
    assert home.definition == {"en": "Care given at home."}
    assert home.notation == "D900002"
    assert home.broader == ("mesh/D900001",)
    assert concepts["mesh/D900003"].broader == ("mesh/D900002",)
    assert read.content.foreign["mesh/D900002"] == f"{MESH}D900002"


def test_the_publisher_s_doctype_is_no_reason_to_refuse_and_nothing_is_fetched(tmp_path):
    doctype = '<!DOCTYPE DescriptorRecordSet SYSTEM "https://elsewhere.test/desc.dtd">'
    assert len(read_foreign(file_of(tmp_path, *ENGLISH, doctype=doctype)).content.concepts) == 3


def test_a_translation_has_both_languages_apart(tmp_path):
    record = descriptor(
        "D900002",
        "Hjemmeomsorg[Home Care]",
        ["N02.400.500"],
        term("Hjemmeomsorg", "nor0001") + term("Omsorg hjemme", "nor0002") + term("Domiciliary Care", "T2"),
        "<ScopeNote>Care given at home.</ScopeNote><TranslatorsScopeNote>Omsorg som gis hjemme.</TranslatorsScopeNote>",
    )
    (home,) = read_foreign(file_of(tmp_path, record, code="nor")).content.concepts
    assert home.pref_label == {"en": "Home Care", "nb": "Hjemmeomsorg"}
    assert home.alt_label == {"en": ("Domiciliary Care",), "nb": ("Omsorg hjemme",)}
    assert home.definition == {"en": "Care given at home.", "nb": "Omsorg som gis hjemme."}


def test_a_file_whose_language_is_not_stated_gets_the_given_one(tmp_path):
    record = descriptor("D900002", "Heimeomsorg", terms=term("Omsorg heime", "nno0001"))
    (home,) = read_foreign(file_of(tmp_path, record), language="nn").content.concepts
    assert home.pref_label == {"nn": "Heimeomsorg"}
    assert home.alt_label == {"nn": ("Omsorg heime",)}


def test_several_languages_of_one_release_become_one_vocabulary(tmp_path):
    norwegian = file_of(tmp_path, descriptor("D900001", "Omsorg[Care]"), code="nor", name="nor.xml")
    concepts = concepts_of(read_foreign([file_of(tmp_path, *ENGLISH), norwegian]))
    assert concepts["mesh/D900001"].pref_label == {"en": "Care", "nb": "Omsorg"}
    assert len(concepts) == 3


def test_what_is_read_is_written_and_read_again(tmp_path):
    content = read_foreign(file_of(tmp_path, *ENGLISH)).content
    path = tmp_path / "again.ttl"
    path.write_text(write_skos(Vocabulary(content.schemes, content.concepts, foreign=content.foreign)))
    assert read_skos([path]) == content


def test_bad_records_are_found_with_their_line_and_the_rest_goes_on(tmp_path):
    records = (
        descriptor("", "Nobody"), descriptor("D900001", "Care"), descriptor("D900001", "Care again"),
        descriptor("D900004", ""),
    )  # fmt: skip
    read = read_foreign(file_of(tmp_path, *records))
    assert [concept.pref_label for concept in read.content.concepts] == [{"en": "Care"}]
    assert [(f.line, f.record.removeprefix(MESH), f.field) for f in read.findings] == [
        (4, "?", "DescriptorUI"), (14, "D900001", "DescriptorUI"), (None, "D900004", "preferred label"),
    ]  # fmt: skip
    assert "desc.xml, line 4" in str(read.findings[0])


def test_a_circle_in_the_tree_is_opened(tmp_path):
    records = descriptor("D900001", "A", ["N1", "N2.1"]), descriptor("D900002", "B", ["N1.1", "N2"])
    read = read_foreign(file_of(tmp_path, *records))
    assert sorted(concept.broader for concept in read.content.concepts) == [(), ("mesh/D900002",)]
    assert [f.field for f in read.findings] == ["broader"]


def test_a_truncated_file_is_refused_with_its_line(tmp_path):
    path = file_of(tmp_path, *ENGLISH)
    text = path.read_text(encoding="utf-8")
    cut = text[: text.index("D900003") + 20]
    path.write_text(cut, encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"desc\.xml, line \d+") as caught:
        read_foreign(path)
    assert caught.value.line == cut.count("\n") + 1


def test_entities_are_refused_before_anything_is_expanded(tmp_path):
    bomb = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 20}">' for i in range(12))
    doctype = f'<!DOCTYPE DescriptorRecordSet [<!ENTITY e0 "fall">{bomb}]>'
    with pytest.raises(VocabularyError, match="declares entities"):
        read_foreign(file_of(tmp_path, descriptor("D900001", "&e12;"), doctype=doctype))
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    doctype = f'<!DOCTYPE DescriptorRecordSet [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    with pytest.raises(VocabularyError, match="declares entities"):
        read_foreign(file_of(tmp_path, descriptor("D900001", "&e;"), doctype=doctype))
