"""How does text become searchable terms? The one analysis of the program, for index and query alike.

A word is folded (NFKC, lower case, ö and ä as ø and æ, other accents off, `aa ae oe` restored where that
gives a known word), stemmed by the rules of its language (`vocab.stemming`), and taken apart when it is
a Norwegian compound. There is no stop list: function words score, see `is_function_word`.

An abbreviation in capitals has its spelling as a part (*KAD* → ``kad`` and ``KAD``), so that resources that
write it so come first. Numbers: *37,5* is ``37.5``, *5mg* two words as *5 mg* is, *116 117* is ``116117``, *01* is ``1``,
*120/80* and *4-2* are one word with both numbers as parts, a date is its numbers, *%* is *prosent* and *§* *paragraf*.
"""

import re
import unicodedata
from functools import lru_cache
from importlib.metadata import version
from typing import NamedTuple

from vocab.lexicon import lexicon_digest
from vocab.stemming import (
    CACHED_WORDS,
    is_english_word,
    is_known_word,
    shared_singular,
    split_compound,
    stem,
    without_agent,
)

__all__ = [
    "ANALYSIS_VERSION",
    "Token",
    "analyse",
    "analyse_word",
    "fold",
    "grams",
    "in_lower_case",
    "is_abbreviation",
    "is_english_word",
    "is_function_word",
    "is_known_word",
    "split_compound",
    "stem",
    "surface_words",
    "surfaces",
]

ANALYSIS_VERSION = f"3/snowball-{version('snowballstemmer')}/lexicon-{lexicon_digest()}"
"""Changes whenever the same text may give other terms; an index of another version must be rebuilt."""

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_MARKS = rf"[\u0300-\u036f{_INVISIBLE}]"
_LETTERS = rf"(?:[^\W_]{_MARKS}*)"
_RUN = rf"[^\W_]+(?:{_MARKS}+[^\W_]+)*{_MARKS}*"
"""The same as one or more of `_LETTERS`, found faster."""
_UNITS = (
    "mg|mcg|µg|μg|ug|kg|g|ml|cl|dl|l|mmol|mol|mmhg|cm|mm|km|m|ie|iu|kcal|kj|min|timer|t|år|kr|prosent|grader"
)
_NUMBER = rf"""
    (?<![\w.,]) \d{{1,3}} (?:[ \u00a0\u202f]\d{{3}})+ (?![\w]|[.,]\d)            # 116 117, 10 000
    | (?<![\w.,/-]) \d{{1,4}} [.,] \d{{1,3}} (?= (?i:{_UNITS})? (?![\w]|[.,/-]\d)) # 37,5
    | (?<![\w.,/\u2013-]) \d{{1,4}} [/\u2013-] \d{{1,4}} (?= (?i:{_UNITS})? (?![\w]|[.,/\u2013-]\d))  # 120/80, 4-2
    | (?<![^\W_]) \d+ (?= (?i:{_UNITS}) (?![^\W_]))                             # 5mg
"""
_WORD = re.compile(
    rf"""
    (?=\d) (?: {_NUMBER} )
    | (?={_RUN}-\d) (?!\d+-){_LETTERS}{{2,}}-\d{{1,3}}(?![\w-])  # covid-19, type-2, NEWS-2
    | (?<![\w-])[^\W\d_]{_MARKS}*-{_LETTERS}{{3,}}    # e-læring, C-vitamin, p-piller
    | {_RUN}(?:['\u2019]{_RUN})*                     # Parkinson's
    | §+ | (?<=\d)% | (?<=\d[ \u00a0\u202f])%
    """,
    re.VERBOSE,
)
_SIGNS = {"%": "prosent", "§": "paragraf", "§§": "paragraf"}
_BETWEEN_DIGITS = str.maketrans({" ": "", "\u00a0": "", "\u202f": "", ",": ".", "\u2013": "-"})
_DIGITS = re.compile(r"\d+")
_TWO = 2
_NUMBERED = re.compile(r"^[^\W\d_]{2,}-\d{1,3}$")
_DROPPED = re.compile(rf"[-'\u2019{_INVISIBLE}]")
_ABBREVIATION = re.compile(r"^[A-ZÆØÅ]{2,5}$")
_FOLDS = str.maketrans({"ö": "ø", "ä": "æ", "ð": "d", "þ": "th", "ß": "ss", "đ": "d", "ŋ": "n", "ŧ": "t"})
_WRITTEN_OUT = {"aa": "å", "ae": "æ", "oe": "ø"}
_PLAIN = re.compile(r"[\x00-\x7fæøå]*")
_FUNCTION_WORDS = frozenset([
    "og", "i", "på", "av", "til", "for", "med", "om", "som", "er", "det", "de", "den", "en", "et",
    "ei", "ein", "eit", "at", "å", "fra", "frå", "ved", "har", "hadde", "kan", "skal", "vil", "må",
    "ikke", "ikkje", "eller", "men", "så", "også", "òg", "når", "da", "då", "hvis", "viss",
    "dersom", "hva", "kva", "hvem", "kven", "hvor", "kor", "hvordan", "korleis", "hvorfor",
    "kvifor", "hvilken", "hvilke", "hvilket", "jeg", "eg", "du", "han", "hun", "ho", "vi", "me",
    "dere", "dykk", "seg", "sin", "sitt", "sine", "min", "mitt", "mine", "din", "ditt", "dine",
    "vår", "vårt", "våre", "deres", "deira", "dei", "dem", "denne", "dette", "disse", "desse",
    "var", "vore", "vært", "være", "vere", "blir", "bli", "vert", "verte", "ble", "blei", "vart",
    "etter", "under", "over", "mellom", "mot", "gjennom", "uten", "utan", "hos", "inn", "ut", "opp",
    "ned", "enn", "noe", "same", "samme", "slags", "noko", "noen", "nokon", "nokre", "alle", "alt", "all", "man", "mer",
    "meir", "mest", "bare", "berre", "der", "her", "the", "of", "and", "in", "to", "a", "an", "is",
    "are", "with", "on", "by", "from", "what", "how", "when", "which", "who", "why", "where", "do",
    "does", "can", "be", "it", "this", "that", "these", "those", "or", "as", "not", "you", "we",
    "they", "my", "your", "our", "their", "about",
])  # fmt: skip


class Token(NamedTuple):
    """One word of a text.

    `text` is the stem; `start` and `end` are offsets into the text as given [code points], end
    excluded; `surface` is the word as written; `parts` the stems of a compound's parts (without `text`).
    A tuple, since one is made of every word that is read.
    """

    text: str
    start: int
    end: int
    surface: str
    parts: tuple[str, ...] = ()


def analyse(text: str) -> list[Token]:
    """Take a text apart into words with stem and compound parts.

    Hyphens and slashes separate words, except between two numbers and in forms such as *covid-19* and
    *e-læring*, whose stem is the same with and without the hyphen. Control and combining characters inside words do no harm.

    Examples
    --------
    >>> [token.text for token in analyse("Sykepleierne ved sykehusene/sjukeheimane: e-læring")]
    ['sykepleier', 'ved', 'sykehus', 'sykehjem', 'elæring']
    >>> analyse("Fallforebygging")[0].parts
    ('fall', 'forebygging')
    >>> [token.text for token in analyse("5mg ved 37,5 °C, § 4-2")]
    ['5', 'mg', 'ved', '37.5', 'c', 'paragraf', '4-2']
    """
    found = []
    for match in _WORD.finditer(text):
        surface = match[0]
        start, end = match.span()
        term, parts = analyse_word(surface)
        found.append(Token(term, start, end, surface, parts))
    return found


@lru_cache(CACHED_WORDS)
def analyse_word(surface: str) -> tuple[str, tuple[str, ...]]:
    """Return stem and compound parts of one word.

    Examples
    --------
    >>> analyse_word("hjemmesykepleierne"), analyse_word("hjemmesykepleien")
    (('hjemmesykepleier', ('hjem', 'sykepleier')), ('hjemmesykeplei', ('hjem', 'sykeplei')))
    """
    word = _folded(surface)
    numbers = _DIGITS.findall(surface)
    if len(numbers) > 1 and not any(character.isalpha() for character in surface):
        return word, tuple(_without_zero(number) for number in numbers)
    text = stem(word)
    parts = [] if surface in _SIGNS else [stem(part) for part in split_compound(word)]
    for other in (without_agent(text), shared_singular(word)):
        if other is not None:
            parts = [other]
    spelt = unicodedata.normalize("NFKC", surface)
    if is_abbreviation(spelt):
        parts = [spelt]
    if _NUMBERED.match(surface):
        parts = [stem(_folded(part)) for part in surface.split("-")]
    elif "-" in surface:
        parts = [stem(_folded(surface.split("-", 1)[1]))]
    return text, tuple(part for part in dict.fromkeys(parts) if part != text)


def fold(text: str) -> str:
    """Return text in lower case without accents other than those of æ, ø and å.

    Examples
    --------
    >>> fold("Idé om FØDSEL på Ångström-avdelingen")
    'ide om fødsel på ångstrøm-avdelingen'
    """
    text = unicodedata.normalize("NFKC", text).lower()
    if _PLAIN.fullmatch(text):
        return text
    text = text.translate(_FOLDS)
    return "".join(character if character in "æøå" else _without_marks(character) for character in text)


def grams(text: str, n: int = 4) -> list[str]:
    """Return the word-bounded n-grams of a text's words, in order.

    Examples
    --------
    >>> grams("Fall, nå")
    ['#fal', 'fall', 'all#', '#nå#']
    """
    return [gram for match in _WORD.finditer(text) for gram in _grams(match.group(), n)]


def surface_words(text: str) -> list[str]:
    """Return the words of a text as written, in lower case.

    Examples
    --------
    >>> surface_words("E-læring om Covid-19 for sykepleierne")
    ['e-læring', 'om', 'covid-19', 'for', 'sykepleierne']
    """
    return [in_lower_case(surface) for surface in surfaces(text)]


def surfaces(text: str) -> list[str]:
    """Return the words of a text exactly as they stand there.

    Examples
    --------
    >>> surfaces("Ring 116 117, Sykepleierne")
    ['Ring', '116 117', 'Sykepleierne']
    """
    return _WORD.findall(text)


def in_lower_case(surface: str) -> str:
    """Return a word as written, in lower case and without characters that are not seen."""
    word = unicodedata.normalize("NFKC", surface).lower()
    return word if word.isascii() else re.sub(f"[{_INVISIBLE}]", "", word)


def is_function_word(word: str) -> bool:
    """Tell whether a word is a function word of nb, nn or en: it scores but does not match by itself.

    Examples
    --------
    >>> is_function_word("hvordan"), is_function_word("korleis"), is_function_word("fall")
    (True, True, False)
    """
    return word.lower() in _FUNCTION_WORDS


def is_abbreviation(surface: str) -> bool:
    """Tell whether a word is written as an abbreviation of two to five capitals.

    Examples
    --------
    >>> is_abbreviation("KAD"), is_abbreviation("Kad"), is_abbreviation("SYKEPLEIE")
    (True, False, False)
    """
    return _ABBREVIATION.match(surface) is not None


def _without_marks(character: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))


@lru_cache(CACHED_WORDS)
def _folded(surface: str) -> str:
    """Fold a word, drop what stands between its letters and restore æ, ø and å."""
    if surface[0].isdigit() or surface in _SIGNS:
        return _SIGNS.get(surface) or _without_zero(fold(surface).translate(_BETWEEN_DIGITS))
    word = _DROPPED.sub("", fold(surface))
    if not any(pair in word for pair in _WRITTEN_OUT) or is_known_word(word) or is_english_word(word):
        return word
    restored = word
    for pair, letter in _WRITTEN_OUT.items():
        restored = restored.replace(pair, letter)
    return restored if is_known_word(restored) else word


def _without_zero(number: str) -> str:
    """Return *1* for the *01* of a date."""
    return number[1:] if len(number) == _TWO and number[0] == "0" and number[1].isdigit() else number


@lru_cache(CACHED_WORDS)
def _grams(surface: str, n: int) -> tuple[str, ...]:
    word = f"#{_folded(surface)}#"
    return tuple(word[i : i + n] for i in range(max(1, len(word) - n + 1)))
