"""Which resources have been merged into which? Where an old id leads, and what the one that is left has taken over.

A merge is a ruling of kind ``merge``: `subject` is the old id, `object` the one that counts from then on. The catalogue
shows the old one as archived as long as it stands, whatever its source says; nothing is written into either text. What
editors have said of the old one (tags, links) and what it states itself counts for the one it leads to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from engine.model import IMPORTED, Decision, Resource
from engine.ports import Catalogue
from graph.model import Requirement
from graph.replaced import in_use


def end_of(id_: str, into: Mapping[str, str]) -> str:
    """Return where an id leads in the end, the id itself when it leads nowhere.

    Examples
    --------
    >>> end_of("a", {"a": "b", "b": "c"}), end_of("c", {"a": "b", "b": "c"})
    ('c', 'c')
    """
    seen = {id_}
    while (then := into.get(id_)) is not None and then not in seen:
        seen.add(then)
        id_ = then
    return id_


@dataclass(frozen=True)
class Merges:
    """All merges that stand, by the old id."""

    rulings: Mapping[str, Decision]

    @cached_property
    def into(self) -> Mapping[str, str]:
        """The next id of each old one."""
        return {old: ruling.object for old, ruling in self.rulings.items()}

    def goes_to(self, old: str) -> str | None:
        """Return the resource that counts for an old id, None when it has not been merged."""
        return end_of(old, self.into) if old in self.rulings else None

    def taken_over(self, id_: str) -> tuple[str, ...]:
        """Return the old ids that lead to a resource, in order; none of one that has been merged itself."""
        return self._taken_over.get(id_, ())

    @cached_property
    def _taken_over(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for old in sorted(self.rulings):
            found.setdefault(end_of(old, self.into), []).append(old)
        return {new: tuple(olds) for new, olds in found.items()}


def read_merges(catalogue: Catalogue) -> Merges:
    """Return the merges that stand in a catalogue."""
    return Merges({d.subject: d for d in catalogue.decisions("merge") if d.verdict == "accepted"})


class CurrentMerges:
    """The merges of a catalogue, read again when an editor has ruled on something."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._known: tuple[int, Merges] = (-1, Merges({}))

    def read(self) -> Merges:
        """Return the merges that stand now."""
        ruled, (at, known) = self._catalogue.ruling_seq(), self._known
        if ruled != at:
            known = read_merges(self._catalogue)
            self._known = ruled, known
        return known


def tags_with_merged(catalogue: Catalogue, resource_id: str | None = None) -> list[Decision]:
    """Return the rulings on tags that hold, of one resource or all: what was said of merged ones counts for the other.

    What was accepted or pinned on an old one is so on the new one, unless something was ruled there; of several old
    ones the weightiest word counts, then the last. What was rejected on another text says nothing of this one.
    """
    merges = read_merges(catalogue)
    own = list(catalogue.decisions("tag", resource_id))
    if not merges.rulings:
        return own
    if resource_id is None:
        said = [d for d in own if d.subject in merges.rulings]
    else:
        said = [d for old in merges.taken_over(resource_id) for d in catalogue.decisions("tag", old)]
    ruled = {(d.subject, d.object) for d in own}
    moved: dict[tuple[str, str], Decision] = {}
    for d in sorted(said, key=lambda d: (d.verdict == "pinned", d.at)):
        new = merges.goes_to(d.subject)
        if new is not None and d.verdict in {"accepted", "pinned"} and (new, d.object) not in ruled:
            # the words stood in another text: nothing is learnt from it, and it holds whatever this text becomes
            moved[new, d.object] = replace(d, subject=new, basis="", label="", score=None, features="")
    return sorted([*own, *moved.values()], key=lambda d: (d.subject, d.object))


def links_with_merged(
    catalogue: Catalogue,
    requirements: Mapping[str, Requirement],
    resource_id: str | None = None,
    *,
    on: date | None = None,
) -> list[Decision]:
    """Return the rulings on links that hold, of one resource or all: what an old one teaches, the new one teaches.

    A link that the old one states itself becomes a ruling by who merged the two, on that day. What was ruled on the new
    one goes before it; what was rejected on the old one is not moved. With `on`, what was merged later is left apart.
    """
    merges = read_merges(catalogue)
    if on is not None:
        merges = Merges({old: d for old, d in merges.rulings.items() if d.at.date() <= on})
    own = list(catalogue.decisions("teaches", resource_id))
    if not merges.rulings:
        return own
    olds = sorted(merges.rulings) if resource_id is None else list(merges.taken_over(resource_id))
    if resource_id is None:
        said: Iterable[Decision] = [d for d in own if d.subject in merges.rulings]
    else:
        said = [d for old in olds for d in catalogue.decisions("teaches", old)]
    ruled_old = {(d.subject, in_use(d.object, requirements)) for d in said}
    ruled_new = {(d.subject, in_use(d.object, requirements)) for d in own}
    stated = [
        _stated(old, q, merges.rulings[old.id])
        for old in catalogue.get_many(olds).values()
        for q in old.teaches
        if (old.id, in_use(q, requirements)) not in ruled_old
    ]
    moved: dict[tuple[str, str], Decision] = {}
    for d in [*stated, *sorted(said, key=lambda d: (d.basis != IMPORTED, d.at))]:
        new, wanted = merges.goes_to(d.subject), in_use(d.object, requirements)
        if new is not None and d.verdict == "accepted" and (new, wanted) not in ruled_new:
            moved[new, wanted] = replace(d, subject=new, object=wanted)
    return sorted([*own, *moved.values()], key=lambda d: (d.subject, d.object))


def _stated(old: Resource, requirement: str, merge: Decision) -> Decision:
    return Decision("teaches", old.id, requirement, "accepted", merge.by, merge.at, merge.reason)


def circle(old: str, new: str, into: Mapping[str, str]) -> Sequence[str]:
    """Return the ids that a merge would lead round in a circle, nothing when it would not.

    Examples
    --------
    >>> circle("a", "b", {"b": "c", "c": "a"}), circle("a", "b", {"b": "c"})
    (('a', 'b', 'c'), ())
    """
    way = [old]
    at: str | None = new
    while at is not None and at not in way:
        way.append(at)
        at = into.get(at)
    return tuple(way) if at == old else ()
