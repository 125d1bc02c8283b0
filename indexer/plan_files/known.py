"""Which roles, arenas, editions, concepts, requirements and resources does a file mean? Names looked up as people write them."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from urllib.parse import urlsplit

from engine.errors import InvalidRequest, NotFound
from engine.model import COMMON_EDITION, IMPORTED
from engine.service import Engine, role_id
from graph.model import Plan, Requirement, Role
from indexer.labels import LabelReader, slug
from indexer.plan_files.problem import nearest
from indexer.plan_files.values import Unfit
from vocab.analysis import fold
from vocab.concept import ConceptId

COMMUNITIES = (
    "ostfold", "ahus", "oslo", "innlandet", "vestre-viken", "vestfold", "telemark", "agder", "stavanger",
    "fonna", "bergen", "forde", "more-og-romsdal", "st-olavs", "nord-trondelag", "helgeland",
    "lofoten-vesteralen-salten", "troms-og-ofoten", "finnmark",
)  # fmt: skip
"""The 19 helsefellesskap, as editions."""

_COMMON = ("alle", "felles innhold", "felles innhald", "common", "all")


class Known:
    """What the catalogue and the vocabulary know, as stored: nothing is joined or left out.

    `seq` is the state of the plans that was read.
    """

    def __init__(self, engine: Engine) -> None:
        catalogue = engine.catalogue
        self.seq = catalogue.plan_seq()
        self.roles: dict[str, Role] = {r.id: r for r in catalogue.roles()}
        self.requirements: Mapping[str, Requirement] = {q.id: q for q in catalogue.requirements()}
        self.plans: Mapping[str, Plan] = {p.id: p for p in catalogue.plans()}
        self.new_roles: dict[str, Role] = {}
        self._engine = engine
        self._vocabulary = engine.vocabulary
        self._labels = LabelReader(engine.vocabulary)

    def role(self, text: str) -> str:
        """Return a role's id; one that only the vocabulary knows is noted as a new role. Raises Unfit."""
        everybody = {**self.new_roles, **self.roles}
        try:
            return role_id(text, everybody)
        except (NotFound, InvalidRequest):
            pass
        named = [
            r.id for r in everybody.values() if fold(text) in {fold(label) for label in r.labels.values()}
        ]
        if len(named) == 1:
            return named[0]
        names = [n for n in self._labels.names("rolle", text) if not named or n in named]
        if len(names) == 1:
            self._add_role(names[0])
            return names[0]
        labels = [label for r in everybody.values() for label in (r.id, *r.labels.values())]
        labels += [self._vocabulary.label(c.id) for c in self._vocabulary.in_scheme("rolle")]
        raise Unfit("role-unknown", near=sorted(names) or nearest(text, labels, 2))

    def _add_role(self, name: str) -> None:
        concept = self._vocabulary.get(f"rolle/{name}")
        if name in self.roles or concept is None:
            return
        self.new_roles[name] = Role(name, dict(concept.pref_label), concept.id)

    def arena(self, text: str) -> str:
        """Return the name of an arena; raises Unfit."""
        names = self._labels.names("arena", text)
        if len(names) == 1:
            return names[0]
        labels = [self._vocabulary.label(c.id) for c in self._vocabulary.in_scheme("arena")]
        raise Unfit("arena-unknown", near=list(names) or nearest(text, labels, 2))

    def concept(self, text: str) -> ConceptId:
        """Return a concept, of any scheme by its id, else a theme, condition or procedure; raises Unfit."""
        if "/" in text and (found := self._vocabulary.resolve(text)) is not None:
            return found
        for scheme in ("tema", "prosedyre", "tilstand"):
            names = self._labels.names(scheme, text)
            if len(names) == 1:
                return ConceptId(f"{scheme}/{names[0]}")
        labels = [self._vocabulary.label(c.id) for c in self._vocabulary.in_scheme("tema")]
        raise Unfit("concept-unknown", near=nearest(text, labels, 2))

    @cached_property
    def editions(self) -> tuple[str, ...]:
        """All editions: the common one, the helsefellesskap, and those that plans name."""
        planned = {e for p in self.plans.values() for e in p.editions}
        return tuple(dict.fromkeys([COMMON_EDITION, *COMMUNITIES, *sorted(planned)]))

    def edition(self, text: str) -> str:
        """Return an edition by its id or name; raises Unfit."""
        name = slug(text)
        if name in self.editions:
            return name
        if fold(text) in _COMMON:
            return COMMON_EDITION
        near = nearest(name, self.editions, 2)
        raise Unfit("edition-unknown", near=near, choices=", ".join(self.editions))

    @cached_property
    def _by_title(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for requirement in self.requirements.values():
            for label in {fold(text) for text in requirement.labels.values()}:
                found[label].append(requirement.id)
        return found

    @cached_property
    def _by_code(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for requirement in self.requirements.values():
            if requirement.code:
                found[requirement.code.casefold()].append(requirement.id)
        return found

    def requirement(self, code: str, title: str = "") -> str | None:
        """Return the stored requirement with this id or code, else, without a code, with this title."""
        if code:
            name = code.removeprefix("krav/")
            if name in self.requirements:
                return name
            coded = self._by_code.get(name.casefold(), [])
            if len(coded) > 1 and title:
                coded = [q for q in coded if q in self._by_title.get(fold(title), ())] or coded
            if not coded and slug(name) in self.requirements:
                return slug(name)
            return coded[0] if coded else None
        named = self._by_title.get(fold(title), [])
        return named[0] if len(named) == 1 else None

    def plan(self, text: str) -> str | None:
        """Return the id of the stored plan with this id or name."""
        if text in self.plans or slug(text) in self.plans:
            return text if text in self.plans else slug(text)
        named = [
            p.id for p in self.plans.values() if fold(text) in {fold(label) for label in p.labels.values()}
        ]
        shortest = min(
            named, key=len, default=None
        )  # of several versions the first, whose id the others begin with
        return shortest if all(name.startswith(shortest or "") for name in named) else None

    @cached_property
    def _by_url(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for resource in self._engine.catalogue.all():
            counts = self._engine.goes_to(resource.id)
            if resource.url and (counts or resource.status != "archived"):
                ids = found[_plain_url(resource.url)]
                ids += [id_ for id_ in (counts or resource.id,) if id_ not in ids]
        return found

    def resources(self, url: str) -> list[str]:
        """Return the resources with an address; ``http`` and ``https``, a last slash and a fragment are the same."""
        return self._by_url.get(_plain_url(url), [])

    @cached_property
    def links(self) -> Mapping[tuple[str, str], str]:
        """What is ruled of links, ``accepted`` or ``rejected``, ``stated`` where an import has made it."""
        return {
            (d.subject, d.object): "stated" if d.basis == IMPORTED and d.verdict == "accepted" else d.verdict
            for d in self._engine.catalogue.decisions("teaches")
        }


def _plain_url(url: str) -> str:
    parts = urlsplit(url.strip())
    return f"{(parts.hostname or '').lower()}{parts.path.rstrip('/')}" + (
        f"?{parts.query}" if parts.query else ""
    )
