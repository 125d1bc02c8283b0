"""A private OpenSearch server for the tests, started by ``scripts/opensearch`` on a free loopback port.

One server serves all workers of a test run: the first worker that needs it starts it under a file lock, and it
ends with the run's main process, however that ends. Each test keeps to indices of its own prefix. Tests that
kill or restart a server start their own with `start_server`.
"""

import atexit
import contextlib
import dataclasses
import fcntl
import functools
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import opensearch_jars
import opensearch_server as script
from machine_parts import require_or_skip

SCRIPT = Path(__file__).parents[1] / "scripts" / "opensearch"
HOW = "apt-get install default-jdk-headless maven"
HEAP = "768m"
START_SECONDS = 120


@dataclasses.dataclass
class OpenSearchServer:
    """One server: where it answers, and how a test breaks it.

    Attributes
    ----------
    url : str
        ``http://127.0.0.1:port``; the same after a restart.
    folder : Path
        Indices, log (``server.log``) and process id.
    repo : Path
        Folder in the server's ``path.repo``, so that snapshot repositories of type ``fs`` may lie in it.
    shared : bool
        Other tests use it too: it can't be killed or restarted.
    """

    url: str
    folder: Path
    repo: Path
    shared: bool = False
    _end_with: int = dataclasses.field(default_factory=os.getpid)
    _process: "subprocess.Popen[bytes] | None" = None

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request and return the answer's JSON, whatever its status."""
        request = urllib.request.Request(
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as refused:
            with refused:
                return json.load(refused)

    def start(self) -> None:
        """Start it, on the port and the data that it had, and wait until it answers."""
        self._must_be_ours()
        port = self.url.rpartition(":")[2]
        command = [sys.executable, str(SCRIPT), "start", "--foreground", f"--end-with={self._end_with}"]
        command += [
            f"--port={port}",
            f"--data={self.folder}",
            f"--repo={self.repo}",
            f"--heap={HEAP}",
            "--quick",
        ]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C ends the tests first
            )
        self.wait()

    def wait(self) -> None:
        """Wait until it answers; a server that ended is an error at once."""
        deadline = time.monotonic() + START_SECONDS
        while script.health(self.url) is None:
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                log = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")
                if not self.shared:
                    self.kill()
                raise RuntimeError(f"OpenSearch did not start on {self.url}:\n{log[-4000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it with SIGKILL, as a crash does."""
        self._must_be_ours()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it with SIGTERM, as an operator does."""
        self._must_be_ours()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(30)
            finally:
                self.kill()

    def restart(self) -> None:
        """Start it again on the same port and data; one that runs is stopped first."""
        self.stop()
        self.start()

    def _must_be_ours(self) -> None:
        if self.shared:
            raise RuntimeError("other tests use this server; start one of your own with start_server")


def start_server(folder: Path, *, end_with: int | None = None) -> OpenSearchServer:
    """Start a server of one's own in a folder; it ends with this process, or with process `end_with`."""
    server_or_skip()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "repo").mkdir(exist_ok=True)
    for attempt in range(3):
        server = OpenSearchServer(
            f"http://127.0.0.1:{free_port()}", folder, folder / "repo", _end_with=end_with or os.getpid()
        )
        try:
            server.start()
        except RuntimeError:
            taken = "can't be used" in (folder / "server.log").read_text(encoding="utf-8", errors="replace")
            if attempt == 2 or not taken:
                raise
        else:
            return server
    raise AssertionError


@pytest.fixture
def start_opensearch(tmp_path: Path) -> Iterator[Callable[..., OpenSearchServer]]:
    """Start servers of one's own (``start_opensearch(end_with=None)``), which are killed after the test."""
    started: list[OpenSearchServer] = []

    def start(end_with: int | None = None) -> OpenSearchServer:
        started.append(start_server(tmp_path / f"opensearch-{len(started)}", end_with=end_with))
        return started[-1]

    yield start
    for server in started:
        server.kill()
        shutil.rmtree(server.folder)


@pytest.fixture(scope="session")
def opensearch_server(tmp_path_factory: pytest.TempPathFactory) -> OpenSearchServer:
    """Return the server of this test run, started at the first use."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        return shared_server(folder.parent / "opensearch", os.getppid())
    return _alone(folder / "opensearch")


@pytest.fixture
def opensearch_prefix(opensearch_server: OpenSearchServer) -> Iterator[str]:
    """Give a prefix for the names of indices, aliases, templates and repositories; what has it is deleted."""
    prefix = f"t{uuid.uuid4().hex[:10]}"
    yield prefix
    sweep(opensearch_server, prefix)


def sweep(server: OpenSearchServer, prefix: str) -> None:
    """Delete the indices, index templates and snapshot repositories whose name begins with a prefix."""
    indices = server.ask("GET", f"{prefix}*/_settings?expand_wildcards=all&flat_settings=true")
    for name, found in indices.items():
        blocks = {key: None for key in found["settings"] if key.startswith("index.blocks.")}
        if blocks:
            server.ask("PUT", f"{name}/_settings", blocks)
        server.ask("DELETE", name)
    for kind in ("_index_template", "_snapshot"):
        listed = server.ask("GET", kind)
        names = [t["name"] for t in listed["index_templates"]] if kind == "_index_template" else list(listed)
        for name in names:
            if name.startswith(prefix):
                server.ask("DELETE", f"{kind}/{name}")


def server_or_skip() -> None:
    """Fetch the server if need be; skip or fail if this machine can't run or fetch it."""
    if lacking := _lacking():
        require_or_skip("opensearch", f"{HOW} ({lacking})")


@functools.cache
def _lacking() -> str | None:
    try:
        if lacking := opensearch_jars.obstacle():
            return lacking
        opensearch_jars.fetch()
    except opensearch_jars.Trouble as trouble:
        return f"scripts/opensearch fetch: {trouble}"
    return None


@functools.cache
def _alone(folder: Path) -> OpenSearchServer:
    server = start_server(folder)

    def end() -> None:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    return dataclasses.replace(server, shared=True)


@functools.cache
def shared_server(folder: Path, main_process: int) -> OpenSearchServer:
    """Return the server that all workers of a run share; a start that failed is not tried again."""
    server_or_skip()
    folder.mkdir(exist_ok=True)
    with (folder / "starting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        failure = folder / "failure"
        if failure.exists():
            raise RuntimeError(failure.read_text(encoding="utf-8"))
        if there := script.running(folder):
            server = OpenSearchServer(there["url"], folder, folder / "repo", shared=True)
            server.wait()  # a worker that died may have left it starting
            return server
        try:
            server = start_server(folder, end_with=main_process)
        except RuntimeError as error:
            failure.write_text(str(error), encoding="utf-8")
            raise
        server._process.returncode = 0  # it goes on when this worker ends
        return dataclasses.replace(server, shared=True)


def free_port() -> int:
    """Return a free port below those that the system gives to outgoing connections, which come and go."""
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port")
