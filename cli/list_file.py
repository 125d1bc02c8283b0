"""How is a list written for a portal? One file, CSV or JSON; nothing of the done-list is in it."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from engine.errors import InvalidRequest
from engine.learning_path import Step, path_csv, path_rows


def write_list(path: Path, role: str, steps: Sequence[Step], link: str | None, lang: str) -> None:
    """Write the steps as the ending of the name says, whole or not at all.

    Raises
    ------
    InvalidRequest
        If the file cannot be written.
    """
    if path.suffix.lower() == ".csv":
        data = path_csv(steps, lang).encode()
    else:
        document = {"role": role, "link": link, "steps": path_rows(steps, lang)}
        data = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as e:
        raise InvalidRequest(f"{path}: cannot be written: {e.strerror}") from e
