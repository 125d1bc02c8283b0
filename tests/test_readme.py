"""The README's two commands work, typed as they stand; the wheel starts from an empty folder."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import venv
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCED = re.search(r"```bash\n(.+?)```", README, re.DOTALL)
COMMANDS = (
    [line.split("#")[0].strip() for line in FENCED.group(1).splitlines() if line.strip()] if FENCED else []
)


def test_the_readme_begins_with_two_commands():
    assert COMMANDS == ["make demo", "make test"]


def test_the_test_command_is_what_ci_runs():
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith(COMMANDS[1])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(server, port, seconds):
    """Search until the first answer; a server that ends is a failure."""
    deadline = time.monotonic() + seconds
    while True:
        assert server.poll() is None, f"the server ended with {server.returncode}"
        try:
            reply = httpx.get(
                f"http://127.0.0.1:{port}/v1/search", params={"q": "fallforebygging sykehjem"}, timeout=10
            )
            if reply.status_code == 200:
                return reply.json()
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "no answer in time"
        time.sleep(0.2)


def stop(server):
    """Ctrl-C ends it cleanly."""
    server.send_signal(signal.SIGINT)
    assert server.wait(20) == 0


def test_the_run_command_answers_a_query_and_ends_at_ctrl_c(tmp_path):
    port = free_port()
    # `make demo` as installed here: the recipe's last line, which is all that make adds to an installed environment
    recipe = re.search(
        r"^demo:.*\n\t(.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    ).group(1)
    command = recipe.replace("$(BIN)", str(Path(sys.executable).parent)).replace(
        "$(DATA)", str(tmp_path / "data")
    )
    command = command.replace("$(HOST)", "127.0.0.1").replace("$(PORT)", str(port))
    began = time.monotonic()
    server = subprocess.Popen(shlex.split(command), cwd=tmp_path)
    try:
        answer = ask(server, port, 60)
        assert answer["total"] >= 3
        assert time.monotonic() - began < 60
        stop(server)
    finally:
        server.kill()


def test_the_wheel_starts_the_demo_from_an_empty_folder(tmp_path):
    """The working copy hides what a wheel forgets: data, migrations, templates, static files."""
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path / "dist"), str(ROOT)],
        check=True,
        capture_output=True,
    )
    wheel = next((tmp_path / "dist").glob("*.whl"))
    subprocess.run([Path(sys.executable).with_name("check-wheel-contents"), str(wheel)], check=True, cwd=ROOT)
    home = tmp_path / "env"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-compile", str(wheel)], check=True)
    empty = tmp_path / "empty"
    empty.mkdir()
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "KG_"))}
    server = subprocess.Popen(
        [home / "bin" / "kompetansegraf", "demo", "--port", str(port)], cwd=empty, env=environment
    )
    try:
        assert ask(server, port, 300)["total"] >= 3
        page = httpx.get(f"http://127.0.0.1:{port}/", timeout=10)
        assert page.status_code == 200
        style = re.search(r'href="(/static/[^"]+\.css)"', page.text).group(1)
        assert httpx.get(f"http://127.0.0.1:{port}{style}", timeout=10).status_code == 200
        stop(server)
    finally:
        server.kill()


@pytest.mark.parametrize(
    "name", ["docs/img/search-1280.png", "docs/img/resource-1280.png", "docs/img/role-1280.png"]
)
def test_the_pictures_of_the_readme_are_there(name):
    assert name in README
    assert (ROOT / name).stat().st_size > 10_000
