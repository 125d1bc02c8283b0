"""How do answers look in a terminal? Tables for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from cli.words import resources, words

if TYPE_CHECKING:  # only named in annotations: the engine loads when a command needs it
    from _typeshed import DataclassInstance

    from engine.learning_path import Step
    from engine.model import Highlight, Hit, SearchResult
    from engine.recommend import Recommendation, Recommendations
    from graph.model import Requirement, Role
    from indexer.importing import ImportReport
    from indexer.pipeline import IndexReport


@cache
def console(*, stderr: bool = True) -> Console:
    """Return the console for messages (stderr) or results (stdout)."""
    return Console(stderr=stderr, soft_wrap=True)


def fail(message: str) -> None:
    """Say what went wrong, in one line if it is one thing."""
    console().print(f"[red]Error:[/red] {escape(message)}", highlight=False)


def print_json(document: object) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.buffer.write(
        orjson.dumps(plain(document), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )
    sys.stdout.buffer.flush()


def plain(value: object) -> object:
    """Turn values of the program into what JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain_record(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def plain_record(value: DataclassInstance) -> dict[str, object]:
    """Turn a record of the program into what JSON knows."""
    return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}


def hit_record(hit: Hit, *, explain: bool = False, asked: frozenset[str] | None = None) -> dict[str, Any]:
    """Return a hit for JSON: what is shown of it, without the whole text."""
    r = hit.resource
    record = {
        "rank": hit.rank,
        "id": r.id,
        "title": r.title,
        "summary": r.summary,
        "url": r.url,
        "resource_type": r.resource_type,
        "language": r.language,
        "edition": r.edition,
        "duration": r.duration,
        "review_due": r.review_due,
        "review_expired": hit.review_expired,
        "score": hit.score,
        "highlights": hit.highlights,
        "reason": hit.reason,
    }
    if asked is not None:
        covered = sorted(asked & set(r.requirements))
        record["covers"] = {"n": len(covered), "of": len(asked), "requirements": covered}
    if explain:
        record["explanation"] = {"parts": dict(hit.explanation.parts), "total": hit.explanation.total}
    return record


def print_search(
    result: SearchResult, *, as_json: bool, explain: bool = False, asked: frozenset[str] | None = None
) -> None:
    """Print one page of hits with facets; `asked` are the requirements of the role that was named."""
    if as_json:
        print_json(
            {
                "total": result.total,
                "hits": [hit_record(h, explain=explain, asked=asked) for h in result.hits],
                "facets": result.facets,
                "next_cursor": result.next_cursor,
                "did_you_mean": result.did_you_mean,
                "concepts": result.concepts,
                "understood": result.understood,
                "degraded": result.degraded,
            }
        )
        return
    out = console(stderr=False)
    for flag in result.degraded:
        console().print(f"[yellow]Note:[/yellow] {escape(DEGRADED.get(flag, flag))}", highlight=False)
    if result.did_you_mean:
        out.print(f"Did you mean: [bold]{escape(result.did_you_mean)}[/bold]", highlight=False)
    out.print(f"{result.total} hits", highlight=False)
    for hit in result.hits:
        r = hit.resource
        facts = ", ".join(
            x
            for x in (r.resource_type, r.edition, r.language, f"{r.duration} min" if r.duration else "")
            if x
        )
        stale = " [red]review date passed[/red]" if hit.review_expired else ""
        out.print(
            f"\n[bold]{hit.rank}. {_marked(hit.highlights[0])}[/bold]  [dim]{escape(r.id)}[/dim]",
            highlight=False,
        )
        out.print(f"   [dim]{escape(facts)}[/dim]{stale}", highlight=False)
        for piece in hit.highlights[1:]:
            out.print(f"   {_marked(piece)}", highlight=False)
        out.print(f"   [italic]{escape(hit.reason.sentence)}[/italic]", highlight=False)
        if asked:
            out.print(
                f"   covers {len(asked & set(r.requirements))} of {len(asked)} requirements", highlight=False
            )
        if explain:
            parts = "  ".join(f"{name} {value:+.3f}" for name, value in hit.explanation.parts)
            out.print(f"   {hit.score:.3f} = {parts}", highlight=False)
    if result.next_cursor:
        out.print(f"\nNext page: --cursor {result.next_cursor}", highlight=False)


DEGRADED = {
    "no_model": "no model for meaning: searched by words only",
    "model_failed": "the model did not answer: searched by words only",
    "similarity_failed": "the search for meaning failed: searched by words only",
    "vectors_incomplete": "not all resources have vectors yet: meaning is searched in part",
    "changes_pending": "not all that has been written is shown yet",
}


def _marked(piece: Highlight) -> str:
    out, at = [], 0
    for start, end in piece.marks:
        out += [escape(piece.text[at:start]), "[reverse]", escape(piece.text[start:end]), "[/reverse]"]
        at = end
    return "".join([*out, escape(piece.text[at:])])


def recommendation_record(item: Recommendation) -> dict[str, Any]:
    """Return a recommendation for JSON, with its reason paths."""
    return {
        "rank": item.rank,
        "id": item.resource.id,
        "title": item.resource.title,
        "url": item.resource.url,
        "label": item.label,
        "minutes": item.minutes,
        "minutes_assumed": item.minutes_assumed,
        "requirements": item.requirements,
        "score": item.score,
        "parts": dict(item.parts),
        "reasons": [
            {
                "requirement": reason.requirement,
                "path": [
                    {
                        "source": edge.source,
                        "target": edge.target,
                        "kind": edge.kind,
                        "origin": edge.origin,
                        "by": edge.by,
                        "at": edge.at,
                        "confidence": edge.confidence,
                    }
                    for edge in reason.path.edges
                ],
                "nodes": reason.path.nodes,
                "sentence": reason.sentences,
            }
            for reason in item.reasons
        ],
    }


def print_recommendations(
    result: Recommendations,
    requirements: Mapping[str, Requirement],
    lang: str,
    narrower: Sequence[Role],
    *,
    as_json: bool,
    steps: Sequence[Step] = (),
    link: str | None = None,
    path: bool = False,
) -> None:
    """Print an ordered list with the reason of each item, and what it leaves open.

    `narrower` are the narrower roles that have a plan when the role itself has none in force; with `path`
    each item says what it comes after and the minutes so far.
    """
    if as_json:
        print_json(
            {
                "items": [recommendation_record(i) for i in result.items],
                "steps": [
                    {
                        "step": s.number,
                        "id": s.item.resource.id,
                        "minutes_so_far": s.minutes_so_far,
                        "after": s.after,
                    }
                    for s in steps
                ],
                "link": link,
                "minutes": result.minutes,
                "covered": result.covered,
                "uncovered": result.uncovered,
                "why": result.why,
                "unmet": result.unmet,
                "obligations": result.obligations,
                "narrower_roles": [{"id": r.id, "label": _in(r.labels, lang, r.id)} for r in narrower],
                "graph_version": result.graph_version,
            }
        )
        return
    out, said = console(stderr=False), words(lang)
    if not result.obligations:
        out.print(said["no_plan"], highlight=False)
    if narrower:
        names = ", ".join(f"{_in(r.labels, lang, r.id)} (--role {r.id})" for r in narrower)
        out.print(escape(said["narrower"].format(names=names)), highlight=False)
    for item in result.items:
        time = said["about" if item.minutes_assumed else "minutes"].format(minutes=item.minutes)
        out.print(
            f"[bold]{item.rank}. {escape(item.resource.title)}[/bold]  "
            f"[dim]{said[item.label]}, {time}, {escape(item.resource.id)}[/dim]",
            highlight=False,
        )
        if path:
            step = steps[item.rank - 1]
            after = said["after"].format(steps=said["and"].join(map(str, step.after))) if step.after else ""
            so_far = said["so_far"].format(minutes=step.minutes_so_far)
            out.print(f"   {so_far}{after}", highlight=False)
        for reason in item.reasons[:2]:
            out.print(f"   {escape(reason.sentences.get(lang, reason.sentences['nb']))}", highlight=False)
    count = resources(len(result.items), lang)
    out.print(f"\n{said['total'].format(count=count, minutes=result.minutes)}", highlight=False)
    if link:
        out.print(escape(said["portal"].format(link=link)), highlight=False)
    for why in ("no_resource", "no_time", "prerequisite", "enough", "list_full"):
        if left := [_label(requirements, q, lang) for q in result.uncovered if result.why[q] == why]:
            out.print(escape(said["open"].format(why=said[why], names=", ".join(left))), highlight=False)


def _label(requirements: Mapping[str, Requirement], requirement: str, lang: str) -> str:
    found = requirements.get(requirement)
    return _in(found.labels, lang, requirement) if found else requirement


def _in(labels: Mapping[Any, str], lang: str, fallback: str) -> str:
    return next((labels[x] for x in (lang, "nb", "nn", "en") if x in labels), fallback)


def print_import(report: ImportReport, *, as_json: bool) -> None:
    """Print what an import did and every problem with its place."""
    if as_json:
        print_json(report.to_record())
        return
    for problem in report.problems:
        console().print(f"[red]{escape(str(problem))}[/red]", highlight=False)
    for warning in report.warnings:
        console().print(f"[yellow]{escape(str(warning))}[/yellow]", highlight=False)
    would = "would be " if report.dry_run else ""
    archived = f", {report.archived} archived" if report.archived else ""
    console(stderr=False).print(
        f"{report.added} {would}added, {report.updated} {would}changed{archived}, {report.unchanged} unchanged, "
        f"{sum(s.problem_count for s in report.sources)} problems",
        highlight=False,
    )


def print_index(report: IndexReport, *, as_json: bool) -> None:
    """Print what an index run did."""
    if as_json:
        print_json(report)
        return
    out = console(stderr=False)
    if report.skipped:
        out.print(f"Nothing to do: build {report.build.id} has it all.", highlight=False)
        return
    out.print(
        f"Build {report.build.id}: {report.build.resources} resources, {report.build.passages} passages; "
        f"{report.added} added, {report.changed} changed, {report.removed} removed, {report.embedded} embedded, "
        f"{report.seconds:.1f} s{f' (all anew: {report.whole})' if report.whole else ''}",
        highlight=False,
    )


class RichProgress:
    """Progress bars on stderr; a line a stage when stderr is no terminal (`engine.progress.Progress`)."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._task: Any = None
        self._terminal = console().is_terminal and "CI" not in os.environ

    def begin(self, stage: str, total: int | None = None) -> None:
        """Begin a stage."""
        if not self._terminal:
            console().print(f"{stage}{f' ({total})' if total else ''} …", highlight=False, markup=False)
            return
        self.end()
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console(),
            transient=True,
        )
        self._bars.start()
        self._task = self._bars.add_task(escape(stage), total=total)

    def advance(self, steps: int = 1) -> None:
        """Move the bar on."""
        if self._bars is not None:
            self._bars.advance(self._task, steps)

    def end(self) -> None:
        """Take the bar away."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None
