"""Which pages does a site say it has, and which of them have changed? Harvest by sitemap.

A page is asked for again only when the sitemap's date or the page's own validators say that it has
changed. A page that answers 404 or 410 is withdrawn only when the sitemap no longer lists it either.
"""

import json
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from indexer.sources.page import NotAPage, page_record
from indexer.sources.source import (
    GONE,
    LONGEST_KEY,
    SourceEvent,
    SourceGone,
    SourceItem,
    SourceProblem,
    SourceUnchanged,
)
from indexer.sources.web import FetchError, Page, PoliteClient, WebLimits, check_location, shown

SITEMAP_DEPTH = 4
"""How deep sitemaps of sitemaps are followed."""

_GZIP = b"\x1f\x8b"
_HTML = frozenset({"text/html", "application/xhtml+xml", ""})


class BadSitemap(Exception):
    """A sitemap that cannot be understood; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What one sitemap file lists: pages with the date of their last change, or further sitemaps."""

    pages: Mapping[str, str] = field(default_factory=dict)
    sitemaps: tuple[str, ...] = ()


def parse_sitemap(content: bytes, limit: int = 60_000_000) -> Sitemap:
    """Read a sitemap, a sitemap index or a plain list of addresses, gzipped or not.

    Parameters
    ----------
    content : bytes
        The file.
    limit : int
        Largest unpacked size [bytes].

    Raises
    ------
    BadSitemap
        If it is neither, is larger, or uses XML entities.

    References
    ----------
    .. [1] https://www.sitemaps.org/protocol.html

    Examples
    --------
    >>> parse_sitemap(b"<urlset><url><loc> https://a.no/b </loc><lastmod>2026-11-21</lastmod></url></urlset>").pages
    {'https://a.no/b': '2026-11-21'}
    """
    if content.startswith(_GZIP):
        content = _unpacked(content, limit)
    if content.lstrip()[:4].lower() == b"http":
        lines = content.decode("utf-8", "replace").split()
        return Sitemap(pages=dict.fromkeys(lines, ""))
    try:
        root = fromstring(content, forbid_dtd=False)
    except ParseError as error:
        raise BadSitemap(f"not XML: {error}") from error
    except DefusedXmlException:
        raise BadSitemap("XML with entities of its own is not read") from None
    except (ValueError, LookupError) as error:
        raise BadSitemap(f"not XML: {error}") from error
    kind = _local(root.tag)
    if kind not in {"urlset", "sitemapindex"}:
        raise BadSitemap(f"a sitemap is needed, got <{kind}>")
    found: dict[str, str] = {}
    for child in root:
        values = {_local(part.tag): (part.text or "").strip() for part in child if isinstance(part.tag, str)}
        if values.get("loc"):
            found.setdefault(values["loc"], values.get("lastmod", ""))
    return Sitemap(sitemaps=tuple(found)) if kind == "sitemapindex" else Sitemap(pages=found)


class SitemapSource:
    """A web site, by its sitemap.

    Parameters
    ----------
    location : str
        Address of a sitemap, or of the site (then ``robots.txt`` says where its sitemaps are, else
        ``/sitemap.xml``).
    limits : WebLimits, optional
        How much to ask for.
    """

    def __init__(
        self,
        location: str,
        limits: WebLimits | None = None,
        client: Callable[[str, WebLimits | None], PoliteClient] = PoliteClient,
    ) -> None:
        check_location(location)
        self._location = location
        self._limits = limits
        self._client = client
        self.name = f"sitemap:{shown(location)}"

    def items(self, revisions: Mapping[str, str]) -> Iterator[SourceEvent]:
        """Yield the pages; see `Source.items`. The key is the address as listed."""
        with self._client(self._location, self._limits) as client:
            listed: dict[str, str] = {}
            whole = yield from self._list(client, listed)
            failures = 0
            for url, lastmod in sorted(listed.items()):
                events = list(_visit(client, url, lastmod, _remembered(revisions.get(url))))
                yield from events
                failures = failures + 1 if any(isinstance(e, _Unreachable) for e in events) else 0
                if failures >= client.limits.patience:
                    yield SourceProblem(
                        shown(url), f"{failures} pages in a row cannot be reached: given up for now"
                    )
                    return
            if not whole:
                return  # what a broken sitemap leaves out is not known to be gone
            for url, revision in sorted(revisions.items()):
                if url not in listed and revision != GONE:
                    yield from _look_for(client, url, _remembered(revision))

    def _list(self, client: PoliteClient, listed: dict[str, str]) -> Generator[SourceEvent, None, bool]:
        """Fill `listed` with pages and dates; return whether all sitemaps could be read."""
        waiting = [(url, 0) for url in _roots(client, self._location)]
        seen: set[str] = set()
        whole = True
        while waiting:
            url, depth = waiting.pop(0)
            if url in seen:
                continue
            seen.add(url)
            if depth > SITEMAP_DEPTH or len(seen) > client.limits.sitemaps:
                yield SourceProblem(shown(url), "more sitemaps than are followed")
                return False
            try:
                page = client.get(url, limit=client.limits.sitemap_bytes)
                found = parse_sitemap(page.content, client.limits.sitemap_bytes)
            except (FetchError, BadSitemap) as error:
                yield SourceProblem(shown(url), str(error))
                whole = False
                continue
            waiting += [(urljoin(url, child), depth + 1) for child in found.sitemaps]
            for address, lastmod in found.pages.items():
                target = urljoin(url, address)
                if not client.own(target):
                    reason = f"lists {shown(target)}, which is on another host"
                    yield SourceProblem(shown(url), reason, severity="warning")
                elif len(target.encode("utf-8", "replace")) > LONGEST_KEY or not target.isprintable():
                    yield SourceProblem(shown(url), "lists an address that is too long or has odd characters")
                elif len(listed) >= client.limits.pages:
                    yield SourceProblem(shown(url), f"more than {client.limits.pages:,} pages")
                    return False
                else:
                    listed.setdefault(target, lastmod)
        return whole


@dataclass(frozen=True, slots=True)
class _Unreachable(SourceProblem):
    """A page that the network did not give."""


def _visit(client: PoliteClient, url: str, lastmod: str, known: dict[str, str]) -> Iterator[SourceEvent]:
    if known and lastmod and known.get("lastmod") == lastmod:
        yield SourceUnchanged(url)
        return
    try:
        page = client.get(url, {k: v for k, v in known.items() if k in {"etag", "modified"}})
    except FetchError as error:
        kind = _Unreachable if error.transient else SourceProblem
        yield kind(shown(url), str(error))
        return
    if page.status == 304:
        revision = _revision(lastmod, {**known, **page.validators})
        yield SourceUnchanged(url, revision if _remembered(revision) != known else None)
        return
    yield from read_page(page, url, lastmod)


def read_page(page: Page, url: str, lastmod: str) -> Iterator[SourceEvent]:
    """Yield what a page that was answered holds."""
    if page.content_type not in _HTML:
        yield SourceProblem(
            shown(url), f"content of type {page.content_type} is not read", severity="warning"
        )
        return
    try:
        record, doubts = page_record(page.content, page.url, page.charset)
    except NotAPage as error:
        yield SourceProblem(shown(url), str(error), severity="warning" if error.intended else "error")
        return
    for doubt in doubts:
        yield SourceProblem(shown(url), doubt, severity="warning")
    if lastmod and "updated" not in record:
        record["updated"] = lastmod
    yield SourceItem(url, record, _revision(lastmod, page.validators), shown(url), strict=False)


def _look_for(client: PoliteClient, url: str, known: dict[str, str]) -> Iterator[SourceEvent]:
    """Ask for a page that the sitemap no longer lists."""
    try:
        client.get(url, {k: v for k, v in known.items() if k in {"etag", "modified"}})
    except FetchError as error:
        if error.status in {404, 410}:
            yield SourceGone(url)
        else:
            yield SourceProblem(shown(url), f"no longer in the sitemap, and {error}", severity="warning")
        return
    reason = "no longer in the sitemap, but still there: kept"
    yield SourceProblem(shown(url), reason, severity="warning")
    yield SourceUnchanged(url)


def _roots(client: PoliteClient, location: str) -> list[str]:
    parts = urlsplit(location)
    if parts.path not in {"", "/"} or parts.query:
        return [location]
    named = list(client.robots().sitemaps)
    return named or [urljoin(location, "/sitemap.xml")]


def _revision(lastmod: str, validators: Mapping[str, str]) -> str:
    found = {"lastmod": lastmod} | {k: validators[k] for k in ("etag", "modified") if k in validators}
    return json.dumps({k: v for k, v in found.items() if v}, sort_keys=True)


def _remembered(revision: str | None) -> dict[str, str]:
    try:
        found = json.loads(revision) if revision else {}
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _unpacked(content: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacker.decompress(content, limit)
    except zlib.error as error:
        raise BadSitemap(f"not gzip: {error}") from error
    if not unpacker.eof and not unpacker.unconsumed_tail:
        raise BadSitemap("not gzip: cut short")
    if unpacker.unconsumed_tail:
        raise BadSitemap(f"is larger than {limit:,} bytes unpacked")
    return unpacked


def _local(tag: object) -> str:
    return str(tag).rsplit("}", 1)[-1]
