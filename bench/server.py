"""Which OpenSearch is measured? The one at an address, or one of ``scripts/opensearch`` that ends with us."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch

from bench.report import resident_bytes

SCRIPT = Path(__file__).parents[1] / "scripts" / "opensearch"
START_SECONDS = 600
"""A first start fetches the server; a start on large indices reads them."""


@contextlib.contextmanager
def server_at(url: str | None, folder: Path, heap: str) -> Iterator[str]:
    """Yield the address of a server: the one given, or a new one with its data in `folder`."""
    if url is not None:
        yield url
        return
    folder.mkdir(parents=True, exist_ok=True)
    url, process = _start(folder, heap)
    try:
        yield url
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def server_figures(client: OpenSearch, index: str) -> dict[str, Any]:
    """Return version, heap, memory and what the index takes, of a server with one node."""
    (node,) = client.nodes.stats(metric="jvm,process")["nodes"].values()
    (about,) = client.nodes.info(metric="process,jvm")["nodes"].values()
    stats = client.indices.stats(index=index, metric="store,segments,docs")["_all"]["primaries"]
    return {
        "version": client.info()["version"]["number"],
        "java": about["jvm"]["version"],
        "heap_max": node["jvm"]["mem"]["heap_max_in_bytes"],
        "heap_used": node["jvm"]["mem"]["heap_used_in_bytes"],
        "resident": resident_bytes(about["process"]["id"]),
        "disk": stats["store"]["size_in_bytes"],
        "segments": stats["segments"]["count"],
        "documents": stats["docs"]["count"],
    }


def force_merge(client: OpenSearch, index: str) -> None:
    """Merge an index to one segment, however long that takes."""
    task = client.indices.forcemerge(
        index=index, params={"max_num_segments": 1, "wait_for_completion": "false"}
    )["task"]
    while not (state := client.tasks.get(task_id=task, request_timeout=60))["completed"]:
        time.sleep(0.5)
    _demand(state, "merging")
    client.indices.refresh(index=index, request_timeout=600)


def _demand(state: Mapping[str, Any], what: str) -> None:
    shards = state.get("response", {}).get("_shards", {})
    if "error" in state or shards.get("failed", 0):
        raise RuntimeError(f"{what} failed: {state.get('error') or shards}")


def _start(folder: Path, heap: str) -> tuple[str, "subprocess.Popen[bytes]"]:
    """Start a server and wait until it answers; one of a run that was killed may still be ending there."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, str(SCRIPT), "start", "--foreground", f"--end-with={os.getpid()}"]
        command += [f"--port={port}", f"--data={folder}", f"--heap={heap}"]
        with (folder / "bench.log").open("wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}", process, deadline)
        except BaseException:
            process.kill()
            process.wait()
            raise
        if process.poll() is None:
            return f"http://127.0.0.1:{port}", process
        said = (folder / "bench.log").read_text(encoding="utf-8", errors="replace")
        if "already runs" not in said or time.monotonic() > deadline:
            raise RuntimeError(f"OpenSearch did not start:\n{said[-3000:]}")
        time.sleep(1)


def _wait(url: str, process: "subprocess.Popen[bytes]", deadline: float) -> None:
    """Wait until a server answers or has ended."""
    while process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, TimeoutError, ConnectionError):
            query = f"{url}/_cluster/health?wait_for_status=yellow&timeout=5s"
            with urllib.request.urlopen(query, timeout=10):
                return
        if time.monotonic() > deadline:
            raise RuntimeError(f"OpenSearch did not answer on {url} within {START_SECONDS} s")
        time.sleep(0.2)
