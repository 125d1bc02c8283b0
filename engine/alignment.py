"""Which passages do two texts share? The longest common run of words, found for long texts between anchors."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rapidfuzz.distance import Indel

from vocab.analysis import Token

RUN: Final = 3
"""Words in a row from which two texts share a passage; fewer are shared by chance."""

_AT_ONCE: Final = 100_000_000
"""Product of lengths up to which two texts are aligned in one piece: 12 MB of bits."""

_ANCHOR: Final = 6
"""Words of an anchor: a run that stands once in each text."""

Block = tuple[int, int, int]
"""Where equal words begin in the one and in the other, and how many there are."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of two texts [code points, end excluded]: the ``same``, ``changed``, or in one of them only.

    `a` and `b` have no length where the stretch is in the other text only.
    """

    kind: Literal["same", "changed", "only_a", "only_b"]
    a: tuple[int, int]
    b: tuple[int, int]


def equal_blocks(a: Sequence[str], b: Sequence[str]) -> list[Block]:
    """Return where two texts have the same words in the same order.

    Parameters
    ----------
    a, b : sequence of str
        Words, as they are to be compared.

    Examples
    --------
    >>> equal_blocks("vask hendene ofte".split(), "vask alltid hendene ofte".split())
    [(0, 0, 1), (1, 2, 2)]
    """
    if len(a) * len(b) <= _AT_ONCE:
        return list(_aligned(a, b, 0, 0))
    found: list[Block] = []
    at_a = at_b = 0
    for i, j in [*_anchors(a, b), (len(a), len(b))]:
        if i < at_a or j < at_b:
            continue
        if (i - at_a) * (j - at_b) <= _AT_ONCE:
            found += _aligned(a[at_a:i], b[at_b:j], at_a, at_b)
        at_a, at_b = i, j
    return _joined(found)


def segments(a: Sequence[Token], b: Sequence[Token]) -> tuple[Segment, ...]:
    """Return two texts as stretches that are the same or differ, in order.

    A word or two that are equal between changes belong to the change: nobody can read confetti.

    Examples
    --------
    >>> from vocab.analysis import analyse
    >>> [s.kind for s in segments(analyse("Mål pulsen nøye. Gi 5 mg"), analyse("Mål pulsen nøye. Gi 10 mg daglig"))]
    ['same', 'changed']
    """
    blocks = [block for block in equal_blocks([t.text for t in a], [t.text for t in b]) if block[2] >= RUN]
    found: list[Segment] = []
    at_a = at_b = 0
    for i, j, n in [*blocks, (len(a), len(b), 0)]:
        if i > at_a or j > at_b:
            kind: Literal["changed", "only_a", "only_b"] = "changed"
            if i == at_a or j == at_b:
                kind = "only_b" if i == at_a else "only_a"
            found.append(Segment(kind, _span(a, at_a, i), _span(b, at_b, j)))
        if n:
            found.append(Segment("same", _span(a, i, i + n), _span(b, j, j + n)))
        at_a, at_b = i + n, j + n
    return tuple(found)


def _span(tokens: Sequence[Token], first: int, end: int) -> tuple[int, int]:
    if first == end:
        place = tokens[first - 1].end if first else 0
        return place, place
    return tokens[first].start, tokens[end - 1].end


def _aligned(a: Sequence[str], b: Sequence[str], at_a: int, at_b: int) -> Iterator[Block]:
    for step in Indel.opcodes(a, b):
        if step.tag == "equal":
            yield step.src_start + at_a, step.dest_start + at_b, step.src_end - step.src_start


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Return where runs of words stand that each text has once, as many as keep their order."""
    here, there = _once(a), _once(b)
    pairs = sorted((i, there[run]) for run, i in here.items() if run in there)
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        place = bisect_left(tails, j)
        if place == len(tails):
            tails.append(j)
            last.append(number)
        else:
            tails[place], last[place] = j, number
        before.append(last[place - 1] if place else -1)
    chain: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _once(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    for i in range(len(words) - _ANCHOR + 1):
        run = tuple(words[i : i + _ANCHOR])
        found[run] = -1 if run in found else i
    return {run: i for run, i in found.items() if i >= 0}


def _joined(blocks: Sequence[Block]) -> list[Block]:
    found: list[Block] = []
    for i, j, n in blocks:
        if found and found[-1][0] + found[-1][2] == i and found[-1][1] + found[-1][2] == j:
            found[-1] = (*found[-1][:2], found[-1][2] + n)
        else:
            found.append((i, j, n))
    return found
