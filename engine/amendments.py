"""Which regulations amend the same regulation, or one another? Read from how Norwegian acts name each other.

Amending acts of one regulation often share most of their text (a price list that is replaced each month), and acts
about quite different laws share a form. So what they amend is read, and says more than the words.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from engine.model import Resource

_MONTHS: Final = (
    "januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november",
    "desember",
)  # fmt: skip
_ACT: Final = r"(lov|forskrift|vedtak)\s+(\d{1,2})\.\s*([a-z]+)\s+(\d{4})\s+nr\.?\s*(\d+)"
_NAMED: Final = re.compile(_ACT, re.IGNORECASE)
_AMENDED: Final = re.compile(rf"\bI\s+{_ACT}", re.IGNORECASE)
_CHANGES: Final = re.compile(
    r"\b(?:endr(?:ing|ingar|inger|a|et)\b|opphev\w*|ikraft\w*|ikrafttred\w*|iverkset\w*)", re.IGNORECASE
)
_WHOLLY: Final = re.compile(
    r"(?:forskrift om )?(?:delt )?(?:opphev|ikraft|ikrafttred|iverkset)\w*", re.IGNORECASE
)
_OWN: Final = re.compile(r"/(lov|forskrift|vedtak)/(\d{4})-(\d{2})-(\d{2})-(\d+)\b")
_HEAD: Final = 4_000


@dataclass(frozen=True, slots=True)
class AmendmentPair:
    """Two acts that change the same act (``sibling``), or of which `a` changes or enacts `b` (``amends``).

    `act` is the act that is changed, as ``forskrift 2007-06-28-814``.
    """

    a: str
    b: str
    relation: Literal["sibling", "amends"]
    act: str


def changed_act(resource: Resource) -> str:
    """Return the act that a resource changes, repeals or enacts first, empty if it is no such resource.

    Examples
    --------
    >>> changed_act(Resource("a", "Forskrift om endring i blåreseptforskriften",
    ...     body="I I forskrift 28. juni 2007 nr. 814 om stønad gjøres følgende endring: …"))
    'forskrift 2007-06-28-814'
    >>> changed_act(Resource("a", "Fall hos eldre", body="Jf. lov 2. juli 1999 nr. 64."))
    ''
    """
    if not _CHANGES.search(resource.title):
        return ""
    found = _NAMED.search(resource.title) or _AMENDED.search(resource.body[:_HEAD])
    if found is None and _WHOLLY.match(resource.title):
        found = _NAMED.search(resource.body[:_HEAD])
    return _act(*found.groups()) if found else ""


def own_act(resource: Resource) -> str:
    """Return the act that a resource is, by its address, empty if it is none.

    Examples
    --------
    >>> own_act(Resource("a", "Forskrift", url="https://lovdata.no/forskrift/2025-01-10-30"))
    'forskrift 2025-01-10-30'
    """
    found = _OWN.search(resource.url)
    return f"{found[1]} {found[2]}-{found[3]}-{found[4]}-{int(found[5])}" if found else ""


def amendment_pairs(resources: Iterable[Resource]) -> list[AmendmentPair]:
    """Return the pairs of acts that change one act, or each other, in order of their ids."""
    changing: dict[str, list[str]] = defaultdict(list)
    own: dict[str, str] = {}
    for resource in resources:
        if act := changed_act(resource):
            changing[act].append(resource.id)
        if act := own_act(resource):
            own[act] = resource.id
    found: list[AmendmentPair] = []
    for act, ids in changing.items():
        ids.sort()
        found += [AmendmentPair(a, b, "sibling", act) for n, a in enumerate(ids) for b in ids[n + 1 :]]
        found += [AmendmentPair(a, own[act], "amends", act) for a in ids if own.get(act, a) != a]
    return sorted(found, key=lambda pair: (pair.a, pair.b))


def _act(kind: str, day: str, month: str, year: str, number: str) -> str:
    if month.lower() not in _MONTHS:
        return ""
    return f"{kind.lower()} {year}-{_MONTHS.index(month.lower()) + 1:02}-{int(day):02}-{int(number)}"
