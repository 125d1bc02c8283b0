"""What has the asker done already? A file of theirs, read and never stored."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

import orjson

from engine.errors import InvalidRequest
from graph.model import Evidence, Requirement, State

FIELDS = frozenset({"requirement", "state", "achieved", "expires", "evidence"})


def read_done_list(path: Path, requirements: Mapping[str, Requirement]) -> tuple[Evidence, ...]:
    """Read JSON Lines with one object a requirement.

    Raises
    ------
    InvalidRequest
        With file, line and field, for the first line that is not right.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as e:
        raise InvalidRequest(f"{path}: cannot be read: {e.strerror}") from e
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as e:
            raise InvalidRequest(f"{where}: not JSON: {e}") from e
        if not isinstance(record, dict):
            raise InvalidRequest(f"{where}: expected an object")
        found.append(_evidence(record, where, requirements))
    return tuple(found)


def _evidence(record: dict[str, Any], where: str, requirements: Mapping[str, Requirement]) -> Evidence:
    for name in record.keys() - FIELDS:
        raise InvalidRequest(
            f"{where}, field {name}: there is no such field; there are: {', '.join(sorted(FIELDS))}"
        )
    requirement = record.get("requirement")
    if not isinstance(requirement, str) or requirement not in requirements:
        raise InvalidRequest(f"{where}, field requirement: no requirement has the id {requirement!r}")
    state = record.get("state", "approved")
    if state not in get_args(State):
        raise InvalidRequest(f"{where}, field state: {state!r} is none of {', '.join(get_args(State))}")
    return Evidence(
        requirement=requirement,
        state=state,
        achieved=_date(record, "achieved", where),
        expires=_date(record, "expires", where),
        evidence=str(record.get("evidence", "")),
    )


def _date(record: dict[str, Any], name: str, where: str) -> date | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as e:
        raise InvalidRequest(f"{where}, field {name}: {value!r} is no date (YYYY-MM-DD)") from e
