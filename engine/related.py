"""What belongs beside this text, as editors rule? Related resources with reasons, and rulings on them.

What is accepted comes first in the readers' list of similar resources, what is rejected is never in it again. Copies
and translations of a text do not belong beside it: they are the text itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from engine.duplicates import Comparison
from engine.errors import InvalidRequest, NotFound
from engine.facets import value_label
from engine.link_editing import LinkEditor, LinkVerdict
from engine.model import Decision, Resource
from engine.reports.status import label_of
from engine.service import Engine
from graph.status import Language
from vocab.concept import ConceptId

RelatedState = Literal["accepted", "proposed", "rejected"]
Texts = Mapping[str, str]

STATE_NAMES: Final[Mapping[RelatedState, Texts]] = {
    "accepted": {"nb": "godtatt", "nn": "godteken", "en": "accepted"},
    "proposed": {"nb": "foreslått", "nn": "føreslegen", "en": "proposed"},
    "rejected": {"nb": "avvist", "nn": "avvist", "en": "rejected"},
}
_TEXTS: Final[Mapping[str, Texts]] = {
    "concepts": {
        "nb": "Begge handler om {0}.",
        "nn": "Begge handlar om {0}.",
        "en": "Both are about {0}.",
    },
    "requirements": {
        "nb": "Begge dekker {0}.",
        "nn": "Begge dekkjer {0}.",
        "en": "Both cover {0}.",
    },
    "meaning": {
        "nb": "Innholdet ligner (likhet {0}).",
        "nn": "Innhaldet liknar (likskap {0}).",
        "en": "The content is alike (similarity {0}).",
    },
    "ruled": {
        "nb": "{0} har sagt det.",
        "nn": "{0} har sagt det.",
        "en": "{0} has said so.",
    },
}
_MEANT: Final = 0.3
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """A resource that may belong beside another, for editors.

    Attributes
    ----------
    concepts, requirements
        What both are about, the surest first, and what both teach, in id order.
    similarity
        Cosine of the mean vectors, None where it is not known.
    """

    resource: Resource
    state: RelatedState
    concepts: tuple[ConceptId, ...] = ()
    requirements: tuple[str, ...] = ()
    similarity: float | None = None
    ruling: Decision | None = None


class RelatedEditor:
    """Lists what is related to a resource, and rules on it.

    Parameters
    ----------
    engine : Engine
        Catalogue, index, graph and clock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._links = LinkEditor(engine)

    def resource(self, resource_id: str) -> Resource:
        """Return a resource, published or not; raises NotFound."""
        return self._links.resource(resource_id)

    def rows(self, resource_id: str, *, edition: str | None = None, k: int = 10) -> list[RelatedRow]:
        """Return what is accepted, at most `k` that are proposed, best first, and what is rejected.

        Proposed are those that readers see; copies and translations are never among them.

        Raises
        ------
        NotFound
            If there is no such resource.
        """
        source = self.resource(resource_id)
        rulings = {d.object: d for d in self._engine.catalogue.decisions("related", resource_id)}
        try:
            near = self._engine.similar(resource_id, edition=edition or source.edition, k=k + len(rulings))
        except NotFound:  # a draft
            near = ()
        found = self._engine.catalogue.get_many(sorted({*rulings, *(s.resource.id for s in near)}))
        likeness = {s.resource.id: s for s in near}
        listed = [
            self._row(source, found[id_], rulings.get(id_), likeness[id_].cosine if id_ in likeness else None)
            for id_ in dict.fromkeys([*likeness, *rulings])
            if id_ in found and found[id_].status != "archived"
        ]
        proposed = [r for r in listed if r.state == "proposed" and not self._same_work(source, r.resource)]
        accepted = [r for r in listed if r.state == "accepted"]
        rejected = [r for r in listed if r.state == "rejected"]
        return [*accepted, *proposed[:k], *rejected]

    def rule(
        self, resource_id: str, other_id: str, verdict: LinkVerdict, *, by: str, reason: str = ""
    ) -> RelatedRow:
        """Say that a resource belongs beside another, or that it does not; the same twice is not written twice.

        Raises
        ------
        NotFound
            If there is no such resource.
        InvalidRequest
            If they are one resource, or one work and to be related.
        """
        source, other = self.resource(resource_id), self.resource(other_id)
        if source.id == other.id:
            raise InvalidRequest("related: two resources are needed, got the same twice")
        if verdict == "accepted" and self._same_work(source, other):
            raise InvalidRequest(f"related: {other.id!r} is the same work as {source.id!r}")
        for earlier in self._engine.catalogue.decisions("related", source.id):
            if (earlier.object, earlier.verdict, earlier.reason) == (other.id, verdict, reason):
                return self._row(source, other, earlier, None)
        ruling = Decision("related", source.id, other.id, verdict, by, self._engine.now(), reason)
        self._engine.catalogue.record(ruling)
        return self._row(source, other, ruling, None)

    def withdraw(self, resource_id: str, other_id: str, *, by: str) -> None:
        """Take a ruling back; raises NotFound when there is none."""
        source = self.resource(resource_id)
        if all(d.object != other_id for d in self._engine.catalogue.decisions("related", source.id)):
            raise NotFound(f"nobody has ruled on {other_id!r} beside {source.id!r}")
        self._engine.catalogue.record(
            Decision("related", source.id, other_id, "withdrawn", by, self._engine.now())
        )

    def document(self, row: RelatedRow, lang: Language) -> dict[str, Any]:
        """Return a row as a JSON object, with its reasons as sentences."""
        r, words = row.resource, self._engine.vocabulary
        return {
            "resource": r.id,
            "title": r.title,
            "url": r.url,
            "language": r.language,
            "language_label": value_label("language", r.language, words, lang),
            "edition": r.edition,
            "edition_label": value_label("edition", r.edition, words, lang),
            "status": r.status,
            "resource_type": r.resource_type,
            "state": row.state,
            "state_label": STATE_NAMES[row.state][lang],
            "similarity": None if row.similarity is None else round(row.similarity, 3),
            "concepts": [{"concept": c, "label": words.label(c, lang)} for c in row.concepts],
            "requirements": [
                {"requirement": q, "label": label_of(self._engine, q, lang)} for q in row.requirements
            ],
            "reasons": self.reasons(row, lang),
            "ruling": {
                "verdict": row.ruling.verdict,
                "by": row.ruling.by,
                "at": row.ruling.at.isoformat(),
                "reason": row.ruling.reason,
            }
            if row.ruling
            else None,
        }

    def reasons(self, row: RelatedRow, lang: Language) -> list[str]:
        """Return what speaks for a row, as sentences."""
        said = []
        if row.ruling is not None and row.state == "accepted":
            said.append(_TEXTS["ruled"][lang].format(row.ruling.by))
        if row.concepts:
            labels = [self._engine.vocabulary.label(c, lang) for c in row.concepts[:_SHOWN]]
            said.append(_TEXTS["concepts"][lang].format(", ".join(labels)))
        if row.requirements:
            labels = [f"«{label_of(self._engine, q, lang)}»" for q in row.requirements[:_SHOWN]]
            quoted = ", ".join(labels)
            said.append(
                _TEXTS["requirements"][lang].format(
                    quoted if lang != "en" else quoted.replace("«", "“").replace("»", "”")
                )
            )
        if row.similarity is not None and (row.similarity >= _MEANT or not said):
            number = f"{row.similarity:.2f}"
            said.append(_TEXTS["meaning"][lang].format(number if lang == "en" else number.replace(".", ",")))
        return said

    # --- inside ------------------------------------------------------------------------------

    def _row(
        self, source: Resource, other: Resource, ruling: Decision | None, similarity: float | None
    ) -> RelatedRow:
        state: RelatedState = "proposed"
        if ruling is not None:
            state = "rejected" if ruling.verdict == "rejected" else "accepted"
        here, there = self._about(source), self._about(other)
        concepts = sorted(here.keys() & there.keys(), key=lambda c: (-here[c] * there[c], c))
        requirements = self._teaches(source) & self._teaches(other)
        return RelatedRow(other, state, tuple(concepts), tuple(sorted(requirements)), similarity, ruling)

    def _about(self, r: Resource) -> dict[ConceptId, float]:
        try:
            return {tag.concept: tag.score for tag in self._engine.resource(r.id, unpublished=True).about}
        except NotFound:
            return {}

    def _teaches(self, r: Resource) -> frozenset[str]:
        rows = self._links.of_resource(r.id)
        return frozenset(row.requirement for row in rows if row.state in {"accepted", "stated"})

    def _same_work(self, a: Resource, b: Resource) -> bool:
        found: Comparison = self._engine.duplicates.compare(a.id, b.id)
        return found.judgement.same_work
