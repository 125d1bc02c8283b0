"""Shortcuts on the way to a stem lead where the long way leads."""

import json
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from vocab import stemming
from vocab.analysis import fold, surface_words
from vocab.lexicon import MIN_PART, lexicon

SAMPLE = Path(__file__).parents[2] / "indexer/data/sample/resources"
PARTS = ["sykepleier", "ene", "ane", "lege", "legar", "ar", "er", "fall", "s", "e", "tiltak", "sår", "leg"]


def bank_words():
    found = set()
    for file in sorted(SAMPLE.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines()[::8]:
            record = json.loads(line)
            found.update(fold(word) for word in surface_words(f"{record['title']} {record.get('body', '')}"))
    return sorted(found)


def long_way_to_an_agent(word):
    if len(word) < 4 or not word.isalpha() or re.search("er|ar|leg", word) is None:
        return None
    for base in stemming._agent_bases(word):
        if stemming._is_agent(base):
            bokmaal = base.removesuffix("ar") + "er"
            if base.endswith("leiar"):
                return base
            return bokmaal if base.endswith("ar") and stemming._is_agent(bokmaal) else base
    return None


def long_way_to_parts(word):
    heads = [
        cut
        for cut in range(len(word) - MIN_PART, MIN_PART - 1, -1)
        if word[cut:] in lexicon() or long_way_to_an_agent(word[cut:]) is not None
    ]
    for cut in heads:
        if (modifier := stemming._modifier(word[:cut])) is not None:
            return (modifier, word[cut:])
    for cut in heads:
        if inner := stemming._inner(word[:cut]):
            return (*inner, word[cut:])
    return ()


def test_words_of_the_bank_come_apart_as_on_the_long_way():
    words = bank_words()
    assert len(words) > 1000
    assert sum(bool(stemming._agent(word)) for word in words) > 20
    for word in words:
        assert stemming._agent(word) == long_way_to_an_agent(word)
        assert stemming._split(word) == long_way_to_parts(word)


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("".join) | st.text("aeglrsn", max_size=8))
def test_made_words_come_apart_as_on_the_long_way(word):
    assert stemming._agent(word) == long_way_to_an_agent(word)
    assert stemming._split(word) == long_way_to_parts(word)


@given(st.sampled_from(PARTS) | st.text(max_size=12))
def test_what_is_remembered_of_the_lexicon_is_what_it_has(word):
    lex = lexicon()
    for _ in range(2):
        assert (word in lex) == (word in lex._norwegian or lex._known.__wrapped__(word))
        assert lex.is_english(word) == (lex._known_english.__wrapped__(word) and word not in lex)


def test_the_shipped_stems_of_both_written_forms_are_those_that_are_found_now():
    assert stemming.PAIRS_FILE.read_bytes() == stemming.pairs_file(), "run scripts/build_vocabulary.py"
    assert stemming._bokmaal()[0] == stemming._pairs()
    assert len(stemming._pairs()) > 500


def test_stems_are_found_without_the_shipped_ones(tmp_path, monkeypatch):
    shipped = stemming._bokmaal()
    monkeypatch.setattr(stemming, "PAIRS_FILE", tmp_path / "gone.bin")
    assert stemming._bokmaal.__wrapped__() == shipped
