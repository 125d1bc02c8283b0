"""What may one word of a query be met by, and how does that score? Itself, its parts, other names, near words."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from engine.entry import column_term, concept_term, narrower_term
from engine.intent import Wish
from engine.repair import Repair
from vocab.analysis import Token, analyse, grams, is_function_word
from vocab.concept import ConceptId
from vocab.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class QueryWeights:
    """Weights of the parts of a lexical query, relative to a word as typed.

    Parts as measured in the language study; the others tuned on the development half of
    the golden queries. `in_label` is what a word counts by itself where it stands in a name of several words that
    the vocabulary has: *care* says little in *oral care*. `wish` is what all wishes together count, in words of the topic, `hint` the same for
    those that may only be meant, and `aside` what the words count that say a wish and nothing else: the golden
    queries hardly move between 0.5 and 3, so these are as large as leaves the topic its lead. `english` is what an English word outside a concept
    counts: it is rare in a Norwegian bank whatever it says. `coverage` is the share of the query's words, weighted by
    rarity, that a resource must have to be a match; what only a part or a near word meets counts `weak` of it in
    `engine.aboutness`.
    """

    part: float = 0.3
    gram: float = 0.2
    label: float = 0.7
    concept: float = 1.0
    in_label: float = 0.6
    narrower: float = 0.2
    function_word: float = 1.0
    wish: float = 3.0
    hint: float = 0.7
    aside: float = 0.25
    english: float = 0.5
    coverage: float = 0.25
    weak: float = 0.7


@dataclass(slots=True)
class QueryWord:
    """A word of the query with what it may match and how that scores.

    `frequency` is the number of resources that have it. `grammar` marks a function word, `aside` one that only
    says a wish, `quoted` one between quotation marks; `reachable` tells that some resource may have it by another name.
    """

    term: str
    parts: tuple[str, ...]
    surface: str
    start: int
    end: int
    frequency: int
    grammar: bool
    aside: bool = False
    quoted: bool = False
    reachable: bool = False
    clauses: dict[tuple[str, str], float] = field(default_factory=dict)
    alternatives: list[tuple[str, ...]] = field(default_factory=list)
    strong: list[tuple[str, ...]] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, token: Token, frequency: int) -> "QueryWord":
        """Return the word of a token."""
        return cls(
            token.text,
            token.parts,
            token.surface,
            token.start,
            token.end,
            frequency,
            is_function_word(token.surface),
        )

    def score(self, name: str, term: str, weight: float) -> None:
        """Let a term of field `name` score; of two weights the greater counts."""
        self.clauses[name, term] = max(self.clauses.get((name, term), 0.0), weight)

    def rarity(self, size: int) -> float:
        """Return the inverse document frequency; a word that no resource has weighs most."""
        return rarity(self.frequency, size)

    def within(self, start: int, end: int) -> bool:
        """Tell whether the word stands in a piece of the text [code points]."""
        return start <= self.start and self.end <= end

    def add_itself(self, w: QueryWeights) -> None:
        """Let it be met by itself, and by all its parts if it is a compound; 4-grams score."""
        share = w.function_word if self.grammar else w.aside if self.aside else 1.0
        self.score("terms", self.term, share)
        self.alternatives.append((self.term,))
        self.strong.append((self.term,))
        if self.grammar:
            return
        for part in self.parts:
            self.score("terms", part, w.part)
        if self.parts:
            self.alternatives.append(tuple(dict.fromkeys(self.parts)))
        self.marks.append(self.term)
        for gram in grams(self.surface):
            self.score("grams", gram, w.gram * share)

    def stand_in_a_name(self, w: QueryWeights, words: int) -> None:
        """Lean on the concept that a name of so many words stands for: no 4-grams, less by itself in a long one."""
        self.clauses = {
            (name, term): w.in_label * weight if words > 1 and term == self.term else weight
            for (name, term), weight in self.clauses.items()
            if name != "grams"
        }

    def add_near(self, repairs: Iterable[Repair]) -> None:
        """Let it be met by near words, too."""
        for repair in repairs:
            for meant in analyse(repair.word):
                self.score("terms", meant.text, repair.weight)
                self.alternatives.append((meant.text,))
                self.marks.append(meant.text)
                self.reachable |= repair.frequency > 0


def add_labels(
    concept: ConceptId, covered: Sequence[QueryWord], vocabulary: Vocabulary, w: QueryWeights
) -> None:
    """Let every word that a concept's label covers be met by the concept's other labels too."""
    if not covered:
        return
    n = len(covered)
    for word in covered:
        word.reachable = True
    for term, weight in ((concept_term(concept), w.concept), (narrower_term(concept), w.narrower)):
        for word in covered:
            word.alternatives.append((term,))
            word.strong.append((term,))
        covered[0].score("terms", term, weight * n)
    for label in labels_of(concept, vocabulary):
        terms = _label_terms(label)
        if terms:
            for word in covered:
                word.alternatives.append(terms)
                word.strong.append(terms)
        for term in terms:
            covered[0].score("terms", term, w.label * n / len(terms))


@lru_cache(1 << 13)
def _label_terms(label: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t.text for t in analyse(label)))


def labels_of(concept: ConceptId, vocabulary: Vocabulary) -> list[str]:
    """Return preferred and alternative labels of a concept in all written forms, without doubles."""
    found = vocabulary.get(concept)
    if found is None:
        return []
    labels = [*found.pref_label.values(), *(a for alts in found.alt_label.values() for a in alts)]
    return list(dict.fromkeys(label.split(" (")[0] for label in labels))


def add_wish(
    wish: Wish, covered: Sequence[QueryWord], worth: Mapping[str, float], w: QueryWeights, *, alone: bool
) -> None:
    """Raise what meets a wish.

    Parameters
    ----------
    wish : Wish
        Recognised in the query.
    covered : sequence of QueryWord
        The words that say it, at least one.
    worth : mapping of term to float
        Of the wish's terms, those that some resource has, with the weight at which each of them scores as
        a word of the topic does, shared by all wishes.
    w : QueryWeights
        What a wish counts.
    alone : bool
        Nothing but wishes is said: what meets one is a match, too.
    """
    terms = wish_terms(wish)
    weight = w.wish if wish.aside or wish.facet == "edition" else w.hint
    for term, share in terms.items():
        if term in worth:
            covered[0].score("terms", term, weight * share * worth[term])
    if alone and wish.aside:
        for word in covered:
            word.alternatives += [(term,) for term in terms]
            word.strong += [(term,) for term in terms]
            word.reachable = True


def wish_terms(wish: Wish) -> dict[str, float]:
    """Return the index terms of what meets a wish, with their shares."""
    return {column_term(wish.facet, value): share for value, share in wish.values}


def rarity(frequency: int, size: int) -> float:
    """Return the inverse document frequency of a term that `frequency` of `size` resources have; 1 for an empty index."""
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5)) if size else 1.0


def merged(alternatives: Iterable[Sequence[tuple[str, ...]]]) -> tuple[tuple[str, ...], ...]:
    """Return all alternatives once, in order."""
    return tuple(dict.fromkeys(chain.from_iterable(alternatives)))
