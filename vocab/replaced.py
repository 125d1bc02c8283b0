"""What holds for a concept that was replaced? Its names lead to what replaced it."""

from collections import defaultdict
from dataclasses import replace

from vocab.analysis import fold
from vocab.concept import Concept, ConceptId, Lang
from vocab.vocabulary import Vocabulary


def with_labels_of_replaced(vocabulary: Vocabulary) -> Vocabulary:
    """Return a vocabulary whose concepts also have, as hidden labels, the labels of those that they replaced.

    So the old name that somebody types, or that stands in a text, means what is used now. A label that some
    concept in use has already is not taken over; without replaced concepts it is the same vocabulary.

    Examples
    --------
    >>> old = Concept(ConceptId("tema/a"), {"nb": "dekubitus"}, deprecated=True, replaced_by=ConceptId("tema/b"))
    >>> new = with_labels_of_replaced(Vocabulary([], [old, Concept(ConceptId("tema/b"), {"nb": "trykksår"})]))
    >>> dict(new["tema/b"].hidden_label)
    {'nb': ('dekubitus',)}
    """
    inherited: dict[ConceptId, list[Concept]] = defaultdict(list)
    for concept in vocabulary:
        if concept.deprecated and (successor := vocabulary.resolve(concept.id)) is not None:
            inherited[successor].append(concept)
    if not inherited:
        return vocabulary
    taken = {fold(text) for id_, _, _, text in vocabulary.labels() if not vocabulary[id_].deprecated}
    concepts = [
        _with_labels(concept, inherited[concept.id], taken) if concept.id in inherited else concept
        for concept in vocabulary
    ]
    return Vocabulary(vocabulary.schemes, concepts, foreign=vocabulary.foreign, base_uri=vocabulary.base_uri)


def _with_labels(concept: Concept, replaced: list[Concept], taken: set[str]) -> Concept:
    hidden: dict[Lang, set[str]] = {lang: set(texts) for lang, texts in concept.hidden_label.items()}
    for old in replaced:
        labels = [
            *old.pref_label.items(),
            *((lang, text) for lang, texts in old.alt_label.items() for text in texts),
            *((lang, text) for lang, texts in old.hidden_label.items() for text in texts),
        ]
        for lang, text in labels:
            if fold(text) not in taken:
                hidden.setdefault(lang, set()).add(text)
    return replace(concept, hidden_label={lang: tuple(sorted(hidden[lang])) for lang in sorted(hidden)})
