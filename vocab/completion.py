"""Which label or word is somebody about to type? Autocomplete, also of what is mistyped by one letter."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from vocab.analysis import fold
from vocab.concept import ConceptId, LabelKind, Lang
from vocab.vocabulary import Vocabulary

_KINDS: dict[LabelKind, int] = {"pref": 0, "alt": 1, "hidden": 2}
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
        keys: set[tuple[str, int, int]] = set()
        self._completions: list[Completion] = []
        for concept, lang, kind, label in vocabulary.labels():
            if vocabulary[concept].deprecated or (
                schemes is not None and vocabulary[concept].scheme not in schemes
            ):
                continue
            number = len(self._completions)
            self._completions.append(Completion(concept, label, lang, kind))
            for spelling in _spellings(label):
                starts = [0, *(at + 1 for at, sign in enumerate(spelling) if sign in " -/(")]
                keys.update((spelling[at:], int(at > 0), number) for at in starts if spelling[at:])
        ordered = sorted(keys)
        self._keys = [key for key, _, _ in ordered]
        self._targets = [(later, number) for _, later, number in ordered]

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
        return self._best(list(near_beginnings(" ".join(fold(prefix).split()))), lang, k)

    def _best(self, prefixes: Sequence[str], lang: str, k: int) -> list[Completion]:
        best: dict[ConceptId, tuple[int, int, int, int, str, int]] = {}
        for wanted in prefixes if k > 0 else ():
            low = bisect_left(self._keys, wanted)
            if not wanted or low == len(self._keys) or not self._keys[low].startswith(wanted):
                continue
            for later, number in self._targets[low : bisect_left(self._keys, wanted + _HIGHEST, low)]:
                found = self._completions[number]
                rank = (
                    later,
                    int(found.lang != lang),
                    _KINDS[found.kind],
                    len(found.label),
                    found.label,
                    number,
                )
                if found.concept not in best or rank < best[found.concept]:
                    best[found.concept] = rank
        return [self._completions[rank[-1]] for rank in nsmallest(k, best.values())]


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
