"""How good are the concepts that the program suggests, beside those of Annif, on the same texts and vocabulary?

    python -m bench.annif_tags --pair DEV TEST --environment ENV --work FOLDER
    python -m bench.annif_tags --pair DEV-A TEST-A --pair DEV-B TEST-B --ours tags.json ... --out tags.md

A pair is a collection to learn from and one to measure with (`scripts/hand_indexed_collection.py` writes such).
Several pairs are several indexers of the same texts: figures are means over them. Annif is installed in an
environment of its own; its MLLM and TF-IDF learn from the first collection and choose their settings there
(`bench.annif_driver`). ``--ours`` is what ``kompetansegraf evaluate tags TEST --save FILE`` wrote, a file a pair.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.annif_driver import EVERY, kept
from bench.report import deliver, machine, table
from bench.tag_scores import (
    CUT,
    METRICS,
    Figure,
    Said,
    Suggested,
    differences,
    figures,
    judged,
    read_subjects,
    read_texts,
)
from engine.tagging import TagWeights

ANNIF = "annif==1.4.3"
SENTENCES = "llama-index-core"
"""Ships the data of the sentence splitter, which Annif would otherwise fetch when it first runs."""

NAMES = {"mllm": "Annif MLLM", "tfidf": "Annif TF-IDF"}
OURS, INDEXERS = "ours", "one indexer by the other"


def main() -> None:
    """Run the comparison."""
    options = _options()
    python = environment(options.environment)
    done = [_run(python, options, number, learn, ask) for number, (learn, ask) in enumerate(options.pair)]
    answers = {NAMES[backend]: [_answers(run[backend]) for run in done] for backend in NAMES}
    if options.ours:
        answers[OURS] = [read_ours(path, TagWeights()) for path in options.ours]
    said = [read_subjects(ask) for _, ask in options.pair]
    texts = list(read_texts(options.pair[0][1]))
    measured = measure(answers, said, texts)
    chosen = [{NAMES[b]: run[b]["chosen"] | {"seconds": run[b]["seconds"]} for b in NAMES} for run in done]
    found = {"machine": machine(), "texts": len(texts), "chosen": chosen, "measured": measured}
    deliver(markdown(found), found, options.out)


def environment(folder: Path) -> Path:
    """Return the Python of an environment that has Annif; it is made if need be."""
    python = folder / "bin" / "python"
    if not (folder / "bin" / "annif").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        for what in (["--no-deps", SENTENCES], [ANNIF]):  # its command is there when all is
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", *what], check=True)
    return python


def _run(python: Path, options: argparse.Namespace, number: int, learn: Path, ask: Path) -> Any:
    """Return what the backends suggest for one pair; taken from the work folder if it is there already."""
    job = {
        "train": str(learn.resolve()),
        "test": str(ask.resolve()),
        "work": str((options.work / str(number)).resolve()),
        "language": options.language,
        "labels": options.labels or [options.language],
        "trials": options.trials,
    }
    asked, out = options.work / f"job-{number}.json", options.work / f"suggested-{number}.json"
    if not out.exists() or json.loads(asked.read_text(encoding="utf-8")) != job:
        options.work.mkdir(parents=True, exist_ok=True)
        out.unlink(missing_ok=True)
        asked.write_text(json.dumps(job), encoding="utf-8")
        data = sorted(python.parents[1].glob("lib/python*/site-packages/llama_index/core/_static/nltk_cache"))
        env = os.environ | ({"NLTK_DATA": str(data[0])} if data else {})
        command = [str(python), "-m", "bench.annif_driver", str(asked.resolve()), str(out.resolve())]
        root = Path(__file__).parents[1]
        with (options.work / f"log-{number}.txt").open("w", encoding="utf-8") as log:
            subprocess.run(command, check=True, cwd=root, env=env, stdout=log, stderr=subprocess.STDOUT)
    return json.loads(out.read_text(encoding="utf-8"))


def _answers(run: dict[str, Any]) -> dict[str, Suggested]:
    chosen = run["chosen"]
    return kept(run["suggested"], **chosen["cut"])


def read_ours(path: Path, weights: TagWeights) -> dict[str, Suggested]:
    """Return the program's concepts of texts, of which those that become tags are its answer."""
    first = getattr(weights, "first", weights.threshold)
    return kept(json.loads(path.read_text(encoding="utf-8")), CUT, weights.threshold, first)


def measure(
    answers: Mapping[str, Sequence[Mapping[str, Suggested]]], said: Sequence[Said], texts: Sequence[str]
) -> dict[str, dict[str, dict[str, Figure]]]:
    """Return the figures of each program, those of ours minus them, and how near two indexers are to each other.

    Parameters
    ----------
    answers
        By program, one for each indexer.
    said
        By indexer.
    texts
        All texts.
    """
    sums = {
        name: [judged(answer, one, texts) for answer, one in zip(by_indexer, said, strict=True)]
        for name, by_indexer in answers.items()
    }
    if len(said) == 2:
        said_by = [{text: Suggested(tuple(found), len(found)) for text, found in one.items()} for one in said]
        sums[INDEXERS] = [judged(said_by[1], said[0], texts), judged(said_by[0], said[1], texts)]
    measured = {"figures": {name: figures(runs) for name, runs in sums.items()}, "differences": {}}
    if OURS in sums:
        measured["differences"] = {
            f"{OURS} minus {name}": differences(sums[OURS], runs)
            for name, runs in sums.items()
            if name in NAMES.values()
        }
    return measured


def markdown(found: dict[str, Any]) -> str:
    """Return the report; figures become plain numbers in what it was made of."""
    measured = found["measured"]
    rows = [[n, *(str(fs[m]) for m in METRICS)] for part in measured.values() for n, fs in part.items()]
    lines = [
        f"{found['texts']} texts, {len(found['chosen'])} indexers; 95 % bootstrap intervals over texts.",
        "",
        table(["", *METRICS], rows),
        "",
        *(line for number, run in enumerate(found["chosen"], 1) for line in _settings(number, run)),
        "",
        found["machine"],
    ]
    found["measured"] = {
        part: {name: {m: asdict(f) for m, f in fs.items()} for name, fs in by_name.items()}
        for part, by_name in measured.items()
    }
    return "\n".join(lines)


def _settings(number: int, run: Mapping[str, dict[str, Any]]) -> list[str]:
    lines = []
    for name, chosen in run.items():
        setting, cut = chosen["setting"], chosen["cut"]
        labels = "labels of every language" if setting["labels"] == EVERY else f"labels {setting['labels']}"
        parameters = ", ".join(f"{k} {v}" for k, v in chosen["parameters"].items()) or "default parameters"
        seconds = "; ".join(f"{value:.0f} s {what}" for what, value in chosen["seconds"].items())
        lines.append(
            f"- {name}, pair {number}: {setting['analyzer']}, {labels}, hidden labels {setting['hidden']}, {parameters}, at most"
            f" {cut['limit']} from {cut['threshold']:.2f}, the first from {cut['first']:.2f}; F1@5 where it learns {chosen['F1@5']:.3f}; {seconds}"
        )
    return lines


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--pair", nargs=2, type=Path, action="append", required=True, metavar=("LEARN", "TEST")
    )
    parser.add_argument("--environment", type=Path, default=Path("bench-results/annif-environment"))
    parser.add_argument("--work", type=Path, default=Path("bench-results/annif"))
    parser.add_argument("--language", default="nb", help="of the texts")
    parser.add_argument("--labels", nargs="*", help=f"label languages to try; {EVERY!r}: all as one")
    parser.add_argument("--trials", type=int, default=30, help="of Annif's search for hyper-parameters")
    parser.add_argument("--ours", nargs="*", type=Path, default=[], help="one for each pair")
    parser.add_argument("--out", type=Path, action="append", default=[])
    options = parser.parse_args()
    if options.ours and len(options.ours) != len(options.pair):
        parser.error("--ours: one file for each pair")
    return options


if __name__ == "__main__":
    main()
