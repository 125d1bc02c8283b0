"""How many near copies are found among 100,000 texts, how fast, and with how much memory, beside a plain MinHash library?

    python -m bench.duplicates --texts 5000                      a quick try
    python -m bench.duplicates --out duplicates.md --out duplicates.json

Texts are drawn from the words of the sample bank, as often as they stand there. Near copies are planted at five
levels of edits (words replaced, left out and put in), and texts that share 40 % with another but are no copy of it.
datasketch gets the same texts as runs of three words, its own hashing and its own threshold of .5.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from datasketch import MinHash, MinHashLSH

from bench.report import deliver, machine, megabytes, progress_bar, resident_bytes, table
from bench.timing import Spread, timed
from engine.bootstrap import load_settings, open_engine
from engine.known_texts import KnownTexts, make_texts
from engine.mean_vectors import MeanVectors
from engine.model import Resource
from engine.near_texts import Texts
from engine.pair_classes import judge
from engine.pair_evidence import EvidenceReader
from engine.ports import VectorCache
from indexer.sample import load_sample

EDITS = (0.01, 0.05, 0.1, 0.2, 0.3)
WORDS = 150
SHARED = 0.4
THRESHOLD = 0.5
DIM = 384

Pair = tuple[str, str]
NO_VECTORS = MeanVectors(cast("VectorCache", None), None)  # without a model the cache is never asked


@dataclass(frozen=True)
class Bank:
    """Texts, the pairs planted at each level of edits, and the pairs that are none."""

    texts: list[Resource]
    planted: dict[float, set[Pair]]
    others: set[Pair]


def main() -> None:
    """Run the bench."""
    options = _options()
    with progress_bar() as progress:
        task = progress.add_task("all", total=5)
        bank = make_bank(options.texts, sample_words(options.folder), seed=options.seed)
        progress.advance(task)
        runs: dict[str, Callable[[], tuple[set[Pair], dict[str, float]]]] = {
            "this program": lambda: ours(bank.texts),
            "datasketch": lambda: plain(bank.texts),
        }
        figures: dict[str, Any] = {"machine": machine(), "texts": len(bank.texts), "found": {}}
        for name, run in runs.items():
            before = resident_bytes()
            (found, parts), seconds = timed(run)
            figures["found"][name] = {
                **quality(bank, found),
                "seconds": round(seconds, 1),
                "parts": parts,
                "bytes": max(0, resident_bytes() - before),
            }
            progress.advance(task)
        figures["one"] = one_new(bank, options.new, options.seed)
        progress.advance(task)
        figures["vector_seconds"] = vector_leg(bank.texts)
        progress.advance(task)
    deliver(_markdown(figures), figures, options.out)


def make_bank(n: int, words: tuple[list[str], np.ndarray[Any, Any]], seed: int = 1) -> Bank:
    """Return `n` texts: 1.25 % near copies at each level of edits, 1.25 % that share a part, the rest by chance."""
    rng = np.random.default_rng(seed)
    known, weights = words
    some = max(2, n // 80)
    drawn = rng.choice(len(known), size=(n - some * (len(EDITS) + 1), WORDS), p=weights)
    bodies = [[known[i] for i in row] for row in drawn]
    originals = rng.permutation(len(bodies))[: some * (len(EDITS) + 1)].reshape(len(EDITS) + 1, some)
    planted: dict[float, set[Pair]] = {}
    for level, of in zip(EDITS, originals, strict=False):
        planted[level] = set()
        for original in of:
            planted[level].add((_id(int(original)), _id(len(bodies))))
            bodies.append(edited(bodies[original], level, known, weights, rng))
    others = set()
    for original in originals[-1]:
        others.add((_id(int(original)), _id(len(bodies))))
        kept = bodies[original][: int(SHARED * WORDS)]
        bodies.append(kept + [known[i] for i in rng.choice(len(known), size=WORDS - len(kept), p=weights)])
    texts = [Resource(_id(i), " ".join(b[40:48]), body=" ".join(b)) for i, b in enumerate(bodies)]
    return Bank(texts, planted, others)


def edited(
    words: Sequence[str],
    level: float,
    known: Sequence[str],
    weights: np.ndarray[Any, Any],
    rng: np.random.Generator,
) -> list[str]:
    """Return words of which a share was replaced (a half), left out or put in (a quarter each)."""
    found: list[str] = []
    for word in words:
        if rng.random() >= level:
            found.append(word)
            continue
        what = rng.random()
        if what < 0.75:
            found.append(known[rng.choice(len(known), p=weights)])
        if 0.5 <= what < 0.75:
            found.append(word)
    return found


def ours(texts: Sequence[Resource]) -> tuple[set[Pair], dict[str, float]]:
    """Return what the program finds by words alone, with the seconds of each step."""
    known = KnownTexts(NO_VECTORS)
    _, printing = timed(lambda: known.change(texts, ()))
    pairs, looking = timed(known.pairs)
    by_id, reader = {r.id: r for r in texts}, EvidenceReader()
    found, judging = timed(
        lambda: {(a, b) for a, b in pairs if judge(reader.read(by_id[a], by_id[b])).same_work}
    )
    return found, {"prints": printing, "candidates": looking, "judging": judging, "compared": len(pairs)}


def plain(texts: Sequence[Resource]) -> tuple[set[Pair], dict[str, float]]:
    """Return what datasketch finds at its threshold, verified by its own estimate."""
    began = time.perf_counter()
    sketches = {}
    for r in texts:
        words = r.body.lower().split()
        sketch = MinHash(num_perm=128)
        sketch.update_batch([" ".join(words[i : i + 3]).encode() for i in range(len(words) - 2)])
        sketches[r.id] = sketch
    sketching = time.perf_counter() - began
    began = time.perf_counter()
    index = MinHashLSH(threshold=THRESHOLD, num_perm=128)
    found = set()
    for id_, sketch in sketches.items():
        for other in index.query(sketch):
            if sketch.jaccard(sketches[other]) >= THRESHOLD:
                found.add((min(id_, other), max(id_, other)))
        index.insert(id_, sketch)
    return found, {"prints": sketching, "candidates": time.perf_counter() - began}


def quality(bank: Bank, found: set[Pair]) -> dict[str, Any]:
    """Return recall at each level, and precision over all that was found."""
    right = set().union(*bank.planted.values())
    return {
        "recall": {str(level): len(found & pairs) / len(pairs) for level, pairs in bank.planted.items()},
        "precision": len(found & right) / max(1, len(found)),
        "parts_taken_for_copies": len(found & bank.others),
        "found": len(found),
    }


def one_new(bank: Bank, times: int, seed: int) -> dict[str, Any]:
    """Return how long a new text takes against all: printed, looked up and judged; without and with vectors."""
    rng = np.random.default_rng(seed + 1)
    words = sorted({w for r in bank.texts[:2000] for w in r.body.split()})
    even = np.full(len(words), 1 / len(words))
    new = [
        replace(r, id=f"new-{i}", body=" ".join(edited(r.body.split(), 0.1, words, even, rng)))
        for i, r in enumerate(bank.texts[j] for j in rng.choice(len(bank.texts), times))
    ]
    vectors, by_id, reader = NO_VECTORS, {r.id: r for r in bank.texts}, EvidenceReader()
    plain_texts = _two_languages(make_texts(bank.texts, vectors))
    ids = [r.id for r in bank.texts]
    found: dict[str, Any] = {}
    for name, dim in (("by words", 0), ("by words and vectors", DIM)):
        known = KnownTexts(vectors, ids, _with_vectors(plain_texts, dim))
        known.near(new[0])
        seconds, hits = [], 0
        for r in new:
            one = _with_vectors(make_texts([r], vectors), dim)
            began = time.perf_counter()
            one = replace(make_texts([r], vectors), vectors=one.vectors)
            near = known.near_text(one, r.id)
            hits += any(judge(reader.read(r, by_id[id_])).same_work for id_ in near)
            seconds.append(time.perf_counter() - began)
        found[name] = {**asdict(Spread.of(seconds)), "found": hits / len(new)}
    return found


def vector_leg(texts: Sequence[Resource]) -> float:
    """Return how long it takes to compare vectors across languages [s]: drawn ones, a fifth in another language."""
    vectors = NO_VECTORS
    made = _with_vectors(make_texts(texts, vectors), DIM)
    made = _two_languages(made)
    known = KnownTexts(vectors, [r.id for r in texts], made)
    none = KnownTexts(vectors, [r.id for r in texts], replace(made, vectors=made.vectors[:, :0]))
    return round(timed(known.pairs)[1] - timed(none.pairs)[1], 1)


def sample_words(folder: Path) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Return the words of the sample bank with their shares."""
    engine = open_engine(load_settings(data=folder, embedder="none"))
    load_sample(engine)
    counted = Counter(w for r in engine.catalogue.all() for w in f"{r.summary} {r.body}".split())
    engine.close()
    known = sorted(counted)
    weights = np.array([counted[w] for w in known], dtype=float)
    return known, weights / weights.sum()


def _with_vectors(texts: Texts, dim: int) -> Texts:
    rng = np.random.default_rng(len(texts))
    rows = rng.standard_normal((len(texts), dim), dtype=np.float32)
    if dim:
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return replace(texts, vectors=rows)


def _two_languages(texts: Texts) -> Texts:
    """Return texts of which a fifth is said to be in another language, so that their vectors are compared."""
    return replace(texts, languages=(np.arange(len(texts)) % 5 == 0).astype(np.int32))


def _id(number: int) -> str:
    return f"t-{number:07}"


def _markdown(f: dict[str, Any]) -> str:
    head = [
        "",
        *(f"{float(level):.0%}" for level in map(str, EDITS)),
        "precision",
        "seconds",
        "texts/s",
        "memory",
    ]
    rows = [
        [
            name,
            *(round(r["recall"][str(level)], 3) for level in EDITS),
            round(r["precision"], 4),
            r["seconds"],
            round(f["texts"] / r["seconds"]),
            megabytes(r["bytes"]),
        ]
        for name, r in f["found"].items()
    ]
    parts = f["found"]["this program"]["parts"]
    one = [
        [name, round(r["p50"], 2), round(r["p99"], 2), round(r["found"], 3)] for name, r in f["one"].items()
    ]
    told = (
        f"{f['texts']:,} texts; columns of per cent: recall of copies with so many edits. This program: prints "
        f"{parts['prints']:.1f} s, candidates {parts['candidates']:.1f} s, comparing {parts['compared']:,.0f} pairs "
        f"{parts['judging']:.1f} s; comparing vectors across languages, a fifth in another, on top: {f['vector_seconds']:.0f} s."
    )
    return "\n\n".join([table(head, rows), told, table(["one new text", "p50 ms", "p99 ms", "found"], one)])


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=300, help="new texts that are looked up")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("bench-results/duplicates"))
    parser.add_argument("--out", type=Path, action="append", default=[])
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
