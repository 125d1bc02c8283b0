"""Measure the golden queries through the production path and write the tables of docs/evaluation.md.

Usage: python scripts/golden_report.py [--write]
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from engine.bootstrap import load_settings, open_engine
from engine.model import SearchRequest
from golden import collection
from indexer.pipeline import index
from indexer.sample import load_sample

BEGIN, END = "<!-- golden: begin -->", "<!-- golden: end -->"
MODES = ("hybrid", "lexical", "semantic")


def main():
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(
            load_settings(data=Path(folder)), now=lambda: datetime(2026, 11, 21, 12, tzinfo=UTC)
        )
        load_sample(engine)
        index(engine)
        plain = collection.PlainBm25(list(engine.catalogue.all(status="published")))
        runs = {"plain BM25": {q.id: plain.rank(q.text) for q in collection.queries()}}
        totals = {}
        for mode in MODES:
            runs[mode] = {}
            for q in collection.queries():
                request = SearchRequest(text=q.text, mode=mode, edition="alle", k=collection.DEPTH, facets=())
                result = engine.search(request)
                runs[mode][q.id] = [h.resource.id for h in result.hits]
                totals[mode, q.id] = result.total
        engine.close()
    table = "\n".join(lines(runs, totals))
    print(table)
    if "--write" in sys.argv:
        path = ROOT / "docs" / "evaluation.md"
        before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        path.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def lines(runs, totals):
    groups = sorted({q.group for q in collection.queries()} - {"no_answer"})
    for half in ("dev", "test"):
        yield f"\n**{half} half**, nDCG@10\n"
        yield "| group | n | " + " | ".join(runs) + " |"
        yield "|---|---|" + "---|" * len(runs)
        for group in [*groups, "all"]:
            chosen = [
                q
                for q in collection.queries()
                if q.half == half and q.group != "no_answer" and group in {"all", q.group}
            ]
            cells = []
            for run in runs.values():
                values = [collection.ndcg(run[q.id], collection.qrels()[q.id]) for q in chosen]
                cells.append(f"{sum(values) / len(values):.3f}")
            yield f"| {group} | {len(chosen)} | " + " | ".join(cells) + " |"
        chosen = [q for q in collection.queries() if q.half == half and q.group != "no_answer"]
        a, b = (
            [collection.ndcg(runs[name][q.id], collection.qrels()[q.id]) for q in chosen]
            for name in ("hybrid", "plain BM25")
        )
        mean, low, high = collection.paired_interval(a, b)
        yield f"\nHybrid minus plain BM25: {mean:+.3f} [{low:+.3f}, {high:+.3f}] (paired bootstrap, 95 %)."
        silent = [q for q in collection.queries() if q.half == half and q.group == "no_answer"]
        empty = sum(totals["hybrid", q.id] == 0 for q in silent)
        yield f"Queries without an answer that got none: {empty} of {len(silent)}."


if __name__ == "__main__":
    main()
