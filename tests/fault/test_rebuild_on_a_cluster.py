"""Rebuilt under load, nobody notices; the server killed in mid-bulk, nothing is lost and nothing doubled."""

import shutil
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import replace

import httpx
import pytest

from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.errors import BackendUnavailable
from engine.model import SearchRequest
from indexer.pipeline import index, rollback
from indexing import some_resources
from small_bank import NOW, fill, open_bank, serving

REBUILDS = 20
CLIENTS = 8
ASKED = {"fall": 4, "demens": 1, "håndhygiene": 1, "fall prevention nursing homes": 1}


class Client(threading.Thread):
    """Searches until told to stop, and keeps what was not as it should be."""

    def __init__(self, site, stop):
        super().__init__(daemon=True)
        self.site, self.stop = site, stop
        self.builds, self.faults = Counter(), []

    def run(self):
        with httpx.Client(base_url=self.site, timeout=30) as client:
            while not self.stop.is_set():
                for text, least in ASKED.items():
                    try:
                        answer = client.get("/v1/search", params={"q": text})
                        found = answer.json()
                        if answer.status_code != 200 or found["total"] < least or found["degraded"]:
                            self.faults.append((text, answer.status_code, found))
                        else:
                            self.builds[found["build"]] += 1
                    except httpx.HTTPError as error:
                        self.faults.append((text, error))
                    time.sleep(0.1)


@contextmanager
def clients(site):
    stop = threading.Event()
    started = [Client(site, stop) for _ in range(CLIENTS)]
    for client in started:
        client.start()
    try:
        yield started
    finally:
        stop.set()
        for client in started:
            client.join(60)


@pytest.fixture
def cluster_bank(opensearch_server, opensearch_prefix, tmp_path):
    where = {"search_url": opensearch_server.url, "search_index": opensearch_prefix}
    fill(tmp_path / "bank", **where)
    return lambda: closing(open_bank(tmp_path / "bank", **where))


def test_rebuilds_under_a_steady_load_are_noticed_by_nobody(cluster_bank):
    with (
        cluster_bank() as reader,
        cluster_bank() as writer,
        serving(reader) as site,
        clients(site) as asking,
    ):
        first = reader.builds.current().id
        for _ in range(REBUILDS):
            assert index(writer, rebuild=True).build.id > first
        back = rollback(writer)
        time.sleep(2)
    faults = [fault for client in asking for fault in client.faults]
    assert not faults, faults[:3]
    answered = sum((client.builds for client in asking), Counter())
    assert len(answered) > REBUILDS / 2  # of 21 builds, most have answered somebody
    assert sum(answered.values()) > 100
    assert back.id in answered


def test_a_server_killed_in_mid_bulk_and_started_again_loses_and_doubles_nothing(
    start_opensearch,
    tmp_path,
    monkeypatch,
):
    server = start_opensearch()
    resources = some_resources(300)
    with (
        closing(open_bank(tmp_path / "plain")) as plain,
        closing(open_bank(tmp_path / "bank", search_url=server.url, search_index="bank")) as bank,
    ):
        for engine in (plain, bank):
            engine.catalogue.upsert(resources, by="test", at=NOW)
        expected = index(plain).build
        crash = Crash(server, at=120)
        made = index(bank, progress=crash).build
        crash.restarter.join(90)
        assert crash.happened
        assert made.resources == expected.resources == 300
        assert made.signature == expected.signature
        assert bank.builds.open(made.id).ids() == {r.id for r in resources}
        counted = server.ask("GET", "bank/_count")["count"]
        assert counted == 300

        # and once more, with a server that does not come back while the run waits
        bank.catalogue.upsert([r for r in some_resources(320) if r.id > "r-299"], by="test", at=NOW)
        monkeypatch.setitem(OpenSearchConnection.bulk_writer.__kwdefaults__, "patience", 1.0)
        with pytest.raises(BackendUnavailable, match="given up"):
            index(bank, rebuild=True, progress=Crash(server, at=120, restart=False))
        began = time.monotonic()
        with pytest.raises(BackendUnavailable):
            bank.search(SearchRequest("fall"))
        assert time.monotonic() - began < 15
        with serving(bank) as site:
            ready = httpx.get(f"{site}/readyz")
            assert ready.status_code == 503
            assert ready.json()["reason"] == "the search index cannot be reached"
            assert httpx.get(f"{site}/v1/search", params={"q": "fall"}).status_code == 503
            server.start()
            deadline = time.monotonic() + 60
            while httpx.get(f"{site}/readyz").status_code != 200:
                assert time.monotonic() < deadline
                time.sleep(0.2)
            found = httpx.get(f"{site}/v1/search", params={"q": "fall"}).json()
            assert found["total"] > 30
            assert found["build"] == made.id
        again = index(bank).build
        assert again.resources == 320
        left = server.ask("GET", "_cat/indices/bank-0*?format=json")
        assert len(left) <= 3  # the new, the old, and one that is being retired


class Crash:
    """A progress that kills the server when so many resources have been sent, and starts it again."""

    def __init__(self, server, *, at, restart=True):
        self.server, self.at, self.restart = server, at, restart
        self.done, self.happened = 0, False
        self.restarter = threading.Thread(target=self._restart, daemon=True)

    def begin(self, stage, total=None):
        self.done = 0

    def advance(self, steps=1):
        self.done += steps
        if self.done >= self.at and not self.happened:
            self.happened = True
            self.server.kill()
            if self.restart:
                self.restarter.start()

    def end(self):
        pass

    def _restart(self):
        time.sleep(1)
        self.server.start()


def test_a_build_whose_other_files_are_gone_is_made_anew(opensearch_server, opensearch_prefix, tmp_path):
    where = {"search_url": opensearch_server.url, "search_index": opensearch_prefix}
    fill(tmp_path / "bank", **where)
    opensearch_server.ask("DELETE", f"{opensearch_prefix}-parts")
    shutil.rmtree(tmp_path / "bank" / "cluster-builds")
    with closing(open_bank(tmp_path / "bank", **where)) as engine:
        before = engine.builds.current().id
        report = index(engine)
        assert report.whole == "damaged"
        assert report.build.id > before
        assert engine.graph().version
        assert engine.search(SearchRequest("fall")).total >= 4


def test_one_change_is_one_document_written(cluster_bank, opensearch_server, opensearch_prefix):
    with cluster_bank() as engine:
        changed = replace(engine.catalogue.get("kb-8"), summary="Når, hvordan og hvorfor.")
        engine.catalogue.upsert([changed], by="test", at=NOW)
        report = index(engine)
        assert (report.added, report.changed, report.removed) == (0, 1, 0)
        written = opensearch_server.ask("GET", f"{opensearch_prefix}/_stats/indexing")["_all"]["primaries"]
        assert written["indexing"]["index_total"] == 1
        assert written["indexing"]["delete_total"] == 0
        assert engine.search(SearchRequest("håndhygiene")).hits[0].resource.summary == changed.summary
