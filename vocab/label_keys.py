"""Which labels of two vocabularies are one label? Keys by language and stems, made for those that can meet only.

Stemming 300,000 labels takes long; a label whose words begin like no label of the other vocabulary is left
out before, without regard to vowels, which inflection changes (*bok*, *bøker*).
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from vocab.analysis import fold, is_abbreviation, split_compound, surface_words
from vocab.concept import ConceptId, LabelKind, Lang
from vocab.stemming import stem
from vocab.vocabulary import Vocabulary
from vocab.written_forms import WORD_PAIRS

LabelKey = tuple[str, ...]
"""Language (``no`` for bokmål and nynorsk) and stems in order; an abbreviation as it is spelt."""

_QUALIFIER = re.compile(r"\s*\([^()]*\)\s*$")
_BEGINNING = 3
_SHORTEST_HEAD = 5
_VOWELS = str.maketrans(dict.fromkeys("aeiouyæøåäöéèêëáàâóòôüíúý", "a"))


class WrittenLabel(NamedTuple):
    """A label of a concept, with its key; `qualified` if a qualifier in brackets was left off."""

    key: LabelKey
    concept: ConceptId
    lang: Lang
    kind: LabelKind
    text: str
    folded: str
    qualified: bool


class LabelKeys:
    """The labels of a vocabulary by key.

    Attributes
    ----------
    labels
        Key to labels.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.labels: dict[LabelKey, list[WrittenLabel]] = defaultdict(list)
        self._beginnings: set[str] = set()
        self._first: set[str] = set()
        for concept, lang, kind, text in _labels_in_use(vocabulary):
            bare = _bare(text)
            words = surface_words(bare)
            stems = tuple(stem(word) for word in words)
            if words:
                self._add(_label(concept, lang, kind, text, bare, stems))
                self._first |= {_beginning(words[0]), _beginning(stems[0])}
                self._beginnings.update(_beginning(form) for form in (*words, *stems))
        for known in (self._first, self._beginnings):
            known |= {_beginning(nn) for nn, nb in WORD_PAIRS if _beginning(nb) in known}

    def _add(self, label: WrittenLabel) -> None:
        self.labels[label.key].append(label)

    def of(self, vocabulary: Vocabulary) -> Iterator[WrittenLabel]:
        """Yield the labels of another vocabulary whose keys are here."""
        for concept, lang, kind, text in _labels_in_use(vocabulary):
            head = text[:_BEGINNING]
            if head.isalpha() and _beginning(head.lower()) not in self._first:
                continue
            bare = _bare(text)
            words = surface_words(bare)
            if words and all(_beginning(word) in self._beginnings for word in words):
                label = _label(concept, lang, kind, text, bare, tuple(stem(word) for word in words))
                if label.key in self.labels:
                    yield label


def compound_heads(below: Vocabulary, above: Vocabulary) -> Iterator[tuple[WrittenLabel, WrittenLabel]]:
    """Yield preferred labels of `below` that are compounds, with the label of `above` that is their last part."""
    heads: dict[tuple[str, str], list[WrittenLabel]] = defaultdict(list)
    for label in _single_words(above):
        heads[label.lang, label.folded].append(label)
    shapes = {word for _, word in heads if len(word) >= _SHORTEST_HEAD}
    for label in _single_words(below):
        word = label.folded
        endings = {word[i:] for i in range(2, len(word) - _SHORTEST_HEAD + 1)} & shapes
        if endings and (parts := split_compound(word)) and parts[-1] in endings:
            for head in heads.get((label.lang, parts[-1]), ()):
                yield label, head


def _single_words(vocabulary: Vocabulary) -> Iterator[WrittenLabel]:
    for concept, lang, kind, text in _labels_in_use(vocabulary):
        if kind == "pref" and _is_norwegian(lang) and (bare := _bare(text)).isalpha():
            yield _label(concept, lang, kind, text, bare, ())


def _labels_in_use(vocabulary: Vocabulary) -> Iterator[tuple[ConceptId, Lang, LabelKind, str]]:
    old = {concept.id for concept in vocabulary if concept.deprecated}
    return (label for label in vocabulary.labels() if label[0] not in old)


def _bare(text: str) -> str:
    return _QUALIFIER.sub("", text) or text if text.endswith((")", " ")) else text


def _label(
    concept: ConceptId, lang: Lang, kind: LabelKind, text: str, bare: str, stems: tuple[str, ...]
) -> WrittenLabel:
    language = "no" if _is_norwegian(lang) else lang
    key = (language, bare) if is_abbreviation(bare) else (language, *stems)
    return WrittenLabel(key, concept, lang, kind, text, " ".join(fold(bare).split()), bare != text)


def _beginning(word: str) -> str:
    return word[:_BEGINNING].translate(_VOWELS)


def _is_norwegian(lang: str) -> bool:
    return lang in {"nb", "nn"}
