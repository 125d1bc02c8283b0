"""What does a text say without its markup? HTML becomes paragraphs, odd spaces and letters usual ones."""

import html
import re
import unicodedata
from html.parser import HTMLParser

_TAG = re.compile(
    r"</?(?:p|br|div|span|a|b|i|u|s|em|strong|ul|ol|li|dl|dt|dd|h[1-6]|table|thead|tbody|tr|td|th|img|figure"
    r"|figcaption|script|style|blockquote|section|article|header|footer|main|nav|aside|iframe|sup|sub|hr|pre"
    r"|code|html|head|body|font|small|video|audio|source|details|summary|o:p|abbr|cite|q|time|mark|!--|!doctype)"
    r"(?=[\s/>]|--)[^<>]*>|<!--(?:(?!<!--).)*?-->",
    re.IGNORECASE | re.DOTALL,
)
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_NO_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]*>)")
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_BLOCKS = frozenset([
    "p", "div", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "section",
    "article", "header", "footer", "main", "nav", "aside", "figure", "figcaption", "hr", "pre", "details",
    "summary",
])  # fmt: skip
_LINES = frozenset(["br", "li", "dt", "dd", "tr"])
_SILENT = frozenset(["script", "style", "iframe", "head", "noscript", "template"])
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\n{3,}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff]")
_HARMFUL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LINE_ENDS = re.compile(r"\r\n?|[\x85\u2028\u2029]")


def plain_text(text: str) -> str:
    r"""Return a text of several paragraphs: no markup, NFC, one space, at most one empty line.

    Text with a ``<`` that begins no HTML tag is left as it is (*systolisk < 90*).

    Examples
    --------
    >>> plain_text("<p>M&aring;l &lt; 90&nbsp;mmHg.</p><ul><li>Ring lege</li></ul>")
    'Mål < 90 mmHg.\n\n- Ring lege'
    >>> plain_text("BT <90 og puls >130")
    'BT <90 og puls >130'
    """
    if _TAG.search(text):
        text = _without_markup(text)
    elif _ENTITY.search(text):
        text = html.unescape(text)
    text = _CONTROLS.sub("", unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text)))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _BREAKS.sub("\n\n", "\n".join(lines)).strip()


def plain_line(text: str) -> str:
    r"""Return a text of one line, such as a title.

    Examples
    --------
    >>> plain_line("Fall  hos\n eldre &amp; unge")
    'Fall hos eldre & unge'
    """
    return " ".join(plain_text(text).split())


def has_control_characters(text: str) -> bool:
    """Tell whether a text holds control characters that no writer means (NUL, escape, …)."""
    return _HARMFUL.search(text) is not None


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\0\0")
        elif tag in _LINES:
            self.parts.append("\0- " if tag == "li" else "\0")
        elif tag in {"td", "th"}:
            self.parts.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\0\0")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data.replace("\0", ""))


def _without_comments(text: str) -> str:
    """Return HTML without its comments; one that is never closed is left.

    Examples
    --------
    >>> _without_comments("a <!-- b <!-- c --> d --> e <!-- f")
    'a  d --> e <!-- f'
    """
    *closed, rest = text.split("-->")
    return "".join(p.partition("<!--")[0] if "<!--" in p else p + "-->" for p in closed) + rest


def _without_markup(text: str) -> str:
    """Return the text of HTML; NUL stands for a line break of the markup until the end."""
    # the parser looks to the end of the text for whatever is not closed, once for each: it gets only what is
    text = _NO_TAG.sub("&lt;", _DECLARATION.sub("", _without_comments(text)))
    parser = _Text()
    parser.feed(text)
    parser.close()
    # breaks of the source are spaces, unless the text has only inline markup and breaks of its own
    joined = "".join(parser.parts)
    if "\0" in joined:
        joined = joined.replace("\n", " ")
    joined = re.sub(r"\0[\0 ]*\0", "\n\n", joined).replace("\0", "\n")
    return re.sub(r"\n\s*\n(?=- )(?<=[^\n]\n\n)", "\n\n", joined)
