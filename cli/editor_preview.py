"""What is there already, before one writes? `kompetansegraf editor preview`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import Data, Json, opened
from cli.output import print_json
from cli.status import Lang, language_of
from engine.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator


def preview(
    title: Annotated[str, typer.Argument(metavar="TITLE", help="The title that is thought of.")],
    text: Annotated[
        Path | None, typer.Option(help="File with the text as far as it is written; - is standard input.")
    ] = None,
    language: Annotated[str, typer.Option(help="nb, nn, en or se; default: told from the words.")] = "",
    edition: Annotated[str, typer.Option(help="Edition that it is written for.")] = "felles",
    data: Data = None,
    lang: Lang = "nb",
    json: Json = False,
) -> None:
    """Show texts like it, requirements it would serve and concepts it would be tagged with; nothing is stored."""
    from engine.draft_words import preview_document
    from engine.drafting import Draft, Drafting

    if language not in {"", "nb", "nn", "en", "se"}:
        raise typer.BadParameter("one of nb, nn, en, se is needed", param_hint="--language")
    said = language_of(lang)
    with opened(data) as engine:
        draft = Draft(title, _read(text), language, edition)
        found = Drafting(engine).preview(draft, may_see=lambda _: True)
        document = preview_document(engine, found, said)
    if json:
        print_json(document)
        return
    for line in _lines(document):
        typer.echo(line)


def _read(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        data = typer.get_binary_stream("stdin").read() if str(path) == "-" else path.read_bytes()
    except OSError as e:
        raise InvalidRequest(f"{path}: cannot be read: {e.strerror}") from e
    return data.decode("utf-8", "replace")


def _lines(document: dict[str, Any]) -> "Iterator[str]":
    yield document["headline"]
    for e in document["existing"]:
        owner = f", {e['owner']}" if e["owner"] else ""
        yield (
            f"  {e['level_label']}: {e['id']}  {e['title']}  ({e['edition_label']}, {e['language_label']}, "
            f"{e['status_label']}, {e['review']['label']}{owner})"
        )
        for why in e["why"]:
            yield f"    {why['label']}: {why['sentence']}"
        for sentence in e["evidence"]:
            yield f"    {sentence}"
    for q in document["requirements"]:
        yield f"  {q['confidence']:.2f}  {q['requirement']}  {q['sentence']}"
    for c in document["concepts"]:
        yield f"  {c['score']:.2f}  {c['concept']}  {c['label']}"
