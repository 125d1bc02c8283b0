"""Which requirements do the rows of a file mean? What all of them say of each, and where they disagree."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast, get_args

from graph.errors import CycleError
from graph.model import Requirement
from graph.order import check_prerequisites
from graph.replaced import joined
from indexer.labels import slug
from indexer.plan_files.known import Known
from indexer.plan_files.problem import PlanProblem, nearest
from indexer.plan_files.rows import OF_REQUIREMENT, Row
from indexer.plan_files.wording import language_of, level_of
from vocab.analysis import fold
from vocab.concept import Lang
from vocab.wording import ALIKE, overlap

LONGEST_ID = 100
"""Longest id that is made of a code or a title [characters]."""

Note = Callable[[PlanProblem], None]


class RequirementRows:
    """The requirements of a file's rows; `build` gives those that may be written.

    Parameters
    ----------
    rows : sequence of Row
        All rows of the file, faulty ones too: what is at fault may still be named by others.
    known : Known
        The catalogue.
    lang : str
        Language of what is noted.
    note : callable
        Takes faults and doubts; a fault makes its row bad.
    """

    def __init__(self, rows: Sequence[Row], known: Known, lang: str, note: Note) -> None:
        self._rows = rows
        self._known = known
        self._lang = lang
        self._note = note
        self._first: dict[str, Row] = {}
        self._wordings: dict[str, list[tuple[str, str]]] = {}
        self._reworded: dict[str, tuple[Lang, str]] = {}
        self._languages = _languages(rows)
        self._find()

    def build(self) -> dict[str, Requirement]:
        """Return the requirements of the rows that are good, those on circles of prerequisites left out."""
        self._check_prerequisites()
        while True:
            built = self._built()
            try:
                check_prerequisites(joined({**self._known.requirements, **built}.values()).values())
            except CycleError as circle:
                if not self._break(circle, built):
                    raise
            else:
                self._warn_of_left_out(built)
                return built

    def _find(self) -> None:
        for row in self._rows:
            code, title = row.values.get("krav_kode", ""), row.values.get("krav_tittel", "")
            if not code and not title:
                continue
            stored = self._known.requirement(code, title)
            name = slug(code)[:LONGEST_ID] if code else f"krav-{slug(title)}"[:LONGEST_ID]
            row.requirement = stored or name or f"krav-{row.number}"
            first = self._first.get(row.requirement)
            if not title:
                self._take_title(row, code)
            elif first is not None and first.values.get("krav_tittel"):
                where = _row_word(self._lang).format(first)
                self._compare(row, first.values["krav_tittel"], where)
            elif stored is not None:
                self._compare_stored(row, stored, title)
            if first is None or not (first.values.get("krav_tittel") or not title):
                self._first[row.requirement] = row

    def _take_title(self, row: Row, code: str) -> None:
        """Give a row without a title that of another row with its code, or of the catalogue."""
        stored = self._known.requirements.get(row.requirement)
        others = (r.values.get("krav_tittel") for r in self._rows if r.values.get("krav_kode") == code)
        title = next((t for t in others if t), None) or (_label(stored) if stored else None)
        if title is None:
            if "krav_tittel" not in row.faulted:
                wanted = {"nb": "kravets navn", "nn": "namnet på kravet", "en": "the requirement's name"}
                self._fault(row, "krav_tittel", "required-blank", wanted=wanted[self._lang], hint="")
        elif "krav_tittel" in row.table.columns and not row.bad:
            place = row.place("krav_tittel")
            self._note(place.doubt("title-taken", self._lang, title=title))

    def _compare_stored(self, row: Row, stored: str, title: str) -> None:
        known = self._known.requirements[stored]
        texts = [*known.labels.values(), *(t for ts in known.alt_labels.values() for t in ts)]
        if fold(title) in {fold(text) for text in texts}:
            return
        best = max(texts, key=lambda text: overlap(title, text))
        plan = self._known.plans.get(self._known.plan(str(row.values.get("plan", ""))) or "")
        had = plan is not None and any(line.requirement == stored for line in plan.lines)
        if had and overlap(title, best) >= ALIKE:  # the plan that asks for it words it anew
            self._note(row.place("krav_tittel").doubt("title-changed", self._lang, other=best))
            self._reworded[stored] = self._language(row), title
            return
        catalogue = {"nb": "i katalogen", "nn": "i katalogen", "en": "in the catalogue"}[self._lang]
        self._compare(row, best, catalogue)

    def _compare(self, row: Row, other: str, where: str) -> None:
        title = row.values["krav_tittel"]
        if fold(title) == fold(other):
            return
        if overlap(title, other) < ALIKE:
            code = row.values.get("krav_kode") or row.requirement
            self._fault(row, "krav_kode", "code-collision", name=code, other=other, title=title, where=where)
        else:
            place = row.place("krav_tittel")
            self._note(place.doubt("title-kept", self._lang, other=other, where=where))
            self._wordings.setdefault(row.requirement, []).append((self._language(row), title))

    def _check_prerequisites(self) -> None:
        by_code = {
            row.values["krav_kode"].casefold(): row.requirement
            for row in self._rows
            if row.values.get("krav_kode")
        }
        by_title = {
            fold(row.values["krav_tittel"]): row.requirement
            for row in self._rows
            if row.values.get("krav_tittel")
        }
        for row in self._rows:
            found = []
            for name in row.values.get("forkunnskap", ()):
                other = (
                    by_code.get(name.casefold()) or self._known.requirement(name) or by_title.get(fold(name))
                )
                if other is None:
                    choices = [r.values["krav_kode"] for r in self._rows if r.values.get("krav_kode")]
                    choices += [q.code or q.id for q in self._known.requirements.values()]
                    near = nearest(name, choices, 2)
                    self._fault(row, "forkunnskap", "prerequisite-unknown", name=name, near=near)
                elif other == row.requirement:
                    self._fault(row, "forkunnskap", "prerequisite-itself", name=name)
                else:
                    found.append(other)
            if "forkunnskap" in row.values:
                row.values["forkunnskap"] = tuple(dict.fromkeys(found))

    def _break(self, circle: CycleError, built: Mapping[str, Requirement]) -> bool:
        """Take the rows out whose prerequisites are on a circle; tell whether there were any."""
        broken = False
        shown = " → ".join(self._as_written(name) for name in [*circle.cycle, circle.cycle[0]])
        for row in self._rows:
            if row.requirement in circle.cycle and row.requirement in built and not row.bad:
                self._fault(row, "forkunnskap", "circle", circle=shown)
                broken = True
        return broken

    def _built(self) -> dict[str, Requirement]:
        rows: dict[str, list[Row]] = {}
        for row in self._rows:
            if row.requirement and not row.bad:
                rows.setdefault(row.requirement, []).append(row)
        return {name: self._one(name, mine) for name, mine in rows.items()}

    def _one(self, name: str, rows: Sequence[Row]) -> Requirement:
        said: dict[str, Any] = {}
        for row in rows:
            for column in OF_REQUIREMENT:
                if row.values.get(column) not in {None, "", ()}:
                    said.setdefault(column, row.values[column])
        stored = self._known.requirements.get(name)
        lang = self._language(rows[0])
        found = stored or Requirement(name, {}, example=False)
        code = next((c for row in rows if (c := row.values.get("krav_kode"))), None)
        labels = {**found.labels}
        languages: tuple[tuple[str, Lang], ...] = (("", lang), ("_nn", "nn"), ("_en", "en"))
        for ending, of in languages:
            if title := said.get(f"krav_tittel{ending}"):
                labels.setdefault(of, title)
        if reworded := self._reworded.get(name):
            of, title = reworded
            if (before := labels.get(of)) not in {None, title}:
                self._wordings.setdefault(name, []).append((of, str(before)))
            labels[of] = title
        description = {**found.description}
        for ending, of in languages:
            if text := said.get(f"beskrivelse{ending}"):
                description[of] = text
        wording = f"{said.get('krav_tittel', '')}. {said.get('beskrivelse', '')}"
        guessed = {} if stored else {"level": level_of(wording)}
        return replace(
            found,
            labels=labels or {lang: name},
            description=description,
            alt_labels=_with_wordings(found, labels, self._wordings.get(name, ())),
            code=found.code or (code if code and name != (slug(code) if stored else code) else None),
            kind=said.get("kravart", found.kind),
            level=said.get("nivå", found.level or guessed.get("level")),
            concepts=said.get("begrep", found.concepts),
            verification=said.get("verifikasjon", found.verification),
            legal_basis=said.get("hjemmel", found.legal_basis),
            prerequisites=said.get("forkunnskap", found.prerequisites),
        )

    def warn_of_differences(self) -> None:
        """Tell where two good rows say different things of one requirement; the first one holds."""
        said: dict[tuple[str, str], Row] = {}
        for row in self._rows:
            if row.bad or not row.requirement:
                continue
            for column in OF_REQUIREMENT:
                if column == "krav_tittel" or row.values.get(column) in {None, "", ()}:
                    continue
                first = said.setdefault((row.requirement, column), row)
                if first.values[column] != row.values[column]:
                    other = first.place(column).value
                    self._note(row.place(column).doubt("value-kept", self._lang, at=first, other=other))

    def _warn_of_left_out(self, built: Mapping[str, Requirement]) -> None:
        for row in self._rows:
            if row.bad:
                continue
            for name in row.values.get("forkunnskap", ()):
                if name not in built and name not in self._known.requirements:
                    place = row.place("forkunnskap")
                    self._note(place.doubt("prerequisite-left-out", self._lang, name=self._as_written(name)))

    def _as_written(self, name: str) -> str:
        """Return the code that the file has for a requirement, else its id."""
        codes = (row.values.get("krav_kode") for row in self._rows if row.requirement == name)
        return next((code for code in codes if code), name)

    def _language(self, row: Row) -> Lang:
        stated = fold(str(row.values.get("språk", "")))
        spelt = {"bokmål": "nb", "nynorsk": "nn", "engelsk": "en", "english": "en", "no": "nb"}
        stated = spelt.get(stated, stated)
        return cast("Lang", stated if stated in get_args(Lang) else self._languages[id(row.table)])

    def _fault(self, row: Row, column: str, code: str, **said: object) -> None:
        row.bad = True
        self._note(row.place(column).problem(code, self._lang, **said))


def _languages(rows: Iterable[Row]) -> dict[int, str]:
    texts: dict[int, list[str]] = {}
    for row in rows:
        mine = texts.setdefault(id(row.table), [])
        mine += [row.values[name] for name in ("krav_tittel", "beskrivelse") if row.values.get(name)]
    return {table: language_of(mine[:200]) for table, mine in texts.items()}


def _with_wordings(
    found: Requirement, labels: Mapping[Any, str], wordings: Iterable[tuple[str, str]]
) -> dict[Any, tuple[str, ...]]:
    kept: dict[Any, list[str]] = {lang: list(texts) for lang, texts in found.alt_labels.items()}
    for lang, text in wordings:
        if text != labels.get(lang) and text not in kept.setdefault(lang, []):
            kept[lang].append(text)
    return {lang: tuple(texts) for lang, texts in kept.items() if texts}


def _label(requirement: Requirement) -> str:
    labels: Mapping[Any, str] = requirement.labels
    return next((labels[lang] for lang in ("nb", "nn", "en") if lang in labels), requirement.id)


def _row_word(lang: str) -> str:
    return {"nb": "rad {}", "nn": "rad {}"}.get(lang, "row {}")
