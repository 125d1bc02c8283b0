"""What is different between two vocabularies? Concepts that came, went, were deprecated or changed, and how.

Nothing of texts or resources is known here: which of those would be tagged otherwise is in
`vocab.fingerprint` and above.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vocab.concept import Concept, ConceptId, Lang
from vocab.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class NamedConcept:
    """A concept with the label that a person knows it by."""

    concept: ConceptId
    label: str


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A concept that went out of use; `replaced_by` is what is to be used in its place, if anything is."""

    concept: ConceptId
    label: str
    replaced_by: ConceptId | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What one field of a concept lost and won, each value as text.

    Labels and definitions begin with their language (``nb: fall``), mappings are kind, vocabulary and code
    (``exact mesh D000058``).
    """

    field: str
    lost: tuple[str, ...]
    won: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConceptChange:
    """A concept that is in both vocabularies and not the same in them."""

    concept: ConceptId
    label: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class VocabularyChanges:
    """Everything that is different between an old and a new vocabulary; each list in id order.

    A concept that was deprecated, or is no longer, is in `changed` too if anything else of it changed.
    `schemes` holds the changes of schemes: ``concept`` is then the scheme's id.
    """

    added: tuple[NamedConcept, ...] = ()
    removed: tuple[NamedConcept, ...] = ()
    deprecated: tuple[Deprecation, ...] = ()
    restored: tuple[NamedConcept, ...] = ()
    changed: tuple[ConceptChange, ...] = ()
    schemes_added: tuple[str, ...] = ()
    schemes_removed: tuple[str, ...] = ()
    schemes: tuple[ConceptChange, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


def compare(old: Vocabulary, new: Vocabulary) -> VocabularyChanges:
    """Return what is different in `new`; nothing when both hold the same.

    Examples
    --------
    >>> from dataclasses import replace
    >>> fall = Concept(ConceptId("tema/fall"), {"nb": "fall"})
    >>> renamed = replace(fall, pref_label={"nb": "fallulykker"})
    >>> compare(Vocabulary([], [fall]), Vocabulary([], [renamed])).changed[0].fields
    (FieldChange(field='pref_label', lost=('nb: fall',), won=('nb: fallulykker',)),)
    """
    both = [(old[c.id], c) for c in new if c.id in old]
    uris = {
        before.id: (FieldChange("uri", (old.uri(before.id),), (new.uri(before.id),)),)
        for before, after in both
        if _own_uri(old, before.id) != _own_uri(new, after.id)
    }
    changed = [(after, (*_changes(before, after), *uris.get(after.id, ()))) for before, after in both]
    return VocabularyChanges(
        added=tuple(_named(c) for c in new if c.id not in old),
        removed=tuple(_named(c) for c in old if c.id not in new),
        deprecated=tuple(
            Deprecation(after.id, after.label(), new.resolve(after.id))
            for before, after in both
            if after.deprecated and (not before.deprecated or old.resolve(before.id) != new.resolve(after.id))
        ),
        restored=tuple(_named(after) for before, after in both if before.deprecated and not after.deprecated),
        changed=tuple(
            ConceptChange(concept.id, concept.label(), fields) for concept, fields in changed if fields
        ),
        schemes_added=tuple(s.id for s in new.schemes if old.scheme(s.id) is None),
        schemes_removed=tuple(s.id for s in old.schemes if new.scheme(s.id) is None),
        schemes=tuple(_scheme_changes(old, new)),
    )


def _named(concept: Concept) -> NamedConcept:
    return NamedConcept(concept.id, concept.label())


def _own_uri(vocabulary: Vocabulary, id_: str) -> str | None:
    """Return the URI of an id that is not under the base: another base is no change of a concept."""
    return vocabulary.foreign.get(id_)


def _changes(before: Concept, after: Concept) -> tuple[FieldChange, ...]:
    if before == after:
        return ()
    found = []
    for (name, old), (_, new) in zip(_fields(before), _fields(after), strict=True):
        if old != new:
            lost = tuple(value for value in old if value not in new)
            won = tuple(value for value in new if value not in old)
            if lost or won:
                found.append(FieldChange(name, lost, won))
    return tuple(found)


def _fields(concept: Concept) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every field with its values as text."""
    yield "pref_label", _by_language({k: (v,) for k, v in concept.pref_label.items()})
    yield "alt_label", _by_language(concept.alt_label)
    yield "hidden_label", _by_language(concept.hidden_label)
    yield "definition", _by_language({k: (v,) for k, v in concept.definition.items()})
    yield "broader", concept.broader
    yield "narrower", concept.narrower
    yield "related", concept.related
    yield "mappings", tuple(f"{m.match} {m.vocabulary} {m.code}" for m in concept.mappings)
    yield "notation", () if concept.notation is None else (concept.notation,)
    yield "note", () if concept.note is None else (concept.note,)
    yield "deprecated", ("true",) if concept.deprecated else ()
    yield "replaced_by", () if concept.replaced_by is None else (concept.replaced_by,)


def _by_language(texts: Mapping[Lang, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(f"{lang}: {text}" for lang in sorted(texts) for text in texts[lang])


def _scheme_changes(old: Vocabulary, new: Vocabulary) -> Iterator[ConceptChange]:
    for after in new.schemes:
        before = old.scheme(after.id)
        if before is None or (before == after and _own_uri(old, after.id) == _own_uri(new, after.id)):
            continue
        pairs = (
            (
                "pref_label",
                _by_language({k: (v,) for k, v in before.pref_label.items()}),
                _by_language({k: (v,) for k, v in after.pref_label.items()}),
            ),
            ("lexical", (str(before.lexical).lower(),), (str(after.lexical).lower(),)),
            ("top_concepts", before.top_concepts, after.top_concepts),
            ("uri", (old.uri(after.id),), (new.uri(after.id),)),
        )
        fields = tuple(
            FieldChange(name, tuple(v for v in lost if v not in won), tuple(v for v in won if v not in lost))
            for name, lost, won in pairs
            if set(lost) != set(won)
        )
        label = next(iter(after.pref_label.values()), after.id)
        if fields:
            yield ConceptChange(ConceptId(after.id), label, fields)
