"""What did the person mean? Text in, analysed query out: words, concepts, wishes, repairs.

The text is never parsed as a backend's query language: it is analysed like the resources, and the
result is terms, with conditions where the person used operators (`engine.operators`). Words of the
grammar ("og", "the") score but do not match by themselves, nor do 4-grams; a compound also matches
resources that have all its parts; a concept also matches by its labels in the other written forms.
Words that only say a wish (`engine.intent`) raise what meets it and leave the topic to the others.
An unknown word that is in no lexicon either is taken for the word it is nearest to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from engine.intent import Wish, find_wishes
from engine.model import NO_CONDITIONS, Clause, Conditions, LexicalQuery, Part, Written
from engine.operators import Operators, find_operators
from engine.query_word import (
    QueryWeights,
    QueryWord,
    add_labels,
    add_wish,
    labels_of,
    merged,
    rarity,
    wish_terms,
)
from engine.repair import Lexicon, Repair, in_a_lexicon, in_dictionary, label_lexicon
from vocab.analysis import Token, analyse, analyse_word, is_english_word, is_function_word
from vocab.concept import ConceptId
from vocab.language import detect_language
from vocab.matcher import LabelMatch, LabelMatcher
from vocab.vocabulary import Vocabulary

__all__ = [
    "Frequencies",
    "ParsedQuery",
    "QueryWeights",
    "RecognisedConcept",
    "labels_of",
    "parse",
    "topical_share",
]

MAX_WORDS = 32
"""Words of a query that are looked at; what stands after them is ignored."""

ENGLISH_FROM = 2
"""A query of fewer content words [words] is too short to tell English by."""

TOPICAL = frozenset({"tema", "tilstand", "prosedyre", "malgruppe", "krav"})
"""Schemes whose concepts show that a query is about this bank."""

SHORTEST_PART = 3
"""Words below this length [letters] are not joined to their neighbours."""

ORDINARY = frozenset({"fast", "map", "mi", "stan"})
"""Words that are no abbreviations in lower case, whatever label in capitals the vocabulary has."""

Doubts = Mapping[int, tuple[Repair, ...]]
"""Where a word was repaired [code points], the other words that may have been meant."""


@dataclass(frozen=True, slots=True)
class RecognisedConcept:
    """A concept whose label stands in the query, `start` to `end` of `ParsedQuery.corrected` [code points].

    One that is meant and not named (`engine.meant_concept`) stands nowhere: from 0 to 0.
    """

    concept: ConceptId
    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """An analysed query.

    `anchor` weighs what a resource has of the query, to tell whether it is about the bank
    (`engine.aboutness`); None when operators or wishes alone say what is wanted. `topical` is the share of its words that
    name a health topic, `known` that the index or a lexicon knows some word of it. `conditions` are what operators demand. `marks` are the terms
    to highlight, `compounds` the parts of compounds, to be marked where all of them stand as words, `phrases`
    the words as written that were quoted. `did_you_mean` is the text with unknown words replaced. `wishes`
    are what it asks for besides a topic, said in `corrected`. `english` tells that it is an English one,
    `one_known_word` that it is one word which the index knows: its vector says little. `text` is what the
    vector is made of: without operators and what they exclude, typos repaired; `corrected` is the text
    that was analysed, with blanks for operators and what they exclude.
    """

    text: str
    lexical: LexicalQuery | None
    anchor: LexicalQuery | None
    concepts: tuple[RecognisedConcept, ...]
    marks: frozenset[str]
    did_you_mean: str | None
    english: bool
    topical: float = 0.0
    known: bool = True
    one_known_word: bool = False
    compounds: tuple[frozenset[str], ...] = ()
    conditions: Conditions = NO_CONDITIONS
    phrases: tuple[tuple[str, ...], ...] = ()
    wishes: tuple[Wish, ...] = ()
    corrected: str = ""


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
        `lexical` is None when the text has no word, or none but excluded ones.
    """
    parser = _Parser(vocabulary, matcher, lexicon, frequencies, size, weights or QueryWeights())
    return parser.parse(text, {})


@dataclass(frozen=True, slots=True)
class _Parser:
    vocabulary: Vocabulary
    matcher: LabelMatcher
    lexicon: Lexicon
    frequencies: Frequencies
    size: int
    weights: QueryWeights

    def parse(self, text: str, doubts: Doubts) -> ParsedQuery:
        """Analyse a text; one with typos is repaired and analysed again, with the `doubts` that remain."""
        w = self.weights
        operators = find_operators(text)
        plain = operators.text
        tokens = analyse(plain)[:MAX_WORDS]
        matches = [m for m in self.matcher.match_query(plain) if not _an_ordinary_word(m)]
        if apart := [] if operators else self._written_apart(plain, tokens, matches):
            return self.parse(_joined(plain, apart), doubts)
        if not tokens:
            conditions = _conditions(operators, [])
            return ParsedQuery("", None, None, (), frozenset(), None, english=False, conditions=conditions)
        counts = self.frequencies([token.text for token in tokens])
        words = [QueryWord.of(token, n) for token, n in zip(tokens, counts, strict=True)]
        wishes, having = self._wishes(plain, tokens, matches, operators)
        asides = [wish for wish in wishes if wish.aside]
        for word in words:
            word.aside = not word.grammar and any(word.within(wish.start, wish.end) for wish in asides)
            word.quoted = operators.quotes(word.start, word.end)
            word.add_itself(w)
        meant = [word for word in words if not word.grammar]
        topic = [word for word in meant if not word.aside]
        content = topic or meant or words
        concepts = _concepts(matches)
        named = [[word for word in content if word.within(c.start, c.end)] for c in concepts]
        for word in content:
            lengths = [len(n) for c, n in zip(concepts, named, strict=True) if word.within(c.start, c.end)]
            if lengths:
                word.stand_in_a_name(w, max(lengths))
        for found, covered in zip(concepts, named, strict=True):
            if not all(word.aside for word in covered):
                add_labels(found.concept, covered, self.vocabulary, w)
        english = len(meant) >= ENGLISH_FROM and detect_language(plain)[0] == "en"
        repairs = self._repairs(content)
        typos = [
            (word, near)
            for word, near in repairs
            if self._is_a_typo(word) and not (english and _is_norwegian(near[0].word))
        ]
        if typos and not doubts:
            return self._repaired(text, typos)
        for word, near in repairs:
            word.add_near(near)
        for word in content:
            word.add_near(doubts.get(word.start, ()))
            if english and not any(word.within(c.start, c.end) for c in concepts):
                word.clauses = {key: w.english * weight for key, weight in word.clauses.items()}
        said = [(wish, [x for x in words if x.within(wish.start, wish.end)]) for wish in wishes]
        worth = self._worth(having, len(wishes), content)
        for wish, covered in said:
            add_wish(wish, covered, worth, w, alone=not topic)
        groups = _groups(content, operators)
        rarities = [min(word.rarity(self.size) for word in group) for group in groups]
        shown = bool(operators.phrases or operators.choices or (wishes and not topic))
        return ParsedQuery(
            text=" ".join(plain.split()) if operators else plain,
            lexical=self._lexical(words, groups, rarities),
            anchor=None if shown else self._anchor(groups, rarities),
            topical=topical_share(concepts, content),
            known=any(self._is_known(word) for word in content),
            one_known_word=len(content) == 1 and bool(content[0].frequency),
            concepts=concepts,
            marks=frozenset(m for word in content for m in word.marks),
            compounds=tuple(frozenset(word.parts) for word in content if len(word.parts) > 1),
            did_you_mean=None,
            english=english,
            conditions=_conditions(operators, words),
            phrases=tuple(o.written for o in operators.quoted),
            wishes=wishes,
            corrected=plain,
        )

    def _written_apart(
        self, plain: str, tokens: Sequence[Token], matches: Sequence[LabelMatch]
    ) -> list[tuple[int, int]]:
        """Return the gaps [code points] inside compounds that somebody wrote as two words: *åre knuter*.

        The index or a label must have the compound, and no label the two words; one word is joined to one
        other at most.
        """
        pairs = [
            (a, b, analyse_word(a.surface + b.surface)[0])
            for a, b in pairwise(tokens)
            if plain[a.end : b.start].isspace()
            and _may_be_a_part(a)
            and _may_be_a_part(b)
            and not any(m.start <= a.start and b.end <= m.end for m in matches)
        ]
        counts = self.frequencies([term for *_, term in pairs]) if pairs else ()
        labels = label_lexicon(self.vocabulary)
        found: list[tuple[int, int]] = []
        joined_to = -1
        for (a, b, _), count in zip(pairs, counts, strict=True):
            if a.start != joined_to and (count or (a.surface + b.surface).lower() in labels):
                found.append((a.end, b.start))
                joined_to = b.start
        return found

    def _wishes(
        self, plain: str, tokens: Sequence[Token], matches: Sequence[LabelMatch], operators: Operators
    ) -> tuple[tuple[Wish, ...], dict[str, int]]:
        """Return the wishes that some resource meets, and how many have each term; quoted words wish nothing."""
        found = [
            wish
            for wish in find_wishes(plain, tokens, matches, self.vocabulary)
            if not operators.quotes(wish.start, wish.end)
        ]
        terms = list(dict.fromkeys(term for wish in found for term in wish_terms(wish)))
        counts = self.frequencies(terms) if terms else ()
        having = {term: count for term, count in zip(terms, counts, strict=True) if count}
        return tuple(wish for wish in found if not having.keys().isdisjoint(wish_terms(wish))), having

    def _worth(
        self, having: Mapping[str, int], wishes: int, content: Sequence[QueryWord]
    ) -> dict[str, float]:
        """Return the weight at which each wished-for term scores as a word of the topic does.

        The wishes share it, so that many of them are not stronger than the topic.
        """
        mean = sum(word.rarity(self.size) for word in content) / len(content) / max(1, wishes)
        return {term: mean / rarity(count, self.size) for term, count in having.items()}

    def _repairs(self, content: Sequence[QueryWord]) -> list[tuple[QueryWord, tuple[Repair, ...]]]:
        """Return the unknown words with the near ones that may have been meant; quoted words are left alone."""
        labels = label_lexicon(self.vocabulary)
        found = [
            (word, self.lexicon.repairs(word.surface, labels))
            for word in content
            if not (word.frequency or word.reachable or word.grammar or word.quoted)
        ]
        return [(word, near) for word, near in found if near]

    def _is_a_typo(self, word: QueryWord) -> bool:
        """Tell whether an unknown word is in no lexicon either: then the near word is taken for it.

        A compound is a word if the index knows all its parts: *munn* + *stel* and *urin* + *katter* are none.
        """
        written = word.surface.lower()
        if written in label_lexicon(self.vocabulary) or in_dictionary(written):
            return False
        return not (in_a_lexicon(written) and all(self.frequencies(word.parts)))

    @staticmethod
    def _is_known(word: QueryWord) -> bool:
        written = word.surface.lower()
        return bool(word.frequency) or word.reachable or in_a_lexicon(written)

    def _repaired(self, text: str, typos: Sequence[tuple[QueryWord, tuple[Repair, ...]]]) -> ParsedQuery:
        """Analyse the text with its typos repaired."""
        doubts: dict[int, tuple[Repair, ...]] = {}
        corrected, shift = text, 0
        for word, near in sorted(typos, key=lambda typo: typo[0].start):
            start = word.start + shift
            corrected = corrected[:start] + near[0].word + corrected[word.end + shift :]
            shift += len(near[0].word) - (word.end - word.start)
            doubts[start] = near[1:]
        return replace(self.parse(corrected, doubts), did_you_mean=corrected)

    def _lexical(
        self,
        words: Sequence[QueryWord],
        groups: Sequence[Sequence[QueryWord]],
        rarities: Sequence[float],
    ) -> LexicalQuery:
        clauses: dict[tuple[str, str], float] = {}
        for word in words:
            for key, weight in word.clauses.items():
                clauses[key] = max(clauses.get(key, 0.0), weight)
        # a word that no resource can have says nothing of which resource fits
        possible = [
            weight
            for group, weight in zip(groups, rarities, strict=True)
            if any(word.frequency or word.reachable for word in group)
        ]
        return LexicalQuery(
            clauses=tuple(
                Clause("grams" if name == "grams" else "terms", term, weight)
                for (name, term), weight in clauses.items()
            ),
            groups=tuple(merged(word.alternatives for word in group) for group in groups),
            minimum=self.weights.coverage * sum(possible),
            weights=tuple(rarities),
        )

    def _anchor(self, groups: Sequence[Sequence[QueryWord]], rarities: Sequence[float]) -> LexicalQuery:
        """Return what of the query a resource may have, each word weighed by rarity.

        Parts of a compound and near words are weaker signs than the word or another label of its concept:
        they count `weak` of the word's rarity.
        """
        alternatives, weights = [], []
        for group, weight in zip(groups, rarities, strict=True):
            alternatives += [
                merged(word.alternatives for word in group),
                merged(word.strong for word in group),
            ]
            weights += [self.weights.weak * weight, (1 - self.weights.weak) * weight]
        return LexicalQuery((), tuple(alternatives), minimum=sum(rarities), weights=tuple(weights))


def _groups(content: Sequence[QueryWord], operators: Operators) -> list[list[QueryWord]]:
    """Return the words that stand for each other: each alone, those of a choice together."""
    groups: dict[int, list[QueryWord]] = {}
    for number, word in enumerate(content):
        choices = enumerate(operators.choices)
        choice = next((-1 - n for n, c in choices if any(word.within(o.start, o.end) for o in c)), number)
        groups.setdefault(choice, []).append(word)
    return list(groups.values())


def _conditions(operators: Operators, words: Sequence[QueryWord]) -> Conditions:
    """Return what operators demand of a resource, in terms and words as written."""
    required: list[tuple[Part, ...]] = [(Written(o.written),) for o in operators.phrases]
    for choice in operators.choices:
        parts: list[Part] = []
        for operand in choice:
            inside = [word for word in words if word.within(operand.start, operand.end)]
            if operand.quoted:
                parts.append(Written(operand.written))
            elif len(inside) == 1:
                parts += inside[0].alternatives
            elif inside:
                parts.append(tuple(dict.fromkeys(word.term for word in inside)))
        required.append(tuple(dict.fromkeys(parts)))
    excluded: list[Part] = [
        Written(o.written) if o.quoted else tuple(dict.fromkeys(t.text for t in analyse(o.text)))
        for o in operators.excluded
    ]
    return Conditions(tuple(required), tuple(dict.fromkeys(excluded)))


def _may_be_a_part(token: Token) -> bool:
    """Tell whether a word may be half of a compound; an abbreviation or a word of the grammar is none."""
    word = token.surface
    return len(word) >= SHORTEST_PART and word.isalpha() and word[1:].islower() and not is_function_word(word)


def _joined(text: str, gaps: Sequence[tuple[int, int]]) -> str:
    """Return the text without its gaps, and the second half of each compound in lower case.

    Examples
    --------
    >>> _joined("Åre Knuter hos eldre", [(3, 4)])
    'Åreknuter hos eldre'
    """
    for start, end in sorted(gaps, reverse=True):
        text = text[:start] + text[end].lower() + text[end + 1 :]
    return text


def _is_norwegian(word: str) -> bool:
    return in_dictionary(word) and not is_english_word(word)


def topical_share(concepts: Sequence[RecognisedConcept], content: Sequence[QueryWord]) -> float:
    """Return the share of the words that stand in the name of a health topic, in [0, 1]."""
    named = [c for c in concepts if c.concept.split("/", 1)[0] in TOPICAL]
    return sum(any(word.within(c.start, c.end) for c in named) for word in content) / len(content)


def _an_ordinary_word(match: LabelMatch) -> bool:
    """Tell whether a label in capitals has only met a word of the language: *sitte fast*, *the*, nynorsk *mi*."""
    ordinary = match.surface in ORDINARY or (match.surface.islower() and is_function_word(match.surface))
    return ordinary and match.label.split(" (")[0].isupper()


def _concepts(matches: Sequence[LabelMatch]) -> tuple[RecognisedConcept, ...]:
    best: dict[ConceptId, RecognisedConcept] = {}
    for m in matches:
        if m.concept not in best:
            best[m.concept] = RecognisedConcept(m.concept, m.label, m.start, m.end)
    return tuple(best.values())
