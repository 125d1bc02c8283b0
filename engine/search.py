"""Here is a question: which resources, and why? One page of hits, exact counts, a reason each.

Retrieve (one call to the index gives the whole defined result set with exact counts), fuse, add the
ranking signals, order, cut a page, explain. Nothing depends on the page size but the page.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import orjson
from numpy.typing import NDArray

from engine.entry import FACETS
from engine.errors import BackendError, InvalidRequest
from engine.explain import hit_reason
from engine.facets import DEFAULT_FACETS, make_facets
from engine.fusion import Fused, FusionWeights, fuse
from engine.highlight import highlight
from engine.model import (
    COMMON_EDITION,
    Candidates,
    Explanation,
    Hit,
    IndexQuery,
    LexicalQuery,
    Range,
    Resource,
    SearchRequest,
    SearchResult,
    Vectors,
)
from engine.ports import Embedder, SearchIndex
from engine.query import ParsedQuery, QueryWeights, parse
from engine.repair import Lexicon
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary

MAX_K = 100
MAX_TEXT = 1000
ALL_EDITIONS = "alle"
DESCENDING = {"updated": True, "published": True, "duration": False}


@dataclass(frozen=True, slots=True)
class Signals:
    """Additive ranking signals, in standard deviations of the fused score.

    `review_expired` takes from a resource whose review date has passed. `floor_slack` [cosine] is how far below the model's floor a resource may be
    once some other answer has shown that the query is about this bank; `floor_english` [cosine] how
    much farther English queries lie from Norwegian passages as a whole.
    """

    review_expired: float = -0.25
    floor_slack: float = 0.02
    floor_english: float = 0.02


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
        Name of the build; cursors of another build are refused kindly by starting from their key.
    excluded : frozenset of str
        Resources withdrawn since the build was made.
    today : date
        For review dates.
    size : int
        Number of resources in the build, for the rarity of words.
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
    fusion: FusionWeights = field(default_factory=FusionWeights)
    signals: Signals = field(default_factory=Signals)
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
        names = request.facets if request.facets is not None else _default_facets(request)
        if text and parsed.lexical is None and vector is None:
            return SearchResult(
                (),
                0,
                make_facets({}, request.filters, self.vocabulary, request.ui_language, names),
                degraded=tuple(degraded),
                build=self.build,
            )
        semantic_only = request.mode == "semantic" and vector is not None
        floor = self.embedder.floor if self.embedder is not None else -1.0
        floor -= self.signals.floor_english if parsed.english else 0.0
        if (
            text
            and parsed.anchor is not None
            and not self._anchored(request, None if semantic_only else parsed.anchor, vector, floor)
        ):
            return SearchResult(
                (),
                0,
                make_facets({}, request.filters, self.vocabulary, request.ui_language, names),
                did_you_mean=parsed.did_you_mean,
                degraded=tuple(degraded),
                build=self.build,
            )
        candidates = self.index.search(
            IndexQuery(
                lexical=None if semantic_only else parsed.lexical,
                vector=vector,
                floor=floor - self.signals.floor_slack / (2 if parsed.one_known_word else 1),
                scope=scope_of(request.edition),
                filters=request.filters,
                ranges=ranges_of(request),
                exclude=self.excluded,
                facets=names,
            )
        )
        degraded += candidates.degraded
        share = 1.0 if semantic_only else self.fusion.share(english=parsed.english)
        fused = fuse(candidates, share=share if vector is not None else 0.0)
        signals = self._signals(candidates)
        page, next_cursor = self._page(
            request, candidates, fused.score + sum(signals.values(), np.zeros(len(candidates.ids)))
        )
        hits = self._hits(request, parsed, candidates, fused, signals, page)
        return SearchResult(
            hits=hits,
            total=len(candidates.ids),
            facets=make_facets(
                candidates.facets,
                request.filters,
                self.vocabulary,
                request.ui_language,
                names,
                request.facet_contains,
            ),
            next_cursor=next_cursor,
            did_you_mean=parsed.did_you_mean,
            concepts=tuple(c.concept for c in parsed.concepts),
            degraded=tuple(degraded),
            build=self.build,
        )

    def _anchored(
        self, request: SearchRequest, anchor: LexicalQuery | None, vector: Vectors | None, floor: float
    ) -> bool:
        """Tell whether the query is about this bank: some resource has most of its words, or is near.

        Asked of the whole scope, before filters, so that a filter never turns an answer into nothing
        else than fewer hits.
        """
        query = IndexQuery(
            lexical=anchor,
            vector=vector,
            floor=floor,
            nearest=1,
            scope=scope_of(request.edition),
            exclude=self.excluded,
        )
        return len(self.index.search(query).ids) > 0

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
        self, request: SearchRequest, candidates: Candidates, score: NDArray[np.float64]
    ) -> tuple[list[tuple[int, int, float]], str | None]:
        """Return (rank, row, sort key) of the page's hits and the next cursor."""
        n = len(candidates.ids)
        if request.sort == "relevance":
            key = -score
        else:
            key = candidates.numbers.get(request.sort, np.full(n, np.nan))
            key = np.where(np.isnan(key), np.inf, -key if DESCENDING[request.sort] else key)
        # rows are in id order and the sort is stable, so ties come in id order; relevance breaks ties of other sorts
        order = np.lexsort((np.arange(n), np.round(-score, 9), np.round(key, 9)))
        start = 0
        if request.cursor is not None:
            start = _start(order, candidates.ids, request.cursor)
        rows = order[start : start + request.k]
        page = [(start + i + 1, int(row), float(key[row])) for i, row in enumerate(rows)]
        more = start + len(rows) < n and len(rows) > 0
        return page, _cursor(start + len(rows), candidates.ids[rows[-1]]) if more else None

    def _hits(
        self,
        request: SearchRequest,
        parsed: ParsedQuery,
        candidates: Candidates,
        fused: Fused,
        signals: Mapping[str, NDArray[np.float64]],
        page: list[tuple[int, int, float]],
    ) -> tuple[Hit, ...]:
        resources = self.index.get([candidates.ids[row] for _, row, _ in page])
        asked = {c.concept for c in parsed.concepts}
        hits = []
        for rank, row, _ in page:
            resource = resources[candidates.ids[row]]
            passages, _ = self.index.passages(resource.id) if resource.body else ((), None)
            marked = highlight(
                resource, parsed.marks, passages, int(candidates.passage[row]), parsed.compounds
            )
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
            )
            explanation = Explanation(
                (
                    ("words", float(fused.lexical[row])),
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
                )
            )
        return tuple(hits)

    def _label(self, concept: str, lang: str) -> str:
        found = self.vocabulary.get(concept)
        return found.label(lang).split(" (")[0] if found else concept


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
    """Return the facets of an answer to a request that names none: the usual, and those searched in."""
    return (*DEFAULT_FACETS, *(n for n in request.facet_contains if n not in DEFAULT_FACETS))


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


def _cursor(shown: int, last_id: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([shown, last_id])).decode().rstrip("=")


def _start(order: NDArray[np.int64], ids: tuple[str, ...], cursor: str) -> int:
    """Return the position after the cursor's last hit, wherever that hit stands now."""
    try:
        shown, last_id = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not (isinstance(shown, int) and isinstance(last_id, str) and shown >= 0):
            raise ValueError(cursor)
    except (ValueError, TypeError, binascii.Error) as e:
        raise InvalidRequest("the cursor is not one of ours") from e
    if 0 < shown <= len(order) and ids[order[shown - 1]] == last_id:
        return shown
    for at, row in enumerate(order):
        if ids[row] == last_id:
            return at + 1
    return min(shown, len(order))
