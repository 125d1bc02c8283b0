"""How do changes of plans look in a terminal? What would change and why not, what may be one, what leads where."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from cli.done_list import read_done_list
from cli.output import console, plain, print_json

if TYPE_CHECKING:
    from engine.harmonise import Harmoniser, Proposal
    from engine.plan_migration import Migration
    from graph.model import Requirement
    from indexer.plans import PlansReport


def print_plans_import(report: PlansReport, *, as_json: bool) -> None:
    """Print what an import of plans did and every problem with its place."""
    if as_json:
        print_json(report.to_record())
        return
    for problem in report.problems:
        console().print(f"[red]{escape(str(problem))}[/red]", highlight=False)
    for warning in report.warnings:
        console().print(f"[yellow]{escape(str(warning))}[/yellow]", highlight=False)
    out = console(stderr=False)
    would = "would be " if report.dry_run else ""
    for kind, wrote in report.kinds.items():
        out.print(
            f"{kind}: {len(wrote.added)} {would}added, {len(wrote.updated)} {would}changed, "
            f"{len(wrote.unchanged)} unchanged",
            highlight=False,
        )
    for plan, lines in report.lines.items():
        marked = [
            *(f"+{q}" for q in lines.added),
            *(f"~{q}" for q in lines.changed),
            *(f"-{q}" for q in lines.removed),
        ]
        if marked:
            out.print(f"  {escape(plan)}: {escape(' '.join(marked))}", highlight=False)
    for kind, names in report.skipped.items():
        out.print(f"{kind}: {len(names)} {would}skipped: {escape(', '.join(names))}", highlight=False)
    out.print(f"{len(report.problems)} problems, {len(report.warnings)} warnings", highlight=False)


def print_proposals(found: Sequence[Proposal], finder: Harmoniser, *, as_json: bool) -> None:
    """Print requirements that may be one, the evidence, and the plans that would change."""
    if as_json:
        print_json(
            {
                "proposals": [
                    {
                        **_object(proposal),
                        "preview": [
                            {"plan": name, "requirements": [line.requirement for line in plan.lines]}
                            for name, plan in finder.preview(proposal).items()
                        ],
                    }
                    for proposal in found
                ]
            }
        )
        return
    out = console(stderr=False)
    for p in found:
        out.print(
            f"[bold]{p.id}[/bold]  {escape(p.keep)}: {escape(p.label)}  [dim]{len(p.plans)} plans, "
            f"{len(p.joined_plans)} ask more than once, {len(p.resources)} resources[/dim]",
            highlight=False,
        )
        for n in p.near:
            sure = f", cosine {n.cosine:.2f}" if n.cosine is not None else ""
            differs = f"; differs in {', '.join(n.differs)}" if n.differs else ""
            out.print(
                f"   ← {escape(n.requirement)}: {escape(n.label)}  [dim]{n.how}, {n.words:.0%} of the words"
                f"{sure}{differs}; {len(n.plans)} plans[/dim]",
                highlight=False,
            )
    out.print(f"{len(found)} proposals; carry one out with --accept ID", highlight=False)


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
