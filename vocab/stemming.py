"""What do the forms of a word have in common? Stems of Norwegian and English words, and the parts of compounds.

Each word is stemmed by the rules of its own language, whatever text it stands in: Norwegian when the lexicon, or a
compound of its words, has it; English when only the English dictionary has it; Norwegian otherwise. A text
and a query about it always agree that way, and English needs no detection: on an English collection this was as
good as stemming all of it by English rules (nDCG@10 .440 and .437; by Norwegian rules .419).

Norwegian is Snowball's for bokmål and nynorsk alike, mended where forms of one word would part:

* agent nouns stay whole: *sykepleierne* → *sykepleier*, while the service *sykepleien* → *sykeplei*;
* words that lose a vowel: *legemidler* → *legemiddel*, *sentrene* → *senter*;
* doubled m: *sykdommer* → *sykdom*; an s of the word's own: *kurs*, *puls*;
* nynorsk words that are spelt otherwise take the bokmål stem, alone and in compounds: *sjukeheim* → *sykehjem*.
"""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from threading import local

from snowballstemmer.english_stemmer import EnglishStemmer
from snowballstemmer.norwegian_stemmer import NorwegianStemmer

from vocab.columns import Columns, joined, read_columns
from vocab.lexicon import MIN_PART, MIN_WORD, lexicon, lexicon_digest
from vocab.written_forms import PAIRS_DIGEST, WORD_PAIRS

CACHED_WORDS = 1 << 17
"""Words whose analysis is remembered."""

PAIRS_FILE = Path(__file__).parent / "data" / "written_forms.bin"
"""Stems of `WORD_PAIRS`, which take some tenths of a second to find; made by ``scripts/build_vocabulary.py``."""

_AGENT_ENDINGS = {
    inflection: base
    for base, inflections in {
        "er": ("er", "eren", "ere", "erne", "erane"),
        "ar": ("ar", "aren", "arar", "arane", "arer", "arene"),
        "lege": ("lege", "legen", "leger", "legene", "legar", "legane"),
    }.items()
    for inflection in inflections
}
_AGENT_TAILS = (*_AGENT_ENDINGS, *(f"{ending}s" for ending in _AGENT_ENDINGS))
_IRREGULAR = {
    form: base
    for base, forms in {
        "jordmor": "jordmødre jordmødrene jordmødrer",
        "helsesøster": "helsesøstre helsesøstrene helsesystre helsesystrene",
        "senter": "sentre sentra",
        "middel": "midler midlene",
        "egen": "egne eget",
        "hånd": "hender hendene hendenes",
        "fot": "føtter føttene føter føtene",
        "tann": "tenner tennene",
        "bok": "bøker bøkene",
        "natt": "netter nettene",
        "bror": "brødre brødrene brør brørne",
        "søster": "søstre søstrene systre systrene",
    }.items()
    for form in forms.split()
}
_DOUBLED = frozenset(["romm", "domm"])
_OWN_S = ("en", "et", "er", "ene")
_LINKS = ("", "s", "e")
_LONGEST_COMPOUND = 60


@lru_cache(CACHED_WORDS)
def stem(word: str) -> str:
    """Return the stem of a folded word.

    Agent nouns give their bokmål-like base form in every inflection, and nynorsk -ar meets bokmål -er
    where both exist (*helsefagarbeidarane* → *helsefagarbeider*).

    Examples
    --------
    >>> [stem(word) for word in ("sykepleiers", "sykepleierens", "helsefagarbeidarar", "bilder")]
    ['sykepleier', 'sykepleier', 'helsefagarbeider', 'bild']
    >>> [stem(word) for word in ("sjukeheimane", "legemidlene", "sykdommer", "studies", "studying")]
    ['sykehjem', 'legemiddel', 'sykdom', 'studi', 'studi']
    """
    if is_english_word(word):
        return str(_STEMMERS.english.stemWord(word))
    return _in_bokmaal(_norwegian(word))


def is_english_word(word: str) -> bool:
    """Tell whether a folded word is in the English dictionary and in no Norwegian one.

    Examples
    --------
    >>> [is_english_word(word) for word in ("nurses", "prevention", "sykepleier", "test", "xyzzy")]
    [True, True, False, False, False]
    """
    return len(word) >= MIN_WORD and lexicon().is_english(word)


def shared_singular(word: str) -> str | None:
    """Return the singular of an English plural when it is a Norwegian word too and has another stem, else None.

    Examples
    --------
    >>> shared_singular("hospitals"), shared_singular("nurses"), shared_singular("programs")
    ('hospital', None, None)
    """
    one = word.removesuffix("s")
    shared = one != word and is_english_word(word) and one in lexicon() and stem(one) == one != stem(word)
    return one if shared else None


def is_known_word(word: str) -> bool:
    """Tell whether a lower-case word is Norwegian: in the lexicon, inflected agent noun or compound.

    Examples
    --------
    >>> [is_known_word(word) for word in ("fallforebygging", "sykepleierne", "sykepleir", "prevent")]
    [True, True, False, False]
    """
    return word in lexicon() or _agent(word) is not None or bool(split_compound(word))


def split_compound(word: str) -> tuple[str, ...]:
    """Return the parts of a compound, or nothing if the word is none, or English.

    The longest known modifier wins, with a linking -s- or -e- allowed after it; every part has at least
    four letters, short words of health care (*sår*, *fag*) three; a modifier that is no known word may
    itself be a compound.

    Examples
    --------
    >>> split_compound("fallforebyggingstiltak"), split_compound("årsak"), split_compound("understanding")
    (('fall', 'forebygging', 'tiltak'), (), ())
    """
    if (
        not MIN_PART + MIN_WORD <= len(word) <= _LONGEST_COMPOUND
        or not word.isalpha()
        or is_english_word(word)
    ):
        return ()
    return _split(word)


def without_agent(stemmed: str) -> str | None:
    """Return the stem of what an agent noun does (*pleier* → *plei*), None for any other stem."""
    return _snowball(stemmed[:-1]) if stemmed in lexicon().agents else None


@lru_cache(CACHED_WORDS)
def other_spellings(stemmed: str) -> frozenset[str]:
    """Return how words with this stem may begin otherwise in a text, in lower case; numbers by their first digits.

    Examples
    --------
    >>> sorted(other_spellings("sykehjem")), sorted(other_spellings("muskel"))
    (['sjuk', 'sjuke', 'sjukling'], ['muskl'])
    """
    nynorsk = {
        nynorsk for nynorsk, bokmaal in WORD_PAIRS if stemmed.startswith(bokmaal) or stemmed == stem(bokmaal)
    }
    irregular = {form for form, base in _IRREGULAR.items() if stemmed.endswith(base)}
    shortened = set()
    if stemmed[-2:] in {"el", "er", "en"} and stemmed in lexicon().bases:
        before = stemmed[:-2]
        shortened = {(before[:-1] if before[-2:-1] == before[-1:] else before) + stemmed[-1]}
    signs = {sign for sign, word in (("%", "prosent"), ("§", "paragraf")) if stemmed == word}
    digits = {stemmed[:2].rstrip(".,/-")} if stemmed[:1].isdigit() else set()
    return frozenset(nynorsk | irregular | shortened | signs | digits) - {stemmed}


class _Stemmers(local):
    """Snowball's stemmers, of each thread its own: they keep the word they work on."""

    def __init__(self) -> None:
        self.norwegian = NorwegianStemmer()
        self.english = EnglishStemmer()


_STEMMERS = _Stemmers()


def _norwegian(word: str) -> str:
    """Return the Norwegian stem before the two written forms are united."""
    return _agent(word) or _base(word) or _snowball(word)


def _base(word: str) -> str | None:
    """Return the base form of a word that loses a vowel or changes it, alone or as head of a compound."""
    bases = lexicon().bases
    for form in (word, word[:-1]) if word.endswith("s") else (word,):
        if (base := _IRREGULAR.get(form) or bases.get(form)) is not None:
            return base
        head = split_compound(form)[-1:]
        if head and (base := _IRREGULAR.get(head[0]) or bases.get(head[0])) is not None:
            return form.removesuffix(head[0]) + base
    return None


def _snowball(word: str) -> str:
    """Return the Snowball stem; Snowball knows the genitive -enes, not the nynorsk -anes."""
    if word.endswith("s") and any(word + ending in lexicon() for ending in _OWN_S):
        return word
    found = str(_STEMMERS.norwegian.stemWord(word.removesuffix("s") if word.endswith("anes") else word))
    return found[:-1] if found.endswith("mm") and (len(found) > MIN_WORD or found in _DOUBLED) else found


@cache
def _bokmaal() -> tuple[Mapping[str, str], dict[str, str]]:
    """Return the bokmål stem of nynorsk stems, and the bokmål spelling of nynorsk words that compounds begin with."""
    kept = read_columns(PAIRS_FILE, _pairs_key())
    stems = _pairs() if kept is None else dict(zip(kept.words("nynorsk"), kept.words("bokmål"), strict=True))
    return stems, {nynorsk: bokmaal for nynorsk, bokmaal in WORD_PAIRS if len(nynorsk) >= MIN_WORD}


def _pairs() -> dict[str, str]:
    stems = {_norwegian(nynorsk): _norwegian(bokmaal) for nynorsk, bokmaal in WORD_PAIRS}
    return {nynorsk: bokmaal for nynorsk, bokmaal in stems.items() if nynorsk != bokmaal}


def _pairs_key() -> str:
    return f"snowball-{version('snowballstemmer')}/lexicon-{lexicon_digest()}/pairs-{PAIRS_DIGEST}"


def pairs_file() -> bytes:
    """Return the contents of a file with the stems of the words that the two written forms spell otherwise."""
    stems = _pairs()
    return Columns({"nynorsk": joined(stems), "bokmål": joined(stems.values())}).packed(_pairs_key())


def _in_bokmaal(found: str) -> str:
    """Return the stem of the bokmål word where a nynorsk stem, or a part of it, is spelt otherwise.

    Only the stem decides, so that all inflections of a word meet.
    """
    stems, first = _bokmaal()
    if found in stems:
        return stems[found]
    for cut in range(len(found) - MIN_PART, MIN_WORD - 1, -1):
        if found[:cut] in first and not found.startswith(first[found[:cut]]):
            return first[found[:cut]] + _in_bokmaal(found[cut:])
    for cut in range(MIN_PART, len(found) - MIN_WORD + 1):
        if found[cut:] in stems and _modifier(found[:cut]) is not None:
            return found[:cut] + stems[found[cut:]]
    return found


def _agent(word: str) -> str | None:
    """Return the base form of an agent noun's inflection, None for any other word."""
    return _agent_base(word) if word.endswith(_AGENT_TAILS) else None


@lru_cache(CACHED_WORDS)
def _agent_base(word: str) -> str | None:
    if len(word) < MIN_WORD or not word.isalpha():
        return None
    for base in _agent_bases(word):
        if _is_agent(base):
            bokmaal = base.removesuffix("ar") + "er"
            if base.endswith("leiar"):  # a leader; *leier* is a tenant
                return base
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


@lru_cache(CACHED_WORDS)
def _split(word: str) -> tuple[str, ...]:
    lex = lexicon()
    heads = []
    for cut in range(len(word) - MIN_PART, MIN_PART - 1, -1):
        head = word[cut:]
        if head in lex or _agent(head) is not None:
            if (modifier := _modifier(word[:cut])) is not None:
                return (modifier, head)
            heads.append(cut)
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
