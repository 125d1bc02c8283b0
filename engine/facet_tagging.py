"""Whom is this text for, whom is it about, where, at which level and of which type? Proposals, each by its own rules.

A name proves little by itself: *sykepleier* may be the reader, the one who speaks, the one to ring, or a word in a
sentence. So each column reads the same names in its own way (`engine.facet_cues` tells how a name stands), adds up what
they say, and proposes what adds up to enough. What a source has stated is never overwritten: these are proposals.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.facet_cues import Cue, is_definite
from engine.facet_kinds import KindEvidence, find_levels, find_types
from engine.facet_names import Field, Name, NameFinder
from engine.facet_relations import CHRONIC, CHRONICALLY_ILL, RELATIVES, STAFF, FacetRelations
from engine.model import Resource, Span
from vocab.concept import ConceptId
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary

LEAD = 400
"""How much of the body is read as its summary when it has none [code points]."""

READ = 50_000
"""How much of a body is read [code points]; what stands later says little of readers."""

GROWN_UP = ConceptId("malgruppe/voksne")
NEXT_OF_KIN = ConceptId("malgruppe/parorende")
PATIENT_INFORMATION = ConceptId("ressurstype/pasientinformasjon")
_TO_READERS = (Cue.READER, Cue.ADDRESSED)

_AWAY = frozenset(["med", "til", "fra", "frå", "with", "to", "from"])
_PEOPLE = re.compile(
    r"(?:folk|personer|personar|pasienter|pasientar|people|patients|eldre) (?:med|with) (?:\w+ )?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FacetWeights:
    """What each kind of evidence adds; a score is ``1 - exp(-sum)``, in [0, 1), compared with the thresholds.

    Chosen by hand on the development half of the hand-indexed set; see `docs/evaluation.md`.
    """

    addressed: float = 1.5
    reader: float = 1.2
    reader_body: float = 0.5
    followed: float = 0.8
    one_of_them: float = 0.5
    role_title: float = 0.7
    role_summary: float = 0.25
    role_body: float = 0.1
    group_title: float = 1.2
    group_summary: float = 0.9
    group_body: float = 0.2
    condition_title: float = 0.8
    condition_summary: float = 0.7
    topic_summary: float = 0.5
    resident: float = 0.75
    chronic: float = 0.8
    arena_title: float = 1.2
    arena_summary: float = 0.8
    arena_body: float = 0.2
    arena_of_role: float = 0.8
    part: float = 0.9
    away: float = 0.5
    grown_up: float = 0.5
    threshold: float = 0.5
    limit: int = 6
    spans: int = 10


@dataclass(frozen=True, slots=True)
class FacetProposal:
    """A concept proposed for a column: how sure, the words that made it, and by which rule."""

    concept: ConceptId
    score: float
    rule: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetProposals:
    """What the text of a resource says of people, place, level and type; best first in each.

    `audience` is who it is for: roles, and groups that are meant as readers. `patient_groups` is whom it is about.
    `level` and `resource_type` have one value at most.
    """

    audience: tuple[FacetProposal, ...] = ()
    patient_groups: tuple[FacetProposal, ...] = ()
    arenas: tuple[FacetProposal, ...] = ()
    level: tuple[FacetProposal, ...] = ()
    resource_type: tuple[FacetProposal, ...] = ()


COLUMNS = ("audience", "patient_groups", "arenas", "level", "resource_type")


@dataclass(slots=True)
class _Mass:
    """What adds up for one concept in one column."""

    total: float = 0.0
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    rules: dict[str, float] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)


class _Column(dict[ConceptId, _Mass]):
    """What adds up in one column."""

    def add(self, concept: ConceptId, weight: float, rule: str, spans: Iterable[Span] = ()) -> None:
        """Add evidence; the tenth of one kind says less than the first."""
        mass = self.setdefault(concept, _Mass())
        given = weight / (1 + mass.counts[rule])
        mass.counts[rule] += 1
        mass.total += given
        mass.rules[rule] = mass.rules.get(rule, 0.0) + given
        mass.spans += spans

    def score(self, concept: ConceptId) -> float:
        mass = self.get(concept)
        return 1 - math.exp(-mass.total) if mass else 0.0


class FacetTagger:
    """Proposes audience, patient groups, arenas, level and type of a text.

    Parameters
    ----------
    vocabulary, matcher
        Concepts and their labels.
    weights : FacetWeights, optional
        The documented ones by default.
    exclude : iterable of str
        Concepts (``rolle/lege``) and whole schemes (``niva``) that are never proposed.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        matcher: LabelMatcher,
        weights: FacetWeights | None = None,
        exclude: Iterable[str] = (),
    ) -> None:
        self._exclude = frozenset(exclude)
        self._vocabulary = vocabulary
        self._matcher = matcher
        self._weights = weights or FacetWeights()
        self._relations = FacetRelations(vocabulary, matcher)
        self._learners = frozenset(vocabulary.descendants("rolle/laerende"))

    @cached_property
    def _finder(self) -> NameFinder:
        """What finds names in texts: made for the first text, since most who open a bank have none."""
        topics = {*self._relations.groups_of_topics, *map(ConceptId, CHRONIC)}
        return NameFinder(self._vocabulary, self._matcher, topics)

    def propose(
        self, title: str, summary: str = "", body: str = "", exclude: Iterable[str] = ()
    ) -> FacetProposals:
        """Return the proposals for a text; without a summary, the beginning of the body is read as one.

        `exclude` are concepts and schemes left out this time, besides the tagger's own.

        Examples
        --------
        >>> from vocab.vocabulary import open_vocabulary
        >>> vocabulary = open_vocabulary()
        >>> found = FacetTagger(vocabulary, LabelMatcher(vocabulary)).propose("E-læring om demens for helsefagarbeidere")
        >>> [p.concept for p in (*found.audience, *found.patient_groups, *found.resource_type)]
        ['rolle/helsefagarbeider', 'malgruppe/personer-demens', 'ressurstype/e-laeringskurs']
        """
        out = self._exclude | frozenset(exclude)
        body = body[:READ]
        if summary.strip():
            return _each(self._propose(title, summary, body), lambda p: _allowed(p, out))
        lead = _lead(body)
        found = self._propose(title, body[:lead], " " * lead + body[lead:])
        return _each(found, lambda p: _in_body(p) if _allowed(p, out) else None)

    def propose_missing(self, resource: Resource) -> FacetProposals:
        """Return the proposals for what the source of a resource says nothing of; what it says stands alone."""
        stated = {
            "audience": bool(resource.audience or resource.audience_group),
            "patient_groups": bool(resource.patient_group),
            "arenas": bool(resource.arena),
            "level": bool(resource.level),
            "resource_type": bool(resource.resource_type),
        }
        found = self.propose(resource.title, resource.summary, resource.body)
        return FacetProposals(*(() if stated[column] else getattr(found, column) for column in COLUMNS))

    def _propose(self, title: str, summary: str, body: str) -> FacetProposals:
        texts: tuple[tuple[Field, str], ...] = (("title", title), ("summary", summary), ("body", body))
        names = [name for where, text in texts for name in self._finder.names(where, text)]
        w = self._weights
        types = find_types(title, summary, body, self._matcher)
        arenas = self._arenas(names)
        groups = self._patient_groups(names, texts, arenas)
        audience = self._audience(names)
        kind = self._one(types)
        if kind and kind[0].concept == PATIENT_INFORMATION:
            for name in names:
                if name.scheme == "malgruppe" and name.field != "body" and name.standing.cue in _TO_READERS:
                    audience.add(name.concept, w.reader, "patient information, after “for”", [name.span])
        for role in list(audience):
            arena = self._relations.arenas_of.get(role)
            if arena and audience.score(role) >= w.threshold:
                arenas.add(arena, w.arena_of_role, "where the readers work", audience[role].spans)
        self._place(audience, arenas)
        readers = {r: tuple(m.spans) for r, m in audience.items() if audience.score(r) >= w.threshold}
        return FacetProposals(
            audience=self._best(audience),
            patient_groups=self._best(groups),
            arenas=self._best(self._most_exact(arenas)),
            level=self._one(find_levels(title, summary, readers, self._learners)),
            resource_type=kind,
        )

    def _audience(self, names: list[Name]) -> _Column:
        w = self._weights
        column = _Column()
        for name in names:
            if name.scheme == "rolle":
                weight, rule = self._reader(name)
            elif name.concept in self._relations.group_readers:
                weight, rule = self._group_reader(name)
            else:
                continue
            if weight:
                column.add(name.concept, weight * (w.part if name.part else 1), rule, [name.span])
        return column

    def _reader(self, name: Name) -> tuple[float, str]:
        """Return what the name of a role says of the readers."""
        w, cue = self._weights, name.standing.cue
        definite = is_definite(name.surface, name.label)
        if cue in {Cue.CONTACT, Cue.SPEAKER, Cue.OF_SOMETHING, Cue.PLACE}:
            return 0.0, ""
        if cue is Cue.ADDRESSED:
            return w.addressed, f"addressed in the {name.field}"
        if cue is Cue.FOLLOWED:
            return w.followed, f"followed in the {name.field}"
        if cue is Cue.READER and name.field != "body":
            return w.reader, f"after “{name.standing.word}” in the {name.field}"
        if cue is Cue.READER and not definite and name.plural:
            return w.reader_body, f"after “{name.standing.word}” in the body"
        if cue is Cue.PATIENT:
            return 0.0, ""
        weight = {"title": w.role_title, "summary": w.role_summary, "body": w.role_body}[name.field]
        if not definite and not name.plural and not name.standing.alone:
            weight *= w.one_of_them
        return weight, f"named in the {name.field}"

    def _group_reader(self, name: Name) -> tuple[float, str]:
        """Return what the name of relatives or of all staff says of the readers."""
        w, cue = self._weights, name.standing.cue
        if cue is Cue.ADDRESSED:
            return w.addressed, f"addressed in the {name.field}"
        if cue is Cue.READER and name.field != "body" and not name.genitive:
            return w.reader, f"after “{name.standing.word}” in the {name.field}"
        return 0.0, ""

    def _place(self, column: _Column, arenas: _Column) -> None:
        """Put the role that works there in the place of a profession, when it can be but one."""
        least = self._weights.threshold
        placed: defaultdict[ConceptId, set[ConceptId]] = defaultdict(set)
        for (profession, arena), role in self._relations.placed.items():
            if column.score(profession) >= least and arenas.score(arena) >= least:
                placed[profession].add(role)
        for profession, roles in placed.items():
            if len(roles) == 1:
                mass, role = column.pop(profession), roles.pop()
                column.setdefault(role, _Mass()).total += mass.total
                column[role].rules |= {f"{rule}, at work there": v for rule, v in mass.rules.items()}
                column[role].spans += mass.spans

    def _patient_groups(
        self, names: list[Name], texts: tuple[tuple[Field, str], ...], arenas: _Column
    ) -> _Column:
        w, relations = self._weights, self._relations
        by_field = dict(texts)
        column = _Column()
        for name in names:
            if name.standing.cue is Cue.CONTACT:
                continue
            if name.scheme == "malgruppe":
                if not self._is_reader(name):
                    weight = {"title": w.group_title, "summary": w.group_summary, "body": w.group_body}[
                        name.field
                    ]
                    weight *= w.grown_up if name.concept == GROWN_UP else 1
                    column.add(name.concept, weight, f"named in the {name.field}", [name.span])
                continue
            if name.field == "body":
                continue
            weight = w.condition_title
            if name.field == "summary":
                weight = w.condition_summary if name.concept in relations.groups_of else w.topic_summary
            for group in relations.groups_of_topics.get(name.concept, ()):
                column.add(group, weight, f"their topic in the {name.field}", [name.span])
            if name.concept in CHRONIC and _PEOPLE.search(by_field[name.field], 0, name.start):
                column.add(
                    CHRONICALLY_ILL, w.chronic, f"“with” their condition in the {name.field}", [name.span]
                )
        homes = [a for a in arenas if arenas.score(a) >= w.threshold]
        groups = {relations.residents_of.get(arena) for arena in homes}
        residents = groups.pop() if len(groups) == 1 else None
        if residents:
            column.add(residents, w.resident, "those who are cared for there", arenas[homes[0]].spans)
        return column

    def _is_reader(self, name: Name) -> bool:
        """Tell whether a group is no patient group here: all staff, relatives, and others of theirs after *for*."""
        if name.concept in {STAFF, RELATIVES, NEXT_OF_KIN}:
            return True
        return name.concept in self._relations.group_readers and name.standing.cue in {
            Cue.READER,
            Cue.ADDRESSED,
        }

    def _arenas(self, names: list[Name]) -> _Column:
        w = self._weights
        column = _Column()
        for name in names:
            if name.scheme != "arena" or name.standing.cue is Cue.CONTACT:
                continue
            weight = {"title": w.arena_title, "summary": w.arena_summary, "body": w.arena_body}[name.field]
            weight *= (w.part if name.part else 1) * (w.away if name.standing.word in _AWAY else 1)
            column.add(name.concept, weight, f"named in the {name.field}", [name.span])
        return column

    def _most_exact(self, column: _Column) -> _Column:
        """Return the column without arenas that have a more exact one in it."""
        least = self._weights.threshold
        wide = {
            above
            for arena in column
            if column.score(arena) >= least
            for above in self._vocabulary.ancestors(arena)
        }
        return _Column({arena: mass for arena, mass in column.items() if arena not in wide})

    def _best(self, column: _Column) -> tuple[FacetProposal, ...]:
        w = self._weights
        found = [
            FacetProposal(
                concept,
                round(column.score(concept), 6),
                max(mass.rules, key=lambda rule: (mass.rules[rule], rule)),
                tuple(mass.spans[: w.spans]),
            )
            for concept, mass in column.items()
            if column.score(concept) >= w.threshold and concept in self._vocabulary
        ]
        return tuple(sorted(found, key=lambda p: (-p.score, p.concept))[: w.limit])

    def _one(self, evidence: Iterable[KindEvidence]) -> tuple[FacetProposal, ...]:
        column = _Column()
        for item in evidence:
            column.add(item.concept, item.weight, item.rule, item.spans)
        return self._best(column)[:1]


def _lead(body: str) -> int:
    """Return where the first paragraph ends, or its last sentence that begins within `LEAD`."""
    paragraph = body[: LEAD + 1].split("\n", 1)[0]
    if len(paragraph) <= LEAD:
        return len(paragraph)
    return paragraph.rfind(". ") + 1 or LEAD


def _each(found: FacetProposals, change: Callable[[FacetProposal], FacetProposal | None]) -> FacetProposals:
    """Return proposals changed, without those that `change` makes nothing of."""
    columns = ([change(p) for p in getattr(found, column)] for column in COLUMNS)
    return FacetProposals(*(tuple(p for p in column if p) for column in columns))


def _allowed(p: FacetProposal, out: frozenset[str]) -> FacetProposal | None:
    return None if {p.concept, p.concept.split("/", 1)[0]} & out else p


def _in_body(p: FacetProposal) -> FacetProposal:
    """Return a proposal from a beginning of the body that was read as a summary, as what it is."""
    spans = tuple(replace(s, field="body") if s.field == "summary" else s for s in p.spans)
    return replace(p, spans=spans, rule=p.rule.replace("in the summary", "in the beginning"))
