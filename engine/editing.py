"""How do editors steer the tags? Rulings on the tags of a resource, and the block list, with what they mean now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from engine.corrections import feature_class
from engine.errors import InvalidRequest, NotFound
from engine.merges import tags_with_merged
from engine.model import Decision, Resource, Tag
from engine.ports import Catalogue
from engine.records import is_storable
from engine.steering import Block, Steering, block_of, still_holds, text_basis
from engine.topics import Topics
from vocab.concept import ConceptId
from vocab.vocabulary import Vocabulary

TagVerdict = Literal["accepted", "rejected", "pinned"]
TagState = Literal["pinned", "accepted", "proposed", "rejected", "blocked"]

_EVERY: Final = 10_000
"""More concepts than a text has."""


@dataclass(frozen=True, slots=True)
class TagRow:
    """A concept of a resource, for editors.

    Of a rejected or blocked one `tag` tells what the tagger would say. `text_changed` tells that the text is
    another one than the `ruling` was made on.
    """

    state: TagState
    tag: Tag
    ruling: Decision | None = None
    text_changed: bool = False


class TagEditor:
    """Rules on tags of resources and blocks concepts.

    Parameters
    ----------
    catalogue : Catalogue
        Where rulings are kept.
    vocabulary, topics
        What tags are made with.
    steering : callable
        Returns what holds for all resources now.
    now : callable
        The clock.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        vocabulary: Vocabulary,
        topics: Topics,
        steering: Callable[[], Steering],
        now: Callable[[], datetime],
    ) -> None:
        self._catalogue = catalogue
        self._vocabulary = vocabulary
        self._topics = topics
        self._steering = steering
        self._now = now

    def resource(self, resource_id: str) -> Resource:
        """Return a resource, published or not; raises NotFound."""
        found = self._catalogue.get(resource_id) if is_storable(resource_id) else None
        if found is None:
            raise NotFound(f"no resource has the id {resource_id!r}")
        return found

    def concept(self, concept: str) -> ConceptId:
        """Return the concept to rule on: itself, or what replaced it; raises NotFound."""
        found = self._vocabulary.resolve(concept)
        if found is None:
            raise NotFound(f"no concept in use has the id {concept!r}")
        return found

    def tags(self, resource_id: str) -> list[TagRow]:
        """Return what a resource is tagged with, and what it is not tagged with because somebody said so.

        Raises
        ------
        NotFound
            If there is no such resource.
        """
        resource, steering = self.resource(resource_id), self._steering()
        basis = text_basis(resource)
        decisions = tags_with_merged(self._catalogue, resource_id)
        rulings: dict[str, Decision] = {}
        for (
            ruling
        ) in decisions:  # of a replaced concept and its replacement the latter's counts, as in `standing`
            concept = self._vocabulary.resolve(ruling.object) or ruling.object
            if concept == ruling.object or concept not in rulings:
                rulings[concept] = ruling
        tags = {t.concept: t for t in self._topics.tags(resource, decisions, steering=steering)}
        free = Steering(corrections=steering.corrections)
        rows = [
            TagRow(
                tag.decision if tag.decision in {"pinned", "accepted"} else "proposed",
                tag,
                rulings.get(tag.concept),
                tag.concept in rulings and not still_holds(rulings[tag.concept], basis),
            )
            for tag in tags.values()
        ]
        found = self._every(resource, free)
        for name, ruling in rulings.items():
            concept_id = ConceptId(name)
            if concept_id not in tags:
                tag = found.get(concept_id, Tag(concept_id, 0.0))
                state: TagState = "rejected" if ruling.verdict == "rejected" else "accepted"
                rows.append(TagRow(state, tag, ruling, not still_holds(ruling, basis)))
        blocked = steering.blocked(resource) - rulings.keys() - tags.keys()
        if blocked:
            unblocked = self._topics.tags(resource, decisions, steering=free)
            rows += [TagRow("blocked", tag) for tag in unblocked if tag.concept in blocked]
        return rows

    def rule(
        self, resource_id: str, concept: str, verdict: TagVerdict, *, by: str, reason: str = ""
    ) -> Decision:
        """Rule on a tag of a resource as its text is now; return the ruling that holds.

        The same ruling on the same text is not written twice.

        Raises
        ------
        NotFound
            If there is no such resource, or no such concept in use.
        """
        resource, ruled = self.resource(resource_id), self.concept(concept)
        basis = text_basis(resource)
        for earlier in self._catalogue.decisions("tag", resource_id):
            if earlier.object == ruled and (earlier.verdict, earlier.reason, earlier.basis) == (
                verdict,
                reason,
                basis,
            ):
                return earlier
        tag = self._every(resource, Steering()).get(ruled)
        ruling = Decision(
            "tag",
            resource_id,
            ruled,
            verdict,
            by,
            self._now(),
            reason,
            basis,
            label=tag.label if tag else "",
            score=tag.score if tag else None,
            features=feature_class(tag.spans, tag.label_kind) if tag else "",
        )
        self._catalogue.record(ruling)
        return ruling

    def withdraw(self, resource_id: str, concept: str, *, by: str) -> None:
        """Take a ruling back; raises NotFound if there is none."""
        self.resource(resource_id)
        meant = {concept, self._vocabulary.resolve(concept)}
        standing = [d for d in self._catalogue.decisions("tag", resource_id) if d.object in meant]
        if not standing:
            raise NotFound(f"there is no ruling on {concept!r} for the resource {resource_id!r}")
        for ruling in standing:
            self._catalogue.record(Decision("tag", resource_id, ruling.object, "withdrawn", by, self._now()))

    def blocks(self) -> Sequence[Block]:
        """Return the block list in the order of its concepts, those that have ended too."""
        return [block_of(ruling) for ruling in self._catalogue.decisions("concept")]

    def block(self, block: Block, *, by: str) -> Block:
        """Block a concept, in place of an earlier block of it in the same place.

        Raises
        ------
        NotFound
            If there is no such concept in use.
        InvalidRequest
            If it names both an edition and a resource type, or ends before today.
        """
        if block.until is not None and block.until < self._now().date():
            raise InvalidRequest(f"until: a day from today on is needed, got {block.until.isoformat()}")
        wanted = replace(block, concept=self.concept(block.concept), by=by, at=self._now())
        self._catalogue.record(
            Decision(
                "concept",
                wanted.concept,
                wanted.where,
                "blocked",
                by,
                self._now(),
                wanted.reason,
                until=wanted.until,
            )
        )
        return wanted

    def unblock(self, block: Block, *, by: str) -> None:
        """Take a concept off the block list of one place; raises NotFound if it is not there."""
        meant = {block.concept, self._vocabulary.resolve(block.concept)}
        listed = [b for b in self.blocks() if b.concept in meant and b.where == block.where]
        if not listed:
            raise NotFound(f"{block.concept!r} is not blocked there")
        for found in listed:
            self._catalogue.record(
                Decision("concept", found.concept, found.where, "withdrawn", by, self._now())
            )

    def _every(self, resource: Resource, steering: Steering) -> dict[ConceptId, Tag]:
        """Return what the tagger finds in a text, however little, whatever was ruled or stated."""
        bare = replace(resource, themes=())
        found = self._topics.tags(bare, (), threshold=0.0, limit=_EVERY, steering=steering)
        return {tag.concept: tag for tag in found}
