"""What in a text speaks for a concept? How much of its labels stands where, and how near the meanings are.

Title and lead are short and chosen with care: a part of a label counts there. In the body a whole label counts, by
the number of sentences that have it. Boilerplate (*ved spørsmål, kontakt …*) counts nothing.

Of all concepts one is always the nearest, also to a recipe. So a concept that no words bear out is told to be `far`
unless text and concept are about as near as a passage and a query that it answers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from engine.concept_vectors import ConceptVectors
from engine.model import Resource, Span, Vectors
from vocab.analysis import Token, analyse
from vocab.concept import ConceptId, LabelKind, Lang
from vocab.label_overlap import LabelOverlap, Mentions, Overlap

LEAD = 400
"""How much of a body without a summary counts as its lead [code points], to the end of the line."""

SPANS = 10
"""Places told of a concept."""

NEAREST = 40
"""How many concepts are looked at for their meaning alone."""

HALF = 0.5
"""Share of a label from which the lead counts."""

BELOW, ABOVE = 0.03, 0.06
"""How far below the model's floor meanings may be that no words bear out, and how far above it they must be where there is
hardly more than a title, which is near to much; shares of the way from the floor to 1."""

TITLE_ALONE = 40
"""Code points of summary and body under which there is hardly more than a title."""

BOILERPLATE = re.compile(
    r"(?:^|(?<=\n)|(?<=[.!?:;]\s))(?:kontakt|ved spørsmål|har du spørsmål|contact|for spørsmål|spørsmål)\b[^\n]*?(?:[.!?;](?=\s)|$|\n)",
    re.IGNORECASE,
)

FieldName = Literal["title", "summary", "body"]


@dataclass(slots=True)
class Evidence:
    """What speaks for one concept.

    Attributes
    ----------
    title, lead : float
        Share of the best label that stands there, in [0, 1].
    mentions : int
        Sentences of the body with a whole label.
    meaning : float
        How many standard deviations the text is nearer to this concept than to the mean one; 0 without vectors.
    far : bool
        Whether the meaning alone speaks for the concept, and not by much: the two are far apart.
    label, lang, kind
        The label that is best covered; empty and None when the meaning alone speaks.
    spans : list of Span
        Where it stands; when the meaning alone speaks, the nearest passage.
    """

    title: float = 0.0
    lead: float = 0.0
    mentions: int = 0
    meaning: float = 0.0
    far: bool = False
    label: str = ""
    lang: Lang | None = None
    kind: LabelKind | None = None
    spans: list[Span] = field(default_factory=list)
    best: float = 0.0

    @property
    def has_words(self) -> bool:
        """Whether words speak for the concept, be it only one of a label in the title."""
        return self.title > 0 or self.lead > HALF or self.mentions > 0

    def note(self, share: float, found: Overlap | Mentions, place: FieldName, offset: int) -> None:
        """Take over a label that covers more, and its places."""
        if share > self.best:
            self.best, self.label, self.lang, self.kind = share, found.label, found.lang, found.kind
        for start, end in found.spans[: SPANS - len(self.spans)]:
            span = Span(place, start + offset, end + offset)
            if span not in self.spans:
                self.spans.append(span)


def gather(
    resource: Resource,
    labels: LabelOverlap,
    passages: Sequence[tuple[int, int]] = (),
    vectors: Vectors | None = None,
    concepts: ConceptVectors | None = None,
) -> dict[ConceptId, Evidence]:
    """Return what speaks for each concept that anything speaks for.

    Parameters
    ----------
    resource : Resource
        Its title, summary and body are read.
    labels : LabelOverlap
        Of the concepts that may be proposed.
    passages : sequence of (start, end), length n
        Pieces of the body [code points].
    vectors : float32 array of shape ``(n, dim)``, optional
        Unit vectors of the passages, in their order.
    concepts : ConceptVectors, optional
        Vectors of the same model.
    """
    found: dict[ConceptId, Evidence] = {}
    lead, rest, lead_field, offset = _lead(resource)
    for concept, overlap in labels.overlaps(resource.title).items():
        own = found.setdefault(concept, Evidence())
        own.title = overlap.share
        own.note(overlap.share, overlap, "title", 0)
    for concept, overlap in labels.overlaps(lead).items():
        own = found.setdefault(concept, Evidence())
        own.lead = overlap.share
        own.note(overlap.share - 0.01, overlap, lead_field, 0)  # of equal labels that in the title is told
    body = resource.body[rest:]
    for concept, mentions in labels.mentions(body, _content(body, analyse(body)), SPANS).items():
        own = found.setdefault(concept, Evidence())
        own.mentions = mentions.count
        own.note(0.9, mentions, "body", offset)
    if vectors is not None and concepts is not None and concepts.ids and len(vectors):
        short = len(resource.summary) + len(resource.body) < TITLE_ALONE
        least = concepts.floor + (ABOVE if short else -BELOW) * (1 - concepts.floor)
        _add_meaning(found, passages, vectors, concepts, least)
    return found


def _lead(resource: Resource) -> tuple[str, int, FieldName, int]:
    """Return the lead, where the rest of the body begins, and the field that the lead is in."""
    if resource.summary:
        return resource.summary, 0, "summary", 0
    end = resource.body.find("\n")
    if not 0 <= end <= LEAD:
        cut = resource.body.rfind(" ", 0, LEAD)
        end = len(resource.body) if len(resource.body) <= LEAD else max(cut, 0) or LEAD
    return resource.body[:end], end, "body", end


def _content(text: str, tokens: list[Token]) -> list[Token]:
    """Return the words that are no boilerplate."""
    out = [match.span() for match in BOILERPLATE.finditer(text)]
    if not out:
        return tokens
    return [t for t in tokens if not any(start <= t.start < end for start, end in out)]


def _add_meaning(
    found: dict[ConceptId, Evidence],
    passages: Sequence[tuple[int, int]],
    vectors: Vectors,
    concepts: ConceptVectors,
    least: float,
) -> None:
    """Add the meanings; what no words bear out is far with a cosine below `least`."""
    mean = vectors.mean(axis=0)
    cosines = concepts.rows @ (mean / max(float(np.linalg.norm(mean)), 1e-9))
    spread = float(cosines.std())
    if spread < 1e-9:  # one concept, or all alike: nothing is nearer than anything
        return
    deviations = (cosines - cosines.mean()) / spread
    nearest = np.argsort(-deviations, kind="stable")[:NEAREST]
    for row in nearest:
        found.setdefault(concepts.ids[int(row)], Evidence())
    for concept, own in found.items():
        known = concepts.row_of.get(concept)
        if known is None:
            continue
        own.meaning = float(deviations[known])
        own.far = not own.has_words and float(cosines[known]) < least
        if not own.spans and passages:
            start, end = passages[int(np.argmax(vectors @ concepts.rows[known]))]
            if end > start:
                own.spans.append(Span("body", start, end))
