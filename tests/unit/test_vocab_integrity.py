from pathlib import Path

import pytest
from rdflib import Graph

from vocab.integrity import RULES, check_files
from vocab.triples import VocabularyError
from vocab.vocabulary import bundled_files

SOUND = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix t: <https://w3id.org/kompetansegraf/t/> .
@prefix u: <https://w3id.org/kompetansegraf/u/> .
@prefix v: <https://w3id.org/kompetansegraf/> .

v:t a skos:ConceptScheme ; skos:prefLabel "T"@nb ; skos:hasTopConcept t:a .
v:u a skos:ConceptScheme ; skos:prefLabel "U"@nb ; skos:hasTopConcept u:x .
t:a a skos:Concept ; skos:inScheme v:t ; skos:topConceptOf v:t ; skos:narrower t:b,
    t:c ;
  skos:prefLabel "alfa"@nb, "alfa"@nn, "alpha"@en ; skos:definition "Det som kommer først."@nb .
t:b a skos:Concept ; skos:inScheme v:t ; skos:broader t:a ; skos:narrower t:d ; skos:related u:x ;
  skos:exactMatch <http://id.nlm.nih.gov/mesh/D1> ; skos:notation "B" ;
  skos:prefLabel "beta"@nb, "beta"@nn, "beta"@en ; skos:altLabel "bokstav"@nb ;
  skos:definition "Det som kommer etter."@nb .
t:c a skos:Concept ; skos:inScheme v:t ; skos:broader t:a ; skos:notation "C" ;
  skos:prefLabel "gamma"@nb, "gamma"@nn, "gamma"@en ; skos:definition "Tegn nummer tre."@nb .
t:d a skos:Concept ; skos:inScheme v:t ; skos:broader t:b ;
  skos:prefLabel "delta"@nb, "delta"@nn, "delta"@en ; skos:definition "Et fjerde tegn."@nb .
u:x a skos:Concept ; skos:inScheme v:u ; skos:topConceptOf v:u ; skos:related t:b ;
  skos:prefLabel "ksi"@nb, "ksi"@nn, "xi"@en .
u:y a skos:Concept ; skos:inScheme v:u ; skos:prefLabel "pi"@nb, "pi"@nn, "pi"@en ;
  owl:deprecated true ; dct:isReplacedBy u:x .
"""

D = "t:d a skos:Concept ;"
FAULTS = {  # rule: what to change, into what, the concept that is named
    "no-scheme": ("t:d a skos:Concept ; skos:inScheme v:t ;", "t:d a skos:Concept ;", "t/d"),
    "bad-uri": ("u:y a skos:Concept ;", "<ftp://e.test/y> a skos:Concept ;", "ftp://e.test/y"),
    "empty-label": ('"bokstav"@nb', '" "@nb', "t/b"),
    "label-edge-space": ('"bokstav"@nb', '"bokstav "@nb', "t/b"),
    "unprintable": ('"bokstav"@nb', '"bok\\u0099stav"@nb', "t/b"),
    "bad-lang": ('"bokstav"@nb', '"bokstav"@sv', "t/b"),
    "S14-multiple-pref": ('"gamma"@nb,', '"gamma"@nb, "en annen"@nb,', "t/c"),
    "missing-pref": ('"gamma"@nn, ', "", "t/c"),
    "S13-disjoint-labels": ('"bokstav"@nb', '"Beta"@nb', "t/b"),
    "cycle": (D, f"t:b skos:broader t:d . t:d skos:narrower t:b . {D}", "t/b"),
    "top-with-broader": (D, f"{D} skos:topConceptOf v:t ;", "t/d"),
    "orphan-no-broader-no-top": (D, f'u:z a skos:Concept ; skos:inScheme v:u ; skos:prefLabel "z"@nb, "z"@nn, "z"@en . {D}', "u/z"),
    "broader-undefined": ("skos:broader t:b ;", "skos:broader t:b, t:nothing ;", "t/d"),
    "hier-redundancy": (D, f"t:d skos:broader t:a . t:a skos:narrower t:d . {D}", "t/d"),
    "unidirectional-hier": ("skos:narrower t:d ; ", "", "t/d"),
    "broader-across-schemes": (D, f"t:d skos:broader u:x . u:x skos:narrower t:d . {D}", "t/d"),
    "reflexive-related": (D, f"{D} skos:related t:d ;", "t/d"),
    "S27-related-vs-hier": (D, f"t:d skos:related t:a . t:a skos:related t:d . {D}", "t/a"),
    "unidirectional-related": ("skos:topConceptOf v:u ; skos:related t:b", "skos:topConceptOf v:u", "t/b"),
    "valueless-sibling-related": (D, f"t:c skos:related t:b . t:b skos:related t:c . {D}", "t/b"),
    "S46-mapping-clash": (D, f"t:b skos:broadMatch <http://id.nlm.nih.gov/mesh/D1> . {D}", "t/b"),
    "mapping-misuse": (D, f"t:b skos:closeMatch t:c . {D}", "t/b"),
    "pref-duplicate-in-scheme": ('"gamma"@nb,', '"Beta"@nb,', "t/b"),
    "label-overlap-in-scheme": (D, f'{D} skos:altLabel "bokstav"@nb ;', "t/b"),
    "label-overlap-after-analysis": (D, f'{D} skos:altLabel "Bokstavene"@nb ;', "t/b"),
    "notation-duplicate": ('skos:notation "C"', 'skos:notation "B"', "t/b"),
    "exactMatch-shared-target": (D, f"{D} skos:exactMatch <http://id.nlm.nih.gov/mesh/D1> ;", "t/b"),
    "omitted-top-concepts": ("; skos:hasTopConcept u:x .", ".", "u"),
    "definition-missing": (' ; skos:definition "Et fjerde tegn."@nb', "", "t/d"),
    "definition-repeats-label": ("Et fjerde tegn.", "Delta.", "t/d"),
    "definition-shared": ("Et fjerde tegn.", "Tegn nummer tre.", "t/c"),
    "definition-long": ("Et fjerde tegn.", "Et " + "fjerde tegn " * 30 + ".", "t/d"),
    "definition-without-end": ("Et fjerde tegn.", "Et fjerde tegn", "t/d"),
    "replacement-missing": (" ; dct:isReplacedBy u:x", "", "u/y"),
    "replacement-unusable": ("dct:isReplacedBy u:x", "dct:isReplacedBy u:y", "u/y"),
}  # fmt: skip
OF_THE_RESEARCH = frozenset(
    [
        "no-scheme",
        "empty-label",
        "label-edge-space",
        "unprintable",
        "bad-lang",
        "S14-multiple-pref",
        "missing-pref",
        "S13-disjoint-labels",
        "cycle",
        "top-with-broader",
        "orphan-no-broader-no-top",
        "broader-undefined",
        "hier-redundancy",
        "unidirectional-hier",
        "broader-across-schemes",
        "reflexive-related",
        "S27-related-vs-hier",
        "unidirectional-related",
        "valueless-sibling-related",
        "S46-mapping-clash",
        "mapping-misuse",
        "pref-duplicate-in-scheme",
        "label-overlap-in-scheme",
        "notation-duplicate",
        "exactMatch-shared-target",
        "omitted-top-concepts",
    ]
)
CHANGES = {  # rules about what is lost: what the new edition has instead
    "old-label-lost": ('"gamma"@nn', '"den tredje"@nn', "t/c"),
    "concept-lost": (SOUND[SOUND.index("u:y a"):], "", "u/y"),
}  # fmt: skip
BASE = "https://w3id.org/kompetansegraf/"


def check(tmp_path, text, ending=".ttl", **wanted):
    path = tmp_path / f"v{ending}"
    if ending == ".ttl":
        path.write_text(text, encoding="utf-8")
    else:
        form = {".rdf": "pretty-xml", ".jsonld": "json-ld"}[ending]
        Graph().parse(data=text, format="turtle").serialize(path, format=form, encoding="utf-8")
    return check_files([path], **wanted)


def uri(concept):
    return concept if ":" in concept else BASE + concept


def test_the_bundled_vocabulary_breaks_no_rule():
    findings, summary = check_files(bundled_files(), definitions=True)
    assert findings == []
    assert (summary.concepts, summary.schemes, summary.max_depth) == (926, 13, 3)


def test_a_sound_vocabulary_breaks_no_rule(tmp_path):
    findings, summary = check(tmp_path, SOUND)
    assert findings == []
    assert (summary.concepts, summary.schemes, summary.labels, summary.components) == (6, 2, 19, 2)
    assert (summary.max_depth, summary.undocumented) == (2, 2)


def test_there_is_a_fault_for_every_rule():
    assert len(OF_THE_RESEARCH) == 26
    assert FAULTS.keys() > OF_THE_RESEARCH
    assert {*FAULTS, *CHANGES, "no-concept"} == RULES.keys()


@pytest.mark.parametrize("ending", [".ttl", ".rdf", ".jsonld"])
@pytest.mark.parametrize("code", sorted(FAULTS))
def test_a_fault_gives_exactly_its_finding_with_concept_place_and_advice(tmp_path, code, ending):
    sound, faulty, concept = FAULTS[code]
    assert SOUND.count(sound) == 1, "the fault must change the file in one place"
    findings, _ = check(tmp_path, SOUND.replace(sound, faulty), ending)
    assert [finding.code for finding in findings] == [code]
    (finding,) = findings
    assert (finding.severity, finding.advice) == RULES[code]
    assert finding.concept == uri(concept)
    assert finding.message
    name, _, line = finding.place.partition(":")
    assert name == f"v{ending}"
    lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
    local = concept.split("/")[-1]
    assert f"{local}" in lines[int(line) - 1]
    if ending == ".ttl":
        assert lines[int(line) - 1].startswith((f"{concept.replace('/', ':')} ", f"<{concept}> ", f"v:{local}",
            *(f"t:{letter} skos:" for letter in "bcd")))  # fmt: skip
    else:
        assert f'"{uri(concept)}"' in lines[int(line) - 1]


@pytest.mark.parametrize("code", sorted(CHANGES))
def test_what_a_change_loses_is_found_beside_the_former_edition(tmp_path, code):
    former = tmp_path / "former"
    former.mkdir()
    (former / "v.ttl").write_text(SOUND, encoding="utf-8")
    sound, changed, concept = CHANGES[code]
    findings, _ = check(tmp_path, SOUND.replace(sound, changed), against=[former])
    assert [(f.code, f.concept) for f in findings] == [(code, uri(concept))]
    assert (findings[0].severity, findings[0].advice) == RULES[code]
    line = 1 + next(
        n for n, text in enumerate(SOUND.splitlines()) if text.startswith(concept.replace("/", ":"))
    )
    assert findings[0].place.endswith(f"v.ttl:{line}")
    assert check(tmp_path, SOUND, against=[former])[0] == []


def test_a_changed_label_may_stay_as_hidden_one(tmp_path):
    (tmp_path / "old.ttl").write_text(SOUND, encoding="utf-8")
    text = SOUND.replace('"gamma"@nn', '"den tredje"@nn ; skos:hiddenLabel "gamma"@nn ; skos:prefLabel')
    assert '"gamma"@nn ; skos:prefLabel, ' in text
    text = text.replace("skos:prefLabel, ", "skos:prefLabel ")
    assert check(tmp_path, text, against=[tmp_path / "old.ttl"])[0] == []


def test_a_finding_names_the_subject_not_a_line_that_begins_with_it_as_an_object(tmp_path):
    (finding,), _ = check(tmp_path, SOUND.replace(*FAULTS["missing-pref"][:2]))
    line = next(n for n, text in enumerate(SOUND.splitlines(), 1) if text.startswith("t:c a"))
    assert finding.place == f"v.ttl:{line}"


def test_a_circle_is_one_finding_and_names_all_in_it(tmp_path):
    (finding,), _ = check(tmp_path, SOUND.replace(*FAULTS["cycle"][:2]))
    assert f"{BASE}t/d" in finding.message


def test_labels_listed_as_reviewed_may_belong_to_several(tmp_path):
    sound, faulty, _ = FAULTS["label-overlap-after-analysis"]
    reviewed = tmp_path / "reviewed.tsv"
    reviewed.write_text("lang\tlabel\tconcepts\nnb\tbokstav\tt/b|t/d\n", encoding="utf-8")
    assert check(tmp_path, SOUND.replace(sound, faulty), reviewed=reviewed)[0] == []
    reviewed.write_text("lang\tlabel\tconcepts\nnb\tbokstav\tt/b|t/c\n", encoding="utf-8")
    assert len(check(tmp_path, SOUND.replace(sound, faulty), reviewed=reviewed)[0]) == 1


@pytest.mark.parametrize(
    ("content", "line"),
    [("lang\tconcept\nnb\tx\n", 1), ("lang\tlabel\tconcepts\nnb\tx\n", 2), ("", 1)],
)
def test_a_reviewed_list_of_another_shape_is_named_with_its_line(tmp_path, content, line):
    reviewed = tmp_path / "reviewed.tsv"
    reviewed.write_text(content, encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"reviewed\.tsv, line") as caught:
        check(tmp_path, SOUND, reviewed=reviewed)
    assert caught.value.line == line


def test_definitions_are_wanted_where_half_the_scheme_has_them_or_everywhere(tmp_path):
    assert check(tmp_path, SOUND)[0] == []
    everywhere, _ = check(tmp_path, SOUND, definitions=True, languages=("nb", "nn", "en"))
    assert {f.code for f in everywhere} == {"definition-missing"}
    assert len(everywhere) == 3 + 2 * 4, "three of u:x, nn and en of the others, none of the deprecated"


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        ("Delta er et delta.", True),
        ("En delta, og en delta til.", True),
        ("Delta er et tegn.", False),
    ],
)
def test_a_definition_of_the_labels_words_only_is_circular(tmp_path, definition, found):
    findings, _ = check(tmp_path, SOUND.replace("Et fjerde tegn.", definition))
    assert [f.code for f in findings] == ["definition-repeats-label"] * found


def test_errors_come_before_warnings(tmp_path):
    text = SOUND.replace(*FAULTS["label-edge-space"][:2]).replace(*FAULTS["missing-pref"][:2])
    findings, _ = check(tmp_path, text)
    assert [f.severity for f in findings] == ["error", "warning"]


def test_the_languages_asked_for_count(tmp_path):
    findings, _ = check(tmp_path, SOUND, languages=("nb", "nn", "en", "se"))
    assert {f.code for f in findings} == {"missing-pref"}
    assert len(findings) == 6


def test_files_and_folders_are_checked_together(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    lines = SOUND.splitlines(keepends=True)
    head = "".join(lines[:7])
    cut = next(n for n, line in enumerate(lines) if line.startswith("u:x a"))
    (folder / "a.ttl").write_text("".join(lines[:cut]), encoding="utf-8")
    (folder / "b.ttl").write_text(head + "".join(lines[cut:]), encoding="utf-8")
    for paths in (sorted(folder.iterdir()), [folder]):
        findings, summary = check_files(paths)
        assert findings == []
        assert summary.concepts == 6


def test_a_file_without_a_concept_is_named(tmp_path):
    (tmp_path / "v.ttl").write_text(SOUND, encoding="utf-8")
    (tmp_path / "page.xml").write_text("<html><body/></html>", encoding="utf-8")
    (finding,), _ = check_files([tmp_path])
    assert (finding.code, finding.place, finding.concept) == ("no-concept", "page.xml", "")


def test_files_of_one_name_are_told_apart_by_their_folder(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        text = SOUND.replace(BASE, f"https://{name}.test/").replace('"gamma"@nn, ', "")
        (tmp_path / name / "v.ttl").write_text(text, encoding="utf-8")
    findings, _ = check_files([tmp_path / "a", tmp_path / "b"])
    assert {Path(f.place.rpartition(":")[0]) for f in findings} >= {
        tmp_path / "a" / "v.ttl",
        tmp_path / "b" / "v.ttl",
    }
