import json
import logging
import re
import time

import httpx
import pytest

from api.telemetry import JsonLines, Metrics
from indexer.pipeline import index
from small_bank import KEYS, WRITER, open_bank, serving


def test_health_readiness_and_what_it_stands_on(site, bank):
    assert site.get("/healthz").json() == {"status": "ok"}
    ready = site.get("/readyz").json()
    assert ready["ready"] is True
    assert ready["build"] == bank.status().build.id
    assert ready["degraded"] == []


def test_without_a_model_the_answer_is_lexical_and_says_so(own_folder):
    engine = open_bank(own_folder, embedder="none")
    with serving(engine) as address, httpx.Client(base_url=address) as site:
        found = site.get("/v1/search?q=fall")
        assert found.status_code == 200
        assert found.json()["degraded"] == ["no_model"]
        assert found.json()["total"] > 0
        assert site.get("/readyz").json()["degraded"] == ["no_model"]
    engine.close()


def test_metrics_count_by_template_and_hold_no_ids_and_no_text(site):
    site.get("/v1/resources/kb-1")
    site.get("/v1/search?q=hemmeligsøk")
    site.get("/finnes-ikke-hemmelig")
    text = site.get("/metrics").text
    assert re.search(
        r'requests_total\{route="/v1/resources/\{id:path\}",method="GET",status="200"\} [1-9]', text
    )
    assert 'route="unmatched"' in text
    assert "kb-1" not in text
    assert "hemmelig" not in text
    assert "kompetansegraf_build_info{" in text
    for line in text.splitlines():
        assert line.startswith("#") or re.fullmatch(r'[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [-+0-9.e]+', line), (
            line
        )


def test_histogram_buckets_are_cumulative():
    metrics = Metrics()
    for seconds in (0.001, 0.02, 0.02, 99.0):
        metrics.observe("/x", "GET", 200, seconds)
    counts = [
        int(n) for n in re.findall(r'_bucket\{route="/x",le="[^"]+"\} (\d+)', metrics.text({}, {"g": 1}))
    ]
    assert counts == sorted(counts)
    assert counts[0] == 1
    assert counts[-1] == 4


def own(caplog):
    return [r for r in caplog.records if r.name.startswith("kompetansegraf")]


def test_logs_are_json_lines_without_text_ids_addresses_or_keys(site, caplog):
    with caplog.at_level(logging.INFO, "kompetansegraf"):
        time.sleep(0.3)  # the line of the request before may still be on its way
        caplog.clear()
        site.get(
            "/v1/search?q=hemmeligsøk&theme=demens", headers={"X-API-Key": WRITER, "User-Agent": "leser/1"}
        )
        site.get("/v1/resources/kb-1")
        site.post("/v1/recommendations", json={"role": "sykepleier", "done": [{"requirement": "krav-fall"}]})
        site.get("/ukjent/hemmelig")
        until = time.monotonic() + 10
        while (
            len(own(caplog)) < 4 and time.monotonic() < until
        ):  # a line is written after its answer has left
            time.sleep(0.01)
    lines = [json.loads(JsonLines().format(r)) for r in own(caplog)]
    assert [line["route"] for line in lines] == [
        "/v1/search", "/v1/resources/{id:path}", "/v1/recommendations", "unmatched",
    ]  # fmt: skip
    for line in lines:
        assert set(line) == {"time", "level", "logger", "message", "method", "route", "status", "ms"}
    whole = json.dumps(lines, ensure_ascii=False)
    for secret in ("hemmelig", "demens", "kb-1", "krav-fall", "127.0.0.1", WRITER, "leser/1"):
        assert secret not in whole


def test_security_headers_are_on_every_answer(site):
    for path in ("/", "/v1/search", "/finnes-ikke", "/v1/search?k=0", "/healthz", "/static/manifest.json"):
        headers = site.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


def test_only_listed_origins_may_call_from_a_browser(own_folder):
    engine = open_bank(own_folder, cors_origins=("https://portal.example",))
    with serving(engine) as address, httpx.Client(base_url=address) as site:
        ours = site.get("/v1/search", headers={"Origin": "https://portal.example"})
        assert ours.headers["access-control-allow-origin"] == "https://portal.example"
        assert "access-control-allow-credentials" not in ours.headers
        other = site.get("/v1/search", headers={"Origin": "https://elsewhere.example"})
        assert "access-control-allow-origin" not in other.headers
    engine.close()


def test_keys_are_kept_as_hashes_only():
    assert all(WRITER not in key.model_dump_json() for key in KEYS.values())


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_no_page_fetches_scripts_from_elsewhere(site, path):
    assert site.get(path).status_code == 404


def test_an_empty_data_folder_is_not_ready_even_when_it_has_been_indexed(tmp_path):
    engine = open_bank(tmp_path)
    with serving(engine) as address, httpx.Client(base_url=address) as site:
        before = site.get("/readyz")
        index(engine)
        after = site.get("/readyz")
    engine.close()
    assert (before.status_code, after.status_code) == (503, 503)
    assert "nothing has been indexed" in before.json()["reason"]
    assert "no resources" in after.json()["reason"]
