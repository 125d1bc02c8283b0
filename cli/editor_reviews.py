"""How does an editor keep content fresh from a terminal? `kompetansegraf editor stale|reviewed|queue|dashboard|authority`."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.list_output import Csv, Xlsx, leave, line
from cli.opening import Data, Json, opened
from cli.output import console, print_json
from cli.status import Lang, language_of

if TYPE_CHECKING:
    from engine.editorial.review_lists import ReviewFilter

authority_app = typer.Typer(
    help="Guidelines, regulations and curricula that requirements and resources rest on.",
    no_args_is_help=True,
)
BY = "cli"
DEFAULT_WITHIN = 90

Edition = Annotated[str, typer.Option(help="Only this edition.")]
Topic = Annotated[str, typer.Option(help="Only this theme and what is narrower, such as fallforebygging.")]
Responsible = Annotated[str, typer.Option(help="Only what this function keeps right.")]
Type = Annotated[str, typer.Option("--resource-type", help="Only this resource type and what is narrower.")]
Language = Annotated[str, typer.Option(help="Only resources in this language.")]
Within = Annotated[int, typer.Option(min=0, help="Days ahead that count as due.")]
By = Annotated[str, typer.Option("--by", help="Function that says so, never a person.")]
Id = Annotated[str, typer.Argument(metavar="RESOURCE", help="Id of the resource.")]


def stale(
    edition: Edition = "",
    topic: Topic = "",
    within: Within = DEFAULT_WITHIN,
    responsible: Responsible = "",
    resource_type: Type = "",
    language: Language = "",
    state: Annotated[
        str, typer.Option(help="work (expired and due), expired, due, later, undated or all.")
    ] = "work",
    sort: Annotated[
        str, typer.Option(help="due, title, edition, responsible, resource_type or language.")
    ] = "due",
    lang: Lang = "nb",
    data: Data = None,
    csv: Csv = None,
    xlsx: Xlsx = None,
    json: Json = False,
) -> None:
    """List published resources by review date: what has expired and what is due, the earliest first."""
    from engine.editorial.review_lists import ReviewLists, review_table, row_document

    tongue = language_of(lang)
    with opened(data) as engine:
        wanted = _filter(state, within, edition, topic, responsible, resource_type, language)
        lists = ReviewLists(engine)
        rows = [
            row_document(r, engine, lists.today, tongue)
            for r in lists.rows_of(wanted, order=sort)  # type: ignore[arg-type]
        ]
        counts = lists.counts(wanted)
        document = {"on": lists.today, "total": len(rows), "counts": counts, "rows": rows}
        if leave(document, lambda: review_table(rows, tongue), csv=csv, xlsx=xlsx, json=json):
            return
    for r in rows:
        facts = (r["edition"], ", ".join(r["theme_labels"]), r["responsible"])
        typer.echo(
            line([r["review_due"] or "–" * 10, r["state_label"], r["id"], r["title"], f"({line(facts)})"])
        )
    said = ", ".join(f"{name} {n}" for name, n in counts.items())
    console().print(f"{len(rows)} rows; {said}", highlight=False)


def reviewed(
    resource: Id,
    due: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it is to be looked at next.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the review; default today.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; kept with it.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Give it the date of its source again.")] = False,
    by: By = BY,
    data: Data = None,
) -> None:
    """Say that a resource is still right, with the date of the next review; it holds over imports."""
    if (due is None) == (not undo):
        raise typer.BadParameter("a day, or --undo, is needed", param_hint="--due")
    with opened(data) as engine:
        if due is None:
            day = engine.reviews.undo(resource, by=by).review_due
            said = f"{resource} has the date of its source again: {day or 'none'}."
        else:
            found = engine.reviews.mark(
                resource, due=due.date(), reviewed=on.date() if on else None, by=by, reason=reason
            )
            said = f"{resource} was found right on {found.reviewed}; next on {found.due}."
        console().print(said, highlight=False, markup=False)


def queue(
    edition: Edition = "",
    topic: Topic = "",
    within: Within = DEFAULT_WITHIN,
    responsible: Responsible = "",
    resource_type: Type = "",
    language: Language = "",
    reason: Annotated[
        list[str] | None,
        typer.Option(help="Only expired, due, authority or requirement (a change of it); may be repeated."),
    ] = None,
    lang: Lang = "nb",
    data: Data = None,
    csv: Csv = None,
    xlsx: Xlsx = None,
    json: Json = False,
) -> None:
    """Show the work list: expired, resting on a source or a requirement that has changed, due; the urgent first."""
    from engine.editorial.queue import REASONS, item_document, queue_table, work_queue

    tongue = language_of(lang)
    with opened(data) as engine:
        wanted = _filter("all", within, edition, topic, responsible, resource_type, language)
        found = work_queue(
            engine,
            lambda row: row.status == "published",
            wanted,
            reasons=reason or REASONS,  # type: ignore[arg-type]
        )
        today = engine.today()
        items = [item_document(item, engine, today, tongue, lambda _: True) for item in found]
        document = {"on": today, "total": len(items), "items": items}
        if leave(document, lambda: queue_table(items, tongue), csv=csv, xlsx=xlsx, json=json):
            return
    for item in items:
        typer.echo(f"{item['item']}  {item['title']}")
        for why in item["reasons"]:
            typer.echo(f"    {why['label']}: {why['sentence']}")
            for change in why.get("changes", ()):
                typer.echo(f"      «{change['before']}» → «{change['after']}»")
    console().print(f"{len(items)} to look at.", highlight=False)


def dashboard(
    edition: Edition = "", topic: Topic = "", lang: Lang = "nb", data: Data = None, json: Json = False
) -> None:
    """Show how an edition or a topic stands: published, drafts, expired, due, and what waits for a ruling."""
    from engine.editorial.dashboard import dashboard as numbers_of

    tongue = language_of(lang)
    with opened(data) as engine:
        document = numbers_of(
            engine,
            lambda _: True,
            lambda _: True,
            edition=edition,
            topic=topic.removeprefix("tema/"),
            lang=tongue,
        )
    if json:
        print_json(document)
        return
    for cell in document["numbers"]:
        typer.echo(f"{'–' if cell['n'] is None else cell['n']:>8}  {cell['label']}")
    for rows in ("themes", "resource_types"):
        typer.echo("")
        for row in document[rows]:
            cells = {cell["name"]: cell for cell in row["numbers"]}
            said = "; ".join(f"{cells[n]['label']} {cells[n]['n']}" for n in ("expired", "due_90", "undated"))
            typer.echo(f"{cells['published']['n']:>8}  {row['label']}: {said}")


@authority_app.command("import")
def import_(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV or JSON; docs/command-line.md has the fields.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, write nothing.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Read sources of authority; a new version or text lets all that rests on it wait for an editor."""
    from indexer.authorities import import_authorities

    with opened(data) as engine:
        report = import_authorities(engine, path, by=BY, dry_run=dry_run)
        if json:
            print_json(report.to_record())
        else:
            for problem in (*report.problems, *report.warnings):
                console().print(str(problem), highlight=False, markup=False)
            would = "would be " if dry_run else ""
            said = f"{len(report.added)} {would}added, {len(report.changed)} {would}changed"
            said += f" ({', '.join(report.changed)})" if report.changed else ""
            said += f", {len(report.updated)} linked anew, {len(report.unchanged)} unchanged"
            console(stderr=False).print(said, highlight=False, markup=False)
        if report.problems and not any((report.added, report.changed, report.updated, report.unchanged)):
            raise typer.Exit(1)


@authority_app.command("list")
def list_(data: Data = None, json: Json = False) -> None:
    """Show sources, and requirements whose text has changed, with how much rests on each and waits."""
    from engine.editorial.authority_changes import changes_of

    with opened(data) as engine:
        changes = changes_of(engine)
        waits: dict[str, int] = {}
        for waiting in changes.waiting():
            waits[waiting.source.id] = waits.get(waiting.source.id, 0) + 1
        rows = [
            {
                "id": source.id,
                "title": next(iter(source.labels.values()), source.id),
                "version": source.now.version,
                "statements": len(source.statements),
                "linked": len(changes.linked(source.id)),
                "waiting": waits.get(source.id, 0),
            }
            for source in changes.sources().values()
        ]
        if json:
            print_json({"sources": rows})
            return
        for row in rows:
            typer.echo(
                line([row["id"], row["title"], row["version"], f"{row['waiting']} of {row['linked']} wait"])
            )


@authority_app.command("reviewed")
def authority_reviewed(
    source: Annotated[str, typer.Argument(help="authority:ID or requirement:ID.")],
    item: Annotated[
        list[str] | None, typer.Argument(help="resource:ID or requirement:ID; default all that wait.")
    ] = None,
    by: By = BY,
    data: Data = None,
) -> None:
    """Say that what rests on a source was looked at since it changed."""
    from engine.editorial.authority_changes import changes_of

    with opened(data) as engine:
        done = changes_of(engine).mark(source, item or None, by=by)
        console().print(
            f"{len(done)} marked: {', '.join(done) or 'none waited'}", highlight=False, markup=False
        )


def _filter(
    state: str, within: int, edition: str, topic: str, responsible: str, resource_type: str, language: str
) -> "ReviewFilter":
    from engine.editorial.review_lists import ReviewFilter

    return ReviewFilter(
        state,  # type: ignore[arg-type]
        within,
        "published",
        edition,
        topic.removeprefix("tema/"),
        responsible,
        resource_type,
        language,
    )
