"""Which requirements would a text serve that is only being written? The proposal of links, for one text.

The same probability as in the graph (`engine.teaching_links`), made of what one text alone can tell: likeness of
contents to a requirement's words, and the share of its concepts, rare ones more. A proposal, and no link.
"""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.content_links import Likeness, likenesses, subject_text
from engine.errors import BackendError, IndexMissing
from engine.model import Resource, Tag, Vectors
from engine.passages import passage_hash
from engine.service import Engine
from engine.teaching_links import LinkWeights
from graph.competence_graph import CompetenceGraph
from graph.model import Requirement
from vocab.concept import ConceptId

LEAST: Final = 0.15
"""Confidence from which a requirement is named [probability]."""

_LOOKED_AT: Final = 30
_COMPUTED: Final = 64


@dataclass(frozen=True, slots=True)
class WouldServe:
    """A requirement that a text would serve, how surely, and the concepts that both are about."""

    requirement: Requirement
    confidence: float
    concepts: tuple[ConceptId, ...]


@dataclass(frozen=True)
class _Asked:
    seq: int
    model: str
    requirements: tuple[Requirement, ...]
    rows: Vectors


class DraftLinks:
    """Proposes requirements for texts that are in no catalogue; safe for several threads.

    Parameters
    ----------
    engine : Engine
        Plans, graph and model.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._known: _Asked | None = None

    def of(
        self, resource: Resource, tags: Sequence[Tag], vectors: Vectors, *, k: int = 5
    ) -> list[WouldServe]:
        """Return at most `k` requirements that a text would serve, the surest first.

        Parameters
        ----------
        resource : Resource
            The text.
        tags : sequence of Tag
            What it is about.
        vectors : float32 array of shape ``(n, dim)``
            Of its passages, unit rows; empty without a model.
        """
        asked = self._asked()
        if not asked.requirements:
            return []
        about = {tag.concept: tag.score for tag in tags}
        cosines = np.zeros(len(asked.requirements), dtype=np.float32)
        if len(vectors) and asked.rows.shape[1] == vectors.shape[1]:
            cosines = (asked.rows @ vectors.T).max(axis=1)
        shares = self._shares(asked.requirements, about)
        looked_at = set(np.argsort(-cosines, kind="stable")[:_LOOKED_AT].tolist()) if cosines.any() else set()
        looked_at |= {n for n, q in enumerate(asked.requirements) if shares.get(q.id)}
        some = sorted(looked_at)
        like = self._likeness(resource, vectors, [asked.requirements[n] for n in some], asked.rows[some])
        weights, found = LinkWeights(), []
        for n in some:
            q = asked.requirements[n]
            share = shares.get(q.id, 0.0)
            near = like.get(q.id)
            if not share and (near is None or not near.words):
                continue  # short texts are near to much
            sure = weights.confidence(near.score, share) if near else min(share, 1.0)
            if sure >= LEAST:
                shared = tuple(c for c in q.concepts if c in about)
                found.append(WouldServe(q, round(sure, 4), shared))
        return sorted(found, key=lambda one: (-one.confidence, one.requirement.id))[:k]

    def _likeness(
        self, resource: Resource, vectors: Vectors, some: Sequence[Requirement], rows: Vectors
    ) -> Mapping[str, Likeness]:
        if not len(vectors) or not some:
            return {}
        one = Resource("draft", resource.title, resource.summary, resource.body)
        found = likenesses(some, [one.id], lambda _: vectors, lambda _: {one.id: one}, lambda _: rows)
        return {q: row[0] for q, row in found.items()}

    def _shares(
        self, requirements: Sequence[Requirement], about: Mapping[ConceptId, float]
    ) -> dict[str, float]:
        """Return the share of each requirement's concepts, rare ones more, that a text is about."""
        graph = self._graph()
        asked = {q.id: q.concepts for q in requirements if any(c in about for c in q.concepts)}
        if not asked:
            return {}
        size = self._engine.catalogue.count(status="published")
        rarity = {c: math.log(1 + size / max(1, _holders(graph, c))) for own in asked.values() for c in own}
        return {
            id_: sum(about.get(c, 0.0) * rarity[c] for c in own) / sum(rarity[c] for c in own)
            for id_, own in asked.items()
        }

    def _graph(self) -> CompetenceGraph | None:
        try:
            return self._engine.graph()
        except IndexMissing:
            return None

    def _asked(self) -> _Asked:
        """Return the requirements in use with the vectors of their words, read again when plans have changed."""
        engine = self._engine
        seq, model = engine.catalogue.plan_seq(), engine.embedder.model_id if engine.embedder else ""
        with self._lock:
            if self._known is None or (self._known.seq, self._known.model) != (seq, model):
                used = [q for _, q in sorted(engine.requirements().items()) if q.replaced_by is None]
                self._known = _Asked(seq, model, tuple(used), self._rows(used))
            return self._known

    def _rows(self, requirements: Sequence[Requirement]) -> Vectors:
        embedder = self._engine.embedder
        if embedder is None:
            return np.zeros((len(requirements), 0), dtype=np.float32)
        texts = [". ".join(part for part in subject_text(q) if part) for q in requirements]
        hashes = [passage_hash(text) for text in texts]
        rows = np.zeros((len(requirements), embedder.dim), dtype=np.float32)
        try:
            known = dict(self._engine.vectors.get(embedder.model_id, hashes))
            missing = {h: t for h, t in zip(hashes, texts, strict=True) if h not in known}
            some = dict(list(missing.items())[:_COMPUTED])
            if some:
                known |= zip(some, embedder.encode(list(some.values()), "passage"), strict=True)
        except BackendError:
            return rows
        for n, hash_ in enumerate(hashes):
            if hash_ in known:
                rows[n] = known[hash_]
        return rows


def _holders(graph: CompetenceGraph | None, concept: ConceptId) -> int:
    node = f"concept:{concept}"
    if graph is None or node not in graph:
        return 0
    return sum(1 for e in graph.edges_to(node, {"about"}) if e.source.startswith("resource:"))
