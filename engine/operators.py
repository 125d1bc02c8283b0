"""What did the person demand? Quoted words, -words and OR, found in what was typed.

For those who know: ``"a b"`` wants these words as written, one after the other within a field; ``-word`` and
``-"a b"`` take resources out; ``OR`` (or ``ELLER``) between words or quotations wants one of them. Whatever is
not clearly one of these is text like any other, and no text is an error: a lone ``-`` or ``"``, brackets,
``AND``, hyphens inside words, a minus before a number.
"""

import re
from dataclasses import dataclass

from vocab.analysis import analyse, surface_words

MOST = 32
"""Operands of operators that are looked at; what stands after them is text."""

_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
_OPERAND = re.compile(
    rf"""
    (?<![^\s(\[{_QUOTES}])                            # where a word begins
    (?: (?P<minus>[-\u2212]) (?= [^\W\d_] | [{_QUOTES}] ) )?
    (?: [{_QUOTES}] (?P<quoted>[^{_QUOTES}\n]*) [{_QUOTES}] | (?P<word>[^\s{_QUOTES}]+) )
    """,
    re.VERBOSE,
)
_OR = frozenset(["OR", "ELLER"])
_NO_OPERANDS = _OR | {"AND", "OG", "NOT"}


@dataclass(frozen=True, slots=True)
class Operand:
    """A word, or what stands between quotation marks [code points], `end` excluded."""

    text: str
    start: int
    end: int
    quoted: bool

    @property
    def written(self) -> tuple[str, ...]:
        """The lower-case words as written."""
        return tuple(surface_words(self.text))


@dataclass(frozen=True, slots=True)
class Operators:
    """What was found in a text.

    `text` is the text without operators and excluded words, as long as it was typed, so that offsets hold;
    `phrases` are wanted, of each of the `choices` one operand is wanted, `excluded` are not wanted.
    """

    text: str
    phrases: tuple[Operand, ...] = ()
    choices: tuple[tuple[Operand, ...], ...] = ()
    excluded: tuple[Operand, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phrases or self.choices or self.excluded)

    @property
    def quoted(self) -> tuple[Operand, ...]:
        """What stands between quotation marks and is wanted, alone or as a choice."""
        return (*self.phrases, *(o for choice in self.choices for o in choice if o.quoted))

    def quotes(self, start: int, end: int) -> bool:
        """Tell whether a word [code points] stands between quotation marks."""
        return bool(self) and any(o.start <= start and end <= o.end for o in self.quoted)


def find_operators(text: str) -> Operators:
    """Find the operators in a text.

    Examples
    --------
    >>> found = find_operators('"fall hos eldre" sykehjem OR sjukeheim -film -"lokal rutine"')
    >>> [o.text for o in found.phrases], [[o.text for o in c] for c in found.choices]
    (['fall hos eldre'], [['sykehjem', 'sjukeheim']])
    >>> [o.text for o in found.excluded], found.text.split()
    (['film', 'lokal rutine'], ['fall', 'hos', 'eldre', 'sykehjem', 'sjukeheim'])
    >>> bool(find_operators('(( - e-læring " AND OR -19 HPR: 123 *'))
    False
    """
    phrases: list[Operand] = []
    choices: list[list[Operand]] = []
    excluded: list[Operand] = []
    blanks: list[tuple[int, int]] = []
    before: Operand | None = None  # the operand that an OR would join to what comes
    joint: tuple[int, int] | None = None  # the OR between `before` and what comes
    open_choice: list[Operand] | None = None  # the choice that ends with `before`
    count = 0
    for found in _OPERAND.finditer(text):
        word = found["word"]
        if word in _OR and not found["minus"] and before is not None and joint is None:
            joint = found.span()
            continue
        operand = None if word in _NO_OPERANDS else _operand(found)
        if operand is None or count >= MOST:
            before, joint, open_choice = None, None, None
            continue
        if found["minus"]:
            excluded.append(operand)
            blanks.append(found.span())
            count += 1
            before, joint, open_choice = None, None, None
            continue
        if operand.quoted:
            blanks += [(operand.start - 1, operand.start), (operand.end, operand.end + 1)]
        if joint is not None and before is not None:
            blanks.append(joint)
            if open_choice is None:
                open_choice = [before]
                choices.append(open_choice)
                count += 1
                if before.quoted:
                    phrases.remove(before)
            open_choice.append(operand)
            count += 1
        else:
            open_choice = None
            if operand.quoted:
                phrases.append(operand)
                count += 1
        before, joint = operand, None
    return Operators(_blanked(text, blanks), tuple(phrases), tuple(map(tuple, choices)), tuple(excluded))


def _operand(found: re.Match[str]) -> Operand | None:
    """Return the operand with its words, None when there is no word in it."""
    name = "quoted" if found["quoted"] is not None else "word"
    text = found[name]
    if not (surface_words(text) if name == "quoted" else analyse(text)):
        return None
    return Operand(text, *found.span(name), quoted=name == "quoted")


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    characters = list(text)
    for start, end in spans:
        characters[start:end] = " " * (end - start)
    return "".join(characters)
