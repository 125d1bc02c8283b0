"""Which apprentices' plans are in a file from Grep, the curricula's database? Its competence aims as requirements."""

import re
from collections.abc import Iterator
from typing import Any, cast

from graph.model import Plan
from indexer.labels import slug
from indexer.plan_files.draft import Draft
from indexer.plan_files.framework import Framework, Item, day_of, labelled
from indexer.plan_files.problem import Place
from vocab.concept import Lang
from vocab.foreign.grep import elements_of, norwegian_of, titles_of

_AIM = re.compile(r"K\d+|KM\d+|KE\d+", re.ASCII)
_LANGUAGES = {
    "nob": "nb",
    "nb": "nb",
    "nno": "nn",
    "nn": "nn",
    "eng": "en",
    "en": "en",
    "sme": "se",
    "se": "se",
}
_SETS = ("kompetansemaalsett", "kompetansemaal-kapittel", "kompetansemaalsett-lk20")


def read_grep_plans(document: Any, file: str, lang: str, draft: Draft) -> list[Framework]:  # noqa: ANN401
    """Return the plans of a document, one for each curriculum, else for each set of aims.

    The language ``default`` is whatever the text was adopted in, so it is detected, over all the aims of
    a plan together: one short aim says too little.
    """
    frameworks: dict[str, Framework] = {}
    for number, element in enumerate(elements_of(document), 1):
        if not isinstance(element, dict):
            continue
        aims = list(_aims(element))
        if not aims:
            continue
        whole = _whole(element)
        code = str(whole.get("kode") or element.get("kode") or f"{file}-{number}")
        if code not in frameworks:
            place = Place(file, None, number, None, "kode", code)
            frameworks[code] = Framework(_plan(code, whole, element, file), place)
        framework = frameworks[code]
        found = _language(
            [text for aim in aims for kind, text in titles_of(aim.get("tittel")) if kind == "default"]
        )
        for position, aim in enumerate(aims, 1):
            item = _item(aim, Place(file, code, position, None, "kode", str(aim.get("kode") or "")), found)
            if item is None:
                at = Place(file, code, position, None, "tittel", str(aim.get("kode") or ""))
                draft.note(at.problem("not-read", lang, why="kode or tittel is missing"))
                draft.skip("requirements", str(aim.get("kode") or position))
            elif all(item.key != other.key for other in framework.items):
                framework.items.append(item)
    return list(frameworks.values())


def _aims(element: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the aims in an element, in sets and chapters as deep as they are."""
    for aim in element.get("kompetansemaal") or ():
        if isinstance(aim, dict):
            yield aim.get("referanse", aim) if isinstance(aim.get("referanse", aim), dict) else aim
    for name in _SETS:
        inner = element.get(name)
        for part in inner if isinstance(inner, list) else [inner]:
            if isinstance(part, dict):
                yield from _aims(part)
    if "kompetansemaal" not in element and _AIM.fullmatch(str(element.get("kode") or "")):
        yield element


def _whole(element: dict[str, Any]) -> dict[str, Any]:
    """Return the curriculum that an element is, or belongs to; of the set if it does not say."""
    whole = element.get("tilhoerer-laereplan")
    if isinstance(whole, dict):
        whole = whole.get("referanse", whole)
    return whole if isinstance(whole, dict) and whole.get("kode") else element


def _plan(code: str, whole: dict[str, Any], element: dict[str, Any], file: str) -> Plan:
    labels = _labels(whole, None) or {"nb": code}
    return Plan(
        slug(code)[:100],
        labels,
        kind="apprentice",
        version=code.partition("-")[2] or "1",
        valid_from=day_of(whole.get("gyldig-fra") or element.get("gyldig-fra")),
        valid_to=day_of(whole.get("gyldig-til") or element.get("gyldig-til")),
        source=str(whole.get("uri") or element.get("uri") or file),
    )


def _item(aim: dict[str, Any], place: Place, default: Lang) -> Item | None:
    code = str(aim.get("kode") or "")
    labels = _labels(aim, default)
    if not code or not labels:
        return None
    cut = {language: labelled(text) for language, text in labels.items()}
    return Item(
        code,
        place,
        code,
        {language: label for language, (label, _) in cut.items()},
        {language: rest for language, (_, rest) in cut.items() if rest},
    )


def _labels(element: dict[str, Any], default: Lang | None) -> dict[Lang, str]:
    found: dict[Lang, str] = {}
    for stated, text in sorted(titles_of(element.get("tittel")), key=lambda title: title[0] == "default"):
        language = _LANGUAGES.get(stated) or default or norwegian_of(text)
        found.setdefault(cast("Lang", language), text)
    return found


def _language(texts: list[str]) -> Lang:
    return cast("Lang", norwegian_of(". ".join(texts)))
