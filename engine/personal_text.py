"""Does this text tell who somebody is? Numbers of people, telephones, cards, addresses and full names, before it is kept.

When in doubt it does: nothing is lost but a count. What is found is only named by its kind, never repeated. Names are
known by a short list, so a rare name passes; `engine.known_words` keeps those away from what is counted.
"""

import re
import unicodedata
from itertools import pairwise
from typing import Final, Literal

from engine.common_names import FAMILY_NAMES, FIRST_NAMES
from vocab.analysis import surface_words

Personal = Literal["identity_number", "phone", "card", "number", "birth_date", "email", "address", "name"]

LONGEST_RUN: Final = 6
"""More digits than these in a row, whatever stands between them, are a number of somebody or something."""

MANY_DIGITS: Final = 9
"""From so many digits on, anywhere in a query, it is taken for a number in pieces."""

SPELT_OUT: Final = 6
"""So many figures in words, one after the other, are a number."""

_GAP: Final = r"[\W_]{0,3}"
_RUN: Final = re.compile(rf"\d(?:{_GAP}\d)*")
_YEARS: Final = re.compile(r"(?<!\d)(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d(?!\d)")
_EMAIL: Final = re.compile(
    r"\S\s*@\s*\S|\w\s*[(\[{<]\s*(?:at|alfa|krøllalfa)\s*[)\]}>]\s*\w|\w\s+krøllalfa\s+\w|"
    r"\w+ (?:at|dot|punktum) \w+ (?:dot|punktum) (?:no|com|org|net)\b"
)
_ADDRESS: Final = re.compile(r"\w+:/{1,2}\S|\bwww\.\S|\S[?&][\w-]+=|(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)")
_FIGURES: Final = frozenset([
    "null", "en", "ein", "ett", "eitt", "to", "tre", "fire", "fem", "seks", "sju", "syv", "åtte", "ni", "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"
])  # fmt: skip


def plain(text: str) -> str:
    """Return a text in lower case, digits of all scripts and widths as 0–9, without characters that are not seen.

    Examples
    --------
    >>> plain("Fall\u00ad hos  \uff11\uff12 ELDRE")
    'fall hos 12 eldre'
    """
    kept = []
    for character in unicodedata.normalize("NFKC", text):
        kind = unicodedata.category(character)
        if kind == "Nd":
            kept.append(str(unicodedata.decimal(character)))
        elif kind in {"Cc", "Zs", "Zl", "Zp"}:
            kept.append(" ")
        elif kind not in {"Cf", "Cs", "Co", "Cn", "Mn", "Me"}:
            kept.append(character)
    return " ".join("".join(kept).lower().split())


def personal(text: str, *, running: bool = False) -> Personal | None:
    """Return what in a text may tell who somebody is, None when nothing does.

    Parameters
    ----------
    text : str
        A query, or what somebody wrote.
    running : bool
        Whether it is running text, where a few short numbers may stand far apart.

    Examples
    --------
    >>> personal("010190 12345"), personal("ring 22 33 44 55"), personal("kari@example.org")
    ('number', 'phone', 'email')
    >>> personal("Kari Nordmann fall"), personal("plan 2023-2024"), personal("covid-19 og NEWS2")
    ('name', None, None)
    """
    text = plain(text)
    if _EMAIL.search(text):
        return "email"
    if _ADDRESS.search(text):
        return "address"
    text = _YEARS.sub(" ", text)
    for run in _RUN.finditer(text):
        found = _number(re.sub(r"\D", "", run[0]))
        if found is not None:
            return found
    if not running and sum(c.isdigit() for c in text) >= MANY_DIGITS:
        return "number"
    words = surface_words(text)
    return "number" if _spelt_out(words) else "name" if _names(words) else None


def _number(digits: str) -> Personal | None:
    n = len(digits)
    if n == LONGEST_RUN and _is_date(digits):
        return "birth_date"
    if n <= LONGEST_RUN:
        return None
    if n == 11 and is_identity_number(digits):
        return "identity_number"
    if n == 8 and digits[0] in "2345789":
        return "phone"
    if (n == 10 and digits.startswith("47")) or (n == 12 and digits.startswith("0047")):
        return "phone"
    return "card" if 13 <= n <= 19 and _luhn(digits) else "number"


def is_identity_number(digits: str) -> bool:
    """Tell whether eleven digits are a fødselsnummer, D-number or H-number by their two control digits."""
    if len(digits) != 11 or not digits.isdecimal():
        return False
    d = [int(c) for c in digits]
    for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)):
        if sum(w * v for w, v in zip(weights, d, strict=False)) % 11:
            return False
    return True


def _is_date(digits: str) -> bool:
    """Tell whether six digits are day, month and year, or year, month and day; a D-number's day has 40 added."""
    day, month, last = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    return 1 <= month <= 12 and (1 <= day <= 31 or 41 <= day <= 71 or 1 <= last <= 31)


def _luhn(digits: str) -> bool:
    total = 0
    for place, c in enumerate(reversed(digits)):
        value = int(c) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _spelt_out(words: list[str]) -> bool:
    row = 0
    for word in words:
        row = row + 1 if word in _FIGURES else 0
        if row >= SPELT_OUT:
            return True
    return False


def _names(words: list[str]) -> bool:
    """Tell whether a first name stands before a family name, with initials or further names between or not."""
    first = False
    for word in words:
        if first and word in FAMILY_NAMES:
            return True
        first = word in FIRST_NAMES or (first and len(word) == 1)
    return any(
        one in FAMILY_NAMES and two in FIRST_NAMES and one not in FIRST_NAMES for one, two in pairwise(words)
    )
