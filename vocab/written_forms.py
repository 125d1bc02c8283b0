"""Which bokmål word is this nynorsk word? Words that their written form alone keeps apart.

Words whose stems Snowball makes equal (*-ar/-er*, *-leg/-lig*, *-a/-ene*) need no entry, nor do compounds of
words that have one. Left out are words that mean something else in the other written form (*leie*, *verke*, *syn*,
*vert*), since both are analysed alike. Written for this project; no dictionary was copied.
"""

from hashlib import blake2b
from importlib.resources import files

_WRITTEN = files("vocab").joinpath("data/written_forms.txt").read_bytes()

WORD_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (nynorsk, bokmaal) for nynorsk, _, bokmaal in (pair.partition(":") for pair in _WRITTEN.decode().split())
)
"""Nynorsk word and bokmål word."""

PAIRS_DIGEST = blake2b(_WRITTEN, digest_size=8).hexdigest()
"""Hash of the pairs."""
