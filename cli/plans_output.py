"""How do changes of plans look in a terminal? What would change and why not, what may be one, what leads where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from cli.output import console, print_json

if TYPE_CHECKING:
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
