"""Which texts share pieces of words? An embedder without a model, for tests.

Each character 3-gram adds 1 or -1 to one of `dim` coordinates, chosen by a hash that is the same in
every process; so texts that share words are near each other, and nothing else is meant by it.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal

import numpy as np

from engine.model import Vectors

_GRAM = 3


class HashingEmbedder:
    """A bag of hashed character 3-grams of the lower-case text; queries and passages alike.

    Examples
    --------
    >>> embedder = HashingEmbedder()
    >>> a, b, c = embedder.encode(["fallforebygging", "forebygging av fall", "sårstell"], "passage")
    >>> bool(a @ b > a @ c)
    True
    """

    model_id = "hashed-3-grams/1"
    dim = 64
    floor = 0.3

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:  # noqa: ARG002
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            padded = f" {' '.join(text.lower().split())} "
            for start in range(max(1, len(padded) - _GRAM + 1)):
                gram = padded[start : start + _GRAM]
                data = blake2b(gram.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                number = int.from_bytes(data, "little")
                row[number % self.dim] += 1.0 if number >> 63 else -1.0
            if not row.any():  # its grams have cancelled out
                row[0] = 1.0
            row /= np.linalg.norm(row)
        return rows
