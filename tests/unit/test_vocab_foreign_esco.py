import pytest

from vocab.concept import ConceptMapping
from vocab.foreign import read_foreign
from vocab.skos import read_skos, write_skos
from vocab.triples import VocabularyError
from vocab.vocabulary import Vocabulary

ESCO = "http://data.europa.eu/esco/"
OCCUPATIONS = f"""conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,hiddenLabels,status,description,code
Occupation,{ESCO}occupation/o1,2221,sykepleier,"syster
pleier, utdannet",sjukepleier,released,"Gir pleie.
På to linjer.",2221.1
Occupation,{ESCO}occupation/o2,2221,kreftsykepleier,,,obsolete,,2221.1.1
"""
SKILLS = f"""conceptType,conceptUri,skillType,preferredLabel,altLabels,status,description,definition
KnowledgeSkillCompetence,{ESCO}skill/s1,skill/competence,stelle sår,,released,En beskrivelse.,En definisjon.
"""
RELATIONS = f"""conceptType,conceptUri,conceptLabel,broaderType,broaderUri,broaderLabel
Occupation,{ESCO}occupation/o1,,ISCOGroup,{ESCO}isco/C2221,
Occupation,{ESCO}occupation/o2,,Occupation,{ESCO}occupation/o1,
Occupation,{ESCO}occupation/o2,,Occupation,{ESCO}occupation/gone,
"""


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def concepts_of(read):
    return {concept.id: concept for concept in read.content.concepts}


def test_occupations_become_concepts_with_the_relations_beside_them(tmp_path):
    write(tmp_path, "broaderRelationsOccPillar_no.csv", RELATIONS)
    read = read_foreign(write(tmp_path, "occupations_no.csv", OCCUPATIONS))
    concepts = concepts_of(read)
    nurse = concepts["esco-occupations/o1"]
    assert read.kind == "esco"
    assert nurse.pref_label == {"nb": "sykepleier"}
    assert nurse.alt_label == {"nb": ("pleier, utdannet", "syster")}
    assert nurse.hidden_label == {"nb": ("sjukepleier",)}
    assert nurse.definition == {"nb": "Gir pleie.\nPå to linjer."}
    assert nurse.mappings == (ConceptMapping("broad", "isco08", "2221"),)
    assert nurse.notation == "2221.1"
    assert concepts["esco-occupations/o2"].broader == ("esco-occupations/o1",)
    assert (nurse.deprecated, concepts["esco-occupations/o2"].deprecated) == (False, True)
    assert [(f.record, f.field) for f in read.findings] == [("1 rows", "broaderUri")]


def test_several_languages_and_pillars_are_read_together(tmp_path):
    english = OCCUPATIONS.replace("sykepleier", "nurse").replace("syster", "sister")
    read = read_foreign(
        [write(tmp_path, "occupations_en.csv", english), write(tmp_path, "occupations_no.csv", OCCUPATIONS),
         write(tmp_path, "skills_nb.csv", SKILLS)]
    )  # fmt: skip
    concepts = concepts_of(read)
    assert concepts["esco-occupations/o1"].pref_label == {"en": "nurse", "nb": "sykepleier"}
    assert concepts["esco-skills/s1"].pref_label == {"nb": "stelle sår"}
    assert concepts["esco-skills/s1"].definition == {"nb": "En definisjon."}
    assert [scheme.id for scheme in read.content.schemes] == ["esco-occupations", "esco-skills"]
    vocabulary = Vocabulary(read.content.schemes, read.content.concepts, foreign=read.content.foreign)
    assert read_skos([write(tmp_path, "again.ttl", write_skos(vocabulary))]) == read.content


def test_the_language_is_of_the_name_or_given(tmp_path):
    path = write(tmp_path, "yrker.csv", OCCUPATIONS)
    with pytest.raises(VocabularyError, match=r"yrker\.csv.*say which one"):
        read_foreign(path)
    assert read_foreign(path, language="nn").content.concepts[0].pref_label == {"nn": "sykepleier"}


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path):
    path = write(tmp_path, "occupations_no.csv", OCCUPATIONS.replace("preferredLabel", "navn"))
    with pytest.raises(VocabularyError, match=r"line 1: no column preferredLabel; .*navn"):
        read_foreign(path, "esco")


def test_bad_rows_are_found_with_their_line_and_the_rest_goes_on(tmp_path):
    text = OCCUPATIONS + (
        f"Occupation,,2221,uten adresse,,,,,\nOccupation,{ESCO}occupation/o3,2221,,,,,,\n"
        f"Occupation,{ESCO}occupation/o1,2221,en gang til,,,,,\nOccupation,bare tekst,2221,x,,,,,\nOccupation\n"
    )
    read = read_foreign(write(tmp_path, "occupations_no.csv", text))
    assert len(read.content.concepts) == 2
    assert [(f.line, f.field) for f in read.findings] == [
        (6, "conceptUri"), (7, "preferredLabel"), (8, "conceptUri"), (9, "conceptUri"), (10, "conceptUri"),
    ]  # fmt: skip


def test_a_quotation_mark_that_never_ends_and_bytes_that_are_no_text_are_refused(tmp_path):
    path = write(
        tmp_path, "occupations_no.csv", OCCUPATIONS + f'Occupation,{ESCO}occupation/o4,1,"uten slutt\n'
    )
    with pytest.raises(VocabularyError, match="not readable as CSV") as caught:
        read_foreign(path)
    assert caught.value.line is not None
    path.write_bytes(OCCUPATIONS.encode() + b"\xff\xfe\n")
    with pytest.raises(VocabularyError, match="not UTF-8"):
        read_foreign(path)
