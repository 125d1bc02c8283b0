"""Write what the bundled model says of every text: run when the model or the sample bank has changed much.

Passages are those of the sample bank, queries the labels of the vocabulary, each language counted alike.
"""

from pathlib import Path

import numpy as np

from engine.adapters.onnx_e5_embedder import OnnxE5Embedder
from engine.bootstrap import load_settings, open_engine
from engine.passages import passage_texts, split_passages
from indexer.sample import load_sample

TARGET = Path(__file__).parent.parent / "engine" / "adapters" / "data" / "language_axis.npy"
LABELS_OF_A_LANGUAGE = 400


def main():
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(load_settings(data=Path(folder), embedder="none"))
        load_sample(engine)
        resources = list(engine.catalogue.all(status="published"))
        labels = {
            lang: sorted({c.pref_label[lang] for c in engine.vocabulary if lang in c.pref_label})
            for lang in ("nb", "nn", "en")
        }
        engine.close()
    model = OnnxE5Embedder()
    texts = [(r.language, t) for r in resources for t in passage_texts(r, split_passages(r.body))]
    vectors = model.encode([t for _, t in texts], "passage")
    english = np.array([lang == "en" for lang, _ in texts])
    apart = vectors[english].mean(axis=0) - vectors[~english].mean(axis=0)
    rng = np.random.default_rng(1)
    picked = [
        str(t)
        for found in labels.values()
        for t in rng.choice(found, min(len(found), LABELS_OF_A_LANGUAGE), replace=False)
    ]
    queries = model.encode(picked, "query").mean(axis=0)
    axis = np.stack([queries, vectors.mean(axis=0), apart / np.linalg.norm(apart)]).astype(np.float32)
    TARGET.parent.mkdir(exist_ok=True)
    np.save(TARGET, axis, allow_pickle=False)
    print(f"{len(texts)} passages, {english.sum()} of them English, {len(picked)} labels: {TARGET}")


if __name__ == "__main__":
    main()
