"""`backup` and `restore` from a terminal: what is said, as text and JSON, and the exit codes."""

import json
import shutil

import pytest

from cli.main import main
from small_bank import fill


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "data"
    fill(folder)
    return folder


@pytest.fixture
def run(capfd, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "hashing")

    def call(*argv):
        code = main([str(a) for a in argv])
        out, err = capfd.readouterr()
        return code, out, err

    return call


def test_a_backup_says_what_it_holds_and_a_restore_what_came_back(run, filled, tmp_path):
    file, new = tmp_path / "b.zip", tmp_path / "new"
    code, out, err = run("backup", file, "--data", filled)
    assert code == 0
    assert out.startswith(f"{file}: ")
    assert "12 resources, 2 roles, 3 requirements, 2 plans, 0 decisions\nindex build 000001-" in out
    assert "12 vectors" in out
    assert "catalogue (" in err
    assert run("restore", file, "--check", "--data", new)[:2] == (0, out)
    assert not new.exists()
    code, out, _ = run("restore", file, "--data", new)
    assert code == 0
    assert out.startswith("Restored: backup of ")
    assert "Current build is 000001-" in out
    found = [run("search", "fall", "--json", "--data", folder)[1] for folder in (filled, new)]
    assert found[0] == found[1]
    assert json.loads(found[0])["total"] > 0


def test_json_is_one_document(run, filled, tmp_path):
    file = tmp_path / "b.zip"
    code, out, _ = run("backup", file, "--data", filled, "--json")
    written = json.loads(out)
    assert code == 0
    assert written["tables"]["resource"] == 12
    assert written["bytes"] == file.stat().st_size
    assert len(written["sha256"]) == 64
    assert list(written["vectors"].values()) == [12]
    code, out, _ = run("restore", file, "--data", tmp_path / "new", "--json")
    restored = json.loads(out)
    assert code == 0
    assert restored["index"]["id"] == written["index"]["id"]
    assert (restored["saved"], restored["finished"], restored["notes"]) == (None, False, [])


def test_without_an_index_the_next_step_is_named(run, filled, tmp_path):
    file = tmp_path / "b.zip"
    assert (
        "no index, 0 vectors"
        in run("backup", file, "--without-index", "--without-vectors", "--data", filled)[1]
    )
    code, out, err = run("restore", file, "--data", tmp_path / "new")
    assert code == 0
    assert "run `kompetansegraf index`" in out
    assert "Note: there is no index in the backup" in err


def test_a_used_folder_asks_for_force_and_then_says_where_the_old_state_is(run, filled, tmp_path):
    file, used = tmp_path / "b.zip", shutil.copytree(filled, tmp_path / "used")
    run("backup", file, "--data", filled)
    code, out, err = run("restore", file, "--data", used)
    assert (code, out) == (1, "")
    assert "Error: there is something already: 12 resources" in err
    assert "--force" in err
    code, out, _ = run("restore", file, "--data", used, "--force")
    assert code == 0
    (saved,) = used.glob("before-restore-*.zip")
    assert f"What was there before is in {saved}" in out


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (["restore", "nowhere.zip"], 1, "there is no file nowhere.zip"),
        (["restore", "README.md"], 1, "README.md is no backup of this program"),
        (["backup", "README.md"], 1, "exists and is no backup"),
        (["backup", "b.zip", "--repository", "r"], 1, "KG_SEARCH_URL"),
        (["backup"], 2, "Missing argument"),
    ],
    ids=["missing", "foreign", "taken", "no-cluster", "no-file"],
)
def test_what_fails_says_so_in_a_line(run, filled, tmp_path, monkeypatch, argv, code, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("# Viktig\n")
    got, out, err = run(*argv, *(["--data", filled] if len(argv) > 1 else []))
    assert (got, out) == (code, "")
    assert says in err
    assert (tmp_path / "README.md").read_text() == "# Viktig\n"
    assert [p.name for p in tmp_path.iterdir()] == ["README.md"]


def test_a_folder_without_a_catalogue_has_nothing_to_save(run, tmp_path):
    code, _, err = run("backup", tmp_path / "b.zip", "--data", tmp_path / "nothing")
    assert code == 1
    assert "does not exist" in err
    assert list(tmp_path.iterdir()) == []
