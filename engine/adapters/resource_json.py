"""How does a resource lie in an index, and come back equal? As JSON."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from engine.errors import InvalidRequest
from engine.model import IndexEntry, Resource, Span, Tag

_DATES = ("published", "updated", "review_due")
_TUPLES = ("audience", "audience_group", "arena", "patient_group", "themes", "teaches")


def entry_to_json(entry: IndexEntry) -> bytes:
    """Return the resource of `entry` and its passages as JSON.

    Raises
    ------
    InvalidRequest
        If a field holds text that is not Unicode (a lone surrogate) or a value that is not JSON.
    """
    passages = [(passage.start, passage.end) for passage in entry.passages]
    try:
        return orjson.dumps({"resource": entry.resource, "passages": passages})
    except TypeError as error:
        raise InvalidRequest(f"resource {entry.resource.id!r} cannot be stored: {error}") from error


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """What an index keeps of an entry to give back: the resource, and its passages as (start, end) [code points]."""

    resource: Resource
    passages: tuple[tuple[int, int], ...]


def entry_from_json(data: bytes) -> StoredEntry:
    """Return what `entry_to_json` wrote."""
    fields = orjson.loads(data)
    passages = tuple((start, end) for start, end in fields["passages"])
    return StoredEntry(resource_from_fields(fields["resource"]), passages)


def resource_from_fields(fields: dict[str, Any]) -> Resource:
    """Return the resource of its JSON fields, which are used up."""
    for name in _DATES:
        if fields[name] is not None:
            fields[name] = date.fromisoformat(fields[name])
    for name in _TUPLES:
        fields[name] = tuple(fields[name])
    if fields.get("stated") is not None:
        fields["stated"] = tuple(fields["stated"])
    fields["about"] = tuple([_tag(tag) for tag in fields["about"]])
    return Resource(**fields)


def _tag(fields: dict[str, Any]) -> Tag:
    fields["spans"] = tuple([Span(**span) for span in fields["spans"]])
    fields["features"] = tuple([(name, value) for name, value in fields.get("features", ())])
    return Tag(**fields)
