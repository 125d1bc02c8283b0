"""Which words does a text have, when most of them were met before? Analysed piece by piece, each piece once.

A piece is what stands between white space. Nothing of the analysis looks across it but numbers such as *116 117*
and the sign in *5 %*, which stay one piece; so the pieces of a text have the words that the text has.
"""

import re
import threading
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vocab.analysis import Token, analyse

CACHED_PIECES = 1 << 16
"""Pieces whose words are remembered: some 40 MB when all are there; then it begins anew."""

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


class _Known(NamedTuple):
    """Pieces with their words, each placed from its beginning, and the pieces that have a term as stem or part."""

    words: dict[str, tuple[Token, ...]]
    having: dict[str, set[str]]


_known = _Known({}, {})
_learning = threading.Lock()


def words_with(text: str, terms: Iterable[str]) -> list[Token]:
    """Return the words of a text that have one of these terms, in order, and others of the same pieces.

    Examples
    --------
    >>> [word.surface for word in words_with("Fallforebygging, og fall hos eldre", ["fall"])]
    ['Fallforebygging', 'fall']
    """
    there = set(pieces(text))
    known = _known
    if not there <= known.words.keys():
        known = _learn(there)
    found: set[str] = set()
    for term in terms:
        having = known.having.get(term)
        if having is not None:
            found |= having & there
    return [
        Token(word.text, at + word.start, at + word.end, word.surface, word.parts)
        for at, piece in (places(text, found) if found else ())
        for word in known.words[piece]
    ]


def _learn(there: Iterable[str]) -> _Known:
    """Analyse pieces that are not known; return where all of them are."""
    global _known
    with _learning:
        if len(_known.words) > CACHED_PIECES:  # others may still be reading the old one
            _known = _Known({}, {})
        known = _known
        for piece in there:
            if piece not in known.words:
                words = tuple(analyse(piece))
                for word in words:
                    for term in (word.text, *word.parts):
                        known.having.setdefault(term, set()).add(piece)
                known.words[piece] = words
        return known
