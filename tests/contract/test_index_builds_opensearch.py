import base64
import copy
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.index_builds import INFO, IndexBuildsContract, found, publish
from contract.search_index import ask, entry, fill
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.adapters.opensearch_index_builds import OpenSearchIndexBuilds
from engine.adapters.opensearch_search_index import OpenSearchSearchIndex
from engine.errors import (
    BackendError,
    BackendUnavailable,
    Conflict,
    IndexIncompatible,
    InvalidRequest,
    NotFound,
)

ROOT = Path(__file__).parents[2]
START = datetime(2025, 3, 21, 12, tzinfo=UTC)


def builds_on(
    url: str, prefix: str, folder: Path, *, version: str = "1", **how: Any
) -> OpenSearchIndexBuilds:
    connection = OpenSearchConnection(url)
    return OpenSearchIndexBuilds(
        connection,
        prefix,
        folder,
        create=lambda name: OpenSearchSearchIndex(connection, name, analysis_version=version, create=True),
        open_=lambda name: OpenSearchSearchIndex(connection, name, analysis_version=version),
        **how,
    )


Open = Callable[..., OpenSearchIndexBuilds]


@pytest.fixture
def open_builds(opensearch_server, opensearch_prefix, tmp_path) -> Iterator[Open]:
    """Open the builds of the test's prefix; as another machine does, with a `folder` of its own."""
    opened = []

    def open_(folder: str = "builds", **how: Any) -> OpenSearchIndexBuilds:
        opened.append(builds_on(opensearch_server.url, opensearch_prefix, tmp_path / folder, **how))
        return opened[-1]

    yield open_
    for builds in opened:
        builds._connection.close()


@pytest.fixture
def indices(opensearch_server, opensearch_prefix) -> Callable[[], list[str]]:
    """The ids of all builds that have an index, as the indices write them."""

    def names() -> list[str]:
        listed = opensearch_server.ask(
            "GET", f"{opensearch_prefix}-0*/_settings?filter_path=*.settings.index.uuid"
        )
        return sorted(name.removeprefix(f"{opensearch_prefix}-").upper() for name in listed)

    return names


class TestOpenSearchIndexBuilds(IndexBuildsContract):
    @pytest.fixture
    def builds(self, open_builds):
        return open_builds()


PRELUDE = """
import os, signal, sys, threading
from pathlib import Path
from contract.index_builds import INFO, publish
from contract.search_index import entry, fill
from contract.test_index_builds_opensearch import builds_on
url, prefix, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
"""


@pytest.fixture
def start(opensearch_server, opensearch_prefix, tmp_path):
    """Start a program that has `url`, `prefix` and `folder`; it is killed after the test."""
    started = []

    def run(program: str, folder: str = "builds") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PRELUDE + textwrap.dedent(program)]
            + [opensearch_server.url, opensearch_prefix, str(tmp_path / folder)],
            env=os.environ | {"PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate(timeout=60)


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def parts_of(server, prefix: str) -> list[str]:
    server.ask("POST", f"{prefix}-parts/_refresh")
    answer = server.ask("GET", f"{prefix}-parts/_search?size=1000&_source=false")
    return sorted(hit["_id"] for hit in answer.get("hits", {"hits": []})["hits"])


# --- one writer ------------------------------------------------------------------------------------


def test_of_two_processes_one_builds(open_builds, start):
    builds = open_builds()
    other = start(
        """
        with builds_on(url, prefix, folder).stage() as build:
            print(build.id, flush=True)
            sys.stdin.read()
        """
    )
    staged = line(other)
    with pytest.raises(Conflict, match=f"process {other.pid} on "), builds.stage():
        pass
    builds.prune(keep=0)
    with pytest.raises(NotFound):
        builds.open(staged)
    with pytest.raises(Conflict), open_builds("elsewhere").stage():
        pass


def test_a_killed_builder_frees_the_lock_and_what_it_left_is_cleared(open_builds, start, indices, tmp_path):
    builds = open_builds()
    first = publish(builds, "fall")
    builder = start(
        f"""
        with builds_on(url, prefix, folder).stage({first!r}) as build:
            fill(build.index, entry("ny", "ny"))
            (build.folder / "graph.jsonl").write_text("graph")
            print(build.id, flush=True)
            signal.pause()
        """
    )
    unfinished = line(builder)
    assert indices() == [first, unfinished]
    builds.prune(keep=1)  # another process builds: nothing is touched
    assert indices() == [first, unfinished]
    builder.kill()
    builder.wait(60)

    assert builds.current().id == first
    assert found(builds, first) == ("fall",)
    second = publish(builds, "sår")
    assert second > unfinished
    assert indices() == [first, second]
    assert sorted(path.name for path in (tmp_path / "builds").iterdir()) == [first, second]


@pytest.mark.parametrize("machine", ["another machine", None])
def test_an_owner_elsewhere_keeps_the_lock_for_its_lease(
    open_builds, start, opensearch_server, opensearch_prefix, machine
):
    clock = [START]
    builder = start(
        """
        from datetime import datetime, UTC
        builds = builds_on(url, prefix, folder, now=lambda: datetime(2025, 3, 21, 12, tzinfo=UTC))
        with builds.stage() as build:
            print(build.id, flush=True)
            signal.pause()
        """
    )
    line(builder)
    builder.kill()
    builder.wait(60)
    changed = {"doc": {"machine": machine, "host": "elsewhere"}}
    opensearch_server.ask("POST", f"{opensearch_prefix}-state/_update/writer", changed)
    builds = open_builds(now=lambda: clock[0])
    clock[0] = START + timedelta(seconds=59)
    with pytest.raises(Conflict, match="on elsewhere"), builds.stage():
        pass
    clock[0] = START + timedelta(seconds=61)
    publish(builds, "fall")


def test_a_lock_that_is_renewed_outlives_its_lease(open_builds, opensearch_server, opensearch_prefix):
    clock = [START]
    one = open_builds(now=lambda: clock[0], lease=timedelta(seconds=0.2))
    other = open_builds(now=lambda: clock[0], lease=timedelta(seconds=0.2))

    def renewed() -> float:
        return opensearch_server.ask("GET", f"{opensearch_prefix}-state/_doc/writer")["_source"]["renewed"]

    with one.stage():
        clock[0] = START + timedelta(hours=1)
        wait_until(lambda: renewed() == clock[0].timestamp())
        with pytest.raises(Conflict), other.stage():
            pass


def test_who_has_lost_the_lock_publishes_nothing(open_builds, indices):
    clock = [START]
    slow = open_builds(now=lambda: clock[0], lease=timedelta(hours=1))
    swift = open_builds("elsewhere", now=lambda: clock[0])
    first = publish(slow, "fall")
    with slow.stage(first) as build:
        fill(build.index, entry("ny", "ny"))
        clock[0] += timedelta(hours=2)  # it slept
        second = publish(swift, "sår")
        with pytest.raises((Conflict, BackendError)):
            slow.publish(build, INFO)
    assert swift.current().id == second
    assert open_builds().current().id == second
    assert indices() == [first, second]
    third = publish(slow, "kost")
    assert third > second


def test_who_loses_the_lock_before_the_swap_publishes_nothing(open_builds, indices, monkeypatch):
    clock = [START]
    slow = open_builds(now=lambda: clock[0], lease=timedelta(hours=1))
    swift = open_builds("elsewhere", now=lambda: clock[0])
    first = publish(slow, "fall")
    taken = []
    seal = slow._indices.seal

    def seal_and_sleep(build_id: str) -> None:
        seal(build_id)
        clock[0] += timedelta(hours=2)
        taken.append(publish(swift, "sår", base=first))

    monkeypatch.setattr(slow._indices, "seal", seal_and_sleep)
    with slow.stage() as build:
        fill(build.index, entry("ny", "ny"))
        with pytest.raises(Conflict, match="another process"):
            slow.publish(build, INFO)
    assert slow.current().id == taken[0]
    assert indices() == [first, *taken]


def test_a_swap_gives_way_to_one_that_came_first(open_builds, indices, monkeypatch):
    """Between the last look at the lock and the swap a process may sleep for ever so long."""
    slow, swift = open_builds(), open_builds("elsewhere")
    first, second = publish(slow, "fall"), publish(slow, "sår")
    swap = slow._indices.make_current

    def sleep_and_swap(build_id: str, *, instead_of: str | None) -> None:
        assert swift.rollback().id == first
        swap(build_id, instead_of=instead_of)

    monkeypatch.setattr(slow._indices, "make_current", sleep_and_swap)
    with slow.stage() as build, pytest.raises(Conflict, match="was not made current"):
        slow.publish(build, INFO)
    assert slow.current().id == first
    assert indices() == [first, second]


def test_a_lock_whose_release_failed_is_no_hindrance_to_its_own_process(open_builds, monkeypatch):
    builds = open_builds()
    with monkeypatch.context() as broken:
        from engine.adapters.opensearch_writer_lock import HeldLock

        broken.setattr(HeldLock, "release", lambda self: None)
        publish(builds, "fall")
    publish(builds, "sår")


# --- killed at any moment --------------------------------------------------------------------------


def test_publishing_killed_at_any_write_leaves_the_old_build_or_the_new(open_builds, start):
    builds = open_builds(fresh=0, grace=timedelta(0))
    base = publish(builds, "fall")
    publisher = start(
        """
        for kill_at in range(1, 1000):
            child = os.fork()
            if child == 0:
                builds = builds_on(url, prefix, folder)
                writes = 0
                transport = builds._connection.client.transport
                perform = transport.perform_request
                def counted(method, *arguments, **named):
                    global writes
                    if method != "GET":
                        writes += 1
                        if writes == kill_at:
                            os.kill(os.getpid(), signal.SIGKILL)
                    return perform(method, *arguments, **named)
                transport.perform_request = counted
                with builds.stage(builds.current().id) as build:
                    build.index.add([entry("ny", "ny")])
                    (build.folder / "graph.jsonl").write_text(build.id)
                    builds.publish(build, INFO)
                os._exit(0)
            print(os.waitpid(child, 0)[1], flush=True)
            if not sys.stdin.readline():
                break
        """
    )
    swapped = []
    status = None
    while status != 0:
        status = int(line(publisher))
        assert status in {0, signal.SIGKILL}
        current = builds.current().id
        swapped.append(current != base)
        assert found(builds, current) == (("fall", "ny") if swapped[-1] else ("fall",))
        if swapped[-1]:
            assert (builds.folder(current) / "graph.jsonl").read_text() == current
            while builds.current().id != base:
                builds.rollback()
        builds.prune(keep=0)
        assert publisher.stdin is not None
        if status:  # after the last it would go on and build beside us
            publisher.stdin.write("\n")
            publisher.stdin.flush()
    assert swapped == sorted(swapped)
    assert swapped.count(False) > 10
    assert swapped.count(True) >= 2
    assert found(builds, publish(builds, "sår", base=base)) == ("fall", "sår")


def test_readers_never_miss_while_another_process_publishes_and_prunes(open_builds, start):
    builds = open_builds(fresh=0)
    publish(builds, "r0")
    publisher = start(
        """
        builds = builds_on(url, prefix, folder)
        for n in range(1, 6):
            publish(builds, f"r{n}", base=builds.current().id)
            builds.prune(keep=1)
        """,
        "elsewhere",
    )
    seen = set()
    while publisher.poll() is None:
        info = builds.current()
        try:
            ids = found(builds, info.id)
        except NotFound:  # retired between the two: what is current now can be opened
            info = builds.current()
            ids = found(builds, info.id)
        assert ids == tuple(f"r{n}" for n in range(len(ids)))
        seen.add(info.id)
    assert publisher.returncode == 0
    assert len(seen) > 2
    assert len(found(builds, builds.current().id)) == 6


# --- files of a build ------------------------------------------------------------------------------


def with_parts(builds: OpenSearchIndexBuilds, parts: dict[str, bytes], base: str | None = None) -> str:
    with builds.stage(base) as build:
        for name, data in parts.items():
            (build.folder / name).parent.mkdir(exist_ok=True)
            (build.folder / name).write_bytes(data)
        builds.publish(build, INFO)
        return build.id


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


PARTS = {
    "empty": b"",
    "graph.jsonl": "æøå\n".encode() * 100_000,
    "deep/noise.bin": random.Random(7).randbytes(50_000),
}


def test_files_of_many_chunks_reach_another_machine(open_builds, opensearch_server, opensearch_prefix):
    build_id = with_parts(open_builds(chunk=4096), PARTS)
    elsewhere = open_builds("elsewhere")
    assert contents(elsewhere.folder(build_id)) == PARTS
    chunks = parts_of(opensearch_server, opensearch_prefix)
    assert sum(name.startswith(f"{build_id}.0.") for name in chunks) >= 50_000 / 4096
    assert len(chunks) < sum(map(len, PARTS.values())) / 4096 / 2  # compressed


def test_a_damaged_file_is_fetched_again(open_builds):
    builds = open_builds(chunk=4096)
    build_id = with_parts(builds, PARTS)
    folder = builds.folder(build_id)
    whole = (folder / "graph.jsonl").read_bytes()
    for harm in (
        lambda path: path.write_bytes(b"x" + whole[1:]),
        lambda path: path.write_bytes(whole[:-1]),
        lambda path: path.unlink(),
    ):
        harm(folder / "graph.jsonl")
        assert contents(builds.folder(build_id)) == PARTS
        harm(folder / "graph.jsonl")
        assert contents(open_builds().folder(build_id)) == PARTS


def test_a_file_that_the_cluster_has_lost_or_damaged_is_an_error_that_names_it(
    open_builds, opensearch_server, opensearch_prefix
):
    build_id = with_parts(open_builds(), PARTS)
    chunk = f"{opensearch_prefix}-parts/_doc/{build_id}.2.0"
    kept = opensearch_server.ask("GET", chunk)["_source"]
    for data in ("AAAA", "eJwDAAAAAAE=", base64.b64encode(zlib.compress(b"short")).decode(), "?"):
        opensearch_server.ask("PUT", chunk, kept | {"data": data})
        with pytest.raises(BackendError, match=r"graph\.jsonl of build .* is damaged"):
            open_builds("elsewhere").folder(build_id)
    opensearch_server.ask("DELETE", chunk)
    with pytest.raises(BackendError, match="is not whole"):
        open_builds("elsewhere").folder(build_id)
    opensearch_server.ask("PUT", chunk, kept)
    assert contents(open_builds("elsewhere").folder(build_id)) == PARTS


def test_a_folder_that_cannot_be_written_is_an_error_that_says_so(open_builds, tmp_path):
    build_id = with_parts(open_builds(), PARTS)
    (tmp_path / "elsewhere").write_text("a file")
    with pytest.raises(BackendError, match=r"cannot be kept in .*elsewhere"):
        open_builds("elsewhere").folder(build_id)


def test_a_manifest_cannot_name_a_file_outside_its_folder(open_builds, opensearch_server, opensearch_prefix):
    build_id = with_parts(open_builds(), PARTS)
    for path in ("../x", "/etc/x", ""):
        change_manifest(
            opensearch_server,
            opensearch_prefix,
            build_id,
            lambda build, path=path: build["parts"][0].update(path=path),
        )
        with pytest.raises(IndexIncompatible, match=build_id):
            open_builds("elsewhere").folder(build_id)


def test_files_and_folders_of_builds_that_are_gone_are_removed(
    open_builds, opensearch_server, opensearch_prefix, tmp_path
):
    builds, elsewhere = open_builds(grace=timedelta(0)), open_builds("elsewhere")
    first = with_parts(builds, {"graph.jsonl": b"first"})
    elsewhere.folder(first)
    other = tmp_path / "elsewhere" / "not-ours"
    other.mkdir()
    second = with_parts(builds, {"graph.jsonl": b"second"}, base=first)
    with builds.stage() as build:
        (build.folder / "graph.jsonl").write_bytes(b"never")
    builds.prune(keep=1)
    assert parts_of(opensearch_server, opensearch_prefix) == [f"{second}.0.0"]
    assert [path.name for path in (tmp_path / "builds").iterdir()] == [second]
    elsewhere.folder(second)
    assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == [second, "not-ours"]


# --- retiring --------------------------------------------------------------------------------------


def test_a_pruned_build_is_deleted_when_its_grace_is_over(open_builds, indices):
    clock = [START]
    builds = open_builds(now=lambda: clock[0], grace=timedelta(minutes=5))
    first, second = publish(builds, "fall"), publish(builds, "sår")
    index = builds.open(first)
    builds.prune(keep=1)
    for ask_for in (builds.open, builds.folder):
        with pytest.raises(NotFound):
            ask_for(first)
    with pytest.raises(NotFound):
        builds.rollback()
    with pytest.raises(NotFound), builds.stage(first):
        pass
    clock[0] = START + timedelta(minutes=4)
    builds.prune(keep=1)
    assert ask(index, "fall").ids == ("fall",)
    assert indices() == [first, second]
    clock[0] = START + timedelta(minutes=5)
    builds.prune(keep=1)
    assert indices() == [second]


def test_a_build_made_current_while_it_was_retired_is_published_again(open_builds, indices):
    builds = open_builds(grace=timedelta(0))
    first, second = publish(builds, "fall"), publish(builds, "sår")
    builds._indices.make_current(first, instead_of=second)  # a rollback
    retired = {**builds._indices.find(first).manifest, "retired": 1.0}
    builds._indices.write_manifest(first, retired)  # and a prune, at once
    builds.prune(keep=2)
    assert indices() == [first, second]
    assert open_builds().current().id == first
    assert found(builds, first) == ("fall",)


def test_a_copy_that_still_has_its_origins_manifest_is_no_build(
    open_builds, indices, opensearch_server, opensearch_prefix
):
    """A kill may come between the copying of an index and the removal of the manifest in the copy."""
    builds = open_builds()
    first = publish(builds, "fall")
    copied = "000002-20250321T120000"
    names = [f"{opensearch_prefix}-{build_id.lower()}" for build_id in (first, copied)]
    assert opensearch_server.ask("PUT", f"{names[0]}/_clone/{names[1]}")["acknowledged"]
    with pytest.raises(NotFound):
        builds.open(copied)
    builds.prune(keep=5)
    assert indices() == [first]


def test_numbers_are_not_used_twice(open_builds):
    builds = open_builds(grace=timedelta(0))
    first = publish(builds, "fall")
    with builds.stage() as discarded:
        pass
    second = publish(builds, "sår")
    assert [build_id[:6] for build_id in (first, discarded.id, second)] == ["000001", "000002", "000003"]


# --- what is current -------------------------------------------------------------------------------


def test_current_asks_the_cluster_once_a_second(open_builds, monkeypatch):
    clock, asked = [100.0], []
    reader, writer = open_builds(monotonic=lambda: clock[0]), open_builds("elsewhere")
    first = publish(writer, "fall")
    perform = reader._connection.client.transport.perform_request
    monkeypatch.setattr(
        reader._connection.client.transport,
        "perform_request",
        lambda *arguments, **named: asked.append(arguments[:2]) or perform(*arguments, **named),
    )
    reader.current()
    asked.clear()
    clock[0] += 1.0
    for _ in range(50):
        assert reader.current().id == first
    assert len(asked) == 1
    second = publish(writer, "sår")
    assert reader.current().id == first
    clock[0] += 1.0
    assert reader.current().id == second
    assert reader.rollback().id == first
    assert reader.current().id == first  # its own swap it sees at once


def test_current_never_answers_for_a_cluster_that_is_not_there(open_builds):
    clock = [100.0]
    builds = open_builds(monotonic=lambda: clock[0])
    publish(builds, "fall")
    builds.current()
    builds._connection.close()
    clock[0] += 1.0
    with pytest.raises(BackendUnavailable):
        builds.current()


def change_manifest(server, prefix: str, build_id: str, change: Callable[[dict[str, Any]], object]) -> None:
    name = f"{prefix}-{build_id.lower()}"
    meta = server.ask("GET", f"{name}/_mapping")[name]["mappings"]["_meta"]
    change(meta["build"])
    assert server.ask("PUT", f"{name}/_mapping", {"_meta": meta}) == {"acknowledged": True}


def test_a_broken_manifest_is_incompatible_and_a_rollback_gets_past_it(
    open_builds, opensearch_server, opensearch_prefix
):
    builds = open_builds(fresh=0)
    first, second = publish(builds, "fall"), publish(builds, "sår")
    for change in (
        lambda build: build["info"].update(y=1),
        lambda build: build["info"].update(created="x"),
        lambda build: build.pop("info"),
        lambda build: build.update(id="other"),
    ):
        whole: dict[str, Any] = {}
        change_manifest(
            opensearch_server, opensearch_prefix, second, lambda b, keep=whole: keep.update(copy.deepcopy(b))
        )
        change_manifest(opensearch_server, opensearch_prefix, second, change)
        with pytest.raises(IndexIncompatible, match=second):
            builds.current()
        change_manifest(
            opensearch_server, opensearch_prefix, second, lambda b, kept=whole: (b.clear(), b.update(kept))
        )
        assert builds.current().id == second
    change_manifest(opensearch_server, opensearch_prefix, second, lambda build: build.clear())
    assert builds.rollback().id == first


def test_without_its_index_there_is_no_current_build(open_builds, opensearch_server, opensearch_prefix):
    builds = open_builds(fresh=0)
    build_id = publish(builds, "fall")
    opensearch_server.ask("DELETE", f"{opensearch_prefix}-{build_id.lower()}")
    assert builds.current() is None
    assert publish(builds, "sår")[:6] == "000002"


def test_an_index_of_another_analysis_is_incompatible(open_builds):
    build_id = publish(open_builds(), "fall")
    with pytest.raises(IndexIncompatible):
        open_builds(version="2").open(build_id)
    with pytest.raises(IndexIncompatible), open_builds(version="2").stage(build_id):
        pass
    publish(open_builds(), "sår", base=build_id)


def test_a_published_build_refuses_writes_and_one_staged_on_it_keeps_its_settings(
    open_builds, opensearch_server, opensearch_prefix
):
    builds = open_builds()
    first = publish(builds, "fall")
    second = publish(builds, "sår", base=first)
    flat = "flat_settings=true"
    names = [f"{opensearch_prefix}-{build_id.lower()}" for build_id in (first, second)]
    settings = [opensearch_server.ask("GET", f"{name}/_settings?{flat}")[name]["settings"] for name in names]
    of_one_index = {"index.provided_name", "index.uuid", "index.creation_date"}
    for name, value in settings[0].items():
        assert name in of_one_index or settings[1][name] == value, name
    assert settings[0]["index.blocks.write"] == "true"
    assert opensearch_server.ask("POST", f"{names[1]}/_doc", {"id": "x"})["status"] == 403


def test_a_name_that_is_taken_is_an_error_that_says_so(open_builds, opensearch_server, opensearch_prefix):
    builds = open_builds()
    opensearch_server.ask("PUT", opensearch_prefix)
    for ask_for in (builds.current, lambda: publish(builds, "fall")):
        with pytest.raises(BackendError, match=rf"{opensearch_prefix} belongs to an index .*KG_SEARCH_INDEX"):
            ask_for()
    opensearch_server.ask("DELETE", opensearch_prefix)
    other = f"{opensearch_prefix}-000001"
    opensearch_server.ask("PUT", other, {"aliases": {opensearch_prefix: {}}})
    for ask_for in (builds.current, lambda: publish(builds, "fall")):
        with pytest.raises(BackendError, match=rf"names {other}, which is not ours"):
            ask_for()
    opensearch_server.ask("DELETE", other)
    publish(builds, "fall")


def test_another_prefix_that_begins_as_ours_is_left_alone(opensearch_server, opensearch_prefix, tmp_path):
    ours = builds_on(opensearch_server.url, opensearch_prefix, tmp_path / "ours", grace=timedelta(0))
    theirs = builds_on(opensearch_server.url, f"{opensearch_prefix}-test", tmp_path / "theirs")
    kept = publish(theirs, "fall")
    with theirs.stage() as build:
        publish(ours, "sår")
        publish(ours, "kost")
        ours.prune(keep=0)
        fill(build.index, entry("ny", "ny"))
    assert found(theirs, kept) == ("fall",)
    for builds in (ours, theirs):
        builds._connection.close()


@pytest.mark.parametrize("prefix", ["", "Stor", "-a", "_a", "a/b", "a*", "æ", "a b", "a" * 101, ".."])
def test_a_prefix_that_no_index_can_have_is_an_invalid_request(prefix, tmp_path):
    with pytest.raises(InvalidRequest, match="cannot begin the name of an index"):
        builds_on("http://127.0.0.1:9", prefix, tmp_path)


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    pause, waited = threading.Event(), 0.0
    while not condition():
        assert waited < seconds, "it did not come about"
        pause.wait(0.05)
        waited += 0.05
