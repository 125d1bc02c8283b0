"""How does a text come to be published? Draft, in review, published, archived; who took each step, and what was said.

============== ===================================================================================================
``submit``     a draft goes to review
``return``     a text in review goes back to its author as a draft; a comment is needed
``publish``    a text in review, or a draft of somebody who may, is shown to readers
``archive``    a published text, a draft or one in review is put away
``reopen``     an archived or published text becomes a draft; readers no longer see it
============== ===================================================================================================

Each step is a new version of the resource and a ruling in the decision log; a step is refused when the text has become
another one since it was looked at (`basis`). A source that sends the record again decides its state anew: the flow is for
texts that are written here, not for those of a portal that has an editor of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from engine.errors import Conflict, InvalidRequest, NotFound
from engine.model import Decision, Resource, Status
from engine.ports import Catalogue
from engine.records import is_storable
from engine.service import Engine
from engine.steering import text_basis

Step = Literal["submit", "return", "publish", "archive", "reopen"]

STEPS: Final[Mapping[Step, tuple[frozenset[Status], Status]]] = MappingProxyType(
    {
        "submit": (frozenset({"draft"}), "in_review"),
        "return": (frozenset({"in_review"}), "draft"),
        "publish": (frozenset({"draft", "in_review"}), "published"),
        "archive": (frozenset({"draft", "in_review", "published"}), "archived"),
        "reopen": (frozenset({"archived", "published"}), "draft"),
    }
)
"""From which states a step leads, and to which."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A step that was taken or a comment, with who and when; `by` is a function or key name.

    `step` is None for a comment. `basis` is the hash of the text that it was about; `text_changed` tells that the text is
    another one now.
    """

    at: datetime
    by: str
    step: Step | None
    text: str
    basis: str
    text_changed: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """Where a text stands: its state, the steps that can be taken from here, and what was done and said, oldest first."""

    resource: Resource
    basis: str
    steps: tuple[Step, ...]
    history: tuple[Remark, ...]

    @property
    def state(self) -> Status:
        """The state of the text."""
        return self.resource.status


def steps_from(state: Status) -> tuple[Step, ...]:
    """Return the steps that can be taken from a state.

    Examples
    --------
    >>> steps_from("in_review")
    ('return', 'publish', 'archive')
    """
    return tuple(step for step, (from_, _) in STEPS.items() if state in from_)


class ReviewFlow:
    """Takes texts towards publishing.

    Parameters
    ----------
    engine : Engine
        Whose catalogue and clock are used.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._catalogue: Catalogue = engine.catalogue

    def of(self, resource_id: str) -> Flow:
        """Return where a resource stands; raises NotFound."""
        found = self._catalogue.get(resource_id) if is_storable(resource_id) else None
        if found is None:
            raise NotFound(f"no resource has the id {resource_id!r}")
        basis = text_basis(found)
        rulings = (
            *self._catalogue.decisions("flow", found.id),
            *self._catalogue.decisions("comment", found.id),
        )
        history = tuple(_remark(r, basis) for r in sorted(rulings, key=lambda r: (r.at, r.object)))
        return Flow(found, basis, steps_from(found.status), history)

    def waiting(self) -> Sequence[Resource]:
        """Return the texts in review, by edition and id."""
        return sorted(self._catalogue.all(status="in_review"), key=lambda r: (r.edition, r.id))

    def take(
        self, resource_id: str, step: Step, *, by: str, comment: str = "", basis: str | None = None
    ) -> Flow:
        """Take a step.

        Parameters
        ----------
        basis
            `Flow.basis` of the text that was looked at; None does not ask.

        Raises
        ------
        NotFound
            If there is no such resource.
        Conflict
            If the state does not allow the step, or the text is another one than the one that was looked at.
        InvalidRequest
            If a text is returned without a comment.
        """
        flow = self.of(resource_id)
        from_, to = STEPS[step]
        if flow.state not in from_:
            possible = ", ".join(flow.steps)
            raise Conflict(
                f"a text that is {flow.state} cannot be taken by {step!r}; possible are: {possible}"
            )
        if basis is not None and basis != flow.basis:
            raise Conflict("the text has been changed since it was looked at: read it again first")
        if step == "return" and not comment.strip():
            raise InvalidRequest("comment: say what should be changed")
        changed = replace(flow.resource, status=to, about=())
        self._record("flow", flow, step, by, comment)
        self._engine.write_resources([changed], by=by)
        return self.of(resource_id)

    def comment(self, resource_id: str, text: str, *, by: str) -> Flow:
        """Say something of a text; raises NotFound, and InvalidRequest for an empty comment."""
        if not text.strip():
            raise InvalidRequest("comment: an empty comment says nothing")
        self._record("comment", self.of(resource_id), None, by, text)
        return self.of(resource_id)

    def _record(
        self, kind: Literal["flow", "comment"], flow: Flow, step: Step | None, by: str, text: str
    ) -> None:
        now = self._engine.now()
        self._catalogue.record(
            Decision(
                kind,
                flow.resource.id,
                f"{now.isoformat()}#{len(flow.history):05}",
                "accepted",
                by,
                now,
                text.strip(),
                flow.basis,
                label=step or "",
            )
        )


def _remark(ruling: Decision, basis: str) -> Remark:
    step: Step | None = next((step for step in STEPS if step == ruling.label), None)
    return Remark(ruling.at, ruling.by, step, ruling.reason, ruling.basis, ruling.basis != basis)
