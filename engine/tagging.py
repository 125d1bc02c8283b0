"""Which concepts is this text about? Labels and meanings, weighed by fixed and documented weights.

Candidates are the concepts whose labels stand in the text, whole or in part, and those that it is nearest to in
meaning (`engine.tag_evidence`). The score is a logistic function of few features [1]_, so that it reads as a
probability and every feature's share can be told. Only topics (themes, conditions, procedures) become tags: roles,
patient groups and places named in a text say nothing certain of whom it is for.

References
----------
.. [1] O. Suominen, J. Inkinen, M. Lehtinen, "Annif and Finto AI: Developing and Implementing Automated
   Subject Indexing", JLIS.it 13(1), 2022: the features of MLLM, of which those are kept that help here.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from engine.concept_vectors import ConceptVectors
from engine.corrections import feature_class
from engine.model import Decision, Passage, Resource, Tag, Vectors
from engine.steering import NO_STEERING, Steering, standing, tag_order
from engine.tag_evidence import HALF, Evidence, gather
from vocab.concept import ConceptId
from vocab.label_overlap import WHOLE, LabelOverlap
from vocab.vocabulary import Vocabulary

NO_TOPICS = frozenset({"rolle", "malgruppe", "arena", "niva", "ressurstype", "krav", "spesialitet"})
"""Schemes of our own vocabulary whose concepts are no topics; so are those of schemes that are not lexical."""


@dataclass(frozen=True, slots=True)
class FeatureWeights:
    """What each feature adds to the log-odds that an indexer would give the concept."""

    bias: float
    title: float
    whole_title: float
    lead: float
    mentions: float
    meaning: float = 0.0

    @staticmethod
    def features(evidence: Evidence) -> tuple[float, float, float, float, float]:
        """Return what the weights but the bias are multiplied with, in their order."""
        return (
            evidence.title,
            float(evidence.title >= WHOLE),
            max(0.0, (evidence.lead - HALF) / (1 - HALF)),
            math.log1p(evidence.mentions),
            evidence.meaning,
        )

    def parts(self, evidence: Evidence) -> dict[str, float]:
        """Return what each feature adds; their sum is the score's log-odds."""
        title, whole_title, lead, mentions, meaning = self.features(evidence)
        return {
            "bias": self.bias,
            "title": self.title * title + self.whole_title * whole_title,
            "lead": self.lead * lead,
            "mentions": self.mentions * mentions,
            "meaning": self.meaning * meaning,
        }


@dataclass(frozen=True, slots=True)
class TagWeights:
    """Weights with the text's vectors and without; chosen on the development half of the hand-indexed set.

    A concept becomes a tag from `threshold`; the best of a text already from `first`, for a text is about something:
    but not by words alone, which may be parts of other words. One that only the meaning speaks for has to be near too
    (`Evidence.far`), for a text may be about nothing of this vocabulary.
    """

    with_meaning: FeatureWeights = FeatureWeights(-6.4, 2.0, 1.5, 2.7, 1.6, 1.1)
    words_only: FeatureWeights = FeatureWeights(-4.8, 3.9, 0.8, 3.1, 2.1)
    threshold: float = 0.15
    first: float = 0.05
    limit: int = 12


class Tagger:
    """Tags resources with concepts of one vocabulary.

    Parameters
    ----------
    vocabulary
        Concepts and their labels.
    weights : TagWeights, optional
        The documented ones by default.
    exclude : iterable of str
        Concepts (``tema/fall``) and whole schemes (``tilstand``) that are never proposed.
    concept_vectors : callable, optional
        Returns the vectors of the topics, of the model that the resources' vectors are of; None when there are none.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        weights: TagWeights | None = None,
        exclude: Iterable[str] = (),
        concept_vectors: Callable[[], ConceptVectors | None] = lambda: None,
    ) -> None:
        self._exclude = frozenset(exclude)
        self._vocabulary = vocabulary
        self.weights = weights or TagWeights()
        self._schemes = topic_schemes(vocabulary)
        self._concept_vectors = concept_vectors

    @cached_property
    def _labels(self) -> LabelOverlap:
        return LabelOverlap(self._vocabulary, lambda concept: concept.split("/", 1)[0] in self._schemes)

    def tags(
        self,
        resource: Resource,
        decisions: Iterable[Decision] = (),
        *,
        passages: Sequence[Passage] = (),
        vectors: Vectors | None = None,
        threshold: float | None = None,
        limit: int | None = None,
        exclude: Iterable[str] = (),
        include: Iterable[str] = (),
        steering: Steering = NO_STEERING,
    ) -> tuple[Tag, ...]:
        """Return the tags of a resource: pinned ones first, then the best, ties by concept.

        Parameters
        ----------
        resource : Resource
            Its `themes` become tags of origin ``editor`` with score 1.
        decisions : iterable of Decision
            Rulings of kind ``tag`` on this resource: an accepted or pinned concept gets score 1 and stays, a
            rejected one is kept out as long as the text is the same (`engine.steering`).
        passages : sequence of Passage, length n
            Pieces of the body, from `split_passages`.
        vectors : float32 array of shape ``(n, dim)``, optional
            Their vectors; without them words alone decide.
        threshold, limit : optional
            In place of those of the weights; with a threshold of the caller's the best is no exception, and with 0
            all are ranked, also those that are far in meaning.
        exclude : iterable of str
            Concepts and schemes left out this time, besides the tagger's own.
        include : iterable of str
            Only these concepts and schemes, when there are any.
        steering : Steering
            Concepts that are blocked, and corrections of the scores.

        Returns
        -------
        tuple of Tag
            At most `limit` automatic ones, each with the spans that made it and what each
            feature added.
        """
        w = self.weights
        rulings = standing(resource, decisions, self._vocabulary.resolve)
        evidence, meant = self.evidence(resource, passages, vectors)
        weights = w.with_meaning if meant else w.words_only
        parts = {concept: weights.parts(found) for concept, found in evidence.items()}
        tags: dict[ConceptId, Tag] = {}
        for theme in resource.themes:
            concept = ConceptId(f"tema/{theme}")
            if concept in self._vocabulary:
                tags[concept] = _tag(concept, 1.0, evidence.get(concept), "editor", None)
        for concept, verdict in rulings.kept.items():
            tags[concept] = _tag(concept, 1.0, evidence.get(concept), "editor", verdict)
        out = self._exclude | frozenset(exclude) | rulings.out | steering.blocked(resource)
        only = frozenset(include)
        least = w.threshold if threshold is None else threshold
        ranked = sorted(
            (-_logistic(sum(own.values())), concept)
            for concept, own in self._corrected(parts, evidence, steering).items()
            if concept not in tags
            and not (evidence[concept].far and least > 0)
            and not {concept, concept.split("/", 1)[0]} & out
            and (not only or {concept, concept.split("/", 1)[0]} & only)
        )
        for place, (negative, concept) in enumerate(ranked[: w.limit if limit is None else limit]):
            alone = meant and place == 0 and not tags and threshold is None
            if -negative < (w.first if alone else least):
                break
            tags[concept] = _tag(concept, -negative, evidence[concept], "automatic", None, parts[concept])
        kept = [replace(t, again=c in rulings.again) for c, t in tags.items() if c not in rulings.out]
        return tuple(sorted(kept, key=tag_order))

    @staticmethod
    def _corrected(
        parts: dict[ConceptId, dict[str, float]],
        evidence: Mapping[ConceptId, Evidence],
        steering: Steering,
    ) -> dict[ConceptId, dict[str, float]]:
        """Add what editors' rulings have taught."""
        if steering.corrections:
            for concept, own in parts.items():
                e = evidence[concept]
                own["corrections"] = steering.corrections.shift(
                    concept, e.label, feature_class(e.spans, e.kind)
                )
        return parts

    def evidence(
        self, resource: Resource, passages: Sequence[Passage] = (), vectors: Vectors | None = None
    ) -> tuple[dict[ConceptId, Evidence], bool]:
        """Return what speaks for each concept, as `tags` weighs it, and whether meaning is part of it."""
        concepts = self._concept_vectors() if vectors is not None else None
        found = gather(resource, self._labels, [(p.start, p.end) for p in passages], vectors, concepts)
        return found, concepts is not None and bool(concepts.ids)


def topic_schemes(vocabulary: Vocabulary) -> frozenset[str]:
    """Return the schemes whose concepts may become tags: all lexical ones of others, of our own those with topics.

    Examples
    --------
    >>> from vocab.vocabulary import open_vocabulary
    >>> sorted(topic_schemes(open_vocabulary()))
    ['prosedyre', 'tema', 'tilstand']
    """
    return frozenset(
        scheme.id
        for scheme in vocabulary.schemes
        if scheme.lexical and (scheme.id not in NO_TOPICS or scheme.id in vocabulary.foreign)
    )


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _tag(
    concept: ConceptId,
    score: float,
    evidence: Evidence | None,
    origin: str,
    decision: str | None,
    parts: Mapping[str, float] | None = None,
) -> Tag:
    return Tag(
        concept=concept,
        score=round(score, 6),
        spans=tuple(evidence.spans) if evidence else (),
        origin="editor" if origin == "editor" else "automatic",
        label=evidence.label if evidence else "",
        label_kind=evidence.kind if evidence else None,
        label_lang=evidence.lang if evidence else None,
        decision="accepted" if decision == "accepted" else "pinned" if decision == "pinned" else None,
        features=tuple((name, round(value, 3)) for name, value in (parts or {}).items() if value),
    )
