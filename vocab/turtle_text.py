"""What stands where in a Turtle file? Its tokens, where each subject begins, and where the grammar breaks.

A parser says what a file means and stops at the first error; this says which line an editor has to look at, and
what is missing there. It is only asked when there is something to tell. N-Triples files are Turtle files too.

Reference: RDF 1.1 Turtle (W3C Recommendation 2014), section 6.5.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urljoin

_TOKEN = re.compile(
    r'''
    (?P<space>(?:\s|\#[^\n\r]*)+)
    | (?P<string>"""(?:"{0,2}(?:[^"\\]|\\.))*""" | \'\'\'(?:'{0,2}(?:[^'\\]|\\.))*\'\'\'
        | "(?!"")(?:[^"\\\n\r]|\\.)*" | '(?!'')(?:[^'\\\n\r]|\\.)*')
    | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\[uU][0-9A-Fa-f]{4,8})*>)
    | (?P<directive>@prefix\b|@base\b|(?i:prefix|base)(?=\s))
    | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?![\w-]))
    | (?P<type>\^\^)
    | (?P<name>_?(?:[^\W\d_][\w-]*(?:\.+[\w-]+)*)?:(?:(?:[\w:%-]|\\.)(?:[\w:%-]|\\.|\.+(?=[\w:%\\-]))*)?)
    | (?P<number>[+-]?(?:\d+\.\d+|\.?\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>a(?![\w-])|true\b|false\b)
    | (?P<mark>[.;,\[\]()])
    ''',
    re.VERBOSE | re.DOTALL,
)
_BAD_ESCAPE = re.compile(r"\\(?![tbnrf\"'\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})(.)|\\.", re.DOTALL)
_NODES = frozenset({"iri", "name"})
_CLOSING = {"[": "]", "(": ")"}
_NEXT_LINE = re.compile(r"\n|\r(?!\n)")


class TurtleToken(NamedTuple):
    """One token; `kind` is the name of its group in the grammar, ``other`` where there is none."""

    kind: str
    text: str
    offset: int


class TurtleFault(NamedTuple):
    """Where the grammar breaks: offset into the text, what stands there, and what should."""

    offset: int
    found: str
    expected: str


def turtle_tokens(text: str) -> Iterator[TurtleToken]:
    """Yield the tokens, without space and comments; the first thing that is none is ``other`` and the last.

    Examples
    --------
    >>> [token.text for token in turtle_tokens('t:a a t:B ; t:p "x. # y"@nb . # end')]
    ['t:a', 'a', 't:B', ';', 't:p', '"x. # y"', '@nb', '.']
    """
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            yield TurtleToken("other", text[at : at + 60], at)
            return
        if match.lastgroup and match.lastgroup != "space":
            yield TurtleToken(match.lastgroup, match[0], at)
        at = match.end()


def turtle_subjects(text: str, base: str) -> Mapping[str, int]:
    r"""Return the line, counted from 1, on which each subject is first described.

    Examples
    --------
    >>> turtle_subjects("@prefix t: <https://x.test/> .\nt:a t:p t:b,\n  t:c .\n<d> a t:E .", "https://y.test/")
    {'https://x.test/a': 2, 'https://y.test/d': 4}
    """
    prefixes: dict[str, str] = {}
    subjects: dict[str, int] = {}
    statement: list[TurtleToken] = []
    line, counted = 1, 0
    for token in turtle_tokens(text):
        if not statement and token.kind in _NODES:
            line += len(_NEXT_LINE.findall(text, counted, token.offset))
            counted = token.offset
            subjects.setdefault(_expanded(token.text, prefixes, base), line)
        statement.append(token)
        first = statement[0]
        if first.kind == "directive":
            is_base = first.text.lower().endswith("base")
            if len(statement) == (2 if is_base else 3):
                iri = urljoin(base, token.text[1:-1])
                if is_base:
                    base = iri
                else:
                    prefixes[statement[1].text.removesuffix(":")] = iri
                if first.text[0] != "@":
                    statement = []
        if token.text == ".":
            statement = []
    return subjects


def turtle_fault(text: str) -> TurtleFault | None:
    r"""Return the first place where a text is no Turtle, or None if there is none that can be told.

    Examples
    --------
    >>> turtle_fault('@prefix t: <https://x.test/> .\nt:a a t:B\nt:c a t:D .')
    TurtleFault(offset=41, found='t:c', expected='"," ";" or "." after t:B')
    """
    return _Reader(text).fault()


def _expanded(name: str, prefixes: Mapping[str, str], base: str) -> str:
    if name.startswith("<"):
        return urljoin(base, name[1:-1])
    prefix, _, local = name.partition(":")
    return prefixes.get(prefix, f"{prefix}:") + local.replace("\\", "")


class _Reader:
    """Follows the grammar token by token, knowing only what may come next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._prefixes: set[str] = set()
        self._open: list[str] = []
        self._return: list[str] = []
        self._sparql = False
        self._state = "subject"
        self._last = ""

    def fault(self) -> TurtleFault | None:
        for token in turtle_tokens(self._text):
            escape = next((m for m in _BAD_ESCAPE.finditer(token.text) if m[1]), None)
            if token.kind == "string" and escape is not None:
                wanted = 'two backslashes for one, or one of \\t \\n \\r \\" \\uXXXX'
                return TurtleFault(token.offset + escape.start(), escape[0], wanted)
            expected = self._unexpected(token)
            if expected is not None:
                found = token.text.split("\n", maxsplit=1)[0].strip() if token.kind == "other" else token.text
                return TurtleFault(token.offset, found, expected)
            self._last = token.text
        if self._state != "subject":
            end = len(self._text.rstrip())
            return TurtleFault(max(0, end - 1), "", self._wanted())
        return None

    def _unexpected(self, token: TurtleToken) -> str | None:
        """Go on by one token; return what was expected if it does not fit."""
        if token.kind == "other":
            return self._what_other(token.text)
        if token.kind == "name" and self._state != "prefix":
            prefix = token.text.partition(":")[0]
            if prefix != "_" and prefix not in self._prefixes:
                return f"a prefix that is declared: @prefix {prefix}: <…> . is missing above"
        step = getattr(self, f"_in_{self._state.replace('-', '_')}")
        following = step(token)
        if following is None:
            return self._wanted()
        self._state = following
        return None

    def _what_other(self, text: str) -> str:
        sign = text[0]
        if sign in "\"'":
            return "a quotation mark that closes this text (on the same line, or three on both sides)"
        if sign in "“”„«»‘’":
            return 'plain quotation marks " around a text'
        if sign == "<":
            return "an address between < and >, without spaces"
        if sign == "@":
            return "a language after the text, such as @nb"
        return self._wanted()

    def _wanted(self) -> str:
        last = self._last if len(self._last) <= 40 else f"{self._last[:39]}…"
        if self._state == "after" or self._state == "after-text":
            if not self._open:
                return f'"," ";" or "." after {last}'
            if self._open[-1] == "[":
                return f'"," ";" or "]" after {last}'
        return {
            "subject": "a concept or scheme (such as <https://…> or prefix:name), or @prefix",
            "verb": f"a property (such as skos:prefLabel) after {last}",
            "more": f'a property or the closing mark after "{last}"',
            "object": f"a value (text, number, <address> or prefix:name) after {last}",
            "datatype": "a datatype after ^^",
            "prefix": f"a prefix with a colon after {last}",
            "namespace": f"an address between < and > after {last}",
            "base": f"an address between < and > after {last}",
            "dot": f'"." after {last}',
        }.get(self._state, f'another value or ")" after {last}')

    def _in_subject(self, token: TurtleToken) -> str | None:
        if token.kind == "directive":
            self._sparql = token.text[0] != "@"
            return "base" if token.text.lower().endswith("base") else "prefix"
        return "verb" if token.kind in _NODES else self._opened(token, "verb")

    def _in_prefix(self, token: TurtleToken) -> str | None:
        if token.kind != "name" or not token.text.endswith(":"):
            return None
        self._prefixes.add(token.text.removesuffix(":"))
        return "namespace"

    def _in_namespace(self, token: TurtleToken) -> str | None:
        if token.kind != "iri":
            return None
        return "subject" if self._sparql else "dot"

    _in_base = _in_namespace

    def _in_dot(self, token: TurtleToken) -> str | None:
        return "subject" if token.text == "." else None

    def _in_verb(self, token: TurtleToken) -> str | None:
        return "object" if token.kind in _NODES or token.text == "a" else None

    def _in_more(self, token: TurtleToken) -> str | None:
        return self._in_verb(token) or self._ended(token)

    def _in_object(self, token: TurtleToken) -> str | None:
        if token.kind == "string":
            return "after-text"
        if token.kind in {"number", *_NODES} or token.text in {"true", "false"}:
            return "after"
        return self._opened(token, "after")

    def _in_datatype(self, token: TurtleToken) -> str | None:
        return "after" if token.kind in _NODES else None

    def _in_after_text(self, token: TurtleToken) -> str | None:
        if token.kind == "lang":
            return "after"
        return "datatype" if token.kind == "type" else self._in_after(token)

    def _in_after(self, token: TurtleToken) -> str | None:
        if self._open and self._open[-1] == "(":
            return self._closed() if token.text == ")" else self._in_object(token)
        if token.text == ",":
            return "object"
        return self._ended(token)

    def _ended(self, token: TurtleToken) -> str | None:
        if token.text == ";":
            return "more"
        if token.text == "." and not self._open:
            return "subject"
        return self._closed() if token.text == "]" and self._open and self._open[-1] == "[" else None

    def _opened(self, token: TurtleToken, then: str) -> str | None:
        if token.text not in _CLOSING or token.kind != "mark":
            return None
        self._open.append(token.text)
        self._return.append(then)
        return "more" if token.text == "[" else "after"

    def _closed(self) -> str:
        self._open.pop()
        then = self._return.pop()
        return "more" if then == "verb" else then
