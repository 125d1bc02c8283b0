"""What is new in a feed? RSS and Atom, articles and podcast episodes alike."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser

from indexer.sources.jsonl import record_hash
from indexer.sources.page import resource_id
from indexer.sources.sitemap import BadSitemap, SitemapSource, parse_sitemap
from indexer.sources.source import (
    SourceEvent,
    SourceItem,
    SourceProblem,
    SourceRead,
    SourceUnchanged,
    clean_key,
)
from indexer.sources.structured_data import licence
from indexer.sources.web import FetchError, PoliteClient, WebLimits, check_location, shown

WHOLE = "#feed"
"""The key under which the feed's own validators are remembered."""

_KINDS = {"audio": "podkast", "video": "film"}


class FeedSource:
    """A feed. An address that turns out to be a sitemap is read as one.

    Parameters
    ----------
    location : str
        Address of the feed.
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
        self.name = f"feed:{shown(location)}"

    def items(self, revisions: Mapping[str, str]) -> Iterator[SourceEvent]:
        """Yield the entries; see `Source.items`. An entry that has left the feed is not gone."""
        place = shown(self._location)
        known = {key: value for key, value in revisions.items() if key != WHOLE}
        with self._client(self._location, self._limits) as client:
            try:
                page = client.get(self._location, _validators(revisions.get(WHOLE)))
            except FetchError as error:
                yield SourceProblem(place, str(error))
                return
        if page.status == 304:
            for key in sorted(known):
                yield SourceUnchanged(key)
            return
        headers = {"content-type": f"application/xml; charset={page.charset}"} if page.charset else {}
        try:
            feed = feedparser.parse(
                BytesIO(page.content),  # bytes as such would be tried as the name of a local file
                response_headers=headers,
                resolve_relative_uris=False,
            )
        except (ValueError, LookupError, RecursionError) as error:
            yield SourceProblem(place, f"cannot be read as a feed: {type(error).__name__}")
            return
        if not feed.version:
            yield from self._other(page.content, place, known)
            return
        if feed.bozo and not isinstance(feed.bozo_exception, feedparser.CharacterEncodingOverride):
            doubt = f"not well-formed: {feed.bozo_exception}; read as far as it goes"
            yield SourceProblem(place, doubt, severity="error" if not feed.entries else "warning")
        seen: set[str] = set()
        for row, entry in enumerate(feed.entries, 1):
            record = entry_record(entry, feed.feed, self._location)
            if record is None:
                yield SourceProblem(place, "neither link nor id", row, "link")
                continue
            key = clean_key(str(entry.get("id") or record["url"]))
            if key in seen:
                yield SourceProblem(place, f"{key!r} stands in the feed already", row, "id", "warning")
                continue
            seen.add(key)
            revision = record_hash(record)
            if known.get(key) == revision:
                yield SourceUnchanged(key)
            else:
                yield SourceItem(key, record, revision, place, row, strict=False)
        if page.validators:
            yield SourceRead(WHOLE, json.dumps(page.validators, sort_keys=True))

    def _other(self, content: bytes, place: str, known: Mapping[str, str]) -> Iterator[SourceEvent]:
        try:
            parse_sitemap(content)
        except BadSitemap:
            yield SourceProblem(place, "neither a feed (RSS, Atom) nor a sitemap")
            return
        yield from SitemapSource(self._location, self._limits, self._client).items(known)


def entry_record(
    entry: Mapping[str, Any], feed: Mapping[str, Any], location: str
) -> dict[str, object] | None:
    """Return the record of an entry, or None when nothing names it.

    Parameters
    ----------
    entry, feed : mapping
        As feedparser gives them. Names of authors are not taken.
    location : str
        Address of the feed, for relative links.
    """
    link = str(entry.get("link") or "").strip()
    url = urljoin(location, link) if link else ""
    if not url.startswith(("http://", "https://")):
        url = ""
    enclosure = next((e for e in entry.get("enclosures", ()) if e.get("href")), None)
    if not url and enclosure and str(enclosure["href"]).startswith(("http://", "https://")):
        url = str(enclosure["href"])
    if not url and not entry.get("id"):
        return None
    contents = [str(c.get("value", "")) for c in entry.get("content", ())]
    summary = str(entry.get("summary") or "")
    body = max(contents, key=len, default="")
    if not body or body == summary:
        body, summary = summary, str(entry.get("subtitle") or "")
    kind = _KINDS.get(str(enclosure.get("type", "")).split("/")[0]) if enclosure else None
    found: dict[str, object] = {
        "id": resource_id(url or str(entry["id"])),
        "title": str(entry.get("title") or ""),
        "summary": summary,
        "body": body,
        "url": url,
        "language": str(entry.get("language") or feed.get("language") or ""),
        "resource_type": kind or "",
        "provider": str(feed.get("title") or ""),
        "duration": episode_minutes(str(entry.get("itunes_duration") or "")),
        "published": str(entry.get("published") or ""),
        "updated": str(entry["updated"] if "updated" in entry else ""),  # noqa: SIM401 (`get` gives `published`)
        "licence": licence(str(entry.get("license") or feed.get("license") or "")),
    }
    return {name: value for name, value in found.items() if value}


def episode_minutes(text: str) -> int | None:
    """Return a podcast episode's duration [minutes], at least one; None when there is none.

    Written as seconds, ``mm:ss`` or ``hh:mm:ss``.

    Examples
    --------
    >>> [episode_minutes(t) for t in ("1800", "12:34", "01:02:03", "")]
    [30, 13, 62, None]
    """
    if not re.fullmatch(r"\d{1,6}(:\d{1,2}){0,2}", text.strip()):
        return None
    seconds = 0
    for part in text.strip().split(":"):
        seconds = seconds * 60 + int(part)
    return max(1, round(seconds / 60)) if seconds else None


def _validators(revision: str | None) -> dict[str, str]:
    try:
        found = json.loads(revision) if revision else {}
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
