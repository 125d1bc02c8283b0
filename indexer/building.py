"""How is one build made? Staged beside the others, filled, read back, published.

Writes to the catalogue may go on meanwhile: after each round the run looks for what has come, and it
publishes when there is nothing more. `BuildInfo.applied_seq` says how far it got.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import orjson

from engine.content_links import likenesses
from engine.merges import links_with_merged, tags_with_merged
from engine.model import BuildInfo, Resource
from engine.network import network
from engine.plan_data import found_same, read_plans
from engine.ports import SearchIndex, StagedBuild
from engine.progress import Progress
from engine.records import content_hash
from engine.service import Engine
from engine.snapshot import GRAPH_FILE, Snapshot
from engine.subject import bundled_subject
from graph.competence_graph import CompetenceGraph
from graph.model import Requirement
from indexer.embedding import PassageEmbedder
from indexer.enrichment import Enricher, recipe, ruling_digests, rulings_digest, tag_rulings
from indexer.golden import check_golden, read_judgements
from indexer.graph_arrays import keep_arrays
from indexer.retagging import FINGERPRINT_FILE, carries, is_reached, read_fingerprint
from indexer.verification import Contents, ReadEntry, UnsoundBuild, read_back, sample_of, spot_check
from vocab.analysis import ANALYSIS_VERSION
from vocab.fingerprint import Touched, dump_fingerprint, fingerprint

ENTRIES_FILE: Final = "entries.json"
"""In a build: what was read back of each resource, and the hash of the rulings that its tags were made with."""

ROUNDS: Final = 10
"""How often a run goes after writes that come while it works; what is then left waits for the next run."""

SUBJECT_SAMPLE: Final = 100
"""Resources whose texts tell whether the bank is about health."""

_CHUNK = 48
_T = TypeVar("_T")


class BuildRun:
    """One build in the making.

    Parameters
    ----------
    engine : Engine
        Where everything comes from.
    progress : Progress
        Told of resources.
    base : BuildInfo, optional
        The build to start from; only what has changed since is written, and what another vocabulary reaches.
        Default: an empty one.
    instead_of : BuildInfo, optional
        The build that this one replaces, for counting.
    vectors : bool, default True
        Whether to embed, if there is a model.

    Attributes
    ----------
    added, changed, removed : int
        Resources, against `base` or `instead_of`, once published.
    embedded : int
        Passages whose vectors were computed.
    retagged : int
        Resources that a change of the vocabulary may reach, which were tagged for it.
    """

    def __init__(
        self,
        engine: Engine,
        progress: Progress,
        *,
        base: BuildInfo | None = None,
        instead_of: BuildInfo | None = None,
        vectors: bool = True,
    ) -> None:
        self._engine = engine
        self._progress = progress
        self._base = base
        self._replaced = base or instead_of
        self._earlier = self._ids_of(self._replaced)
        golden = engine.settings.golden
        self._judgements = read_judgements(golden) if golden is not None else {}
        with_model = vectors and engine.embedder is not None
        self._embedder = (
            PassageEmbedder(engine.embedder, engine.vectors) if with_model and engine.embedder else None
        )
        self._enricher = Enricher(engine, self._embedder, {}, self._progress)
        self._vocabulary = self._enricher.vocabulary
        self._digests: dict[str, str] = {}
        self._steered = base.extra.get("steering", "") if base else ""
        self._known: dict[str, ReadEntry] = {}
        self._ids: set[str] = set()
        self._written: set[str] = set()
        self.added = self.changed = self.removed = self.retagged = 0

    @property
    def embedded(self) -> int:
        """Passages whose vectors were computed."""
        return self._embedder.count if self._embedder else 0

    def publish(self) -> BuildInfo:
        """Make the build and make it current.

        Raises
        ------
        Conflict
            If another process is building.
        UnsoundBuild
            If what was written does not read back as it should; the build is discarded.
        """
        with self._engine.builds.stage(self._base.id if self._base else None) as staged:
            if self._base is None:
                applied = self._fill(staged.index)
            else:
                applied = self._base.applied_seq
                self._ids = set(staged.index.ids())
                self._digests, self._known = _read_entries(staged.folder / ENTRIES_FILE)
                self._tag_anew(staged)
            for _ in range(ROUNDS):
                applied = self._take_in(staged.index, applied)
                staged.index.commit()
                others = other_inputs(self._engine)
                contents = self._read_back(staged.index)
                graph = self._graph(contents, staged.index)
                if (
                    self._check(staged.index, applied)
                    and others["steering"] == self._steered
                    and others == other_inputs(self._engine)
                ):
                    break
            graph.save(staged.folder / GRAPH_FILE)
            keep_arrays(graph, contents.resources, staged.folder, self._progress)
            made = {
                "rulings": self._digests,
                "entries": {id_: list(entry) for id_, entry in contents.entries.items()},
            }
            _replace(staged.folder / ENTRIES_FILE, orjson.dumps(made, option=orjson.OPT_SORT_KEYS))
            _replace(staged.folder / FINGERPRINT_FILE, dump_fingerprint(fingerprint(self._vocabulary)))
            others |= {"steering": self._steered, **self._subject(staged.index)}
            info = self._info(staged.id, applied, contents, graph, others)
            info = self._golden(staged, info)
            self._engine.builds.publish(staged, info)
        self.added = len(self._ids - self._earlier)
        self.removed = len(self._earlier - self._ids)
        self.changed = len(self._written & self._earlier & self._ids)
        return info

    def trial(self, ask: Callable[[Snapshot], _T]) -> _T:
        """Make the build on `base`, tagged by the vocabulary in use, ask something of it and throw it away.

        Raises
        ------
        Conflict
            If another process is building.
        """
        assert self._base is not None
        with self._engine.builds.stage(self._base.id) as staged:
            self._ids = set(staged.index.ids())
            self._tag_anew(staged)
            staged.index.commit()
            return ask(Snapshot(self._base, staged.index, staged.folder))

    def _golden(self, staged: StagedBuild, info: BuildInfo) -> BuildInfo:
        """Hold the build against the golden queries; return its manifest with what was measured."""
        if not self._judgements:
            return info
        self._progress.begin("asking the golden queries")
        new, current = Snapshot(info, staged.index, staged.folder), self._current()
        try:
            measured = check_golden(self._engine, new, current, self._judgements)
        finally:
            self._engine.let_go()
            if current is not None:
                current.index.close()
        self._progress.end()
        return replace(info, extra={**info.extra, "golden_ndcg": f"{measured:.3f}"})

    def _current(self) -> Snapshot | None:
        """Return the build that is to be replaced, opened, if it can be compared."""
        before = self._replaced
        if before is None or before.analysis_version != ANALYSIS_VERSION:
            return None
        builds = self._engine.builds
        return Snapshot(before, builds.open(before.id), builds.folder(before.id))

    def _ids_of(self, build: BuildInfo | None) -> frozenset[str]:
        if build is None:
            return frozenset()
        index = self._engine.builds.open(build.id)
        try:
            return index.ids()
        finally:
            index.close()

    def _fill(self, index: SearchIndex) -> int:
        """Write all published resources; return the number of the last change that is surely in."""
        catalogue = self._engine.catalogue
        applied = catalogue.last_seq()
        self._read_rulings()
        self._steered = self._enricher.steering.digest
        self._progress.begin(
            "indexing" if self._embedder else "indexing without vectors", catalogue.count(status="published")
        )
        resources = catalogue.all(status="published")
        while chunk := list(islice(resources, _CHUNK)):
            self._add(index, chunk)
            self._progress.advance(len(chunk))
        self._progress.end()
        return applied

    def _tag_anew(self, staged: StagedBuild) -> None:
        """Tag what a change of the vocabulary since the base was made may reach, and write what is other by it."""
        assert self._base is not None
        if self._base.vocabulary_version == self._vocabulary.version:
            return
        enricher, index, catalogue = self._enricher, staged.index, self._engine.catalogue
        touched = Touched(
            read_fingerprint(staged.folder) or {}, fingerprint(self._vocabulary), enricher.schemes
        )
        by_meaning = self._embedder is not None
        base_digests = self._digests
        self._read_rulings()
        self._digests = base_digests  # what was ruled since is still to be taken in
        self._progress.begin("tagging by the new vocabulary", catalogue.count(status="published"))
        resources = catalogue.all(status="published")
        while chunk := list(islice(resources, _CHUNK)):
            indexed = index.get([r.id for r in chunk if r.id in self._ids])
            tags = {id_: {t.concept for t in r.about} for id_, r in indexed.items()}
            ruled = {r.id: enricher.rulings.get(r.id, ()) for r in chunk}
            reached = [
                r
                for r in chunk
                if r.id in tags
                and is_reached(r, ruled[r.id], touched, by_meaning=by_meaning, tags=tags[r.id])
            ]
            tagged = {r.id: r for r in enricher.tagged(reached)}
            others = [
                r
                for r in reached
                if tagged[r.id].about != indexed[r.id].about or carries(r, ruled[r.id], touched, tags[r.id])
            ]
            self._add(index, others, tagged)
            self.retagged += len(reached)
            self._progress.advance(len(chunk))
        self._progress.end()

    def _take_in(self, index: SearchIndex, applied: int) -> int:
        """Write what has changed since `applied`; return how far that goes."""
        for _ in range(ROUNDS):
            changes = self._engine.catalogue.changes_since(applied)
            before = self._digests
            self._read_rulings()
            ruled = {s for s in before.keys() | self._digests.keys() if before.get(s) != self._digests.get(s)}
            found_ids = [
                *(c.resource_id for c in changes),
                *sorted(ruled & self._ids),
                *self._resteered(index),
            ]
            todo = list(dict.fromkeys(found_ids))
            if not todo:
                break
            self._progress.begin("indexing changes", len(todo))
            for i in range(0, len(todo), _CHUNK):
                chunk = todo[i : i + _CHUNK]
                found = self._engine.catalogue.get_many(chunk)
                published = [r for r in found.values() if r.status == "published"]
                self._add(index, published)
                self._delete(index, set(chunk) - {r.id for r in published})
                self._progress.advance(len(chunk))
            self._progress.end()
            if changes:
                applied = changes[-1].seq
        return applied

    def _resteered(self, index: SearchIndex) -> Iterator[str]:
        """Yield what has other tags after new corrections or blocks: all is tagged again, what differs is written."""
        digest = self._enricher.steering.digest
        if digest == self._steered:
            return
        index.commit()  # what this run has written is read below, too
        ids = sorted(self._ids)
        self._progress.begin("tagging again", len(ids))
        for i in range(0, len(ids), _CHUNK):
            chunk = ids[i : i + _CHUNK]
            indexed = index.get(chunk)
            resources = list(self._engine.catalogue.get_many(chunk).values())
            for tagged in self._enricher.tagged(resources):
                if tagged.id not in indexed or tagged.about != indexed[tagged.id].about:
                    yield tagged.id
            self._progress.advance(len(chunk))
        self._progress.end()
        self._steered = digest

    def _add(
        self,
        index: SearchIndex,
        resources: Sequence[Resource],
        tagged: Mapping[str, Resource] | None = None,
    ) -> None:
        enricher = self._enricher
        index.add(enricher.entries(resources, tagged) if tagged else enricher.entries(resources))
        ids = {resource.id for resource in resources}
        self._forget(ids)
        self._ids |= ids
        self._written |= ids

    def _delete(self, index: SearchIndex, ids: Iterable[str]) -> None:
        gone = self._ids.intersection(ids)
        index.delete(sorted(gone))
        self._ids -= gone
        self._forget(gone)

    def _forget(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            self._known.pop(id_, None)

    def _read_rulings(self) -> None:
        rulings = tag_rulings(tags_with_merged(self._engine.catalogue))
        self._enricher.rulings = rulings
        self._digests = ruling_digests(rulings)
        self._enricher.steering = self._engine.steering()

    def _read_back(self, index: SearchIndex) -> Contents:
        embedder = self._engine.embedder
        self._progress.begin("verifying")
        dim = embedder.dim if embedder else None
        contents = read_back(index, frozenset(self._ids), dim=dim, known=self._known)
        self._known = dict(contents.entries)
        self._progress.end()
        if self._embedder is not None and contents.vectors_missing:
            raise UnsoundBuild(f"{contents.vectors_missing} resources of the build have no vectors")
        return contents

    def _check(self, index: SearchIndex, applied: int) -> bool:
        """Hold the build against the catalogue; return whether the catalogue has stood still since.

        Raises
        ------
        UnsoundBuild
            If it stood still and is not what the build holds.
        """
        catalogue = self._engine.catalogue
        sample = sample_of(frozenset(self._ids), seed=str(applied))
        indexed = index.get(sample)
        spot_check(index, indexed, self._vocabulary)
        stored = catalogue.get_many(sample)
        published = catalogue.count(status="published")
        if catalogue.changes_since(applied):
            return False
        if published != len(self._ids):
            raise UnsoundBuild(
                f"the build holds {len(self._ids)} resources, the catalogue publishes {published}"
            )
        for id_ in sample:
            if id_ not in stored or content_hash(stored[id_]) != content_hash(indexed[id_]):
                raise UnsoundBuild(f"{id_!r} is not in the build as it is in the catalogue")
        return True

    def _graph(self, contents: Contents, index: SearchIndex) -> CompetenceGraph:
        catalogue = self._engine.catalogue
        data = read_plans(catalogue, catalogue.plan_seq())
        nodes, edges = network(
            list(data.roles.values()),
            list(data.requirements.values()),
            list(data.plans.values()),
            contents.resources,
            self._vocabulary,
            links_with_merged(catalogue, data.requirements),
            self._likeness([q for q in data.requirements.values() if q.replaced_by is None], index),
            on=self._engine.today(),
            written=catalogue.written(),
            topics=self._enricher.topics_of,
        )
        return CompetenceGraph.build(nodes, edges)

    def _likeness(
        self, requirements: Sequence[Requirement], index: SearchIndex
    ) -> dict[str, dict[str, float]] | None:
        """Return how like resources and requirements are by their texts; None where nothing knows what texts mean."""
        embedder = self._embedder
        if embedder is None or not self._enricher.knows_meaning:
            return None
        found = likenesses(
            requirements, sorted(self._ids), lambda id_: index.passages(id_)[1], index.get, embedder.vectors
        )
        return {q: {one.resource: one.score for one in row} for q, row in found.items()}

    def _subject(self, index: SearchIndex) -> dict[str, str]:
        """Return how the texts score on the subject, of a sample spread over the bank; nothing without vectors."""
        embedder = self._engine.embedder
        model = bundled_subject(embedder.model_id) if embedder is not None else None
        ids = sorted(self._ids)[:: max(1, len(self._ids) // SUBJECT_SAMPLE)]
        found = [vectors for id_ in ids if len(vectors := index.passages(id_)[1])] if model else []
        return {"subject": f"{model.score_of_bank(np.concatenate(found)):.2f}"} if model and found else {}

    def _info(
        self, id_: str, applied: int, contents: Contents, graph: CompetenceGraph, others: dict[str, str]
    ) -> BuildInfo:
        embedder = self._engine.embedder
        return BuildInfo(
            id=id_,
            created=self._engine.now(),
            resources=len(contents.resources),
            passages=contents.passages,
            vectors_missing=contents.vectors_missing if embedder else 0,
            applied_seq=applied,
            analysis_version=ANALYSIS_VERSION,
            model_id=embedder.model_id if embedder else "",
            vocabulary_version=self._vocabulary.version,
            dim=embedder.dim if embedder else 0,
            signature=hashlib.sha256(f"{contents.signature}\n{graph.version}".encode()).hexdigest(),
            extra={"recipe": recipe(self._engine.settings), "graph": graph.version, **others},
        )


def other_inputs(engine: Engine) -> dict[str, str]:
    """Return what besides the resources goes into a build, as numbers and hashes."""
    catalogue = engine.catalogue
    return {
        "plan_seq": str(catalogue.plan_seq()),
        "tag_rulings": rulings_digest(tag_rulings(tags_with_merged(catalogue))),
        "same_requirements": _short_hash(str(sorted(found_same(catalogue).items()))),
        "teaches_rulings": rulings_digest(tag_rulings(links_with_merged(catalogue, engine.requirements()))),
        "steering": engine.steering().digest,
    }


def _read_entries(path: Path) -> tuple[dict[str, str], dict[str, ReadEntry]]:
    """Return ruling hashes and entries of the build before; nothing is taken for granted if they are unreadable."""
    try:
        found = orjson.loads(path.read_bytes())
        return dict(found["rulings"]), {id_: ReadEntry(*entry) for id_, entry in found["entries"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}, {}


def _replace(path: Path, data: bytes) -> None:
    """Write a file of a build, never into one that it may share with another build."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(data)
    beside.replace(path)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
