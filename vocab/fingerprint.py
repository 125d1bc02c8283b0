"""Which texts might be tagged otherwise after a change of the vocabulary? Those with a word of what has changed.

A fingerprint keeps of each concept its labels and hashes of what a tag may depend on. Comparing two of them gives the
concepts that are touched, and how far that reaches: a rare word of the vocabulary weighs more than a frequent one,
so that a label which comes or goes reaches every text with one of its words; a text's meaning is
compared with that of all topics, so that a topic which comes, goes or gets another meaning reaches all texts. An
index keeps the fingerprint that it was made with, so that only what is reached is looked at again.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
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
    """One concept.

    `digest` is a hash of all that an entry of an index depends on, `use` tells whether and for what its labels stand,
    `meaning` is a hash of names and definition, `labels` are kind, language and text of each label.
    """

    digest: str
    use: str
    meaning: str
    labels: tuple[str, ...]


def fingerprint(vocabulary: Vocabulary) -> dict[str, ConceptPrint]:
    """Return the fingerprint of a vocabulary, by concept."""
    lexical = {scheme.id: scheme.lexical for scheme in vocabulary.schemes}
    return {c.id: _print(c, vocabulary, lexical.get(c.scheme, False)) for c in vocabulary}


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
            str(id_): ConceptPrint(str(digest), str(use), str(meaning), tuple(map(str, labels)))
            for id_, (digest, use, meaning, labels) in content["concepts"].items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


class Touched:
    """The concepts that are not the same in two fingerprints, and which texts that may reach.

    Parameters
    ----------
    old, new
        Fingerprints of the vocabulary before and after.
    schemes
        Those whose concepts may become tags, before or after. Default: all.

    Attributes
    ----------
    concepts : frozenset of str
        Those that came, went or changed in what an entry depends on, in whatever scheme.
    everywhere : bool
        Whether topics came or went: then each label weighs otherwise than before.
    meanings : bool
        Whether a topic got other names or another definition, which counts where meanings are compared.
    """

    def __init__(self, old: Fingerprint, new: Fingerprint, schemes: Collection[str] | None = None) -> None:
        pairs = {id_: (old.get(id_), new.get(id_)) for id_ in old.keys() | new.keys()}
        self.concepts = frozenset(i for i, (a, b) in pairs.items() if a is None or b is None or a != b)
        topics = [pairs[i] for i in self.concepts if schemes is None or i.split("/", 1)[0] in schemes]
        self.everywhere = any(a is None or b is None or a.use != b.use for a, b in topics)
        self.meanings = self.everywhere or any(a and b and a.meaning != b.meaning for a, b in topics)
        labels = {label for a, b in topics for label in _other_labels(a, b)}
        self._words = frozenset(word for label in labels for word in _words_of(label))

    def __bool__(self) -> bool:
        return bool(self.concepts)

    def occur_in(self, texts: Iterable[str]) -> bool:
        """Tell whether a word of a label that came or went stands in these texts, or a part of a compound."""
        return bool(self._words) and any(
            word in self._words for text in texts for token in analyse(text) for word in _words(token)
        )


def _words_of(label: str) -> Iterator[str]:
    """Yield the words of a label as a fingerprint keeps it."""
    text = label.split(":", 2)[2]
    for token in analyse(_QUALIFIER.sub("", text)):
        yield from _words(token)


def _words(token: Token) -> Iterator[str]:
    """Yield the stems by which a word may meet another: its own, its parts, and a plural's singular."""
    yield token.text
    yield from token.parts
    if token.surface.endswith("s") and is_english_word(fold(token.surface)):
        yield _singular(token.surface)


@lru_cache(1 << 16)
def _singular(surface: str) -> str:
    return analyse_word(surface[:-1])[0]


def _other_labels(old: ConceptPrint | None, new: ConceptPrint | None) -> set[str]:
    """Return the labels that are in one of the two only; all of them where they stand for something else now."""
    before, after = set(old.labels if old else ()), set(new.labels if new else ())
    if old is None or new is None or old.use != new.use:
        return before | after
    return before ^ after


def _print(concept: Concept, vocabulary: Vocabulary, lexical: bool) -> ConceptPrint:
    id_ = concept.id
    labels = [
        *(f"pref:{lang}:{text}" for lang, text in concept.pref_label.items()),
        *(f"alt:{lang}:{text}" for lang, texts in concept.alt_label.items() for text in texts),
        *(f"hidden:{lang}:{text}" for lang, texts in concept.hidden_label.items() for text in texts),
    ]
    place = (
        [c.id for c in vocabulary.broader(id_)],
        [c.id for c in vocabulary.narrower(id_)],
        [c.id for c in vocabulary.related(id_)],
        vocabulary.ancestors(id_),
    )
    use = f"{vocabulary.resolve(id_) or '-'} {'lexical' if lexical else 'silent'}"
    names = sorted(label for label in labels if not label.startswith("hidden:"))
    meaning = _digest((names, sorted(concept.definition.items())))
    return ConceptPrint(_digest((sorted(labels), meaning, place, use)), use, meaning, tuple(sorted(labels)))


def _digest(content: object) -> str:
    """Return a hash [16 hex digits]; mappings, notes and codes are no part of what is hashed."""
    return sha256(json.dumps(content).encode()).hexdigest()[:16]
