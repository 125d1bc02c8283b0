"""The packaged bank: it loads without a doubt, its references hold, and its vectors are its own."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InvalidRequest
from engine.passages import passage_hash, passage_texts, split_passages
from engine.service import Engine
from indexer.sample import load_sample, write_sample_vectors
from indexing import open_small_engine

DATA = Path(__file__).parents[2] / "indexer" / "data" / "sample"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_small_engine(tmp_path_factory.mktemp("sample"))
    report = load_sample(engine)
    assert report.resources.problems == ()
    assert report.resources.warnings == ()
    yield engine
    engine.close()


def test_a_second_load_changes_nothing(engine: Engine) -> None:
    seq, plan_seq = engine.catalogue.last_seq(), engine.catalogue.plan_seq()
    report = load_sample(engine)
    assert (report.resources.added, report.resources.updated) == (0, 0)
    assert report.resources.unchanged == engine.catalogue.count()
    assert not [*report.roles.added, *report.requirements.updated, *report.plans.updated]
    assert (engine.catalogue.last_seq(), engine.catalogue.plan_seq()) == (seq, plan_seq)


def test_everything_is_marked_as_sample_content(engine: Engine) -> None:
    assert all(r.sample for r in engine.catalogue.all())
    assert all(p.sample for p in engine.plans().values())
    assert "invented" in (DATA / "SOURCES.md").read_text("utf-8")


def test_plans_and_resources_name_roles_and_requirements_that_exist(engine: Engine) -> None:
    roles, requirements = engine.roles(), engine.requirements()
    for plan in engine.plans().values():
        assert set(plan.roles) <= roles.keys(), plan.id
        assert {line.requirement for line in plan.lines} <= requirements.keys(), plan.id
    for resource in engine.catalogue.all():
        assert set(resource.teaches) <= requirements.keys(), resource.id
        assert set(resource.audience) <= roles.keys(), resource.id


def test_the_packaged_vectors_are_unit_rows_of_the_bank_s_passages(engine: Engine) -> None:
    wanted = {
        passage_hash(text)
        for resource in engine.catalogue.all(status="published")
        for text in passage_texts(resource, split_passages(resource.body))
    }
    found = sorted((DATA / "vectors").glob("*.npz"))
    assert found
    for path in found:
        with np.load(path, allow_pickle=False) as archive:
            vectors = archive["vectors"]
            hashes = {h.decode() for h in archive["hashes"].tolist()}
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
        assert hashes == wanted, "texts have changed: run indexer.sample.write_sample_vectors"


def test_vectors_are_written_and_taken_over_by_the_same_model(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = write_sample_vectors(engine, tmp_path / "sample" / "vectors" / "v.npz")
    data = (tmp_path / "sample" / "vectors" / "v.npz").read_bytes()
    write_sample_vectors(engine, tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == data
    for name in ("resources", "plans"):
        (tmp_path / "sample" / name).symlink_to(DATA / name)
    from contextlib import nullcontext

    monkeypatch.setattr("indexer.sample._folder", lambda: nullcontext(tmp_path / "sample"))
    other = open_small_engine(tmp_path / "other")
    assert load_sample(other).vectors == count > 700
    assert load_sample(other).vectors == 0
    other.close()
    without = open_small_engine(tmp_path / "without", "none")
    assert load_sample(without).vectors == 0
    with pytest.raises(InvalidRequest, match="no model"):
        write_sample_vectors(without, tmp_path / "x.npz")
    without.close()
