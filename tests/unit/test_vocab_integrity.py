import pytest

from vocab.integrity import RULES, check_files
from vocab.vocabulary import bundled_files

SOUND = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix t: <https://w3id.org/kompetansegraf/t/> .
@prefix u: <https://w3id.org/kompetansegraf/u/> .
@prefix v: <https://w3id.org/kompetansegraf/> .

v:t a skos:ConceptScheme ; skos:prefLabel "T"@nb ; skos:hasTopConcept t:a .
v:u a skos:ConceptScheme ; skos:prefLabel "U"@nb ; skos:hasTopConcept u:x .
t:a a skos:Concept ; skos:inScheme v:t ; skos:topConceptOf v:t ; skos:narrower t:b, t:c ;
  skos:prefLabel "alfa"@nb, "alfa"@nn, "alpha"@en .
t:b a skos:Concept ; skos:inScheme v:t ; skos:broader t:a ; skos:narrower t:d ; skos:related u:x ;
  skos:exactMatch <http://id.nlm.nih.gov/mesh/D1> ; skos:notation "B" ;
  skos:prefLabel "beta"@nb, "beta"@nn, "beta"@en ; skos:altLabel "bokstav"@nb .
t:c a skos:Concept ; skos:inScheme v:t ; skos:broader t:a ; skos:notation "C" ;
  skos:prefLabel "gamma"@nb, "gamma"@nn, "gamma"@en .
t:d a skos:Concept ; skos:inScheme v:t ; skos:broader t:b ;
  skos:prefLabel "delta"@nb, "delta"@nn, "delta"@en .
u:x a skos:Concept ; skos:inScheme v:u ; skos:topConceptOf v:u ; skos:related t:b ;
  skos:prefLabel "ksi"@nb, "ksi"@nn, "xi"@en .
"""

FAULTS = {
    "no-scheme": ("t:d a skos:Concept ; skos:inScheme v:t ;", "t:d a skos:Concept ;"),
    "empty-label": ('"bokstav"@nb', '" "@nb'),
    "label-edge-space": ('"bokstav"@nb', '"bokstav "@nb'),
    "unprintable": ('"bokstav"@nb', '"bok\\u0007stav"@nb'),
    "bad-lang": ('"bokstav"@nb', '"bokstav"@sv'),
    "S14-multiple-pref": ('"gamma"@nb,', '"gamma"@nb, "en annen"@nb,'),
    "missing-pref": ('"gamma"@nn, ', ""),
    "S13-disjoint-labels": ('"bokstav"@nb', '"Beta"@nb'),
    "cycle": ("t:b a skos:Concept ;", ("t:b a skos:Concept ; skos:broader t:d ."
              " t:d skos:narrower t:b . t:b a skos:Concept ;")),
    "top-with-broader": ("t:d a skos:Concept ;", "t:d a skos:Concept ; skos:topConceptOf v:t ;"),
    "orphan-no-broader-no-top": ("u:x a skos:Concept ; skos:inScheme v:u ; skos:topConceptOf v:u",
                                 ("u:y a skos:Concept ; skos:inScheme v:u ; skos:prefLabel \"y\"@nb, \"y\"@nn, \"y\"@en ."
                                 " u:x a skos:Concept ; skos:inScheme v:u ; skos:topConceptOf v:u")),
    "broader-undefined": ("skos:broader t:b ;", "skos:broader t:b, t:nothing ;"),
    "hier-redundancy": ("skos:broader t:b ;", ("skos:broader t:b, t:a ."
                        " t:a skos:narrower t:d . t:d a skos:Concept ;")),
    "unidirectional-hier": ("skos:narrower t:d ; ", ""),
    "broader-across-schemes": ("t:d a skos:Concept ;", ("t:d a skos:Concept ; skos:broader u:x ."
                               " u:x skos:narrower t:d . t:d a skos:Concept ;")),
    "reflexive-related": ("t:d a skos:Concept ;", "t:d a skos:Concept ; skos:related t:d ;"),
    "S27-related-vs-hier": ("t:d a skos:Concept ;", ("t:d a skos:Concept ; skos:related t:a ."
                            " t:a skos:related t:d . t:d a skos:Concept ;")),
    "unidirectional-related": ("skos:topConceptOf v:u ; skos:related t:b", "skos:topConceptOf v:u"),
    "valueless-sibling-related": ("t:c a skos:Concept ;", ("t:c a skos:Concept ; skos:related t:b ."
                                  " t:b skos:related t:c . t:c a skos:Concept ;")),
    "S46-mapping-clash": ("skos:notation \"B\"", "skos:broadMatch <http://id.nlm.nih.gov/mesh/D1> ; skos:notation \"B\""),
    "mapping-misuse": ("skos:notation \"B\"", "skos:closeMatch t:c ; skos:notation \"B\""),
    "pref-duplicate-in-scheme": ('"gamma"@nb,', '"Beta"@nb,'),
    "label-overlap-in-scheme": ('"gamma"@en .', '"gamma"@en ; skos:altLabel "bokstav"@nb .'),
    "notation-duplicate": ('skos:notation "C"', 'skos:notation "B"'),
    "exactMatch-shared-target": ('skos:notation "C"', 'skos:exactMatch <http://id.nlm.nih.gov/mesh/D1>'),
    "omitted-top-concepts": ("; skos:hasTopConcept u:x .", "."),
}  # fmt: skip


def check(tmp_path, text):
    path = tmp_path / "v.ttl"
    path.write_text(text, encoding="utf-8")
    return check_files([path])


def test_the_bundled_vocabulary_breaks_no_rule():
    findings, summary = check_files(bundled_files())
    assert findings == []
    assert (summary.concepts, summary.schemes, summary.max_depth) == (926, 13, 3)


def test_a_sound_vocabulary_breaks_no_rule(tmp_path):
    findings, summary = check(tmp_path, SOUND)
    assert findings == []
    assert (summary.concepts, summary.schemes, summary.labels, summary.components) == (5, 2, 16, 1)
    assert (summary.max_depth, summary.undocumented) == (2, 5)


def test_there_is_a_fault_for_every_one_of_the_26_rules():
    assert len(RULES) == 26
    assert FAULTS.keys() == RULES.keys()


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_the_rule_finds_its_fault(tmp_path, code):
    sound, faulty = FAULTS[code]
    assert SOUND.count(sound) == 1, "the fault must change the file in one place"
    findings, _ = check(tmp_path, SOUND.replace(sound, faulty))
    found = [finding for finding in findings if finding.code == code]
    assert found, f"{code} not among {[finding.code for finding in findings]}"
    assert all((f.severity, f.advice) == RULES[code] for f in found)
    assert all(f.message and f.concept.startswith(("https://w3id.org/", "http://id.nlm")) for f in found)


@pytest.mark.parametrize(
    "code", ["bad-lang", "missing-pref", "S13-disjoint-labels", "notation-duplicate", "omitted-top-concepts"]
)
def test_a_fault_breaks_no_other_rule(tmp_path, code):
    findings, _ = check(tmp_path, SOUND.replace(*FAULTS[code]))
    assert {finding.code for finding in findings} == {code}


def test_a_finding_names_file_and_line(tmp_path):
    (finding,), _ = check(tmp_path, SOUND.replace(*FAULTS["missing-pref"]))
    assert finding.concept == "https://w3id.org/kompetansegraf/t/c"
    line = next(n for n, text in enumerate(SOUND.splitlines(), 1) if text.startswith("t:c a"))
    assert finding.place == f"v.ttl:{line}"


def test_errors_come_before_warnings(tmp_path):
    text = SOUND.replace(*FAULTS["label-edge-space"]).replace(*FAULTS["missing-pref"])
    findings, _ = check(tmp_path, text)
    assert [f.severity for f in findings] == ["error", "warning"]


def test_the_languages_asked_for_count(tmp_path):
    path = tmp_path / "v.ttl"
    path.write_text(SOUND, encoding="utf-8")
    findings, _ = check_files([path], languages=("nb", "nn", "en", "se"))
    assert {f.code for f in findings} == {"missing-pref"}
    assert len(findings) == 5


def test_files_are_checked_together(tmp_path):
    lines = SOUND.splitlines(keepends=True)
    head = "".join(lines[:6])
    cut = next(n for n, line in enumerate(lines) if line.startswith("u:x a"))
    (tmp_path / "a.ttl").write_text("".join(lines[:cut]), encoding="utf-8")
    (tmp_path / "b.ttl").write_text(head + "".join(lines[cut:]), encoding="utf-8")
    findings, summary = check_files(tmp_path.glob("*.ttl"))
    assert findings == []
    assert summary.concepts == 5
