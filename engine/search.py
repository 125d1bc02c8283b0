"""Here is a question: which resources, and why? One page of hits, exact counts, a reason each.

Retrieve (one call to the index gives the whole defined result set with exact counts), fuse, add the
ranking signals, order, cut a page, explain. Nothing depends on the page size but the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from engine.aboutness import AboutnessRule, is_about_the_bank, nearest
from engine.concept_vectors import ConceptVectors
from engine.curation import NO_CURATION, Curation
from engine.diversify import SPREAD_OVER, spread_order
from engine.entry import FACETS
from engine.errors import BackendError, InvalidRequest
from engine.explain import AVERAGE, hit_reason, word_parts
from engine.facets import DEFAULT_FACETS, index_filters, make_facets, shown_counts, value_label
from engine.fusion import Fused, FusionWeights, fuse
from engine.highlight import highlight, sought
from engine.meant_concept import meant_concept, with_concept
from engine.model import (
    ALL_EDITIONS,
    COMMON_EDITION,
    Candidates,
    Explanation,
    Hit,
    IndexQuery,
    Range,
    Resource,
    SearchRequest,
    SearchResult,
    Understood,
    Vectors,
)
from engine.paging import page_of
from engine.pinned_results import nothing_found, pinned_first, with_pinned
from engine.ports import Embedder, SearchIndex
from engine.query import ParsedQuery, QueryWeights, labels_of, parse
from engine.repair import Lexicon
from engine.subject import SubjectModel
from vocab.concept import ConceptId
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary

MAX_K = 100
MAX_TEXT = 1000
COSINE_TOLERANCE = 1e-6
"""By how much the same cosine may differ between two searches [cosine]."""
DESCENDING = {"updated": True, "published": True, "duration": False}


@dataclass(frozen=True, slots=True)
class Signals:
    """Additive ranking signals, in standard deviations of the fused score, and how wide an answer is.

    `review_expired` takes from a resource whose review date has passed. `floor_slack` [cosine] is how far below
    the model's floor a resource may be once the query has shown itself to be about this bank (half as far for one
    word that the index knows), `nearest_slack` how far the nearest few may be.
    """

    review_expired: float = -0.25
    floor_slack: float = 0.05
    nearest_slack: float = 0.3


@dataclass(frozen=True, slots=True)
class Searcher:
    """Search over one opened build.

    Parameters
    ----------
    index : SearchIndex
        An opened build.
    embedder : Embedder or None
        None searches by words only and says so.
    vocabulary, matcher, lexicon
        For understanding the query.
    build : str
        Name of the build.
    excluded : frozenset of str
        Resources withdrawn since the build was made.
    today : date
        For review dates.
    size : int
        Number of resources in the build, for the rarity of words.
    concepts
        Vectors of the vocabulary's concepts, for queries that mean one without naming it.
    subject, bank_subject
        What tells a query about health by its vector, and how the bank's texts score.
    unembedded : frozenset of str
        Resources that are too new to have vectors.
    curation
        What editors have pinned and hidden for queries.
    """

    index: SearchIndex
    embedder: Embedder | None
    vocabulary: Vocabulary
    matcher: LabelMatcher
    lexicon: Lexicon
    build: str
    today: date
    size: int
    excluded: frozenset[str] = frozenset()
    vectors_missing: int = 0
    concepts: ConceptVectors | None = None
    subject: SubjectModel | None = None
    bank_subject: float | None = None
    unembedded: frozenset[str] = frozenset()
    curation: Curation = NO_CURATION
    fusion: FusionWeights = field(default_factory=FusionWeights)
    signals: Signals = field(default_factory=Signals)
    aboutness: AboutnessRule = field(default_factory=AboutnessRule)
    weights: QueryWeights = field(default_factory=QueryWeights)

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a request.

        Raises
        ------
        InvalidRequest
            If `k`, a facet or the cursor is not valid; the text never is the reason.
        """
        check(request)
        degraded: list[str] = []
        text = request.text.strip()[:MAX_TEXT]
        parsed = parse(
            text,
            vocabulary=self.vocabulary,
            matcher=self.matcher,
            lexicon=self.lexicon,
            frequencies=lambda terms: self.index.document_frequency("terms", terms),
            size=self.size,
            weights=self.weights,
        )
        vector = self._vector(parsed, request, degraded)
        parsed = self._with_meant_concept(parsed, vector)
        names = request.facets if request.facets is not None else _default_facets(request)
        pinned, hidden = self.curation.of(text, request.edition)
        semantic_only = request.mode == "semantic" and vector is not None
        floor = self.embedder.floor if self.embedder is not None else -1.0
        query = IndexQuery(
            lexical=None if semantic_only else parsed.lexical,
            vector=vector,
            floor=floor - self.signals.floor_slack / (2 if parsed.one_known_word else 1),
            scope=scope_of(request.edition),
            filters=index_filters(request.filters, self.today, self.vocabulary),
            ranges=ranges_of(request),
            exclude=self.excluded | hidden if hidden else self.excluded,
            facets=names,
            conditions=parsed.conditions,
        )
        if text and parsed.lexical is None and vector is None and not parsed.conditions:
            return self._answer(request, parsed, query, nothing_found(names), pinned, degraded, 0.0)
        near = nearest(self.index, query, self.aboutness.joined) if vector is not None else None
        if parsed.anchor is not None and not is_about_the_bank(
            self.index,
            query,
            parsed.anchor,
            near,
            floor=floor,
            topical=parsed.topical,
            known=parsed.known,
            rule=self.aboutness,
            subject=self.subject.score(vector) if self.subject is not None and vector is not None else None,
            bank_subject=self.bank_subject,
            unembedded=self.unembedded,
        ):
            return self._answer(request, parsed, query, nothing_found(names), pinned, degraded, 0.0)
        if near is not None and near.ids:  # once it is about the bank, the nearest few belong to the answer
            lowest = min(query.floor, near.cosines[-1] - COSINE_TOLERANCE)
            query = replace(query, floor=max(lowest, floor - self.signals.nearest_slack))
        candidates = self.index.search(query)
        degraded += candidates.degraded
        share = 1.0 if semantic_only else self.fusion.share(english=parsed.english)
        return self._answer(
            request, parsed, query, candidates, pinned, degraded, share if vector is not None else 0.0
        )

    def _answer(
        self,
        request: SearchRequest,
        parsed: ParsedQuery,
        query: IndexQuery,
        found: Candidates,
        pinned: tuple[str, ...],
        degraded: list[str],
        share: float,
    ) -> SearchResult:
        """Return what the index found, with what is pinned, in order and on one page; `share` is the vector leg's."""
        candidates = with_pinned(found, query, pinned, self.index, self.vocabulary) if pinned else found
        fused = fuse(candidates, share=share)
        signals = self._signals(candidates)
        page, next_cursor = self._page(
            request, candidates, fused.score + sum(signals.values(), np.zeros(len(candidates.ids))), pinned
        )
        words = None
        if request.explain and query.lexical is not None and found.ids:
            words = word_parts(self.index, query, candidates, [row for _, row in page], fused.lexical_share)
        hits = self._hits(request, parsed, candidates, fused, signals, page, words, pinned)
        return SearchResult(
            hits=hits,
            total=len(candidates.ids),
            facets=make_facets(
                shown_counts(candidates.facets, self.today),
                request.filters,
                self.vocabulary,
                request.ui_language,
                query.facets,
                request.facet_contains,
            ),
            next_cursor=next_cursor,
            did_you_mean=parsed.did_you_mean,
            concepts=tuple(c.concept for c in parsed.concepts),
            degraded=tuple(degraded),
            build=self.build,
            understood=self._understood(parsed, request.ui_language),
        )

    def _with_meant_concept(self, parsed: ParsedQuery, vector: Vectors | None) -> ParsedQuery:
        """Add the concept that a query means without naming it; not where operators or wishes say what is wanted."""
        if self.concepts is None or vector is None or parsed.anchor is None:
            return parsed
        named = {c.concept for c in parsed.concepts}
        meant = meant_concept(self.concepts, vector, self.vocabulary, named)
        return with_concept(parsed, meant, self.vocabulary, self.weights) if meant is not None else parsed

    def _understood(self, parsed: ParsedQuery, lang: str) -> tuple[Understood, ...]:
        return tuple(
            Understood(
                wish.facet,
                wish.values[0][0],
                value_label(wish.facet, wish.values[0][0], self.vocabulary, lang),
                parsed.corrected[wish.start : wish.end],
            )
            for wish in parsed.wishes
        )

    def _vector(self, parsed: ParsedQuery, request: SearchRequest, degraded: list[str]) -> Vectors | None:
        if request.mode == "lexical" or parsed.lexical is None:
            return None
        if self.embedder is None:
            degraded.append("no_model")
            return None
        if self.vectors_missing:
            degraded.append("vectors_incomplete")
        try:
            vector: Vectors = self.embedder.encode([parsed.text], "query")[0]
            return vector
        except BackendError:
            degraded.append("model_failed")
            return None

    def _signals(self, candidates: Candidates) -> dict[str, NDArray[np.float64]]:
        due = candidates.numbers.get("review_due", np.full(len(candidates.ids), np.nan))
        expired = np.where(due < self.today.toordinal(), self.signals.review_expired, 0.0)
        return {"review_expired": expired}

    def _page(
        self,
        request: SearchRequest,
        candidates: Candidates,
        score: NDArray[np.float64],
        pinned: tuple[str, ...],
    ) -> tuple[list[tuple[int, int]], str | None]:
        """Return (rank, row) of the page's hits and the next cursor."""
        n = len(candidates.ids)
        if request.sort == "relevance":
            key = -score
        else:
            key = candidates.numbers.get(request.sort, np.full(n, np.nan))
            key = np.where(np.isnan(key), np.inf, -key if DESCENDING[request.sort] else key)
        # rows are in id order and the sort is stable, so ties come in id order; relevance breaks ties of other sorts
        order = np.lexsort((np.arange(n), np.round(-score, 9), np.round(key, 9)))
        if request.diversify == "requirement" and request.sort == "relevance":
            order = self._spread(order, candidates, score)
        if pinned and request.sort == "relevance":
            order = pinned_first(order, candidates.ids, pinned)
        page = page_of(order, candidates.ids, request.cursor, request.k)
        return list(enumerate(page.rows, page.first_rank)), page.next_cursor

    def _spread(
        self, order: NDArray[np.int64], candidates: Candidates, score: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Return the order with the first hits spread over the requirements that they serve."""
        top = order[:SPREAD_OVER]
        resources = self.index.get([candidates.ids[row] for row in top])
        serves = [frozenset(resources[candidates.ids[row]].requirements) for row in top]
        return np.concatenate([top[spread_order(score[top].tolist(), serves)], order[SPREAD_OVER:]])

    def _hits(
        self,
        request: SearchRequest,
        parsed: ParsedQuery,
        candidates: Candidates,
        fused: Fused,
        signals: Mapping[str, NDArray[np.float64]],
        page: list[tuple[int, int]],
        words: list[list[tuple[str, float]]] | None,
        pinned: tuple[str, ...],
    ) -> tuple[Hit, ...]:
        resources = self.index.get([candidates.ids[row] for _, row in page])
        asked = {c.concept for c in parsed.concepts}
        labels = (label for c in parsed.concepts for label in labels_of(c.concept, self.vocabulary))
        wanted = sought(parsed.marks, parsed.compounds, labels, parsed.phrases)
        hits = []
        for at, (rank, row) in enumerate(page):
            resource = resources[candidates.ids[row]]
            passages, _ = self.index.passages(resource.id) if resource.body else ((), None)
            marked = highlight(resource, wanted, passages, int(candidates.passage[row]))
            cosine = float(candidates.cosine[row])
            reason = hit_reason(
                marked.words,
                [
                    (t.concept, self._label(t.concept, request.ui_language))
                    for t in resource.about
                    if t.concept in asked and t.decision != "rejected"
                ],
                None if np.isnan(cosine) else cosine,
                request.ui_language,
                self._narrower(resource, asked, request.ui_language),
            )
            lexical = float(fused.lexical[row])
            told = words[at] if words else []
            rest = lexical - sum(value for _, value in told)
            explanation = Explanation(
                (
                    *told,
                    (AVERAGE if told else "words", rest),
                    ("similarity", float(fused.dense[row])),
                    *((name, float(values[row])) for name, values in signals.items()),
                )
            )
            hits.append(
                Hit(
                    resource=resource,
                    rank=rank,
                    score=explanation.total,
                    highlights=marked.highlights,
                    reason=reason,
                    explanation=explanation,
                    review_expired=review_expired(resource, self.today),
                    pinned=resource.id in pinned,
                )
            )
        return tuple(hits)

    def _narrower(
        self, resource: Resource, asked: set[ConceptId], lang: str
    ) -> list[tuple[ConceptId, str, str]]:
        """Return the concepts of a resource that belong under one that was asked for."""
        found: list[tuple[ConceptId, str, str]] = []
        if not asked:
            return found
        for tag in resource.about:
            above = next((a for a in self.vocabulary.ancestors(tag.concept) if a in asked), None)
            if above is not None and tag.decision != "rejected":
                found.append((tag.concept, self._label(tag.concept, lang), self._label(above, lang)))
        return found

    def _label(self, concept: str, lang: str) -> str:
        return value_label("concept", concept, self.vocabulary, lang)


def check(request: SearchRequest) -> None:
    """Refuse what the caller can mend; raises InvalidRequest naming the parameter."""
    if not 1 <= request.k <= MAX_K:
        raise InvalidRequest(f"k must be between 1 and {MAX_K}, got {request.k}")
    for name in (*request.filters, *request.facet_contains, *(request.facets or ())):
        if name not in FACETS:
            raise InvalidRequest(f"no facet is named {name!r}; there are: {', '.join(FACETS)}")
    if request.sort not in {"relevance", *DESCENDING}:
        raise InvalidRequest(
            f"cannot sort by {request.sort!r}; use relevance, updated, published or duration"
        )


def _default_facets(request: SearchRequest) -> tuple[str, ...]:
    """Return the facets of an answer to a request that names none: the usual, those filtered and searched in."""
    return tuple(dict.fromkeys((*DEFAULT_FACETS, *request.filters, *request.facet_contains)))


def scope_of(edition: str | None) -> dict[str, tuple[str, ...]]:
    """Return what a reader of an edition sees: the common content, and the edition's own.

    ``alle`` is everything that is published, for those who look across editions.

    Examples
    --------
    >>> scope_of(None), scope_of("ahus"), scope_of("alle")
    ({'edition': ('felles',)}, {'edition': ('felles', 'ahus')}, {})
    """
    if edition == ALL_EDITIONS:
        return {}
    if edition is None or edition == COMMON_EDITION:
        return {"edition": (COMMON_EDITION,)}
    return {"edition": (COMMON_EDITION, edition)}


def visible(resource: Resource, edition: str | None) -> bool:
    """Tell whether a reader of an edition sees a published resource."""
    scope = scope_of(edition)
    return "edition" not in scope or resource.edition in scope["edition"]


def ranges_of(request: SearchRequest) -> tuple[Range, ...]:
    """Return the bounds that a request sets on number columns."""
    found = []
    if request.max_duration is not None:
        found.append(Range("duration", None, float(request.max_duration)))
    if request.reviewed_since is not None:
        found.append(Range("updated", float(request.reviewed_since.toordinal()), None))
    if request.published_since is not None:
        found.append(Range("published", float(request.published_since.toordinal()), None))
    return tuple(found)


def review_expired(resource: Resource, today: date) -> bool:
    """Tell whether the review date has passed."""
    return resource.review_due is not None and resource.review_due < today
