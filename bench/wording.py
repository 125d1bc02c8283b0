"""Which words does a large bank use? Those of the sample bank, as often as there, each theme with its own.

A word of a text comes from the language at large, from its theme, from its subtopic (a dozen words that few
others use) or from a long tail of compounds that are made of the sample's parts, so that rare words go on
coming as the bank grows. Only words that the sample writes in lower case are used: no names of anybody or
any place. Each word is analysed once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from engine.model import Resource
from vocab.analysis import analyse, grams, is_function_word, split_compound, surface_words

Ids = NDArray[np.int64]

OWN_WORDS = 12
"""Words that a subtopic has for itself."""

TAIL_WORDS = 40_000
"""Compounds in the long tail."""

BODY, TITLE = (0.64, 0.92, 0.985), (0.35, 0.60, 0.98)
"""Up to where the language, the theme and the subtopic give a word; the tail gives the others."""

SENTENCE = (7, 20)
"""Words of a sentence, both included."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Words and how likely each is."""

    ids: Ids
    cumulated: NDArray[np.float64]

    @classmethod
    def of(cls, counts: Mapping[int, float]) -> "Draw":
        ids = sorted(counts, key=lambda i: (-counts[i], i))
        weights = np.cumsum([counts[i] for i in ids], dtype=np.float64)
        return cls(np.array(ids, dtype=np.int64), weights / weights[-1])

    def at(self, u: NDArray[np.float64]) -> Ids:
        """Return the word at each of these points of [0, 1)."""
        return self.ids[np.minimum(self.cumulated.searchsorted(u, side="right"), len(self.ids) - 1)]


@dataclass(frozen=True, slots=True)
class Text:
    """Words of a text as written, their ids, and where its sentences end."""

    text: str
    ids: list[int]
    ends: list[tuple[int, int]]
    """(words so far, code points so far) after each sentence."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """What the analysis makes of one word."""

    terms: tuple[str, ...]
    grams: tuple[str, ...]
    surface: str


class Wording:
    """Draws texts.

    Parameters
    ----------
    seed : int
        The same seed gives the same subtopics.
    samples : sequence of Resource
        Whose words are used.
    names : sequence of str
        The themes.
    themes : int array of shape (subtopics,)
        The theme of each subtopic, a position in `names`.
    """

    def __init__(self, seed: int, samples: Sequence[Resource], names: Sequence[str], themes: Ids) -> None:
        rng = np.random.default_rng([seed, 2])
        by_language: dict[str, Counter[str]] = {}
        by_theme: dict[str, Counter[str]] = {}
        for resource in samples:
            found = _words(resource)
            by_language.setdefault(resource.language, Counter()).update(found)
            for theme in resource.themes:
                content = (word for word in found if not is_function_word(word))
                by_theme.setdefault(theme, Counter()).update(content)
        known = sorted(set().union(*by_language.values()))
        self.words = known + _compounds(rng, known)
        id_of = {word: i for i, word in enumerate(known)}
        self._languages = {lang: _draw(counts, id_of) for lang, counts in sorted(by_language.items())}
        self._themes = [_draw(by_theme[name], id_of) for name in names]
        everyday = Counter({word: n for word, n in by_language["nb"].items() if not is_function_word(word)})
        self.everyday = _draw(everyday, id_of).ids
        tail = np.arange(len(known), len(self.words), dtype=np.int64)
        rng.shuffle(tail)
        self._tail = Draw(tail, _zipf(len(tail), 0.9))
        self._own = Draw(np.arange(OWN_WORDS), _zipf(OWN_WORDS, 0.7))
        self._subtopic_theme = themes
        self._subtopic_words = np.concatenate(
            [
                np.stack([self._themes[theme].at(rng.random(OWN_WORDS // 3)) for theme in themes]),
                rng.choice(tail, size=(len(themes), OWN_WORDS - OWN_WORDS // 3)),
            ],
            axis=1,
        )
        rng.permuted(self._subtopic_words, axis=1, out=self._subtopic_words)
        self.analysed = _Analysis(self.words)

    def own_words(self, subtopic: int) -> list[str]:
        """Return the words of a subtopic, the usual ones first."""
        return [self.words[i] for i in self._subtopic_words[subtopic]]

    def text(
        self, rng: np.random.Generator, language: str, subtopic: int, n: int, *, title: bool = False
    ) -> Text:
        """Return a text of `n` words; a title is one sentence without a full stop."""
        ids = self._ids(rng, language, subtopic, n, TITLE if title else BODY).tolist()
        words = [self.words[i] for i in ids]
        lengths = (
            [n] if title else rng.integers(SENTENCE[0], SENTENCE[1] + 1, size=n // SENTENCE[0] + 1).tolist()
        )
        sentences: list[str] = []
        ends: list[tuple[int, int]] = []
        at, written = 0, -1
        for length in lengths:
            if at >= n:
                break
            words[at] = words[at][0].upper() + words[at][1:]
            sentence = " ".join(words[at : at + length])
            sentences.append(sentence if title else f"{sentence}.")
            at = min(n, at + length)
            written += len(sentences[-1]) + 1
            ends.append((at, written))
        return Text(" ".join(sentences), ids, ends)

    def terms(self, ids: Iterable[int]) -> list[str]:
        """Return stems and compound parts of words, in order."""
        return list(chain.from_iterable([self.analysed[i].terms for i in ids]))

    def grams(self, ids: Iterable[int]) -> tuple[str, ...]:
        """Return the 4-grams of words, in order."""
        return tuple(chain.from_iterable([self.analysed[i].grams for i in ids]))

    def surface(self, ids: Iterable[int]) -> tuple[str, ...]:
        """Return words as an index keeps them."""
        return tuple([self.analysed[i].surface for i in ids])

    def _ids(
        self, rng: np.random.Generator, language: str, subtopic: int, n: int, shares: tuple[float, ...]
    ) -> Ids:
        source, u = rng.random((2, n))
        ids = self._languages[language].at(u)
        theme, own, tail = (source >= share for share in shares)
        ids[theme] = self._themes[self._subtopic_theme[subtopic]].at(u[theme])
        ids[own] = self._subtopic_words[subtopic][self._own.at(u[own])]
        ids[tail] = self._tail.at(u[tail])
        return ids


class _Analysis(dict[int, Analysed]):
    """What the analysis makes of each word, looked up when it first occurs."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, id_: int) -> Analysed:
        word = self._words[id_]
        (token,) = analyse(word)
        found = Analysed((token.text, *token.parts), tuple(grams(word)), surface_words(word)[0])
        self[id_] = found
        return found


def _words(resource: Resource) -> list[str]:
    text = f"{resource.title}\n{resource.summary}\n{resource.body}"
    return [token.surface for token in analyse(text) if _is_usable(token.surface)]


@cache
def _is_usable(surface: str) -> bool:
    """Tell whether a word is no name, and one word wherever it stands."""
    return surface.islower() and surface[0].isalpha() and len(analyse(surface)) == 1


def _compounds(rng: np.random.Generator, known: Sequence[str]) -> list[str]:
    """Return words that are no sample's, put together of parts that are."""
    split = [parts for word in known if (parts := split_compound(word))]
    first = sorted({parts[0] for parts in split})
    last = sorted({parts[-1] for parts in split})
    pairs = rng.choice(len(first) * len(last), size=2 * TAIL_WORDS, replace=False)
    made = (first[pair // len(last)] + last[pair % len(last)] for pair in pairs.tolist())
    taken = set(known)
    return [word for word in dict.fromkeys(made) if word not in taken and len(word) < 40][:TAIL_WORDS]


def _draw(counts: Mapping[str, int], id_of: Mapping[str, int]) -> Draw:
    return Draw.of({id_of[word]: float(n) for word, n in counts.items()})


def _zipf(n: int, exponent: float) -> NDArray[np.float64]:
    weights = np.cumsum(1 / np.arange(1, n + 1) ** exponent)
    cumulated: NDArray[np.float64] = weights / weights[-1]
    return cumulated
