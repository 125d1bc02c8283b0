"""How much of a concept's labels stands in this text? For tagging, where `vocab.matcher` asks for a whole label.

A label is a set of words without order, as in MLLM [1]_: *gjennomgang av legemidler* meets *legemiddelgjennomgang*,
and *beredskap* half of *beredskap og katastrofemedisin*. A rare word of the vocabulary weighs more than one that
many labels have.

References
----------
.. [1] O. Suominen, J. Inkinen, M. Lehtinen, "Annif and Finto AI: Developing and Implementing Automated
   Subject Indexing", JLIS.it 13(1), 2022.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vocab.analysis import Token, analyse, fold, is_abbreviation, is_function_word
from vocab.concept import ConceptId, LabelKind, Lang
from vocab.matcher import QUALIFIER, same_word
from vocab.vocabulary import Vocabulary

PART = 0.8
"""What a label's word counts that is only a part of the text's compound, or whose own parts stand apart in it."""

ALTERNATIVE = 0.95
"""What a label counts that is not the preferred one."""

WHOLE = 0.95
"""Overlap from which a label counts as standing in a sentence."""

INSIDE = 0.5
"""What an overlap counts that stands inside the place of a longer label."""

LEAST = 0.3
"""Overlap below which nothing is said of a title or lead."""

SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+|\n+")


class Overlap(NamedTuple):
    """The label of a concept that is best covered, and how much of it stands in the text, in [0, 1]."""

    share: float
    lang: Lang
    kind: LabelKind
    label: str
    spans: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Mentions:
    """The sentences that have a whole label of a concept, with places [code points] of the first ones."""

    count: int
    lang: Lang
    kind: LabelKind
    label: str
    spans: list[tuple[int, int]]


class _Word(NamedTuple):
    """A word of a label: its stem, the stems of its parts, and how it is written."""

    stem: str
    parts: tuple[str, ...]
    folded: str
    capitals: bool


class _Row(NamedTuple):
    concept: ConceptId
    lang: Lang
    kind: LabelKind
    label: str
    words: tuple[_Word, ...]


class LabelOverlap:
    """Finds labels of a vocabulary in texts, whole or in part; made once, safe for several threads.

    Function words are no part of a label, nor is a qualifier in brackets. An abbreviation of two to five capitals
    only meets the same capitals.

    Parameters
    ----------
    vocabulary
        The concepts. Labels of a deprecated one lead to what replaced it.
    wanted
        Tells whether a concept is looked for.
    """

    def __init__(self, vocabulary: Vocabulary, wanted: Callable[[ConceptId], bool]) -> None:
        self._rows = _rows(vocabulary, wanted)
        holders: defaultdict[str, set[ConceptId]] = defaultdict(set)
        for row in self._rows:
            for word in row.words:
                for stem in (word.stem, *word.parts):
                    holders[stem].add(row.concept)
        concepts = len({row.concept for row in self._rows})
        self._weight = {stem: 0.5 + math.log(concepts / len(of)) for stem, of in holders.items()}
        whole: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        apart: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        starts: list[int] = [0]
        weights: list[float] = []
        self._rarest: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(self._rows):
            for word in row.words:
                unit, weight = len(weights), self._weight[word.stem]
                weights.append(weight)
                whole[word.stem].append((unit, weight))
                if not word.capitals and (of_parts := sum(self._weight[part] for part in word.parts)):
                    whole_of = of_parts if len(word.parts) > 1 else 2 * of_parts  # half of *e-helse* is *e*
                    for part in word.parts:
                        apart[part].append((unit, PART * weight * self._weight[part] / whole_of))
            starts.append(len(weights))
            self._rarest[max(row.words, key=lambda w: (self._weight[w.stem], w.stem)).stem].append(number)
        self._whole, self._apart = _postings(whole), _postings(apart)
        self._starts = np.array(starts, dtype=np.int64)
        self._unit_weight = np.array(weights, dtype=np.float64)
        self._row_of = np.repeat(np.arange(len(self._rows)), np.diff(self._starts))
        self._row_weight = np.add.reduceat(self._unit_weight, self._starts[:-1]) if weights else np.zeros(0)

    def overlaps(self, text: str, tokens: Sequence[Token] | None = None) -> dict[ConceptId, Overlap]:
        """Return for each concept how much of its best label stands in a short text: a title, a lead.

        Parameters
        ----------
        text : str
            The text; meant for some hundred words at most.
        tokens : sequence of Token, optional
            Its words, if it has been analysed already.

        Examples
        --------
        >>> from vocab.vocabulary import open_vocabulary
        >>> labels = LabelOverlap(open_vocabulary(), lambda concept: concept.startswith("prosedyre/"))
        >>> found = labels.overlaps("Gjennomgang av legemidler på sykehjem")
        >>> max(found, key=lambda concept: found[concept].share)
        'prosedyre/legemiddelgjennomgang'
        """
        words = _by_stem(analyse(text) if tokens is None else tokens)
        parts = {part for found in words.values() for token in found for part in token.parts}
        given = [self._whole[stem] for stem in words if stem in self._whole]
        lesser = [self._whole[stem] for stem in parts - words.keys() if stem in self._whole]
        pieces = [self._apart[stem] for stem in parts | words.keys() if stem in self._apart]
        if not given and not lesser and not pieces:
            return {}
        units = np.concatenate([units for units, _ in (*given, *lesser, *pieces)])
        gained = np.concatenate(
            [w for _, w in given] + [w * PART for _, w in lesser] + [w for _, w in pieces]
        )
        touched, at = np.unique(units, return_inverse=True)
        of_units = np.minimum(np.bincount(at, gained), self._unit_weight[touched])
        rows, at = np.unique(self._row_of[touched], return_inverse=True)
        shares = np.bincount(at, of_units) / self._row_weight[rows]
        best: dict[ConceptId, Overlap] = {}
        for place in np.argsort(-shares, kind="stable"):
            share = float(shares[place])
            if share < LEAST:
                break
            row = self._rows[int(rows[place])]
            known = best.get(row.concept)
            if known is not None and known.share >= share:
                continue
            checked = self._checked(row, words, parts, share)
            checked *= 1.0 if row.kind == "pref" else ALTERNATIVE
            if checked >= LEAST and (known is None or checked > known.share):
                spans = _spans(row, words)
                best[row.concept] = Overlap(min(checked, 1.0), row.lang, row.kind, row.label, spans)
        return _longest_first(best)

    def mentions(self, text: str, tokens: Sequence[Token], most: int = 10) -> dict[ConceptId, Mentions]:
        """Return the concepts that have a whole label in a sentence of a text, the words in any order.

        Parameters
        ----------
        text : str
            Of any length.
        tokens : sequence of Token
            Its words, as `analyse` gives them.
        most : int
            How many places of a concept are told.
        """
        found: dict[ConceptId, Mentions] = {}
        for sentence in _sentences(text, tokens):
            words = _by_stem(sentence)
            here: dict[ConceptId, tuple[int, _Row]] = {}
            for stem in words.keys() & self._rarest.keys():
                for number in self._rarest[stem]:
                    row = self._rows[number]
                    if all(
                        word.stem in words and _stands(word, words[word.stem], row.lang) for word in row.words
                    ):
                        known = here.get(row.concept)
                        if known is None or (len(row.words), row.kind == "pref") > (
                            known[0],
                            known[1].kind == "pref",
                        ):
                            here[row.concept] = (len(row.words), row)
            places = {concept: _spans(row, words) for concept, (_, row) in here.items()}
            for concept, (_, row) in here.items():
                if any(_is_inside(places[concept], longer) for longer in places.values()):
                    continue
                known_mentions = found.get(concept)
                if known_mentions is None:
                    known_mentions = found[concept] = Mentions(0, row.lang, row.kind, row.label, [])
                known_mentions.count += 1
                if len(known_mentions.spans) < most:
                    known_mentions.spans += places[concept]
        return found

    def _checked(
        self, row: _Row, words: dict[str, list[Token]], parts: Collection[str], share: float
    ) -> float:
        """Return the share without words that share a stem with the label's by chance."""
        lost = 0.0
        for word in row.words:
            if word.stem in words and not _stands(word, words[word.stem], row.lang):
                lost += self._weight[word.stem] * (1 - PART if word.stem in parts else 1)
        return share - lost / sum(self._weight[word.stem] for word in row.words)


def _longest_first(found: dict[ConceptId, Overlap]) -> dict[ConceptId, Overlap]:
    """Let what stands inside a longer label count less: *fall* in *forebygging av fall*."""
    whole = [overlap for overlap in found.values() if overlap.share >= ALTERNATIVE]
    return {
        concept: overlap._replace(share=overlap.share * INSIDE)
        if any(_is_inside(overlap.spans, longer.spans) for longer in whole)
        else overlap
        for concept, overlap in found.items()
    }


def _is_inside(spans: tuple[tuple[int, int], ...], others: tuple[tuple[int, int], ...]) -> bool:
    """Tell whether places are in others that are more."""
    return (
        spans != others
        and sum(end - start for start, end in spans) < sum(end - start for start, end in others)
        and all(any(a <= start and end <= b for a, b in others) for start, end in spans)
    )


def _rows(vocabulary: Vocabulary, wanted: Callable[[ConceptId], bool]) -> list[_Row]:
    rows = []
    for concept, lang, kind, label in vocabulary.labels():
        resolved = vocabulary.resolve(concept)
        if resolved is None or not wanted(resolved):
            continue
        words = tuple(_word(token) for token in analyse(QUALIFIER.sub("", label)) if not _is_empty(token))
        if words:
            rows.append(_Row(resolved, lang, kind if resolved == concept else "hidden", label, words))
    return rows


def _word(token: Token) -> _Word:
    if is_abbreviation(token.surface):
        return _Word(token.surface, (), token.surface, capitals=True)
    return _Word(token.text, token.parts, fold(token.surface), capitals=False)


def _is_empty(token: Token) -> bool:
    return token.surface.isdigit() or (is_function_word(token.surface) and not is_abbreviation(token.surface))


def _by_stem(tokens: Iterable[Token]) -> dict[str, list[Token]]:
    """Return words by stem; one in capitals also by its capitals."""
    found: defaultdict[str, list[Token]] = defaultdict(list)
    for token in tokens:
        found[token.text].append(token)
        if is_abbreviation(token.surface):
            found[token.surface].append(token)
    return dict(found)


def _stands(word: _Word, tokens: Sequence[Token], lang: Lang) -> bool:
    """Tell whether one of the words that share a stem with a label's word is a form of it."""
    return word.capitals or any(
        same_word(word.folded, fold(token.surface), token.text, lang == "en") for token in tokens
    )


def _spans(row: _Row, words: dict[str, list[Token]]) -> tuple[tuple[int, int], ...]:
    """Return where a label's words stand; adjoining words are one place."""
    wanted = {word.stem for word in row.words}
    wanted_parts = {part for word in row.words for part in (word.stem, *word.parts)}
    places = set()
    for stem, tokens in words.items():
        for token in tokens:
            if stem in wanted or not wanted_parts.isdisjoint((stem, *token.parts)):
                places.add((token.start, token.end))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start - joined[-1][1] <= 1:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def _sentences(text: str, tokens: Sequence[Token]) -> Iterable[list[Token]]:
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    at, sentence = 0, list[Token]()
    for token in tokens:
        while at < len(ends) and token.start >= ends[at]:
            at += 1
            if sentence:
                yield sentence
                sentence = []
        sentence.append(token)
    if sentence:
        yield sentence


_Postings = dict[
    str, tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", "np.ndarray[tuple[int], np.dtype[np.float64]]"]
]


def _postings(lists: dict[str, list[tuple[int, float]]]) -> _Postings:
    return {
        stem: (
            np.array([unit for unit, _ in pairs], dtype=np.int64),
            np.array([weight for _, weight in pairs], dtype=np.float64),
        )
        for stem, pairs in lists.items()
    }
