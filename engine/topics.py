"""Which topics has a text that may be in no catalogue? The tagger with what it needs of vocabulary and model."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np

from engine.concept_vectors import ConceptVectors, known_concepts
from engine.errors import BackendError
from engine.model import Decision, Passage, Resource, Tag, Vectors
from engine.passages import passage_hash, passage_texts, split_passages
from engine.ports import Embedder, VectorCache
from engine.steering import NO_STEERING, Steering
from engine.tagging import Tagger, topic_schemes
from vocab.vocabulary import Vocabulary

log = logging.getLogger("kompetansegraf.engine")

PASSAGES = 8
"""How many passages of a text are embedded while somebody waits; longer texts are told by these, evenly spread."""


class Topics:
    """Tags texts with the topics of one vocabulary.

    Parameters
    ----------
    vocabulary
        Concepts and their labels.
    embedder : Embedder or None
        Without one, words alone decide.
    cache : VectorCache
        Vectors of passages and concepts computed before.
    exclude : collection of str
        Concepts and schemes that are never proposed.
    """

    def __init__(
        self, vocabulary: Vocabulary, embedder: Embedder | None, cache: VectorCache, exclude: Collection[str]
    ) -> None:
        self.schemes = topic_schemes(vocabulary)
        self.tagger = Tagger(vocabulary, exclude=exclude, concept_vectors=self._concept_vectors)
        self._vocabulary = vocabulary
        self._embedder = embedder
        self._cache = cache
        self._concepts: ConceptVectors | None = None

    @property
    def knows_meaning(self) -> bool:
        """Whether there is a model to compare texts and concepts with."""
        return self._embedder is not None

    def forget_vectors(self) -> None:
        """Look again for the vectors of concepts: some have been computed."""
        self._concepts = None

    def tags(
        self,
        resource: Resource,
        decisions: Iterable[Decision] = (),
        *,
        threshold: float | None = None,
        limit: int | None = None,
        exclude: Iterable[str] = (),
        include: Iterable[str] = (),
        steering: Steering = NO_STEERING,
    ) -> tuple[Tag, ...]:
        """Return the tags of a text as `Tagger.tags` does, with vectors that are known or computed."""
        passages, vectors = self._read(resource)
        return self.tagger.tags(
            resource,
            decisions,
            passages=passages,
            vectors=vectors,
            threshold=threshold,
            limit=limit,
            exclude=exclude,
            include=include,
            steering=steering,
        )

    def _concept_vectors(self) -> ConceptVectors | None:
        if self._embedder is None:
            return None
        if self._concepts is None:
            try:
                known = known_concepts(self._embedder.model_id, self._vocabulary, self.schemes, self._cache)
                self._concepts = replace(known, floor=self._embedder.floor)
            except BackendError as error:
                log.warning("texts are tagged by their words alone: %s", error)
                return None
        return self._concepts

    def _read(self, resource: Resource) -> tuple[tuple[Passage, ...], Vectors | None]:
        """Return passages with their vectors: all when those are known, else some; no vectors without a model."""
        passages = split_passages(resource.body)
        if self._embedder is None or not f"{resource.title}{resource.summary}{resource.body}".strip():
            return passages, None
        texts = passage_texts(resource, passages)
        hashes = [passage_hash(text) for text in texts]
        try:
            known = dict(self._cache.get(self._embedder.model_id, hashes))
            if len(known) < len(set(hashes)):
                step = -(-len(passages) // PASSAGES)
                passages, hashes = passages[::step], hashes[::step]
                wanted = {h: text for h, text in zip(hashes, texts[::step], strict=True) if h not in known}
                if wanted:
                    rows = self._embedder.encode(list(wanted.values()), "passage")
                    known |= dict(zip(wanted, rows, strict=True))
        except BackendError as error:
            log.warning("the text is tagged by its words alone: %s", error)
            return passages, None
        return passages, np.stack([known[h] for h in hashes])
