"""What was carried away comes back: the catalogue, the index, the answers; and nothing is touched before it is sure."""

import shutil
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.backup_file import Manifest, new_backup, open_backup
from engine.bootstrap import load_settings, open_backups
from engine.errors import BackendUnavailable, Conflict, InvalidRequest
from engine.model import Decision, SearchRequest
from indexer.pipeline import index
from postgres import postgres_or_skip
from small_bank import NOW, RESOURCES, fill, open_bank

QUERIES = ("fall", "fallforebygging sykehjem", "demens", "preventing falls", "")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The small bank, with something of every kind in its catalogue."""
    folder = tmp_path_factory.mktemp("bank") / "data"
    fill(folder, indexed=False)
    engine = open_bank(folder)
    engine.catalogue.record(Decision("tag", "kb-8", "tema/smittevern", "accepted", "redaksjon", NOW))
    engine.catalogue.record_revisions("bank.jsonl", {"kb-1": "hash"})
    index(engine)
    engine.close()
    return folder


@pytest.fixture
def data(filled, tmp_path):
    return shutil.copytree(filled, tmp_path / "data")


@pytest.fixture(scope="module")
def backup(filled, tmp_path_factory):
    path = tmp_path_factory.mktemp("backup") / "b.zip"
    backups(filled).write(path)
    return path


def backups(folder, **settings):
    return open_backups(load_settings(data=folder, **settings), now=lambda: NOW)


def answers(folder, **settings):
    """Return what is found, with scores, reasons and facets, and from which build."""
    engine = open_bank(folder, **settings)
    found = [engine.search(SearchRequest(text=q, explain=True)) for q in QUERIES]
    engine.close()
    return [replace(result, build="") for result in found]


def catalogue_of(folder, **settings):
    """Return all tables, without what restores have added to the audit trail."""
    with backups(folder, **settings)._catalogue.copied() as copy:
        tables = {name: [dict(row) for row in copy.rows(name)] for name in copy.tables()}
    tables["audit"] = [line for line in tables["audit"] if line["action"] != "restore backup"]
    return tables


def everything(folder):
    """Return the names and contents of all files but SQLite's own logs and locks."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm", "lock"))
    }


def write_more(folder, *, indexed=False):
    engine = open_bank(folder)
    engine.write_resources([replace(RESOURCES[0], title="Noe helt annet")], by="test")
    engine.withdraw("kb-3", by="test")
    if indexed:
        index(engine)
    engine.close()


def test_an_empty_folder_answers_as_the_old_one_did(filled, backup, tmp_path):
    report = backups(tmp_path / "new").restore(backup)
    assert catalogue_of(tmp_path / "new") == catalogue_of(filled)
    assert answers(tmp_path / "new") == answers(filled)
    assert (report.saved, report.finished, report.notes) == (None, False, ())
    engine = open_bank(tmp_path / "new")
    assert engine.status().build.id == report.index.id
    assert engine.status().pending == 0
    assert index(engine).skipped
    assert index(engine, rebuild=True).embedded == 0  # the vectors came along
    engine.close()


def test_a_restore_is_in_the_audit_trail(backup, tmp_path):
    backups(tmp_path).restore(backup)
    engine = open_bank(tmp_path)
    line = engine.catalogue.audit_trail("catalogue")[0]
    engine.close()
    with open_backup(backup) as reader:
        assert (line.action, line.by, reader.seal in line.detail) == ("restore backup", "cli", True)


def test_what_a_backup_holds_can_be_left_out(filled, tmp_path):
    path = tmp_path / "b.zip"
    report = backups(filled).write(path, index=False, vectors=False)
    assert (report.index, report.manifest.vectors) == (None, [])
    restored = backups(tmp_path / "new").restore(path)
    assert restored.index is None
    assert restored.notes == ("there is no index in the backup",)
    assert not (tmp_path / "new" / "vectors.db").exists()
    engine = open_bank(tmp_path / "new")
    assert index(engine).whole == "first"
    engine.close()
    assert answers(tmp_path / "new") == answers(filled)


def test_a_used_folder_is_left_alone_unless_told(data, backup):
    write_more(data, indexed=True)
    before = everything(data)
    with pytest.raises(Conflict, match=r"12 resources.*2 roles.*index build 000002.*--force"):
        backups(data).restore(backup)
    assert everything(data) == before


def test_a_folder_with_nothing_but_an_index_is_a_used_one(data, backup):
    (data / "catalogue.db").unlink()
    with pytest.raises(Conflict, match=r"already: index build 000001"):
        backups(data).restore(backup)


def test_with_force_the_old_state_is_saved_and_can_be_had_back(data, filled, backup):
    write_more(data, indexed=True)
    old, found = catalogue_of(data), answers(data)
    report = backups(data).restore(backup, force=True)
    assert answers(data) == answers(filled) != found
    assert catalogue_of(data) == catalogue_of(filled) != old
    assert report.saved is not None
    again = backups(data).restore(report.saved, force=True)
    assert catalogue_of(data) == old
    assert answers(data) == found
    assert again.index.id > report.index.id > "000002"
    assert sorted(p.name for p in (data / "builds").iterdir()) == [".lock", again.index.id, "CURRENT"]


def test_an_index_never_stands_over_a_catalogue_it_was_not_made_from(data, filled, tmp_path):
    """Both catalogues have come equally far, so that numbers alone would not tell."""
    backups(filled).write(tmp_path / "bare.zip", index=False)
    write_more(data, indexed=True)
    report = backups(data).restore(tmp_path / "bare.zip", force=True)
    assert report.index is None
    engine = open_bank(data)
    assert engine.builds.current() is None
    assert index(engine).whole == "first"
    engine.close()
    assert answers(data) == answers(filled)


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    "change",
    [lambda d: d[:-1000], lambda d: d[:700] + b"x" + d[701:], lambda d: b"", lambda d: b"PK" * 500],
    ids=["cut", "damaged", "empty", "foreign"],
)
def test_a_bad_file_is_refused_before_anything_is_touched(data, backup, tmp_path, change, force):
    bad = tmp_path / "bad.zip"
    bad.write_bytes(change(backup.read_bytes()))
    before = everything(data)
    with pytest.raises(InvalidRequest, match=r"bad\.zip is (cut|damaged|no backup)"):
        backups(data).restore(bad, force=force)
    assert everything(data) == before
    with pytest.raises(InvalidRequest, match=r"bad\.zip is (cut|damaged|no backup)"):
        backups(tmp_path / "new").restore(bad)
    assert not (tmp_path / "new").exists()


def test_a_schema_of_a_newer_program_is_refused_before_anything_is_touched(tmp_path):
    with new_backup(tmp_path / "b.zip") as writer:
        writer.finish(Manifest(program_version="9.0", created=NOW, catalogue_schema="9999", tables={}))
    with pytest.raises(InvalidRequest, match=r"newer version of this program .*schema 9999"):
        backups(tmp_path / "new").restore(tmp_path / "b.zip")
    assert not (tmp_path / "new").exists()


def test_a_build_that_does_not_fit_this_program_is_left_out_and_said(filled, backup, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.bootstrap.ANALYSIS_VERSION", "another")
    report = backups(tmp_path / "new").restore(backup)
    monkeypatch.undo()
    assert report.index is None
    assert "does not fit this program" in report.notes[0]
    assert catalogue_of(tmp_path / "new") == catalogue_of(filled)
    assert sorted(p.name for p in (tmp_path / "new" / "builds").iterdir()) == [".lock"]


def test_without_an_index_the_backup_says_so(tmp_path):
    fill(tmp_path / "data", indexed=False)
    report = backups(tmp_path / "data").write(tmp_path / "b.zip")
    assert report.index is None
    assert report.notes == ("nothing has been indexed: there is no index in the backup",)


def test_a_broken_index_does_not_keep_the_catalogue_from_being_saved(data, filled, tmp_path):
    shutil.rmtree(next((data / "builds").glob("0*")))
    report = backups(data).write(tmp_path / "b.zip")
    assert "is gone" in report.notes[0]
    backups(tmp_path / "new").restore(tmp_path / "b.zip")
    assert catalogue_of(tmp_path / "new") == catalogue_of(filled)


def test_there_must_be_something_to_save(tmp_path):
    with pytest.raises(BackendUnavailable, match=r"does not exist"):
        backups(tmp_path / "nowhere").write(tmp_path / "b.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_catalogue_is_set_aside(data, filled, backup):
    for end in ("-wal", "-shm"):
        (data / f"catalogue.db{end}").unlink(missing_ok=True)
    path = data / "catalogue.db"
    damaged = path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096)
    path.write_bytes(damaged)
    with pytest.raises(Conflict, match=r"cannot be read .*--force sets it aside"):
        backups(data).restore(backup)
    assert path.read_bytes() == damaged
    report = backups(data).restore(backup, force=True)
    (aside,) = data.glob("catalogue.db.before-restore-*")
    assert aside.read_bytes() == damaged
    assert str(aside) in report.notes[0]
    assert catalogue_of(data) == catalogue_of(filled)
    assert answers(data) == answers(filled)


def test_a_restore_waits_for_nobody_who_builds(data, backup):
    engine = open_bank(data)
    before = catalogue_of(data)
    with engine.builds.stage(), pytest.raises(Conflict, match="building an index"):
        backups(data).restore(backup, force=True)
    engine.close()
    assert catalogue_of(data) == before


def test_the_old_index_is_back_when_the_catalogue_cannot_be_replaced(data, backup, monkeypatch):
    write_more(data, indexed=True)
    before, found = catalogue_of(data), answers(data)
    monkeypatch.setattr(
        "engine.adapters.sql_archive.SqlCatalogueReplacement.renumber", lambda self: 1 // 0
    )  # after the build has been withdrawn
    with pytest.raises(ZeroDivisionError):
        backups(data).restore(backup, force=True)
    assert catalogue_of(data) == before
    assert answers(data) == found
    assert sorted(p.name for p in (data / "builds").iterdir() if not p.is_dir()) == [".lock", "CURRENT"]


def test_a_backup_of_a_bank_in_use_is_of_one_moment(data, tmp_path):
    """Writers and an indexer go on; each backup is a state that the catalogue had, with an index no younger."""
    engine = open_bank(data)
    begun, stop = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def write() -> None:
        n = 0
        try:
            while not stop.is_set():
                n += 1
                pair = [replace(RESOURCES[0], title=f"Runde {n}"), replace(RESOURCES[1], title=f"Runde {n}")]
                engine.catalogue.upsert(pair, by="test", at=datetime.now(UTC))
                begun.set()
                if n % 3 == 0:
                    index(engine)
        except BaseException as error:  # noqa: BLE001 (told by the test)
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    made = []
    try:
        assert begun.wait(20)
        for n in range(4):
            made.append(tmp_path / f"{n}.zip")
            backups(data).write(made[-1])
    finally:
        stop.set()
        writer.join()
        engine.close()
    assert failed == []
    for n, path in enumerate(made):
        folder = tmp_path / f"restored-{n}"
        report = backups(folder).restore(path)
        assert report.notes == ()
        restored = open_bank(folder)
        assert restored.catalogue.get("kb-1").title == restored.catalogue.get("kb-2").title
        assert report.index.applied_seq <= restored.catalogue.last_seq()
        assert restored.search(SearchRequest("")).total == 10
        index(restored)
        assert restored.status().pending == 0
        restored.close()


def test_a_backup_moves_between_sqlite_and_postgresql(filled, backup, tmp_path):
    with postgres_or_skip().database() as url:
        moved = tmp_path / "moved"
        report = backups(moved, database_url=url).restore(backup)
        assert report.index is not None
        assert not (moved / "catalogue.db").exists()
        assert catalogue_of(moved, database_url=url) == catalogue_of(filled)
        assert answers(moved, database_url=url) == answers(filled)
        with pytest.raises(Conflict, match="12 resources"):
            backups(moved, database_url=url).restore(backup)
        backups(moved, database_url=url).write(tmp_path / "back.zip")
    backups(tmp_path / "again").restore(tmp_path / "back.zip")
    assert catalogue_of(tmp_path / "again") == catalogue_of(filled)
    assert answers(tmp_path / "again") == answers(filled)
