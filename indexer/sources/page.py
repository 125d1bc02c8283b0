"""What does a web page say? Its main text, and what it states of itself, as one record."""

import hashlib
import re
import unicodedata
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import lxml.etree
import lxml.html
import trafilatura

from indexer.sources.structured_data import licence, read_blocks
from indexer.sources.web import origin

MIN_TEXT = 40
"""Shortest text of a page [characters]; under it the page says nothing (a login, an empty shell)."""

_LD_JSON = "//script[translate(@type,'ABCDEFGHIJKLMNOPQRSTUVWXYZ','abcdefghijklmnopqrstuvwxyz')='application/ld+json']"


class NotAPage(Exception):
    """A page that gives no record; `intended` when it says itself that it is not to be indexed."""

    def __init__(self, reason: str, *, intended: bool = False) -> None:
        super().__init__(reason)
        self.intended = intended


def page_record(content: bytes, url: str, charset: str | None = None) -> tuple[dict[str, object], list[str]]:
    """Return the record of an HTML page and what was doubtful in it.

    What the page states as schema.org data wins over what can be read off its text.

    Parameters
    ----------
    content : bytes
        The page.
    url : str
        Its address, after redirects.
    charset : str, optional
        From the answer's header.

    Raises
    ------
    NotAPage
        If there is no title or no text, or the page asks not to be indexed.
    """
    html = _decoded(content, charset)
    tree = _parsed(html)
    if re.search(r"\b(noindex|none)\b", " ".join(_metas(tree, "robots")), re.IGNORECASE):
        raise NotAPage("asks not to be indexed", intended=True)
    stated, doubts = read_blocks([str(script.text or "") for script in tree.xpath(_LD_JSON)])
    found = trafilatura.bare_extraction(
        html, url=url, with_metadata=True, include_comments=False, include_tables=True, favor_recall=True
    )
    read: dict[str, Any] = {} if found is None else found if isinstance(found, dict) else found.as_dict()
    url = _canonical(tree, url)
    record: dict[str, object] = {
        "title": _heading(tree) or read.get("title") or _title(tree),
        "summary": _first(_metas(tree, "description")) or _first(_metas(tree, "og:description")),
        "body": read.get("text"),
        "language": tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        "provider": _first(_metas(tree, "og:site_name")) or urlsplit(url).hostname,
        "licence": licence(_licence(tree)),
        "published": _first(_metas(tree, "article:published_time")),
        "updated": _first(_metas(tree, "article:modified_time")),
    }
    if stated.get("body") and len(str(stated["body"])) < len(str(record["body"] or "")):
        del stated["body"]  # the page itself says more than its description of itself
    record = {**{k: v for k, v in record.items() if v}, **stated, "url": url, "id": resource_id(url)}
    if not record.get("title"):
        raise NotAPage("has no title")
    if len(str(record.get("body", "")) + str(stated.get("summary", ""))) < MIN_TEXT:
        raise NotAPage("has no text")
    return record, doubts


def resource_id(url: str) -> str:
    """Return the id of a resource that is known by its address only: readable, and its own.

    Examples
    --------
    >>> resource_id("https://www.eksempel.no/fag/Forebygge%20fall.html#topp")
    'eksempel.no-forebygge-fall-480016b0'
    """
    url = urldefrag(url).url
    parts = urlsplit(url)
    path = [unquote(p) for p in parts.path.split("/") if p]
    name = re.sub(r"\.\w{2,5}$", "", path[-1]) if path else ""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN)).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    host = (parts.hostname or "").lower().removeprefix("www.")
    digest = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return "-".join(part for part in (host, slug, digest) if part)


_PLAIN = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})


def _decoded(content: bytes, charset: str | None) -> str:
    declared = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", content[:4096], re.IGNORECASE)
    for name in (charset, declared.group(1).decode() if declared else None, "utf-8"):
        if name:
            try:
                return content.decode(name)
            except (UnicodeError, LookupError):
                continue
    return content.decode("cp1252", "replace")


def _parsed(html: str) -> lxml.html.HtmlElement:
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=False)
    try:
        tree = lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError):
        raise NotAPage("is empty") from None
    return tree


def _metas(tree: lxml.html.HtmlElement, name: str) -> list[str]:
    found = tree.xpath("//meta[@name=$name or @property=$name]/@content", name=name)
    return [str(value).strip() for value in found if str(value).strip()]


def _first(values: list[str]) -> str:
    return values[0] if values else ""


def _heading(tree: lxml.html.HtmlElement) -> str:
    headings = [
        " ".join(h.text_content().split())
        for h in tree.xpath("//main//h1 | //article//h1") or tree.xpath("//h1")
    ]
    headings = [h for h in headings if h]
    return headings[0] if len(set(headings)) == 1 else ""


def _title(tree: lxml.html.HtmlElement) -> str:
    return _first([" ".join(t.text_content().split()) for t in tree.xpath("//head/title")])


def _licence(tree: lxml.html.HtmlElement) -> str:
    return _first([str(value) for value in tree.xpath("//*[self::a or self::link][@rel='license']/@href")])


def _canonical(tree: lxml.html.HtmlElement, url: str) -> str:
    """Return the address that the page calls its own, if it is on the same host."""
    for href in tree.xpath("//link[@rel='canonical']/@href"):
        target = urldefrag(urljoin(url, str(href).strip())).url
        if target.startswith(("http://", "https://")) and origin(target) == origin(url):
            return target
    return urldefrag(url).url
