"""Which words does a text have, when most of them were met before? Analysed piece by piece, each piece once.

A piece is what stands between white space. Nothing of the analysis looks across it but numbers such as *116 117*
and the sign in *5 %*, which stay one piece; so the pieces of a text have the words that the text has.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from vocab.analysis import Token, analyse

CACHED_PIECES = 1 << 16
"""Pieces whose words are remembered: 20 MB when all are there."""

_ACROSS = re.compile(r"\d\s[\d%]")
_PIECE = re.compile(r"\S+(?:(?<=\d)\s(?=[\d%])\S+)*")


def pieces(text: str) -> Sequence[str]:
    """Return the pieces of a text, in order.

    Examples
    --------
    >>> pieces("Ring 116 117, eller ved 5 % fall.")
    ['Ring', '116 117,', 'eller', 'ved', '5 %', 'fall.']
    """
    return _PIECE.findall(text) if _ACROSS.search(text) else text.split()


def places(text: str, wanted: Iterable[str]) -> list[tuple[int, str]]:
    """Return where pieces stand in a text, in order.

    Examples
    --------
    >>> places("fall og overfall, fall", {"fall"})
    [(0, 'fall'), (18, 'fall')]
    """
    if _ACROSS.search(text):
        some = frozenset(wanted)
        return [(match.start(), match[0]) for match in _PIECE.finditer(text) if match[0] in some]
    found, last = [], len(text)
    for piece in wanted:
        at = text.find(piece)
        while at >= 0:
            end = at + len(piece)
            if (at == 0 or text[at - 1].isspace()) and (end == last or text[end].isspace()):
                found.append((at, piece))
            at = text.find(piece, at + 1)
    found.sort()
    return found


@lru_cache(CACHED_PIECES)
def words_of(piece: str) -> tuple[frozenset[str], tuple[Token, ...]]:
    """Return all terms of one piece, stems and parts alike, and its words, placed from its beginning."""
    words = tuple(analyse(piece))
    return frozenset(term for word in words for term in (word.text, *word.parts)), words
