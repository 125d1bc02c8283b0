"""What has changed from one version of a resource to another? Its texts as stretches, word for word as written, and the other fields by name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.alignment import Segment, segments
from engine.errors import NotFound
from engine.model import ResourceVersion
from engine.records import is_storable, resource_to_short_record
from engine.service import Engine
from engine.text_prints import running_text
from vocab.analysis import Token

FIELD_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "title": {"nb": "tittel", "nn": "tittel", "en": "title"},
    "url": {"nb": "adresse", "nn": "adresse", "en": "address"},
    "language": {"nb": "språk", "nn": "språk", "en": "language"},
    "resource_type": {"nb": "ressurstype", "nn": "ressurstype", "en": "resource type"},
    "edition": {"nb": "utgave", "nn": "utgåve", "en": "edition"},
    "provider": {"nb": "utgiver", "nn": "utgjevar", "en": "provider"},
    "audience": {"nb": "målgruppe", "nn": "målgruppe", "en": "audience"},
    "audience_group": {
        "nb": "for pårørende og pasienter",
        "nn": "for pårørande og pasientar",
        "en": "for families",
    },
    "arena": {"nb": "arena", "nn": "arena", "en": "arena"},
    "patient_group": {"nb": "pasientgruppe", "nn": "pasientgruppe", "en": "patient group"},
    "level": {"nb": "nivå", "nn": "nivå", "en": "level"},
    "duration": {"nb": "varighet", "nn": "lengd", "en": "duration"},
    "published": {"nb": "publisert", "nn": "publisert", "en": "published"},
    "updated": {"nb": "oppdatert", "nn": "oppdatert", "en": "updated"},
    "review_due": {"nb": "revisjonsfrist", "nn": "revisjonsfrist", "en": "review due"},
    "status": {"nb": "status", "nn": "status", "en": "status"},
    "licence": {"nb": "lisens", "nn": "lisens", "en": "licence"},
    "themes": {"nb": "temaer", "nn": "tema", "en": "themes"},
    "teaches": {"nb": "krav", "nn": "krav", "en": "requirements"},
    "sample": {"nb": "eksempel", "nn": "eksempel", "en": "sample"},
}
"""What fields are called; summary and body are compared as one text."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that is not the same, and its values."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class VersionDifference:
    """Two versions of a resource: `a` and `b` are their texts, which the places in `segments` mean."""

    before: ResourceVersion
    after: ResourceVersion
    a: str
    b: str
    segments: tuple[Segment, ...]
    fields: tuple[FieldChange, ...]


def written(text: str) -> list[Token]:
    """Return what stands between white space, as it is written: a comma in a dose is a change, and so is a capital.

    Examples
    --------
    >>> [t.text for t in written("Gi 2,5 mg.")]
    ['Gi', '2,5', 'mg.']
    """
    return [Token(m.group(), m.start(), m.end(), m.group()) for m in re.finditer(r"\S+", text)]


def versions_of(
    engine: Engine, resource_id: str, *, published_only: bool = False
) -> Sequence[ResourceVersion]:
    """Return the versions of a resource, oldest first; raises NotFound if there are none."""
    found = engine.catalogue.versions(resource_id) if is_storable(resource_id) else []
    found = [v for v in found if v.resource.status == "published" or not published_only]
    if not found:
        raise NotFound(f"no resource has the id {resource_id!r}")
    return found


def version_difference(
    engine: Engine,
    resource_id: str,
    before: int | None = None,
    after: int | None = None,
    *,
    published_only: bool = False,
) -> VersionDifference:
    """Compare two versions of a resource.

    Parameters
    ----------
    engine : Engine
        Whose catalogue is read.
    resource_id : str
        Published or not.
    before, after : int, optional
        Numbers of versions. Default: the newest one, and the one before the other.
    published_only : bool, default False
        Look at no drafts and no archived ones.

    Raises
    ------
    NotFound
        If there is no such resource or version.
    """
    found = versions_of(engine, resource_id, published_only=published_only)
    versions = {v.number: v for v in found}
    after = max(versions) if after is None else after
    if before is None:
        before = max((number for number in versions if number < after), default=after)
    for number in (before, after):
        if number not in versions:
            known = ", ".join(map(str, versions))
            raise NotFound(f"the resource {resource_id!r} has no version {number}; there are {known}")
    old, new = versions[before], versions[after]
    a, b = running_text(old.resource), running_text(new.resource)
    was, becomes = resource_to_short_record(old.resource), resource_to_short_record(new.resource)
    changes = [
        FieldChange(name, was[name], becomes[name]) for name in FIELD_NAMES if was[name] != becomes[name]
    ]
    return VersionDifference(old, new, a, b, segments(written(a), written(b)), tuple(changes))
