"""Which roles, groups, places and topics does a text name? Those of the vocabulary, and a few in everyday words.

The first part of a compound names something, too (*legevaktkonsultasjon*).
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from engine.facet_cues import Cue, Standing, standing
from engine.model import Span
from vocab.analysis import analyse, is_abbreviation
from vocab.concept import ConceptId
from vocab.matcher import LabelMatch, LabelMatcher
from vocab.vocabulary import Vocabulary

Field = Literal["title", "summary", "body"]

PEOPLE_SCHEMES = ("rolle/", "malgruppe/", "arena/")
"""What the schemes begin with whose concepts are looked for in all fields."""

_LIS = (ConceptId("rolle/lis1"), ConceptId("rolle/lis2"), ConceptId("rolle/lis3"))

EVERYDAY: dict[str, tuple[ConceptId, ...]] = {
    r"[Kk]ommun(?:e|en|er|ar|ene|ane)|[Hh]else og omsorg": (ConceptId("arena/kommunal"),),
    r"[Ii] mottak(?:et)?": (ConceptId("arena/akuttmottak"),),
    r"(?:[Hh]jemme|[Hh]eime) hos(?= (?:bruker|brukar|pasient|en |ein |eldre))": (
        ConceptId("arena/hjemmet"),
        ConceptId("arena/hjemmetjeneste"),
    ),
    r"(?:bor|bur|bu|bo) (?:hjemme|heime)": (ConceptId("malgruppe/hjemmeboende"),),
    r"[Hh]jemme|[Hh]eime|[Ii] (?:hjemmet|heimen)|[Aa]t home": (ConceptId("arena/hjemmet"),),
    r"[Kk]ronisk \w+": (ConceptId("malgruppe/kronisk-syke"),),
    r"[Ll]eg(?:er|ar|en|ene|ane) i spesialisering|LIS(?:-leger|-legar)?|[Dd]octors in training": _LIS,
}
"""Words that are no label of the vocabulary, or mean more than the one concept with that label; the first that fits."""

_EVERYDAY = [
    (re.compile(rf"(?<![\w-])(?:{words})(?![\w-])"), concepts) for words, concepts in EVERYDAY.items()
]


@dataclass(frozen=True, slots=True)
class Name:
    """A concept named in a field."""

    concept: ConceptId
    label: str
    field: Field
    start: int
    end: int
    surface: str
    part: bool
    standing: Standing

    @property
    def scheme(self) -> str:
        """The scheme of the concept."""
        return self.concept.split("/", 1)[0]

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.field, self.start, self.end)

    @property
    def plural(self) -> bool:
        """Whether it may stand in the plural: *for leger* means readers more often than *for lege*."""
        surface = self.surface.lower()
        return surface != self.label.lower() or surface.endswith(("ell", "ere"))

    @property
    def genitive(self) -> bool:
        """Whether something of theirs is spoken of (*familiens ønsker*)."""
        return self.surface.lower().endswith("s") and not self.label.lower().endswith("s")


class NameFinder:
    """Finds the names in texts.

    Parameters
    ----------
    vocabulary, matcher
        Concepts and their labels.
    topics
        Topics that are looked for in titles and summaries.
    """

    def __init__(self, vocabulary: Vocabulary, matcher: LabelMatcher, topics: Iterable[ConceptId]) -> None:
        self._vocabulary = vocabulary
        self._matcher = matcher
        self._topics = frozenset(topics)
        self._part = lru_cache(1 << 14)(self._named_by_part)

    def names(self, where: Field, text: str) -> list[Name]:
        """Return the names in the text of a field."""
        everyday, taken = self._everyday(where, text)
        found = [
            Name(m.concept, m.label, where, m.start, m.end, m.surface, False, standing(text, m.start, m.end))
            for m in _unambiguous(self._matcher.matches(text))
            if m.concept.startswith(PEOPLE_SCHEMES) or (where != "body" and m.concept in self._topics)
            if not any(taken[m.start : m.end])
        ]
        for name in found:
            _take(taken, name.start, name.end)
        for token in analyse(text):
            if token.parts and not any(taken[token.start : token.end]):
                found += [
                    Name(
                        m.concept,
                        m.label,
                        where,
                        token.start,
                        token.end,
                        token.surface,
                        True,
                        standing(text, token.start, token.end),
                    )
                    for m in self._part(token.parts[0])
                ]
        return found + everyday

    def _everyday(self, where: Field, text: str) -> tuple[list[Name], bytearray]:
        """Return the names that are everyday words, and for each letter whether it is in such a word."""
        found: list[Name] = []
        taken = bytearray(len(text))
        for pattern, concepts in _EVERYDAY:
            for hit in pattern.finditer(text):
                if any(taken[hit.start() : hit.end()]):
                    continue
                _take(taken, hit.start(), hit.end())
                stood = standing(text, hit.start(), hit.end())
                if hit.group() == "LIS" and stood.cue not in {Cue.READER, Cue.ADDRESSED}:
                    continue  # a laboratory's system has this name, too
                found += [
                    Name(c, hit.group(), where, hit.start(), hit.end(), hit.group(), False, stood)
                    for c in concepts
                    if c in self._vocabulary
                ]
        return found, taken

    def _named_by_part(self, part: str) -> tuple[LabelMatch, ...]:
        """Return the roles and arenas that the first part of a compound names (*legevakt|konsultasjon*)."""
        return tuple(
            m
            for m in _unambiguous(self._matcher.matches(part))
            if m.concept.startswith(("arena/", "rolle/")) and m.end - m.start == len(part)
        )


def _take(taken: bytearray, start: int, end: int) -> None:
    taken[start:end] = b"\1" * (end - start)


def _unambiguous(matches: Iterable[LabelMatch]) -> list[LabelMatch]:
    """Return the matches but those whose label another concept has, too: one of the scheme, or any for abbreviations."""
    by_place: defaultdict[tuple[int, int, str], list[LabelMatch]] = defaultdict(list)
    for m in matches:
        if m.ambiguous and is_abbreviation(m.label):  # KAD is a ward and a catheter
            continue
        by_place[m.start, m.end, m.concept.split("/", 1)[0]].append(m)
    return [found[0] for found in by_place.values() if len(found) == 1]
