"""Whose plans are these? Files of plans as others keep them, read into the catalogue: previewed, then written at once.

Spreadsheets (XLSX, CSV), CASE 1.1 and Grep as JSON, and JSON Lines of our own records; `indexer.plan_files`
reads each into one draft. A dry run and a real one make the same draft; a real one then writes all of
it in one transaction, or nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.editorial.responsible import is_function
from engine.errors import Conflict, InvalidRequest, NotFound
from engine.model import IMPORTED, Decision, UpsertReport
from engine.service import Engine
from graph.model import Plan
from indexer.plan_files.draft import Draft
from indexer.plan_files.known import Known
from indexer.plan_files.problem import LANGUAGES, Place
from indexer.sources.source import SourceProblem

TRIES = 3
"""How often an import is read anew because somebody else has written meanwhile."""


@dataclass(frozen=True, slots=True)
class LineChanges:
    """What becomes of a plan's lines; requirements, with the edition of a local line after ``@``."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(slots=True)
class PlansReport:
    """What an import of plans did: ids by kind, what was kept out, and what was let in with a doubt.

    `skipped` are rows (sheet and number) and plans that were kept out; `lines` what becomes of the lines
    of the plans that are updated.
    """

    dry_run: bool = False
    kinds: dict[str, UpsertReport] = field(default_factory=dict)
    skipped: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, LineChanges] = field(default_factory=dict)
    problems: list[SourceProblem] = field(default_factory=list)
    warnings: list[SourceProblem] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Records that are, or would be, in the catalogue afterwards."""
        return sum(len(k.added) + len(k.updated) + len(k.unchanged) for k in self.kinds.values())

    def to_record(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return asdict(self)


def import_plans(
    engine: Engine,
    location: Path,
    *,
    by: str,
    dry_run: bool = False,
    lang: str = "en",
    roles: Sequence[str] = (),
) -> PlansReport:
    """Read roles, requirements and plans into the catalogue.

    Parameters
    ----------
    engine : Engine
        Whose catalogue is written. Recommendations follow at once; reasons need a new index run.
    location : Path
        A spreadsheet, a framework as JSON, a file named ``roles.jsonl``, ``requirements.jsonl`` or
        ``plans.jsonl``, or a folder with some of these.
    by : str
        Function or key name for the audit trail, never a person.
    dry_run : bool, default False
        Only say what would be done; the answer is that of a real run.
    lang : str, default "en"
        nb, nn or en: the language of problems and advice in spreadsheets and frameworks.
    roles : sequence of str
        Ids, codes or names of the roles of plans that name none.

    Returns
    -------
    PlansReport
        A row or record that will not do is a problem and the rest goes on.

    Raises
    ------
    NotFound, InvalidRequest
        If there is no such file, it is of no kind that is known, or a role of `roles` is not known.
    Conflict
        If others keep writing plans meanwhile.
    """
    if lang not in LANGUAGES:
        raise InvalidRequest(f"lang: one of {', '.join(LANGUAGES)} is needed, got {lang!r}")
    for last in (False,) * (TRIES - 1) + (True,):
        known = Known(engine)
        draft = _read(location, known, lang, roles)
        report = _preview(draft, known, dry_run=dry_run)
        report.warnings += _owners(draft, location, lang)
        if dry_run:
            return report
        try:
            _write(engine, draft, report, by)
        except Conflict:
            if last:
                raise
        else:
            return report
    raise AssertionError("unreachable")


def _read(location: Path, known: Known, lang: str, roles: Sequence[str]) -> Draft:
    if not location.exists():
        raise NotFound(f"{location}: there is no such file or folder")
    suffix = location.suffix.lower()
    if location.is_dir() or suffix == ".jsonl":
        from indexer.plan_files.record_files import read_records

        return read_records(location, known)
    named = [_role(known, role) for role in roles]
    if suffix in {".xlsx", ".xlsm", ".csv", ".tsv", ".txt"}:
        from indexer.plan_files.table import read_table

        return read_table(location, known, lang, named)
    if suffix == ".json":
        from indexer.plan_files.framework import read_framework

        return read_framework(location, known, lang, named)
    if suffix in {".xls", ".ods", ".numbers"}:
        raise InvalidRequest(f"{location}: save it as .xlsx or .csv; {suffix} is not read")
    raise InvalidRequest(
        f"{location}: a file of plans is .xlsx, .csv, .json (CASE, Grep), or named roles.jsonl, "
        "requirements.jsonl or plans.jsonl"
    )


def _role(known: Known, text: str) -> str:
    try:
        return known.role(text)
    except ValueError as error:
        raise InvalidRequest(f"no role has the id, name or code {text!r}") from error


def _preview(draft: Draft, known: Known, *, dry_run: bool) -> PlansReport:
    """Return what writing a draft does."""
    report = PlansReport(dry_run, skipped=draft.skipped, problems=draft.problems, warnings=draft.warnings)
    stored: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
        "roles": (draft.roles, known.roles),
        "requirements": (draft.requirements, known.requirements),
        "plans": (draft.plans, known.plans),
    }
    for kind in draft.kinds:
        if kind in stored:
            report.kinds[kind] = _compare(*stored[kind])
    if "links" in draft.kinds:
        unchanged = tuple(dict.fromkeys(_link_name(pair) for pair in draft.links_unchanged))
        report.kinds["links"] = UpsertReport(tuple(map(_link_name, draft.links)), (), unchanged)
    for name, plan in draft.plans.items():
        if name in known.plans and known.plans[name] != plan:
            report.lines[name] = _line_changes(known.plans[name], plan)
    return report


def _owners(draft: Draft, location: Path, lang: str) -> list[SourceProblem]:
    """Return a warning for each plan whose owner looks like a person; the name is not repeated."""
    return [
        Place(location.name).doubt("plan-owner-person", lang, plan=name)
        for name, plan in draft.plans.items()
        if plan.owner and not is_function(plan.owner)
    ]


def _compare(values: Mapping[str, Any], known: Mapping[str, Any]) -> UpsertReport:
    added = tuple(id_ for id_ in values if id_ not in known)
    unchanged = tuple(id_ for id_, value in values.items() if known.get(id_) == value)
    updated = tuple(id_ for id_ in values if id_ not in {*added, *unchanged})
    return UpsertReport(added, updated, unchanged)


def _line_changes(before: Plan, after: Plan) -> LineChanges:
    old, new = (
        {
            f"{line.requirement}@{line.edition}" if line.edition else line.requirement: line
            for line in plan.lines
        }
        for plan in (before, after)
    )
    return LineChanges(
        added=tuple(name for name in new if name not in old),
        changed=tuple(name for name in new if name in old and old[name] != new[name]),
        removed=tuple(name for name in old if name not in new),
    )


def _link_name(pair: tuple[str, str]) -> str:
    return f"{pair[0]} → {pair[1]}"


def _write(engine: Engine, draft: Draft, report: PlansReport, by: str) -> None:
    at = engine.now()
    written = engine.catalogue.write_plans(
        roles=draft.roles.values(),
        requirements=draft.requirements.values(),
        plans=draft.plans.values(),
        rulings=[
            Decision("teaches", resource, requirement, "accepted", by, at, str(place), IMPORTED)
            for (resource, requirement), place in draft.links.items()
        ],
        by=by,
        at=at,
        expected=draft.seq,
    )
    for kind in report.kinds:
        if kind != "links":
            report.kinds[kind] = getattr(written, kind)
