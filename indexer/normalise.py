"""Which resource does a raw record mean? Fields, labels, dates and texts of many writings, read as one.

Field names may be English, as in `engine.model.Resource`, schema.org's, or Norwegian. What cannot be
read is named with the field as the source calls it.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, get_args

from engine.editorial.responsible import NEEDED, is_function
from engine.errors import InvalidRequest
from engine.model import COMMON_EDITION, Resource, Status
from engine.records import resource_from_record
from indexer.field_names import ALIASES, CANONICAL, LANGUAGES, STATUSES, field_of, plain_name
from indexer.labels import LabelReader, slug
from indexer.plain_text import has_control_characters, plain_line, plain_text
from indexer.quantities import parse_date, parse_flag, parse_minutes
from indexer.sources.page import resource_id
from vocab.analysis import fold
from vocab.language import detect_language
from vocab.vocabulary import Vocabulary

NORMALISER_VERSION: Final = "2"
"""Changes when the same record may give another resource; sources are then read anew."""

MAX_BODY = 4_000_000
"""Longest body [characters]."""

MAX_LINE = 2_000
"""Longest title, name or label [characters]."""

SURE = 0.99
"""Probability from which a detected language is believed against the stated one."""

DETECTED = 4_000
"""Characters of a text that its language is detected from."""

ENOUGH_WORDS = 30
"""Words that a text must have for that."""

_SCHEMES = {
    "resource_type": "ressurstype",
    "level": "niva",
    "audience": "rolle",
    "audience_group": "malgruppe",
    "arena": "arena",
    "patient_group": "malgruppe",
    "themes": "tema",
    "teaches": "krav",
}
_LISTS = ("audience", "audience_group", "arena", "patient_group", "themes", "teaches")
_DATES = ("published", "updated", "review_due")
_LINES = ("id", "title", "url", "provider", "licence", "responsible")
_TEXTS = ("summary", "body")
_OURS = frozenset(["nb", "nn", "en", "se"])


@dataclass(frozen=True, slots=True)
class FieldDoubt:
    """One thing about one field: `name` as the source calls it; an error keeps the record out."""

    name: str
    reason: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class Normalised:
    """What became of a record: the resource, or None when an error stands among the doubts."""

    resource: Resource | None
    doubts: tuple[FieldDoubt, ...] = ()
    unknown_fields: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """One record while it is read."""

    record: Mapping[str, object]
    strict: bool
    names: dict[str, str] = field(default_factory=dict)
    doubts: list[FieldDoubt] = field(default_factory=list)

    def doubt(self, name: str, reason: str, *, error: bool = False) -> None:
        self.doubts.append(FieldDoubt(self.names.get(name, name), reason, error))

    def unfit(self, name: str, reason: str) -> None:
        """Note a value that will not do: an error in data, left out with a warning off a page."""
        self.doubt(name, reason if self.strict else f"{reason}; left out", error=self.strict)


class Normaliser:
    """Reads records with one vocabulary.

    Parameters
    ----------
    vocabulary : Vocabulary
        Whose labels are known.
    more : mapping of scheme to names, optional
        Names that are right though the vocabulary lacks them (roles and requirements of plans).
    """

    def __init__(self, vocabulary: Vocabulary, more: Mapping[str, Collection[str]] | None = None) -> None:
        self._labels = LabelReader(vocabulary)
        self._more = more or {}

    def normalise(self, record: Mapping[str, object], *, strict: bool = True) -> Normalised:
        """Return the resource that a record means.

        Parameters
        ----------
        record : mapping
            Field names and values as the source has them; absent, null and empty are the same.
        strict : bool, default True
            A date, duration, status or language that cannot be read keeps the record out. If false,
            it is left out with a warning.

        Returns
        -------
        Normalised
            Labels are turned into ids where the vocabulary knows them; others stay as given, with a
            warning. Without a language, or with one that the text plainly contradicts, the detected
            one is taken.
        """
        reading = _Reading(record, strict)
        values, unknown = _by_field(reading)
        out: dict[str, Any] = {}
        for name, value in values.items():
            read = self._readers()[name](reading, name, value)
            if read is not None and read != "" and read != ():
                out[name] = read
        _identify(reading, out)
        _placed_groups(out)
        _find_language(reading, out)
        resource: Resource | None = None
        if not any(d.error for d in reading.doubts):
            try:
                resource = resource_from_record(out)
            except InvalidRequest as error:
                name, _, reason = str(error).partition(": ")
                reading.doubt(re.sub(r"\[.*", "", name), reason or str(error), error=True)
        return Normalised(resource, tuple(reading.doubts), tuple(unknown))

    def _readers(self) -> Mapping[str, Callable[[_Reading, str, object], Any]]:
        readers: dict[str, Callable[[_Reading, str, object], Any]] = {}
        readers |= dict.fromkeys(_LINES, _line) | dict.fromkeys(_TEXTS, _text) | dict.fromkeys(_DATES, _date)
        readers |= dict.fromkeys(_LISTS, self._names) | dict.fromkeys(("resource_type", "level"), self._name)
        return readers | {
            "duration": _duration,
            "sample": _flag,
            "status": _status,
            "language": _language,
            "edition": _edition,
        }

    def _name(self, reading: _Reading, name: str, value: object) -> str | None:
        texts = _split(reading, name, value, lambda _: True)
        return self._known(reading, name, texts[0]) if texts else None

    def _names(self, reading: _Reading, name: str, value: object) -> tuple[str, ...]:
        scheme = _SCHEMES[name]
        texts = _split(reading, name, value, lambda text: bool(self._labels.names(scheme, text)))
        return tuple(dict.fromkeys(self._known(reading, name, text) for text in texts))

    def _known(self, reading: _Reading, name: str, text: str) -> str:
        """Return the name that a label means; one of patients, meant as audience, keeps its scheme."""
        scheme = _SCHEMES[name]
        if text in self._more.get(scheme, ()):
            return text
        found = self._labels.names(scheme, text)
        if not found and (alias := ALIASES.get(scheme, {}).get(fold(text).strip())):
            found = self._labels.names(scheme, alias)
        if not found and name == "audience" and (group := self._labels.names("malgruppe", text)):
            return f"malgruppe/{group[0]}"
        if len(found) == 1:
            return found[0]
        several = f" ({text!r} may be {', '.join(found)})" if found else ""
        reading.doubt(name, f"{text!r} is not known in {scheme}{several}; kept as given")
        return text


def _by_field(reading: _Reading) -> tuple[dict[str, object], list[str]]:
    """Return values by our field names, and the names that mean nothing here."""
    values: dict[str, object] = {}
    unknown = []
    for name, value in sorted(
        reading.record.items(), key=lambda pair: (plain_name(pair[0]) not in CANONICAL, pair[0])
    ):
        if value is None or value == "" or value == [] or (isinstance(value, str) and not value.strip()):
            continue
        meant = field_of(name)
        if meant is None or _is_tags(name, value):
            if meant is None:
                unknown.append(str(name))
        elif meant in values:
            first = reading.names[meant]
            reading.doubts.append(FieldDoubt(str(name), f"means the same as {first!r}, which is used"))
        else:
            values[meant] = value
            reading.names[meant] = str(name)
    return values, unknown


def _is_tags(name: str, value: object) -> bool:
    """Tell whether this is `about` of our own export: tags are derived, and never read from a record."""
    return (
        name == "about"
        and isinstance(value, list)
        and all(isinstance(v, Mapping) and "concept" in v for v in value)
    )


def _line(reading: _Reading, name: str, value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        reading.unfit(name, f"text is needed, got {_shown(value)}")
        return None
    _warn_of_controls(reading, name, value)
    text = plain_line(value) if name in {"title", "provider"} else " ".join(plain_text(value).split())
    if len(text) > MAX_LINE:
        reading.unfit(name, f"is longer than {MAX_LINE:,} characters")
        return None
    if name == "responsible" and not is_function(text):
        reading.doubt(name, f"{NEEDED}; left out")  # what it says is not repeated: it may be a name
        return None
    return text


def _text(reading: _Reading, name: str, value: object) -> str | None:
    if not isinstance(value, str):
        reading.unfit(name, f"text is needed, got {_shown(value)}")
        return None
    _warn_of_controls(reading, name, value)
    text = plain_text(value)
    if len(text) > MAX_BODY:
        reading.unfit(name, f"is longer than {MAX_BODY:,} characters")
        return None
    return text


def _warn_of_controls(reading: _Reading, name: str, text: str) -> None:
    if has_control_characters(text):
        reading.doubt(name, "control characters were taken out")


def _date(reading: _Reading, name: str, value: object) -> str | None:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return parse_date(str(value) if isinstance(value, (str, int)) else "").isoformat()
    except ValueError:
        reading.unfit(name, f"a date such as 2026-11-21 or 21.11.2026 is needed, got {_shown(value)}")
        return None


def _duration(reading: _Reading, name: str, value: object) -> int | None:
    try:
        return parse_minutes(value)
    except ValueError:
        reading.unfit(name, f"a duration such as 45, '45 min' or PT45M is needed, got {_shown(value)}")
        return None


def _flag(reading: _Reading, name: str, value: object) -> bool | None:
    try:
        return parse_flag(value)
    except ValueError:
        reading.unfit(name, f"yes or no (ja, nei) is needed, got {_shown(value)}")
        return None


def _status(reading: _Reading, name: str, value: object) -> str | None:
    text = fold(str(value)).strip()
    found = STATUSES.get(text, text)
    if found in get_args(Status):
        return found
    reading.unfit(name, f"one of {', '.join(get_args(Status))} is needed, got {_shown(value)}")
    return None


def _language(reading: _Reading, name: str, value: object) -> str | None:
    texts = [str(v) for v in value] if isinstance(value, list) else [str(value)]
    text = " ".join(texts[0].lower().split()) if texts else ""
    found = LANGUAGES.get(text) or LANGUAGES.get(re.split(r"[-_]", text)[0])
    if found is not None:
        return found
    reading.unfit(name, f"a language such as nb, nn, en, se is needed, got {_shown(value)}")
    return None


def _edition(reading: _Reading, name: str, value: object) -> str | None:
    text = slug(value) if isinstance(value, str) else ""
    if not text:
        reading.unfit(name, f"the name of an edition is needed, got {_shown(value)}")
        return None
    return COMMON_EDITION if text in {"felles", "alle", "common", "nasjonal"} else text


def _split(reading: _Reading, name: str, value: object, known: Callable[[str], bool]) -> list[str]:
    """Return the texts of a list, or of one text with ``|`` or ``;`` (or else commas) in it."""
    if isinstance(value, list):
        if odd := [
            item for item in value if isinstance(item, (bool, dict, list)) or not isinstance(item, (str, int))
        ]:
            reading.unfit(name, f"a list of names is needed, got {_shown(odd[0])} in it")
            return []
        texts = [str(item) for item in value]
    elif isinstance(value, str):
        texts = re.split(r"[|;]", value) if re.search(r"[|;]", value) else [value]
        if len(texts) == 1 and "," in value and not known(value):
            texts = value.split(",")
    else:
        reading.unfit(name, f"a list of names is needed, got {_shown(value)}")
        return []
    plain = [plain_line(text) for text in texts]
    if too_long := [text for text in plain if len(text) > MAX_LINE]:
        reading.unfit(name, f"a name of {len(too_long[0]):,} characters")
        return []
    return [text for text in plain if text]


def _identify(reading: _Reading, out: dict[str, Any]) -> None:
    if "title" not in out and not any(
        d.error and d.name == reading.names.get("title") for d in reading.doubts
    ):
        reading.doubt("title", "is missing", error=True)
    if (
        "url" in out
        and not re.match(r"https?://|mailto:|/", out["url"], re.IGNORECASE)
        and ":" in out["url"][:20]
    ):
        reading.unfit("url", f"an http or https address is needed, got {_shown(out.pop('url'))}")
    if "id" not in out:
        if "url" in out:
            out["id"] = resource_id(out["url"])
        elif not any(
            d.error and d.name in {reading.names.get("id"), reading.names.get("url")} for d in reading.doubts
        ):
            reading.doubt("id", "is missing, and there is no url to make one from", error=True)


def _placed_groups(out: dict[str, Any]) -> None:
    """Move groups of patients and relatives from `audience` to where they belong."""
    groups = [
        name.removeprefix("malgruppe/") for name in out.get("audience", ()) if name.startswith("malgruppe/")
    ]
    if groups:
        out["audience"] = tuple(n for n in out["audience"] if not n.startswith("malgruppe/"))
        out["audience_group"] = tuple(dict.fromkeys((*out.get("audience_group", ()), *groups)))


def _find_language(reading: _Reading, out: dict[str, Any]) -> None:
    stated = out.get("language")
    text = "\n".join(out[name] for name in ("title", "summary", "body") if name in out)
    found, probability = detect_language(text[:DETECTED])
    if stated == "no":
        out["language"] = found if found in {"nb", "nn"} else "nb"
    elif stated is None:
        out["language"] = found if found in _OURS else "nb"
        if probability < SURE:
            reading.doubt("language", f"is missing; {out['language']} by the text, which is not certain")
    elif found != stated and found in _OURS and probability >= SURE and len(text.split()) >= ENOUGH_WORDS:
        out["language"] = found
        reading.doubt("language", f"{stated} is stated, but the text is {found}; {found} is used")


def _shown(value: object) -> str:
    shown = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "…"
