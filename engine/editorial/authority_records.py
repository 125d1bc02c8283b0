"""Which record is a source of authority? Read strictly: an unknown field is nearly always a misspelt one."""

import difflib
import re
from collections.abc import Mapping
from typing import Any, Final

from engine.authority import Authority
from engine.editorial.responsible import NEEDED
from engine.errors import InvalidRequest
from engine.records import check_id, check_text
from engine.reports.without_persons import WITHHELD, text_only
from vocab.analysis import fold

MAX_TEXT: Final = 1_000_000
"""Longest text of a source [characters]; of a longer one give the hash."""

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("identifikator",),
    "title": ("tittel", "navn", "namn", "name"),
    "url": ("adresse", "lenke", "lenkje", "address"),
    "version": ("versjon", "utgave", "utgåve"),
    "text": ("tekst",),
    "hash": ("kontrollsum", "checksum", "sha256"),
    "requirements": ("krav", "kravkoder", "krav_koder"),
    "legal_basis": ("hjemmel", "heimel", "rettslig grunnlag", "rettsleg grunnlag"),
    "concepts": ("begrep", "begreper", "omgrep"),
    "resources": ("ressurser", "ressursar", "siteres av"),
}
_LISTS: Final = ("requirements", "legal_basis", "concepts", "resources")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", fold(name))


_FIELDS: Final = {_plain(other): name for name, others in _NAMES.items() for other in (name, *others)}


def authority_from_record(record: Mapping[str, object]) -> Authority:
    """Return the source in a record.

    Parameters
    ----------
    record : mapping
        Names as in `Authority`, or Norwegian. Lists are arrays, or texts with ``|`` between.

    Raises
    ------
    InvalidRequest
        With the field that will not do.

    Examples
    --------
    >>> authority_from_record({"id": "v1", "Tittel": "Veileder", "versjon": 2, "krav": "FALL-1|FALL-2"}).requirements
    ('FALL-1', 'FALL-2')
    """
    values: dict[str, Any] = {}
    for given, value in record.items():
        name = _FIELDS.get(_plain(str(given)))
        if name is None:
            near = difflib.get_close_matches(str(given), _NAMES, n=1)
            raise InvalidRequest(
                f"{given}: no such field of a source{f' (is it {near[0]}?)' if near else ''}"
            )
        if value is None or value == "" or value == []:
            continue
        if name in values:
            raise InvalidRequest(f"{given}: the field {name} stands twice")
        values[name] = _list(value, name) if name in _LISTS else _text(value, name)
    check_id(values.get("id", ""))
    if not values.get("title"):
        raise InvalidRequest("title: a title is needed")
    if not any(values.get(name) for name in ("version", "text", "hash")):
        raise InvalidRequest("version: a version, a text or a hash is needed, else no change can be seen")
    if "url" in values and not re.match(r"https?://", values["url"], re.IGNORECASE):
        raise InvalidRequest("url: an http or https address is needed")
    if not any(values.get(name) for name in _LISTS):
        raise InvalidRequest(
            f"requirements: something that rests on it is needed in one of {', '.join(_LISTS)}"
        )
    if odd := [c for c in values.get("concepts", ()) if "/" not in c]:
        raise InvalidRequest(f"concepts: a concept such as tema/fall is needed, got {odd[0]!r}")
    if WITHHELD in text_only(values["title"]):
        raise InvalidRequest(f"title: {NEEDED}")
    return Authority(**values)


def _text(value: object, name: str) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise InvalidRequest(f"{name}: text is needed")
    check_text(value, name)
    if len(value) > MAX_TEXT:
        raise InvalidRequest(f"{name}: at most {MAX_TEXT:,} characters; give the hash of a longer text")
    return value.strip()


def _list(value: object, name: str) -> tuple[str, ...]:
    parts = re.split(r"[|\n]", value) if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
        raise InvalidRequest(f"{name}: a list of texts is needed")
    check_text(list(parts), name)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
