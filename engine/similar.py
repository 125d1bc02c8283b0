"""What else is like this? Related resources that are not the same work, and nothing where nothing is related."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from engine.entry import TITLE_WEIGHT, concept_term
from engine.errors import NotFound
from engine.model import Clause, Decision, IndexQuery, LexicalQuery, Resource, Vectors
from engine.pair_classes import judge
from engine.pair_evidence import EvidenceReader
from engine.ports import SearchIndex
from engine.relatedness import RelatedWeights, likelihood, rarity, shared_by
from engine.search import review_expired, scope_of, visible
from vocab.analysis import analyse
from vocab.concept import ConceptId
from vocab.vocabulary import Vocabulary

SAME_WORK = 0.66
"""Cosine of mean vectors from which two resources in one language are one work.

On the sample bank's labelled twins, with the default model: copies, near copies and outdated copies have .703 and
more, local supplements at most .568, the same topic for another role .425, look-alikes .451, all other pairs .626.
"""

TRANSLATION = 0.46
"""The same for two languages: of 18 labelled translations 17 have more, of 29,916 other pairs one (.742; the next .419)."""

READ = 0.4
"""Cosine from which the texts themselves are compared: near copies and translations of other words are seen so."""

LIKELY = 0.7
"""Probability from which a resource is offered as related: fewer and right rather than five of any kind.

Four of five are then accepted on the pairs that the weights were fitted to (cross-validated), and half of the texts have none.
"""

EXPIRED = 0.9
"""What is left of the probability when the review date has passed."""

WORDS = 30
"""Words of a resource that others are looked for with: those that tell most, as often and rare as they are."""

EACH = 60
"""Resources that are looked at for their words, for their concepts and for their vectors."""

_FEWEST_WORDS = 3
_PART = 0.5
"""What the part of a compound counts beside a whole word."""

_TEXTS = EvidenceReader()


@dataclass(frozen=True, slots=True)
class SimilarResource:
    """A related resource: how likely an editor accepts it, the cosine of mean vectors, and shared concepts.

    `ruling` is that of an editor who has said that it belongs there.
    """

    resource: Resource
    score: float
    cosine: float
    concepts: tuple[str, ...]
    ruling: Decision | None = None


@dataclass(frozen=True, slots=True)
class SimilarFinder:
    """Related resources in one opened build.

    Parameters
    ----------
    index, vocabulary
        The build, and the vocabulary that it is tagged with.
    today : date
        For review dates.
    excluded : frozenset of str
        Resources that are not to be seen.
    weights, likely
        How what is shared counts, and the least probability.
    """

    index: SearchIndex
    vocabulary: Vocabulary
    today: date
    excluded: frozenset[str] = field(default=frozenset())
    weights: RelatedWeights = field(default_factory=RelatedWeights)
    likely: float = LIKELY

    def similar(
        self,
        resource_id: str,
        *,
        edition: str | None = None,
        k: int = 5,
        rulings: Sequence[Decision] = (),
    ) -> tuple[SimilarResource, ...]:
        """Return at most `k` related resources, the likeliest first; none where nothing is related.

        The resource itself, drafts, copies and translations of it are never among them, and of several that are one work
        there is one: in the language of the resource if there is one. Of rulings of kind ``related`` on it,
        those accepted come first, in id order, however likely, and those rejected never.

        Raises
        ------
        NotFound
            If the index has no resource of that id.
        """
        source = self.index.get([resource_id]).get(resource_id)
        if source is None or resource_id in self.excluded:
            raise NotFound(f"no published resource has the id {resource_id!r}")
        size = self.index.statistics("terms", ()).resources
        scope = scope_of(edition)
        if scope:  # the resource itself may be another edition's
            scope = {"edition": (*scope["edition"], source.edition)}
        words = self._by_words(source, scope, size)
        weigh = self._rarity({tag.concept for tag in source.about}, size)
        ruled = {ruling.object: ruling for ruling in rulings if ruling.subject == resource_id}
        ids = {
            *_best(words),
            *self._near(source, scope),
            *_best(self._by_concepts(source, weigh, scope)),
            *(ruled.keys() - self.excluded),
        }
        resources = {
            id_: r for id_, r in self.index.get(sorted(ids - {resource_id})).items() if visible(r, edition)
        }
        concepts = {tag.concept for r in resources.values() for tag in r.about}
        weigh |= self._rarity(concepts - weigh.keys(), size)
        vectors = {id_: _mean(self.index.passages(id_)[1]) for id_ in (resource_id, *resources)}
        own = vectors[resource_id]
        tags = {tag.concept for tag in source.about}
        found = []
        for id_, other in resources.items():
            theirs = vectors[id_]
            cosine = float(own @ theirs) if own is not None and theirs is not None else None
            shared = shared_by(
                source,
                other,
                cosine=cosine,
                words=words.get(id_, 0.0),
                weigh=weigh,
                vocabulary=self.vocabulary,
            )
            score = likelihood(shared, self.weights)
            if review_expired(other, self.today):
                score *= EXPIRED
            ruling = ruled.get(id_)
            related = score >= self.likely and not same_but_for_language(source, other)
            wanted = related if ruling is None else ruling.verdict == "accepted"
            if wanted and not same_work(source, other, cosine or 0.0):
                both = tuple(sorted(tags & {tag.concept for tag in other.about}))
                found.append(SimilarResource(other, score, cosine or 0.0, both, ruling))
        found.sort(key=lambda s: (s.ruling is None, 0.0 if s.ruling else -s.score, s.resource.id))
        return tuple(_one_of_each_work(found, vectors, source.language)[:k])

    def _by_words(
        self, source: Resource, scope: Mapping[str, tuple[str, ...]], size: int
    ) -> dict[str, float]:
        """Return what has the telling words of a resource, each scored as a share of the resource's own score."""
        counts: dict[str, float] = defaultdict(float)
        for text, times in ((source.title, TITLE_WEIGHT), (source.summary, 1), (source.body, 1)):
            for token in analyse(text):
                counts[token.text] += times
                for part in token.parts:
                    counts[part] += _PART * times
        terms = list(counts)
        having = self.index.document_frequency("terms", terms)
        worth = {
            term: (1 + math.log(max(counts[term], 1))) * rarity(n, size)
            for term, n in zip(terms, having, strict=True)
        }
        best = sorted(worth, key=lambda term: (-worth[term], term))[:WORDS]
        found = self._having({term: worth[term] for term in best}, scope, _FEWEST_WORDS)
        own = found.get(source.id, 0.0)
        return {id_: score / own for id_, score in found.items()} if own else {}

    def _by_concepts(
        self,
        source: Resource,
        weigh: Mapping[ConceptId, float],
        scope: Mapping[str, tuple[str, ...]],
    ) -> dict[str, float]:
        worth = {concept_term(tag.concept): tag.score * weigh[tag.concept] for tag in source.about}
        return self._having(worth, scope, 1)

    def _having(
        self, worth: Mapping[str, float], scope: Mapping[str, tuple[str, ...]], fewest: int
    ) -> dict[str, float]:
        """Return what has at least some of the terms, scored by how much they are worth."""
        if not worth:
            return {}
        query = LexicalQuery(
            tuple(Clause("terms", term, weight) for term, weight in worth.items()),
            tuple(((term,),) for term in worth),
            min(fewest, len(worth)),
        )
        found = self.index.search(IndexQuery(lexical=query, scope=scope, exclude=self.excluded))
        return dict(zip(found.ids, found.lexical.tolist(), strict=True))

    def _near(self, source: Resource, scope: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        vector = _mean(self.index.passages(source.id)[1])
        if vector is None:
            return ()
        return self.index.search(
            IndexQuery(vector=vector, scope=scope, exclude=self.excluded, nearest=EACH)
        ).ids

    def _rarity(self, concepts: Iterable[ConceptId], size: int) -> dict[ConceptId, float]:
        named = sorted(concepts)
        having = self.index.document_frequency("terms", [concept_term(c) for c in named])
        return {c: rarity(n, size) for c, n in zip(named, having, strict=True)}


def same_work(a: Resource, b: Resource, cosine: float) -> bool:
    """Tell whether two resources look like one work: a copy, an older copy or a translation.

    A cautious rule for lists of related content; it offers nobody anything to merge.
    """
    if a.title.strip().lower() == b.title.strip().lower() and a.language == b.language:
        return True
    if cosine >= (SAME_WORK if a.language == b.language else TRANSLATION):
        return True
    return cosine >= READ and judge(replace(_TEXTS.read(a, b), cosine=cosine)).same_work


def same_but_for_language(a: Resource, b: Resource) -> bool:
    """Tell whether two resources are of one type, for the same readers, on one level, and in two languages.

    Of the judged pairs of the fitted half that are so, all nine that are likely to be related are translations, which
    `same_work` sees, too; one of the other half, in freer words, it does not see.
    """
    return a.language != b.language and (a.resource_type, a.level, set(a.audience)) == (
        b.resource_type,
        b.level,
        set(b.audience),
    )


def _best(scores: Mapping[str, float]) -> list[str]:
    return sorted(scores, key=lambda id_: (-scores[id_], id_))[:EACH]


def _one_of_each_work(
    found: Sequence[SimilarResource], vectors: Mapping[str, Vectors | None], language: str
) -> list[SimilarResource]:
    """Return one of those that are one work, at the place of the first of them."""
    kept: list[SimilarResource] = []
    for one in found:
        vector = vectors[one.resource.id]
        for place, other in enumerate(kept):
            theirs = vectors[other.resource.id]
            cosine = float(vector @ theirs) if vector is not None and theirs is not None else 0.0
            if same_work(one.resource, other.resource, cosine):
                if one.resource.language == language != other.resource.language:
                    kept[place] = one
                break
        else:
            kept.append(one)
    return kept


def _mean(vectors: Vectors) -> Vectors | None:
    """Return the mean direction of a text's passages, None without any."""
    if not len(vectors):
        return None
    mean = vectors.mean(axis=0)
    norm = float(np.linalg.norm(mean))
    return np.asarray(mean / norm if norm else mean, dtype=np.float32)
