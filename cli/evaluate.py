"""How good is it? Test collections through the production path: `kompetansegraf evaluate …`."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from cli.collection import Collection, read_beir, read_judgements
from cli.output import RichProgress, console, print_json

if TYPE_CHECKING:  # only named in annotations: the engine loads when a command needs it
    from cli.pair_evaluation import PairEvaluation
    from cli.saved_run import SavedRun

app = typer.Typer(
    help="Measure quality on a test collection, with the settings and code that people get.",
    no_args_is_help=True,
)

MODES = ("hybrid", "lexical", "semantic")


@app.command()
def search(
    folder: Annotated[
        Path, typer.Argument(help="BEIR layout: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv.")
    ],
    split: Annotated[
        str | None, typer.Option(help="Name of the qrels file; default: test, else dev, else the only one.")
    ] = None,
    mode: Annotated[str, typer.Option(help="hybrid, lexical or semantic.")] = "hybrid",
    types: Annotated[
        Path | None,
        typer.Option(help="Table of types: query-id, tab, type. Default: the field type of queries.jsonl."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the run to this file, to compare with later.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Compare with a saved run of the same collection, query by query.")
    ] = None,
    bank: Annotated[
        bool,
        typer.Option("--bank", help="Ask the bank of the settings as it is; corpus.jsonl is not read."),
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Keep catalogue, index and vectors here; default: a temporary folder."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Import, index and search a BEIR collection; print nDCG@10, MRR@10 and Recall@100."""
    if mode not in MODES:
        raise typer.BadParameter(f"no mode is named {mode!r}", param_hint="--mode")
    began = time.perf_counter()
    given = None if bank else read_beir(folder, split, types)
    judgements = given.judgements if given else read_judgements(folder, split, types)

    from cli import evaluation, evaluation_report, saved_run

    before = saved_run.read_run(against) if against else None
    with ExitStack() as stack:
        if given:
            collection = given
            _check(collection, before)  # before the work that takes minutes
            at = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kompetansegraf-")))
            vectors = mode != "lexical" or data is not None  # what is kept is kept whole
            asked = stack.enter_context(
                evaluation.indexed(collection, at, vectors=vectors, progress=RichProgress())
            )
        else:
            asked = stack.enter_context(evaluation.bank(data))
            collection = Collection(evaluation.bank_documents(asked.engine), judgements)
            _check(collection, before)
        run = asked.ask({**judgements.queries, **judgements.unanswerable}, mode)  # type: ignore[arg-type]
        result = evaluation.score(judgements, run)
        now = saved_run.save_run(result, collection, asked.engine, {"mode": mode})
    compared = saved_run.compare(now, before) if before else None
    if save:
        saved_run.write_run(save, now)
    seconds = time.perf_counter() - began
    if json:
        print_json(
            evaluation_report.as_document(result, collection, mode=mode, seconds=seconds, against=compared)
        )
        return
    out = console(stderr=False)
    for line in evaluation_report.as_text(result, collection, seconds=seconds, against=compared):
        out.print(line, highlight=False, markup=False)


@app.command()
def tags(
    folder: Annotated[
        Path,
        typer.Argument(help="corpus.jsonl, vocabulary.ttl (any SKOS), subjects.tsv (id, tab, concept)."),
    ],
    train: Annotated[
        Path | None,
        typer.Option(
            help="Another such folder, with the same vocabulary, to learn the weights of features from."
        ),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the ten best concepts of each text to this file (JSON).")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", help="Keep vectors and the read vocabulary here; default: a temporary folder."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Tag texts with the collection's own vocabulary; print F1@5, micro-F1@5, nDCG@10 and recall@10."""
    began = time.perf_counter()
    from cli import tag_collection, tag_evaluation

    with ExitStack() as stack:
        at = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kompetansegraf-")))
        collection = tag_collection.read_tag_collection(folder, at / "cache")
        judged = tag_collection.read_tag_collection(train, at / "cache") if train else None
        found, learnt = tag_evaluation.suggest(collection, at, RichProgress(), judged)
    result = tag_evaluation.score(collection.subjects, found)
    if save:
        uri = collection.vocabulary.uri
        ranked = {text: [[uri(concept), value] for concept, value in of] for text, (_, of) in found.items()}
        save.write_bytes(orjson.dumps(ranked, option=orjson.OPT_INDENT_2))
    seconds = time.perf_counter() - began
    if json:
        print_json(
            {
                "metrics": result.metrics,
                "queries": result.texts,
                "seconds": round(seconds, 1),
                "intervals": result.intervals,
                "concepts": len(collection.vocabulary),
                "proposed_per_text": round(result.proposed, 2),
                "given_per_text": round(result.given, 2),
                "unindexed": collection.unindexed,
                "unknown_concepts": len(collection.unknown),
                **({"learnt": learnt} if learnt else {}),
            }
        )
        return
    out = console(stderr=False)
    for name, value in result.metrics.items():
        low, high = result.intervals[name]
        out.print(f"{name:<12}{value:.4f} [{low:.4f}, {high:.4f}]", highlight=False, markup=False)
    out.print(
        f"{result.texts} texts, {len(collection.vocabulary)} concepts, {seconds:.0f} s; "
        f"{result.proposed:.1f} concepts proposed and {result.given:.1f} given per text",
        highlight=False,
    )
    if learnt:
        taken = (
            "were learnt and are better"
            if learnt.taken
            else "stay as they are: learnt ones are not surely better"
        )
        out.print(
            f"weights {taken} (held-out loss per text {-learnt.gain:+.3f}, standard error {learnt.error:.3f})",
            highlight=False,
        )
    if collection.unindexed:
        out.print(f"{collection.unindexed} texts have no subject and were left out", highlight=False)
    if collection.unknown:
        shown = ", ".join(collection.unknown[:5])
        out.print(
            f"{len(collection.unknown)} subjects are not in the vocabulary and count as not found: {shown}",
            highlight=False,
            markup=False,
        )


@app.command()
def recommend(
    folder: Annotated[
        Path,
        typer.Argument(
            help="BEIR layout: corpus.jsonl (resources), queries.jsonl (roles, each with a description), qrels."
        ),
    ],
    split: Annotated[
        str | None, typer.Option(help="Name of the qrels file; default: test, else dev, else the only one.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Keep catalogue, index and vectors here; default: a temporary folder."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Recommend for described roles; print nDCG@10 beside search by words, by vectors and by both."""
    began = time.perf_counter()
    collection = read_beir(folder, split)
    from cli import recommend_evaluation, recommend_report

    with ExitStack() as stack:
        at = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kompetansegraf-")))
        result = recommend_evaluation.evaluate_recommendations(collection, at, RichProgress())
    seconds = time.perf_counter() - began
    if json:
        print_json(recommend_report.as_document(result, collection, seconds=seconds))
        return
    out = console(stderr=False)
    for line in recommend_report.as_text(result, collection, seconds=seconds):
        out.print(line, highlight=False, markup=False)


@app.command()
def duplicates(
    folder: Annotated[
        Path, typer.Argument(help="corpus.jsonl, pairs.tsv (id1, id2, label 1 or 0, type, with tabs).")
    ],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Keep catalogue, index and vectors here; default: a temporary folder."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Compare judged pairs of texts; print precision, recall and F1, where 1 means one work, translations too."""
    began = time.perf_counter()
    from cli.pair_collection import read_pair_collection
    from cli.pair_evaluation import judge_pairs

    collection = read_pair_collection(folder)
    with ExitStack() as stack:
        at = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kompetansegraf-")))
        result = judge_pairs(collection, at, RichProgress())
    seconds = time.perf_counter() - began
    if json:
        print_json(
            {
                "metrics": result.metrics,
                "queries": len(collection.pairs),
                "seconds": round(seconds, 1),
                "intervals": result.intervals,
                "types": result.types,
                "macro_F1": result.macro_f1,
                "wrong": result.wrong,
                "detection": result.detection,
            }
        )
        return
    out = console(stderr=False)
    for line in duplicate_lines(result):
        out.print(line, highlight=False, markup=False)
    out.print(
        f"{len(collection.pairs)} pairs of {len(collection.documents)} texts, {seconds:.0f} s",
        highlight=False,
    )


def duplicate_lines(result: "PairEvaluation") -> list[str]:
    """Return what judged pairs have shown, as lines for people."""
    lines = []
    for name, value in result.metrics.items():
        low, high = result.intervals[name]
        lines.append(f"{name:<12}{value:.4f} [{low:.4f}, {high:.4f}]")
    if result.macro_f1 is not None:
        lines.append(f"{'macro-F1':<12}{result.macro_f1:.4f}")
    for kind, of in result.types.items():
        given = ", ".join(f"{n} {name}" for name, n in of.classes.items())
        right = f"; right {of.right:.3f}" if of.right is not None else ""
        lines.append(f"{kind}: {of.pairs} pairs: {given}{right}")
    d = result.detection
    lines.append(
        f"among all pairs {d.found} found in {d.groups} groups, {d.seconds:.1f} s: {d.same_found} of {d.same} judged as one "
        f"work, {d.others_found} of {d.others} judged as others, {d.implied} that follow, {len(d.unjudged)} not judged"
    )
    return lines


def _check(collection: Collection, before: "SavedRun | None") -> None:
    from cli.saved_run import check_same_collection, describe

    if before:
        check_same_collection(describe(collection), before.collection)
