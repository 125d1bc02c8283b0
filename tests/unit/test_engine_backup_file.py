"""A backup file is whole, or it is refused: every byte of it is under the seal."""

import io
import os
import stat
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from engine.backup_file import Manifest, VectorPart, new_backup, open_backup, write_seal
from engine.backup_members import put_vectors, write_vectors
from engine.errors import BackendError, Conflict, InvalidRequest

ROOT = Path(__file__).parents[2]
MEMBERS = {
    "catalogue/role.jsonl": b'{"id":"a"}\n{"id":"b"}\n',
    "index/index/x.arrays": bytes(range(256)) * 40,
    "vectors/1": os.urandom(300),
    "catalogue/empty.jsonl": b"",
}


def manifest(**fields) -> Manifest:
    given_ = {
        "program_version": "0.1.0",
        "created": datetime(2026, 11, 21, tzinfo=UTC),
        "catalogue_schema": "0001",
        "tables": {"role": 2},
    }
    return Manifest(**{**given_, **fields})


def write(path: Path, members=MEMBERS, **fields) -> Path:
    with new_backup(path) as writer:
        for name, data in members.items():
            pieces = [data[i : i + 1000] for i in range(0, len(data), 1000)]
            writer.add(name, pieces, compress=name.startswith("catalogue"))
        writer.finish(manifest(**fields))
    return path


def read(path: Path) -> dict[str, bytes]:
    with open_backup(path) as reader:
        return {name: b"".join(reader.chunks(name)) for name in reader.manifest.members}


@pytest.fixture(scope="module")
def backup(tmp_path_factory):
    return write(tmp_path_factory.mktemp("backup") / "b.zip")


def test_what_is_written_can_be_read(backup):
    assert read(backup) == MEMBERS
    with open_backup(backup) as reader:
        assert list(reader.lines("catalogue/role.jsonl")) == [b'{"id":"a"}', b'{"id":"b"}']
        assert reader.names("index") == ["index/index/x.arrays"]


def test_it_is_an_ordinary_zip_archive(backup):
    with zipfile.ZipFile(backup) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["mimetype", *MEMBERS, "manifest.json"]
        assert archive.comment.startswith(b"sha256 ")


def test_only_the_owner_may_read_it(tmp_path):
    before = os.umask(0)
    try:
        path = write(tmp_path / "b.zip")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("member", ["mimetype", *(n for n in MEMBERS if MEMBERS[n]), "manifest.json"])
@pytest.mark.parametrize("where", ["header", "name", "first", "last"])
def test_a_changed_byte_in_any_member_is_refused(backup, tmp_path, member, where):
    data = bytearray(backup.read_bytes())
    with zipfile.ZipFile(backup) as archive:
        info = archive.getinfo(member)
    begin = info.header_offset + 30
    extra = int.from_bytes(data[info.header_offset + 28 : begin], "little")
    contents = begin + len(member) + extra
    at = {
        "header": info.header_offset + 10,
        "name": begin,
        "first": contents,
        "last": contents + info.compress_size - 1,
    }[where]
    data[at] ^= 1
    assert_refused(data, tmp_path)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_bit_is_refused(backup, tmp_path, data):
    changed = bytearray(backup.read_bytes())
    at = data.draw(st.integers(0, len(changed) - 1))
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    assert_refused(changed, tmp_path)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_that_is_cut_short_or_goes_on_is_refused(backup, tmp_path, data):
    whole = backup.read_bytes()
    assert_refused(whole[: data.draw(st.integers(0, len(whole) - 1))], tmp_path)
    assert_refused(whole + data.draw(st.binary(min_size=1, max_size=100)), tmp_path)


def assert_refused(data, folder: Path) -> None:
    path = folder / "damaged.zip"
    path.write_bytes(data)
    with pytest.raises(InvalidRequest, match=r"damaged|no backup"):
        read(path)


def test_a_foreign_file_is_told_from_a_damaged_one(tmp_path, backup):
    foreign = tmp_path / "other.zip"
    with zipfile.ZipFile(foreign, "w") as archive:
        archive.writestr("word/document.xml", "x")
    for path in (foreign, Path(__file__)):
        with pytest.raises(InvalidRequest, match="is no backup of this program"):
            read(path)
    foreign.write_bytes(backup.read_bytes()[:-200])
    with pytest.raises(InvalidRequest, match="cut short or damaged"):
        read(foreign)


def test_what_is_not_a_readable_file_is_named(tmp_path):
    with pytest.raises(InvalidRequest, match="there is no file"):
        read(tmp_path / "nowhere.zip")
    with pytest.raises(InvalidRequest, match="is a folder"):
        read(tmp_path)


def test_a_newer_format_is_refused_as_such(tmp_path):
    path = write(tmp_path / "b.zip", format_version=2)
    with pytest.raises(InvalidRequest, match=r"newer version.*format 2, this one reads up to 1"):
        read(path)


def resealed(path: Path, change) -> Path:
    """Write the archive again with other members, under a seal that is right."""
    with zipfile.ZipFile(path) as archive:
        members = change({name: archive.read(name) for name in archive.namelist()})
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
        archive.comment = b"sha256 " + b"0" * 64
    write_seal(made)
    path.write_bytes(made.getvalue())
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m: {**m, "vectors/1": b"other"}, "vectors/1 is damaged"),
        (lambda m: {**m, "vectors/1": m["vectors/1"] + b"x"}, "vectors/1 is damaged"),
        (lambda m: {**m, "extra": b""}, "members are not those"),
        (lambda m: {k: v for k, v in m.items() if k != "vectors/1"}, "members are not those"),
        (lambda m: {k: v for k, v in m.items() if k != "manifest.json"}, "manifest cannot be read"),
        (lambda m: {**m, "manifest.json": b"{}"}, "manifest cannot be read"),
        (
            lambda m: {**m, "manifest.json": m["manifest.json"].replace(b"-backup", b"-other")},
            "manifest cannot",
        ),
    ],
    ids=["other", "longer", "one-more", "one-less", "no-manifest", "empty-manifest", "foreign-manifest"],
)
def test_a_file_that_was_packed_again_is_held_against_its_manifest(tmp_path, change, says):
    path = resealed(write(tmp_path / "b.zip"), change)
    with pytest.raises(InvalidRequest, match=says):
        read(path)


def test_an_earlier_backup_stays_until_the_new_one_stands(tmp_path):
    path = write(tmp_path / "b.zip")
    with pytest.raises(ZeroDivisionError), new_backup(path) as writer:
        writer.add("catalogue/role.jsonl", (bytes([1 // (3 - n)]) for n in range(4)))
    assert read(path) == MEMBERS
    assert [p.name for p in tmp_path.iterdir()] == ["b.zip"]
    write(path, {"vectors/1": b"ny"})
    assert read(path) == {"vectors/1": b"ny"}


def test_a_file_that_is_no_backup_is_not_overwritten(tmp_path):
    path = tmp_path / "thesis.docx"
    path.write_text("years of work")
    with pytest.raises(InvalidRequest, match="exists and is no backup"):
        write(path)
    assert path.read_text() == "years of work"
    with pytest.raises(InvalidRequest, match="is a folder"):
        write(tmp_path)


def test_what_a_killed_writer_left_is_in_nobodys_way(tmp_path):
    (tmp_path / ".b.zip.partial").write_bytes(b"half" * 100_000)
    assert read(write(tmp_path / "b.zip")) == MEMBERS
    assert [p.name for p in tmp_path.iterdir()] == ["b.zip"]


def test_two_do_not_write_the_same_file(tmp_path):
    with new_backup(tmp_path / "b.zip") as writer:
        with pytest.raises(Conflict, match="another process is writing"):
            write(tmp_path / "b.zip")
        writer.add("vectors/1", [b"first"])
        writer.finish(manifest())
    assert read(tmp_path / "b.zip") == {"vectors/1": b"first"}


@pytest.mark.parametrize("place", ["nowhere/b.zip", "file/b.zip"])
def test_a_place_that_cannot_be_written_to_is_named(tmp_path, place):
    (tmp_path / "file").touch()
    with pytest.raises(BackendError, match=f"{place} cannot be written"):
        write(tmp_path / place)


def test_a_full_disk_is_one_error_and_leaves_the_earlier_backup(tmp_path):
    path = write(tmp_path / "b.zip")
    script = (
        "import os, resource, sys\nfrom pathlib import Path\n"
        "sys.path[:0] = ['tests/unit', 'tests', '.']\n"
        "import test_engine_backup_file as t\nfrom engine.errors import BackendError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try:\n    t.write(Path(sys.argv[1]), {'vectors/1': os.urandom(100_000)})\n"
        "except BackendError as e:\n    print(e)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"the backup {path} cannot be written: File too large\n"
    assert read(path) == MEMBERS
    assert [p.name for p in tmp_path.iterdir()] == ["b.zip"]


class Vectors:
    """A vector cache in memory."""

    def __init__(self, contents=()) -> None:
        self.contents = {model: dict(vectors) for model, vectors in contents}

    def models(self):
        return [(model, len(next(iter(v.values())))) for model, v in self.contents.items()]

    def items(self, model_id):
        yield from self.contents[model_id].items()

    def put(self, model_id, vectors):
        self.contents.setdefault(model_id, {}).update(vectors)

    def close(self):
        pass


class Nothing:
    def begin(self, stage, total=None):
        pass

    def advance(self, steps=1):
        pass

    def end(self):
        pass


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_vectors_arrive_bit_by_bit(tmp_path, data):
    dims = data.draw(st.lists(st.integers(1, 400), max_size=3))
    hashes = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)
    values = {dim: npst.arrays(np.float32, dim, elements=st.floats(-1, 1, width=32)) for dim in dims}
    given_ = Vectors(
        (f"model-{n}", data.draw(st.dictionaries(hashes, values[dim], min_size=1, max_size=20)))
        for n, dim in enumerate(dims)
    )
    with new_backup(tmp_path / "b.zip") as writer:
        parts = write_vectors(writer, given_, Nothing())
        writer.finish(manifest(vectors=parts))
    taken = Vectors()
    with open_backup(tmp_path / "b.zip") as reader:
        put_vectors(reader, taken, Nothing())
    assert [(p.model_id, p.dim, p.count) for p in parts] == [
        (model, dim, len(given_.contents[model])) for model, dim in given_.models()
    ]
    assert taken.contents.keys() == given_.contents.keys()
    for model, vectors in given_.contents.items():
        assert list(taken.contents[model]) == list(vectors)
        assert all(np.array_equal(taken.contents[model][h], vectors[h]) for h in vectors)


def test_a_member_that_ends_inside_a_vector_is_refused(tmp_path):
    part = VectorPart(member="vectors/1", model_id="m", dim=3, count=1)
    path = write(tmp_path / "b.zip", {"vectors/1": b"\x01\x00a" + bytes(11)}, vectors=[part])
    with open_backup(path) as reader, pytest.raises(InvalidRequest, match="ends inside a vector"):
        put_vectors(reader, Vectors(), Nothing())
