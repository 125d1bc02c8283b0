"""Workbooks of plans for tests, made with openpyxl: one with twelve planted faults, one without any."""

from datetime import date

from openpyxl import Workbook

HEADINGS = (
    "plan", "rolle", "arena", "krav_kode", "krav_tittel", "kravtype", "intervall_mnd", "verifikasjon", "hjemmel",
    "ressurs_url", "versjon", "gyldig_fra", "gyldig_til", "gruppe", "gruppe_minimum", "forkunnskap", "utgave",
    "rekkefølge", "krav_tittel_nn",
)  # fmt: skip
PLAN = "Plan for nattevakt"
GOOD = {
    "plan": PLAN, "rolle": "sykepleier", "arena": "sykehjem", "kravtype": "obligatorisk", "intervall_mnd": 12,
}  # fmt: skip

# row of the sheet, what stands in it, (code, row, column) of the fault
PLANTED = (
    (4, {"krav_kode": "NV-01", "krav_tittel": "Brannvern på natt", "ressurs_url": "https://example.invalid/kb-1/",
         "versjon": "2026", "gyldig_fra": date(2026, 1, 1)}, None),
    (5, {"krav_kode": "NV-02", "krav_tittel": "Observasjon om natten", "kravtype": "obligatorskk"},
     ("necessity-unknown", 5, "F")),
    (6, {"krav_kode": "NV-03", "krav_tittel": "Legemidler om natten", "rolle": "sykepleer"}, ("role-unknown", 6, "B")),
    (7, {"krav_kode": "NV-04", "krav_tittel": "Smittevern", "gyldig_fra": "32.13.2026"}, ("date-unfit", 7, "L")),
    (8, {"krav_kode": "NV-05", "krav_tittel": "Ernæring", "gyldig_til": date(2025, 1, 1)}, ("end-before-start", 8, "M")),
    (9, {"krav_kode": "NV-06", "krav_tittel": "Demens", "intervall_mnd": "tolv"}, ("interval-unfit", 9, "G")),
    (10, {"krav_kode": "NV-07", "krav_tittel": "Fallrisiko", "gruppe": "valg", "gruppe_minimum": 3},
     ("group-too-small", 10, "O")),
    (11, {"krav_kode": "NV-08", "krav_tittel": "Trykksår", "gruppe": "valg"}, None),
    (12, {"krav_kode": "NV-09", "krav_tittel": "Vurdere smerte", "forkunnskap": "NV-10"}, ("circle", 12, "P")),
    (13, {"krav_kode": "NV-10", "krav_tittel": "Lindre smerte", "forkunnskap": "NV-09"}, ("circle", 13, "P")),
    (14, {"krav_kode": "NV-01", "krav_tittel": "Brannvern på natt"}, ("line-twice", 14, "D")),
    (15, {"krav_kode": "NV-01", "krav_tittel": "Munnstell"}, ("code-collision", 15, "D")),
    (16, {"krav_kode": "NV-11", "krav_tittel": "Etikk", "utgave": "Atlantis"}, ("edition-unknown", 16, "Q")),
    (17, {"krav_kode": "NV-12"}, ("required-blank", 17, "E")),
    (18, {"krav_kode": "NV-13", "krav_tittel": "#REF!"}, ("formula-error", 18, "E")),
    (19, {"krav_kode": "NV-14", "krav_tittel": "God rutine", "kravtype": "anbefalt", "utgave": "Ahus",
          "krav_tittel_nn": "God rutine på nynorsk", "forkunnskap": "NV-01"}, None),
)  # fmt: skip


def fill_sheet(sheet, rows, headings=HEADINGS, titles=("Kompetanseplaner 2026", None)):
    for title in titles:
        sheet.append([title] if title else [])
    sheet.append(list(headings))
    for row in rows:
        sheet.append([row.get(name) for name in headings])
    return sheet


def planted_workbook(path):
    """Write the twelve kinds of fault, and rows without any, below a title and a blank row."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Nattevakt"
    fill_sheet(sheet, [{**GOOD, **values} for _, values, _ in PLANTED])
    book.save(path)
    return path


def workbook(path, *sheets, headings=HEADINGS, titles=()):
    """Write sheets of (name, rows)."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        fill_sheet(book.create_sheet(name), rows, headings, titles)
    book.save(path)
    return path


def good(**values):
    return {**GOOD, **values}
