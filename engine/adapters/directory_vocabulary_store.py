"""Which vocabulary is in use, and how is it replaced? Folders of Turtle files, a pointer names one.

::

    vocabulary/CURRENT                  the folder in use, or the word "bundled"
    vocabulary/.lock                    held (flock) by the one process that replaces; a kill releases it
    vocabulary/000002-5f0c2d7e91aa/     one Turtle file a scheme

A new vocabulary is written beside the old one, read again, judged and renamed before the pointer is. Turtle files that
somebody has put into the folder itself are used until there is a pointer. A folder that the settings name
(``KG_VOCABULARY``) comes before all this, and is never written to.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from engine.adapters.durable_file import sync_folder, sync_tree, write_atomically
from engine.errors import BackendError, Conflict, InvalidRequest
from vocab.concept import DEFAULT_BASE_URI
from vocab.triples import VocabularyError
from vocab.vocabulary import Vocabulary, bundled_files, open_vocabulary

if TYPE_CHECKING:
    from vocab.integrity import Finding

KEEP: Final = 2
"""Vocabularies that stay in the data folder: the one in use and the one before it."""

BUNDLED: Final = "bundled"
UNCHANGING: Final = ((BUNDLED, 0, 0),)
"""The state as long as the vocabulary that comes with the program is in use."""
_POINTER = "CURRENT"
_LOCK = ".lock"
_STAGED = ".staged"
_NAME = re.compile(r"(\d{6,})-[0-9a-f]{12}")


class DirectoryVocabularyStore:
    """The vocabulary of a data folder.

    Parameters
    ----------
    folder
        Where it lies (``DATA/vocabulary``); made when the first is kept.
    own
        The folder that the settings name, which comes first.
    base_uri
        What the URIs of our own concepts begin with.
    cache_dir
        Where compiled forms are kept.
    """

    def __init__(self, folder: Path, *, own: Path | None, base_uri: str, cache_dir: Path) -> None:
        self._folder = folder
        self._own = own
        self._base_uri = base_uri
        self._cache_dir = cache_dir

    def open(self) -> Vocabulary:
        for _ in range(3):
            state = self.state()
            try:
                return self._read(self._files())
            except VocabularyError:
                if self.state() == state:  # not replaced and removed between two looks
                    raise
        return self._read(self._files())

    def state(self) -> tuple[tuple[str, int, int], ...] | None:
        files = self._files()
        if files is None:
            return UNCHANGING
        found = []
        for path in files:
            try:
                stat = path.stat()
            except OSError:  # removed between two looks
                continue
            found.append((str(path), stat.st_mtime_ns, stat.st_size))
        return tuple(found) or None

    def files(self) -> Sequence[Path]:
        return self._files() or bundled_files()

    def check(self, vocabulary: Vocabulary) -> "Sequence[Finding]":
        with TemporaryDirectory() as folder, _translated(Path(folder)):
            staged = Path(folder)
            self._write(staged, _encoded(vocabulary), vocabulary.version)
            return self._new_findings(staged)

    def replace(self, vocabulary: Vocabulary | None, *, force: bool = False) -> "Sequence[Finding]":
        if self._own is not None:
            raise InvalidRequest(
                f"KG_VOCABULARY names the vocabulary in use: change the files in {self._own}, "
                "or unset it to keep the vocabulary in the data folder"
            )
        with self._locked():
            if vocabulary is None:
                self._point_to(BUNDLED)
                return []
            staged = self._stage(_encoded(vocabulary), vocabulary.version)
            findings = self._new_findings(staged)
            errors = [f for f in findings if self._forbids(f)]
            if errors and not force:
                more = f" ({len(errors)} such errors)" if len(errors) > 1 else ""
                raise InvalidRequest(
                    f"the new vocabulary has an error that the one in use has not: {errors[0].code}: "
                    f"{errors[0].concept}: {errors[0].message}; {errors[0].advice}{more}"
                )
            self._publish(staged, vocabulary.version)
            return findings

    def kept_files(self) -> Mapping[str, bytes]:
        files = self._kept()
        try:
            return {path.name: path.read_bytes() for path in files or ()}
        except OSError as error:
            raise BackendError(f"the vocabulary in {self._folder} cannot be read: {error}") from error

    def put_files(self, files: Mapping[str, bytes]) -> None:
        if any(Path(name).name != name or not name.endswith(".ttl") for name in files):
            raise InvalidRequest("a vocabulary consists of Turtle files, without folders")
        with self._locked():
            if files:
                staged = self._stage(files)
                self._publish(staged, self._read_staged(staged).version)
            elif self._kept() is not None:
                self._point_to(BUNDLED)

    # --- reading -----------------------------------------------------------------------------

    def _files(self) -> Sequence[Path] | None:
        return _turtle(self._own) if self._own is not None else self._kept()

    def _kept(self) -> Sequence[Path] | None:
        """Return the files in the data folder; None when it has none, or the pointer says the bundled ones."""
        name = self._pointed_to()
        if name == BUNDLED:
            return None
        return _turtle(self._folder / name) if name is not None else _turtle(self._folder) or None

    def _read(self, files: Sequence[Path] | None) -> Vocabulary:
        if files is not None and not files:
            where = self._own or self._folder / (self._pointed_to() or "")
            raise VocabularyError(
                where, None, "no Turtle file is in this folder, which is the vocabulary in use"
            )
        return open_vocabulary(files, base_uri=self._base_uri, cache_dir=self._cache_dir)

    def _pointed_to(self) -> str | None:
        try:
            return (self._folder / _POINTER).read_text("utf-8").strip()
        except FileNotFoundError:
            return None

    # --- writing -----------------------------------------------------------------------------

    def _stage(self, files: Mapping[str, bytes], version: str | None = None) -> Path:
        """Write files beside the others; raises BackendError if they do not read as the wanted version."""
        staged = self._folder / _STAGED
        if staged.exists():
            shutil.rmtree(staged)
        staged.mkdir()
        self._write(staged, files, version)
        return staged

    def _write(self, folder: Path, files: Mapping[str, bytes], version: str | None) -> None:
        for name, data in files.items():
            (folder / name).write_bytes(data)
        if version is not None and self._read_staged(folder).version != version:
            raise BackendError("the new vocabulary does not read back as the same; the old one stays in use")

    def _read_staged(self, staged: Path) -> Vocabulary:
        return open_vocabulary([staged], base_uri=self._base_uri, cache_dir=self._cache_dir)

    def _publish(self, staged: Path, version: str) -> None:
        sync_tree(staged)
        name = f"{self._last_number() + 1:06d}-{version[:12]}"
        staged.rename(self._folder / name)
        sync_folder(self._folder)
        self._point_to(name)

    def _point_to(self, name: str) -> None:
        write_atomically(self._folder / _POINTER, f"{name}\n".encode())
        kept = sorted(path.name for path in self._folder.iterdir() if _NAME.fullmatch(path.name))
        for old in kept[:-KEEP]:
            if old != name:
                shutil.rmtree(self._folder / old)

    def _last_number(self) -> int:
        return max(
            (int(found[1]) for path in self._folder.iterdir() if (found := _NAME.fullmatch(path.name))),
            default=0,
        )

    def _new_findings(self, staged: Path) -> "list[Finding]":
        from vocab.integrity import check_files  # with it comes RDF, which takes long to load

        findings, _ = check_files(_turtle(staged))
        if findings:
            before = {(f.code, f.concept, f.message) for f in check_files(self.files())[0]}
            findings = [f for f in findings if (f.code, f.concept, f.message) not in before]
        return sorted(findings, key=lambda f: not self._forbids(f))

    def _forbids(self, finding: "Finding") -> bool:
        """Tell whether a finding is an error in a concept of our own: others' vocabularies are as they are."""
        ours = (self._base_uri, DEFAULT_BASE_URI)
        return finding.severity == "error" and finding.concept.startswith(ours)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with _translated(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise Conflict("another process is replacing the vocabulary") from error
                try:
                    yield
                finally:
                    shutil.rmtree(self._folder / _STAGED, ignore_errors=True)
            finally:
                os.close(descriptor)


def _turtle(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.ttl"))


def _encoded(vocabulary: Vocabulary) -> dict[str, bytes]:
    from vocab.merging import skos_files

    return {name: text.encode() for name, text in skos_files(vocabulary).items()}


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackendError(
            f"the vocabulary in {folder} cannot be written: {error.strerror or error}"
        ) from error
