"""Whose plans are these? Roles, requirements and plans of one's own, read from JSON Lines into the catalogue.

A file's kind is told by its name: ``roles.jsonl``, ``requirements.jsonl``, ``plans.jsonl``; each line is
a record of `graph.records`.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from engine.errors import InvalidRequest, NotFound
from engine.model import UpsertReport
from engine.records import check_id, check_text
from engine.service import Engine
from graph.errors import CycleError
from graph.model import Plan, Requirement, Role
from graph.order import check_prerequisites
from graph.records import plan_from_record, requirement_from_record, role_from_record
from indexer.sources.jsonl import MAX_LINE, parse_line, read_lines
from indexer.sources.source import SourceProblem

KINDS = ("roles", "requirements", "plans")
"""Kinds of record, in the order in which they are written; a file's name without ``.jsonl``."""

V = TypeVar("V", Role, Requirement, Plan)


@dataclass(slots=True)
class PlansReport:
    """What an import of plans did: ids by kind, what was kept out, and what was let in with a doubt."""

    dry_run: bool = False
    kinds: dict[str, UpsertReport] = field(default_factory=dict)
    problems: list[SourceProblem] = field(default_factory=list)
    warnings: list[SourceProblem] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Records that are, or would be, in the catalogue afterwards."""
        return sum(len(k.added) + len(k.updated) + len(k.unchanged) for k in self.kinds.values())

    def to_record(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return asdict(self)


@dataclass(slots=True)
class _File(Generic[V]):
    """One file while it is read: the good records by id, and the line of each."""

    name: str
    values: dict[str, V] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def problem(self, id_: str, place: str, reason: str, *, warning: bool = False) -> SourceProblem:
        return SourceProblem(self.name, reason, self.rows[id_], place, "warning" if warning else "error")


def import_plans(engine: Engine, location: Path, *, by: str, dry_run: bool = False) -> PlansReport:
    """Read roles, requirements and plans into the catalogue.

    Parameters
    ----------
    engine : Engine
        Whose catalogue is written. Recommendations follow at once; reasons need a new index run.
    location : Path
        A file named ``roles.jsonl``, ``requirements.jsonl`` or ``plans.jsonl``, or a folder with some.
    by : str
        Function or key name for the audit trail, never a person.
    dry_run : bool, default False
        Only say what would be done; the answer is that of a real run.

    Returns
    -------
    PlansReport
        A record that will not do is a problem and the rest goes on; so are the records whose
        prerequisites would run in a circle. A reference to an unknown role, requirement or plan is a
        warning.

    Raises
    ------
    NotFound, InvalidRequest
        If there is no such file, or none of the names is in the folder.
    """
    paths = _files(location)
    report = PlansReport(dry_run)
    roles = _read(paths.get("roles"), role_from_record, report)
    requirements = _read(paths.get("requirements"), requirement_from_record, report)
    plans = _read(paths.get("plans"), plan_from_record, report)
    _refuse_circles(requirements, engine.requirements(), report)
    _warn_of_unknown(engine, roles, requirements, plans, report)
    store, at = engine.catalogue, engine.now()
    for kind, file, known, write in (
        ("roles", roles, engine.roles(), store.upsert_roles),
        ("requirements", requirements, engine.requirements(), store.upsert_requirements),
        ("plans", plans, engine.plans(), store.upsert_plans),
    ):
        if kind not in paths:
            continue
        values: Any = file.values.values()  # of the kind that `write` takes
        report.kinds[kind] = _compare(file, known) if dry_run else write(values, by=by, at=at)
    return report


def _files(location: Path) -> dict[str, Path]:
    names = ", ".join(f"{kind}.jsonl" for kind in KINDS)
    if location.is_dir():
        found = {kind: path for kind in KINDS if (path := location / f"{kind}.jsonl").is_file()}
        if not found:
            raise InvalidRequest(f"{location}: none of {names} is in the folder")
        return found
    if not location.exists():
        raise NotFound(f"{location}: there is no such file or folder")
    if location.name not in {f"{kind}.jsonl" for kind in KINDS}:
        raise InvalidRequest(f"{location}: a file of plans is named one of {names}")
    return {location.stem: location}


def _read(path: Path | None, read: Callable[[Mapping[str, Any]], V], report: PlansReport) -> _File[V]:
    file: _File[V] = _File(path.name if path else "")
    if path is None:
        return file
    try:
        lines = path.open("rb")
    except OSError as e:
        raise InvalidRequest(f"{path}: cannot be read: {e.strerror}") from e
    with lines:
        for row, line in read_lines(lines):
            if line is None:
                report.problems.append(
                    SourceProblem(file.name, f"the line is longer than {MAX_LINE:,} bytes", row)
                )
                continue
            if not line.strip():
                continue
            record = parse_line(line, file.name, row)
            if isinstance(record, SourceProblem):
                report.problems.append(record)
                continue
            try:
                value = read(record)
                check_id(value.id)
                for name, part in record.items():
                    check_text(part, name)
            except (ValueError, InvalidRequest) as e:
                place, colon, reason = str(e).partition(": ")
                report.problems.append(
                    SourceProblem(file.name, reason or str(e), row, place if colon else None)
                )
                continue
            if value.id in file.values:
                reason = f"{value.id!r} stands in row {file.rows[value.id]} already"
                report.problems.append(SourceProblem(file.name, reason, row, "id"))
                continue
            file.values[value.id], file.rows[value.id] = value, row
    return file


def _refuse_circles(file: _File[Requirement], known: Mapping[str, Requirement], report: PlansReport) -> None:
    """Take out the new requirements that close a circle of prerequisites, circle by circle."""
    while file.values:
        try:
            check_prerequisites({**known, **file.values}.values())
        except CycleError as circle:
            ours = [id_ for id_ in circle.cycle if id_ in file.values]
            if not ours:  # the catalogue had it before
                raise
            for id_ in ours:
                report.problems.append(file.problem(id_, "prerequisites", str(circle)))
                del file.values[id_]
        else:
            return


def _warn_of_unknown(
    engine: Engine,
    roles: _File[Role],
    requirements: _File[Requirement],
    plans: _File[Plan],
    report: PlansReport,
) -> None:
    known = {
        "role": {*engine.roles(), *roles.values},
        "requirement": {*engine.requirements(), *requirements.values},
        "plan": {*engine.plans(), *plans.values},
    }

    def check(file: _File[Any], id_: str, place: str, kind: str, name: str | None) -> None:
        if name is not None and name not in known[kind]:
            reason = f"no {kind} has the id {name!r}"
            report.warnings.append(file.problem(id_, place, reason, warning=True))

    for role in roles.values.values():
        check(roles, role.id, "broader", "role", role.broader)
    for requirement in requirements.values.values():
        check(requirements, requirement.id, "broader", "requirement", requirement.broader)
        for n, name in enumerate(requirement.prerequisites):
            check(requirements, requirement.id, f"prerequisites[{n}]", "requirement", name)
    for plan in plans.values.values():
        check(plans, plan.id, "replaces", "plan", plan.replaces)
        for n, name in enumerate(plan.roles):
            check(plans, plan.id, f"roles[{n}]", "role", name)
        for n, line in enumerate(plan.lines):
            check(plans, plan.id, f"lines[{n}].requirement", "requirement", line.requirement)


def _compare(file: _File[Any], known: Mapping[str, Any]) -> UpsertReport:
    """Return what writing a file would do."""
    added = tuple(id_ for id_ in file.values if id_ not in known)
    unchanged = tuple(id_ for id_, value in file.values.items() if known.get(id_) == value)
    updated = tuple(id_ for id_ in file.values if id_ not in {*added, *unchanged})
    return UpsertReport(added, updated, unchanged)
