"""What is in a file from Grep, the Norwegian curricula's database? Curricula and competence aims as JSON.

An element has ``kode`` and ``tittel``; the title is a list of ``spraak`` and ``verdi``, or that list under
``tekst``. The language ``default`` is whatever the text was adopted in, bokmål or nynorsk, so it is detected.
References are elements with a title in plain text. What has ended (``gyldig-til``) is deprecated.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from vocab.foreign.harvest import Harvest, add_label, two_letters
from vocab.language import detect_language
from vocab.triples import VocabularyError

_PREFIX = "http://psi.udir.no/kl06/"
_LABELS = {"en": "Grep: national curricula", "nb": "Grep: læreplaner", "nn": "Grep: læreplanar"}
_PARTS = ("kompetansemaalsett", "kompetansemaal", "kjerneelementer", "hovedomraader")
_WHOLES = ("tilhoerer-kompetansemaalsett", "tilhoerer-laereplan")
_REPLACED_BY = ("erstattes-av", "erstattet-av")
_PERIODS = ("gyldighet", "gyldighetsperiode")
_ENDED = re.compile(r"utg(aa|å)tt|opphev", re.IGNORECASE)
_NAME = re.compile(r"^[^\s/#:<>\"]+$")

Json = dict[str, Any]


def read_grep(path: Path, harvest: Harvest, today: date | None = None) -> None:
    """Add the elements of a file to a harvest; `today` decides what has ended."""
    scheme = harvest.scheme("grep", _LABELS, path)
    for place, element in enumerate(elements_of(read_json(path)), 1):
        _add(element, None, f"record {place}", path, scheme, harvest, today or date.today())


def read_json(path: Path) -> Any:  # noqa: ANN401
    """Return what a JSON file says.

    Raises
    ------
    VocabularyError
        If it is missing or broken.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise VocabularyError(path, None, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise VocabularyError(path, None, "not UTF-8") from error
    except json.JSONDecodeError as error:
        raise VocabularyError(path, error.lineno, error.msg) from error
    except RecursionError as error:
        raise VocabularyError(path, None, "nested too deep") from error


def is_grep(document: Any) -> bool:  # noqa: ANN401
    """Tell whether a JSON document has elements of Grep."""
    return any(
        isinstance(item, dict) and "kode" in item and "tittel" in item for item in elements_of(document)
    )


def elements_of(document: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the elements at the top: the document, the items of its list, or of the lists in it."""
    if isinstance(document, list):
        yield from document
    elif isinstance(document, dict) and not {"kode", "tittel"} & document.keys():
        lists = [value for value in document.values() if isinstance(value, list)]
        yield from (item for items in lists for item in items)
        if not lists:
            yield document
    else:
        yield document


def _add(
    element: Any,  # noqa: ANN401
    whole: str | None,
    place: str,
    path: Path,
    scheme: str,
    harvest: Harvest,
    today: date,
) -> None:
    uri = _uri(element)
    if uri is None:
        harvest.find(path, None, place, "kode", "missing or none; the record is left out")
        return
    code = str(element["kode"])
    titles = list(titles_of(element.get("tittel")))
    if not titles:
        harvest.find(path, None, code, "tittel", "no text in it; the record is left out")
        return
    record = harvest.concept(uri, scheme, path)
    record.notations = [code]
    stated = {text for lang, text in titles if lang != "default"}
    if not isinstance(element["tittel"], str) or not record.labels:
        for lang, text in titles:
            if lang != "default":
                add_label(record, "pref", two_letters(lang), text)
            elif text not in stated:
                add_label(record, "pref", harvest.language or norwegian_of(text), text)
    record.broader |= {above for above in (whole, *_references(element, _WHOLES[:1])) if above}
    if not record.broader:
        record.broader |= set(_references(element, _WHOLES[1:]))
    if _ENDED.search(str(element.get("status") or "")) or _has_ended(element, code, path, harvest, today):
        record.deprecated = True
    for other in _references(element, _REPLACED_BY):
        if other not in record.replaced_by:
            record.replaced_by.append(other)
    for key in _PARTS:
        parts = element.get(key)
        for number, part in enumerate(parts if isinstance(parts, list) else (), 1):
            _add(_referred(part), uri, f"{code}, {key} {number}", path, scheme, harvest, today)


def _uri(element: Any) -> str | None:  # noqa: ANN401
    """Return an element's URI; it ends in the code, so that ids can be read."""
    if not isinstance(element, dict) or not _NAME.match(str(element.get("kode") or "")):
        return None
    code = str(element["kode"])
    uri = element.get("uri")
    return uri if isinstance(uri, str) and uri.endswith(f"/{code}") else _PREFIX + code


def titles_of(title: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Yield (language as Grep writes it, text) of a title in any of its forms."""
    if isinstance(title, dict):
        title = title.get("tekst")
    for item in [{"verdi": title}] if isinstance(title, str) else title if isinstance(title, list) else ():
        text = item.get("verdi") if isinstance(item, dict) else None
        if isinstance(text, str) and text.strip():
            yield str(item.get("spraak") or "default"), " ".join(text.split())


def norwegian_of(text: str) -> str:
    """Return nb, nn or en for a text in ``default``, the language that it was adopted in."""
    lang = detect_language(text)[0]
    return "nb" if lang in {"da", "sv"} else lang


def _referred(item: Any) -> Any:  # noqa: ANN401
    return item.get("referanse", item) if isinstance(item, dict) else item


def _references(element: Json, keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        value = element.get(key)
        for item in value if isinstance(value, list) else [value]:
            other = _referred(item)
            uri = _uri({"kode": other.rpartition("/")[2]} if isinstance(other, str) else other)
            if uri is not None:
                yield uri


def _has_ended(element: Json, code: str, path: Path, harvest: Harvest, today: date) -> bool:
    periods = [element, *(value for key in _PERIODS if isinstance(value := element.get(key), dict))]
    for end in filter(None, (period.get("gyldig-til") for period in periods)):
        try:
            if date.fromisoformat(str(end)[:10]) < today:
                return True
        except ValueError:
            harvest.find(path, None, code, "gyldig-til", f"{end!r} is no date; it is taken as not ended")
    return False
