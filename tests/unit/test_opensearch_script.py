"""What `scripts/opensearch` says and leaves behind when something is missing, damaged or killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import missing_parts
import opensearch_jars
import opensearch_server as script
from opensearch_jars import Trouble

SCRIPT = Path(script.__file__).with_name("opensearch")


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """No Java, no Maven, an empty cache; programs can be put into the folder that is given."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setattr(opensearch_jars, "JAVA_FOLDERS", (tmp_path / "jvm",))
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("KG_OPENSEARCH_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return programs


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)
    return path


def java(folder, version, *programs):
    for name in programs or ("java", "javac"):
        program(folder / "bin" / name, f"echo 'openjdk version \"{version}\"' >&2")
    return folder


@pytest.mark.usefixtures("bare_machine")
def test_without_java_it_says_what_to_install(capsys, tmp_path):
    assert script.main(["start", "--port", "20001", "--data", str(tmp_path / "data")]) == 1
    said = capsys.readouterr().err
    assert "no Java 11 to 21" in said
    assert "apt-get install default-jdk-headless" in said


@pytest.mark.usefixtures("bare_machine")
@pytest.mark.parametrize("version", ["25.0.3", "1.8.0_402"])
def test_a_java_that_will_not_do_is_named(tmp_path, monkeypatch, version):
    home = java(tmp_path / "jvm" / "other", version)
    monkeypatch.setenv("JAVA_HOME", str(home))
    major = 8 if version.startswith("1.") else 25
    with pytest.raises(Trouble, match=rf"{home} is Java {major}\b"):
        opensearch_jars.find_java("java")


def test_java_home_comes_first_then_the_path_then_the_newest_that_fits(bare_machine, tmp_path, monkeypatch):
    old, new = java(tmp_path / "jvm" / "a", "11.0.1"), java(tmp_path / "jvm" / "b", "21.0.1")
    java(tmp_path / "jvm" / "c", "25.0.1")
    assert opensearch_jars.find_java("java") == new / "bin" / "java"
    on_path = java(tmp_path / "elsewhere", "17.0.1")
    (bare_machine / "java").symlink_to(on_path / "bin" / "java")
    assert opensearch_jars.find_java("java") == on_path / "bin" / "java"
    monkeypatch.setenv("JAVA_HOME", str(old))
    assert opensearch_jars.find_java("java") == old / "bin" / "java"


@pytest.mark.usefixtures("bare_machine")
def test_a_java_without_its_compiler_runs_but_does_not_fetch(tmp_path):
    home = java(tmp_path / "jvm" / "jre", "17.0.15", "java")
    (home / "release").write_text('IMPLEMENTOR="x"\nJAVA_VERSION="17.0.15"\n')
    assert opensearch_jars.find_java("java") == home / "bin" / "java"
    with pytest.raises(Trouble, match=f"{home} has no javac"):
        opensearch_jars.fetch()
    assert "has no javac" in opensearch_jars.obstacle()


@pytest.mark.usefixtures("bare_machine")
def test_without_maven_it_says_what_to_install(tmp_path, capsys):
    java(tmp_path / "jvm" / "a", "17.0.1")
    assert "apt-get install maven" in opensearch_jars.obstacle()
    assert script.main(["fetch"]) == 1
    assert "no Maven" in capsys.readouterr().err
    assert script.main(["check"]) == 1


def test_a_fetch_that_fails_says_why_and_leaves_nothing_that_looks_done(bare_machine, tmp_path):
    java(tmp_path / "jvm" / "a", "17.0.1")
    program(bare_machine / "mvn", "echo '[INFO] much text'; echo '[ERROR] Unknown host'; exit 1")
    with pytest.raises(Trouble, match=r"mvn failed:\n\[ERROR\] Unknown host$"):
        opensearch_jars.fetch()
    assert not opensearch_jars.installation().exists()


def test_what_is_fetched_must_have_the_checksums(bare_machine, tmp_path):
    java(tmp_path / "jvm" / "a", "17.0.1")
    program(bare_machine / "mvn", "exit 0")
    with pytest.raises(Trouble, match=r"not what SHA256SUMS names: jars/HdrHistogram.* is missing"):
        opensearch_jars.fetch()
    assert not opensearch_jars.installation().exists()


def test_a_killed_fetch_leaves_nothing_that_looks_done_and_the_next_one_tidies_up(bare_machine, tmp_path):
    home = java(tmp_path / "jvm" / "a", "17.0.1")
    began = tmp_path / "began"
    mvn = program(bare_machine / "mvn", f": > {began}\nread -t 60 <> <(:)")
    environment = {**os.environ, "JAVA_HOME": str(home)}
    fetch = subprocess.Popen([sys.executable, SCRIPT, "fetch"], env=environment, start_new_session=True)
    deadline = time.monotonic() + 20
    while not began.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(fetch.pid, signal.SIGKILL)
    fetch.wait()
    assert [p.name[:12] for p in opensearch_jars.home().glob(".*")] == [".unfinished-"]
    assert not opensearch_jars.installation().exists()
    left = next(opensearch_jars.home().glob(".unfinished-*"))
    program(mvn, "exit 1")
    with pytest.raises(Trouble, match="mvn failed"):
        opensearch_jars.fetch()
    assert not left.exists()


def test_damage_in_the_cache_is_found(tmp_path):
    wanted = (opensearch_jars.SOURCES / "SHA256SUMS").read_text().split()[1::2]
    for name in wanted:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"not a jar")
    (tmp_path / wanted[0]).unlink()
    (tmp_path / "jars" / "foreign.jar").touch()
    found = opensearch_jars.faults(tmp_path)
    assert f"{wanted[0]} is missing" in found
    assert "jars/foreign.jar does not belong" in found
    assert f"{wanted[1]} has another checksum" in found
    assert "classes/RunOpenSearch.class is missing" in found
    assert len(found) == len(wanted) + 2


def test_a_changed_version_gets_a_folder_of_its_own(tmp_path, monkeypatch):
    before = opensearch_jars.installation()
    changed = shutil.copytree(opensearch_jars.SOURCES, tmp_path / "sources")
    monkeypatch.setattr(opensearch_jars, "SOURCES", changed)
    assert opensearch_jars.installation() == before
    (changed / "pom.xml").write_text((changed / "pom.xml").read_text() + "\n")
    assert opensearch_jars.installation() != before
    assert opensearch_jars.installation().parent == before.parent


def test_status_and_stop_of_nothing(tmp_path, capsys):
    (tmp_path / "lock").touch()  # of a server that was killed
    (tmp_path / "server.json").write_text(f'{{"pid": {os.getpid()}, "port": 1, "url": "http://127.0.0.1:1"}}')
    for folder in (tmp_path, tmp_path / "never"):
        assert script.main(["status", "--data", str(folder)]) == 1
        assert script.main(["stop", "--data", str(folder)]) == 0
        assert capsys.readouterr().out == f"no server runs in {folder}\n" * 2


@pytest.mark.parametrize("wrong", [["--heap", "much"], ["--port", "0"], ["--port", "65536"], ["--port", "x"]])
def test_wrong_usage_has_exit_code_2(wrong):
    with pytest.raises(SystemExit) as ended:
        script.main(["start", *wrong])
    assert ended.value.code == 2


@pytest.mark.usefixtures("bare_machine")
@pytest.mark.parametrize(("required", "code"), [("", 0), ("opensearch", 1)])
def test_a_run_without_the_server_is_not_read_as_more_than_it_is(monkeypatch, capsys, required, code):
    monkeypatch.setenv("KG_TEST_REQUIRE", required)
    assert missing_parts.main() == code
    said = capsys.readouterr().out
    assert "OpenSearch server (opensearch). To add it: apt-get install default-jdk-headless maven" in said
    assert ("MISSING and required" in said) == bool(required)
