"""What does Debian's bokmål–nynorsk dictionary say? Apertium's programs, asked for many texts in one call.

The package is ``apertium-nno-nob`` (GPL); it is run as a program by scripts and tests, and is no part of the product.
Each text is analysed and translated by itself: texts are separated by NUL, which empties every stage.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

DATA = Path("/usr/share/apertium/apertium-nno-nob")
PACKAGE = "apt-get install apertium-nno-nob"
DIRECTIONS = {"nb": "nob-nno", "nn": "nno-nob"}  # by the language that goes in
_SPECIAL = re.compile(r"([\\^$/<>{}\[\]@])")
_UNIT = re.compile(r"\^((?:\\.|[^\\/])*)/((?:\\.|[^\\$])*)\$")


def obstacle() -> str | None:
    """Return what is missing on this machine; None when the programs can be run."""
    if shutil.which("apertium") and shutil.which("lt-proc") and DATA.is_dir():
        return None
    return f"the programs of {PACKAGE} are not there"


def dictionary() -> str:
    """Return the version of the dictionary; another one may know other words."""
    asked = ["dpkg-query", "--show", "--showformat=${Version}", "apertium-nno-nob"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def translate(texts: Sequence[str], source: str) -> list[str]:
    """Translate each text from `source` (``nb`` or ``nn``) to the other written form; unknown words stay."""
    return [_plain(t) for t in _run([["apertium", "-u", "-z", "-f", "none", DIRECTIONS[source]]], texts)]


def read(texts: Sequence[str], language: str) -> list[list[tuple[str, str]]]:
    """Return for each text its words with the reading that fits the sentence, for instance ``brudd<n><nt><pl><def>``.

    A word that is not known has the reading ``*word``.
    """
    pair = DIRECTIONS[language]
    stages = [
        ["lt-proc", "-z", "-w", "-e", f"{DATA}/{pair}.automorf.bin"],
        ["cg-proc", "-z", f"{DATA}/{pair}.seg.rlx.bin"],
        ["cg-proc", "-z", *(["-w"] if language == "nn" else []), f"{DATA}/{pair}.rlx.bin"],
        ["apertium-tagger", "-z", "-p", "-g", f"{DATA}/{pair}.prob"],
    ]
    return [[(_plain(a), b) for a, b in _UNIT.findall(t)] for t in _run(stages, texts)]


def readings(words: Sequence[str], language: str) -> dict[str, list[str]]:
    """Return every reading in the dictionary of each lower-case word; none for one that it does not have.

    What stands only as the first part of compounds has a reading that ends in ``<compound-only-L>``.
    """
    unique = sorted(set(words))
    found = _run([["lt-proc", "-z", "-w", f"{DATA}/{DIRECTIONS[language]}.automorf.bin"]], unique)
    out = {}
    for word, said in zip(unique, found, strict=True):
        units = _UNIT.findall(said)
        whole = len(units) == 1 and _plain(units[0][0]) == word
        out[word] = [r for r in units[0][1].split("/") if not r.startswith("*")] if whole else []
    return out


def generate(forms: Sequence[str], language: str) -> dict[str, str]:
    """Return the written word of each lexical form such as ``brudd<n><nt><pl><def>``; unknown forms are left out."""
    unique = sorted(set(forms))
    other = {"nb": "nno-nob", "nn": "nob-nno"}[language]  # words are made by the direction that ends in them
    found = _run(
        [["lt-proc", "-z", "-g", f"{DATA}/{other}.autogen.bin"]], [f"^{f}$" for f in unique], raw=True
    )
    return {f: _plain(w) for f, w in zip(unique, found, strict=True) if w and w[0] not in "#*@^"}


def _run(stages: Sequence[Sequence[str]], texts: Sequence[str], *, raw: bool = False) -> list[str]:
    if not texts:
        return []
    data = "".join((t if raw else _SPECIAL.sub(r"\\\1", t)) + "\0" for t in texts).encode()
    for stage in stages:
        done = subprocess.run(stage, input=data, capture_output=True, check=True)
        data = done.stdout
    out = data.decode().split("\0")
    if len(out) <= len(texts) or any(out[len(texts) :]):  # every stage empties itself once more at the end
        raise RuntimeError(f"{stages[-1][0]} answered {len(out) - 1} times for {len(texts)} texts")
    return out[: len(texts)]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).strip()
