"""Where do resources come from? One `Source` for each kind of place, chosen by its location."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from engine.errors import InvalidRequest, NotFound
from indexer.sources.csv_table import CsvTableSource
from indexer.sources.feed import FeedSource
from indexer.sources.folder import FolderSource
from indexer.sources.jsonl import JsonlSource
from indexer.sources.sitemap import SitemapSource
from indexer.sources.source import (
    GONE,
    Source,
    SourceEvent,
    SourceGone,
    SourceItem,
    SourceProblem,
    SourceRead,
    SourceUnchanged,
)
from indexer.sources.web import WebLimits, shown

__all__ = [
    "FILE_KINDS",
    "GONE",
    "Source",
    "SourceEvent",
    "SourceGone",
    "SourceItem",
    "SourceProblem",
    "SourceRead",
    "SourceUnchanged",
    "WebLimits",
    "open_source",
]

FILE_KINDS: dict[str, Callable[[Path], Source]] = {
    ".jsonl": JsonlSource,
    ".ndjson": JsonlSource,
    ".csv": CsvTableSource,
    ".tsv": CsvTableSource,
}
"""Which source reads which kind of file, by its suffix."""


def open_source(location: str, limits: WebLimits | None = None) -> Source:
    """Return the source at a location; nothing is asked for or opened yet.

    Parameters
    ----------
    location : str
        A file (``.jsonl``, ``.csv``), a folder, or an address. Of an address, ``sitemap:`` or ``feed:``
        before it says what it is; else a bare host or a name with *sitemap* in it is a sitemap, and
        all others are feeds (or sitemaps after all, as their content shows).
    limits : WebLimits, optional
        How much to ask a site for.

    Raises
    ------
    NotFound
        If there is no such file or folder.
    InvalidRequest
        If the kind of file is not read, or the address is not http or https.
    """
    kind, _, rest = location.partition(":")
    if kind in {"sitemap", "feed"}:
        return SitemapSource(rest, limits) if kind == "sitemap" else FeedSource(rest, limits)
    if "://" in location:
        return _site(location, limits)
    path = Path(location)
    if path.is_dir():
        return FolderSource(path, open_file)
    if not path.exists():
        raise NotFound(f"no file or folder {location!r}")
    source = open_file(path)
    if source is None:
        known = ", ".join(sorted(FILE_KINDS))
        raise InvalidRequest(f"{path.name}: files of this kind are not read (known: {known})")
    return source


def open_file(path: Path) -> Source | None:
    """Return the source of a file, or None when its kind is not read."""
    make = FILE_KINDS.get(path.suffix.lower())
    return make(path) if make else None


def _site(location: str, limits: WebLimits | None) -> Source:
    try:
        parts = urlsplit(location)
    except ValueError:
        raise InvalidRequest(f"location: not an address: {shown(location)}") from None
    if parts.path in {"", "/"} and not parts.query:
        return SitemapSource(location, limits)
    if "sitemap" in parts.path.rsplit("/", 1)[-1].lower():
        return SitemapSource(location, limits)
    return FeedSource(location, limits)
