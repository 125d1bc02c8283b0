"""Review dates are followed by feed readers and calendars: what is published, and nothing of anybody."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta

from icalendar import Calendar

from small_bank import NOW, RESOURCES

ATOM = "{http://www.w3.org/2005/Atom}"
TODAY = NOW.date()
BY_ID = {r.id: r for r in RESOURCES}


def events(site, **params):
    answer = site.get("/v1/feeds/review.ics", params=params)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/calendar")
    return {str(e["uid"]): e for e in Calendar.from_ical(answer.content).walk("VEVENT")}


def entries(site, **params):
    answer = site.get("/v1/feeds/review.atom", params=params)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "application/atom+xml")
    feed = ET.fromstring(answer.content)
    assert feed.find(f"{ATOM}updated") is not None
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    found = feed.findall(f"{ATOM}entry")
    ids = [e.findtext(f"{ATOM}id") for e in found]
    assert len(ids) == len(set(ids))
    assert all(e.findtext(f"{ATOM}updated", "").endswith("Z") for e in found)
    return [e.findtext(f"{ATOM}title") for e in found]


def test_a_calendar_has_what_is_published_and_moves_an_entry_with_its_date(own_site, own_bank):
    given = {"kb-1": 10, "kb-7": 20, "kb-10": 5, "kb-3": 364, "kb-4": 366}
    own_bank.write_resources(
        [replace(BY_ID[i], review_due=TODAY + timedelta(n)) for i, n in given.items()], by="test"
    )
    found = events(own_site, lang="nn")
    days = {str(e["summary"]): e["dtstart"].dt for e in found.values()}
    assert days == {
        "Gjennomgang: Film om fall i hjemmet": BY_ID["kb-2"].review_due,
        "Gjennomgang: Fallforebygging i sykehjem": TODAY + timedelta(10),
        "Gjennomgang: Lokal rutine for fall på Ahus": TODAY + timedelta(20),
        "Gjennomgang: Demens og kommunikasjon": TODAY + timedelta(364),
    }  # no draft, nothing beyond a year
    own_bank.reviews.mark("kb-2", due=TODAY + timedelta(40), by="test")
    moved = events(own_site)
    assert moved.keys() == found.keys()
    assert TODAY + timedelta(40) in {e["dtstart"].dt for e in moved.values()}
    own_bank.withdraw("kb-2", by="test")
    assert len(events(own_site)) == 3
    assert [str(e["summary"]) for e in events(own_site, edition="ahus").values()] == [
        "Gjennomgang: Lokal rutine for fall på Ahus"
    ]
    assert len(events(own_site, topic="demens")) == 1
    assert len(events(own_site, responsible="Redaksjonen (eksempel)")) == 1
    assert own_site.get("/v1/feeds/review.ics", params={"edition": "nowhere"}).status_code == 400


def test_a_feed_says_what_has_expired_and_what_is_due(site):
    assert entries(site, within=3660, lang="nb") == [
        "Gått ut 2026-01-01: Film om fall i hjemmet", "Gjennomgang 2028-03-01: Fallforebygging i sykehjem",
    ]  # fmt: skip
    assert entries(site, lang="en") == ["Expired 2026-01-01: Film om fall i hjemmet"]
    head = site.get("/v1/feeds/review.atom")
    again = site.get("/v1/feeds/review.atom", headers={"If-None-Match": head.headers["etag"]})
    assert again.status_code == 304
