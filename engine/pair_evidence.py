"""What do two texts have in common, and what differs? All that a pair is judged by, measured once.

Words are compared by their stems, so that inflections and the two written forms of Norwegian meet; numbers, titles,
dates, editions, languages, subjects and audiences are compared beside them, and vectors when they are known.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Final

from engine.alignment import RUN, equal_blocks
from engine.amendments import changed_act
from engine.model import COMMON_EDITION, Resource, Vectors
from engine.steering import text_basis
from engine.text_prints import quoted, running_text, says_supplement, stems, title_head, title_words
from vocab.language import detect_language

LANGUAGES: Final = ("nb", "nn", "en", "se")

_NUMBER: Final = re.compile(r"(?<![\w.,])\d+(?:[.,:/]\d+)*(?![\w])|\d+(?:[.,]\d+)?")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_READ: Final = 4_000
"""Texts that are kept read: a text is in several pairs."""

_TELLING_WORDS: Final = 8
"""Words that each has alone from which they tell the language, where sources state one language for both."""

_SURE: Final = 1.4
"""Sum of two confidences from which their languages are believed to differ."""

_ALIKE: Final = 0.25
"""Share of the words that each has alone whose stems the other has: two written forms of one text, no other words."""

_NEAR: Final = 0.4
_FEW: Final = 0.03
"""Share of words up to which a difference is no other language, whatever the sources state."""


@dataclass(frozen=True, slots=True)
class Read:
    """A resource made ready to be compared."""

    resource: Resource
    text: str
    stems: tuple[str, ...]
    surfaces: Counter[str]
    numbers: Counter[str]
    title: frozenset[str]
    basis: str
    supplement: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against two resources being one work.

    Attributes
    ----------
    identical
        Title, summary and body are the same but for white space and casing.
    words
        How many words each has.
    shared
        Share of the words of both that stand in the same order in the other one.
    passages
        The same, of words in shared runs of three words and more.
    part_a, part_b
        Of each text the share of its words that stand in shared runs.
    title
        Share of title words that are common.
    cosine
        Of mean vectors; None when one is not known.
    concepts
        Overlap of subjects, weighted by score.
    requirements, themes
        Whether they share a requirement, a theme that the source stated.
    numbers_a, numbers_b
        Numbers that one has more often than the other.
    numbers_shared
        How many numbers stand in both.
    languages
        Languages as written, judged by words and by what sources state.
    editions, dates
        Of each, the edition, and the day of the last change as far as it is known.
    local
        ``a`` or ``b`` when that one belongs to an edition and the other to the common one, else empty.
    other_audience
        Both name their audience, and nobody is in both.
    says_supplement, names_title
        What the local text says: that it supplements a common one; the title of the other.
    acts
        Of each the act that it changes or enacts, empty if it is no such text.
    """

    identical: bool
    words: tuple[int, int]
    shared: float
    passages: float
    part_a: float
    part_b: float
    title: float
    cosine: float | None
    concepts: float
    requirements: bool
    themes: bool
    numbers_a: tuple[str, ...]
    numbers_b: tuple[str, ...]
    numbers_shared: int
    languages: tuple[str, str]
    editions: tuple[str, str]
    dates: tuple[date | None, date | None]
    local: str = ""
    other_audience: bool = False
    says_supplement: bool = False
    names_title: bool = False
    acts: tuple[str, str] = ("", "")

    @property
    def sameness(self) -> float:
        """How much of both is the same text, 0 to 1."""
        return (self.shared + self.passages) / 2


@dataclass(frozen=True, slots=True)
class EvidenceReader:
    """Measures pairs.

    Attributes
    ----------
    vector : callable
        Returns the mean vector of a resource's passages as a unit row, or None.
    """

    vector: Callable[[Resource], Vectors | None] = field(default=lambda _: None)

    def read(self, a: Resource, b: Resource) -> Evidence:
        """Return the evidence on a pair."""
        one, other = read_text(a), read_text(b)
        blocks = equal_blocks(one.stems, other.stems)
        n_a, n_b = len(one.stems), len(other.stems)
        both = max(1, n_a + n_b)
        in_runs = sum(n for *_, n in blocks if n >= RUN)
        vector_a, vector_b = self.vector(a), self.vector(b)
        local = _local(a, b)
        supplement, central = (one, other) if local == "a" else (other, one)
        same_letters = one.basis == other.basis
        shared = 2 * sum(n for *_, n in blocks) / both
        return Evidence(
            identical=same_letters,
            words=(n_a, n_b),
            shared=shared,
            passages=2 * in_runs / both,
            part_a=in_runs / max(1, n_a),
            part_b=in_runs / max(1, n_b),
            title=len(one.title & other.title) / max(1, len(one.title | other.title)),
            cosine=None if vector_a is None or vector_b is None else float(vector_a @ vector_b),
            concepts=_overlap(a, b),
            requirements=bool(set(a.teaches) & set(b.teaches)),
            themes=bool(set(a.themes) & set(b.themes)),
            numbers_a=_listed(one.numbers - other.numbers),
            numbers_b=_listed(other.numbers - one.numbers),
            numbers_shared=sum((one.numbers & other.numbers).values()),
            languages=(a.language, a.language) if same_letters else _languages(one, other, shared >= _NEAR),
            editions=(a.edition, b.edition),
            dates=(a.updated or a.published, b.updated or b.published),
            local=local,
            other_audience=bool(a.audience and b.audience and not set(a.audience) & set(b.audience)),
            says_supplement=bool(local) and supplement.supplement,
            names_title=bool(local) and _names(supplement, central.resource.title),
            acts=(changed_act(a), changed_act(b)),
        )


def read_text(resource: Resource) -> Read:
    """Return a resource made ready; the latest are kept."""
    return replace(_read(resource.title, resource.summary, resource.body), resource=resource)


def numbers_of(text: str) -> Counter[str]:
    """Return the numbers in a text, however the decimal point is written.

    Examples
    --------
    >>> sorted(numbers_of("5mg ved 37,5 °C, blodtrykk 120/80 i 2024."))
    ['120/80', '2024', '37.5', '5']
    """
    return Counter(number.replace(",", ".") for number in _NUMBER.findall(text.replace("–", "-")))


@lru_cache(_READ)
def _read(title: str, summary: str, body: str) -> Read:
    resource = Resource("", title, summary, body)
    text = running_text(resource)
    return Read(
        resource,
        text,
        tuple(stems(text)),
        Counter(_LETTERS.findall(text.lower())),
        numbers_of(f"{title}\n{text}"),
        title_words(title),
        text_basis(resource),
        says_supplement(resource),
    )


def _local(a: Resource, b: Resource) -> str:
    if a.edition == b.edition or COMMON_EDITION not in {a.edition, b.edition}:
        return ""
    return "a" if b.edition == COMMON_EDITION else "b"


def _listed(numbers: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(numbers.elements()))


def _overlap(a: Resource, b: Resource) -> float:
    of_a = {tag.concept: tag.score for tag in a.about if tag.decision != "rejected"}
    of_b = {tag.concept: tag.score for tag in b.about if tag.decision != "rejected"}
    every = of_a.keys() | of_b.keys()
    most = math.fsum(max(of_a.get(c, 0.0), of_b.get(c, 0.0)) for c in every)
    return math.fsum(min(of_a.get(c, 0.0), of_b.get(c, 0.0)) for c in every) / most if most else 0.0


def _names(text: Read, title: str) -> bool:
    """Tell whether a text names a title, or what stands before its colon."""
    whole = f" {' '.join(text.stems)} "
    for name in dict.fromkeys([title, title_head(title)]):
        words = stems(name)
        if len(words) > 1 and f" {' '.join(words)} " in whole:
            return True
        if words and any(stems(quoted) == words for quoted in quoted(text.text)):
            return True
    return False


def _languages(a: Read, b: Read, near: bool) -> tuple[str, str]:
    """Return the languages of two texts: as stated, unless, in near texts, the words that only one has say otherwise."""
    stated = a.resource.language, b.resource.language
    if not near:
        return stated
    only_a, only_b = _words(a.surfaces - b.surfaces), _words(b.surfaces - a.surfaces)
    few = min(len(only_a), len(only_b)) <= _FEW * max(len(a.stems), len(b.stems), 1)
    known = all(language in LANGUAGES for language in stated)
    if stated[0] != stated[1] and known:
        return (stated[0], stated[0]) if few else stated
    if few or min(len(only_a), len(only_b)) < _TELLING_WORDS:
        return (stated[0], stated[0]) if known else ("", "")
    stems_a, stems_b = Counter(stems(" ".join(only_a))), Counter(stems(" ".join(only_b)))
    if sum((stems_a & stems_b).values()) < _ALIKE * min(len(only_a), len(only_b)):
        return stated if known else ("", "")
    (lang_a, sure_a), (lang_b, sure_b) = _written(only_a), _written(only_b)
    if lang_a != lang_b and sure_a + sure_b >= _SURE:
        return lang_a, lang_b
    return stated if known else ("", "")


def _words(counted: Counter[str]) -> Sequence[str]:
    return list(counted.elements())


def _written(words: Sequence[str]) -> tuple[str, float]:
    language, sure = detect_language(" ".join(words))
    return ("nb" if language in {"da", "sv"} else language), sure
