"""What is derived from one opened build? Its words, its graph and the arrays that rank, made when first asked for."""

import threading
from pathlib import Path

from engine.errors import BackendUnavailable
from engine.model import BuildInfo
from engine.ports import SearchIndex
from engine.repair import Lexicon
from graph.competence_graph import CompetenceGraph
from graph.rank import Proximity
from vocab.completion import Beginnings

GRAPH_FILE = "graph.jsonl"
"""Name of the graph's file in the folder of a build."""


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
        """Make everything now."""
        _ = self.lexicon, self.proximity

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
        """Arrays cut from the graph."""
        graph = self.graph
        with self._lock:
            if self._proximity is None:
                self._proximity = Proximity(graph)
            return self._proximity
