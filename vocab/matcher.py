"""Which concepts are named in this text? Labels of the vocabulary found in running text and in queries.

Labels and text pass through the same analysis, so that inflections meet; the longest label wins. Completion of
what somebody is typing is in `vocab.completion`.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from vocab.analysis import (
    Token,
    analyse,
    analyse_word,
    fold,
    is_abbreviation,
    is_english_word,
    is_function_word,
)
from vocab.completion import Completion, LabelCompleter
from vocab.concept import ConceptId, LabelKind, Lang
from vocab.vocabulary import Vocabulary

QUERY_SCHEMES = ("ressurstype", "malgruppe", "rolle", "arena")
"""Schemes that a query may name besides those matched in running text."""

QUALIFIER = re.compile(r"\s*\([^()]*\)\s*$")
_LISTED = re.compile(r"[^\S\n]*[,+&][^\S\n]*\n?[^\S\n]*")
_JOINED = re.compile(r"[^\S\n]*\n?[^\S\n]*[-\u2010-\u2013/'\u2019\u00ab\u00bb\"]*[^\S\n]?")
_LABEL_ENDINGS = frozenset(["", "e", "a", "er", "ar", "r", "n", "en", "et", "t", "ene", "ane", "ne"])
_ENGLISH_ENDINGS = frozenset(["", "s", "es", "y", "ies", "'s", "\u2019s"])
_LONG_NAME = 5
_KINDS: dict[LabelKind, int] = {"pref": 0, "alt": 1, "hidden": 2}
_LANGS = {"nb": 0, "nn": 1, "en": 2}


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """A concept named in a text.

    `label` is the vocabulary's label, `surface` what stands in the text from `start` to `end` [code points].
    `ambiguous` tells that other concepts have this label too; they are matches of their own.
    """

    concept: ConceptId
    lang: Lang
    kind: LabelKind
    label: str
    start: int
    end: int
    surface: str
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    concept: ConceptId
    lang: Lang
    kind: LabelKind
    label: str
    words: tuple[str, ...]
    text_scheme: bool
    abbreviation: bool
    in_text: bool
    listed: bool


@dataclass(slots=True)
class _Node:
    following: dict[str, "_Node"] = field(default_factory=dict)
    entries: list[_Entry] = field(default_factory=list)


_Condition = Callable[[_Entry, Sequence[Token]], bool]


class LabelMatcher:
    """Finds labels of a vocabulary; made once for each vocabulary, safe for several threads.

    * Running text: schemes that are `lexical`. A label that is an abbreviation of two to five capitals (*KAD*,
      *FAST*) only meets the same capitals; labels of digits (*113*) and function words meet nothing.
    * Queries: also `QUERY_SCHEMES`; abbreviations meet in any case.
    * A qualifier in brackets (*vaksinering (prosedyre)*) is no part of the label. An alternative label that
      becomes equal to another concept's label that way is left out, unless it is an abbreviation.
    * Labels of all languages are matched together.

    Parameters
    ----------
    vocabulary
        The concepts.
    query_schemes
        Schemes that only queries may name.
    """

    def __init__(self, vocabulary: Vocabulary, query_schemes: Sequence[str] = QUERY_SCHEMES) -> None:
        self._root = _Node()
        self._completer = LabelCompleter(vocabulary)
        text_schemes = {scheme.id for scheme in vocabulary.schemes if scheme.lexical}
        schemes = text_schemes | set(query_schemes)
        labels = [
            (concept, lang, kind, label)
            for concept, lang, kind, label in vocabulary.labels()
            if concept.split("/", 1)[0] in schemes and not vocabulary[concept].deprecated
        ]
        unqualified = {fold(label) for _, _, _, label in labels if not QUALIFIER.search(label)}
        for concept, lang, kind, label in labels:
            bare = QUALIFIER.sub("", label)
            if bare != label and kind != "pref" and fold(bare) in unqualified and not is_abbreviation(bare):
                continue
            self._add(concept, lang, kind, label, bare, text_scheme=concept.split("/", 1)[0] in text_schemes)

    def matches(self, text: str) -> list[LabelMatch]:
        """Return the concepts named in running text, in order of place; matches do not overlap.

        Examples
        --------
        >>> from vocab.vocabulary import open_vocabulary
        >>> matcher = LabelMatcher(open_vocabulary())
        >>> [(m.concept, m.surface) for m in matcher.matches("Hjemmesykepleierne steller trykksår.")]
        [('rolle/hjemmesykepleier', 'Hjemmesykepleierne'), ('tilstand/trykksar', 'trykksår')]
        """
        return self.match_tokens(text, analyse(text))

    def match_tokens(self, text: str, tokens: Sequence[Token]) -> list[LabelMatch]:
        """Return what `matches` does, for a text that has been analysed already."""
        return self._find(text, tokens, _holds_in_text)

    def match_query(self, text: str) -> list[LabelMatch]:
        """Return the concepts named in a query, in order of place; matches do not overlap.

        Examples
        --------
        >>> from vocab.vocabulary import open_vocabulary
        >>> matcher = LabelMatcher(open_vocabulary())
        >>> [m.concept for m in matcher.match_query("podkast om kols for sjukepleiarar")]
        ['ressurstype/podkast', 'tilstand/kols', 'rolle/sykepleier']
        """
        return self._find(text, analyse(text), _holds_in_query)

    def complete(self, prefix: str, lang: str = "nb", k: int = 8) -> list[Completion]:
        """Return at most `k` completions of what somebody is typing; see `LabelCompleter.complete`."""
        return self._completer.complete(prefix, lang, k)

    def complete_mistyped(self, prefix: str, lang: str = "nb", k: int = 8) -> list[Completion]:
        """Return at most `k` completions of what is one letter away; see `LabelCompleter.complete_mistyped`."""
        return self._completer.complete_mistyped(prefix, lang, k)

    def _add(
        self, concept: ConceptId, lang: Lang, kind: LabelKind, label: str, bare: str, *, text_scheme: bool
    ) -> None:
        tokens = analyse(bare)
        if not tokens:
            return
        node = self._root
        for token in tokens:
            node = node.following.setdefault(token.text, _Node())
        words = [token.surface for token in tokens]
        node.entries.append(
            _Entry(
                concept,
                lang,
                kind,
                label,
                tuple(fold(word) for word in words),
                text_scheme,
                abbreviation=len(words) == 1 and is_abbreviation(words[0]),
                listed=any(sign in bare for sign in ",+&"),
                in_text=not all(
                    word.isdigit() or (is_function_word(word) and word.islower()) for word in words
                ),
            )
        )

    def _find(self, text: str, tokens: Sequence[Token], holds: _Condition) -> list[LabelMatch]:
        found: list[LabelMatch] = []
        at = 0
        while at < len(tokens):
            after, entries = self._longest(text, tokens, at, holds)
            if entries:
                start, end = tokens[at].start, tokens[after - 1].end
                found += _matches(entries, start, end, text[start:end])
            at = after if entries else at + 1
        return found

    def _longest(
        self, text: str, tokens: Sequence[Token], at: int, holds: _Condition
    ) -> tuple[int, list[_Entry]]:
        """Return where the longest label from token `at` ends, and whose it is."""
        node = _following(self._root, tokens[at])
        best: tuple[int, list[_Entry]] = (at, [])
        here = at
        listed = False
        while node is not None:
            if node.entries:
                spelt = tokens[at : here + 1]
                entries = [
                    entry
                    for entry in node.entries
                    if (entry.listed or not listed) and holds(entry, spelt) and _same_words(entry, spelt)
                ]
                if entries:
                    best = (here + 1, _best_spelt(entries, spelt))
            here += 1
            if not node.following or here == len(tokens):
                break
            between = (tokens[here - 1].end, tokens[here].start)
            if _JOINED.fullmatch(text, *between) is None:
                if _LISTED.fullmatch(text, *between) is None:
                    break
                listed = True
            node = _following(node, tokens[here])
        return best


def _following(node: _Node, token: Token) -> _Node | None:
    """Return the node after a word; an English plural also meets its singular, which may be a Norwegian word."""
    found = node.following.get(token.text)
    if found is None and token.surface.endswith("s") and is_english_word(fold(token.surface)):
        return node.following.get(analyse_word(token.surface[:-1])[0])
    return found


def _holds_in_text(entry: _Entry, tokens: Sequence[Token]) -> bool:
    if not entry.text_scheme or not entry.in_text:
        return False
    if entry.abbreviation:
        return is_abbreviation(tokens[0].surface)
    return len(tokens) > 1 or not is_function_word(tokens[0].surface)


def _holds_in_query(entry: _Entry, tokens: Sequence[Token]) -> bool:  # noqa: ARG001
    return True


def _same_words(entry: _Entry, tokens: Sequence[Token]) -> bool:
    """Tell whether words of one stem are forms of one word, too: *demens* is no form of *dem*.

    What the label's word has beyond the common letters must be an ending that labels have; an English word
    may only differ by a plural or genitive.
    """
    return all(
        word == (spelt := _spelt(token.surface)) or same_word(word, spelt, token.text, entry.lang == "en")
        for word, token in zip(entry.words, tokens, strict=True)
    )


@lru_cache(1 << 16)
def same_word(word: str, spelt: str, stem: str, english: bool) -> bool:
    """Tell whether a text's word is a form of a label's word of the same stem; both are folded."""
    common = next(
        (i for i, (a, b) in enumerate(zip(word, spelt, strict=False)) if a != b), min(len(word), len(spelt))
    )
    rest = word[common:]
    if english:
        return rest in _ENGLISH_ENDINGS and spelt[common:] in _ENGLISH_ENDINGS
    return word == stem or rest in _LABEL_ENDINGS or (rest == "s" and common >= _LONG_NAME)


@lru_cache(1 << 16)
def _spelt(surface: str) -> str:
    return fold(surface)


def _best_spelt(entries: list[_Entry], tokens: Sequence[Token]) -> list[_Entry]:
    """Return those spelt exactly as the text when there are any."""
    spelt = tuple(_spelt(token.surface) for token in tokens)
    return [entry for entry in entries if entry.words == spelt] or entries


def _matches(entries: list[_Entry], start: int, end: int, surface: str) -> list[LabelMatch]:
    by_concept: dict[ConceptId, list[_Entry]] = defaultdict(list)
    for entry in entries:
        by_concept[entry.concept].append(entry)
    best = [
        min(own, key=lambda e: (_KINDS[e.kind], _LANGS.get(e.lang, 3), e.label))
        for own in by_concept.values()
    ]
    best.sort(key=lambda entry: (_KINDS[entry.kind], entry.concept))
    return [
        LabelMatch(entry.concept, entry.lang, entry.kind, entry.label, start, end, surface, len(best) > 1)
        for entry in best
    ]
