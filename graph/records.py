"""How does a role, a requirement or a plan look as JSON? Records, read strictly and written whole.

A record has the field names of the dataclass in `graph.model`; dates are ISO 8601 (``2026-11-21``),
tuples are arrays, an absent field has the dataclass's default. ``x_from_record(x_to_record(v)) == v``.
An unknown field is refused, because it is nearly always a misspelt one. Fields that came later (`LATER`) are
written only when they say something, so that what was stored before them is still the same record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import date
from typing import Any, cast, get_args

from graph.model import Necessity, Plan, PlanKind, PlanLine, Requirement, RequirementKind, Role
from graph.validity import check_calendar
from vocab.concept import ConceptId, Lang

Record = Mapping[str, Any]
Reader = Callable[[object, str], Any]

LANGS: tuple[str, ...] = get_args(Lang)

LATER = frozenset({"alt_labels", "same_as", "replaced_by", "calendar"})
"""Fields that records of the first version lack."""


def role_from_record(record: Record) -> Role:
    """Return the role in a record.

    Raises
    ------
    ValueError
        With the name of the field and the value that will not do.

    Examples
    --------
    >>> role_from_record({"id": "jordmor", "labels": {"nb": "jordmor"}, "hpr": "JO"}).hpr
    'JO'
    >>> role_from_record({"id": "jordmor", "labels": {"no": "jordmor"}})
    Traceback (most recent call last):
    ValueError: labels: the language 'no' is none of nb, nn, en, se
    """
    return Role(**_read(Role, _ROLE, record))


def role_to_record(role: Role) -> dict[str, Any]:
    """Return the role as a JSON object, every field present."""
    return _write(role)


def requirement_from_record(record: Record) -> Requirement:
    """Return the requirement in a record.

    Raises
    ------
    ValueError
        With the name of the field and the value that will not do; a requirement that is its own
        prerequisite or replaces itself is refused too.
    """
    values = _read(Requirement, _REQUIREMENT, record)
    if values["id"] == values.get("replaced_by"):
        raise ValueError(f"replaced_by: {values['id']!r} cannot replace itself")
    if values["id"] in values.get("prerequisites", ()):
        raise ValueError(f"prerequisites: {values['id']!r} cannot come before itself")
    requirement = Requirement(**values)
    _check_validity(requirement, "")
    return requirement


def requirement_to_record(requirement: Requirement) -> dict[str, Any]:
    """Return the requirement as a JSON object, every field present but empty ones of `LATER`."""
    return _write(requirement)


def plan_from_record(record: Record) -> Plan:
    """Return the plan in a record, its lines in the order given.

    Raises
    ------
    ValueError
        With the name of the field (``lines[3].necessity``) and the value that will not do. Refused
        as wholes: the same requirement twice for one edition, a group whose lines state different
        minimums or none, a minimum larger than its group, and an end before the beginning.
    """
    values = _read(Plan, _PLAN, record)
    plan = Plan(**values)
    _check_lines(plan.lines)
    if plan.valid_from and plan.valid_to and plan.valid_to < plan.valid_from:
        raise ValueError(f"valid_to: {plan.valid_to} is before valid_from {plan.valid_from}")
    return plan


def plan_to_record(plan: Plan) -> dict[str, Any]:
    """Return the plan as a JSON object, every field present."""
    return _write(plan)


def _check_lines(lines: Sequence[PlanLine]) -> None:
    seen: set[tuple[str, str | None]] = set()
    minimums: dict[str, set[int]] = {}
    sizes: dict[str, int] = {}
    for number, line in enumerate(lines):
        _check_validity(line, f"lines[{number}].")
        key = (line.requirement, line.edition)
        if key in seen:
            raise ValueError(f"lines[{number}].requirement: {line.requirement!r} stands twice")
        seen.add(key)
        if line.group is None:
            if line.group_minimum is not None:
                raise ValueError(f"lines[{number}].group_minimum: the line belongs to no group")
            continue
        sizes[line.group] = sizes.get(line.group, 0) + 1
        stated = minimums.setdefault(line.group, set())
        if line.group_minimum is not None:
            stated.add(line.group_minimum)
    for group, stated in minimums.items():
        if len(stated) != 1:
            raise ValueError(f"lines: group {group!r} needs one group_minimum, got {sorted(stated)}")
        if (minimum := next(iter(stated))) > sizes[group]:
            raise ValueError(f"lines: group {group!r} wants {minimum} of {sizes[group]} lines")


def _check_validity(asked: Requirement | PlanLine, place: str) -> None:
    if asked.calendar is not None:
        try:
            check_calendar(asked.calendar, asked.validity)
        except ValueError as error:
            raise ValueError(f"{place}calendar: {error}") from None


def _read(kind: type, readers: Mapping[str, Reader], record: object, place: str = "") -> dict[str, Any]:
    if not isinstance(record, Mapping):
        raise _unfit(place.rstrip(".") or "record", "an object", record)
    for name in record:
        if name not in readers:
            raise ValueError(f"{place}{name}: no such field of a {kind.__name__.lower()}")
    values: dict[str, Any] = {}
    for field in fields(kind):
        if field.name in record:
            values[field.name] = readers[field.name](record[field.name], place + field.name)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{place}{field.name}: is missing")
    return values


def _write(value: Role | Requirement | Plan | PlanLine) -> dict[str, Any]:
    found = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: _plain(part) for name, part in found.items() if part or name not in LATER}


def _plain(value: object) -> object:
    if isinstance(value, PlanLine):
        return _write(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def _unfit(place: str, wanted: str, value: object) -> ValueError:
    return ValueError(f"{place}: {wanted} is needed, got {value!r}")


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise _unfit(place, "text", value)
    return value


def _name(value: object, place: str) -> str:
    name = _text(value, place)
    if not name or name != name.strip():
        raise _unfit(place, "a name without spaces around it", value)
    return name


def _flag(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise _unfit(place, "true or false", value)
    return value


def _integer(value: object, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _unfit(place, "a whole number", value)
    return value


def _positive(value: object, place: str) -> int:
    number = _integer(value, place)
    if number < 1:
        raise _unfit(place, "a whole number from 1", value)
    return number


def _date(value: object, place: str) -> date:
    try:
        text = _text(value, place)
        if len(text) == len("2026-11-21"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _unfit(place, "a date such as 2026-11-21", value)


def _texts(value: object, place: str) -> Mapping[Lang, str]:
    if not isinstance(value, Mapping):
        raise _unfit(place, "an object of language to text", value)
    for lang, text in value.items():
        if lang not in LANGS:
            raise ValueError(f"{place}: the language {lang!r} is none of {', '.join(LANGS)}")
        if not isinstance(text, str):
            raise _unfit(f"{place}.{lang}", "text", text)
    return cast("Mapping[Lang, str]", dict(value))


def _wordings(value: object, place: str) -> Mapping[Lang, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise _unfit(place, "an object of language to texts", value)
    for lang in value:
        if lang not in LANGS:
            raise ValueError(f"{place}: the language {lang!r} is none of {', '.join(LANGS)}")
    read = _array(_name)
    found = {lang: read(texts, f"{place}.{lang}") for lang, texts in value.items()}
    return cast("Mapping[Lang, tuple[str, ...]]", {lang: texts for lang, texts in found.items() if texts})


def _labels(value: object, place: str) -> Mapping[Lang, str]:
    labels = _texts(value, place)
    if not labels or not all(text.strip() for text in labels.values()):
        raise _unfit(place, "at least one label and no empty one", value)
    return labels


def _concept(value: object, place: str) -> ConceptId:
    concept = _name(value, place)
    scheme, _, name = concept.partition("/")
    if not (scheme and name):
        raise _unfit(place, "a concept such as tema/smerte", value)
    return ConceptId(concept)


def _line(value: object, place: str) -> PlanLine:
    return PlanLine(**_read(PlanLine, _PLAN_LINE, value, place + "."))


def _optional(reader: Reader) -> Reader:
    return lambda value, place: None if value is None else reader(value, place)


def _array(reader: Reader) -> Reader:
    def read(value: object, place: str) -> tuple[Any, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise _unfit(place, "an array", value)
        return tuple(reader(item, f"{place}[{number}]") for number, item in enumerate(value))

    return read


def _one_of(choices: tuple[str, ...]) -> Reader:
    def read(value: object, place: str) -> str:
        if value not in choices:
            raise ValueError(f"{place}: {value!r} is none of {', '.join(choices)}")
        return str(value)

    return read


_ROLE: Mapping[str, Reader] = {
    "id": _name,
    "labels": _labels,
    "concept": _optional(_concept),
    "broader": _optional(_name),
    "hpr": _optional(_name),
    "styrk08": _optional(_name),
    "arenas": _array(_name),
}
_REQUIREMENT: Mapping[str, Reader] = {
    "id": _name,
    "labels": _labels,
    "description": _texts,
    "concepts": _array(_concept),
    "kind": _one_of(get_args(RequirementKind)),
    "level": _optional(_name),
    "validity": _optional(_positive),
    "verification": _text,
    "legal_basis": _text,
    "prerequisites": _array(_name),
    "code": _optional(_name),
    "broader": _optional(_name),
    "alt_labels": _wordings,
    "same_as": _array(_name),
    "replaced_by": _optional(_name),
    "example": _flag,
    "calendar": _optional(_name),
}
_PLAN_LINE: Mapping[str, Reader] = {
    "requirement": _name,
    "necessity": _one_of(get_args(Necessity)),
    "order": _integer,
    "validity": _optional(_positive),
    "edition": _optional(_name),
    "group": _optional(_name),
    "group_minimum": _optional(_positive),
    "calendar": _optional(_name),
}
_PLAN: Mapping[str, Reader] = {
    "id": _name,
    "labels": _labels,
    "lines": _array(_line),
    "roles": _array(_name),
    "arena": _optional(_name),
    "kind": _one_of(get_args(PlanKind)),
    "owner": _text,
    "editions": _array(_name),
    "version": _text,
    "valid_from": _optional(_date),
    "valid_to": _optional(_date),
    "replaces": _optional(_name),
    "retired": _optional(_date),
    "retired_reason": _text,
    "source": _text,
    "sample": _flag,
}
