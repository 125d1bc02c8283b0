import shutil
import subprocess
from pathlib import Path

from machine_parts import require_or_skip

ROOT = Path(__file__).parents[2]
SOURCES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "vite.config.ts", "src", "public")


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_committed_files_are_what_the_sources_build(tmp_path):
    if shutil.which("npm") is None:
        require_or_skip("browser", "apt-get install nodejs npm")
    web = tmp_path / "web"
    web.mkdir()
    (tmp_path / "api").mkdir()
    for name in SOURCES:
        source = ROOT / "web" / name
        if source.is_dir():
            shutil.copytree(source, web / name)
        else:
            shutil.copy(source, web / name)
    for command in (["npm", "ci", "--ignore-scripts"], ["npm", "run", "build"]):
        done = subprocess.run(command, cwd=web, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert files(tmp_path / "api" / "static") == files(ROOT / "api" / "static")


def test_the_lock_file_names_no_registry():
    text = (ROOT / "web" / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert "registry" not in text
