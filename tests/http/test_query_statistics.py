"""Searches are counted over HTTP: nobody's number reaches the disk, small counts reach nobody, wishes reach editors."""

import io
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, quote_plus

import httpx
import openpyxl
import pytest

from api.routes import statistics
from engine.bootstrap import load_settings, open_engine
from engine.model import AuditEntry
from engine.statistics_ports import ClickCount, SearchCount
from small_bank import KEYS, LOCAL, NOW, READER, WRITER, open_bank, serving

DEMAND, WISHES = "/v1/editor/demand", "/v1/editor/wishes"
ROOT = Path(__file__).parents[2]
KNOWN = "delir hos eldre"

PLANTED = (
    "17054026641",
    "170540 26641",
    "170540-26641 fall",
    "fnr 17.05.40 266 41",
    "５７０５４０２６６４１",
    "22 33 44 55",
    "+47 912 34 567",
    "ring 91234567 om fall",
    "kari.nordmann@example.org",
    "Kari Nordmann",
    "4571 1234 5678 9010",
    "https://journal.example.org/pasient?id=17054026641",
)

PROGRAM = """
import sys
from pathlib import Path
from api.server import listen, serve
from small_bank import open_bank

listener = listen("127.0.0.1", 0)
engine = open_bank(Path(sys.argv[1]))
print(listener.getsockname()[1], flush=True)
serve(engine, listener)
engine.close()
"""


def forms(text):
    """Return a text as it might stand in a file."""
    bare = "".join(c for c in text if c.isalnum())
    spellings = {text, bare, quote(text), quote_plus(text), text.lower(), bare.lower()}
    return {s.encode(code) for s in spellings for code in ("utf-8", "utf-16-le")}


def send_everywhere(client, text):
    """Send a text by every way there is for readers."""
    for path in ("/", "/v1/suggest", "/onske"):
        assert client.get(path, params={"q": text}).status_code == 200
    assert client.get("/v1/search", params={"q": text, "final": "true"}).status_code == 200
    click = {"query": text, "resource": "kb-1", "position": 1}
    assert client.post("/v1/statistics/click", json=click).status_code == 204
    assert client.post("/onske", data={"text": text, "query": text}).status_code == 400
    kept = client.post("/v1/wishes", json={"text": "Noe om fall på nynorsk", "query": text})
    assert kept.status_code == 201


def test_no_number_telephone_or_address_of_a_person_reaches_the_disk_or_the_log(own_folder, tmp_path):
    program, temporary = tmp_path / "program.py", tmp_path / "temporary"
    program.write_text(PROGRAM, encoding="utf-8")
    temporary.mkdir()
    before = {path: path.read_bytes() for path in own_folder.rglob("*") if path.is_file()}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(program), str(own_folder)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
                "TMPDIR": str(temporary),
            },
        )
        try:
            port = int(process.stdout.readline())
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, verify=False) as client:
                for text in PLANTED:
                    send_everywhere(client, text)
                for _ in range(10):
                    assert client.get("/", params={"q": KNOWN}).status_code == 200
                while_running = written(before, own_folder, temporary)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
            process.stdout.close()
    after = written(before, own_folder, temporary) | {"log": (tmp_path / "log").read_bytes().lower()}
    for where in (while_running, after):
        for text in PLANTED:
            found = [
                name for name, data in where.items() if any(form.lower() in data for form in forms(text))
            ]
            assert found == [], text
    assert any(KNOWN.encode() in data for data in after.values()), "the search itself finds what is there"
    assert b"/v1/wishes" in after["log"]


def written(before, *folders):
    """Return every file that is not as it was, in lower case: what is as it was holds nothing of what was sent."""
    now = {p: p.read_bytes() for folder in folders for p in folder.rglob("*") if p.is_file()}
    return {str(p): data.lower() for p, data in now.items() if data != before.get(p)}


@pytest.fixture
def ask(own_site, own_bank):
    """Ask a query some times, and have it counted."""

    def ask_(text, n, **params):
        for _ in range(n):
            assert own_site.get("/", params={"q": text, **params}).status_code == 200
        own_bank.counter.flush()

    return ask_


def demand(site, key=WRITER, **params):
    answer = site.get(DEMAND, params={"show": "popular", **params}, headers={"X-API-Key": key})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return answer.json()


def rows(site, **params):
    return {row["query"]: row for row in demand(site, **params)["queries"]}


def test_counts_are_shown_from_five(own_site, ask):
    ask(KNOWN, 4)
    assert rows(own_site) == {}
    ask(KNOWN, 1)
    assert {q: row["searches"] for q, row in rows(own_site).items()} == {KNOWN: 5}
    assert demand(own_site)["searches"] == 0, "totals are whole tens"
    for format_ in ("csv", "xlsx"):
        answer = own_site.get(
            DEMAND, params={"show": "popular", "format": format_}, headers={"X-API-Key": WRITER}
        )
        assert answer.status_code == 200
        if format_ == "csv":
            assert answer.text.splitlines()[1].startswith(f"{KNOWN},5,")
        else:
            sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
            assert [cell.value for cell in sheet[2]][:2] == [KNOWN, 5]


def test_pages_filters_sorting_and_feeds_are_the_same_search(own_site, ask):
    first = own_site.get("/", params={"q": "fall", "k": 2})
    assert "cursor=" in first.text
    cursor = own_site.get("/v1/search", params={"q": "fall", "k": 2}).json()["next_cursor"]
    for params in (
        {"cursor": cursor, "k": 2}, {"theme": "fallforebygging"}, {"sort": "updated"}, {"max_duration": 60}, {"mode": "lexical"},
    ):  # fmt: skip
        ask("fall", 6, **params)
    own_site.get("/", params={"q": "fall"}, headers={"Sec-Purpose": "prefetch"})
    own_site.get("/v1/feeds/atom", params={"q": "fall"})
    for _ in range(6):
        own_site.get("/v1/search", params={"q": "fall"})
    ask("fall", 4)
    assert {r for r, row in rows(own_site).items() if row["searches"] > 5} == set()
    assert rows(own_site)["fall"]["searches"] == 5


def test_the_api_counts_what_is_said_to_be_finished_and_not_what_is_fetched_again(own_site, own_bank):
    for _ in range(6):
        answer = own_site.get("/v1/search", params={"q": KNOWN, "final": "true", "lang": "nn"})
    for _ in range(6):
        again = own_site.get(
            "/v1/search",
            params={"q": KNOWN, "final": "true", "lang": "nn"},
            headers={"If-None-Match": answer.headers["etag"]},
        )
        assert again.status_code == 304
    own_bank.counter.flush()
    assert rows(own_site)[KNOWN]["searches"] == 6


def test_a_zero_result_query_comes_with_its_nearest_concept_and_demand_with_requirement_and_plans(
    own_site, own_bank
):
    counts = [SearchCount("fallforebyggende", NOW.date(), "felles", "nb", 0, 34)]
    counts += [SearchCount("forverret tilstand", NOW.date(), "felles", "nb", 4, 50)]
    own_bank.statistics.add(counts, [], since=NOW.date())
    zero = rows(own_site, show="zero", lang="en")
    assert list(zero) == ["fallforebyggende"]
    assert zero["fallforebyggende"]["concept"] == "tema/fallforebygging"
    found = rows(own_site, show="gaps", lang="en")
    assert found["fallforebyggende"]["gap"] == "no_hits"
    assert found["fallforebyggende"]["sentence"].startswith(
        "34 searches for “fallforebyggende”, most without hits; "
    )
    sentences = {
        lang: rows(own_site, show="zero", lang=lang)["fallforebyggende"]["sentence"] for lang in ("nb", "nn")
    }
    assert sentences["nb"].startswith("34 søk etter «fallforebyggende», de fleste uten treff; ")
    assert sentences["nn"].startswith("34 søk etter «fallforebyggende», dei fleste utan treff; ")


def test_a_query_that_names_a_requirement_is_joined_with_plans_and_languages(own_site, own_bank):
    counts = [
        SearchCount("krav uten ressurs", NOW.date(), "felles", "nb", 4, 34),
        SearchCount("fallforebygging", NOW.date(), "felles", "nb", 4, 20),
    ]
    own_bank.statistics.add(counts, [], since=NOW.date())
    found = rows(own_site, show="gaps", lang="en")
    row = found["krav uten ressurs"]
    assert (row["gap"], row["requirements"][0]["requirement"]) == ("no_resource", "krav-tomt")
    assert row["requirements"][0]["plans"] == ["plan-sykepleier"]
    assert row["requirements"][0]["resources"] == {"nb": 0, "nn": 0, "en": 0}
    assert row["sentence"] == (
        "34 searches for “krav uten ressurs”; a requirement in 1 plan (krav uten ressurs); "
        "0 resources in Bokmål, 0 resources in Nynorsk."
    )
    assert "fallforebygging" not in found, "it has resources in both written forms"


def test_a_key_of_an_edition_sees_its_own_readers_and_no_small_number_of_others(own_site, ask):
    ask("fall", 6, edition="ahus")
    ask("fall", 7)
    ask("delir", 5, edition="ahus")
    ask("delir", 2)
    ask("demens", 9)
    assert {q: row["searches"] for q, row in rows(own_site, key=LOCAL).items()} == {"fall": 6}
    every = rows(own_site)
    assert {q: row["searches"] for q, row in every.items()} == {"fall": 13, "demens": 9, "delir": 7}
    assert every["fall"]["editions"] == {"ahus": 6, "felles": 7}
    assert every["delir"]["editions"] == {}, "7 less 5 is 2"
    assert {q: row["searches"] for q, row in rows(own_site, edition="ahus").items()} == {"fall": 6}
    refused = own_site.get(DEMAND, params={"edition": "oslo"}, headers={"X-API-Key": LOCAL})
    assert refused.status_code == 403


@pytest.mark.parametrize(("method", "path"), [("GET", DEMAND), ("GET", WISHES), ("PUT", f"{WISHES}/a")])
def test_nothing_of_it_goes_without_a_writers_key(site, method, path):
    for key, status in (("", 401), ("nonsense", 401), (READER, 403)):
        body = {"json": {"state": "handled"}} if method == "PUT" else {}
        answer = site.request(method, path, headers={"X-API-Key": key}, **body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_clicks_are_told_from_five_by_place_and_as_a_rate(own_site, own_bank, ask):
    ask("fall", 10)

    def click(n, **body):
        for _ in range(n):
            assert own_site.post("/v1/statistics/click", json={"query": "fall", **body}).status_code == 204
        own_bank.counter.flush()

    click(4, resource="kb-1", position=1)
    assert (rows(own_site)["fall"]["clicks"], rows(own_site)["fall"]["positions"]) == (None, {})
    click(1, resource="kb-2", position=2)
    row = rows(own_site)["fall"]
    assert (row["clicks"], row["click_rate"], row["positions"]) == (5, 0.5, {})
    click(1, resource="kb-1", position=1)
    click(4, resource="kb-2", position=3)
    assert rows(own_site)["fall"]["positions"] == {"1": 5, "2-3": 5}
    assert own_site.post("/v1/statistics/click", json={"resource": "kb-10"}).status_code == 404, "a draft"
    assert own_site.post("/v1/statistics/click", json={"resource": "nowhere"}).status_code == 404
    assert own_site.post("/v1/statistics/click", json={"resource": "kb-1", "user": "x"}).status_code == 422


def test_the_form_works_without_a_script_and_says_why_it_refuses(own_site):
    page = own_site.get("/", params={"q": "zzqx", "lang": "nn"})
    assert 'action="/onske?lang=nn" method="post"' in page.text
    assert 'name="query" form="onske" value="zzqx"' in page.text
    refused = own_site.post("/onske?lang=nn", data={"text": "Ring 22 33 44 55", "query": "delir"})
    assert (refused.status_code, refused.headers["cache-control"]) == (400, "no-store")
    assert "telefonnummer" in refused.text
    assert ">Ring 22 33 44 55</textarea>" in refused.text
    assert own_site.get(WISHES, headers={"X-API-Key": WRITER}).json() == {"total": 0, "wishes": []}
    thanks = own_site.post("/onske?lang=nn", data={"text": "Kurs på <b>nynorsk</b>", "query": " Delir? "})
    assert thanks.status_code == 200
    assert "Takk" in thanks.text
    (wish,) = own_site.get(WISHES, headers={"X-API-Key": WRITER}).json()["wishes"]
    del wish["id"]
    assert wish == {
        "day": "2026-11-21", "edition": "felles", "language": "nn", "query": "delir", "text": "Kurs på <b>nynorsk</b>",
        "state": "new", "state_label": "nytt", "by": "", "handled": None,
    }  # fmt: skip
    assert "zzqx" not in own_site.get("/", params={"q": "fall"}).text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "some words"),
        ("?!", "some words"),
        ("x" * 501, "500 characters"),
        ("17054026641", "long number"),
        ("a@example.org", "e-mail"),
        ("Kari Nordmann", "name"),
    ],
)
def test_a_wish_is_refused_in_words(site, text, said):
    answer = site.post("/v1/wishes", json={"text": text, "lang": "en"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert said in answer.json()["detail"]
    assert text == "" or text not in answer.json()["detail"]


def test_wishes_are_handled_by_those_of_their_edition_with_an_audit_line(own_site, own_bank):
    own_site.post("/v1/wishes", json={"text": "Om delir", "edition": "ahus", "query": KNOWN})
    own_site.post("/v1/wishes", json={"text": "Om fall"})
    listed = own_site.get(WISHES, headers={"X-API-Key": LOCAL}).json()["wishes"]
    assert [w["text"] for w in listed] == ["Om delir"]
    every = {w["text"]: w["id"] for w in own_site.get(WISHES, headers={"X-API-Key": WRITER}).json()["wishes"]}
    assert set(every) == {"Om delir", "Om fall"}

    def settle(text, key, state="handled"):
        return own_site.put(f"{WISHES}/{every[text]}", json={"state": state}, headers={"X-API-Key": key})

    assert settle("Om fall", LOCAL).status_code == 403
    done = settle("Om delir", LOCAL)
    assert (done.json()["state"], done.json()["by"], done.json()["handled"]) == (
        "handled", "redaksjon-ahus", "2026-11-21",
    )  # fmt: skip
    wish = f"wish:{every['Om delir']}"
    assert list(own_bank.catalogue.audit_trail(wish)) == [
        AuditEntry(NOW, "redaksjon-ahus", "handled wish", wish, "")
    ]
    new = own_site.get(WISHES, params={"state": "new", "format": "csv"}, headers={"X-API-Key": WRITER}).text
    assert "Om fall" in new
    assert "Om delir" not in new
    assert (
        own_site.put(f"{WISHES}/x", json={"state": "new"}, headers={"X-API-Key": WRITER}).status_code == 404
    )


def test_more_wishes_than_a_process_takes_are_put_off(own_site):
    for n in range(statistics.WISHES_A_MINUTE):
        assert own_site.post("/v1/wishes", json={"text": f"Om fall nummer {n}"}).status_code == 201
    late = own_site.post("/v1/wishes", json={"text": "Om fall igjen"})
    assert late.status_code == 429
    assert late.json()["type"].endswith("/too-many")
    assert int(late.headers["retry-after"]) >= 1
    assert own_site.post("/onske", data={"text": "Om fall igjen"}).status_code == 429


def test_when_it_is_off_nothing_is_counted_or_taken(own_folder):
    engine = open_bank(own_folder, query_statistics=False)
    with serving(engine) as address, httpx.Client(base_url=address, verify=False) as client:
        for _ in range(6):
            page = client.get("/", params={"q": "zzqx"})
            client.get("/ressurs/kb-1")
        assert 'id="onske"' not in page.text
        assert client.post("/v1/wishes", json={"text": "Om fall"}).status_code == 404
        assert client.post("/v1/statistics/click", json={"resource": "kb-1"}).status_code == 204
        found = client.get(DEMAND, headers={"X-API-Key": WRITER}).json()
        assert (found["counted"], found["queries"]) == (False, [])
    engine.close()
    assert not (own_folder / "statistics.db").exists()


def test_a_server_removes_what_is_too_old_by_itself(own_folder):
    engine = open_bank(own_folder)
    engine.statistics.add([SearchCount("fall", NOW.date(), "felles", "nb", 4, 9)], [], since=NOW.date())
    engine.close()
    later = NOW + timedelta(days=90)
    settings = load_settings(data=own_folder, embedder="hashing", api_keys=KEYS)
    moved = open_engine(settings, now=lambda: later)
    assert [s.searches for s in moved.statistics.searches(since=NOW.date())] == [9]
    with serving(moved) as address, httpx.Client(base_url=address, verify=False) as client:
        for _ in range(200):
            if not moved.statistics.searches(since=NOW.date()):
                break
            client.get("/healthz")
        assert moved.statistics.searches(since=NOW.date()) == []
    moved.close()


def test_what_is_opened_often_counts_a_little_from_the_next_day_and_the_answer_is_the_same_all_day(
    own_site, own_bank, monkeypatch
):
    def recommended():
        items = own_site.get(
            "/v1/recommendations", params={"role": "sykepleier", "k": 50, "lang": "en"}
        ).json()["items"]
        return {i["resource"]["id"]: i for i in items}

    before = recommended()
    for _ in range(9):
        own_site.get("/ressurs/kb-2")
    own_bank.counter.flush()
    assert json.dumps(recommended()) == json.dumps(before)
    assert all(i["opened"] is None for i in before.values())
    tomorrow = NOW + timedelta(days=1)
    monkeypatch.setattr(own_bank, "now", lambda: tomorrow)
    after = recommended()
    assert (after["kb-2"]["opened"], after["kb-2"]["opened_sentence"]) == (
        9, "Opened 9 times in the last 90 days; this counts a little.",
    )  # fmt: skip
    parts = {p["name"]: p["value"] for p in after["kb-2"]["parts"]}
    assert 0 < parts["popularity"] <= 0.02
    own_bank.statistics.add([], [ClickCount("", "kb-1", 0, tomorrow.date(), 50)], since=NOW.date())
    assert json.dumps(recommended()) == json.dumps(after)
