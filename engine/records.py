"""How does a resource look as JSON, and which JSON is a resource? Read strictly, written whole.

A record has the field names of `engine.model.Resource`; dates are ISO 8601 (``2026-11-21``), tuples
are arrays. A field that is absent or null has the dataclass's default; only `id` and `title` must be
there. ``resource_from_record(resource_to_record(r)) == r`` for every resource that may be stored.
An unknown field is refused, because it is nearly always a misspelt one.
"""

import difflib
import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Any, cast, get_args

from engine.errors import InvalidRequest
from engine.model import Resource, Span, Status, Tag
from vocab.concept import ConceptId, LabelKind

ID_BYTES = 512
"""Longest id [bytes of UTF-8]: two of them fit into one row of a PostgreSQL index."""

DURATION_MAX = 1_000_000
"""Longest duration [minutes], nearly two years."""

_TEXTS = ("summary", "body", "url", "resource_type", "edition", "provider", "level", "licence", "responsible")
_LISTS = ("audience", "audience_group", "arena", "patient_group", "themes", "teaches")
_DATES = ("published", "updated", "review_due")
_FIELDS = {field.name: field for field in fields(Resource)}
_CONTENT = tuple(name for name in _FIELDS if name != "about")
_SHORT = tuple(name for name in _CONTENT if name != "body")
_DEFAULTS = {name: field.default for name, field in _FIELDS.items() if field.default is not MISSING}
_TAG_FIELDS = tuple(field.name for field in fields(Tag))
_SPAN_FIELDS = {field.name for field in fields(Span)}
_STATUSES: tuple[str, ...] = get_args(Status)
_ORIGINS = ("editor", "source", "automatic")
_LABEL_KINDS: tuple[str, ...] = get_args(LabelKind)
_DECISIONS = ("accepted", "rejected", "pinned")
_SPAN_PLACES = ("title", "summary", "body")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}.*)?", re.ASCII | re.DOTALL)
_EDGE = re.compile(r"[\s\x00-\x1f\x7f]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SCRIPT = re.compile(r"[\x00-\x20]*(javascript|vbscript|data):", re.IGNORECASE)


def resource_from_record(record: Mapping[str, object]) -> Resource:
    """Return the resource in a record.

    Parameters
    ----------
    record : mapping
        A JSON object. Dates may carry a time (``2026-11-21T08:00:00Z``), which is dropped; whole
        numbers may be written ``15.0``.

    Raises
    ------
    InvalidRequest
        With the name of the field and the value that will not do: wrong type, no title, a status,
        language or date that does not exist, a `url` that would run as a script, or text that no
        database can hold (NUL, half a surrogate pair).

    Examples
    --------
    >>> resource_from_record({"id": "kb-1", "title": "Fall", "updated": "2026-01-31"}).updated
    datetime.date(2026, 1, 31)
    >>> resource_from_record({"id": "kb-1", "title": "Fall", "updated": "31.1.2026"})
    Traceback (most recent call last):
    engine.errors.InvalidRequest: updated: a date such as 2026-11-21 is needed, got '31.1.2026'
    """
    if not isinstance(record, Mapping):
        raise _unfit("record", "a JSON object", record)
    for name in record:
        if name not in _FIELDS:
            raise InvalidRequest(f"{name}: no such field of a resource{_nearest(str(name))}")
    values: dict[str, Any] = {"id": _resource_id(record.get("id"))}
    title = _text(record.get("title"), "title")
    if not title.strip():
        raise _unfit("title", "a title", title)
    values["title"] = title
    for name in _TEXTS:
        if (value := record.get(name)) is not None:
            values[name] = _text(value, name)
    for name in _LISTS:
        if (value := record.get(name)) is not None:
            values[name] = _names(value, name)
    for name in _DATES:
        if (value := record.get(name)) is not None:
            values[name] = _date(value, name)
    if (value := record.get("language")) is not None:
        values["language"] = _language(value)
    if (value := record.get("status")) is not None:
        values["status"] = _choice(value, "status", _STATUSES)
    if (value := record.get("duration")) is not None:
        values["duration"] = _minutes(value)
    if (value := record.get("sample")) is not None:
        if not isinstance(value, bool):
            raise _unfit("sample", "true or false", value)
        values["sample"] = value
    if (value := record.get("about")) is not None:
        values["about"] = tuple(_tag(item, f"about[{n}]") for n, item in enumerate(_array(value, "about")))
    if _SCRIPT.match(values.get("url", "")):
        raise _unfit("url", "an address that is no script", values["url"])
    return Resource(**values)


def resource_to_record(resource: Resource) -> dict[str, Any]:
    """Return the resource as a JSON object, every field present; `about` only when there are tags.

    Examples
    --------
    >>> record = resource_to_record(Resource("kb-1", "Fall", themes=("fall",)))
    >>> record["themes"], record["duration"], "about" in record
    (['fall'], None, False)
    """
    record = {name: _plain(getattr(resource, name)) for name in _CONTENT}
    if resource.about:
        record["about"] = [
            {
                **{name: getattr(tag, name) for name in _TAG_FIELDS},
                "spans": [_span_record(s) for s in tag.spans],
            }
            for tag in resource.about
        ]
    return record


def resource_to_short_record(resource: Resource) -> dict[str, Any]:
    """Return the record of a resource without its text and its tags, as lists show it."""
    return {name: _plain(getattr(resource, name)) for name in _SHORT}


def resource_from_stored(record: Mapping[str, Any]) -> Resource:
    """Return the resource in a record that was checked when it was written; fast, checks nothing.

    Records outlive rules: one that was stored before a rule was made can still be read.
    """
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in record.items()
    }
    for name in _DATES:
        if values.get(name) is not None:
            values[name] = date.fromisoformat(values[name])
    if tags := record.get("about"):
        values["about"] = tuple(
            Tag(
                **{
                    **tag,
                    "spans": tuple(Span(**span) for span in tag.get("spans", ())),
                    "features": tuple((name, value) for name, value in tag.get("features", ())),
                }
            )
            for tag in tags
        )
    return Resource(**values)


def content_hash(resource: Resource) -> str:
    """Return the SHA-256 [64 hex digits] of everything but `about`.

    Fields at their default are left out, so that a field added to `Resource` later changes no hash
    of an older resource.

    Examples
    --------
    >>> from dataclasses import replace
    >>> fall = Resource("kb-1", "Fall")
    >>> content_hash(fall) == content_hash(replace(fall, about=(Tag(ConceptId("tema/fall"), 0.9),)))
    True
    >>> content_hash(fall) == content_hash(replace(fall, status="archived"))
    False
    """
    content = {}
    for name in _CONTENT:
        value = getattr(resource, name)
        if name not in _DEFAULTS or value != _DEFAULTS[name]:
            content[name] = _plain(value)
    return canonical_hash(content)


def canonical_hash(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 [64 hex digits] of a JSON object, whatever the order of its keys."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def check_id(value: object, place: str = "id") -> str:
    """Return an id, or raise InvalidRequest: empty, too long, or with spaces or controls at its ends."""
    text = _text(value, place)
    if not text or _EDGE.match(text) or _EDGE.match(text[-1]):
        raise _unfit(place, "an id without spaces around it", text)
    if len(text.encode()) > ID_BYTES:
        raise _unfit(place, f"an id of at most {ID_BYTES} bytes", text)
    return text


def _resource_id(value: object) -> str:
    r"""Return an id that can stand in an address: no spaces or controls in it, and no step up the path."""
    text = check_id(value)
    if re.search(r"[\s\x00-\x1f\x7f-\x9f]", text):
        raise _unfit("id", "an id without spaces and control characters", text)
    if any(segment in {".", ".."} for segment in re.split(r"[/\\]", text)):
        raise _unfit("id", "an id without the path segments . and ..", text)
    return text


def check_text(value: object, place: str) -> None:
    r"""Raise InvalidRequest when text anywhere in a JSON value cannot be stored.

    PostgreSQL refuses NUL and no UTF-8 encoder takes half a surrogate pair; we refuse both
    everywhere, so that a catalogue may move from one database to another.

    Examples
    --------
    >>> check_text({"labels": {"nb": chr(0)}}, "role")
    Traceback (most recent call last):
    engine.errors.InvalidRequest: role.labels.nb: text without NUL characters is needed, got '\x00'
    """
    if isinstance(value, str):
        if found := _UNSTORABLE.search(value):
            kind = "NUL characters" if found.group() == "\x00" else "halves of surrogate pairs"
            raise _unfit(place, f"text without {kind}", value[max(0, found.start() - 20) :])
    elif isinstance(value, Mapping):
        for name, item in value.items():
            check_text(name, place)
            check_text(item, f"{place}.{name}")
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            check_text(item, f"{place}[{number}]")


def is_storable(text: str) -> bool:
    """Tell whether text can be in a store at all (see `check_text`)."""
    return _UNSTORABLE.search(text) is None


def _plain(value: object) -> object:
    if type(value) is str:
        return value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _span_record(span: Span) -> dict[str, object]:
    return {"field": span.field, "start": span.start, "end": span.end}


def _unfit(place: str, wanted: str, value: object) -> InvalidRequest:
    shown = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return InvalidRequest(
        f"{place}: {wanted} is needed, got {shown if len(shown) <= 80 else shown[:77] + '…'}"
    )


def _nearest(name: str) -> str:
    found = difflib.get_close_matches(name, _FIELDS, n=1)
    return f" (is it {found[0]}?)" if found else ""


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise _unfit(place, "text", value)
    check_text(value, place)
    return value


def _array(value: object, place: str) -> list[object] | tuple[object, ...]:
    if not isinstance(value, (list, tuple)):
        raise _unfit(place, "an array", value)
    return value


def _names(value: object, place: str) -> tuple[str, ...]:
    names = tuple(_text(item, f"{place}[{n}]") for n, item in enumerate(_array(value, place)))
    for number, name in enumerate(names):
        if not name or name != name.strip():
            raise _unfit(f"{place}[{number}]", "a name without spaces around it", name)
    return names


def _date(value: object, place: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and (found := _DAY.fullmatch(value)):
        try:
            return date.fromisoformat(found.group(1))
        except ValueError:
            pass
    raise _unfit(place, "a date such as 2026-11-21", value)


def _language(value: object) -> str:
    text = _text(value, "language")
    if not _LANGUAGE.fullmatch(text):
        raise _unfit("language", "a language code such as nb, nn, en, se", text)
    return text


def _choice(value: object, place: str, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise _unfit(place, f"one of {', '.join(choices)}", value)
    return value


def _minutes(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= DURATION_MAX:
        raise _unfit("duration", f"a whole number of minutes from 0 to {DURATION_MAX}", value)
    return value


def _offset(value: object, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise _unfit(place, "a whole number from 0", value)
    return value


def _object(value: object, place: str, known: set[str]) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _unfit(place, "a JSON object", value)
    for name in value:
        if name not in known:
            raise InvalidRequest(f"{place}.{name}: no such field")
    return value


def _span(value: object, place: str) -> Span:
    record = _object(value, place, _SPAN_FIELDS)
    field = _choice(record.get("field"), f"{place}.field", _SPAN_PLACES)
    start, end = (_offset(record.get(name), f"{place}.{name}") for name in ("start", "end"))
    if end < start:
        raise _unfit(f"{place}.end", f"an end not before the start {start}", end)
    return Span(cast("Any", field), start, end)


def _tag(value: object, place: str) -> Tag:
    record = _object(value, place, set(_TAG_FIELDS))
    concept = _text(record.get("concept"), f"{place}.concept")
    scheme, _, name = concept.partition("/")
    if not (scheme and name):
        raise _unfit(f"{place}.concept", "a concept such as tema/smerte", concept)
    score = record.get("score")
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not math.isfinite(score):
        raise _unfit(f"{place}.score", "a number", score)
    kind, decision = record.get("label_kind"), record.get("decision")
    lang = record.get("label_lang")
    again = record.get("again", False)
    if not isinstance(again, bool):
        raise _unfit(f"{place}.again", "true or false", again)
    return Tag(
        concept=ConceptId(concept),
        score=float(score),
        spans=tuple(
            _span(item, f"{place}.spans[{n}]")
            for n, item in enumerate(_array(record.get("spans") or (), f"{place}.spans"))
        ),
        origin=cast("Any", _choice(record.get("origin", "automatic"), f"{place}.origin", _ORIGINS)),
        label=_text(record.get("label", ""), f"{place}.label"),
        label_kind=None if kind is None else cast("Any", _choice(kind, f"{place}.label_kind", _LABEL_KINDS)),
        decision=None
        if decision is None
        else cast("Any", _choice(decision, f"{place}.decision", _DECISIONS)),
        label_lang=None if lang is None else cast("Any", _text(lang, f"{place}.label_lang")),
        features=tuple(
            _feature(item, f"{place}.features[{n}]")
            for n, item in enumerate(_array(record.get("features") or (), f"{place}.features"))
        ),
        again=again,
    )


def _feature(value: object, place: str) -> tuple[str, float]:
    match value:
        case [str(name), int() | float() as added] if math.isfinite(added):
            return name, float(added)
    raise _unfit(place, "a name and a finite number", value)
