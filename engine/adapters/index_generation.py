"""Which files make up an embedded index? Those of one committed generation, named by a manifest.

The manifest ``index.json`` names them. Files are written under names of their own and never changed;
replacing the manifest is the commit. See `tantivy_search_index` for the order of writing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import orjson
import tantivy
from numpy.typing import NDArray

from engine.adapters.column_store import ColumnRow, ColumnStore
from engine.adapters.durable_file import sync_folder, write_atomically
from engine.adapters.passage_vectors import (
    PassageVectors,
    VectorSegment,
    merge_segments,
    segments_to_merge,
)
from engine.adapters.tantivy_snapshot import IndexSnapshot
from engine.adapters.tantivy_terms import build_schema, register_tokenizer
from engine.errors import BackendUnavailable, IndexIncompatible, IndexMissing

SCHEMA_VERSION = 2
"""Grows when the files of an index change their meaning."""

_MANIFEST = "index.json"
_LEXICAL = "tantivy"
_ATTEMPTS = 50
"""How often a reader begins again because a writer committed under it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one generation consists of; `next_ord` is above every ord ever given out."""

    schema_version: int
    analysis_version: str
    generation: int
    resources: int
    next_ord: int
    dim: int
    columns: str
    vectors: tuple[str, ...]


def has_index(folder: Path) -> bool:
    """Tell whether an index lies in `folder`."""
    return (folder / _MANIFEST).exists()


def begin_index(folder: Path, analysis_version: str) -> None:
    """Write an empty index to `folder`."""
    lexical = folder / _LEXICAL
    lexical.mkdir(parents=True, exist_ok=True)
    tantivy.Index(build_schema(), path=str(lexical))
    columns = "columns-0.arrays"
    (folder / columns).unlink(missing_ok=True)
    nobody = np.zeros(0, dtype=np.bool_)
    ColumnStore.empty().write_successor(folder / columns, nobody, ())
    sync_folder(lexical)
    _write_manifest(folder, Manifest(SCHEMA_VERSION, analysis_version, 0, 0, 0, 0, columns, ()))


def open_lexical(folder: Path, analysis_version: str) -> tantivy.Index:
    """Open the lexical part of the index in `folder`.

    Raises
    ------
    IndexMissing
        If there is no index.
    IndexIncompatible
        If it has another schema or analysis version, or cannot be read.
    """
    _read_manifest(folder, analysis_version)
    try:
        index = tantivy.Index.open(str(folder / _LEXICAL))
        index.config_reader("manual")
    except ValueError as error:
        raise IndexIncompatible(f"the lexical index in {folder} cannot be opened: {error}") from error
    register_tokenizer(index)
    return index


def open_generation(
    folder: Path, index: tantivy.Index, analysis_version: str
) -> tuple[Manifest, IndexSnapshot]:
    """Open the newest committed generation; all its parts are of one commit.

    Raises
    ------
    IndexIncompatible
        If it has another schema or analysis version, or is damaged.
    BackendUnavailable
        If commits follow each other so fast that none could be opened.
    """
    for _ in range(_ATTEMPTS):
        manifest = _read_manifest(folder, analysis_version)
        try:
            snapshot = _snapshot(folder, index, manifest)
        except FileNotFoundError as error:
            if _read_manifest(folder, analysis_version) != manifest:
                continue
            raise IndexIncompatible(f"the index in {folder} lacks {error.filename}") from error
        if _read_manifest(folder, analysis_version) == manifest:
            if index.searcher().num_docs < manifest.resources:
                raise IndexIncompatible(f"the lexical index in {folder} has lost resources")
            return manifest, snapshot
    raise BackendUnavailable(f"the index in {folder} changes faster than it can be opened")


def write_generation(
    folder: Path,
    old: Manifest,
    snapshot: IndexSnapshot,
    *,
    removed: NDArray[np.bool_],
    added: Sequence[ColumnRow],
    next_ord: int,
    dim: int,
    segments: Sequence[str],
) -> Manifest:
    """Commit the generation after `old`: its rows without `removed`, with `added`.

    `segments` names vector files written since. Few large vector files are made of many small ones.
    """
    generation = old.generation + 1
    name = f"columns-{generation}.arrays"
    snapshot.columns.write_successor(folder / name, removed, added)
    columns = ColumnStore.open(folder / name)
    vectors = _tidy_vectors(
        folder, [*old.vectors, *segments], columns.rows_of_ords(next_ord), f"vectors-{generation}.arrays"
    )
    manifest = Manifest(
        SCHEMA_VERSION, old.analysis_version, generation, len(columns), next_ord, dim, name, tuple(vectors)
    )
    _write_manifest(folder, manifest)
    return manifest


def remove_unnamed_files(folder: Path, manifest: Manifest) -> None:
    """Remove array files that `manifest` does not name: of older generations and cut-off commits."""
    for path in folder.glob("*.arrays"):
        if path.name != manifest.columns and path.name not in manifest.vectors:
            path.unlink(missing_ok=True)


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    sync_folder(folder)
    write_atomically(folder / _MANIFEST, orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))


def _read_manifest(folder: Path, analysis_version: str) -> Manifest:
    try:
        fields = orjson.loads((folder / _MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise IndexMissing(f"there is no index in {folder}") from error
    except orjson.JSONDecodeError as error:
        raise IndexIncompatible(f"the manifest of the index in {folder} is damaged") from error
    if not isinstance(fields, dict) or fields.get("schema_version") != SCHEMA_VERSION:
        raise IndexIncompatible(
            f"the index in {folder} is not of schema version {SCHEMA_VERSION}: rebuild it"
        )
    if fields["analysis_version"] != analysis_version:
        raise IndexIncompatible(
            f"the index in {folder} was made with text analysis {fields['analysis_version']!r}, "
            f"this program has {analysis_version!r}: rebuild it"
        )
    return Manifest(**{**fields, "vectors": tuple(fields["vectors"])})


def _snapshot(folder: Path, index: tantivy.Index, manifest: Manifest) -> IndexSnapshot:
    columns = ColumnStore.open(folder / manifest.columns)
    rows_of_ords = columns.rows_of_ords(manifest.next_ord)
    segments = [VectorSegment.open(folder, name) for name in manifest.vectors]
    vectors = PassageVectors(segments, rows_of_ords, len(columns), manifest.dim)
    # read before the searcher is taken: later merges can only do away with deletes
    parts = orjson.loads((folder / _LEXICAL / "meta.json").read_bytes())["segments"]
    index.reload()
    return IndexSnapshot(
        index.schema,
        index.searcher(),
        columns,
        vectors,
        rows_of_ords,
        has_deletes=any(part["deletes"] for part in parts),
    )


def _tidy_vectors(
    folder: Path, names: Sequence[str], rows_of_ords: NDArray[np.int32], merged: str
) -> list[str]:
    """Return the segments of the new generation, the last ones merged to `merged` when it pays."""
    segments = [VectorSegment.open(folder, name) for name in names]
    live = [segment.live(rows_of_ords) for segment in segments]
    count = segments_to_merge(live, [len(segment.vectors) for segment in segments])
    kept, last = segments[: len(segments) - count], segments[len(segments) - count :]
    if count and sum(live[len(kept) :]):
        merge_segments(folder / merged, last, rows_of_ords)
        return [*(segment.name for segment in kept), merged]
    return [segment.name for segment in kept]
