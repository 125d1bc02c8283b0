"""What does a text mean? By any model that sentence-transformers loads: a folder, or of the hub.

A model is known by the content of its files, not by its name, so another version never meets old vectors. A
folder written by ``kompetansegraf model export`` is the bundled model and keeps that model's id and floor.
"""

import json
from collections.abc import Sequence
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from engine.adapters.e5_embedder import CACHED_QUERIES, CachingEmbedder, Kind
from engine.adapters.e5_export import NOTE, TENSORS
from engine.adapters.sentence_transformers_floor import PAIRS, floor_of
from engine.errors import InvalidRequest
from engine.model import Vectors

_TEXTS_AT_ONCE: Final = 16
_SAYS_NOTHING: Final = {NOTE, "README.md", "LICENSE"}


class SentenceTransformersEmbedder(CachingEmbedder):
    """A model of sentence-transformers, on one thread of the processor.

    Parameters
    ----------
    name : str
        A folder, or a name on the hub.
    floor : float, optional
        Cosine from which a passage shows that a query is about the bank; by default measured on texts
        that have nothing to do with each other.
    cached_queries
        Number of query vectors kept.

    Raises
    ------
    InvalidRequest
        If there is no such model, or it cannot be loaded.

    Notes
    -----
    Texts longer than the model takes are cut off by it; a passage of 120 words fits most models.
    """

    def __init__(
        self, name: str, *, floor: float | None = None, cached_queries: int = CACHED_QUERIES
    ) -> None:
        super().__init__(cached_queries=cached_queries)
        torch.set_num_threads(1)  # a second thread spins and slows all others down
        try:
            folder = Path(name) if Path(name).is_dir() else _from_hub(name)
            self._model = SentenceTransformer(str(folder), device="cpu")
        except Exception as e:  # whatever a broken folder makes it raise
            raise InvalidRequest(
                f"KG_EMBEDDER_MODEL: {name} is no model of sentence-transformers: {e}"
            ) from e
        self.model_id, known = _identity(folder)
        self.dim = int(self._rows(["a"], "query").shape[1])
        self.floor = floor if floor is not None else known if known is not None else self._measured()

    def _measured(self) -> float:
        questions, texts = zip(*PAIRS, strict=True)
        return floor_of(self._computed(questions, "query"), self._computed(texts, "passage"))

    def _computed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        rows = self._rows(texts, kind)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        rows[:, :1] += norms == 0  # a model may know nothing of a text
        unit: Vectors = (rows / np.maximum(norms, norms == 0)).astype(np.float32)
        return unit

    def _rows(self, texts: Sequence[str], kind: Kind) -> Vectors:
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        rows = encode(list(texts), batch_size=_TEXTS_AT_ONCE, convert_to_numpy=True, show_progress_bar=False)
        return np.array(rows, dtype=np.float32)


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(name))


def _identity(folder: Path) -> tuple[str, float | None]:
    """Return the model's id, and its floor where the folder knows it."""
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        with (folder / TENSORS).open("rb") as tensors:
            if file_digest(tensors, "sha256").hexdigest() == note[TENSORS]:
                return str(note["model_id"]), float(note["floor"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no note, or one of another program: known by its content
    digest = sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.name in _SAYS_NOTHING or path.name.startswith("."):
            continue
        with path.open("rb") as file:
            digest.update(f"{path.relative_to(folder).as_posix()}\n".encode())
            digest.update(file_digest(file, "sha256").digest())
    return f"sentence-transformers/{digest.hexdigest()[:16]}", None
