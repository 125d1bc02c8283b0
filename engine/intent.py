"""What is wished for besides a topic? Words of a query that name a type, reader, arena, level, length or edition.

*Kort film om demens for helsefagarbeidere* is about *demens*; the rest says which kind of resource would be
liked best. Such wishes rank and never filter: a resource need not contain the word *film*. They are recognised
by the labels of the vocabulary, and a few everyday words that it does not have.

Who it is for is not whom it is about: a role or group after *for* or *til* is a reader, one after *av*, *med*
or *by* is part of the topic, and a role without either may be a reader.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.entry import DURATION_BUCKETS, LONGEST_BUCKET, duration_bucket
from vocab.analysis import Token, analyse
from vocab.concept import ConceptId
from vocab.matcher import LabelMatch
from vocab.vocabulary import Vocabulary

FACET_OF = {
    "ressurstype": "resource_type",
    "rolle": "audience",
    "malgruppe": "audience_group",
    "arena": "arena",
}
"""Facet that the concepts of a scheme are values of."""

TOPICS = frozenset({"tema", "tilstand", "prosedyre", "krav"})

_FOR = frozenset(["for", "til", "åt", "to"])
_NOT_FOR = frozenset(
    ["av", "med", "om", "fra", "frå", "hos", "hjå", "mot", "by", "of", "with", "from", "about"]
)
_AND = frozenset(["og", "eller", "and", "or"])

_TYPES = {
    "kurs": ("kurs", "e-laeringskurs"),
    "course": ("kurs", "e-laeringskurs"),
    "courses": ("kurs", "e-laeringskurs"),
    "e-learning": ("e-laeringskurs",),
    "elearning": ("e-laeringskurs",),
    "videos": ("film",),
    "snutt": ("film",),
    "filmsnutt": ("film",),
    "procedure": ("fagprosedyre",),
    "procedures": ("fagprosedyre",),
    "podcasts": ("podkast",),
    "posters": ("plakat",),
    "checklists": ("sjekkliste",),
}
"""Everyday words for types that are no label of the vocabulary; *kurs* is said of both kinds."""

_SHORT = frozenset(["kort", "korte", "kortfattet", "kortfatta", "short", "brief", "quick"])
_AT_MOST = r"(?:under|maks(?:imalt)?\.?|inntil|opptil|opp\s+til|mindre\s+enn|høyst|at\s+most|up\s+to|less\s+than|max\.?)"
_MINUTES = re.compile(
    rf"(?<!\w)(?:(?P<most>{_AT_MOST})\s+)?(?P<number>\d{{1,3}})[\s-]*"
    r"(?P<unit>min(?:utt(?:er|ers|ar)?|utes?|s)?|timers?|timars?|time|hours?)(?!\w)\.?",
    re.IGNORECASE,
)
_HOURS = ("t", "h")

_LEVELS = ConceptId("niva/kompetanseniva")
_NO_LEVEL = frozenset(["skole", "skule", "opplæring", "utdanning", "school", "education"])

EDITIONS = {
    "ahus": ("ahus", "akershus universitetssykehus", "akershus universitetssjukehus"),
    "innlandet": ("innlandet", "sykehuset innlandet", "sjukehuset innlandet"),
    "oslo": ("oslo", "oslo universitetssykehus", "oslo universitetssjukehus", "ous"),
    "ostfold": ("østfold", "sykehuset østfold", "sjukehuset østfold"),
    "vestfold": ("vestfold", "sykehuset i vestfold", "sjukehuset i vestfold"),
    "vestre-viken": ("vestre viken",),
    "telemark": ("telemark", "sykehuset telemark", "sjukehuset telemark"),
    "agder": ("agder", "sørlandet sykehus", "sørlandet sjukehus"),
    "stavanger": ("stavanger", "helse stavanger"),
    "fonna": ("fonna", "helse fonna"),
    "bergen": ("bergen", "helse bergen"),
    "forde": ("førde", "helse førde"),
    "more-og-romsdal": ("møre og romsdal", "helse møre og romsdal"),
    "st-olavs": ("st. olavs", "st. olavs hospital"),
    "nord-trondelag": ("nord-trøndelag", "helse nord-trøndelag"),
    "helgeland": ("helgeland", "helgelandssykehuset", "helgelandssjukehuset"),
    "nordland": ("lofoten, vesterålen og salten", "nordlandssykehuset", "nordlandssjukehuset"),
    "troms-og-ofoten": ("troms og ofoten", "universitetssykehuset nord-norge", "unn"),
    "finnmark": ("finnmark", "finnmarkssykehuset", "finnmarkssjukehuset"),
}
"""Names of the helsefellesskap and their hospitals, by the value of the facet `edition`."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish and the words that say it [code points].

    `values` are the facet's values that would meet it, the one that names it first, with their share of
    the weight in (0, 1]. `aside` tells that the words say nothing about the topic.
    """

    facet: str
    values: tuple[tuple[str, float], ...]
    start: int
    end: int
    aside: bool


def find_wishes(
    text: str, tokens: Sequence[Token], matches: Sequence[LabelMatch], vocabulary: Vocabulary
) -> tuple[Wish, ...]:
    """Find the wishes in a query, in order of place.

    Parameters
    ----------
    text : str
        The query.
    tokens : sequence of Token
        Its words.
    matches : sequence of LabelMatch
        The concepts named in it (`LabelMatcher.match_query`).
    vocabulary : Vocabulary
        Names of levels, and which roles are kinds of which.

    Examples
    --------
    >>> from vocab.matcher import LabelMatcher
    >>> from vocab.vocabulary import open_vocabulary
    >>> vocabulary = open_vocabulary()
    >>> text = "kort film om demens for helsefagarbeidere på Ahus"
    >>> matches = LabelMatcher(vocabulary).match_query(text)
    >>> [(w.facet, w.values[0][0]) for w in find_wishes(text, analyse(text), matches, vocabulary)]
    [('duration', '0-15'), ('resource_type', 'film'), ('audience', 'helsefagarbeider'), ('edition', 'ahus')]
    """
    taken = [(m.start, m.end) for m in matches]
    labelled = [
        Wish(facet, ((value, 1.0),), start, end, aside=False)
        for start, end, facet, value in _labelled(tokens, vocabulary)
        if facet == "edition" or not any(s < end and start < e for s, e in taken)
    ]
    names = [wish for wish in labelled if wish.facet == "edition"]
    outside = [m for m in matches if not any(n.start <= m.start and m.end <= n.end for n in names)]
    found = [*_named(tokens, outside, vocabulary), *labelled]
    found += _everyday_types(tokens, found)
    found += _lengths(text, tokens, found)
    return tuple(sorted(found, key=lambda wish: (wish.start, wish.facet)))


def _named(tokens: Sequence[Token], matches: Sequence[LabelMatch], vocabulary: Vocabulary) -> list[Wish]:
    """Return the wishes that are concepts."""
    topics = {(m.start, m.end) for m in matches if m.concept.split("/", 1)[0] in TOPICS}
    wishes: list[Wish] = []
    readers_end = -1  # where the last reader after "for" ended
    for match in matches:
        scheme, name = match.concept.split("/", 1)
        facet = FACET_OF.get(scheme)
        if facet is None:
            continue
        before = _word_before(tokens, match.start, skipping=_AND if readers_end >= 0 else frozenset())
        after_for = before is not None and (before.surface.lower() in _FOR or before.end == readers_end)
        about = before is not None and before.surface.lower() in _NOT_FOR
        topic = (match.start, match.end) in topics
        if facet == "audience_group":
            if after_for:
                wishes.append(Wish(facet, ((name, 1.0),), match.start, match.end, aside=False))
            continue
        if facet == "audience":
            if after_for:
                readers_end = match.end
            if about:
                continue
            values = _kin(match.concept, vocabulary)
            wishes.append(Wish(facet, values, match.start, match.end, aside=after_for and not topic))
        elif facet == "resource_type":
            names = _TYPES.get(match.surface.lower(), (name,))
            values = tuple((value, 1.0) for value in names)
            wishes.append(Wish(facet, values, match.start, match.end, aside=not topic))
        else:
            wishes.append(Wish(facet, ((name, 1.0),), match.start, match.end, aside=False))
    return wishes


def _word_before(tokens: Sequence[Token], start: int, skipping: frozenset[str]) -> Token | None:
    before = [token for token in tokens if token.end <= start]
    if before and before[-1].surface.lower() in skipping:
        before.pop()
    return before[-1] if before else None


def _kin(role: ConceptId, vocabulary: Vocabulary) -> tuple[tuple[str, float], ...]:
    """Return a role with those it is a kind of, and those that are kinds of it, at half its weight."""
    near = [*vocabulary.broader(role), *vocabulary.narrower(role)]
    names = [c.id.split("/", 1)[1] for c in near if c.scheme == "rolle" and not c.deprecated]
    return ((role.split("/", 1)[1], 1.0), *((name, 0.5) for name in names[:8]))


def _labelled(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[tuple[int, int, str, str]]:
    """Return (start, end, facet, value) of the levels and editions that are named, the longest names."""
    names = _names(vocabulary)
    found = []
    at = 0
    while at < len(tokens):
        for length in range(min(4, len(tokens) - at), 0, -1):
            words = tuple(token.text for token in tokens[at : at + length])
            if words in names and not _schooling(tokens, at, length, names[words][0]):
                found.append((tokens[at].start, tokens[at + length - 1].end, *names[words]))
                at += length - 1
                break
        at += 1
    return found


def _schooling(tokens: Sequence[Token], at: int, length: int, facet: str) -> bool:
    """Tell whether a word of level belongs to the name of a school (*videregående skole*)."""
    after = tokens[at + length].surface.lower() if at + length < len(tokens) else ""
    return facet == "level" and after in _NO_LEVEL


@lru_cache(8)
def _names(vocabulary: Vocabulary) -> dict[tuple[str, ...], tuple[str, str]]:
    """Return the analysed names of levels and editions with facet and value."""
    names: dict[tuple[str, ...], tuple[str, str]] = {}
    for value, texts in EDITIONS.items():
        for text in texts:
            names[tuple(token.text for token in analyse(text))] = ("edition", value)
    for concept in vocabulary.narrower(_LEVELS):
        value = concept.id.split("/", 1)[1]
        alternatives = [label for labels in concept.alt_label.values() for label in labels]
        for label in (*concept.pref_label.values(), *alternatives):
            names.setdefault(tuple(token.text for token in analyse(label)), ("level", value))
    return names


def _everyday_types(tokens: Sequence[Token], wishes: Sequence[Wish]) -> list[Wish]:
    return [
        Wish(
            "resource_type",
            tuple((value, 1.0) for value in _TYPES[token.surface.lower()]),
            token.start,
            token.end,
            aside=True,
        )
        for token in tokens
        if token.surface.lower() in _TYPES
        and not any(w.start <= token.start and token.end <= w.end for w in wishes)
    ]


def _lengths(text: str, tokens: Sequence[Token], wishes: Sequence[Wish]) -> list[Wish]:
    """Return wishes for a length: minutes, or *kort* where it says something of a resource."""
    found = []
    typed = any(wish.facet == "resource_type" for wish in wishes)
    for match in _MINUTES.finditer(text):
        hours = match["unit"][0].lower() in _HOURS
        minutes = int(match["number"]) * (60 if hours else 1)
        clear = typed or match["most"] is not None
        if minutes and (clear or not hours):  # "24 timers blodtrykk" is a topic
            values = _up_to(minutes) if match["most"] else (duration_bucket(minutes),)
            found.append(
                Wish("duration", tuple((v, 1.0) for v in values), match.start(), match.end(), aside=clear)
            )
    for number, token in enumerate(tokens):
        after = tokens[number + 1].surface.lower() if number + 1 < len(tokens) else ""
        if token.surface.lower() in _SHORT and (
            typed or (number == 0 and after in {"om", "about", "innføring"})
        ):
            found.append(
                Wish("duration", ((DURATION_BUCKETS[0][1], 1.0),), token.start, token.end, aside=True)
            )
    return found


def _up_to(minutes: int) -> tuple[str, ...]:
    """Return the buckets of what lasts at most so long, the longest first.

    Examples
    --------
    >>> _up_to(15), _up_to(45), _up_to(90)
    (('0-15',), ('31-60', '16-30', '0-15'), ('61-', '31-60', '16-30', '0-15'))
    """
    names = [name for _, name in DURATION_BUCKETS] + [LONGEST_BUCKET]
    return tuple(reversed(names[: names.index(duration_bucket(minutes)) + 1]))
