"""A cluster's bank is carried away with a snapshot of its index, and brought back; on a real server."""

import shutil
from dataclasses import replace

import pytest

from engine.adapters.opensearch_build_archive import OpenSearchBuildArchive
from engine.bootstrap import load_settings, open_backups
from engine.errors import BackendError, Conflict, InvalidRequest
from engine.model import SearchRequest
from indexer.pipeline import index
from small_bank import NOW, PLANS, REQUIREMENTS, RESOURCES, ROLES, fill, open_bank

QUERIES = ("fall", "demens", "preventing falls", "")


@pytest.fixture
def repository(opensearch_server, opensearch_prefix):
    name = f"{opensearch_prefix}-repo"
    place = {"type": "fs", "settings": {"location": str(opensearch_server.repo / name)}}
    assert opensearch_server.ask("PUT", f"_snapshot/{name}", place) == {"acknowledged": True}
    return name


@pytest.fixture
def cluster(opensearch_server, opensearch_prefix):
    """Settings of a bank on the cluster; `name` tells one from another."""

    def named(name: str) -> dict:
        return {"search_url": opensearch_server.url, "search_index": f"{opensearch_prefix}-{name}"}

    return named


@pytest.fixture
def a_bank(cluster, tmp_path):
    """Make a filled bank on the cluster; returns folder and settings."""

    def make(name: str, title: str | None = None):
        engine = open_bank(tmp_path / name, **cluster(name))
        resources = [replace(r, title=title) for r in RESOURCES] if title else RESOURCES
        engine.catalogue.upsert(resources, by="test", at=NOW)
        engine.catalogue.upsert_roles(ROLES, by="test", at=NOW)
        engine.catalogue.upsert_requirements(REQUIREMENTS, by="test", at=NOW)
        engine.catalogue.upsert_plans(PLANS, by="test", at=NOW)
        index(engine)
        engine.close()
        return tmp_path / name, cluster(name)

    return make


@pytest.fixture
def backups():
    opened = []

    def open_(folder, settings, repository=None):
        opened.append(
            open_backups(load_settings(data=folder, **settings), repository=repository, now=lambda: NOW)
        )
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


def answers(folder, settings):
    engine = open_bank(folder, **settings)
    try:
        found = [replace(engine.search(SearchRequest(text=q, explain=True)), build="") for q in QUERIES]
        assert [r.id for r, _ in engine.resources_for("krav-fall")]  # from the graph, a file of the build
        assert index(engine).skipped
    finally:
        engine.close()
    return found


def test_a_cluster_answers_as_the_old_one_did(a_bank, cluster, repository, backups, tmp_path):
    folder, old = a_bank("old")
    written = backups(folder, old, repository).write(tmp_path / "b.zip")
    assert written.notes == ()
    assert written.manifest.index.reference["repository"] == repository
    report = backups(tmp_path / "new", cluster("new")).restore(tmp_path / "b.zip")
    assert report.notes == ()
    assert report.index is not None
    assert answers(tmp_path / "new", cluster("new")) == answers(folder, old)


def test_without_a_repository_the_index_is_made_again(a_bank, cluster, backups, tmp_path):
    folder, old = a_bank("old")
    written = backups(folder, old).write(tmp_path / "b.zip")
    assert "--repository" in written.notes[0]
    report = backups(tmp_path / "new", cluster("new")).restore(tmp_path / "b.zip")
    assert report.index is None
    engine = open_bank(tmp_path / "new", **cluster("new"))
    assert index(engine).whole == "first"
    engine.close()
    assert answers(tmp_path / "new", cluster("new")) == answers(folder, old)


def test_a_repository_that_the_cluster_does_not_know_is_refused(a_bank, backups, tmp_path):
    folder, old = a_bank("old")
    with pytest.raises(InvalidRequest, match="knows no snapshot repository 'nowhere'"):
        backups(folder, old, "nowhere").write(tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()
    with pytest.raises(InvalidRequest, match="KG_SEARCH_URL"):
        backups(folder, {}, "nowhere")


def test_a_snapshot_is_removed_when_the_backup_fails(
    a_bank, backups, repository, opensearch_server, tmp_path
):
    folder, old = a_bank("old")
    with pytest.raises(BackendError, match="cannot be written"):
        backups(folder, old, repository).write(tmp_path / "nowhere" / "b.zip")
    assert opensearch_server.ask("GET", f"_snapshot/{repository}/_all")["snapshots"] == []


def test_a_used_cluster_is_left_alone_unless_told(a_bank, repository, backups, tmp_path):
    folder, old = a_bank("old")
    backups(folder, old, repository).write(tmp_path / "b.zip")
    used, settings = a_bank("used", "Noe annet")
    before = answers(used, settings)
    with pytest.raises(Conflict, match=r"12 resources.*index build 000001.*--force"):
        backups(used, settings).restore(tmp_path / "b.zip")
    assert answers(used, settings) == before
    report = backups(used, settings, repository).restore(tmp_path / "b.zip", force=True)
    assert answers(used, settings) == answers(folder, old) != before
    with pytest.raises(Exception, match="no build before"):
        open_bank(used, **settings).builds.rollback()
    backups(used, settings).restore(report.saved, force=True)
    assert answers(used, settings) == before


def test_a_snapshot_that_is_gone_leaves_the_catalogue(
    a_bank, cluster, repository, backups, opensearch_server, tmp_path
):
    folder, old = a_bank("old")
    written = backups(folder, old, repository).write(tmp_path / "b.zip")
    snapshot = written.manifest.index.reference["snapshot"]
    opensearch_server.ask("DELETE", f"_snapshot/{repository}/{snapshot}")
    report = backups(tmp_path / "new", cluster("new")).restore(tmp_path / "b.zip")
    assert report.index is None
    assert "cannot be restored" in report.notes[0]
    names = opensearch_server.ask("GET", f"{cluster('new')['search_index']}-0*/_settings")
    assert names == {}


def test_an_index_of_another_analysis_is_left_out(
    a_bank, cluster, repository, backups, tmp_path, monkeypatch
):
    folder, old = a_bank("old")
    backups(folder, old, repository).write(tmp_path / "b.zip")
    monkeypatch.setattr("engine.bootstrap.ANALYSIS_VERSION", "another")
    report = backups(tmp_path / "new", cluster("new")).restore(tmp_path / "b.zip")
    assert report.index is None
    assert "does not fit this program" in report.notes[0]


def test_a_backup_of_the_embedded_engine_brings_the_catalogue_to_a_cluster(cluster, backups, tmp_path):
    fill(tmp_path / "embedded")
    backups(tmp_path / "embedded", {}).write(tmp_path / "b.zip")
    report = backups(tmp_path / "new", cluster("new")).restore(tmp_path / "b.zip")
    assert report.index is None
    assert report.notes == ("the index in the backup is for another engine (files)",)
    engine = open_bank(tmp_path / "new", **cluster("new"))
    assert index(engine).embedded == 0  # the vectors came along
    engine.close()


def test_the_old_build_is_current_again_when_the_catalogue_cannot_be_replaced(
    a_bank, repository, backups, tmp_path, monkeypatch
):
    folder, old = a_bank("old")
    backups(folder, old, repository).write(tmp_path / "b.zip")
    used, settings = a_bank("used", "Noe annet")
    before = answers(used, settings)
    monkeypatch.setattr("engine.adapters.sql_archive.SqlCatalogueReplacement.renumber", lambda self: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        backups(used, settings).restore(tmp_path / "b.zip", force=True)
    assert answers(used, settings) == before


def test_a_restore_that_ended_between_catalogue_and_index_is_finished(
    a_bank, repository, backups, tmp_path, monkeypatch
):
    folder, old = a_bank("old")
    backups(folder, old, repository).write(tmp_path / "b.zip")
    used, settings = a_bank("used", "Noe annet")
    with monkeypatch.context() as patched:
        patched.setattr(OpenSearchBuildArchive, "complete", lambda self: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            backups(used, settings).restore(tmp_path / "b.zip", force=True)
    engine = open_bank(used, **settings)
    assert engine.builds.current() is None
    assert {r.title for r in engine.catalogue.all()} == {r.title for r in RESOURCES}
    engine.close()
    report = backups(used, settings).restore(tmp_path / "b.zip")
    assert report.finished
    assert answers(used, settings) == answers(folder, old)


def test_a_snapshot_that_fails_is_an_error(a_bank, repository, backups, opensearch_server, tmp_path):
    folder, old = a_bank("old")
    place = opensearch_server.repo / repository
    shutil.rmtree(place)
    place.write_text("no folder any more")
    with pytest.raises(BackendError):
        backups(folder, old, repository).write(tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()
