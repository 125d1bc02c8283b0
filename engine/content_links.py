"""Which resources say what a requirement asks for, though nobody has linked them? Likeness of their contents.

Each requirement is compared with the passages of every resource. A resource that is near to everything says
little about any one requirement, so what it has in common with the requirements nearest to it is taken off
(cross-domain similarity local scaling [1]_). Words that both have are added, rare ones more (BM25 as a share of
what the requirement's own text would score), and at last the nearest resources lend each other some of what
they have (score regularisation [2]_): what stands among like resources is likelier to fit.

References
----------
.. [1] A. Conneau et al., "Word translation without parallel data", ICLR 2018. https://arxiv.org/abs/1710.04087
.. [2] F. Diaz, "Regularizing ad hoc retrieval scores", CIKM 2005. https://doi.org/10.1145/1099554.1099722
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.model import Resource, Vectors
from graph.model import Requirement
from vocab.analysis import analyse, is_function_word

NEAREST: Final = 100
"""Resources that are looked at for each requirement [resources]."""

K1: Final = 1.2
B: Final = 0.75
_LANGUAGES: Final = ("nb", "nn", "en", "se")
_CELLS: Final = 8_000_000
"""Cosines that are held at once [numbers]."""

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LikenessWeights:
    """How likeness is made up; set by five-fold cross-validation, docs/evaluation.md has the figures.

    Attributes
    ----------
    hubness
        Share of the nearness to other requirements that is taken off.
    hub_neighbours
        How many of the nearest requirements that is the mean of.
    words
        Weight of the words in common [cosine].
    lent, neighbours, sharpness
        Share that like resources lend, how many of them, and how fast less like ones count less.
    """

    hubness: float = 0.5
    hub_neighbours: int = 10
    words: float = 0.3
    lent: float = 0.35
    neighbours: int = 10
    sharpness: float = 20.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a resource is to a requirement: the sum that ranks, and what it is made of."""

    resource: str
    score: float
    cosine: float
    words: float


def subject_text(requirement: Requirement) -> tuple[str, str]:
    """Return title and description of a requirement in the first language that it has, of nb, nn, en.

    Examples
    --------
    >>> subject_text(Requirement("hlr", {"en": "CPR", "nb": "HLR"}, {"nb": "Gjenoppliving av voksne."}))
    ('HLR', 'Gjenoppliving av voksne.')
    """
    languages: dict[str, str] = {str(lang): text for lang, text in requirement.labels.items()}
    lang = next((lang for lang in _LANGUAGES if lang in languages), "")
    told: dict[str, str] = {str(lang): text for lang, text in requirement.description.items()}
    return languages.get(lang, requirement.id), told.get(lang, "")


def likenesses(
    requirements: Sequence[Requirement],
    ids: Sequence[str],
    passages: Callable[[str], Vectors],
    resources: Callable[[Sequence[str]], Mapping[str, Resource]],
    encode: Callable[[Sequence[str]], Vectors],
    weights: LikenessWeights | None = None,
) -> dict[str, list[Likeness]]:
    """Return the resources that are most like each requirement, best first, at most `NEAREST`.

    Parameters
    ----------
    requirements : sequence of Requirement
        Compared by label and description.
    ids : sequence of str
        Resources to look among, in id order.
    passages : callable
        Unit vectors ``(n, dim)`` of the passages of a resource; empty where it has none.
    resources : callable
        Resources with their texts by id.
    encode : callable
        Texts to unit vectors ``(n, dim)``, as passages.
    weights : LikenessWeights, optional
        The measured ones by default.
    """
    w = weights or LikenessWeights()
    if not requirements or not ids:
        return {}
    texts = [subject_text(q) for q in requirements]
    asked = encode([". ".join(part for part in text if part) for text in texts])
    kept, nearest, means = _nearest(asked, ids, passages, w)
    if not kept:
        return {}
    looked_at = sorted({i for row in nearest for i, _, _ in row})
    words = _Words(resources([kept[i] for i in looked_at]).values())
    found: dict[str, list[Likeness]] = {}
    for requirement, (title, told), row in zip(requirements, texts, nearest, strict=True):
        shared = words.shares(title, told, [kept[i] for i, _, _ in row])
        own = np.array([score for _, score, _ in row], dtype=np.float64) + w.words * shared
        scores = _lent(own, means[[i for i, _, _ in row]], w)
        order = sorted(range(len(row)), key=lambda n: (-scores[n], kept[row[n][0]]))
        found[requirement.id] = [
            Likeness(kept[row[n][0]], float(scores[n]), float(row[n][2]), float(shared[n])) for n in order
        ]
    return found


Row = list[tuple[int, float, float]]
"""Numbers of resources with their corrected and their plain cosine."""


def _nearest(
    asked: Vectors, ids: Sequence[str], passages: Callable[[str], Vectors], w: LikenessWeights
) -> tuple[list[str], list[Row], Scores]:
    """Return the resources that have vectors, the nearest ones to each requirement, and all mean vectors."""
    at_once = max(1, _CELLS // max(1, len(asked)))
    near = min(w.hub_neighbours, len(asked))
    kept: list[str] = []
    means: list[NDArray[np.float32]] = []
    best = [np.zeros((len(asked), 0), dtype=np.float32) for _ in range(2)]
    best_ids = np.zeros((len(asked), 0), dtype=np.int64)
    block: list[Vectors] = []

    def compare() -> None:
        nonlocal best_ids
        starts = np.cumsum([0, *(len(v) for v in block[:-1])])
        cosines = np.maximum.reduceat(asked @ np.concatenate(block).T, starts, axis=1)
        hub = np.partition(cosines, len(asked) - near, axis=0)[len(asked) - near :].mean(axis=0)
        numbers = np.arange(len(kept) - len(block), len(kept))
        both = [
            np.hstack([best[0], cosines - w.hubness * hub]),
            np.hstack([best[1], cosines]),
        ]
        every = np.hstack([best_ids, np.broadcast_to(numbers, (len(asked), len(numbers)))])
        chosen = np.argsort(-both[0], axis=1, kind="stable")[:, :NEAREST]
        best[0], best[1] = (np.take_along_axis(a, chosen, axis=1) for a in both)
        best_ids = np.take_along_axis(every, chosen, axis=1)
        block.clear()

    held = 0
    for id_ in ids:
        vectors = passages(id_)
        if not len(vectors):
            continue
        kept.append(id_)
        block.append(np.asarray(vectors, dtype=np.float32))
        mean = block[-1].mean(axis=0)
        means.append(mean / max(float(np.linalg.norm(mean)), 1e-9))
        held += len(vectors)
        if held >= at_once:
            compare()
            held = 0
    if block:
        compare()
    rows = [
        [
            (int(i), float(score), float(cosine))
            for i, score, cosine in zip(best_ids[q], best[0][q], best[1][q], strict=True)
        ]
        for q in range(len(asked))
    ]
    return kept, rows, np.stack(means) if means else np.zeros((0, 0), dtype=np.float32)


def _lent(own: NDArray[np.float64], means: Scores, w: LikenessWeights) -> NDArray[np.float64]:
    """Return scores in which each resource has taken over some of what the resources like it have."""
    n = min(w.neighbours, len(own) - 1)
    if n < 1 or not w.lent:
        return own
    alike = means @ means.T
    np.fill_diagonal(alike, -np.inf)
    chosen = np.argpartition(-alike, n - 1, axis=1)[:, :n]
    strength = np.exp(w.sharpness * (np.take_along_axis(alike, chosen, axis=1).astype(np.float64) - 1.0))
    strength /= strength.sum(axis=1, keepdims=True)
    scores = own
    for _ in range(3):
        scores = (1 - w.lent) * own + w.lent * (strength * scores[chosen]).sum(axis=1)
    return scores


class _Words:
    """Stems of some resources, to be compared with those of a requirement; a title counts twice."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._counts = {
            r.id: Counter(_stems(f"{r.title}\n{r.title}\n{r.summary}\n{r.body}")) for r in resources
        }
        self._having = Counter(stem for counts in self._counts.values() for stem in counts)
        lengths = {id_: sum(counts.values()) for id_, counts in self._counts.items()}
        mean = sum(lengths.values()) / max(1, len(lengths))
        self._damping = {id_: K1 * (1 - B + B * n / max(mean, 1e-9)) for id_, n in lengths.items()}

    def shares(self, title: str, text: str, ids: Sequence[str]) -> NDArray[np.float64]:
        """Return BM25 of resources as a share of the most that a requirement's words can give."""
        asked = Counter(_stems(f"{title}\n{title}\n{text}"))
        n = len(self._counts)
        rarity = {s: math.log(1 + (n - self._having[s] + 0.5) / (self._having[s] + 0.5)) for s in asked}
        whole = sum(rarity[s] * k * (K1 + 1) for s, k in asked.items())
        found = np.zeros(len(ids))
        for at, id_ in enumerate(ids):
            counts, damping = self._counts.get(id_, Counter()), self._damping.get(id_, K1)
            found[at] = sum(
                rarity[s] * k * (K1 + 1) * counts[s] / (counts[s] + damping)
                for s, k in asked.items()
                if s in counts
            )
        return found / whole if whole else found


def _stems(text: str) -> list[str]:
    return [t.text for t in analyse(text) if not is_function_word(t.surface.lower())]
