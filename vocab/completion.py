"""Which label or word is somebody about to type? Autocomplete, also of what is mistyped by one letter."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vocab.analysed_labels import analysed_labels
from vocab.analysis import fold
from vocab.bulk import making_many
from vocab.columns import Columns, counted, joined
from vocab.concept import ConceptId, LabelKind, Lang
from vocab.kept import kept_columns
from vocab.vocabulary import Vocabulary

_FORM = 1
"""To be raised when the same vocabulary gives other columns than before."""

_KINDS: dict[LabelKind, int] = {"pref": 0, "alt": 1, "hidden": 2}
_LATER, _OTHER_LANG, _ROW = 1 << 33, 1 << 32, (1 << 32) - 1
_FIRST_LOOK = 64
_WORD_ENDS = re.compile(r"[ \-/(]")
_END = "\n"
"""Stands after each spelling, and never in one: white space there is one space."""
_WRITTEN = (str.maketrans({"å": "aa", "æ": "ae", "ø": "oe"}), str.maketrans("åæø", "aao"))
_HIGHEST = "\U0010ffff"
_LETTERS = "abcdefghijklmnopqrstuvwxyzæøå-"
_RESTORED = (("aa", "å"), ("ae", "æ"), ("oe", "ø"))

SHORTEST_MISTYPED = 4
"""Beginnings below this length are near too many things [letters]."""

LONGEST_MISTYPED = 40
"""Beginnings above this length are not mended: trying every letter takes time by length [letters]."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A label that begins, or has a word that begins, with what was typed."""

    concept: ConceptId
    label: str
    lang: Lang
    kind: LabelKind


class LabelCompleter:
    """Completes labels of a vocabulary; made once, safe for several threads.

    Parameters
    ----------
    vocabulary
        The concepts; deprecated ones are left out.
    schemes
        Schemes to complete from; all by default.
    """

    def __init__(self, vocabulary: Vocabulary, schemes: Sequence[str] | None = None) -> None:
        self._vocabulary = vocabulary
        self._schemes = None if schemes is None else frozenset(schemes)

    @cached_property
    def _keys(self) -> "_Keys":
        return _Keys(kept_columns(self._vocabulary, "completions", _FORM, _columns))

    def complete(self, prefix: str, lang: str = "nb", k: int = 8) -> list[Completion]:
        """Return at most `k` completions, one a concept.

        Case, accents and the spelling of æ, ø and å do not matter (*aarsak*, *arsak*). A label that begins
        with the prefix comes before one with a later word that does; then the language asked for, preferred
        before alternative labels, shorter labels.

        Examples
        --------
        >>> from vocab.vocabulary import open_vocabulary
        >>> completer = LabelCompleter(open_vocabulary(), ["rolle"])
        >>> [c.label for c in completer.complete("sjukepl", "nn", 2)]
        ['sjukepleiar', 'sjukepleiarstudent']
        """
        return self._best([" ".join(fold(prefix).split())], lang, k)

    def complete_mistyped(self, prefix: str, lang: str = "nb", k: int = 8) -> list[Completion]:
        """Return at most `k` completions of what the prefix is one letter away from, as `complete` does.

        A letter too many, too few or wrong, or two that have changed places; the first letter counts as right.

        Examples
        --------
        >>> from vocab.vocabulary import open_vocabulary
        >>> completer = LabelCompleter(open_vocabulary(), ["rolle"])
        >>> [c.label for c in completer.complete_mistyped("skyepl", "nb", 1)]
        ['sykepleier']
        """
        return self._best(near_beginnings(" ".join(fold(prefix).split())), lang, k)

    def _best(self, prefixes: Iterable[str], lang: str, k: int) -> list[Completion]:
        keys, labels = self._keys, analysed_labels(self._vocabulary)
        found = keys.ranked(prefixes if k > 0 else (), lang)
        best: dict[ConceptId, Completion] = {}
        for number in _in_order(found):
            if len(best) == k:
                break
            label = labels[keys.row(number)]
            if label.concept not in best and (self._schemes is None or label.scheme in self._schemes):
                best[label.concept] = Completion(label.concept, label.text, label.lang, label.kind)
        return list(best.values())


class _Keys:
    """Every beginning of a label or of a word in it, in order of the letters (a suffix array over the spellings).

    Rows of labels are numbered twice: as in the vocabulary, and in the order in which completions come when all
    else is equal.
    """

    def __init__(self, columns: Columns) -> None:
        self._text = columns.content("text")
        self._at = columns.numbers("at")
        self._target = np.asarray(columns.numbers("target"))
        self._place = np.asarray(columns.numbers("place"))
        self._row_at = columns.numbers("row_at")
        self._lang = np.asarray(columns.numbers("lang"))
        self._langs = columns.words("langs")

    def ranked(self, beginnings: Iterable[str], lang: str) -> npt.NDArray[np.uint64]:
        """Return a number for each label that begins so: later words, other languages, and then its place."""
        known = {"": (0, len(self._at), 0)}
        ranges = [self._range(wanted, known) for wanted in beginnings if wanted]
        found = [self._ranked(low, high, lang) for low, high in ranges if low < high]
        return np.concatenate(found) if found else np.empty(0, np.uint64)

    def _range(self, wanted: str, known: dict[str, tuple[int, int, int]]) -> tuple[int, int]:
        """Return where the keys with a beginning are; `known` has the ranges of beginnings, and their bytes."""
        low, high, length = known[""]
        for end in range(1, len(wanted) + 1):
            beginning = wanted[:end]
            if (narrower := known.get(beginning)) is None:
                letter = _encoded(wanted[end - 1])
                low, high = self._narrowed(low, high, length, letter)
                narrower = known[beginning] = (low, high, length + len(letter))
            low, high, length = narrower
            if low == high:
                break
        return low, high

    def _narrowed(self, low: int, high: int, length: int, letter: bytes) -> tuple[int, int]:
        """Return the keys of a range that go on with a letter after so many bytes that they have in common."""
        text, end = self._text, length + len(letter)

        def next_letter(at: int) -> bytes:
            return text[at + length : at + end]

        low = bisect_left(self._at, letter, low, high, key=next_letter)
        return low, bisect_right(self._at, letter, low, high, key=next_letter)

    def _ranked(self, low: int, high: int, lang: str) -> npt.NDArray[np.uint64]:
        target = self._target[low:high]
        row, later = target >> 1, (target & 1).astype(np.uint64)
        number = self._langs.index(lang) if lang in self._langs else len(self._langs)
        other = (self._lang[row] != number).astype(np.uint64)
        found: npt.NDArray[np.uint64] = later * _LATER + other * _OTHER_LANG + self._place[row]
        return found

    def row(self, number: int) -> int:
        """Return the row of a label from its number of `ranked`."""
        return self._row_at[number & _ROW]


@making_many()
def _columns(vocabulary: Vocabulary) -> Columns:
    text, size = [], 0
    keys: list[str] = []
    at_of, target = array("I"), array("I")
    order, lang_of = [], array("I")
    langs: dict[str, int] = {}
    for row, (concept, lang, kind, label) in enumerate(vocabulary.labels()):
        order.append((_KINDS[kind], len(label), label, row))
        lang_of.append(langs.setdefault(lang, len(langs)))
        if vocabulary[concept].deprecated:
            continue
        spellings = sorted(_spellings(label))
        for number, spelling in enumerate(spellings):
            letters = spelling + _END
            for at in (0, *(match.end() for match in _WORD_ENDS.finditer(spelling))):
                key = letters[at:]
                # of another spelling only what is not spelt the same
                if key == _END or (
                    at and any(other.endswith(spelling[at - 1 :]) for other in spellings[:number])
                ):
                    continue
                keys.append(key)
                at_of.append(size + (at if letters.isascii() else len(_encoded(letters[:at]))))
                target.append(row << 1 | int(at > 0))
            text.append(_encoded(letters))
            size += len(text[-1])
    in_letters = sorted(range(len(keys)), key=keys.__getitem__)
    order.sort()
    row_at = counted(row for *_, row in order)
    place = counted(row_at)
    for number, row in enumerate(row_at):
        place[row] = number
    return Columns({
        "text": b"".join(text),
        "at": counted(at_of[number] for number in in_letters),
        "target": counted(target[number] for number in in_letters),
        "place": place,
        "row_at": row_at,
        "lang": lang_of,
        "langs": joined(langs),
    })  # fmt: skip


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _in_order(numbers: npt.NDArray[np.uint64]) -> Iterator[int]:
    """Yield numbers in order; all of them are not sorted to see the first few."""
    done, taken = 0, _FIRST_LOOK
    while taken < len(numbers):
        yield from np.sort(np.partition(numbers, taken)[:taken])[done:].tolist()
        done, taken = taken, taken * _FIRST_LOOK
    yield from np.sort(numbers)[done:].tolist()


class Beginnings:
    """Words that may be meant by a mistyped beginning; made once for each set of words.

    Parameters
    ----------
    frequencies
        Lower-case words with a number that says how likely each is.
    """

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        self._words = sorted(frequencies)
        self._frequencies = [frequencies[word] for word in self._words]

    def __contains__(self, beginning: str) -> bool:
        """Tell whether a word begins so."""
        low = bisect_left(self._words, beginning)
        return low < len(self._words) and self._words[low].startswith(beginning)

    def near(self, beginning: str, k: int = 3) -> list[str]:
        """Return at most `k` beginnings of words one letter away, those of the most frequent words first.

        Examples
        --------
        >>> words = Beginnings({"sykepleier": 9, "sykehus": 5, "skyve": 1})
        >>> words.near("skyepl"), "syke" in words, "skyepl" in words
        (['sykepl'], True, False)
        """
        found: dict[str, int] = {}
        for near in near_beginnings(beginning):
            low = bisect_left(self._words, near)
            if low < len(self._words) and self._words[low].startswith(near):
                high = bisect_left(self._words, near + _HIGHEST, low)
                found[near] = sum(self._frequencies[low:high])
        return sorted(found, key=lambda near: (-found[near], near))[:k]


def near_beginnings(beginning: str) -> Iterator[str]:
    """Yield what is one letter away from a lower-case beginning, the first letter kept.

    Nothing for those shorter than `SHORTEST_MISTYPED` or longer than `LONGEST_MISTYPED`.
    """
    if not SHORTEST_MISTYPED <= len(beginning) <= LONGEST_MISTYPED:
        return
    seen = {beginning}
    candidates = [beginning.replace(pair, letter) for pair, letter in _RESTORED]
    for at in range(1, len(beginning) + 1):
        head, tail = beginning[:at], beginning[at:]
        candidates.append(head + tail[1:])
        candidates.append(head[:-1] + tail[:1] + head[-1] + tail[1:])
        for letter in _LETTERS:
            candidates.append(head + letter + tail)
            candidates.append(head + letter + tail[1:])
    for near in candidates:
        # what only lacks the last letters is what was typed, not what was meant
        if near not in seen and not beginning.startswith(near) and not near.startswith(beginning):
            seen.add(near)
            yield near


def _spellings(label: str) -> set[str]:
    spelling = " ".join(fold(label).split())
    return {spelling, *(spelling.translate(letters) for letters in _WRITTEN)}
