import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

from vocab.lexicon import LEXICON_FILE, Lexicon, lexicon, lexicon_bytes, lexicon_digest

words = st.sets(st.text("abdeglmnrstæøå", min_size=4, max_size=9), max_size=60)


def test_the_shipped_lexicon_has_the_words_of_the_dictionaries_and_no_others():
    """When this fails, another version of simplemma is installed: run scripts/build_lexicon.py."""
    factory = DefaultDictionaryFactory()
    forms = {form for language in ("nb", "nn") for form in factory.get_dictionary(language)}
    words = sorted(form for form in forms if len(form) >= 4 and form.isalpha() and form.islower())
    assert len(lexicon()) == len(words)
    assert all(word in lexicon() for word in words[::101])
    english = sorted(
        form
        for form in factory.get_dictionary("en")
        if len(form) >= 4 and form.isalpha() and form.islower() and form not in lexicon()
    )
    assert len(english) > 100_000
    assert all(lexicon().is_english(word) for word in english[::101])
    assert not any(lexicon().is_english(word) for word in words[::101])


@settings(max_examples=15, deadline=None)
@given(words, words)
def test_a_lexicon_holds_its_words_and_no_others(inside, others):
    made = Lexicon(lexicon_bytes(inside))
    assert len(made) == len(inside)
    assert all(word in made for word in inside)
    short_and_agents = lexicon_bytes([])
    assert all(word not in made or word in Lexicon(short_and_agents) for word in others - inside)


@pytest.mark.parametrize("spoilt", [b"", b"KGLEX1\n", b"something else", LEXICON_FILE.read_bytes()[:-1]])
def test_a_damaged_lexicon_is_refused(spoilt):
    with pytest.raises(ValueError, match="build_lexicon"):
        Lexicon(spoilt)


def test_the_digest_is_that_of_the_contents():
    assert lexicon_digest() == lexicon().digest


def test_other_things_than_words_are_not_in_it():
    assert 7 not in lexicon()
    assert "" not in lexicon()
    assert "\ud800abc" not in lexicon()
