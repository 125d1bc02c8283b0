"""What was said of a concept that has been replaced: of which one does it hold now? Of what replaced it.

Sources, editors and plans name concepts for years; a vocabulary moves on. Nothing of what they said is rewritten:
it is read as meant each time, so that undoing a replacement undoes it here too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from engine.model import Decision, Resource
from graph.model import Requirement
from vocab.concept import ConceptId
from vocab.vocabulary import Vocabulary

SOURCE = "source"
"""Who ruled that a theme holds which has moved out of the themes' scheme."""

_THEMES = "tema"
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def as_meant(
    resource: Resource, rulings: Iterable[Decision], vocabulary: Vocabulary
) -> tuple[Resource, Sequence[Decision]]:
    """Return a resource and the rulings on its tags with concepts in use, as they are to be tagged with.

    Of two rulings that come to hold for one concept the newer counts. A theme that was replaced by a concept of
    another scheme becomes a ruling; one that is out of use without a replacement is no theme any more.
    """
    read: dict[str, Decision] = {}
    for ruling in sorted(rulings, key=lambda d: d.at):
        concept = concept_in_use(ruling.object, vocabulary)
        read[concept] = ruling if concept == ruling.object else replace(ruling, object=concept)
    themes: list[str] = []
    for theme in resource.themes:
        id_ = f"{_THEMES}/{theme}"
        if id_ not in vocabulary:
            themes.append(theme)
            continue
        successor = vocabulary.resolve(id_) or ""
        scheme, _, name = successor.partition("/")
        if scheme == _THEMES:
            themes.append(name)
        elif successor:
            read.setdefault(successor, Decision("tag", resource.id, successor, "accepted", SOURCE, _LONG_AGO))
    meant = tuple(dict.fromkeys(themes))
    return (resource if meant == resource.themes else replace(resource, themes=meant)), tuple(read.values())


def concept_in_use(concept: str, vocabulary: Vocabulary) -> ConceptId:
    """Return the concept to use for an id: what replaced it, or itself where nothing did."""
    return vocabulary.resolve(concept) or ConceptId(concept)


def name_in_use(scheme: str, name: str, vocabulary: Vocabulary) -> str:
    """Return the name to use for a name of a scheme: what replaced it there, or itself."""
    found_in, _, found = concept_in_use(f"{scheme}/{name}", vocabulary).partition("/")
    return found if found_in == scheme else name


def requirement_in_use(requirement: Requirement, vocabulary: Vocabulary) -> Requirement:
    """Return a requirement with the concepts to use for those that it names."""
    concepts = tuple(dict.fromkeys(concept_in_use(c, vocabulary) for c in requirement.concepts))
    return requirement if concepts == requirement.concepts else replace(requirement, concepts=concepts)
