"""What has been written since the current build was made? It is analysed and laid over the build, newest first.

Each search asks the catalogue for its last change; only when there is a new one is more asked. A changed resource
is analysed and tagged once, as a build would do it, and its vectors are taken when they are known from earlier;
computing them is left to the next build. At most `limit` resources are laid over, and a request spends at most
`budget` on analysing: what then is left waits for the next request, or for the next build. What is no longer
published is hidden at once, however much there is.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Final

import numpy as np

from engine.entry import make_entry
from engine.errors import BackendError
from engine.merges import tags_with_merged
from engine.model import IndexEntry, IndexQuery, Passage, Resource, Vectors
from engine.overlay import OverlaidIndex
from engine.passages import passage_hash, passage_texts, split_passages
from engine.ports import Catalogue, Embedder, SearchIndex, VectorCache
from engine.recent_entries import RecentEntries
from engine.recent_store import RecentEntry, RecentStore
from engine.repair import Lexicon, Spelling
from engine.replaced_concepts import as_meant
from engine.snapshot import Snapshot
from engine.steering import NO_STEERING, Block, Steering
from engine.tagging import Tagger
from vocab.completion import Beginnings
from vocab.vocabulary import Vocabulary

LIMIT: Final = 2_000
"""Changed resources that are laid over a build at most."""
BUDGET: Final = 0.1
"""How long a request analyses changed resources at most, one at least [s]."""
PATIENCE: Final = 0.5
"""How long a request waits for another that is taking in a new change [s]."""
_ASKED_AT_ONCE: Final = 500
_ANALYSED_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Rules:
    """What entries are made with: vocabulary, tagger, and the model whose vectors the build has, if any.

    `steering` tells what editors have said of all tags, by now. A new block is followed at once; corrections are
    used for what is analysed from now on, and by the next build for everything.
    """

    vocabulary: Vocabulary
    tagger: Tagger
    embedder: Embedder | None
    steering: Callable[[], Steering] = lambda: NO_STEERING

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


@dataclass(frozen=True, slots=True)
class _Live:
    """A published resource that has changed; `moved` tells that the build has it in another edition."""

    seq: int
    moved: bool


@dataclass(frozen=True, slots=True)
class _Made:
    """The entry that was made of a resource at a change."""

    seq: int
    entry: RecentEntry


class RecentChanges:
    """Views of builds with what the catalogue has got since; safe for several threads.

    Parameters
    ----------
    catalogue : Catalogue
        Resources and editors' rulings.
    vectors : VectorCache
        Vectors that are known already.
    limit : int
        How many resources are laid over a build; 0 only hides what is no longer published.
    budget, clock
        How long a request analyses at most [s], and the clock that says so.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        vectors: VectorCache,
        *,
        limit: int = LIMIT,
        budget: float = BUDGET,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalogue = catalogue
        self._vectors = vectors
        self._limit = limit
        self._budget = budget
        self._clock = clock
        self._lock = threading.Lock()
        self._view: View | None = None
        self._key: tuple[str, str] = ("", "")
        self._seq = 0
        self._unfinished = False
        self._blocks: tuple[Block, ...] = ()
        self._store = RecentStore()
        self._made: dict[str, _Made] = {}
        self._begin_anew()

    def over(self, snapshot: Snapshot, rules: Rules) -> View:
        """Return the build with what has been written since.

        While one thread takes a change in, the others wait a little for it and else answer from what is known.
        """
        seq, view = self._catalogue.last_seq(), self._view
        same = view is not None and view.snapshot is snapshot and view.key == rules.key
        if view is not None and same and view.seq >= seq and not self._unfinished:
            return view
        if view is None or not same:
            self._lock.acquire()
        elif not self._lock.acquire(timeout=PATIENCE if view.seq < seq else 0):
            return view
        try:
            return self._follow(snapshot, rules, seq)
        finally:
            self._lock.release()

    # --- inside; whoever calls these holds the lock ----------------------------------------------

    def _begin_anew(self) -> None:
        self._live: dict[str, _Live] = {}  # in the order of their changes
        self._gone: set[str] = set()
        self._built: dict[str, str] = {}  # edition of those of the changed that the build has
        self._words: dict[str, int] = {}
        self._spelling = Spelling()

    def _follow(self, snapshot: Snapshot, rules: Rules, seq: int) -> View:
        view = self._view
        fresh = view is None or view.snapshot is not snapshot or view.key != rules.key
        if view is not None and not fresh and view.seq >= seq and not self._unfinished:
            return view
        earlier: dict[str, _Made] = {}
        if fresh:
            if self._key == rules.key:
                earlier = self._made
            self._begin_anew()
            self._made, self._key, self._seq = {}, rules.key, snapshot.info.applied_seq
        changes = self._catalogue.changes_since(self._seq)
        known: Mapping[str, Resource] = {}
        for start in range(0, len(changes), _ASKED_AT_ONCE):
            part = changes[start : start + _ASKED_AT_ONCE]
            all_of_them = start + len(part) > len(changes) - self._limit
            changed = {change.resource_id: change.seq for change in part}
            known = self._note(snapshot, changed, all_of_them)
        self._seq = max(seq, changes[-1].seq if changes else 0)
        if fresh:
            self._adopt(earlier, snapshot)
        steering = rules.steering()
        if self._limit and (fresh or steering.blocks != self._blocks):
            self._note_blocked(snapshot, steering)
        self._blocks = steering.blocks
        wanted = list(islice(reversed(self._live), self._limit))
        if len(self._live) > self._limit:
            for id_ in self._made.keys() - set(wanted):
                self._drop(id_)
        if len(self._store) > 5 * self._limit:
            self._compact()
        todo = [id_ for id_ in wanted if id_ not in self._made or self._made[id_].seq != self._live[id_].seq]
        self._unfinished = self._analyse(todo, known, snapshot, rules, steering)
        self._view = self._seen(snapshot)
        return self._view

    def _note(
        self, snapshot: Snapshot, changed: Mapping[str, int], all_of_them: bool
    ) -> Mapping[str, Resource]:
        """Take down which of the changed are published, and how the build has them; return them as they are now.

        Without `all_of_them` only those that the build has are looked at: the others are too many to be shown.
        """
        self._built |= {id_: was.edition for id_, was in snapshot.index.get(list(changed)).items()}
        looked_at = [id_ for id_ in changed if all_of_them or id_ in self._built]
        now = self._catalogue.get_many(looked_at)
        for id_, seq in changed.items():
            self._live.pop(id_, None)
            resource = now.get(id_)
            if resource is None and not all_of_them and id_ not in self._built:
                self._live[id_] = _Live(seq, moved=False)
            elif resource is None or resource.status != "published":
                self._gone.add(id_)
                self._drop(id_)
            else:
                self._gone.discard(id_)
                moved = id_ in self._built and self._built[id_] != resource.edition
                self._live[id_] = _Live(seq, moved)
        return now

    def _note_blocked(self, snapshot: Snapshot, steering: Steering) -> None:
        """Take down which resources have a tag that is blocked by now; what was written goes before them.

        Of very many only the first are looked at: more than `limit` are not laid over anyway.
        """
        concepts = tuple(sorted({block.concept for block in steering.blocks}))
        having = snapshot.index.search(IndexQuery(scope={"concept": concepts})).ids if concepts else ()
        having = having[: 5 * self._limit]
        noted: dict[str, _Live] = {}
        for start in range(0, len(having), _ASKED_AT_ONCE):
            for id_, built in snapshot.index.get(having[start : start + _ASKED_AT_ONCE]).items():
                if id_ not in self._live and id_ not in self._gone and _has_blocked(built, steering):
                    self._built[id_] = built.edition
                    noted[id_] = _Live(self._seq, moved=False)
        self._live = noted | self._live
        for id_, made in self._made.items():
            if _has_blocked(made.entry.resource, steering):
                self._live[id_] = replace(self._live[id_], seq=self._seq)

    def _adopt(self, earlier: dict[str, _Made], snapshot: Snapshot) -> None:
        """Go on with the entries that were made over an earlier build and are still newer than this one."""
        kept = {i: m for i, m in earlier.items() if i in self._live and self._live[i].seq == m.seq}
        self._store, entries = self._store.kept(made.entry for made in kept.values())
        for (id_, made), entry in zip(kept.items(), entries, strict=True):
            self._keep(id_, _Made(made.seq, entry), snapshot)

    def _compact(self) -> None:
        """Forget the postings of entries that have been replaced."""
        self._store, entries = self._store.kept(made.entry for made in self._made.values())
        moved = zip(self._made.items(), entries, strict=True)
        self._made = {id_: _Made(made.seq, entry) for (id_, made), entry in moved}

    def _analyse(
        self,
        todo: Sequence[str],
        known: Mapping[str, Resource],
        snapshot: Snapshot,
        rules: Rules,
        steering: Steering,
    ) -> bool:
        """Make the entries of changed resources as long as there is time; return whether some are left."""
        end = self._clock() + self._budget
        done = 0
        for start in range(0, len(todo), _ANALYSED_AT_ONCE):
            ids = todo[start : start + _ANALYSED_AT_ONCE]
            found = known if known.keys() >= set(ids) else self._catalogue.get_many(ids)
            for id_ in ids:
                if done and self._clock() >= end:
                    return True
                done += 1
                resource = found.get(id_)
                if resource is not None and resource.status == "published":
                    entry = self._store.put(self._entry(resource, rules, steering))
                    self._keep(id_, _Made(self._live[id_].seq, entry), snapshot)
        return False

    def _entry(self, resource: Resource, rules: Rules, steering: Steering) -> IndexEntry:
        rulings = tags_with_merged(self._catalogue, resource.id)
        passages = split_passages(resource.body)
        vectors = self._known_vectors(resource, passages, rules.embedder)
        meant = as_meant(resource, rulings, rules.vocabulary)
        tags = rules.tagger.tags(*meant, passages=passages, vectors=vectors, steering=steering)
        return make_entry(replace(resource, about=tags), rules.vocabulary, passages, vectors)

    def _known_vectors(
        self, resource: Resource, passages: tuple[Passage, ...], embedder: Embedder | None
    ) -> Vectors | None:
        """Return the vectors of a resource if all of them have been computed before."""
        if embedder is None:
            return None
        hashes = [passage_hash(text) for text in passage_texts(resource, passages)]
        try:
            known = self._vectors.get(embedder.model_id, hashes)
        except BackendError:
            return None
        found = [known[hash_] for hash_ in hashes if hash_ in known and known[hash_].shape == (embedder.dim,)]
        return np.stack(found) if found and len(found) == len(hashes) else None

    def _keep(self, id_: str, made: _Made, snapshot: Snapshot) -> None:
        self._drop(id_)
        self._made[id_] = made
        for word in self._new_words(made.entry, snapshot.lexicon):
            self._words[word] = self._words.get(word, 0) + 1

    def _drop(self, id_: str) -> None:
        made = self._made.pop(id_, None)
        if made is not None:
            for word in made.entry.words & self._words.keys():
                self._words[word] -= 1
                if not self._words[word]:
                    del self._words[word]

    @staticmethod
    def _new_words(entry: RecentEntry, known: Lexicon) -> Iterator[str]:
        return (word for word in entry.words if word not in known)

    def _seen(self, snapshot: Snapshot) -> View:
        moved = (id_ for id_, live in self._live.items() if live.moved and id_ not in self._made)
        hidden = frozenset({*(self._gone & self._built.keys()), *moved})
        return View(
            snapshot,
            RecentEntries(self._store, [made.entry for made in self._made.values()]),
            hidden,
            key=self._key,
            seq=self._seq,
            replaced=len(self._built.keys() & (hidden | self._made.keys())),
            waiting=len(self._live) - len(self._made),
            words=dict(self._words),
            spelling=self._spelling,
        )


def _has_blocked(resource: Resource, steering: Steering) -> bool:
    blocked = steering.blocked(resource)
    return any(tag.origin == "automatic" and tag.concept in blocked for tag in resource.about)


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
