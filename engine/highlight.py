"""Which words of the text answered? Marked pieces of title, summary and the best passage."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.model import Highlight, Resource
from vocab.analysis import Token, analyse, is_function_word, surface_words
from vocab.pieces import words_with
from vocab.stemming import other_spellings

SNIPPET = 240
"""Length of a body snippet [characters]."""

LOOKED_AT = 12
"""Passages with a mark that are compared at most for one hit."""

_LETTERS_SEEN = 4
_WRITTEN_OUT = (("å", "aa"), ("æ", "ae"), ("ø", "oe"), ("æ", "ä"), ("ø", "ö"), ("e", "é"))


@dataclass(frozen=True, slots=True)
class Marked:
    """The highlights of a hit and the words of the text that met the query, in order of appearance."""

    highlights: tuple[Highlight, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """What is marked in a hit.

    Attributes
    ----------
    marks : frozenset of str
        Analysed terms; a compound of the text that has one as a part is marked whole.
    sets : tuple of frozenset of str
        Terms that are marked in a text which has all of a set as words: the parts of the query's
        compounds, the words of a label.
    phrases : tuple of tuple of str
        Words as written that are marked where they stand next to each other.
    beginnings : tuple of str
        What a text must have one of to be worth a closer look.
    terms : frozenset of str
        All of `marks` and `sets`.
    """

    marks: frozenset[str]
    sets: tuple[frozenset[str], ...]
    beginnings: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...] = ()
    terms: frozenset[str] = frozenset()


def sought(
    marks: Iterable[str],
    compounds: Iterable[frozenset[str]] = (),
    labels: Iterable[str] = (),
    phrases: Sequence[tuple[str, ...]] = (),
) -> Sought:
    """Gather what is marked: the query's words, its compounds taken apart, other names of its concepts, phrases.

    Examples
    --------
    >>> found = sought(["sykehjem"], labels=["sykehjem", "kreft i brystet"])
    >>> sorted(found.marks), [sorted(words) for words in found.sets]
    (['sykehjem'], [['bryst', 'kreft']])
    """
    single, sets = set(marks), set(compounds)
    for label in labels:
        words = frozenset(t.text for t in analyse(label) if not is_function_word(t.surface))
        if len(words) == 1:
            single |= words
        elif words:
            sets.add(words)
    ordered = tuple(sorted(sets, key=sorted))
    longest = {max(phrase, key=len) for phrase in phrases if phrase}
    beginnings = _beginnings(single.union(longest, *ordered))
    return Sought(frozenset(single), ordered, beginnings, tuple(phrases), frozenset(single.union(*ordered)))


def highlight(
    resource: Resource, wanted: Sought, passages: Sequence[tuple[int, int]] = (), best: int = -1
) -> Marked:
    """Mark the query's terms in a resource.

    Parameters
    ----------
    resource : Resource
        The hit.
    wanted : Sought
        The query's terms.
    passages : sequence of (start, end)
        Offsets in the body [code points].
    best : int
        Number of the passage nearest to the query, -1 if none.

    Returns
    -------
    Marked
        Title always; summary when it has a mark, or when there is no body snippet; the best piece of
        the body: the one with most distinct marks, the nearest passage winning ties.
    """
    words: dict[str, None] = {}

    def marked(text: str) -> tuple[tuple[int, int], ...]:
        found = tuple((token.start, token.end) for token, _ in _hits(text, wanted))
        for start, end in found:
            words.setdefault(text[start:end].lower())
        return found

    out = [Highlight("title", resource.title, marked(resource.title))]
    summary_marks = marked(resource.summary)
    snippet = _body(resource.body, wanted, list(passages) or [(0, len(resource.body))], best)
    if resource.summary and (summary_marks or snippet is None or not snippet[1]):
        out.append(Highlight("summary", resource.summary, summary_marks))
    if snippet is not None:
        text, found = snippet
        out.append(Highlight("body", text, tuple(found)))
        for start, end in found:
            words.setdefault(text[start:end].lower())
    return Marked(tuple(out), tuple(words))


def _hits(text: str, wanted: Sought) -> list[tuple[Token, frozenset[str]]]:
    """Return the words of a text that are marked, each with the terms that it meets."""
    tokens = analyse(text) if wanted.phrases else words_with(text, wanted.terms)
    if not tokens:
        return []
    marks = whole = wanted.marks
    if wanted.sets:
        present = {token.text for token in tokens}
        whole = marks.union(*(terms for terms in wanted.sets if terms <= present))
    quoted = _quoted(tokens, wanted.phrases)
    return [
        (token, quoted.get(at, frozenset()).union({token.text} & whole, marks.intersection(token.parts)))
        for at, token in enumerate(tokens)
        if at in quoted or token.text in whole or not marks.isdisjoint(token.parts)
    ]


def _quoted(tokens: Sequence[Token], phrases: Sequence[tuple[str, ...]]) -> dict[int, frozenset[str]]:
    """Return the words that stand in a phrase, by number, each with the phrase that it is met by."""
    found: dict[int, frozenset[str]] = {}
    if not phrases:
        return found
    written = tuple(" ".join(surface_words(token.surface)) for token in tokens)
    for phrase in phrases:
        n = len(phrase)
        for at in range(len(written) - n + 1):
            if written[at : at + n] == phrase:
                found.update(dict.fromkeys(range(at, at + n), frozenset({" ".join(phrase)})))
    return found


def _beginnings(terms: Iterable[str]) -> tuple[str, ...]:
    """Return how a word with one of these stems may begin in a text, in lower case."""
    found: set[str] = set()
    for word in {word for term in terms for word in (term, *other_spellings(term))}:
        start = word[:_LETTERS_SEEN]
        spellings = {start, f"{start[0]}-{start[1:]}"} if start else set()
        spellings |= {s.replace(letter, other) for s in spellings for letter, other in _WRITTEN_OUT}
        found |= {spelling[:_LETTERS_SEEN] for spelling in spellings}
    return tuple(sorted(found))


def _body(
    body: str, wanted: Sought, passages: list[tuple[int, int]], best: int
) -> tuple[str, list[tuple[int, int]]] | None:
    """Return the best piece of the body with its marks, None if there is none worth showing."""
    if not body.strip():
        return None
    order = list(range(len(passages)))
    if 0 <= best < len(passages):
        order.insert(0, order.pop(best))
    chosen, chosen_tokens, chosen_rank, compared = None, [], (0, 0), 0
    for i in order:
        start, end = passages[i]
        hits = _hits(body[start:end], wanted)
        lowered = body[start:end].lower() if hits else ""
        if not any(beginning in lowered for beginning in wanted.beginnings):
            continue
        rank = (len({m for _, met in hits for m in met}), int(i == best))
        if hits and rank > chosen_rank:
            chosen, chosen_tokens, chosen_rank = i, [t for t, _ in hits], rank
        compared += bool(hits)
        if compared == LOOKED_AT:
            break
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
