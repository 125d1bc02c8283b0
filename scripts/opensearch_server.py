"""How does a machine without containers get a real OpenSearch server? From the jars that Maven fetches.

One node of OpenSearch with k-NN and neural-search, for tests and for trying things out, never for
production: it has no security plugin and listens on 127.0.0.1 only. `docs/decisions/0004` tells why it
is made so. The standard library suffices.
"""

import argparse
import contextlib
import dataclasses
import fcntl
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from opensearch_jars import JAVA_VERSIONS, SOURCES, VERSION, Trouble, fetch, find_java, obstacle, say

PLUGINS = ("org.opensearch.knn.plugin.KNNPlugin", "org.opensearch.neuralsearch.plugin.NeuralSearch")
ADDRESS = "127.0.0.1"
DEFAULT_PORT = 9200
STOP_SECONDS = 20
LOCK_SECONDS = 2
LOG_LINES = 25

HELP = f"""\
A real OpenSearch {VERSION} (one node, k-NN and neural-search, no security plugin) on {ADDRESS}.

  scripts/opensearch start                     on port {DEFAULT_PORT}; prints the URL when it answers
  scripts/opensearch start --port 9333 --data DIR --heap 512m
  scripts/opensearch status                    exit code 0 when it answers, 1 when not
  scripts/opensearch stop                      the data stay
  scripts/opensearch fetch                     only download, with Maven (about 90 MB, once)
  scripts/opensearch check                     what this machine lacks for it

Needs Java {JAVA_VERSIONS[0]} to {JAVA_VERSIONS[-1]}; to fetch also its compiler and Maven
(apt-get install default-jdk-headless maven). JAVA_HOME is tried first.

  KG_OPENSEARCH_HOME   where the jars are kept (~/.cache/kompetansegraf/opensearch-{VERSION})

Use method.engine "lucene" on every knn_vector field: the native libraries of faiss and nmslib are not there.
"""


def default_data() -> Path:
    """Return the folder of the server that is tried by hand."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return state / "kompetansegraf" / "opensearch"


def running(data: Path) -> dict[str, Any] | None:
    """Return pid, port and URL of the server that holds a data folder, or None.

    The server holds a lock on ``lock`` as long as its process lives, so a recycled process id can't deceive.
    """
    try:
        lock = (data / "lock").open("r+")
    except FileNotFoundError:
        return None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            try:
                return dict(json.loads((data / "server.json").read_text(encoding="utf-8")))
            except (FileNotFoundError, json.JSONDecodeError):
                raise Trouble(f"a server is just starting in {data}; try again in a moment") from None
    return None


def health(url: str, seconds: float = 2.0) -> str | None:
    """Return ``green`` or ``yellow`` when the server answers and has its shards, else None."""
    ask = f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s"
    try:
        with urllib.request.urlopen(ask, timeout=seconds) as reply:
            return str(json.load(reply)["status"])
    except (OSError, http.client.HTTPException, ValueError):
        return None


@dataclasses.dataclass(frozen=True)
class Node:
    """What a server is started with.

    Attributes
    ----------
    data : Path
        Its folder: indices, settings, log, process id.
    port : int
        HTTP port on 127.0.0.1.
    heap : str
        Java heap, like ``768m``.
    repo : Path
        Folder that snapshots may be written to.
    quick : bool
        Let Java compile less: starts with half the CPU time, runs slower for good.
    """

    data: Path
    port: int
    heap: str
    repo: Path
    quick: bool = False

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.port}"

    def options(self) -> list[str]:
        """Return the command line's words for this node."""
        words = [f"--port={self.port}", f"--data={self.data}", f"--heap={self.heap}", f"--repo={self.repo}"]
        return [*words, "--quick"] if self.quick else words


def become_server(node: Node, end_with: int) -> None:
    """Turn this process into the server; returns never.

    Parameters
    ----------
    node : Node
    end_with : int
        Process that the server must not outlive; 0 is nobody.
    """
    java, folder = find_java("java"), fetch()
    data = node.data
    for needed in (data, node.repo, data / "conf", data / "tmp", data / "node"):
        needed.mkdir(parents=True, exist_ok=True)
    lock = _locked(data)
    (data / "server.json").unlink(missing_ok=True)  # of a server that has ended
    _demand_free(node.port)
    shutil.copy(SOURCES / "log4j2.properties", data / "conf" / "log4j2.properties")
    (data / "conf" / "opensearch.yml").touch()
    state = {"pid": os.getpid(), "port": node.port, "url": node.url, "version": VERSION}
    written = data / "server.json.new"
    written.write_text(json.dumps(state), encoding="utf-8")
    written.replace(data / "server.json")
    command = _java_command(java, folder, node, end_with)
    os.set_inheritable(lock, True)  # the Java process keeps the lock
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)


def _locked(data: Path) -> int:
    lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:  # so it isn't somebody who asks for the status
                raise Trouble(f"a server already runs in {data}") from None
            time.sleep(0.05)
        else:
            return lock


def _java_command(java: Path, folder: Path, node: Node, end_with: int) -> list[str]:
    data = node.data.absolute()
    settings = {
        "discovery.type": "single-node",
        "network.host": ADDRESS,
        "http.port": node.port,
        "transport.port": 0,
        "path.repo": node.repo.absolute(),
        "action.auto_create_index": "false",
        # a full disk elsewhere on the machine must not make the indices of a test read-only
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }
    properties = {
        "java.awt.headless": "true",
        "file.encoding": "UTF-8",
        "java.locale.providers": "SPI,COMPAT",
        "java.io.tmpdir": data / "tmp",
        "log4j2.disable.jmx": "true",
        "io.netty.noUnsafe": "true",
        "io.netty.noKeySetOptimization": "true",
        **({"end.with": end_with} if end_with else {}),
        **{f"set.{name}": value for name, value in settings.items()},
    }
    parts = ["classes", "jars/*", "plugins/opensearch-knn/*", "plugins/neural-search/*"]
    return [
        str(java),
        f"-Xms{node.heap}",
        f"-Xmx{node.heap}",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        *(["-XX:TieredStopAtLevel=1"] if node.quick else []),
        *(f"-D{name}={value}" for name, value in properties.items()),
        *("-cp", ":".join(str(folder / part) for part in parts), "RunOpenSearch"),
        *("-basePath", str(data / "node"), "-confPath", str(data / "conf")),
        *("-numOfNode", "1", "-clusterName", "kompetansegraf", "-pluginTypes", ",".join(PLUGINS)),
    ]


def _demand_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a connection that lingers is no server
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise Trouble(
                f"port {port} on {ADDRESS} can't be used: {error.strerror}; choose another with --port"
            ) from None


def start(node: Node, seconds: float) -> None:
    """Start a server in the background and wait until it answers; fine if just this one runs already."""
    data = node.data
    if there := running(data):
        if there["port"] != node.port:
            raise Trouble(f"a server already runs in {data}, on port {there['port']}; stop it first")
        _wait(node.url, seconds, data, lambda: running(data) is not None)
        return
    find_java("java")
    _demand_free(node.port)
    fetch()
    data.mkdir(parents=True, exist_ok=True)
    program = [sys.executable, str(SOURCES.with_name("opensearch")), "start", "--foreground", "--end-with=0"]
    with (data / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*program, *node.options()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait(node.url, seconds, data, lambda: server.poll() is None)
    except BaseException:
        server.kill()
        server.wait()
        raise
    server.returncode = 0  # it goes on without us


def _wait(url: str, seconds: float, data: Path, lives: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while health(url) is None:
        if not lives():
            raise Trouble(
                f"OpenSearch ended before it answered; the end of {data / 'server.log'}:\n{_tail(data)}"
            )
        if time.monotonic() > deadline:
            raise Trouble(
                f"no answer from {url} within {seconds:g} s; {data / 'server.log'} ends:\n{_tail(data)}"
            )
        time.sleep(0.1)


def _tail(data: Path) -> str:
    with contextlib.suppress(OSError):
        lines = (data / "server.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES:])
    return "(no log)"


def stop(data: Path) -> bool:
    """Stop the server of a data folder, at first gently; False if there was none."""
    there = running(data)
    if there is None:
        return False
    for sign, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(there["pid"], sign)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if running(data) is None:
                return True
            time.sleep(0.05)
    raise Trouble(f"process {there['pid']} does not end")


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number")
    return int(text)


def _heap(text: str) -> str:
    if not re.fullmatch(r"\d+[mMgG]", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not like 512m or 2g")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/opensearch", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="start|stop|status|fetch|check")
    begin = commands.add_parser("start", help="start a server and print its URL when it answers")
    begin.add_argument("--port", type=_port, help=f"port on {ADDRESS} (default {DEFAULT_PORT})")
    begin.add_argument("--heap", type=_heap, default="1g", help="Java heap, like 512m (default 1g)")
    begin.add_argument(
        "--repo", type=Path, help="folder that snapshots may be written to (default DATA/repo)"
    )
    begin.add_argument(
        "--timeout", type=float, default=120, help="seconds to wait for an answer (default 120)"
    )
    begin.add_argument(
        "--quick", action="store_true", help="start with half the CPU time, and run slower: for short tests"
    )
    begin.add_argument(
        "--foreground",
        action="store_true",
        help="become the server; it ends with the process that started it",
    )
    begin.add_argument(
        "--end-with",
        type=int,
        metavar="PID",
        help="with --foreground: end when this process ends, in place of the parent; 0 is nobody",
    )
    end = commands.add_parser("stop", help="stop the server")
    tell = commands.add_parser("status", help="tell whether it answers; exit code 1 if not")
    for command in (begin, end, tell):
        command.add_argument(
            "--data", type=Path, default=default_data(), help="the server's folder: indices, log, process id"
        )
    commands.add_parser("fetch", help="only download")
    commands.add_parser("check", help="tell what this machine lacks; exit code 1 if something")
    return parser


def _run(asked: argparse.Namespace) -> int:
    if asked.command == "fetch":
        print(fetch())
    elif asked.command == "check":
        if lacking := obstacle():
            raise Trouble(lacking)
        print(f"OpenSearch {VERSION} can run on this machine")
    elif asked.command == "stop":
        print("stopped" if stop(asked.data) else f"no server runs in {asked.data}")
    elif asked.command == "status":
        there = running(asked.data)
        colour = there and health(there["url"])
        if there is None or colour is None:
            print(f"no server runs in {asked.data}" if there is None else f"{there['url']} does not answer")
            return 1
        print(
            f"OpenSearch {there['version']} on {there['url']}: {colour} (process {there['pid']}, {asked.data})"
        )
    else:
        there = running(asked.data) or {}
        port = asked.port or there.get("port", DEFAULT_PORT)
        node = Node(asked.data, port, asked.heap, asked.repo or asked.data / "repo", asked.quick)
        if asked.foreground:
            become_server(node, os.getppid() if asked.end_with is None else asked.end_with)
        start(node, asked.timeout)
        print(node.url)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; exit code 0 fine, 1 not done, 2 wrong usage."""
    asked = _parser().parse_args(arguments)
    try:
        return _run(asked)
    except (Trouble, OSError) as trouble:
        say(str(trouble))
        return 1
