"""Who keeps a resource right? A function or its mailbox, never a person; by default who provides it."""

import re
from typing import Final

from engine.model import COMMON_EDITION, Resource
from engine.reports.without_persons import WITHHELD, function_only

_MAILBOX = re.compile(r"([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)\Z", re.ASCII)
_OF_A_FUNCTION: Final = (
    "admin", "avdeling", "bibliotek", "brukerst", "brukarst", "desk", "fag", "felles", "innhald", "innhold", "info",
    "kontakt", "kontor", "kompetanse", "kurs", "kvalitet", "laering", "lering", "opplaering", "post", "prosedyre",
    "redaksjon", "redaktor", "redaktør", "seksjon", "senter", "service", "smittevern", "support", "team", "teneste",
    "tjeneste", "utvikling", "web", "editor", "contact", "learning", "office", "training",
)  # fmt: skip
"""What a mailbox of a function is named after."""

NEEDED: Final = (
    "a function or its mailbox is needed, such as 'Redaksjonen for smittevern' or fag.smittevern@example.org, "
    "never a person"
)


def is_function(text: str) -> bool:
    """Tell whether this names a function or a function's mailbox; when in doubt it does not.

    Examples
    --------
    >>> [is_function(t) for t in ("Fagråd for fall", "redaksjon-ahus@example.org", "fag.fall@example.org")]
    [True, True, True]
    >>> [is_function(t) for t in ("Kari Nordmann", "kari.nordmann@example.org", "ola@example.org", "")]
    [False, False, False, False]
    """
    text = text.strip()
    if found := _MAILBOX.match(text):
        words = [word.lower() for word in re.split(r"[.+_-]", found[1])]
        return any(part in words[0] for part in _OF_A_FUNCTION)
    return bool(text) and function_only(text) != WITHHELD


def newsroom(edition: str) -> str:
    """Return the name of an edition's newsroom.

    Examples
    --------
    >>> newsroom("ahus"), newsroom("felles")
    ('redaksjon-ahus', 'redaksjon-felles')
    """
    return f"redaksjon-{edition or COMMON_EDITION}"


def responsible_for(resource: Resource) -> str:
    """Return who keeps a resource right: who is named, else who provides it, else the newsroom of its edition."""
    for name in (resource.responsible, resource.provider):
        if name and is_function(name):
            return name.strip()
    return newsroom(resource.edition)
