"""What has the asker, or a whole unit, done already? Files of theirs, read and never stored."""

from collections.abc import Callable, Container
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import orjson

from engine.errors import InvalidRequest, NotFound
from graph.done_list import DoneListError, Member, evidence_from_record, member_from_record
from graph.model import Evidence

T = TypeVar("T")

MOST: Final = 50
"""Faults of a file that are told."""


def read_done_list(path: Path, requirements: Container[str]) -> tuple[Evidence, ...]:
    """Read JSON Lines with one object a requirement.

    Raises
    ------
    InvalidRequest
        With file, line and field of everything that is not right, at most `MOST` of them.
    """
    return _read(path, lambda record: evidence_from_record(record, requirements))


def read_unit_list(
    path: Path, requirements: Container[str], known_role: Callable[[str], str]
) -> tuple[Member, ...]:
    """Read JSON Lines with one object a pseudonym.

    `known_role` returns the id of a role by id or code, and raises InvalidRequest or NotFound.

    Raises
    ------
    InvalidRequest
        With file, line and field of everything that is not right, at most `MOST` of them.
    """
    seen: set[str] = set()

    def member(record: object) -> Member:
        found = member_from_record(record, requirements)
        if found.pseudonym in seen:
            raise DoneListError("pseudonym", f"{found.pseudonym!r} stands twice")
        seen.add(found.pseudonym)
        try:
            roles = tuple(known_role(role) for role in found.roles)
        except (InvalidRequest, NotFound) as e:
            raise DoneListError("role", str(e)) from None
        return replace(found, roles=roles)

    return _read(path, member)


def _read(path: Path, take: Callable[[object], T]) -> tuple[T, ...]:
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()
    except OSError as e:
        raise InvalidRequest(f"{path}: cannot be read: {e.strerror}") from e
    found, faults = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as e:
            faults.append(f"{where}: not JSON: {e}")
            continue
        if not isinstance(record, dict):
            faults.append(f"{where}: expected an object")
            continue
        try:
            found.append(take(record))
        except DoneListError as e:
            faults += [f"{where}, field {field}: {message}" for field, message in e.faults]
    if faults:
        more = [f"and {len(faults) - MOST} more"] if len(faults) > MOST else []
        raise InvalidRequest("\n".join([*faults[:MOST], *more]))
    return tuple(found)
