"""Where do old codes and old names lead? Migration between versions of a vocabulary, nothing lost in silence.

A plan, a resource or a list of evidence refers to concepts by id, URI or notation; when the vocabulary moves
on, every code is carried over or listed with the reason why not.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from vocab.analysis import fold
from vocab.concept import Concept, ConceptId, LabelKind, Lang
from vocab.crosswalk import MappingProposal, propose_mappings, stated_mappings
from vocab.vocabulary import Vocabulary

MigrationWay = Literal["same", "replaced", "mapping", "label"]

SURE_LABEL = 0.6
"""Confidence from which labels alone carry a code over."""


@dataclass(frozen=True, slots=True)
class Migration:
    """Where one code leads.

    Attributes
    ----------
    code
        As given.
    concept
        The concept of the new vocabulary, in use there, or None.
    way
        ``same`` concept, ``replaced`` by another, by ``mapping`` or by ``label``; None without a concept.
    why
        In words: what carried it over, or why nothing did.
    candidates
        Concepts of the new vocabulary that an editor may choose from, when `concept` is None.
    """

    code: str
    concept: ConceptId | None
    way: MigrationWay | None
    why: str
    candidates: tuple[ConceptId, ...] = ()


def migrate(codes: Iterable[str], old: Vocabulary, new: Vocabulary) -> list[Migration]:
    """Carry codes of an old vocabulary over to a new one.

    Tried in order: the concept with the same URI, what has replaced it in either vocabulary, an exact or close
    mapping, equal labels. What is ambiguous is not carried over.

    Parameters
    ----------
    codes
        Ids, URIs or notations.
    old, new
        The vocabularies.

    Returns
    -------
    list of Migration
        One a code, in the order given.

    Examples
    --------
    >>> fall = Concept(ConceptId("t/fall"), {"nb": "fall"}, deprecated=True, replaced_by=ConceptId("t/ulykke"))
    >>> new = Vocabulary([], [fall, Concept(ConceptId("t/ulykke"), {"nb": "fallulykke"})])
    >>> old = Vocabulary([], [Concept(ConceptId("t/fall"), {"nb": "fall"})])
    >>> [(found.concept, found.way) for found in migrate(["t/fall", "t/borte"], old, new)]
    [('t/ulykke', 'replaced'), (None, None)]
    """
    return _Mover(old, new).all(list(codes))


def labels_in_use(vocabulary: Vocabulary) -> Iterator[tuple[ConceptId, Lang, LabelKind, str]]:
    """Yield the labels of concepts in use; those of a replaced concept are hidden labels of its replacement.

    Who knows a concept by its old name finds what has taken its place. A label that another concept in use
    has by itself does not lead away from it.
    """
    own = {
        (lang, _folded(text))
        for concept, lang, _, text in vocabulary.labels()
        if not vocabulary[concept].deprecated
    }
    lent: set[tuple[ConceptId, Lang, str]] = set()
    for concept, lang, kind, text in vocabulary.labels():
        if not vocabulary[concept].deprecated:
            yield concept, lang, kind, text
            continue
        successor = vocabulary.resolve(concept)
        if successor is None or (lang, _folded(text)) in own or (successor, lang, _folded(text)) in lent:
            continue
        lent.add((successor, lang, _folded(text)))
        yield successor, lang, "hidden", text


class _Mover:
    def __init__(self, old: Vocabulary, new: Vocabulary) -> None:
        self._old = old
        self._new = new
        self._old_notations = _by_notation(old)
        self._new_notations = _by_notation(new)

    def all(self, codes: Sequence[str]) -> list[Migration]:
        first = {code: self._by_concept(code) for code in codes}
        left = [code for code, found in first.items() if found is None]
        if left:
            stated = _by_source(stated_mappings(self._old, self._new))
            first |= {code: self._by_proposal(code, stated, "mapping", 0.0) for code in left}
        if unsure := [code for code in left if first[code] is None]:
            labels = _by_source(p for p in propose_mappings(self._old, self._new) if p.code is None)
            first |= {code: self._by_proposal(code, labels, "label", SURE_LABEL) for code in unsure}
        return [first[code] or self._nothing(code) for code in codes]

    def _nothing(self, code: str) -> Migration:
        (concept,) = _find(code, self._old, self._old_notations)
        if concept.deprecated:
            return Migration(
                code, None, None, "it had ended in the old vocabulary, and nothing in use replaces it"
            )
        why = "no concept in use of the new vocabulary has its URI, a mapping to it or its labels"
        return Migration(code, None, None, why)

    def _by_concept(self, code: str) -> Migration | None:
        """Return where the same concept or its replacement is, or why there can be none; None if to be sought."""
        concepts = _find(code, self._old, self._old_notations)
        if len(concepts) > 1:
            return Migration(
                code, None, None, f"several concepts have it: {', '.join(c.id for c in concepts)}"
            )
        if not concepts:
            known = _find(code, self._new, self._new_notations)
            found = self._new.resolve(known[0].id) if len(known) == 1 else None
            if found is None:
                return Migration(code, None, None, "the old vocabulary has no such code")
            way: MigrationWay = "same" if found == known[0].id else "replaced"
            return Migration(code, found, way, "the new vocabulary has it; the old one has not")
        return self._same_or_replaced(code, concepts[0])

    def _same_or_replaced(self, code: str, concept: Concept) -> Migration | None:
        step: Concept | None = concept
        seen: set[str] = set()
        while step is not None and step.id not in seen:
            seen.add(step.id)
            there = self._new.id_of_uri(self._old.uri(step.id))
            if there is not None and (found := self._new.resolve(there)) is not None:
                if found == there and step is concept:
                    return Migration(code, found, "same", "the same concept is in use")
                return Migration(code, found, "replaced", f"{concept.id} was replaced by {found}")
            step = self._old.get(step.replaced_by) if step.replaced_by else None
        return None

    def _by_proposal(
        self, code: str, found: dict[ConceptId, list[MappingProposal]], way: MigrationWay, least: float
    ) -> Migration | None:
        (concept,) = _find(code, self._old, self._old_notations)
        proposals = [p for p in found.get(concept.id, ()) if p.match in {"exact", "close"}]
        if not proposals:
            return None
        exact = [p for p in proposals if p.match == "exact"]
        best = exact if len(exact) == 1 else proposals
        targets = tuple(dict.fromkeys(p.target for p in best))
        if len(targets) > 1:
            return Migration(code, None, None, f"several concepts fit by {way}: choose one", targets)
        if best[0].confidence < least:
            return Migration(code, None, None, f"{targets[0]} fits by {way}, but not surely: decide", targets)
        return Migration(code, targets[0], way, _reason(best[0]))


def _reason(proposal: MappingProposal) -> str:
    if proposal.code is not None:
        return f"{proposal.match} match by {proposal.code}"
    names = dict.fromkeys(f"{m.target_label} ({m.lang})" for m in proposal.labels)
    return f"equal labels: {', '.join(names)}"


def _by_source(proposals: Iterable[MappingProposal]) -> dict[ConceptId, list[MappingProposal]]:
    found: dict[ConceptId, list[MappingProposal]] = defaultdict(list)
    for proposal in proposals:
        found[proposal.source].append(proposal)
    return found


def _by_notation(vocabulary: Vocabulary) -> dict[str, list[Concept]]:
    found: dict[str, list[Concept]] = defaultdict(list)
    for concept in vocabulary:
        if concept.notation is not None:
            found[concept.notation].append(concept)
    return found


def _find(code: str, vocabulary: Vocabulary, notations: dict[str, list[Concept]]) -> Sequence[Concept]:
    known = vocabulary.id_of_uri(code)
    return notations.get(code, ()) if known is None else (vocabulary[known],)


def _folded(text: str) -> str:
    return " ".join(fold(text).split())
