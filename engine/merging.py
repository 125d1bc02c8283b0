"""How are two resources made one, and parted again? Merging keeps both texts; it says which one counts.

It holds at once: the old one leaves every list, and its address leads to the other. The graph has the links that were
moved from the next index run on. Taking a merge back lets the old one be what its source says it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.errors import Conflict, InvalidRequest, NotFound
from engine.merges import links_with_merged, tags_with_merged
from engine.model import COMMON_EDITION, Decision, Resource
from engine.not_duplicates import STATED
from engine.pair_reasons import class_name
from engine.records import is_storable
from engine.reports.tables import Table
from engine.service import Engine

Texts = Mapping[str, str]

_MERGES: Final[Mapping[str, Texts]] = {
    "caption": {"nb": "Sammenslåtte ressurser", "nn": "Samanslåtte ressursar", "en": "Merged resources"},
    "old": {"nb": "gammel id", "nn": "gammal id", "en": "old id"},
    "old_title": {"nb": "gammel tittel", "nn": "gammal tittel", "en": "old title"},
    "old_edition": {"nb": "gammel utgave", "nn": "gammal utgåve", "en": "old edition"},
    "goes_to": {"nb": "leder til", "nn": "leier til", "en": "leads to"},
    "new_title": {"nb": "slått sammen med", "nn": "slått saman med", "en": "merged into"},
    "requirements": {"nb": "krav overtatt", "nn": "krav overtekne", "en": "requirements taken over"},
    "by": {"nb": "av", "nn": "av", "en": "by"},
    "at": {"nb": "når", "nn": "når", "en": "when"},
    "reason": {"nb": "grunn", "nn": "grunn", "en": "reason"},
}
_KEPT: Final[Mapping[str, Texts]] = {
    "caption": {"nb": "Par som beholdes", "nn": "Par som blir haldne", "en": "Pairs that are kept"},
    "a": {"nb": "id", "nn": "id", "en": "id"},
    "a_title": {"nb": "tittel", "nn": "tittel", "en": "title"},
    "b": {"nb": "den andre", "nn": "den andre", "en": "the other"},
    "b_title": {"nb": "den andres tittel", "nn": "tittelen til den andre", "en": "title of the other"},
    "kind": {"nb": "beholdt som", "nn": "halden som", "en": "kept as"},
    "by": _MERGES["by"],
    "at": _MERGES["at"],
    "reason": _MERGES["reason"],
}


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge that stands.

    Attributes
    ----------
    old, new
        Ids, as they were given.
    goes_to
        Where the old id leads in the end: another one than `new` when that has been merged, too.
    by, at, reason
        Who said so (a function or a key), when and why.
    old_title, new_title, old_edition, new_edition, language
        What the two are called and where they belong; the language of the old one.
    requirements, concepts
        What `goes_to` is linked to and tagged with by what was merged into it.
    """

    old: str
    new: str
    goes_to: str
    by: str
    at: datetime
    reason: str
    old_title: str
    new_title: str
    old_edition: str
    new_edition: str
    language: str
    requirements: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()


class ResourceMerger:
    """Merges resources, parts them again, and lists what has been merged.

    Parameters
    ----------
    engine : Engine
        Catalogue and clock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._catalogue = engine.catalogue

    def resource(self, resource_id: str) -> Resource:
        """Return a resource, merged or not; raises NotFound."""
        found = self._catalogue.get(resource_id) if is_storable(resource_id) else None
        if found is None:
            raise NotFound(f"no resource has the id {resource_id!r}")
        return found

    def check(self, old: str, new: str) -> tuple[Resource, Resource]:
        """Return the two if one may be merged into the other.

        Raises
        ------
        NotFound
            If there is no such resource.
        InvalidRequest
            If they are one, or the new one is not there for all who read the old one: a draft, archived, merged
            itself, or of an edition that the old one does not belong to.
        Conflict
            If the old one is merged into another already.
        """
        if old == new:
            raise InvalidRequest(f"a resource cannot be merged into itself: {old!r}")
        merges = self._engine.merges()
        a, b = self.resource(old), self.resource(new)
        before = merges.into.get(old, new)
        if merges.goes_to(new) == old or merges.into.get(new) == old:
            raise Conflict(f"{new!r} has been merged into {old!r}: take that back first")
        if before != new:
            raise Conflict(f"{old!r} has been merged into {before!r}: take that back first")
        if (to := merges.goes_to(new)) is not None:
            raise InvalidRequest(f"{new!r} has been merged itself: merge into {to!r}")
        if b.status != "published":
            said = "is a draft" if b.status == "draft" else "is archived"
            raise InvalidRequest(f"{new!r} {said}: only a published resource can take over")
        if b.edition not in {COMMON_EDITION, a.edition}:
            raise InvalidRequest(
                f"{new!r} is of the edition {b.edition!r}: who reads {old!r} ({a.edition}) may not see it"
            )
        return a, b

    def merge(self, old: str, new: str, *, by: str, reason: str = "") -> Merged:
        """Let one resource count for another, from now on; the same again changes nothing.

        Raises
        ------
        NotFound, InvalidRequest, Conflict
            As `check` does.
        """
        self.check(old, new)
        standing = self._engine.merges().rulings.get(old)
        if standing is None or standing.reason != reason:
            self._catalogue.record(Decision("merge", old, new, "accepted", by, self._engine.now(), reason))
        return self.of(old)

    def undo(self, old: str, *, by: str) -> Resource:
        """Take a merge back and return the old resource as it is from now on; raises NotFound if there is none."""
        self.resource(old)
        standing = self._engine.merges().rulings.get(old)
        if standing is None:
            raise NotFound(f"{old!r} has not been merged into another resource")
        self._catalogue.record(Decision("merge", old, standing.object, "withdrawn", by, self._engine.now()))
        return self.resource(old)

    def of(self, old: str) -> Merged:
        """Return the merge of a resource; raises NotFound if there is none."""
        found = [m for m in self.merges() if m.old == old]
        if not found:
            raise NotFound(f"{old!r} has not been merged into another resource")
        return found[0]

    def merges(self) -> tuple[Merged, ...]:
        """Return all merges that stand, the newest first."""
        merges = self._engine.merges()
        ids = sorted({*merges.rulings, *merges.into.values()})
        known = self._catalogue.get_many(ids)
        links = self._moved(links_with_merged(self._catalogue, self._engine.requirements()), "teaches")
        tags = self._moved(tags_with_merged(self._catalogue), "tag")
        found = []
        for old, ruling in merges.rulings.items():
            end = merges.goes_to(old) or ruling.object
            a, b = known[old], known[ruling.object]
            found.append(
                Merged(
                    old,
                    ruling.object,
                    end,
                    ruling.by,
                    ruling.at,
                    ruling.reason,
                    a.title,
                    b.title,
                    a.edition,
                    b.edition,
                    a.language,
                    links.get(end, ()),
                    tags.get(end, ()),
                )
            )
        return tuple(sorted(found, key=lambda m: (-m.at.timestamp(), m.old)))

    def goes_to(self, old: str) -> str | None:
        """Return the resource that counts for an old id, None when it has not been merged."""
        return self._engine.goes_to(old)

    def _moved(self, held: list[Decision], kind: str) -> Mapping[str, tuple[str, ...]]:
        """Return what was moved by merges, by the resource that it counts for."""
        own = {(d.subject, d.object) for d in self._catalogue.decisions(kind)}
        found: dict[str, tuple[str, ...]] = {}
        for d in held:
            if (d.subject, d.object) not in own:
                found[d.subject] = (*found.get(d.subject, ()), d.object)
        return found


def merges_table(merges: Sequence[Merged], lang: str) -> Table:
    """Return merges as a table with headings in nb, nn or en."""
    rows = [
        (
            m.old,
            m.old_title,
            m.old_edition,
            m.goes_to,
            m.new_title,
            ", ".join(m.requirements),
            m.by,
            m.at.date().isoformat(),
            m.reason,
        )
        for m in merges
    ]
    caption, *header = (texts[lang] for texts in _MERGES.values())
    return Table(caption, tuple(header), tuple(rows))


def kept_table(engine: Engine, kept: Sequence[Decision], lang: str) -> Table:
    """Return pairs that are kept as a table with headings in nb, nn or en."""
    known = engine.catalogue.get_many(sorted({id_ for d in kept for id_ in (d.subject, d.object)}))
    titles = {id_: resource.title for id_, resource in known.items()}
    rows = [
        (
            d.subject,
            titles.get(d.subject, ""),
            d.object,
            titles.get(d.object, ""),
            class_name(STATED[d.verdict], lang),
            d.by,
            d.at.date().isoformat(),
            d.reason,
        )
        for d in kept
    ]
    caption, *header = (texts[lang] for texts in _KEPT.values())
    return Table(caption, tuple(header), tuple(rows))
