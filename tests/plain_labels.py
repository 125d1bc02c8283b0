"""The plain way to match and complete labels: all of them analysed and made into objects at once.

It is slow to begin with and easy to believe, so `vocab.matcher` and `vocab.completion` are held against it.
"""

import re
from bisect import bisect_left
from heapq import nsmallest

from vocab import matcher
from vocab.analysis import analyse, fold, is_abbreviation, is_function_word
from vocab.completion import Completion, near_beginnings

_QUALIFIER = re.compile(r"\s*\([^()]*\)\s*$")
_KINDS = {"pref": 0, "alt": 1, "hidden": 2}
_WRITTEN = (str.maketrans({"å": "aa", "æ": "ae", "ø": "oe"}), str.maketrans("åæø", "aao"))
_HIGHEST = "\U0010ffff"


class PlainMatcher(matcher.LabelMatcher):
    """The rules of `LabelMatcher` over a tree of labels that is made as a whole."""

    def __init__(self, vocabulary, query_schemes=matcher.QUERY_SCHEMES):
        self._tree = matcher._Node()
        text_schemes = {scheme.id for scheme in vocabulary.schemes if scheme.lexical}
        schemes = text_schemes | set(query_schemes)
        labels = [
            (concept, lang, kind, label)
            for concept, lang, kind, label in vocabulary.labels()
            if concept.split("/", 1)[0] in schemes and not vocabulary[concept].deprecated
        ]
        unqualified = {fold(label) for _, _, _, label in labels if not _QUALIFIER.search(label)}
        for concept, lang, kind, label in labels:
            bare = _QUALIFIER.sub("", label)
            if bare != label and kind != "pref" and fold(bare) in unqualified and not is_abbreviation(bare):
                continue
            self._add(concept, lang, kind, label, bare, concept.split("/", 1)[0] in text_schemes)

    def _add(self, concept, lang, kind, label, bare, text_scheme):
        tokens = analyse(bare)
        if not tokens:
            return
        node = self._tree
        for token in tokens:
            node = node.following.setdefault(token.text, matcher._Node())
        words = [token.surface for token in tokens]
        node.entries.append(
            matcher._Entry(
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

    def _beginning(self, stem):
        return self._tree.following.get(stem)


class PlainCompleter:
    def __init__(self, vocabulary, schemes=None):
        keys = set()
        self._completions = []
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

    def complete(self, prefix, lang="nb", k=8):
        return self._best([" ".join(fold(prefix).split())], lang, k)

    def complete_mistyped(self, prefix, lang="nb", k=8):
        return self._best(list(near_beginnings(" ".join(fold(prefix).split()))), lang, k)

    def _best(self, prefixes, lang, k):
        best = {}
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


def _spellings(label):
    spelling = " ".join(fold(label).split())
    return {spelling, *(spelling.translate(letters) for letters in _WRITTEN)}
