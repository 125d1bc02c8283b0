"""What does a query speak of? The score by hand, and the bundled model's on words that it has not seen."""

from dataclasses import replace

import numpy as np
import pytest

from engine.bootstrap import load_settings, open_embedder
from engine.subject import NEAREST_TOPICS, SubjectModel, bundled_subject

MODEL = SubjectModel(
    "m",
    direction=np.array([2, 0, 0], dtype=np.float32),
    topics=np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, -1, 0]], dtype=np.float32),
    bias=0.5,
    pull=3.0,
)


def test_the_score_is_the_direction_and_the_nearest_topics():
    assert NEAREST_TOPICS == 3
    assert MODEL.score(np.array([1, 0, 0], dtype=np.float32)) == pytest.approx(2 + 0.5 + 3 * (1 + 0 + 0) / 3)
    assert MODEL.score(np.array([0, 1, 0], dtype=np.float32)) == pytest.approx(0.5 + 3 * 1 / 3)
    assert replace(MODEL, pull=0.0).score(np.array([0, 1, 0], dtype=np.float32)) == pytest.approx(0.5)


def test_a_bank_scores_the_median_of_its_passages():
    rows = np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0]], dtype=np.float32)
    assert MODEL.score_of_bank(rows) == pytest.approx(sorted(MODEL.score(row) for row in rows)[1])


def test_other_models_have_none():
    assert bundled_subject("another-model") is None


@pytest.fixture(scope="module")
def bundled():
    embedder = open_embedder(load_settings())
    assert embedder is not None
    model = bundled_subject(embedder.model_id)
    assert model is not None
    return lambda text: model.score(embedder.encode([text], "query")[0])


@pytest.mark.parametrize(
    ("health", "other"),
    [
        ("oppfølging etter hjertetransplantasjon", "reparasjon av girkasse"),
        ("leddproteser hos pasienter med psoriasis", "strikkepinner og garn"),
        ("postoperative infections", "medieval castles"),
        ("rettleiing av turnusfysioterapeutar", "kart over fjelltoppar"),
        ("avslutning av antibiotikakur", "kampanje på flatskjermer"),
    ],
)
def test_health_scores_above_all_else(bundled, health, other):
    assert bundled(health) > bundled(other) + 2
