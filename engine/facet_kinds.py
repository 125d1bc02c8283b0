"""Of which type and at which level is this resource? Read from how it speaks of itself.

*Filmen viser*, *webinar om*, *denne prosedyren*: a text names its own type early, most often at the head of the summary.
Few texts say their level (*grunnkurs*, *for viderekomne*); for the others the readers sometimes do: apprentices and
students begin.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.model import Span
from vocab.analysis import analyse
from vocab.concept import ConceptId
from vocab.matcher import LabelMatch, LabelMatcher

COURSE, E_COURSE = ConceptId("ressurstype/kurs"), ConceptId("ressurstype/e-laeringskurs")
BASIC = ConceptId("niva/grunnleggende")
BEGINNING = 1500
"""How much of a body is read for what it calls itself [code points]."""
HEAD = 30
"""How near the beginning of the summary a type is the first thing that is said [code points]."""

TITLE, SUMMARY_HEAD, SUMMARY, BODY, SAID, LEVEL, LEARNERS = 1.0, 1.6, 0.5, 0.4, 0.9, 1.0, 0.8
"""Weights of a type's name by place, of other words that tell a type, of words for a level, and of readers who learn."""

_ITSELF = re.compile(r"(?:^|[.!?\n»]\s*|\b(?:denne|dette|this|the|i|in) )$", re.IGNORECASE)
_TOGETHER = re.compile(
    r"\b(?:dagskurs|kursdag|heldagskurs|halvdagskurs|oppmøte|deltak(?:erne|arane)|påmelding|kursholder|kurshaldar\w*|"
    r"samlinger|samlingar|lunsj|stasjoner|stasjonar|kurslokal\w*|øvingslokal\w*|participants|classroom)\b|\b[Kk]l\. \d",
    re.IGNORECASE,
)
_SAID: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (name, rule, re.compile(words, re.IGNORECASE))
    for name, rule, words in (
        (
            "podkast",
            "people talk with each other",
            (
                r"\b(?:snakk(?:er|ar)|prat(?:er|ar)|diskuter(?:er|ar)|fortel(?:ler)?|talk|i samtale) (?:med hverandre )?"
                r"(?:om|hvordan|korleis|hvorfor|kvifor|about|how|why)\b|\b(?:episoden|episode)\b"
            ),
        ),
        (
            "mikrolaering",
            "a lesson of some minutes",
            r"\bleksjon(?:en)?\b|^(?:\w+|\d+) (?:minutter|minutt|minutes) (?:om|about)\b",
        ),
        ("lovtekst", "named as an act", r"^(?:lov|midlertidig lov|forskrift|endringslov) (?:\d|om |nr)"),
    )
)
_LEVELS = tuple(
    (ConceptId(f"niva/{name}"), re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for name, words in (
        (
            "grunnleggende",
            (
                r"grunnkurs(?:et)?|grunnleggende (?:kurs|opplæring|innføring)|grunnleggjande (?:kurs|opplæring|innføring)|"
                r"introduksjonskurs(?:et)?|introduksjon til|nybegynner\w*|nybyrjar\w*|kort innføring|for nyansatte|"
                r"for nytilsette|basic course|beginners?|introductory"
            ),
        ),
        (
            "videregaende",
            (
                r"viderekom\w*|vidarekom\w*|påbygging\w*|videregående (?:kurs|nivå)|vidaregåande (?:kurs|nivå)|"
                r"fordypning\w*|fordjuping\w*|intermediate"
            ),
        ),
        (
            "avansert",
            r"avansert (?:kurs|nivå|trening)|avanserte|ekspert(?:er|ar|nivå)|advanced (?:course|level|training)",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class KindEvidence:
    """One reason to think that a resource is of a type or level."""

    concept: ConceptId
    weight: float
    rule: str
    spans: tuple[Span, ...]


def find_types(title: str, summary: str, body: str, matcher: LabelMatcher) -> Iterator[KindEvidence]:
    """Yield the evidence for resource types."""
    together = _TOGETHER.search(f"{title}\n{summary}\n{body}") is not None
    texts: tuple[tuple[Literal["title", "summary", "body"], str], ...] = (
        ("title", title),
        ("summary", summary),
        ("body", body[:BEGINNING]),
    )
    for where, text in texts:
        for m in matcher.match_query(text):
            if m.concept.startswith("ressurstype/"):
                weight = _weight(where, text, m)
                span = (Span(where, m.start, m.end),)
                if m.concept == COURSE and not together:  # both kinds are called so
                    yield KindEvidence(E_COURSE, weight, f"a course without a place, in the {where}", span)
                elif weight:
                    yield KindEvidence(m.concept, weight, f"named in the {where}", span)
        if where != "body":
            yield from _compounds(where, text, matcher)
        for name, rule, words in _SAID:
            said = words.search(text)
            if said and (where != "body" or name == "podkast"):
                weight = SAID if where != "body" else BODY
                yield KindEvidence(
                    ConceptId(f"ressurstype/{name}"), weight, rule, (Span(where, said.start(), said.end()),)
                )


def find_levels(
    title: str, summary: str, readers: Mapping[ConceptId, tuple[Span, ...]], learners: frozenset[ConceptId]
) -> Iterator[KindEvidence]:
    """Yield the evidence for levels.

    Parameters
    ----------
    title, summary
        What says a level in words.
    readers, learners
        Whom the resource is for with the words that say so, and the roles of those who learn.
    """
    texts: tuple[tuple[Literal["title", "summary"], str], ...] = (("title", title), ("summary", summary))
    for where, text in texts:
        for level, words in _LEVELS:
            said = words.search(text)
            if said:
                yield KindEvidence(
                    level, LEVEL, f"named in the {where}", (Span(where, said.start(), said.end()),)
                )
    learning = [spans for reader, spans in readers.items() if reader in learners]
    if learning:
        yield KindEvidence(BASIC, LEARNERS, "the readers are learning the profession", learning[0])


def _compounds(
    where: Literal["title", "summary"], text: str, matcher: LabelMatcher
) -> Iterator[KindEvidence]:
    """Yield the types that compounds are kinds of: *demonstrasjonsfilm* is a film."""
    for token in analyse(text):
        if (
            token.parts
            and (where == "title" or token.start < HEAD)
            and not matcher.match_query(token.surface)
        ):
            for m in matcher.match_query(token.parts[-1]):
                if m.concept.startswith("ressurstype/") and m.concept != COURSE:
                    span = (Span(where, token.start, token.end),)
                    yield KindEvidence(m.concept, TITLE, f"a compound in the {where}", span)


def _weight(where: str, text: str, m: LabelMatch) -> float:
    if where == "title":
        return TITLE
    if where == "summary":
        return SUMMARY_HEAD if m.start < HEAD else TITLE if _ITSELF.search(text, 0, m.start) else SUMMARY
    return BODY if _ITSELF.search(text, 0, m.start) else 0.0
