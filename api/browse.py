"""What stands around a concept? Its place in the tree, how many resources it has, who asks for it."""

import gzip
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar
from weakref import WeakKeyDictionary

from cachetools import LRUCache

from engine.entry import SCHEME_OF
from engine.errors import IndexMissing, NotFound
from engine.model import Resource, SearchRequest
from engine.service import Engine
from engine.tagging import NO_TOPICS
from graph.competence_graph import NECESSITIES
from graph.model import Necessity, Requirement
from graph.plans import applicable_plans, lines_for
from vocab.analysis import fold
from vocab.concept import Concept, ConceptMapping, ConceptScheme
from vocab.skos import MAPPING_PREFIXES
from vocab.vocabulary import Vocabulary

ROWS = 400
"""Concepts in one tree."""

BELOW = 60
"""Concepts right below another that its tree shows; more than that have a page of their own."""

FACET_OF = {scheme: facet for facet, scheme in reversed(SCHEME_OF.items()) if scheme in NO_TOPICS}
"""The facet whose values are names in a scheme, the first in order of `SCHEME_OF` where there are two."""

CODE_SYSTEMS: Mapping[str, str] = {
    "atc": "ATC",
    "esco": "ESCO",
    "hpr": "HPR (Volven 9060)",
    "icd10": "ICD-10",
    "icpc2": "ICPC-2",
    "los": "Los",
    "mesh": "MeSH",
    "styrk08": "STYRK-08",
}
"""What people call other vocabularies."""

_T = TypeVar("_T")
_MADE: WeakKeyDictionary[Vocabulary, dict[tuple[str, ...], Any]] = WeakKeyDictionary()
_AFTER_Z = str.maketrans("æøå", "{|}")


def alphabetical(label: str) -> str:
    """Return what to sort a label by, æ, ø and å last.

    Examples
    --------
    >>> sorted(["Ås", "øl", "Ærlig", "zoo"], key=alphabetical)
    ['zoo', 'Ærlig', 'øl', 'Ås']
    """
    return label.casefold().translate(_AFTER_Z)


def by_label(concepts: Iterable[Concept], lang: str) -> tuple[Concept, ...]:
    """Return concepts in the order of their labels in a language."""
    return tuple(sorted(concepts, key=lambda c: (alphabetical(c.label(lang)), c.id)))


def _once(vocabulary: Vocabulary, key: tuple[str, ...], make: Callable[[], _T]) -> _T:
    """Return what is made of a vocabulary once, and forgotten with it."""
    made = _MADE.setdefault(vocabulary, {})
    if key not in made:
        made[key] = make()
    found: _T = made[key]
    return found


def roots(vocabulary: Vocabulary, scheme: str, lang: str) -> tuple[Concept, ...]:
    """Return where a scheme's tree begins, in the order of the labels; without any, all its concepts."""

    def make() -> tuple[Concept, ...]:
        found = vocabulary.top_concepts(scheme) or vocabulary.in_scheme(scheme)
        return by_label([c for c in found if not c.deprecated], lang)

    return _once(vocabulary, ("roots", scheme, lang), make)


def size(vocabulary: Vocabulary, scheme: str) -> int:
    """Return how many concepts in use a scheme has."""
    return _once(
        vocabulary, ("size", scheme), lambda: sum(not c.deprecated for c in vocabulary.in_scheme(scheme))
    )


def gone(vocabulary: Vocabulary, text: str) -> tuple[Concept, ...]:
    """Return the concepts that are no longer in use and had a label, not a hidden one, that says a text."""

    def make() -> dict[str, dict[str, Concept]]:
        found: dict[str, dict[str, Concept]] = {}
        for c in vocabulary:
            if c.deprecated:
                names = (
                    *c.pref_label.values(),
                    *(label for labels in c.alt_label.values() for label in labels),
                )
                for label in names:
                    found.setdefault(fold(label), {})[c.id] = c
        return found

    return tuple(_once(vocabulary, ("gone",), make).get(fold(text), {}).values())


@dataclass(slots=True)
class Branch:
    """A concept in a tree with those below it; `hidden` of them are on the concept's own page instead."""

    concept: Concept
    above: frozenset[str]
    children: list["Branch"] = field(default_factory=list)
    hidden: int = 0


def tree(vocabulary: Vocabulary, begin: Sequence[Concept], lang: str) -> list[Branch]:
    """Return concepts with what is below them, level by level, until `ROWS` concepts are shown.

    A concept with two broader ones stands below both; a circle ends where it would begin again.
    """
    shown = [Branch(c, frozenset({c.id})) for c in begin]
    level, left = shown, ROWS - len(shown)
    while level:
        next_level: list[Branch] = []
        for branch in level:
            below = [
                c
                for c in vocabulary.narrower(branch.concept.id)
                if not c.deprecated and c.id not in branch.above
            ]
            if len(below) > min(BELOW, left):
                branch.hidden = len(below)
                continue
            left -= len(below)
            branch.children = [Branch(c, branch.above | {c.id}) for c in by_label(below, lang)]
            next_level += branch.children
        level = next_level
    return shown


def path_to(vocabulary: Vocabulary, concept: Concept) -> tuple[Concept, ...]:
    """Return one way down to a concept, the widest first; where several are broader, the first by id."""
    way: list[Concept] = []
    seen = {concept.id}
    while above := [c for c in vocabulary.broader(concept.id) if c.id not in seen]:
        concept = above[0]
        seen.add(concept.id)
        way.insert(0, concept)
    return tuple(way)


def find_scheme(vocabulary: Vocabulary, scheme: str) -> ConceptScheme:
    """Return a scheme; raises NotFound."""
    found = vocabulary.scheme(scheme)
    if found is None:
        raise NotFound(f"no concept scheme has the id {scheme!r}")
    return found


def facet_value(concept: Concept) -> tuple[str, str]:
    """Return the facet and the value that find the resources of a concept.

    Topics are found by their tags, roles and the like by the field of the resource that names them.
    """
    if facet := FACET_OF.get(concept.scheme):
        return facet, concept.id.partition("/")[2]
    return "concept", concept.id


Sayer = Literal["editor", "source", "automatic", "narrower"]
"""Who says that a resource is about a concept; ``narrower``: it is about something below it."""


def tagged_by(resource: Resource, concept: Concept) -> tuple[Sayer, float | None]:
    """Return who says that a resource is about a concept, and the tag's score where there is a tag."""
    facet, value = facet_value(concept)
    if facet != "concept":
        if facet == "requirement" and value in set(resource.requirements).difference(resource.teaches):
            return "editor", None
        own = getattr(resource, "requirements" if facet == "requirement" else facet)
        return ("source" if value in ((own,) if isinstance(own, str) else own) else "narrower"), None
    tag = next((t for t in resource.about if t.concept == concept.id and t.decision != "rejected"), None)
    if tag is None:
        return "narrower", None
    return ("editor" if tag.decision == "accepted" else tag.origin), tag.score


class Kept:
    """What takes long to write, kept compressed up to `limit` bytes in all. Safe for several threads."""

    def __init__(self, limit: int = 64 * 1024 * 1024) -> None:
        self._kept: LRUCache[tuple[object, ...], bytes] = LRUCache(limit, getsizeof=len)
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...], write: Callable[[], bytes]) -> bytes:
        """Return what was written under a key, else write it, as gzip; one at a time, so that none is written twice."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                found = gzip.compress(write(), 6, mtime=0)
                with suppress(ValueError):  # larger than all that may be kept
                    self._kept[key] = found
        return found


class ResourceCounts:
    """How many resources each value of a facet has; kept until something changes. Safe for several threads."""

    def __init__(self) -> None:
        self._known: LRUCache[tuple[object, ...], Mapping[str, int]] = LRUCache(32)
        self._lock = threading.Lock()

    def of(self, engine: Engine, concepts: Iterable[Concept], edition: str | None) -> dict[str, int] | None:
        """Return the number of resources by concept, None when nothing has been indexed."""
        asked = {c.id: facet_value(c) for c in concepts}
        try:
            by_facet = {f: self._facet(engine, f, edition) for f in {facet for facet, _ in asked.values()}}
        except IndexMissing:
            return None
        return {i: by_facet[facet].get(value, 0) for i, (facet, value) in asked.items()}

    def _facet(self, engine: Engine, facet: str, edition: str | None) -> Mapping[str, int]:
        info = engine.builds.current()
        state = (
            info.id if info else "",
            engine.catalogue.last_seq(),
            engine.waiting(),
            engine.vocabulary.version,
        )
        key = (*state, engine.today(), facet, edition)
        with self._lock:
            known = self._known.get(key)
        if known is None:
            found = engine.search(SearchRequest(k=1, facets=(facet,), edition=edition))
            known = {v.value: v.count for v in found.facets[0].values}
            with self._lock:
                self._known[key] = known
        return known


def requirements_about(engine: Engine, concept: Concept) -> tuple[Requirement, ...]:
    """Return the requirements that name a concept or are it, in id order."""
    itself = concept.id.removeprefix("krav/") if concept.scheme == "krav" else None
    return tuple(
        q for i, q in sorted(engine.requirements().items()) if i == itself or concept.id in q.concepts
    )


@dataclass(frozen=True, slots=True)
class Asking:
    """A role that must meet requirements: how strongly, which ones, and the plans that say so."""

    role: str
    necessity: Necessity
    requirements: tuple[str, ...]
    plans: tuple[str, ...]


def roles_asked(engine: Engine, requirements: Iterable[str], edition: str | None = None) -> list[Asking]:
    """Return the roles whose plans in force ask for one of the requirements, the most obliged first."""
    wanted = set(requirements)
    today, plans = engine.today(), list(engine.plans().values())
    concerned = [p for p in plans if any(line.requirement in wanted for line in p.lines)]
    found = []
    for role in sorted({r for p in concerned for r in p.roles if r in engine.roles()}):
        lines = [
            (plan.id, line)
            for plan in applicable_plans(role, plans, on=today, edition=edition)
            for line in lines_for(plan, edition)
            if line.requirement in wanted
        ]
        if lines:
            found.append(
                Asking(
                    role,
                    max((line.necessity for _, line in lines), key=lambda n: NECESSITIES[n]),
                    tuple(sorted({line.requirement for _, line in lines})),
                    tuple(sorted({plan for plan, _ in lines})),
                )
            )
    return sorted(found, key=lambda a: (-NECESSITIES[a.necessity], a.role))


def public_uri(mapping: ConceptMapping) -> str | None:
    """Return the address of a mapped concept where its own vocabulary has one for everybody.

    Examples
    --------
    >>> public_uri(ConceptMapping("exact", "mesh", "D003668")), public_uri(ConceptMapping("close", "icpc2", "K77"))
    ('http://id.nlm.nih.gov/mesh/D003668', None)
    """
    uri = (
        mapping.code
        if mapping.vocabulary == "uri"
        else MAPPING_PREFIXES.get(mapping.vocabulary, "") + mapping.code
    )
    return uri if uri.startswith(("https://", "http://")) else None
