"""What is wrong or odd with a record that somebody writes? All its faults, and the doubts about the rest."""

import re
from typing import Any

from api.editions import expected_editions
from engine.editorial.responsible import NEEDED, is_function
from engine.errors import InvalidRequest
from engine.model import Resource
from engine.records import resource_from_record
from engine.service import Engine
from vocab.concept import ConceptId

MOST_FAULTS = 20
"""Faults of one record that are listed."""

SCHEMES = {
    "resource_type": "ressurstype",
    "level": "niva",
    "audience": "rolle",
    "audience_group": "malgruppe",
    "arena": "arena",
    "patient_group": "malgruppe",
    "themes": "tema",
    "teaches": "krav",
}
"""The scheme in which a field's values are names."""

_STAND_IN = {"id": "id", "title": "title"}
_ROOT_END = re.compile(r"[.\[]")


def read_record(record: object) -> tuple[Resource | None, list[tuple[str, str]]]:
    """Return the resource in a record, or None and what is wrong with it.

    Returns
    -------
    resource : Resource or None
    faults : list of (field, message)
        The first fault of each field, at most `MOST_FAULTS`; empty when there is a resource.

    Examples
    --------
    >>> [field for field, _ in read_record({"id": "a", "duration": "x", "updated": "31.1.2026"})[1]]
    ['title', 'updated', 'duration']
    """
    faults: list[tuple[str, str]] = []
    rest: Any = record
    while True:
        try:
            found = resource_from_record(rest)
        except InvalidRequest as e:
            field, colon, _ = str(e).partition(":")
            faults.append((field if colon else "record", str(e)))
            root = (
                field if isinstance(rest, dict) and field in rest else _ROOT_END.split(field, maxsplit=1)[0]
            )
            if not isinstance(rest, dict) or len(faults) >= MOST_FAULTS:
                return None, faults
            if root not in rest and root not in _STAND_IN:
                return None, faults
            rest = {name: value for name, value in rest.items() if name != root}
            if root in _STAND_IN:
                rest[root] = _STAND_IN[root]
        else:
            if found.responsible and not is_function(found.responsible):
                faults.append(("responsible", f"responsible: {NEEDED}"))
            return (None, faults) if faults else (found, [])


class Doubts:
    """What a record names that nobody knows: it is written all the same, and its writer is told.

    Parameters
    ----------
    engine : Engine
        Whose vocabulary, roles, requirements and plans are asked.
    edition : str, optional
        An edition that is known as well, that of the writer's key.
    """

    def __init__(self, engine: Engine, edition: str | None = None) -> None:
        self._engine = engine
        self._editions = expected_editions(engine) | ({edition} if edition else set())
        self._more = {"rolle": engine.roles(), "krav": engine.requirements()}

    def of(self, resource: Resource) -> list[tuple[str, str]]:
        """Return (field, message) for each value that is not known."""
        doubts = []
        if (to := self._engine.goes_to(resource.id)) is not None:
            doubts.append(("id", f"{resource.id!r} has been merged into {to!r}; kept, and not shown"))
        if resource.edition not in self._editions:
            known = ", ".join(sorted(self._editions))
            doubts.append(("edition", f"no edition is named {resource.edition!r}; there are: {known}"))
        for field, scheme in SCHEMES.items():
            value = getattr(resource, field)
            for name in (value,) if isinstance(value, str) and value else value:
                if name in self._more.get(scheme, ()) or self._engine.vocabulary.get(
                    ConceptId(f"{scheme}/{name}")
                ):
                    continue
                what = "requirement has the id" if scheme == "krav" else f"name in {scheme} is"
                doubts.append((field, f"no {what} {name!r}; written as it stands"))
        return doubts
