"""Where are the files of a build (its graph) kept on a cluster? In pieces, in an index beside the builds.

Each file is compressed and cut into chunks that lie as documents ``build.file.chunk``; the manifest of the
build says how many there are and what hash the whole has. Chunks of a build without a manifest are
nobody's and are removed.
"""

import base64
import hashlib
import os
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from engine.adapters.opensearch_build_indices import BuildPart, create_index
from engine.adapters.opensearch_connection import OpenSearchConnection
from engine.errors import BackendError, IndexMissing, NotFound

CHUNK: Final = 4 << 20
"""Longest chunk [bytes]; as base64 it stays below 10 MB, the smallest limit that clouds set for a request."""

_READ: Final = 1 << 20
_PAGE: Final = 1000
_FETCHED: Final = ".fetched-"
_SETTINGS: Final = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
_MAPPINGS: Final = {
    "dynamic": "strict",
    "properties": {"build": {"type": "keyword"}, "data": {"type": "binary"}},
}


class OpenSearchBuildParts:
    """Files of builds in one index, which is made when the first is uploaded."""

    def __init__(self, connection: OpenSearchConnection, index: str, *, chunk: int = CHUNK) -> None:
        self._connection = connection
        self._index = index
        self._chunk = chunk
        self._verified: dict[Path, tuple[tuple[int, int, int], str]] = {}

    def upload(self, build_id: str, folder: Path) -> list[BuildPart]:
        """Keep all files of a folder; they are durable when it returns."""
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not _is_temporary(path)]
        if not files:
            return []
        create_index(self._connection, self._index, _SETTINGS, _MAPPINGS)
        parts: list[BuildPart] = []
        self._connection.bulk(self._uploads(build_id, folder, files, parts))
        self._connection.call(lambda client: client.indices.flush(index=self._index))
        return parts

    def fetch(self, build_id: str, parts: Sequence[BuildPart], folder: Path) -> bool:
        """Bring all files of a build to a folder, those that are not there or not whole.

        Returns
        -------
        bool
            Whether anything had to be fetched.

        Raises
        ------
        NotFound
            If the cluster has not got all chunks.
        BackendError
            If what it has is damaged, or the folder cannot be written to.
        """
        lacking = [(n, part) for n, part in enumerate(parts) if not self._is_whole(folder / part.path, part)]
        for n, part in lacking:
            target = folder / part.path
            beside = target.with_name(f"{_FETCHED}{uuid4().hex}")
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                self._fetch(build_id, n, part, beside)
                beside.replace(target)
            except OSError as error:
                raise BackendError(
                    f"{part.path} of build {build_id} cannot be kept in {folder}: {error}"
                ) from error
            finally:
                with suppress(OSError):
                    beside.unlink()
            if not self._is_whole(target, part):  # another process may have written it since: the same
                raise BackendError(f"{target} changes while it is being written")
        folder.mkdir(parents=True, exist_ok=True)
        return bool(lacking)

    def remove_all_but(self, build_ids: Collection[str]) -> None:
        """Remove the chunks of all builds but these."""
        query = {"bool": {"must_not": {"terms": {"build": sorted(build_ids)}}}}
        while True:
            try:
                self._connection.call(lambda client: client.indices.refresh(index=self._index))
            except IndexMissing:
                return
            found = self._connection.call(
                lambda client: client.search(
                    index=self._index, body={"query": query, "size": _PAGE, "_source": False}
                )
            )
            hits = found["hits"]["hits"]
            if not hits:
                return
            self._connection.bulk(
                {"_op_type": "delete", "_index": self._index, "_id": hit["_id"]} for hit in hits
            )

    def _uploads(
        self, build_id: str, folder: Path, files: Sequence[Path], parts: list[BuildPart]
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the chunks of all files, and note in `parts` what they were."""
        for n, path in enumerate(files):
            digest, size, chunks, pending = hashlib.sha256(), 0, 0, bytearray()
            packer = zlib.compressobj(level=6)
            with path.open("rb") as file:
                while True:
                    piece = file.read(_READ)
                    digest.update(piece)
                    size += len(piece)
                    pending += packer.compress(piece) if piece else packer.flush()
                    while len(pending) >= self._chunk or (pending and not piece):
                        data = base64.b64encode(pending[: self._chunk]).decode("ascii")
                        del pending[: self._chunk]
                        yield {
                            "_op_type": "index",
                            "_index": self._index,
                            "_id": f"{build_id}.{n}.{chunks}",
                            "_source": {"build": build_id, "data": data},
                        }
                        chunks += 1
                    if not piece:
                        break
            parts.append(BuildPart(path.relative_to(folder).as_posix(), size, digest.hexdigest(), chunks))

    def _fetch(self, build_id: str, n: int, part: BuildPart, target: Path) -> None:
        digest, size, unpacker = hashlib.sha256(), 0, zlib.decompressobj()
        try:
            with target.open("xb") as file:
                for chunk in range(part.chunks):
                    packed = self._read_chunk(f"{build_id}.{n}.{chunk}")
                    while packed:
                        piece = unpacker.decompress(packed, _READ)
                        packed = unpacker.unconsumed_tail
                        digest.update(piece)
                        size += file.write(piece)
                        if size > part.size:
                            raise ValueError("it is too long")
                file.flush()
                os.fsync(file.fileno())
            if not unpacker.eof or size != part.size or digest.hexdigest() != part.sha256:
                raise ValueError("it is not what was uploaded")
        except (ValueError, zlib.error) as error:
            raise BackendError(
                f"{part.path} of build {build_id} is damaged on the cluster: {error}"
            ) from error

    def _read_chunk(self, id_: str) -> bytes:
        try:
            answer = self._connection.call(lambda client: client.get(index=self._index, id=id_, ignore=404))
        except IndexMissing as error:
            raise NotFound(f"the cluster has no part {id_}: {error}") from error
        if not answer.get("found"):
            raise NotFound(f"the cluster has no part {id_}")
        return base64.b64decode(answer["_source"]["data"], validate=True)

    def _is_whole(self, path: Path, part: BuildPart) -> bool:
        """Tell whether a file is the part; hashed once, and again when it has been touched."""
        try:
            status = path.stat()
            now = ((status.st_mtime_ns, status.st_ino, status.st_size), part.sha256)
            if status.st_size != part.size or self._verified.get(path) == now:
                return status.st_size == part.size
            with path.open("rb") as file:
                whole = hashlib.file_digest(file, "sha256").hexdigest() == part.sha256
        except OSError:
            return False
        if whole:
            self._verified[path] = now
        return whole


def _is_temporary(path: Path) -> bool:
    return path.name.startswith(_FETCHED)
