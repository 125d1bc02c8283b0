"""What would another vocabulary change here? Tags of resources, names of concepts, what queries mean and find.

Everything is found out by the parts that do the work: the tagger with both vocabularies, the label matcher with
both, and the golden queries asked of the current build and of one that is tagged anew and thrown away.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeVar

from engine.model import BuildInfo
from engine.progress import Progress, Quiet
from engine.service import Engine
from engine.snapshot import Snapshot
from indexer.building import BuildRun
from indexer.enrichment import Enricher
from indexer.golden import Answers, Judgements, answer_golden, fair_judgements
from indexer.pipeline import usable_build
from indexer.retagging import is_reached, resource_concepts
from vocab.fingerprint import Touched, fingerprint
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary

_CHUNK = 48
_T = TypeVar("_T")

ThingKind = Literal["requirement", "role", "plan", "ruling", "resource"]


@dataclass(frozen=True, slots=True)
class TagChange:
    """A resource that would have other tags: the concepts that it would lose and win."""

    id: str
    title: str
    lost: tuple[str, ...]
    won: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferenceChange:
    """Something that names a concept which is replaced or no longer in use.

    `id` of a ruling is the resource that it is on. A plan is named for the requirement or role that it has (`through`).
    Without `replaced_by` the reference leads nowhere.
    """

    kind: ThingKind
    id: str
    concept: str
    replaced_by: str | None
    through: str = ""


@dataclass(frozen=True, slots=True)
class SynonymChange:
    """A label that means other concepts when somebody types it."""

    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueryChange:
    """A golden query whose first ten hits would be others: nDCG@10, and the hits that leave and enter."""

    query: str
    before: float
    after: float
    lost: tuple[str, ...]
    won: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoldenChange:
    """Mean nDCG@10 on the golden queries, before and after, and the queries with other answers."""

    queries: int
    before: float
    after: float
    changed: tuple[QueryChange, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What would change.

    `resources` lose or win concepts; `rescored` are the ids of those that keep theirs with other scores or places
    in the text. `tagged` of `published` resources had to be tagged to find out. `golden` is None when there are
    no golden queries, or (`notes` says so) no build to ask them of.
    """

    published: int
    tagged: int
    resources: tuple[TagChange, ...]
    rescored: tuple[str, ...]
    references: tuple[ReferenceChange, ...]
    synonyms: tuple[SynonymChange, ...]
    golden: GoldenChange | None = None
    notes: tuple[str, ...] = ()


def impact(
    engine: Engine,
    old: Vocabulary,
    new: Vocabulary,
    *,
    judgements: Judgements | None = None,
    progress: Progress | None = None,
) -> Impact:
    """Find out what changes when `new` is used in place of `old`; nothing is written.

    Parameters
    ----------
    engine : Engine
        Its catalogue, rules and current build. It goes on with `old`.
    old, new : Vocabulary
        As the engine would use them.
    judgements : mapping of query -> resource -> grade, optional
        Golden queries.
    progress : Progress, optional
        Told of resources.
    """
    told = progress or Quiet()
    try:
        engine.use_vocabulary(new)
        after = Enricher.tagging_only(engine, told), engine.matcher
        engine.use_vocabulary(old)
        before = Enricher.tagging_only(engine, told), engine.matcher
        touched = Touched(fingerprint(old), fingerprint(new), before[0].schemes | after[0].schemes)
        tagged, resources, rescored = _tag_changes(engine, touched, before[0], after[0], told)
        golden, note = None, ""
        if judgements:
            golden, note = _golden(engine, new, judgements, told)
        return Impact(
            published=engine.catalogue.count(status="published"),
            tagged=tagged,
            resources=tuple(resources),
            rescored=tuple(rescored),
            references=tuple(_references(engine, old, new)),
            synonyms=tuple(_synonyms(old, new, before[1], after[1])),
            golden=golden,
            notes=(note,) if note else (),
        )
    finally:
        engine.use_vocabulary(old)


def _tag_changes(
    engine: Engine, touched: Touched, before: Enricher, after: Enricher, progress: Progress
) -> tuple[int, list[TagChange], list[str]]:
    """Return how many resources had to be tagged, those with other concepts, and those with other scores."""
    changed: list[TagChange] = []
    rescored: list[str] = []
    tagged = 0
    progress.begin("tagging with both vocabularies", engine.catalogue.count(status="published"))
    resources = engine.catalogue.all(status="published")
    by_meaning = engine.embedder is not None
    while chunk := list(islice(resources, _CHUNK)):
        reached = [
            r for r in chunk if is_reached(r, before.rulings.get(r.id, ()), touched, by_meaning=by_meaning)
        ]
        tagged += len(reached)
        for was, becomes in zip(before.tagged(reached), after.tagged(reached), strict=True):
            old = {tag.concept: tag for tag in was.about}
            new = {tag.concept: tag for tag in becomes.about}
            if old.keys() != new.keys():
                lost, won = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
                changed.append(TagChange(was.id, was.title, tuple(lost), tuple(won)))
            elif old != new:
                rescored.append(was.id)
        progress.advance(len(chunk))
    progress.end()
    return tagged, sorted(changed, key=lambda c: c.id), sorted(rescored)


def _references(engine: Engine, old: Vocabulary, new: Vocabulary) -> Iterator[ReferenceChange]:
    """Yield what names a concept that leads elsewhere by the new vocabulary, or nowhere."""

    def moved(concept: str) -> bool:
        return concept in old and old.resolve(concept) != new.resolve(concept)

    requirements, roles = engine.requirements(), engine.roles()
    moved_requirements: dict[str, list[str]] = {}
    for id_, requirement in sorted(requirements.items()):
        for concept in (f"krav/{id_}", *requirement.concepts):
            if moved(concept):
                moved_requirements.setdefault(id_, []).append(concept)
                yield ReferenceChange("requirement", id_, concept, new.resolve(concept))
    moved_roles = {id_: f"rolle/{id_}" for id_ in sorted(roles) if moved(f"rolle/{id_}")}
    for id_, concept in moved_roles.items():
        yield ReferenceChange("role", id_, concept, new.resolve(concept))
    for plan in sorted(engine.plans().values(), key=lambda p: p.id):
        for line in plan.lines:
            for concept in moved_requirements.get(line.requirement, ()):
                yield ReferenceChange("plan", plan.id, concept, new.resolve(concept), line.requirement)
        for role in plan.roles:
            if role in moved_roles:
                yield ReferenceChange(
                    "plan", plan.id, moved_roles[role], new.resolve(moved_roles[role]), role
                )
    for decision in engine.catalogue.decisions("tag"):
        if moved(decision.object):
            yield ReferenceChange("ruling", decision.subject, decision.object, new.resolve(decision.object))
    for resource in engine.catalogue.all(status="published"):
        for concept in resource_concepts(resource):
            if not concept.startswith("krav/") and moved(concept):
                yield ReferenceChange("resource", resource.id, concept, new.resolve(concept))


def _synonyms(
    old: Vocabulary, new: Vocabulary, before: LabelMatcher, after: LabelMatcher
) -> Iterator[SynonymChange]:
    """Yield the labels, old and new, that a query would be understood otherwise by."""
    touched = Touched(fingerprint(old), fingerprint(new))
    labels = {text for vocabulary in (old, new) for _, _, _, text in vocabulary.labels()}
    for label in sorted(labels):
        if not touched.occur_in([label]):
            continue
        was = tuple(sorted({m.concept for m in before.match_query(label)}))
        becomes = tuple(sorted({m.concept for m in after.match_query(label)}))
        if was != becomes:
            yield SynonymChange(label, was, becomes)


def _golden(
    engine: Engine, new: Vocabulary, judgements: Judgements, progress: Progress
) -> tuple[GoldenChange | None, str]:
    """Return what the golden queries say, or why they cannot be asked."""
    current = usable_build(engine)
    if current is None:
        return None, "the golden queries were not asked: run `kompetansegraf index` first"
    fair: dict[str, dict[str, int]] = {}

    def ask(build: Snapshot) -> Mapping[str, Answers]:
        fair.update(fair_judgements(build, judgements))
        try:
            return answer_golden(engine, build, fair)
        finally:
            engine.let_go()

    before = _asked_of_current(engine, current, ask)
    engine.use_vocabulary(new)
    after = BuildRun(engine, progress, base=current, vectors=bool(current.model_id)).trial(ask)
    changed = [
        QueryChange(
            query,
            round(was.ndcg, 4),
            round(after[query].ndcg, 4),
            tuple(id_ for id_ in was.hits if id_ not in after[query].hits),
            tuple(id_ for id_ in after[query].hits if id_ not in was.hits),
        )
        for query, was in before.items()
        if was != after[query]
    ]
    n = max(len(before), 1)
    return GoldenChange(
        len(before),
        round(sum(a.ndcg for a in before.values()) / n, 4),
        round(sum(a.ndcg for a in after.values()) / n, 4),
        tuple(changed),
    ), ""


def _asked_of_current(engine: Engine, current: BuildInfo, ask: Callable[[Snapshot], _T]) -> _T:
    index = engine.builds.open(current.id)
    try:
        return ask(Snapshot(current, index, engine.builds.folder(current.id)))
    finally:
        index.close()
