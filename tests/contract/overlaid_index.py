"""A build and what lies over it, written to as one index: new resources to either, replaced ones over the build."""

from collections.abc import Callable, Iterable
from typing import Any

from engine.entry_vectors import checked_vectors
from engine.model import IndexEntry
from engine.overlay import OverlaidIndex
from engine.ports import SearchIndex
from engine.recent_entries import RecentEntries
from engine.recent_store import RecentEntry, RecentStore


class WrittenOver:
    """Sends the first writing of a resource where `over` says, and all later ones over the build."""

    def __init__(self, build: SearchIndex, over: Callable[[str], bool]) -> None:
        self._build, self._over = build, over
        self._store = RecentStore()
        self._recent: dict[str, RecentEntry] = {}
        self._gone: set[str] = set()
        self._pending: dict[str, IndexEntry | None] = {}
        self._dim = 0
        self._refresh()

    def add(self, entries: Iterable[IndexEntry]) -> int:
        count = 0
        for entry in entries:
            vectors = checked_vectors(entry, self._dim)
            if vectors is not None and len(vectors):
                self._dim = vectors.shape[1]
            self._pending[entry.resource.id] = entry
            count += 1
        return count

    def delete(self, ids: Iterable[str]) -> None:
        self._pending |= dict.fromkeys(ids)

    def commit(self) -> None:
        built = self._build.ids()
        for id_, entry in self._pending.items():
            self._recent.pop(id_, None)
            if entry is None:
                self._gone |= built & {id_}
            elif id_ in built or self._over(id_):
                self._gone.discard(id_)
                self._recent[id_] = self._store.put(entry)
            else:
                self._build.add([entry])
        self._pending = {}
        self._build.commit()
        self._store, entries = self._store.kept(self._recent.values())
        self._recent = {entry.resource.id: entry for entry in entries}
        self._refresh()

    def close(self) -> None:
        self._build.close()

    def _refresh(self) -> None:
        recent = RecentEntries(self._store, self._recent.values())
        self._now = OverlaidIndex(self._build, recent, frozenset(self._gone))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._now, name)
