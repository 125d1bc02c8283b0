"""How long does a whole region take: a role, 500 roles, everybody? Beside networkx and igraph on the same graph.

    python -m bench.region --share 0.05                               a quick try
    python -m bench.region --folder DIR --out region.md --out region.json

The region is drawn by `bench.made_region`, written as a build keeps it, and opened by a process of its own.
"""

import argparse
import json
import multiprocessing
import os
import pickle
import resource as limits
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bench.made_region import TODAY, Size, make_region
from bench.region_walks import compare_walks
from bench.report import deliver, descendants, machine, megabytes, progress_bar, proportional_bytes, table
from bench.timing import Spread, timed
from cli.batch import Asker, run
from engine.batch import BatchRecommender
from engine.plan_data import PlanData
from engine.progress import Quiet
from engine.recommend import RecommendationRequest, Recommender
from engine.snapshot import ARRAYS_FILE, GRAPH_FILE, TRAITS_FILE
from engine.traits import Traits
from graph.competence_graph import CompetenceGraph
from graph.near_vectors import NearVectors
from graph.rank import Proximity

PEOPLE, PLAN_DATA = "people.jsonl", "plans.pickle"


def main() -> None:
    """Run the bench."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        made = _apart(_make, folder, options.share, options.seed)
        told = _apart(_recommend, folder, options.roles, options.workers, options.people)
        walks = _apart(compare_walks, folder, options.walks)
    figures = {"machine": machine(), "load": os.getloadavg(), **made, **told, **walks}
    deliver(_report(figures), figures, options.out)


def _apart(stage: Callable[..., dict[str, Any]], *given: object) -> dict[str, Any]:
    """Run a stage in a process of its own, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(stage, *given).result()


def _make(folder: Path, share: float, seed: int) -> dict[str, Any]:
    """Draw the region and write it as a build does; nothing is done again that is there."""
    size = Size().share(share) if share != 1 else Size()
    done = folder / "made.json"
    key = [asdict(size), seed]
    if done.exists() and (known := json.loads(done.read_text()))["key"] == key:
        return known
    region = make_region(size, seed)
    with (folder / PEOPLE).open("w") as file:
        for member in region.people():
            file.write(json.dumps(member) + "\n")
    plan_data = PlanData(0, region.roles, region.requirements, region.plans)
    (folder / PLAN_DATA).write_bytes(pickle.dumps((plan_data, region.resources)))
    times = [time.perf_counter()]
    graph = CompetenceGraph.build(region.nodes, region.edges)
    times.append(time.perf_counter())
    resources = list(region.resources.values())
    del region
    graph.save(folder / GRAPH_FILE)
    times.append(time.perf_counter())
    proximity = Proximity(graph)
    times.append(time.perf_counter())
    built, saved, cut = np.diff(times).tolist()
    counts = {
        kind: sum(1 for _ in graph.nodes(kind))
        for kind in ("role", "plan", "requirement", "concept", "resource")
    }
    version, edges = graph.version, graph.edge_count
    Traits.of(proximity.resource_ids, resources).save(folder / TRAITS_FILE, version)
    del graph, resources
    hubs = proximity._seeds()[: counts["role"]]
    threads = len(os.sched_getaffinity(0))
    _, roles = timed(lambda: NearVectors.walked(proximity._matrix, hubs, threads=threads))
    begun = time.process_time()
    with progress_bar() as bar:
        task = bar.add_task("walking", total=proximity.to_walk)
        _, walked = timed(
            lambda: proximity.keep_near(threads=threads, advance=lambda n: bar.advance(task, n))
        )
    processor = time.process_time() - begun
    proximity.save(folder / ARRAYS_FILE)
    figures = {
        "key": key,
        "version": version,
        "edges": edges,
        "nodes": counts,
        "make": {
            "build": built,
            "save": saved,
            "cut": cut,
            "roles": roles,
            "seeds": proximity.to_walk,
            "walked": walked,
            "processor": processor,
            "graph_bytes": (folder / GRAPH_FILE).stat().st_size,
            "arrays_bytes": (folder / ARRAYS_FILE).stat().st_size,
        },
    }
    done.write_text(json.dumps(figures))
    return figures


def _recommend(folder: Path, roles: int, workers: int, people: int | None) -> dict[str, Any]:
    """Open what a build keeps, recommend for roles one by one, then for everybody."""
    version = json.loads((folder / "made.json").read_text())["version"]
    plan_data, resources = pickle.loads((folder / PLAN_DATA).read_bytes())
    proximity, opened = timed(lambda: Proximity.open(folder / ARRAYS_FILE, version))
    traits = Traits.open(folder / TRAITS_FILE, version)
    graph, loaded = timed(lambda: CompetenceGraph.load(folder / GRAPH_FILE))
    recommender = Recommender(
        graph=graph,
        proximity=proximity,
        fetch=lambda ids: {id_: resources[id_] for id_ in ids},
        roles=plan_data.roles,
        requirements=plan_data.requirements,
        plans=plan_data.plans,
        today=TODAY,
        traits=traits,
    )
    random = np.random.default_rng(0)
    names = [str(name) for name in random.choice(sorted(plan_data.roles), roles)]
    many = BatchRecommender(recommender)
    many.read_ahead()
    single, again, processor = [], [], []
    for name in names:
        asked = RecommendationRequest(name, edition="hf-03", k=10, on=TODAY)
        single.append(timed(lambda: recommender.recommend(asked))[1])  # noqa: B023
        many.answer(asked)
        begun = time.process_time()
        again.append(timed(lambda: many.answer(asked))[1])  # noqa: B023
        processor.append(time.process_time() - begun)
    asker = Asker(many, plan_data)
    asked_by = folder / PEOPLE
    if people is not None:
        lines = asked_by.read_bytes().splitlines(keepends=True)
        asked_by = folder / "some.jsonl"
        asked_by.write_bytes(b"".join(lines[:people]))
    begun = time.process_time()
    with _watched() as peak, (folder / "answers.jsonl").open("wb") as out:
        (answered, problems), wall = timed(
            lambda: run(asker, asked_by, out, workers=workers, progress=_Told())
        )
    children = limits.getrusage(limits.RUSAGE_CHILDREN)
    return {
        "open": {"arrays": opened, "graph": loaded},
        "role": {
            "recommend": asdict(Spread.of(single)),
            "in_batch": asdict(Spread.of(again)),
            "in_batch_processor": asdict(Spread.of(processor)),
        },
        "people": {
            "answered": answered,
            "problems": problems,
            "wall": wall,
            "processor": time.process_time() - begun + children.ru_utime + children.ru_stime,
            "workers": workers,
            "peak_bytes": peak[0],
        },
    }


class _Told(Quiet):
    """Says on stderr how far it is."""

    def begin(self, stage: str, total: int | None = None) -> None:
        self._bar = progress_bar()
        self._task = self._bar.add_task(stage, total=total)

    def advance(self, steps: int = 1) -> None:
        self._bar.advance(self._task, steps)


@contextmanager
def _watched() -> Iterator[list[int]]:
    """Give the most memory that this process and its children hold together, shared pages counted once."""
    peak, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(2):
            pids = [os.getpid(), *descendants(os.getpid())]
            peak[0] = max(peak[0], sum(map(proportional_bytes, pids)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def _report(f: dict[str, Any]) -> str:
    make, people, role = f["make"], f["people"], f["role"]
    counts = ", ".join(f"{count:,} {kind}s" for kind, count in f["nodes"].items())
    labels = {
        "kept": "kept beforehand, all resources ranked",
        "walked": "walked, 8 steps on the hubs",
        "scipy": "SciPy, whole matrix, 20 steps",
        "igraph": "igraph",
        "networkx": "networkx",
    }
    rows = [
        [labels[name], s["calls"], s["p50"], s["p99"], f["ratio"].get(name, "1")]
        for name, s in f["walk"].items()
    ]
    lines = [
        f"{counts}; {f['edges']:,} edges. {f['machine']}; load {', '.join(f'{x:.1f}' for x in f['load'])}.",
        "" if "igraph" in f["walk"] else "igraph is not installed and was left out.",
        table(["one walk", "calls", "p50 [ms]", "p99", "to what is kept"], rows),
        "",
        table(["nearest 20 that the exact walk finds, too", "share"], f["overlap"].items()),
        "",
        table(
            ["one recommendation of ten", "p50 [ms]", "p99"],
            [
                ["a role, alone", role["recommend"]["p50"], role["recommend"]["p99"]],
                ["a role, among many", role["in_batch"]["p50"], role["in_batch"]["p99"]],
                ["the same, processor", role["in_batch_processor"]["p50"], role["in_batch_processor"]["p99"]],
            ],
        ),
        "",
        table(
            ["beforehand", "s"],
            [
                ["graph built", make["build"]],
                ["graph written", make["save"]],
                ["arrays cut", make["cut"]],
                [f"{f['nodes']['role']} roles walked", make["roles"]],
                [f"{make['seeds']:,} roles, requirements and plans walked", make["walked"]],
                ["the same, processor", make["processor"]],
                [f"arrays opened ({megabytes(make['arrays_bytes'])})", f["open"]["arrays"]],
                [f"graph read ({megabytes(make['graph_bytes'])})", f["open"]["graph"]],
            ],
        ),
        "",
        table(
            ["everybody", ""],
            [
                ["people", people["answered"]],
                ["processes", people["workers"]],
                ["seconds", people["wall"]],
                ["processor seconds", people["processor"]],
                ["people a second", people["answered"] / people["wall"]],
                ["processor milliseconds a person", 1000 * people["processor"] / max(1, people["answered"])],
                ["memory, all processes", megabytes(people["peak_bytes"])],
            ],
        ),
    ]
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--share", type=float, default=1.0, help="size of the region; 1 is all of it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--people", type=int, help="only so many people")
    parser.add_argument("--roles", type=int, default=100, help="roles that are recommended for, one by one")
    parser.add_argument("--walks", type=int, default=10, help="walks that are compared with the exact one")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--folder", type=Path, help="keep the region here")
    parser.add_argument("--out", type=Path, action="append", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    main()
