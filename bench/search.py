"""What does a hybrid search with five facets cost beside the bare parts that it is made of, and over HTTP?

    python -m bench.search --resources 20000                       a quick try
    python -m bench.search --out search.md --out search.json       100,000 resources

Engine, bare Tantivy and bare vector comparing are asked every query in turn in one process; then the program's
server is started on the same bank and asked over one connection and over many.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from rich.progress import Progress

from bench.bank import Bank
from bench.bare import BareTantivy, scans
from bench.cloud import DIM
from bench.http_load import ask
from bench.questions import FIVE_FACETS, KnownTexts
from bench.report import (
    deliver,
    descendants,
    folder_bytes,
    machine,
    megabytes,
    progress_bar,
    proportional_bytes,
    resident_bytes,
    table,
)
from bench.serving import DATA, open_bank, save_queries
from bench.timing import Ratio, Spread, ratio_of_medians, timed
from engine.bootstrap import load_settings, open_engine
from engine.model import COMMON_EDITION, BuildInfo, IndexQuery, LexicalQuery, SearchRequest, Vectors
from engine.query import parse
from engine.service import Engine
from graph.competence_graph import CompetenceGraph
from vocab.analysis import ANALYSIS_VERSION

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
CONNECTIONS = (1, 32)
WARM_UP = 20
RAW = "vectors.raw"
ENGINE = "engine"
TANTIVY = {
    "Tantivy alone, any of the terms, ten best and five facets": False,
    "Tantivy alone, the engine's selection, ten best and five facets": True,
}


def main() -> None:
    """Run the bench, on one thread as a server does: the environment says so before numpy is loaded."""
    options = _options()
    if ONE_THREAD.keys() - os.environ.keys():
        os.execve(
            sys.executable,
            [sys.executable, "-m", "bench.search", *sys.argv[1:]],
            ONE_THREAD | os.environ,
        )
    with progress_bar() as progress:
        figures: dict[str, Any] = {"machine": machine(), "queries": options.queries, "banks": []}
        for passages in options.passages:
            with bank_folder(options.folder, passages) as folder:
                figures["banks"].append(_measure(folder, options, passages, progress))
    deliver(markdown(figures), figures, options.out)


@contextmanager
def bank_folder(given: Path | None, passages: int) -> Iterator[Path]:
    """Yield the folder of a bank: under the one that is given and stays, or one that goes."""
    place = (
        nullcontext(str(given / f"passages-{passages}"))
        if given
        else tempfile.TemporaryDirectory(prefix="bench-")
    )
    with place as path:
        yield Path(path)


def _measure(folder: Path, options: argparse.Namespace, passages: int, progress: Progress) -> dict[str, Any]:
    bank = Bank(options.resources, seed=options.seed, most_passages=passages)
    bare = BareTantivy(folder / "bare", FIVE_FACETS)
    if not (folder / "queries.npz").exists():
        write(folder, bank, bare, options.queries + WARM_UP, progress)
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    engine = open_bank(folder)
    try:
        figures = in_process(engine, bare, vectors, progress)
        if len(vectors) == bank.size:
            figures["nearest_found"] = nearest_found(engine, vectors)
        figures["resident"] = resident_bytes()
    finally:
        engine.close()
    figures |= {
        "resources": bank.size,
        "most_passages": passages,
        "passages": len(vectors),
        "disk": folder_bytes(folder / DATA / "builds"),
        "vectors": vectors.nbytes,
    }
    del vectors
    figures["http"] = [over_http(folder, options, workers) for workers in options.workers]
    return figures


def over_http(folder: Path, options: argparse.Namespace, workers: int) -> dict[str, Any]:
    """Ask the program's server, with so many processes, over one connection and over many."""
    figures: dict[str, Any] = {"workers": workers, "connections": {}}
    with server(folder, workers) as (address, process):
        paths = [
            "/v1/search?" + urlencode({"q": text}) for text in list(_known(folder).known)[: options.queries]
        ]
        ask(address, paths[:WARM_UP] * workers, 4 * workers)
        _wait_for_rest(process.pid)
        for connections in CONNECTIONS:
            begun, ours = _processor_seconds(process.pid), time.process_time()
            load = ask(address, paths * (1 if connections == 1 else options.rounds), connections)
            answers = len(load.seconds)
            figures["connections"][str(connections)] = {
                **asdict(Spread.of(load.seconds)),
                "a_second": load.rate,
                "failed": load.failed,
                "bytes": load.received / answers,
                "processor": 1000 * (_processor_seconds(process.pid) - begun) / answers,
                "asking": 1000 * (time.process_time() - ours) / answers,
            }
        every = [process.pid, *descendants(process.pid)]
        figures["resident"] = sum(map(resident_bytes, every))
        figures["proportional"] = sum(map(proportional_bytes, every))
    return figures


def write(folder: Path, bank: Bank, bare: BareTantivy, queries: int, progress: Progress) -> None:
    """Write the bank as a build of the engine, to the bare index, and its vectors to a file."""
    (folder / DATA).mkdir(parents=True, exist_ok=True)
    engine = open_engine(load_settings(data=folder / DATA, embedder="none"))
    task = progress.add_task("writing the bank", total=bank.size)
    passages = 0
    try:
        with engine.builds.stage() as staged, (folder / RAW).open("wb") as raw:
            for batch in bank.batches():
                staged.index.add(batch)
                bare.add(batch)
                for entry in batch:
                    if entry.vectors is not None:
                        raw.write(np.ascontiguousarray(entry.vectors, dtype=np.float32).data)
                        passages += len(entry.vectors)
                progress.update(task, advance=len(batch))
            CompetenceGraph.build([], []).save(staged.folder / "graph.jsonl")
            info = BuildInfo(
                id=staged.id,
                created=datetime.now(UTC),
                resources=bank.size,
                passages=passages,
                vectors_missing=0,
                applied_seq=engine.catalogue.last_seq(),
                analysis_version=ANALYSIS_VERSION,
                model_id=KnownTexts().model_id,
                vocabulary_version=engine.vocabulary.version,
                dim=DIM,
            )
            engine.builds.publish(staged, info)
    finally:
        engine.close()
    bare.finish()
    raw_vectors = np.memmap(folder / RAW, np.float32, "r", shape=(passages, DIM))
    saved = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, raw_vectors.shape)
    saved[:] = raw_vectors
    saved.flush()
    del raw_vectors, saved
    (folder / RAW).unlink()
    save_queries(folder, KnownTexts({query.topic: query.vector for query in bank.queries(queries)}))


def in_process(engine: Engine, bare: BareTantivy, vectors: Vectors, progress: Progress) -> dict[str, Any]:
    """Ask engine, Tantivy and vectors the same in turn."""
    texts = list(engine.embedder.known)  # type: ignore[union-attr]
    queries = [
        (
            {
                name: bare.query(_lexical(engine, text), COMMON_EDITION, selective=selective)
                for name, selective in TANTIVY.items()
            },
            text,
        )
        for text in texts
    ]
    ways = scans(np.ascontiguousarray(vectors))
    retrieval = _Retrieval(engine)
    times: dict[str, list[float]] = {name: [] for name in (ENGINE, *TANTIVY, *ways)}
    worked: dict[str, list[float]] = {name: [] for name in times}
    totals: list[int] = []
    for number, (alone, text) in enumerate(progress.track(queries, description="asking in process")):
        vector = engine.embedder.encode([text], "query")[0]  # type: ignore[union-attr]
        request = SearchRequest(text=text, facets=FIVE_FACETS)
        calls: list[tuple[str, Callable[[], Any]]] = [
            (ENGINE, lambda request=request: engine.search(request)),
            *((name, lambda query=query: bare.search(query)) for name, query in alone.items()),
            *((name, lambda way=way, vector=vector: way(vector)) for name, way in ways.items()),
        ]
        turn = number % len(calls)
        for name, call in calls[turn:] + calls[:turn]:
            begun = time.process_time()
            answer, seconds = timed(call)
            if number >= WARM_UP:
                times[name].append(seconds)
                worked[name].append(time.process_time() - begun)
                if name == ENGINE:
                    totals.append(answer.total)
        retrieval.note(number >= WARM_UP)
    times[_Retrieval.NAME], worked[_Retrieval.NAME] = retrieval.kept, retrieval.worked
    best = min(ways, key=lambda name: float(np.median(times[name])))
    words = min(TANTIVY, key=lambda name: float(np.median(times[name])))
    both = [a + b for a, b in zip(times[words], times[best], strict=True)]
    both_worked = [a + b for a, b in zip(worked[words], worked[best], strict=True)]
    ours = (ENGINE, _Retrieval.NAME)
    return {
        "times": {name: asdict(Spread.of(seconds)) for name, seconds in times.items()},
        "processor": {name: asdict(Spread.of(seconds)) for name, seconds in worked.items()},
        "best_scan": best,
        "best_words": words,
        "bare_sum": asdict(Spread.of(both)),
        "bare_sum_processor": asdict(Spread.of(both_worked)),
        "results": float(np.median(totals)),
        "ratio": {name: asdict(ratio_of_medians(times[name], both)) for name in ours},
        "ratio_processor": {name: asdict(ratio_of_medians(worked[name], both_worked)) for name in ours},
    }


def nearest_found(engine: Engine, vectors: Vectors) -> float:
    """Return the share of the ten truly nearest that the index gives, where every resource has one vector."""
    index = engine._current().index
    ids = sorted(index.ids())
    known = list(engine.embedder.known.values())[WARM_UP:]  # type: ignore[union-attr]
    shares = []
    for query in known:
        cosines = vectors @ query
        truth = {ids[row] for row in np.argpartition(cosines, len(cosines) - 10)[-10:].tolist()}
        shares.append(len(truth.intersection(index.search(IndexQuery(vector=query, nearest=10)).ids)) / 10)
    return float(np.mean(shares))


class _Retrieval:
    """Times the index's part of each answer: both legs and all counts, without reading hits and marking words."""

    NAME = "of it: the index, both legs and five facets"

    def __init__(self, engine: Engine) -> None:
        engine.search(SearchRequest(text="", k=1))
        index = engine._current().index
        self._seconds, self._worked = 0.0, 0.0
        self.kept, self.worked = list[float](), list[float]()
        search = index.search

        def watched(query: Any) -> Any:
            begun = time.process_time()
            answer, seconds = timed(lambda: search(query))
            self._worked += time.process_time() - begun
            self._seconds += seconds
            return answer

        index.search = watched  # type: ignore[method-assign]

    def note(self, counted: bool) -> None:
        """End one query; keep its times if it counts."""
        if counted:
            self.kept.append(self._seconds)
            self.worked.append(self._worked)
        self._seconds = self._worked = 0.0


def _lexical(engine: Engine, text: str) -> LexicalQuery:
    snapshot = engine._current()
    lexical = parse(
        text,
        vocabulary=engine.vocabulary,
        matcher=engine.matcher,
        lexicon=snapshot.lexicon,
        frequencies=lambda terms: snapshot.index.document_frequency("terms", terms),
        size=snapshot.info.resources,
    ).lexical
    if lexical is None:
        raise ValueError(f"the query {text!r} has no words")
    return lexical


def _known(folder: Path) -> KnownTexts:
    with np.load(folder / "queries.npz") as saved:
        return KnownTexts(dict(zip(saved["texts"].tolist(), saved["vectors"], strict=True)))


@contextmanager
def server(folder: Path, workers: int = 1) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start the program's server on a bank in processes of its own; yield its address and the first of them."""
    command = [sys.executable, "-m", "bench.serving", str(folder), str(workers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            for _ in range(600):
                try:
                    if not ask(address, ["/v1/search?q="] * 8 * workers, 4 * workers).failed:
                        break
                except OSError:
                    time.sleep(0.1)
            yield address, process
        finally:
            process.terminate()


def _wait_for_rest(pid: int) -> None:
    """Wait until a server has read what it reads after its start."""
    used = _processor_seconds(pid)
    for _ in range(120):
        time.sleep(1)
        before, used = used, _processor_seconds(pid)
        if used - before < 0.1:
            return


def _processor_seconds(pid: int) -> float:
    """Return the processor time that a process and those it has started have used, 0 where that is not told."""
    total = 0.0
    for each in (pid, *descendants(pid)):
        try:
            fields = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _ratio(ratio: dict[str, float]) -> str:
    return str(Ratio(**ratio))


def markdown(figures: dict[str, Any]) -> str:
    """Return the report."""
    text = [f"{figures['machine']}; {figures['queries']} queries."]
    for bank in figures["banks"]:
        times = bank["times"] | {"Tantivy and best scan": bank["bare_sum"]}
        processor = bank["processor"] | {"Tantivy and best scan": bank["bare_sum_processor"]}
        rows = [
            [name, spread["p50"], spread["p99"], processor[name]["p50"]] for name, spread in times.items()
        ]
        ratios = "; ".join(
            f"{name} {_ratio(r)}, by processor time {_ratio(bank['ratio_processor'][name])}"
            for name, r in bank["ratio"].items()
        )
        http = [
            [
                f"{served['workers']} / {n}",
                *(f[x] for x in ("p50", "p99", "a_second", "failed", "bytes", "processor", "asking")),
            ]
            for served in bank["http"]
            for n, f in served["connections"].items()
        ]
        memory = "; ".join(
            f"{served['workers']}: {megabytes(served['proportional'])} ({megabytes(served['resident'])})"
            for served in bank["http"]
        )
        text += [
            f"## {bank['resources']:,} resources, {bank['passages']:,} passages (1 to {bank['most_passages']})",
            (
                f"{bank['results']:.0f} results (median). Index {megabytes(bank['disk'])} on disk, of which "
                f"vectors {megabytes(bank['vectors'])}. Memory by server processes, shared pages counted once "
                f"(each time): {memory}."
                + (f" Nearest found: {bank['nearest_found']:.3f}." if "nearest_found" in bank else "")
            ),
            table(["in process", "p50 [ms]", "p99", "p50 processor [ms]"], rows),
            f"To the sum of the cheaper Tantivy and the best scan ({bank['best_scan']}): {ratios}.",
            table(
                [
                    "processes / connections",
                    "p50 [ms]",
                    "p99",
                    "answers a second",
                    "failed",
                    "bytes",
                    "processor [ms]",
                    "asking [ms]",
                ],
                http,
            ),
        ]
    return "\n\n".join(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--resources", type=int, default=100_000)
    parser.add_argument(
        "--passages", type=int, nargs="*", default=[1, 4], help="most a resource; each is a bank"
    )
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5, help="how often many connections ask all queries")
    parser.add_argument(
        "--workers", type=int, nargs="*", default=[1, 2], help="server processes; each is tried in turn"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="keep the banks here and use what is there")
    parser.add_argument("--out", type=Path, action="append", default=[], help=".json: figures; else Markdown")
    return parser.parse_args()


if __name__ == "__main__":
    main()
