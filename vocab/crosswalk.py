"""Which concepts of another vocabulary are the same as ours, or nearly? Proposals with their evidence.

An editor decides; a proposal says what speaks for it. Mappings that one of the two states count for themselves.
Beyond them labels meet when their stems do, in one language (bokmål and nynorsk count as one). Preferred labels
are worth more than others, two languages more than one, a label that several concepts share less. What is
broader or narrower on both sides supports a pair.

References: SKOS Reference, section 10 (mapping properties).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod, sqrt

from vocab.concept import Concept, ConceptId, LabelKind, MatchKind
from vocab.label_keys import LabelKey, LabelKeys, WrittenLabel, compound_heads
from vocab.skos import mapping_uri
from vocab.vocabulary import Vocabulary

Similarity = Callable[[Sequence[str], Sequence[str]], Iterable[tuple[int, int, float]]]
"""Given source and target texts, yields pairs of positions that mean the same, with how sure that is (0 to 1)."""

FLOOR = 0.3
"""Confidence below which nothing is proposed."""

_SURE = 0.95
_WEIGHTS: Mapping[frozenset[LabelKind], float] = {
    frozenset({"pref"}): 0.6,
    frozenset({"pref", "alt"}): 0.45,
    frozenset({"alt"}): 0.3,
    frozenset({"pref", "hidden"}): 0.35,
    frozenset({"alt", "hidden"}): 0.2,
    frozenset({"hidden"}): 0.1,
}
_SAME_LANGUAGE_AGAIN = 0.3
"""What a second label in a language is worth beside the best one."""
_OTHER_FORM = 0.8
"""What labels of equal stems are worth beside equal labels."""
_QUALIFIED = 0.8
"""What a label without its qualifier in brackets is worth."""
_FAMILY = 0.25
"""What is added, of what is missing to certainty, for a pair of neighbours that correspond."""
_SIMILAR = 0.6
_RIVAL = 0.75
"""Share of the best confidence of a concept below which another proposal for it is dropped."""
_BROADER_BY_PARENT = 0.6
_BROADER_BY_HEAD = 0.4
_INVERSE: Mapping[MatchKind, MatchKind] = {"broad": "narrow", "narrow": "broad"}
_EXACT_LANGUAGES = 2


@dataclass(frozen=True, slots=True)
class LabelMeeting:
    """A label of the source concept that is a label of the target concept; `same` if in spelling, too."""

    lang: str
    source_kind: LabelKind
    source_label: str
    target_kind: LabelKind
    target_label: str
    same: bool


@dataclass(frozen=True, slots=True)
class MappingProposal:
    """The source concept has the target concept as `match` (SKOS: as its exact, close, broader, narrower one).

    Attributes
    ----------
    confidence
        Between 0 and 1; 1 for what one of the vocabularies states.
    labels
        Labels that meet, best first.
    code
        The code (``vocabulary:code``) through which the two are connected, or None.
    neighbours
        Broader or narrower concepts of source and target that correspond, too.
    similarity
        What the similarity of meaning was judged to be, or None.
    """

    source: ConceptId
    target: ConceptId
    match: MatchKind
    confidence: float
    labels: tuple[LabelMeeting, ...] = ()
    code: str | None = None
    neighbours: tuple[tuple[ConceptId, ConceptId], ...] = ()
    similarity: float | None = None


def propose_mappings(
    source: Vocabulary,
    target: Vocabulary,
    *,
    similarity: Similarity | None = None,
    floor: float = FLOOR,
) -> list[MappingProposal]:
    """Propose which concepts of `source` correspond to which of `target`.

    Deprecated concepts take no part. A concept may have several proposals when they are about equally good.

    Parameters
    ----------
    source, target
        The vocabularies; time grows with the labels of both, not with their product.
    similarity
        Finds pairs of like meaning, for instance by embedding; it is called once, with a text a concept.
    floor
        Least confidence.

    Returns
    -------
    list of MappingProposal
        In order of source id, the most confident first.
    """
    stated = {(p.source, p.target): p for p in _stated(source, target)}
    pairs = _meetings(source, target)
    scored = {pair: _scored(pair, meetings) for pair, meetings in pairs.items()}
    for pair, value in _similar(source, target, similarity):
        known = scored.get(pair) or MappingProposal(*pair, match="close", confidence=0.0)
        more = 1 - (1 - known.confidence) * (1 - _SIMILAR * value)
        scored[pair] = replace(known, confidence=more, similarity=value)
    scored = {pair: _with_family(proposal, scored, source, target) for pair, proposal in scored.items()}
    scored |= {
        pair: replace(proposal, labels=scored[pair].labels) if pair in scored else proposal
        for pair, proposal in stated.items()
    }
    best = _best(scored.values(), floor)
    matched = {proposal.source for proposal in best if proposal.match in {"exact", "close"}}
    further = [*_below_parents(source, best, matched), *_by_heads(source, target, matched)]
    have = {(proposal.source, proposal.target) for proposal in best}
    best += [p for p in _unique(further) if (p.source, p.target) not in have and p.confidence >= floor]
    return sorted(best, key=lambda p: (p.source, -p.confidence, p.target))


def _stated(source: Vocabulary, target: Vocabulary) -> Iterator[MappingProposal]:
    """Yield what the mappings of either say, directly or by a third vocabulary's code."""
    codes: dict[tuple[str, str], list[tuple[Concept, MatchKind]]] = defaultdict(list)
    names: dict[str, Concept] = {}
    for concept in _in_use(target):
        names[target.uri(concept.id)] = concept
        for mapping in concept.mappings:
            codes[mapping.vocabulary, mapping.code].append((concept, mapping.match))
    by_uri: dict[str, list[tuple[Concept, MatchKind, str]]] = defaultdict(list)
    for concept in names.values():
        for mapping in concept.mappings:
            said = (concept, mapping.match, f"{mapping.vocabulary}:{mapping.code}")
            by_uri[mapping_uri(mapping, target.base_uri)].append(said)
    for concept in _in_use(source):
        for other, match, code in by_uri.get(source.uri(concept.id), ()):
            yield _said(concept, other, _INVERSE.get(match, match), 1.0, code)
        if concept.notation is not None:
            for other, match in codes.get((concept.scheme, concept.notation), ()):
                code = f"{concept.scheme}:{concept.notation}"
                yield _said(concept, other, _INVERSE.get(match, match), 1.0, code)
        for mapping in concept.mappings:
            code = f"{mapping.vocabulary}:{mapping.code}"
            if known := names.get(mapping_uri(mapping, source.base_uri)):
                yield _said(concept, known, mapping.match, 1.0, code)
            for other, match in codes.get((mapping.vocabulary, mapping.code), ()):
                if {match, mapping.match} <= {"exact", "close"}:
                    both = match == mapping.match == "exact"
                    yield _said(concept, other, "exact" if both else "close", _SURE if both else 0.5, code)


def _said(
    source: Concept, target: Concept, match: MatchKind, confidence: float, code: str
) -> MappingProposal:
    return MappingProposal(source.id, target.id, match, confidence, code=code)


def _meetings(
    source: Vocabulary, target: Vocabulary
) -> dict[tuple[ConceptId, ConceptId], list[tuple[LabelMeeting, float]]]:
    """Return the pairs of concepts that share labels, each label with what it is worth."""
    keys = LabelKeys(target)
    shared: dict[LabelKey, list[WrittenLabel]] = defaultdict(list)
    for label in keys.of(source):
        shared[label.key].append(label)
    pairs: dict[tuple[ConceptId, ConceptId], list[tuple[LabelMeeting, float]]] = defaultdict(list)
    for key, ours in shared.items():
        theirs = keys.labels[key]
        crowd = sqrt(_claims(ours) * _claims(theirs))
        for a in ours:
            for b in theirs:
                worth = _WEIGHTS[frozenset({a.kind, b.kind})] / crowd
                if a.folded != b.folded:
                    worth *= _OTHER_FORM
                if a.qualified != b.qualified:
                    worth *= _QUALIFIED
                meeting = LabelMeeting(a.lang, a.kind, a.text, b.kind, b.text, a.folded == b.folded)
                pairs[a.concept, b.concept].append((meeting, worth))
    return pairs


def _claims(labels: Sequence[WrittenLabel]) -> float:
    """Return how many concepts claim a label; one that has it as hidden label claims it least."""
    best: dict[ConceptId, float] = {}
    for label in labels:
        claim = {"pref": 1.0, "alt": 0.7, "hidden": 0.3}[label.kind]
        best[label.concept] = max(claim, best.get(label.concept, 0.0))
    return max(1.0, sum(best.values()))


def _scored(pair: tuple[ConceptId, ConceptId], meetings: list[tuple[LabelMeeting, float]]) -> MappingProposal:
    meetings.sort(key=lambda item: (-item[1], item[0].lang, item[0].source_label, item[0].target_label))
    doubt = 1.0
    seen: set[str] = set()
    for meeting, worth in meetings:
        language = _language(meeting.lang)
        doubt *= 1 - (worth * _SAME_LANGUAGE_AGAIN if language in seen else worth)
        seen.add(language)
    named = {_language(m.lang) for m, _ in meetings if m.source_kind == m.target_kind == "pref" and m.same}
    match: MatchKind = "exact" if len(named) >= _EXACT_LANGUAGES else "close"
    kept = tuple(dict.fromkeys(meeting for meeting, _ in meetings))
    return MappingProposal(*pair, match=match, confidence=1 - doubt, labels=kept)


def _language(lang: str) -> str:
    return "nb" if lang == "nn" else lang


def _similar(
    source: Vocabulary, target: Vocabulary, similarity: Similarity | None
) -> Iterator[tuple[tuple[ConceptId, ConceptId], float]]:
    if similarity is None:
        return
    ours, theirs = list(_in_use(source)), list(_in_use(target))
    for i, j, value in similarity([_text(c) for c in ours], [_text(c) for c in theirs]):
        yield (ours[i].id, theirs[j].id), min(1.0, max(0.0, value))


def _text(concept: Concept) -> str:
    return ". ".join(dict.fromkeys([*concept.pref_label.values(), *list(concept.definition.values())[:1]]))


def _with_family(
    proposal: MappingProposal,
    scored: Mapping[tuple[ConceptId, ConceptId], MappingProposal],
    source: Vocabulary,
    target: Vocabulary,
) -> MappingProposal:
    """Return a proposal strengthened by each side, above and below, where neighbours meet as well."""
    found: list[tuple[ConceptId, ConceptId]] = []
    for ours, theirs in (
        (source.ancestors(proposal.source), target.ancestors(proposal.target)),
        (
            [c.id for c in source.narrower(proposal.source)],
            [c.id for c in target.narrower(proposal.target)],
        ),
    ):
        known = [(a, b) for a in ours for b in theirs if (a, b) in scored] if ours and theirs else []
        found += sorted(known, key=lambda pair: -scored[pair].confidence)[:1]
    doubt = prod(1 - _FAMILY * scored[pair].confidence for pair in found)
    more = 1 - (1 - proposal.confidence) * doubt
    return replace(proposal, confidence=more, neighbours=tuple(found))


def _best(proposals: Iterable[MappingProposal], floor: float) -> list[MappingProposal]:
    """Return what is good enough; the same concept has one exact match, others are close."""
    good = [p for p in proposals if p.confidence >= floor]
    best_of: dict[ConceptId, float] = defaultdict(float)
    exact: dict[ConceptId, set[tuple[ConceptId, ConceptId]]] = defaultdict(set)
    for p in good:
        best_of[p.source] = max(best_of[p.source], p.confidence)
        if p.match == "exact":
            exact[p.source].add((p.source, p.target))
            exact[p.target].add((p.source, p.target))
    kept = []
    for p in good:
        if p.code is None and p.confidence < _RIVAL * best_of[p.source]:
            continue
        contested = max(len(exact[p.source]), len(exact[p.target])) > 1
        kept.append(replace(p, match="close") if p.match == "exact" and contested and p.code is None else p)
    return kept


def _below_parents(
    source: Vocabulary, best: Sequence[MappingProposal], matched: set[ConceptId]
) -> Iterator[MappingProposal]:
    """Yield what is above a concept without a match because it is the match of its broader concept."""
    for p in best:
        if p.match not in {"exact", "close"}:
            continue
        for below in source.narrower(p.source):
            if below.id not in matched and not below.deprecated:
                confidence = p.confidence * _BROADER_BY_PARENT
                yield MappingProposal(
                    below.id, p.target, "broad", confidence, neighbours=((p.source, p.target),)
                )


def _by_heads(source: Vocabulary, target: Vocabulary, matched: set[ConceptId]) -> Iterator[MappingProposal]:
    """Yield what compounds say: a *pollenallergi* is an *allergi*."""
    for ours, theirs, match in ((source, target, "broad"), (target, source, "narrow")):
        for label, head in compound_heads(ours, theirs):
            below, above = label.concept, head.concept
            source_id, target_id = (below, above) if match == "broad" else (above, below)
            if match == "broad" and source_id in matched:
                continue
            meeting = (
                LabelMeeting(label.lang, "pref", label.text, "pref", head.text, same=False)
                if match == "broad"
                else LabelMeeting(label.lang, "pref", head.text, "pref", label.text, same=False)
            )
            kind: MatchKind = "broad" if match == "broad" else "narrow"
            yield MappingProposal(source_id, target_id, kind, _BROADER_BY_HEAD, (meeting,))


def _unique(proposals: Iterable[MappingProposal]) -> list[MappingProposal]:
    """Return one proposal a pair, the most confident."""
    found: dict[tuple[ConceptId, ConceptId], MappingProposal] = {}
    for p in proposals:
        known = found.get((p.source, p.target))
        if known is None or p.confidence > known.confidence:
            found[p.source, p.target] = p
    return list(found.values())


def _in_use(vocabulary: Vocabulary) -> Iterator[Concept]:
    return (concept for concept in vocabulary if not concept.deprecated)
