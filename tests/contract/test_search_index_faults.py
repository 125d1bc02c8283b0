"""The embedded index after a kill, a full disk, a second writer; and what it refuses to open."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import orjson
import pytest
import tantivy

from contract.search_index import HALF, ask, axis, entry, fill
from engine.adapters.column_store import ColumnStore
from engine.adapters.tantivy_search_index import TantivySearchIndex
from engine.errors import Conflict, IndexIncompatible, IndexMissing
from engine.model import IndexQuery

ROOT = Path(__file__).parents[2]
PRELUDE = """
import os, signal, sys
from pathlib import Path
import numpy as np
from contract.search_index import HALF, ask, axis, entry, fill
from engine.adapters.column_store import ColumnStore
from engine.adapters.tantivy_search_index import TantivySearchIndex
from engine.errors import BackendError
from engine.model import IndexQuery
folder = Path(sys.argv[1])
"""


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(program), *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def opened(folder: Path, *, create: bool = False) -> TantivySearchIndex:
    return TantivySearchIndex(folder, analysis_version="1", create=create)


def state(index: TantivySearchIndex) -> dict[str, object]:
    """All that can be seen, in a form that can be compared."""
    found = index.search(IndexQuery(vector=axis(0), facets=("t",)))
    everything = index.search(IndexQuery(facets=("t",)))
    return {
        "ids": index.ids(),
        "near": dict(zip(found.ids, found.cosine.tolist(), strict=True)),
        "facets": everything.facets,
        "fall": ask(index, "fall").ids,
        "sår": ask(index, "sår").ids,
        "lexicon": dict(index.lexicon()),
        "frequency": list(index.document_frequency("terms", ["fall", "sår"])),
        "resources": {id_: resource.body for id_, resource in index.get(sorted(index.ids())).items()},
    }


BEFORE = [entry(f"r{n}", "fall", facets={"t": ("old",)}, vectors=[axis(0), HALF]) for n in range(4)]
AFTER = [entry(f"r{n}", "sår", facets={"t": ("new",)}, vectors=[HALF]) for n in range(2, 6)]
UPDATE = """
from contract.test_search_index_faults import AFTER
def update(folder):
    index = TantivySearchIndex(folder, analysis_version="1")
    index.add(AFTER)
    index.delete(["r0"])
    index.commit()
    index.close()
"""
KILLED_AT_EVERY_STEP = """
import shutil
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
Path.replace, Path.unlink = killing(Path.replace), killing(Path.unlink)
TantivySearchIndex._remove_documents = killing(TantivySearchIndex._remove_documents)
TantivySearchIndex._spill = killing(TantivySearchIndex._spill)
kill_at, status = 0, None
while status != 0:
    kill_at += 1
    target = shutil.copytree(folder, folder.with_name(f"killed-{kill_at}"))
    child = os.fork()  # of a process that has started no thread
    if child == 0:
        update(target)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), status
print(kill_at)
"""


def test_a_commit_killed_at_any_step_is_whole_or_has_not_happened(tmp_path):
    folder = tmp_path / "before"
    index = opened(folder, create=True)
    fill(index, *BEFORE)
    before = state(index)
    index.close()
    result = run(UPDATE + KILLED_AT_EVERY_STEP, folder)
    assert result.returncode == 0, result.stderr
    steps = int(result.stdout)
    whole = opened(tmp_path / f"killed-{steps}")
    after = state(whole)
    whole.close()
    assert after["ids"] == {"r1", "r2", "r3", "r4", "r5"}
    assert after["fall"] == ("r1",)

    committed = []
    for step in range(1, steps):
        folder = tmp_path / f"killed-{step}"
        reader = opened(folder)
        found = state(reader)
        assert found in (before, after), f"killed at step {step}"
        committed.append(found == after)
        reader.add(AFTER)
        reader.delete(["r0"])
        reader.commit()
        assert state(reader) == after, f"killed at step {step}"
        reader.close()
        assert documents(folder) == 5
        names = orjson.loads((folder / "index.json").read_bytes())
        assert {path.name for path in folder.glob("*.arrays")} == {names["columns"], *names["vectors"]}
    assert committed == sorted(committed)
    assert committed.count(False) > 4
    assert committed.count(True) > 2


def documents(folder: Path) -> int:
    """How many documents tantivy holds."""
    return tantivy.Index.open(str(folder / "tantivy")).searcher().num_docs


def test_a_replaced_resource_leaves_no_second_document(tmp_path):
    index = opened(tmp_path, create=True)
    for _ in range(5):
        fill(index, entry("a", "fall"), entry("b", "fall"), entry("a", "sår"))
    index.close()
    assert documents(tmp_path) == 2


def test_what_was_not_committed_is_gone_after_closing(tmp_path):
    index = opened(tmp_path, create=True)
    fill(index, entry("a", "fall"))
    index.add([entry("b", "fall", vectors=[axis(0)])])
    index.close()
    index = opened(tmp_path)
    assert index.ids() == {"a"}
    fill(index, entry("c", "fall"))
    assert ask(index, "fall").ids == ("a", "c")
    index.close()


def test_an_index_is_the_same_when_opened_again(tmp_path):
    index = opened(tmp_path, create=True)
    fill(index, *BEFORE)
    fill(index, *AFTER)
    before = state(index)
    index.close()
    index = opened(tmp_path)
    assert state(index) == before
    index.close()


def test_a_second_writer_is_a_conflict_until_the_first_is_gone(tmp_path):
    first, second = opened(tmp_path, create=True), opened(tmp_path)
    fill(first, entry("a", "fall"))
    with pytest.raises(Conflict):
        second.add([entry("b", "fall")])
    with pytest.raises(Conflict):
        second.delete(["a"])
    first.close()
    fill(second, entry("b", "fall"))
    assert ask(second, "fall").ids == ("a", "b")
    second.close()


def test_a_reader_keeps_its_generation_while_another_process_commits(tmp_path):
    index = opened(tmp_path, create=True)
    fill(index, *BEFORE)
    before = state(index)
    index.close()
    reader = opened(tmp_path)
    result = run(UPDATE + "update(folder)", tmp_path)
    assert result.returncode == 0, result.stderr
    assert state(reader) == before
    reader.close()
    reader = opened(tmp_path)
    assert reader.ids() == {"r1", "r2", "r3", "r4", "r5"}
    reader.close()


def test_whatever_is_opened_while_another_process_commits_is_of_one_generation(tmp_path):
    index = opened(tmp_path, create=True)
    fill(index, *(entry(f"r{n}", "g0", facets={"t": ("g0",)}, vectors=[axis(0)]) for n in range(5)))
    index.close()
    program = """
    index = TantivySearchIndex(folder, analysis_version="1")
    print("ready", flush=True)
    for g in range(1, 30):
        vector = axis(g % 4)
        fill(index, *(entry(f"r{n}", f"g{g}", facets={"t": (f"g{g}",)}, vectors=[vector]) for n in range(5)))
    index.close()
    """
    writer = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(program), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    generations = set()
    while writer.poll() is None:
        reader = opened(tmp_path)
        found = reader.search(IndexQuery(facets=("t",)))
        ((generation, count),) = found.facets["t"].items()
        assert (len(found.ids), count) == (5, 5)
        assert len(ask(reader, generation).ids) == 5
        near = reader.search(IndexQuery(vector=axis(int(generation[1:]) % 4), floor=0.9))
        assert len(near.ids) == 5
        assert reader.get(["r0"])["r0"].body == generation
        generations.add(generation)
        reader.close()
    writer.stdout.close()
    assert writer.returncode == 0
    assert len(generations) > 3


def test_a_reader_begins_again_when_a_commit_comes_between_its_steps(tmp_path, monkeypatch):
    writer = opened(tmp_path, create=True)
    fill(writer, *(entry(f"r{n}", "fall") for n in range(4)))
    open_columns = ColumnStore.open
    commits = []

    def open_columns_then_commit(path):
        columns = open_columns(path)
        if not commits:
            commits.append("under way")
            fill(writer, *(entry(f"r{n}", "sår") for n in range(4)))
        return columns

    monkeypatch.setattr(ColumnStore, "open", open_columns_then_commit)
    reader = opened(tmp_path)
    assert commits
    assert state(reader) == state(writer)
    assert ask(reader, "sår").ids == ("r0", "r1", "r2", "r3")
    reader.close()
    writer.close()


def test_a_full_disk_is_an_error_that_leaves_the_index_as_it_was(tmp_path):
    index = opened(tmp_path, create=True)
    fill(index, *BEFORE)
    before = state(index)
    index.close()
    program = """
    import resource
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    index = TantivySearchIndex(folder, analysis_version="1")
    vectors = [HALF] * 2000
    failures = 0
    for limit in (2_000, 20_000):
        index.add([entry("big", "stor", vectors=vectors), entry("r1", "stor")])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            index.commit()
        except BackendError:
            failures += 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert sorted(index.ids()) == ["r0", "r1", "r2", "r3"], index.ids()
        assert ask(index, "stor").ids == ()
        assert len(ask(index, "fall").ids) == 4
    if len(sys.argv) > 2:
        fill(index, entry("big", "stor", vectors=vectors))
        assert ask(index, "stor").ids == ("big",)
    index.close()
    print(failures)
    """
    result = run(program, tmp_path)
    assert result.stdout.strip() == "2", result.stderr
    index = opened(tmp_path)
    assert state(index) == before
    index.close()
    result = run(program, tmp_path, "write")
    assert result.stdout.strip() == "2", result.stderr
    assert documents(tmp_path) == 5


def test_no_index_is_missing(tmp_path):
    with pytest.raises(IndexMissing):
        opened(tmp_path)
    with pytest.raises(IndexMissing):
        opened(tmp_path / "none")


def test_another_analysis_version_is_incompatible(tmp_path):
    opened(tmp_path, create=True).close()
    with pytest.raises(IndexIncompatible, match=r"analysis '1'.*'2'"):
        TantivySearchIndex(tmp_path, analysis_version="2")
    with pytest.raises(IndexIncompatible):
        TantivySearchIndex(tmp_path, analysis_version="2", create=True)


def lose_the_manifest_version(folder: Path) -> None:
    manifest = orjson.loads((folder / "index.json").read_bytes())
    (folder / "index.json").write_bytes(orjson.dumps(manifest | {"schema_version": 0}))


def cut_the_manifest(folder: Path) -> None:
    (folder / "index.json").write_bytes((folder / "index.json").read_bytes()[:-9])


def cut(folder: Path, pattern: str) -> None:
    (path,) = folder.glob(pattern)
    os.truncate(path, path.stat().st_size - 100)


def remove_segments(folder: Path) -> None:
    for path in (folder / "tantivy").iterdir():
        path.unlink()


def empty_tantivy(folder: Path) -> None:
    meta = folder / "tantivy" / "meta.json"
    meta.write_bytes(orjson.dumps(orjson.loads(meta.read_bytes()) | {"segments": []}))


@pytest.mark.parametrize(
    "damage",
    [
        lose_the_manifest_version,
        cut_the_manifest,
        lambda folder: cut(folder, "columns-*"),
        lambda folder: cut(folder, "vectors-*"),
        lambda folder: next(folder.glob("columns-*")).unlink(),
        lambda folder: next(folder.glob("columns-*")).write_bytes(b"something else"),
        remove_segments,
        empty_tantivy,
    ],
    ids=[
        "other schema version",
        "manifest cut short",
        "columns cut short",
        "vectors cut short",
        "columns gone",
        "columns of another kind",
        "no lexical files",
        "lexical documents lost",
    ],
)
def test_a_damaged_index_is_incompatible(tmp_path, damage):
    index = opened(tmp_path, create=True)
    fill(index, *BEFORE)
    index.close()
    damage(tmp_path)
    with pytest.raises(IndexIncompatible):
        opened(tmp_path)


def test_many_small_commits_leave_few_vector_files_and_no_dead_vectors(tmp_path):
    index = opened(tmp_path, create=True)
    for n in range(24):
        fill(index, entry(f"r{n % 16:02}", "fall", vectors=[axis(n % 4), HALF]))
    assert len(list(tmp_path.glob("vectors-*"))) <= 5
    assert len(list(tmp_path.glob("columns-*"))) == 1
    stored = sum(len(segment.vectors) for segment in index._snapshot.vectors.segments)
    assert 32 <= stored <= 64
    found = index.search(IndexQuery(vector=axis(0), floor=0.9))
    assert found.ids == ("r00", "r04", "r08", "r12")
    index.delete(index.ids())
    index.commit()
    assert list(tmp_path.glob("vectors-*")) == []
    index.close()


def test_vectors_of_a_large_batch_go_to_files_before_the_commit(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.adapters.tantivy_search_index._SPILL", 100)
    index = opened(tmp_path, create=True)
    rows = np.eye(4, dtype=np.float32)
    index.add(entry(f"r{n:02}", "fall", vectors=[rows[n % 4]] * 3) for n in range(20))
    assert len(list(tmp_path.glob("vectors-*"))) == 6
    index.add([entry("r00", "fall", vectors=[rows[3]])])
    assert index.ids() == frozenset()
    index.commit()
    found = index.search(IndexQuery(vector=axis(3), floor=0.9))
    assert found.ids == ("r00", "r03", "r07", "r11", "r15", "r19")
    assert len(index.passages("r00")[1]) == 1
    assert len(list(tmp_path.glob("vectors-*"))) == 1
    index.close()
