"""Which plans do the rows of a file make? Names, versions, groups and lines, with what the catalogue has already."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graph.model import Plan, PlanKind, PlanLine
from graph.records import plan_from_record, plan_to_record
from indexer.labels import slug
from indexer.plan_files.draft import Draft
from indexer.plan_files.known import Known
from indexer.plan_files.problem import nearest
from indexer.plan_files.requirements import LONGEST_ID
from indexer.plan_files.rows import OF_PLAN, Row
from indexer.plan_files.wording import language_of, plan_kind_of
from vocab.analysis import fold

STEP = 10
"""Between the places of two lines whose order is not stated."""


class PlanRows:
    """The plans of a file's rows, one for each name and version."""

    def __init__(
        self, rows: Sequence[Row], known: Known, lang: str, draft: Draft, roles: Sequence[str]
    ) -> None:
        self._rows = rows
        self._known = known
        self._lang = lang
        self._draft = draft
        self._roles = roles

    def prepare(self) -> None:
        """Find the plan of each row and its line's faults, before it is known which requirements are good."""
        versions: dict[str, list[str]] = {}
        for row in self._rows:
            if name := row.values.get("plan"):
                mine = versions.setdefault(fold(name), [])
                if (version := row.values.get("versjon", "")) and version not in mine:
                    mine.append(version)
        ids = {name: self._ids(text, versions[name]) for name, text in self._names().items()}
        seen: dict[tuple[str, str, str | None], Row] = {}
        ends: dict[str, Row] = {}
        for row in self._rows:
            if not (name := row.values.get("plan")):
                continue
            mine = versions[fold(name)]
            row.plan = ids[fold(name)][row.values.get("versjon") or (mine[0] if mine else "")]
            if "kravtype" in row.table.columns and not row.bad and "kravtype" not in row.values:
                self._draft.note(row.place("kravtype").doubt("necessity-taken", self._lang))
            if "gruppe_minimum" in row.values and not row.values.get("gruppe"):
                self._fault(row, "gruppe_minimum", "group-missing")
            key = (row.plan, row.requirement, _edition(row))
            if row.requirement and not row.bad and (first := seen.setdefault(key, row)) is not row:
                self._fault(row, "krav_kode", "line-twice", at=first)
            self._check_plan(row, ends)

    def build(self) -> None:
        """Put the plans into the draft, those left out into its skipped."""
        plans: dict[str, list[Row]] = {}
        for row in self._rows:
            if row.plan:
                plans.setdefault(row.plan, []).append(row)
        for name, rows in plans.items():
            self._check_groups(rows)
            plan = self._plan(name, rows)
            if plan is None:
                continue
            try:
                self._draft.plans[name] = plan_from_record(plan_to_record(plan))
            except ValueError as error:
                self._leave_out(name, rows, str(error))

    def _names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in self._rows:
            if name := row.values.get("plan"):
                found.setdefault(fold(name), name)
        return found

    def _ids(self, text: str, versions: Sequence[str]) -> dict[str, str]:
        """Return the plan's id for each version named, the only one or the first also for none."""
        known = self._known.plan(text)
        base = known or slug(text)[:LONGEST_ID] or "plan"
        if not versions:
            return {"": base}
        found: dict[str, str] = {}
        family = {p.version: p.id for p in self._known.plans.values() if p.id == base or _is_version(p, base)}
        first = self._known.plans.get(base)
        for version in sorted(versions, key=_natural):
            if version in family:
                found[version] = family[version]
            elif first is None and base not in found.values():
                found[version] = base
            else:
                found[version] = f"{base}-{slug(version)}"
        return found | {"": found[versions[0]]}

    def _check_plan(self, row: Row, seen: dict[str, Row]) -> None:
        """Refuse a row that says another thing of its plan than a row before it."""
        if row.bad_plan:
            return
        values = row.values
        first = seen.setdefault(row.plan, row)
        start = values.get("gyldig_fra", first.values.get("gyldig_fra"))
        end = values.get("gyldig_til", first.values.get("gyldig_til"))
        if start is not None and end is not None and end < start:
            row.bad_plan = True
            column = "gyldig_til" if "gyldig_til" in values else "gyldig_fra"
            self._fault(row, column, "end-before-start", start=start, end=end)
            if first is row:
                del seen[row.plan]
            return
        for column in OF_PLAN:
            if column == "rolle" or column not in values:
                continue
            if column not in first.values:
                first.values[column] = values[column]
            elif first.values[column] != values[column]:
                said = first.place(column).value or first.values[column]
                self._fault(row, column, "plan-differs", first=said, at=first)
                return
        if "rolle" in values and first is not row:
            first.values["rolle"] = tuple(dict.fromkeys((*first.values.get("rolle", ()), *values["rolle"])))

    def _check_groups(self, rows: Sequence[Row]) -> None:
        groups: dict[str, list[Row]] = {}
        for row in rows:
            if group := row.values.get("gruppe"):
                groups.setdefault(group, []).append(row)
        for group, everybody in groups.items():
            mine = [row for row in everybody if not row.bad]
            stated = [row for row in mine if "gruppe_minimum" in row.values]
            if not mine:
                continue
            if not stated:
                self._leave_out_group(mine, mine[0], "minimum-missing", group=group)
                continue
            first = stated[0].values["gruppe_minimum"]
            for row in stated[1:]:
                if row.values["gruppe_minimum"] != first:
                    second = row.values["gruppe_minimum"]
                    self._fault(
                        row,
                        "gruppe_minimum",
                        "minimum-differs",
                        group=group,
                        first=first,
                        second=second,
                        at=stated[0],
                    )
            mine = [row for row in mine if not row.bad]
            if first > len(mine):
                lost = len(everybody) - len(mine)
                words = {"nb": " ({} er utelatt)", "nn": " ({} er utelatne)", "en": " ({} left out)"}
                said = words[self._lang].format(lost) if lost else ""
                self._leave_out_group(
                    mine, stated[0], "group-too-small", group=group, minimum=first, size=len(mine), lost=said
                )

    def _leave_out_group(self, rows: Iterable[Row], where: Row, code: str, **said: object) -> None:
        self._draft.note(where.place("gruppe_minimum").problem(code, self._lang, **said))
        for row in rows:
            row.bad = True

    def _plan(self, name: str, rows: Sequence[Row]) -> Plan | None:
        stored = self._known.plans.get(name)
        good = [row for row in rows if not row.bad and row.requirement in self._draft.requirements]
        if not good and (stored is None or not any(row.requirement for row in rows)):
            self._leave_out(name, rows)
            return None
        head = next((row.values for row in rows if not row.bad_plan), {})
        lang = language_of([str(row.values.get("krav_tittel", "")) for row in rows])
        title = head.get("plan_tittel") or rows[0].values["plan"]
        found = stored or Plan(name, {})
        labels: dict[Any, str] = dict(found.labels)
        for of, text in (
            (lang, None if stored else title),
            ("nn", head.get("plan_tittel_nn")),
            ("en", head.get("plan_tittel_en")),
        ):
            if text:
                labels[of] = text
        if head.get("plan_tittel"):
            labels[lang] = head["plan_tittel"]
        codes = [row.values["krav_kode"] for row in good if row.values.get("krav_kode")]
        kind: PlanKind = head.get("plantype") or (found.kind if stored else plan_kind_of(codes)) or found.kind
        roles = tuple(
            dict.fromkeys((*(() if head.get("rolle") else found.roles), *head.get("rolle", ())))
        ) or tuple(self._roles)
        plan = replace(
            found,
            labels=labels,
            roles=roles,
            arena=head.get("arena", found.arena),
            kind=kind,
            owner=head.get("eier", found.owner),
            editions=head.get("plan_utgaver", found.editions),
            version=next((v for row in rows if (v := row.values.get("versjon"))), found.version),
            valid_from=head.get("gyldig_fra", found.valid_from),
            valid_to=head.get("gyldig_til", found.valid_to),
            replaces=self._replaced(name, rows, head, found),
            source=found.source or rows[0].table.sheet.file,
        )
        if not plan.roles:
            self._draft.note(rows[0].place().doubt("plan-no-role", self._lang, plan=name))
        return replace(plan, lines=self._lines(good, rows, stored))

    def _replaced(self, name: str, rows: Sequence[Row], head: Mapping[str, Any], found: Plan) -> str | None:
        text = head.get("erstatter")
        if text:
            other = self._known.plan(text) or next((p for p in self._draft.plans if p == slug(text)), None)
            if other is not None and other != name:
                return other
            near = nearest(text, self._known.plans, 2)
            self._draft.note(rows[0].place("erstatter").doubt("plan-unknown", self._lang, near=near))
            return found.replaces
        if found.replaces or name in self._known.plans:
            return found.replaces
        version = slug(next((v for row in rows if (v := row.values.get("versjon"))), ""))
        base = name.removesuffix(f"-{version}")
        if base == name:
            return None
        family = {p.id: p for p in (*self._known.plans.values(), *self._draft.plans.values())}
        family = {
            i: p
            for i, p in family.items()
            if (i == base or _is_version(p, base)) and _natural(p.version) < _natural(version)
        }
        if not family:
            return None
        older = max(family.values(), key=lambda p: _natural(p.version))
        self._draft.note(
            rows[0]
            .place("versjon")
            .doubt(
                "plan-new-version",
                self._lang,
                other=older.id,
                first=older.version,
                plan=name,
            )
        )
        return older.id

    def _lines(self, good: Sequence[Row], rows: Sequence[Row], stored: Plan | None) -> tuple[PlanLine, ...]:
        lines: dict[tuple[str, str | None], PlanLine] = {}
        places = {id(row): number * STEP for number, row in enumerate(rows, 1)}
        for row in good:
            value = row.values
            line = PlanLine(
                row.requirement,
                value.get("kravtype", "obligatorisk"),
                value.get("rekkefølge", places[id(row)]),
                value.get("intervall_mnd"),
                _edition(row),
                value.get("gruppe"),
                value.get("gruppe_minimum") if value.get("gruppe") else None,
            )
            lines[line.requirement, line.edition] = line
        if stored is None:
            return tuple(lines.values())
        spoken = {_edition(row) for row in rows}
        lost = {row.requirement for row in rows if row.bad and row.requirement}
        for line in stored.lines:
            key = (line.requirement, line.edition)
            if key in lines:
                continue
            if line.requirement in lost:
                row = next(r for r in rows if r.bad and r.requirement == line.requirement)
                self._draft.note(row.place().doubt("lines-kept", self._lang, name=line.requirement))
                lines[key] = line
            elif line.edition not in spoken:
                lines[key] = line
        return tuple(lines.values())

    def _leave_out(self, name: str, rows: Sequence[Row], why: str = "") -> None:
        code = "plan-senseless" if why else "plan-left-out"
        self._draft.note(rows[0].place().problem(code, self._lang, plan=name, why=why))
        self._draft.skip("plans", name)
        for row in rows:
            row.bad = True

    def _fault(self, row: Row, column: str, code: str, **said: object) -> None:
        row.bad = True
        self._draft.note(row.place(column).problem(code, self._lang, **said))


def _edition(row: Row) -> str | None:
    edition = row.values.get("utgave")
    return None if edition in {None, "felles"} else edition


def _is_version(plan: Plan, base: str) -> bool:
    return plan.id == f"{base}-{slug(plan.version)}"


def _natural(version: str) -> list[tuple[int, int | str]]:
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.findall(r"\d+|\D+", slug(version))]
