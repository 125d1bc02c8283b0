"""How is everything carried away and brought back from a terminal? Backup and restore."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli.output import RichProgress, console, print_json

if TYPE_CHECKING:
    from engine.backup import BackupReport, RestoreReport

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of catalogue, index and caches. Default: KG_DATA, else ./kompetansegraf-data."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def backup(
    file: Annotated[
        Path, typer.Argument(help="The file to write; an earlier backup of that name is replaced.")
    ],
    data: Data = None,
    without_index: Annotated[
        bool, typer.Option("--without-index", help="Leave the index out; it can be made again.")
    ] = False,
    without_vectors: Annotated[
        bool,
        typer.Option("--without-vectors", help="Leave computed vectors out; they can be computed again."),
    ] = False,
    repository: Annotated[
        str | None,
        typer.Option(
            help="Cluster only: snapshot repository that the index is saved to; without it, no index."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Write catalogue, index and vectors to one file, while the server goes on."""
    from engine.bootstrap import load_settings, open_backups

    with closing(open_backups(load_settings(data=data), repository=repository)) as backups:
        report = backups.write(
            file, index=not without_index, vectors=not without_vectors, progress=RichProgress()
        )
    print_backup(report, as_json=json)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` has written.")],
    data: Data = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is there, having saved it in a backup beside.")
    ] = False,
    repository: Annotated[
        str | None,
        typer.Option(
            help="Cluster only: snapshot repository that the index lies in, when it has another name now."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether the file is whole and what it holds.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring a backup back into an empty data folder or database; stop the server before."""
    from engine.bootstrap import load_settings, open_backups

    with closing(open_backups(load_settings(data=data), repository=repository)) as backups:
        if check:
            print_backup(backups.check(file, progress=RichProgress()), as_json=json)
        else:
            print_restore(backups.restore(file, force=force, progress=RichProgress()), as_json=json)


def print_backup(report: "BackupReport", *, as_json: bool) -> None:
    """Print what a backup holds."""
    from engine.backup import counted

    if as_json:
        print_json(
            {
                "file": str(report.path),
                "bytes": report.size,
                "sha256": report.seal,
                "created": report.manifest.created,
                "program_version": report.manifest.program_version,
                "tables": report.manifest.tables,
                "index": report.index,
                "vocabulary_files": report.manifest.vocabulary,
                "vectors": {part.model_id: part.count for part in report.manifest.vectors},
                "notes": report.notes,
            }
        )
        return
    _say(report.notes)
    out = console(stderr=False)
    out.print(
        f"{escape(str(report.path))}: {report.size / 1e6:.1f} MB, of {report.manifest.created:%Y-%m-%d %H:%M} "
        f"(version {report.manifest.program_version})",
        highlight=False,
    )
    out.print(", ".join(counted(report.manifest.tables)), highlight=False)
    vectors = sum(part.count for part in report.manifest.vectors)
    index = f"index build {report.index.id}" if report.index else "no index"
    if report.manifest.index and "snapshot" in report.manifest.index.reference:
        where = report.manifest.index.reference
        index += f" (snapshot {where['snapshot']} in repository {where['repository']})"
    own = ", a vocabulary of its own" if report.manifest.vocabulary else ""
    out.print(f"{index}, {vectors} vectors{own}", highlight=False)


def print_restore(report: "RestoreReport", *, as_json: bool) -> None:
    """Print what a restore did, and what is left to do."""
    from engine.backup import counted

    if as_json:
        print_json(
            {
                "created": report.manifest.created,
                "tables": report.manifest.tables,
                "index": report.index,
                "saved": str(report.saved) if report.saved else None,
                "finished": report.finished,
                "notes": report.notes,
            }
        )
        return
    _say(report.notes)
    out = console(stderr=False)
    held = ", ".join(counted(report.manifest.tables))
    done = "An interrupted restore has been finished" if report.finished else "Restored"
    out.print(
        f"{done}: backup of {report.manifest.created:%Y-%m-%d %H:%M}, {held}",
        highlight=False,
    )
    if report.index:
        out.print(
            f"Current build is {report.index.id} ({report.index.resources} resources).", highlight=False
        )
    else:
        out.print("There is no index yet: run `kompetansegraf index`.", highlight=False)
    if report.saved:
        out.print(
            f"What was there before is in {escape(str(report.saved))}; remove it when all is well.",
            highlight=False,
        )


def _say(notes: tuple[str, ...]) -> None:
    for note in notes:
        console().print(f"[yellow]Note:[/yellow] {escape(note)}", highlight=False)
