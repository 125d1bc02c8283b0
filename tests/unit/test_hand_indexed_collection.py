"""The hand-indexed texts as a collection: every subject is in its vocabulary, and no text is in both halves."""

import csv
import json

import pytest

from golden.hand_indexing import INDEXERS, ROLES_OF_CONCEPTS, indexed_by
from hand_indexed_collection import READ_OF_AN_ACT, write_texts, write_vocabulary
from vocab.vocabulary import open_vocabulary

ACT = "sf-20250120-0062"


def corpus(folder):
    records = [json.loads(line) for line in (folder / "corpus.jsonl").read_text().splitlines()]
    return {record["_id"]: record for record in records}


def subjects(folder):
    with (folder / "subjects.tsv").open(newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert all(row.keys() == {"id", "concept"} for row in rows)
    return [(row["id"], row["concept"]) for row in rows]


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    folders = {half: tmp_path_factory.mktemp(half) for half in ("dev", "test")}
    return folders, {half: write_texts(folder, half) for half, folder in folders.items()}


def test_a_text_is_in_one_half_alone(halves):
    folders, left_out = halves
    dev, test = (set(corpus(folders[half])) for half in ("dev", "test"))
    assert dev
    assert test
    assert not dev & test
    every = set(indexed_by("a"))
    assert dev | test | set(left_out["dev"]) | set(left_out["test"]) == every
    assert {r for half in left_out.values() for r in half} == {r for r in every if not r.startswith("kb-")}


def test_what_is_said_of_a_text_is_what_the_indexer_said_in_that_order(halves):
    vocabulary = open_vocabulary()
    for folder in halves[0].values():
        said = subjects(folder)
        for resource in corpus(folder):
            expected = [vocabulary.uri(topic) for topic in indexed_by("a")[resource].topics]
            assert [concept for r, concept in said if r == resource] == expected
        assert {r for r, _ in said} <= set(corpus(folder))


@pytest.mark.parametrize("only_topics", [False, True])
def test_every_subject_is_in_the_vocabulary_written_beside_it(tmp_path, only_topics):
    write_vocabulary(tmp_path, only_topics)
    written = open_vocabulary([tmp_path / "vocabulary.ttl"])
    bundled = open_vocabulary()
    kept = ROLES_OF_CONCEPTS["topics"] if only_topics else {s.id for s in bundled.schemes}
    assert {c.id for c in written.concepts} == {c.id for c in bundled.concepts if c.scheme in kept}
    for indexer in INDEXERS:
        write_texts(tmp_path, "all", indexer)
        said = subjects(tmp_path)
        assert said
        assert all(written.id_of_uri(concept) in written for _, concept in said)


def test_acts_are_as_far_as_the_indexers_read_them(tmp_path):
    acts = tmp_path / "acts.jsonl"
    records = [{"id": name, "title": "Lov", "body": "å" * 5000} for name in (ACT, "sf-of-no-interest")]
    acts.write_text("".join(json.dumps(record) + "\n" for record in records))
    missing = write_texts(tmp_path / "out", acts=acts)
    found = corpus(tmp_path / "out")
    assert found[ACT] == {"_id": ACT, "title": "Lov", "text": "å" * READ_OF_AN_ACT}
    assert "sf-of-no-interest" not in found
    assert ACT not in missing
    assert len(missing) == 19


def test_texts_are_whole(tmp_path):
    write_texts(tmp_path)
    assert all(record["title"] and record["text"] for record in corpus(tmp_path).values())
