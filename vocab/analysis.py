"""How does text become searchable terms? The one analysis of the program, for index and query alike.

A word is folded (NFKC, lower case, ö and ä as ø and æ, other accents off, `aa ae oe` restored where that
gives a known word), stemmed (Norwegian Snowball for bokmål and nynorsk alike, agent nouns kept whole:
*sykepleierne* → *sykepleier*, while the service *sykepleien* → *sykeplei*), and taken apart when it is
a compound. There is no stop list: function words score, see `is_function_word`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from threading import local

from snowballstemmer.norwegian_stemmer import NorwegianStemmer

from vocab.lexicon import MIN_PART, MIN_WORD, lexicon, lexicon_digest

ANALYSIS_VERSION = f"1/snowball-{version('snowballstemmer')}/lexicon-{lexicon_digest()}"
"""Changes whenever the same text may give other terms; an index of another version must be rebuilt."""

_CACHED_WORDS = 1 << 17
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_LETTERS = rf"(?:[^\W_][\u0300-\u036f{_INVISIBLE}]*)"
_WORD = re.compile(
    rf"""
    {_LETTERS}{{2,}}-\d{{1,3}}(?![\w-])              # covid-19, type-2, NEWS-2
    | (?<![\w-])[^\W\d_]-{_LETTERS}{{3,}}            # e-læring, C-vitamin, p-piller
    | {_LETTERS}+(?:['\u2019]{_LETTERS}+)*           # Parkinson's
    """,
    re.VERBOSE,
)
_NUMBERED = re.compile(r"^[^\W\d_]{2,}-\d{1,3}$")
_DROPPED = re.compile(rf"[-'\u2019{_INVISIBLE}]")
_ABBREVIATION = re.compile(r"^[A-ZÆØÅ]{2,5}$")
_FOLDS = str.maketrans({"ö": "ø", "ä": "æ", "ð": "d", "þ": "th", "ß": "ss", "đ": "d", "ŋ": "n", "ŧ": "t"})
_WRITTEN_OUT = {"aa": "å", "ae": "æ", "oe": "ø"}
_AGENT_ENDINGS = {
    inflection: base
    for base, inflections in {
        "er": ("er", "eren", "ere", "erne", "erane"),
        "ar": ("ar", "aren", "arar", "arane", "arer", "arene"),
        "lege": ("lege", "legen", "leger", "legene", "legar", "legane"),
    }.items()
    for inflection in inflections
}
_AGENT_SIGNS = re.compile("er|ar|leg")
_PLAIN = re.compile(r"[\x00-\x7fæøå]*")
_IRREGULAR = {
    "jordmødre": "jordmor", "jordmødrene": "jordmor", "jordmødrer": "jordmor",
    "helsesøstre": "helsesøster", "helsesøstrene": "helsesøster", "helsesystre": "helsesyster",
    "helsesystrene": "helsesyster",
}  # fmt: skip
_LINKS = ("", "s", "e")
_LONGEST_COMPOUND = 60

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


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text.

    `text` is the stem; `start` and `end` are offsets into the text as given [code points], end
    excluded; `surface` is the word as written; `parts` the stems of a compound's parts (without `text`).
    """

    text: str
    start: int
    end: int
    surface: str
    parts: tuple[str, ...] = ()


def analyse(text: str) -> list[Token]:
    """Take a text apart into words with stem and compound parts.

    Hyphens and slashes separate words, except in forms such as *covid-19* and *e-læring*, whose stem is
    the same with and without the hyphen. Control and combining characters inside words do no harm.

    Examples
    --------
    >>> [token.text for token in analyse("Sykepleierne ved sykehusene/sjukeheimane: e-læring")]
    ['sykepleier', 'ved', 'sykehus', 'sjukeheim', 'elæring']
    >>> analyse("Fallforebygging")[0].parts
    ('fall', 'forebygging')
    """
    return [
        Token((word := analyse_word(match.group()))[0], match.start(), match.end(), match.group(), word[1])
        for match in _WORD.finditer(text)
    ]


@lru_cache(_CACHED_WORDS)
def analyse_word(surface: str) -> tuple[str, tuple[str, ...]]:
    """Return stem and compound parts of one word.

    Examples
    --------
    >>> analyse_word("hjemmesykepleierne"), analyse_word("hjemmesykepleien")
    (('hjemmesykepleier', ('hjemm', 'sykepleier')), ('hjemmesykeplei', ('hjemm', 'sykeplei')))
    """
    word = _folded(surface)
    text = stem(word)
    parts = [stem(part) for part in split_compound(word)]
    if text in lexicon().agents:
        parts = [_snowball(text[:-1])]
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


def stem(word: str) -> str:
    """Return the stem of a folded word.

    Agent nouns give their bokmål-like base form in every inflection, and nynorsk -ar meets bokmål -er
    where both exist (*helsefagarbeidarane* → *helsefagarbeider*).

    Examples
    --------
    >>> [stem(word) for word in ("sykepleiers", "sykepleierens", "helsefagarbeidarar", "bilder")]
    ['sykepleier', 'sykepleier', 'helsefagarbeider', 'bild']
    """
    return _agent(word) or _snowball(word)


def split_compound(word: str) -> tuple[str, ...]:
    """Return the parts of a compound, or nothing if the word is none.

    The longest known modifier wins, with a linking -s- or -e- allowed after it; every part has at least
    four letters, short words of health care (*sår*, *fag*) three; a modifier that is no known word may
    itself be a compound.

    Examples
    --------
    >>> split_compound("fallforebyggingstiltak"), split_compound("årsak")
    (('fall', 'forebygging', 'tiltak'), ())
    """
    if not MIN_PART + MIN_WORD <= len(word) <= _LONGEST_COMPOUND or not word.isalpha():
        return ()
    return _split(word)


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
    return [_cleaned(match.group()) for match in _WORD.finditer(text)]


def is_function_word(word: str) -> bool:
    """Tell whether a word is a function word of nb, nn or en: it scores but does not match by itself.

    Examples
    --------
    >>> is_function_word("hvordan"), is_function_word("korleis"), is_function_word("fall")
    (True, True, False)
    """
    return word.lower() in _FUNCTION_WORDS


def is_known_word(word: str) -> bool:
    """Tell whether a lower-case word is Norwegian: in the lexicon, inflected agent noun or compound.

    Examples
    --------
    >>> [is_known_word(word) for word in ("fallforebygging", "sykepleierne", "sykepleir", "prevent")]
    [True, True, False, False]
    """
    return word in lexicon() or _agent(word) is not None or bool(split_compound(word))


def is_abbreviation(surface: str) -> bool:
    """Tell whether a word is written as an abbreviation of two to five capitals.

    Examples
    --------
    >>> is_abbreviation("KAD"), is_abbreviation("Kad"), is_abbreviation("SYKEPLEIE")
    (True, False, False)
    """
    return _ABBREVIATION.match(surface) is not None


class _Stemmers(local):
    """One Snowball stemmer a thread: it keeps the word it works on."""

    def __init__(self) -> None:
        self.norwegian = NorwegianStemmer()


_STEMMERS = _Stemmers()


def _snowball(word: str) -> str:
    """Return the Snowball stem; Snowball knows the genitive -enes, not the nynorsk -anes."""
    return str(_STEMMERS.norwegian.stemWord(word.removesuffix("s") if word.endswith("anes") else word))


def _without_marks(character: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))


def _cleaned(surface: str) -> str:
    word = unicodedata.normalize("NFKC", surface).lower()
    return word if word.isascii() else re.sub(f"[{_INVISIBLE}]", "", word)


@lru_cache(_CACHED_WORDS)
def _folded(surface: str) -> str:
    """Fold a word, drop what stands between its letters and restore æ, ø and å."""
    word = _DROPPED.sub("", fold(surface))
    if not any(pair in word for pair in _WRITTEN_OUT) or is_known_word(word):
        return word
    restored = word
    for pair, letter in _WRITTEN_OUT.items():
        restored = restored.replace(pair, letter)
    return restored if is_known_word(restored) else word


@lru_cache(_CACHED_WORDS)
def _agent(word: str) -> str | None:
    """Return the base form of an agent noun's inflection, None for any other word."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < MIN_WORD or not word.isalpha() or _AGENT_SIGNS.search(word) is None:
        return None
    for base in _agent_bases(word):
        if _is_agent(base):
            bokmaal = base.removesuffix("ar") + "er"
            return bokmaal if base.endswith("ar") and _is_agent(bokmaal) else base
    return None


def _agent_bases(word: str) -> Iterator[str]:
    """Yield the base forms in -er, -ar and -lege that a word may be an inflection of."""
    for form in (word, word[:-1]) if word.endswith("s") else (word,):
        for length in range(2, 7):
            base = _AGENT_ENDINGS.get(form[-length:])
            if base is not None:
                yield form[:-length] + base


def _is_agent(base: str) -> bool:
    lex = lexicon()
    if base in lex.agents or base in lex.er_nouns:
        return True
    if base.endswith("lege") and _is_adjective(base[:-1]):
        return False
    return any(
        base[cut:] in lex.agents and (_modifier(base[:cut]) is not None or _inner(base[:cut]))
        for cut in range(MIN_PART, len(base) - MIN_WORD + 1)
    )


def _is_adjective(word: str) -> bool:
    """Tell whether a word in -leg is a nynorsk adjective, alone or in a compound (*legemiddelansvarleg*)."""
    return word in lexicon() or any(part.endswith("leg") for part in split_compound(word)[-1:])


def _modifier(text: str) -> str | None:
    """Return the word that a compound's first part is, without its link, or None."""
    lex = lexicon()
    for link in _LINKS:
        if text.endswith(link) and len(text) - len(link) >= MIN_PART and text[: len(text) - len(link)] in lex:
            return text.removesuffix(link)
    return None


@lru_cache(_CACHED_WORDS)
def _split(word: str) -> tuple[str, ...]:
    lex = lexicon()
    heads = [
        cut
        for cut in range(len(word) - MIN_PART, MIN_PART - 1, -1)
        if word[cut:] in lex or _agent(word[cut:]) is not None
    ]
    for cut in heads:
        if (modifier := _modifier(word[:cut])) is not None:
            return (modifier, word[cut:])
    for cut in heads:
        if inner := _inner(word[:cut]):
            return (*inner, word[cut:])
    return ()


def _inner(text: str) -> tuple[str, ...]:
    """Return the parts of a modifier that is itself a compound, without its link."""
    for link in _LINKS:
        if text.endswith(link) and (parts := split_compound(text.removesuffix(link))):
            return parts
    return ()


@lru_cache(_CACHED_WORDS)
def _grams(surface: str, n: int) -> tuple[str, ...]:
    word = f"#{_folded(surface)}#"
    return tuple(word[i : i + n] for i in range(max(1, len(word) - n + 1)))
