"""What is wrong with a plan's file, where, and what to write instead? Told in nb, nn or en."""

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from indexer.sources.source import SourceProblem

LANGUAGES = ("nb", "nn", "en")


@dataclass(frozen=True, slots=True)
class PlanProblem(SourceProblem):
    """A fault or a doubt with its cell and its remedy.

    `field` is the heading as it stands in the file, `column` the letter of the column, `value` what the
    cell says, `code` the kind of fault whatever the language.
    """

    code: str = ""
    sheet: str | None = None
    column: str | None = None
    value: str | None = None
    advice: str = ""

    def __str__(self) -> str:
        """Return one line with place, fault and advice."""
        parts = [self.place, *([f"«{self.sheet}»"] if self.sheet else [])]
        if self.row is not None:
            parts.append(f"{self.column or ''}{self.row}")
        if self.field:
            parts.append(self.field)
        return f"{', '.join(parts)}: {self.reason}. {self.advice}".rstrip()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the file, and in it sheet, row and column as far as there are any."""

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    field: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        """Return the place in a few words, as in ``plan.xlsx, Ark1, row 7``."""
        row = None if self.row is None else f"row {self.row}"
        return ", ".join(part for part in (self.file, self.sheet, row) if part)

    def problem(self, code: str, lang: str, **values: object) -> PlanProblem:
        """Return a fault here; `values` go into the text of the code, `near` is what may have been meant.

        `choices` may be a tuple of words for each of `LANGUAGES`.
        """
        return self._said(code, lang, "error", values)

    def doubt(self, code: str, lang: str, **values: object) -> PlanProblem:
        """Return a warning about what was let in."""
        return self._said(code, lang, "warning", values)

    def _said(
        self, code: str, lang: str, severity: Literal["error", "warning"], values: dict[str, object]
    ) -> PlanProblem:
        near = values.pop("near", ())
        if isinstance(choices := values.get("choices"), tuple):
            values["choices"] = ", ".join(choices[LANGUAGES.index(lang if lang in LANGUAGES else "en")])
        said = {"value": self.value or "", "hint": _hint(near, lang), **values}
        reason, advice = text_of(code, lang, **said)
        return PlanProblem(
            self.file,
            reason,
            self.row,
            self.field,
            severity,
            code,
            self.sheet,
            self.column,
            self.value,
            advice,
        )


def text_of(code: str, lang: str, **values: object) -> tuple[str, str]:
    """Return what is wrong and what to do, in a language.

    Examples
    --------
    >>> text_of("order-unfit", "en", value="først")
    ('«først» is no whole number', 'Write a number such as 10.')
    """
    reason, advice = _texts()[code][lang if lang in LANGUAGES else "en"]
    return reason.format(**values), advice.format(**values)


def nearest(text: str, choices: Iterable[str], n: int = 3) -> list[str]:
    """Return the choices that a text may be a misspelling of, best first.

    Examples
    --------
    >>> nearest("Obligatorsk", ["obligatorisk", "betinget", "anbefalt"])
    ['obligatorisk']
    """
    spelt = {choice.casefold(): choice for choice in reversed(list(choices))}
    return [spelt[name] for name in difflib.get_close_matches(text.casefold(), spelt, n, cutoff=0.6)]


def _hint(near: object, lang: str) -> str:
    names = [f"«{name}»" for name in near] if isinstance(near, (list, tuple)) else []
    words = {"nb": ("Mente du", "eller"), "nn": ("Meinte du", "eller")}.get(lang, ("Did you mean", "or"))
    return f"{words[0]} {f' {words[1]} '.join(names)}? " if names else ""


@cache
def _texts() -> dict[str, dict[str, tuple[str, str]]]:
    text = files("indexer").joinpath("data", "plan_problems.toml").read_text(encoding="utf-8")
    return {
        code: {lang: (said[0], said[1]) for lang, said in by_lang.items()}
        for code, by_lang in tomllib.loads(text).items()
    }
