"""What is different between two statements of a source? The stretches that changed, as two texts are compared."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from engine.alignment import segments
from vocab.analysis import analyse

SHOWN: Final = 400
"""Longest stretch that a list shows of one side [characters]."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of two texts; `before` or `after` is empty where the stretch is in the other only."""

    kind: Literal["same", "changed", "only_a", "only_b"]
    before: str
    after: str


@lru_cache(maxsize=32)
def stretches(before: str, after: str) -> tuple[Stretch, ...]:
    """Return two texts as stretches that are the same or differ, in order.

    Examples
    --------
    >>> [(s.kind, s.before, s.after) for s in stretches("Gi 5 mg hver time.", "Gi 10 mg hver time.")]
    [('changed', 'Gi 5', 'Gi 10'), ('same', 'mg hver time', 'mg hver time')]
    """
    found = segments(analyse(before), analyse(after))
    return tuple(Stretch(s.kind, before[slice(*s.a)], after[slice(*s.b)]) for s in found)


def changed(before: str, after: str) -> tuple[Stretch, ...]:
    """Return the stretches that differ, each cut to `SHOWN` characters a side."""
    return tuple(
        Stretch(s.kind, _cut(s.before), _cut(s.after)) for s in stretches(before, after) if s.kind != "same"
    )


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + "…"
