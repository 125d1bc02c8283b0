"""How are counts shown? Values with labels, in a hierarchy where there is one."""

from collections.abc import Mapping, Sequence

from engine.entry import HIERARCHICAL, LONGEST_BUCKET, SCHEME_OF
from engine.model import MISSING, Facet, FacetValue
from vocab.analysis import fold
from vocab.concept import ConceptId
from vocab.vocabulary import Vocabulary

DEFAULT_FACETS = ("theme", "resource_type", "audience", "arena", "level", "language", "edition", "duration")

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
    f"duration:{LONGEST_BUCKET}": {"nb": "over 60 min", "nn": "over 60 min", "en": "over 60 min"},
}


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


def concept_of(facet: str, value: str) -> ConceptId | None:
    """Return the concept that a facet value names, or None for plain values."""
    if facet == "concept":
        return ConceptId(value)
    scheme = SCHEME_OF.get(facet)
    return ConceptId(f"{scheme}/{value}") if scheme else None


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
    labels = {value: value_label(name, value, vocabulary, lang) for value in present}
    parents = {value: _parent(name, value, present, vocabulary) for value in present}
    kept = _kept(contains, labels, parents, selected)

    def order(value: str) -> tuple[bool, int, str]:
        return (value == MISSING, -present[value], labels[value])

    children: dict[str | None, list[str]] = {}
    for value in sorted(kept, key=order):
        children.setdefault(parents[value], []).append(value)
    out: list[FacetValue] = []

    def walk(parent: str | None, depth: int) -> None:
        for value in children.get(parent, ()):
            out.append(FacetValue(value, labels[value], present[value], value in selected, parent, depth))
            walk(value, depth + 1)

    walk(None, 0)
    return Facet(name, tuple(out))


def _kept(
    contains: str, labels: Mapping[str, str], parents: Mapping[str, str | None], selected: tuple[str, ...]
) -> set[str]:
    """Return the values to show: those that contain the text, the selected, and the ancestors of both."""
    text = fold(contains.strip())
    kept: set[str] = set()
    for value, label in labels.items():
        if text in fold(label) or value in selected:
            above: str | None = value
            while above is not None and above not in kept:
                kept.add(above)
                above = parents[above]
    return kept


def _parent(name: str, value: str, present: Mapping[str, int], vocabulary: Vocabulary) -> str | None:
    scheme = HIERARCHICAL.get(name)
    if scheme is None:
        return None
    concept = vocabulary.get(ConceptId(f"{scheme}/{value}"))
    if concept is None:
        return None
    return next((b.split("/", 1)[1] for b in concept.broader if b.split("/", 1)[1] in present), None)
