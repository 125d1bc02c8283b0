"""Is this text made of words that we share? A query is kept in writing only when it is.

A word is shared when the vocabulary has it, a dictionary does, or at least five resources do; a name of a person is not,
unless the vocabulary has it. What nobody shares may be anything: a name, a password, a half-typed address.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from engine.common_names import EVERYDAY, FAMILY_NAMES, FIRST_NAMES
from engine.personal_text import plain
from engine.repair import in_dictionary, label_lexicon
from vocab.analysed_labels import analysed_labels
from vocab.analysis import Token, analyse, is_function_word
from vocab.vocabulary import Vocabulary

LONGEST: Final = 100
"""Longest query that is kept in writing [characters]."""

MOST_WORDS: Final = 10
IN_RESOURCES: Final = 5
"""So many resources must have a word that nobody else has."""

SHORT_NUMBER: Final = 4

_ENDS: Final = re.compile(r"^[\W_]+|[\W_]+$")

Frequencies = Callable[[Iterable[str]], Mapping[str, int]]


def normalised(query: str) -> str:
    """Return a query as it is counted: lower case, single spaces, no signs around it.

    Examples
    --------
    >>> normalised('  «Delir  hos ELDRE»?')
    'delir hos eldre'
    """
    return _ENDS.sub("", plain(query))


def all_known(text: str, vocabulary: Vocabulary, frequencies: Frequencies) -> bool:
    """Tell whether a normalised query is short and made of shared words, one of them no number.

    Parameters
    ----------
    text : str
        From `normalised`.
    vocabulary : Vocabulary
        The vocabulary in use.
    frequencies : callable
        How many resources have each of some stems.
    """
    if not text or len(text) > LONGEST:
        return False
    tokens = analyse(text)
    if not 1 <= len(tokens) <= MOST_WORDS:
        return False
    if all(t.surface.replace("-", "").isdigit() or len(t.surface) < 2 for t in tokens):
        return False
    unknown = [t for t in tokens if not _is_known(t, vocabulary)]
    if any(_is_name(t.surface) for t in unknown):
        return False
    counts = frequencies({t.text for t in unknown}) if unknown else {}
    return all(counts.get(t.text, 0) >= IN_RESOURCES for t in unknown)


def _is_name(word: str) -> bool:
    return word not in EVERYDAY and (word in FIRST_NAMES or word in FAMILY_NAMES)


def _is_known(token: Token, vocabulary: Vocabulary) -> bool:
    word = token.surface
    if is_function_word(word):
        return True
    if word.isdigit():
        return len(word) <= SHORT_NUMBER
    labels = analysed_labels(vocabulary)
    if word in label_lexicon(vocabulary) or labels.count(token.text):
        return True
    if _is_name(word):
        return False
    if in_dictionary(word):
        return True
    # "fallforebyggingskurs", but not "haugland": one part must be a word of the vocabulary
    parts = token.parts
    return (
        len(parts) > 1
        and all(labels.count(part) or in_dictionary(part) for part in parts)
        and any(labels.count(part) for part in parts)
    )
