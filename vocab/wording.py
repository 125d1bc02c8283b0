"""Do two short texts say the same in other words? The words they have in common, compounds taken apart."""

import re
from collections.abc import Iterator

from vocab.analysis import analyse, analyse_word, is_function_word

ALIKE = 0.5
"""Share of words from which two titles of one code are the same thing in other words."""


def words(text: str) -> frozenset[str]:
    """Return the analysed words of a title that carry its meaning, numbers among them.

    Examples
    --------
    >>> sorted(words("Fallforebygging hos eldre"))
    ['bygging', 'fall', 'for', 'gammel']
    """
    tokens = [t for t in analyse(text) if not is_function_word(t.surface.lower())]
    return frozenset(leaf for t in tokens for leaf in _leaves(t.text, t.parts))


def _leaves(stem: str, parts: tuple[str, ...], depth: int = 3) -> Iterator[str]:
    """Yield the parts of a compound, those of its parts too, else the word itself."""
    if not parts or depth == 0:
        yield stem
        return
    for part in parts:
        inner = analyse_word(part)[1] if part != stem else ()
        yield from _leaves(part, tuple(p for p in inner if p != part), depth - 1)


def overlap(one: str, other: str) -> float:
    """Return the share of words that two titles have in common, between 0 and 1.

    Examples
    --------
    >>> overlap("Forebygging av fall", "Fallforebygging"), overlap("Håndhygiene", "Brannvern")
    (1.0, 0.0)
    """
    a, b = words(one), words(other)
    return len(a & b) / len(a | b) if a | b else float(one.strip() == other.strip())


def plain_code(code: str) -> str:
    """Return a code without case, spaces and punctuation.

    Examples
    --------
    >>> plain_code("FKM-001"), plain_code("fkm 001")
    ('fkm001', 'fkm001')
    """
    return re.sub(r"[\W_]+", "", code.casefold())
