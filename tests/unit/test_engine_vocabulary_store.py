"""The vocabulary in use is the settings' folder, else the data folder's own, else the bundled one; replaced whole."""

from contextlib import closing
from dataclasses import replace

import pytest

from engine.errors import BackendError, InvalidRequest
from engine.model import SearchRequest
from small_bank import fill, open_bank
from small_vocabulary import bundled, changed, keep, small_vocabulary, store_of
from vocab.concept import Concept, ConceptId
from vocab.merging import skos_files
from vocab.triples import VocabularyError

FALL, SORE = "tema/fallforebygging", "tilstand/trykksar"


def write(folder, vocabulary):
    folder.mkdir(parents=True)
    for name, text in skos_files(vocabulary).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_without_any_it_is_the_bundled_one(tmp_path):
    store = store_of(tmp_path)
    assert store.open().version == bundled().version
    assert store.kept_files() == {}
    assert not (tmp_path / "vocabulary").exists()


def test_what_is_kept_is_used_and_the_settings_come_first(tmp_path):
    small = small_vocabulary()
    keep(tmp_path, small)
    assert store_of(tmp_path).open().version == small.version
    own = write(tmp_path / "own", changed(small, without=[SORE]))
    assert SORE not in store_of(tmp_path, vocabulary=own).open()
    with pytest.raises(InvalidRequest, match="KG_VOCABULARY"):
        store_of(tmp_path, vocabulary=own).replace(small)
    assert store_of(tmp_path).open().version == small.version


def test_files_put_into_the_folder_by_hand_are_used_until_another_comes(tmp_path):
    small = small_vocabulary()
    write(tmp_path / "vocabulary", small)
    assert store_of(tmp_path).open().version == small.version
    fewer = changed(small, without=[SORE])
    keep(tmp_path, fewer)
    assert store_of(tmp_path).open().version == fewer.version


def test_the_bundled_one_comes_back(tmp_path):
    keep(tmp_path, small_vocabulary())
    store_of(tmp_path).replace(None)
    assert store_of(tmp_path).open().version == bundled().version
    assert store_of(tmp_path).kept_files() == {}


def test_two_are_kept(tmp_path):
    small = small_vocabulary()
    for left_out in ("tema/smittevern", SORE, FALL):
        keep(tmp_path, changed(small, without=[left_out]))
    assert len(list((tmp_path / "vocabulary").glob("0*"))) == 2
    assert FALL not in store_of(tmp_path).open()


def test_new_errors_in_our_own_concepts_are_refused_old_ones_are_not(tmp_path):
    small = small_vocabulary()
    keep(tmp_path, small)
    circle = changed(
        small,
        replace(small["tema/legemidler"], broader=(ConceptId("tema/smittevern"),)),
        replace(small["tema/smittevern"], broader=(ConceptId("tema/legemidler"),)),
    )
    with pytest.raises(InvalidRequest, match="cycle"):
        store_of(tmp_path).replace(circle)
    assert store_of(tmp_path).open().version == small.version
    assert "cycle" in {f.code for f in store_of(tmp_path).check(circle)}
    keep(tmp_path, circle)
    findings = store_of(tmp_path).replace(changed(circle, without=[SORE]))
    assert "cycle" not in {f.code for f in findings}


def test_errors_in_concepts_of_others_are_told_and_no_hindrance(tmp_path):
    small = small_vocabulary()
    keep(tmp_path, small)
    los = Concept(ConceptId("tema/helse"), {"nb": "helse"})  # has no label in nynorsk and English
    foreign = {"tema/helse": "https://psi.norge.no/los/tema/helse"}
    new = changed(small, los)
    theirs = type(new)(new.schemes, new.concepts, foreign=foreign, base_uri=new.base_uri)
    findings = store_of(tmp_path).replace(theirs)
    assert "missing-pref" in {f.code for f in findings if f.concept == foreign["tema/helse"]}
    with pytest.raises(InvalidRequest, match="missing-pref"):
        store_of(tmp_path).replace(changed(small, los))


def test_what_does_not_read_back_as_the_same_is_not_used(tmp_path):
    small = small_vocabulary()
    keep(tmp_path, small)
    blank = changed(small, replace(small[FALL], pref_label={"nb": "fall", "nn": "  "}))
    with pytest.raises(BackendError, match="read back"):
        store_of(tmp_path).replace(blank, force=True)
    assert store_of(tmp_path).open().version == small.version


def test_a_folder_without_files_is_said(tmp_path):
    (tmp_path / "own").mkdir()
    with pytest.raises(VocabularyError, match="no Turtle file"):
        store_of(tmp_path, vocabulary=tmp_path / "own").open()


def test_a_running_engine_uses_what_is_taken_into_use_on_the_next_query(tmp_path):
    small = small_vocabulary()
    keep(tmp_path, small)
    fill(tmp_path)
    with closing(open_bank(tmp_path)) as engine:

        def ask(text):
            return {h.resource.id for h in engine.search(SearchRequest(text, mode="lexical")).hits}

        assert ask("deisetryggleik") == set()
        labels = {**small[FALL].alt_label, "nn": ("deisetryggleik",)}
        keep(tmp_path, changed(small, replace(small[FALL], alt_label=labels)))
        assert ask("deisetryggleik") == ask("fallforebygging") != set()
        # the old name of a concept means what replaced it
        injury = Concept(ConceptId("tilstand/trykkskade"), {"nb": "hudskade"})
        gone = replace(small[SORE], deprecated=True, replaced_by=injury.id)
        keep(tmp_path, changed(small, gone, injury))
        found = engine.search(SearchRequest("dekubitus", mode="lexical"))
        assert found.concepts == ("tilstand/trykkskade",)
        store_of(tmp_path).replace(None)
        assert engine.vocabulary.version != bundled().version
        ask("fall")
        assert engine.vocabulary.version == bundled().version
