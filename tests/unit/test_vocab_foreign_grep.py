import json
from datetime import date

import pytest

from vocab.foreign import read_foreign
from vocab.foreign.grep import read_grep
from vocab.foreign.harvest import Harvest
from vocab.skos import read_skos, write_skos
from vocab.triples import VocabularyError
from vocab.vocabulary import Vocabulary

PSI = "http://psi.udir.no/kl06/"
PLAN = {
    "kode": "XYZ01-02",
    "uri": f"{PSI}XYZ01-02",
    "tittel": {
        "tekst": [
            {"spraak": "default", "verdi": "Læreplan i helsestell"},
            {"spraak": "nob", "verdi": "Læreplan i helsestell"},
            {"spraak": "eng", "verdi": "Health care curriculum"},
            {"spraak": "sme", "verdi": "Dearvvašvuođa oahppoplána"},
        ]
    },
    "gyldig-til": "2035-07-31T00:00:00",
}
OLD_PLAN = {
    "kode": "XYZ01-01",
    "tittel": [{"spraak": "nob", "verdi": "Gammel læreplan"}],
    "gyldig-til": "2020-07-31T00:00:00",
    "erstattes-av": [{"kode": "XYZ01-02", "uri": f"{PSI}XYZ01-02", "tittel": "Læreplan i helsestell"}],
}
GOAL = {
    "kode": "KM90001",
    "tittel": {"tekst": [{"spraak": "default", "verdi": "Mål for opplæringa er at eleven skal kunne førebyggje fall hjå pasientar"}]},
    "tilhoerer-laereplan": {"kode": "XYZ01-02", "uri": f"{PSI}XYZ01-02", "tittel": "Læreplan i helsestell"},
}  # fmt: skip


def write(folder, what, name="grep.json"):
    path = folder / name
    path.write_text(what if isinstance(what, str) else json.dumps(what), encoding="utf-8")
    return path


def concepts_of(read):
    return {concept.id: concept for concept in read.content.concepts}


def test_plans_and_goals_become_concepts_in_their_languages(tmp_path):
    read = read_foreign(write(tmp_path, [PLAN, OLD_PLAN, GOAL]))
    concepts = concepts_of(read)
    assert read.kind == "grep"
    assert read.findings == ()
    assert concepts["grep/XYZ01-02"].pref_label == {
        "en": "Health care curriculum",
        "nb": "Læreplan i helsestell",
        "se": "Dearvvašvuođa oahppoplána",
    }
    assert concepts["grep/KM90001"].broader == ("grep/XYZ01-02",)
    assert concepts["grep/KM90001"].notation == "KM90001"
    assert read.content.foreign["grep/KM90001"] == f"{PSI}KM90001"


def test_the_default_language_is_detected(tmp_path):
    (goal,) = read_foreign(write(tmp_path, GOAL)).content.concepts
    assert list(goal.pref_label) == ["nn"]


def test_what_has_ended_is_deprecated_and_leads_to_what_replaced_it(tmp_path):
    read = read_foreign(write(tmp_path, [PLAN, OLD_PLAN]))
    old = concepts_of(read)["grep/XYZ01-01"]
    assert old.deprecated
    assert old.replaced_by == "grep/XYZ01-02"
    assert not concepts_of(read)["grep/XYZ01-02"].deprecated
    vocabulary = Vocabulary(read.content.schemes, read.content.concepts, foreign=read.content.foreign)
    assert vocabulary.resolve("grep/XYZ01-01") == "grep/XYZ01-02"
    written = write(tmp_path, write_skos(vocabulary), "again.ttl")
    assert read_skos([written]) == read.content


def test_an_end_in_the_future_is_no_end(tmp_path):
    for today, ended in ((date(2035, 7, 31), False), (date(2035, 8, 1), True)):
        harvest = Harvest("https://w3id.org/kompetansegraf/")
        read_grep(write(tmp_path, PLAN), harvest, today)
        assert harvest.records.concepts[f"{PSI}XYZ01-02"].deprecated is ended


def test_goals_within_a_plan_are_below_it(tmp_path):
    sets = [{"kode": "KV900", "tittel": [{"spraak": "nob", "verdi": "Etter Vg2"}],
             "kompetansemaal": [{"kode": "KM90001", "tittel": "gi førstehjelp til pasienten"}]}]  # fmt: skip
    concepts = concepts_of(read_foreign(write(tmp_path, PLAN | {"kompetansemaalsett": sets})))
    assert concepts["grep/KM90001"].broader == ("grep/KV900",)
    assert concepts["grep/KV900"].broader == ("grep/XYZ01-02",)


def test_bad_records_are_found_and_the_rest_goes_on(tmp_path):
    nameless = {"kode": "KM90003", "tittel": {"tekst": []}}
    no_code = {key: value for key, value in GOAL.items() if key != "kode"}
    odd_date = OLD_PLAN | {"gyldig-til": "snart"}
    read = read_foreign(write(tmp_path, [PLAN, no_code, nameless, odd_date, "tekst", 7]), "grep")
    assert set(concepts_of(read)) == {"grep/XYZ01-02", "grep/XYZ01-01"}
    assert [(f.record, f.field) for f in read.findings] == [
        ("record 2", "kode"), ("KM90003", "tittel"), ("XYZ01-01", "gyldig-til"),
        ("record 5", "kode"), ("record 6", "kode"),
    ]  # fmt: skip


def test_a_file_without_any_code_is_refused_and_the_field_named(tmp_path):
    path = write(tmp_path, {"tittel": [{"spraak": "nob", "verdi": "Uten kode"}]})
    with pytest.raises(VocabularyError, match=r"grep\.json: no concept could be read.*kode"):
        read_foreign(path, "grep")


def test_broken_json_is_refused_with_its_line(tmp_path):
    with pytest.raises(VocabularyError, match=r"grep\.json, line 3"):
        read_foreign(write(tmp_path, '[\n{"kode": "X"},\n{"kode": }]'))
    with pytest.raises(VocabularyError, match=r"nested too deep|line 1"):
        read_foreign(write(tmp_path, "[" * 200_000))
