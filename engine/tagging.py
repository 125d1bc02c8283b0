"""Which concepts is this text about? Label matches, scored by fixed and documented weights.

Candidates are the concepts whose labels stand in the text; features follow MLLM (field, frequency,
first occurrence, label kind and length, ambiguity, related candidates) under fixed weights, since
there is no training set. Only topics (themes, conditions, procedures) become tags: roles, patient
groups and places named in a text say nothing certain of whom it is for.

References
----------
.. [1] O. Suominen, J. Inkinen, M. Lehtinen, "Annif and Finto AI: Developing and Implementing Automated
   Subject Indexing", JLIS.it 13(1), 2022.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from engine.corrections import feature_class
from engine.model import Decision, Resource, Span, Tag
from engine.steering import NO_STEERING, Steering, standing, tag_order
from vocab.concept import ConceptId, LabelKind
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary

TOPIC_SCHEMES = frozenset({"tema", "tilstand", "prosedyre"})
LOOK_BACK = 400
"""How far back the beginning of a sentence is looked for [code points]."""

BOILERPLATE = re.compile(
    r"(kontakt|ved spørsmål|har du spørsmål|contact|for spørsmål|spørsmål)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TagWeights:
    """Weights of the features; the score is ``1 - exp(-sum)``, in [0, 1)."""

    title: float = 1.0
    summary: float = 0.5
    body: float = 0.22
    boilerplate: float = 0.02
    alt: float = 0.9
    hidden: float = 0.7
    extra_token: float = 0.15
    early: float = 0.1
    ambiguous: float = 0.5
    related: float = 0.15
    threshold: float = 0.3
    limit: int = 12
    spans: int = 10


@dataclass(slots=True)
class _Candidate:
    mass: float = 0.0
    count: int = 0
    first: float = 1.0
    tokens: int = 1
    ambiguous: bool = False
    label: str = ""
    kind: LabelKind = "pref"
    spans: list[Span] = field(default_factory=list)


class Tagger:
    """Tags resources with concepts of one vocabulary.

    Parameters
    ----------
    vocabulary, matcher
        Concepts and their labels.
    weights : TagWeights, optional
        The documented ones by default.
    exclude : iterable of str
        Concepts (``tema/fall``) and whole schemes (``tilstand``) that are never proposed.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        matcher: LabelMatcher,
        weights: TagWeights | None = None,
        exclude: Iterable[str] = (),
    ) -> None:
        self._exclude = frozenset(exclude)
        self._vocabulary = vocabulary
        self._matcher = matcher
        self._weights = weights or TagWeights()

    def tags(
        self,
        resource: Resource,
        decisions: Iterable[Decision] = (),
        *,
        threshold: float | None = None,
        limit: int | None = None,
        exclude: Iterable[str] = (),
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
        threshold, limit : optional
            In place of those of the weights.
        exclude : iterable of str
            Concepts and schemes left out this time, besides the tagger's own.
        steering : Steering
            Concepts that are blocked, and corrections of the scores.

        Returns
        -------
        tuple of Tag
            At most `limit` automatic ones at or above `threshold`, each with the spans that made it.
        """
        w = self._weights
        rulings = standing(resource, decisions, self._vocabulary.resolve)
        candidates = self._candidates(resource)
        scored = {
            c: steering.corrections.corrected(
                self._score(c, cand, candidates), c, cand.label, feature_class(cand.spans, cand.kind)
            )
            for c, cand in candidates.items()
        }
        tags: dict[ConceptId, Tag] = {}
        for theme in resource.themes:
            concept = ConceptId(f"tema/{theme}")
            if concept in self._vocabulary:
                tags[concept] = self._tag(concept, 1.0, candidates.get(concept), "editor", None)
        for concept, verdict in rulings.kept.items():
            tags[concept] = self._tag(concept, 1.0, candidates.get(concept), "editor", verdict)
        out = self._exclude | frozenset(exclude) | rulings.out | steering.blocked(resource)
        least = w.threshold if threshold is None else threshold
        automatic = sorted(
            (-s, c)
            for c, s in scored.items()
            if s >= least and c not in tags and not {c, c.split("/", 1)[0]} & out
        )
        for negative, concept in automatic[: w.limit if limit is None else limit]:
            tags[concept] = self._tag(concept, -negative, candidates[concept], "automatic", None)
        kept = [replace(t, again=c in rulings.again) for c, t in tags.items() if c not in rulings.out]
        return tuple(sorted(kept, key=tag_order))

    def _candidates(self, resource: Resource) -> dict[ConceptId, _Candidate]:
        w = self._weights
        found: defaultdict[ConceptId, _Candidate] = defaultdict(_Candidate)
        fields: tuple[tuple[Literal["title", "summary", "body"], str, float], ...] = (
            ("title", resource.title, w.title),
            ("summary", resource.summary, w.summary),
            ("body", resource.body, w.body),
        )
        for name, text, field_weight in fields:
            length = max(len(text), 1)
            for m in self._matcher.matches(text):
                if m.concept.split("/", 1)[0] not in TOPIC_SCHEMES:
                    continue
                concept = self._vocabulary.resolve(m.concept)
                if concept is None:
                    continue
                c = found[concept]
                weight = field_weight
                if name == "body" and BOILERPLATE.match(text, _line_start(text, m.start)):
                    weight = w.boilerplate
                weight *= {"pref": 1.0, "alt": w.alt, "hidden": w.hidden}[m.kind]
                tokens = len(m.label.split())
                weight *= 1 + w.extra_token * (tokens - 1)
                c.mass += weight / math.sqrt(1 + c.count)  # the tenth mention says less than the first
                c.count += 1
                if not c.label or tokens > c.tokens:
                    c.label, c.kind, c.tokens = m.label, m.kind, tokens
                c.ambiguous = m.ambiguous
                if name == "body":
                    c.first = min(c.first, m.start / length)
                else:
                    c.first = 0.0
                if len(c.spans) < w.spans:
                    c.spans.append(Span(name, m.start, m.end))
        return dict(found)

    def _score(self, concept: ConceptId, c: _Candidate, all_: dict[ConceptId, _Candidate]) -> float:
        w = self._weights
        mass = c.mass + w.early * (1 - c.first)
        known = self._vocabulary.get(concept)
        if known is not None:
            near = {*known.broader, *known.narrower, *known.related}
            mass += w.related * min(2, len(near & all_.keys()))
        if c.ambiguous:
            mass *= w.ambiguous
        return 1 - math.exp(-mass)

    def _tag(
        self,
        concept: ConceptId,
        score: float,
        c: _Candidate | None,
        origin: str,
        decision: str | None,
    ) -> Tag:
        return Tag(
            concept=concept,
            score=round(score, 6),
            spans=tuple(c.spans) if c else (),
            origin="editor" if origin == "editor" else "automatic",
            label=c.label if c else "",
            label_kind=c.kind if c else None,
            decision="accepted" if decision == "accepted" else "pinned" if decision == "pinned" else None,
        )


def _line_start(text: str, at: int) -> int:
    """Return where the sentence or line begins that a match stands in, at most `LOOK_BACK` before it."""
    least = max(0, at - LOOK_BACK)
    start = max(text.rfind("\n", least, at) + 1, text.rfind(". ", least, at) + 2, least)
    return start if start > 1 else least
