"""Which texts of the bank have this name, or nearly? Titles of the bank, kept up to date in memory.

Two titles are nearly the same when most of their words are: stems, so that inflections and the two written forms of
Norwegian meet, whatever their order; compounds opened when the other title has their parts; one or two wrong letters
forgiven. A number that differs makes two names: *diabetes type 1* is not *diabetes type 2*.
"""

import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from engine.model import Resource
from engine.ports import Catalogue
from vocab.analysis import analyse_word, is_function_word

NEAR: Final = 0.72
"""Likeness from which two names are nearly the same: on the sample bank's labelled twins, 27 of 32 copies under a new
name have it, and none of 19 look-alikes."""

WORTH_A_LOOK: Final = 0.5
"""Likeness from which a name is worth comparing in meaning."""

_TYPO: Final = 0.8
_LETTERS: Final = 4
_MOST: Final = 40
_READ_ANEW: Final = 2_000
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A title of the bank, and where it stands."""

    id: str
    title: str
    language: str
    edition: str
    status: str


@dataclass(frozen=True, slots=True)
class _Words:
    """Stems of the words that say something, and the parts of each that is a compound."""

    stems: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]

    @property
    def forms(self) -> frozenset[str]:
        return frozenset(self.stems).union(*self.parts.values())


class KnownNames:
    """Titles of all resources that are not archived; safe for several threads.

    Parameters
    ----------
    catalogue : Catalogue
        Read once, and then what has changed.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._lock = threading.Lock()
        self._seq = -1
        self._names: dict[str, Name] = {}
        self._exact: dict[str, set[str]] = {}
        self._having: dict[str, set[str]] = {}
        self._unread: set[str] = set()

    def same(self, title: str) -> list[Name]:
        """Return those with this title, whatever the casing and white space, in id order."""
        with self._lock:
            self._refresh()
            return [self._names[id_] for id_ in sorted(self._exact.get(plain(title), ()))]

    def near(self, title: str, least: float = NEAR) -> list[tuple[Name, float]]:
        """Return those with nearly this title and how like it is, 1 for the same words; the likest first."""
        asked = plain(title)
        with self._lock:
            self._refresh()
            self._read_words()
            ids = self._sharing(_words(asked)) | self._exact.get(asked, set())
            found = [(self._names[id_], likeness(asked, plain(self._names[id_].title))) for id_ in ids]
        found = [(name, like) for name, like in found if like >= least]
        return sorted(found, key=lambda one: (-one[1], one[0].id))

    def _sharing(self, words: _Words) -> set[str]:
        """Return the ids of titles that share most words or parts of words, words with wrong letters too."""
        shared: Counter[str] = Counter()
        for stem in words.stems:
            forms = {stem, *words.parts.get(stem, ())}
            if stem not in self._having and len(stem) >= _LETTERS:
                close = process.extract(
                    stem, self._having.keys(), scorer=fuzz.ratio, score_cutoff=100 * _TYPO, limit=3
                )
                forms |= {form for form, _, _ in close}
            shared.update(id_ for form in forms for id_ in self._having.get(form, ()))
        return {id_ for id_, _ in shared.most_common(_MOST)}

    def _refresh(self) -> None:
        seq = self._catalogue.last_seq()
        if seq == self._seq:
            return
        changed = [c.resource_id for c in self._catalogue.changes_since(self._seq)] if self._seq >= 0 else []
        if self._seq < 0 or seq < self._seq or len(changed) > _READ_ANEW:
            self._names, self._exact, self._having, self._unread = {}, {}, {}, set()
            for resource in self._catalogue.all():
                self._put(resource)
        else:
            now = self._catalogue.get_many(changed)
            for id_ in changed:
                self._forget(id_)
                if id_ in now:
                    self._put(now[id_])
        self._seq = seq

    def _read_words(self) -> None:
        for id_ in self._unread:
            for form in _words(plain(self._names[id_].title)).forms:
                self._having.setdefault(form, set()).add(id_)
        self._unread = set()

    def _put(self, r: Resource) -> None:
        if r.status != "archived":
            self._names[r.id] = Name(r.id, r.title, r.language, r.edition, r.status)
            self._exact.setdefault(plain(r.title), set()).add(r.id)
            self._unread.add(r.id)

    def _forget(self, id_: str) -> None:
        gone = self._names.pop(id_, None)
        if gone is not None:
            _take_away(self._exact, plain(gone.title), id_)
            if id_ in self._unread:
                self._unread.discard(id_)
                return
            for form in _words(plain(gone.title)).forms:
                _take_away(self._having, form, id_)


def _take_away(sets: dict[str, set[str]], key: str, id_: str) -> None:
    sets[key].discard(id_)
    if not sets[key]:
        del sets[key]


def plain(title: str) -> str:
    """Return a title without what makes no other name: casing, and white space that is not one space.

    Examples
    --------
    >>> plain("  Fall  hos ELDRE ")
    'fall hos eldre'
    """
    return " ".join(title.casefold().split())


def likeness(a: str, b: str) -> float:
    """Return how like two titles are: 0 to 1, 1 when they have the same words.

    Examples
    --------
    >>> likeness("Diabetes type 2", "Type 2-diabetes"), likeness("Diabetes type 2", "Diabetes type 1") < NEAR
    (1.0, True)
    >>> likeness("Fallforebygging i sykehjem", "Førebygging av fall på sjukeheim")
    1.0
    """
    one, other = _words(plain(a)), _words(plain(b))
    if not one.stems or not other.stems:
        return 0.0
    numbers = [{s for s in words.stems if s.isdigit()} for words in (one, other)]
    like = max(_shared(one.stems, other.stems), _shared(_opened(one, other), _opened(other, one)))
    return like if numbers[0] == numbers[1] else min(like, WORTH_A_LOOK)


def _shared(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    few, many = (a, b) if len(a) <= len(b) else (b, a)
    left, got = list(many), 0.0
    for word in few:
        best, which = max(((_alike(word, other), other) for other in left), default=(0.0, ""))
        if best:
            got += best
            left.remove(which)
    return 2 * got / (len(a) + len(b))


def _alike(a: str, b: str) -> float:
    if a == b:
        return 1.0
    if min(len(a), len(b)) < _LETTERS or any(c.isdigit() for c in a + b):
        return 0.0
    like = fuzz.ratio(a, b) / 100
    return like if like >= _TYPO else 0.0


def _opened(words: _Words, other: _Words) -> tuple[str, ...]:
    """Return the words, each compound in its parts if the other has all of them."""
    found: list[str] = []
    for stem in words.stems:
        parts = words.parts.get(stem, ())
        found += parts if parts and stem not in other.stems and set(parts) <= set(other.stems) else [stem]
    return tuple(dict.fromkeys(found))


@lru_cache(20_000)
def _words(title: str) -> _Words:
    every = _WORD.findall(title)
    analysed = [analyse_word(w) for w in ([w for w in every if not is_function_word(w)] or every)]
    stems = tuple(dict.fromkeys(stem for stem, _ in analysed))
    return _Words(stems, {stem: parts for stem, parts in analysed if parts})
