"""How alike are two names? The words of names as bags, misspelt ones being partners, and the numbers in them."""

import difflib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from graph.model import Requirement
from vocab.wording import words

SPELT_ALIKE = 0.85
"""Likeness of two words from which one is the other misspelt."""

_LONG = 6
_ABBREVIATION = re.compile(r"\([A-ZÆØÅ0-9-]{2,8}\)")  # said once more in brackets

GENERIC = words(
    "kurs opplæring grunnopplæring kompetanse kunnskap krav gjennomført bestått ansatt medarbeider årlig "
    "obligatorisk nettkurs e-læring innføring course training competence knowledge requirement employee annual"
) - words("for grunn")
"""Words that say that something is to be learnt, not what."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")

V = TypeVar("V")


def names_of(requirement: Requirement) -> dict[str, list[str]]:
    """Return the names in each language, without a code that they begin with."""
    code = re.escape(requirement.code or "")
    found: dict[str, list[str]] = {}
    for lang in ("nb", "nn", "en", "se"):
        wordings = [requirement.labels[lang]] if lang in requirement.labels else []
        wordings += requirement.alt_labels.get(lang, ())
        for text in wordings:
            plain = re.sub(rf"^{code}[\s:.–-]*", "", text, flags=re.IGNORECASE) if code else text
            group = found.setdefault(lang, [])
            if plain not in group:
                group.append(plain or text)
    return found or {"nb": [requirement.id]}


def in_shared_languages(one: Mapping[str, V], other: Mapping[str, V]) -> list[tuple[V, V]]:
    """Return what two have in each language that both have; one written form beside the other if it must be."""
    found = [(one[lang], other[lang]) for lang in one if lang in other]
    if not {"nb", "nn"} & one.keys() & other.keys():
        crossed = [(a, b) for a, b in (("nb", "nn"), ("nn", "nb")) if a in one and b in other]
        found += [(one[a], other[b]) for a, b in crossed]
    return found


def first_name(names: Mapping[str, Sequence[str]]) -> str:
    """Return the name that stands first."""
    return next(name for group in names.values() for name in group)


def bag_of(name: str, *, whole: bool = True) -> frozenset[str]:
    """Return the words of a name without those that say nothing; all of them if no other is left and `whole`."""
    found = frozenset(_noun(word) for word in words(_ABBREVIATION.sub(" ", name)))
    generic = frozenset(_noun(word) for word in GENERIC)
    return found - generic or (found if whole else frozenset())


def _noun(word: str) -> str:
    """Return a word without the ending that makes a noun of a verb (*forebygge*, *forebygging*)."""
    return word.removesuffix("ing") if len(word) >= _LONG else word


def unmatched(one: frozenset[str], other: frozenset[str]) -> tuple[float, frozenset[str], frozenset[str]]:
    """Return the share of words in common and those of each without a partner, misspelt ones being partners."""
    mine, theirs = set(one - other), set(other - one)
    for word in sorted(mine):
        near = [w for w in sorted(theirs) if min(len(w), len(word)) > 4 and _alike(w, word)]
        if near:
            mine.remove(word)
            theirs.remove(near[0])
    common = len(one) - len(mine)
    whole = common + len(mine) + len(theirs)
    return (common / whole if whole else 0.0), frozenset(mine), frozenset(theirs)


@lru_cache(maxsize=200_000)
def _alike(one: str, other: str) -> bool:
    if 2 * min(len(one), len(other)) < SPELT_ALIKE * (len(one) + len(other)):
        return False  # no more than the shorter one can be in common
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= SPELT_ALIKE and matcher.ratio() >= SPELT_ALIKE


def numbers(name: str) -> frozenset[str]:
    """Return the numbers in a name as written."""
    return frozenset(_NUMBER.findall(name))
