"""Is it still right? Editors say so with a date, and it holds over re-imports until the source names a newer one.

A review is a ruling and, in the same transaction, a new version of the resource with the new date: whatever reads
resources reads that date. When the source is imported again, `kept` puts the date back as long as the source says what
it said then. The source is believed again once it names another day after the review.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from engine.errors import InvalidRequest, NotFound
from engine.model import Decision, Resource
from engine.ports import Catalogue
from engine.records import is_storable

_OBJECT: Final = "review"
_NO_DAY: Final = "none"
_ON: Final = "reviewed "
MOST_YEARS: Final = 10
"""How far ahead the next review may be [years]."""


@dataclass(frozen=True, slots=True)
class Review:
    """What an editor has said of a resource: found right on `reviewed`, due again on `due`.

    `source_due` is what its source said then. `holds` tells whether the resource has this date now.
    """

    resource: str
    reviewed: date
    due: date
    source_due: date | None
    by: str
    at: datetime
    reason: str = ""
    holds: bool = True


class ReviewDates:
    """Marks resources as reviewed, and keeps what was said.

    Parameters
    ----------
    catalogue : Catalogue
        Where resources and rulings are.
    now : callable
        The clock.
    """

    def __init__(self, catalogue: Catalogue, now: Callable[[], datetime]) -> None:
        self._catalogue = catalogue
        self._now = now

    def of(self, resource_id: str) -> Review | None:
        """Return the newest review of a resource, or None."""
        ruling = self._ruling(resource_id)
        if ruling is None:
            return None
        current = self._catalogue.get(resource_id)
        return _review(ruling, current)

    def mark(
        self, resource_id: str, *, due: date, by: str, reviewed: date | None = None, reason: str = ""
    ) -> Review:
        """Say that a resource is right, and when it is to be looked at next.

        Parameters
        ----------
        due : date
            After `reviewed`, and at most `MOST_YEARS` after it.
        reviewed : date, optional
            The day of the review, not in the future; default today.

        Raises
        ------
        NotFound
            If there is no such resource, or it is archived.
        InvalidRequest
            If the days do not fit.
        """
        resource = self._resource(resource_id)
        today = self._now().date()
        reviewed = reviewed or today
        if reviewed > today:
            raise InvalidRequest(f"reviewed: {reviewed} is in the future")
        if not reviewed < due:
            raise InvalidRequest(f"due: a day after the review on {reviewed} is needed, got {due}")
        if due.year - reviewed.year > MOST_YEARS:
            raise InvalidRequest(f"due: at most {MOST_YEARS} years after the review, got {due}")
        earlier = self.of(resource_id)
        source = earlier.source_due if earlier and earlier.holds else resource.review_due
        ruling = Decision(
            "review",
            resource_id,
            _OBJECT,
            "accepted",
            by,
            self._now(),
            reason,
            basis=source.isoformat() if source else _NO_DAY,
            until=due,
            label=f"{_ON}{reviewed}",
        )
        same = earlier and (earlier.reviewed, earlier.due, earlier.reason) == (reviewed, due, reason)
        if not (same and earlier and earlier.holds):
            marked = replace(resource, review_due=due, about=())
            self._catalogue.upsert([marked], by=by, at=ruling.at, rulings=[ruling])
            return _review(ruling, marked)
        return earlier

    def undo(self, resource_id: str, *, by: str) -> Resource:
        """Take a review back: the resource has the date of its source again; raises NotFound."""
        resource = self._resource(resource_id)
        found = self.of(resource_id)
        if found is None:
            raise NotFound(f"nobody has said that {resource_id!r} is still right")
        if found.holds:
            resource = replace(resource, review_due=found.source_due, about=())
        taken = Decision("review", resource_id, _OBJECT, "withdrawn", by, self._now())
        self._catalogue.upsert([resource], by=by, at=taken.at, rulings=[taken])
        return resource

    def kept(self, resources: Iterable[Resource]) -> list[Resource]:
        """Return resources as they are to be written: with the date of a review that is newer than the source's."""
        given = list(resources)
        rulings = self._rulings([r.id for r in given])
        return [_kept(r, rulings[r.id]) if r.id in rulings else r for r in given]

    def _rulings(self, ids: Sequence[str]) -> dict[str, Decision]:
        if len(ids) == 1:
            found = self._ruling(ids[0])
            return {} if found is None else {ids[0]: found}
        return {d.subject: d for d in self._catalogue.decisions("review")}

    def _ruling(self, resource_id: str) -> Decision | None:
        if not is_storable(resource_id):
            return None
        return next(iter(self._catalogue.decisions("review", resource_id)), None)

    def _resource(self, resource_id: str) -> Resource:
        found = self._catalogue.get(resource_id) if is_storable(resource_id) else None
        if found is None:
            raise NotFound(f"no resource has the id {resource_id!r}")
        if found.status == "archived":
            raise NotFound(f"the resource {resource_id!r} is withdrawn")
        return found


def _kept(resource: Resource, ruling: Decision) -> Resource:
    said, source = resource.review_due, _day(ruling.basis)
    newer = said is not None and said != source and said > _reviewed(ruling)
    return resource if newer else replace(resource, review_due=ruling.until)


def _review(ruling: Decision, current: Resource | None) -> Review:
    assert ruling.until is not None
    return Review(
        ruling.subject,
        _reviewed(ruling),
        ruling.until,
        _day(ruling.basis),
        ruling.by,
        ruling.at,
        ruling.reason,
        current is not None and current.review_due == ruling.until,
    )


def _reviewed(ruling: Decision) -> date:
    return _day(ruling.label.removeprefix(_ON)) or ruling.at.date()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
