"""How does the embedded search index survive a kill at any moment? By one manifest that rules.

A folder holds the manifest ``index.json``, columns, vectors and the folder ``tantivy``. The manifest
rules: a document in tantivy is a resource only if the columns that it names have the document's
`ord`. A commit goes

1. new documents into tantivy, with ords that nobody has had, and tantivy's own commit;
2. new vectors and columns into new files, forced to the disk;
3. the new manifest over the old one, atomically: here the commit happens;
4. replaced and deleted documents out of tantivy, files of the old generation away.

Killed before 3, the new documents are strays that no reader sees; killed after 3, the old documents
are. The next writer removes strays before it writes. A reader takes the manifest, opens what it
names, and begins again if the manifest has changed meanwhile: as step 4 comes after 3, it cannot
have hit what the reader opened.

Term statistics (BM25's idf and mean length) are tantivy's: until segments merge they still count
documents that have been replaced or deleted, as Lucene's do. Everything else is exact.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import tantivy

from engine.adapters.column_store import ColumnRow
from engine.adapters.index_generation import (
    Manifest,
    begin_index,
    has_index,
    open_generation,
    open_lexical,
    remove_unnamed_files,
    write_generation,
)
from engine.adapters.passage_vectors import write_segment
from engine.adapters.resource_json import entry_to_json
from engine.adapters.tantivy_snapshot import IndexSnapshot
from engine.adapters.tantivy_terms import FIELDS
from engine.adapters.term_tokens import join_terms
from engine.entry_vectors import checked_vectors
from engine.errors import BackendError, BackendUnavailable, Conflict
from engine.model import Candidates, Field, IndexEntry, IndexQuery, Resource, TermStatistics, Vectors

_HEAP = 256_000_000
"""Bytes of documents that tantivy gathers before it writes a segment: some 80,000 resources.

A search costs a third more in five segments than in one.
"""
_SPILL = 64_000_000
"""Bytes of vectors that are gathered before they go to a file."""


class TantivySearchIndex:
    """A search index in a folder: tantivy for words, numpy for columns and vectors.

    Parameters
    ----------
    folder
        Where it lies.
    analysis_version
        Version of the text analysis that makes entries and queries.
    create
        Begin an empty index when the folder holds none.

    Raises
    ------
    IndexMissing
        If the folder holds no index and `create` is not set.
    IndexIncompatible
        If the index has another schema or analysis version, or is damaged.
    """

    def __init__(self, folder: Path, *, analysis_version: str, create: bool = False) -> None:
        if create and not has_index(folder):
            begin_index(folder, analysis_version)
        self._folder = folder
        self._analysis_version = analysis_version
        self._index = open_lexical(folder, analysis_version)
        self._writer: tantivy.IndexWriter | None = None
        self._manifest: Manifest
        self._snapshot: IndexSnapshot | None
        self._manifest, self._snapshot = open_generation(folder, self._index, analysis_version)
        self._next_ord = self._manifest.next_ord
        self._dim = self._manifest.dim
        self._forget_writes()

    def add(self, entries: Iterable[IndexEntry]) -> int:
        """Add or replace by resource id; see the port.

        Raises
        ------
        InvalidRequest
            If an entry cannot be stored: not one vector for each passage, or text that is not
            Unicode. Those before it are kept for the next commit.
        IndexIncompatible
            If vectors have another length than those in the index.
        Conflict
            If another process is writing this index.
        BackendError
            If the disk is full; all that was not committed is discarded.
        """
        self._write_access()
        count = 0
        for entry in entries:
            vectors, stored = checked_vectors(entry, self._dim), entry_to_json(entry)
            try:
                self._add(entry, vectors, stored)
            except (OSError, ValueError) as error:
                raise self._failed(error) from error
            count += 1
        return count

    def delete(self, ids: Iterable[str]) -> None:
        self._write_access()
        for resource_id in ids:
            self._put(resource_id, None)

    def commit(self) -> None:
        """Make earlier writes visible and durable; see the port.

        Raises
        ------
        BackendError
            If they could not be written (a full disk); they are discarded, the index is as before.
        """
        if not self._pending:
            return
        writer, snapshot = self._write_access(), self._reading()
        try:
            writer.commit()
            self._spill()
            rows = [row for id_ in self._pending if (row := snapshot.columns.row_of(id_)) is not None]
            removed = np.zeros(len(snapshot.columns), dtype=np.bool_)
            removed[rows] = True
            self._manifest = write_generation(
                self._folder,
                self._manifest,
                snapshot,
                removed=removed,
                added=[row for row in self._pending.values() if row is not None],
                next_ord=self._next_ord,
                dim=self._dim,
                segments=self._segments,
            )
        except (OSError, ValueError) as error:
            raise self._failed(error) from error
        try:
            self._remove_documents([*self._superseded, *snapshot.columns.ords[rows].tolist()])
            remove_unnamed_files(self._folder, self._manifest)
        except (OSError, ValueError):  # the commit stands; the next writer clears away
            self._discard()
        self._refresh()
        self._forget_writes()

    def search(self, query: IndexQuery) -> Candidates:
        return self._reading().search(query)

    def get(self, ids: Sequence[str]) -> Mapping[str, Resource]:
        return self._reading().get(ids)

    def passages(self, resource_id: str) -> tuple[tuple[tuple[int, int], ...], Vectors]:
        return self._reading().passages(resource_id)

    def suggest(
        self,
        words: Sequence[str],
        scope: Mapping[str, tuple[str, ...]],
        k: int,
        exclude: frozenset[str] = frozenset(),
    ) -> Sequence[tuple[str, str]]:
        return self._reading().suggest(words, scope, k, exclude)

    def lexicon(self, exclude: frozenset[str] = frozenset()) -> Mapping[str, int]:
        return self._reading().lexicon(exclude)

    def document_frequency(
        self, field: Field, terms: Sequence[str], exclude: frozenset[str] = frozenset()
    ) -> Sequence[int]:
        return self._reading().document_frequency(field, terms, exclude)

    def statistics(self, field: Field, terms: Sequence[str]) -> TermStatistics:
        return self._reading().statistics(field, terms)

    def ids(self) -> frozenset[str]:
        return frozenset(self._reading().columns.ids.tolist())

    def close(self) -> None:
        """Let go of the folder; writes that were not committed are discarded."""
        self._discard()
        self._snapshot = None

    def _reading(self) -> IndexSnapshot:
        snapshot = self._snapshot
        if snapshot is None:
            raise BackendUnavailable(f"the index in {self._folder} has been closed")
        return snapshot

    def _refresh(self) -> None:
        self._manifest, self._snapshot = open_generation(self._folder, self._index, self._analysis_version)

    def _forget_writes(self) -> None:
        self._pending: dict[str, ColumnRow | None] = {}
        self._superseded: list[int] = []
        self._runs: dict[int, Vectors] = {}
        self._run_bytes = 0
        self._segments: list[str] = []
        self._next_ord = self._manifest.next_ord
        self._dim = self._manifest.dim

    def _write_access(self) -> tantivy.IndexWriter:
        """Return the writer; the first time, clear away what a killed writer has left."""
        if self._writer is not None:
            return self._writer
        self._reading()
        try:
            self._writer = self._index.writer(heap_size=_HEAP, num_threads=1)
        except ValueError as error:
            if "LockBusy" in str(error):
                raise Conflict(f"another process is writing the index in {self._folder}") from error
            raise BackendError(f"the index in {self._folder} cannot be written: {error}") from error
        self._refresh()
        self._remove_documents(self._reading().stray_ords())
        remove_unnamed_files(self._folder, self._manifest)
        self._refresh()
        self._forget_writes()
        return self._writer

    def _remove_documents(self, ords: Sequence[int]) -> None:
        if self._writer is not None and ords:
            for ord_ in ords:
                self._writer.delete_documents_by_term("ord", ord_)
            self._writer.commit()

    def _add(self, entry: IndexEntry, vectors: Vectors | None, stored: bytes) -> None:
        writer = self._write_access()
        ord_ = self._next_ord
        document = tantivy.Document()
        for field in FIELDS:
            document.add_text(field, join_terms(getattr(entry, field)))
        document.add_integer("ord", ord_)
        document.add_bytes("entry", stored)
        writer.add_document(document)
        self._next_ord += 1
        self._put(entry.resource.id, ColumnRow.of(entry, ord_))
        if vectors is not None and len(vectors):
            self._dim = vectors.shape[1]
            self._runs[ord_] = vectors
            self._run_bytes += vectors.nbytes
            if self._run_bytes > _SPILL:
                self._spill()

    def _put(self, resource_id: str, row: ColumnRow | None) -> None:
        earlier = self._pending.get(resource_id)
        if earlier is not None:
            self._superseded.append(earlier.ord)
            self._runs.pop(earlier.ord, None)
        self._pending[resource_id] = row

    def _spill(self) -> None:
        """Write the vectors gathered so far to a file of their own."""
        if self._runs:
            name = f"vectors-{self._manifest.generation + 1}-{len(self._segments)}.arrays"
            write_segment(self._folder / name, list(self._runs.items()))
            self._segments.append(name)
        self._runs, self._run_bytes = {}, 0

    def _failed(self, error: Exception) -> BackendError:
        """Discard what has not been committed and return the error to raise."""
        self._discard()
        self._refresh()
        return BackendError(f"the index in {self._folder} could not be written: {error}")

    def _discard(self) -> None:
        """Drop the writer and what has not been committed; merges that run are waited for."""
        writer, self._writer = self._writer, None
        self._forget_writes()
        if writer is not None:
            with contextlib.suppress(ValueError):  # a writer that a full disk has killed
                writer.rollback()
            with contextlib.suppress(ValueError):
                writer.wait_merging_threads()
