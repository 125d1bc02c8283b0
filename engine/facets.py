"""How are counts shown? Values with labels, in a hierarchy where there is one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from engine.entry import DAY_BEGINNINGS, HIERARCHICAL, LONGEST_BUCKET, SCHEME_OF
from engine.model import MISSING, Facet, FacetValue
from engine.replaced_concepts import concept_in_use, name_in_use
from vocab.analysis import fold
from vocab.concept import ConceptId
from vocab.vocabulary import Vocabulary

DEFAULT_FACETS = ("theme", "resource_type", "audience", "arena", "level", "language", "edition", "duration")

_LABELS = 16384
"""Labels and places in the hierarchy that are kept: some hundred values in three languages."""

REVIEW = "review"
"""The facet of review dates: what counts as expired moves with the day, the index does not."""

EXPIRED, VALID = "expired", "valid"
"""Values of `REVIEW`: the review date has passed, or has not; `MISSING` has none."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    MISSING: {"nb": "ikke oppgitt", "nn": "ikkje oppgitt", "en": "not stated"},
    "language:nb": {"nb": "bokmål", "nn": "bokmål", "en": "Norwegian Bokmål"},
    "language:nn": {"nb": "nynorsk", "nn": "nynorsk", "en": "Norwegian Nynorsk"},
    "language:en": {"nb": "engelsk", "nn": "engelsk", "en": "English"},
    "language:se": {"nb": "nordsamisk", "nn": "nordsamisk", "en": "Northern Sámi"},
    "edition:felles": {"nb": "felles innhold", "nn": "felles innhald", "en": "common content"},
    "edition:ahus": {"nb": "Ahus", "nn": "Ahus", "en": "Ahus"},
    "edition:innlandet": {"nb": "Innlandet", "nn": "Innlandet", "en": "Innlandet"},
    "edition:oslo": {"nb": "Oslo", "nn": "Oslo", "en": "Oslo"},
    "edition:ostfold": {"nb": "Østfold", "nn": "Østfold", "en": "Østfold"},
    "edition:vestfold": {"nb": "Vestfold", "nn": "Vestfold", "en": "Vestfold"},
    f"{REVIEW}:{EXPIRED}": {
        "nb": "revisjonsdato utløpt",
        "nn": "revisjonsdato gått ut",
        "en": "review date passed",
    },
    f"{REVIEW}:{VALID}": {
        "nb": "innenfor revisjonsdato",
        "nn": "innanfor revisjonsdato",
        "en": "within review date",
    },
    f"duration:{LONGEST_BUCKET}": {"nb": "over 60 min", "nn": "over 60 min", "en": "over 60 min"},
}


@lru_cache(_LABELS)
def value_label(facet: str, value: str, vocabulary: Vocabulary, lang: str) -> str:
    """Return what a person reads for a facet value, in `lang` or the nearest there is."""
    words = _WORDS.get(f"{facet}:{value}") or (_WORDS[MISSING] if value == MISSING else None)
    if words:
        return words.get(lang, words["nb"])
    if facet == "duration":
        return f"{value.replace('-', '–')} min"
    concept = concept_of(facet, value)
    found = vocabulary.get(concept) if concept else None
    return found.label(lang).split(" (")[0] if found else value


class _Labels(dict[str, str]):
    """The labels of a facet's values, each looked up once."""

    def __init__(self, facet: str, vocabulary: Vocabulary, lang: str) -> None:
        super().__init__()
        self._asked = facet, vocabulary, lang

    def __missing__(self, value: str) -> str:
        facet, vocabulary, lang = self._asked
        label = self[value] = value_label(facet, value, vocabulary, lang)
        return label


@lru_cache(64)
def _labels(facet: str, vocabulary: Vocabulary, lang: str) -> _Labels:
    return _Labels(facet, vocabulary, lang)


def concept_of(facet: str, value: str) -> ConceptId | None:
    """Return the concept that a facet value names, or None for plain values."""
    if facet == "concept":
        return ConceptId(value)
    scheme = SCHEME_OF.get(facet)
    return ConceptId(f"{scheme}/{value}") if scheme else None


def index_filters(
    filters: Mapping[str, tuple[str, ...]], today: date, vocabulary: Vocabulary | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the filters in the values of the index: a review state is many spans of days there.

    A name that has been replaced in the vocabulary stands for itself (until the index is made anew) and for what
    replaced it.
    """
    return {
        name: tuple(v for value in values for v in _review_values(value, today))
        if name == REVIEW
        else values
        if vocabulary is None
        else _with_names_in_use(name, values, vocabulary)
        for name, values in filters.items()
    }


def _with_names_in_use(name: str, values: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    found: list[str]
    if name == "concept":
        found = [str(concept_in_use(value, vocabulary)) for value in values]
    elif name in HIERARCHICAL:
        found = [name_in_use(HIERARCHICAL[name], value, vocabulary) for value in values]
    else:
        return values
    return tuple(dict.fromkeys((*values, *found)))


def shown_counts(counts: Mapping[str, Mapping[str, int]], today: date) -> Mapping[str, Mapping[str, int]]:
    """Return the index's counts in the values that people choose from; the opposite of `index_filters`."""
    if REVIEW not in counts:
        return counts
    by_day = counts[REVIEW]
    states = {
        state: sum(by_day.get(value, 0) for value in _review_values(state, today))
        for state in (EXPIRED, VALID, MISSING)
    }
    return {**counts, REVIEW: {state: n for state, n in states.items() if n}}


def _review_values(state: str, today: date) -> Iterator[str]:
    """Yield the values of column ``review`` that make up a review state on a day; they do not overlap."""
    if state == MISSING:
        yield MISSING
    if state not in {EXPIRED, VALID}:
        return
    now = today.isoformat()
    for length, longer in zip((0, *DAY_BEGINNINGS), DAY_BEGINNINGS, strict=False):
        wide = longer - length
        for number in range({1: 10, 2: 100, 3: 32}[wide]):
            value = now[:length] + (f"{number:0{wide}}" if wide < 3 else f"-{number:02}")
            if (value < now[:longer]) if state == EXPIRED else (value > now[:longer]):
                yield value
    if state == VALID:  # the last day itself
        yield now


def make_facets(
    counts: Mapping[str, Mapping[str, int]],
    selected: Mapping[str, tuple[str, ...]],
    vocabulary: Vocabulary,
    lang: str,
    names: Sequence[str] = DEFAULT_FACETS,
    contains: Mapping[str, str] | None = None,
) -> tuple[Facet, ...]:
    """Turn exact counts into facets.

    A selected value is always there, with count 0 if need be, so that it can be unticked. Values
    stand with the most frequent first, "not stated" last, and below their parent in hierarchies.

    `contains` (facet -> text) keeps the values whose label in `lang` has the text in it, both folded,
    with the ancestors that place them and the selected ones; a blank text keeps all. Counts are the same.
    """
    contains = contains or {}
    return tuple(
        _facet(name, counts.get(name, {}), selected.get(name, ()), vocabulary, lang, contains.get(name, ""))
        for name in names
    )


def _facet(
    name: str,
    counts: Mapping[str, int],
    selected: tuple[str, ...],
    vocabulary: Vocabulary,
    lang: str,
    contains: str,
) -> Facet:
    present = {value: n for value, n in counts.items() if n > 0} | {
        value: counts.get(value, 0) for value in selected
    }
    known = _labels(name, vocabulary, lang)
    labels = {
        # a value that somebody made up is not kept
        value: known[value] if value in counts else value_label(name, value, vocabulary, lang)
        for value in present
    }
    parents = (
        {value: _parent(name, value, present, vocabulary) for value in present}
        if name in HIERARCHICAL
        else dict.fromkeys(present)
    )
    kept = _kept(contains, labels, parents, selected)
    order = sorted([(value == MISSING, -present[value], labels[value], value) for value in kept])
    if name not in HIERARCHICAL:
        return Facet(
            name,
            tuple([FacetValue(value, label, -n, value in selected) for _, n, label, value in order]),
        )
    children: dict[str | None, list[str]] = {}
    for *_, value in order:
        children.setdefault(parents[value], []).append(value)
    out: list[FacetValue] = []

    def walk(parent: str | None, depth: int) -> None:
        for value in children.get(parent, ()):
            out.append(FacetValue(value, labels[value], present[value], value in selected, parent, depth))
            if value in children:
                walk(value, depth + 1)

    walk(None, 0)
    return Facet(name, tuple(out))


def _kept(
    contains: str, labels: Mapping[str, str], parents: Mapping[str, str | None], selected: tuple[str, ...]
) -> Collection[str]:
    """Return the values to show: those that contain the text, the selected, and the ancestors of both."""
    text = fold(contains.strip()) if contains else ""
    if not text:
        return labels
    kept: set[str] = set()
    for value, label in labels.items():
        if text in fold(label) or value in selected:
            above: str | None = value
            while above is not None and above not in kept:
                kept.add(above)
                above = parents[above]
    return kept


def _parent(name: str, value: str, present: Mapping[str, int], vocabulary: Vocabulary) -> str | None:
    for above in _broader(name, value, vocabulary):
        if above in present:
            return above
    return None


@lru_cache(_LABELS)
def _broader(name: str, value: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the values of the concepts right above a value's."""
    concept = vocabulary.get(ConceptId(f"{HIERARCHICAL[name]}/{value}"))
    return tuple(b.split("/", 1)[1] for b in concept.broader) if concept else ()
