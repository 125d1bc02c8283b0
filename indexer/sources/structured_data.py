"""What does a page say of itself as data? schema.org in JSON-LD, as fields of a record.

Only what is written out is taken: no context is fetched, no graph is built.

References
----------
.. [1] https://schema.org/LearningResource and its neighbours.
"""

import json
import re
from collections.abc import Iterator, Mapping

TYPES: Mapping[str, str] = {
    "PodcastEpisode": "podkast",
    "RadioEpisode": "podkast",
    "AudioObject": "podkast",
    "VideoObject": "film",
    "Clip": "film",
    "Quiz": "quiz",
    "Course": "kurs",
    "CourseInstance": "kurs",
    "EducationEvent": "kurs",
    "Event": "kurs",
    "HowTo": "fagprosedyre",
    "MedicalGuideline": "retningslinje",
    "Legislation": "lovtekst",
    "ScholarlyArticle": "forskningsartikkel",
    "MedicalScholarlyArticle": "forskningsartikkel",
    "NewsArticle": "nyhet",
    "Article": "fagartikkel",
    "TechArticle": "fagartikkel",
    "BlogPosting": "fagartikkel",
    "MobileApplication": "app",
    "SoftwareApplication": "app",
    "WebApplication": "app",
    "PresentationDigitalDocument": "presentasjon",
    "LearningResource": "",
    "CreativeWork": "",
    "MedicalWebPage": "",
    "WebPage": "",
}
"""schema.org types that are read, the telling ones first, with the name in scheme ``ressurstype``."""

LICENCES = re.compile(
    r"creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)(?:/(\d\.\d))?", re.IGNORECASE
)
_COMMENT = re.compile(r"^\s*<!--|-->\s*$|^\s*//<!\[CDATA\[|//\]\]>\s*$")
_DEEPEST = 20

Thing = Mapping[str, object]


def read_blocks(blocks: list[str]) -> tuple[dict[str, object], list[str]]:
    """Return a record made of a page's JSON-LD blocks, and what was wrong with them.

    Parameters
    ----------
    blocks : list of str
        Contents of ``<script type="application/ld+json">``.

    Returns
    -------
    record : dict
        Fields of `engine.model.Resource` that were stated, values as stated (labels, ISO durations).
    doubts : list of str
        One line a block that could not be read; the others count all the same.

    Examples
    --------
    >>> read_blocks(['{"@type": "VideoObject", "name": "Fall", "duration": "PT4M"}'])
    ({'title': 'Fall', 'duration': 'PT4M', 'resource_type': 'film'}, [])
    """
    things: list[Thing] = []
    doubts = []
    for number, block in enumerate(blocks, 1):
        try:
            value = json.loads(_COMMENT.sub("", block), strict=False)
        except (ValueError, RecursionError):
            doubts.append(f"JSON-LD block {number} is not JSON and is left out")
            continue
        things += _things(value)
    known = [(rank, thing) for thing in things if (rank := _rank(thing)) is not None]
    if not known:
        return {}, doubts
    _, best = min(known, key=lambda pair: pair[0])
    return record_of(best), doubts


def record_of(thing: Thing) -> dict[str, object]:
    """Return the fields that one schema.org thing states."""
    found: dict[str, object] = {
        "title": _text(thing, "name", "headline"),
        "summary": _text(thing, "description", "abstract"),
        "body": _text(thing, "articleBody", "text", "transcript"),
        "language": _text(thing, "inLanguage"),
        "duration": _text(thing, "timeRequired", "duration"),
        "published": _text(thing, "datePublished", "uploadDate", "startDate", "dateCreated"),
        "updated": _text(thing, "dateModified"),
        "review_due": _text(thing, "expires"),
        "provider": _text(thing, "provider", "publisher", "sourceOrganization"),
        "level": _text(thing, "educationalLevel"),
        "licence": licence(_text(thing, "license")),
        "audience": _audience(thing.get("audience")),
        "themes": _texts(thing.get("about")),
        "teaches": _texts(thing.get("teaches")),
        "resource_type": _resource_type(thing),
    }
    return {name: value for name, value in found.items() if value}


def licence(text: str) -> str:
    """Return our code for a licence's address; other text as it is.

    Examples
    --------
    >>> licence("https://creativecommons.org/licenses/by-sa/4.0/"), licence("CC-BY-4.0")
    ('CC-BY-SA-4.0', 'CC-BY-4.0')
    """
    match = LICENCES.search(text)
    if match is None:
        return text
    kind, number = match.group(1).upper(), match.group(2) or "4.0"
    return {"ZERO": "CC0-1.0", "MARK": "PDM-1.0"}.get(kind, f"CC-{kind}-{number}")


def _things(value: object, depth: int = 0) -> Iterator[Thing]:
    """Yield the things of a document: a list, a ``@graph``, what a page is mainly about."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _things(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "itemListElement", "video", "hasPart"):
            if name in value and (name != "hasPart" or "@type" not in value):
                yield from _things(value[name], depth + 1)


def _types(thing: Thing) -> list[str]:
    stated = thing.get("@type")
    names = stated if isinstance(stated, list) else [stated]
    return [re.split(r"[/#:]", name)[-1] for name in names if isinstance(name, str)]


def _rank(thing: Thing) -> int | None:
    """Return how telling a thing is: least for those that say what kind of resource it is."""
    order = list(TYPES)
    ranks = [order.index(name) for name in _types(thing) if name in TYPES]
    if not ranks or not _text(thing, "name", "headline"):
        return None
    return -1 if "LearningResource" in _types(thing) else min(ranks)


def _resource_type(thing: Thing) -> str:
    stated = _texts(thing.get("learningResourceType"))
    if stated:
        return stated[0]
    named = [TYPES[name] for name in TYPES if name in _types(thing) and TYPES[name]]
    online = (
        "online"
        in json.dumps([thing.get("courseMode"), thing.get("eventAttendanceMode")], default=str).lower()
    )
    if named and named[0] == "kurs" and online:
        return "webinar" if thing.get("startDate") else "e-laeringskurs"
    return named[0] if named else ""


def _audience(value: object) -> list[str]:
    names = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            names += next(
                (
                    found
                    for f in ("educationalRole", "audienceType", "name")
                    if (found := _texts(item.get(f)))
                ),
                [],
            )
        else:
            names += _texts(item)
    return names


def _text(thing: Thing, *names: str) -> str:
    return next((found[0] for name in names if (found := _texts(thing.get(name)))), "")


def _texts(value: object) -> list[str]:
    """Return the texts of a value: a text, a thing's name, a language map, or a list of those."""
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [str(value)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, Mapping):
        for name in ("name", "@value", "targetName", "alternateName", "url", "@id"):
            if found := _texts(value.get(name)):
                return found
    return []
