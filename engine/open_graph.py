"""What of the bank is open to everybody as linked data, and how is it asked in SPARQL? The graph, and a copy of it.

What is open is what the pages show anyway: published resources, roles, plans, requirements, concepts, and who made each
link (a function). Queries run on a copy beside the index, made anew when the graph or the plans have changed.
"""

import hashlib
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from engine.errors import BackendUnavailable
from engine.model import Resource
from engine.service import Engine
from graph.export import PREFIXES
from graph.open_graph import Facts, OpenGraph
from graph.provenance import DC, NS, SCHEMA
from vocab.sparql import (
    Answer,
    GraphFormat,
    Limits,
    SolutionFormat,
    StoreGone,
    check_query,
    make_store,
    query_store,
)
from vocab.triples import Iri, Text, Value

FOLDER = "open-graph"
"""Name of the copies' folder in the data folder."""

AT_ONCE = 2
"""Queries that run at the same time in one process; the next ones wait for their turn."""

_LEFT_BEHIND = 24 * 3600
"""Age from which an unfinished copy is nobody's [s]."""

SHORT: Mapping[str, str] = {
    **PREFIXES,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes that a query may use without saying what they stand for."""


def open_graph(engine: Engine) -> OpenGraph:
    """Return the graph of the current build with what is known of its things; raises IndexMissing."""
    return OpenGraph(
        engine.graph(),
        engine.roles(),
        engine.requirements(),
        engine.plans(),
        partial(resource_facts, engine),
        engine.settings.base_uri,
    )


def resource_facts(engine: Engine, ids: Sequence[str]) -> Facts:
    """Return what is known of the published ones among some resources."""
    found = engine.catalogue.get_many(ids)
    return {id_: facts_of(r) for id_, r in found.items() if r.status == "published"}


def facts_of(resource: Resource) -> list[tuple[str, Value]]:
    """Return a resource's properties; what is not known is left out.

    Examples
    --------
    >>> facts_of(Resource("a", "Fall", url="https://x.test/a", duration=20))[-1]
    ('https://schema.org/timeRequired', 'PT20M')
    """
    lang = resource.language
    known: list[tuple[str, Value | None]] = [
        (f"{SCHEMA}url", Iri(resource.url) if resource.url else None),
        (f"{SCHEMA}description", Text(resource.summary, lang) if resource.summary else None),
        (f"{SCHEMA}inLanguage", lang),
        (f"{SCHEMA}learningResourceType", resource.resource_type),
        (f"{SCHEMA}educationalLevel", resource.level),
        (f"{SCHEMA}datePublished", resource.published),
        (f"{SCHEMA}dateModified", resource.updated),
        (f"{SCHEMA}license", resource.licence),
        (f"{DC}publisher", resource.provider),
        (f"{NS}edition", resource.edition),
        (f"{NS}reviewDue", resource.review_due),
        (f"{NS}sample", resource.sample),
        (f"{SCHEMA}timeRequired", f"PT{resource.duration}M" if resource.duration else None),
    ]
    return [(name, value) for name, value in known if value is not None and value != ""]


class OpenQueries:
    """SPARQL over a copy of the open graph.

    Parameters
    ----------
    engine : Engine
        What is copied; its settings say how long a query may take, and where data lie.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._folder = engine.settings.data / FOLDER
        self._lock = threading.Lock()
        self._maker: _Maker | None = None
        self._turn = threading.BoundedSemaphore(AT_ONCE)

    @property
    def limits(self) -> Limits:
        """What one query may take; where none is answered over HTTP, what one from the command line may."""
        return Limits(seconds=self._engine.settings.sparql_seconds or Limits().seconds)

    def ask(
        self,
        text: str,
        *,
        solutions: SolutionFormat = "json",
        graphs: GraphFormat = "turtle",
        patient: bool = False,
    ) -> Answer:
        """Answer a query.

        Parameters
        ----------
        text : str
            SELECT, ASK, CONSTRUCT or DESCRIBE.
        solutions, graphs
            Format of the answer (`vocab.sparql.query_store`).
        patient : bool
            Wait for the copy however long it takes to make.

        Raises
        ------
        vocab.sparql.QueryError
            If it is not right or not allowed.
        vocab.sparql.QueryStopped
            If it took too much.
        BackendUnavailable
            If others are being answered, or the copy is being made, for longer than a query may take.
        IndexMissing
            If nothing has been indexed yet.
        """
        check_query(text)
        limits = self.limits
        if not self._turn.acquire(timeout=limits.seconds):
            raise BackendUnavailable("other queries are being answered: ask again")
        try:
            ask = partial(
                query_store, text=text, solutions=solutions, graphs=graphs, limits=limits, prefixes=SHORT
            )
            wait = None if patient else limits.seconds
            try:
                return ask(self.copy(wait))
            except StoreGone:  # another process has just replaced it
                return ask(self.copy(wait))
        except StoreGone as error:
            raise BackendUnavailable("the copy of the graph has just been replaced: ask again") from error
        finally:
            self._turn.release()

    def copy(self, wait: float | None = None) -> Path:
        """Return the folder of the copy, made now if the graph or the plans are others than they were.

        Making it takes a while for a large graph: after `wait` seconds the copy before it is returned, and
        the making goes on.
        """
        version = f"{self._engine.graph().version} {self._engine.catalogue.plan_seq()} {self._engine.settings.base_uri}"
        folder = self._folder / hashlib.sha256(version.encode()).hexdigest()[:24]
        if folder.exists():
            return folder
        with self._lock:
            if self._maker is None or not self._maker.is_alive():
                self._maker = _Maker(self._engine, folder)
                self._maker.start()
            maker = self._maker
        maker.join(wait)
        if folder.exists():
            return folder
        if maker.failure is not None:
            raise maker.failure
        for older in self._folder.glob("[!.]*"):
            return older
        raise BackendUnavailable("the copy of the graph is being made: ask again")


class _Maker(threading.Thread):
    """Makes a copy and removes those before it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        super().__init__(name="open-graph", daemon=True)
        self._engine = engine
        self._folder = folder
        self.failure: Exception | None = None

    def run(self) -> None:
        """Make the copy; what goes wrong is kept in `failure`."""
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            for left in self._folder.parent.glob(".*"):  # by a process that was killed
                if time.time() - left.stat().st_mtime > _LEFT_BEHIND:
                    shutil.rmtree(left, ignore_errors=True)
            make_store(self._folder, open_graph(self._engine).text(format="nt"))
            for other in self._folder.parent.glob("[!.]*"):
                if other != self._folder:
                    shutil.rmtree(other, ignore_errors=True)
        except Exception as error:  # noqa: BLE001  # raised where the copy is waited for
            self.failure = error
