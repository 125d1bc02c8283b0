"""Write the vectors of the vocabulary's concepts: run when labels or definitions have changed (a test says so).

PYTHONPATH=. python scripts/build_concept_vectors.py
"""

import tempfile
from pathlib import Path

import numpy as np

from engine.bootstrap import load_settings, open_engine
from engine.concept_vectors import concept_texts, digest_of
from engine.meant_concept import SCHEMES

TARGET = Path(__file__).parent.parent / "engine" / "adapters" / "data" / "concept_vectors.npz"


def main():
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(load_settings(data=Path(folder)))
        model = engine.embedder
        concepts = [c for c in engine.vocabulary if c.scheme in SCHEMES and not c.deprecated]
        texts = [concept_texts(c) for c in concepts]
        sides = []
        for side in zip(*texts, strict=True):
            sides.append(
                np.concatenate([model.encode(side[i : i + 64], "passage") for i in range(0, len(side), 64)])
            )
        engine.close()
    np.savez_compressed(
        TARGET,
        model_id=model.model_id,
        ids=np.array([str(c.id) for c in concepts]),
        digests=np.array([digest_of(c) for c in concepts]),
        rows=((sides[0] + sides[1]) / 2).astype(np.float16),
    )
    print(f"{len(concepts)} concepts: {TARGET}")


if __name__ == "__main__":
    main()
