"""Measure recommendations on the judged situations, beside ways of choosing that lack the graph.

Usage: python scripts/recommend_report.py [--dev] [--write]

--dev    measures the development half only
--write  writes the tables of docs/evaluation.md
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from golden import measuring, recommend_runs
from golden.recommending import KINDS, situations
from report_blocks import markdown_table, write_block

NAMES = {
    "recommended": "recommendations",
    "contents": "the same without the graph's edges",
    "search": "a search for each open requirement in turn",
    "similar": "most similar to the role",
    "popular": "popular: serves most lines of all plans",
}


def main():
    splits = ("dev",) if "--dev" in sys.argv else ("dev", "test")
    with tempfile.TemporaryDirectory() as folder, measuring.sample_bank(folder) as engine:
        worths = {
            split: {
                way.__name__: recommend_runs.worth(way(engine, situations(split)), split)
                for way in recommend_runs.WAYS
            }
            for split in splits
        }
    text = "\n".join(line for split in splits for line in lines(split, worths[split]))
    print(text)
    if "--write" in sys.argv:
        write_block("recommendations", text)


def lines(split, worths):
    own = worths["recommended"]
    rows = []
    for way, name in NAMES.items():
        w = worths[way]
        low, high = w.span()
        hour = sum(w.per_hour.values()) / len(w.per_hour)
        row = [name, f"{w.mean():.3f} [{low:.3f}, {high:.3f}]", f"{hour:.2f}", f"{w.judged:.0%}"]
        if way != "recommended":
            d = own.against(w)
            row += [f"{d.mean:+.3f} [{d.low:+.3f}, {d.high:+.3f}]", f"{d.p:.4f}"]
        rows.append(row + [""] * (6 - len(row)))
    yield f"**{'Development' if split == 'dev' else 'Test'} half**, {len(own.ndcg)} situations:"
    yield ""
    heading = ["", "nDCG@10", "served per hour", "judged", "recommendations are ahead by", "p"]
    yield from markdown_table(heading, rows)
    yield ""
    kinds = {kind: [own.ndcg[s.id] for s in situations(split) if s.kind == kind] for kind in KINDS}
    told = ", ".join(f"{kind} {sum(v) / len(v):.2f} ({len(v)})" for kind, v in kinds.items() if v)
    yield f"nDCG@10 of the recommendations by kind of situation (how many): {told}."
    yield ""


if __name__ == "__main__":
    main()
