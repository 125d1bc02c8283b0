import pytest

from contract.embedder import EmbedderContract
from engine.adapters.onnx_e5_embedder import OnnxE5Embedder
from engine.adapters.recentred_embedder import RecentredEmbedder, bundled_axis


@pytest.fixture(scope="module")
def embedder():
    return RecentredEmbedder(OnnxE5Embedder(), bundled_axis())


class TestRecentredEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, embedder):
        return embedder
