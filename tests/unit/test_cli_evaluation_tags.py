"""`evaluate tags`: the folder is read with errors that name the place, the figures are those counted by hand."""

import json

import pytest

from cli.main import main
from cli.tag_collection import read_tag_collection
from cli.tag_evaluation import score
from engine.errors import InvalidRequest
from engine.tagging import TagWeights
from vocab.triples import VocabularyError

VOCABULARY = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ex: <https://example.org/things/> .
ex:scheme a skos:ConceptScheme .
ex:tea a skos:Concept ; skos:inScheme ex:scheme ; skos:prefLabel "te"@nb , "tea"@en .
ex:coffee a skos:Concept ; skos:inScheme ex:scheme ; skos:prefLabel "kaffe"@nb , "coffee"@en .
ex:java a skos:Concept ; skos:inScheme ex:scheme ; skos:prefLabel "java"@nb ;
    <http://www.w3.org/2002/07/owl#deprecated> true ; <http://purl.org/dc/terms/isReplacedBy> ex:coffee .
"""
TEXTS = [
    {"_id": "1", "title": "Koking av kaffe", "text": "Kaffe kokes i vann."},
    {"_id": "2", "title": "", "text": "Te trekker i fem minutter."},
    {"_id": "3", "title": "Ost", "text": "Ingen har sagt hva dette er."},
]
BASE = "https://example.org/things/"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "vocabulary.ttl").write_text(VOCABULARY)
    (tmp_path / "corpus.jsonl").write_text("\n".join(json.dumps(text) for text in TEXTS))
    (tmp_path / "subjects.tsv").write_text(f"id\tconcept\n1\t{BASE}java\n2\t<{BASE}tea>\n2\t{BASE}milk\n")
    return tmp_path


def test_subjects_are_resolved_and_what_cannot_be_is_told(folder):
    found = read_tag_collection(folder, folder / "cache")
    assert [d.id for d in found.documents] == ["1", "2"]
    assert found.unindexed == 1
    assert found.unknown == (f"{BASE}milk",)
    coffee, tea = (found.vocabulary.id_of_uri(BASE + name) for name in ("coffee", "tea"))
    assert found.subjects == {"1": {coffee}, "2": {tea, f"{BASE}milk"}}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1", "subjects.tsv, line 2: expected id, concept"),
        ("9\tx", "subjects.tsv, line 2, field id: corpus.jsonl has no text '9'"),
    ],
)
def test_a_bad_row_is_named(folder, row, said):
    (folder / "subjects.tsv").write_text(f"id\tconcept\n{row}\n")
    with pytest.raises(InvalidRequest, match=said):
        read_tag_collection(folder, folder / "cache")


def test_no_subjects_no_vocabulary_and_a_broken_one_are_told(folder):
    (folder / "subjects.tsv").write_text("id\tconcept\n")
    with pytest.raises(InvalidRequest, match=r"no text of corpus\.jsonl has a subject"):
        read_tag_collection(folder, folder / "cache")
    (folder / "vocabulary.ttl").write_text("ex:tea a skos:Concept .\n")
    with pytest.raises(VocabularyError, match=r"vocabulary.ttl"):
        read_tag_collection(folder, folder / "cache")
    (folder / "vocabulary.ttl").unlink()
    with pytest.raises(InvalidRequest, match=r"expected vocabulary.ttl"):
        read_tag_collection(folder, folder / "cache")


def test_the_figures_are_those_counted_by_hand():
    w = TagWeights()
    sure, unsure = w.threshold + 0.1, (w.threshold + w.first) / 2
    subjects = {"1": frozenset("ab"), "2": frozenset("c"), "3": frozenset("d")}
    ranked = {
        "1": [("a", sure), ("x", sure), ("b", unsure)],  # b comes too late to be a tag: F1 2·1/(2+2)
        "2": [("c", unsure)],  # the best one may be less sure: F1 1
    }  # 3 has none: F1 0
    result = score(subjects, ranked)
    assert result.metrics["F1@5"] == pytest.approx((0.5 + 1 + 0) / 3)
    assert result.metrics["micro-F1@5"] == pytest.approx(2 * 2 / (3 + 4))
    first = (1 + 0.5) / (1 + 1 / 1.584962500721156)
    assert result.metrics["nDCG@10"] == pytest.approx((first + 1 + 0) / 3)
    assert result.metrics["recall@10"] == pytest.approx((1 + 1 + 0) / 3)
    for name, (low, high) in result.intervals.items():
        assert low <= result.metrics[name] <= high
    assert (result.texts, result.proposed, result.given) == (3, 1.0, pytest.approx(4 / 3))


def test_the_command_tags_with_the_vocabulary_of_the_folder(folder, capfd, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDER", "none")
    (folder / "subjects.tsv").write_text(f"id\tconcept\n1\t{BASE}coffee\n2\t{BASE}tea\n")
    saved = folder / "found.json"
    code = main(["evaluate", "tags", str(folder), "--save", str(saved), "--json"])
    out, err = capfd.readouterr()
    assert code == 0, err
    told = json.loads(out)
    assert told["metrics"] == {"F1@5": 1.0, "micro-F1@5": 1.0, "nDCG@10": 1.0, "recall@10": 1.0}
    assert told["queries"] == 2
    assert told["unindexed"] == 1
    found = json.loads(saved.read_text())
    assert found["1"][0][0] == f"{BASE}coffee"
