"""How does a change of the vocabulary look in a terminal? What is different, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from cli.output import console

if TYPE_CHECKING:
    from cli.vocabulary_change import ChangeReport
    from indexer.vocabulary_change import Impact
    from vocab.comparison import VocabularyChanges

SHOWN = 20
"""Lines of a list that are printed; ``--json`` has them all."""


def print_change(report: ChangeReport) -> None:
    """Print what is different, what that changes here, and what was done."""
    out = console(stderr=False)
    for line in _lines(report):
        out.print(line, highlight=False, markup=False)
    done = console()
    if report.applied and report.index is None:
        done.print(
            "It is in use now; `kompetansegraf index` brings tags and index up to date.", highlight=False
        )
    elif not report.changes:
        done.print("Both are the same: there is nothing to do.", highlight=False)
    elif not report.applied:
        done.print("Nothing was written.", highlight=False)
    for note in report.impact.notes:
        done.print(f"[yellow]Note:[/yellow] {escape(note)}", highlight=False)


def _lines(report: ChangeReport) -> Iterator[str]:
    if report.source is not None:
        schemes = ", ".join(report.source["schemes"])
        yield f"Read as {report.source['kind']}: {report.source['concepts']} concepts in {schemes}"
        yield from _listed("Left out", report.source["left_out"])
        mappings = report.source.get("mappings", {})
        for title, name in (("Mappings kept", "kept"), ("Mappings proposed and not kept", "proposed")):
            yield from _listed(title, [_mapping(m) for m in mappings.get(name, ())])
    yield from _changes(report.changes)
    yield from _listed(
        "New integrity findings",
        [f"{f.severity}: {f.code}: {f.concept}: {f.message}; {f.advice}" for f in report.findings],
    )
    if report.changes:
        yield from _impact(report.impact)


def _mapping(proposal: Mapping[str, Any]) -> str:
    source, target = (f"{proposal[x]} ({proposal[f'{x}_label']})" for x in ("source", "target"))
    return f"{proposal['confidence']:.2f} {source} {proposal['match']} {target}"


def _changes(changes: VocabularyChanges) -> Iterator[str]:
    yield from _listed("Schemes added", changes.schemes_added)
    yield from _listed("Schemes removed", changes.schemes_removed)
    yield from _listed("Concepts added", [f"{c.concept} ({c.label})" for c in changes.added])
    yield from _listed("Concepts removed", [f"{c.concept} ({c.label})" for c in changes.removed])
    yield from _listed(
        "Concepts deprecated",
        [f"{c.concept} ({c.label}) -> {c.replaced_by or 'nothing'}" for c in changes.deprecated],
    )
    yield from _listed("Concepts back in use", [f"{c.concept} ({c.label})" for c in changes.restored])
    yield from _listed(
        "Concepts changed",
        [
            f"{c.concept} ({c.label}): {f.field}: {_lost_and_won(f.lost, f.won)}"
            for c in changes.changed
            for f in c.fields
        ],
    )


def _impact(impact: Impact) -> Iterator[str]:
    yield f"\nThe change may reach {impact.tagged} of {impact.published} resources, which were tagged with both."
    yield from _listed(
        "Resources with other tags",
        [f"{r.id} ({r.title}): {_lost_and_won(r.lost, r.won)}" for r in impact.resources],
    )
    if impact.rescored:
        yield f"{len(impact.rescored)} more keep their tags with other scores."
    yield from _listed(
        "What names a replaced or vanished concept",
        [
            f"{r.kind} {r.id}: {r.concept} -> {r.replaced_by or 'nothing'}"
            + (f" (through {r.through})" if r.through else "")
            for r in impact.references
        ],
    )
    yield from _listed(
        "Labels that queries understand otherwise",
        [f"{s.label}: {_named(s.before)} -> {_named(s.after)}" for s in impact.synonyms],
    )
    if (golden := impact.golden) is not None:
        yield f"{golden.queries} golden queries: nDCG@10 {golden.before:.3f} -> {golden.after:.3f}"
        yield from _listed(
            "Golden queries with other answers",
            [
                f"{q.query}: {q.before:.3f} -> {q.after:.3f}: {_lost_and_won(q.lost, q.won) or 'another order'}"
                for q in golden.changed
            ],
        )


def _listed(title: str, items: Sequence[str]) -> Iterator[str]:
    if not items:
        return
    yield f"{title}: {len(items)}"
    yield from (f"  {item}" for item in islice(items, SHOWN))
    if len(items) > SHOWN:
        yield f"  … and {len(items) - SHOWN} more (--json has all)"


def _lost_and_won(lost: Iterable[str], won: Iterable[str]) -> str:
    return ", ".join([*(f"- {value}" for value in lost), *(f"+ {value}" for value in won)])


def _named(concepts: Sequence[str]) -> str:
    return ", ".join(concepts) or "nothing"
