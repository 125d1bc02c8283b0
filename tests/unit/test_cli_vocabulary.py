"""`vocab diff` and `vocab import` tell what would change, then take it into use; a refusal says what to do."""

import json
import shutil
from contextlib import closing
from dataclasses import replace

import pytest

from cli.main import main
from engine.bootstrap import load_settings, open_backups
from small_bank import fill, open_bank
from small_vocabulary import bundled, changed, keep, small_vocabulary, store_of
from vocab.concept import Concept, ConceptId
from vocab.merging import skos_files

FALL, SORE = "tema/fallforebygging", "tilstand/trykksar"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    data = tmp_path_factory.mktemp("bank") / "data"
    keep(data, small_vocabulary())
    fill(data)
    return data


@pytest.fixture
def data(filled, tmp_path, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "hashing")
    return shutil.copytree(filled, tmp_path / "data")


@pytest.fixture
def new():
    small = small_vocabulary()
    return changed(small, replace(small[FALL], alt_label={"nb": ("sårstell",)}), without=[SORE])


def written(folder, vocabulary, *schemes):
    folder.mkdir(exist_ok=True)
    for name, text in skos_files(vocabulary).items():
        if not schemes or name in schemes:
            (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def run(capsys, *words):
    code = main(["vocab", *map(str, words)])
    out = capsys.readouterr()
    return code, json.loads(out.out) if "--json" in words and code == 0 else out.out, out.err


def test_a_dry_run_tells_and_writes_nothing(capsys, data, new, tmp_path):
    folder = written(tmp_path / "new", new)
    golden = tmp_path / "golden.tsv"
    golden.write_text("query\tresource\tgrade\nsårstell\tkb-9\t2\n", encoding="utf-8")
    before = store_of(data).open().version
    words = ("diff", "current", folder, "--dry-run", "--golden", golden, "--data", data)
    code, told, _ = run(capsys, *words, "--json")
    assert code == 0
    assert [c["concept"] for c in told["changes"]["removed"]] == [SORE]
    assert {"id": "kb-9", "title": "Sårstell ved trykksår", "lost": [SORE], "won": [FALL]} in told["impact"][
        "resources"
    ]
    assert told["impact"]["golden"]["queries"] == 1
    assert told["applied"] is False
    code, said, err = run(capsys, *words)
    assert (code, store_of(data).open().version) == (0, before)
    assert "kb-9 (Sårstell ved trykksår): - tilstand/trykksar, + tema/fallforebygging" in said
    assert "Nothing was written" in err


def test_without_dry_run_it_is_in_use_and_indexed(capsys, data, new, tmp_path):
    folder = written(tmp_path / "new", new)
    code, told, err = run(capsys, "diff", "current", folder, "--index", "--json", "--data", data)
    assert code == 0, err
    assert told["applied"] is True
    assert told["index"]["whole"] == ""
    assert told["index"]["retagged"] == told["impact"]["tagged"]
    with closing(open_bank(data)) as engine:
        assert engine.vocabulary.version == new.version
        assert FALL in {t.concept for t in engine.resource("kb-9").about}
        assert engine.catalogue.audit_trail("vocabulary")[0].action == "replace vocabulary"


def test_only_what_was_shown_is_done(capsys, data, new, tmp_path):
    folder = written(tmp_path / "new", new)
    before = store_of(data).open().version
    code, _, err = run(capsys, "diff", "bundled", folder, "--data", data)
    assert code == 1
    assert "current" in err
    one = written(tmp_path / "one", new, "tema.ttl")
    code, _, err = run(capsys, "diff", "current", one, "--data", data)
    assert code == 1
    assert "vocab import" in err
    assert store_of(data).open().version == before
    assert run(capsys, "diff", "current", tmp_path / "none.ttl", "--data", data)[0] == 1
    assert run(capsys, "diff", "current")[0] == 2


def test_an_import_replaces_its_scheme_and_keeps_what_it_lacks(capsys, data, new, tmp_path):
    folder = written(tmp_path / "new", changed(new, without=["tilstand/sepsis"]), "tilstand.ttl")
    file = f"{folder}/tilstand.ttl"
    code, told, err = run(capsys, "import", file, "--data", data, "--dry-run", "--json")
    assert code == 0, err
    assert {c["concept"] for c in told["changes"]["deprecated"]} == {SORE, "tilstand/sepsis"}
    assert told["source"]["schemes"] == ["tilstand"]
    code, said, err = run(capsys, "import", file, "--data", data)
    assert code == 0, err
    assert "Concepts deprecated: 2" in said
    kept = store_of(data).open()
    assert kept[SORE].deprecated
    assert kept[FALL] == small_vocabulary()[FALL]
    assert run(capsys, "import", file, "--data", data, "--drop")[0] == 0
    assert SORE not in store_of(data).open()
    assert "nothing to do" in run(capsys, "import", file, "--data", data, "--drop")[2]


def test_an_import_that_would_break_our_own_is_refused(capsys, data, new, tmp_path):
    nameless = changed(new, Concept(ConceptId("tema/ny"), {"nb": "noe nytt"}))
    file = f"{written(tmp_path / 'new', nameless)}/tema.ttl"
    code, _, err = run(capsys, "import", file, "--data", data)
    assert (code, "missing-pref" in err, "tema/ny" in err) == (1, True, True)
    assert "tema/ny" not in store_of(data).open()
    assert run(capsys, "import", file, "--data", data, "--force")[0] == 0
    assert run(capsys, "import", file, "--kind", "excel", "--data", data)[0] == 2


THEIRS = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix e: <https://example.invalid/theirs/> .
<https://example.invalid/theirs> a skos:ConceptScheme ; skos:prefLabel "theirs"@en ; skos:hasTopConcept e:fp , e:xy .
e:fp a skos:Concept ; skos:inScheme <https://example.invalid/theirs> ; skos:topConceptOf <https://example.invalid/theirs> ;
  skos:prefLabel "fall prevention"@en , "fallforebygging"@nb , "fallførebygging"@nn .
e:xy a skos:Concept ; skos:inScheme <https://example.invalid/theirs> ; skos:topConceptOf <https://example.invalid/theirs> ;
  skos:prefLabel "håndvask"@nb ; skos:altLabel "sepsis"@nb .
"""


def test_mappings_that_are_sure_are_kept_and_the_others_listed(capsys, data, tmp_path):
    file = tmp_path / "theirs.ttl"
    file.write_text(THEIRS, encoding="utf-8")
    code, told, err = run(capsys, "import", file, "--map", "--not-matched", "--json", "--data", data)
    assert code == 0, err
    mappings = told["source"]["mappings"]
    assert [(m["source"], m["target"]) for m in mappings["kept"]] == [("theirs/fp", FALL)]
    assert ("theirs/xy", "tilstand/sepsis") in {(m["source"], m["target"]) for m in mappings["proposed"]}
    kept = store_of(data).open()
    assert [m.code for m in kept["theirs/fp"].mappings] == [kept.uri(FALL)]
    assert kept["theirs/xy"].mappings == ()
    assert told["impact"]["resources"] == told["impact"]["synonyms"] == []
    _, told, _ = run(capsys, "import", file, "--matched", "--json", "--data", data)
    assert [m.code for m in store_of(data).open()["theirs/fp"].mappings] == [kept.uri(FALL)]
    assert "håndvask" in {s["label"] for s in told["impact"]["synonyms"]}


def test_a_folder_of_the_settings_is_never_written_to(capsys, data, new, tmp_path, monkeypatch):
    own = written(tmp_path / "own", small_vocabulary())
    monkeypatch.setenv("KG_VOCABULARY", own)
    code, _, err = run(capsys, "diff", "current", written(tmp_path / "new", new), "--data", data)
    assert code == 1
    assert "KG_VOCABULARY" in err


def test_check_and_export_are_of_the_vocabulary_in_use(capsys, data):
    code, turtle, _ = run(capsys, "export", "--data", data)
    assert code == 0
    assert "trykksår" in turtle
    assert "helsefagarbeider" not in turtle
    _, _, err = run(capsys, "check", "--data", data)
    assert f"{len(small_vocabulary())} concepts" in err


def test_a_backup_carries_the_vocabulary(data, tmp_path):
    file, bare = tmp_path / "b.zip", tmp_path / "bare.zip"
    open_backups(load_settings(data=data)).write(file)
    elsewhere = tmp_path / "elsewhere"
    open_backups(load_settings(data=elsewhere)).restore(file)
    assert store_of(elsewhere).open().version == small_vocabulary().version
    store_of(data).replace(None)
    open_backups(load_settings(data=data)).write(bare)
    open_backups(load_settings(data=elsewhere)).restore(bare, force=True)
    assert store_of(elsewhere).open().version == bundled().version
