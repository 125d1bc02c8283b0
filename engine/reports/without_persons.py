"""Who made it, without a person? Names of functions pass; names, addresses and numbers of people do not."""

import re

WITHHELD = "utelatt"
"""What stands in place of something that may tell who a person is."""

_ADDRESS = re.compile(r"[^\s@<>()\"',;]+@[^\s@<>()\"',;]+")
_NUMBER = re.compile(r"(?<![\w-])(?:\d{6}[ .-]?\d{5}|(?:\+47 ?)?[2-9]\d(?: ?\d\d){3})(?![\w-])")
_LOGIN = re.compile(r"[^\W\d_]{2,}[._][^\W\d_]{2,}\Z")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*\.?\Z")

_SEGMENTS = re.compile(r"[,;()\[\]/|–—:]| - ")

_ORGANISATION = (
    "administra", "avdeling", "avsnitt", "bibliotek", "bydel", "samarbeid", "selskap", "direktora", "enhet", "eining", "eksempel", "fagråd", "felles",
    "foretak", "forening", "forbund", "forvalt", "fylke", "gruppe", "helse", "institutt", "klinikk", "komit",
    "kommune", "kompetanse", "laboratori", "legevakt", "læring", "medisin", "nasjonal", "nett", "norge", "noreg",
    "norsk", "omsorg", "opplæring", "portal", "psykiatri", "redaksjon", "region", "seksjon", "senter", "sjukehus",
    "sjukeheim", "skole", "skule", "stab", "styre", "sykehjem", "sykehus", "system", "team", "tilsyn", "tjeneste",
    "teneste", "universitet", "utdanning", "utvalg", "utval", "utvikling", "verket", "hospital", "department",
    "university", "health", "services", "unit", "centre", "center",
)  # fmt: skip
"""Parts of words that name an organisation, or a part of one."""

_TITLE = (
    "leder",
    "leiar",
    "sjef",
    "lege",
    "pleier",
    "rådgiver",
    "koordinator",
    "ansvarlig",
    "manager",
    "director",
)
"""Parts of words that name what somebody is; a name may stand beside them."""

_ENDINGS = frozenset({"as", "hf", "rhf", "sa", "iks", "kf"})


def function_only(text: str) -> str:
    """Return the name of a function as it is; `WITHHELD` for what looks like a person.

    An address, a national identity number or a telephone, a login such as ``kari.nordmann``, and two words in a
    row with capitals that no name of an organisation belongs to or stands before. When in doubt it is withheld.

    Examples
    --------
    >>> function_only("Redaksjonen for fallforebygging"), function_only("redaksjon-ahus"), function_only("Helse Vest")
    ('Redaksjonen for fallforebygging', 'redaksjon-ahus', 'Helse Vest')
    >>> function_only("Kari Nordmann, avdelingsleder"), function_only("ola.nordmann"), function_only("kari@example.org")
    ('utelatt', 'utelatt', 'utelatt')
    """
    stripped = text.strip()
    if _ADDRESS.search(stripped) or _NUMBER.search(stripped) or _LOGIN.match(stripped):
        return WITHHELD
    segments = [segment.split() for segment in _SEGMENTS.split(stripped)]
    if len(segments) == 2 and all(len(words) == 1 for words in segments):  # "Nordmann, Kari"
        segments = [[words[0] for words in segments]]
    return WITHHELD if any(_has_name(words) for words in segments) else stripped


def _has_name(words: list[str]) -> bool:
    """Tell whether two capitalised words in a row are left when organisations are told apart."""
    before = False
    for word in words:
        if _is_organisation(word):
            return False  # what follows is part of its name
        named = bool(_WORD.match(word)) and word[0].isupper() and not _has(word, _TITLE)
        if named and before and words[-1].lower() not in _ENDINGS:
            return True
        before = named
    return False


def _is_organisation(word: str) -> bool:
    return _has(word, _ORGANISATION) and not _has(word, _TITLE)


def _has(word: str, parts: tuple[str, ...]) -> bool:
    low = word.lower()
    return any(part in low for part in parts)


def text_only(text: str) -> str:
    """Return a text with every address, national identity number and telephone withheld.

    Examples
    --------
    >>> text_only("Spør ola@example.org, 01010112345 eller 22 33 44 55.")
    'Spør utelatt, utelatt eller utelatt.'
    """
    return _NUMBER.sub(WITHHELD, _ADDRESS.sub(WITHHELD, text))
