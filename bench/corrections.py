"""What do editors' rulings on some resources do to the tags of others? Simulated with a text indexed by hand.

Usage: python -m bench.corrections [--rounds N] [--threshold T]

The editor is indexer ``a`` of ``tests/golden/indexing``, the texts are the sample bank's in its development half. In
each round they are cut into five parts. The editor rules on the first five tags of a share of four parts, and the
tags of the fifth part are made with what was learnt; every part is the fifth once. F1@5 is over all tags (micro),
means over the rounds; the interval of the difference is a bootstrap over resources. Themes stated by the bank are
left out: what is measured is the tagger.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from engine.bootstrap import load_settings, open_engine
from engine.corrections import corrections, feature_class
from engine.model import Decision, Resource
from engine.steering import NO_STEERING, Steering
from engine.topics import Topics
from golden.hand_indexing import half, indexed_by
from indexer.sample import load_sample

TOP, FOLDS, SHARES = 5, 5, (0.25, 0.5, 0.75, 1.0)
AT = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLES = 2000

Counts = tuple[int, int, int]
"""Tags that are right, tags, concepts that the editor names."""


def counts(tagger: Topics, resource: Resource, wanted: frozenset[str], steering: Steering) -> Counts:
    """Count the first tags of a resource."""
    found = [t.concept for t in tagger.tags(resource, limit=TOP, steering=steering)]
    return len(wanted & set(found)), len(found), len(wanted)


def f1(of_resources: np.ndarray) -> float:
    """Return micro F1 of rows of `Counts`."""
    right, found, wanted = of_resources.sum(axis=0)
    return float(2 * right / (found + wanted))


def rulings(tagger: Topics, resource: Resource, wanted: frozenset[str]) -> list[Decision]:
    """Return what the editor says of the first tags of a resource."""
    return [
        Decision(
            "tag", resource.id, t.concept, "accepted" if t.concept in wanted else "rejected", "a", AT,
            label=t.label, score=t.score, features=feature_class(t.spans, t.label_kind),
        )
        for t in tagger.tags(resource, limit=TOP)
    ]  # fmt: skip


def measured(
    tagger: Topics, bank: Sequence[Resource], wanted: Mapping[str, frozenset[str]], share: float, rounds: int
) -> tuple[np.ndarray, float]:
    """Return the counts of each resource after learning, summed over the rounds, and the rulings of a round."""
    said = {r.id: rulings(tagger, r, wanted[r.id]) for r in bank}
    after, ruled = np.zeros((len(bank), 3)), 0
    for seed in range(rounds):
        order = list(range(len(bank)))
        random.Random(seed).shuffle(order)
        for fold in range(FOLDS):
            held_out = order[fold::FOLDS]
            others = [i for i in order if i not in set(held_out)]
            learnt_from = others[: round(share * len(others))]
            learnt = [d for i in learnt_from for d in said[bank[i].id]]
            ruled += len(learnt)
            steering = Steering(corrections=corrections(learnt))
            for i in held_out:
                after[i] += counts(tagger, bank[i], wanted[bank[i].id], steering)
    return after, ruled / rounds / FOLDS


def main() -> None:
    """Print a table for docs/evaluation.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threshold", type=float, help="the tagger's threshold, in place of its own")
    arguments = parser.parse_args()
    rounds = arguments.rounds
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(load_settings(data=Path(folder)))
        load_sample(engine)
        named = {id_: frozenset(found.topics) for id_, found in indexed_by("a").items() if half(id_) == "dev"}
        bank = [replace(r, themes=()) for r in engine.catalogue.get_many(sorted(named)).values()]
        tagger = engine.topics
        if arguments.threshold is not None:
            weights = tagger.tagger.weights
            tagger.tagger.weights = replace(weights, threshold=arguments.threshold, first=arguments.threshold)
        before = np.array([counts(tagger, r, named[r.id], NO_STEERING) for r in bank]) * rounds
        print(f"{len(bank)} resources, {rounds} rounds\n")
        print("| Rulings on | rulings | F1@5 | difference (95 %) |\n|---|---|---|---|")
        print(f"| none | 0 | {f1(before):.3f} | |")
        for share in SHARES:
            after, ruled = measured(tagger, bank, named, share, rounds)
            rows = np.random.default_rng(20260101).integers(len(bank), size=(SAMPLES, len(bank)))
            drawn = [f1(after[row]) - f1(before[row]) for row in rows]
            low, high = np.quantile(drawn, (0.025, 0.975))
            resources = round(share * len(bank) * (FOLDS - 1) / FOLDS)
            difference = f1(after) - f1(before)
            print(
                f"| {resources} resources | {ruled:.0f} | {f1(after):.3f} | {difference:+.3f} ({low:+.3f} to {high:+.3f}) |"
            )
        engine.close()


if __name__ == "__main__":
    main()
