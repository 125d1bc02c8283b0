"""How is a search followed? Its hits as Atom (RFC 4287) and JSON Feed 1.1."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from api.jsonld import item_url
from engine.editorial.review_feed import entry_title
from engine.editorial.review_lists import ReviewRow
from engine.editorial.words import STATE_WORDS
from engine.model import Resource, SearchResult
from engine.service import Engine
from graph.status import Language

ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(result: SearchResult, engine: Engine, *, title: str, self_url: str, page: str, lang: str) -> bytes:
    """Return the hits as an Atom feed, UTF-8."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": lang})
    _add(feed, "id", self_url)
    _add(feed, "title", title)
    _add(feed, "updated", _instant(_newest(result)))
    _add(feed, "link", rel="self", href=self_url, type="application/atom+xml")
    _add(feed, "link", rel="alternate", href=page, type="text/html")
    author = ET.SubElement(feed, f"{{{ATOM}}}author")
    _add(author, "name", "Kompetansegraf")
    for hit in result.hits:
        r = hit.resource
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        _add(entry, "id", f"{engine.settings.base_uri}ressurs/{quote(r.id, errors='replace')}")
        _add(entry, "title", r.title)
        _add(entry, "updated", _instant(r.updated or r.published or date(1970, 1, 1)))
        if r.published:
            _add(entry, "published", _instant(r.published))
        _add(entry, "link", rel="alternate", href=_page_of(r, engine), type="text/html")
        _add(entry, "summary", r.summary)
        for theme in r.themes:
            _add(entry, "category", term=theme, scheme=f"{engine.settings.base_uri}tema")
        if r.provider:
            name = ET.SubElement(entry, f"{{{ATOM}}}author")
            _add(name, "name", r.provider)
    text: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return text


def json_feed(
    result: SearchResult, engine: Engine, *, title: str, self_url: str, page: str, lang: str
) -> dict[str, Any]:
    """Return the hits as a JSON Feed."""
    items: list[dict[str, Any]] = []
    for hit in result.hits:
        r = hit.resource
        item: dict[str, Any] = {
            "id": f"{engine.settings.base_uri}ressurs/{quote(r.id, errors='replace')}",
            "url": _page_of(r, engine),
            "title": r.title,
            "summary": r.summary,
            "content_text": r.summary or r.title,
            "language": r.language,
            "tags": list(r.themes),
        }
        if r.updated:
            item["date_modified"] = _instant(r.updated)
        if r.published:
            item["date_published"] = _instant(r.published)
        if r.provider:
            item["authors"] = [{"name": r.provider}]
        items.append(item)
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": page,
        "feed_url": self_url,
        "language": lang,
        "items": items,
    }


def review_atom(
    rows: Sequence[ReviewRow], engine: Engine, *, title: str, self_url: str, lang: Language
) -> bytes:
    """Return review dates as an Atom feed: an entry for each date, which comes up anew on the day after it."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": lang})
    _add(feed, "id", self_url)
    _add(feed, "title", title)
    dated = [(row, due, _since(row, due)) for row in rows if (due := row.resource.review_due)]
    _add(feed, "updated", _instant(max((since for _, _, since in dated), default=date(1970, 1, 1))))
    _add(feed, "link", rel="self", href=self_url, type="application/atom+xml")
    author = ET.SubElement(feed, f"{{{ATOM}}}author")
    _add(author, "name", "Kompetansegraf")
    for row, due, since in dated:
        r = row.resource
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        name = quote(r.id, errors="replace")
        _add(entry, "id", f"{engine.settings.base_uri}ressurs/{name}#review-{due}")
        _add(entry, "title", entry_title(row, lang))
        _add(entry, "updated", _instant(since))
        _add(entry, "link", rel="alternate", href=item_url(engine, "ressurs", r.id), type="text/html")
        _add(entry, "category", term=row.state, label=STATE_WORDS[lang][row.state])
        for theme in r.themes:
            _add(entry, "category", term=theme, scheme=f"{engine.settings.base_uri}tema")
    text: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return text


def _since(row: ReviewRow, due: date) -> date:
    """Return the day from which an entry says what it says."""
    return (
        due + timedelta(1)
        if row.state == "expired"
        else row.resource.published or date.fromordinal(max(1, due.toordinal() - 365))
    )


def _page_of(resource: Resource, engine: Engine) -> str:
    return item_url(engine, "ressurs", resource.id)


def _newest(result: SearchResult) -> date:
    days: Sequence[date] = [d for h in result.hits if (d := h.resource.updated or h.resource.published)]
    return max(days, default=date(1970, 1, 1))


def _instant(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> None:
    element = ET.SubElement(parent, f"{{{ATOM}}}{tag}", {k: _xml(v) for k, v in attributes.items()})
    if text is not None:
        element.text = _xml(text)


def _xml(text: str) -> str:
    """Return text without the characters that XML has no form for."""
    return _NOT_XML.sub("\ufffd", text)
