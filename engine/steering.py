"""What have editors said of tags, and what does it mean for this text? Rulings, the block list, corrections.

A ruling on a tag of a resource:

============== ============================================================================================
``accepted``   the concept is a tag with score 1, whatever the text becomes
``pinned``     the same, and it stands before all others
``rejected``   the concept is no tag as long as the text is essentially the same; on a changed text it may be
               proposed again, and is marked so (`Tag.again`). Rejected once more, it stays away once more
``withdrawn``  there is no ruling any more
============== ============================================================================================

A blocked concept is never proposed: nowhere, in one edition or for one resource type. What editors have stated
themselves (themes, accepted and pinned concepts) stands against a block.
"""

import hashlib
import json
import threading
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from engine.corrections import NO_CORRECTIONS, Corrections, corrections
from engine.errors import InvalidRequest
from engine.model import Decision, Resource, Tag
from engine.ports import Catalogue
from vocab.concept import ConceptId

EVERYWHERE: Final = "*"
_WHERE: Final = ("edition", "resource_type")


def text_basis(resource: Resource) -> str:
    """Return the hash [32 hex digits] of the text that a ruling is made on: title, summary and body.

    White space, casing and the way that accents are encoded do not count: a text is changed when a letter, a digit
    or a sign of it is.

    Examples
    --------
    >>> text_basis(Resource("a", "Fall hos eldre")) == text_basis(Resource("b", " fall  hos Eldre"))
    True
    >>> text_basis(Resource("a", "Fall hos eldre")) == text_basis(Resource("a", "Fall hos eldre!"))
    False
    """
    parts = [
        " ".join(unicodedata.normalize("NFC", text).casefold().split())
        for text in (resource.title, resource.summary, resource.body)
    ]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def still_holds(ruling: Decision, basis: str) -> bool:
    """Tell whether a ruling was made on the text with this basis; one without a basis holds for every text."""
    return ruling.basis in {"", basis}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rulings on a resource mean for its text as it is now.

    `kept` are the concepts that are tags whatever the tagger says, with the verdict, `out` those that are no tags,
    `again` those that were rejected on another text.
    """

    kept: Mapping[ConceptId, str]
    out: frozenset[ConceptId]
    again: frozenset[ConceptId]


def standing(
    resource: Resource, rulings: Iterable[Decision], current: Callable[[str], ConceptId | None]
) -> Standing:
    """Return what rulings of kind ``tag`` mean for a resource.

    Parameters
    ----------
    resource : Resource
        With its text as it is now.
    rulings : iterable of Decision
        The newest on each concept.
    current : callable
        Returns the concept to use for an id, or None; a ruling on a concept that was replaced holds for the new one,
        unless that has a ruling of its own.
    """
    by_concept: dict[ConceptId, Decision] = {}
    for ruling in rulings:
        concept = current(ruling.object)
        if concept is not None and (concept == ruling.object or concept not in by_concept):
            by_concept[concept] = ruling
    if not by_concept:
        return Standing({}, frozenset(), frozenset())
    basis = text_basis(resource)
    rejected = {c: still_holds(r, basis) for c, r in by_concept.items() if r.verdict == "rejected"}
    return Standing(
        kept={c: r.verdict for c, r in by_concept.items() if r.verdict in {"accepted", "pinned"}},
        out=frozenset(c for c, holds in rejected.items() if holds),
        again=frozenset(c for c, holds in rejected.items() if not holds),
    )


def tag_order(tag: Tag) -> tuple[bool, float, str]:
    """Return what tags are sorted by: pinned ones first, then the best, ties by concept."""
    return tag.decision != "pinned", -tag.score, tag.concept


@dataclass(frozen=True, slots=True)
class Block:
    """A concept that is not proposed: everywhere, in one edition, or for one resource type.

    `until` is the last day of it, None without end; `by` is a function or key name.
    """

    concept: ConceptId
    edition: str = ""
    resource_type: str = ""
    reason: str = ""
    until: date | None = None
    by: str = ""
    at: datetime | None = None

    @property
    def where(self) -> str:
        """Where it holds, as rulings name it.

        Raises
        ------
        InvalidRequest
            If both an edition and a resource type are named.

        Examples
        --------
        >>> Block(ConceptId("tema/etikk")).where, Block(ConceptId("tema/etikk"), edition="ahus").where
        ('*', 'edition:ahus')
        """
        if self.edition and self.resource_type:
            raise InvalidRequest("resource_type: a block is for an edition or for a resource type, not both")
        named = ((name, getattr(self, name)) for name in _WHERE)
        return next((f"{name}:{value}" for name, value in named if value), EVERYWHERE)

    def covers(self, resource: Resource) -> bool:
        """Tell whether it holds for a resource."""
        return self.edition in {"", resource.edition} and self.resource_type in {"", resource.resource_type}


def block_of(ruling: Decision) -> Block:
    """Return the block that a ruling of kind ``concept`` made."""
    name, _, value = ruling.object.partition(":")
    where = {name: value} if name in _WHERE else {}
    return Block(
        ConceptId(ruling.subject),
        reason=ruling.reason,
        until=ruling.until,
        by=ruling.by,
        at=ruling.at,
        **where,
    )


@dataclass(frozen=True, slots=True)
class Steering:
    """What holds for all resources on a day: blocks that have not ended, and corrections."""

    blocks: tuple[Block, ...] = ()
    corrections: Corrections = NO_CORRECTIONS

    def blocked(self, resource: Resource) -> frozenset[str]:
        """Return the concepts that are not proposed for a resource."""
        return frozenset(block.concept for block in self.blocks if block.covers(resource))

    @property
    def digest(self) -> str:
        """A hash [16 hex digits]: as long as it stays, so do the tags; empty when nothing was said."""
        if not self.blocks and not self.corrections:
            return ""
        blocks = sorted((block.concept, block.where) for block in self.blocks)
        return hashlib.sha256(json.dumps([blocks, self.corrections.digest]).encode()).hexdigest()[:16]


NO_STEERING: Final = Steering()


class CurrentSteering:
    """What the catalogue's rulings mean today, read again when there are new ones; safe for several threads."""

    def __init__(self, catalogue: Catalogue, today: Callable[[], date]) -> None:
        self._catalogue = catalogue
        self._today = today
        self._lock = threading.Lock()
        self._known: tuple[tuple[int, date], Steering] | None = None

    def read(self) -> Steering:
        """Return what holds now."""
        key = (self._catalogue.ruling_seq(), self._today())
        with self._lock:
            if self._known is None or self._known[0] != key:
                self._known = key, self._read(key[1])
            return self._known[1]

    def _read(self, today: date) -> Steering:
        blocks = map(block_of, self._catalogue.decisions("concept"))
        return Steering(
            tuple(block for block in blocks if block.until is None or block.until >= today),
            corrections(self._catalogue.decisions("tag")),
        )
