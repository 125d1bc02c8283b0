"""What do lists know of every resource? All but its text.

One small row a resource. The rows are read once and then follow the catalogue's change log, so that a list of a bank
of a hundred thousand resources does not read a hundred thousand texts.
"""

import threading
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.editorial.responsible import responsible_for
from engine.model import Resource, Status
from engine.ports import Catalogue
from engine.service import Engine

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """A resource as lists know it: all but its text."""

    id: str
    title: str
    url: str
    language: str
    resource_type: str
    edition: str
    status: Status
    published: date | None
    review_due: date | None
    themes: tuple[str, ...]
    teaches: tuple[str, ...]
    responsible: str


class Shelf:
    """The rows of all resources that are not archived; safe for several threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._lock = threading.Lock()
        self._seq = -1
        self._rows: dict[str, ShelfRow] = {}
        self._ruled = -1
        self._merged: frozenset[str] = frozenset()

    def rows(self) -> Mapping[str, ShelfRow]:
        """Return the rows as they are now, by id; what was merged into another resource is left out."""
        with self._lock:
            self._refresh()
            if not self._merged & self._rows.keys():
                return self._rows
            return {id_: row for id_, row in self._rows.items() if id_ not in self._merged}

    def _refresh(self) -> None:
        seq, ruled = self._catalogue.last_seq(), self._catalogue.ruling_seq()
        if self._seq < 0:
            self._rows = {r.id: _row(r) for r in self._catalogue.all() if r.status != "archived"}
        elif seq != self._seq:
            ids = [c.resource_id for c in self._catalogue.changes_since(self._seq)]
            rows = dict(self._rows)  # who has the old ones goes on with them
            for at in range(0, len(ids), _AT_ONCE):
                found = self._catalogue.get_many(ids[at : at + _AT_ONCE])
                for id_ in ids[at : at + _AT_ONCE]:
                    rows.pop(id_, None)
                    if id_ in found and found[id_].status != "archived":
                        rows[id_] = _row(found[id_])
            self._rows = rows
        self._seq = seq
        if ruled != self._ruled:
            merges: Iterable[str] = (
                d.subject for d in self._catalogue.decisions("merge") if d.verdict == "accepted"
            )
            self._merged, self._ruled = frozenset(merges), ruled


_SHELVES: "weakref.WeakKeyDictionary[Engine, Shelf]" = weakref.WeakKeyDictionary()
_MAKING = threading.Lock()


def shelf_of(engine: Engine) -> Shelf:
    """Return the shelf of an engine, one for all who ask."""
    with _MAKING:
        found = _SHELVES.get(engine)
        if found is None:
            found = _SHELVES[engine] = Shelf(engine.catalogue)
        return found


def _row(resource: Resource) -> ShelfRow:
    return ShelfRow(
        resource.id,
        resource.title,
        resource.url,
        resource.language,
        resource.resource_type,
        resource.edition,
        resource.status,
        resource.published,
        resource.review_due,
        resource.themes,
        resource.teaches,
        responsible_for(resource),
    )
