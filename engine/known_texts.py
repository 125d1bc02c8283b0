"""Which texts are known, and which of them may be the same work as another? Prints of the bank, kept up to date.

Most texts lie in tables that are made once; what has changed since lies beside them until there is enough of it. Both
follow the catalogue's change log, so that a text that was written is compared from then on.
"""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.mean_vectors import MeanVectors
from engine.model import COMMON_EDITION, Resource
from engine.near_texts import NearTexts, Texts
from engine.text_prints import PRINT_VERSION, make_prints

BESIDE: Final = 500
"""Changed texts that lie beside the tables at most; with one more the tables are made anew."""

_ONE_STEM: Final = ("nb", "nn", "da", "sv", "und", "")
"""Languages whose texts meet by their words."""

_NAMES: Final = tuple(field.name for field in fields(Texts))


def make_texts(resources: Sequence[Resource], vectors: MeanVectors) -> Texts:
    """Return what is known of resources, row by row."""
    prints = make_prints(resources)
    return Texts(
        prints.signatures,
        prints.titles,
        prints.heads,
        vectors.known(resources),
        np.array([_code(r.language, _ONE_STEM) for r in resources], dtype=np.int32),
        np.array([_code(r.edition, (COMMON_EDITION,)) for r in resources], dtype=np.int32),
        prints.supplements,
        prints.named,
    )


def _code(name: str, zero: Sequence[str]) -> int:
    return 0 if name in zero else zlib.crc32(name.encode("utf-8", "surrogatepass")) >> 2 | 1


@dataclass(frozen=True, slots=True)
class _Table:
    ids: tuple[str, ...]
    texts: Texts
    near: NearTexts
    rows: Mapping[str, int]

    @classmethod
    def of(cls, ids: Sequence[str], texts: Texts) -> "_Table":
        """Return a table with the texts of a language together: so their vectors are read as one piece."""
        if (texts.languages[1:] < texts.languages[:-1]).any():
            order = np.argsort(texts.languages, kind="stable")
            ids, texts = [ids[row] for row in order], _rows(texts, order.tolist())
        return cls(tuple(ids), texts, NearTexts(texts), {id_: row for row, id_ in enumerate(ids)})


class KnownTexts:
    """The texts of a bank; not safe for several threads.

    Parameters
    ----------
    vectors : MeanVectors
        Where vectors come from.
    ids, texts : optional
        What was kept, row by row.
    """

    def __init__(self, vectors: MeanVectors, ids: Sequence[str] = (), texts: Texts | None = None) -> None:
        self._vectors = vectors
        self._base = _Table.of(ids, texts if texts is not None else make_texts([], vectors))
        self._beside = _Table.of((), make_texts([], vectors))
        self._gone: set[str] = set()

    def __len__(self) -> int:
        return len(self._base.ids) - len(self._gone) + len(self._beside.ids)

    def __contains__(self, id_: str) -> bool:
        return id_ in self._beside.rows or (id_ in self._base.rows and id_ not in self._gone)

    def without_vector(self) -> list[str]:
        """Return the ids of texts that have no vector though there is a model."""
        if not self._vectors.dim:
            return []
        found = []
        for table in (self._base, self._beside):
            rows = np.flatnonzero(~table.texts.vectors.any(axis=1))
            found += [
                table.ids[row] for row in rows if table is self._beside or table.ids[row] not in self._gone
            ]
        return found

    def change(self, resources: Sequence[Resource], removed: Iterable[str]) -> None:
        """Take in resources that are new or have changed, and forget those that were removed."""
        changed = {r.id for r in resources}
        away = changed | set(removed)
        self._gone |= away & self._base.rows.keys()
        kept = [row for row, id_ in enumerate(self._beside.ids) if id_ not in away]
        texts = _together(_rows(self._beside.texts, kept), make_texts(resources, self._vectors))
        ids = [*(self._beside.ids[row] for row in kept), *(r.id for r in resources)]
        self._beside = _Table.of(ids, texts)
        if len(ids) > BESIDE or len(self._gone) > BESIDE:
            self._settle()

    def near(self, resource: Resource) -> list[str]:
        """Return the ids of texts that may be the same work as one, known or not, in order."""
        one = self._known(resource.id)
        return self.near_text(one if one is not None else make_texts([resource], self._vectors), resource.id)

    def near_text(self, one: Texts, id_: str = "") -> list[str]:
        """Return the same for a text of which only this is known; `id_` itself is left out."""
        found = {self._beside.ids[row] for row in self._beside.near.of(one).tolist()}
        found |= {self._base.ids[row] for row in self._base.near.of(one).tolist()} - self._gone
        return sorted(found - {id_})

    def pairs(self, told: Callable[[int], None] = lambda _: None) -> list[tuple[str, str]]:
        """Return all pairs that may be one work, each in order of id, sorted."""
        self._settle()
        ids = self._base.ids
        return sorted(tuple(sorted((ids[a], ids[b]))) for a, b in self._base.near.pairs(told).tolist())

    @property
    def steps(self) -> int:
        """How many steps `pairs` takes."""
        self._settle()
        return self._base.near.steps

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what is to be kept, with the ids in the order of the rows by `ids`."""
        self._settle()
        return {name: getattr(self._base.texts, name) for name in _NAMES}

    def ids(self) -> tuple[str, ...]:
        """Return the ids in the order of the rows."""
        self._settle()
        return self._base.ids

    def _settle(self) -> None:
        if self._gone or self._beside.ids:
            stay = [row for row, id_ in enumerate(self._base.ids) if id_ not in self._gone]
            ids = [*(self._base.ids[row] for row in stay), *self._beside.ids]
            self._base = _Table.of(ids, _together(_rows(self._base.texts, stay), self._beside.texts))
            self._beside = _Table.of((), make_texts([], self._vectors))
            self._gone = set()

    def _known(self, id_: str) -> Texts | None:
        for table in (self._beside, self._base):
            if id_ in table.rows and not (table is self._base and id_ in self._gone):
                return _rows(table.texts, [table.rows[id_]])
        return None


def print_version(vectors: MeanVectors) -> str:
    """Return what changes when prints of the same texts would be others."""
    return f"{PRINT_VERSION}/{vectors.model_id}/{vectors.dim}"


def texts_of(arrays: Mapping[str, NDArray[Any]]) -> Texts:
    """Return what `KnownTexts.arrays` gave."""
    return Texts(**{name: arrays[name] for name in _NAMES})


def _rows(texts: Texts, rows: Sequence[int]) -> Texts:
    at = np.asarray(rows, dtype=np.int64)
    return Texts(**{name: getattr(texts, name)[at] for name in _NAMES})


def _together(a: Texts, b: Texts) -> Texts:
    return Texts(**{name: np.concatenate((getattr(a, name), getattr(b, name))) for name in _NAMES})
