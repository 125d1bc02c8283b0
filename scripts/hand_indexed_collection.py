"""Write the hand-indexed texts as a collection that `kompetansegraf evaluate tags` and other programs read.

Usage: python scripts/hand_indexed_collection.py FOLDER [--half dev|test|all] [--indexer a|b] [--acts PATH]

`corpus.jsonl` has what the indexers read: title, summary and body of a resource of the sample bank, and the
first 3,000 characters of an act. Acts are left out without ``--acts``, the file they are in (one JSON record
with `id`, `title` and `body` a line). `subjects.tsv` has the topics, best first; texts without a topic have no
row there. `vocabulary.ttl` is the whole bundled vocabulary, or with ``--only-topics`` the schemes that topics
come from, for programs that cannot be told which concepts are topics.
"""

import argparse
import sys
from importlib.resources import files
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from golden.hand_indexing import INDEXERS, ROLES_OF_CONCEPTS, half, indexed_by
from vocab.skos import write_skos
from vocab.vocabulary import Vocabulary, open_vocabulary

READ_OF_AN_ACT = 3000
"""How much of an act the indexers read [code points]."""


def write_texts(
    folder: Path, of_half: str = "all", indexer: str = "a", acts: Path | None = None
) -> list[str]:
    """Write texts and subjects; return the ids of the texts that were left out, as their file was not given."""
    indexed = {r: found.topics for r, found in indexed_by(indexer).items() if of_half in ("all", half(r))}
    texts = {r: document for r, document in sample_texts().items() if r in indexed}
    if acts:
        texts |= {r: document for r, document in act_texts(acts).items() if r in indexed}
    vocabulary = open_vocabulary()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "corpus.jsonl").open("wb") as corpus, (folder / "subjects.tsv").open("w") as subjects:
        subjects.write("id\tconcept\n")
        for resource, topics in indexed.items():
            if resource in texts:
                corpus.write(orjson.dumps({"_id": resource} | texts[resource]) + b"\n")
                subjects.writelines(f"{resource}\t{vocabulary.uri(topic)}\n" for topic in topics)
    return [resource for resource in indexed if resource not in texts]


def write_vocabulary(folder: Path, only_topics: bool = False) -> None:
    """Write the bundled vocabulary, or what of it is topics."""
    vocabulary = open_vocabulary()
    written = write_skos(topics_of(vocabulary) if only_topics else vocabulary)
    (folder / "vocabulary.ttl").write_text(written, encoding="utf-8")


def sample_texts():
    """Return title and text of the resources of the sample bank by id."""
    lots = (files("indexer") / "data" / "sample" / "resources").iterdir()
    records = [orjson.loads(line) for lot in lots for line in lot.read_bytes().splitlines() if line.strip()]
    return {
        r["id"]: {
            "title": r["title"],
            "text": "\n".join(filter(None, (r.get("summary"), r.get("body")))).strip(),
        }
        for r in records
    }


def act_texts(path):
    """Return title and beginning of the acts of a file by id."""
    records = (orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip())
    return {r["id"]: {"title": r["title"], "text": r["body"][:READ_OF_AN_ACT]} for r in records}


def topics_of(vocabulary):
    """Return the schemes that topics come from, as a vocabulary; relations that lead out of them are not in it."""
    schemes = [s for s in vocabulary.schemes if s.id in ROLES_OF_CONCEPTS["topics"]]
    concepts = [c for s in schemes for c in vocabulary.in_scheme(s.id)]
    return Vocabulary(schemes, concepts, foreign=vocabulary.foreign, base_uri=vocabulary.base_uri)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("dev", "test", "all"), default="all")
    parser.add_argument("--indexer", choices=INDEXERS, default="a")
    parser.add_argument("--acts", type=Path)
    parser.add_argument("--only-topics", action="store_true")
    asked = parser.parse_args()
    missing = write_texts(asked.folder, asked.half, asked.indexer, asked.acts)
    write_vocabulary(asked.folder, asked.only_topics)
    if missing:
        print(
            f"left out, as {'not in ' + str(asked.acts) if asked.acts else '--acts was not given'}: "
            + ", ".join(missing),
            file=sys.stderr,
        )


if __name__ == "__main__":
    main()
