import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from contract.embedder import EmbedderContract
from engine.adapters.hashing_embedder import HashingEmbedder


class TestHashingEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self):
        return HashingEmbedder()


def test_another_process_gives_the_same_row():
    program = (
        "from engine.adapters.hashing_embedder import HashingEmbedder\n"
        "print(HashingEmbedder().encode(['fallforebygging'], 'query').tobytes().hex())"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    (row,) = HashingEmbedder().encode(["fallforebygging"], "query")
    np.testing.assert_array_equal(np.frombuffer(bytes.fromhex(result.stdout), np.float32), row)
