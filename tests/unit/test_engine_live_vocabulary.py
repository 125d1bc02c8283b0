"""A label that changes works on the next query: nothing is indexed again, nothing is down meanwhile."""

import shutil
import threading

import pytest

from engine.adapters.directory_vocabulary_store import DirectoryVocabularyStore
from engine.live_vocabulary import LiveVocabulary
from engine.model import SearchRequest
from small_bank import fill, open_bank
from vocab.concept import DEFAULT_BASE_URI
from vocab.triples import VocabularyError
from vocab.vocabulary import DATA_FOLDER, open_vocabulary

CONCEPT = "tema:fallforebygging a skos:Concept ;\n"


@pytest.fixture
def words(tmp_path):
    folder = tmp_path / "words"
    folder.mkdir()
    shutil.copy(DATA_FOLDER / "tema.ttl", folder)
    return folder


def add_label(folder, label):
    path = folder / "tema.ttl"
    text = path.read_text(encoding="utf-8")
    assert CONCEPT in text
    path.write_text(text.replace(CONCEPT, f'{CONCEPT}    skos:altLabel "{label}"@nb ;\n'), encoding="utf-8")


def watched(folder, load):
    store = DirectoryVocabularyStore(
        folder.parent / "data", own=folder, base_uri=DEFAULT_BASE_URI, cache_dir=folder.parent / "cache"
    )
    return LiveVocabulary(store.state, load)


def test_a_new_label_works_on_the_next_query_without_indexing(tmp_path, words):
    data = tmp_path / "data"
    fill(data, vocabulary=words)
    engine = open_bank(data, vocabulary=words)
    try:
        build = engine.builds.current().id

        def ask(text):
            return {h.resource.id for h in engine.search(SearchRequest(text, mode="lexical")).hits}

        expected = ask("fallforebygging")
        assert expected
        assert ask("deisetryggleik") == set()
        add_label(words, "deisetryggleik")
        assert ask("deisetryggleik") == expected
        assert [s.id for s in engine.suggest("deisetr")] == ["tema/fallforebygging"]
        assert [t.concept for t in engine.propose_tags("Deisetryggleik", "Om deisetryggleik.")] == [
            "tema/fallforebygging"
        ]
        assert engine.builds.current().id == build
        (words / "tema.ttl").write_text("@prefix half written", encoding="utf-8")
        assert ask("deisetryggleik") == expected
        shutil.copy(DATA_FOLDER / "tema.ttl", words)
        assert ask("deisetryggleik") == set()
        assert ask("fallforebygging") == expected
    finally:
        engine.close()


def test_files_are_read_only_when_they_have_changed(words):
    reads = []
    vocabulary = open_vocabulary([words])
    live = watched(words, lambda: reads.append(1) or vocabulary)
    assert live.changed() is None
    add_label(words, "deisetryggleik")
    assert live.changed() is vocabulary
    assert live.changed() is None
    assert len(reads) == 1


def test_files_that_cannot_be_read_are_left_until_they_change_again(words):
    broken = VocabularyError(words / "tema.ttl", 3, "no Turtle")
    answers = [broken, "read"]

    def load():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    live = watched(words, load)
    add_label(words, "en")
    assert live.changed() is None
    assert live.changed() is None
    assert len(answers) == 1
    add_label(words, "to")
    assert live.changed() == "read"


def test_a_folder_that_is_emptied_takes_no_words_away(words):
    live = watched(words, lambda: pytest.fail("nothing there to read"))
    (words / "tema.ttl").unlink()
    assert live.changed() is None


def test_others_go_on_while_one_thread_reads(words):
    reading, go_on = threading.Event(), threading.Event()

    def load():
        reading.set()
        assert go_on.wait(10)
        return "read"

    live = watched(words, load)
    add_label(words, "en")
    answers = []
    reader = threading.Thread(target=lambda: answers.append(live.changed()))
    reader.start()
    assert reading.wait(10)
    assert live.changed() is None
    go_on.set()
    reader.join(10)
    assert answers == ["read"]
