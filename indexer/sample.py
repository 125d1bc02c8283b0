"""What is there to look at before one has content of one's own? A packaged bank of invented resources.

Everything in it is marked as sample content. Its vectors come with it, so that the first index is made
in seconds.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from engine.errors import InvalidRequest
from engine.model import UpsertReport
from engine.passages import passage_hash, passage_texts, split_passages
from engine.progress import Progress, Quiet
from engine.records import resource_from_record
from engine.service import Engine
from graph.order import check_prerequisites
from graph.records import plan_from_record, requirement_from_record, role_from_record
from indexer.embedding import PassageEmbedder
from indexer.importing import ImportReport, import_sources
from indexer.sources.jsonl import JsonlSource

SAMPLE_BY: Final = "sample"
"""Who wrote the sample bank, in the audit trail."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What loading the sample bank did; `vectors` counts those taken over from the package."""

    resources: ImportReport
    roles: UpsertReport
    requirements: UpsertReport
    plans: UpsertReport
    vectors: int


def load_sample(engine: Engine, progress: Progress | None = None) -> SampleReport:
    """Load the packaged roles, requirements, plans and resources; a second time changes nothing.

    Parameters
    ----------
    engine : Engine
        Into whose catalogue. The index is made by `indexer.pipeline.index`.
    progress : Progress, optional
        Told of files and records.

    Raises
    ------
    InvalidRequest
        If a packaged file of plans is broken.
    """
    progress = progress or Quiet()
    with _folder() as folder:
        plans = folder / "plans"
        roles = _records(plans / "roles.jsonl", role_from_record)
        requirements = _records(plans / "requirements.jsonl", requirement_from_record)
        check_prerequisites(requirements)
        at: datetime = engine.now()
        wrote_roles = engine.catalogue.upsert_roles(roles, by=SAMPLE_BY, at=at)
        wrote_requirements = engine.catalogue.upsert_requirements(requirements, by=SAMPLE_BY, at=at)
        wrote_plans = engine.catalogue.upsert_plans(
            _records(plans / "plans.jsonl", plan_from_record), by=SAMPLE_BY, at=at
        )
        sources = [JsonlSource(path, name=f"sample:{path.name}") for path in _resource_files(folder)]
        resources = import_sources(engine, sources, by=SAMPLE_BY, progress=progress)
        vectors = sum(_take_vectors(engine, path) for path in sorted((folder / "vectors").glob("*.npz")))
    return SampleReport(resources, wrote_roles, wrote_requirements, wrote_plans, vectors)


def write_sample_vectors(engine: Engine, path: Path) -> int:
    """Compute the vectors of the packaged resources and write them for the package.

    Parameters
    ----------
    engine : Engine
        With the model whose vectors are wanted.
    path : Path
        The ``.npz`` to write: `hashes`, ASCII bytes of shape ``(n,)``, sorted; `vectors`, float32 of
        shape ``(n, dim)``; `model_id`, one text.

    Returns
    -------
    int
        How many vectors.

    Raises
    ------
    InvalidRequest
        If the engine has no model, or a packaged record is broken.
    """
    if engine.embedder is None:
        raise InvalidRequest("there is no model to compute vectors with")
    with _folder() as folder:
        resources = [r for file in _resource_files(folder) for r in _records(file, resource_from_record)]
    texts = [
        text
        for resource in resources
        if resource.status == "published"
        for text in passage_texts(resource, split_passages(resource.body))
    ]
    by_hash = {passage_hash(text): text for text in texts}
    hashes = sorted(by_hash)
    vectors = PassageEmbedder(engine.embedder, engine.vectors).vectors([by_hash[h] for h in hashes])
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        hashes=np.array([h.encode() for h in hashes], dtype="S64"),
        vectors=vectors.astype(np.float32),
        model_id=np.array(engine.embedder.model_id),
    )
    return len(hashes)


@contextmanager
def _folder() -> Iterator[Path]:
    with as_file(files("indexer").joinpath("data").joinpath("sample")) as folder:
        yield Path(folder)


def _resource_files(folder: Path) -> list[Path]:
    return sorted((folder / "resources").glob("*.jsonl"))


def _records(path: Path, read: Callable[[dict[str, Any]], _T]) -> list[_T]:
    found = []
    for row, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            try:
                found.append(read(json.loads(line)))
            except ValueError as error:
                raise InvalidRequest(f"{path.name}, row {row}: {error}") from error
            except InvalidRequest as error:
                raise InvalidRequest(f"{path.name}, row {row}: {error}") from error
    return found


def _take_vectors(engine: Engine, path: Path) -> int:
    """Put packaged vectors into the cache if they are the model's own."""
    if engine.embedder is None:
        return 0
    with np.load(path, allow_pickle=False) as archive:
        if str(archive["model_id"]) != engine.embedder.model_id:
            return 0
        hashes = [h.decode() for h in archive["hashes"].tolist()]
        vectors = archive["vectors"].astype(np.float32, copy=False)
    known = engine.vectors.get(engine.embedder.model_id, hashes)
    new = {h: vector for h, vector in zip(hashes, vectors, strict=True) if h not in known}
    engine.vectors.put(engine.embedder.model_id, new)
    return len(new)
