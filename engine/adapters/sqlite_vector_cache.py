"""Which vectors have we computed before? The VectorCache port in one SQLite file.

A vector is kept as little-endian float32 with a CRC-32 of its bytes; a row whose size or checksum is
wrong counts as unknown and is replaced at the next `put`. The file is disposable: when SQLite cannot
read it at all, it is set aside (``….corrupt``) and an empty one takes its place.
"""

import threading
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import URL, Connection

from engine.adapters.sql_connections import Database
from engine.errors import BackendUnavailable, InvalidRequest
from engine.model import Vectors
from engine.records import check_text, is_storable

CHUNK = 500
"""Hashes in one statement; every SQLite takes 999 parameters."""

_metadata = sa.MetaData()
_model = sa.Table(
    "model",
    _metadata,
    sa.Column("number", sa.Integer(), primary_key=True),
    sa.Column("model_id", sa.Text(), nullable=False, unique=True),
    sa.Column("dim", sa.Integer(), nullable=False),
)
_vector = sa.Table(
    "vector",
    _metadata,
    sa.Column("model", sa.Integer(), sa.ForeignKey("model.number"), primary_key=True),
    sa.Column("hash", sa.Text(), primary_key=True),
    sa.Column("crc", sa.Integer(), nullable=False),
    sa.Column("vector", sa.LargeBinary(), nullable=False),
)

# Cast, because SQLite keeps any type in any column and a damaged row may hold text that is no text.
_ROWS = sa.select(
    _vector.c.hash,
    sa.cast(_vector.c.crc, sa.Integer()).label("crc"),
    sa.cast(_vector.c.vector, sa.LargeBinary()).label("vector"),
)


class SqliteVectorCache:
    """Vectors by model and hash of the text (`engine.ports.VectorCache`).

    Parameters
    ----------
    path : Path
        The SQLite file; it is made, with its folder, when it is not there.

    Raises
    ------
    BackendUnavailable
        When the file cannot be opened or made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            self._open()
        except BackendUnavailable as error:
            if not _is_corruption(error):
                raise
            self._set_aside()

    def get(self, model_id: str, hashes: Sequence[str]) -> Mapping[str, Vectors]:
        wanted = [hash_ for hash_ in dict.fromkeys(hashes) if is_storable(hash_)]
        if not is_storable(model_id):
            return {}
        try:
            found = self._found(model_id, wanted)
        except BackendUnavailable as error:
            if not _is_corruption(error):
                raise
            self._start_anew()
            return {}
        return {hash_: found[hash_] for hash_ in wanted if hash_ in found}

    def put(self, model_id: str, vectors: Mapping[str, Vectors]) -> None:
        if not vectors:
            return
        check_text(model_id, "model_id")
        encoded = {hash_: _encoded(hash_, vector) for hash_, vector in vectors.items()}
        dims = {len(blob) // 4 for blob in encoded.values()}
        if len(dims) > 1:
            raise InvalidRequest(f"vectors of {model_id} have different lengths: {sorted(dims)}")
        try:
            self._keep(model_id, encoded, dims.pop())
        except BackendUnavailable as error:
            if not _is_corruption(error):
                raise
            self._start_anew()
            self._keep(model_id, encoded, len(next(iter(encoded.values()))) // 4)

    def preload(self, path_npz: Path) -> int:
        """Import the vectors of a shipped file that are not here yet.

        Parameters
        ----------
        path_npz : Path
            NumPy archive with `hashes`, fixed-width ASCII bytes of shape ``(n,)``; `vectors`,
            float32 of shape ``(n, dim)``; and `model_id`, one text.

        Returns
        -------
        int
            How many were new.

        Raises
        ------
        InvalidRequest
            When the file is missing or is not such an archive.
        """
        model_id, hashes, vectors = _read_npz(path_npz)
        known = self.get(model_id, hashes)
        new = {hash_: vectors[row] for row, hash_ in enumerate(hashes) if hash_ not in known}
        try:
            self.put(model_id, new)
        except InvalidRequest as error:
            raise InvalidRequest(f"{path_npz}: {error}") from None
        return len(new)

    def models(self) -> Sequence[tuple[str, int]]:
        """Return id and vector length of each model that has vectors here."""
        with self._database.read() as connection:
            return [
                (row.model_id, row.dim)
                for row in connection.execute(sa.select(_model).order_by(_model.c.model_id))
            ]

    def items(self, model_id: str) -> Iterator[tuple[str, Vectors]]:
        """Yield hash and vector of each text that has one of this model, in the order of the hashes."""
        query = (
            _ROWS.add_columns(_model.c.dim)
            .join(_model, _model.c.number == _vector.c.model)
            .where(_model.c.model_id == model_id)
            .order_by(_vector.c.hash)
            .limit(CHUNK)
        )
        page = query
        while True:  # in pages, so that the log of a writer does not grow meanwhile
            with self._database.read() as connection:
                rows = connection.execute(page).all()
            for row in rows:
                vector = _decoded(row.vector, row.crc, row.dim)
                if vector is not None:
                    yield row.hash, vector
            if len(rows) < CHUNK:
                return
            page = query.where(_vector.c.hash > rows[-1].hash)

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        self._database.close()

    def _found(self, model_id: str, wanted: list[str]) -> dict[str, Vectors]:
        found: dict[str, Vectors] = {}
        with self._database.read() as connection:
            model = connection.execute(sa.select(_model).where(_model.c.model_id == model_id)).one_or_none()
            if model is None:
                return {}
            for chunk in _chunks(wanted):
                query = _ROWS.where(_vector.c.model == model.number, _vector.c.hash.in_(chunk))
                for row in connection.execute(query):
                    vector = _decoded(row.vector, row.crc, model.dim)
                    if vector is not None:
                        found[row.hash] = vector
        return found

    def _keep(self, model_id: str, encoded: Mapping[str, bytes], dim: int) -> None:
        with self._database.write() as connection:
            model = _model_number(connection, model_id, dim)
            rows = [
                {"model": model, "hash": hash_, "crc": zlib.crc32(blob), "vector": blob}
                for hash_, blob in encoded.items()
            ]
            connection.execute(insert(_vector).prefix_with("OR REPLACE"), rows)

    def _open(self) -> None:
        self._database = _opened(self._path)
        self._inode = self._path.stat().st_ino

    def _start_anew(self) -> None:
        """Leave a file that turned out corrupt, unless another thread or process has done so."""
        with self._lock:
            self._database.close()
            if self._path.exists() and self._path.stat().st_ino == self._inode:
                self._set_aside()
            else:
                self._open()

    def _set_aside(self) -> None:
        self._path.replace(self._path.with_name(self._path.name + ".corrupt"))
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._open()


def _opened(path: Path) -> Database:
    database = Database(URL.create("sqlite", database=str(path)))
    try:
        with database.read() as connection:
            present = sa.inspect(connection).has_table("vector")
        if not present:
            with database.write() as connection:
                _metadata.create_all(connection)  # checks again, behind the write lock
    except BaseException:
        database.close()
        raise
    return database


def _is_corruption(error: BackendUnavailable) -> bool:
    """Tell whether SQLite found that the file is none of its own or damaged."""
    name = getattr(getattr(error.__cause__, "orig", None), "sqlite_errorname", "")
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def _model_number(connection: Connection, model_id: str, dim: int) -> int:
    found = connection.execute(sa.select(_model).where(_model.c.model_id == model_id)).one_or_none()
    if found is None:
        number: int = connection.execute(
            sa.insert(_model).values(model_id=model_id, dim=dim).returning(_model.c.number)
        ).scalar_one()
        return number
    if found.dim != dim:
        raise InvalidRequest(f"vectors of {model_id} have length {found.dim}, not {dim}")
    return int(found.number)


def _encoded(hash_: str, vector: Vectors) -> bytes:
    check_text(hash_, "hash")
    array = np.asarray(vector)
    if array.ndim != 1 or not array.size or not np.issubdtype(array.dtype, np.floating):
        raise InvalidRequest(f"{hash_}: a vector of floats is needed, got {array.dtype} {array.shape}")
    if not np.isfinite(array).all():
        raise InvalidRequest(f"{hash_}: the vector has values that are not finite")
    return array.astype("<f4").tobytes()


def _decoded(blob: object, crc: object, dim: int) -> Vectors | None:
    if not isinstance(blob, bytes) or len(blob) != 4 * dim or zlib.crc32(blob) != crc:
        return None
    return np.frombuffer(blob, dtype="<f4").astype(np.float32)


def _read_npz(path: Path) -> tuple[str, list[str], NDArray[np.floating]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            hashes, vectors = archive["hashes"], archive["vectors"]
            model_id = str(archive["model_id"][()])
    except KeyError as error:
        raise InvalidRequest(f"{path}: {error.args[0]}") from None
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InvalidRequest(f"{path} is no NumPy archive that can be read: {error}") from None
    if hashes.ndim != 1 or hashes.dtype.kind != "S":
        raise InvalidRequest(f"{path}: hashes must be bytes of shape (n,), got {hashes.dtype} {hashes.shape}")
    if vectors.ndim != 2 or len(vectors) != len(hashes):
        raise InvalidRequest(f"{path}: vectors must have shape ({len(hashes)}, dim), got {vectors.shape}")
    try:
        return model_id, [hash_.decode("ascii") for hash_ in hashes.tolist()], vectors
    except UnicodeDecodeError:
        raise InvalidRequest(f"{path}: hashes must be ASCII, for instance hex digits") from None


def _chunks(items: list[str]) -> Iterator[list[str]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
