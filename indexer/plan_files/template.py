"""Which workbook do people fill in? Headings, a note on each, lists of the values that fit, one example row."""

from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from engine.errors import InvalidRequest
from engine.service import Engine
from indexer.plan_files.known import Known
from indexer.plan_files.problem import LANGUAGES
from indexer.plan_files.values import OFFERED

ROWS = 1_000
"""Rows for which the lists are offered."""

# column, heading and note in nb, nn and en, example
_COLUMNS: tuple[tuple[str, tuple[str, str, str], tuple[str, str, str], str | int], ...] = (
    ("plan", ("plan", "plan", "plan"), ("Planens navn eller id, i hver rad.", "Namnet eller id-en til planen, i kvar rad.", "The plan's name or id, in every row."), ""),
    ("rolle", ("rolle", "rolle", "role"), ("Hvem planen gjelder: id, navn eller HPR-kode. Flere med | mellom.", "Kven planen gjeld: id, namn eller HPR-kode. Fleire med | mellom.", "Whom the plan is for: id, name or HPR code. Several with | between."), "sykepleier"),
    ("arena", ("arena", "arena", "arena"), ("Arbeidsstedet, som i begrepsskjemaet arena.", "Arbeidsstaden, som i omgrepsskjemaet arena.", "The place of work, as in the scheme arena."), "sykehjem"),
    ("krav_kode", ("krav_kode", "krav_kode", "requirement_code"), ("Kravets kode, som tekst. Samme kode er samme krav i alle planer.", "Koden til kravet, som tekst. Same kode er same krav i alle planar.", "The requirement's code, as text. The same code is the same requirement in all plans."), "EKS-001"),
    ("krav_tittel", ("krav_tittel", "krav_tittel", "requirement_title"), ("Hva som kreves.", "Kva som blir kravd.", "What is required."), "Brannvern"),
    ("krav_tittel_nn", ("krav_tittel_nn", "krav_tittel_nn", "requirement_title_nn"), ("Det samme på nynorsk.", "Det same på nynorsk.", "The same in Nynorsk."), "Brannvern"),
    ("krav_tittel_en", ("krav_tittel_en", "krav_tittel_en", "requirement_title_en"), ("Det samme på engelsk.", "Det same på engelsk.", "The same in English."), "Fire safety"),
    ("beskrivelse", ("beskrivelse", "skildring", "description"), ("Utdypning.", "Utdjuping.", "More about it."), ""),
    ("kravtype", ("kravtype", "kravtype", "necessity"), ("Hvor sterkt det kreves.", "Kor sterkt det blir kravd.", "How strongly it is required."), "obligatorisk"),
    ("kravart", ("kravart", "kravart", "requirement_kind"), ("Kunnskap, ferdighet, praktisk godkjenning eller formelt.", "Kunnskap, ferdigheit, praktisk godkjenning eller formelt.", "Knowledge, skill, practical approval or formal."), "skill"),
    ("nivå", ("nivå", "nivå", "level"), ("Nivået som kreves.", "Nivået som blir kravd.", "The level required."), "grunnleggende"),
    ("intervall_mnd", ("intervall_mnd", "intervall_mnd", "interval_months"), ("Måneder til det må fornyes; tom er én gang for alle.", "Månader til det må fornyast; tom er éin gong for alle.", "Months until it must be renewed; blank is once for all."), 12),
    ("verifikasjon", ("verifikasjon", "verifikasjon", "verification"), ("Hvordan det vises at kravet er møtt.", "Korleis det blir vist at kravet er møtt.", "How it is shown that the requirement is met."), "e-læring med test"),
    ("hjemmel", ("hjemmel", "heimel", "legal_basis"), ("Lov, forskrift eller retningslinje.", "Lov, forskrift eller retningslinje.", "Act, regulation or guideline."), ""),
    ("ressurs_url", ("ressurs_url", "ressurs_url", "resource_url"), ("Adressen til et kurs eller annet som dekker kravet.", "Adressa til eit kurs eller anna som dekkjer kravet.", "Address of a course or other resource that serves the requirement."), ""),
    ("begrep", ("begrep", "omgrep", "concept"), ("Hva kravet handler om: tema/smerte, eller navnet på et tema. Flere med | mellom.", "Kva kravet handlar om: tema/smerte, eller namnet på eit tema. Fleire med | mellom.", "What the requirement is about: tema/smerte, or a theme's name. Several with | between."), ""),
    ("gruppe", ("gruppe", "gruppe", "group"), ("Navn på en gruppe krav som det må tas noen av.", "Namn på ei gruppe krav som det må takast nokre av.", "Name of a group of requirements of which some must be met."), ""),
    ("gruppe_minimum", ("gruppe_minimum", "gruppe_minimum", "group_minimum"), ("Hvor mange i gruppen: 3, eller 3 av 5.", "Kor mange i gruppa: 3, eller 3 av 5.", "How many of the group: 3, or 3 of 5."), ""),
    ("forkunnskap", ("forkunnskap", "forkunnskap", "prerequisite"), ("Koder på krav som kommer først, med | mellom.", "Kodar på krav som kjem først, med | mellom.", "Codes of requirements that come first, with | between."), ""),
    ("utgave", ("utgave", "utgåve", "edition"), ("Helsefellesskapet som raden gjelder for; tom er felles.", "Helsefellesskapet som rada gjeld for; tom er felles.", "The health community that the row is for; blank is common."), ""),
    ("rekkefølge", ("rekkefølge", "rekkjefølgje", "order"), ("Plass i planen: 10, 20 …", "Plass i planen: 10, 20 …", "Place in the plan: 10, 20 …"), 10),
    ("versjon", ("versjon", "versjon", "version"), ("Planens versjon. To versjoner kan gjelde samtidig.", "Versjonen av planen. To versjonar kan gjelde samtidig.", "The plan's version. Two versions may be valid at once."), "1"),
    ("gyldig_fra", ("gyldig_fra", "gyldig_frå", "valid_from"), ("Første dag planen gjelder.", "Første dagen planen gjeld.", "First day on which the plan is valid."), "2026-01-01"),
    ("gyldig_til", ("gyldig_til", "gyldig_til", "valid_to"), ("Siste dag planen gjelder; tom er uten slutt.", "Siste dagen planen gjeld; tom er utan slutt.", "Last day on which the plan is valid; blank is open."), ""),
    ("erstatter", ("erstatter", "erstattar", "replaces"), ("Id på planen som denne erstatter.", "Id på planen som denne erstattar.", "Id of the plan that this one replaces."), ""),
    ("plantype", ("plantype", "plantype", "plan_kind"), ("Slags plan.", "Slags plan.", "Kind of plan."), "role_plan"),
    ("eier", ("eier", "eigar", "owner"), ("Funksjonen som eier planen, aldri en person.", "Funksjonen som eig planen, aldri ein person.", "The function that owns the plan, never a person."), "fagavdelingen"),
    ("plan_utgaver", ("plan_utgaver", "plan_utgåver", "plan_editions"), ("Utgavene planen er delt med; felles er alle.", "Utgåvene planen er delt med; felles er alle.", "The editions that the plan is shared with; felles is all."), "felles"),
)  # fmt: skip
_EXAMPLE = (
    "Eksempel: denne raden blir ikke lest",
    "Døme: denne rada blir ikkje lesen",
    "Example: this row is not read",
)
_SHEETS = (
    ("Planer", "Forklaring", "Lister"),
    ("Planar", "Forklaringar", "Lister"),
    ("Plans", "Explanation", "Lists"),
)
_TITLES = ("kolonne", "forklaring"), ("kolonne", "forklaring"), ("column", "explanation")
_REQUIRED = frozenset(["plan", "krav_kode", "krav_tittel"])


def write_template(engine: Engine, path: Path, lang: str = "nb") -> None:
    """Write an empty workbook that `import_plans` reads; its example row is passed over.

    Raises
    ------
    InvalidRequest
        If it exists already, cannot be written, is no ``.xlsx``, or `lang` is none of nb, nn and en.
    """
    if lang not in LANGUAGES:
        raise InvalidRequest(f"lang: one of {', '.join(LANGUAGES)} is needed, got {lang!r}")
    if path.suffix.lower() != ".xlsx":
        raise InvalidRequest(f"{path}: a workbook is named .xlsx")
    at = LANGUAGES.index(lang)
    known = Known(engine)
    book = Workbook()
    sheet = book.worksheets[0]
    notes = book.create_sheet(_SHEETS[at][1])
    lists = book.create_sheet(_SHEETS[at][2])
    sheet.title, lists.sheet_state = _SHEETS[at][0], "hidden"
    notes.append(_TITLES[at])
    choices = {
        **{name: words[at] for name, words in OFFERED.items()},
        "utgave": known.editions,
        "rolle": tuple(known.roles)
        or tuple(c.id.split("/")[1] for c in engine.vocabulary.in_scheme("rolle")),
        "arena": tuple(c.id.split("/")[1] for c in engine.vocabulary.in_scheme("arena")),
    }
    for index, (name, headings, said, shown_as) in enumerate(_COLUMNS, 1):
        letter = get_column_letter(index)
        cell = sheet.cell(1, index, headings[at])
        cell.font = Font(bold=True, underline="single" if name in _REQUIRED else None)
        cell.fill = PatternFill("solid", fgColor="DDE7F0")
        cell.comment = Comment(said[at], "Kompetansegraf")
        example = OFFERED[name][at][0] if name in OFFERED else shown_as
        shown = sheet.cell(2, index, _EXAMPLE[at] if name == "plan" else example or None)
        shown.font = Font(italic=True, color="555555")
        sheet.column_dimensions[letter].width = max(12, len(headings[at]) + 4)
        if name in {"krav_kode", "versjon"}:
            sheet.column_dimensions[letter].number_format = "@"  # text, so that leading zeros stay
            shown.number_format = "@"
        notes.append((headings[at], said[at]))
        if name in choices:
            _offer(lists, sheet, letter, list(choices[name]), strict=name != "rolle")
    sheet.freeze_panes = "A2"
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 24, 90
    for row in notes.iter_rows(min_col=2, max_col=2):
        row[0].alignment = Alignment(wrap_text=True)
    try:
        with path.open("xb") as file:
            book.save(file)
    except FileExistsError as error:
        raise InvalidRequest(f"{path}: is there already") from error
    except OSError as error:
        raise InvalidRequest(f"{path}: cannot be written: {error.strerror}") from error


def _offer(lists: Worksheet, sheet: Worksheet, letter: str, values: list[str], *, strict: bool) -> None:
    """Let a column choose from a list on the hidden sheet; a list that is not strict only proposes."""
    column = lists.max_column + (1 if lists.cell(1, 1).value else 0)
    for row, value in enumerate(values, 1):
        lists.cell(row, column, value)
    of = get_column_letter(column)
    rule = DataValidation(
        type="list",
        formula1=f"='{lists.title}'!${of}$1:${of}${len(values)}",
        allow_blank=True,
        showErrorMessage=strict,
    )
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{ROWS + 1}")
