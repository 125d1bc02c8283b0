"""How long does a whole region take: a role, 500 roles, everybody? Beside networkx and igraph on the same graph.

    python -m bench.region --share 0.05                               a quick try
    python -m bench.region --folder DIR --out region.md --out region.json

The region is drawn by `bench.made_region`, written as a build keeps it, and opened by a process of its own. One that
is in the folder already is taken as it is, unless another size or seed is asked for.
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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, fields
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from bench.made_region import TODAY, Region, Size, make_region
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
from engine.worlds import Worlds
from graph.competence_graph import CompetenceGraph
from graph.done_list import member_from_record
from graph.near_vectors import NearVectors
from graph.rank import Proximity

PEOPLE, PLAN_DATA = "people.jsonl", "plans.pickle"


def main() -> None:
    """Run the bench."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        made = _apart(prepare, folder, options.share, options.seed)
        told = _apart(_recommend, folder, options.workers, options.people)
        walks = _apart(compare_walks, folder, options.walks)
    figures = {"machine": machine(), "load": os.getloadavg(), **made, **told, **walks}
    deliver(_report(figures), figures, options.out)


def _apart(stage: Callable[..., dict[str, Any]], *given: object) -> dict[str, Any]:
    """Run a stage in a process of its own, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(stage, *given).result()


def prepare(folder: Path, share: float | None, seed: int | None) -> dict[str, Any]:
    """Draw the region and write it as a build does; nothing is done again that is there."""
    done = folder / "made.json"
    if done.exists():
        known = json.loads(done.read_text())
        size, drawn = Size().share(share or 1), known["key"][1]
        if (share is None or asdict(size) == known["key"][0]) and seed in {None, drawn}:
            if not _is_of_today(folder):
                _write_plan_data(folder, make_region(Size(**known["key"][0]), drawn))
            return known
    size, seed = Size().share(share or 1), seed or 0
    key = [asdict(size), seed]
    region = make_region(size, seed)
    with (folder / PEOPLE).open("w") as file:
        for member in region.people():
            file.write(json.dumps(member) + "\n")
    _write_plan_data(folder, region)
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


def _write_plan_data(folder: Path, region: Region) -> None:
    plan_data = PlanData(0, region.roles, region.requirements, region.plans)
    (folder / PLAN_DATA).write_bytes(pickle.dumps((plan_data, region.resources)))


def _is_of_today(folder: Path) -> bool:
    """Tell whether what lies there has all the fields that its kinds have now."""
    try:
        plan_data, resources = pickle.loads((folder / PLAN_DATA).read_bytes())
        some = [
            next(iter(all_.values())) for all_ in (plan_data.roles, plan_data.requirements, plan_data.plans)
        ]
        some += [plan_data, some[-1].lines[0], next(iter(resources.values()))]
        return all(hasattr(one, field.name) for one in some for field in fields(one))
    except (AttributeError, ImportError, TypeError, pickle.UnpicklingError):
        return False


def _recommend(folder: Path, workers: int, people: int | None) -> dict[str, Any]:
    """Open what a build keeps, recommend for each role and for some people one by one, then for everybody."""
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
    worlds = Worlds(plan_data.plans, plan_data.requirements)
    asked_by = folder / PEOPLE
    with asked_by.open("rb") as file:
        persons = [_request(orjson.loads(line), plan_data) for line in islice(file, len(plan_data.roles))]
    roles = [RecommendationRequest(name, edition="hf-03", k=10, on=TODAY) for name in plan_data.roles]
    alone = {
        kind: _one_by_one(lambda asked: recommender.within(worlds.of(asked, TODAY)).recommend(asked), asked)
        for kind, asked in (("role", roles), ("person", persons))
    }
    many = BatchRecommender(recommender, worlds)
    _, ahead = timed(many.read_ahead)
    among = {kind: _one_by_one(many.answer, asked) for kind, asked in (("role", roles), ("person", persons))}
    many = BatchRecommender(recommender)
    many.read_ahead()  # nothing is known of anybody when everybody's turn comes
    asker = Asker(many, plan_data)
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
        "open": {"arrays": opened, "graph": loaded, "ahead": ahead},
        "alone": alone,
        "among": among,
        "people": {
            "answered": answered,
            "problems": problems,
            "wall": wall,
            "processor": time.process_time() - begun + children.ru_utime + children.ru_stime,
            "workers": workers,
            "peak_bytes": peak[0],
        },
    }


def _request(record: dict[str, Any], plan_data: PlanData) -> RecommendationRequest:
    member = member_from_record(record, plan_data.requirements)
    return RecommendationRequest(
        member.roles[0], plan=member.plan, done=member.done, edition=member.edition, k=10, on=TODAY
    )


def _one_by_one(
    ask: Callable[[RecommendationRequest], object], asked: Sequence[RecommendationRequest]
) -> dict[str, Any]:
    """Ask each once, and return how long one takes by the clock and of the processor, and all together."""
    clock, processor = [], []
    for request in asked:
        begun = time.process_time()
        clock.append(timed(lambda: ask(request))[1])  # noqa: B023
        processor.append(time.process_time() - begun)
    return {
        "clock": asdict(Spread.of(clock)),
        "processor": asdict(Spread.of(processor)),
        "all": sum(clock),
        "all_processor": sum(processor),
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
    make, people = f["make"], f["people"]
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
            ["one recommendation of ten, each asked for once", "calls", "p50 [ms]", "p99", "all [s]"],
            [
                [f"a {kind}, {name}{shown}", d[by]["calls"], d[by]["p50"], d[by]["p99"], d[all_]]
                for kind in ("person", "role")
                for name, d in (("alone", f["alone"][kind]), ("among many", f["among"][kind]))
                for by, all_, shown in (
                    ("clock", "all", ""),
                    ("processor", "all_processor", ", processor"),
                )
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
                ["all resources read, walks of requirements widened", f["open"]["ahead"]],
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
    parser.add_argument(
        "--share", type=float, help="size of the region; 1, which is the default, is all of it"
    )
    parser.add_argument("--seed", type=int, help="default: 0")
    parser.add_argument("--people", type=int, help="only so many people")
    parser.add_argument("--walks", type=int, default=10, help="walks that are compared with the exact one")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--folder", type=Path, help="keep the region here")
    parser.add_argument("--out", type=Path, action="append", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    main()
