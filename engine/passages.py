"""Which piece of a long text answers? Passages of 60 to 120 words at sentence boundaries.

Whole regulations as one vector were measured far behind their best passage (nDCG@10 .55 against .89
on joined articles), so every text is cut and a resource is as near as its nearest passage.
"""

import hashlib
import re

from engine.model import Passage, Resource

TARGET_WORDS = 90
MAX_WORDS = 120
MIN_WORDS = 30

_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+(?=[\"«(]?[A-ZÆØÅ0-9§•–-])|\n+")
_WORD = re.compile(r"\S+")


def split_passages(body: str) -> tuple[Passage, ...]:
    """Cut a body into consecutive passages.

    Parameters
    ----------
    body : str
        Plain text of any length.

    Returns
    -------
    tuple of Passage
        In order, not overlapping, at most 120 words each, about 90 where sentences allow it; a last
        piece under 30 words joins the one before when both fit. One empty passage for an empty body,
        so that title and summary are embedded all the same.

    Examples
    --------
    >>> split_passages("")
    (Passage(start=0, end=0),)
    >>> split_passages("Vask hendene. Tørk dem.")
    (Passage(start=0, end=23),)
    """
    pieces: list[tuple[int, int, int]] = []
    for start, end in _sentences(body):
        words = [(start + m.start(), start + m.end()) for m in _WORD.finditer(body[start:end])]
        for i in range(0, len(words), MAX_WORDS):
            part = words[i : i + MAX_WORDS]
            pieces.append((part[0][0], part[-1][1], len(part)))
    if not pieces:
        return (Passage(0, 0),)
    merged: list[tuple[int, int, int]] = []
    for start, end, n in pieces:
        if merged:
            first, _, have = merged[-1]
            if have + n <= MAX_WORDS and (
                have < TARGET_WORDS and (have + n <= TARGET_WORDS or have < MIN_WORDS * 2)
            ):
                merged[-1] = (first, end, have + n)
                continue
        merged.append((start, end, n))
    if len(merged) > 1 and merged[-1][2] < MIN_WORDS and merged[-2][2] + merged[-1][2] <= MAX_WORDS:
        first, _, have = merged[-2]
        _, end, n = merged.pop()
        merged[-1] = (first, end, have + n)
    return tuple(Passage(start, end) for start, end, _ in merged)


def passage_texts(resource: Resource, passages: tuple[Passage, ...]) -> list[str]:
    """Return what is embedded for each passage: the title, for the first one the summary, the piece.

    Parameters
    ----------
    resource : Resource
        Source of title, summary and body.
    passages : tuple of Passage, length n
        From `split_passages` of the same body.

    Returns
    -------
    list of str, length n
    """
    texts = []
    for i, passage in enumerate(passages):
        parts = [
            resource.title,
            resource.summary if i == 0 else "",
            resource.body[passage.start : passage.end],
        ]
        texts.append("\n".join(p.strip() for p in parts if p.strip()))
    return texts


def passage_hash(text: str) -> str:
    """Return under what a passage's vector is kept: SHA-256 [64 hex digits] of kind and text.

    Examples
    --------
    >>> passage_hash("Fall")[:12]
    '738d94a2068d'
    """
    return hashlib.sha256(f"passage\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def _sentences(body: str) -> list[tuple[int, int]]:
    spans = []
    at = 0
    for gap in _SENTENCE_END.finditer(body):
        if body[at : gap.start()].strip():
            spans.append((at, gap.start()))
        at = gap.end()
    if body[at:].strip():
        spans.append((at, len(body)))
    return spans
