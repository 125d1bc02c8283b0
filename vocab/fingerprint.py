"""Which texts might be tagged otherwise after a change of the vocabulary? Those with a word of what has changed.

A fingerprint keeps of each concept its labels and a hash of everything that a tag may depend on: labels,
definition, neighbours and ancestors in the hierarchy, what replaces it. Comparing two of them gives the concepts that
are touched; a text in which no old or new label of these has all its words, in whatever order, keeps
its tags. An index keeps the fingerprint that it was made with, so that only what is affected is made anew.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from vocab.analysis import Token, analyse, analyse_word, fold, is_english_word
from vocab.concept import Concept
from vocab.vocabulary import Vocabulary

FINGERPRINT_FORM = 1
"""To be raised when tags begin to depend on something else of the vocabulary."""

_QUALIFIER = re.compile(r"\s*\([^()]*\)\s*$")

Fingerprint = Mapping[str, "ConceptPrint"]


class ConceptPrint(NamedTuple):
    """One concept: a hash of what tags depend on, and its labels without repetition."""

    digest: str
    labels: tuple[str, ...]


def fingerprint(vocabulary: Vocabulary) -> dict[str, ConceptPrint]:
    """Return the fingerprint of a vocabulary, by concept."""
    lexical = {scheme.id: scheme.lexical for scheme in vocabulary.schemes}
    return {
        concept.id: ConceptPrint(
            _digest(concept, vocabulary, lexical.get(concept.scheme, False)), _labels(concept)
        )
        for concept in vocabulary
    }


def dump_fingerprint(prints: Fingerprint) -> bytes:
    """Return a fingerprint as bytes that `load_fingerprint` reads."""
    content = {"form": FINGERPRINT_FORM, "concepts": prints}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def load_fingerprint(data: bytes) -> dict[str, ConceptPrint] | None:
    """Return the fingerprint in some bytes; None if they are no fingerprint, or one of another form."""
    try:
        content = json.loads(data)
        if content["form"] != FINGERPRINT_FORM:
            return None
        return {
            str(id_): ConceptPrint(str(digest), tuple(map(str, labels)))
            for id_, (digest, labels) in content["concepts"].items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


class Touched:
    """The concepts that are not the same in two fingerprints, and the words by which texts name them.

    Parameters
    ----------
    old, new
        Fingerprints of the vocabulary before and after.

    Attributes
    ----------
    concepts : frozenset of str
        Those that came, went or changed in what tags depend on.
    """

    def __init__(self, old: Fingerprint, new: Fingerprint) -> None:
        self.concepts = frozenset(
            id_ for id_ in old.keys() | new.keys() if _differs(old.get(id_), new.get(id_))
        )
        labels = {
            label
            for prints in (old, new)
            for id_ in self.concepts & prints.keys()
            for label in prints[id_].labels
        }
        self._by_word: dict[str, list[frozenset[str]]] = {}
        for words in {
            frozenset(token.text for token in analyse(_QUALIFIER.sub("", label))) for label in labels
        }:
            if words:
                self._by_word.setdefault(max(words, key=lambda w: (len(w), w)), []).append(words)

    def __bool__(self) -> bool:
        return bool(self.concepts)

    def occur_in(self, texts: Iterable[str]) -> bool:
        """Tell whether some label of a touched concept has all its words in these texts taken together."""
        if not self._by_word:
            return False
        words = {word for text in texts for token in analyse(text) for word in _words(token)}
        return any(label <= words for word in words & self._by_word.keys() for label in self._by_word[word])


def _words(token: Token) -> Iterable[str]:
    """Return the stems by which a word may meet a label: its own, its parts, and a plural's singular."""
    yield token.text
    yield from token.parts
    if token.surface.endswith("s") and is_english_word(fold(token.surface)):
        yield _singular(token.surface)


@lru_cache(1 << 16)
def _singular(surface: str) -> str:
    return analyse_word(surface[:-1])[0]


def _differs(old: ConceptPrint | None, new: ConceptPrint | None) -> bool:
    return old is None or new is None or old.digest != new.digest


def _labels(concept: Concept) -> tuple[str, ...]:
    found = [
        *concept.pref_label.values(),
        *(text for texts in concept.alt_label.values() for text in texts),
        *(text for texts in concept.hidden_label.values() for text in texts),
    ]
    return tuple(dict.fromkeys(found))


def _digest(concept: Concept, vocabulary: Vocabulary, lexical: bool) -> str:
    """Return a hash [16 hex digits] of what tags depend on: mappings, notes and codes are no part of it."""
    id_ = concept.id
    content = (
        sorted(concept.pref_label.items()),
        sorted((lang, sorted(texts)) for lang, texts in concept.alt_label.items()),
        sorted((lang, sorted(texts)) for lang, texts in concept.hidden_label.items()),
        sorted(concept.definition.items()),
        [c.id for c in vocabulary.broader(id_)],
        [c.id for c in vocabulary.narrower(id_)],
        [c.id for c in vocabulary.related(id_)],
        vocabulary.ancestors(id_),
        (concept.deprecated, vocabulary.resolve(id_), lexical),
    )
    return sha256(json.dumps(content).encode()).hexdigest()[:16]
