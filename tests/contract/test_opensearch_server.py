"""`scripts/opensearch` and the tests' fixture start a real server, and never leave it behind."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import opensearch_jars
import opensearch_server as script
from search_cluster import HEAP, free_port, server_or_skip, shared_server, sweep

SCRIPT = Path(script.__file__).with_name("opensearch")


def run(*words, **environment):
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=150,
    )


def falls_silent(url, seconds=10):
    """Wait until nobody listens there."""
    port = int(url.rpartition(":")[2])
    deadline = time.monotonic() + seconds
    while True:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)):
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)


def test_start_status_and_stop(tmp_path):
    server_or_skip()
    data, port = tmp_path / "data", free_port()
    start = ["start", "--port", port, "--data", data, "--heap", HEAP, "--quick"]
    try:
        # the jars are there, so Maven is not asked for: it is not even on the PATH
        java = opensearch_jars.find_java("java").parents[1]
        done = run(*start, PATH="/nowhere", JAVA_HOME=str(java))
        assert (done.returncode, done.stdout) == (0, f"http://127.0.0.1:{port}\n"), done.stderr
        pid = json.loads((data / "server.json").read_text())["pid"]
        status = run("status", "--data", data)
        assert status.returncode == 0
        assert (
            f"OpenSearch {script.VERSION} on http://127.0.0.1:{port}: green (process {pid}," in status.stdout
        )

        for again in (start, ["start", "--data", data]):
            done = run(*again)
            assert (done.returncode, done.stdout) == (0, f"http://127.0.0.1:{port}\n"), done.stderr
        assert json.loads((data / "server.json").read_text())["pid"] == pid

        elsewhere = run("start", "--port", free_port(), "--data", data)
        assert elsewhere.returncode == 1
        assert f"already runs in {data}, on port {port}" in elsewhere.stderr
        taken = run("start", "--port", port, "--data", tmp_path / "other")
        assert taken.returncode == 1
        assert f"port {port} on 127.0.0.1 can't be used" in taken.stderr
        rival = run("start", "--foreground", "--port", free_port(), "--data", data)
        assert rival.returncode == 1
        assert f"a server already runs in {data}" in rival.stderr
    finally:
        stopped = run("stop", "--data", data)
    assert (stopped.returncode, stopped.stdout) == (0, "stopped\n")
    assert run("status", "--data", data).returncode == 1
    assert falls_silent(f"http://127.0.0.1:{port}", 0)


def test_a_server_that_cannot_start_is_told_at_once_with_the_end_of_its_log(tmp_path):
    server_or_skip()
    began = time.monotonic()
    done = run("start", "--port", free_port(), "--data", tmp_path, "--heap", "1m")
    assert done.returncode == 1
    assert "Too small maximum heap" in done.stderr
    assert time.monotonic() - began < 30
    assert script.running(tmp_path) is None


def test_it_listens_on_this_machine_only_and_has_what_the_engine_needs(opensearch_server):
    nodes = opensearch_server.ask("GET", "_nodes/http,transport,plugins")["nodes"]
    (node,) = nodes.values()
    for layer in ("http", "transport"):
        assert all(a.startswith("127.0.0.1:") for a in node[layer]["bound_address"]), node[layer]
    assert {p["classname"] for p in node["plugins"]} >= set(script.PLUGINS)
    assert opensearch_server.ask("GET", "")["version"]["number"] == script.VERSION


def test_vectors_with_a_filter_a_hybrid_query_and_painless(opensearch_server, opensearch_prefix):
    ask, index, pipeline = opensearch_server.ask, f"{opensearch_prefix}-items", f"{opensearch_prefix}-p"
    method = {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"}
    properties = {
        "text": {"type": "text", "analyzer": "norwegian"},
        "colour": {"type": "keyword"},
        "vector": {"type": "knn_vector", "dimension": 2, "method": method},
    }
    settings = {"index": {"knn": True, "number_of_shards": 1, "number_of_replicas": 0}}
    made = ask("PUT", index, {"settings": settings, "mappings": {"properties": properties}})
    assert made["acknowledged"], made
    for number, (text, colour, vector) in enumerate(
        [("sykler", "red", [1, 0]), ("hjelmer", "red", [0.6, 0.8]), ("sykkel", "blue", [1, 0.1])]
    ):
        body = {"text": text, "colour": colour, "vector": vector}
        assert ask("PUT", f"{index}/_doc/{number}?refresh=true", body)["result"] == "created"

    def ids(body, parameters=""):
        return [h["_id"] for h in ask("GET", f"{index}/_search{parameters}", body)["hits"]["hits"]]

    near = {"knn": {"vector": {"vector": [1, 0], "k": 2, "filter": {"term": {"colour": "red"}}}}}
    assert ids({"query": near}) == ["0", "1"]
    scorer = {"source": "doc['colour'].value == 'blue' ? 2 : 1"}
    assert ids({"query": {"script_score": {"query": {"match_all": {}}, "script": scorer}}})[0] == "2"
    processor = {"normalization-processor": {"normalization": {"technique": "min_max"}}}
    ask("PUT", f"_search/pipeline/{pipeline}", {"phase_results_processors": [processor]})
    try:
        hybrid = {"query": {"hybrid": {"queries": [{"match": {"text": "hjelm"}}, near]}}}
        assert sorted(ids(hybrid, f"?search_pipeline={pipeline}")) == ["0", "1"]
    finally:
        ask("DELETE", f"_search/pipeline/{pipeline}")


def test_a_prefix_leaves_nothing_behind(opensearch_server, opensearch_prefix):
    ask = opensearch_server.ask
    prefix = f"{opensearch_prefix}x"
    location = {"location": str(opensearch_server.repo / prefix)}
    ask("PUT", f"{prefix}-open", {"aliases": {f"{prefix}-alias": {}}})
    ask("PUT", f"{prefix}-shut", {"settings": {"index.blocks.read_only": True}})
    ask("PUT", f"_index_template/{prefix}-t", {"index_patterns": [f"{prefix}-y*"]})
    assert ask("PUT", f"_snapshot/{prefix}-r", {"type": "fs", "settings": location})["acknowledged"]
    ask("PUT", f"{opensearch_prefix}-stays")
    sweep(opensearch_server, prefix)
    shutil.rmtree(opensearch_server.repo / prefix)
    assert list(ask("GET", f"{opensearch_prefix}*")) == [f"{opensearch_prefix}-stays"]
    assert f"{prefix}-r" not in ask("GET", "_snapshot")
    assert ask("GET", f"_index_template/{prefix}-t")["status"] == 404


def test_a_killed_server_has_its_data_again_and_ends_with_its_owner(start_opensearch):
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with owner:
        server = start_opensearch(end_with=owner.pid)
        url = server.url
        assert server.ask("PUT", "t-1/_doc/1?refresh=true", {"a": 1})["status"] == 404  # no index by accident
        server.ask("PUT", "t-1")
        server.ask("PUT", "t-1/_doc/1", {"a": 1})
        server.kill()
        assert falls_silent(url)
        server.restart()
        assert server.url == url
        assert server.ask("GET", "t-1/_doc/1")["_source"] == {"a": 1}
        owner.kill()
        owner.wait()
        assert falls_silent(url)


def _worker(folder, owner):
    server = shared_server(Path(folder), owner)
    return server.url, script.running(Path(folder))["pid"]


def test_the_workers_of_a_run_share_one_server_that_ends_with_the_run(tmp_path):
    server_or_skip()
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with owner:
        with (
            get_context("spawn").Pool(1, maxtasksperchild=1) as one,
            get_context("spawn").Pool(1, maxtasksperchild=1) as two,
            ThreadPoolExecutor(2) as threads,
        ):
            waiting = [
                threads.submit(pool.apply, _worker, (str(tmp_path / "shared"), owner.pid))
                for pool in (one, two)
            ]
            answers = {w.result() for w in waiting}
        ((url, _),) = answers
        assert script.health(url)  # both workers have ended
        owner.kill()
        owner.wait()
        assert falls_silent(url)
