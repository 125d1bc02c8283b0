"""What helps when nothing was found? Each way out with the number of hits that it gives."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from engine.facets import value_label
from engine.model import ALL_EDITIONS, COMMON_EDITION, SearchRequest, SearchResult
from engine.operators import find_operators
from engine.service import Engine
from vocab.analysis import analyse
from vocab.concept import Concept, ConceptId

MOST = 6
"""Ways out shown at most."""

TRIED = 12
"""Ways out tried at most; each costs one search."""

TOPICS = frozenset({"tema", "tilstand", "prosedyre"})
"""Schemes whose concepts are proposed as something to search for."""

LIMITS = ("max_duration", "reviewed_since", "published_since")
WORDS_LOOKED_AT = 6
SHORTEST_BEGINNING = 4
PER_WORD = 2


@dataclass(frozen=True, slots=True)
class WayOut:
    """A changed request and its number of hits; `name` and `value` say what was changed."""

    kind: str
    name: str
    value: str
    label: str
    request: SearchRequest
    total: int

    def pairs(self) -> list[tuple[str, str]]:
        """Return the query parameters that ask for it, on the page and in the API alike."""
        asked = self.request
        pairs = [("q", asked.text)] if asked.text else []
        pairs += [("facet", f"{name}={v}") for name, values in asked.filters.items() for v in values]
        pairs += [
            (name, str(getattr(asked, name)))
            for name in ("edition", "role", *LIMITS)
            if getattr(asked, name) is not None
        ]
        if asked.mode != "hybrid":
            pairs.append(("mode", asked.mode))
        return pairs

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "value": self.value,
            "label": self.label,
            "total": self.total,
            "query": urlencode(self.pairs(), errors="replace"),
        }


def ways_out(engine: Engine, request: SearchRequest, result: SearchResult) -> list[WayOut]:
    """Return changed requests that have hits, nearest to what was asked first; none when there are hits already.

    Every number is that of a search: whoever follows a way out gets so many hits.

    Parameters
    ----------
    engine : Engine
        Asked for the number of hits of each.
    request, result
        What was asked, and the answer without hits.
    """
    if result.total:
        return []
    asked = replace(request, k=1, cursor=None, facets=(), facet_contains={}, explain=False)
    found: list[WayOut] = []
    tried: list[SearchRequest] = [asked]
    for kind, name, value, label, changed in _tries(engine, asked, result):
        if changed in tried:
            continue
        if len(tried) > TRIED or len(found) >= MOST:
            break
        tried.append(changed)
        total = engine.search(changed).total
        if total:
            found.append(WayOut(kind, name, value, label, changed, total))
    return found


_Try = tuple[str, str, str, str, SearchRequest]


def _tries(engine: Engine, asked: SearchRequest, result: SearchResult) -> Iterator[_Try]:
    """Yield (kind, name, value, label, request) of what may help."""
    demanded = find_operators(asked.text)
    if demanded:
        plain = " ".join(demanded.text.split())
        yield "plain_words", "q", plain, plain, replace(asked, text=plain)
    if result.did_you_mean:
        meant = result.did_you_mean
        yield "did_you_mean", "q", meant, meant, replace(asked, text=meant)
    yield from _without_filters(engine, asked)
    yield from _other_editions(engine, asked)
    bare = replace(asked, filters={}, max_duration=None, reviewed_since=None, published_since=None)
    if result.did_you_mean:
        meant = result.did_you_mean
        yield "did_you_mean", "q", meant, meant, replace(bare, text=meant)
    for concept in _near_concepts(engine, asked, result):
        label = concept.label(asked.ui_language).split(" (")[0]
        yield "concept", "q", label, label, replace(bare, text=label)


def _without_filters(engine: Engine, asked: SearchRequest) -> Iterator[_Try]:
    limits = [name for name in LIMITS if getattr(asked, name) is not None]
    for name, values in asked.filters.items():
        label = ", ".join(value_label(name, v, engine.vocabulary, asked.ui_language) for v in values[:3])
        rest = {other: kept for other, kept in asked.filters.items() if other != name}
        yield "drop_filter", name, "", label, replace(asked, filters=rest)
    for name in limits:
        yield "drop_filter", name, "", str(getattr(asked, name)), replace(asked, **{name: None})  # type: ignore[arg-type]
    if len(asked.filters) + len(limits) > 1:
        bare = replace(asked, filters={}, max_duration=None, reviewed_since=None, published_since=None)
        yield "drop_filters", "", "", "", bare


def _other_editions(engine: Engine, asked: SearchRequest) -> Iterator[_Try]:
    """Yield the same question in the editions that have content for it."""
    if asked.edition == ALL_EDITIONS:
        return
    everywhere = engine.search(replace(asked, edition=ALL_EDITIONS, facets=("edition",)))
    there = [v.value for facet in everywhere.facets for v in facet.values if v.count]
    for name in there:
        if name not in {asked.edition, COMMON_EDITION}:
            label = value_label("edition", name, engine.vocabulary, asked.ui_language)
            yield "other_edition", "edition", name, label, replace(asked, edition=name)


def _near_concepts(engine: Engine, asked: SearchRequest, result: SearchResult) -> Iterator[Concept]:
    """Yield concepts near the text: those it names, those above them, those that its words begin."""
    vocabulary = engine.vocabulary
    named = [c for c in result.concepts if c.split("/", 1)[0] in TOPICS]
    named += [m.concept for m in engine.matcher.match_query(asked.text) if m.concept not in named]
    ids: dict[ConceptId, None] = dict.fromkeys(c for c in named if c.split("/", 1)[0] in TOPICS)
    for concept in tuple(ids):
        ids.update(dict.fromkeys(vocabulary.ancestors(concept)))
    for token in [t for t in analyse(asked.text) if len(t.surface) >= SHORTEST_BEGINNING][:WORDS_LOOKED_AT]:
        begun = engine.matcher.complete(token.surface, asked.ui_language, PER_WORD)
        begun = begun or engine.matcher.complete_mistyped(token.surface, asked.ui_language, PER_WORD)
        ids.update(dict.fromkeys(c.concept for c in begun))
        for part in token.parts:  # the whole name only: mastitis is not breast cancer
            alike = engine.matcher.complete(part, asked.ui_language, 4 * PER_WORD)
            ids.update(
                dict.fromkeys(c.concept for c in alike if [t.text for t in analyse(c.label)] == [part])
            )
    for concept in ids:
        known = vocabulary.get(concept)
        if known is not None and known.scheme in TOPICS:
            yield known
