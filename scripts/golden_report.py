"""Measure the golden queries and their variants through the production path.

Usage: python scripts/golden_report.py [--write] [--save] [--floors]

--write   writes the tables of docs/evaluation.md
--save    writes docs/runs/VERSION/golden.json, which the regression gate compares with
--floors  raises the floors of tests/golden/floors.toml to just under what was measured; none is lowered
"""

import math
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from cli.saved_run import write_run
from cli.significance import paired
from golden import collection, measuring
from report_blocks import markdown_table, write_block

MODES = ("hybrid", "lexical", "semantic")
NAMES = {
    "typo": "one letter off",
    "two_typos": "a second letter off (queries of the group typo)",
    "plural": "plural",
    "definite": "definite",
    "compound_split": "compound written apart",
    "nynorsk": "bokmål query in nynorsk",
    "bokmaal": "nynorsk query in bokmål",
    "english": "Norwegian query in English",
    "norwegian": "English query in bokmål",
}
UNDER = 0.012  # how far under the measured value a floor is put


def main():
    with tempfile.TemporaryDirectory() as folder, measuring.sample_bank(folder) as engine:
        plain = collection.PlainBm25(engine.catalogue.all(status="published"))
        answers = {mode: measuring.ask_queries(engine, mode) for mode in MODES}
        varied = measuring.ask_variants(engine)
        subjects = measuring.ask_subjects(engine)
        saved = measuring.golden_run(engine, answers["hybrid"])
    baseline = measuring.Answers({q.id: plain.rank(q.text) for q in collection.queries()}, {})
    runs = {"plain BM25": baseline, **answers}
    groups, variants = (
        "\n".join(group_lines(runs, subjects)),
        "\n".join(variant_lines(answers["hybrid"], varied)),
    )
    print(groups, variants, sep="\n")
    if "--write" in sys.argv:
        write_block("golden", groups)
        write_block("variants", variants)
    if "--save" in sys.argv:
        write_run(measuring.RUNS / version("kompetansegraf") / "golden.json", saved)
    if "--floors" in sys.argv:
        raise_floors(measuring.measured_floors(answers["hybrid"], varied, subjects))


def group_lines(runs, subjects):
    for half in ("dev", "test"):
        scored = {name: measuring.evaluated(answers, half) for name, answers in runs.items()}
        hybrid, plain = scored["hybrid"], scored["plain BM25"]
        base = hybrid.types["plain"].metrics["nDCG@10"]
        rows = []
        for group, figures in [*hybrid.types.items(), ("all", hybrid.overall)]:
            low, high = figures.intervals["nDCG@10"]
            value = figures.metrics["nDCG@10"]
            others = {
                name: (s.overall if group == "all" else s.types[group]).metrics["nDCG@10"]
                for name, s in scored.items()
            }
            rows.append([
                group,
                figures.queries,
                f"{others['plain BM25']:.3f}",
                f"{value:.3f} [{low:.3f}, {high:.3f}]",
                "" if group in {"plain", "all"} else f"{value - base:+.3f}",
                f"{others['lexical']:.3f}",
                f"{others['semantic']:.3f}",
            ])  # fmt: skip
        yield f"\n**{half} half**, nDCG@10\n"
        yield from markdown_table(
            ["group", "n", "plain BM25", "hybrid", "against the group *plain*", "lexical", "semantic"], rows
        )
        yield f"\n{versus('Hybrid minus plain BM25', hybrid, plain)}"
        yield typo_line(runs["hybrid"], half)
        total = len(collection.judgements(half).unanswerable)
        yield f"Queries without an answer that got none: {len(hybrid.silent)} of {total}."
        share = measuring.answered_by_subject(subjects, half)
        yield (
            f"Of 160 queries on the subject, whether the bank has an answer or not, {100 * share['on']:.0f} % got one; "
            f"of 160 off it, some with words of health texts in another sense, {100 * share['off']:.0f} %."
        )


def versus(what, now, before):
    queries = list(now.per_query)
    d = paired(*([e.per_query[q]["nDCG@10"] for q in queries] for e in (now, before)))
    return f"{what}: {d.mean:+.3f} [{d.low:+.3f}, {d.high:+.3f}], p = {d.p:.4f} (paired, 95 % interval)."


def typo_line(answers, half):
    """A query of the group typo has the judgements of the plain one that it misspells."""
    grades = collection.qrels()
    plain = {tuple(sorted(grades[q.id].items())): q.id for q in collection.queries() if q.group == "plain"}
    pairs = [
        (q.id, plain[tuple(sorted(grades[q.id].items()))])
        for q in collection.queries()
        if q.group == "typo" and q.half == half
    ]
    worth = [[collection.ndcg(answers.hits[q], grades[q]) for q in side] for side in zip(*pairs, strict=True)]
    d = paired(*worth)
    return (
        f"The group *typo* minus the same queries spelt right: {d.mean:+.3f} [{d.low:+.3f}, {d.high:+.3f}]."
    )


def variant_lines(plain, varied):
    for half in ("dev", "test"):
        yield f"\n**{half} half**\n"
        rows = []
        for kind in sorted(measuring.kinds(), key=list(NAMES).index):
            k = measuring.kept(plain, varied, kind, half)
            rows.append([
                NAMES[kind],
                k.queries,
                f"{100 * k.same:.0f} %",
                f"{k.plain:.3f}",
                f"{k.varied:.3f}",
                f"{k.loss:+.3f} [{k.low:+.3f}, {k.high:+.3f}]",
            ])  # fmt: skip
        yield from markdown_table(
            ["variant", "n", "same first hit", "query as written", "variant", "loss of nDCG@10"], rows
        )
        asked, silent = measuring.unanswered(varied, half)
        yield f"\nVariants of queries without an answer that got none: {silent} of {asked}."


def raise_floors(found):
    """Write the floors, just under what was measured and never lower than before; a count is its own floor."""
    before = measuring.floors() if measuring.FLOORS.exists() else {}
    lines = [
        "# Floors of the golden queries. Raised by `python scripts/golden_report.py --floors`; lowered by hand only,",
        "# with a reason. `ndcg`: nDCG@10 of the test half by group. `silent`: queries without an answer that found",
        "# nothing, by half; `subject`: share of queries on the subject that found something, and of others that found",
        "# nothing; `silent_variants`: variants of them. `ndcg_variants`: nDCG@10 of the variants of both",
        "# halves. `same_first`: share of variants with the same first hit, one query less than measured.",
    ]
    for table, values in found.items():
        lines += ["", f"[{table}]"]
        for name, (value, queries) in values.items():
            slack = max(UNDER, 1 / queries) if table == "same_first" else UNDER
            floor = value if queries is None else math.floor((value - slack) * 200) / 200
            lines.append(f"{name} = {max(floor, before.get(table, {}).get(name, floor))}")
    measuring.FLOORS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
