"""Who asked for recommendations, with what done, and what would have helped them?

``recommend/situations.jsonl`` holds the situations, ``recommend/qrels.tsv`` the grades that judges gave without sight of
any ranking; ``recommend/README.md`` says how.
"""

import csv
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from engine.records import resource_from_record
from graph.model import Evidence
from graph.plans import applicable_plans, obligations
from graph.records import plan_from_record, requirement_from_record, role_from_record

FOLDER = Path(__file__).parent / "recommend"
SPLITS = ("dev", "test")
LANGUAGES = ("nb", "nn", "en")
KINDS = ("new", "some", "nearly", "expired", "change", "function")
"""What a situation is first of all; each has one of these."""

FEATURES = ("budget", "plan", "edition", "language", "learner", "soon")
"""What else is special about it."""

GRADES = (0, 1, 2, 3)
HEADER = ["situation", "resource", "grade"]
NEEDED = {"id", "split", "kinds", "role", "language", "done", "on", "text"}
OPTIONAL = {"plan", "edition", "minutes"}


@dataclass(frozen=True, slots=True)
class Situation:
    """One asker on one day. `split` is dev (for tuning) or test (for the figure only)."""

    id: str
    split: str
    kinds: tuple[str, ...]
    role: str
    language: str
    done: tuple[Evidence, ...]
    on: date
    text: str
    plan: str | None = None
    edition: str | None = None
    minutes: int | None = None

    @property
    def kind(self):
        """The one of `KINDS` that it is."""
        return next(kind for kind in self.kinds if kind in KINDS)


@dataclass(frozen=True)
class Sample:
    """Roles, requirements, plans and resources of the sample bank, by id."""

    roles: dict
    requirements: dict
    plans: dict
    resources: dict


@cache
def sample():
    folder = files("indexer").joinpath("data", "sample")

    def read(path, record):
        lines = path.read_text("utf-8").splitlines()
        return {value.id: value for line in lines if line.strip() for value in [record(json.loads(line))]}

    plans, resources = folder / "plans", {}
    for path in sorted((folder / "resources").iterdir(), key=lambda p: p.name):
        resources |= read(path, resource_from_record)
    return Sample(
        read(plans / "roles.jsonl", role_from_record),
        read(plans / "requirements.jsonl", requirement_from_record),
        read(plans / "plans.jsonl", plan_from_record),
        resources,
    )


@cache
def situations(split=None):
    """Return the situations of one split or both, in the order of the file."""
    found = read_situations(FOLDER / "situations.jsonl", sample())
    return tuple(s for s in found if split in {None, s.split})


@cache
def grades():
    """Return the grades of each situation, {situation: {resource: grade}}; those not named are taken as 0."""
    return read_grades(FOLDER / "qrels.tsv", {s.id: s for s in situations()}, sample())


def obligations_of(situation):
    """Return what the plans ask of the asker, and how far each is met."""
    known = sample()
    return obligations(
        situation.role,
        known.plans.values(),
        known.requirements,
        on=situation.on,
        edition=situation.edition,
        plan_id=situation.plan,
        done=situation.done,
    )


def gaps(situation):
    """Return the obligations that are open."""
    return [o for o in obligations_of(situation) if o.gap]


def running_out(situation):
    """Return the obligations that are met today and not for long."""
    return [o for o in obligations_of(situation) if o.state == "expires_soon"]


def visible(situation, resource):
    """Tell whether a resource is published for the asker: for everybody or for the edition asked from."""
    return resource.status == "published" and resource.edition in {"felles", situation.edition or "felles"}


def read_situations(path, known):
    """Read situations and check them against a sample bank; ValueError names the row and what is wrong."""
    found = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        where = f"{path.name}, row {number}"
        try:
            situation = _situation(json.loads(line))
            _fits(situation, known)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        if situation.id in found:
            raise ValueError(f"{where}: {situation.id} stands twice")
        found[situation.id] = situation
    return tuple(found.values())


def read_grades(path, asked, known):
    """Read grades and check them against situations (by id) and a sample bank; ValueError names the row."""
    found = {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        if (header := next(rows, None)) != HEADER:
            raise ValueError(f"{path.name}: the first row must be {HEADER}, got {header}")
        for number, row in enumerate(rows, 2):
            where = f"{path.name}, row {number}"
            if len(row) != len(HEADER):
                raise ValueError(f"{where}: {len(HEADER)} columns are needed, got {len(row)}")
            situation, resource, grade = row
            if situation not in asked:
                raise ValueError(f"{where}: no such situation: {situation!r}")
            if resource not in known.resources:
                raise ValueError(f"{where}: no such resource: {resource!r}")
            if grade not in {str(g) for g in GRADES}:
                raise ValueError(f"{where}: a grade is one of {GRADES}, got {grade!r}")
            if int(grade) and not visible(asked[situation], known.resources[resource]):
                raise ValueError(f"{where}: {resource} is not published for {situation}, so it is of no use")
            if resource in (of_one := found.setdefault(situation, {})):
                raise ValueError(f"{where}: {resource} is graded twice for {situation}")
            of_one[resource] = int(grade)
    return found


def _situation(record):
    if lacking := NEEDED - record.keys():
        raise ValueError(f"lacks {', '.join(sorted(lacking))}")
    if unknown := record.keys() - NEEDED - OPTIONAL:
        raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
    for name, allowed in (("split", SPLITS), ("language", LANGUAGES)):
        if record[name] not in allowed:
            raise ValueError(f"{name} is one of {', '.join(allowed)}, got {record[name]!r}")
    kinds = record["kinds"]
    if sum(kind in KINDS for kind in kinds) != 1 or not {*kinds} <= {*KINDS, *FEATURES}:
        raise ValueError(f"kinds wants one of {', '.join(KINDS)} and else some of {', '.join(FEATURES)}")
    minutes = record.get("minutes")
    if minutes is not None and (type(minutes) is not int or minutes < 1):
        raise ValueError(f"minutes is a whole number from 1, got {minutes!r}")
    if not str(record["text"]).strip():
        raise ValueError("text is empty")
    done = tuple(
        Evidence(**{k: date.fromisoformat(v) if k in {"achieved", "expires"} else v for k, v in item.items()})
        for item in record["done"]
    )
    on = date.fromisoformat(record["on"])
    if late := [item.requirement for item in done if item.achieved and item.achieved > on]:
        raise ValueError(f"done after the day that is asked about: {', '.join(late)}")
    return Situation(**record | {"kinds": tuple(kinds), "done": done, "on": on})


def _fits(situation, known):
    if situation.role not in known.roles:
        raise ValueError(f"no such role: {situation.role!r}")
    if situation.plan is not None and situation.plan not in known.plans:
        raise ValueError(f"no such plan: {situation.plan!r}")
    if unknown := [item.requirement for item in situation.done if item.requirement not in known.requirements]:
        raise ValueError(f"no such requirement: {', '.join(unknown)}")
    if len({item.requirement for item in situation.done}) != len(situation.done):
        raise ValueError("a requirement stands twice in the done-list")
    plans = applicable_plans(
        situation.role,
        known.plans.values(),
        on=situation.on,
        edition=situation.edition,
        plan_id=situation.plan,
    )
    if not any(situation.role in plan.roles for plan in plans):
        raise ValueError(f"no plan in force for {situation.role} on {situation.on}")
    if situation.edition and not any(r.edition == situation.edition for r in known.resources.values()):
        raise ValueError(f"no such edition: {situation.edition!r}")
