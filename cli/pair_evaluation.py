"""How well are duplicates told from others? Judged pairs, and all pairs of the corpus, by the code that editors use."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cli.evaluation import indexed
from cli.pair_collection import JudgedPair, PairCollection
from engine.clusters import groups_of
from engine.pair_classes import CLASSES, SAME_WORK, PairClass
from engine.progress import Progress

SAMPLES: Final = 2000
_SEED: Final = 20260101
_COPIES: Final[frozenset[PairClass]] = frozenset(["identical_copy", "near_copy", "outdated_local_copy"])
_LANGUAGES: Final = re.compile(r"(nb|nn|en|se)-(nb|nn|en|se)")
_OTHERS: Final = {"look_alike": frozenset(["unrelated"]), "same-text": _COPIES}


@dataclass(frozen=True, slots=True)
class TypeFigures:
    """Pairs of one type.

    `classes` counts the classes that were given; `same` the pairs said to be one work; `right` is the share whose
    class is one that the type allows, None where a type tells no class.
    """

    pairs: int
    same: int
    classes: Mapping[str, int]
    right: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found among all pairs of the corpus.

    `found` pairs of one work; of the judged ones `same_found` of those that are one work, and `others_found` of those
    that are not. `implied` are not judged but follow from judged ones (a and b, b and c); `unjudged` is what is left.
    """

    found: int
    same_found: int
    same: int
    others_found: int
    others: int
    implied: int
    unjudged: tuple[tuple[str, str], ...]
    groups: int
    seconds: float


@dataclass(frozen=True, slots=True)
class PairEvaluation:
    """What the judgements are worth: precision, recall and F1 with 95 % bootstrap intervals over pairs."""

    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    types: Mapping[str, TypeFigures]
    macro_f1: float | None
    wrong: tuple[tuple[str, str, str], ...]
    detection: Detection


def classes_of(kind: str) -> frozenset[PairClass] | None:
    """Return the classes that a type of pairs allows, None if it tells none.

    Examples
    --------
    >>> sorted(classes_of("nb-nn")), classes_of("hard")
    (['translation'], None)
    """
    if kind in CLASSES:
        return frozenset([kind])
    if kind in _OTHERS:
        return _OTHERS[kind]  # type: ignore[return-value]
    found = _LANGUAGES.fullmatch(kind)
    if found is None:
        return None
    return _COPIES if found[1] == found[2] else frozenset(["translation"])


def judge_pairs(collection: PairCollection, data: Path, progress: Progress) -> PairEvaluation:
    """Import and index the corpus, compare the judged pairs, and look for pairs in the whole corpus.

    Parameters
    ----------
    collection : PairCollection
        Texts and pairs.
    data : Path
        Folder of catalogue, index, vectors and prints.
    progress : Progress
        Told of texts and pairs.
    """
    with indexed(collection, data, progress=progress, languages=collection.languages) as asked:
        ids = {name: id_ for id_, name in asked.names.items()}
        progress.begin("comparing judged pairs", len(collection.pairs))
        given: list[PairClass] = []
        for pair in collection.pairs:
            given.append(asked.engine.duplicates.compare(ids[pair.id1], ids[pair.id2]).judgement.kind)
            progress.advance()
        progress.end()
        began = time.perf_counter()
        asked.engine.duplicates.refresh(progress)
        found = {
            tuple(sorted((asked.names[a], asked.names[b])))
            for (a, b), judgement in asked.engine.duplicates.pairs().items()
            if judgement.same_work
        }
        seconds = time.perf_counter() - began
        groups = sum(len(group.pairs) > 0 for group in asked.engine.duplicates.groups())
    return _scored(collection.pairs, given, _detection(collection.pairs, found, groups, seconds))  # type: ignore[arg-type]


def _scored(pairs: Sequence[JudgedPair], given: Sequence[PairClass], detection: Detection) -> PairEvaluation:
    said = np.array([kind in SAME_WORK for kind in given])
    true = np.array([pair.same for pair in pairs])
    drawn = np.random.default_rng(_SEED).integers(len(pairs), size=(SAMPLES, len(pairs)))
    metrics = {name: float(value[0]) for name, value in _figures(said[None], true[None]).items()}
    samples = _figures(said[drawn], true[drawn])
    intervals = {name: _interval(values) for name, values in samples.items()}
    by_type: dict[str, list[int]] = {}
    for row, pair in enumerate(pairs):
        by_type.setdefault(pair.kind or ("same" if pair.same else "other"), []).append(row)
    wrong = tuple(
        (pair.id1, pair.id2, kind)
        for pair, kind in zip(pairs, given, strict=True)
        if (kind in SAME_WORK) != pair.same
    )
    types = {kind: _of_type(kind, rows, given) for kind, rows in sorted(by_type.items())}
    return PairEvaluation(metrics, intervals, types, _macro(by_type, given), wrong, detection)


def _figures(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    both = (said & true).sum(axis=1)
    precision = both / np.maximum(said.sum(axis=1), 1)
    recall = both / np.maximum(true.sum(axis=1), 1)
    f1 = 2 * both / np.maximum(said.sum(axis=1) + true.sum(axis=1), 1)
    return {"precision": precision, "recall": recall, "F1": f1}


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def _of_type(kind: str, rows: Sequence[int], given: Sequence[PairClass]) -> TypeFigures:
    counted = {name: sum(given[row] == name for row in rows) for name in CLASSES}
    allowed = classes_of(kind)
    right, interval = None, None
    if allowed is not None:
        hits = np.array([given[row] in allowed for row in rows], dtype=float)
        drawn = np.random.default_rng(_SEED).integers(len(hits), size=(SAMPLES, len(hits)))
        right, interval = float(hits.mean()), _interval(hits[drawn].mean(axis=1))
    return TypeFigures(
        len(rows),
        sum(given[row] in SAME_WORK for row in rows),
        {name: n for name, n in counted.items() if n},
        right,
        interval,
    )


def _macro(by_type: Mapping[str, Sequence[int]], given: Sequence[PairClass]) -> float | None:
    """Return the mean F1 of the classes, where every type is one class."""
    named = {kind: classes_of(kind) for kind in by_type}
    if any(allowed is None or len(allowed) != 1 for allowed in named.values()):
        return None
    values = []
    for kind, rows in by_type.items():
        (name,) = named[kind] or ("unrelated",)
        hits = sum(given[row] == name for row in rows)
        values.append(2 * hits / (len(rows) + sum(g == name for g in given)))
    return sum(values) / len(values)


def _detection(
    pairs: Sequence[JudgedPair], found: set[tuple[str, str]], groups: int, seconds: float
) -> Detection:
    judged = {tuple(sorted((p.id1, p.id2))): p.same for p in pairs}
    same = [pair for pair, one in judged.items() if one]
    works, _ = groups_of(((pair, 1.0) for pair in same), lambda *_: True)  # type: ignore[misc]
    work = {id_: number for number, ids in enumerate(works) for id_ in ids}
    rest = sorted(pair for pair in found if pair not in judged)
    implied = [pair for pair in rest if work.get(pair[0], -1) == work.get(pair[1], -2)]
    return Detection(
        found=len(found),
        same_found=sum(pair in found for pair in same),
        same=len(same),
        others_found=sum(pair in found for pair, one in judged.items() if not one),
        others=len(judged) - len(same),
        implied=len(implied),
        unjudged=tuple(pair for pair in rest if pair not in set(implied)),
        groups=groups,
        seconds=round(seconds, 2),
    )
