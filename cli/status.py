"""How does one stand, and what is due when? `kompetansegraf status`, `calendar` and `remind`."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.text import Text

from cli.opening import Data, Json, opened
from cli.output import console, print_json
from cli.tables import print_table
from cli.words import words
from engine.errors import BackendError, InvalidRequest

if TYPE_CHECKING:
    from graph.status import Colour, Language

Role = Annotated[str, typer.Option("--role", help="Role id (hjemmesykepleier) or HPR code.")]
Plan = Annotated[str | None, typer.Option(help="Only this plan of the role.")]
Edition = Annotated[str | None, typer.Option(help="Edition whose requirements count beside the common.")]
On = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day to look at (default today).")]
Lang = Annotated[str, typer.Option(help="nb, nn or en.")]

STYLES = {"red": "bold red", "yellow": "yellow", "green": "green", "grey": "dim"}


def status(
    role: Role,
    done: Annotated[
        Path | None,
        typer.Option(help="Done-list, JSON Lines: requirement, state, achieved, expires, evidence."),
    ] = None,
    data: Data = None,
    plan: Plan = None,
    edition: Edition = None,
    on: On = None,
    lang: Lang = "nb",
    json: Json = False,
) -> None:
    """Tell how somebody in a role stands: state, colour and word, due date, what fills each gap. Nothing is stored."""
    from cli.done_list import read_done_list
    from engine.reports.status import status_document, status_of
    from engine.service import role_id

    language = language_of(lang)
    with opened(data) as engine:
        rid = role_id(role, engine.roles())
        evidence = read_done_list(done, engine.requirements()) if done else ()
        found = status_of(engine, rid, plan=plan, edition=edition, done=evidence, on=day_of(on))
        document = status_document(
            engine, found, rid, lang=language, edition=edition, plan=plan, done=evidence
        )
    if json:
        print_json(document)
        return
    print_status(document, language)


def calendar(
    data: Data = None,
    role: Annotated[str | None, typer.Option(help="Role whose status is asked for, with --done.")] = None,
    done: Annotated[
        Path | None, typer.Option(help="Done-list, JSON Lines; without it the days of --plan.")
    ] = None,
    plan: Annotated[
        str | None, typer.Option(help="Only this plan of the role; without --role the plan's own days.")
    ] = None,
    edition: Edition = None,
    on: On = None,
    months: Annotated[
        int, typer.Option(min=1, max=60, help="How far to look ahead in a plan's own days.")
    ] = 24,
    out: Annotated[Path | None, typer.Option(help="File to write (.ics); default stdout.")] = None,
    lang: Lang = "nb",
) -> None:
    """Give due dates as a calendar (iCalendar): somebody's, from a done-list, or a plan's, without persons."""
    from cli.done_list import read_done_list
    from engine.reports.due_calendar import plan_calendar, status_calendar
    from engine.reports.status import status_of
    from engine.service import role_id

    language, day = language_of(lang), day_of(on)
    if role is None and (plan is None or done is not None):
        raise InvalidRequest("--role with --done FILE is needed, or --plan alone")
    with opened(data) as engine:
        if role is None:
            assert plan is not None
            ics = plan_calendar(engine, plan, edition=edition, on=day, months=months, lang=language)
        else:
            rid = role_id(role, engine.roles())
            evidence = read_done_list(done, engine.requirements()) if done else ()
            found = status_of(engine, rid, plan=plan, edition=edition, done=evidence, on=day)
            ics = status_calendar(engine, found, rid, edition=edition, lang=language)
    if out is None:
        sys.stdout.buffer.write(ics)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(ics)
    except OSError as e:
        raise BackendError(f"{out} cannot be written: {e.strerror}") from e


def remind(
    done: Annotated[
        Path, typer.Option(help="Done-lists of a unit, JSON Lines: pseudonym, role, plan, edition, done.")
    ],
    data: Data = None,
    due_within: Annotated[
        int, typer.Option(min=0, max=3650, help="Due dates within so many days, and those that are past.")
    ] = 30,
    edition: Edition = None,
    on: On = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also what may or may not have been sent by a run that broke.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the message, send nothing.")] = False,
    lang: Lang = "nb",
    json: Json = False,
) -> None:
    """Remind a function's mailbox, or a webhook, of due dates of a unit; each due date once."""
    from cli.reports import members_of
    from engine.bootstrap import open_messengers, open_reminder_log
    from engine.reports.reminders import check_channels, due_items, message_of
    from engine.reports.reminders import remind as send
    from engine.reports.unit import unit_of

    language = language_of(lang)
    with opened(data) as engine:
        unit = unit_of(engine, members_of(engine, done), on=day_of(on), edition=edition)
        items = due_items(engine, unit, within=due_within, lang=language)
        if dry_run:
            message = message_of(items, on=unit.on, lang=language)
            if json:
                print_json(message.document)
            else:
                sys.stdout.write(f"{message.subject}\n\n{message.text}")
            return
        messengers = open_messengers(engine.settings)
        check_channels(messengers)
        log = open_reminder_log(engine.settings)
        try:
            told = send(items, messengers, log, on=unit.on, lang=language, again=again)
        finally:
            log.close()
    if json:
        print_json(told)
    else:
        out = console(stderr=False)
        out.print(f"{told.due} due dates", highlight=False)
        for messenger in messengers:
            name = messenger.name
            counts = [
                f"{n} {word}"
                for word, by in (
                    ("sent", told.sent), ("told of before", told.earlier), ("not sent", told.failed),
                    ("unsure, see --again", told.unsure),
                )
                if (n := by.get(name, 0))
            ]  # fmt: skip
            out.print(f"{escape(name)}: {', '.join(counts) or 'nothing to send'}", highlight=False)
    if not told.fine:
        raise typer.Exit(1)


def print_status(document: dict[str, Any], lang: "Language") -> None:
    """Print a status as a table; the colour's word stands beside the state's."""
    from graph.status import COLOUR_WORDS

    out, said = console(stderr=False), words(lang)
    if not document["requirements"]:
        out.print(said["no_plan"], highlight=False)
        return
    rows = []
    late = f" ({said['late']})"
    for row in document["requirements"]:
        style = STYLES[row["colour"]]
        due = f"{row['due']}{late if row['overdue'] else ''}" if row["due"] else ""
        fills = row["fills"]["title"] if row["fills"] else (said["none"] if row["gap"] else "")
        rows.append([Text(row["colour_word"], style), row["state_word"], row["label"], due, fills])
    heads = [said[name] for name in ("colour", "state", "requirement", "due", "best")]
    print_table(out, heads, rows)
    by_colour: dict[Colour, int] = document["colours"]
    counted = ", ".join(f"{n} {COLOUR_WORDS[lang][colour]}" for colour, n in by_colour.items())
    told = said["sum"].format(colours=counted, overdue=document["overdue"], on=document["on"])
    out.print(f"\n{told}", highlight=False)


def language_of(text: str) -> "Language":
    """Return the language asked for; raises InvalidRequest for any but nb, nn and en."""
    match text:
        case "nb" | "nn" | "en":
            return text
    raise InvalidRequest(f"--lang: nb, nn or en is needed, got {text!r}")


def day_of(moment: datetime | None) -> date | None:
    """Return the day of an option."""
    return moment.date() if moment else None
