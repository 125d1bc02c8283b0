"""How do rows, files and vectors lie in a backup? JSON lines, bytes as they are, and float32 after their hash."""

import struct
from collections.abc import Iterator, Mapping
from itertools import islice

import numpy as np
import orjson

from engine.backup_file import BackupReader, BackupWriter, IndexPart, VectorPart
from engine.backup_ports import BuildCopy, CatalogueCopy, VectorArchive
from engine.errors import InvalidRequest
from engine.model import Vectors
from engine.progress import Progress

_LINES = 500
_VOCABULARY = "vocabulary"
_VECTORS = 5000
_LENGTH = struct.Struct("<H")


def write_catalogue(writer: BackupWriter, catalogue: CatalogueCopy, progress: Progress) -> dict[str, int]:
    """Write every table; returns the number of rows by table."""
    expected = catalogue.tables()
    progress.begin("catalogue", sum(expected.values()))
    written = {}
    for table in expected:
        count = 0

        def lines(table: str = table) -> Iterator[bytes]:
            nonlocal count
            rows = catalogue.rows(table)
            while batch := [dict(row) for row in islice(rows, _LINES)]:
                count += len(batch)
                yield b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in batch)
                progress.advance(len(batch))

        writer.add(_table(table), lines(), compress=True)
        written[table] = count
    progress.end()
    return written


def rows_of(reader: BackupReader, table: str, progress: Progress) -> Iterator[Mapping[str, object]]:
    """Yield the rows of a table; raises InvalidRequest at one that is none."""
    name = _table(table)
    for number, line in enumerate(reader.lines(name), 1):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise InvalidRequest(f"{reader.path}: {name}, row {number}: {error}") from error
        if not isinstance(row, dict):
            raise InvalidRequest(f"{reader.path}: {name}, row {number} is no record")
        yield row
        progress.advance()


def write_build(writer: BackupWriter, build: BuildCopy, kind: str, progress: Progress) -> IndexPart:
    """Write the files of a build."""
    progress.begin("index", build.count())
    for name, chunks in build.files():
        writer.add(f"index/{name}", chunks, compress=name.endswith((".json", ".jsonl")))
        progress.advance()
    progress.end()
    return IndexPart(kind=kind, info=build.info, reference=dict(build.reference))


def files_of_build(reader: BackupReader, progress: Progress) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield name and contents of each file of the build."""
    for name in reader.names("index"):
        yield name.removeprefix("index/"), reader.chunks(name)
        progress.advance()


def write_vectors(writer: BackupWriter, cache: VectorArchive, progress: Progress) -> list[VectorPart]:
    """Write the vectors of each model to a member of its own."""
    parts = []
    progress.begin("vectors")
    for n, (model_id, dim) in enumerate(cache.models(), 1):
        count = 0

        def packed(model_id: str = model_id) -> Iterator[bytes]:
            nonlocal count
            items = cache.items(model_id)
            while batch := list(islice(items, _LINES)):
                count += len(batch)
                yield b"".join(_packed(hash_, vector) for hash_, vector in batch)
                progress.advance(len(batch))

        name = f"vectors/{n}"
        writer.add(name, packed())
        parts.append(VectorPart(member=name, model_id=model_id, dim=dim, count=count))
    progress.end()
    return parts


def put_vectors(reader: BackupReader, cache: VectorArchive, progress: Progress) -> None:
    """Put all vectors of a backup beside those that are in the cache."""
    for part in reader.manifest.vectors:
        items = _unpacked(reader, part)
        while batch := dict(islice(items, _VECTORS)):
            cache.put(part.model_id, batch)
            progress.advance(len(batch))


def write_vocabulary(writer: BackupWriter, files: Mapping[str, bytes]) -> int:
    """Write the files of a vocabulary; returns how many."""
    for name, data in sorted(files.items()):
        writer.add(f"{_VOCABULARY}/{name}", [data], compress=True)
    return len(files)


def vocabulary_of(reader: BackupReader) -> dict[str, bytes]:
    """Return the files of the vocabulary by name; raises InvalidRequest if some are missing."""
    names = reader.names(_VOCABULARY)
    if len(names) != reader.manifest.vocabulary:
        raise InvalidRequest(f"{reader.path}: it does not hold all files of its vocabulary")
    return {name.removeprefix(f"{_VOCABULARY}/"): b"".join(reader.chunks(name)) for name in names}


def _table(name: str) -> str:
    return f"catalogue/{name}.jsonl"


def _packed(hash_: str, vector: Vectors) -> bytes:
    name = hash_.encode()
    return _LENGTH.pack(len(name)) + name + vector.astype("<f4").tobytes()


def _unpacked(reader: BackupReader, part: VectorPart) -> Iterator[tuple[str, Vectors]]:
    rest, size = b"", 4 * part.dim
    for chunk in reader.chunks(part.member):
        data, at = rest + chunk, 0
        while at + _LENGTH.size <= len(data):
            begin = at + _LENGTH.size + _LENGTH.unpack_from(data, at)[0]
            if begin + size > len(data):
                break
            vector = np.frombuffer(data, "<f4", part.dim, begin).astype(np.float32)
            yield data[at + _LENGTH.size : begin].decode(), vector
            at = begin + size
        rest = data[at:]
    if rest:
        raise InvalidRequest(f"{reader.path}: {part.member} ends inside a vector")
