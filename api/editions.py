"""Which editions are there? The common one, the helsefellesskap, and those that plans or content name."""

from engine.errors import InvalidRequest
from engine.model import ALL_EDITIONS, COMMON_EDITION, SearchRequest
from engine.service import Engine

EDITIONS = ("ahus", "innlandet", "oslo", "ostfold", "vestfold")
"""Helsefellesskap with own content, as in the edition picker; others appear when they are asked for."""


def expected_editions(engine: Engine) -> frozenset[str]:
    """Return the editions that a resource may be written to without a doubt, in lower case."""
    planned = {e for p in engine.plans().values() for e in p.editions}
    return frozenset(e.lower() for e in {COMMON_EDITION, *EDITIONS, *planned})


def known_edition(edition: str | None, engine: Engine) -> str | None:
    """Return a reader's edition as it is written in the content; capitals do not matter, empty is None.

    Raises
    ------
    InvalidRequest
        If no plan and no content has that edition; the message names those there are.
    """
    asked = (edition or "").strip().lower()
    if not asked:
        return None
    if asked == ALL_EDITIONS or asked in expected_editions(engine):
        return asked
    present = _indexed_editions(engine)
    for name in present:
        if name.lower() == asked:
            return name
    known = sorted({*expected_editions(engine), *present, ALL_EDITIONS})
    raise InvalidRequest(f"edition: no edition is named {edition!r}; there are: {', '.join(known)}")


def _indexed_editions(engine: Engine) -> list[str]:
    found = engine.search(SearchRequest(edition=ALL_EDITIONS, k=1, facets=("edition",)))
    return [v.value for facet in found.facets for v in facet.values]
