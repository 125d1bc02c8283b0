"""How good are proposed mappings, and how long do 50,000 concepts take?

python bench/crosswalk.py --los FOLDER/los.ttl --styrk FOLDER/styrk08.csv
"""

import argparse
import csv
import random
import time
from dataclasses import replace
from pathlib import Path

from vocab.concept import DEFAULT_BASE_URI, Concept, ConceptId, ConceptScheme
from vocab.crosswalk import propose_mappings
from vocab.foreign import read_foreign
from vocab.vocabulary import Vocabulary, open_vocabulary

JUDGED = Path(__file__).with_name("crosswalk_los.tsv")
LOS = "https://psi.norge.no/los/"
SAME = {"exact", "close"}


def without_mappings(vocabulary, *names):
    concepts = [
        replace(c, mappings=tuple(m for m in c.mappings if m.vocabulary not in names)) for c in vocabulary
    ]
    return Vocabulary(vocabulary.schemes, concepts, foreign=vocabulary.foreign, base_uri=vocabulary.base_uri)


def los(path):
    content = read_foreign(path).content
    return Vocabulary(content.schemes, content.concepts, foreign=content.foreign)


def styrk(path):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    concepts = [
        Concept(
            ConceptId(f"styrk08/{row['code']}"),
            {"nb": row["name"]},
            broader=(ConceptId(f"styrk08/{row['parentCode']}"),) if row["parentCode"] else (),
        )
        for row in rows
    ]
    foreign = {c.id: f"{DEFAULT_BASE_URI}mapping/{c.id}" for c in concepts}
    return Vocabulary([ConceptScheme("styrk08", {"nb": "STYRK-08"})], concepts, foreign=foreign)


def figures(title, proposed, right, judged=None):
    """Print precision over what was judged and recall of what is right."""
    known = {p for p in proposed if judged is None or p[0] in judged}
    hits = known & right
    print(
        f"{title}: proposed {len(known)}, right {len(right)}, both {len(hits)}, "
        f"precision {len(hits) / max(1, len(known)):.2f}, recall {len(hits) / max(1, len(right)):.2f}"
    )
    return known - right, right - known


def against_judgements(source, target, verbose):
    with JUDGED.open(encoding="utf-8", newline="") as file:
        rows = {
            row["los"]: set(filter(None, row["concepts"].split("|")))
            for row in csv.DictReader(file, delimiter="\t")
        }
    proposals = propose_mappings(source, target)
    of = {p: source.uri(p.source).removeprefix(LOS) for p in proposals}
    same = {(of[p], p.target) for p in proposals if p.match in SAME and of[p] in rows}
    wanted = {name for name, targets in rows.items() if targets}
    right = {(name, t) for name, t in same if t in rows[name]}
    print(
        f"judged: {len(rows)} concepts, {len(wanted)} with a counterpart; proposed {len(same)}, right {len(right)}: "
        f"precision {len(right) / max(1, len(same)):.2f}, recall {len({n for n, _ in right}) / len(wanted):.2f}"
    )
    best = {}
    for p in sorted(proposals, key=lambda p: -p.confidence):
        if p.match in SAME and of[p] in rows:
            best.setdefault(of[p], p.target)
    first = {name for name, t in best.items() if t in rows[name]}
    print(
        f"  first proposal: precision {len(first) / max(1, len(best)):.2f}, recall {len(first) / len(wanted):.2f}"
    )
    for floor in (0.4, 0.5, 0.6, 0.7, 0.8):
        above = {
            (of[p], p.target)
            for p in proposals
            if p.match in SAME and of[p] in rows and p.confidence >= floor
        }
        good = {(n, t) for n, t in above if t in rows[n]}
        print(f"  confidence >= {floor}: {len(above)} proposed, precision {len(good) / max(1, len(above)):.2f}, "
              f"recall {len({n for n, _ in good}) / len(wanted):.2f}")  # fmt: skip
    if verbose:
        for p in proposals:
            if of[p] in rows and p.match in SAME:
                sign = "+" if p.target in rows[of[p]] else "-"
                print(f"  {sign} {of[p]} {p.match} {p.target} {p.confidence:.2f}")
        for name in sorted(wanted - {n for n, _ in right}):
            print(f"  missed {name}: {rows[name]}")


def against_mappings(name, source, target, full, verbose):
    stated = {
        (s.id, c.id)
        for c in full
        for m in c.mappings
        for s in source
        if m.vocabulary == name and (source.uri(s.id) == LOS + m.code or s.id == f"{name}/{m.code}")
    }
    proposals = propose_mappings(source, target)
    same = {(p.source, p.target) for p in proposals if p.match in SAME}
    any_kind = {(p.source, p.target) for p in proposals}
    mapped = {s for s, _ in stated}
    _, missed = figures(f"{name}: stated mappings, exact and close", same, stated, mapped)
    figures(f"{name}: stated mappings, any match", any_kind, stated, mapped)
    print(f"  {len(same)} exact or close proposals in all")
    if verbose:
        print("  missed:", sorted(missed))


def speed():
    rng = random.Random(7)
    target = open_vocabulary()
    words = sorted({w for c in target for text in c.pref_label.values() for w in text.split()})
    made = [
        "".join(rng.choice("abdefgiklmnoprstuvy") for _ in range(rng.randint(4, 11))) for _ in range(60_000)
    ]

    def label():
        return " ".join(rng.choice(words if rng.random() < 0.3 else made) for _ in range(rng.randint(1, 3)))

    concepts = [
        Concept(
            ConceptId(f"big/{i}"),
            {"nb": label(), "en": label()},
            alt_label={"nb": (label(), label()), "en": (label(), label())},
            broader=(ConceptId(f"big/{i // 8}"),) if i else (),
        )
        for i in range(50_000)
    ]
    source = Vocabulary([ConceptScheme("big", {"nb": "Stor"})], concepts)
    began, busy = time.perf_counter(), time.process_time()
    count = len(propose_mappings(source, target))
    print(
        f"50,000 concepts with 300,000 labels x {len(target)}: {time.perf_counter() - began:.1f} s "
        f"({time.process_time() - busy:.1f} s of processor time), {count} proposals"
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--los", type=Path)
    parser.add_argument("--styrk", type=Path)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--judged", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    full = open_vocabulary()
    if args.los:
        source, target = los(args.los), without_mappings(full, "los")
        against_mappings("los", source, target, full, args.verbose)
        if args.judged:
            against_judgements(source, target, args.verbose)
    if args.styrk:
        against_mappings("styrk08", styrk(args.styrk), without_mappings(full, "styrk08"), full, args.verbose)
    if args.speed:
        speed()


if __name__ == "__main__":
    main()
