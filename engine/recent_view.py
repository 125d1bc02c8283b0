"""How does a build look with what has been written since laid over it? One moment of it, and what it is made by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.overlay import OverlaidIndex
from engine.ports import Embedder, SearchIndex
from engine.recent_entries import RecentEntries
from engine.repair import Lexicon, Spelling
from engine.snapshot import Snapshot
from engine.steering import NO_STEERING, Steering
from engine.tagging import Tagger
from graph.model import Requirement
from vocab.completion import Beginnings
from vocab.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Rules:
    """What entries are made with: vocabulary, tagger, and the model whose vectors the build has, if any.

    `steering` tells what editors have said of all tags, by now. A new block is followed at once; corrections are
    used for what is analysed from now on, and by the next build for everything. `requirements` tells which ones
    there are by now, and which count in the place of others.
    """

    vocabulary: Vocabulary
    tagger: Tagger
    embedder: Embedder | None
    steering: Callable[[], Steering] = lambda: NO_STEERING
    requirements: Callable[[], Mapping[str, Requirement]] = dict

    @property
    def key(self) -> tuple[str, str]:
        """As long as it is the same, so is what is made."""
        return self.vocabulary.version, self.embedder.model_id if self.embedder else ""


class View:
    """A build with what has been written since, at one moment; it never changes.

    Parameters
    ----------
    snapshot : Snapshot
        The build.
    recent : RecentEntries
        What lies over it.
    hidden : frozenset of str
        Ids that are not to be seen: no longer published, or moved to another edition and not laid over yet.
    key : tuple
        `Rules.key` of what it was made with.
    seq : int
        The last change of the catalogue that was looked at.
    replaced : int
        How many resources of the build are laid over or hidden.
    waiting : int
        How many changed resources are not laid over, and are seen as the build has them, or not at all.
    words : mapping of word to number of resources
        Of what lies over the build, those that the build does not have.
    spelling : Spelling
        Of those words.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        recent: RecentEntries,
        hidden: frozenset[str],
        *,
        key: tuple[str, str],
        seq: int,
        replaced: int,
        waiting: int,
        words: dict[str, int],
        spelling: Spelling,
    ) -> None:
        self.snapshot = snapshot
        self.hidden = hidden
        self.key = key
        self.seq = seq
        self.waiting = waiting
        self.unembedded = recent.unembedded
        self.size = snapshot.info.resources - replaced + len(recent)
        self.index: SearchIndex = snapshot.index
        if len(recent) or replaced:
            self.index = OverlaidIndex(snapshot.index, recent, hidden)
        self._words = words
        self._spelling = spelling

    @cached_property
    def lexicon(self) -> Lexicon:
        """Words of the index, the newest too."""
        beneath = self.snapshot.lexicon
        return Lexicon(self._words, beneath=beneath, spelling=self._spelling) if self._words else beneath

    @cached_property
    def beginnings(self) -> Beginnings:
        """How words of the index begin."""
        beneath = self.snapshot.beginnings
        return _BeginningsOver(self._words, beneath) if self._words else beneath


class _BeginningsOver(Beginnings):
    """Beginnings of new words besides those of a build."""

    def __init__(self, frequencies: dict[str, int], beneath: Beginnings) -> None:
        super().__init__(frequencies)
        self._beneath = beneath

    def __contains__(self, beginning: str) -> bool:
        return super().__contains__(beginning) or beginning in self._beneath

    def near(self, beginning: str, k: int = 3) -> list[str]:
        """Return at most `k` near beginnings of the build's words and then as many of the new ones."""
        return list(dict.fromkeys([*self._beneath.near(beginning, k), *super().near(beginning, k)]))
