"""Which words of the text answered? Marked pieces of title, summary and the best passage."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.model import Highlight, Resource
from vocab.analysis import Token, analyse

SNIPPET = 240
"""Length of a body snippet [characters]."""

LOOKED_AT = 12
"""Passages that are analysed at most for one hit."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The highlights of a hit and the words of the text that met the query, in order of appearance."""

    highlights: tuple[Highlight, ...]
    words: tuple[str, ...]


def highlight(
    resource: Resource,
    marks: frozenset[str],
    passages: Sequence[tuple[int, int]] = (),
    best: int = -1,
    compounds: Sequence[frozenset[str]] = (),
) -> Marked:
    """Mark the query's terms in a resource.

    Parameters
    ----------
    resource : Resource
        The hit.
    marks : frozenset of str
        Analysed terms of the query; a compound of the text that has one as a part is marked whole.
    passages : sequence of (start, end)
        Offsets in the body [code points].
    best : int
        Number of the passage nearest to the query, -1 if none.
    compounds : sequence of frozenset of str
        Parts of the query's compounds, marked in a text that has all of them as words.

    Returns
    -------
    Marked
        Title always; summary when it has a mark, or when there is no body snippet; the best piece of
        the body: the one with most distinct marks, the nearest passage winning ties.
    """
    words: dict[str, None] = {}

    def marked(text: str) -> tuple[list[tuple[int, int]], set[str]]:
        found, terms = [], set()
        tokens = analyse(text)
        wanted = _wanted(tokens, marks, compounds)
        for token in tokens:
            met = _met(token, marks, wanted)
            if met:
                found.append((token.start, token.end))
                terms.update(met)
                words.setdefault(text[token.start : token.end].lower())
        return found, terms

    out = [Highlight("title", resource.title, tuple(marked(resource.title)[0]))]
    summary_marks, _ = marked(resource.summary)
    snippet = _body(resource.body, marks, list(passages) or [(0, len(resource.body))], best, compounds)
    if resource.summary and (summary_marks or snippet is None or not snippet[1]):
        out.append(Highlight("summary", resource.summary, tuple(summary_marks)))
    if snippet is not None:
        text, found = snippet
        out.append(Highlight("body", text, tuple(found)))
        for start, end in found:
            words.setdefault(text[start:end].lower())
    return Marked(tuple(out), tuple(words))


def _wanted(
    tokens: Sequence[Token], marks: frozenset[str], compounds: Sequence[frozenset[str]]
) -> frozenset[str]:
    """Return the marks and the parts of those compounds whose parts all stand in the text."""
    words = {token.text for token in tokens}
    return marks.union(*(parts for parts in compounds if parts <= words))


def _met(token: Token, marks: frozenset[str], wanted: frozenset[str]) -> set[str]:
    return ({token.text} & wanted) | (set(token.parts) & marks)


def _body(
    body: str,
    marks: frozenset[str],
    passages: list[tuple[int, int]],
    best: int,
    compounds: Sequence[frozenset[str]],
) -> tuple[str, list[tuple[int, int]]] | None:
    if not body.strip():
        return None
    stems = {m[:4] for m in marks.union(*compounds)}
    order = list(range(len(passages)))
    if 0 <= best < len(passages):
        order.insert(0, order.pop(best))
    lowered = body.lower()
    candidates = [i for i in order if any(s in lowered[slice(*passages[i])] for s in stems)][:LOOKED_AT]
    chosen, chosen_tokens, chosen_rank = None, [], (0, 0)
    for i in candidates:
        start, end = passages[i]
        tokens = analyse(body[start:end])
        wanted = _wanted(tokens, marks, compounds)
        hits = [(t, met) for t in tokens if (met := _met(t, marks, wanted))]
        rank = (len({m for _, met in hits for m in met}), int(i == best))
        if hits and rank > chosen_rank:
            chosen, chosen_tokens, chosen_rank = i, [t for t, _ in hits], rank
    if chosen is None:
        if not 0 <= best < len(passages):
            return None
        start, end = passages[best]
        return _cut(body[start:end], 0, [])
    start, end = passages[chosen]
    return _cut(body[start:end], chosen_tokens[0].start, [(t.start, t.end) for t in chosen_tokens])


def _cut(text: str, around: int, found: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Cut a piece of about `SNIPPET` characters at word boundaries and move the marks with it."""
    start = 0 if around < SNIPPET // 2 else max(0, around - SNIPPET // 3)
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    end = min(len(text), start + SNIPPET)
    while end < len(text) and not text[end].isspace():
        end += 1
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    piece = " ".join(text[start:end].split("\n")) if "\n" in text[start:end] else text[start:end]
    inside = [(s + shift, e + shift) for s, e in found if s >= start and e <= end]
    return before + piece + after, inside
