"""What the engine needs from the outside world, and nothing more.

One port, one reason to change. The conformance suite of each port is in ``tests/contract/``; an
adapter that passes it may be plugged in. All ports are synchronous and safe to call from several
threads for reading; writes come from one thread at a time.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from numpy.typing import NDArray

from engine.authority import Authority, AuthorityVersion
from engine.model import (
    AuditEntry,
    BuildInfo,
    Candidates,
    Change,
    Decision,
    Field,
    IndexEntry,
    IndexQuery,
    PlansThen,
    PlansWritten,
    PlanVersion,
    Resource,
    ResourceVersion,
    TermStatistics,
    UpsertReport,
    Vectors,
)
from graph.model import Plan, Requirement, Role
from vocab.vocabulary import Vocabulary

if TYPE_CHECKING:
    from vocab.integrity import Finding  # with it comes RDF, which takes long to load


class Embedder(Protocol):
    """Text to vectors."""

    @property
    def model_id(self) -> str:
        """Name and version of the model; vectors of two ids are not comparable."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def floor(self) -> float:
        """Cosine from which a passage shows that a query is about the bank, calibrated for this model."""
        ...

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
        """Return unit rows of shape ``(len(texts), dim)``; the same text gives the same row.

        Where many texts are computed together, a row may differ in its last digits (cosine .999 and more).
        """
        ...


class VectorCache(Protocol):
    """Vectors already computed, by model and hash of the text."""

    def get(self, model_id: str, hashes: Sequence[str]) -> Mapping[str, Vectors]:
        """Return the known ones, each of shape ``(dim,)``."""
        ...

    def put(self, model_id: str, vectors: Mapping[str, Vectors]) -> None:
        """Keep them; durable when it returns."""
        ...

    def close(self) -> None:
        """Release files and connections. A second call does nothing."""
        ...


class SearchIndex(Protocol):
    """Retrieval over one build."""

    def add(self, entries: Iterable[IndexEntry]) -> int:
        """Add or replace by resource id. Visible after `commit`. Returns how many were written."""
        ...

    def delete(self, ids: Iterable[str]) -> None:
        """Delete by id, visible after `commit`. An unknown id is not an error."""
        ...

    def commit(self) -> None:
        """Make earlier writes visible to reads, and durable."""
        ...

    def search(self, query: IndexQuery) -> Candidates:
        """Return the whole defined result set with exact counts, in id order."""
        ...

    def get(self, ids: Sequence[str]) -> Mapping[str, Resource]:
        """Return the indexed resources with these ids; unknown ids are left out."""
        ...

    def passages(self, resource_id: str) -> tuple[tuple[tuple[int, int], ...], Vectors]:
        """Return the passages' offsets in the body and their vectors ``(n, dim)``; empty if none."""
        ...

    def suggest(
        self,
        words: Sequence[str],
        scope: Mapping[str, tuple[str, ...]],
        k: int,
        exclude: frozenset[str] = frozenset(),
    ) -> Sequence[tuple[str, str]]:
        """Return at most `k` (id, title) whose title has all `words`, the last one as a prefix.

        Shorter titles come first, then in id order; those of `exclude` are left out.
        """
        ...

    def lexicon(self, exclude: frozenset[str] = frozenset()) -> Mapping[str, int]:
        """Return the lower-case words as written, with the number of resources but `exclude` that have each."""
        ...

    def document_frequency(
        self, field: Field, terms: Sequence[str], exclude: frozenset[str] = frozenset()
    ) -> Sequence[int]:
        """Return the number of resources but `exclude` that have each term."""
        ...

    def statistics(self, field: Field, terms: Sequence[str]) -> TermStatistics:
        """Return what this index makes the scores of terms with, so that others can score on the same scale.

        Scores are BM25 with k1 = 1.2, b = 0.75 and the idf ``ln(1 + (N - n + 0.5) / (n + 0.5))``; lengths may be
        rounded as Lucene does.
        """
        ...

    def ids(self) -> frozenset[str]:
        """Return the ids of all committed resources."""
        ...

    def close(self) -> None:
        """Release files and connections. A second call does nothing."""
        ...


class ResourceStore(Protocol):
    """The catalogue's resources, every version of them."""

    def upsert(
        self, resources: Iterable[Resource], *, by: str, at: datetime, rulings: Iterable[Decision] = ()
    ) -> UpsertReport:
        """Write all, rulings too, in one transaction; a record equal to the current version changes nothing.

        `about` is derived and is neither stored nor compared.
        """
        ...

    def get(self, resource_id: str, at: datetime | None = None) -> Resource | None:
        """Return the current version, or the one that was current at `at`, or None."""
        ...

    def get_many(self, ids: Sequence[str]) -> Mapping[str, Resource]:
        """Return the current versions of those that exist."""
        ...

    def versions(self, resource_id: str) -> Sequence[ResourceVersion]:
        """Return all versions, oldest first; empty for an unknown id."""
        ...

    def all(self, *, status: str | None = None) -> Iterator[Resource]:
        """Yield the current versions in id order."""
        ...

    def count(self, *, status: str | None = None) -> int:
        """Return how many there are."""
        ...

    def changes_since(self, seq: int) -> Sequence[Change]:
        """Return the last change of each resource changed after `seq`, in seq order."""
        ...

    def last_seq(self) -> int:
        """Return the newest change's number, 0 if none."""
        ...

    def revision_of(self, source: str) -> Mapping[str, str]:
        """Return what a source last gave us: key (page, file row) -> validator or hash."""
        ...

    def record_revisions(self, source: str, revisions: Mapping[str, str]) -> None:
        """Remember validators of a source's items, replacing those of the same key."""
        ...


class PlanStore(Protocol):
    """The catalogue's roles, requirements and plans."""

    def upsert_roles(self, roles: Iterable[Role], *, by: str, at: datetime) -> UpsertReport:
        """Write in one transaction; equal records change nothing."""
        ...

    def upsert_requirements(
        self, requirements: Iterable[Requirement], *, by: str, at: datetime
    ) -> UpsertReport:
        """Write in one transaction; equal records change nothing."""
        ...

    def upsert_plans(self, plans: Iterable[Plan], *, by: str, at: datetime) -> UpsertReport:
        """Write in one transaction; equal records change nothing."""
        ...

    def write_plans(
        self,
        *,
        roles: Iterable[Role] = (),
        requirements: Iterable[Requirement] = (),
        plans: Iterable[Plan] = (),
        rulings: Iterable[Decision] = (),
        by: str,
        at: datetime,
        expected: int | None = None,
    ) -> PlansWritten:
        """Write all of it in one transaction, or nothing; equal records change nothing.

        Raises
        ------
        Conflict
            If `plan_seq` is not `expected` any more: somebody has written since the plans were read.
        """
        ...

    def roles(self) -> Sequence[Role]:
        """Return all roles in id order."""
        ...

    def requirements(self) -> Sequence[Requirement]:
        """Return all requirements in id order."""
        ...

    def plans(self) -> Sequence[Plan]:
        """Return all plans, retired ones too, in id order."""
        ...

    def plan_seq(self) -> int:
        """Return a number that grows with every change of a role, requirement or plan."""
        ...

    def written(self) -> Mapping[str, tuple[str, datetime]]:
        """Return who (a function) last changed each requirement and plan, and when, by ``requirement:id``, ``plan:id``."""
        ...


class DecisionLog(Protocol):
    """Editors' rulings and the audit trail; nothing is ever removed from either."""

    def record(self, decision: Decision) -> None:
        """Keep a ruling and write an audit line, in one transaction.

        A ruling of kind ``tag`` is a change of its resource, which gets a new number in the change log; one of kind
        ``concept`` raises `ResourceStore.last_seq`: so everybody who looks there sees that something is new.
        One of kind ``merge`` is a change of `subject`, of `object` and of where that leads: as long as it stands, the
        current version of `subject` is read as archived, whatever is written to it.

        Raises
        ------
        Conflict
            If a merge would lead in a circle, or its `subject` is merged into another resource already.
        """
        ...

    def decisions(self, kind: str, subject: str | None = None) -> Sequence[Decision]:
        """Return the newest ruling for each (subject, object), in that order, without those taken back."""
        ...

    def ruling_seq(self) -> int:
        """Return a number that grows with every ruling, 0 if none."""
        ...

    def audit(self, entry: AuditEntry) -> None:
        """Add a line."""
        ...

    def audit_trail(
        self, subject: str | None = None, limit: int = 100, *, action: str = ""
    ) -> Sequence[AuditEntry]:
        """Return the newest lines first, those alone whose action begins with `action`."""
        ...


class History(Protocol):
    """The catalogue as it was. What was first recorded after the moment counts in its first version."""

    def resources_then(self, at: datetime) -> Iterator[ResourceVersion]:
        """Yield the version of each resource that was current at `at`, in id order."""
        ...

    def plans_then(self, at: datetime) -> PlansThen:
        """Return the versions of roles, requirements and plans that were current at `at`."""
        ...


class AuthorityStore(Protocol):
    """What requirements and resources rest on, every version of it."""

    def upsert_authorities(self, authorities: Iterable[Authority], *, by: str, at: datetime) -> UpsertReport:
        """Write in one transaction; equal records change nothing."""
        ...

    def authorities(self) -> Sequence[Authority]:
        """Return all sources of authority in id order."""
        ...

    def authority_versions(self) -> Mapping[str, Sequence[AuthorityVersion]]:
        """Return all versions of all sources, oldest first, in id order."""
        ...

    def authority_seq(self) -> int:
        """Return a number that grows with every change of a source of authority."""
        ...

    def changed_requirements(self) -> Mapping[str, Sequence[PlanVersion[Requirement]]]:
        """Return all versions of each requirement that has more than one, oldest first, in id order."""
        ...


class Catalogue(ResourceStore, PlanStore, DecisionLog, History, AuthorityStore, Protocol):
    """The truth: resources, plans and decisions in one transactional store."""

    def close(self) -> None:
        """Release files and connections. A second call does nothing."""
        ...


class PrintStore(Protocol):
    """What is known of texts for comparing them: derived, and made again when it is gone."""

    def load(self) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]] | None:
        """Return the arrays and facts that were saved last, whole; None when there are none that can be read."""
        ...

    def save(self, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> None:
        """Keep these in place of what was kept, all of it or nothing; arrays read earlier stay as they are."""
        ...


class VocabularyStore(Protocol):
    """The vocabulary in use: the folder that the settings name, else the data folder's own, else the bundled one."""

    def open(self) -> Vocabulary:
        """Read it as its files say it; raises VocabularyError."""
        ...

    def files(self) -> Sequence[Path]:
        """Return its files."""
        ...

    def state(self) -> Hashable:
        """Return what changes when the vocabulary in use changes; None while its files are gone."""
        ...

    def check(self, vocabulary: Vocabulary) -> "Sequence[Finding]":
        """Return the integrity findings of a vocabulary which the one in use has not, as `replace` would.

        Raises
        ------
        BackendError
            If what would be written does not read back as the same vocabulary.
        """
        ...

    def replace(self, vocabulary: Vocabulary | None, *, force: bool = False) -> "Sequence[Finding]":
        """Use another vocabulary from now on (None: the bundled one), wholly or not at all.

        Returns
        -------
        sequence of Finding
            Integrity findings which the one in use before has not, errors in concepts of our own first.

        Raises
        ------
        InvalidRequest
            If the settings name a folder, or there are new errors in concepts of our own; `force` lets these
            through.
        Conflict
            If another process is replacing it.
        BackendError
            If it does not read back as the same, or cannot be written.
        """
        ...

    def kept_files(self) -> Mapping[str, bytes]:
        """Return the files that the data folder has, by name; none while the bundled one is in use there."""
        ...

    def put_files(self, files: Mapping[str, bytes]) -> None:
        """Keep these files in the data folder and no others; none: the bundled vocabulary."""
        ...


class StagedBuild(Protocol):
    """A build that is being written and that nobody reads yet."""

    @property
    def id(self) -> str:
        """Name of the build; later builds sort after earlier ones."""
        ...

    @property
    def index(self) -> SearchIndex:
        """The index to write to."""
        ...

    @property
    def folder(self) -> Path:
        """Where other parts of the build (the graph snapshot) are written."""
        ...


class IndexBuilds(Protocol):
    """Builds beside each other, one of them current."""

    def stage(self, base: str | None = None) -> AbstractContextManager[StagedBuild]:
        """Begin a build, empty or on the contents of build `base`; an exception discards it.

        One writer at a time: raises Conflict when another process is building.
        """
        ...

    def publish(self, build: StagedBuild, info: BuildInfo) -> None:
        """Write the manifest, make everything durable and make the build current, atomically."""
        ...

    def current(self) -> BuildInfo | None:
        """Return the current build's manifest, or None."""
        ...

    def open(self, build_id: str) -> SearchIndex:
        """Open a published build for reading; raises IndexIncompatible or NotFound."""
        ...

    def folder(self, build_id: str) -> Path:
        """Return the folder of a published build."""
        ...

    def rollback(self) -> BuildInfo:
        """Make the build before the current one current; raises NotFound if there is none."""
        ...

    def prune(self, keep: int = 2) -> None:
        """Remove unfinished builds and all but the newest `keep` published ones, never the current."""
        ...

    def close(self) -> None:
        """Release files and connections. A second call does nothing."""
        ...
