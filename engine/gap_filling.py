"""What could fill this gap? The nearest existing resources with evidence, what each would take, and rulings on them.

A candidate is linked to the requirement and would serve in another language, edition or after a review; or it is not
linked yet and the program finds it likely. Who accepts a likely one rules on the link (`engine.link_editing`). Who
rejects one is not offered it again: a link is ruled out, and of what is linked already only the adapting is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from engine.content_links import subject_text
from engine.errors import BackendError, InvalidRequest
from engine.link_editing import LinkEditor, LinkRow, LinkVerdict, SharedConcept
from engine.model import COMMON_EDITION, Decision, Resource, SearchRequest, Vectors
from engine.passages import passage_hash
from engine.search import ALL_EDITIONS, review_expired
from engine.service import Engine
from engine.text_prints import stems
from graph.model import Requirement
from vocab.analysis import is_function_word

Step = Literal["link", "renew", "publish", "share", "translate", "adapt"]
"""What it takes: rule on the link, renew the review, publish, share with the edition, translate, make another type."""

STEPS: Final[tuple[Step, ...]] = ("link", "renew", "publish", "share", "translate", "adapt")
COSTS: Final[dict[Step, float]] = {
    "link": 0.0,
    "renew": 0.1,
    "publish": 0.1,
    "share": 0.15,
    "translate": 0.3,
    "adapt": 0.3,
}
"""What each step takes off the confidence, for the order of candidates: how much work it is [probability]."""

SNIPPET: Final = 280
"""Longest passage that is shown [characters]."""

_SEARCHED: Final = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """The passage of a resource that is nearest to a requirement: offsets in the body, the text, the cosine.

    `cosine` None: told by words alone.
    """

    start: int
    end: int
    text: str
    cosine: float | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that could fill a gap.

    Attributes
    ----------
    steps
        What it takes, in the order of `STEPS`.
    linked
        Whether it is linked to the requirement already, stated or ruled.
    confidence
        How sure the program is of the link; None where it is linked, or nothing is known.
    shared
        Concepts that both are about.
    """

    resource: Resource
    requirement: str
    steps: tuple[Step, ...]
    linked: bool
    confidence: float | None
    shared: tuple[SharedConcept, ...]
    passage: Evidence | None

    @property
    def score(self) -> float:
        """What orders candidates: the confidence less what the steps cost."""
        sure = 1.0 if self.linked else self.confidence or 0.0
        return sure - sum(COSTS[step] for step in self.steps)


class GapFiller:
    """Offers resources for gaps, and keeps what editors say of them.

    Parameters
    ----------
    engine : Engine
        Catalogue, graph, index and clock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._links = LinkEditor(engine)

    def requirement(self, name: str) -> Requirement:
        """Return the requirement that counts for an id or a code; raises NotFound or InvalidRequest."""
        return self._links.requirement(name)

    def candidates(
        self,
        name: str,
        *,
        edition: str = COMMON_EDITION,
        language: str | None = None,
        resource_type: str | None = None,
    ) -> list[Candidate]:
        """Return what could fill a gap, what takes least first; resources that fill it already are not among them.

        Parameters
        ----------
        name : str
            Id or code of the requirement.
        edition, language, resource_type : str
            Where, in which language and of which type it is wanted; None is any.

        Raises
        ------
        NotFound
            If there is no such requirement.
        InvalidRequest
            If several have the code.
        """
        wanted = self.requirement(name)
        rows = {row.resource: row for row in self._links.of_requirement(wanted.id)}
        if not any(row.state == "proposed" for row in rows.values()):
            rows |= {row.resource: row for row in self._searched(wanted, rows.keys())}
        refused = {d.subject for d in self._refusals() if d.object == wanted.id}
        resources = self._engine.catalogue.get_many(sorted(rows))
        vector = self._vector(wanted)
        found = []
        for id_, row in rows.items():
            resource = resources.get(id_)
            if resource is None or row.state == "rejected" or id_ in refused:
                continue
            steps = self._steps(resource, row, edition, language, resource_type)
            if steps:
                linked = row.state != "proposed"
                sure = None if linked else row.confidence
                found.append(Candidate(resource, wanted.id, steps, linked, sure, row.shared, None))
        found.sort(key=lambda c: (-c.score, c.resource.id))
        return [self._with_passage(c, wanted, vector) for c in found[:100]]

    def rule(
        self, name: str, resource_id: str, verdict: LinkVerdict, *, by: str, reason: str = ""
    ) -> Decision:
        """Accept or reject a candidate; return the ruling.

        Raises
        ------
        NotFound
            If there is no such requirement or resource.
        InvalidRequest
            If a resource is accepted that is linked already: what it takes is done to the resource itself.
        """
        wanted = self.requirement(name)
        resource = self._links.resource(resource_id)
        row = next((r for r in self._links.of_resource(resource_id) if r.requirement == wanted.id), None)
        if row is None or row.state in {"proposed", "rejected"}:
            ruled = self._links.rule(resource_id, wanted.id, verdict, by=by, reason=reason).ruling
            assert ruled is not None
            return ruled
        if verdict == "accepted":
            raise InvalidRequest(f"resource: {resource.id!r} is linked to {wanted.id!r} already")
        for earlier in self._refusals(resource_id):
            if (earlier.object, earlier.reason) == (wanted.id, reason):
                return earlier
        ruling = Decision("gap", resource.id, wanted.id, "rejected", by, self._engine.now(), reason)
        self._engine.catalogue.record(ruling)
        return ruling

    def withdraw(self, name: str, resource_id: str, *, by: str) -> None:
        """Take a ruling on a candidate back: it is offered again; raises NotFound when there is none."""
        wanted = self.requirement(name).id
        if any(d.object == wanted for d in self._refusals(resource_id)):
            self._engine.catalogue.record(
                Decision("gap", resource_id, wanted, "withdrawn", by, self._engine.now())
            )
            return
        self._links.withdraw(resource_id, wanted, by=by)

    # --- inside ------------------------------------------------------------------------------

    def _refusals(self, resource_id: str | None = None) -> Sequence[Decision]:
        return [d for d in self._engine.catalogue.decisions("gap", resource_id) if d.verdict == "rejected"]

    def _steps(
        self, r: Resource, row: LinkRow, edition: str, language: str | None, kind: str | None
    ) -> tuple[Step, ...]:
        """Return what it takes until a resource fills the gap; nothing if it does already."""
        asked: dict[Step, bool] = {
            "link": row.state == "proposed",
            "renew": review_expired(r, self._engine.today()),
            "publish": r.status == "draft",
            "share": r.edition not in {COMMON_EDITION, edition},
            "translate": language not in {None, r.language},
            "adapt": kind not in {None, r.resource_type},
        }
        return tuple(step for step in STEPS if asked[step])

    def _searched(self, wanted: Requirement, known: Collection[str]) -> list[LinkRow]:
        """Return what a search for its words finds, for a requirement that the graph has no proposals for."""
        title, _ = subject_text(wanted)
        try:
            hits = self._engine.search(
                SearchRequest(text=title, edition=ALL_EDITIONS, k=_SEARCHED, facets=())
            ).hits
        except BackendError:
            return []
        asked = set(wanted.concepts)
        return [
            LinkRow(
                hit.resource.id, hit.resource.title, hit.resource.language, hit.resource.edition,
                hit.resource.status, wanted.id, wanted.labels, "proposed", None, "", None, False,
                tuple(SharedConcept(t.concept, t.score) for t in hit.resource.about if t.concept in asked),
            )
            for hit in hits
            if hit.resource.id not in known
        ]  # fmt: skip

    def _vector(self, wanted: Requirement) -> Vectors | None:
        engine = self._engine
        if engine.embedder is None:
            return None
        text = ". ".join(part for part in subject_text(wanted) if part)
        hash_ = passage_hash(text)
        try:
            known = engine.vectors.get(engine.embedder.model_id, [hash_])
            return known[hash_] if hash_ in known else engine.embedder.encode([text], "passage")[0]
        except BackendError:
            return None

    def _with_passage(self, c: Candidate, wanted: Requirement, vector: Vectors | None) -> Candidate:
        found = self._passage(c.resource, wanted, vector)
        return Candidate(c.resource, c.requirement, c.steps, c.linked, c.confidence, c.shared, found)

    def _passage(self, r: Resource, wanted: Requirement, vector: Vectors | None) -> Evidence | None:
        """Return the piece of a resource's body that is nearest to a requirement."""
        places, rows = self._engine.passages(r.id)
        places = tuple((start, end) for start, end in places if r.body[start:end].strip())
        if not places:
            return None
        if vector is not None and len(rows) == len(places) and rows.shape[1] == len(vector):
            cosines = rows @ vector
            best = int(np.argmax(cosines))
            cosine: float | None = round(float(cosines[best]), 3)
        else:
            title, told = subject_text(wanted)
            asked = set(stems(" ".join(w for w in f"{title} {told}".split() if not is_function_word(w))))
            shared = [len(asked & set(stems(r.body[start:end]))) for start, end in places]
            best, cosine = int(np.argmax(shared)), None
            if not shared[best]:
                return None
        start, end = places[best]
        text = " ".join(r.body[start:end].split())
        if len(text) > SNIPPET:
            text = f"{text[:SNIPPET].rsplit(' ', 1)[0]} …"
        return Evidence(start, end, text, cosine)
