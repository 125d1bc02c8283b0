"""How does a scheme get into a vocabulary? Beside the others, or in place of what it was before.

Nothing that was ever used is lost on the way: a concept that the new scheme does not have stays, deprecated and
with its labels, and a preferred label that changed stays as a hidden one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from vocab.analysis import fold
from vocab.concept import DEFAULT_BASE_URI, Concept, ConceptId, ConceptMapping, ConceptScheme, Lang
from vocab.skos import SkosContent, write_skos
from vocab.triples import VocabularyError
from vocab.vocabulary import Vocabulary


def merged(
    current: Vocabulary, content: SkosContent, *, drop: bool = False, source: Path | None = None
) -> Vocabulary:
    """Return the current vocabulary with some schemes added, or put in place of those of the same id.

    Parameters
    ----------
    current
        The vocabulary in use.
    content
        What was read from files.
    drop
        Concepts that a replaced scheme has no longer are left out altogether, with every reference to them.
        Default: they stay, deprecated, with their labels.
    source
        The file that an error names.

    Raises
    ------
    VocabularyError
        If an id means another URI in the current vocabulary: then it is not the same scheme.
    """
    ids = {scheme.id for scheme in content.schemes}
    known = {scheme.id for scheme in current.schemes}
    for id_ in sorted((ids & known) | {c.id for c in content.concepts if c.id in current}):
        if current.foreign.get(id_) != content.foreign.get(id_):
            raise VocabularyError(
                source or Path("vocabulary"),
                None,
                f"{id_} is {content.foreign.get(id_) or 'one of our own'} there and {current.uri(id_)} here: "
                "give the scheme another URI, whose last part is its name",
            )
    new = {concept.id: concept for concept in content.concepts}
    gone = [c for c in current if c.scheme in ids and c.id not in new]
    vanished = frozenset(c.id for c in gone) if drop else frozenset()
    taken = {
        fold(text)
        for concept in (*content.concepts, *(c for c in current if c.scheme not in ids))
        if not concept.deprecated
        for text in _texts(concept)
    }
    concepts = [
        *(_without(c, vanished) for c in current if c.scheme not in ids and c.id not in new),
        *(_with_what_was_kept(c, current.get(c.id), taken) for c in content.concepts),
        *(() if drop else (replace(c, deprecated=True) for c in gone)),
    ]
    foreign = {**current.foreign, **content.foreign}
    named = known | ids
    for c in concepts:
        named |= {c.id, *c.broader, *c.narrower, *c.related, *((c.replaced_by,) if c.replaced_by else ())}
    return with_top_concepts(
        [*(s for s in current.schemes if s.id not in ids), *content.schemes],
        concepts,
        foreign={id_: uri for id_, uri in foreign.items() if id_ in named},
        base_uri=current.base_uri,
    )


def with_mappings(vocabulary: Vocabulary, mappings: Mapping[str, Iterable[ConceptMapping]]) -> Vocabulary:
    """Return a vocabulary whose concepts have some more mappings."""
    concepts = [
        replace(c, mappings=tuple(sorted({*c.mappings, *mappings[c.id]}))) if c.id in mappings else c
        for c in vocabulary
    ]
    return Vocabulary(vocabulary.schemes, concepts, foreign=vocabulary.foreign, base_uri=vocabulary.base_uri)


def with_top_concepts(
    schemes: Iterable[ConceptScheme],
    concepts: Iterable[Concept],
    *,
    foreign: Mapping[str, str],
    base_uri: str,
) -> Vocabulary:
    """Return a vocabulary in which every concept without a broader one is a top concept, as reading files does."""
    concepts = list(concepts)
    tops: dict[str, set[ConceptId]] = defaultdict(set)
    ids = {c.id for c in concepts}
    for concept in concepts:
        if not concept.broader:
            tops[concept.scheme].add(concept.id)
    made = [
        replace(s, top_concepts=tuple(sorted(tops[s.id] | {t for t in s.top_concepts if t in ids})))
        for s in schemes
    ]
    return Vocabulary(made, concepts, foreign=foreign, base_uri=base_uri)


def skos_files(vocabulary: Vocabulary) -> dict[str, str]:
    """Return a vocabulary as Turtle, one file a scheme, by file name; under the default base whatever its own is.

    Reading the files together gives the same vocabulary.
    """
    files: dict[str, str] = {}
    for scheme in vocabulary.schemes:
        part = Vocabulary(
            [scheme],
            vocabulary.in_scheme(scheme.id),
            foreign=vocabulary.foreign,
            base_uri=DEFAULT_BASE_URI,
        )
        files[_file_name(scheme.id, files)] = write_skos(part)
    return files


def _file_name(scheme: str, taken: Mapping[str, str]) -> str:
    plain = "".join(c if c.isalnum() or c in "-_" else "-" for c in fold(scheme)).strip("-") or "scheme"
    name, number = f"{plain}.ttl", 1
    while name in taken:
        number += 1
        name = f"{plain}-{number}.ttl"
    return name


def _texts(concept: Concept) -> Iterable[str]:
    yield from concept.pref_label.values()
    for texts in (*concept.alt_label.values(), *concept.hidden_label.values()):
        yield from texts


def _with_what_was_kept(concept: Concept, before: Concept | None, taken: set[str]) -> Concept:
    """Keep mappings to our concepts and, as hidden ones, former preferred labels that no concept in use has now."""
    if before is None:
        return concept
    ours = {m for m in before.mappings if m.vocabulary == "uri" and m.code.startswith(DEFAULT_BASE_URI)}
    hidden: dict[Lang, tuple[str, ...]] = dict(concept.hidden_label)
    for lang, text in before.pref_label.items():
        if fold(text) not in taken:
            hidden[lang] = tuple(sorted({*hidden.get(lang, ()), text}))
    return replace(
        concept,
        hidden_label={lang: hidden[lang] for lang in sorted(hidden)},
        mappings=tuple(sorted({*concept.mappings, *ours})),
    )


def _without(concept: Concept, vanished: frozenset[ConceptId]) -> Concept:
    """Return a concept that does not refer to those that have gone."""
    if not vanished:
        return concept

    def left(ids: tuple[ConceptId, ...]) -> tuple[ConceptId, ...]:
        return tuple(i for i in ids if i not in vanished)

    return replace(
        concept,
        broader=left(concept.broader),
        narrower=left(concept.narrower),
        related=left(concept.related),
        replaced_by=None if concept.replaced_by in vanished else concept.replaced_by,
    )
