"""Which resources of the bank are one work, and what should be done about it? Pairs and groups, kept up to date.

What was found lies in the data folder with the number of the last change that was looked at. A new or changed
resource is compared with its candidates only; when much has changed all is compared anew. It is derived from the
catalogue alone: delete it, kill the process, and it is made again.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from engine.amendments import AmendmentPair, amendment_pairs, changed_act
from engine.clusters import groups_of
from engine.errors import InvalidRequest, NotFound
from engine.known_texts import KnownTexts, print_version, texts_of
from engine.mean_vectors import MeanVectors
from engine.model import COMMON_EDITION, Resource, Tag
from engine.not_duplicates import NotDuplicates, Ruled
from engine.pair_classes import SAME_WORK, Judgement, PairClass, judge
from engine.pair_evidence import Evidence, EvidenceReader
from engine.ports import Catalogue, PrintStore
from engine.progress import Progress, Quiet
from engine.records import is_storable
from engine.steering import text_basis

log = logging.getLogger("kompetansegraf.engine")

Action = Literal[
    "merge",
    "compare_and_merge",
    "update_or_withdraw_local",
    "link_translations",
    "keep_supplement",
    "keep_both",
]
ACTIONS: Final[Mapping[PairClass, Action]] = {
    "identical_copy": "merge",
    "outdated_local_copy": "update_or_withdraw_local",
    "near_copy": "compare_and_merge",
    "translation": "link_translations",
    "local_supplement": "keep_supplement",
    "same_topic_other_role": "keep_both",
    "unrelated": "keep_both",
}
"""What is proposed for a class; of a group, for the first of its classes in this order."""

LISTED: Final[frozenset[PairClass]] = SAME_WORK | {"local_supplement"}
"""Classes that are kept and listed."""

ANEW: Final = 0.2
"""Share of changed resources from which all pairs are looked for anew."""

PAIRS_SHOWN: Final = 45
"""Pairs of a group that are shown at most: all of ten members."""

_AT_ONCE: Final = 500
_READ_AT_ONCE: Final = 20_000
_SAVED_AFTER: Final = 200
_NEVER: Final = date.min
_RETRIED: Final = 500

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two resources side by side; `judgement` has the class that editors have said, if they have."""

    a: Resource
    b: Resource
    evidence: Evidence
    judgement: Judgement
    ruled: Ruled | None = None

    @property
    def action(self) -> Action:
        """What is proposed; acts that change an act are each in force, however alike."""
        return "keep_both" if all(self.evidence.acts) else ACTIONS[self.judgement.kind]


@dataclass(frozen=True, slots=True)
class Group:
    """Resources that are one work, or a text with its local supplement.

    `kept` is the one to keep when they are merged: the common one, else the newest. `pairs` are those found, with
    their classes; `kind` is the class that asks for most. `acts` tells that all of them change acts.
    """

    ids: tuple[str, ...]
    kept: str
    kind: PairClass
    pairs: Mapping[Pair, Judgement]
    acts: bool = False

    @property
    def action(self) -> Action:
        """What is proposed."""
        return "keep_both" if self.acts else ACTIONS[self.kind]


class Duplicates:
    """Finds pairs and groups of one work; safe for several threads.

    Parameters
    ----------
    catalogue : Catalogue
        Texts, and the rulings of editors.
    vectors : MeanVectors
        Vectors of texts.
    store : PrintStore, optional
        Where what was found is kept.
    tagged : callable
        Returns those of some resources, by id, that are indexed, with their tags.
    tags : callable, optional
        Returns the tags of a text that is not indexed.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        vectors: MeanVectors,
        store: PrintStore | None,
        tagged: Callable[[Sequence[str]], Mapping[str, Resource]],
        tags: Callable[[Resource], tuple[Tag, ...]] = lambda _: (),
    ) -> None:
        self._catalogue = catalogue
        self._vectors = vectors
        self._store = store
        self._tagged = tagged
        self._tags = tags
        self._reader = EvidenceReader(vectors.of)
        self._rulings = NotDuplicates(catalogue)
        self._lock = threading.RLock()
        self._seq = -1
        self._texts = KnownTexts(vectors)
        self._found: dict[Pair, Judgement] = {}
        self._unsaved = 0

    def refresh(self, progress: Progress | None = None) -> None:
        """Take in what has changed in the catalogue; of a bank that nobody has looked at yet, everything."""
        with self._lock:
            if self._seq < 0:
                self._load()
            seq = self._catalogue.last_seq()
            changed = [c.resource_id for c in self._catalogue.changes_since(max(self._seq, 0))]
            if seq < self._seq or len(changed) > max(_AT_ONCE, ANEW * len(self._texts)) or self._seq < 0:
                self._all(progress or Quiet())
            else:
                changed += self._embedded_since()
                if changed:
                    self._some(sorted(set(changed)))
            self._seq = seq
            if self._unsaved >= _SAVED_AFTER:
                self._save()

    def at_hand(self) -> bool:
        """Tell whether `groups` answers without comparing the whole bank first."""
        if not self._lock.acquire(blocking=False):
            return False  # somebody is at it just now
        try:
            if self._seq < 0:
                self._load()
            return self._seq >= 0 and len(self._catalogue.changes_since(self._seq)) <= _SAVED_AFTER
        finally:
            self._lock.release()

    def close(self) -> None:
        """Keep what was found."""
        with self._lock:
            if self._unsaved:
                self._save()

    def like(self, resource: Resource, *, all_classes: bool = False) -> list[Comparison]:
        """Return the resources that are one work with this one, which need not be known, or supplement it.

        Parameters
        ----------
        resource : Resource
            A resource of the bank, or a draft that is only being written.
        all_classes : bool, default False
            Return every candidate, whatever it is.
        """
        self.refresh()
        with self._lock:
            near = self._texts.near(resource)
        if near and not resource.about:
            resource = replace(resource, about=self._about(resource))
        others = self._fetch(near)
        found = [self._compared(resource, others[id_]) for id_ in near if id_ in others]
        found = [c for c in found if all_classes or c.judgement.kind in LISTED]
        return sorted(found, key=lambda c: (-c.judgement.same_work, -c.judgement.strength, c.b.id))

    def compare(self, a: str, b: str) -> Comparison:
        """Compare two resources; raises NotFound, and InvalidRequest when they are one resource."""
        for id_ in (a, b):
            if not id_ or not is_storable(id_):
                raise NotFound(f"no resource has the id {id_!r}")
        if a == b:
            raise InvalidRequest("a and b: two resources are needed, got the same twice")
        found = self._fetch([a, b])
        for id_ in (a, b):
            if id_ not in found:
                raise NotFound(f"no resource has the id {id_!r}")
        return self._compared(found[a], found[b])

    def judged(self, a: Resource, b: Resource) -> Judgement:
        """Return what two resources are to each other, as their texts are."""
        return judge(self._reader.read(a, b))

    def pairs(self) -> dict[Pair, Judgement]:
        """Return what was found by the last `refresh`, without the pairs that editors have ruled on."""
        with self._lock:
            found = dict(self._found)
        ruled = self._rulings.standing(found)
        return {pair: judgement for pair, judgement in found.items() if pair not in ruled}

    def groups(self, progress: Progress | None = None) -> list[Group]:
        """Return the groups of the bank: what asks for most first, then the surest, then in order of id."""
        self.refresh(progress)
        pairs = self.pairs()
        resources = self._fetch(sorted({id_ for pair in pairs for id_ in pair}))
        pairs = {p: j for p, j in pairs.items() if p[0] in resources and p[1] in resources}
        same = {p: j for p, j in pairs.items() if j.same_work}
        asked: dict[Pair, bool] = dict.fromkeys(same, True)

        def same_work(a: str, b: str) -> bool:
            if (a, b) not in asked:
                asked[a, b] = self.judged(resources[a], resources[b]).same_work
            return asked[a, b]

        groups, links = groups_of(((p, j.strength) for p, j in same.items()), same_work)
        groups += links
        groups += _supplements(pairs, resources)
        by_id: dict[str, list[Pair]] = {}
        for pair in pairs:
            by_id.setdefault(pair[0], []).append(pair)
        found = []
        for ids in groups:
            within = set(ids)
            inside = {p: pairs[p] for id_ in ids for p in by_id.get(id_, ()) if p[1] in within}
            found.append(_group(ids, inside, resources))
        order = list(ACTIONS)
        return sorted(found, key=lambda g: (order.index(g.kind), -_strength(g), g.ids))

    def members(self, group: Group) -> list[Resource]:
        """Return the resources of a group, the one to keep first; those that have gone since are left out."""
        found = self._fetch(group.ids)
        return [found[i] for i in sorted(found, key=lambda i: (i != group.kept, i))]

    def described(self, group: Group) -> list[Comparison]:
        """Return the pairs of a group with evidence, those found first, then all others, at most `PAIRS_SHOWN`."""
        resources = self._fetch(group.ids)
        ids = [id_ for id_ in group.ids if id_ in resources]
        every = [(a, b) for n, a in enumerate(ids) for b in ids[n + 1 :]]
        every.sort(key=lambda pair: pair not in group.pairs)
        return [self._compared(resources[a], resources[b]) for a, b in every[:PAIRS_SHOWN]]

    def amendments(self) -> list[AmendmentPair]:
        """Return the published acts of the bank that change one act, or each other."""
        return amendment_pairs(self._catalogue.all(status="published"))

    @property
    def rulings(self) -> NotDuplicates:
        """What editors have said of pairs."""
        return self._rulings

    # --- inside ------------------------------------------------------------------------------

    def _about(self, resource: Resource) -> tuple[Tag, ...]:
        """Return the tags of a resource as it is indexed, or of its text as it is now."""
        indexed = self._tagged([resource.id]).get(resource.id) if resource.id else None
        if indexed is not None and text_basis(indexed) == text_basis(resource):
            return indexed.about
        return self._tags(resource)

    def _compared(self, a: Resource, b: Resource) -> Comparison:
        evidence, ruled = self._reader.read(a, b), self._rulings.of(a, b)
        judgement = judge(evidence)
        if ruled is not None and ruled.stated is not None:
            judgement = replace(judgement, kind=ruled.stated)
        return Comparison(a, b, evidence, judgement, ruled)

    def _fetch(self, ids: Iterable[str]) -> dict[str, Resource]:
        """Return resources as they are now, archived ones left out, with the tags of those that are indexed."""
        wanted = list(ids)
        found: dict[str, Resource] = {}
        for at in range(0, len(wanted), _AT_ONCE):
            some = wanted[at : at + _AT_ONCE]
            now = self._catalogue.get_many(some)
            tagged = self._tagged(some)
            for id_, resource in now.items():
                if resource.status != "archived":
                    about = tagged[id_].about if id_ in tagged else ()
                    found[id_] = replace(resource, about=about) if about else resource
        return found

    def _all(self, progress: Progress) -> None:
        self._found = {}
        progress.begin("reading texts", self._catalogue.count())
        texts, some = KnownTexts(self._vectors), list[Resource]()
        for resource in self._catalogue.all():
            progress.advance()
            if resource.status != "archived":
                some.append(resource)
            if len(some) >= _READ_AT_ONCE:
                texts.change(some, ())
                some = []
        texts.change(some, ())
        progress.end()
        self._texts = texts
        progress.begin("looking for near texts", texts.steps)
        pairs = texts.pairs(progress.advance)
        progress.end()
        progress.begin("comparing", len(pairs))
        for at in range(0, len(pairs), _AT_ONCE):
            portion = pairs[at : at + _AT_ONCE]
            self._judge(portion)
            progress.advance(len(portion))
        progress.end()
        self._unsaved = _SAVED_AFTER

    def _some(self, ids: Sequence[str]) -> None:
        found = {i: r for i, r in self._catalogue.get_many(ids).items() if r.status != "archived"}
        changed = set(ids)
        self._found = {p: j for p, j in self._found.items() if not changed.intersection(p)}
        self._texts.change(list(found.values()), changed - found.keys())
        pairs = {_pair(id_, other) for id_, resource in found.items() for other in self._texts.near(resource)}
        self._judge(sorted(pairs))
        self._unsaved += len(ids)

    def _judge(self, pairs: Sequence[Pair]) -> None:
        resources = self._fetch(sorted({id_ for pair in pairs for id_ in pair}))
        for a, b in pairs:
            if a in resources and b in resources:
                judgement = self.judged(resources[a], resources[b])
                if judgement.kind in LISTED:
                    self._found[a, b] = judgement

    def _embedded_since(self) -> list[str]:
        """Return texts whose vector was not known and is now."""
        missing = self._texts.without_vector()[:_RETRIED]
        resources = list(self._catalogue.get_many(missing).values()) if missing else []
        vectors = self._vectors.known(resources)
        return [r.id for r, vector in zip(resources, vectors, strict=True) if vector.any()]

    def _load(self) -> None:
        kept = self._store.load() if self._store else None
        if kept is None or kept[1].get("version") != print_version(self._vectors):
            return
        arrays, facts = kept
        try:
            texts = KnownTexts(self._vectors, facts["ids"], texts_of(arrays))
            found = {(a, b): Judgement(kind, strength) for a, b, kind, strength in facts["pairs"]}
            self._texts, self._found, self._seq = texts, found, int(facts["seq"])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            log.warning("what is known of duplicates cannot be read and is made anew: %s", error)

    def _save(self) -> None:
        if self._store is None:
            return
        pairs = [[a, b, j.kind, j.strength] for (a, b), j in sorted(self._found.items())]
        ids = self._texts.ids()
        facts = {"version": print_version(self._vectors), "seq": self._seq, "ids": ids, "pairs": pairs}
        try:
            self._store.save(self._texts.arrays(), facts)
        except OSError as error:
            log.warning("what is known of duplicates cannot be kept: %s", error)
            return
        self._unsaved = 0


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)


def _supplements(pairs: Mapping[Pair, Judgement], resources: Mapping[str, Resource]) -> list[Pair]:
    """Return of each local supplement the pair with the text that it surely supplements, if any does."""
    best: dict[str, tuple[float, Pair]] = {}
    for pair, judgement in sorted(pairs.items()):
        if judgement.kind == "local_supplement":
            local = next(i for i in pair if resources[i].edition != COMMON_EDITION)
            if local not in best or judgement.strength > best[local][0]:
                best[local] = judgement.strength, pair
    return sorted(pair for _, pair in best.values())


def _strength(group: Group) -> float:
    return max((j.strength for j in group.pairs.values()), default=0.0)


def _group(ids: tuple[str, ...], pairs: Mapping[Pair, Judgement], resources: Mapping[str, Resource]) -> Group:
    kinds = {j.kind for j in pairs.values()}
    kind = next(k for k in ACTIONS if k in kinds)
    newest = sorted(
        ids, key=lambda i: (resources[i].updated or resources[i].published or _NEVER, i), reverse=True
    )
    kept = min(
        newest, key=lambda i: (resources[i].status != "published", resources[i].edition != COMMON_EDITION)
    )
    return Group(ids, kept, kind, pairs, all(changed_act(resources[i]) for i in ids))
