"""What is wrong with this file, in plain words? Line, column, what was found and what was expected.

Parsers say *BadSyntax at ^*; an editor needs the place and what to put there. Nothing here reads RDF: it looks at
the bytes, and at what a parser complained of.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from xml.sax import SAXParseException

from vocab.triples import RdfFormat, VocabularyError
from vocab.turtle_text import turtle_fault

_NAMES: Mapping[RdfFormat, str] = {
    "turtle": "Turtle",
    "xml": "RDF/XML",
    "json-ld": "JSON-LD",
    "nt": "N-Triples",
}
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_XML_ENCODING = re.compile(rb"\A\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)[\"'][^>]*\?>")
_XML_PLACE = re.compile(r"^[^\n]*?:(\d+):(\d+): (.*)", re.DOTALL)
_XML_SAYS: tuple[tuple[str, str], ...] = (
    ("mismatched tag", "this closing tag is not that of the element which is open: {open}"),
    ("unbound prefix", "this name has a prefix that is not declared with xmlns:"),
    ("undefined entity", "XML knows only &amp; &lt; &gt; &quot; and &apos;: write the character itself"),
    ("duplicate attribute", "the same attribute stands twice in one tag"),
    ("junk after document element", "expected nothing after the closing tag of the document"),
    ("no element found", "the file ends before everything is closed: {open}"),
    ("unclosed token", "the file ends within a tag, comment or reference"),
    ("not well-formed", "expected XML: a tag, or text in which & is written &amp; and < is written &lt;"),
)
_JSON_SAYS: tuple[tuple[str, str], ...] = (
    ("Expecting property name", 'expected a name in quotation marks "; there is perhaps a comma too many'),
    ("Expecting ',' delimiter", 'expected "," or the closing bracket'),
    ("Expecting ':' delimiter", 'expected ":" after the name'),
    ("Expecting value", "expected a value: text in quotation marks, number, {…} or […]"),
    ("Illegal trailing comma", "expected no comma before the closing bracket"),
    ("Unterminated string", "expected a quotation mark that closes this text"),
    ("Invalid control character", "expected a quotation mark that closes this text on its line"),
    ("Invalid \\escape", 'expected \\\\ for a backslash, or one of \\" \\n \\t \\u'),
    ("Extra data", "expected the end of the file"),
)
_TAG = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<[?!][^>]*>|<(/?)([^\s<>/]+)[^<>]*?(/?)>", re.DOTALL)


def readable(content: bytes, path: Path, form: RdfFormat) -> bytes:
    """Return a file's content as UTF-8 without byte order mark.

    Raises
    ------
    VocabularyError
        If the file is empty or no UTF-8; names line and column.
    """
    if content.startswith(_WIDE) or b"\0" in content[:4]:
        raise VocabularyError(path, 1, "is not UTF-8 but probably UTF-16: save it as UTF-8")
    content = content.removeprefix(_BOM)
    declared = _XML_ENCODING.match(content) if form == "xml" else None
    encoding = declared[1].decode("ascii") if declared else "utf-8"
    try:
        text = content.decode(encoding)
    except LookupError:
        raise VocabularyError(path, 1, f"no encoding is named {encoding}: save the file as UTF-8") from None
    except UnicodeDecodeError as error:
        line, column = _place(content[: error.start].decode(encoding, "replace"))
        byte = content[error.start : error.start + 1]
        letter = byte.decode("windows-1252", "replace")
        guess = f" ({letter!r} in Windows-1252)" if letter.isalpha() else ""
        reason = f"found the byte 0x{byte.hex().upper()}{guess}, expected {encoding.upper()}: save the file as UTF-8"
        raise VocabularyError(path, line, reason, column) from error
    if not text.strip():
        raise VocabularyError(path, None, f"is empty: expected SKOS as {_NAMES[form]}")
    if declared is None:
        return content
    start, end = declared.span()
    return b"\n" * content.count(b"\n", start, end) + text.encode().removeprefix(content[start:end])


def explain(path: Path, content: bytes, form: RdfFormat, error: Exception) -> VocabularyError:
    """Return what to tell about a file that a parser refused, with line and column where they can be told."""
    text = content.decode("utf-8", "replace")
    if isinstance(error, json.JSONDecodeError):
        found = _found(text[error.pos :])
        reason = f"{found}, {_said(error.msg, _JSON_SAYS)}"
        return VocabularyError(path, error.lineno, reason, error.colno)
    if isinstance(error, SAXParseException):
        line, column = error.getLineNumber() or 1, (error.getColumnNumber() or 0) + 1
        return _xml(path, text, line, column, error.getMessage())
    if form in {"turtle", "nt"}:
        return _turtle(path, text, form, error)
    placed = _XML_PLACE.match(str(error)) if form == "xml" else None
    if placed:
        return VocabularyError(path, int(placed[1]), _first_line(placed[3]), int(placed[2]) + 1)
    return VocabularyError(path, None, f"cannot be read as {_NAMES[form]}: {_first_line(str(error))}")


def _turtle(path: Path, text: str, form: RdfFormat, error: Exception) -> VocabularyError:
    looks = "RDF/XML" if text.lstrip().startswith("<?xml") or "<rdf:RDF" in text[:500] else ""
    looks = looks or ("JSON-LD" if text.lstrip().startswith("{") else "")
    if looks:
        return VocabularyError(path, 1, f"found {looks}, expected {_NAMES[form]}: is the ending right?", 1)
    if (fault := turtle_fault(text)) is not None:
        found = _found(fault.found) if fault.found else "the file ends too early"
        return VocabularyError(path, *_with(f"{found}, expected {fault.expected}", text, fault.offset))
    lines_before = getattr(error, "lines", None)
    line = lines_before + 1 if isinstance(lines_before, int) else getattr(error, "lineno", None)
    why = getattr(error, "_why", None) or str(error)
    at = getattr(error, "_i", None)
    source = getattr(error, "_str", None)
    if isinstance(at, int) and isinstance(source, bytes):
        rest = source.decode("utf-8", "replace")[at:]
        why = f"{_found(rest)}: {why}"
    return VocabularyError(path, line, f"cannot be read as {_NAMES[form]}: {_first_line(str(why))}")


def _with(reason: str, text: str, offset: int) -> tuple[int, str, int]:
    line, column = _place(text[:offset])
    return line, reason, column


def _xml(path: Path, text: str, line: int, column: int, says: str) -> VocabularyError:
    lines = text.splitlines()
    here = lines[line - 1] if line <= len(lines) else ""
    before = here[: column - 1]
    column -= next((len(sign) for sign in ("</", "<", "&") if before.endswith(sign)), 0)
    rest = here[column - 1 :]
    reason = _said(says, _XML_SAYS).replace("{open}", _open_element(text, line, column))
    found = f"{_found(rest)}: " if rest.strip() else ""
    return VocabularyError(path, line, f"{found}{reason}", column)


def _open_element(text: str, line: int, column: int) -> str:
    """Name the element that is open at a place, with its line."""
    lines = text.splitlines(keepends=True)
    end = sum(len(one) for one in lines[: line - 1]) + column - 1
    stack: list[tuple[str, int]] = []
    for tag in _TAG.finditer(text[:end]):
        if tag[2] is None or tag[3]:
            continue
        if tag[1]:
            if stack and stack[-1][0] == tag[2]:
                stack.pop()
        else:
            stack.append((tag[2], tag.start()))
    if not stack:
        return "no element is open"
    name, start = stack[-1]
    return f"<{name}> of line {_place(text[:start])[0]}"


def _said(says: str, table: tuple[tuple[str, str], ...]) -> str:
    return next((plain for begin, plain in table if says.startswith(begin)), says)


def _found(rest: str) -> str:
    word = rest.split("\n", maxsplit=1)[0].strip()
    if not word:
        return "found the end of the file" if not rest.strip() else "found the end of the line"
    return f"found {word if len(word) <= 30 else word[:29] + '…'}"


def _place(before: str) -> tuple[int, int]:
    """Return line and column, both counted from 1, after some text."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _first_line(message: str) -> str:
    return next((line.strip() for line in message.splitlines() if line.strip()), "syntax error")
