"""Learn what tells health, its services and their people from all else: run when the vocabulary has changed much.

On the subject are labels of health topics; off it are words of simplemma's dictionaries, alone and two to four together.
(Some of those are on the subject: the many that are not outweigh them.) No query is read.
"""

import random
import sys
import tempfile
from pathlib import Path

import numpy as np
from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

from engine.bootstrap import load_settings, open_engine

TARGET = Path(__file__).parent.parent / "engine" / "adapters" / "data" / "subject.npz"
SCHEMES = frozenset({"tema", "tilstand", "prosedyre", "krav", "spesialitet", "malgruppe"})
WORDS = {"nb": 5000, "nn": 1500, "en": 2000}
COMBINATIONS = 6000
CLUSTERS = 128
RIDGE = 3.0
PULL = 10.0
SEED = 7


def labels(vocabulary):
    found = set()
    for concept in vocabulary:
        if concept.scheme in SCHEMES:
            found |= {label.split(" (")[0] for label in concept.pref_label.values()}
            found |= {label.split(" (")[0] for alt in concept.alt_label.values() for label in alt}
    return sorted(found)


def dictionary(language):
    entries = DefaultDictionaryFactory().get_dictionary(language).values()
    words = {word.decode() if isinstance(word, bytes) else word for word in entries}
    return sorted(word for word in words if word.isalpha() and word.islower() and 4 <= len(word) <= 18)


def regression(rows, on, weights):
    """Return direction and bias of a weighted logistic regression with a ridge, by Newton's method."""
    found = np.zeros(rows.shape[1] + 1)
    design = np.c_[rows, np.ones(len(rows))]
    ridge = np.r_[np.full(rows.shape[1], RIDGE), 1e-9]
    for _ in range(40):
        share = 1 / (1 + np.exp(-design @ found))
        slope = design.T @ (weights * (share - on)) + ridge * found
        curve = (design * (weights * share * (1 - share))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 1e-6:
            break
    return found[:-1], found[-1]


def clusters(rows, k):
    """Return unit middles of `k` clusters by cosine (spherical k-means)."""
    rng = np.random.default_rng(SEED)
    middles = rows[rng.choice(len(rows), k, replace=False)]
    for _ in range(25):
        nearest = (rows @ middles.T).argmax(axis=1)
        middles = np.stack(
            [
                rows[nearest == j].sum(axis=0) if (nearest == j).any() else rows[rng.integers(len(rows))]
                for j in range(k)
            ]
        )
        middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    return middles


def main():
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(load_settings(data=Path(folder)))
        model, vocabulary = engine.embedder, engine.vocabulary

        def encode(texts):
            parts = []
            for i in range(0, len(texts), 256):
                parts.append(model.encode(texts[i : i + 256], "query"))
                print(f"\r{min(i + 256, len(texts))} of {len(texts)}", end="", file=sys.stderr)
            print(file=sys.stderr)
            return np.concatenate(parts)

        rng = random.Random(SEED)
        topics = labels(vocabulary)
        words = {lang: rng.sample(dictionary(lang), n) for lang, n in WORDS.items()}
        norwegian = words["nb"] + words["nn"]
        together = [
            " ".join(rng.sample(words["en"] if i % 4 == 0 else norwegian, rng.choice((2, 2, 3, 4))))
            for i in range(COMBINATIONS)
        ]
        on, alone, joined = encode(topics), encode(norwegian + words["en"]), encode(together)
        model_id = model.model_id
        engine.close()
    rows = np.concatenate([on, alone, joined]).astype(np.float64)
    truth = np.r_[np.ones(len(on)), np.zeros(len(alone) + len(joined))]
    one_word = np.array([" " not in label for label in topics])
    group = np.r_[np.where(one_word, 0, 1), np.full(len(alone), 2), np.full(len(joined), 3)]
    weights = (len(rows) / 4 / np.bincount(group))[group]  # one word and many count alike, on and off
    direction, bias = regression(rows, truth, weights)
    middles = clusters(on, CLUSTERS)
    np.savez_compressed(
        TARGET,
        model_id=model_id,
        direction=direction.astype(np.float32),
        bias=np.float32(bias),
        topics=middles.astype(np.float16),
        pull=np.float32(PULL),
    )
    print(f"{len(on)} labels, {len(alone)} words, {len(joined)} combinations: {TARGET}")


if __name__ == "__main__":
    main()
