from urllib.parse import unquote

import httpx
import pytest

from engine.errors import BackendUnavailable, Conflict
from small_bank import WRITER, fill, open_bank, serving

WRITE = {"Authorization": f"Bearer {WRITER}"}


def assert_problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) - {"errors"} == {"type", "title", "status", "detail", "instance"}
    assert body["status"] == status
    assert body["title"]
    assert unquote(body["instance"]) == unquote(answer.request.url.raw_path.decode().split("?")[0])
    return body


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/finnes-ikke", 404),
        ("GET", "/v1", 404),
        ("GET", "/static/finnes-ikke.css", 404),
        ("GET", "/v1/resources/finnes-ikke", 404),
        ("GET", "/v1/resources/%00", 404),
        ("GET", "/v1/resources/%ff", 404),
        ("GET", "/v1/resources/kb-10", 404),
        ("GET", "/v1/roles/finnes-ikke", 404),
        ("GET", "/v1/roles/2223", 400),
        ("GET", "/v1/requirements/finnes-ikke", 404),
        ("GET", "/v1/requirements/finnes-ikke/resources", 404),
        ("GET", "/v1/plans/finnes-ikke", 404),
        ("GET", "/v1/concepts/tema/finnes-ikke", 404),
        ("GET", "/v1/recommendations?role=finnes-ikke", 404),
        ("GET", "/v1/recommendations?role=sykepleier&plan=finnes-ikke", 404),
        ("GET", "/v1/paths?role=sykepleier&resource=finnes-ikke", 404),
        ("GET", "/v1/search?facet=finnes-ikke=1", 400),
        ("GET", "/v1/search?facet_contains=theme", 400),
        ("GET", "/v1/search?facet_contains=:fall", 400),
        ("GET", "/v1/search?facet_contains=finnes-ikke:fall", 400),
        ("GET", "/v1/search?facet_contains=theme:fall&facet_contains=theme:demens", 400),
        ("GET", "/v1/search?facet=uten-likhetstegn", 400),
        ("GET", "/v1/search?cursor=tull", 400),
        ("GET", "/v1/search?role=finnes-ikke", 404),
        ("POST", "/v1/search", 405),
        ("DELETE", "/healthz", 405),
        ("PATCH", "/v1/resources/kb-1", 405),
    ],
)
def test_every_failure_has_the_one_shape(site, method, path, status):
    answer = site.request(method, path)
    assert_problem(answer, status)
    if status == 405:
        assert answer.headers["allow"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("k=0", "k"), ("k=101", "k"), ("k=ti", "k"), ("sort=tittel", "sort"), ("mode=x", "mode"), ("lang=de", "lang"),
        ("max_duration=-1", "max_duration"), ("reviewed_since=i-går", "reviewed_since"), ("q=" + "x" * 20_001, "q"),
    ],
)  # fmt: skip
def test_a_parameter_that_is_not_valid_is_named(site, query, field):
    body = assert_problem(site.get(f"/v1/search?{query}"), 422)
    assert [e["field"] for e in body["errors"]] == [field]
    assert body["errors"][0]["message"]


def test_fields_of_a_body_are_named(site):
    body = assert_problem(
        site.post(
            "/v1/recommendations", json={"role": "sykepleier", "done": [{"requirement": "a", "state": "x"}]}
        ),
        422,
    )
    assert body["errors"][0]["field"] == "done.0.state"
    assert_problem(
        site.post("/v1/recommendations", content=b"{", headers={"Content-Type": "application/json"}), 422
    )


@pytest.mark.parametrize(
    "error", [BackendUnavailable("db-17.internal does not answer"), Conflict("another write came first")]
)
def test_errors_of_the_engine_have_their_status(own_bank, own_site, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(own_bank.catalogue, "upsert", fail)
    answer = own_site.post("/v1/resources", json={"id": "a", "title": "b"}, headers=WRITE)
    body = assert_problem(answer, 409 if isinstance(error, Conflict) else 503)
    if isinstance(error, Conflict):
        assert body["detail"] == str(error)
    else:  # which machine it is, is for the log
        assert "db-17" not in answer.text
        assert "Try again" in body["detail"]


def test_a_fault_of_ours_says_nothing_of_itself(own_bank, own_site, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("hemmelig detalj om fall")

    monkeypatch.setattr(own_bank, "search", fail)
    with caplog.at_level("INFO", "kompetansegraf"):
        body = assert_problem(own_site.get("/v1/search?q=fall"), 500)
    assert "hemmelig" not in str(body)
    fault = next(r for r in caplog.records if r.name == "kompetansegraf.error")
    assert fault.fields["error"] == "RuntimeError"
    assert "hemmelig" not in str(fault.fields)
    page = own_site.get("/?q=fall", headers={"Accept": "text/html"})
    assert page.status_code == 500
    assert "Noe gikk galt hos oss" in page.text
    assert page.headers["content-security-policy"]


def test_before_the_first_index_run_reading_says_so_and_the_rest_works(tmp_path):
    fill(tmp_path, indexed=False)
    engine = open_bank(tmp_path)
    with serving(engine) as address, httpx.Client(base_url=address) as site:
        body = assert_problem(site.get("/v1/search?q=fall"), 503)
        assert body["type"].endswith("/index-missing")
        assert site.get("/v1/resources/kb-1").status_code == 200
        assert site.get("/healthz").status_code == 200
        ready = site.get("/readyz")
        assert ready.status_code == 503
        assert (ready.json()["catalogue"], ready.json()["index"]) == (True, False)
        assert site.get("/", headers={"Accept": "text/html"}).status_code == 503
    engine.close()


@pytest.mark.parametrize(
    ("path", "status"), [("/?k=abc", 422), ("/ressurs/finnes-ikke", 404), ("/?edition=tull", 400)]
)
@pytest.mark.parametrize("accept", ["*/*", "text/html", "text/html,application/xml;q=0.9,*/*;q=0.8"])
def test_a_page_fails_as_a_page_and_as_json_for_those_who_ask_for_it(site, path, status, accept):
    answer = site.get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert_problem(site.get(path, headers={"Accept": "application/json"}), status)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/search?",
        "/v1/suggest?q=fall&",
        "/v1/recommendations?role=sykepleier&",
        "/v1/paths?role=sykepleier&",
        "/v1/resources/kb-1/similar?",
        "/v1/roles/sykepleier/requirements?",
        "/v1/requirements/krav-fall/resources?",
        "/v1/feeds/atom?",
    ],
)
def test_an_unknown_edition_is_refused_naming_those_there_are(site, path):
    body = assert_problem(site.get(f"{path}edition=tull"), 400)
    for name in ("'tull'", "ahus", "alle", "felles", "vestfold"):
        assert name in body["detail"]
    for name in ("ahus", "AHUS", "Felles", "alle", ""):
        assert site.get(f"{path}edition={name}").status_code == 200


def test_unknown_requirements_of_a_done_list_are_named(site):
    done = [{"requirement": "krav-fall"}, {"requirement": "krav-tull"}, {"requirement": "x"}]
    body = assert_problem(site.post("/v1/recommendations", json={"role": "sykepleier", "done": done}), 422)
    assert [e["field"] for e in body["errors"]] == ["done.1.requirement", "done.2.requirement"]
    assert "krav-tull" in body["errors"][0]["message"]
