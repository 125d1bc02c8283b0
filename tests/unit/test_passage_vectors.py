"""Comparing in eight bits: bounds that hold, and answers that are those of comparing exactly."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from engine.adapters import passage_vectors
from engine.adapters.passage_vectors import PassageVectors, VectorSegment, nearest_rows, write_segment
from engine.adapters.quantised_vectors import QuantisedVectors, quantise

DIM = 48


def cone(n, seed, spread=0.5):
    """Unit vectors around one direction, as a model's are."""
    rng = np.random.default_rng(seed)
    rows = np.ones(DIM) / np.sqrt(DIM) + spread * rng.standard_normal((n, DIM)) / np.sqrt(DIM)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def everywhere(n, seed):
    return cone(n, seed, spread=50.0)


def one_outlier(n, seed):
    rows = cone(n, seed)
    rows[n // 2] = np.eye(DIM, dtype=np.float32)[3]
    return rows


def all_alike(n, seed):
    return np.repeat(cone(1, seed), n, axis=0)


@pytest.fixture(params=[cone, everywhere, one_outlier, all_alike], ids=lambda kind: kind.__name__)
def vectors(request):
    return request.param(400, 1)


class TestQuantised:
    @pytest.mark.parametrize("seed", range(5))
    def test_no_cosine_is_wrong_by_more_than_the_margin(self, vectors, seed):
        query = cone(1, 100 + seed)[0]
        rough, margin = QuantisedVectors(quantise(vectors)).cosines(query)
        exact = vectors.astype(np.float64) @ query.astype(np.float64)
        assert np.abs(rough - exact).max() <= margin

    def test_the_margin_of_vectors_in_a_cone_is_narrow(self):
        rough, margin = QuantisedVectors(quantise(cone(400, 1))).cosines(cone(1, 2)[0])
        assert margin < 0.01
        assert np.ptp(rough) > 10 * margin

    @pytest.mark.parametrize("rounded", ["vectors", "query"])
    def test_the_margin_holds_when_all_rounding_goes_the_same_way(self, rounded):
        rng = np.random.default_rng(0)
        row, asked = rng.integers(10, 100, (2, DIM)) * rng.choice([-1, 1], (2, DIM))
        row[0], asked[0] = 127, 127  # what the scale is taken from
        away = np.where(np.arange(DIM) == 0, 0.0, 0.45)
        vector = row + (away * np.sign(asked) if rounded == "vectors" else 0)
        query = ((asked + (away * np.sign(row) if rounded == "query" else 0)) / 1270).astype(np.float32)
        vectors = (np.stack([vector, -vector]) / 1270).astype(np.float32)  # their mean is zero
        rough, margin = QuantisedVectors(quantise(vectors)).cosines(query)
        wrong = np.abs(rough - vectors.astype(np.float64) @ query.astype(np.float64)).max()
        assert 0.5 * margin < wrong <= margin

    def test_queries_compared_in_one_pass_get_what_each_gets_alone(self):
        vectors, queries = QuantisedVectors(quantise(cone(500, 1))), cone(4, 2)
        alone = [vectors.cosines(query) for query in queries]
        passes = vectors._products
        with ThreadPoolExecutor(len(queries)) as threads:
            with passes._pass:  # as while another is being compared
                together = [threads.submit(vectors.cosines, query) for query in queries]
                while len(passes._waiting) < len(queries):
                    time.sleep(0.001)
            for (rough, margin), found in zip(alone, together, strict=True):
                assert np.array_equal(found.result(10)[0], rough)
                assert found.result(10)[1] == margin
        assert not passes._waiting

    def test_a_vector_of_zeros_is_no_harm(self):
        rows = np.zeros((3, DIM), dtype=np.float32)
        rough, _ = QuantisedVectors(quantise(rows)).cosines(cone(1, 2)[0])
        assert rough.tolist() == [0.0, 0.0, 0.0]


def opened(folder, vectors, lengths, gone=()):
    """One segment whose runs belong to the rows in reverse order, but for those that are gone."""
    runs = np.split(vectors, np.cumsum(lengths)[:-1])
    write_segment(folder / "vectors-1.arrays", list(enumerate(runs)))
    kept = [ord_ for ord_ in range(len(lengths)) if ord_ not in gone]
    rows_of_ords = np.full(len(lengths), -1, dtype=np.int32)
    rows_of_ords[kept] = np.arange(len(kept))[::-1]
    segment = VectorSegment.open(folder, "vectors-1.arrays")
    return PassageVectors([segment], rows_of_ords, len(kept), DIM), rows_of_ords, runs


@pytest.fixture(params=["single passages", "many passages"])
def bank(request, tmp_path, monkeypatch, vectors):
    """The vectors quantised, the same as they are, and the exact best cosine of each row with its passage."""
    single = request.param == "single passages"
    lengths = [1] * len(vectors) if single else [1 + n % 3 for n in range(200)]
    used = vectors[: sum(lengths)]
    (tmp_path / "rough").mkdir()
    (tmp_path / "exact").mkdir()
    exact, rows_of_ords, runs = opened(tmp_path / "exact", used, lengths, gone={5, 17})
    monkeypatch.setattr(passage_vectors, "QUANTISED_ABOVE", 0)
    rough, _, _ = opened(tmp_path / "rough", used, lengths, gone={5, 17})
    assert rough.segments[0].is_quantised
    assert not exact.segments[0].is_quantised
    of_rows = {row: runs[ord_] for ord_, row in enumerate(rows_of_ords.tolist()) if row >= 0}
    return rough, exact, of_rows


class TestAnswersOfQuantisedSegments:
    @pytest.mark.parametrize("most", [0, 1, 7, 60, 10_000])
    @pytest.mark.parametrize("share", [1.0, 0.5, 0.02])
    def test_the_nearest_are_exactly_those_of_comparing_all(self, bank, most, share):
        rough, exact, of_rows = bank
        for seed in range(3):
            query = cone(1, 200 + seed)[0]
            mask = np.random.default_rng(seed).random(len(of_rows)) < share
            truth = np.array(
                [np.vecdot(of_rows[row], query).max() for row in range(len(of_rows))], np.float64
            )
            truth[~mask] = np.nan
            for floor in (-1.0, float(np.nanmedian(truth)) if mask.any() else 0.0, 2.0):
                wanted = nearest_rows(truth, floor, most)
                for vectors in (rough, exact):
                    found = vectors.nearest(query, vectors.compare(query, mask), floor, most)
                    assert found.rows.tolist() == wanted.tolist()
                    assert found.cosines.tolist() == truth[wanted].tolist()
                    passages = [int(np.argmax(np.vecdot(of_rows[row], query))) for row in wanted.tolist()]
                    assert found.passages.tolist() == passages

    def test_what_is_remembered_of_a_query_serves_another_mask(self, bank):
        rough, exact, of_rows = bank
        query, n = cone(1, 300)[0], len(of_rows)
        for mask in (np.ones(n, dtype=bool), np.arange(n) % 2 == 0, np.arange(n) % 3 == 0):
            found = [v.nearest(query, v.compare(query, mask), -1.0, 20).rows.tolist() for v in (rough, exact)]
            assert found[0] == found[1]
            assert mask[found[0]].all()

    def test_the_population_is_that_of_the_mask_but_for_the_margin(self, bank):
        rough, exact, of_rows = bank
        query, mask = cone(1, 400)[0], np.arange(len(of_rows)) % 3 != 0
        compared = rough.compare(query, mask)
        n, total, squares = compared.population
        truth = exact.compare(query, mask).population
        assert n == truth[0] == int(mask.sum())
        assert abs(total - truth[1]) <= n * compared.margin
        assert abs(squares - truth[2]) <= 2.1 * n * compared.margin

    def test_a_row_without_vectors_has_no_cosine(self, tmp_path):
        one = cone(1, 1)
        write_segment(tmp_path / "v.arrays", [(0, one)])
        vectors = PassageVectors(
            [VectorSegment.open(tmp_path, "v.arrays")], np.array([1, 0], dtype=np.int32), 2, DIM
        )
        cosines, passages = vectors.exact(one[0], np.array([0, 1]))
        assert np.isnan(cosines[0])
        assert passages.tolist() == [-1, 0]
        assert vectors.compare(one[0], np.ones(2, dtype=bool)).population[0] == 1
