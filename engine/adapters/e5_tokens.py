"""Which word pieces does multilingual-e5-small read a text as? The likeliest ones.

The likeliest way to cut each word into known pieces (a unigram model; Viterbi), as the model was trained
with. No piece reaches over a space, so words are cut one by one and what a common word became is kept:
a text of the bank costs a few lookups, and no other tokenizer has to be installed or loaded.
"""

import re
from functools import lru_cache
from typing import Final

from engine.adapters.e5_weights import E5Pieces

SPACE: Final = "▁"
"""What stands for a space, and before the first word."""

_KEPT_WORDS: Final = 1 << 16
_LONGEST_WORD: Final = 256
"""Code points of a word that are cut at a time: no piece is longer than a fraction of it."""

_UNKNOWN_PENALTY: Final = 10.0
_SPACES = re.compile("  +")


class E5Tokenizer:
    """Texts to ids of word pieces.

    Parameters
    ----------
    pieces : E5Pieces
        From `E5Weights.pieces`.
    """

    def __init__(self, pieces: E5Pieces) -> None:
        self._of = pieces
        self._scores: list[float] = pieces.scores.tolist()
        self._known = dict(zip(pieces.pieces, range(len(pieces.pieces)), strict=True))
        for special in (pieces.begin, pieces.end, pieces.padding, pieces.unknown):
            del self._known[pieces.pieces[special]]
        self._longest = max(map(len, self._known))
        self._unknown_score = min(self._scores) - _UNKNOWN_PENALTY
        self._cut = lru_cache(_KEPT_WORDS)(self._viterbi)

    def ids(self, text: str) -> list[int]:
        """Return the pieces' ids, without those of beginning and end."""
        mapped = _SPACES.sub(" ", text.translate(self._of.characters))
        found: list[int] = []
        for place, word in enumerate(mapped.removeprefix(" ").split(" ")):
            if word or place == 0:
                for start in range(0, max(len(word), 1), _LONGEST_WORD):
                    piece = word[start : start + _LONGEST_WORD]
                    found += self._cut(piece if start else SPACE + piece)
            else:  # a space at the end
                found += self._cut(SPACE)
        return found

    def _viterbi(self, word: str) -> tuple[int, ...]:
        length = len(word)
        best = [0.0] + [float("-inf")] * length
        steps = [(0, 0)] * (length + 1)
        for start in range(length):
            score = best[start]
            for end in range(start + 1, min(start + self._longest, length) + 1):
                known = self._known.get(word[start:end])
                if known is not None and score + self._scores[known] > best[end]:
                    best[end] = score + self._scores[known]
                    steps[end] = (start, known)
            if score + self._unknown_score > best[start + 1]:
                best[start + 1] = score + self._unknown_score
                steps[start + 1] = (start, self._of.unknown)
        backwards = []
        at = length
        while at:
            at, number = steps[at]
            backwards.append(number)
        return tuple(reversed(backwards))
