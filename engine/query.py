"""What did the person mean? Text in, analysed query out: words, concepts, repairs.

The text is never parsed as anybody's query language: it is analysed like the resources, and the
result is terms. Words of the grammar ("og", "the") score but do not match by themselves, nor do
4-grams; a compound also matches resources that have all its parts; a concept also matches by its
labels in the other written forms.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.entry import concept_term, narrower_term
from engine.model import Clause, LexicalQuery
from engine.repair import Lexicon, in_a_lexicon
from vocab.analysis import analyse, grams, is_function_word
from vocab.concept import ConceptId
from vocab.language import detect_language
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary

MAX_WORDS = 32
"""Words of a query that are looked at; what stands after them is ignored."""

ENGLISH_FROM = 2
"""A query of fewer content words [words] is too short to tell English by."""

TOPICAL = frozenset({"tema", "tilstand", "prosedyre", "malgruppe", "krav"})
"""Schemes whose concepts show that a query is about this bank."""


@dataclass(frozen=True, slots=True)
class QueryWeights:
    """Weights of the parts of a lexical query, relative to a word as typed.

    Parts and grams as measured in the language study; the others tuned on the development half of
    the golden queries. `english` is what an English word outside a concept counts: it is rare in a
    Norwegian bank whatever it says. `coverage` is the share of the query's words, weighted by rarity, that a
    resource must have to be a match; `anchor` the share that at least one resource must have for the
    query to be one about this bank at all.
    """

    part: float = 0.3
    gram: float = 0.3
    label: float = 0.7
    concept: float = 0.7
    narrower: float = 0.2
    function_word: float = 1.0
    english: float = 0.5
    coverage: float = 0.25
    anchor: float = 0.45
    weak: float = 0.7


@dataclass(frozen=True, slots=True)
class RecognisedConcept:
    """A concept whose label stands in the query [code points]."""

    concept: ConceptId
    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """An analysed query.

    `anchor` is the stricter form of `lexical` that some resource must meet, None when a health topic is
    recognised and nothing needs to be shown. `marks` are the terms to highlight, `compounds` the parts of
    compounds, to be marked where all of them stand as words. `did_you_mean` is the text with unknown
    words replaced. `english` tells that it is an English one, `one_known_word` that it is one word which
    the index knows: its vector says little.
    """

    text: str
    lexical: LexicalQuery | None
    anchor: LexicalQuery | None
    concepts: tuple[RecognisedConcept, ...]
    marks: frozenset[str]
    did_you_mean: str | None
    english: bool
    one_known_word: bool = False
    compounds: tuple[frozenset[str], ...] = ()


class Frequencies(Protocol):
    """Number of resources that have each term (`SearchIndex.document_frequency`)."""

    def __call__(self, terms: Sequence[str]) -> Sequence[int]:
        """Return one count a term."""
        ...


def parse(
    text: str,
    *,
    vocabulary: Vocabulary,
    matcher: LabelMatcher,
    lexicon: Lexicon,
    frequencies: Frequencies,
    size: int,
    weights: QueryWeights | None = None,
) -> ParsedQuery:
    """Analyse what a person typed.

    Parameters
    ----------
    text : str
        Anything at all; no text is an error.
    vocabulary, matcher
        Concepts and their labels.
    lexicon : Lexicon
        Words of the index, for repairs.
    frequencies : callable
        Number of resources that have each term.
    size : int
        Number of resources in the index.
    weights : QueryWeights, optional
        Defaults to the tuned ones.

    Returns
    -------
    ParsedQuery
        `lexical` is None when the text has no word.
    """
    w = weights or QueryWeights()
    tokens = analyse(text)[:MAX_WORDS]
    if not tokens:
        return ParsedQuery(text, None, None, (), frozenset(), None, english=False)
    words = [
        _Word(t.text, t.parts, t.surface, t.start, t.end, df, is_function_word(t.surface))
        for t, df in zip(tokens, frequencies([t.text for t in tokens]), strict=True)
    ]
    content = [word for word in words if not word.grammar] or words
    for word in words:
        _score_word(word, w)
    concepts = _concepts(text, matcher)
    for found in concepts:
        _add_labels(
            found, [x for x in content if found.start <= x.start and x.end <= found.end], vocabulary, w
        )
    replacements = _repair([word for word in content if not word.reachable], lexicon)
    english = len(content) >= ENGLISH_FROM and detect_language(text)[0] == "en"
    if english:
        for word in content:
            if not any(c.start <= word.start and word.end <= c.end for c in concepts):
                word.clauses = {key: w.english * weight for key, weight in word.clauses.items()}
    clauses: dict[tuple[str, str], float] = {}
    for word in words:
        for key, weight in word.clauses.items():
            clauses[key] = max(clauses.get(key, 0.0), weight)
    weights_of_groups = [word.rarity(size) for word in content]
    # a word that no resource can have says nothing of which resource fits
    possible = [
        rarity
        for word, rarity in zip(content, weights_of_groups, strict=True)
        if word.frequency or word.reachable
    ]
    lexical = LexicalQuery(
        clauses=tuple(
            Clause("grams" if name == "grams" else "terms", term, weight)
            for (name, term), weight in clauses.items()
        ),
        groups=tuple(tuple(dict.fromkeys(word.alternatives)) for word in content),
        minimum=w.coverage * sum(possible),
        weights=tuple(weights_of_groups),
    )
    return ParsedQuery(
        text=text,
        lexical=lexical,
        anchor=None if topical(concepts) else _anchor(content, weights_of_groups, w),
        one_known_word=len(content) == 1 and bool(content[0].frequency),
        concepts=concepts,
        marks=frozenset(m for word in content for m in word.marks),
        compounds=tuple(frozenset(word.parts) for word in content if len(word.parts) > 1),
        did_you_mean=_replace(text, replacements) if replacements and not english else None,
        english=english,
    )


def _anchor(content: list["_Word"], rarities: list[float], w: QueryWeights) -> LexicalQuery:
    """Return what a resource must have to show that the query is about this bank.

    Parts of a compound and near words are weaker signs than the word or another label of its concept:
    they count `weak` of the word's rarity.
    """
    groups, weights = [], []
    for word, rarity in zip(content, rarities, strict=True):
        groups += [tuple(dict.fromkeys(word.alternatives)), tuple(dict.fromkeys(word.strong))]
        weights += [w.weak * rarity, (1 - w.weak) * rarity]
    return LexicalQuery((), tuple(groups), minimum=w.anchor * sum(rarities), weights=tuple(weights))


@dataclass(slots=True)
class _Word:
    """A word of the query with what it may match and how that scores."""

    term: str
    parts: tuple[str, ...]
    surface: str
    start: int
    end: int
    frequency: int
    grammar: bool
    clauses: dict[tuple[str, str], float] = field(default_factory=dict)
    alternatives: list[tuple[str, ...]] = field(default_factory=list)
    strong: list[tuple[str, ...]] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    reachable: bool = False

    def score(self, name: str, term: str, weight: float) -> None:
        self.clauses[name, term] = max(self.clauses.get((name, term), 0.0), weight)

    def rarity(self, size: int) -> float:
        """Return the inverse document frequency; a word that no resource has weighs most."""
        return math.log(1 + (size - self.frequency + 0.5) / (self.frequency + 0.5)) if size else 1.0


def _score_word(word: _Word, w: QueryWeights) -> None:
    word.score("terms", word.term, w.function_word if word.grammar else 1.0)
    word.alternatives.append((word.term,))
    word.strong.append((word.term,))
    if word.grammar:
        return
    for part in word.parts:
        word.score("terms", part, w.part)
    if word.parts:
        word.alternatives.append(tuple(dict.fromkeys(word.parts)))
    word.marks.append(word.term)
    for gram in grams(word.surface):
        word.score("grams", gram, w.gram)


def _repair(words: list[_Word], lexicon: Lexicon) -> list[tuple[int, int, str]]:
    """Give unknown words near ones beside them; return (start, end, word) to ask "did you mean?" with."""
    replacements = []
    for word in words:
        if word.frequency or word.grammar:
            continue
        repairs = lexicon.repairs(word.surface)
        for repair in repairs:
            for meant in analyse(repair.word):
                word.score("terms", meant.text, repair.weight)
                word.alternatives.append((meant.text,))
                word.reachable = True
                word.marks.append(meant.text)
        if repairs and not in_a_lexicon(word.surface):
            replacements.append((word.start, word.end, repairs[0].word))
    return replacements


def _add_labels(
    found: RecognisedConcept, covered: list[_Word], vocabulary: Vocabulary, w: QueryWeights
) -> None:
    """Let every word that a concept's label covers be met by the concept's other labels too."""
    if not covered:
        return
    n = len(covered)
    for word in covered:
        word.reachable = True
        if n == 1:  # the label is known as a whole: its parts alone are something else
            word.alternatives = [a for a in word.alternatives if a != tuple(dict.fromkeys(word.parts))]
    for term, weight in (
        (concept_term(found.concept), w.concept),
        (narrower_term(found.concept), w.narrower),
    ):
        for word in covered:
            word.alternatives.append((term,))
            word.strong.append((term,))
        covered[0].score("terms", term, weight * n)
    for label in labels_of(found.concept, vocabulary):
        terms = tuple(dict.fromkeys(t.text for t in analyse(label)))
        if terms:
            for word in covered:
                word.alternatives.append(terms)
                word.strong.append(terms)
        for term in terms:
            covered[0].score("terms", term, w.label * n / len(terms))


def topical(concepts: tuple[RecognisedConcept, ...]) -> bool:
    """Tell whether a health topic is named: then the query is about the bank whatever else it says."""
    return any(c.concept.split("/", 1)[0] in TOPICAL for c in concepts)


def labels_of(concept: ConceptId, vocabulary: Vocabulary) -> list[str]:
    """Return preferred and alternative labels of a concept in all written forms, without doubles."""
    found = vocabulary.get(concept)
    if found is None:
        return []
    labels = [*found.pref_label.values(), *(a for alts in found.alt_label.values() for a in alts)]
    return list(dict.fromkeys(label.split(" (")[0] for label in labels))


def _concepts(text: str, matcher: LabelMatcher) -> tuple[RecognisedConcept, ...]:
    best: dict[ConceptId, RecognisedConcept] = {}
    for m in matcher.match_query(text):
        if m.concept not in best:
            best[m.concept] = RecognisedConcept(m.concept, m.label, m.start, m.end)
    return tuple(best.values())


def _replace(text: str, replacements: list[tuple[int, int, str]]) -> str:
    for start, end, word in sorted(replacements, reverse=True):
        text = text[:start] + word + text[end:]
    return text
