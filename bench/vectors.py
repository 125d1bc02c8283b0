"""How well and how fast does the cluster find near vectors among a million, with and without a filter?

    python -m bench.vectors --vectors 50000                     a quick try
    python -m bench.vectors --folder DIR --out vectors.md       a million; killed, it goes on where it was

One vector a document, in the mapping that the adapter uses. Recall is of the ten nearest against all vectors
compared. A filter is asked for in the vector query, so that the graph is walked under it.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from opensearchpy import OpenSearch
from rich.progress import Progress

from bench.cloud import DIM
from bench.report import deliver, machine, megabytes, progress_bar, resident_bytes, table
from bench.server import force_merge, server_at, server_figures
from bench.timing import Ratio, Spread, ratio_of_medians, timed
from bench.vector_bank import FILTERS, PLAIN, SEED, WANTED, VectorBank, exact_answers, make_bank
from engine.adapters.opensearch_schema import HNSW, vector_mapping

INDEX = "bench-vectors"
STATE = "state.json"
BULK = 1_000
"""Vectors in a bulk request: 4 MB of text."""
MERGE = "to one segment"


def main() -> None:
    """Run the bench."""
    options = _options()
    temporary = options.folder is None
    folder = Path(tempfile.mkdtemp(prefix="bench-vectors-")) if temporary else options.folder
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with progress_bar() as progress, server_at(options.url, folder / "server", options.heap) as url:
            client = OpenSearch(url, timeout=600, max_retries=0)
            figures = _run(options, client, folder, progress)
            if not options.keep:
                (folder / STATE).unlink()
                client.indices.delete(index=INDEX)
    finally:
        if temporary:
            shutil.rmtree(folder)
    deliver(markdown(figures), figures, options.out)


def _run(options: argparse.Namespace, client: OpenSearch, folder: Path, progress: Progress) -> dict[str, Any]:
    state = State.open(folder / STATE, {"vectors": options.vectors, "seed": SEED, **HNSW})
    bank = make_bank(folder, options.vectors, options.queries, progress)
    exact = exact_answers(bank, progress)
    fill(client, bank, state, options.writers, progress)
    points = [tuple(map(int, point.split("/"))) for point in options.points]
    if "as_written" not in state.values:
        client.indices.refresh(index=INDEX)
        as_written = measure(client, bank, exact, points, progress, "as written")
        state.write(as_written=as_written)
    if options.merge and "merge_seconds" not in state.values:
        task = progress.add_task("merging to one segment", total=None)
        _, seconds = timed(lambda: force_merge(client, INDEX))
        state.write(merge_seconds=seconds)
        progress.update(task, total=1, completed=1)
    measured = {"as written": state.values["as_written"]}
    if "merge_seconds" in state.values:
        measured[MERGE] = measure(client, bank, exact, points, progress, MERGE)
    return {
        "machine": machine(),
        "vectors": options.vectors,
        "dimensions": DIM,
        "queries": options.queries,
        "hnsw": dict(HNSW),
        "writers": options.writers,
        "index_seconds": state.values["index_seconds"],
        "interrupted": state.values.get("runs", 1) > 1,
        "merge_seconds": state.values.get("merge_seconds"),
        "server": server_figures(client, INDEX),
        "client_resident": resident_bytes(),
        "measured": measured,
    }


class State:
    """How far the index has come, in a file that is replaced whole."""

    def __init__(self, path: Path, values: dict[str, Any]) -> None:
        self.path, self.values = path, values

    @classmethod
    def open(cls, path: Path, of: dict[str, Any]) -> "State":
        """Read it; one of other vectors is begun anew."""
        if path.exists() and (values := json.loads(path.read_text("utf-8")))["of"] == of:
            return cls(path, values)
        return cls(path, {"of": of, "indexed": 0, "index_seconds": 0.0})

    def write(self, **values: Any) -> None:
        """Change values."""
        self.values |= values
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(self.values), encoding="utf-8")
        beside.replace(self.path)


def fill(client: OpenSearch, bank: VectorBank, state: State, writers: int, progress: Progress) -> None:
    """Write all vectors to the index, from where an earlier run has stopped."""
    there = client.indices.exists(index=INDEX)
    if not (there and state.values["indexed"]):
        state.values = {"of": state.values["of"], "indexed": 0, "index_seconds": 0.0}
        if there:
            client.indices.delete(index=INDEX)
        client.indices.create(index=INDEX, body=_index_body())
    n, done = len(bank.vectors), state.values["indexed"]
    if done == n:
        return
    state.write(runs=state.values.get("runs", 0) + 1)
    task = progress.add_task("writing to the index", total=n, completed=done)
    before, begun = state.values["index_seconds"], time.perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        running: deque[tuple[int, Future[None]]] = deque()
        for start in range(done, n, BULK):
            running.append((start, pool.submit(_write, client, bank, start, min(n, start + BULK))))
            if len(running) > 2 * writers or start + BULK >= n:
                while running and (len(running) > writers or start + BULK >= n):
                    first, future = running.popleft()
                    future.result()
                    end = min(n, first + BULK)
                    state.write(indexed=end, index_seconds=before + time.perf_counter() - begun)
                    progress.update(task, completed=end)
    client.indices.refresh(index=INDEX)
    client.indices.flush(index=INDEX)
    state.write(index_seconds=before + time.perf_counter() - begun)
    count = client.count(index=INDEX)["count"]
    if count != n:
        raise RuntimeError(f"{n:,} vectors were written and {count:,} are there")


def _write(client: OpenSearch, bank: VectorBank, start: int, end: int) -> None:
    vectors = np.ascontiguousarray(bank.vectors[start:end])
    lines = []
    for row in range(start, end):
        lines.append(b'{"index":{"_id":"%d"}}' % row)
        document = {name: str(values[row]) for name, values in bank.columns.items()}
        lines.append(
            orjson.dumps({**document, "vector": vectors[row - start]}, option=orjson.OPT_SERIALIZE_NUMPY)
        )
    answer = client.bulk(
        index=INDEX, body=b"\n".join(lines) + b"\n", params={"filter_path": "errors,items.*.error"}
    )
    if answer["errors"]:
        raise RuntimeError(f"vectors {start} to {end} were not all written: {answer['items'][:1]}")


def measure(
    client: OpenSearch,
    bank: VectorBank,
    exact: dict[str, NDArray[np.float32]],
    points: list[tuple[int, ...]],
    progress: Progress,
    name: str,
) -> list[dict[str, Any]]:
    """Ask every query under every filter at every point, in turn, so that noise hits all alike."""
    variants = [(k, ef, filtered) for k, ef in points for filtered in FILTERS]
    times: dict[tuple[int, int, str], list[float]] = {variant: [] for variant in variants}
    recalls: dict[tuple[int, int, str], list[float]] = {variant: [] for variant in variants}
    for variant in variants:  # what is asked first pays for what is not compiled or read yet
        for query in range(min(20, len(bank.queries))):
            _search(client, bank, query, *variant)
    order = np.random.default_rng(0)
    for query in progress.track(range(len(bank.queries)), description=f"asking, {name}"):
        for number in order.permutation(len(variants)).tolist():
            variant = variants[number]
            answer, seconds = timed(partial(_search, client, bank, query, *variant))
            times[variant].append(seconds)
            recalls[variant].append(_recall(bank, exact[variant[2]][query], query, answer))
    segments = server_figures(client, INDEX)["segments"]
    return [
        {
            "k": k,
            "ef": ef,
            "filter": filtered,
            "recall": float(np.mean(recalls[k, ef, filtered])),
            "worst_recall": float(np.min(recalls[k, ef, filtered])),
            **asdict(Spread.of(times[k, ef, filtered])),
            "to_unfiltered": asdict(ratio_of_medians(times[k, ef, filtered], times[k, ef, PLAIN])),
            "segments": segments,
        }
        for k, ef, filtered in variants
    ]


def _search(client: OpenSearch, bank: VectorBank, query: int, k: int, ef: int, filtered: str) -> list[int]:
    knn: dict[str, Any] = {
        "vector": bank.queries[query].tolist(),
        "k": k,
        "method_parameters": {"ef_search": ef},
    }
    if (narrowing := bank.filter(FILTERS[filtered], query)) is not None:
        knn["filter"] = {"bool": {"filter": [narrowing]}}
    answer = client.search(
        index=INDEX,
        body={"size": WANTED, "_source": False, "query": {"knn": {"vector": knn}}},
        params={"filter_path": "hits.hits._id,_shards.failed", "request_cache": "false"},
    )
    if answer["_shards"]["failed"]:
        raise RuntimeError("a shard did not answer")
    return [int(hit["_id"]) for hit in answer.get("hits", {}).get("hits", [])]


def _recall(bank: VectorBank, best: NDArray[np.float32], query: int, found: list[int]) -> float:
    """Return the share of the nearest that were found; one as near as the last of them counts."""
    nearest = best[np.isfinite(best)]
    if not len(nearest):
        return 1.0
    cosines = bank.vectors[found] @ bank.queries[query]
    return min(1.0, int(np.count_nonzero(cosines >= nearest[-1] - 1e-5)) / len(nearest))


def _index_body() -> dict[str, Any]:
    vector = vector_mapping(DIM)["properties"]["passages"]["properties"]["vector"]
    return {
        "settings": {
            "index": {"knn": True, "number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"}
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"enabled": False},
            "properties": {
                **{name: {"type": "keyword"} for name in ("hundredth", "tenth", "theme")},
                "vector": vector,
            },
        },
    }


def _about(figures: dict[str, Any]) -> str:
    server = figures["server"]
    return (
        f"{figures['machine']}; OpenSearch {server['version']} on Java {server['java']}, one shard, "
        f"{figures['writers']} writers; HNSW of Lucene with "
        f"{', '.join(f'{name} {value}' for name, value in figures['hnsw'].items())}."
    )


def markdown(figures: dict[str, Any]) -> str:
    """Return the report."""
    server = figures["server"]
    seconds, n = figures["index_seconds"], figures["vectors"]
    lines = [
        f"# Near vectors among {n:,}",
        "",
        _about(figures),
        "",
        table(
            ["What", "Figure"],
            [
                ["index seconds" + (" (in several runs)" if figures["interrupted"] else ""), seconds],
                ["vectors a second", n / seconds],
                ["seconds to merge to one segment", figures["merge_seconds"] or "not merged"],
                ["index on disk", megabytes(server["disk"])],
                ["heap used, of", f"{megabytes(server['heap_used'])}, {megabytes(server['heap_max'])}"],
                ["memory of the server, mapped files too", megabytes(server["resident"])],
            ],
        ),
    ]
    for name, rows in figures["measured"].items():
        lines += [
            "",
            f"## {name[0].upper()}{name[1:]} ({rows[0]['segments']} segments), {figures['queries']} queries",
            "",
            table(
                ["k / ef, filter", "recall@10", "worst", "p50 ms", "p99 ms", "p50 to unfiltered"],
                [
                    [
                        f"{row['k']} / {row['ef']}, {row['filter']}",
                        f"{row['recall']:.3f}",
                        f"{row['worst_recall']:.1f}",
                        f"{row['p50']:.1f}",
                        f"{row['p99']:.1f}",
                        Ratio(**row["to_unfiltered"]),
                    ]
                    for row in rows
                ],
            ),
        ]
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.vectors", description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument(
        "--points",
        nargs="+",
        default=["10/10", "10/50", "10/100", "10/200", "10/500", "200/200"],
        metavar="K/EF",
        help="neighbours asked for, and candidates kept while the graph is walked",
    )
    parser.add_argument("--url", help="address of a server (default: start one)")
    parser.add_argument("--heap", default="3g", help="Java heap of a server that is started (default 3g)")
    parser.add_argument("--writers", type=int, default=2, help="bulk requests at a time (default 2)")
    parser.add_argument("--folder", type=Path, help="where to keep vectors, state and server, to go on later")
    parser.add_argument(
        "--no-merge",
        dest="merge",
        action="store_false",
        help="measure the index as it was written, and leave out the merge (half an hour a million on two cores)",
    )
    parser.add_argument("--keep", action="store_true", help="leave the index, so that the next run only asks")
    parser.add_argument(
        "--out", type=Path, action="append", default=[], help="FILE.md or FILE.json, repeatable"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
