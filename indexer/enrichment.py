"""How does a resource become an index entry? Tagged, cut into passages, embedded, analysed.

What a resource gets depends on itself, the vocabulary, the model and the rulings on it, never on other
resources: one that has not changed need not be looked at again.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Final

from engine import content_links as likeness_rules
from engine import entry as entry_rules
from engine import passages as passage_rules
from engine import tag_evidence as evidence_rules
from engine import tagging as tagging_rules
from engine import teaching_links as link_rules
from engine.concept_vectors import unknown_texts
from engine.content_links import LikenessWeights, subject_text
from engine.entry import make_entry
from engine.merges import tags_with_merged
from engine.model import Decision, IndexEntry, Passage, Resource, Tag, Vectors
from engine.passages import passage_texts, split_passages
from engine.progress import Progress, Quiet
from engine.replaced_concepts import as_meant
from engine.service import Engine
from engine.settings import Settings
from engine.steering import NO_STEERING, Steering
from engine.tag_evidence import Evidence
from engine.tagging import TagWeights
from engine.teaching_links import LinkWeights
from graph.model import Requirement
from indexer.embedding import PassageEmbedder
from vocab.concept import ConceptId

PIPELINE_VERSION: Final = 2
"""Changes when entries change in a way that `recipe` does not see."""

SURE_TOPIC: Final = 0.75
"""Score from which a concept of a requirement's words counts as said by whoever wrote them [probability]."""

CONCEPTS_AT_ONCE: Final = 256
"""Texts of concepts that are embedded between two signs of life."""


class Enricher:
    """Makes entries of resources.

    Parameters
    ----------
    engine : Engine
        Vocabulary and matcher.
    embedder : PassageEmbedder or None
        None leaves entries without vectors.
    rulings : mapping of resource id to decisions
        Editors' rulings of kind ``tag``.
    progress : Progress, optional
        Told of concepts whose vectors are computed: those of a vocabulary that is new to this data folder.
    steering : Steering
        What editors have said of the tags of all resources.

    Attributes
    ----------
    vocabulary : Vocabulary
        The one in use when it was made; entries are of this one, whatever comes into use meanwhile.
    """

    def __init__(
        self,
        engine: Engine,
        embedder: PassageEmbedder | None,
        rulings: Mapping[str, Sequence[Decision]],
        progress: Progress | None = None,
        steering: Steering = NO_STEERING,
    ) -> None:
        self.vocabulary, self._topics = engine.tagging_words()
        self._embedder = embedder
        self.rulings = rulings
        self.steering = steering
        if embedder is not None and self._topics.knows_meaning:
            self._embed_concepts(embedder, progress or Quiet())

    def _embed_concepts(self, embedder: PassageEmbedder, progress: Progress) -> None:
        texts = unknown_texts(embedder.model_id, self.vocabulary, self._topics.schemes)
        if not texts or not embedder.missing(texts):
            return
        progress.begin("embedding concepts", len(texts))
        for at in range(0, len(texts), CONCEPTS_AT_ONCE):
            some = texts[at : at + CONCEPTS_AT_ONCE]
            embedder.vectors(some)
            progress.advance(len(some))
        progress.end()
        self._topics.forget_vectors()

    @classmethod
    def tagging_only(cls, engine: Engine, progress: Progress | None = None) -> "Enricher":
        """Return one that tags by the vocabulary, the rulings and the model that there are now."""
        embedder = PassageEmbedder(engine.embedder, engine.vectors) if engine.embedder else None
        rulings = tag_rulings(tags_with_merged(engine.catalogue))
        return cls(engine, embedder, rulings, progress, engine.steering())

    @property
    def schemes(self) -> frozenset[str]:
        """Schemes whose concepts may become tags."""
        return self._topics.schemes

    @property
    def knows_meaning(self) -> bool:
        """Whether texts can be compared by what they mean."""
        return self._topics.knows_meaning

    def topics_of(self, requirement: Requirement) -> tuple[ConceptId, ...]:
        """Return what a requirement is surely about, by its own words: a doubtful concept would link what is not meant."""
        title, text = subject_text(requirement)
        tags = self._topics.tags(Resource(f"krav/{requirement.id}", title, body=text))
        return tuple(tag.concept for tag in tags if tag.score >= SURE_TOPIC)

    def tagged(self, resources: Sequence[Resource]) -> Iterator[Resource]:
        """Yield resources with the tags that their entries would have."""
        for resource, cut, own in self._cut(resources):
            yield replace(resource, about=self._tags(resource, cut, own))

    def entries(
        self, resources: Sequence[Resource], tagged: Mapping[str, Resource] | None = None
    ) -> Iterator[IndexEntry]:
        """Yield the entries of resources, in their order; the vectors of all are made at once.

        What has been `tagged` already, by id, is not tagged again.
        """
        for resource, cut, own in self._cut(resources):
            known = tagged.get(resource.id) if tagged else None
            tags = self._tags(resource, cut, own) if known is None else known.about
            yield make_entry(replace(resource, about=tags), self.vocabulary, cut, own)

    def ranked_tags(
        self, resources: Sequence[Resource], limit: int
    ) -> Iterator[tuple[tuple[Tag, ...], tuple[Tag, ...]]]:
        """Yield the tags of resources as entries have them, and the best ones whatever their score."""
        for resource, cut, own in self._cut(resources):
            yield (
                self._tags(resource, cut, own),
                self._tags(resource, cut, own, threshold=0.0, limit=limit),
            )

    def evidence(self, resources: Sequence[Resource]) -> Iterator[tuple[dict[ConceptId, Evidence], bool]]:
        """Yield what speaks for the concepts of resources, and whether their meaning is part of it."""
        for resource, cut, own in self._cut(resources):
            yield self._topics.tagger.evidence(resource, cut, own)

    def _cut(
        self, resources: Sequence[Resource]
    ) -> Iterator[tuple[Resource, tuple[Passage, ...], Vectors | None]]:
        passages = [split_passages(resource.body) for resource in resources]
        vectors = None
        if self._embedder is not None:
            texts = [t for r, cut in zip(resources, passages, strict=True) for t in passage_texts(r, cut)]
            vectors = self._embedder.vectors(texts)
        at = 0
        for resource, cut in zip(resources, passages, strict=True):
            yield resource, cut, None if vectors is None else vectors[at : at + len(cut)]
            at += len(cut)

    def _tags(
        self,
        resource: Resource,
        cut: tuple[Passage, ...],
        own: Vectors | None,
        *,
        threshold: float | None = None,
        limit: int | None = None,
    ) -> tuple[Tag, ...]:
        return self._topics.tagger.tags(
            *as_meant(resource, self.rulings.get(resource.id, ()), self.vocabulary),
            passages=cut,
            vectors=own,
            threshold=threshold,
            limit=limit,
            steering=self.steering,
        )


def tag_rulings(decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    """Return rulings by the resource that they are on."""
    found: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        found[decision.subject].append(decision)
    return dict(found)


def ruling_digests(rulings: Mapping[str, Sequence[Decision]]) -> dict[str, str]:
    """Return a hash [16 hex digits] of the rulings on each subject: as long as it stays, so do the tags."""
    return {
        subject: _digest(sorted((d.kind, d.object, d.verdict, d.by, d.at.isoformat()) for d in decisions))[
            :16
        ]
        for subject, decisions in rulings.items()
    }


def rulings_digest(rulings: Mapping[str, Sequence[Decision]]) -> str:
    """Return one hash [16 hex digits] of all rulings."""
    return _digest(sorted(ruling_digests(rulings).items()))[:16]


def recipe(settings: Settings) -> str:
    """Return a hash of the rules that make entries and graphs; other rules need a whole new build."""
    weights = [repr(kind()) for kind in (TagWeights, LikenessWeights, LinkWeights)]
    rules = [f"pipeline={PIPELINE_VERSION}", *weights, f"exclude={sorted(settings.tag_exclude)}"]
    rules += [
        f"sure_topic={SURE_TOPIC}",
        f"floor={settings.embedder_floor}",
    ]  # a meaning alone makes no tag below it
    for module in (entry_rules, passage_rules, evidence_rules, tagging_rules, likeness_rules, link_rules):
        rules += _constants(module)
    return _digest(rules)[:16]


def _constants(module: ModuleType) -> list[str]:
    """Return the constants of a module with their values, in an order that every process shares."""
    found = []
    for name, value in sorted(vars(module).items()):
        if name.isupper() and not name.startswith("_"):
            shown = sorted(value) if isinstance(value, frozenset) else getattr(value, "pattern", value)
            found.append(f"{name}={shown!r}")
    return found


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=list).encode()).hexdigest()
