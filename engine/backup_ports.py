"""What must a store offer to be backed up and restored? A still copy out, and a way in that happens whole or not at all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from engine.errors import BackendError
from engine.model import AuditEntry, BuildInfo, Vectors


class CatalogueCopy(Protocol):
    """A catalogue as it was at one moment."""

    @property
    def schema(self) -> str:
        """Name of the schema that the tables have."""
        ...

    def tables(self) -> Mapping[str, int]:
        """Return the number of rows by table, a table after those that it refers to."""
        ...

    def rows(self, table: str) -> Iterator[Mapping[str, object]]:
        """Yield the rows of a table as text, numbers and None; moments in ISO 8601 with their zone."""
        ...


class CatalogueReplacement(Protocol):
    """A catalogue that is being replaced, inside one transaction."""

    def load(self, table: str, rows: Iterable[Mapping[str, object]]) -> int:
        """Write the rows of a table, as `CatalogueCopy.rows` gave them; returns how many."""
        ...


class CatalogueArchive(Protocol):
    """The catalogue as tables, whatever database holds it."""

    def copied(self) -> AbstractContextManager[CatalogueCopy]:
        """Hold the catalogue as it is now; writers go on meanwhile.

        Raises
        ------
        BackendUnavailable
            When the database cannot be reached or holds no catalogue.
        IndexIncompatible
            When a newer version of this program has changed the schema.
        """
        ...

    def contents(self) -> Mapping[str, int]:
        """Return the number of rows by table, only of tables that have any; empty without a catalogue."""
        ...

    def knows(self, schema: str) -> bool:
        """Tell whether tables of that schema can be taken in."""
        ...

    def replacing(self, schema: str, entry: AuditEntry) -> AbstractContextManager[CatalogueReplacement]:
        """Replace everything, with `entry` at the end of the audit trail, all or nothing.

        The new contents stand, durably, when the block is left; an exception leaves the old.
        """
        ...

    def has_entry(self, entry: AuditEntry) -> bool:
        """Tell whether the audit trail has a line with the entry's action and detail."""
        ...

    def is_damage(self, error: BackendError) -> bool:
        """Tell whether an error says that a database file of ours is damaged, and not that something else is wrong."""
        ...

    def set_aside(self, suffix: str) -> str:
        """Rename a damaged database file; returns its new name."""
        ...


class BuildCopy(Protocol):
    """The current build, kept still."""

    @property
    def info(self) -> BuildInfo:
        """The build's manifest."""
        ...

    @property
    def reference(self) -> Mapping[str, str]:
        """Where the copy lies when it is not made of `files`; empty otherwise."""
        ...

    def files(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the name (relative, with ``/``) and the contents of each file."""
        ...

    def count(self) -> int:
        """Return how many files there are."""
        ...


@dataclass(frozen=True, slots=True)
class Interruption:
    """A restore that did not end: its run, and the seal of the backup it was made from."""

    run: str
    seal: str


class BuildReplacement(Protocol):
    """The builds, closed to other writers while one is brought in from outside."""

    def interrupted(self) -> Interruption | None:
        """Return the restore that withdrew the current build and never got further, if nothing came after it."""
        ...

    def bring_in(
        self, reference: Mapping[str, str], files: Iterable[tuple[str, Iterator[bytes]]]
    ) -> BuildInfo:
        """Put a build beside the others, read by nobody yet; raises IndexIncompatible when it does not fit here."""
        ...

    def withdraw(self, by: Interruption) -> None:
        """Make no build current, durably."""
        ...

    def put_back(self) -> None:
        """Make the withdrawn build current again; nothing happens when none was withdrawn."""
        ...

    def complete(self) -> BuildInfo | None:
        """Make the build that was brought in, if any, current, and remove all others: they are of another catalogue."""
        ...


class BuildArchive(Protocol):
    """The current build, copied out and brought in."""

    @property
    def kind(self) -> str:
        """Name of the form that a copy has; a copy of one kind is of no use to another."""
        ...

    def current(self) -> BuildInfo | None:
        """Return the current build's manifest, or None; raises IndexMissing or IndexIncompatible when it is broken."""
        ...

    def copied(self) -> AbstractContextManager[BuildCopy | None]:
        """Hold the current build still, whatever is built and removed meanwhile; None if there is none.

        Raises
        ------
        IndexMissing, IndexIncompatible
            When there is one that cannot be copied.
        """
        ...

    def replacing(self) -> AbstractContextManager[BuildReplacement]:
        """Close the builds to other writers; a build brought in and not completed is discarded at the end.

        Raises
        ------
        Conflict
            When another process is building.
        """
        ...

    def close(self) -> None:
        """Release files and connections. A second call does nothing."""
        ...


class VectorArchive(Protocol):
    """Vectors by model and hash of the text, all of them."""

    def models(self) -> Sequence[tuple[str, int]]:
        """Return id and vector length of each model."""
        ...

    def items(self, model_id: str) -> Iterator[tuple[str, Vectors]]:
        """Yield hash and vector of each text."""
        ...

    def put(self, model_id: str, vectors: Mapping[str, Vectors]) -> None:
        """Keep vectors beside those that are there; durable when it returns."""
        ...

    def close(self) -> None:
        """Release files and connections. A second call does nothing."""
        ...
