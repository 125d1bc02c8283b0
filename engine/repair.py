"""Is this word a typo, and of what? Only words that the index does not know are looked at.

Candidates are words of the index and of the vocabulary's labels. They come from SymSpell (deletion
neighbourhoods), re-ranked by Jaro-Winkler similarity, edits and log frequency; of one random edit in words
of the sample bank and of two open sets the first candidate is right for .924, .977 and .948 (without the edits .915,
.966 and .939). They are used beside the word as typed, with falling weights; the person is told only when the
word is in no lexicon either.
"""

import math
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from heapq import nlargest

from symspellpy import SymSpell, Verbosity

from vocab.analysed_labels import analysed_labels
from vocab.analysis import analyse_word, is_english_word, is_known_word
from vocab.lexicon import lexicon
from vocab.vocabulary import Vocabulary

WEIGHTS = (0.8, 0.4, 0.3)
"""Query weight of the first, second and third candidate."""

FREQUENT, EDITED = 0.01, 0.06
"""What the logarithm of a candidate's frequency adds to its likeness, and what each edit takes."""

SHORTEST = 4
"""Words below this length [letters] are not repaired."""

LONG = 8
"""From this length on two edits are allowed [letters]."""

LETTERS = "abcdefghijklmnopqrstuvwxyzæøå"


@dataclass(frozen=True, slots=True)
class Repair:
    """A word that may have been meant, and how many resources have it: 0 for a word of the vocabulary only."""

    word: str
    weight: float
    frequency: int = 0


class Lexicon:
    """The words of one index, ready to be asked for near ones.

    Parameters
    ----------
    frequencies : mapping of word to number of resources
        Lower-case words as written.
    beneath : Lexicon, optional
        More words of the same index.
    spelling : Spelling, optional
        To be shared with lexicons that have much the same words.
    """

    def __init__(
        self,
        frequencies: Mapping[str, int],
        *,
        beneath: "Lexicon | None" = None,
        spelling: "Spelling | None" = None,
    ) -> None:
        self._frequency = {
            w: n for w, n in frequencies.items() if len(w) >= SHORTEST - 1 and not any(c.isdigit() for c in w)
        }
        self._beneath = beneath
        self._spelling = spelling or Spelling()
        self._spelling.learn(self._frequency)

    def __contains__(self, word: object) -> bool:
        return word in self._frequency or (self._beneath is not None and word in self._beneath)

    def load(self) -> None:
        """Have near words at hand now, not when the first unknown word comes."""
        self._spelling.load()

    def most_frequent(self, n: int) -> list[str]:
        """Return the words that most resources have, at most `n`, the most frequent first."""
        return nlargest(n, self._frequency, key=self._frequency.__getitem__)

    def repairs(self, word: str, also: "Lexicon | None" = None) -> tuple[Repair, ...]:
        """Return at most three candidates for an unknown word, best first.

        One edit is allowed in words of 4 to 7 letters, two in longer ones; shorter words, words with
        digits and words of the index have no candidates. Words of `also` that no resource has are
        candidates as rare ones. When there are none, other forms of the index's words are: *hjertet* where it
        has *hjerte* only.
        """
        word = word.lower()
        if len(word) < SHORTEST or word in self or any(c.isdigit() for c in word):
            return ()
        near = {} if also is None else {term: (0, edits) for term, (_, edits) in also._near(word).items()}
        near |= self._near(word)
        if not near and not in_dictionary(word):
            near = self._other_forms(word)
        ranked = sorted(
            (
                (jaro_winkler(word, term) + FREQUENT * math.log1p(n) - EDITED * edits, term)
                for term, (n, edits) in near.items()
            ),
            key=lambda item: (-item[0], item[1]),
        )
        return tuple(
            Repair(term, weight, near[term][0]) for (_, term), weight in zip(ranked, WEIGHTS, strict=False)
        )

    def _near(self, word: str) -> dict[str, tuple[int, int]]:
        """Return the words within the allowed edits, with their resources and edits."""
        near = {} if self._beneath is None else self._beneath._near(word)
        for term, edits in self._spelling.near(word, 2 if len(word) >= LONG else 1):
            if term in self._frequency:
                near[term] = (self._frequency[term], edits)
        return near

    def _other_forms(self, word: str) -> dict[str, tuple[int, int]]:
        """Return the Norwegian words one edit away that have the stem of a word of the index."""
        known = {near: analyse_word(near)[0] for near in one_edit_away(word) if is_known_word(near)}
        counts = {near: (self._with_stem(stem), 1) for near, stem in known.items()}
        return {near: found for near, found in counts.items() if found[0]}

    def _with_stem(self, stem: str) -> int:
        return self._stems[stem] + (0 if self._beneath is None else self._beneath._with_stem(stem))

    @cached_property
    def _stems(self) -> Counter[str]:
        stems: Counter[str] = Counter()
        for word, n in self._frequency.items():
            stems[analyse_word(word)[0]] += n
        return stems


class Spelling:
    """Deletion neighbourhoods of words, which only grow; safe for several threads."""

    def __init__(self) -> None:
        self._spell = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
        self._known: set[str] = set()
        self._new: dict[str, None] = {}
        self._lock = threading.Lock()

    def learn(self, words: Iterable[str]) -> None:
        """Add words; they are gone through when near ones are first asked for. Known ones cost nothing."""
        with self._lock:
            self._new.update(dict.fromkeys(word for word in words if word not in self._known))

    def near(self, word: str, most: int) -> list[tuple[str, int]]:
        """Return the words within `most` edits, with the edits."""
        with self._lock:
            self._go_through()
            found = self._spell.lookup(word, Verbosity.ALL, max_edit_distance=most)
        return [(s.term, s.distance) for s in found]

    def load(self) -> None:
        """Go through all words now."""
        with self._lock:
            self._go_through()

    def _go_through(self) -> None:
        for word in self._new:
            self._spell.create_dictionary_entry(word, 1)
        self._known.update(self._new)
        self._new = {}


def one_edit_away(word: str) -> set[str]:
    """Return what a word becomes by one letter left out, added, changed or swapped with the next.

    Examples
    --------
    >>> "hjertet" in one_edit_away("hlertet"), len(one_edit_away("fall"))
    (True, 258)
    """
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    changed = {a + letter + b[1:] for a, b in cuts if b for letter in LETTERS}
    added = {a + letter + b for a, b in cuts for letter in LETTERS}
    return ({a + b[1:] for a, b in cuts if b} | swapped | changed | added) - {word}


@lru_cache(4)
def label_lexicon(vocabulary: Vocabulary) -> Lexicon:
    """Return the words of a vocabulary's preferred and alternative labels."""
    return Lexicon(analysed_labels(vocabulary).spelt)


def in_a_lexicon(word: str) -> bool:
    """Tell whether a lower-case word is an ordinary bokmål, nynorsk or English one, or made of Norwegian ones."""
    return is_known_word(word) or is_english_word(word)


def in_dictionary(word: str) -> bool:
    """Tell whether a lower-case word is an ordinary bokmål, nynorsk or English one by itself."""
    return word in lexicon() or is_english_word(word)


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
