"""Where do the server's jars come from, and are they whole? From Maven, checked against SHA256SUMS.

Used by `opensearch_server`. The standard library suffices.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).with_name("opensearch-server")
VERSION = re.findall(r"<opensearch.version>(.+?)<", (SOURCES / "pom.xml").read_text(encoding="utf-8"))[0]
JAVA_VERSIONS = range(11, 22)  # what OpenSearch 2.12 and later run on
JAVA_FOLDERS = (Path("/usr/lib/jvm"), Path("/Library/Java/JavaVirtualMachines"))
FETCH_SECONDS = 1800
ERROR_LINES = 25


class Trouble(Exception):
    """Something that its message tells a user how to mend."""


def say(text: str) -> None:
    """Tell the user what goes on."""
    print(f"opensearch: {text}", file=sys.stderr, flush=True)


def java_version(home: Path) -> int | None:
    """Return the major version of the Java in a folder (11, 17 …), or None if there is none."""
    if not os.access(home / "bin" / "java", os.X_OK):
        return None
    with contextlib.suppress(OSError):
        found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', (home / "release").read_text(), re.MULTILINE)
        if found:
            return int(found[1])
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        said = subprocess.run(
            [home / "bin" / "java", "-version"], capture_output=True, text=True, check=False, timeout=30
        ).stderr
        found = re.search(r'version "(?:1\.)?(\d+)', said)
        return int(found[1]) if found else None
    return None


def java_homes() -> Iterator[tuple[Path, int]]:
    """Yield every Java of this machine and its version: JAVA_HOME, the PATH, then the newest of the usual folders."""
    candidates = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    if on_path := shutil.which("java"):
        candidates.append(Path(on_path).resolve().parents[1])
    installed = [home for folder in JAVA_FOLDERS for home in sorted(folder.glob("*"))]
    installed = [inner if (inner := home / "Contents" / "Home").exists() else home for home in installed]
    seen = set()
    for home in [*candidates, *sorted(installed, key=lambda h: java_version(h) or 0, reverse=True)]:
        version = java_version(home)
        if version is not None and home.resolve() not in seen:
            seen.add(home.resolve())
            yield home, version


def find_java(program: str) -> Path:
    """Return a usable Java's `program` (``java`` or ``javac``).

    Raises
    ------
    Trouble
        Naming the Javas that were found and why they will not do.
    """
    refused = []
    for home, version in java_homes():
        if version not in JAVA_VERSIONS:
            refused.append(f"{home} is Java {version}")
        elif not (home / "bin" / program).exists():
            refused.append(f"{home} has no {program}")
        else:
            return home / "bin" / program
    found = f" ({'; '.join(refused)})" if refused else ""
    raise Trouble(
        f"no Java {JAVA_VERSIONS[0]} to {JAVA_VERSIONS[-1]} with {program} on this machine{found}; "
        "apt-get install default-jdk-headless, or set JAVA_HOME"
    )


def find_maven() -> str:
    """Return Maven's program, or raise `Trouble`."""
    found = shutil.which("mvn")
    if found is None:
        raise Trouble("no Maven (mvn) on this machine; apt-get install maven")
    return found


def home() -> Path:
    """Return the folder that keeps the jars of all variants of this version."""
    if chosen := os.environ.get("KG_OPENSEARCH_HOME"):
        return Path(chosen).expanduser().absolute()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "kompetansegraf" / f"opensearch-{VERSION}"


def installation() -> Path:
    """Return the folder of exactly these sources: a changed pom gets another one."""
    digest = hashlib.sha256()
    for name in ("pom.xml", "RunOpenSearch.java", "SHA256SUMS"):
        digest.update((SOURCES / name).read_bytes())
    return home() / f"server-{digest.hexdigest()[:12]}"


def faults(folder: Path) -> list[str]:
    """Return what is wrong in a folder of jars: files that are missing, differ from SHA256SUMS, or are too many."""
    sums = (line.split("  ", 1) for line in (SOURCES / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    wanted = {name: digest for digest, name in sums}
    there = {
        path.relative_to(folder).as_posix()
        for part in ("jars", "plugins")
        for path in (folder / part).rglob("*")
        if path.is_file()
    }
    wrong = [f"{name} is missing" for name in sorted(wanted.keys() - there)]
    wrong += [f"{name} does not belong" for name in sorted(there - wanted.keys())]
    for name in sorted(there & wanted.keys()):
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != wanted[name]:
                wrong.append(f"{name} has another checksum")
    if not (folder / "classes" / "RunOpenSearch.class").exists():
        wrong.append("classes/RunOpenSearch.class is missing")
    return wrong


def fetch() -> Path:
    """Return a folder with the whole server, fetched if it is not there.

    A folder gets its name only when it is complete, so a fetch that is killed leaves nothing that looks done.
    Two fetches at once wait for each other.
    """
    folder = installation()
    if folder.exists() and not faults(folder):
        return folder
    javac, maven = find_java("javac"), find_maven()
    home().mkdir(parents=True, exist_ok=True)
    with (home() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists() and not faults(folder):
            return folder
        for left in home().glob(".unfinished-*"):
            shutil.rmtree(left)
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=home()))
        _fetch_into(unfinished, maven, javac)
        if folder.exists():  # damaged
            folder.rename(home() / f".unfinished-{os.getpid()}")
        unfinished.rename(folder)
        for left in home().glob(".unfinished-*"):
            shutil.rmtree(left)
    return folder


def _fetch_into(folder: Path, maven: str, javac: Path) -> None:
    say(f"fetching OpenSearch {VERSION} with Maven (about 90 MB) into {home()} …")
    began = time.monotonic()
    environment = {**os.environ, "JAVA_HOME": str(javac.parents[1])}
    # without -C: not every artifact has a checksum beside it; SHA256SUMS holds them all
    command = [maven, "-B", "-ntp", "-f", str(SOURCES / "pom.xml"), f"-Dfolder={folder}", "package"]
    try:
        _checked(command, environment)
    except Trouble:  # a transfer broke off: Maven keeps what it has
        _checked(command, environment)
    shutil.rmtree(folder / "target", ignore_errors=True)
    (folder / "classes").mkdir()
    _checked(
        [str(javac), "--release", str(JAVA_VERSIONS[0]), "-cp", f"{folder / 'jars'}/*"]
        + ["-d", str(folder / "classes"), str(SOURCES / "RunOpenSearch.java")],
        environment,
    )
    if wrong := faults(folder):
        raise Trouble(f"what Maven fetched is not what SHA256SUMS names: {'; '.join(wrong[:5])}")
    say(f"fetched in {time.monotonic() - began:.0f} s")


def _checked(command: list[str], environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=FETCH_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise Trouble(f"{command[0]} did not end within {FETCH_SECONDS} s") from None
    if done.returncode:
        lines = (done.stdout + done.stderr).splitlines()
        errors = [line for line in lines if "ERROR" in line] or lines
        raise Trouble(f"{command[0]} failed:\n" + "\n".join(errors[:ERROR_LINES]))


def obstacle() -> str | None:
    """Return why this machine can't run the server, or None if it can (perhaps after a fetch)."""
    try:
        if installation().exists():
            find_java("java")
        else:
            find_java("javac")
            find_maven()
    except Trouble as trouble:
        return str(trouble)
    return None
