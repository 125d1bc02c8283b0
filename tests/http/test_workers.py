"""Several server processes answer as one: what one writes all show, one count of all, one end for all."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from api.telemetry import Metrics
from api.workers import listen_shared
from engine.errors import BackendUnavailable
from small_bank import WRITER

ROOT = Path(__file__).parents[2]
ASKED = 40
"""Connections of which each process has surely got some: one gets none of them in 2 ** 39 runs."""

PROGRAM = """
import sys
from functools import partial
from pathlib import Path
from api.workers import listen_shared, serve_with_workers
from small_bank import open_bank

if __name__ == "__main__":
    listeners = listen_shared("127.0.0.1", 0, 2)
    print(listeners[0].getsockname()[1], flush=True)
    serve_with_workers(partial(open_bank, Path(sys.argv[1])), listeners, log_requests=False)
"""

linux = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="reads Linux's list of children")


class Servers:
    """A program with two server processes over a data folder."""

    def __init__(self, folder: Path, program: Path) -> None:
        program.write_text(PROGRAM, encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, str(program), str(folder)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def ask(self, path: str) -> list[httpx.Response]:
        """Ask over many connections, one after the other."""
        one_each = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(timeout=60, limits=one_each, verify=False) as client:  # one reading of certificates
            return [client.get(f"http://127.0.0.1:{self.port}{path}") for _ in range(ASKED)]

    def pids(self) -> set[int]:
        """Return the server processes that live."""
        parent, found = self.process.pid, set()
        with contextlib.suppress(OSError):
            for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split():
                with contextlib.suppress(OSError):
                    if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        found.add(int(pid))
        return found


@pytest.fixture
def servers(own_folder, tmp_path):
    started = Servers(own_folder, tmp_path / "two_servers.py")
    with started.process:
        yield started
        started.process.kill()


def until(holds, seconds=60):
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "it did not come to pass"
        time.sleep(0.1)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_one_process_writes_all_show_and_all_count_together(servers):
    answers = servers.ask("/v1/search?q=fall")
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["etag"] for answer in answers}) == 1
    ids = [hit["resource"]["id"] for hit in answers[0].json()["hits"]]

    address = f"http://127.0.0.1:{servers.port}/v1/resources/{ids[0]}"
    assert httpx.delete(address, headers={"Authorization": f"Bearer {WRITER}"}, timeout=60).status_code == 200
    for answer in servers.ask("/v1/search?q=fall"):
        assert ids[0] not in [hit["resource"]["id"] for hit in answer.json()["hits"]]

    def counted():
        text = httpx.get(f"http://127.0.0.1:{servers.port}/metrics", timeout=60).text
        found = re.search(r'requests_total\{route="/v1/search",method="GET",status="200"\} (\d+)', text)
        return found and int(found[1]) == 2 * ASKED

    until(counted, 10)


@linux
def test_a_process_that_dies_is_replaced_and_all_end_together(servers):
    servers.ask("/healthz")
    before = servers.pids()
    assert len(before) == 2
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(servers.pids()) == 2 and killed not in servers.pids())
    assert {answer.status_code for answer in servers.ask("/v1/search?q=fall")} == {200}
    after = servers.pids()
    servers.process.send_signal(signal.SIGTERM)
    assert servers.process.wait(30) == 0
    until(lambda: not any(map(lives, after)), 5)


@linux
def test_servers_that_nobody_looks_after_any_more_end(servers):
    servers.ask("/healthz")
    left = servers.pids()
    servers.process.kill()
    until(lambda: not any(map(lives, left)), 20)


def test_an_address_that_other_servers_share_is_taken():
    taken = listen_shared("127.0.0.1", 0, 2)
    try:
        port = taken[0].getsockname()[1]
        with pytest.raises(BackendUnavailable, match="is taken"):
            listen_shared("127.0.0.1", port, 2)
    finally:
        for listener in taken:
            listener.close()


def counts(metrics: Metrics) -> list[str]:
    return [
        line for line in metrics.text({}, {}).splitlines() if "_requests_total{" in line or "_bucket{" in line
    ]


def test_a_process_in_the_place_of_another_goes_on_with_its_numbers(tmp_path):
    first, other, alone = Metrics(tmp_path, 0), Metrics(tmp_path, 1), Metrics()
    for seconds in (0.02, 99.0):
        first.observe("/x", "GET", 200, seconds)
        alone.observe("/x", "GET", 200, seconds)
    first.close()
    assert counts(other) == counts(alone)
    other.observe("/x", "GET", 404, 0.001)
    other.close()
    second = Metrics(tmp_path, 0)
    alone.observe("/x", "GET", 404, 0.001)
    assert counts(second) == counts(alone)
    second.close()
