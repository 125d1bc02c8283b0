"""What do people look for that the bank does not have? Queries asked often, with what the plans ask and the bank lacks.

Every number is `SHOWN_FROM` or more, and no smaller one comes out by subtracting numbers that are shown: see `released`
and `QueryRow`. All numbers are of one window, the days that counts are kept; another window could be subtracted.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from engine.errors import BackendError
from engine.model import COMMON_EDITION
from engine.query_statistics import about, first_day, released
from engine.repair import in_a_lexicon
from engine.search import ALL_EDITIONS, review_expired
from engine.service import Engine
from engine.statistics_ports import HITS, SHOWN_FROM, ClickCount, SearchCount
from graph.model import Requirement
from vocab.analysis import analyse, is_function_word
from vocab.concept import ConceptId, Lang

Gap = Literal["no_hits", "few_hits", "no_resource", "no_language"]
Show = Literal["gaps", "popular", "zero"]

LANGUAGES: Final[tuple[Lang, ...]] = ("nb", "nn", "en")
MUST_BE_IN: Final[tuple[Lang, ...]] = ("nb", "nn")
"""Languages that a requirement should have a resource in."""

TOPICS: Final = frozenset({"tema", "tilstand", "prosedyre"})
MOST_REQUIREMENTS: Final = 5
SHORTEST_BEGINNING: Final = 4


@dataclass(frozen=True, slots=True)
class RequirementDemand:
    """A requirement that a query is about: who asks for it, and how many valid resources serve it, by language.

    `resources` is None before the first index run.
    """

    requirement: str
    labels: Mapping[Lang, str]
    plans: tuple[str, ...]
    roles: tuple[str, ...]
    resources: Mapping[str, int] | None

    @property
    def lacks(self) -> tuple[str, ...]:
        """Languages without a valid resource."""
        return tuple(lang for lang in MUST_BE_IN if not (self.resources or {}).get(lang))


@dataclass(frozen=True, slots=True)
class QueryRow:
    """A query and how often it was asked.

    Attributes
    ----------
    searches
        In the editions that are looked at; `SHOWN_FROM` or more.
    mostly
        How many hits most of the searches had (`HITS`): a class, no number.
    hits, editions, positions
        Breakdowns, as far as they may be shown; what is missing is not 0 but not told.
    clicks
        How often a hit was opened; None when fewer than `SHOWN_FROM`.
    concept, named
        The concept that the query is about, and whether it names it or only comes near; none is sought near a query
        that a requirement fits.
    """

    query: str
    searches: int
    mostly: int
    hits: Mapping[int, int]
    editions: Mapping[str, int]
    clicks: int | None = None
    positions: Mapping[int, int] = field(default_factory=dict)
    concept: ConceptId | None = None
    named: bool = False
    requirements: tuple[RequirementDemand, ...] = ()

    @property
    def gap(self) -> Gap | None:
        """What is missing, the worst first; None when nothing is."""
        if self.mostly == HITS[0]:
            return "no_hits"
        if any(q.resources is not None and not sum(q.resources.values()) for q in self.requirements):
            return "no_resource"
        if self.mostly == HITS[1]:
            return "few_hits"
        if any(q.resources is not None and q.lacks for q in self.requirements):
            return "no_language"
        return None


@dataclass(frozen=True, slots=True)
class Demand:
    """Queries in one window, and about how many searches there were in all, whole tens."""

    since: date
    until: date
    searches: int
    in_writing: int
    rows: tuple[QueryRow, ...]


class DemandReport:
    """Reads the counts and joins them with vocabulary, plans and bank.

    Parameters
    ----------
    engine : Engine
        Counts, vocabulary, plans and the current build.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._by_concept: dict[str, set[str]] = defaultdict(set)
        self._by_words: dict[str, list[frozenset[str]]] = {}
        for q in engine.requirements().values():
            if q.replaced_by is None:
                for concept in q.concepts:
                    self._by_concept[concept].add(q.id)
                self._by_words[q.id] = [words for label in _labels(q) if (words := _content(label))]
        self._in_force = [plan for plan in engine.plans().values() if plan.in_force(engine.today())]

    def demand(self, *, show: Show = "gaps", edition: str | None = None, limit: int | None = None) -> Demand:
        """Return queries, the most asked first.

        Parameters
        ----------
        show : {"gaps", "popular", "zero"}
            What lacks something; all; or what mostly found nothing.
        edition : str, optional
            Only searches of readers of this edition.
        limit : int, optional
            Queries at most.
        """
        engine = self._engine
        until = engine.today()
        since = first_day(until, engine.settings.query_statistics_days)
        store = engine.statistics
        counts = store.searches(since=since) if store else ()
        clicks = store.clicks(since=since, until=until) if store else ()
        rows = []
        for row in query_rows(counts, clicks, edition=edition):
            if show == "zero" and row.mostly != HITS[0]:
                continue
            joined = self._joined(row, edition)
            if show != "gaps" or joined.gap is not None:
                rows.append(joined)
                if len(rows) == limit:
                    break
        total = sum(c.searches for c in counts)
        kept = sum(c.searches for c in counts if c.text)
        return Demand(since, until, about(total), about(kept), tuple(rows))

    def _joined(self, row: QueryRow, edition: str | None) -> QueryRow:
        concepts = self.concepts(row.query)
        requirements = self.requirements(row.query, concepts, edition)
        concept = concepts[0] if concepts else None if requirements else self._near(row.query)
        return QueryRow(
            row.query,
            row.searches,
            row.mostly,
            row.hits,
            row.editions,
            row.clicks,
            row.positions,
            concept,
            bool(concepts),
            requirements,
        )

    def concepts(self, query: str) -> list[ConceptId]:
        """Return the topics that a query names, in its order."""
        found = dict.fromkeys(m.concept for m in self._engine.matcher.match_query(query))
        return [c for c in found if c.split("/", 1)[0] in TOPICS]

    def _near(self, query: str) -> ConceptId | None:
        """Return a topic that a word of the query begins or nearly writes; None when there is none."""
        matcher = self._engine.matcher
        words = [t.surface for t in analyse(query) if len(t.surface) >= SHORTEST_BEGINNING]
        for word in sorted(words, key=len, reverse=True):
            mistyped = () if in_a_lexicon(word) else matcher.complete_mistyped(word, k=5)
            for found in (matcher.complete(word, k=5), mistyped):
                topics = [c.concept for c in found if c.concept.split("/", 1)[0] in TOPICS]
                if topics:
                    return topics[0]
        return None

    def requirements(
        self, query: str, concepts: Sequence[ConceptId], edition: str | None
    ) -> tuple[RequirementDemand, ...]:
        """Return the requirements that fit a query best: those called so, or about most of its concepts."""
        words = _content(query)
        scores: Counter[str] = Counter()
        for concept in concepts:
            scores.update(self._by_concept.get(concept, ()))
        for id_, labels in self._by_words.items():
            if words and any(words <= label or label <= words for label in labels):
                scores[id_] += 2
        best = max(scores.values(), default=0)
        found = [self._asked_for(id_, edition) for id_, score in scores.items() if score == best]
        found.sort(key=lambda q: (-len(q.plans), q.requirement))
        return tuple(found[:MOST_REQUIREMENTS])

    def _asked_for(self, requirement: str, edition: str | None) -> RequirementDemand:
        engine = self._engine
        plans = [plan for plan in self._in_force if any(x.requirement == requirement for x in plan.lines)]
        resources: Counter[str] | None = None
        try:
            serving = engine.resources_for(requirement, edition=edition or ALL_EDITIONS)
            valid = [r for r, _ in serving if not review_expired(r, engine.today())]
            resources = Counter(dict.fromkeys(LANGUAGES, 0))
            resources.update(r.language for r in valid)
        except BackendError:  # nothing is indexed, or the index is away
            resources = None
        return RequirementDemand(
            requirement,
            engine.requirements()[requirement].labels,
            tuple(sorted(plan.id for plan in plans)),
            tuple(sorted({role for plan in plans for role in plan.roles})),
            resources,
        )


def query_rows(
    counts: Sequence[SearchCount], clicks: Sequence[ClickCount] = (), *, edition: str | None = None
) -> list[QueryRow]:
    """Return the queries that may be shown, the most asked first; those of an edition when one is named."""
    by_text: dict[str, list[SearchCount]] = defaultdict(list)
    for c in counts:
        if c.text:
            by_text[c.text].append(c)
    opened: dict[str, Counter[int]] = defaultdict(Counter)
    for click in clicks:
        if click.text:
            opened[click.text][click.position] += click.clicks
    rows = []
    for text, cells in by_text.items():
        total = sum(c.searches for c in cells)
        if total < SHOWN_FROM:
            continue
        by_edition, by_hits = Counter[str](), Counter[int]()
        inside = Counter[int]()
        for c in cells:
            by_edition[c.edition] += c.searches
            by_hits[c.hits] += c.searches
            if c.edition == (edition or c.edition):
                inside[c.hits] += c.searches
        editions = released(by_edition)
        if edition is not None and edition not in editions:
            continue
        mostly = min(inside, key=lambda h: (-inside[h], h))
        if edition is None:
            n = sum(opened[text].values())
            shown = n if n >= SHOWN_FROM else None
            places = released(opened[text])
            rows.append(QueryRow(text, total, mostly, released(by_hits), editions, shown, places))
        else:
            hits = _inside(inside, by_hits)
            rows.append(QueryRow(text, editions[edition], mostly, hits, {edition: editions[edition]}))
    rows.sort(key=lambda r: (-r.searches, r.query))
    return rows


def _inside(inside: Mapping[int, int], outside: Mapping[int, int]) -> dict[int, int]:
    """Return an edition's hits, or nothing where a small number came out beside the hits of all editions."""
    cells = [n for h in outside for n in (inside.get(h, 0), outside[h] - inside.get(h, 0))]
    return dict(inside) if all(n == 0 or n >= SHOWN_FROM for n in cells) else {}


def _labels(q: Requirement) -> list[str]:
    return [*q.labels.values(), *(label for labels in q.alt_labels.values() for label in labels)]


def _content(text: str) -> frozenset[str]:
    """Return the stems of a text's words that mean something."""
    return frozenset(t.text for t in analyse(text) if not is_function_word(t.surface))


def default_edition(edition: str | None) -> str:
    """Return where a search is counted: under the reader's edition, the common one when there is none."""
    return edition or COMMON_EDITION
