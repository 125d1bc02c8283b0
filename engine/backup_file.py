"""What is a backup file? A zip archive with a manifest, under a seal that covers every byte of it.

::

    mimetype                    first, not compressed: tells what the file is even when its end is lost
    catalogue/<table>.jsonl     one row a line, neutral of any database
    index/…                     the files of the current build
    vectors/<n>                 vectors of one model: length of hash, hash, values
    vocabulary/<scheme>.ttl     the data folder's own vocabulary, where it has one
    manifest.json               last: what all this is, with size and SHA-256 of each member

The archive's comment is the SHA-256 of everything before it. A file is written beside its place and
renamed, readable by its owner only, because drafts and the audit trail are in it.
"""

import fcntl
import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

from pydantic import BaseModel, ValidationError

from engine.errors import BackendError, Conflict, InvalidRequest
from engine.model import BuildInfo

FORMAT_VERSION = 1
"""Grows when an older program could not read the file any more."""

MIMETYPE = b"application/vnd.kompetansegraf.backup+zip"
CHUNK = 1 << 20
"""How much is read and written at a time [bytes]."""

_MANIFEST = "manifest.json"
_LABEL = b"sha256 "
_START = 38
"""Where the contents of the first member begin: a local header and the name ``mimetype`` [bytes]."""


class Member(BaseModel):
    """One member of the archive; `size` is what it holds, not what it takes [bytes]."""

    size: int
    sha256: str


class IndexPart(BaseModel):
    """The build that a backup holds; `reference` tells where it lies when it is not among the members."""

    kind: str
    info: BuildInfo
    reference: dict[str, str] = {}


class VectorPart(BaseModel):
    """The vectors of one model, in one member."""

    member: str
    model_id: str
    dim: int
    count: int


class Manifest(BaseModel):
    """What a backup holds. `tables` has rows by table, in the order in which they are to be loaded.

    `vocabulary` counts the files of the data folder's own vocabulary; 0 says that it used the bundled one,
    None that the backup is older and says nothing of it.
    """

    format: Literal["kompetansegraf-backup"] = "kompetansegraf-backup"
    format_version: int = FORMAT_VERSION
    program_version: str
    created: datetime
    catalogue_schema: str
    tables: dict[str, int]
    index: IndexPart | None = None
    vectors: list[VectorPart] = []
    vocabulary: int | None = None
    members: dict[str, Member] = {}


class _Version(BaseModel):
    format_version: int


class BackupWriter:
    """A backup that is being written, member by member; the manifest comes last."""

    def __init__(self, archive: zipfile.ZipFile, place: Path) -> None:
        self._archive = archive
        self._place = place
        self._members: dict[str, Member] = {}
        self.seal = ""
        """Set when the file stands."""

    def add(self, name: str, chunks: Iterable[bytes], *, compress: bool = False) -> None:
        """Write one member from pieces of any size."""
        digest, size = hashlib.sha256(), 0
        how = zipfile.ZipInfo(name)
        how.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        with (
            self._translated(),
            self._archive.open(name if compress else how, "w", force_zip64=True) as member,
        ):
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                member.write(chunk)
        self._members[name] = Member(size=size, sha256=digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest; nothing can be added after it."""
        manifest.members = dict(self._members)
        with self._translated():
            self._archive.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
        self._archive.comment = _LABEL + b"0" * 64

    @contextmanager
    def _translated(self) -> Iterator[None]:
        # here and not further out: a database's read transaction, which would take it for its own, is round us
        try:
            yield
        except OSError as error:
            raise _unwritable(self._place, error) from error


@contextmanager
def new_backup(path: Path) -> Iterator[BackupWriter]:
    """Write a backup to `path`, whole or not at all; an earlier backup there stays until this one stands.

    Raises
    ------
    InvalidRequest
        If something that is no backup lies there.
    Conflict
        If another process is writing it.
    BackendError
        If it cannot be written.
    """
    if path.is_dir():
        raise InvalidRequest(f"{path} is a folder: name a file in it")
    if path.exists() and not _begins_as_ours(path):
        raise InvalidRequest(f"{path} exists and is no backup: it is left as it is")
    partial = path.with_name(f".{path.name}.partial")
    try:
        with _locked(partial, path) as file:
            try:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                    archive.writestr(zipfile.ZipInfo("mimetype"), MIMETYPE)
                    writer = BackupWriter(archive, path)
                    yield writer
                writer.seal = write_seal(file)
                os.fsync(file.fileno())
                partial.replace(path)
                _sync_folder(path.parent)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise _unwritable(path, error) from error


def write_seal(file: BinaryIO) -> str:
    """Write the seal over the last 64 bytes of a file, and return it."""
    digest = _digest_of(file)
    file.seek(-64, os.SEEK_END)
    file.write(digest.encode("ascii"))
    file.flush()
    return digest


class BackupReader:
    """A backup whose seal is whole."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, manifest: Manifest, seal: str) -> None:
        self.path = path
        self.manifest = manifest
        self.seal = seal
        self._archive = archive

    def names(self, folder: str) -> list[str]:
        """Return the members below a folder (``index``)."""
        return [name for name in self.manifest.members if name.startswith(f"{folder}/")]

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield what a member holds; raises InvalidRequest at its end when it is not what was written."""
        told = self.manifest.members.get(name)
        if told is None:
            raise InvalidRequest(f"{self.path}: {name} is missing")
        digest, size = hashlib.sha256(), 0
        try:
            with self._archive.open(name) as member:
                while size <= told.size and (chunk := member.read(CHUNK)):
                    digest.update(chunk)
                    size += len(chunk)
                    yield chunk
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise InvalidRequest(f"{self.path}: {name} cannot be read: {error}") from error
        except OSError as error:
            raise BackendError(f"{self.path}: {name} cannot be read: {error.strerror}") from error
        if (size, digest.hexdigest()) != (told.size, told.sha256):
            raise InvalidRequest(f"{self.path}: {name} is damaged")

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a member, without their ends."""
        rest = b""
        for chunk in self.chunks(name):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
        if rest:
            yield rest


@contextmanager
def open_backup(path: Path) -> Iterator[BackupReader]:
    """Open a backup, having held the whole file against its seal.

    Raises
    ------
    InvalidRequest
        If the file is missing, foreign, damaged, cut short or of a newer format.
    """
    try:
        with path.open("rb") as file:
            seal = _checked_seal(path, file)
            with zipfile.ZipFile(file) as archive:
                yield BackupReader(path, archive, _read_manifest(path, archive), seal)
    except FileNotFoundError:
        if path.exists():
            raise
        raise InvalidRequest(f"there is no file {path}") from None
    except IsADirectoryError:
        raise InvalidRequest(f"{path} is a folder, not a backup") from None
    except PermissionError as error:
        if error.filename != str(path):
            raise
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}") from None


def _checked_seal(path: Path, file: BinaryIO) -> str:
    if file.read(_START + len(MIMETYPE))[_START:] != MIMETYPE:
        raise InvalidRequest(f"{path} is no backup of this program")
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - len(_LABEL) - 64))
    comment = file.read()
    seal = comment[len(_LABEL) :].decode("ascii", "replace")
    if not comment.startswith(_LABEL):
        raise InvalidRequest(f"{path} is cut short or damaged: its seal is missing")
    if _digest_of(file) != seal:
        raise InvalidRequest(f"{path} is damaged: it does not hold what was written to it")
    return seal


def _read_manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        text = archive.read(_MANIFEST)
        version = _Version.model_validate_json(text).format_version
        if version > FORMAT_VERSION:
            raise InvalidRequest(
                f"{path} was written by a newer version of this program "
                f"(format {version}, this one reads up to {FORMAT_VERSION})"
            )
        manifest = Manifest.model_validate_json(text)
    except (KeyError, zipfile.BadZipFile, zlib.error, ValidationError) as error:
        raise InvalidRequest(f"{path}: its manifest cannot be read") from error
    if set(archive.namelist()) != {"mimetype", _MANIFEST, *manifest.members}:
        raise InvalidRequest(f"{path}: its members are not those that its manifest tells of")
    return manifest


def _digest_of(file: BinaryIO) -> str:
    """Return the SHA-256 of all but the last 64 bytes."""
    left = file.seek(0, os.SEEK_END) - 64
    file.seek(0)
    digest = hashlib.sha256()
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()


def _begins_as_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(_START + len(MIMETYPE))[_START:] == MIMETYPE
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def _locked(partial: Path, path: Path) -> Iterator[BinaryIO]:
    """Open an empty file for one writer; what a killed one left is overwritten."""
    while True:
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Conflict(f"another process is writing {path}") from error
            if not partial.exists() or partial.stat().st_ino != os.fstat(file.fileno()).st_ino:
                continue  # renamed into place by the process that had it before us
            os.fchmod(file.fileno(), 0o600)
            file.truncate()
            yield file
            return


def _unwritable(path: Path, error: OSError) -> BackendError:
    return BackendError(f"the backup {path} cannot be written: {error.strerror or error}")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
