"""Whom is this text for, whom is it about, where, at which level and of which type? Proposals, each by its own rules.

A name proves little by itself: *sykepleier* may be the reader, the one who speaks, the one to ring, or a word in a
sentence. So each column reads the same names in its own way (`engine.facet_cues` tells how a name stands), adds up what
they say, and proposes what adds up to enough. What a source has stated is never overwritten: these are proposals.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from engine.facet_cues import Cue, Standing, is_definite, standing
from engine.facet_kinds import KindEvidence, find_levels, find_types
from engine.facet_relations import CHRONIC, CHRONICALLY_ILL, RELATIVES, STAFF, FacetRelations
from engine.model import Span
from vocab.analysis import analyse
from vocab.concept import ConceptId
from vocab.matcher import LabelMatch, LabelMatcher
from vocab.vocabulary import Vocabulary

Field = Literal["title", "summary", "body"]

PEOPLE_SCHEMES = ("rolle/", "malgruppe/", "arena/")
GROWN_UP = ConceptId("malgruppe/voksne")
NEXT_OF_KIN = ConceptId("malgruppe/parorende")
PATIENT_INFORMATION = ConceptId("ressurstype/pasientinformasjon")
_TO_READERS = (Cue.READER, Cue.ADDRESSED)

_LIS = (ConceptId("rolle/lis1"), ConceptId("rolle/lis2"), ConceptId("rolle/lis3"))

EVERYDAY: dict[str, tuple[ConceptId, ...]] = {
    r"[Kk]ommun(?:e|en|er|ar|ene|ane)|[Hh]else og omsorg": (ConceptId("arena/kommunal"),),
    r"[Ii] mottak(?:et)?": (ConceptId("arena/akuttmottak"),),
    r"(?:[Hh]jemme|[Hh]eime) hos(?= (?:bruker|brukar|pasient|en |ein |eldre))": (
        ConceptId("arena/hjemmet"),
        ConceptId("arena/hjemmetjeneste"),
    ),
    r"(?:bor|bur|bu|bo) (?:hjemme|heime)": (ConceptId("malgruppe/hjemmeboende"),),
    r"[Hh]jemme|[Hh]eime|[Ii] (?:hjemmet|heimen)|[Aa]t home": (ConceptId("arena/hjemmet"),),
    r"[Kk]ronisk \w+": (ConceptId("malgruppe/kronisk-syke"),),
    r"[Ll]eg(?:er|ar|en|ene|ane) i spesialisering|LIS(?:-leger|-legar)?|[Dd]octors in training": _LIS,
}
"""Words that are no label of the vocabulary, or mean more than the one concept with that label; the first that fits."""

_EVERYDAY = [(re.compile(rf"(?<![\w-])(?:{words})(?![\w-])"), concepts) for words, concepts in EVERYDAY.items()]
_AWAY = frozenset(["med", "til", "fra", "frå", "with", "to", "from"])
_PEOPLE = re.compile(r"(?:folk|personer|personar|pasienter|pasientar|people|patients|eldre) (?:med|with) (?:\w+ )?$", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True)
class _Name:
    """A concept named in a field."""

    concept: ConceptId
    label: str
    field: Field
    start: int
    end: int
    surface: str
    part: bool
    standing: Standing

    @property
    def scheme(self) -> str:
        return self.concept.split("/", 1)[0]


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
    """

    def __init__(
        self, vocabulary: Vocabulary, matcher: LabelMatcher, weights: FacetWeights | None = None
    ) -> None:
        self._vocabulary = vocabulary
        self._matcher = matcher
        self._weights = weights or FacetWeights()
        self._relations = FacetRelations(vocabulary, matcher)
        self._part = lru_cache(1 << 14)(self._named_by_part)
        self._learners = frozenset(vocabulary.descendants("rolle/laerende"))

    def propose(self, title: str, summary: str = "", body: str = "") -> FacetProposals:
        """Return the proposals for a text.

        Examples
        --------
        >>> from vocab.vocabulary import open_vocabulary
        >>> vocabulary = open_vocabulary()
        >>> found = FacetTagger(vocabulary, LabelMatcher(vocabulary)).propose("E-læring om demens for helsefagarbeidere")
        >>> [p.concept for p in (*found.audience, *found.patient_groups, *found.resource_type)]
        ['rolle/helsefagarbeider', 'malgruppe/personer-demens', 'ressurstype/e-laeringskurs']
        """
        texts: tuple[tuple[Field, str], ...] = (("title", title), ("summary", summary), ("body", body))
        names = [name for where, text in texts for name in self._names(where, text)]
        w = self._weights
        types = find_types(title, summary, body, self._matcher)
        arenas = self._arenas(names)
        groups = self._patient_groups(names, texts, arenas)
        audience = self._audience(names)
        kind = self._one(types)
        if kind and kind[0].concept == PATIENT_INFORMATION:
            for name in names:
                if name.scheme == "malgruppe" and name.field != "body" and name.standing.cue in _TO_READERS:
                    audience.add(name.concept, w.reader, "patient information, after “for”", [_span(name)])
        for role in list(audience):
            arena = self._relations.arenas_of.get(role)
            if arena and audience.score(role) >= w.threshold:
                arenas.add(arena, w.arena_of_role, "where the readers work", audience[role].spans)
        self._place(audience, arenas)
        readers = [r for r in audience if audience.score(r) >= w.threshold]
        return FacetProposals(
            audience=self._best(audience),
            patient_groups=self._best(groups),
            arenas=self._best(self._most_exact(arenas)),
            level=self._one(
                find_levels(title, summary, readers, self._learners)
            ),
            resource_type=kind,
        )

    def _names(self, where: Field, text: str) -> list[_Name]:
        found = [
            _name(m, where, text)
            for m in _unambiguous(self._matcher.matches(text))
            if m.concept.startswith(PEOPLE_SCHEMES)
            or (where != "body" and (m.concept in self._relations.groups_of_topics or m.concept in CHRONIC))
        ]
        everyday: list[_Name] = []
        for pattern, concepts in _EVERYDAY:
            for hit in pattern.finditer(text):
                if any(n.start < hit.end() and hit.start() < n.end for n in everyday):
                    continue
                stood = standing(text, hit.start(), hit.end())
                if concepts is _LIS and hit.group() == "LIS" and stood.cue not in {Cue.READER, Cue.ADDRESSED}:
                    concepts_here: tuple[ConceptId, ...] = ()  # a laboratory's system has this name, too
                else:
                    concepts_here = concepts
                found = [n for n in found if n.end <= hit.start() or n.start >= hit.end()]
                everyday += [
                    _Name(c, hit.group(), where, hit.start(), hit.end(), hit.group(), False, stood)
                    for c in concepts_here
                    if c in self._vocabulary
                ]
        found += everyday
        taken = [(n.start, n.end) for n in found]
        for token in analyse(text):
            if token.parts and not any(s < token.end and token.start < e for s, e in taken):
                for m in self._part(token.parts[0]):
                    stood = standing(text, token.start, token.end)
                    found.append(
                        _Name(m.concept, m.label, where, token.start, token.end, token.surface, True, stood)
                    )
        return found

    def _named_by_part(self, part: str) -> tuple[LabelMatch, ...]:
        """Return the roles and arenas that the first part of a compound names (*legevakt|konsultasjon*)."""
        return tuple(
            m
            for m in _unambiguous(self._matcher.matches(part))
            if m.concept.startswith(("arena/", "rolle/")) and m.end - m.start == len(part)
        )

    def _audience(self, names: list[_Name]) -> _Column:
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
                column.add(name.concept, weight * (w.part if name.part else 1), rule, [_span(name)])
        return column

    def _reader(self, name: _Name) -> tuple[float, str]:
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
        if cue is Cue.READER and not definite and _plural(name):
            return w.reader_body, f"after “{name.standing.word}” in the body"
        if cue is Cue.PATIENT:
            return 0.0, ""
        weight = {"title": w.role_title, "summary": w.role_summary, "body": w.role_body}[name.field]
        if not definite and not _plural(name) and not name.standing.alone:
            weight *= w.one_of_them
        return weight, f"named in the {name.field}"

    def _group_reader(self, name: _Name) -> tuple[float, str]:
        """Return what the name of relatives or of all staff says of the readers."""
        w, cue = self._weights, name.standing.cue
        if cue is Cue.ADDRESSED:
            return w.addressed, f"addressed in the {name.field}"
        genitive = name.surface.lower().endswith("s") and not name.label.lower().endswith("s")
        if cue is Cue.READER and name.field != "body" and not genitive:
            return w.reader, f"after “{name.standing.word}” in the {name.field}"
        return 0.0, ""

    def _place(self, column: _Column, arenas: "_Column") -> None:
        """Put the role that works there in the place of a profession, when one arena is known."""
        w = self._weights
        for (profession, arena), role in self._relations.placed.items():
            if column.score(profession) >= w.threshold and arenas.score(arena) >= w.threshold:
                mass = column.pop(profession)
                column.setdefault(role, _Mass()).total += mass.total
                column[role].rules |= {f"{rule}, at work there": v for rule, v in mass.rules.items()}
                column[role].spans += mass.spans

    def _patient_groups(
        self, names: list[_Name], texts: tuple[tuple[Field, str], ...], arenas: _Column
    ) -> _Column:
        w, relations = self._weights, self._relations
        by_field = dict(texts)
        column = _Column()
        for name in names:
            if name.standing.cue is Cue.CONTACT:
                continue
            if name.scheme == "malgruppe":
                if not self._is_reader(name):
                    weight = {"title": w.group_title, "summary": w.group_summary, "body": w.group_body}[name.field]
                    weight *= w.grown_up if name.concept == GROWN_UP else 1
                    column.add(name.concept, weight, f"named in the {name.field}", [_span(name)])
                continue
            if name.field == "body":
                continue
            weight = w.condition_title
            if name.field == "summary":
                weight = w.condition_summary if name.concept in relations.groups_of else w.topic_summary
            for group in relations.groups_of_topics.get(name.concept, ()):
                column.add(group, weight, f"their topic in the {name.field}", [_span(name)])
            if name.concept in CHRONIC and _PEOPLE.search(by_field[name.field], 0, name.start):
                column.add(CHRONICALLY_ILL, w.chronic, f"“with” their condition in the {name.field}", [_span(name)])
        homes = [a for a in arenas if arenas.score(a) >= w.threshold]
        groups = {relations.residents_of.get(arena) for arena in homes}
        group = groups.pop() if len(groups) == 1 else None
        if group:
            column.add(group, w.resident, "those who are cared for there", arenas[homes[0]].spans)
        return column

    def _is_reader(self, name: _Name) -> bool:
        """Tell whether a group is no patient group here: all staff, relatives, and others of theirs after *for*."""
        if name.concept in {STAFF, RELATIVES, NEXT_OF_KIN}:
            return True
        return name.concept in self._relations.group_readers and name.standing.cue in {Cue.READER, Cue.ADDRESSED}

    def _arenas(self, names: list[_Name]) -> _Column:
        w = self._weights
        column = _Column()
        for name in names:
            if name.scheme != "arena" or name.standing.cue is Cue.CONTACT:
                continue
            weight = {"title": w.arena_title, "summary": w.arena_summary, "body": w.arena_body}[name.field]
            weight *= (w.part if name.part else 1) * (w.away if name.standing.word in _AWAY else 1)
            column.add(name.concept, weight, f"named in the {name.field}", [_span(name)])
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
            if column.score(concept) >= w.threshold
        ]
        return tuple(sorted(found, key=lambda p: (-p.score, p.concept))[: w.limit])

    def _one(self, evidence: Iterable[KindEvidence]) -> tuple[FacetProposal, ...]:
        column = _Column()
        for item in evidence:
            column.add(item.concept, item.weight, item.rule, item.spans)
        return self._best(column)[:1]


def _unambiguous(matches: Iterable[LabelMatch]) -> list[LabelMatch]:
    """Return the matches but those whose label another concept of the same scheme has, too."""
    by_place: defaultdict[tuple[int, int, str], list[LabelMatch]] = defaultdict(list)
    for m in matches:
        by_place[m.start, m.end, m.concept.split("/", 1)[0]].append(m)
    return [found[0] for found in by_place.values() if len(found) == 1]


def _name(m: LabelMatch, where: Field, text: str) -> _Name:
    return _Name(m.concept, m.label, where, m.start, m.end, m.surface, False, standing(text, m.start, m.end))


def _span(name: _Name) -> Span:
    return Span(name.field, name.start, name.end)


def _plural(name: _Name) -> bool:
    """Tell whether a role is named in the plural: *for leger* means readers more often than *for lege*."""
    return name.surface.lower() != name.label.lower() or name.surface.lower().endswith(("ell", "ere"))
