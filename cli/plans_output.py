"""How do changes of plans look in a terminal? What would change and why not, what may be one, what leads where."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from cli.done_list import read_done_list
from cli.editor_words import EDITOR_WORDS
from cli.output import console, plain, print_json

if TYPE_CHECKING:
    from engine.plan_migration import Migration
    from graph.model import Requirement
    from graph.status import Language
    from indexer.plans import PlansReport


def print_plans_import(report: PlansReport, *, lang: Language, as_json: bool) -> None:
    """Print what an import of plans did and every problem with its place."""
    if as_json:
        print_json(report.to_record())
        return
    for problem in report.problems:
        console().print(f"[red]{escape(str(problem))}[/red]", highlight=False)
    for warning in report.warnings:
        console().print(f"[yellow]{escape(str(warning))}[/yellow]", highlight=False)
    out = console(stderr=False)
    said = EDITOR_WORDS[lang]
    for kind, wrote in report.kinds.items():
        told = said["would_write" if report.dry_run else "wrote"].format(
            kind=said[kind],
            added=len(wrote.added),
            updated=len(wrote.updated),
            unchanged=len(wrote.unchanged),
        )
        out.print(told, highlight=False)
    for plan, lines in report.lines.items():
        marked = [
            *(f"+{q}" for q in lines.added),
            *(f"~{q}" for q in lines.changed),
            *(f"-{q}" for q in lines.removed),
        ]
        if marked:
            out.print(f"  {escape(plan)}: {escape(' '.join(marked))}", highlight=False)
    for kind, names in report.skipped.items():
        told = said["would_skip" if report.dry_run else "skipped"].format(
            kind=said.get(kind, kind), n=len(names), names=escape(", ".join(names))
        )
        out.print(told, highlight=False)
    told = said["faults"].format(problems=len(report.problems), warnings=len(report.warnings))
    out.print(told, highlight=False)


def print_migration(found: Migration, known: Mapping[str, Requirement], *, as_json: bool) -> None:
    """Print where old requirements have gone, and those that have gone nowhere."""
    if as_json:
        print_json(found)
        return
    out = console(stderr=False)
    for m in found.moved:
        line = (
            f"{_named(m.old, known)} → {_named(m.new, known)}  [dim]{m.how}, {m.words:.0%} of the words[/dim]"
        )
        out.print(line, highlight=False)
    for name in found.unmapped:
        why = " (its code belongs to something else now)" if name in found.reused else ""
        out.print(f"{_named(name, known)} → not mapped{why}", highlight=False)
    for name in found.added:
        out.print(f"new: {_named(name, known)}", highlight=False)
    out.print(
        f"{len(found.moved)} mapped, {len(found.unmapped)} not, {len(found.added)} new", highlight=False
    )


def print_done_list(path: Path, found: Migration, known: Mapping[str, Requirement]) -> None:
    """Print a done-list with new requirements in the place of old ones; what is not mapped stays, with a warning."""
    new = {m.old: m.new for m in found.moved}
    for line in read_done_list(path, known):
        if line.requirement in found.unmapped:
            console().print(f"[yellow]{escape(line.requirement)} is not mapped[/yellow]", highlight=False)
        record = {**_object(line), "requirement": new.get(line.requirement, line.requirement)}
        console(stderr=False).out(json.dumps(record, ensure_ascii=False), highlight=False)


def _object(value: object) -> dict[str, object]:
    found = plain(value)
    return found if isinstance(found, dict) else {}


def _named(name: str, known: Mapping[str, Requirement]) -> str:
    labels = {str(lang): label for lang, label in known[name].labels.items()} if name in known else {}
    label = next((labels[x] for x in ("nb", "nn", "en") if x in labels), "")
    return escape(f"{name} ({label})" if label else name)
