"""What of a resource goes into an index? Its analysed text, its columns and its vectors."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from engine.model import MISSING, IndexEntry, Passage, Resource, Vectors
from engine.replaced_concepts import name_in_use
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
    "review",
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

DAY_BEGINNINGS = (2, 3, 4, 7, 10)
"""Lengths of the beginnings of a day that are kept [characters of YYYY-MM-DD]: century, decade, year, month, day."""

NUMBERS = ("published", "updated", "review_due", "duration")
DURATION_BUCKETS = ((15, "0-15"), (30, "16-30"), (60, "31-60"))
LONGEST_BUCKET = "61-"
CONCEPT_WEIGHT = 3
"""How many times a tag of score 1 counts among the terms."""

WISHES = ("resource_type", "audience", "audience_group", "arena", "level", "edition", "duration")
"""Columns whose values are terms too, so that a query may wish for one without filtering."""

FIELD_END = "\u00b6"
"""Stands between title, summary and body in `IndexEntry.surface`: no words as written run over it."""

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
    facets = columns(resource, vocabulary)
    terms.extend(column_terms(facets))
    whole = f"{resource.title}\n{resource.summary}\n{resource.body}"
    title_words = surface_words(resource.title)
    summary_words, body_words = surface_words(resource.summary), surface_words(resource.body)
    return IndexEntry(
        resource=resource,
        terms=tuple(terms),
        grams=tuple(grams(whole)),
        surface=fields_apart(title_words, summary_words, body_words),
        title_surface=tuple(title_words),
        facets=facets,
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


def column_term(column: str, value: str) -> str:
    """Return the index term of resources that have a value in a column; no text can be analysed into it.

    Examples
    --------
    >>> column_term("resource_type", "film")
    'resource_type:film'
    """
    return f"{column}:{value}"


def column_terms(facets: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the terms of the values that a query may wish for."""
    return [column_term(name, value) for name in WISHES for value in facets[name] if value != MISSING]


def fields_apart(title: Iterable[str], summary: Iterable[str], body: Iterable[str]) -> tuple[str, ...]:
    """Return the words of the three fields as one sequence in which no phrase runs over a field's end."""
    return (*title, FIELD_END, *summary, FIELD_END, *body)


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
        "theme": with_ancestors("tema", resource.themes, vocabulary),
        "resource_type": with_ancestors("ressurstype", (resource.resource_type,), vocabulary),
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
        "review": day_beginnings(resource.review_due),
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


def day_beginnings(day: date | None) -> tuple[str, ...]:
    """Return a day with the spans of time that it lies in, so that any span is a few values of a column.

    Examples
    --------
    >>> day_beginnings(date(2026, 3, 1))
    ('20', '202', '2026', '2026-03', '2026-03-01')
    """
    return () if day is None else tuple(day.isoformat()[:length] for length in DAY_BEGINNINGS)


def with_ancestors(scheme: str, names: Iterable[str], vocabulary: Vocabulary) -> set[str]:
    """Return names of a scheme as they are in use, with all that is broader."""
    found: set[str] = set()
    for name in names:
        if not name:
            continue
        name = name_in_use(scheme, name, vocabulary)
        found.add(name)
        concept = ConceptId(f"{scheme}/{name}")
        if concept in vocabulary:
            found.update(a.split("/", 1)[1] for a in vocabulary.ancestors(concept))
    return found
