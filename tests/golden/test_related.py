"""Related content on texts that were judged blind to every ranking: what is offered is accepted, and no text is itself."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

QRELS = Path(__file__).parent / "related" / "qrels.tsv"
FLOORS = {"dev": (0.88, 0.88), "test": (0.82, 0.75)}


@pytest.fixture(scope="module")
def judged():
    grades = defaultdict(dict)
    with QRELS.open(encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            grades[row["half"], row["source"]][row["candidate"]] = row["grade"]
    return grades


@pytest.fixture(scope="module")
def offered(sample_engine, judged):
    return {
        (half, source): [s.resource.id for s in sample_engine.similar(source, edition="alle", k=5)]
        for half, source in judged
    }


def test_there_are_sixty_texts_that_nothing_was_fitted_to(judged):
    assert sum(half == "test" for half, _ in judged) == 60
    assert not {s for half, s in judged if half == "dev"} & {s for half, s in judged if half == "test"}


@pytest.mark.parametrize("half", ["dev", "test"])
def test_four_of_five_that_are_offered_are_accepted(half, judged, offered):
    texts = {source: ids for (h, source), ids in offered.items() if h == half and ids}
    accepted = {s: sum(judged[half, s].get(i) == "2" for i in ids) for s, ids in texts.items()}
    by_text = sum(accepted[s] / len(ids) for s, ids in texts.items()) / len(texts)
    pooled = sum(accepted.values()) / sum(map(len, texts.values()))
    assert len(texts) >= 0.4 * sum(h == half for h, _ in judged)
    assert by_text >= FLOORS[half][0]
    assert pooled >= FLOORS[half][1]


@pytest.mark.parametrize("half", ["dev", "test"])
def test_a_text_is_not_offered_as_related_to_itself(half, judged, offered):
    same = [
        (s, i) for (h, s), ids in offered.items() if h == half for i in ids if judged[half, s].get(i) == "S"
    ]
    assert not same
