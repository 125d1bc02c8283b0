"""How much of a concept's labels stands in this text? For tagging, where `vocab.matcher` asks for a whole label.

A label is a set of words without order, as in MLLM [1]_: *gjennomgang av legemidler* meets *legemiddelgjennomgang*,
and *beredskap* half of *beredskap og katastrofemedisin*. A rare word of the vocabulary weighs more than one that
many labels have.

References
----------
.. [1] O. Suominen, J. Inkinen, M. Lehtinen, "Annif and Finto AI: Developing and Implementing Automated
   Subject Indexing", JLIS.it 13(1), 2022.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vocab.analysed_labels import LabelWord, analysed_labels
from vocab.analysis import Token, analyse, fold, is_abbreviation
from vocab.concept import ConceptId, LabelKind, Lang
from vocab.label_units import PART, is_empty, label_units
from vocab.matcher import same_word
from vocab.vocabulary import Vocabulary

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
        self._labels = analysed_labels(vocabulary)
        arrays = self._labels.arrays
        self._targets = [_target(vocabulary, ConceptId(c), wanted) for c in arrays.concepts]
        self._concept = arrays.concept
        self._units = label_units(arrays, self._targets)
        self._row_of: dict[int, _Row] = {}

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
        units = self._units
        words = _by_stem(analyse(text) if tokens is None else tokens)
        parts = {part for found in words.values() for token in found for part in token.parts}
        given = [units.whole(stem) for stem in words]
        lesser = [units.whole(stem) for stem in parts - words.keys()]
        pieces = [units.apart(stem) for stem in parts | words.keys()]
        found_units = np.concatenate(
            [found for found, _ in (*given, *lesser, *pieces)] or [np.zeros(0, np.int64)]
        )
        if not len(found_units):
            return {}
        gained = np.concatenate(
            [w for _, w in given] + [w * PART for _, w in lesser] + [w for _, w in pieces]
        )
        touched, at = np.unique(found_units, return_inverse=True)
        of_units = np.minimum(np.bincount(at, gained), units.weight[touched])
        rows, at = np.unique(units.row[touched], return_inverse=True)
        shares = np.bincount(at, of_units) / units.row_weight[rows]
        best: dict[ConceptId, Overlap] = {}
        for place in np.argsort(-shares, kind="stable"):
            share = float(shares[place])
            if share < LEAST:
                break
            row = self._row(int(units.label[rows[place]]))
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
            for stem in words:
                for number in self._units.rarest(stem):
                    row = self._row(int(number))
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
                lost += self._units.weight_of(word.stem) * (1 - PART if word.stem in parts else 1)
        return share - lost / sum(self._units.weight_of(word.stem) for word in row.words)

    def _row(self, number: int) -> "_Row":
        """Return a label as it is compared; made when it is first met."""
        row = self._row_of.get(number)
        if row is None:
            label = self._labels[number]
            concept = self._targets[self._concept[number]] or label.concept
            words = tuple(_word(word) for word in label.words if not is_empty(word.surface))
            kind = label.kind if concept == label.concept else "hidden"
            row = self._row_of[number] = _Row(concept, label.lang, kind, label.text, words)
        return row


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


def _target(
    vocabulary: Vocabulary, concept: ConceptId, wanted: Callable[[ConceptId], bool]
) -> ConceptId | None:
    """Return the concept that labels of one lead to, None if it is not looked for."""
    resolved = vocabulary.resolve(concept)
    return resolved if resolved is not None and wanted(resolved) else None


def _word(word: LabelWord) -> _Word:
    if is_abbreviation(word.surface):
        return _Word(word.surface, (), word.surface, capitals=True)
    return _Word(word.stem, word.parts, fold(word.surface), capitals=False)


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
