"""Measure open test collections, and what is left of them when queries are typed otherwise.

Usage: python scripts/open_report.py DIR[=en] ... [--data FOLDER] [--kinds a,b] [--write] [--save]

DIR       a collection in BEIR layout; `=en` says that its queries are English, else they count as bokmål
--data    keeps index and vectors of each collection in FOLDER, so that a second run is quick
--kinds   kinds of variants that are measured (default: typo,nynorsk; "" for none), see query_variants.py
--write   writes the tables of docs/evaluation.md
--save    writes docs/runs/VERSION/NAME.json
"""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import apertium
from cli.collection import read_beir
from cli.evaluation import indexed, score
from cli.output import RichProgress
from cli.saved_run import save_run, write_run
from cli.significance import paired
from golden.collection import PlainBm25
from query_variants import KINDS, Query, variants
from report_blocks import markdown_table, write_block

MODES = ("hybrid", "lexical", "semantic")
WHAT = {
    "hdir-pages": "sections of a health authority's pages, heading as query",
    "norquad-wiki": "Wikipedia passages, questions",
    "role-programme": "occupations' descriptions to education programmes, English",
}
NAMES = {
    "typo": "one letter off",
    "nynorsk": "query in nynorsk",
    "plural": "plural",
    "definite": "definite",
    "compound_split": "compound written apart",
}


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("dirs", nargs="+")
    ask.add_argument("--data", type=Path)
    ask.add_argument("--kinds", default="typo,nynorsk")
    ask.add_argument("--write", action="store_true")
    ask.add_argument("--save", action="store_true")
    given = ask.parse_args()
    kinds = [k for k in KINDS if k in given.kinds.split(",")]
    if kinds and (lacking := apertium.obstacle()):
        sys.exit(f"{lacking}; --kinds '' leaves the variants out")
    rows, other = [], []
    for named in given.dirs:
        folder, _, language = named.partition("=")
        with ExitStack() as stack:
            at = given.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            row, varied, saved = measure(Path(folder), language or "nb", at, kinds)
        rows.append(row)
        other += varied
        if given.save:
            write_run(ROOT / "docs" / "runs" / version("kompetansegraf") / f"{Path(folder).name}.json", saved)
    heading = ["collection", "queries", "plain BM25, Snowball", "hybrid", "hybrid minus plain BM25"]
    table = markdown_table(
        [*heading, "lexical", "semantic", "MRR@10", "Recall@100", "found nothing"], rows
    ) + ["", "nDCG@10 unless the column says otherwise, with 95 % bootstrap intervals over queries."]
    if other:
        table += ["", *markdown_table(
            ["collection", "variant", "n", "same first hit", "query as written", "variant", "loss of nDCG@10"],
            other,
        )]  # fmt: skip
    print("\n".join(table))
    if given.write:
        write_block("open", "\n".join(table))


def measure(folder, language, data, kinds):
    collection = read_beir(folder)
    queries = collection.judgements.queries
    with indexed(collection, data / folder.name, progress=RichProgress()) as asked:
        plain = PlainBm25(asked.engine.catalogue.all())
        baseline = score(
            collection.judgements,
            {q: [asked.names[r] for r in plain.rank(text)] for q, text in queries.items()},
        )
        runs = {mode: asked.ask(queries, mode) for mode in MODES}
        scored = {mode: score(collection.judgements, run) for mode, run in runs.items()}
        hybrid = scored["hybrid"]
        saved = save_run(hybrid, collection, asked.engine, {"mode": "hybrid"})
        made = variants([Query(q, text, language) for q, text in queries.items()], kinds) if kinds else []
        varied = [
            variant_row(folder.name, kind, collection, runs["hybrid"], hybrid, asked, found)
            for kind in kinds
            if (found := {v.query: v.text for v in made if v.kind == kind})
        ]
    difference = paired(*([e.per_query[q]["nDCG@10"] for q in queries] for e in (hybrid, baseline)))
    low, high = hybrid.overall.intervals["nDCG@10"]
    means = {name: s.overall.metrics for name, s in scored.items()}
    row = [
        f"{folder.name}: {WHAT[folder.name]}" if folder.name in WHAT else folder.name,
        len(queries),
        f"{baseline.overall.metrics['nDCG@10']:.3f}",
        f"**{means['hybrid']['nDCG@10']:.3f}** [{low:.3f}, {high:.3f}]",
        f"{difference.mean:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}], p = {difference.p:.4f}",
        *(f"{means[mode]['nDCG@10']:.3f}" for mode in ("lexical", "semantic")),
        *(f"{means['hybrid'][m]:.3f}" for m in ("MRR@10", "Recall@100")),
        f"{hybrid.overall.empty} of {len(queries)}",
    ]
    return row, varied, saved


def variant_row(name, kind, collection, run, plain, asked, texts):
    """What the variants of one kind are worth beside the queries that they are variants of."""
    answers = asked.ask(texts)
    after = score(collection.judgements, answers).per_query
    values = [[e[q]["nDCG@10"] for q in texts] for e in (after, plain.per_query)]
    d = paired(*values)
    same = sum(answers[q][:1] == run[q][:1] != [] for q in texts) / len(texts)
    now, before = (sum(v) / len(v) for v in values)
    return [
        name,
        NAMES[kind],
        len(texts),
        f"{100 * same:.0f} %",
        f"{before:.3f}",
        f"{now:.3f}",
        f"{-d.mean:+.3f} [{-d.high:+.3f}, {-d.low:+.3f}]",
    ]


if __name__ == "__main__":
    main()
