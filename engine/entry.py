"""What of a resource goes into an index? Its analysed text, its columns and its vectors."""

from collections.abc import Iterable

from engine.model import MISSING, IndexEntry, Passage, Resource, Vectors
from vocab.analysis import analyse, grams, surface_words
from vocab.concept import ConceptId
from vocab.vocabulary import Vocabulary

FACETS = (
    "theme",
    "resource_type",
    "audience",
    "arena",
    "patient_group",
    "audience_group",
    "level",
    "language",
    "edition",
    "duration",
    "requirement",
    "concept",
    "provider",
    "licence",
)
"""Keyword columns of every index."""

HIERARCHICAL = {"theme": "tema", "resource_type": "ressurstype"}
"""Facets whose values carry all their ancestors, with the scheme that they come from."""

SCHEME_OF = {
    **HIERARCHICAL,
    "audience": "rolle",
    "arena": "arena",
    "patient_group": "malgruppe",
    "audience_group": "malgruppe",
    "level": "niva",
    "requirement": "krav",
}
"""Scheme in which a facet's values are names."""

NUMBERS = ("published", "updated", "review_due", "duration")
DURATION_BUCKETS = ((15, "0-15"), (30, "16-30"), (60, "31-60"))
LONGEST_BUCKET = "61-"
CONCEPT_WEIGHT = 3
"""How many times a tag of score 1 counts among the terms."""

TITLE_WEIGHT = 2
"""How many times the title's words count in the one text field (tuned on the development queries)."""


def make_entry(
    resource: Resource,
    vocabulary: Vocabulary,
    passages: tuple[Passage, ...] = (),
    vectors: Vectors | None = None,
) -> IndexEntry:
    """Analyse a resource for an index.

    Parameters
    ----------
    resource : Resource
        With its tags in `about`.
    vocabulary : Vocabulary
        Source of the hierarchies.
    passages : tuple of Passage, length n
        Pieces of the body.
    vectors : float32 array of shape ``(n, dim)``, optional
        One unit row a passage.
    """
    terms: list[str] = []
    for text, times in ((resource.title, TITLE_WEIGHT), (resource.summary, 1), (resource.body, 1)):
        field_terms: list[str] = []
        for token in analyse(text):
            field_terms.append(token.text)
            field_terms.extend(token.parts)
        terms.extend(field_terms * times)
    terms.extend(concept_terms(resource, vocabulary))
    whole = f"{resource.title}\n{resource.summary}\n{resource.body}"
    return IndexEntry(
        resource=resource,
        terms=tuple(terms),
        grams=tuple(grams(whole)),
        surface=tuple(surface_words(whole)),
        title_surface=tuple(surface_words(resource.title)),
        facets=columns(resource, vocabulary),
        numbers=numbers(resource),
        passages=passages,
        vectors=vectors,
    )


def concept_term(concept: str) -> str:
    """Return the index term of resources about a concept; no text can be analysed into it."""
    return f"about:{concept}"


def narrower_term(concept: str) -> str:
    """Return the index term of resources about something narrower than a concept."""
    return f"narrower:{concept}"


def concept_terms(resource: Resource, vocabulary: Vocabulary) -> list[str]:
    """Return the terms of a resource's tags, up to `CONCEPT_WEIGHT` times by score, and of what is broader."""
    terms: list[str] = []
    broader: set[str] = set()
    for tag in resource.about:
        if tag.decision != "rejected":
            terms += [concept_term(tag.concept)] * max(1, round(CONCEPT_WEIGHT * tag.score))
            broader.update(vocabulary.ancestors(tag.concept))
    return terms + [narrower_term(c) for c in sorted(broader)]


def columns(resource: Resource, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Return every keyword column; a column without a value holds the one value ``none``."""
    values: dict[str, Iterable[str]] = {
        "theme": _with_ancestors("tema", resource.themes, vocabulary),
        "resource_type": _with_ancestors("ressurstype", (resource.resource_type,), vocabulary),
        "audience": resource.audience,
        "arena": resource.arena,
        "patient_group": resource.patient_group,
        "audience_group": resource.audience_group,
        "level": (resource.level,),
        "language": (resource.language,),
        "edition": (resource.edition,),
        "duration": (duration_bucket(resource.duration),),
        "requirement": resource.teaches,
        "concept": [tag.concept for tag in resource.about if tag.decision != "rejected"],
        "provider": (resource.provider,),
        "licence": (resource.licence,),
    }
    return {name: tuple(sorted({v for v in found if v})) or (MISSING,) for name, found in values.items()}


def numbers(resource: Resource) -> dict[str, float]:
    """Return the sortable columns that the resource has; dates as proleptic ordinals [days]."""
    updated = resource.updated or resource.published
    found: dict[str, int | None] = {
        "published": resource.published.toordinal() if resource.published else None,
        "updated": updated.toordinal() if updated else None,
        "review_due": resource.review_due.toordinal() if resource.review_due else None,
        "duration": resource.duration,
    }
    return {name: float(value) for name, value in found.items() if value is not None}


def duration_bucket(minutes: int | None) -> str:
    """Return the facet value of a duration.

    Examples
    --------
    >>> [duration_bucket(m) for m in (10, 16, 90, None)]
    ['0-15', '16-30', '61-', 'none']
    """
    if minutes is None:
        return MISSING
    return next((name for limit, name in DURATION_BUCKETS if minutes <= limit), LONGEST_BUCKET)


def _with_ancestors(scheme: str, names: Iterable[str], vocabulary: Vocabulary) -> set[str]:
    found: set[str] = set()
    for name in names:
        if not name:
            continue
        found.add(name)
        concept = ConceptId(f"{scheme}/{name}")
        if concept in vocabulary:
            found.update(a.split("/", 1)[1] for a in vocabulary.ancestors(concept))
    return found
