"""What is derived from one opened build? Words, graph and arrays that rank, made when first asked for; the current one too."""

import threading
from functools import cached_property
from pathlib import Path

from engine.errors import BackendUnavailable, IndexMissing, NotFound
from engine.model import BuildInfo
from engine.ports import IndexBuilds, SearchIndex
from engine.recent_store import SCORING_FIELDS
from engine.repair import Lexicon
from engine.traits import Traits
from graph.competence_graph import CompetenceGraph
from graph.errors import GraphError
from graph.rank import Proximity
from vocab.completion import Beginnings

GRAPH_FILE = "graph.jsonl"
"""Name of the graph's file in the folder of a build."""

ARRAYS_FILE = "graph.arrays"
"""Name of the file of the arrays cut from the graph; a build may be without it."""

TRAITS_FILE = "traits.arrays"
"""Name of the file of the resources' traits; a build may be without it."""


class Snapshot:
    """One opened build with what is derived from it, each part made when it is first asked for."""

    def __init__(self, info: BuildInfo, index: SearchIndex, folder: Path) -> None:
        self.info = info
        self.index = index
        self._folder = folder
        self._lock = threading.Lock()
        self._lexicon: Lexicon | None = None
        self._beginnings: Beginnings | None = None
        self._graph: CompetenceGraph | None = None
        self._proximity: Proximity | None = None

    def load(self) -> None:
        """Make everything now, and have the index at hand what newer resources are scored with."""
        self.lexicon.load()
        _ = self.graph, self.proximity
        for field in SCORING_FIELDS:
            self.index.statistics(field, ())

    @property
    def lexicon(self) -> Lexicon:
        """Words of the index."""
        with self._lock:
            if self._lexicon is None:
                words = self.index.lexicon()
                self._beginnings = Beginnings(words)
                self._lexicon = Lexicon(words)
            return self._lexicon

    @property
    def beginnings(self) -> Beginnings:
        """How words of the index begin, for autocomplete."""
        _ = self.lexicon
        assert self._beginnings is not None
        return self._beginnings

    @property
    def graph(self) -> CompetenceGraph:
        """The graph that was drawn with the build."""
        with self._lock:
            if self._graph is None:
                try:
                    self._graph = CompetenceGraph.load(self._folder / GRAPH_FILE)
                except OSError as e:  # two builds were published since this one was opened
                    raise BackendUnavailable("the build has just been replaced: ask again") from e
            return self._graph

    @property
    def proximity(self) -> Proximity:
        """Arrays cut from the graph: those kept with the build, else cut anew."""
        if self._proximity is None:
            made = self._kept() or Proximity(self.graph)
            with self._lock:
                self._proximity = self._proximity or made
        return self._proximity

    @cached_property
    def traits(self) -> Traits | None:
        """Traits of the resources, None for a build that was made without them."""
        try:
            return Traits.open(self._folder / TRAITS_FILE, self.info.extra.get("graph", ""))
        except (OSError, GraphError):
            return None

    def _kept(self) -> Proximity | None:
        """Return the arrays that were kept with the build, if they are of its graph."""
        try:
            return Proximity.open(self._folder / ARRAYS_FILE, self.info.extra.get("graph", ""))
        except (OSError, GraphError):
            return None


class CurrentSnapshot:
    """The current build, opened; a build that another process publishes is noticed at the next call."""

    def __init__(self, builds: IndexBuilds) -> None:
        self._builds = builds
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None

    def current(self) -> Snapshot:
        """Return the current build, or the one before while another thread opens it; raises IndexMissing."""
        info = self._info()
        snapshot = self._snapshot
        if snapshot is not None and snapshot.info.id == info.id:
            return snapshot
        # one thread opens the new build; the others answer from the old one meanwhile
        if not self._lock.acquire(blocking=snapshot is None):
            assert snapshot is not None
            return snapshot
        try:
            return self._open()
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Let go of the build."""
        self._snapshot = None

    def _info(self) -> BuildInfo:
        info = self._builds.current()
        if info is None:
            raise IndexMissing("nothing has been indexed yet: run `kompetansegraf index`")
        return info

    def _open(self) -> Snapshot:
        for last in (False, False, True):
            info = self._info()
            if self._snapshot is not None and self._snapshot.info.id == info.id:
                return self._snapshot
            try:
                fresh = Snapshot(info, self._builds.open(info.id), self._builds.folder(info.id))
                if self._snapshot is not None:  # a server: have all at hand before others use it
                    fresh.load()
            except (NotFound, BackendUnavailable):  # replaced and removed between two looks
                if last:
                    raise
                continue
            self._snapshot = fresh
            return fresh
        raise AssertionError("unreachable")
