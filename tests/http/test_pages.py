import gzip
import re
import socket
import subprocess
from urllib.parse import quote

import httpx
import pytest

from api.assets import STATIC
from api.texts import LANGUAGES, Translator, texts
from api.views import interval
from page_outline import Outline
from small_bank import WRITER

PAGES = ["/", "/?q=fall&theme=fallforebygging", "/?q=fall&role=sykepleier&plan=plan-sykepleier&diversify=requirement",
         "/ressurs/kb-1", "/ressurs/kb-11", "/rolle", "/rolle/sykepleier", "/rolle/hjemmesykepleier",
         "/rolle/sykepleier/forskjell", "/rolle/hjemmesykepleier/forskjell?til=sykepleier", "/plan/plan-sykepleier",
         "/plan/plan-gammel", "/krav/krav-fall", "/krav/krav-tomt", "/vocabulary/tema/fallforebygging",
         "/vocabulary/rolle/sykepleier", "/vocabulary", "/vocabulary?q=fall", "/vocabulary/prosedyre", "/om"]  # fmt: skip
HTML = {"Accept": "text/html"}


def test_texts_have_the_same_keys_and_blanks_in_every_language():
    def shape(lang):
        return {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in texts(lang).items()}

    assert shape("nb") == shape("nn") == shape("en")
    assert LANGUAGES == ("nb", "nn", "en")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_in_every_language(site, path, lang):
    answer = site.get(
        path, params=dict(httpx.QueryParams(path.partition("?")[2])) | {"lang": lang}, headers=HTML
    )
    assert answer.status_code == 200, answer.text
    page = Outline(answer.text)
    assert page.all("html")[0]["lang"] == lang
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    labelled = {a.get("for") for a in page.all("label")}
    for field in page.all("input") + page.all("select"):
        assert field.get("type") == "hidden" or field["id"] in labelled
    for reference in [a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a]:
        assert reference in ids
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", PAGES)
def test_links_of_pages_lead_somewhere_and_nothing_comes_from_elsewhere(site, path):
    page = Outline(site.get(path, headers=HTML).text)
    for tag, attribute in (("script", "src"), ("link", "href"), ("img", "src")):
        for found in [a for a in page.all(tag) if a.get("rel") != "canonical" and attribute in a]:
            assert found[attribute].startswith("/"), found
    seen = {a["href"] for a in page.all("a") if a["href"].startswith("/")}
    for address in sorted(seen)[:40]:
        assert site.get(address, headers=HTML).status_code == 200, address


def test_language_follows_the_browser_and_the_address_wins(site):
    assert (
        Outline(site.get("/", headers={"Accept-Language": "nn-NO,nb;q=0.8"}).text).all("html")[0]["lang"]
        == "nn"
    )
    assert (
        Outline(site.get("/?lang=en", headers={"Accept-Language": "nn"}).text).all("html")[0]["lang"] == "en"
    )


def test_facets_are_checkboxes_with_the_count_in_the_name_and_keep_the_choice(site):
    html = site.get("/?q=fall&theme=fallforebygging&theme=demens", headers=HTML).text
    page = Outline(html)
    boxes = {(a["name"], a["value"]): a for a in page.all("input") if a.get("type") == "checkbox"}
    assert "checked" in boxes["theme", "fallforebygging"]
    assert "checked" in boxes["theme", "demens"]
    assert "checked" not in boxes["resource_type", "film"]
    total = site.get("/v1/search?q=fall&theme=fallforebygging&theme=demens").json()["facets"]
    film = next(
        v["count"] for f in total if f["name"] == "resource_type" for v in f["values"] if v["value"] == "film"
    )
    label = re.search(r'<label[^>]*for="f-resource_type-film">(.*?)</label>', html).group(1)
    assert f'<span class="ds-sr-only">{film} treff</span>' in label


def test_a_selected_value_without_hits_can_be_removed(site):
    html = site.get("/?q=håndhygiene&theme=demens&mode=lexical", headers=HTML).text
    page = Outline(html)
    assert any(a.get("value") == "demens" and "checked" in a for a in page.all("input"))
    chip = next(a for a in page.all("a") if a.get("class") == "ds-chip")
    assert "theme" not in chip["href"]
    assert "q=h" in chip["href"]
    assert "Fjern alle filtre" in html


def test_what_the_form_has_no_field_for_is_carried_along(site):
    page = Outline(site.get("/?q=fall&max_duration=30&mode=lexical&role=sykepleier", headers=HTML).text)
    hidden = {a["name"]: a["value"] for a in page.all("input") if a.get("type") == "hidden"}
    assert hidden == {"max_duration": "30", "mode": "lexical", "role": "sykepleier"}


def test_sample_content_is_marked_on_page_and_hit(site):
    assert "sample-note" in site.get("/ressurs/kb-1").text
    assert "sample-note" not in site.get("/ressurs/kb-2").text
    assert "Eksempelinnhold" in site.get("/?q=fallforebygging", headers={"Accept-Language": "nb"}).text


def test_an_expired_review_date_is_said_in_words(site):
    def own_part(path):
        return site.get(path, headers={"Accept-Language": "nb"}).text.partition('id="lignende"')[0]

    assert "Revisjonsdato utløpt" in own_part("/ressurs/kb-2")
    assert "Revisjonsdato utløpt" not in own_part("/ressurs/kb-1")


def test_json_ld_of_a_hostile_title_cannot_leave_its_element(site):
    html = site.get("/ressurs/kb-11").text
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL).group(1)
    assert "<" not in block
    assert "angrep" in block


def test_ticking_done_changes_states_and_recommendations_and_stores_nothing(site, bank):
    before = bank.catalogue.last_seq()
    answer = site.post(
        "/rolle/sykepleier", data={"done": "krav-fall", "minutes": "60"}, headers={"Accept-Language": "nb"}
    )
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "Godkjent" in answer.text
    assert "/ressurs/kb-1" not in answer.text
    assert "/ressurs/kb-6" in answer.text
    assert bank.catalogue.last_seq() == before
    assert site.post("/rolle/sykepleier", data={"minutes": "mange"}).status_code == 422


def test_unknown_addresses_get_a_page_in_the_same_look(site):
    answer = site.get("/finnes-ikke?lang=nn", headers=HTML)
    assert answer.status_code == 404
    assert "Vi finn ikkje sida" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_the_first_page_weighs_less_than_50_kb_compressed(site):
    html = site.get("/", headers=HTML | {"Accept-Encoding": "gzip"})
    assert html.headers["content-encoding"] == "gzip"
    page = Outline(html.text)
    files = [a["href"] for a in page.all("link") if a["rel"] in {"stylesheet", "icon"}]
    files += [a["src"] for a in page.all("script") if "src" in a]
    weight = len(gzip.compress(html.content)) + sum(len(gzip.compress(site.get(f).content)) for f in files)
    assert weight < 50_000
    sheets = [a for a in page.all("link") if a["rel"] == "stylesheet"]
    assert len(sheets) == 1


def test_built_files_may_be_kept_for_a_year(site):
    sheet = next(a["href"] for a in Outline(site.get("/").text).all("link") if a["rel"] == "stylesheet")
    assert "immutable" in site.get(sheet).headers["cache-control"]
    assert site.get("/static/../assets.py").status_code == 404
    assert site.get("/static/%2e%2e/assets.py").status_code == 404


def test_static_files_are_in_the_repository_as_the_manifest_says():
    names = {p.relative_to(STATIC).as_posix() for p in STATIC.rglob("*") if p.is_file()}
    ignored = subprocess.run(
        ["git", "check-ignore", *(str(STATIC / n) for n in names)],
        cwd=STATIC,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored.stdout == ""
    assert len(names) == 5


@pytest.mark.parametrize("path", ["//ond.example/x", "/%2Fond.example", "/%5Cond.example", "///ond.example"])
def test_no_address_on_a_page_leads_to_another_host(site, path):
    host, _, port = str(site.base_url).removeprefix("http://").rstrip("/").partition(":")
    with socket.create_connection((host, int(port))) as raw:  # clients tidy such addresses up
        raw.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: raw.recv(65536), b"")).decode()
    addresses = [a["href"] for a in Outline(answer).all("a")]
    assert any("lang=nn" in a for a in addresses)
    assert all(re.match(r"#|/(?![/\\])", a) for a in addresses), addresses


def test_a_form_of_too_many_fields_is_refused(site):
    answer = site.post("/rolle/sykepleier", content="&".join(["done=krav-fall"] * 5001), headers=HTML)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


def test_addresses_of_odd_ids_are_written_so_that_they_lead_back(own_site):
    for name in ("a#b", "a?b", "æ+å"):
        quoted = quote(name)
        own_site.put(f"/v1/resources/{quoted}", json={"title": "T"}, headers={"X-API-Key": WRITER})
        page = Outline(own_site.get(f"/ressurs/{quoted}", headers=HTML).text)
        (canonical,) = [a["href"] for a in page.all("link") if a.get("rel") == "canonical"]
        assert canonical.endswith(f"/ressurs/{quoted}")
        jsonld = own_site.get(f"/v1/resources/{quoted}", headers={"Accept": "application/ld+json"}).json()
        assert jsonld["@id"].endswith(f"/resource/{quoted}")


def test_the_page_of_a_concept_lists_what_the_facet_of_its_scheme_finds(site):
    total = site.get("/v1/search", params={"patient_group": "personer-demens"}).json()["total"]
    page = site.get("/vocabulary/malgruppe/personer-demens", headers=HTML)
    assert total == 1
    assert "Demens og kommunikasjon" in page.text


@pytest.mark.parametrize(
    ("months", "lang", "shown"),
    [
        (12, "nb", "Hvert år"),
        (24, "nb", "Hvert 2. år"),
        (18, "nb", "Hver 18. måned"),
        (12, "nn", "Kvart år"),
        (36, "nn", "Kvart 3. år"),
        (24, "en", "Every 2 years"),
        (1, "en", "Every month"),
        (None, "nb", "Én gang"),
    ],
)
def test_intervals_of_whole_years_are_said_in_years(months, lang, shown):
    assert interval(months, Translator(lang)) == shown
