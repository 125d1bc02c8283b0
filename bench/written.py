"""How long is it from a written resource to a search that finds it, beside the same search without a change?

    python -m bench.written --resources 20000                         a quick try
    python -m bench.written --out written.md --out written.json       100,000 resources

Two servers of the program serve one bank and one catalogue. A resource with a word that nobody has is sent to the
first by PUT, and the next request, to the first or the second in turn, is a search for it. The baseline is the same
search asked again, when nothing has changed since.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from rich.progress import Progress

from bench.bank import Bank
from bench.bare import BareTantivy
from bench.questions import FIVE_FACETS, KnownTexts
from bench.report import deliver, machine, megabytes, progress_bar, resident_bytes, table
from bench.search import bank_folder, write
from bench.serving import DATA, save_queries
from bench.timing import Ratio, Spread, ratio_of_medians
from engine.model import Resource
from engine.records import resource_to_record

KEY = "bench"
WARM_UP = 10
FOUND, ELSEWHERE = "same server", "another server"


def main() -> None:
    """Run the bench."""
    options = _options()
    with progress_bar() as progress, bank_folder(options.folder, 1) as folder:
        bank = Bank(options.resources, seed=options.seed, most_passages=1)
        if not (folder / DATA).exists():
            write(folder, bank, BareTantivy(folder / "bare", FIVE_FACETS), WARM_UP, progress)
        figures = {"machine": machine(), "resources": bank.size, "rounds": options.rounds}
        figures["over"] = _measure(folder, bank, options, progress)
    deliver(markdown(figures), figures, options.out)


def _measure(
    folder: Path, bank: Bank, options: argparse.Namespace, progress: Progress
) -> list[dict[str, Any]]:
    """Return what is measured with so many changes over the build, level after level."""
    rounds = WARM_UP + options.rounds * len(options.changes)
    texts = {f"{query.topic} {_word(n)}": query.vector for n, query in enumerate(bank.queries(rounds))}
    resources = [entry.resource for batch in islice(bank.batches(), 8) for entry in batch]
    asked = iter(enumerate(texts))
    measured = []
    with tempfile.TemporaryDirectory(prefix="bench-") as own, ExitStack() as stack:
        (Path(own) / DATA).mkdir()
        (Path(own) / DATA / "builds").symlink_to((folder / DATA / "builds").resolve())
        words = {text.split()[-1]: vector for text, vector in texts.items()}
        save_queries(Path(own), KnownTexts(texts | words))
        sites = [stack.enter_context(_server(Path(own))) for _ in range(2)]
        clients = [site for site, _ in sites]
        list(_rounds(clients, resources, islice(asked, WARM_UP)))
        written = WARM_UP
        for changes in options.changes:
            written += _write_many(clients, resources, changes - written)
            task = progress.add_task(f"with {changes} changes", total=options.rounds)
            found = []
            for one in _rounds(clients, resources, islice(asked, options.rounds)):
                found.append(one)
                progress.update(task, advance=1)
            measured.append(_summed_up(written, found) | {"resident": resident_bytes(sites[0][1].pid)})
            written += options.rounds
    return measured


def _rounds(
    clients: Sequence[httpx.Client], resources: Sequence[Resource], asked: Iterator[tuple[int, str]]
) -> Iterator[dict[str, Any]]:
    """Write and search once for each text: new resources and changed ones in turn, the two servers in turn."""
    for number, text in asked:
        old = resources[number % len(resources)]
        id_ = old.id if number % 2 else f"ny-{number}"
        site = clients[number // 2 % 2]
        begun = time.perf_counter()
        record = _record(replace(old, id=id_, title=f"{old.title} {text}", edition="felles"))
        clients[0].put(f"/v1/resources/{id_}", json=record).raise_for_status()
        put = time.perf_counter() - begun
        after = _search(site, text, id_)
        searches = 1
        while not after["found"] and searches < 50:
            after = _search(site, text, id_)
            searches += 1
        whole = time.perf_counter() - begun
        yield {
            "where": (FOUND, ELSEWHERE)[number // 2 % 2],
            "again": _search(site, text, id_)["seconds"],
            "put": put,
            "search": after["seconds"],
            "searches": searches,
            "all": whole,
        }


def _search(site: httpx.Client, text: str, id_: str) -> dict[str, Any]:
    begun = time.perf_counter()
    answer = site.get("/v1/search", params={"q": text})
    seconds = time.perf_counter() - begun
    answer.raise_for_status()
    hits = answer.json()["hits"]
    word = text.rsplit(" ", 1)[1]
    return {
        "seconds": seconds,
        "found": any(hit["resource"]["id"] == id_ and word in hit["resource"]["title"] for hit in hits),
    }


def _write_many(clients: Sequence[httpx.Client], resources: Sequence[Resource], count: int) -> int:
    """Change so many resources of the bank, and ask until both servers show them all; return how many."""
    changed = [replace(r, summary=f"{r.summary} Endret.") for r in resources[-count:]] if count > 0 else []
    for start in range(0, len(changed), 500):
        records = [_record(resource) for resource in changed[start : start + 500]]
        clients[0].post("/v1/resources", json=records).raise_for_status()
    for site in clients:
        while "changes_pending" in site.get("/v1/search", params={"mode": "lexical"}).json()["degraded"]:
            pass
    return len(changed)


def _summed_up(over: int, rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    wheres = {where: [one for one in rounds if one["where"] == where] for where in (FOUND, ELSEWHERE)}
    return {
        "over": over,
        "at_the_first": sum(one["searches"] == 1 for one in rounds) / len(rounds),
        "again": asdict(Spread.of([one["again"] for one in rounds])),
        "put": asdict(Spread.of([one["put"] for one in rounds])),
        "within_250_ms": sum(one["all"] <= 0.25 for one in rounds) / len(rounds),
        "places": {
            where: {
                "search": asdict(Spread.of([one["search"] for one in ones])),
                "all": asdict(Spread.of([one["all"] for one in ones])),
                "ratio": asdict(
                    ratio_of_medians([one["search"] for one in ones], [one["again"] for one in ones])
                ),
            }
            for where, ones in wheres.items()
        },
    }


@contextmanager
def _server(folder: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """Start a server that may be written to; yield a client of it and the process."""
    keys = {"bench": {"sha256": hashlib.sha256(KEY.encode()).hexdigest(), "scopes": ["write"]}}
    with subprocess.Popen(
        [sys.executable, "-m", "bench.serving", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "KG_API_KEYS": json.dumps(keys)},
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            headers = {"Authorization": f"Bearer {KEY}"}
            with httpx.Client(base_url=address, timeout=120, headers=headers) as client:
                yield client, process
        finally:
            process.terminate()


def _word(number: int) -> str:
    """Return a word that no text has, and that is nobody's typo."""
    return f"zq{number}zq"


def _record(resource: Resource) -> dict[str, Any]:
    return {name: value for name, value in resource_to_record(resource).items() if name != "about"}


def markdown(figures: dict[str, Any]) -> str:
    """Return the report."""
    rows = [
        [
            level["over"],
            level["again"]["p50"],
            level["again"]["p99"],
            level["put"]["p50"],
            level["put"]["p99"],
            *(level["places"][where]["all"][name] for where in (FOUND, ELSEWHERE) for name in ("p50", "p99")),
            *(str(Ratio(**level["places"][where]["ratio"])) for where in (FOUND, ELSEWHERE)),
            f"{level['at_the_first']:.0%}",
            f"{level['within_250_ms']:.0%}",
            megabytes(level["resident"]),
        ]
        for level in figures["over"]
    ]
    heads = ["changes over the build", "search, nothing changed [ms]", "p99", "PUT", "p99"]
    heads += [f"PUT to found, {where}{p}" for where in (FOUND, ELSEWHERE) for p in ("", ", p99")]
    heads += [f"first search to the same again, {where}" for where in (FOUND, ELSEWHERE)]
    heads += ["by the first search", "within 250 ms", "server resident"]
    return (
        f"{figures['machine']}; {figures['resources']:,} resources, {figures['rounds']} rounds a row.\n\n"
        + table(heads, rows)
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--resources", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=100, help="writes and searches for each row")
    parser.add_argument(
        "--changes",
        type=int,
        nargs="*",
        default=[0, 200, 2000],
        help="changed resources over the build, rising",
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--folder", type=Path, help="keep the bank here and use what is there, as bench.search"
    )
    parser.add_argument("--out", type=Path, action="append", default=[], help=".json: figures; else Markdown")
    return parser.parse_args()


if __name__ == "__main__":
    main()
