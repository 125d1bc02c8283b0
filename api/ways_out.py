"""What helps when nothing was found? Each way out with the number of hits that it gives."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from engine.facets import value_label
from engine.model import SearchRequest, SearchResult
from engine.service import Engine

MOST = 6
"""Ways out tried at most; each costs one search."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """A changed request and its number of hits; `name` and `value` say what was changed."""

    kind: str
    name: str
    value: str
    label: str
    request: SearchRequest
    total: int

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "value": self.value,
            "label": self.label,
            "total": self.total,
        }


def ways_out(engine: Engine, request: SearchRequest, result: SearchResult) -> list[WayOut]:
    """Return changed requests that have hits, most promising first; none when there are hits already.

    Parameters
    ----------
    engine : Engine
        Asked for the number of hits of each.
    request, result
        What was asked, and the answer without hits.
    """
    if result.total:
        return []
    found = []
    for n, (kind, name, value, label, changed) in enumerate(_tries(engine, request, result)):
        if n >= MOST:
            break
        total = engine.search(replace(changed, k=1, cursor=None, facets=(), explain=False)).total
        if total:
            found.append(WayOut(kind, name, value, label, changed, total))
    return found


def _tries(
    engine: Engine, request: SearchRequest, result: SearchResult
) -> Iterator[tuple[str, str, str, str, SearchRequest]]:
    if result.did_you_mean:
        yield (
            "did_you_mean",
            "q",
            result.did_you_mean,
            result.did_you_mean,
            replace(request, text=result.did_you_mean),
        )
    bare = replace(request, filters={}, max_duration=None, reviewed_since=None, published_since=None)
    limits = [
        n for n in ("max_duration", "reviewed_since", "published_since") if getattr(request, n) is not None
    ]
    if request.filters or limits:
        yield "drop_filters", "", "", "", bare
    if len(request.filters) + len(limits) > 1:
        for name, values in request.filters.items():
            label = ", ".join(
                value_label(name, v, engine.vocabulary, request.ui_language) for v in values[:3]
            )
            rest = {n: v for n, v in request.filters.items() if n != name}
            yield "drop_filter", name, "", label, replace(request, filters=rest)
        for name in limits:
            yield "drop_filter", name, "", str(getattr(request, name)), replace(request, **{name: None})  # type: ignore[arg-type]
    for word in request.text.split()[:3]:
        for completion in engine.matcher.complete(word[:5], request.ui_language, 2) if len(word) > 3 else ():
            concept = engine.vocabulary.get(completion.concept)
            if concept is not None and concept.scheme in {"tema", "tilstand", "prosedyre"}:
                label = concept.label(request.ui_language).split(" (")[0]
                yield "concept", "q", label, label, replace(bare, text=label)
