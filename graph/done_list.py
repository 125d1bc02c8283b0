"""What has been done? Lines of a done-list and of a unit's done-lists, read strictly.

The lists belong to those who ask: they are read for one answer and never stored.
"""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal, TypeVar, get_args

from graph.model import Evidence, State
from graph.status import STATE_WORDS

EvidenceKind = Literal["course", "test", "practical", "certificate", "prior_learning", "exemption", "other"]
"""What shows that a requirement is met; ``prior_learning`` is real competence, gained without a course of ours."""

IN_NORWEGIAN: Mapping[str, EvidenceKind] = {
    "kurs": "course",
    "prøve": "test",
    "praksis": "practical",
    "praktisk": "practical",
    "kursbevis": "certificate",
    "sertifikat": "certificate",
    "realkompetanse": "prior_learning",
    "fritak": "exemption",
    "annet": "other",
    "anna": "other",
}
"""Names of the kinds that are taken as well."""

STATES_IN_NORWEGIAN: Mapping[str, State] = {
    **{word.lower(): state for lang in ("nb", "nn") for state, word in STATE_WORDS[lang].items()},
    "pågår": "in_progress",
    "til godkjenning": "awaiting_approval",
}
"""Names of the states that are taken as well."""

FIELDS = ("requirement", "state", "achieved", "expires", "evidence")
MEMBER_FIELDS = ("pseudonym", "role", "plan", "edition", "done")

PSEUDONYM = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""Form of a pseudonym: letters, digits, ``.``, ``_`` and ``-``."""

_WRITTEN_DAY = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4}|[0-9]{2})")
_PERSONAL_NUMBER = re.compile(r"\d{7}")


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Member:
    """One of a unit, under a pseudonym: roles, the plan or edition that counts, and what is done."""

    pseudonym: str
    roles: tuple[str, ...]
    plan: str | None = None
    edition: str | None = None
    done: tuple[Evidence, ...] = ()


class DoneListError(ValueError):
    """Fields that will not do: `field` is the place of the first, such as ``done[2].achieved``.

    `faults` are all of them, each with what is wrong.
    """

    def __init__(self, field: str, message: str, *more: tuple[str, str]) -> None:
        self.faults = ((field, message), *more)
        super().__init__("; ".join(f"{field}: {message}" for field, message in self.faults))
        self.field = field
        self.message = message


class _Faults:
    """Gathers what will not do, so that a reader hears of all of it at once."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    def of(self, read: Callable[[], T]) -> T | None:
        """Return what is read; None, with the fault kept, where it will not do."""
        try:
            return read()
        except DoneListError as error:
            self._found += error.faults
            return None

    def raise_any(self) -> None:
        """Raise what was found, if anything."""
        if self._found:
            (field, message), *more = self._found
            raise DoneListError(field, message, *more)


def evidence_from_record(record: object, requirements: Container[str], place: str = "") -> Evidence:
    """Return one line of a done-list.

    Raises
    ------
    DoneListError
        Naming every field that will not do: one that there is not, an unknown requirement, state or kind
        of evidence, or a date that is none.

    Examples
    --------
    >>> evidence_from_record({"requirement": "krav-fall", "evidence": "prior_learning"}, {"krav-fall"}).evidence
    'prior_learning'
    """
    known = _object(record, place)
    faults = _Faults()
    faults.of(lambda: _only(known, FIELDS, place, "a done-list"))
    name = faults.of(lambda: _requirement(known, requirements, place))
    if isinstance(said := known.get("state"), str):
        known = {**known, "state": STATES_IN_NORWEGIAN.get(said.strip().lower(), said)}
    state = faults.of(lambda: _choice(known, "state", get_args(State), place))
    achieved = faults.of(lambda: _date(known, "achieved", place))
    expires = faults.of(lambda: _date(known, "expires", place))
    if achieved and expires and expires < achieved:
        before = DoneListError(f"{place}expires", f"{expires} is before achieved {achieved}")
        faults.of(lambda: _refuse(before))
    kind = faults.of(lambda: _kind(known, place))
    faults.raise_any()
    return Evidence(name or "", state or "approved", achieved, expires, kind or "")  # type: ignore[arg-type]


def member_from_record(record: object, requirements: Container[str]) -> Member:
    """Return one line of a unit's done-lists: pseudonym, role (one or several), plan, edition and done.

    Raises
    ------
    DoneListError
        Naming every field that will not do.
    """
    known = _object(record, "")
    faults = _Faults()
    faults.of(lambda: _only(known, MEMBER_FIELDS, "", "a unit's done-list"))
    pseudonym = faults.of(lambda: check_pseudonym(known.get("pseudonym")))
    roles = faults.of(lambda: _roles(known))
    plan = faults.of(lambda: _name(known, "plan"))
    edition = faults.of(lambda: _name(known, "edition"))
    lines = faults.of(lambda: _lines(known))
    done = [
        faults.of(partial(evidence_from_record, item, requirements, f"done[{n}]."))
        for n, item in enumerate(lines or ())
    ]
    faults.raise_any()
    return Member(pseudonym or "", roles or (), plan, edition, tuple(item for item in done if item))


def check_pseudonym(value: object, field: str = "pseudonym") -> str:
    """Return a pseudonym; refuse what may tell who it is.

    A value that is refused does not stand in the message.

    Raises
    ------
    DoneListError
        For anything but letters, digits, ``.``, ``_`` and ``-``, and for seven or more digits in a row, which
        may be a national identity number, a number in the register of health personnel or a telephone.
    """
    if not isinstance(value, str) or not re.fullmatch(PSEUDONYM, value):
        raise DoneListError(
            field, "1 to 64 letters a-z, digits, '.', '_' and '-' are needed, no name and no address"
        )
    if _PERSONAL_NUMBER.search(value):
        raise DoneListError(field, "seven digits in a row may be the number of a person or a telephone")
    return value


def check_members(members: Sequence[Member]) -> None:
    """Refuse a pseudonym that stands twice; raises DoneListError."""
    seen: set[str] = set()
    for member in members:
        if member.pseudonym in seen:
            raise DoneListError("pseudonym", f"{member.pseudonym!r} stands twice")
        seen.add(member.pseudonym)


def _object(record: object, place: str) -> Mapping[str, Any]:
    if not isinstance(record, Mapping):
        raise DoneListError(place.rstrip(".") or "line", "an object is needed")
    return record


def _only(record: Mapping[str, Any], fields: tuple[str, ...], place: str, of: str) -> None:
    """Refuse fields that there are not."""
    there = f"there is no such field of {of}; there are: {', '.join(sorted(fields))}"
    unknown = [(f"{place}{name}", there) for name in record if name not in fields]
    if unknown:
        raise DoneListError(*unknown[0], *unknown[1:])


def _requirement(record: Mapping[str, Any], requirements: Container[str], place: str) -> str:
    name = record.get("requirement")
    if isinstance(name, str) and name not in requirements:
        name = name.strip().removeprefix("krav/").lower()  # a plan's own code, as people write it
    if not isinstance(name, str) or name not in requirements:
        raise DoneListError(f"{place}requirement", f"no requirement has the id {record.get('requirement')!r}")
    return name


def _roles(record: Mapping[str, Any]) -> tuple[str, ...]:
    roles = record.get("role")
    roles = [roles] if isinstance(roles, str) else roles
    if not isinstance(roles, list) or not roles or not all(isinstance(role, str) and role for role in roles):
        raise DoneListError("role", "a role or an array of roles is needed")
    return tuple(roles)


def _lines(record: Mapping[str, Any]) -> list[Any]:
    done = record.get("done", [])
    if not isinstance(done, list):
        raise DoneListError("done", "an array is needed")
    return done


def _refuse(error: DoneListError) -> None:
    raise error


def _kind(record: Mapping[str, Any], place: str) -> str:
    value = record.get("evidence")
    if isinstance(value, str) and value.lower() in IN_NORWEGIAN:
        return IN_NORWEGIAN[value.lower()]
    return _choice(record, "evidence", get_args(EvidenceKind), place)


def _choice(record: Mapping[str, Any], name: str, choices: tuple[str, ...], place: str) -> str:
    value = record.get(name)
    if value is None or value == "":
        return ""
    if value not in choices:
        raise DoneListError(f"{place}{name}", f"{value!r} is none of {', '.join(choices)}")
    return str(value)


def _name(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise DoneListError(name, f"an id is needed, got {value!r}")
    return value


def _date(record: Mapping[str, Any], name: str, place: str) -> date | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    try:
        if len(value) == len("2026-11-21"):
            return date.fromisoformat(value)
    except (TypeError, ValueError):
        pass
    advice = f": write {meant}" if (meant := _meant(value)) else ""
    raise DoneListError(f"{place}{name}", f"{value!r} is no date (YYYY-MM-DD){advice}")


def _meant(value: object) -> str | None:
    """Return the right form of a day written another way, for advice; a year of two digits is of this century."""
    found = _WRITTEN_DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    day, month, year = (int(part) for part in found.groups())
    try:
        return date(year + (2000 if year < 100 else 0), month, day).isoformat()
    except ValueError:
        return None
