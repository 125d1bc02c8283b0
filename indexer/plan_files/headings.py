"""Which column is which? Headings in bokmål, nynorsk and English, in any order, below any titles."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.plan_files.problem import Place, PlanProblem, nearest
from indexer.plan_files.sheet import Cell, Sheet, column_letter
from vocab.analysis import fold

LOOKED_AT = 50
"""Filled rows of a sheet in which headings are looked for."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "plan": ("plan", "kompetanseplan", "plannavn", "plannamn", "plan id", "læreplan", "competence plan", "plan name"),
    "plan_tittel": ("plan tittel", "plantittel", "plan title", "planens navn", "namnet på planen"),
    "plan_tittel_nn": ("plan tittel nn", "plantittel nynorsk", "plan title nn"),
    "plan_tittel_en": ("plan tittel en", "plantittel engelsk", "plan title en", "plan title english"),
    "rolle": ("rolle", "roller", "role", "roles", "yrkesgruppe", "stilling", "funksjon"),
    "arena": ("arena", "arbeidssted", "arbeidsstad", "tjenestested", "tenestestad", "setting"),
    "plantype": ("plantype", "type plan", "plan kind", "plan type", "kind of plan"),
    "eier": ("eier", "eigar", "planeier", "planeigar", "owner", "ansvarlig for planen", "ansvarleg for planen"),
    "plan_utgaver": ("plan utgaver", "plan utgåver", "planutgaver", "delt med", "delt med utgaver", "shared with", "plan editions"),
    "versjon": ("versjon", "version", "planversjon", "utgivelse"),
    "gyldig_fra": ("gyldig fra", "gyldig frå", "gjelder fra", "gjeld frå", "valid from", "fra dato", "frå dato"),
    "gyldig_til": ("gyldig til", "gjelder til", "gjeld til", "valid to", "valid until", "til dato"),
    "erstatter": ("erstatter", "erstattar", "erstatter plan", "replaces"),
    "krav_kode": ("krav kode", "kravkode", "kode", "læringsmålkode", "kode læringsmål", "requirement code", "code", "kompetansemålkode", "krav id"),
    "krav_tittel": ("krav tittel", "kravtittel", "krav", "tittel", "kompetansekrav", "læringsmål", "kompetansemål", "requirement title", "requirement", "title", "læringsmål tittel", "navn på krav", "namn på krav", "krav tittel nb"),
    "krav_tittel_nn": ("krav tittel nn", "kravtittel nynorsk", "krav nynorsk", "tittel nynorsk", "tittel nn", "requirement title nn"),
    "krav_tittel_en": ("krav tittel en", "kravtittel engelsk", "krav engelsk", "tittel engelsk", "tittel en", "requirement title en", "title english"),
    "beskrivelse": ("beskrivelse", "skildring", "krav beskrivelse", "description", "læringsmål tekst", "utdypning", "utdjuping"),
    "beskrivelse_nn": ("beskrivelse nn", "beskrivelse nynorsk", "skildring nynorsk", "description nn"),
    "beskrivelse_en": ("beskrivelse en", "beskrivelse engelsk", "description en", "description english"),
    "språk": ("språk", "spraak", "målform", "language"),
    "kravtype": ("kravtype", "krav type", "necessity", "requirement type", "obligatorisk eller anbefalt", "type krav", "nødvendighet", "nødvendigheit"),
    "kravart": ("kravart", "art", "slags krav", "type kompetanse", "requirement kind", "kind"),
    "nivå": ("nivå", "nivaa", "level", "kompetansenivå"),
    "begrep": ("begrep", "omgrep", "tema", "emneord", "concept", "concepts", "theme", "topics"),
    "intervall_mnd": ("intervall mnd", "intervall", "intervall måneder", "intervall månader", "fornyes etter", "blir fornya etter", "gyldighet måneder", "gyldighet mnd", "gyldigheit månader", "interval", "interval months", "validity months", "renewal months", "months"),
    "verifikasjon": ("verifikasjon", "godkjenning", "dokumentasjon", "verification", "godkjennes ved", "blir godkjend ved"),
    "hjemmel": ("hjemmel", "heimel", "lovhjemmel", "lovheimel", "legal basis", "law"),
    "ressurs_url": ("ressurs url", "ressurs", "lenke", "lenkje", "kurs url", "resource url", "resource", "url", "lenke til ressurs", "link"),
    "gruppe": ("gruppe", "valgfri gruppe", "valfri gruppe", "valggruppe", "group"),
    "gruppe_minimum": ("gruppe minimum", "minimum", "minst", "minst antall", "minste tal", "group minimum", "at least"),
    "forkunnskap": ("forkunnskap", "forkunnskaper", "forkunnskapar", "forutsetter", "føreset", "forkrav", "prerequisite", "prerequisites", "requires first"),
    "utgave": ("utgave", "utgåve", "helsefellesskap", "edition", "gjelder utgave", "gjeld utgåve"),
    "rekkefølge": ("rekkefølge", "rekkjefølgje", "rekkefolge", "nr", "nummer", "order", "sequence", "sortering"),
}  # fmt: skip
"""Our columns and what else they are called; case, accents, `_`, `-`, dots and words in brackets do not matter."""

_COLUMN_OF: dict[str, str] = {}
_BRACKETS = re.compile(r"[()\[\]]")
_LANGUAGES = {
    "nb": "",
    "bokmål": "",
    "nn": "_nn",
    "nynorsk": "_nn",
    "en": "_en",
    "engelsk": "_en",
    "english": "_en",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose columns are known: number of the heading row, and the index of each of our columns."""

    sheet: Sheet
    row: int
    columns: Mapping[str, int]
    titles: Mapping[str, Cell]

    def heading(self, name: str) -> str:
        """Return a heading as it is written there."""
        return self.sheet.rows[self.row][self.columns[name]].text

    def place(self, row: int, name: str | None = None) -> Place:
        """Return where a cell of one of our columns is; None is the row, or the titles above the headings."""
        sheet = self.sheet
        if name is None or name not in self.columns:
            return Place(sheet.file, sheet.name, row, field=name)
        index = self.columns[name]
        cells = sheet.rows.get(row, ())
        text = cells[index].text if index < len(cells) else ""
        return Place(sheet.file, sheet.name, row, column_letter(index), self.heading(name), text)


def column_of(text: str) -> str | None:
    """Return which of our columns a heading means.

    Examples
    --------
    >>> column_of("Intervall (mnd.)"), column_of("GYLDIG FRÅ:"), column_of("Tittel (nynorsk)"), column_of("Farge")
    ('intervall_mnd', 'gyldig_fra', 'krav_tittel_nn', None)
    """
    if not _COLUMN_OF:
        _COLUMN_OF.update({_key(n): c for c, names in NAMES.items() for n in (c, *names)})
    key = _key(text)
    if key in _COLUMN_OF:
        return _COLUMN_OF[key]
    plain = _key(re.sub(r"[(\[].*?[)\]]", " ", text))
    *words, last = key.split() or [""]
    if last in _LANGUAGES and (found := _COLUMN_OF.get(" ".join(words))):
        named = found.removesuffix("_nn").removesuffix("_en") + _LANGUAGES[last]
        return named if named in NAMES else found
    return _COLUMN_OF.get(plain)


def find_table(sheet: Sheet, lang: str) -> tuple[Table | None, list[PlanProblem]]:
    """Return the table on a sheet, and what is wrong with its headings.

    The heading row is the one of the first `LOOKED_AT` filled rows with most known headings, the first of
    equals; it has one for the requirement and at least two in all. Above it a title may say something of
    all rows: ``Rolle:`` in one cell and the role in the next.
    """
    best: tuple[int, int] | None = None
    for number, cells in list(sheet.filled())[:LOOKED_AT]:
        names = {found for cell in cells if (found := column_of(cell.text))}
        if {"krav_kode", "krav_tittel"} & names and len(names) > max(1, best[1] if best else 0):
            best = (number, len(names))
    if best is None:
        return None, [Place(sheet.file, sheet.name).doubt("no-headings", lang)]
    problems: list[PlanProblem] = []
    columns: dict[str, int] = {}
    twice = False
    for index, cell in enumerate(sheet.rows[best[0]]):
        if not cell.text:
            continue
        at = Place(sheet.file, sheet.name, best[0], column_letter(index), cell.text, cell.text)
        name = column_of(cell.text)
        if name is None:
            near = nearest(cell.text, [n for names in NAMES.values() for n in names], 1)
            problems.append(at.doubt("heading-unknown", lang, near=near))
        elif name in columns:
            twice = True
            problems.append(at.problem("heading-twice", lang, other=column_letter(columns[name])))
        else:
            columns[name] = index
    if twice:
        return None, problems
    return Table(sheet, best[0], columns, _titles(sheet, best[0])), problems


def _titles(sheet: Sheet, below: int) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for number, cells in sheet.rows.items():
        if number >= below:
            break
        filled: Sequence[Cell] = [cell for cell in cells if not cell.empty]
        for label, value in pairwise(filled):
            name = column_of(label.text)
            if name and column_of(value.text) is None and not name.startswith(("krav", "beskrivelse")):
                found.setdefault(name, value)
        if len(filled) == 1 and ":" in filled[0].text:
            label_text, _, rest = filled[0].text.partition(":")
            name = column_of(label_text)
            if name and rest.strip() and not name.startswith(("krav", "beskrivelse")):
                found.setdefault(name, Cell(rest.strip()))
    return found


def _key(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9æøå]+", " ", fold(_BRACKETS.sub(" ", text))).split())
