"""What rests on a source that has changed since somebody looked? Sources of authority, and requirements' own texts.

A source is a stored `Authority`, or a requirement whose text an import of plans has changed. What is linked to it is
worked out from what is stored now, so nothing is lost when a process dies, and the same import twice changes nothing.
A linked thing waits until an editor has marked it against the source as it is now; a resource that was published, or
found right, after the change has been written or read with it at hand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from engine.authority import Authority, text_identity
from engine.editorial.shelf import ShelfRow, shelf_of
from engine.errors import IndexMissing, InvalidRequest, NotFound
from engine.model import COMMON_EDITION, Decision
from engine.network import rulings_leading_on
from engine.service import Engine, requirement_ids
from graph.model import Requirement
from graph.replaced import in_use
from vocab.concept import ConceptId

_ABOUT: Final = 0.5
"""How surely a resource is about a concept, to rest on what a source says of it [probability]."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a source says from `recorded` on; `number` is its stored version."""

    number: int
    recorded: datetime
    version: str
    text: str
    identity: str


@dataclass(frozen=True, slots=True)
class Source:
    """A source with all it has said, oldest first; `id` is ``authority:…`` or ``requirement:…``."""

    id: str
    labels: Mapping[str, str]
    url: str
    statements: tuple[Statement, ...]

    @property
    def now(self) -> Statement:
        """What it says now."""
        return self.statements[-1]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A linked thing (``resource:…``, ``requirement:…``) and what a source said before and says now."""

    item: str
    source: Source
    before: Statement

    @property
    def after(self) -> Statement:
        """What it says now."""
        return self.source.now


class AuthorityChanges:
    """What waits because a source has changed.

    Parameters
    ----------
    engine : Engine
        Catalogue, graph and clock.
    rows : mapping of str to ShelfRow
        The resources that may wait.
    """

    def __init__(self, engine: Engine, rows: Mapping[str, ShelfRow]) -> None:
        self._engine = engine
        self._catalogue = engine.catalogue
        self._rows = rows
        self._known = engine.requirements()
        self._marks = {(d.subject, d.object): d.basis for d in self._catalogue.decisions("authority")}
        self._reviewed = {d.subject: d.at for d in self._catalogue.decisions("review")}
        self._registered = {
            f"authority:{id_}": versions for id_, versions in self._catalogue.authority_versions().items()
        }
        self._teaching: dict[str, list[str]] | None = None
        self._of_theme: dict[str, list[str]] | None = None

    def sources(self) -> dict[str, Source]:
        """Return all sources by id: those registered, and the requirements whose text has changed."""
        found = {}
        for id_, versions in self._registered.items():
            last = versions[-1].value
            said = [
                Statement(v.number, v.recorded, v.value.version, v.value.text, v.value.identity)
                for v in versions
            ]
            found[id_] = Source(id_, dict.fromkeys(("nb", "nn", "en"), last.title), last.url, _distinct(said))
        for name, changed in self._catalogue.changed_requirements().items():
            if in_use(name, self._known) != name:
                continue  # replaced since
            texts = [(v, requirement_text(v.value)) for v in changed]
            said = [Statement(v.number, v.recorded, "", text, text_identity("", text)) for v, text in texts]
            distinct = _distinct(said)
            if len(distinct) > 1:
                labels = {str(lang): label for lang, label in changed[-1].value.labels.items()}
                found[f"requirement:{name}"] = Source(f"requirement:{name}", labels, "", distinct)
        return found

    def source(self, source_id: str) -> Source:
        """Return a source; raises NotFound."""
        found = self.sources().get(source_id)
        if found is None:
            raise NotFound(
                f"no source of authority has the id {source_id!r}, and no requirement with it has changed"
            )
        return found

    def linked(self, source_id: str) -> list[str]:
        """Return what rests on a source: requirements (``requirement:…``), then resources (``resource:…``)."""
        kind, _, name = source_id.partition(":")
        if kind == "requirement":
            requirements, resources = {name}, set[str]()
        else:
            requirements, resources = self._named(self._registered[source_id][-1].value)
        for requirement in requirements:
            resources.update(self._teachers().get(requirement, ()))
        return [
            *(f"requirement:{r}" for r in sorted(requirements)),
            *(f"resource:{r}" for r in sorted(resources) if r in self._rows),
        ]

    def waiting(self) -> list[Waiting]:
        """Return everything that waits, by source and item."""
        return [
            waits
            for source in self.sources().values()
            if len(source.statements) > 1
            for item in self.linked(source.id)
            if (waits := self._waits(item, source)) is not None
        ]

    def mark(self, source_id: str, items: Iterable[str] | None, *, by: str) -> list[str]:
        """Say that linked things have been looked at against a source as it is now; return those newly marked.

        Parameters
        ----------
        items : iterable of str, optional
            Default all that wait for the source.

        Raises
        ------
        NotFound
            If there is no such source, or nothing like that is linked to it.
        """
        source = self.source(source_id)
        linked = self.linked(source_id)
        wanted = list(dict.fromkeys(items)) if items is not None else linked
        for item in wanted:
            if item not in linked:
                raise NotFound(f"{item!r} is not linked to {source_id!r}")
        done = [item for item in wanted if self._waits(item, source) is not None]
        for item in done:
            self._catalogue.record(
                Decision(
                    "authority",
                    item,
                    source_id,
                    "accepted",
                    by,
                    self._engine.now(),
                    basis=source.now.identity,
                )
            )
            self._marks[item, source_id] = source.now.identity
        return done

    def unmark(self, source_id: str, item: str, *, by: str) -> None:
        """Take a mark back: what waited waits again; raises NotFound."""
        if (item, source_id) not in self._marks:
            raise NotFound(f"nobody has marked {item!r} against {source_id!r}")
        self._catalogue.record(Decision("authority", item, source_id, "withdrawn", by, self._engine.now()))
        del self._marks[item, source_id]

    def edition_of(self, item: str) -> str:
        """Return the edition that an item belongs to; requirements belong to everybody. Raises what is no item."""
        kind, _, name = item.partition(":")
        if kind == "resource" and name in self._rows:
            return self._rows[name].edition
        if kind == "requirement" and name in self._known:
            return COMMON_EDITION
        raise InvalidRequest(
            f"item: resource:ID or requirement:ID of something there is is needed, got {item!r}"
        )

    # --- inside ------------------------------------------------------------------------------

    def _waits(self, item: str, source: Source) -> Waiting | None:
        said = source.statements
        mark = self._marks.get((item, source.id))
        seen = max((n for n, s in enumerate(said) if s.identity == mark), default=0)
        kind, _, name = item.partition(":")
        if kind == "resource":
            row, reviewed = self._rows[name], self._reviewed.get(name)
            for n, statement in enumerate(said):
                written = row.published is not None and statement.recorded.date() < row.published
                if written or (reviewed is not None and statement.recorded <= reviewed):
                    seen = max(seen, n)
        if said[seen].identity == source.now.identity:
            return None
        return Waiting(item, source, said[seen])

    def _named(self, authority: Authority) -> tuple[set[str], set[str]]:
        """Return the requirements and the resources that a source names, by id, legal basis or concept."""
        requirements = {
            name
            for text in authority.requirements
            for name in requirement_ids(text, self._known)
            if name in self._known
        }
        concepts = {ConceptId(c) for c in authority.concepts}
        bases = [basis.casefold() for basis in authority.legal_basis if basis.strip()]
        for r in self._known.values():
            if r.replaced_by is None and (
                concepts.intersection(r.concepts) or any(basis in r.legal_basis.casefold() for basis in bases)
            ):
                requirements.add(r.id)
        resources = {r for r in authority.resources if r in self._rows}
        for concept in concepts:
            resources.update(self._about(concept))
        return requirements, resources

    def _about(self, concept: ConceptId) -> set[str]:
        """Return the resources with a concept as theme, or surely about it in the current graph."""
        if self._of_theme is None:
            self._of_theme = {}
            for row in self._rows.values():
                for theme in row.themes:
                    self._of_theme.setdefault(f"tema/{theme}", []).append(row.id)
        found = set(self._of_theme.get(concept, ()))
        try:
            graph = self._engine.graph()
        except IndexMissing:
            return found
        node = f"concept:{concept}"
        if node in graph:
            sure = (e.source for e in graph.edges_to(node, {"about"}) if e.confidence >= _ABOUT)
            found.update(s.split(":", 1)[1] for s in sure if s.startswith("resource:"))
        return found

    def _teachers(self) -> Mapping[str, Sequence[str]]:
        """Return which resources teach each requirement: what sources state, as editors have ruled."""
        if self._teaching is None:
            pairs = {
                (row.id, in_use(name, self._known)): True
                for row in self._rows.values()
                for name in row.teaches
            }
            for d in rulings_leading_on(self._catalogue.decisions("teaches"), self._known):
                pairs[d.subject, d.object] = d.verdict == "accepted"
            self._teaching = {}
            for (resource, requirement), holds in pairs.items():
                if holds:
                    self._teaching.setdefault(requirement, []).append(resource)
        return self._teaching


def changes_of(engine: Engine) -> AuthorityChanges:
    """Return what waits of all that is published."""
    rows = {row.id: row for row in shelf_of(engine).rows().values() if row.status == "published"}
    return AuthorityChanges(engine, rows)


def requirement_text(requirement: Requirement) -> str:
    """Return what a requirement asks for, in all its languages: the text whose change concerns what serves it."""
    parts = []
    for lang in sorted({*requirement.labels, *requirement.description}):
        parts += [requirement.labels.get(lang, ""), requirement.description.get(lang, "")]
    return "\n".join(part for part in (*parts, requirement.legal_basis) if part)


def changed_on(waiting: Waiting) -> date:
    """Return the day on which the source came to say what it says now."""
    return waiting.after.recorded.date()


def _distinct(said: Sequence[Statement]) -> tuple[Statement, ...]:
    """Return statements without those that say the same as the one before."""
    return tuple(s for n, s in enumerate(said) if n == 0 or s.identity != said[n - 1].identity)
