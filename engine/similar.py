"""What else is like this? Near resources that are not the same work."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from engine.errors import NotFound
from engine.model import Decision, IndexQuery, Resource
from engine.pair_classes import judge
from engine.pair_evidence import EvidenceReader
from engine.ports import SearchIndex
from engine.search import review_expired, scope_of, visible

SAME_WORK = 0.66
"""Cosine of mean vectors from which two resources in one language are one work.

On the sample bank's labelled twins, with the default model: copies, near copies and outdated copies have .703 and
more, local supplements at most .568, the same topic for another role .425, look-alikes .451, all other pairs .626.
"""

TRANSLATION = 0.46
"""The same for two languages: of 18 labelled translations 17 have more, of 29,916 other pairs one (.742; the next .419)."""

READ = 0.4
"""Cosine from which the texts themselves are compared: near copies and translations of other words are seen so."""

CONCEPT_WEIGHT = 0.3
"""What a full overlap of concepts adds to the cosine [cosine]."""

EXPIRED = -0.05
"""What a passed review date adds [cosine]."""


_TEXTS = EvidenceReader()


@dataclass(frozen=True, slots=True)
class SimilarResource:
    """A near resource: cosine of mean vectors, shared concepts, and the sum that ranks.

    `ruling` is that of an editor who has said that it belongs there.
    """

    resource: Resource
    score: float
    cosine: float
    concepts: tuple[str, ...]
    ruling: Decision | None = None


@dataclass(frozen=True, slots=True)
class SimilarFinder:
    """Similar resources in one opened build."""

    index: SearchIndex
    today: date
    excluded: frozenset[str] = field(default=frozenset())

    def similar(
        self,
        resource_id: str,
        *,
        edition: str | None = None,
        k: int = 5,
        rulings: Sequence[Decision] = (),
    ) -> tuple[SimilarResource, ...]:
        """Return at most `k` near resources, those that editors have accepted first, then the best.

        The resource itself, drafts, copies and translations of it are never among them. A resource
        without vectors is compared by concepts alone. Of rulings of kind ``related`` on it, those accepted come
        first whatever they are near to, in id order, and those rejected never.

        Raises
        ------
        NotFound
            If the index has no resource of that id.
        """
        source = self.index.get([resource_id]).get(resource_id)
        if source is None or resource_id in self.excluded:
            raise NotFound(f"no published resource has the id {resource_id!r}")
        _, own = self.index.passages(resource_id)
        vector = _mean(own) if len(own) else None
        tags = {t.concept: t.score for t in source.about}
        candidates = self.index.search(
            IndexQuery(
                vector=vector,
                scope=scope_of(edition),
                exclude=self.excluded | {resource_id},
                nearest=50 + 4 * k,
            )
            if vector is not None
            else IndexQuery(
                scope={**scope_of(edition), "concept": tuple(tags)}, exclude=self.excluded | {resource_id}
            )
        )
        ruled = {d.object: d for d in rulings if d.subject == resource_id}
        accepted = {
            id_: d for id_, d in ruled.items() if d.verdict == "accepted" and id_ not in self.excluded
        }
        resources = {**self.index.get(sorted(accepted)), **self.index.get(candidates.ids)}
        found = []
        for rid, other in resources.items():
            ruling = accepted.get(rid)
            if rid in ruled and ruling is None:
                continue
            shared = {t.concept for t in other.about} & tags.keys()
            union = len({t.concept for t in other.about} | tags.keys())
            cosine = 0.0
            if vector is not None:
                _, theirs = self.index.passages(rid)
                cosine = float(_mean(theirs) @ vector) if len(theirs) else 0.0
            if same_work(source, other, cosine):
                continue
            score = cosine + CONCEPT_WEIGHT * (len(shared) / union if union else 0.0)
            if review_expired(other, self.today):
                score += EXPIRED
            if (shared or cosine or ruling) and visible(other, edition):
                found.append(SimilarResource(other, score, cosine, tuple(sorted(shared)), ruling))
        first = sorted((s for s in found if s.ruling), key=lambda s: s.resource.id)
        rest = sorted((s for s in found if not s.ruling), key=lambda s: (-s.score, s.resource.id))
        return tuple([*first, *rest][:k])


def same_work(a: Resource, b: Resource, cosine: float) -> bool:
    """Tell whether two resources look like one work: a copy, an older copy or a translation.

    A cautious rule for lists of related content; it offers nobody anything to merge.
    """
    if a.title.strip().lower() == b.title.strip().lower() and a.language == b.language:
        return True
    if cosine >= (SAME_WORK if a.language == b.language else TRANSLATION):
        return True
    return cosine >= READ and judge(replace(_TEXTS.read(a, b), cosine=cosine)).same_work


def _mean(
    vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    mean = vectors.mean(axis=0)
    norm = float(np.linalg.norm(mean))
    return np.asarray(mean / norm if norm else mean, dtype=np.float32)
