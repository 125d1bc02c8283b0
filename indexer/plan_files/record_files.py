"""Which records are in files of JSON Lines? Roles, requirements and plans, a record a line.

A file's kind is told by its name: ``roles.jsonl``, ``requirements.jsonl``, ``plans.jsonl``; each line is
a record of `graph.records`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from engine.errors import InvalidRequest, NotFound
from engine.records import check_id, check_text
from graph.errors import CycleError
from graph.model import Plan, Requirement, Role
from graph.order import check_prerequisites
from graph.records import plan_from_record, requirement_from_record, role_from_record
from graph.replaced import joined
from indexer.plan_files.draft import Draft
from indexer.plan_files.known import Known
from indexer.sources.jsonl import MAX_LINE, parse_line, read_lines
from indexer.sources.source import SourceProblem

KINDS = ("roles", "requirements", "plans")
"""Kinds of record, in the order in which they are written; a file's name without ``.jsonl``."""

V = TypeVar("V", Role, Requirement, Plan)


@dataclass(slots=True)
class _File(Generic[V]):
    """One file while it is read: the good records by id, and the line of each."""

    name: str
    values: dict[str, V] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def problem(self, id_: str, place: str, reason: str, *, warning: bool = False) -> SourceProblem:
        return SourceProblem(self.name, reason, self.rows[id_], place, "warning" if warning else "error")


def read_records(location: Path, known: Known) -> Draft:
    """Return what a file of JSON Lines, or a folder with some, would write.

    A record that will not do is a problem and the rest goes on; so are the records whose prerequisites
    would run in a circle. A reference to an unknown role, requirement or plan is a warning.

    Raises
    ------
    NotFound, InvalidRequest
        If there is no such file, or none of the names is in the folder.
    """
    paths = _files(location)
    draft = Draft(known.seq, tuple(kind for kind in KINDS if kind in paths))
    roles = _read(paths.get("roles"), role_from_record, draft)
    requirements = _read(paths.get("requirements"), requirement_from_record, draft)
    plans = _read(paths.get("plans"), plan_from_record, draft)
    _refuse_circles(requirements, known.requirements, draft)
    _warn_of_unknown(known, roles, requirements, plans, draft)
    draft.roles, draft.requirements, draft.plans = roles.values, requirements.values, plans.values
    return draft


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


def _read(path: Path | None, read: Callable[[Mapping[str, Any]], V], draft: Draft) -> _File[V]:
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
                draft.problems.append(
                    SourceProblem(file.name, f"the line is longer than {MAX_LINE:,} bytes", row)
                )
                continue
            if not line.strip():
                continue
            record = parse_line(line, file.name, row)
            if isinstance(record, SourceProblem):
                draft.problems.append(record)
                continue
            try:
                value = read(record)
                check_id(value.id)
                for name, part in record.items():
                    check_text(part, name)
            except (ValueError, InvalidRequest) as e:
                place, colon, reason = str(e).partition(": ")
                draft.problems.append(
                    SourceProblem(file.name, reason or str(e), row, place if colon else None)
                )
                continue
            if value.id in file.values:
                reason = f"{value.id!r} stands in row {file.rows[value.id]} already"
                draft.problems.append(SourceProblem(file.name, reason, row, "id"))
                continue
            file.values[value.id], file.rows[value.id] = value, row
    return file


def _refuse_circles(file: _File[Requirement], known: Mapping[str, Requirement], draft: Draft) -> None:
    """Take out the new requirements that close a circle of prerequisites, circle by circle."""
    while file.values:
        try:
            check_prerequisites(joined({**known, **file.values}.values()).values())
        except CycleError as circle:
            ours = [id_ for id_ in circle.cycle if id_ in file.values]
            if not ours:  # the catalogue had it before
                raise
            for id_ in ours:
                draft.problems.append(file.problem(id_, "prerequisites", str(circle)))
                del file.values[id_]
        else:
            return


def _warn_of_unknown(
    known: Known,
    roles: _File[Role],
    requirements: _File[Requirement],
    plans: _File[Plan],
    draft: Draft,
) -> None:
    names = {
        "role": {*known.roles, *roles.values},
        "requirement": {*known.requirements, *requirements.values},
        "plan": {*known.plans, *plans.values},
    }

    def check(file: _File[Any], id_: str, place: str, kind: str, name: str | None) -> None:
        if name is not None and name not in names[kind]:
            reason = f"no {kind} has the id {name!r}"
            draft.warnings.append(file.problem(id_, place, reason, warning=True))

    for role in roles.values.values():
        check(roles, role.id, "broader", "role", role.broader)
    for requirement in requirements.values.values():
        check(requirements, requirement.id, "broader", "requirement", requirement.broader)
        for n, name in enumerate(requirement.prerequisites):
            check(requirements, requirement.id, f"prerequisites[{n}]", "requirement", name)
        check(requirements, requirement.id, "replaced_by", "requirement", requirement.replaced_by)
    for plan in plans.values.values():
        check(plans, plan.id, "replaces", "plan", plan.replaces)
        for n, name in enumerate(plan.roles):
            check(plans, plan.id, f"roles[{n}]", "role", name)
        for n, line in enumerate(plan.lines):
            check(plans, plan.id, f"lines[{n}].requirement", "requirement", line.requirement)
