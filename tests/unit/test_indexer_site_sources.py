"""Sites and feeds, against a server that really answers."""

import gzip
import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.errors import InvalidRequest
from indexer.normalise import Normaliser
from indexer.sources import (
    SourceEvent,
    SourceGone,
    SourceItem,
    SourceProblem,
    SourceRead,
    SourceUnchanged,
    WebLimits,
    open_source,
)
from indexer.sources.page import NotAPage, page_record
from indexer.sources.sitemap import BadSitemap, SitemapSource, parse_sitemap
from indexer.sources.structured_data import read_blocks
from indexer.sources.web import FetchError, PoliteClient, shown
from indexing import FALL, QUICK, Reply, Site, article, running_site
from vocab.vocabulary import open_vocabulary


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        site.pages["/robots.txt"] = Reply("User-agent: *\nDisallow: /hemmelig/\n", type="text/plain")
        yield site


def harvest(
    location: str, revisions: dict[str, str] | None = None, limits: WebLimits = QUICK
) -> list[SourceEvent]:
    return list(open_source(location, limits).items(revisions or {}))


def items(events: list[SourceEvent]) -> dict[str, SourceItem]:
    return {e.key.split("/", 3)[-1]: e for e in events if isinstance(e, SourceItem)}


def problems(events: list[SourceEvent], severity: str = "error") -> list[SourceProblem]:
    return [e for e in events if isinstance(e, SourceProblem) and e.severity == severity]


def remembered(events: list[SourceEvent], before: dict[str, str] | None = None) -> dict[str, str]:
    found = dict(before or {})
    for e in events:
        if isinstance(e, (SourceItem, SourceRead)) or (isinstance(e, SourceUnchanged) and e.revision):
            found[e.key] = str(e.revision)
    return found


def test_a_site_becomes_records_of_main_text_and_stated_data(site: Site) -> None:
    stated = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "name": "Fag"}]},
            {
                "@type": ["LearningResource", "VideoObject"],
                "name": "Film om fall",
                "description": "Kort om fall.",
                "inLanguage": "nb-NO",
                "timeRequired": "PT12M",
                "audience": {"@type": "EducationalAudience", "educationalRole": "sykepleier"},
                "dateModified": "2026-03-01T10:00:00+01:00",
                "license": "https://creativecommons.org/licenses/by/4.0/",
                "learningResourceType": "instruksjonsfilm",
                "about": [{"@type": "DefinedTerm", "name": "fallforebygging"}],
                "provider": {"@type": "Organization", "name": "Eksempelhelse"},
            },
        ],
    }
    head = f'<script type="application/ld+json">{json.dumps(stated)}</script><script type="application/ld+json">{{</script>'
    site.pages["/film"] = Reply(article("Film om fall", FALL, head=head))
    site.pages["/artikkel"] = Reply(
        article("Forebygge fall", FALL, head='<meta name="description" content="Om fall.">')
    )
    site.sitemap({"/film": None, "/artikkel": "2026-02-03"})
    events = harvest(f"{site.url}/sitemap.xml")
    found = items(events)
    assert set(found) == {"film", "artikkel"}
    assert [str(p) for p in problems(events, "warning")] == [
        f"{site.url}/film: JSON-LD block 2 is not JSON and is left out"
    ]
    normaliser = Normaliser(open_vocabulary())
    film = normaliser.normalise(found["film"].record, strict=False)
    assert film.doubts == ()
    assert film.resource is not None
    assert (film.resource.title, film.resource.resource_type, film.resource.duration) == (
        "Film om fall",
        "film",
        12,
    )
    assert (film.resource.audience, film.resource.licence) == (("sykepleier",), "CC-BY-4.0")
    assert (film.resource.updated, film.resource.provider) == (date(2026, 3, 1), "Eksempelhelse")
    assert "Tren styrke og balanse" in film.resource.body
    assert "Personvern" not in film.resource.body
    plain = normaliser.normalise(found["artikkel"].record, strict=False).resource
    assert plain is not None
    assert (plain.title, plain.summary, plain.language) == ("Forebygge fall", "Om fall.", "nb")
    assert (plain.updated, plain.url) == (date(2026, 2, 3), f"{site.url}/artikkel")


def test_robots_txt_is_kept_to(site: Site) -> None:
    site.pages |= {"/apen": Reply(article("Åpen", FALL)), "/hemmelig/a": Reply(article("Hemmelig", FALL))}
    site.sitemap({"/apen": None, "/hemmelig/a": None})
    events = harvest(f"{site.url}/sitemap.xml")
    assert set(items(events)) == {"apen"}
    assert problems(events)[0].reason == "robots.txt does not allow it"
    assert "/hemmelig/a" not in site.paths()


def test_wildcards_and_the_longest_rule_of_robots_txt_count(site: Site) -> None:
    site.pages["/robots.txt"] = Reply(
        "User-agent: *\nDisallow: /*?\nDisallow: /lukket\nAllow: /lukket/apen\n"
    )
    for path in ("/a", "/a?utskrift=1", "/lukket/b", "/lukket/apen"):
        site.pages[path] = Reply(article(path, FALL))
    site.sitemap(dict.fromkeys(["/a", "/a?utskrift=1", "/lukket/b", "/lukket/apen"]))
    harvest(f"{site.url}/sitemap.xml")
    assert {"/a", "/lukket/apen"} <= set(site.paths())
    assert not {"/a?utskrift=1", "/lukket/b"} & set(site.paths())


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_nothing_is_asked_for_when_robots_txt_is_refused_or_fails(site: Site, status: int) -> None:
    site.pages["/robots.txt"] = Reply("", status)
    site.sitemap({"/a": None})
    events = harvest(f"{site.url}/sitemap.xml")
    assert "nothing is asked for, since robots.txt answers" in problems(events)[0].reason
    assert set(site.paths()) == {"/robots.txt"}


def test_a_site_without_robots_txt_is_open_and_its_sitemap_is_found(site: Site) -> None:
    del site.pages["/robots.txt"]
    site.pages["/a"] = Reply(article("A", FALL))
    site.sitemap({"/a": None})
    assert set(items(harvest(site.url))) == {"a"}
    site.pages["/robots.txt"] = Reply(f"User-agent: *\nAllow: /\nSitemap: {site.url}/kart.xml\n")
    site.pages["/b"] = Reply(article("B", FALL))
    site.sitemap({"/b": None}, "/kart.xml")
    assert set(items(harvest(f"{site.url}/"))) == {"b"}


def test_the_crawl_delay_is_kept_and_requests_come_one_at_a_time(site: Site) -> None:
    site.pages["/robots.txt"] = Reply("User-agent: *\nCrawl-delay: 7\n")
    pauses: list[float] = []
    site.pages |= {f"/{n}": Reply(article(n, FALL)) for n in "abc"}
    site.sitemap({f"/{n}": None for n in "abc"})
    source = SitemapSource(
        f"{site.url}/sitemap.xml", QUICK, lambda url, limits: PoliteClient(url, limits, sleep=pauses.append)
    )
    assert len([e for e in source.items({}) if isinstance(e, SourceItem)]) == 3
    assert len(pauses) == 4
    assert all(6 < pause <= 7 for pause in pauses)
    assert site.most_at_once == 1
    assert all(headers["user-agent"].startswith("kompetansegraf") for _, headers in site.asked)


def test_only_changed_pages_are_fetched_again(site: Site) -> None:
    site.pages |= {
        "/etag": Reply(article("Etag", FALL), etag='"1"'),
        "/dato": Reply(article("Dato", FALL), modified="Sat, 21 Nov 2026 08:00:00 GMT"),
        "/kart": Reply(article("Kart", FALL)),
        "/uten": Reply(article("Uten", FALL)),
    }
    site.sitemap({"/etag": None, "/dato": None, "/kart": "2026-01-01", "/uten": None})
    first = harvest(f"{site.url}/sitemap.xml")
    revisions = remembered(first)
    assert len(items(first)) == 4
    site.asked.clear()
    second = harvest(f"{site.url}/sitemap.xml", revisions)
    assert set(items(second)) == {"uten"}
    assert sorted(e.key.rsplit("/", 1)[1] for e in second if isinstance(e, SourceUnchanged)) == [
        "dato",
        "etag",
        "kart",
    ]
    assert "/kart" not in site.paths()
    asked = dict(site.asked)
    assert asked["/etag"]["if-none-match"] == '"1"'
    assert asked["/dato"]["if-modified-since"] == "Sat, 21 Nov 2026 08:00:00 GMT"
    site.pages["/etag"] = Reply(article("Etag ny", FALL), etag='"2"')
    site.sitemap({"/etag": None, "/dato": None, "/kart": "2026-01-02", "/uten": None})
    third = harvest(f"{site.url}/sitemap.xml", revisions)
    assert set(items(third)) == {"etag", "kart", "uten"}


def test_a_new_date_in_the_sitemap_of_a_page_that_is_the_same_is_remembered(site: Site) -> None:
    site.pages["/a"] = Reply(article("A", FALL), etag='"1"')
    site.sitemap({"/a": "2026-01-01"})
    revisions = remembered(harvest(f"{site.url}/sitemap.xml"))
    site.sitemap({"/a": "2026-01-02"})
    second = harvest(f"{site.url}/sitemap.xml", revisions)
    assert not items(second)
    revisions = remembered(second, revisions)
    site.asked.clear()
    assert [type(e) for e in harvest(f"{site.url}/sitemap.xml", revisions)] == [SourceUnchanged]
    assert "/a" not in site.paths()


def test_a_page_is_gone_only_when_unlisted_and_answering_so(site: Site) -> None:
    site.pages |= {f"/{n}": Reply(article(n, FALL)) for n in "abcd"}
    site.sitemap({f"/{n}": None for n in "abcd"})
    revisions = remembered(harvest(f"{site.url}/sitemap.xml"))
    site.pages["/b"] = Reply("", 410)
    site.pages["/c"] = Reply("", 404)
    site.pages["/d"] = Reply("", 500)
    site.sitemap({"/b": None})
    events = harvest(f"{site.url}/sitemap.xml", revisions)
    assert [e for e in events if isinstance(e, SourceGone)] == [SourceGone(f"{site.url}/c")]
    assert [p.place for p in problems(events)] == [f"{site.url}/b"]
    assert {p.place.rsplit("/", 1)[1] for p in problems(events, "warning")} == {"a", "d"}


def test_nothing_is_gone_when_a_sitemap_cannot_be_read(site: Site) -> None:
    site.pages |= {"/a": Reply(article("A", FALL)), "/b": Reply(article("B", FALL))}
    index = f"<sitemapindex><sitemap><loc>{site.url}/1.xml</loc></sitemap><sitemap><loc>{site.url}/2.xml</loc></sitemap></sitemapindex>"
    site.pages["/sitemap.xml"] = Reply(index, type="application/xml")
    site.sitemap({"/a": None}, "/1.xml")
    site.sitemap({"/b": None}, "/2.xml")
    first = harvest(f"{site.url}/sitemap.xml")
    assert set(items(first)) == {"a", "b"}
    site.pages["/b"] = Reply("", 404)
    site.pages["/2.xml"] = Reply("<urlset><url>", type="application/xml")
    events = harvest(f"{site.url}/sitemap.xml", remembered(first))
    assert not [e for e in events if isinstance(e, SourceGone)]
    assert problems(events)[0].place == f"{site.url}/2.xml"
    assert "not XML" in problems(events)[0].reason


def test_broken_slow_large_and_strange_pages_are_named_and_the_rest_goes_on(site: Site) -> None:
    site.pages |= {
        "/treg": Reply(article("Treg", FALL), wait=2.0),
        "/drypp": Reply(article("Drypp", FALL), drip=0.1),
        "/feil": Reply("", 500),
        "/stor": Reply("<p>" + "x" * 300_000),
        "/pdf": Reply(b"%PDF-1.7", type="application/pdf"),
        "/tom": Reply(""),
        "/skall": Reply("<html><body><div id=app></div></body></html>"),
        "/noindex": Reply(article("Skjult", FALL, head='<meta name="robots" content="noindex">')),
        "/bort": Reply("", 301, headers={"Location": "http://annen.eksempel.invalid/"}),
        "/intern": Reply("", 302, headers={"Location": "file:///etc/passwd"}),
        "/runde": Reply("", 302, headers={"Location": "/runde"}),
        "/flyttet": Reply("", 301, headers={"Location": "/ny"}),
        "/ny": Reply(article("Flyttet", FALL)),
        "/bytes": Reply(b"\xff\xfe\x00" * 50),
        "/ok": Reply(article("Helt fin", FALL)),
    }
    site.sitemap({path: None for path in site.pages if path not in {"/robots.txt", "/ny"}})
    began = time.monotonic()
    events = harvest(f"{site.url}/sitemap.xml")
    assert time.monotonic() - began < 10
    found = items(events)
    assert set(found) == {"ok", "flyttet"}
    assert found["flyttet"].record["url"] == f"{site.url}/ny"
    reasons = {p.place.rsplit("/", 1)[1]: p.reason for p in problems(events) + problems(events, "warning")}
    for path, reason in {
        "treg": "no answer within 0.5 seconds",
        "drypp": "takes longer than 1 seconds",
        "feil": "answers 500",
        "stor": "is larger than 200,000 bytes",
        "pdf": "content of type application/pdf is not read",
        "tom": "is empty",
        "skall": "has no",
        "noindex": "asks not to be indexed",
        "bort": "which is another host",
        "intern": "which is another host",
        "runde": "sends on more than 5 times",
        "bytes": "has no",
    }.items():
        assert reason in reasons[path], (path, reasons[path])


def test_other_hosts_in_a_sitemap_are_not_asked(site: Site) -> None:
    port = site.server.server_port
    xml = f"<urlset><url><loc>http://localhost:{port}/a</loc></url><url><loc>file:///etc/passwd</loc></url></urlset>"
    site.pages["/sitemap.xml"] = Reply(xml, type="application/xml")
    events = harvest(f"{site.url}/sitemap.xml")
    assert [p.severity for p in events if isinstance(p, SourceProblem)] == ["warning", "warning"]
    assert set(site.paths()) == {"/robots.txt", "/sitemap.xml"}


def test_a_busy_site_is_asked_once_more_and_then_left(site: Site) -> None:
    site.pages["/a"] = Reply("", 429, headers={"Retry-After": "0"})
    site.pages["/b"] = Reply("", 503, headers={"Retry-After": "3600"})
    site.sitemap({"/a": None, "/b": None})
    events = harvest(f"{site.url}/sitemap.xml")
    assert [p.reason[:11] for p in problems(events)] == ["answers 429", "answers 503"]
    assert (site.paths().count("/a"), site.paths().count("/b")) == (2, 1)


def test_a_site_that_stops_answering_is_given_up(site: Site) -> None:
    site.pages |= {f"/{n:02d}": Reply("", 503, headers={"Retry-After": "3600"}) for n in range(30)}
    site.sitemap({f"/{n:02d}": None for n in range(30)})
    events = harvest(f"{site.url}/sitemap.xml")
    assert len([p for p in site.paths() if p[1:].isdigit()]) == QUICK.patience
    assert "given up" in problems(events)[-1].reason


def test_a_site_that_is_not_there_is_a_problem() -> None:
    with running_site() as site:
        url = site.url
    events = harvest(f"{url}/sitemap.xml")
    assert "cannot be reached" in problems(events)[0].reason


def test_sitemaps_of_all_kinds_are_read() -> None:
    urls = b"<urlset xmlns='x'><url><loc>https://a.no/1</loc><lastmod>2026-01-01</lastmod></url></urlset>"
    for content in (urls, gzip.compress(urls, mtime=0), b"\xef\xbb\xbf" + urls):
        assert parse_sitemap(content).pages == {"https://a.no/1": "2026-01-01"}
    assert list(parse_sitemap(b"https://a.no/1\nhttps://a.no/2\n").pages) == [
        "https://a.no/1",
        "https://a.no/2",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not XML"),
        (b"<html></html>", "a sitemap is needed, got <html>"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><urlset>&a;</urlset>', "entities"),
        (gzip.compress(b"x", mtime=0)[:-9], "not gzip"),
        (gzip.compress(b"<urlset>" + b" " * 5000, mtime=0), "larger than 1,000 bytes unpacked"),
    ],
)
def test_what_is_no_sitemap_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(BadSitemap, match=reason):
        parse_sitemap(content, limit=1000)


RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
     xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Fagprat (eksempel)</title><language>nb-no</language><link>{site}</link>
<item><title>Fall hos eldre</title><guid isPermaLink="false">ep-1</guid><link>/ep/1</link>
<pubDate>Sat, 21 Nov 2026 08:00:00 +0100</pubDate><itunes:duration>24:30</itunes:duration>
<itunes:summary>Om &lt;b&gt;fall&lt;/b&gt;.</itunes:summary>
<content:encoded>&lt;p&gt;Vi snakker om fall hos eldre på sykehjem, og hva som hjelper.&lt;/p&gt;</content:encoded>
<enclosure url="{site}/1.mp3" type="audio/mpeg" length="1"/></item>
<item><title>Uten noe</title></item>
<item><title>Artikkel</title><link>{site}/artikkel</link><description>Kort om delir.</description></item>
</channel></rss>"""


def test_a_podcast_feed_becomes_episodes(site: Site) -> None:
    site.pages["/podkast.rss"] = Reply(RSS.format(site=site.url), type="application/rss+xml", etag='"f1"')
    events = harvest(f"{site.url}/podkast.rss")
    found = [e for e in events if isinstance(e, SourceItem)]
    assert [p.row for p in problems(events)] == [2]
    result = Normaliser(open_vocabulary()).normalise(found[0].record, strict=False)
    episode = result.resource
    assert episode is not None
    assert (episode.title, episode.resource_type, episode.duration) == ("Fall hos eldre", "podkast", 24)
    assert (episode.published, episode.language, episode.url) == (
        date(2026, 11, 21),
        "nb",
        f"{site.url}/ep/1",
    )
    assert episode.body == "Vi snakker om fall hos eldre på sykehjem, og hva som hjelper."
    assert episode.provider == "Fagprat (eksempel)"
    assert found[1].record["title"] == "Artikkel"


def test_an_unchanged_feed_is_not_sent_again_and_changed_entries_are(site: Site) -> None:
    text = RSS.format(site=site.url)
    site.pages["/f.xml"] = Reply(text, etag='"f1"')
    revisions = remembered(harvest(f"{site.url}/f.xml"))
    second = harvest(f"{site.url}/f.xml", revisions)
    assert [type(e) for e in second] == [SourceUnchanged, SourceUnchanged]
    site.pages["/f.xml"] = Reply(text.replace("Kort om delir", "Mer om delir"), etag='"f2"')
    third = harvest(f"{site.url}/f.xml", revisions)
    assert [e.record["title"] for e in third if isinstance(e, SourceItem)] == ["Artikkel"]


def test_atom_feeds_are_read_and_other_things_are_not(site: Site) -> None:
    site.pages["/atom"] = Reply(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>urn:1</id><title>Delir</title>'
        f'<link href="{site.url}/d"/><updated>2026-01-02T03:04:05Z</updated><content type="html">&lt;p&gt;Hei&lt;/p&gt;'
        "</content></entry></feed>"
    )
    found = [e for e in harvest(f"{site.url}/atom") if isinstance(e, SourceItem)]
    assert found[0].record["updated"] == "2026-01-02T03:04:05Z"
    site.pages["/x"] = Reply(article("Ingen strøm", FALL))
    assert "neither a feed" in problems(harvest(f"{site.url}/x"))[0].reason
    site.pages["/kart"] = Reply(f"<urlset><url><loc>{site.url}/x</loc></url></urlset>")
    assert set(items(harvest(f"{site.url}/kart"))) == {"x"}


def test_a_broken_feed_is_read_as_far_as_it_goes(site: Site) -> None:
    site.pages["/f"] = Reply(RSS.format(site=site.url).replace("</channel></rss>", ""))
    events = harvest(f"feed:{site.url}/f")
    assert len([e for e in events if isinstance(e, SourceItem)]) == 2
    assert "not well-formed" in problems(events, "warning")[0].reason


def test_secrets_in_addresses_are_not_shown(site: Site) -> None:
    site.pages["/f?token=hemmelig"] = Reply("", 500)
    events = harvest(f"feed:{site.url}/f?token=hemmelig")
    source = open_source(f"feed:{site.url}/f?token=hemmelig")
    assert "hemmelig" not in str(problems(events)[0]) + source.name
    assert shown("https://a:b@c.no/d#e") == "https://c.no/d"


def test_the_client_keeps_to_its_host() -> None:
    for location in ("ftp://a.no", "https://a:b@c.no", "http:///x", "a.no"):
        with pytest.raises(InvalidRequest):
            PoliteClient(location)
    with PoliteClient("https://eksempel.no") as client:
        assert client.own("https://EKSEMPEL.no/a")
        for other in (
            "https://eksempel.no.ond.no/",
            "https://eksempel.no:8443/",
            "file://eksempel.no/",
            "https://[::1",
            "//x",
        ):
            assert not client.own(other)
        with pytest.raises(FetchError, match="another host"):
            client.get("https://ond.eksempel.invalid/")


@pytest.mark.parametrize(
    ("thing", "kind"),
    [
        ({"@type": "Course", "name": "K"}, "kurs"),
        ({"@type": "Course", "name": "K", "courseMode": "online"}, "e-laeringskurs"),
        ({"@type": "Event", "name": "W", "startDate": "2026-01-01", "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode"}, "webinar"),
        ({"@type": "schema:PodcastEpisode", "name": "P"}, "podkast"),
        ({"@type": "http://schema.org/Article", "headline": "A"}, "fagartikkel"),
        ({"@type": "WebPage", "name": "Side", "mainEntity": {"@type": "Quiz", "name": "Q"}}, "quiz"),
        ({"@type": "LearningResource", "name": "L", "learningResourceType": [{"name": "podcast"}]}, "podcast"),
    ],
)  # fmt: skip
def test_schema_org_types_become_resource_types(thing: dict[str, object], kind: str) -> None:
    record, doubts = read_blocks([json.dumps(thing)])
    assert record["resource_type"] == kind
    assert doubts == []


@pytest.mark.parametrize(
    "block",
    [
        "",
        "null",
        "12",
        '"a"',
        "[[[[]]]]",
        '{"@type": {}, "name": []}',
        "{" * 5000,
        '{"@graph": {"@graph": {}}}',
    ],
)
def test_odd_stated_data_does_no_harm(block: str) -> None:
    record, _ = read_blocks([block])
    assert record == {}


def test_letters_of_older_pages_are_right() -> None:
    html = article("Sår på føttene", FALL).replace('<meta charset="utf-8">', "")
    record, _ = page_record(html.encode("cp1252"), "https://eksempel.no/a", None)
    assert record["title"] == "Sår på føttene"
    record, _ = page_record(html.encode("iso-8859-1"), "https://eksempel.no/a", "iso-8859-1")
    assert "på sykehjem" in str(record["body"])


def test_a_page_may_name_its_own_address_on_its_own_host_only() -> None:
    own = article("A", FALL, head='<link rel="canonical" href="/riktig#x">')
    other = article("A", FALL, head='<link rel="canonical" href="https://ond.no/">')
    assert page_record(own.encode(), "https://eksempel.no/a?x=1")[0]["url"] == "https://eksempel.no/riktig"
    assert page_record(other.encode(), "https://eksempel.no/a")[0]["url"] == "https://eksempel.no/a"
    with pytest.raises(NotAPage):
        page_record(b"<html><title>T</title></html>", "https://eksempel.no/a")


def test_the_content_of_a_feed_is_never_the_name_of_a_local_file(site: Site, tmp_path: Path) -> None:
    inside = tmp_path / "inside.xml"
    inside.write_text("<rss version='2.0'><channel><item><link>https://a.no/1</link></item></channel></rss>")
    site.pages["/feed"] = Reply(str(inside), type="application/xml")
    events = harvest(f"feed:{site.url}/feed")
    assert not items(events)
    assert len(problems(events)) == 1


@pytest.mark.parametrize("charset", ["undefined", "punycode", "idna", "finnes-ikke", "rot13"])
def test_a_charset_that_is_none_costs_nothing(site: Site, charset: str) -> None:
    feed = "<rss version='2.0'><channel><item><title>Fall</title><link>https://a.no/1</link></item></channel></rss>"
    page = article("Fall", FALL).replace('"utf-8"', charset)
    site.pages |= {
        "/a": Reply(page, type=f"text/html; charset={charset}"),
        "/b": Reply(article("Fall", FALL)),
        "/feed": Reply(feed, type=f"application/rss+xml; charset={charset}"),
        "/odd": Reply(f'<?xml version="1.0" encoding="{charset}"?>{feed}', type="application/xml"),
    }
    site.sitemap({"/a": None, "/b": None})
    assert set(items(harvest(f"{site.url}/sitemap.xml"))) == {"a", "b"}
    assert len(items(harvest(f"feed:{site.url}/feed"))) == 1
    odd = harvest(f"feed:{site.url}/odd")  # what states it in itself is read, or is a problem
    assert items(odd) or problems(odd)


def test_a_site_that_wants_days_between_requests_is_left_alone(site: Site) -> None:
    site.pages["/robots.txt"] = Reply("User-agent: *\nCrawl-delay: 86400\n")
    site.sitemap({"/a": None})
    pauses: list[float] = []
    source = SitemapSource(
        f"{site.url}/sitemap.xml", QUICK, lambda url, limits: PoliteClient(url, limits, sleep=pauses.append)
    )
    (problem,) = problems(list(source.items({})))
    assert "86400 seconds" in problem.reason
    assert site.paths() == ["/robots.txt"]
    assert not pauses
