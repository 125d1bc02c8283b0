"""Which resources teach which requirements: by whose word, and how sure? Stated, ruled and proposed links.

A proposal says how sure it is: a probability made of how like the contents are (`engine.content_links`) and of the
share of the requirement's concepts, rare ones more, that the resource is about. What an editor has ruled is never
proposed against.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.model import IMPORTED, Decision, Resource
from graph.assembly import Link
from graph.model import Origin, Requirement
from vocab.concept import ConceptId

PROGRAM: Final = "kompetansegraf"
"""Who makes a proposal."""

SHARE_FROM: Final = 0.5
"""Share of a requirement's concepts that a resource must be about to be proposed by them alone."""

MOST: Final = 100
"""Proposals for one requirement, the surest ones."""


@dataclass(frozen=True, slots=True)
class LinkWeights:
    """How sure a proposal is: the logistic function of a sum; set on the development situations.

    Attributes
    ----------
    start, likeness, concepts
        The sum is ``start + likeness * score + concepts * share`` [log odds].
    threshold
        What is less sure is not proposed [probability].
    """

    start: float = -4.1
    likeness: float = 11.3
    concepts: float = 2.95
    threshold: float = 0.05

    def confidence(self, likeness: float, share: float) -> float:
        """Return the probability that a link holds.

        Examples
        --------
        >>> LinkWeights(-4.0, 10.0, 2.0).confidence(0.2, 1.0)
        0.5
        """
        return 1 / (1 + math.exp(-(self.start + self.likeness * likeness + self.concepts * min(share, 1.0))))


Links = dict[str, list[Link]]


def teaching_links(
    resources: Sequence[Resource],
    requirements: Sequence[Requirement],
    decisions: Iterable[Decision],
    likeness: Mapping[str, Mapping[str, float]] | None = None,
    weights: LinkWeights | None = None,
) -> tuple[Links, Links]:
    """Return stated and proposed links to requirements, by resource id.

    Parameters
    ----------
    resources, requirements
        Tagged, with concepts in use.
    decisions : iterable of Decision
        Rulings of kind ``teaches``: accepted makes a stated link, rejected keeps the proposal away.
    likeness : mapping of requirement to resource to score, optional
        How like their contents are; None where only words and concepts are known: then the share of concepts alone
        decides, from `SHARE_FROM`, and is the confidence.
    weights : LinkWeights, optional
        The measured ones by default.
    """
    verdicts = {(d.subject, d.object): d for d in decisions if d.kind == "teaches"}
    sure = _confidences(resources, requirements, likeness, weights or LinkWeights(), verdicts)
    ruled: defaultdict[str, set[str]] = defaultdict(set)
    for subject, object_ in verdicts:
        ruled[subject].add(object_)
    teaches: Links = {}
    proposed: Links = {}
    for r in resources:
        own = sure.get(r.id, {})
        for q_id in sorted({*r.teaches, *own, *ruled.get(r.id, ())}):
            ruling = verdicts.get((r.id, q_id))
            if ruling is not None:
                if ruling.verdict == "accepted":
                    origin: Origin = "import" if ruling.basis == IMPORTED else "editor"
                    link = Link(q_id, origin=origin, by=ruling.by, at=ruling.at.date())
                    teaches.setdefault(r.id, []).append(link)
            elif q_id in r.teaches:
                teaches.setdefault(r.id, []).append(Link(q_id, origin="editor", by=r.provider, at=_day(r)))
            else:
                link = Link(
                    q_id, origin="automatic", by=PROGRAM, at=_day(r), weight=own[q_id], confidence=own[q_id]
                )
                proposed.setdefault(r.id, []).append(link)
    return teaches, proposed


def _day(resource: Resource) -> date | None:
    """Return the day of the text that a link is made from."""
    return resource.updated or resource.published


def _confidences(
    resources: Sequence[Resource],
    requirements: Sequence[Requirement],
    likeness: Mapping[str, Mapping[str, float]] | None,
    w: LinkWeights,
    verdicts: Mapping[tuple[str, str], Decision],
) -> dict[str, dict[str, float]]:
    """Return how sure each proposal is, by resource and requirement, those that nobody has spoken of."""
    stated = {r.id: frozenset(r.teaches) for r in resources}
    shares = _shares(resources, requirements)
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for q in requirements:
        share = shares.get(q.id, {})
        if likeness is None:
            sure = {r: min(value, 1.0) for r, value in share.items() if value >= SHARE_FROM}
        else:
            like = likeness.get(q.id, {})
            both = {r: w.confidence(like.get(r, 0.0), share.get(r, 0.0)) for r in like.keys() | share.keys()}
            sure = {r: value for r, value in both.items() if value >= w.threshold}
        free = {r: v for r, v in sure.items() if q.id not in stated.get(r, ()) and (r, q.id) not in verdicts}
        for r in sorted(free, key=lambda r: (-free[r], r))[:MOST]:
            if r in stated:
                found[r][q.id] = round(free[r], 4)
    return found


def _shares(
    resources: Sequence[Resource], requirements: Sequence[Requirement]
) -> dict[str, dict[str, float]]:
    """Return the share of a requirement's concepts, weighted by rarity and score, by requirement and resource."""
    holders: defaultdict[ConceptId, list[tuple[str, float]]] = defaultdict(list)
    for r in resources:
        for tag in r.about:
            holders[tag.concept].append((r.id, tag.score))
    rarity = {c: math.log(1 + len(resources) / len(having)) for c, having in holders.items()}
    found: dict[str, dict[str, float]] = {}
    for q in requirements:
        whole = sum(rarity.get(c, 0.0) for c in q.concepts)
        share: Counter[str] = Counter()
        for c in q.concepts:
            for r_id, score in holders.get(c, ()):
                share[r_id] += score * rarity[c] / whole  # type: ignore[assignment]
        found[q.id] = dict(share)
    return found
