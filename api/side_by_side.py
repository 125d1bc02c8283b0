"""How do two texts stand beside each other? In rows of whole sentences, with what differs marked and named."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from engine.alignment import Segment

RowKind = Literal["same", "changed", "only_a", "only_b"]

_SENTENCE: Final = re.compile(r"[^.!?\n]*(?:[.!?]+(?=\s)\s*|\n\s*|[.!?]+|$)")
_LONG: Final = 60
"""Words from which a row that is the same in both is folded."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one text: the same in the other, changed there, or not there at all."""

    text: str
    kind: RowKind = "same"


@dataclass(frozen=True, slots=True)
class Row:
    """Sentences that belong together.

    `words` counts those of the longer side; `folded` tells that they are many and the same.
    """

    kind: RowKind
    a: tuple[Piece, ...]
    b: tuple[Piece, ...]
    words: int

    @property
    def folded(self) -> bool:
        """Whether to show it only when asked for."""
        return self.kind == "same" and self.words >= _LONG


def rows_of(a: str, b: str, segments: Sequence[Segment]) -> list[Row]:
    """Return two texts in rows; joined, each side is its whole text.

    Parameters
    ----------
    a, b : str
        The texts.
    segments : sequence of Segment
        How they are aligned.

    Examples
    --------
    >>> from engine.alignment import segments
    >>> from vocab.analysis import analyse
    >>> a, b = "Mål pulsen nøye. Gi 5 mg nå.", "Mål pulsen nøye. Gi 10 mg nå."
    >>> [(r.kind, "|".join(p.text for p in r.a)) for r in rows_of(a, b, segments(analyse(a), analyse(b)))]
    [('same', 'Mål pulsen nøye. '), ('changed', 'Gi |5 mg nå|.')]
    """
    if a == b:
        return [Row("same", (Piece(a),), (Piece(b),), len(a.split()))] if a.strip() else []
    rows: list[Row] = []
    side_a: list[Piece] = []
    side_b: list[Piece] = []
    kinds: set[str] = set()

    def close() -> None:
        if side_a or side_b:
            _add(rows, side_a, side_b, kinds)
        side_a.clear()
        side_b.clear()
        kinds.clear()

    for kind, text_a, text_b, tail_a, tail_b in _stretches(a, b, segments):
        if kind != "same":
            kinds.add(kind)
            side_a += _pieces(text_a, tail_a, kind)
            side_b += _pieces(text_b, tail_b, kind)
            if _ends(tail_a or text_a) and _ends(tail_b or text_b):
                close()
            continue
        whole_a, whole_b = _sentences(text_a + tail_a), _sentences(text_b + tail_b)
        if len(whole_a) != len(whole_b):
            whole_a, whole_b = [text_a + tail_a], [text_b + tail_b]
        for one, other in zip(whole_a, whole_b, strict=True):
            side_a.append(Piece(one))
            side_b.append(Piece(other))
            if _ends(one) and _ends(other):
                close()
    close()
    return rows


def _stretches(a: str, b: str, segments: Sequence[Segment]) -> Iterator[tuple[RowKind, str, str, str, str]]:
    """Yield each segment's kind and texts, and what stands between it and the next one.

    What follows a stretch that is empty on one side belongs, on that side, to the stretch before.
    """
    if not segments:
        return
    head_a, head_b = a[: segments[0].a[0]], b[: segments[0].b[0]]
    found: list[tuple[RowKind, list[str]]] = []
    for at, segment in enumerate(segments):
        after = segments[at + 1] if at + 1 < len(segments) else None
        end_a, end_b = (after.a[0], after.b[0]) if after else (len(a), len(b))
        now = [
            head_a + a[slice(*segment.a)],
            head_b + b[slice(*segment.b)],
            a[segment.a[1] : end_a],
            b[segment.b[1] : end_b],
        ]
        head_a = head_b = ""
        for side in (0, 1):
            if found and not now[side]:
                found[-1][1][side + 2] += now[side + 2]
                now[side + 2] = ""
        found.append((segment.kind, now))
    for kind, (text_a, text_b, tail_a, tail_b) in found:
        yield kind, text_a, text_b, tail_a, tail_b


def _pieces(text: str, tail: str, kind: RowKind) -> list[Piece]:
    return [piece for piece in (Piece(text, kind), Piece(tail)) if piece.text]


def _sentences(text: str) -> list[str]:
    return [found for found in _SENTENCE.findall(text) if found]


def _ends(text: str) -> bool:
    return not text or "\n" in text[-2:] or text.rstrip()[-1:] in {".", "!", "?"}


def _add(rows: list[Row], a: Sequence[Piece], b: Sequence[Piece], kinds: set[str]) -> None:
    kind: RowKind = "same"
    if kinds:
        kind = "changed"
        if not "".join(p.text for p in a).strip():
            kind = "only_b"
        elif not "".join(p.text for p in b).strip():
            kind = "only_a"
    words = max(len("".join(p.text for p in side).split()) for side in (a, b))
    if kind == "same" and rows and rows[-1].kind == "same":
        last = rows.pop()
        rows.append(Row("same", (*last.a, *a), (*last.b, *b), last.words + words))
    else:
        rows.append(Row(kind, tuple(a), tuple(b), words))
