import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import orjson
import pytest

from contract.index_builds import INFO, IndexBuildsContract, found, publish
from contract.search_index import axis, entry, fill
from engine.adapters.directory_index_builds import DirectoryIndexBuilds
from engine.adapters.tantivy_search_index import TantivySearchIndex
from engine.errors import Conflict, IndexIncompatible, IndexMissing

ROOT = Path(__file__).parents[2]


def builds_in(folder: Path, version: str = "1") -> DirectoryIndexBuilds:
    return DirectoryIndexBuilds(
        folder,
        create=lambda path: TantivySearchIndex(path, analysis_version=version, create=True),
        open_=lambda path: TantivySearchIndex(path, analysis_version=version),
    )


class TestDirectoryIndexBuilds(IndexBuildsContract):
    @pytest.fixture
    def builds(self, tmp_path):
        return builds_in(tmp_path / "builds")


PRELUDE = """
import os, signal, sys
from pathlib import Path
from contract.index_builds import INFO, publish
from contract.search_index import entry, fill
from contract.test_index_builds_directory import builds_in
folder = Path(sys.argv[1])
builds = builds_in(folder)
"""


def start(program: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(program), str(folder)],
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> int:
    output, _ = process.communicate(timeout=60)
    del output
    return process.returncode


def test_a_killed_builder_frees_the_lock_and_prune_clears_what_it_left(tmp_path):
    builds = builds_in(tmp_path)
    first = publish(builds, "fall")
    builder = start(
        f"""
        with builds.stage({first!r}) as build:
            fill(build.index, entry("ny", "ny"))
            print(build.id, flush=True)
            signal.pause()
        """,
        tmp_path,
    )
    assert builder.stdout is not None
    unfinished = builder.stdout.readline().strip()
    with pytest.raises(Conflict), builds.stage():
        pass
    builds.prune(keep=1)  # another process builds: nothing is touched
    assert (tmp_path / unfinished).is_dir()
    builder.send_signal(signal.SIGKILL)
    assert finish(builder) == -signal.SIGKILL

    assert builds.current().id == first
    assert found(builds, first) == ("fall",)
    second = publish(builds, "sår")
    assert second > unfinished
    builds.prune()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == [first, second]


def test_publishing_killed_at_any_step_leaves_the_old_build_or_the_new(tmp_path):
    builds = builds_in(tmp_path / "builds")
    first = publish(builds, "fall")
    program = """
    import shutil
    import engine.adapters.durable_file
    steps = 0
    def killing(function):
        def wrapped(*arguments, **named):
            global steps
            steps += 1
            if steps == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **named)
        return wrapped
    os.fsync = killing(os.fsync)
    Path.replace = killing(Path.replace)
    kill_at, status = 0, None
    while status != 0:
        kill_at += 1
        target = shutil.copytree(folder, folder.with_name(f"killed-{kill_at:02}"))
        child = os.fork()
        if child == 0:
            builds = builds_in(target)
            with builds.stage() as build:
                build.index.add([entry("ny", "ny")])
                builds.publish(build, INFO)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        assert status in (0, signal.SIGKILL), status
    print(kill_at, flush=True)
    """
    assert finish(start(program, tmp_path / "builds")) == 0
    swapped = []
    for folder in sorted(tmp_path.glob("killed-*")):
        copy = builds_in(folder)
        current = copy.current().id
        assert found(copy, current) == (("fall",) if current == first else ("ny",)), folder.name
        swapped.append(current != first)
        copy.prune(keep=5)
        if len(swapped) % 5:
            continue
        assert found(copy, publish(copy, "sår", base=current))[-1] == "sår"
    assert swapped == sorted(swapped)
    assert swapped.count(False) > 5
    assert swapped.count(True) >= 2


def test_readers_never_miss_while_another_process_publishes_and_prunes(tmp_path):
    builds = builds_in(tmp_path)
    publish(builds, "r0")
    publisher = start(
        """
        print("ready", flush=True)
        for n in range(1, 15):
            publish(builds, f"r{n}", base=builds.current().id)
            builds.prune()
        """,
        tmp_path,
    )
    assert publisher.stdout is not None
    assert publisher.stdout.readline() == "ready\n"
    seen = set()
    while publisher.poll() is None:
        info = builds.current()
        ids = found(builds, info.id)
        assert ids == tuple(sorted(f"r{n}" for n in range(len(ids))))
        seen.add(info.id)
    publisher.stdout.close()
    assert publisher.returncode == 0
    assert len(seen) > 2
    assert len(found(builds, builds.current().id)) == 15


def test_a_build_on_another_shares_its_large_files(tmp_path):
    builds = builds_in(tmp_path)
    with builds.stage() as first:
        fill(first.index, *(entry(f"r{n}", "fall", vectors=[axis(0)] * 50) for n in range(20)))
        builds.publish(first, INFO)
    with builds.stage(first.id) as second:
        fill(second.index, entry("ny", "fall", vectors=[axis(1)]))
        builds.publish(second, INFO)
    shared = {path.name for path in second.folder.rglob("*") if path.is_file() and path.stat().st_nlink > 1}
    assert "vectors-1.arrays" in shared or "vectors-1-0.arrays" in shared
    assert {Path(name).suffix for name in shared} >= {".store", ".idx", ".term", ".arrays"}
    assert not {name for name in shared if name.endswith((".json", ".lock"))}


def test_an_index_of_another_analysis_is_incompatible(tmp_path):
    build_id = publish(builds_in(tmp_path), "fall")
    with pytest.raises(IndexIncompatible):
        builds_in(tmp_path, "2").open(build_id)


def test_a_current_build_that_is_gone_is_missing_and_a_broken_manifest_incompatible(tmp_path):
    builds = builds_in(tmp_path)
    build_id = publish(builds, "fall")
    manifest = tmp_path / build_id / "manifest.json"
    whole = orjson.loads(manifest.read_bytes())
    for broken in (
        b"{",
        orjson.dumps({}),
        orjson.dumps(whole | {"created": "x"}),
        orjson.dumps(whole | {"y": 1}),
    ):
        manifest.write_bytes(broken)
        with pytest.raises(IndexIncompatible, match=build_id):
            builds.current()
    (tmp_path / "CURRENT").write_text("000099-20250101T000000\n")
    with pytest.raises(IndexMissing):
        builds.current()


def test_an_id_sorts_after_the_others_when_the_clock_has_gone_back(tmp_path):
    (tmp_path / "000041-20991231T235959").mkdir(parents=True)
    assert publish(builds_in(tmp_path), "fall").startswith("000042-")
