"""Write the golden queries and the sample bank in BEIR layout, for any program that reads it.

Usage: python scripts/golden_export.py FOLDER

`kompetansegraf evaluate search FOLDER --bank --split dev` asks a data folder that has the sample bank; without
``--bank`` only titles and texts are imported, so editions, roles and themes are lost, and the figures are lower.
"""

import sys
from importlib.resources import files
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from golden.collection import qrels, queries


def export(folder: Path) -> None:
    """Queries without an answer are judged 0 against one resource: judged, and nothing is relevant."""
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    lots = sorted((files("indexer") / "data" / "sample" / "resources").iterdir(), key=lambda p: p.name)
    resources = [orjson.loads(line) for lot in lots for line in lot.read_bytes().splitlines() if line.strip()]
    published = [r for r in resources if r.get("status", "published") == "published"]
    write(
        folder / "corpus.jsonl",
        ({"_id": r["id"], "title": r["title"], "text": text_of(r)} for r in published),
    )
    write(folder / "queries.jsonl", ({"_id": q.id, "text": q.text, "type": q.group} for q in queries()))
    for half in ("dev", "test"):
        rows = ["query-id\tcorpus-id\tscore"]
        for q in queries():
            if q.half == half:
                grades = qrels().get(q.id) or {published[0]["id"]: 0}
                rows += [f"{q.id}\t{resource}\t{grade}" for resource, grade in grades.items()]
        (folder / "qrels" / f"{half}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def text_of(record):
    return f"{record.get('summary') or ''}\n{record.get('body') or ''}".strip()


def write(path, records):
    path.write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in records))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    export(Path(sys.argv[1]))
