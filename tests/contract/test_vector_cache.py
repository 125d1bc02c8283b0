import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from contract.vector_cache import MODEL, VectorCacheContract, same, vectors
from engine.adapters.sql_connections import Database
from engine.adapters.sqlite_vector_cache import SqliteVectorCache
from engine.errors import BackendUnavailable, InvalidRequest

ROOT = Path(__file__).parents[2]

WRITES_ON = """
import sys
from pathlib import Path
import numpy as np
from engine.adapters.sqlite_vector_cache import SqliteVectorCache
cache = SqliteVectorCache(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    cache.put("m", {f"{sys.argv[2]}.{n}.{i}": np.full(64, n + i, np.float32) for i in range(10)})
    print(n, flush=True)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "vectors.db"


@pytest.fixture
def cache(path):
    opened = SqliteVectorCache(path)
    yield opened
    opened.close()


def damage(path: Path, statement: str) -> None:
    database = Database(f"sqlite:///{path}")
    with database.write() as connection:
        connection.exec_driver_sql(statement)
    database.close()


def start(path: Path, name: str, rounds: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITES_ON, str(path), name, str(rounds)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class TestSqliteVectorCache(VectorCacheContract):
    @pytest.fixture
    def open_one(self, path):
        return lambda: SqliteVectorCache(path)


@pytest.mark.parametrize(
    "change",
    [
        "vector = substr(vector, 1, 28)",  # too short
        "vector = vector || x'00000000'",  # too long
        "vector = x''",
        "vector = 'text'",
        "vector = x'ff' || substr(vector, 2)",  # the right size, other bytes
        "crc = crc + 1",
        "crc = 'text'",
    ],
)
def test_a_damaged_row_is_ignored_and_can_be_written_again(cache, path, change):
    cache.put(MODEL, vectors("a", "b"))
    damage(path, f"UPDATE vector SET {change} WHERE hash = 'a'")
    assert same(cache.get(MODEL, ["a", "b"]), vectors("b"))
    cache.put(MODEL, vectors("a"))
    assert same(cache.get(MODEL, ["a", "b"]), vectors("a", "b"))


def test_a_row_of_another_length_than_its_model_is_ignored(cache, path):
    cache.put(MODEL, vectors("a"))
    damage(path, "UPDATE model SET dim = 7")
    assert dict(cache.get(MODEL, ["a"])) == {}


def test_a_file_that_is_no_database_is_set_aside(path):
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 100)
    cache = SqliteVectorCache(path)
    cache.put(MODEL, vectors("a"))
    assert same(cache.get(MODEL, ["a"]), vectors("a"))
    cache.close()
    assert path.with_name("vectors.db.corrupt").read_bytes().startswith(b"not a database")


@pytest.mark.parametrize("use", ["get", "put", "open"])
def test_a_file_with_damaged_pages_is_set_aside(path, use):
    cache = SqliteVectorCache(path)
    cache.put(MODEL, vectors(*"abcdefgh", dim=4096))
    cache.close()
    with path.open("r+b") as file:  # everything after the first page
        size = file.seek(0, os.SEEK_END)
        file.seek(100 if use == "open" else 4096)
        file.write(b"\xa5" * (size - file.tell()))
    cache = SqliteVectorCache(path)
    if use == "get":
        assert dict(cache.get(MODEL, ["a"])) == {}
    cache.put(MODEL, vectors("b"))
    assert same(cache.get(MODEL, ["a", "b"]), vectors("b"))
    cache.close()
    assert path.with_name("vectors.db.corrupt").is_file()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BackendUnavailable, match=r"file/v\.db"):
        SqliteVectorCache(tmp_path / "file" / "v.db")


def test_a_path_may_have_any_name(tmp_path):
    path = tmp_path / "50 % Ås?#x=1" / "v;.db"
    cache = SqliteVectorCache(path)
    cache.put(MODEL, vectors("a"))
    cache.close()
    assert path.is_file()


def test_several_processes_write_at_once(path):
    children = [start(path, name, 10) for name in "xyz"]
    for child in children:
        output = child.communicate(timeout=60)
        assert child.returncode == 0, output
    cache = SqliteVectorCache(path)
    keys = [f"{name}.{n}.{i}" for name in "xyz" for n in range(10) for i in range(10)]
    assert len(cache.get("m", keys)) == 300
    cache.close()


def test_several_threads_read_and_write_at_once(cache):
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(cache.put, MODEL, vectors(f"t{n}")) for n in range(40)]:
            future.result()
        found = list(pool.map(lambda n: cache.get(MODEL, [f"t{n}"]), range(40)))
    assert all(same(got, vectors(f"t{n}")) for n, got in enumerate(found))


def test_what_was_put_survives_a_killed_process(path):
    child = start(path, "x", 100_000)
    assert child.stdout.readline()
    time.sleep(0.1)
    child.kill()
    acknowledged = 1 + len(child.stdout.read().splitlines())
    child.communicate(timeout=60)
    cache = SqliteVectorCache(path)
    for n in range(acknowledged + 2):
        known = cache.get("m", [f"x.{n}.{i}" for i in range(10)])
        assert len(known) in ((10,) if n < acknowledged else (0, 10))  # whole batches
        assert all(vector[0] == n + i for i, vector in enumerate(known.values()))
    cache.close()


# --- shipped vectors


def shipped(path: Path, **changes) -> Path:
    given = vectors("a" * 64, "b" * 64)
    arrays = {
        "hashes": np.array(list(given), dtype="S64"),
        "vectors": np.stack(list(given.values())),
        "model_id": MODEL,
    } | changes
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    return path


def test_shipped_vectors_are_imported_once(cache, tmp_path):
    file = shipped(tmp_path / "v.npz")
    assert cache.preload(file) == 2
    assert same(cache.get(MODEL, ["a" * 64, "b" * 64]), vectors("a" * 64, "b" * 64))
    assert cache.preload(file) == 0


def test_shipped_vectors_replace_nothing_that_is_there(cache, tmp_path):
    own = {"a" * 64: np.ones(8, np.float32)}
    cache.put(MODEL, own)
    assert cache.preload(shipped(tmp_path / "v.npz")) == 1
    assert same(cache.get(MODEL, ["a" * 64]), own)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vectors": None}, "vectors"),
        ({"hashes": None}, "hashes"),
        ({"model_id": None}, "model_id"),
        ({"hashes": np.array([1, 2])}, "hashes must be bytes"),
        ({"hashes": np.array([b"\xff", b"a"])}, "ASCII"),
        ({"vectors": np.zeros((3, 8), np.float32)}, r"shape \(2, dim\)"),
        ({"vectors": np.zeros(2, np.float32)}, r"shape \(2, dim\)"),
        ({"vectors": np.full((2, 8), np.nan, np.float32)}, "not finite"),
        ({"hashes": np.array([{}, {}], dtype=object)}, "NumPy archive"),
    ],
)
def test_a_shipped_file_that_will_not_do_is_refused_by_name(cache, tmp_path, changes, message):
    with pytest.raises(InvalidRequest, match=rf"v\.npz.*{message}"):
        cache.preload(shipped(tmp_path / "v.npz", **changes))


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 torn", b"text"])
def test_a_shipped_file_that_is_missing_or_torn_is_refused_by_name(cache, tmp_path, content):
    if content is not None:
        (tmp_path / "v.npz").write_bytes(content)
    with pytest.raises(InvalidRequest, match=r"v\.npz"):
        cache.preload(tmp_path / "v.npz")


def test_a_shipped_file_cut_short_is_refused_by_name(cache, tmp_path):
    file = shipped(tmp_path / "v.npz")
    whole = file.read_bytes()
    for length in range(0, len(whole), 97):
        file.write_bytes(whole[:length])
        with pytest.raises(InvalidRequest, match=r"v\.npz"):
            cache.preload(file)
