"""Which requirements of several plans are one? `kompetansegraf plans harmonise`."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.editor_words import EDITOR_WORDS
from cli.opening import Data, Json, opened
from cli.output import RichProgress, console, plain, print_json
from cli.status import language_of

if TYPE_CHECKING:
    from engine.harmonise import Harmoniser, Near, Proposal
    from engine.model import Vectors
    from engine.service import Engine
    from graph.status import Language

BY = "cli"


def harmonise(
    accept: Annotated[
        list[str] | None,
        typer.Option(
            help="Proposal to carry out, by its id, or OLD=KEPT for two requirements; may be repeated."
        ),
    ] = None,
    reject: Annotated[
        list[str] | None,
        typer.Option(help="Proposal that is wrong, or OLD=KEPT: not proposed again; may be repeated."),
    ] = None,
    undo: Annotated[
        list[str] | None,
        typer.Option(help="Requirement that leads to another: it stands for itself again; may be repeated."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; kept with the ruling.")] = "",
    data: Data = None,
    lang: Annotated[str, typer.Option(help="nb, nn or en.")] = "en",
    json: Json = False,
) -> None:
    """Find requirements of several plans that may be one, show what joining them changes, and join them."""
    from engine.plan_editing import PlanEditor

    language = language_of(lang)
    said = EDITOR_WORDS[language]
    with opened(data) as engine:
        editor = PlanEditor(engine.catalogue, engine.now)
        for old in undo or ():
            _tell(said["parted"].format(old=old, kept=editor.part(old, by=BY)))
        wanted = [*(accept or ()), *(reject or ())]
        if not wanted and undo:
            return
        finder, passes = _finder(engine, language)
        if not wanted:
            _show(finder, passes, language, as_json=json)
            return
        for name in wanted:
            for old, kept in _pairs(name, passes):
                if name in (accept or ()):
                    editor.join(old, kept, by=BY, reason=reason)
                    _tell(said["leads"].format(old=old, kept=kept))
                else:
                    editor.keep_apart(old, kept, by=BY, reason=reason)
                    _tell(said["apart"].format(old=old, kept=kept))


def _vectors(engine: "Engine", stage: str, progress: RichProgress) -> "Callable[[Sequence[str]], Vectors]":
    """Return what gives the vectors of names: each computed once, and kept with those of the resources."""
    from indexer.embedding import PassageEmbedder

    assert engine.embedder is not None
    known = PassageEmbedder(engine.embedder, engine.vectors, progress.advance)

    def vectors(texts: Sequence[str]) -> "Vectors":
        if missing := known.missing(texts):
            progress.begin(stage, missing)
        try:
            return known.vectors(texts)
        finally:
            progress.end()

    return vectors


def _finder(engine: "Engine", lang: "Language") -> "tuple[Harmoniser, list[Callable[[], list[Proposal]]]]":
    """Return what finds proposals, and its passes: by words, which is fast, then by meaning too."""
    from engine.harmonise import harmoniser
    from engine.plan_data import read_plans

    said, progress = EDITOR_WORDS[lang], RichProgress()
    meaning = engine.embedder is not None and engine.settings.embedder != "hashing"  # hashed words know none
    names = _vectors(engine, said["by_meaning"], progress) if meaning else None
    plans = read_plans(engine.catalogue, engine.catalogue.plan_seq())
    finder = harmoniser(engine.catalogue, plans, names, engine.matcher)

    def by_words() -> "list[Proposal]":
        progress.begin(said["by_words"])
        try:
            return finder.proposals(by_meaning=False)
        finally:
            progress.end()

    return finder, [by_words, finder.proposals] if meaning else [by_words]


def _pairs(name: str, passes: "Sequence[Callable[[], list[Proposal]]]") -> list[tuple[str, str]]:
    """Return the requirements to join or keep apart: the old one and the one that is kept."""
    if "=" in name:
        old, _, kept = name.partition("=")
        return [(old, kept)]
    for find in passes:
        for proposal in find():
            if proposal.id == name:
                return [(near.requirement, proposal.keep) for near in proposal.near]
    raise typer.BadParameter(f"no proposal has the id {name!r}", param_hint="--accept, --reject")


def _show(
    finder: "Harmoniser",
    passes: "Sequence[Callable[[], list[Proposal]]]",
    lang: "Language",
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json({"proposals": [_record(proposal, finder) for proposal in passes[-1]()]})
        return
    said, shown = EDITOR_WORDS[lang], set[str]()
    out = console(stderr=False)
    for number, find in enumerate(passes):
        found = find()
        new = [p for p in found if p.id not in shown]
        if number and new:
            out.print(said["also_by_meaning"], highlight=False)
        for proposal in new:
            _print(proposal, lang)
        shown |= {p.id for p in found}
    out.print(said["proposals"].format(n=len(shown)), highlight=False)


def _print(p: "Proposal", lang: "Language") -> None:
    said, out = EDITOR_WORDS[lang], console(stderr=False)
    counts = said["proposal"].format(
        plans=len(p.plans), twice=len(p.joined_plans), resources=len(p.resources)
    )
    out.print(
        f"[bold]{p.id}[/bold]  {escape(p.keep)}: {escape(p.label)}  [dim]{counts}[/dim]", highlight=False
    )
    for n in p.near:
        told = [said["near"].format(how=said[n.how], words=n.words)]
        told[0] += f", cosine {n.cosine:.2f}" if n.cosine is not None else ""
        if n.differs:
            told.append(
                said["differs"].format(names=", ".join(_difference(n, name, lang) for name in n.differs))
            )
        told.append(said["near_plans"].format(n=len(n.plans)))
        out.print(
            f"   ← {escape(n.requirement)}: {escape(n.label)}  [dim]{escape('; '.join(told))}[/dim]",
            highlight=False,
        )


def _difference(near: "Near", name: str, lang: "Language") -> str:
    said = EDITOR_WORDS[lang]
    if name != "level" or near.levels is None:
        return said.get(f"field_{name}", said.get(name, name))
    kept, other = (level or said["no_level"] for level in near.levels)
    return f"{said[name]} ({kept} – {other})"


def _record(proposal: "Proposal", finder: "Harmoniser") -> dict[str, object]:
    record = plain(proposal)
    assert isinstance(record, dict)
    return {
        **record,
        "preview": [
            {"plan": name, "requirements": [line.requirement for line in plan.lines]}
            for name, plan in finder.preview(proposal).items()
        ],
    }


def _tell(text: str) -> None:
    console().print(text, highlight=False, markup=False)
