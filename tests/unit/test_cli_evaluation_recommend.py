"""`evaluate recommend` on a small collection, with the real model: a table beside plain searches, one document."""

import json

import numpy as np
import pytest

from cli.collection import Document
from cli.main import main
from cli.plain_rankings import plain_rankings

TEXTS = {
    "d1": ("Fall prevention at home", "Older people fall at night. Light, shoes and exercise prevent falls."),
    "d2": ("Hand hygiene", "Wash your hands before and after each patient to stop infections."),
    "d3": ("Writing in the record", "Document what you saw and did before your shift ends."),
    "d4": ("Pain in dementia", "Watch the face and the movements of a person who cannot tell of pain."),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    at = tmp_path_factory.mktemp("collection")
    (at / "qrels").mkdir()
    lines = [json.dumps({"_id": i, "title": t, "text": b}) for i, (t, b) in TEXTS.items()]
    (at / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")
    roles = {
        "q1": "Physiotherapist for older people. Trains strength and balance to prevent falls.",
        "q2": "Infection control nurse. Teaches colleagues how to wash hands and stop infections.",
    }
    lines = [json.dumps({"_id": i, "text": t}) for i, t in roles.items()]
    (at / "queries.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (at / "qrels" / "dev.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n", encoding="utf-8"
    )
    return at


def test_the_document_has_the_recommendations_beside_three_plain_searches(folder, tmp_path, capsys):
    assert main(["evaluate", "recommend", str(folder), "--data", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["queries"] == 2
    assert told["metrics"]["nDCG@10"] == 1.0
    assert sorted(told["baselines"]) == ["bm25", "dense", "fused"]
    assert set(told["baselines"]["dense"]) == {"metrics", "intervals", "ahead"}
    assert main(["evaluate", "recommend", str(folder), "--data", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "recommended" in shown
    assert "2 roles, 4 resources" in shown


def test_words_rank_only_what_shares_a_word():
    documents = [Document(i, t, b) for i, (t, b) in TEXTS.items()]
    vectors = np.eye(4, dtype=np.float32)
    runs = plain_rankings(
        documents, {"q": "hands"}, lambda id_: vectors[[int(id_[1]) - 1]], vectors[[3]], k=3
    )
    assert runs["bm25"] == {"q": ["d2"]}
    assert runs["dense"]["q"][0] == "d4"
    assert len(runs["fused"]["q"]) == 3
