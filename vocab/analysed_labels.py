"""What do the labels of a vocabulary look like after the analysis? Each label with its words, found by stem.

Analysing 300,000 labels takes most of a minute, so it is done once for each vocabulary and analysis, and kept
(`vocab.columns`): beside the bundled vocabulary, or where the vocabulary's own compiled form is kept. Opening
it makes no object for a label; a label becomes one when it is met.

How to go through it::

    labels = analysed_labels(vocabulary)
    for label in labels:                      # all of them, in the order of Vocabulary.labels()
        label.concept, label.text, label.stems
    for row in labels.beginning_with("fall"): # rows whose first word has this stem
        labels[row]
    for row in labels.rarest("fall"):         # rows of which this is the stem that the fewest labels have:
        labels[row].stems                     # asking for each stem of a text finds every label all of whose
                                              # stems are there, in whatever order, each once
    labels.count("fall")                      # how many labels have the stem

Stems are those of `vocab.analysis.analyse` for running text. An English plural of a text may also be meant as
its singular: see `other_stem`.
"""

import json
import re
import threading
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple, overload
from weakref import WeakKeyDictionary

from vocab.analysis import (
    Token,
    analyse_word,
    fold,
    in_lower_case,
    is_abbreviation,
    is_english_word,
    is_function_word,
    surface_words,
    surfaces,
)
from vocab.bulk import making_many
from vocab.columns import Columns, bounds, counted, grouped, joined
from vocab.concept import ConceptId, LabelKind, Lang
from vocab.kept import columns_key, kept_columns
from vocab.vocabulary import DATA_FOLDER, Vocabulary

_FORM = 1
"""To be raised when the same vocabulary and analysis give other columns than before."""

LABELS_FILE = DATA_FOLDER / "labels.bin"

_KINDS: tuple[LabelKind, ...] = ("pref", "alt", "hidden")
_LANGS: tuple[Lang, ...] = ("nb", "nn", "en", "se")
_QUALIFIER = re.compile(r"\s*\([^()]*\)\s*$")
_DEPRECATED = 1


class LabelWord(NamedTuple):
    """A word of a label: as written, its stem, and the stems of its parts when it is a compound."""

    surface: str
    stem: str
    parts: tuple[str, ...]


class AnalysedLabel(NamedTuple):
    """One label of one concept.

    `text` is the label as the vocabulary has it; `words` are those of the label without a qualifier in brackets
    (*vaksinering (prosedyre)*), and none for a label of signs only. `deprecated` is said of the concept.
    """

    row: int
    concept: ConceptId
    lang: Lang
    kind: LabelKind
    text: str
    words: tuple[LabelWord, ...]
    deprecated: bool

    @property
    def scheme(self) -> str:
        """Name of the concept's scheme."""
        return self.concept.split("/", 1)[0]

    @property
    def bare(self) -> str:
        """The label without a qualifier in brackets."""
        return bare_label(self.text)

    @property
    def stems(self) -> tuple[str, ...]:
        """The stems of its words, in order."""
        return tuple(word.stem for word in self.words)

    @property
    def surfaces(self) -> tuple[str, ...]:
        """Its words as written."""
        return tuple(word.surface for word in self.words)

    @property
    def folded(self) -> tuple[str, ...]:
        """Its words in lower case without accents, to be compared with the words of a text."""
        return tuple(_folded(word.surface) for word in self.words)

    @property
    def abbreviation(self) -> bool:
        """Whether it is one word of two to five capitals."""
        return len(self.words) == 1 and is_abbreviation(self.words[0].surface)

    @property
    def common_words_only(self) -> bool:
        """Whether there is nothing in it but function words in lower case and numbers."""
        return all(
            word.surface.isdigit() or (is_function_word(word.surface) and word.surface.islower())
            for word in self.words
        )


class AnalysedLabels(Sequence[AnalysedLabel]):
    """The labels of a vocabulary, analysed; safe for several threads. Made by `analysed_labels`."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._concept = columns.numbers("concept")
        self._said = columns.numbers("said")
        self._text = columns.content("text")
        self._text_begin = columns.numbers("text_begin")
        self._words = columns.numbers("words")
        self._words_begin = columns.numbers("words_begin")
        self._stem = columns.numbers("stem")
        self._parts = columns.numbers("parts")
        self._parts_begin = columns.numbers("parts_begin")
        self._concepts = columns.words("concepts")
        self._langs = columns.words("langs")
        self._surfaces = columns.words("surfaces")
        self._stems = columns.words("stems")
        self._number = {stem: number for number, stem in enumerate(self._stems)}

    def __len__(self) -> int:
        return len(self._concept)

    @overload
    def __getitem__(self, row: int) -> AnalysedLabel: ...
    @overload
    def __getitem__(self, row: slice) -> list[AnalysedLabel]: ...
    def __getitem__(self, row: int | slice) -> AnalysedLabel | list[AnalysedLabel]:
        if isinstance(row, slice):
            return [self[number] for number in range(*row.indices(len(self)))]
        if row < 0:
            row += len(self)
        said = self._said[row]
        return AnalysedLabel(
            row,
            ConceptId(self._concepts[self._concept[row]]),
            self._langs[said >> 3],  # type: ignore[arg-type]
            _KINDS[said >> 1 & 3],
            self.text(row),
            tuple(
                self._word(word) for word in self._words[self._words_begin[row] : self._words_begin[row + 1]]
            ),
            bool(said & _DEPRECATED),
        )

    def __iter__(self) -> Iterator[AnalysedLabel]:
        return (self[row] for row in range(len(self)))

    def text(self, row: int) -> str:
        """Return a label as the vocabulary has it."""
        text = self._text[self._text_begin[row] : self._text_begin[row + 1]]
        return text.decode("utf-8", "surrogatepass")

    def beginning_with(self, stem: str) -> Sequence[int]:
        """Return the rows of the labels whose first word has a stem, in order."""
        return self._group("first", stem)

    def rarest(self, stem: str) -> Sequence[int]:
        """Return the rows of the labels that have no stem that fewer labels have, in order.

        Of several equally rare ones the first counts, so that each label has one rarest stem.
        """
        return self._group("rare", stem)

    def count(self, stem: object) -> int:
        """Return how many labels have a stem."""
        number = self._number.get(stem) if isinstance(stem, str) else None
        return 0 if number is None else self._columns.numbers("having")[number]

    @cached_property
    def rivals(self) -> Mapping[int, frozenset[str]]:
        """Rows of alternative and hidden labels with a qualifier, and schemes where a label is the same without.

        Such a label gives way to the other, which needs no qualifier. Abbreviations give way to none.
        """
        told = json.loads(self._columns.content("rivals"))
        return {int(row): frozenset(schemes) for row, schemes in told.items()}

    @cached_property
    def spelt(self) -> Mapping[str, int]:
        """The words of preferred and alternative labels in lower case, and how many labels have each."""
        return dict(zip(self._columns.words("spelt"), self._columns.numbers("spelt_in"), strict=True))

    def _word(self, word: int) -> LabelWord:
        parts = self._parts[self._parts_begin[word] : self._parts_begin[word + 1]]
        return LabelWord(
            self._surfaces[word], self._stems[self._stem[word]], tuple(self._stems[part] for part in parts)
        )

    def _group(self, which: str, stem: str) -> Sequence[int]:
        number = self._number.get(stem)
        if number is None:
            return ()
        begin = self._columns.numbers(f"{which}_begin")
        return self._columns.numbers(which)[begin[number] : begin[number + 1]]


def bare_label(label: str) -> str:
    """Return a label without a qualifier in brackets at its end.

    Examples
    --------
    >>> bare_label("vaksinering (prosedyre)")
    'vaksinering'
    """
    return _QUALIFIER.sub("", label)


def other_stem(token: Token) -> str | None:
    """Return the stem of the singular of what may be an English plural, None for other words.

    The singular may be a Norwegian word with another stem than English rules give the plural.

    Examples
    --------
    >>> from vocab.analysis import analyse
    >>> [other_stem(token) for token in analyse("hospitals and sykehus")]
    ['hospital', None, None]
    """
    if token.surface.endswith("s") and is_english_word(fold(token.surface)):
        return analyse_word(token.surface[:-1])[0]
    return None


_made: "WeakKeyDictionary[Vocabulary, AnalysedLabels]" = WeakKeyDictionary()
_making = threading.Lock()


def analysed_labels(vocabulary: Vocabulary) -> AnalysedLabels:
    """Return the analysed labels of a vocabulary: as they were kept, else made now and, where it can be, kept.

    One that was not read from files is analysed without anything being written.

    Examples
    --------
    >>> from vocab.vocabulary import open_vocabulary
    >>> labels = analysed_labels(open_vocabulary())
    >>> sorted({labels[row].concept for row in labels.rarest("fallforebygging")})
    ['krav/krav-fall', 'tema/fallforebygging']
    >>> sorted({labels[row].text for row in labels.rarest("fallforebygging")})[0]
    'fallforebygging'
    """
    with _making:
        if (known := _made.get(vocabulary)) is None:
            known = _made[vocabulary] = AnalysedLabels(kept_columns(vocabulary, "labels", _FORM, _columns))
        return known


def labels_file(vocabulary: Vocabulary) -> bytes:
    """Return the contents of a file with a vocabulary's analysed labels."""
    return _columns(vocabulary).packed(columns_key(vocabulary, _FORM))


@making_many()
def _columns(vocabulary: Vocabulary) -> Columns:
    """Analyse all labels."""
    concepts = {concept.id: number for number, concept in enumerate(vocabulary)}
    langs: dict[str, int] = {lang: number for number, lang in enumerate(_LANGS)}
    known: dict[str, int] = {}
    concept_of, said, texts, words_of, qualified = array("I"), array("I"), [], [], []
    for concept, lang, kind, text in vocabulary.labels():
        concept_of.append(concepts[concept])
        number = langs.setdefault(lang, len(langs))
        said.append(number << 3 | _KINDS.index(kind) << 1 | int(vocabulary[concept].deprecated))
        texts.append(text)
        bare = bare_label(text)
        qualified.append(bare != text)
        words_of.append([known.setdefault(word, len(known)) for word in surfaces(bare)])
    stems: dict[str, int] = {}
    analysed = [analyse_word(surface) for surface in known]
    stem = counted(stems.setdefault(found, len(stems)) for found, _ in analysed)
    parts = [[stems.setdefault(part, len(stems)) for part in found] for _, found in analysed]
    stems_of = [[stem[word] for word in words] for words in words_of]
    having = Counter(number for row in stems_of for number in set(row))
    first = grouped([row[0] if row else None for row in stems_of], len(stems))
    rare = grouped([min(row, key=having.__getitem__, default=None) for row in stems_of], len(stems))
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    lower = [in_lower_case(surface) for surface in known]
    spelt: Counter[str] = Counter()
    for row, words in enumerate(words_of):
        if _KINDS[said[row] >> 1 & 3] != "hidden":
            # a qualifier has words, too
            spelt.update(
                set(surface_words(texts[row])) if qualified[row] else {lower[word] for word in words}
            )
    in_order = sorted(spelt)
    return Columns({
        "concept": concept_of,
        "said": said,
        "text": b"".join(encoded),
        "text_begin": bounds(map(len, encoded)),
        "words": counted(word for words in words_of for word in words),
        "words_begin": bounds(map(len, words_of)),
        "stem": stem,
        "parts": counted(part for found in parts for part in found),
        "parts_begin": bounds(map(len, parts)),
        "concepts": joined(concepts),
        "langs": joined(langs),
        "surfaces": joined(known),
        "stems": joined(stems),
        "first": first[0],
        "first_begin": first[1],
        "rare": rare[0],
        "rare_begin": rare[1],
        "having": counted(having[number] for number in range(len(stems))),
        "rivals": _rivals(vocabulary),
        "spelt": joined(in_order),
        "spelt_in": counted(spelt[word] for word in in_order),
    })  # fmt: skip


def _rivals(vocabulary: Vocabulary) -> bytes:
    qualified: dict[str, list[int]] = {}
    for row, (_, _, kind, text) in enumerate(vocabulary.labels()):
        bare = bare_label(text)
        if bare != text and kind != "pref" and not is_abbreviation(bare):
            qualified.setdefault(fold(bare), []).append(row)
    schemes: dict[int, set[str]] = {}
    if qualified:
        for concept, _, _, text in vocabulary.labels():
            rows = qualified.get(fold(text), ())
            if rows and not _QUALIFIER.search(text) and not vocabulary[concept].deprecated:
                for row in rows:
                    schemes.setdefault(row, set()).add(vocabulary[concept].scheme)
    return json.dumps({row: sorted(found) for row, found in sorted(schemes.items())}).encode()


@lru_cache(1 << 16)
def _folded(surface: str) -> str:
    return fold(surface)
