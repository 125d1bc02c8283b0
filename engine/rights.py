"""Who may do what? The rules for everybody who writes, in one place: keys of scripts and people who have signed in.

Three kinds of editors, and keys without an edition:

* **local**: of one edition. Writes and rules on what belongs to it, never on what is common or another edition's.
* **central**: of the common edition. Writes and rules on common content and everywhere at once, never on what an
  edition has for itself.
* **all**: a key without an edition writes everywhere, but does not see the audit trail.
* **admin**: everything.

Each kind of decision has a right of its own, which settings may leave out for a key or a group.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

from engine.errors import Forbidden, Hidden
from engine.model import COMMON_EDITION, Resource

Right = Literal[
    "write",
    "tags",
    "links",
    "related",
    "block",
    "pin",
    "not-duplicate",
    "merge",
    "supplement",
    "translation",
]
"""Write and withdraw resources; rule on tags, links, related resources; keep a concept from being proposed; pin or
hide results of a query; and what may be said of two resources."""

RIGHTS: Final[tuple[Right, ...]] = get_args(Right)
Kind = Literal["local", "central", "all", "admin"]


@dataclass(frozen=True, slots=True)
class Editor:
    """Somebody who writes.

    Attributes
    ----------
    name
        A function's or a key's, never a person's; goes into decisions and the audit trail.
    edition
        The edition that it writes; None: all.
    admin
        Whether it may also do what is for administrators.
    rights
        What it may decide.
    """

    name: str
    edition: str | None
    admin: bool = False
    rights: frozenset[Right] = frozenset(RIGHTS)

    @property
    def kind(self) -> Kind:
        """Which kind of editor it is; an administrator's key that has an edition is an editor of that."""
        if self.edition is None:
            return "admin" if self.admin else "all"
        return "central" if self.edition == COMMON_EDITION else "local"

    def may_write(self, edition: str) -> bool:
        """Tell whether what belongs to an edition is this editor's to change at all."""
        return self.edition is None or self.edition == edition

    def may_see(self, resource: Resource) -> bool:
        """Tell whether a resource may be shown: what is published, and drafts of the editor's own edition."""
        return resource.status == "published" or self.may_write(resource.edition)

    def may(self, right: Right, edition: str) -> bool:
        """Tell whether the editor may do this to what belongs to an edition.

        Examples
        --------
        >>> local, central = Editor("a", "ahus"), Editor("s", "felles")
        >>> local.may("tags", "ahus"), local.may("tags", "felles"), central.may("tags", "ahus")
        (True, False, False)
        """
        return right in self.rights and self.may_write(edition)

    def may_on_pair(self, right: Right, editions: Collection[str]) -> bool:
        """Tell whether the editor may say this of two resources: it changes neither, so one must be the editor's."""
        return right in self.rights and any(self.may_write(edition) for edition in editions)

    def may_merge(self, old: str, new: str) -> bool:
        """Tell whether a resource of the edition `old` may lead to one of the edition `new` from now on.

        The old one must be the editor's; the new one common or the editor's, as another edition's readers' texts are
        no place to lead one's own readers to.

        Examples
        --------
        >>> Editor("a", "ahus").may_merge("ahus", "felles"), Editor("a", "ahus").may_merge("felles", "ahus")
        (True, False)
        """
        return self.may("merge", old) and (new == COMMON_EDITION or self.may_write(new))

    def may_block(self, edition: str) -> bool:
        """Tell whether the editor may block a concept in an edition, or everywhere (the empty text)."""
        return self._decides("block", edition)

    def may_pin(self, edition: str) -> bool:
        """Tell whether the editor may pin or hide results in an edition, or everywhere (the empty text)."""
        return self._decides("pin", edition)

    def _decides(self, right: Right, edition: str) -> bool:
        return self.may(right, edition or COMMON_EDITION)

    def require(self, right: Right, resource: Resource) -> None:
        """Let pass who may do this to a resource.

        Raises
        ------
        Forbidden
            Who may not; it says why.
        Hidden
            Who may not even know of it.
        """
        self.require_own(resource)
        self.require_right(right, resource.id)

    def require_in(self, right: Right, edition: str, subject: str = "") -> None:
        """Let pass who may do this to what belongs to an edition, such as a wish; raises Forbidden."""
        if not self.may_write(edition):
            raise Forbidden(
                f"the key belongs to the edition {self.edition!r}, this to {edition!r}",
                why=self.why_not(edition),
                subject=subject,
            )
        self.require_right(right, subject)

    def require_on_pair(self, right: Right, a: Resource, b: Resource) -> None:
        """Let pass who may say this of two resources; raises Forbidden."""
        self.require_right(right, a.id)
        if not self.may_on_pair(right, (a.edition, b.edition)):
            raise Forbidden(
                f"the key belongs to the edition {self.edition!r}, neither of the resources does",
                why=self.why_not(a.edition),
                subject=a.id,
            )

    def require_merge(self, old: Resource, new: Resource) -> None:
        """Let pass who may let one resource lead to the other; raises Forbidden."""
        self.require("merge", old)
        if not self.may_merge(old.edition, new.edition):
            raise Forbidden(
                f"the resource {new.id!r} belongs to another edition", why="another edition", subject=new.id
            )

    def require_seen(self, resource: Resource) -> None:
        """Let pass who may see a resource; to others it is not there (raises Hidden)."""
        if not self.may_see(resource):
            raise Hidden(f"no resource has the id {resource.id!r}", subject=resource.id)

    def require_own(self, resource: Resource) -> None:
        """Let pass whose edition a resource belongs to, whatever the rights; raises Forbidden, Hidden for drafts."""
        if resource.status in {"draft", "in_review"}:
            self.require_seen(resource)
        if not self.may_write(resource.edition):
            raise Forbidden(
                f"the key belongs to the edition {self.edition!r}, the resource to {resource.edition!r}",
                why=self.why_not(resource.edition),
                subject=resource.id,
            )

    def require_right(self, right: Right, subject: str = "") -> None:
        """Let pass who has a right, wherever it may be used; raises Forbidden."""
        if right not in self.rights:
            raise Forbidden(f"the key has not the right {right!r}", why=f"no right: {right}", subject=subject)

    def require_admin(self) -> None:
        """Let administrators of the whole pass; raises Forbidden."""
        if self.kind != "admin":
            raise Forbidden("only an administrator of all editions may do this", why="not an administrator")

    def why_not(self, edition: str) -> str:
        """Return why what belongs to an edition is not this editor's, for the audit trail."""
        return "central content" if edition in {"", COMMON_EDITION} else "another edition"
