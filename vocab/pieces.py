"""Which words does a text have, when most of them were met before? Analysed piece by piece, each piece once.

A piece is what stands between white space. Nothing of the analysis looks across it but numbers such as *116 117*
and the sign in *5 %*, which stay one piece; so the pieces of a text have the words that the text has.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from vocab.analysis import Token, analyse

CACHED_PIECES = 1 << 16
"""Pieces whose words are remembered: 20 MB when all are there."""

_ACROSS = re.compile(r"\d\s[\d%]")
PIECE = re.compile(r"\S+(?:(?<=\d)\s(?=[\d%])\S+)*")
"""Finds the pieces of a text with their places."""


def pieces(text: str) -> Sequence[str]:
    """Return the pieces of a text, in order.

    Examples
    --------
    >>> pieces("Ring 116 117, eller ved 5 % fall.")
    ['Ring', '116 117,', 'eller', 'ved', '5 %', 'fall.']
    """
    return PIECE.findall(text) if _ACROSS.search(text) else text.split()


@lru_cache(CACHED_PIECES)
def words_of(piece: str) -> tuple[Token, ...]:
    """Return the words of one piece, placed from its beginning."""
    return tuple(analyse(piece))
