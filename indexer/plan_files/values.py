"""What does a cell say? Dates, months, numbers and closed lists in nb, nn and en, each with its advice when it will not do."""

import re
from collections.abc import Mapping
from datetime import date
from typing import cast

from graph.model import Necessity, PlanKind, RequirementKind
from indexer.plan_files.problem import nearest
from indexer.plan_files.sheet import Cell
from indexer.quantities import parse_date
from vocab.analysis import fold

NECESSITY_WORDS: Mapping[str, tuple[str, ...]] = {
    "obligatorisk": ("obligatorisk", "må", "skal", "påkrevd", "kravd", "essensiell", "mandatory", "required", "essential", "compulsory"),
    "betinget": ("betinget", "betinga", "vilkårsbundet", "vilkårsbunden", "ved behov", "conditional", "if needed"),
    "anbefalt": ("anbefalt", "tilrådd", "tilrådt", "bør", "valgfri", "valgfritt", "valfri", "valfritt", "recommended", "optional"),
}  # fmt: skip
PLAN_KIND_WORDS: Mapping[str, tuple[str, ...]] = {
    "role_plan": ("rolleplan", "stillingsplan", "role plan"),
    "function_plan": ("funksjonsplan", "function plan"),
    "lis": ("lis", "læringsmål", "læringsmålplan", "spesialistutdanning", "doctors in training"),
    "apprentice": ("lærling", "lærlingplan", "læreplan", "apprentice", "fagopplæring"),
    "placement": ("praksis", "praksisplan", "student", "placement"),
}
REQUIREMENT_KIND_WORDS: Mapping[str, tuple[str, ...]] = {
    "knowledge": ("kunnskap", "teori", "e-læring", "knowledge"),
    "skill": ("ferdighet", "ferdigheit", "skill"),
    "practical_approval": (
        "praktisk godkjenning",
        "praktisk",
        "sertifisering",
        "practical approval",
        "practical",
    ),
    "formal": ("formelt", "formell", "formalkrav", "autorisasjon", "formal"),
}
LEVEL_WORDS: Mapping[str, tuple[str, ...]] = {
    "grunnleggende": ("grunnleggende", "grunnleggjande", "basic", "grunn", "1"),
    "videregaende": ("videregående", "vidaregåande", "intermediate", "2"),
    "avansert": ("avansert", "advanced", "3"),
}
OFFERED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "kravtype": (
        ("obligatorisk", "betinget", "anbefalt"),
        ("obligatorisk", "betinga", "tilrådd"),
        ("mandatory", "conditional", "recommended"),
    ),
    "kravart": (
        ("kunnskap", "ferdighet", "praktisk godkjenning", "formelt"),
        ("kunnskap", "ferdigheit", "praktisk godkjenning", "formelt"),
        ("knowledge", "skill", "practical approval", "formal"),
    ),
    "nivå": (
        ("grunnleggende", "videregående", "avansert"),
        ("grunnleggjande", "vidaregåande", "avansert"),
        ("basic", "intermediate", "advanced"),
    ),
    "plantype": (
        ("rolleplan", "funksjonsplan", "læringsmål", "lærling", "praksis"),
        ("rolleplan", "funksjonsplan", "læringsmål", "lærling", "praksis"),
        ("role plan", "function plan", "doctors in training", "apprentice", "placement"),
    ),
}
"""What the closed lists offer, in the words of each language that the import reads."""
_ONCE = frozenset(["en gang", "én gang", "ein gong", "éin gong", "engangs", "engang", "eingongs", "aldri", "once", "never", "-", "–", "ingen", "none", "one-off"])  # fmt: skip
_YEARLY = frozenset(["årlig", "årleg", "hvert år", "kvart år", "yearly", "annual", "annually", "every year"])
_MONTHS = re.compile(
    r"(?:hver |kvar |every )?(\d{1,4})(?:[.,]0+)?\s*(?:\.|mnd\.?|måned(?:er)?|månad(?:er|ar)?|months?)?"
)
_YEARS = re.compile(r"(?:hvert |kvart |every )?(\d{1,2})(?:[.,]0+)?\.?\s*(?:år|years?)")
_MINIMUM = re.compile(r"(?:minst |at least )?(\d{1,3})(?:[.,]0+)?(?:\s*(?:av|of|/)\s*\d{1,3})?")
_WHOLE = re.compile(r"(-?\d{1,9})(?:[.,]0+)?")
_LONGEST = 1200
"""Longest interval [months]: a century is a slip of the finger."""

_SHORT_YEAR = re.compile(r"([0-9]{1,2}[./][0-9]{1,2}[./])([0-9]{2})")


class Unfit(ValueError):
    """A cell that will not do: the code of the fault and what its text needs."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def necessity(cell: Cell) -> Necessity:
    """Return a necessity; raises Unfit with the nearest word."""
    return cast("Necessity", _choice(cell, NECESSITY_WORDS, "necessity-unknown", "kravtype"))


def plan_kind(cell: Cell) -> PlanKind:
    """Return a kind of plan."""
    return cast("PlanKind", _choice(cell, PLAN_KIND_WORDS, "choice-unknown", "plantype"))


def requirement_kind(cell: Cell) -> RequirementKind:
    """Return a kind of requirement."""
    return cast("RequirementKind", _choice(cell, REQUIREMENT_KIND_WORDS, "choice-unknown", "kravart"))


def level(cell: Cell) -> str:
    """Return a level of scheme ``niva``."""
    return _choice(cell, LEVEL_WORDS, "choice-unknown", "nivå")


def day(cell: Cell) -> date:
    """Return a date, whether the spreadsheet knows it as one or it is text."""
    if isinstance(cell.value, date):
        return cell.value
    try:
        return parse_date(cell.text)
    except ValueError:
        if found := _SHORT_YEAR.fullmatch(cell.text.strip()):
            date_, year = found.groups()
            raise Unfit("date-short-year", right=f"{date_}20{year}") from None
        raise Unfit("date-unfit") from None


def months(cell: Cell) -> int | None:
    """Return an interval [months], None for once and for all.

    Examples
    --------
    >>> [months(Cell(t)) for t in ("12", "24 mnd", "2 år", "årlig", "én gang")]
    [12, 24, 24, 12, None]
    """
    text = cell.text.lower().strip(" .")
    if text in _ONCE:
        return None
    if text in _YEARLY:
        return 12
    if found := _MONTHS.fullmatch(text):
        number = int(found[1])
    elif found := _YEARS.fullmatch(text):
        number = int(found[1]) * 12
    else:
        raise Unfit("interval-unfit")
    if not 1 <= number <= _LONGEST or isinstance(cell.value, date):
        raise Unfit("interval-unfit")
    return number


def minimum(cell: Cell) -> int:
    """Return the smallest number of a group: ``3``, ``3 av 5``."""
    found = _MINIMUM.fullmatch(cell.text.lower())
    if found is None or int(found[1]) < 1:
        raise Unfit("minimum-unfit")
    return int(found[1])


def whole(cell: Cell) -> int:
    """Return a whole number."""
    found = _WHOLE.fullmatch(cell.text)
    if found is None:
        raise Unfit("order-unfit")
    return int(found[1])


def line(cell: Cell) -> str:
    """Return one line of text."""
    if any(ord(c) < 32 and not c.isspace() for c in str(cell.value)):
        raise Unfit("text-unfit", why="control characters")
    if len(cell.text) > 2000:
        raise Unfit("text-unfit", why=f"{len(cell.text)} > 2000")
    return cell.text


def code(cell: Cell) -> str:
    """Return a code; a date is what a spreadsheet made of it."""
    if isinstance(cell.value, date):
        raise Unfit("date-for-code")
    return line(cell)


def several(cell: Cell) -> tuple[str, ...]:
    """Return what stands in a cell between ``|``, ``;`` or line ends."""
    parts = re.split(r"[|;\n\r]+", str(cell.value) if not isinstance(cell.value, date) else cell.text)
    return tuple(dict.fromkeys(name for part in parts if (name := " ".join(part.split()))))


def codes(cell: Cell) -> tuple[str, ...]:
    """Return codes between commas too: a code has none."""
    return tuple(dict.fromkeys(c.strip() for part in several(cell) for c in part.split(",") if c.strip()))


def addresses(cell: Cell) -> tuple[str, ...]:
    """Return web addresses, with white space between them too."""
    found = [url for part in several(cell) for url in part.replace(",", " ").split()]
    for url in found:
        if not re.match(r"https?://[^\s/]+", url):
            raise Unfit("url-unfit")
    return tuple(dict.fromkeys(found))


def _choice(cell: Cell, words: Mapping[str, tuple[str, ...]], fault: str, field: str) -> str:
    text = fold(cell.text)
    for name, said in words.items():
        if text == name or text in {fold(word) for word in said}:
            return name
    near = nearest(cell.text, [word for said in words.values() for word in said], 2)
    raise Unfit(fault, near=near, choices=OFFERED[field])
